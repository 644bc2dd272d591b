// Modules written with Ansible's library for Python: run on this machine's Python, on vbx's own library.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pythonBoot, pythonLibrary } from '../../src/cli/python-library.ts';
import { pythonModule } from '../../src/modules/python-module.ts';
import { pythonSources } from '../../src/playbook/python-sources.ts';
import { basics } from './on-this-machine.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbx-python-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(
  text: string,
  args: Record<string, unknown> = {},
  { checkMode = false, path = '/lib/tell.py', environment = {} as NodeJS.ProcessEnv } = {},
): Record<string, unknown> {
  const module = pythonModule(path, text, {
    ...pythonSources(path, text, { readFile: () => undefined, library: pythonLibrary() }),
    boot: pythonBoot(),
  });
  const [step] = module.steps(args, {}, basics, { host: 'h', playbookDir: '/', environment: {}, checkMode });
  if (step?.kind !== 'command') throw new Error('no command');
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', step.script], {
    input: step.stdin,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  return module.parse(args, [{ step, rc: status ?? -1, stdout, stderr, start: 0, end: 0 }], {});
}
/** A module with this specification, that tells its arguments. */
const withSpec = (spec: string, more = '') =>
  `from ansible.module_utils.basic import AnsibleModule\nmodule = AnsibleModule(argument_spec=${spec}, supports_check_mode=True${more})\nmodule.exit_json(told=module.params)`;

describe('arguments', () => {
  it.each<[string, string, Record<string, unknown>, Record<string, unknown>]>([
    [
      'have defaults',
      "{'a': {'default': 'x'}, 'b': {'type': 'int', 'default': 3}, 'c': {}}",
      {},
      { a: 'x', b: 3, c: null },
    ],
    [
      'are converted',
      "{'i': {'type': 'int'}, 'f': {'type': 'float'}, 'b': {'type': 'bool'}, 'l': {'type': 'list'}, 'd': {'type': 'dict'}, 's': {}, 'n': {'type': 'bytes'}}",
      { i: '7', f: '1.5', b: 'yes', l: 'x, y', d: 'k=v w=2', s: 5, n: '2K' },
      { i: 7, f: 1.5, b: true, l: ['x', 'y'], d: { k: 'v', w: '2' }, s: '5', n: 2048 },
    ],
    ['have elements', "{'l': {'type': 'list', 'elements': 'int'}}", { l: ['1', 2] }, { l: [1, 2] }],
    ['have aliases', "{'name': {'aliases': ['n']}}", { n: 'x' }, { name: 'x', n: 'x' }],
    [
      'have choices, of which YAML may have made booleans',
      "{'s': {'choices': ['on', 'off']}}",
      { s: true },
      { s: 'on' },
    ],
    [
      'have options of their own',
      "{'o': {'type': 'dict', 'options': {'a': {'type': 'int', 'default': 1}, 'b': {}}}, 'l': {'type': 'list', 'elements': 'dict', 'options': {'x': {'type': 'bool'}}}}",
      { o: { b: 2 }, l: [{ x: 'no' }] },
      { o: { a: 1, b: '2' }, l: [{ x: false }] },
    ],
    ['are text where no type is named', "{'l': {}, 'n': {'default': 1}}", { l: ['a'], n: 7 }, { l: "['a']", n: '7' }],
    ['have the aliases that were used', "{'name': {'aliases': ['n', 'm']}}", { name: 'x' }, { name: 'x' }],
    ['keep what is raw', "{'r': {'type': 'raw'}}", { r: { a: [1] } }, { r: { a: [1] } }],
  ])('%s', (_, spec, args, told) => expect(run(withSpec(spec), args)).toEqual({ changed: false, told }));

  it.each<[string, string, string, Record<string, unknown>, string]>([
    ['missing', "{'a': {'required': True}, 'b': {'required': True}}", '', {}, 'missing required arguments: a, b'],
    [
      'unknown',
      "{'name': {'aliases': ['n']}, 'size': {}}",
      '',
      { nam: 1 },
      'Unsupported parameters for (tell) module: nam. Supported parameters include: name (n), size.',
    ],
    [
      'of another type',
      "{'i': {'type': 'int'}}",
      '',
      { i: 'x' },
      "argument 'i' is of type str and we were unable to convert to int: \"'x'\" cannot be converted to an int",
    ],
    [
      'no JSON',
      "{'j': {'type': 'json'}}",
      '',
      { j: 1 },
      "argument 'j' is of type int and we were unable to convert to json: <class 'int'> cannot be converted to a json string",
    ],
    ['no choice', "{'s': {'choices': ['a', 'b']}}", '', { s: 'c' }, 'value of s must be one of: a, b, got: c'],
    [
      'no choices',
      "{'s': {'type': 'list', 'choices': ['a', 'b']}}",
      '',
      { s: ['a', 'c'] },
      'value of s must be one or more of: a, b. Got no match for: c',
    ],
    [
      'exclusive',
      "{'a': {}, 'b': {}}",
      ", mutually_exclusive=[('a', 'b')]",
      { a: 1, b: 2 },
      'parameters are mutually exclusive: a|b',
    ],
    [
      'needed together',
      "{'a': {}, 'b': {}}",
      ", required_together=[('a', 'b')]",
      { a: 1 },
      'parameters are required together: a, b',
    ],
    [
      'of which one is needed',
      "{'a': {}, 'b': {}}",
      ", required_one_of=[('a', 'b')]",
      {},
      'one of the following is required: a, b',
    ],
    [
      'needed if',
      "{'state': {}, 'a': {}, 'b': {}}",
      ", required_if=[('state', 'on', ('a', 'b'), True)]",
      { state: 'on' },
      'state is on but any of the following are missing: a, b',
    ],
    [
      'needed by',
      "{'a': {}, 'b': {}}",
      ", required_by={'a': 'b'}",
      { a: 1 },
      "missing parameter(s) required by 'a': b",
    ],
    [
      'missing below',
      "{'o': {'type': 'dict', 'options': {'a': {'required': True}}}}",
      '',
      { o: {} },
      'missing required arguments: a found in o',
    ],
  ])('are refused that are %s', (_, spec, more, args, msg) =>
    expect(run(withSpec(spec, more), args)).toEqual({ changed: false, failed: true, msg }),
  );

  it('that are secret are masked wherever they show', () => {
    expect(
      run(withSpec("{'password': {'no_log': True}, 'url': {}}"), { password: 'tulip', url: 'http://me:tulip@x' }),
    ).toEqual({
      changed: false,
      told: { password: 'VALUE_SPECIFIED_IN_NO_LOG_PARAMETER', url: 'http://me:********@x' },
    });
  });

  it.each<[string, string, string, Record<string, unknown>, string]>([
    [
      'no choice',
      "{'password': {'no_log': True, 'choices': ['a']}}",
      '',
      { password: 'tulip' },
      'value of password must be one of: a, got: ********',
    ],
    [
      'of another type',
      "{'o': {'type': 'dict', 'options': {'pin': {'type': 'int', 'no_log': True}}}}",
      '',
      { o: 'pin=tulip' },
      "argument 'pin' is of type str and we were unable to convert to int: \"'********'\" cannot be converted to an int found in o",
    ],
    [
      'beside another that is refused',
      "{'n': {'type': 'int'}, 'password': {'no_log': True, 'aliases': ['pw']}}",
      '',
      { pw: 'tulip', n: 'tulip' },
      "argument 'n' is of type str and we were unable to convert to int: \"'********'\" cannot be converted to an int",
    ],
  ])('that are secret are masked where one is refused that is %s', (_, spec, more, args, msg) =>
    expect(run(withSpec(spec, more), args)).toEqual({ changed: false, failed: true, msg }),
  );

  it('that are old are told of', () => {
    expect(
      run(
        withSpec(
          "{'name': {'aliases': ['n'], 'deprecated_aliases': [{'name': 'n', 'date': '2030-01-01', 'collection_name': 'a.b'}]}, 'o': {'removed_in_version': '9', 'removed_from_collection': 'a.b'}}",
        ),
        { n: 'x', o: 1 },
      ),
    ).toMatchObject({
      deprecations: [
        {
          msg: "Alias 'n' is deprecated. See the module docs for more information",
          date: '2030-01-01',
          collection_name: 'a.b',
        },
        {
          msg: "Param 'o' is deprecated. See the module docs for more information",
          version: '9',
          collection_name: 'a.b',
        },
      ],
    });
  });

  it('that are no mapping are refused, not a crash', () => {
    expect(run(withSpec("{'d': {'type': 'dict'}}"), { d: '{x' })).toMatchObject({
      failed: true,
      msg: "argument 'd' is of type str and we were unable to convert to dict: unable to evaluate dictionary for {x",
    });
  });
});

describe('what a module does', () => {
  const module = (body: string, more = '') =>
    `from ansible.module_utils.basic import AnsibleModule\nimport os\nmodule = AnsibleModule(argument_spec={'path': {'type': 'path'}}, add_file_common_args=True, supports_check_mode=True${more})\n${body}\n`;
  it('runs programs, with status, output and what they are told', () => {
    expect(
      run(
        module(
          "rc, out, err = module.run_command(['sh', '-c', 'cat; echo err >&2; exit 3'], data='in')\nmodule.exit_json(rc=rc, out=out, err=err, failed=False)",
        ),
      ),
    ).toMatchObject({ rc: 3, out: 'in\n', err: 'err\n' });
    expect(
      run(
        module(
          "module.exit_json(out=module.run_command('echo $A | tr a b', use_unsafe_shell=True, environ_update={'A': 'aa'})[1])",
        ),
      ),
    ).toMatchObject({ out: 'bb\n' });
    expect(run(module("module.run_command(['sh', '-c', 'echo bad >&2; exit 2'], check_rc=True)"))).toMatchObject({
      failed: true,
      rc: 2,
      msg: 'bad',
    });
    expect(run(module("module.get_bin_path('no-such-program', required=True)"))).toMatchObject({
      failed: true,
      msg: expect.stringContaining('Failed to find required executable "no-such-program" in paths: '),
    });
  });

  it('leaves words that are None out, adds a line break to what is told, and expands words unless told not to', () => {
    expect(
      run(
        module(
          "module.exit_json(out=[module.run_command(*each[:1], **each[1])[1] for each in [(['echo', None, '$A'], {}), (['echo', None, '$A'], {'expand_user_and_vars': False}), ('cat', {'data': 'x\\n'}), ('cat', {'data': b'x', 'binary_data': True})]])",
        ),
        {},
        { environment: { A: 'b' } },
      ),
    ).toEqual({ changed: false, out: ['b\n', '$A\n', 'x\n\n', 'x'] });
    expect(
      run(
        module(
          "module.exit_json(told=module.run_command(['wc', '-c'], data='x' * 300000)[1].strip(), unread=module.run_command('true', data='x' * 300000)[0])",
        ),
      ),
    ).toEqual({ changed: false, told: '300001', unread: 0 });
  });

  it('does not wait for what a program leaves in the background, nor for an answer that nobody gives', () => {
    const begun = Date.now();
    expect(run(module("module.exit_json(told=module.run_command(['sh', '-c', 'sleep 20 & echo up']))"))).toEqual({
      changed: false,
      told: [0, 'up\n', ''],
    });
    expect(
      run(
        module(
          "module.exit_json(told=module.run_command(['sh', '-c', 'printf \"Sure [y/N]? \"; exec sleep 20'], prompt_regex=r'\\[y/N\\]\\?'))",
        ),
      ),
    ).toEqual({
      changed: false,
      told: [257, 'Sure [y/N]? ', 'A prompt was encountered while running a command, but no input data was specified'],
    });
    expect(Date.now() - begun).toBeLessThan(10_000);
  });

  it('shows commands without the passwords that follow their options', () => {
    expect(
      run(
        module("module.run_command(['false', '--password', 'tulip', '--passwd=rose', '-u', 'me and'], check_rc=True)"),
      ),
    ).toMatchObject({ failed: true, cmd: "false --password '********' '--passwd=********' -u 'me and'" });
  });

  it('puts files in their place with the attributes that are asked for, and in a dry run only says so', () => {
    const path = join(folder, 'file');
    const body =
      "import tempfile\nhandle, name = tempfile.mkstemp(dir=module.tmpdir)\nos.write(handle, b'new')\nchanged = False\nif not module.check_mode:\n    module.atomic_move(name, module.params['path'])\nargs = module.load_file_common_arguments(module.params)\nmodule.exit_json(changed=module.set_fs_attributes_if_different(args, changed))";
    writeFileSync(path, 'old', { mode: 0o600 });
    expect(run(module(body), { path, mode: 'u=rw,g=r,o-rwx' }, { checkMode: true })).toMatchObject({ changed: true });
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o7777]).toEqual(['old', 0o600]);
    expect(run(module(body), { path, mode: 'u=rw,g=r,o-rwx' })).toMatchObject({ changed: true });
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o7777]).toEqual(['new', 0o640]);
    expect(run(module(body), { path, mode: '0640' })).toMatchObject({ changed: false });
  });

  it.each<[string, number, string]>([
    ['+w', 0o600, '0600 0620'],
    ['=rwx', 0o600, '0600 0775'],
    ['u+t', 0o755, '0755 0755'],
    ['a=rx', 0o1777, '01777 0555'],
    ['u=rw-x+X,g=u', 0o600, '0600 0660'],
    ['0o644', 0o600, '0600 0644'],
    ['g+s,o=', 0o755, '0755 02750'],
  ])('reads the mode %s', (mode, before, told) => {
    const path = join(folder, 'moded');
    writeFileSync(path, '');
    chmodSync(path, before);
    const body =
      "os.umask(0o002)\ndiff = {}\nmodule.set_mode_if_different(module.params['path'], module.params['mode'], False, diff)\nmodule.exit_json(path=module.params['path'], diff=diff)";
    const [was, is = was] = told.split(' ');
    expect(run(module(body), { path, mode })).toMatchObject({
      mode: is,
      diff: was === is ? {} : { before: { mode: was }, after: { mode: is } },
    });
  });

  it('gives a new file its mode before it is there, and what takes its place the mode of what was there', () => {
    const path = join(folder, 'born');
    const body = (how: string) =>
      `import tempfile\nos.umask(0o027)\nreal, said = os.rename, []\ndef rename(src, dest):\n    if ${how} and 'refused' not in said:\n        said.append('refused')\n        raise OSError(18, 'Invalid cross-device link')\n    said.append('%o' % (os.stat(src).st_mode & 0o7777))\n    real(src, dest)\nos.rename = rename\nos.fsync = lambda file: said.append('on disk')\nhandle, name = tempfile.mkstemp()\nmodule.atomic_move(name, module.params['path'])\nmodule.exit_json(said=said, left=os.path.exists(name), path=module.params['path'])`;
    expect(run(module(body('False')), { path })).toMatchObject({ said: ['on disk', '640'], mode: '0640', left: false });
    chmodSync(path, 0o604);
    expect(run(module(body('True')), { path })).toMatchObject({
      said: ['on disk', 'refused', 'on disk', '604'],
      mode: '0604',
      left: false,
    });
  });

  it('gives a new file the context of its place, and refuses a context that it would not set, where there is SELinux', () => {
    const path = join(folder, 'labelled');
    const selinux = 'from ansible.module_utils import basic\nbasic._has_selinux = lambda: True\n';
    const body =
      "import tempfile\nmodule.get_bin_path = lambda name: name\nsaid = []\nmodule.run_command = lambda words, **more: said.append(words)\nfor _ in range(2):\n    handle, name = tempfile.mkstemp()\n    module.atomic_move(name, module.params['path'])\nmodule.exit_json(said=said)";
    expect(run(module(`${selinux}${body}`), { path })).toMatchObject({ said: [['restorecon', path]] });
    expect(
      run(module(`${selinux}module.load_file_common_arguments(module.params)`), { path, setype: 'etc_t' }),
    ).toMatchObject({ failed: true, msg: 'vbx sets no SELinux context for a module in Python: setype' });
  });

  it('leaves a file that may not be given away to who writes it', () => {
    const path = join(folder, 'given');
    writeFileSync(path, '');
    chmodSync(path, 0o4755);
    const body =
      "import tempfile\ndef refuse(*args):\n    raise PermissionError(1, 'Operation not permitted')\nhandle, name = tempfile.mkstemp()\nreal = os.stat\nimport types\nos.stat = lambda path, **more: types.SimpleNamespace(**{**{name: getattr(real(path, **more), name) for name in dir(real('/')) if name.startswith('st_')}, 'st_uid': 7}) if path == module.params['path'] else real(path, **more)\nos.chown = refuse\nmodule.atomic_move(name, module.params['path'])\nos.stat = real\nmodule.exit_json(path=module.params['path'])";
    expect(run(module(body), { path })).toMatchObject({ mode: '0755' });
  });

  it('expands paths, and in a dry run says that a file to come changes', () => {
    writeFileSync(join(folder, 'of home'), '', { mode: 0o600 });
    const set = (path: string) =>
      `module.set_owner_if_different('${path}', os.geteuid(), module.set_mode_if_different('${path}', '0640', False))`;
    expect(run(module(`module.exit_json(changed=${set('~/of home')})`), {}, { environment: { HOME: folder } })).toEqual(
      { changed: true },
    );
    expect(statSync(join(folder, 'of home')).mode & 0o7777).toBe(0o640);
    expect(run(module(`module.exit_json(changed=${set('/no/such')})`), {}, { checkMode: true })).toEqual({
      changed: true,
    });
    expect(run(module("module.set_group_if_different('/', 'no such', False)"))).toMatchObject({
      failed: true,
      msg: 'chgrp failed: failed to look up group no such',
    });
  });

  it('refuses a mode that is none', () => {
    expect(
      run(module("module.set_mode_if_different(module.params['path'], module.params['mode'], False)"), {
        path: folder,
        mode: '100644',
      }),
    ).toMatchObject({ failed: true, msg: 'mode must be in octal or symbolic form' });
  });

  it('warns, fails with what it has, and says when it crashes', () => {
    expect(run(module("module.warn('careful')\nmodule.fail_json(msg='no', state='half')"))).toEqual({
      changed: false,
      failed: true,
      msg: 'no',
      state: 'half',
      warnings: ['careful'],
    });
    expect(run(module('1 / 0'))).toMatchObject({ failed: true, msg: expect.stringContaining('ZeroDivisionError') });
    expect(
      run(module('pass').replace('supports_check_mode=True', 'supports_check_mode=False'), {}, { checkMode: true }),
    ).toMatchObject({ skipped: true, msg: 'remote module (tell) does not support check mode' });
  });

  it('has the older names', () => {
    expect(
      run(
        `from ansible.module_utils.basic import *\nfrom ansible.module_utils.six import iteritems, string_types\nfrom ansible.module_utils.six.moves.urllib.parse import urlparse\nfrom ansible.module_utils.six.moves import configparser\nfrom ansible.module_utils._text import to_native, to_bytes\nfrom ansible.module_utils.parsing.convert_bool import boolean\nAnsibleModule(argument_spec=dict()).exit_json(host=urlparse('http://h/').netloc, pairs=[k for k, v in iteritems({'a': 1})], text=to_native(b'x'), on=boolean('on'))`,
      ),
    ).toEqual({ changed: false, host: 'h', pairs: ['a'], text: 'x', on: true });
  });

  it.each([
    [
      'from ansible.module_utils.compat.version import LooseVersion, StrictVersion',
      "LooseVersion('1.10') > LooseVersion('1.9.2'), StrictVersion('1.2') > '1.2b1', str(StrictVersion('1.2.0'))",
      [true, true, '1.2'],
    ],
    [
      'from ansible.module_utils.common.text.formatters import human_to_bytes, bytes_to_human',
      "human_to_bytes('10M'), bytes_to_human(1536), bytes_to_human(5)",
      [10485760, '1.50 KB', '5.00 Bytes'],
    ],
    [
      'from ansible.module_utils.common.validation import check_type_bool, check_required_together',
      "check_type_bool('no'), check_required_together([('a', 'b')], {})",
      [false, []],
    ],
    [
      'from ansible.module_utils.common.dict_transformations import *',
      "dict_merge({'a': {'x': 1}}, {'a': {'y': 2}}), recursive_diff({'a': 1, 'b': {'c': 1}}, {'b': {'c': 2}}), list(camel_dict_to_snake_dict({'DBName': 1, 'targetGroupARNs': 1, 'httpPort': 1})), list(snake_dict_to_camel_dict({'http_port': 1}))",
      [
        { a: { x: 1, y: 2 } },
        [{ a: 1, b: { c: 1 } }, { b: { c: 2 } }],
        ['db_name', 'target_group_arns', 'http_port'],
        ['httpPort'],
      ],
    ],
    [
      'from ansible.module_utils.common.sys_info import get_distribution, get_platform_subclass',
      "get_distribution() != ''",
      true,
    ],
    [
      'from ansible.module_utils.common.respawn import has_respawned, probe_interpreters_for_module',
      "has_respawned(), probe_interpreters_for_module(['/no/python'], 'json')",
      [false, null],
    ],
    ['from ansible.module_utils.six.moves.collections_abc import Mapping', 'issubclass(dict, Mapping)', true],
    [
      'from ansible.module_utils.basic import get_distribution, json_dict_bytes_to_unicode\nfrom ansible.module_utils.six import StringIO',
      "get_distribution() != '', json_dict_bytes_to_unicode({b'a': [b'x']}), StringIO('y').read()",
      [true, { a: ['x'] }, 'y'],
    ],
    [
      'from ansible.module_utils.common.validation import check_required_arguments',
      "check_required_arguments({'a': {'required': True}}, {'a': 1})",
      [],
    ],
  ])('%s', (line, tuple, told) => {
    expect(
      run(
        `from ansible.module_utils.basic import AnsibleModule\n${line}\nAnsibleModule(argument_spec=dict()).exit_json(told=(${tuple}))`,
      ),
    ).toEqual({ changed: false, told });
  });

  it.each([
    [
      'from ansible.module_utils.basic import sanitize_keys',
      "sanitize_keys({'my tulip': ['tulip', {'tulip': 1}], 'kept tulip': 2}, {'tulip'}, {'kept tulip'})",
      { 'my ********': ['tulip', { VALUE_SPECIFIED_IN_NO_LOG_PARAMETER: 1 }], 'kept tulip': 2 },
    ],
    ['from ansible.module_utils.api import retry', '[retry()(lambda: None)(), retry(2, 0)(lambda: 3)()]', [null, 3]],
    ['from ansible.module_utils.common.validation import check_type_str', 'check_type_str(1)', '1'],
  ])('%s: %s', (line, expression, told) => {
    expect(
      run(
        `from ansible.module_utils.basic import AnsibleModule\n${line}\nAnsibleModule(argument_spec=dict()).exit_json(told=${expression})`,
      ),
    ).toEqual({ changed: false, told });
  });

  it.each([
    ['from ansible.module_utils.api import retry', 'retry()(lambda: 1 / 0)()', 'ZeroDivisionError'],
    [
      'from ansible.module_utils.common.locale import get_best_parsable_locale',
      'import types\nget_best_parsable_locale(types.SimpleNamespace(get_bin_path=lambda name: None), raise_on_locale=True)',
      'the program locale is not there',
    ],
    [
      'from ansible.module_utils.common.validation import check_type_str',
      'check_type_str(1, allow_conversion=False)',
      '1 is no text',
    ],
    [
      'from ansible.module_utils.urls import open_url',
      "open_url('http://127.0.0.1/', unix_socket='/run/x')",
      'vbx has no requests over a socket of Unix',
    ],
    ['from ansible.module_utils.urls import open_url', "open_url('http://127.0.0.1/', no_such=1)", 'no_such'],
  ])('%s: %s fails', (line, expression, msg) => {
    expect(run(`${line}\n${expression}`)).toMatchObject({ failed: true, msg: expect.stringContaining(msg) });
  });

  const server = `import datetime, http.server, threading
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        length = int(self.headers.get('Content-Length') or 0)
        body = self.rfile.read(length)
        self.send_response(int(self.path[1:]) if self.path != '/end' else 200)
        self.send_header('Location', '/end')
        self.send_header('Set-Cookie', 'a=b')
        said = ('%s %s %s %s' % (self.command, body.decode(), self.headers.get('If-Modified-Since'), self.headers.get('X-Stay'))).encode()
        self.send_header('Content-Length', str(len(said)))
        self.end_headers()
        self.wfile.write(said)
    do_GET = do_POST = do_PUT = answer
    def log_message(self, *args):
        pass
listening = http.server.HTTPServer(('127.0.0.1', 0), Handler)
threading.Thread(target=listening.serve_forever, daemon=True).start()
from ansible.module_utils.urls import fetch_url
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule(argument_spec={'follow_redirects': {}})
def ask(path, **more):
    response, info = fetch_url(module, 'http://127.0.0.1:%d/%s' % (listening.server_port, path), use_proxy=False, **more)
    return [info['status'], response.read().decode() if info['status'] == 200 else '']
`;
  it.each<[string, [string, string][], unknown]>([
    [
      'none',
      [
        ['302', ''],
        ['303', "method='POST', data='x'"],
      ],
      [
        [302, ''],
        [303, ''],
      ],
    ],
    [
      'safe',
      [
        ['302', ''],
        ['303', "method='POST', data='x'"],
      ],
      [
        [200, 'GET  None None'],
        [303, ''],
      ],
    ],
    [
      'urllib2',
      [
        ['303', "method='POST', data='x'"],
        ['307', "method='PUT', data='x'"],
      ],
      [
        [200, 'GET  None None'],
        [307, ''],
      ],
    ],
    [
      'all',
      [
        ['302', "method='POST', data='x'"],
        ['307', "method='PUT', data='x'"],
      ],
      [
        [200, 'GET  None None'],
        [200, 'PUT x None None'],
      ],
    ],
  ])('follows redirects as %s says', (follow, calls, told) => {
    expect(
      run(`${server}module.exit_json(told=[${calls.map(([path, more]) => `ask('${path}', ${more})`).join(', ')}])`, {
        follow_redirects: follow,
      }),
    ).toEqual({ changed: false, told });
  });

  it('unpacks what comes packed, and logs in as ~/.netrc says', () => {
    const home = mkdtempSync(join(folder, 'home-'));
    writeFileSync(join(home, '.netrc'), 'machine 127.0.0.1 login me password tulip\n', { mode: 0o600 });
    const packing = server.replace(
      'said = (',
      "import gzip\n        said = gzip.compress(str(self.headers.get('Authorization')).encode())\n        self.send_header('Content-Encoding', 'gzip')\n        ignored = (",
    );
    expect(
      run(
        `${packing}module.exit_json(told=[ask('end'), ask('end', use_netrc=False)])`,
        {},
        { environment: { HOME: home } },
      ),
    ).toEqual({
      changed: false,
      told: [
        [200, 'Basic bWU6dHVsaXA='],
        [200, 'None'],
      ],
    });
  });

  it('asks for what is newer, and keeps headers that are not for where a redirect leads', () => {
    expect(
      run(
        `${server}module.exit_json(told=[ask('end', last_mod_time=datetime.datetime(2024, 1, 2, 3, 4, 5)), ask('end', headers={'X-Stay': '1'}), ask('302', headers={'X-Stay': '1'}, unredirected_headers=['x-stay'])], cookies=fetch_url(module, 'http://127.0.0.1:%d/end' % listening.server_port, use_proxy=False)[1]['cookies'])`,
        { follow_redirects: 'urllib2' },
      ),
    ).toEqual({
      changed: false,
      told: [
        [200, 'GET  Tue, 02 Jan 2024 03:04:05 GMT None'],
        [200, 'GET  None 1'],
        [200, 'GET  None None'],
      ],
      cookies: { a: 'b' },
    });
  });

  it('runs again by another interpreter where a module asks for it', () => {
    expect(
      run(
        `import os\nfrom ansible.module_utils.basic import AnsibleModule\nfrom ansible.module_utils.common.respawn import has_respawned, respawn_module\nif not has_respawned():\n    respawn_module('/usr/bin/python3')\nAnsibleModule(argument_spec={'a': {}}).exit_json(again=has_respawned())`,
        { a: 1 },
      ),
    ).toEqual({ changed: false, again: true });
  });

  it('needs Python on the host', () => {
    expect(run(module('pass'), { _ansible_interpreter: '/no/such/python' })).toEqual({
      failed: true,
      msg: 'the module tell is written in Python, and the host has no Python 3 to run it',
      rc: 127,
    });
  });
});

describe('what travels along', () => {
  const files: Record<string, string> = {
    '/r/web/module_utils/helper.py': 'from ansible.module_utils.deeper import x\n',
    '/r/web/module_utils/deeper/__init__.py': 'x = 1\n',
    '/r/web/module_utils/lacking.py': 'from ansible.plugins.action import x\n',
    '/c/ansible_collections/a/b/plugins/module_utils/one.py': 'from . import two\n',
    '/c/ansible_collections/a/b/plugins/module_utils/two.py':
      'from ansible_collections.c.d.plugins.module_utils.three import y\n',
    '/c/ansible_collections/c/d/plugins/module_utils/three.py': 'y = 2\n',
  };
  const library = new Map([['ansible.module_utils.basic', '']]);
  const needed = (path: string, text: string) => {
    const { sources, missing } = pythonSources(path, text, { readFile: (file) => files[file], library });
    return {
      names: [...sources.keys()].filter((name) => !library.has(name)),
      ...(missing === undefined ? {} : { missing }),
    };
  };
  it.each<[string, string, ReturnType<typeof needed>]>([
    [
      '/r/web/library/m.py',
      'from ansible.module_utils.basic import AnsibleModule\nfrom ansible.module_utils.helper import (\n    a,\n    b,\n)\n',
      { names: ['ansible.module_utils.helper', 'ansible.module_utils.deeper'] },
    ],
    [
      '/r/web/library/m.py',
      'from ansible.module_utils import basic, helper\nimport json, os\n',
      { names: ['ansible.module_utils.helper', 'ansible.module_utils.deeper'] },
    ],
    [
      '/c/ansible_collections/a/b/plugins/modules/m.py',
      'from ..module_utils.one import z\n',
      {
        names: [
          'ansible_collections.a.b.plugins.module_utils.one',
          'ansible_collections.a.b.plugins.module_utils.two',
          'ansible_collections.c.d.plugins.module_utils.three',
        ],
      },
    ],
    [
      '/r/web/library/m.py',
      'from ansible.module_utils.facts import x\n',
      { names: [], missing: 'ansible.module_utils.facts' },
    ],
    [
      '/r/web/library/m.py',
      'try:\n    from ansible.module_utils.facts import x\nexcept ImportError:\n    x = None\n',
      { names: [] },
    ],
    [
      '/r/web/library/m.py',
      'if t.TYPE_CHECKING:\n    from ansible.module_utils.lacking import x\n',
      { names: ['ansible.module_utils.lacking'] },
    ],
    ['/r/web/library/m.py', 'from ansible.plugins.loader import x\n', { names: [], missing: 'ansible.plugins.loader' }],
  ])('with %s: %j', (path, text, expected) => expect(needed(path, text)).toEqual(expected));

  it('runs a module of a collection with its relative imports', () => {
    const text =
      'from ..module_utils.one import value\nfrom ansible.module_utils.basic import AnsibleModule\nAnsibleModule(argument_spec={}).exit_json(value=value)\n';
    const path = '/c/ansible_collections/a/b/plugins/modules/tell.py';
    const parts = pythonSources(path, text, {
      readFile: (file) => (file.endsWith('/one.py') ? 'value = 5\n' : undefined),
      library: pythonLibrary(),
    });
    const module = pythonModule(path, text, { ...parts, boot: pythonBoot() });
    const [step] = module.steps({}, {}, basics, { host: 'h', playbookDir: '/', environment: {}, checkMode: false });
    if (step?.kind !== 'command') throw new Error('no command');
    const { stdout, stderr } = spawnSync('/bin/sh', ['-c', step.script], { input: step.stdin, encoding: 'utf8' });
    expect(module.parse({}, [{ step, rc: 0, stdout, stderr, start: 0, end: 0 }], {})).toEqual({
      changed: false,
      value: 5,
    });
  });
});
