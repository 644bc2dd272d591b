// Commands from their arguments to what they print and leave behind, on this machine alone.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'vbx-commands-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const MAIN = resolve(import.meta.dirname, '../../src/main.ts');

function vbx(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [MAIN, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: folder, VBX_OUTPUT: 'ansible', ...env },
  });
}
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return name;
};

describe('vbx run', () => {
  it('ends a command of run after the time that it is given', () => {
    const { status, stdout } = vbx(['run', 'localhost', '-a', 'sleep 20', '--task-timeout', '1']);
    expect({ status, stdout }).toEqual({
      status: 2,
      stdout: expect.stringContaining(
        'The command action failed to execute in the expected time frame (1) and was terminated',
      ) as unknown,
    });
  });

  it.each([
    ['run localhost -a true --task-timeout x', '--task-timeout <seconds>', 'a whole number of at least 0'],
    ['run localhost -a true -B 1.5', '-B, --background <seconds>', 'a whole number of at least 0'],
    ['play site.yml -f 0', '-f, --forks <number>', 'a whole number of at least 1'],
    ['play site.yml -T many', '-T, --timeout <seconds>', 'a whole number of at least 1'],
    ['runs -n few', '-n, --number <number>', 'a whole number of at least 1'],
    ['replay --speed 0', '--speed <factor>', 'a number above 0, such as 2 or 0.5'],
  ])('refuses what is no number: %s', (line, option, wanted) => {
    const words = line.split(' ');
    expect(vbx(words)).toMatchObject({
      status: 5,
      stderr: `error: option '${option}' argument '${words.at(-1)}' is invalid. It must be ${wanted}.\n`,
    });
  });

  it('tells a line a host with --one-line, as Ansible does', () => {
    const run = (...args: string[]) => vbx(['run', 'localhost', '-o', ...args], { VBX_OUTPUT: '' }).stdout;
    expect(run('-m', 'shell', '-a', 'printf "a\\nb"; echo e >&2')).toBe(
      'localhost | CHANGED | rc=0 | (stdout) a\\nb (stderr) e\n',
    );
    expect(run('-m', 'ping')).toBe('localhost | SUCCESS => {"changed": false,"ping": "pong"}\n');
    expect(run('-m', 'debug', '-a', 'msg=x')).toBe('localhost | SUCCESS => {"msg": "x"}\n');
    expect(run('-a', 'false')).toMatch(
      /^localhost \| FAILED \| rc=1 \| \(stdout\) \nlocalhost \| FAILED! => \{"changed": true,"cmd": \["false"\],.*"rc": 1,.*\}\n$/,
    );
  }, 120_000);

  it('filters all that setup gives', () => {
    expect(
      JSON.parse(vbx(['run', 'localhost', '-m', 'setup', '-a', 'filter=ansible_system']).stdout.replace(/^.*=> /, '')),
    ).toEqual({ ansible_facts: { ansible_system: 'Linux' }, changed: false });
    expect(vbx(['run', 'localhost', '-m', 'setup', '-a', 'gather_subset=odd']).stdout).toContain(
      "Bad subset 'odd' given to Ansible. gather_subset options allowed: all, all_ipv4_addresses, ",
    );
  });

  it('writes what every host gave into the files of --tree', () => {
    expect(vbx(['run', 'localhost', '-m', 'ping', '-t', 'out/tree']).status).toBe(0);
    expect(readFileSync(join(folder, 'out/tree/localhost'), 'utf8')).toBe('{"changed": false, "ping": "pong"}');
  });

  it('lets the host fail whose module does not take an argument', () => {
    const { status, stdout } = vbx(['run', 'localhost', '-m', 'ping', '-a', 'bogus=1']);
    expect({ status, stdout }).toEqual({
      status: 2,
      stdout: expect.stringContaining('Unsupported parameters for (ping) module: bogus') as unknown,
    });
  });
});

describe('vbx eval', () => {
  it('evaluates with the variables of a host that is there, and no other', () => {
    const inventory = ['-i', write('eval.ini', 'web1 port=80\n')];
    expect(vbx(['eval', 'port + 1', '--host', 'web1', ...inventory])).toMatchObject({ status: 0, stdout: '81\n' });
    expect(vbx(['eval', '1 + 1', '--host', 'web2', ...inventory])).toMatchObject({
      status: 5,
      stderr: '[ERROR]: the inventory has no host "web2"\n  did you mean "web1"?\n',
    });
    expect(vbx(['eval'])).toMatchObject({
      status: 5,
      stderr: "[ERROR]: there is nothing to evaluate\n  vbx eval '{{ 1 + 1 }}'\n",
    });
  }, 120_000);
});

describe('vbx inventory', () => {
  it('writes its listing into a file, as it is', () => {
    expect(vbx(['inventory', '-i', 'a,b,', '--list', '--output', 'listing.json'])).toMatchObject({
      status: 0,
      stdout: '',
    });
    expect(JSON.parse(readFileSync(join(folder, 'listing.json'), 'utf8'))).toMatchObject({
      ungrouped: { hosts: ['a', 'b'] },
    });
    expect(vbx(['inventory', '-i', 'a,', '--list', '--output', 'no/where'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("Unable to write to destination file 'no/where'") as unknown,
    });
  });
});

describe('modules of the playbook', () => {
  it('are run by the interpreter of the host that acts, in Python too', () => {
    mkdirSync(join(folder, 'library'), { recursive: true });
    write('library/which.sh', '#!/bin/sh\nprintf \'{"by": "%s"}\' "${BASH_VERSION:+bash}"\n');
    write(
      'library/tell.py',
      "from ansible.module_utils.basic import AnsibleModule\nmodule = AnsibleModule(argument_spec={'name': {'required': True}})\nmodule.exit_json(hello=module.params['name'])\n",
    );
    write(
      'which.ini',
      'a ansible_sh_interpreter=/bin/bash\nb ansible_python_interpreter=/no/python\n[all:vars]\nansible_connection=local\n',
    );
    write(
      'which.yml',
      `
- hosts: a
  gather_facts: false
  tasks:
    - which:
      register: here
    - which:
      delegate_to: b
      register: there
    - tell: {name: x}
      register: told
    - tell: {name: x}
      delegate_to: b
      ignore_errors: true
      register: lacking
    - assert: {that: ["here.by == 'bash'", "there.by == ''", "told.hello == 'x'", "'no Python' in lacking.msg"]}
`,
    );
    expect(vbx(['play', 'which.yml', '-i', 'which.ini'])).toMatchObject({ status: 0 });
  }, 120_000);
});

describe('vbx vault', () => {
  it('takes what ansible-vault takes for editors', () => {
    write('vault-secret', 'pw\n');
    const edit = (editor: string, ...args: string[]) =>
      vbx(['vault', ...args, '--vault-password-file', 'vault-secret'], { EDITOR: editor }).status;
    expect(edit("sh -c 'echo one > $0'", 'create', 'edited.yml', '--skip-tty-check')).toBe(0);
    expect(edit("sh -c 'echo two >> $0'", 'edit', 'edited.yml', '--encrypt-vault-id', 'default')).toBe(0);
    expect(vbx(['vault', 'view', 'edited.yml', '--vault-password-file', 'vault-secret']).stdout).toBe('one\ntwo\n');
  });
});

describe('second names of options', () => {
  it('mean what the first ones do', () => {
    write('secret', 'pw\n');
    write('vaulted', 'x: 1\n');
    expect(vbx(['vault', 'encrypt', 'vaulted', '--vault-pass-file', 'secret']).status).toBe(0);
    expect(vbx(['vault', 'view', 'vaulted', '--vault-pass-file=secret']).stdout).toBe('x: 1\n');
    // An encrypted file of variables that nothing opens ends the play before it begins.
    write(
      'sealed.yml',
      '- hosts: localhost\n  gather_facts: false\n  vars_files: [vaulted]\n  tasks: [{debug: {var: x}}]\n',
    );
    expect(vbx(['play', 'sealed.yml'])).toMatchObject({
      status: 1,
      stdout: expect.not.stringContaining('TASK') as unknown,
    });
    expect(vbx(['play', 'sealed.yml', '--vault-pass-file', 'secret']).status).toBe(0);
    expect(vbx(['inventory', '--graph', '--inventory-file', 'a,']).stdout).toContain('--a');
    write('nothing.yml', '- hosts: localhost\n  gather_facts: false\n  tasks: []\n');
    expect(
      vbx(['play', 'nothing.yml', '--become-pass-file', 'secret', '--conn-pass-file', 'secret', '--key-file', 'k']),
    ).toMatchObject({ status: 0 });
    expect(vbx(['play', 'nothing.yml', '--become-pass-file', 'not-there'])).toMatchObject({
      status: 5,
      stderr: expect.stringContaining('no password can be had') as unknown,
    });
  }, 120_000);

  it('and --module-path names folders of modules', () => {
    mkdirSync(join(folder, 'mods'), { recursive: true });
    write('mods/mine.sh', '#!/bin/sh\necho \'{"changed": false, "msg": "mine"}\'\n');
    expect(vbx(['run', 'localhost', '-M', 'nowhere:mods', '-m', 'mine']).stdout).toContain('"msg": "mine"');
  });
});

describe('vbx lint', () => {
  it('lists wrong arguments, missing files and handlers that nobody defines, each with its place', () => {
    write(
      'wrong.yml',
      '- hosts: all\n  tasks:\n    - copy: {src: nowhere, dest: /x, mdoe: 1}\n      notify: nobody\n    - debug: {msg: "{{ x "}\n',
    );
    const { status, stdout } = vbx(['lint', 'wrong.yml']);
    expect(status).toBe(2);
    expect(stdout.replaceAll(folder, '')).toMatch(
      /^\/wrong\.yml:3:38: error: ansible\.builtin\.copy has no argument "mdoe" \(did you mean "mode"\?\)\n\/wrong\.yml:3:14: error: Could not find or access 'nowhere'.*\n\/wrong\.yml:4:15: error: no handler is named "nobody".*\n\/wrong\.yml:5:26: error: Syntax error.*\n4 problems\n$/,
    );
  }, 120_000);
});

describe('settings', () => {
  const failing =
    '- hosts: all\n  gather_facts: false\n  vars: {a: 1, a: 2}\n  tasks:\n    - fail: {msg: x}\n      when: inventory_hostname == "h1"\n    - debug: {msg: "{{ a }} {{ lookup(\'template\', \'managed.j2\') }}"}\n';
  write('managed.j2', '{{ ansible_managed }}');
  const play = (env: Record<string, string>) =>
    vbx(['play', write('failing.yml', failing), '-i', 'h1,h2,', '-c', 'local'], env);
  it('write the hosts that failed into a file for --limit', () => {
    const { status, stdout } = play({
      ANSIBLE_RETRY_FILES_ENABLED: 'yes',
      ANSIBLE_RETRY_FILES_SAVE_PATH: join(folder, 'retries'),
    });
    expect(status).toBe(2);
    expect(readFileSync(join(folder, 'retries/failing.retry'), 'utf8')).toBe('h1\n');
    expect(stdout).toMatch(/\n\tto retry, use: --limit @.*\/retries\/failing\.retry\n\n\nPLAY RECAP/);
    expect(
      vbx(['play', 'failing.yml', '-i', 'h1,h2,', '-c', 'local', '--limit', '@retries/failing.retry', '--list-hosts'])
        .stdout,
    ).toContain('hosts (1):');
  }, 60_000);
  it('log what is printed, with its time', () => {
    play({ ANSIBLE_LOG_PATH: join(folder, 'run.log') });
    expect(readFileSync(join(folder, 'run.log'), 'utf8')).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} p=\d+ u=\S+ n=vbx INFO\| PLAY \[all\] \*+\n/m,
    );
  }, 60_000);
  it('decide about keys that are there twice, what manages templates, and the form of results', () => {
    expect(play({}).stderr).toContain('Found duplicate mapping key');
    expect(play({ ANSIBLE_DUPLICATE_YAML_DICT_KEY: 'ignore' }).stderr).not.toContain('duplicate');
    expect(play({ ANSIBLE_DUPLICATE_YAML_DICT_KEY: 'error' })).toMatchObject({
      status: 4,
      stderr: expect.stringContaining('Found duplicate mapping key') as unknown,
    });
    write(
      'own.cfg',
      '[defaults]\nansible_managed = by {host} from {file} in %Y\nstdout_callback = yaml\nmax_diff_size = 1\n',
    );
    const { stdout, stderr } = play({ ANSIBLE_CONFIG: 'own.cfg' });
    expect(stdout).toMatch(/^ {4}msg: 2 by \S+ from managed\.j2 in 20\d\d$/m);
    expect(stderr).toContain('settings without effect in vbx: defaults.max_diff_size');
    expect(play({ ANSIBLE_STDOUT_CALLBACK: 'dense' }).stderr).toContain(
      'the callback "dense" (stdout_callback) is not one that vbx has',
    );
    expect(play({ ANSIBLE_STDOUT_CALLBACK: 'ansible.builtin.default' }).stderr).not.toContain('callback');
  }, 120_000);
});

describe('vbx play', () => {
  it('tells a recap behind each of several playbooks', () => {
    write('one.yml', '- hosts: localhost\n  gather_facts: false\n  tasks: [{debug: }]\n');
    const { stdout } = vbx(['play', 'one.yml', 'one.yml']);
    expect(
      stdout
        .split('\n')
        .filter((line) => line.includes('ok='))
        .map((line) => /ok=\d/.exec(line)?.[0]),
    ).toEqual(['ok=1', 'ok=2']);
    expect(vbx(['play', 'one.yml', 'one.yml'], { VBX_OUTPUT: 'plain' }).stdout.split('recap')).toHaveLength(2);
  });

  it("gives commands an environment in which null is Python's text of it", () => {
    write(
      'environment.yml',
      '- hosts: localhost\n  gather_facts: false\n  environment: {A: play, B: play, C: play}\n  tasks:\n    - command: sh -c \'echo $A $B $C\'\n      environment: {A: null, B: "{{ omit }}", C: 5}\n      register: r\n    - debug: {var: r.stdout}\n',
    );
    expect(vbx(['play', 'environment.yml']).stdout).toContain('"r.stdout": "None play 5"');
  });

  it('ends with 1 where the playbook is none', () => {
    expect(vbx(['play', 'nowhere.yml'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('the playbook: nowhere.yml could not be found') as unknown,
    });
    expect(vbx(['play', '.'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('does not appear to be a file') as unknown,
    });
  });

  it('lists tasks as Ansible does: names as written behind their role, tasks without a name by module alone, include_role without the role, what is asked of vbx too', () => {
    mkdirSync(join(folder, 'roles/r/tasks'), { recursive: true });
    write(
      'roles/r/tasks/main.yml',
      '- name: "Say {{ word }}"\n  debug: {msg: "{{ word }}"}\n- debug: {msg: b}\n- name: Other\n  include_role: {name: r}\n- name: Now\n  meta: flush_handlers\n- meta: noop\n',
    );
    write(
      'listed.yml',
      '- hosts: all\n  vars: {word: a}\n  roles: [r]\n  tasks:\n    - name: Last\n      ping:\n      tags: [z, y]\n    - name: Templated\n      ping:\n      tags: "{{ [word] }}"\n',
    );
    const { stdout } = vbx(['play', 'listed.yml', '-i', 'localhost,', '--list-tasks']);
    expect(stdout.split('\n').filter((line) => line.startsWith('      '))).toEqual([
      '      r : Say {{ word }}\tTAGS: []',
      '      debug\tTAGS: []',
      '      Other\tTAGS: []',
      '      r : Now\tTAGS: []',
      '      meta\tTAGS: []',
      '      Last\tTAGS: [y, z]',
      '      Templated\tTAGS: [a]',
    ]);
  }, 120_000);

  it('tells hosts, tasks and tags of a play together where they are asked for together', () => {
    write('all.yml', '- hosts: all\n  tags: p\n  tasks: [{ping: , tags: [b, a]}]\n- hosts: none\n  tags: q\n');
    write('never.yml', '- hosts: all\n  tasks: [{ping: , tags: [never, a]}]\n');
    expect(vbx(['play', 'never.yml', '-i', 'localhost,', '--list-tags']).stdout).toContain('TASK TAGS: [a, never]');
    expect(vbx(['play', 'never.yml', '-i', 'localhost,', '--list-tags', '--tags', 'b']).stdout).toContain(
      'TASK TAGS: []',
    );
    const { stdout } = vbx(['play', 'all.yml', '-i', 'localhost,', '--list-tags', '--list-hosts', '--list-tasks']);
    expect(stdout.split('\n')[1]).toBe('playbook: all.yml');
    expect(stdout.slice(stdout.indexOf('\n', 1))).toBe(
      "\n\n  play #1 (all): all\tTAGS: [p]\n    pattern: ['all']\n    hosts (1):\n      localhost\n    tasks:\n      ping\tTAGS: [a, b, p]\n      TASK TAGS: [a, b, p]\n" +
        "\n  play #2 (none): none\tTAGS: [q]\n    pattern: ['none']\n    hosts (0):\n    tasks:\n      TASK TAGS: [q]\n",
    );
  }, 120_000);

  it('leaves a module that only a collection here has to its turn where a condition may leave the task out, and refuses it otherwise', () => {
    mkdirSync(join(folder, 'collections/ansible_collections/community/general/plugins/modules'), { recursive: true });
    write(
      'collections/ansible_collections/community/general/plugins/modules/odd_thing.py',
      '#!/usr/bin/python\nfrom ansible.module_utils.nowhere import odd\n',
    );
    const play = (tasks: string, ...options: string[]) =>
      vbx([
        'play',
        write('odd.yml', `- hosts: localhost\n  gather_facts: false\n  tasks:\n${tasks}`),
        '-i',
        'localhost,',
        '-c',
        'local',
        ...options,
      ]);
    const left = play(
      '    - odd_thing: {a: 1}\n      when: word is defined\n    - block: [{community.general.odd_thing: {a: 1}}]\n      when: word is defined\n',
    );
    expect([left.status, left.stdout.match(/skipping/g)?.length, left.stderr]).toEqual([
      0,
      2,
      expect.stringContaining('vbx has no module "odd_thing": the task fails unless its condition leaves it out'),
    ]);
    const reached = play('    - odd_thing: {a: 1}\n      when: word is defined\n', '-e', 'word=a');
    expect([reached.status, reached.stdout]).toEqual([
      2,
      expect.stringContaining('the module odd_thing is not one that vbx has'),
    ]);
    expect(play('    - odd_thing: {a: 1}\n').status).toBe(4);
    expect(play('    - odd_thin: {a: 1}\n      when: word is defined\n').status).toBe(4);
  }, 120_000);

  it.each([
    ['a full name of any collection, which need not be here', 'other.thing.odd: {}', true],
    ['the short name of a family', 'win_odd: {}', true],
    ['a short name that roles use', 'deploy_helper: {}', true],
    ['one of those as if core had it', 'ansible.builtin.pkgng: {}', true],
    ['the old form', 'action: ec2_odd a=1', true],
    ['a slip in a name that vbx has', 'community.general.ini_fil: {}', false],
    ['a name of core', 'ansible.builtin.odd: {}', false],
    ['a short name of nothing', 'odd_stranger: {}', false],
  ])(
    'lists and checks plays with modules that vbx does not have, and leaves such a task to its condition: %s',
    (_, action, known) => {
      write('lacked.yml', `- hosts: localhost\n  gather_facts: false\n  tasks:\n    - ${action}\n`);
      write(
        'lacked-when.yml',
        `- hosts: localhost\n  gather_facts: false\n  tasks:\n    - ${action}\n      when: false\n`,
      );
      const status = (...args: string[]) => vbx(['play', ...args, '-i', 'localhost,', '-c', 'local']).status;
      expect([
        status('lacked.yml', '--list-tasks'),
        status('lacked.yml', '--syntax-check'),
        status('lacked-when.yml'),
        status('lacked.yml'),
      ]).toEqual(known ? [0, 0, 0, 4] : [4, 4, 4, 4]);
    },
    120_000,
  );

  it.each([
    ['an argument', 'debug: {msg: "{{ a ) }}"}', 4],
    ['an argument behind a condition', 'debug: {msg: "{{ a ) }}"}\n      when: false', 0],
    ['an argument of no items', 'debug: {msg: "{{ a ) }}"}\n      loop: []', 0],
    ['a condition', 'debug:\n      when: (a))', 4],
    ['a condition of no items', 'debug:\n      when: (a))\n      loop: []', 0],
    ['a condition behind another', 'debug:\n      when: [false, (a))]', 0],
    ['a loop', 'debug:\n      loop: "{{ a ) }}"', 4],
  ])(
    'refuses a template that cannot be read where it would be read for certain: %s',
    (_, task, status) => {
      write('unread.yml', `- hosts: localhost\n  gather_facts: false\n  tasks:\n    - ${task}\n`);
      expect(vbx(['play', 'unread.yml', '-i', 'localhost,', '-c', 'local']).status).toBe(status);
    },
    120_000,
  );

  it('predicts a file whatever an unknown command would say of it', () => {
    write(
      'checked.yml',
      `- hosts: localhost\n  gather_facts: false\n  tasks:\n    - {command: echo %s, register: asked}\n    - copy: {content: x, dest: ${join(folder, 'checked')}, validate: "test {{ asked.stdout }}"}\n`,
    );
    expect(vbx(['play', 'checked.yml', '-i', 'localhost,', '-c', 'local', '--check']).stdout).toContain(
      'changed: [localhost]',
    );
  }, 120_000);

  it('tells what is wrong with the name of a task in its place, as Ansible does', () => {
    write(
      'names.yml',
      `- hosts: localhost
  gather_facts: false
  vars: {a: 1}
  tasks:
    - {name: "x {{ item }} y {{ a }} {{ b.c }}", debug: {msg: 1}, loop: [1]}
    - {name: "{{ a }} {{ a.b.c }}", debug: {msg: 1}}
    - {name: "{% if b %}x{% endif %}", debug: {msg: 1}}
    - {name: "{{ 'x' | nofilter }}", debug: {msg: 1}}
    - {name: "{{ a }}", debug: {msg: 1}}
`,
    );
    const { stdout } = vbx(['play', 'names.yml', '-i', 'localhost,', '-c', 'local']);
    expect(stdout.split('\n').flatMap((line) => /^TASK \[(.*)\] \*/.exec(line)?.[1] ?? [])).toEqual([
      "x << error 1 - 'item' is undefined >> y 1 << error 2 - 'b' is undefined >>",
      "1 << error 1 - object of type 'int' has no attribute 'b' >>",
      "<< error 1 - 'b' is undefined >><< error 2 - template potentially truncated >>",
      "<< error 1 - Syntax error in template: No filter named 'nofilter'. >>",
      '1',
    ]);
  }, 120_000);

  it('finds modules of the folders that the settings name', () => {
    mkdirSync(join(folder, 'mine'), { recursive: true });
    write('mine/greeting', '#!/bin/sh\necho \'{"changed": false, "greeting": "hello"}\'\n');
    write(
      'mine.yml',
      '- hosts: localhost\n  gather_facts: false\n  tasks:\n    - greeting:\n      register: said\n    - assert: {that: said.greeting == "hello"}\n',
    );
    expect(
      vbx(['play', 'mine.yml', '-i', 'localhost,', '-c', 'local'], { ANSIBLE_LIBRARY: join(folder, 'mine') }).status,
    ).toBe(0);
  }, 120_000);

  it('takes files of this machine as they are when their task runs, whatever was asked ahead', () => {
    // The copy is prepared with the first task already: by then the folder is there, and empty. A folder of this attempt's own, as what another left would help.
    const here = mkdtempSync(join(folder, 'made-'));
    mkdirSync(join(here, 'top'));
    write(
      'made.yml',
      `- hosts: other
  gather_facts: false
  tasks:
    - file: {path: '${here}/copied', state: directory}
    - file: {path: '${here}/top/link', src: '${here}/top/', state: link}
      delegate_to: localhost
    - copy: {src: '${here}/top', dest: '${here}/copied/new'}
`,
    );
    expect(
      vbx(['play', 'made.yml', '-i', write('here.ini', 'other ansible_connection=local\n'), '--no-lock']).status,
    ).toBe(0);
    expect(readdirSync(join(here, 'copied/new/top'))).toEqual(['link']);
  }, 120_000);

  it('starts commands on this machine where the playbook lies', () => {
    mkdirSync(join(folder, 'apart'), { recursive: true });
    write(
      'apart/where.yml',
      '- hosts: localhost\n  gather_facts: false\n  tasks:\n    - command: pwd\n      register: at\n    - stat: {path: where.yml}\n      register: seen\n    - debug: {msg: "{{ at.stdout }} {{ seen.stat.exists }}"}\n',
    );
    expect(vbx(['play', 'apart/where.yml', '-i', 'localhost,', '-c', 'local', '--no-lock']).stdout).toContain(
      `${folder}/apart True`,
    );
  }, 120_000);

  it('judges arguments of a task in its turn where a condition may leave it out, and before the run otherwise', () => {
    const play = (tasks: string, ...options: string[]) =>
      vbx([
        'play',
        write('args.yml', `- hosts: localhost\n  gather_facts: false\n  tasks:\n${tasks}`),
        '-i',
        'localhost,',
        '-c',
        'local',
        ...options,
      ]);
    const left = play(
      '    - file: {path: /x, colour: red}\n      when: word is defined\n    - block: [{file: {state: there}}]\n      when: word is defined\n',
    );
    expect([left.status, left.stdout.match(/skipping/g)?.length]).toEqual([0, 2]);
    const reached = play('    - file: {path: /x, colour: red}\n      when: word is defined\n', '-e', 'word=a');
    expect([reached.status, reached.stdout]).toEqual([
      2,
      expect.stringContaining('Unsupported parameters for (file) module: colour'),
    ]);
    expect(play('    - file: {path: /x, colour: red}\n').status).toBe(4);
  }, 120_000);

  it('names the task of a nested include_role without the role that it stands in', () => {
    mkdirSync(join(folder, 'roles/inner/tasks'), { recursive: true });
    mkdirSync(join(folder, 'roles/outer/tasks'), { recursive: true });
    write('roles/inner/tasks/main.yml', '- name: Inside\n  debug: {msg: a}\n');
    write(
      'roles/outer/tasks/main.yml',
      '- name: Go on\n  include_role: {name: inner}\n- include_role: {name: inner}\n',
    );
    write('nested.yml', '- hosts: localhost\n  gather_facts: false\n  roles: [outer]\n');
    const { stdout } = vbx(['play', 'nested.yml', '-i', 'localhost,', '-c', 'local']);
    expect(stdout.match(/^TASK \[.*\]/gm)).toEqual([
      'TASK [Go on]',
      'TASK [inner : Inside]',
      'TASK [include_role : inner]',
      'TASK [inner : Inside]',
    ]);
  }, 120_000);

  it('keeps facts between runs where the settings say so, until they are flushed', () => {
    const cache = {
      ANSIBLE_CACHE_PLUGIN: 'jsonfile',
      ANSIBLE_CACHE_PLUGIN_CONNECTION: join(folder, 'cache'),
      ANSIBLE_CACHE_PLUGIN_PREFIX: 'p_',
    };
    write(
      'keep.yml',
      '- hosts: localhost\n  gather_facts: false\n  tasks:\n    - set_fact: {colour: red, cacheable: true}\n',
    );
    write(
      'kept.yml',
      '- hosts: localhost\n  gather_facts: false\n  tasks:\n    - assert: {that: "colour == \'red\'"}\n',
    );
    expect(vbx(['play', 'keep.yml', '-i', 'localhost,', '-c', 'local'], cache).status).toBe(0);
    expect(readdirSync(join(folder, 'cache'))).toEqual(['p_localhost']);
    expect(JSON.parse(readFileSync(join(folder, 'cache/p_localhost'), 'utf8'))).toEqual({ colour: 'red' });
    expect(vbx(['play', 'kept.yml', '-i', 'localhost,', '-c', 'local'], cache).status).toBe(0);
    expect(vbx(['play', 'kept.yml', '-i', 'localhost,', '-c', 'local', '--flush-cache'], cache).status).toBe(2);
  }, 240_000);

  it('fails a task for its arguments in its turn where the play takes care of that, and the play before it otherwise', () => {
    write(
      'expected.yml',
      '- hosts: localhost\n  gather_facts: false\n  tasks:\n    - debug: {colour: red}\n      ignore_errors: true\n    - block: [{ping: {colour: red}}]\n      rescue: [{debug: {msg: taken}}]\n',
    );
    write('unexpected.yml', '- hosts: localhost\n  gather_facts: false\n  tasks:\n    - debug: {colour: red}\n');
    expect(vbx(['play', 'expected.yml', '-i', 'localhost,', '-c', 'local']).status).toBe(0);
    const refused = vbx(['play', 'unexpected.yml', '-i', 'localhost,', '-c', 'local']);
    expect([refused.status, refused.stdout]).toEqual([4, '']);
  }, 240_000);

  it('does not refuse an argument that is unknown where a template may omit it, until it is given', () => {
    write(
      'maybe.yml',
      '- hosts: localhost\n  gather_facts: false\n  tasks:\n    - ping: {colour: "{{ word | default(omit) }}"}\n',
    );
    expect(vbx(['play', 'maybe.yml', '-i', 'localhost,', '-c', 'local']).status).toBe(0);
    expect(vbx(['play', 'maybe.yml', '-i', 'localhost,', '-c', 'local', '-e', 'word=a'])).toMatchObject({
      status: 2,
      stdout: expect.stringContaining('Unsupported parameters for (ping) module: colour'),
    });
  }, 120_000);

  it('ends with 1 for a limit that selects nothing, and warns of an inventory that is not there', () => {
    expect(vbx(['play', 'expected.yml', '-i', 'localhost,', '--limit', 'nobody']).status).toBe(1);
    expect(vbx(['play', 'expected.yml', '-i', 'none.ini', '-c', 'local'])).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('No inventory was parsed'),
    });
  }, 240_000);
});
