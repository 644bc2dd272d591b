// What playbooks written for Ansible rely on, found by running them: each case is one play on modelled hosts whose own assertions say what must hold.
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadInventory } from '../../src/inventory/load-inventory.ts';
import { invocationOf } from '../../src/engine/invocation.ts';
import { libraryModule } from '../../src/modules/library-module.ts';
import { script } from '../../src/modules/script.ts';
import { playModel } from './model-host.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbx-compatibility-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, text: string): string => {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
};

/** Plays and expects that nothing failed; what failed is in the message. */
async function passes(
  tasks: string,
  given: Parameters<typeof playModel>[1] & { expectedFailures?: number } = {},
): Promise<void> {
  const { expectedFailures = 0, ...options } = given;
  const played = await playModel(`- hosts: all\n  tasks:\n${tasks.replace(/^(?=.)/gm, '    ')}`, options);
  const failures = played.events.flatMap((event) =>
    event.kind === 'host-end' && event.outcome.kind === 'failed' && event.outcome.ignored !== true
      ? [event.outcome.result]
      : [],
  );
  expect(failures.slice(expectedFailures)).toEqual([]);
  expect(played.end.exit).toBe(0);
}

describe('include_vars', () => {
  const first = write('merge/a.yml', 'config: {a: 1, sub: {x: 1}}\n');
  const second = write('merge/b.yml', 'config: {b: 2, sub: {y: 2}}\n');

  it('merges what files give with what the host has, and replaces among the files of a folder', () =>
    passes(`
- include_vars: ${first}
- include_vars: {file: ${second}, hash_behaviour: merge}
- assert: {that: "config == {'a': 1, 'b': 2, 'sub': {'x': 1, 'y': 2}}"}
- include_vars: ${second}
- include_vars: {dir: ${dirname(first)}, hash_behaviour: merge}
- assert: {that: "config == {'b': 2, 'sub': {'y': 2}}"}
`));

  it('tells what it read before a file with another ending', () => {
    const folder = dirname(write('endings/a.yml', 'x: 1\n'));
    write('endings/b.txt', '');
    return passes(`
- include_vars: {dir: ${folder}}
  ignore_errors: true
  register: r
- assert: {that: ["r.message == '${folder}/b.txt does not have a valid extension: yaml, yml, json'", "r.ansible_included_var_files == ['${folder}/a.yml']", "r.ansible_facts == {}"]}
`);
  });

  it('merges below the name that it is told', () =>
    passes(`
- include_vars: ${write('merge-before/c.yml', 'all_of: {kept: true}\n')}
- include_vars: {file: ${first}, name: all_of, hash_behaviour: merge}
- assert: {that: "all_of.kept and all_of.config.a == 1"}
`));
});

describe('add_host', () => {
  it('takes all its arguments from a variable', () =>
    passes(`
- set_fact: {wanted: {hostname: late, groups: g, colour: red}}
- add_host: "{{ wanted }}"
- assert: {that: ["hostvars.late.colour == 'red'", "'late' in groups.g"]}
`));
});

describe('arguments that a module does not know', () => {
  it('fail the task in the words that playbooks look for', () =>
    passes(`
- key: {name: a, value: b, colour: red, angle: 1}
  ignore_errors: true
  register: r
- key: {name: a, value: b, colour: red}
  failed_when: "'colour' not in refused.msg"
  register: refused
- assert: {that: "r.msg is search('Unsupported parameters for .key. module: angle, colour')"}
- key: {value: b}
  ignore_errors: true
  register: r
- assert: {that: "r.msg == 'missing required arguments: name'"}
- wait_for_connection: {colour: red}
  ignore_errors: true
  register: r
- assert: {that: "r.msg == 'Invalid options for wait_for_connection: colour'"}
`));
});

describe('loops', () => {
  it('take the names of their variables from templates', () =>
    passes(`
- raw: "{{ thing }}{{ at }}"
  loop: [a, b]
  loop_control: {loop_var: "{{ 'th' ~ 'ing' }}", index_var: "{{ 'at' }}"}
  register: r
- assert: {that: ["r.results | map(attribute='stdout') == ['a0', 'b1']", "r.results[1].thing == 'b'", "r.results[1].ansible_loop_var == 'thing'"]}
- debug:
  loop: [a]
  loop_control: {loop_var: "{{ '1x' }}"}
  ignore_errors: true
  register: r
- assert: {that: "r.msg is search('Invalid variable name')"}
`));
});

describe('ansible_search_path', () => {
  it('lists where the files of a task are looked for', () =>
    passes(`
- assert: {that: "ansible_search_path == ['/tmp/model']"}
`));
});

describe('handlers', () => {
  it('run when they are notified, whatever tags are chosen', async () => {
    const played = await playModel(
      `
- hosts: all
  tasks:
    - {raw: x, notify: h, tags: chosen}
    - {raw: y}
  handlers:
    - {name: h, raw: z}
`,
      { tags: ['chosen'] },
    );
    expect(played.outcomes).toEqual(['h1 raw changed', 'h1 h changed']);
  });
});

describe('with_list', () => {
  it('takes no dictionary', () =>
    passes(`
- debug:
  with_list: {key: value}
  ignore_errors: true
  register: r
- assert: {that: "r.msg is search('with_list expects a list')"}
`));
});

describe('clear_host_errors', () => {
  it('in the always part of a block lets the host go on behind it', () =>
    passes(
      `
- block:
    - fail:
  rescue:
    - fail:
  always:
    - meta: clear_host_errors
- set_fact: {went_on: true}
- assert: {that: [went_on, "ansible_run_tags == ['all']"]}
`,
      { expectedFailures: 2 },
    ));
});

describe('delegation', () => {
  it('to a host without a name fails, and a connection that is not there is no obstacle to what needs none', () =>
    passes(`
- raw: x
  delegate_to: "{{ '' }}"
  ignore_errors: true
  register: r
- assert: {that: "r.msg is search('Empty hostname produced from delegate_to')"}
- set_fact: {ansible_connection: carrier_pigeon}
- assert: {that: "ansible_connection == 'carrier_pigeon'"}
- raw: x
  ignore_errors: true
  register: r
- assert: {that: "r.msg is search('carrier_pigeon')"}
`));
});

describe('vault', () => {
  it('encrypts and decrypts by filters with a secret of their own', () =>
    passes(`
- set_fact: {sealed: "{{ 'hello' | vault('pw', salt='s') }}"}
- assert:
    that:
      - sealed.startswith('$ANSIBLE_VAULT;1.2;AES256;filter_default')
      - sealed == ('hello' | vault('pw', salt='s'))
      - sealed | unvault('pw') == 'hello'
      - ('plain' | unvault('pw')) == 'plain'
- debug: {msg: "{{ sealed | unvault('wrong') }}"}
  ignore_errors: true
  register: r
- assert: {that: "r.msg is search('Unable to decrypt')"}
`));

  it('knows values that stood encrypted', () =>
    passes(
      `
- set_fact: {sealed: opened, plain: other}
- assert: {that: [sealed is vault_encrypted, plain is not vault_encrypted]}
`,
      { isVaulted: (text) => text === 'opened' },
    ));
});

describe('lookups', () => {
  it('of inventory_hostnames join their patterns; an unknown one matches nothing', async () =>
    passes(
      `
- assert:
    that:
      - query('inventory_hostnames', 'all', '!h2') == ['h1', 'h3']
      - query('inventory_hostnames', 'nosuch') == []
`,
      {
        hosts: ['h1', 'h2', 'h3'],
        inventory: await loadInventory(['h1,h2,h3,'], { warn: () => undefined, hostPatternMismatch: 'error' }),
      },
    ));

  it('of first_found search the folder of the kind of file that the task works on only behind with_', () => {
    write('found/vars/one.yml', 'found: in vars\n');
    return passes(
      `
- include_vars: "{{ item }}"
  with_first_found: [one.yml]
- assert: {that: "found == 'in vars'"}
- assert: {that: "query('first_found', ['one.yml'], skip=true) == []"}
`,
      { folder: join(folder, 'found'), file: join(folder, 'found/play.yml') },
    );
  });

  it('of first_found behind with_ leave out what undefined variables name', () => {
    write('found/vars/one.yml', 'found: in vars\n');
    return passes(
      `
- set_fact: {plain: "{{ item }}"}
  with_first_found: ["{{ nowhere }}.yml", /etc/hostname]
- set_fact: {nested: "{{ item }}"}
  with_first_found: [{files: ["{{ nowhere }}.yml", hostname], paths: ["{{ nowhere }}", /etc]}]
- set_fact: {gone: true}
  with_first_found: [{files: "{{ nowhere }}", skip: true}]
- assert: {that: ["plain == '/etc/hostname'", "nested == '/etc/hostname'", gone is undefined]}
`,
      { folder: join(folder, 'found'), file: join(folder, 'found/play.yml') },
    );
  });
});

describe('roles', () => {
  write(
    'roles/conditional/tasks/main.yml',
    '- {name: inside, key: {name: "ran_{{ who }}", value: "yes"}, when: wanted}\n',
  );

  write('roles/setter/tasks/main.yml', '- set_fact: {again: true}\n');

  it('run again where all of their tasks were skipped before, and only there', async () => {
    const played = await playModel(
      `
- hosts: all
  vars: {who: one}
  tasks:
    - include_role: {name: ${join(folder, 'roles/conditional')}}
      vars: {wanted: "{{ inventory_hostname == 'h1' }}"}
    - include_role: {name: ${join(folder, 'roles/conditional')}}
      vars: {wanted: true, who: two}
`,
      { hosts: ['h1', 'h2'] },
    );
    expect(played.end.exit).toBe(0);
    // An include runs each time, unless the role is not to be run twice: what counts is that none is lost.
    expect(played.machines.get('h2')?.state.get('ran_two')).toBe('yes');
  });

  it('that are listed twice run once, on the hosts where a task of them was not skipped', async () => {
    const played = await playModel(
      `
- hosts: all
  vars: {who: one, wanted: "{{ inventory_hostname == 'h1' or again | default(false) }}"}
  roles: ["${join(folder, 'roles/conditional')}", "${join(folder, 'roles/setter')}", "${join(folder, 'roles/conditional')}"]
`,
      { hosts: ['h1', 'h2'] },
    );
    const of = (host: string): string[] => played.outcomes.filter((line) => line.startsWith(`${host} inside`));
    expect(of('h1')).toEqual(['h1 inside changed']);
    expect(of('h2')).toEqual(['h2 inside skipped', 'h2 inside changed']);
  });
});

describe('a role that failed on one host for all', () => {
  write('roles/for-all/tasks/main.yml', '- {name: once, raw: x, run_once: true, failed_when: again is undefined}\n');

  it('is done for that host alone', async () => {
    const played = await playModel(
      `
- hosts: all
  ignore_errors: true
  roles: ["${join(folder, 'roles/for-all')}", "${join(folder, 'roles/setter')}", "${join(folder, 'roles/for-all')}", "${join(folder, 'roles/for-all')}"]
`,
      { hosts: ['h1', 'h2'] },
    );
    expect(played.outcomes.filter((line) => line.includes('once'))).toEqual([
      'h1 once failed ignored',
      'h2 once changed',
    ]);
  });
});

describe('parameters of a role', () => {
  write(
    'params/roles/outer/tasks/main.yml',
    '- {include_role: {name: inner}, vars: {x: of the include, y: of the include}}\n',
  );
  write(
    'params/roles/inner/tasks/main.yml',
    "- {name: proof, assert: {that: [x == 'parameter', y == 'of the include']}}\n",
  );

  it('win over the variables of an include_role in it', async () => {
    const played = await playModel('- hosts: all\n  roles: [{role: outer, x: parameter}]\n', {
      file: join(folder, 'params/site.yml'),
    });
    expect(played.outcomes.at(-1)).toBe('h1 proof ok');
  });
});

describe('variables of an included role', () => {
  write('public/roles/has/defaults/main.yml', 'shown: true\n');
  write('public/roles/has/tasks/main.yml', '- debug:\n');

  it.each([
    [false, '', 'undefined'],
    [true, '', 'defined'],
    [true, ', public: false', 'undefined'],
    [false, ', public: true', 'defined'],
  ])('are seen by the play if it says so, or else the setting does: %j %j', async (publicIncludes, own, proof) => {
    const played = await playModel(
      `- hosts: all\n  tasks: [{include_role: {name: has${own}}}, {name: proof, assert: {that: shown is ${proof}}}]\n`,
      { file: join(folder, 'public/site.yml'), publicIncludes },
    );
    expect(played.outcomes.at(-1)).toBe('h1 proof ok');
  });
});

describe('an included role that is not to run twice', () => {
  write('twice/roles/once/tasks/main.yml', '- {name: inside, debug: }\n');

  it('runs again with other variables', async () => {
    const include = (vars: string): string =>
      `    - {include_role: {name: once, allow_duplicates: false}, vars: ${vars}}\n`;
    const played = await playModel(
      `- hosts: all\n  tasks:\n${include('{a: 1}')}${include('{a: 1}')}${include('{a: 2}')}`,
      { file: join(folder, 'twice/site.yml') },
    );
    expect(played.outcomes.filter((line) => line.includes('inside'))).toHaveLength(2);
  });
});

describe('roles', () => {
  write(
    'plays/roles/ends/tasks/main.yml',
    `
- set_fact: {begun: "{{ begun | default(0) | int + 1 }}"}
- raw: "+x={{ begun }}"
  notify: of the role
- block:
    - meta: end_role
    - set_fact: {beyond: true}
- set_fact: {beyond: true}
`,
  );
  write('plays/roles/ends/handlers/main.yml', '- {name: of the role, set_fact: {handled: true}}\n');
  write('plays/roles/imports/tasks/main.yml', '- import_role: {name: ends}\n');
  const file = join(folder, 'plays/site.yml');

  it('end by themselves: what is behind an imported one goes on', async () => {
    const played = await playModel(
      `
- hosts: all
  tasks:
    - import_role: {name: ends}
    - set_fact: {behind: 1}
    - include_role: {name: ends, allow_duplicates: true}
    - set_fact: {behind: 2}
    - {name: proof, assert: {that: [behind == 2, beyond is undefined, begun | int == 2]}}
`,
      { file },
    );
    expect(played.outcomes.at(-1)).toBe('h1 of the role ok');
    expect(played.outcomes).toContain('h1 proof ok');
  });

  it('bring their handlers where they are imported in what is included', () =>
    passes(
      `
- include_role: {name: imports}
- meta: flush_handlers
- assert: {that: [handled]}
`,
      { file },
    ));
});

describe('failures', () => {
  it('are registered with what was written, and a place for a traceback', () =>
    passes(`
- {fail: {msg: "{{ [1] }}"}, register: one, ignore_errors: true}
- {assert: {that: false}, register: two, ignore_errors: true}
- {raw: "!3", loop: [1], register: three, ignore_errors: true}
- {raw: "+", failed_when: true, register: four, ignore_errors: true}
- {raw: "+", register: five}
- {raw: "+", failed_when: nothing, register: six, ignore_errors: true}
- assert:
    that:
      - one.msg == [1]
      - two.assertion is sameas false
      - ([one, two, four] + three.results) | map(attribute='exception') | unique == ['(traceback unavailable)']
      - three.exception is undefined
      - five.exception is undefined
      - six is failed and six is changed
`));

  it('of what is missing are told in the words of each module', () =>
    passes(`
- {add_host: {groups: x}, register: one, ignore_errors: true}
- {group_by: {}, register: two, ignore_errors: true}
- {debug: {mgs: x}, register: three, ignore_errors: true}
- {fail: {x: 1}, register: four, ignore_errors: true}
- assert:
    that:
      - one.msg == 'name, host or hostname needs to be provided'
      - two.msg == "the 'key' param is required when using group_by"
      - three.msg == 'Unsupported parameters for (debug) module\\x3a mgs. Supported parameters include\\x3a msg, var, verbosity.'
      - four.msg == 'Invalid options for fail\\x3a x'
`));

  it('of argument specs say what was checked', () =>
    passes(`
- validate_argument_spec: {argument_spec: {a: {required: true}, b: {type: bool}}, provided_arguments: {b: 7}, validate_args_context: {type: role, name: r}}
  register: it
  ignore_errors: true
- assert: {that: ["it.validate_args_context == {'type': 'role', 'name': 'r'}", it.argument_errors | length == 2, "\\"The value '7' is not a valid boolean.\\" in it.argument_errors[1]"]}
`));
});

describe('a pause', () => {
  it('takes parts of a second, tells how long it was, and refuses words', () =>
    passes(`
- {pause: {seconds: 0.1}, register: one}
- {pause: {seconds: hello}, register: two, ignore_errors: true}
- {pause: {seconds: 1, minutes: 1}, register: three, ignore_errors: true}
- assert: {that: "'parameters are mutually exclusive: minutes|seconds' in three.msg"}
- assert: {that: [one.stdout is match('Paused for \\d+\\.\\d+ seconds'), one.delta is integer, "'unable to convert to int' in two.msg"]}
`));

  it('waits for nobody where nobody can be asked', async () => {
    const played = await playModel('- hosts: all\n  tasks: [pause: ]\n');
    expect(played.events.flatMap((event) => (event.kind === 'warning' ? [event.message] : []))).toEqual([
      'Not waiting for response to prompt as stdin is not interactive',
    ]);
  });
});

describe('assertions', () => {
  it('are quiet where a template says so, and tell of it themselves where it cannot be rendered', async () => {
    const played = await playModel(`
- hosts: all
  vars: {calm: true}
  tasks:
    - ansible.builtin.assert: {that: true, quiet: "{{ calm }}"}
    - ansible.builtin.assert: {that: true, quiet: "{{ not calm }}"}
    - ansible.builtin.assert: {that: true, quiet: "{{ nowhere }}"}
`);
    expect(played.events.flatMap((event) => (event.kind === 'task-start' ? [event.task.quiet] : []))).toEqual([
      true,
      undefined,
      undefined,
    ]);
    expect(played.end.recap['h1']).toMatchObject({ ok: 2, failed: 1 });
  });
});

describe('with -vvv', () => {
  it('results say what a module was called with', async () => {
    const told = async (verbosity: number): Promise<unknown[]> => {
      const played = await playModel(
        '- hosts: all\n  tasks: [{key: {name: a, value: v}}, {key: {name: "{{ item }}", value: v}, loop: [b], when: false}]\n',
        { verbosity },
      );
      return played.events.flatMap((event) => (event.kind === 'host-end' ? [event.outcome.result['invocation']] : []));
    };
    expect(await told(3)).toEqual([{ module_args: { name: 'a', value: 'v', needs: null } }, undefined]);
    const looped = await playModel('- hosts: all\n  tasks: [{key: {name: "{{ item }}", value: v}, loop: [b, c]}]\n', {
      verbosity: 3,
    });
    expect(
      looped.events.flatMap((event) => (event.kind === 'item-end' ? [event.outcome.result['invocation']] : [])),
    ).toEqual(['b', 'c'].map((name) => ({ module_args: { name, value: 'v', needs: null } })));
    expect(await told(2)).toEqual([undefined, undefined]);
  });

  it('modules of the playbook tell for themselves what they were called with', () => {
    expect(
      invocationOf(libraryModule('/own.sh', Buffer.from('#!/bin/sh\n')), { pin: '1' }, { pin: '1' }),
    ).toBeUndefined();
  });

  it('files of the controller are told as they are written, under whatever name', () => {
    expect(
      invocationOf(script, { cmd: { kind: 'file' }, creates: '/x' }, { _raw_params: 'job.sh now', creates: '/x' }),
    ).toMatchObject({ module_args: { cmd: 'job.sh now', creates: '/x', removes: null } });
  });
});

describe('hosts that failed in an earlier play', () => {
  const failing = (rest: string): ReturnType<typeof playModel> =>
    playModel(
      `
- hosts: all
  tasks: [{name: first, raw: "!{{ 1 if inventory_hostname == 'h1' else 0 }}"}]
- hosts: [h1, h2]
${rest}  tasks: [{name: second, raw: "!{{ 1 if inventory_hostname == 'h2' else 0 }}"}]
- hosts: h3
  tasks: [{name: third, raw: ok}]
`,
      { hosts: ['h1', 'h2', 'h3'] },
    );

  it.each(['', '  max_fail_percentage: 50\n'])('count as those that did not fail in a later one%j', async (rest) => {
    expect((await failing(rest)).outcomes.at(-1)).toBe('h3 third changed');
  });
  it('stay away when those of another play are forgiven', async () => {
    const played = await playModel(
      `
- hosts: all
  tasks: [{name: first, raw: "!{{ 1 if inventory_hostname == 'h1' else 0 }}"}]
- hosts: h2
  tasks: [{meta: clear_host_errors}]
- hosts: h1
  tasks: [{name: second, raw: ok}]
`,
      { hosts: ['h1', 'h2'] },
    );
    expect(played.outcomes).toEqual(['h1 first failed', 'h2 first changed']);
    expect(played.end.exit).toBe(2);
  });
  it('keep their places in batches', async () => {
    const played = await playModel(
      `
- hosts: all
  tasks: [{name: first, raw: "!{{ 1 if inventory_hostname == 'h1' else 0 }}"}]
- hosts: all
  serial: 2
  tasks: [{name: second, raw: ok}, {name: third, raw: ok}]
`,
      { hosts: ['h1', 'h2', 'h3'] },
    );
    expect(played.outcomes.slice(3)).toEqual([
      'h2 second changed',
      'h2 third changed',
      'h3 second changed',
      'h3 third changed',
    ]);
  });
});

describe('handlers', () => {
  it('that notify themselves run again at the next flush', async () => {
    const played = await playModel(`
- hosts: all
  tasks:
    - {raw: "+", notify: again}
  handlers: [{name: again, raw: "+", notify: again}]
`);
    expect(played.outcomes.filter((line) => line.includes('again'))).toEqual(['h1 again changed', 'h1 again changed']);
  });

  it('that failed are not forced another time', async () => {
    const played = await playModel(`
- hosts: all
  force_handlers: true
  tasks:
    - {raw: "+", notify: [fails, other]}
    - meta: flush_handlers
  handlers: [{name: fails, raw: "!1"}, {name: other, raw: "+"}]
`);
    expect(played.outcomes.slice(1)).toEqual(['h1 fails failed', 'h1 other changed']);
  });
});

describe('handlers of a role', () => {
  write('listeners/roles/listens/handlers/main.yml', '- {name: handled, debug: , listen: topic}\n');

  it.each(['topic', 'listens : topic'])('listen to "%s"', async (topic) => {
    const played = await playModel(
      `
- hosts: all
  roles: [listens]
  tasks: [{name: one, raw: "+", notify: "${topic}"}]
`,
      { file: join(folder, 'listeners/site.yml') },
    );
    expect(played.outcomes.at(-1)).toBe('h1 handled ok');
  });
});

describe('what is included while the play runs', () => {
  const rescued = (task: string, words = ''): ReturnType<typeof playModel> =>
    playModel(
      `
- hosts: all
  tasks:
    - block:
        - ${task}
      rescue:
        - {name: rescued, assert: {that: words in ansible_failed_result.reason}, vars: {words: "${words}"}}
`,
      { file: join(folder, 'includes/site.yml') },
    );
  write('includes/wrong/yaml.yml', '- debug: [\n');
  write('includes/wrong/module.yml', '- no_such_module_at_all:\n');
  write('includes/wrong/keyword.yml', '- {debug: , no_such_keyword: 1}\n');
  write('includes/wrong/text.yml', '- just text\n');
  write('includes/wrong/template.yml', '- import_tasks: "{{ nothing }}.yml"\n');
  write('includes/mapping.yml', 'debug:\n');
  write('includes/imports.yml', '- import_tasks: none.yml\n');
  write('includes/roles/wrong/tasks/main.yml', '- no_such_module_at_all:\n');
  write('includes/roles/mapping/tasks/main.yml', 'debug:\n');
  write('includes/roles/good/tasks/main.yml', '- {name: inside, debug: }\n');
  write('includes/roles/dependent/meta/main.yml', 'dependencies: [none]\n');

  it.each([
    ...['yaml', 'module', 'keyword', 'text', 'template'].map((name) => `include_tasks: wrong/${name}.yml`),
    ...['{name: wrong}', '{name: mapping}', '{name: good, tasks_from: none}'].map((role) => `include_role: ${role}`),
  ])('ends the run where it is wrong: %s', async (task) => {
    const played = await rescued(task);
    expect({ exit: played.end.exit, rescued: played.outcomes.some((line) => line.includes('rescued')) }).toEqual({
      exit: 4,
      rescued: false,
    });
  });

  it.each([
    ['include_tasks: none.yml', 'Could not find or access'],
    ['include_tasks: imports.yml', 'Could not find or access'],
    ['include_tasks: mapping.yml', 'included task files must contain a list of tasks'],
    ['include_role: {name: none}', "the role 'none' was not found"],
    ['include_role: {name: dependent}', "the role 'none' was not found"],
  ])('fails its host where it is not there: %s', async (task, words) => {
    const played = await rescued(task, words);
    expect(played.end.exit).toBe(0);
    expect(played.outcomes).toContain('h1 rescued ok');
  });

  it('needs no files in folders that a role does not have', async () => {
    const played = await rescued(
      'include_role: {name: good, vars_from: none, defaults_from: none, handlers_from: none}',
    );
    expect(played.outcomes).toContain('h1 inside ok');
  });
});

describe('a role', () => {
  it('has those that include it as parents, and not those that depend on it', async () => {
    write('parents/roles/outer/meta/main.yml', 'dependencies: [needed]\n');
    write('parents/roles/outer/tasks/main.yml', '- include_role: {name: inner}\n');
    write('parents/roles/needed/tasks/main.yml', '- assert: {that: ansible_parent_role_names is undefined}\n');
    write('parents/roles/inner/meta/main.yml', 'dependencies: [below]\n');
    write('parents/roles/inner/tasks/main.yml', '- assert: {that: "ansible_parent_role_names == [\'outer\']"}\n');
    write('parents/roles/below/tasks/main.yml', '- assert: {that: "ansible_parent_role_names == [\'outer\']"}\n');
    const played = await playModel('- hosts: all\n  roles: [outer]\n', { file: join(folder, 'parents/play.yml') });
    expect(played.outcomes.filter((line) => line.includes('assert'))).toEqual([
      'h1 assert ok',
      'h1 assert ok',
      'h1 assert ok',
    ]);
  });
});

describe('a delegated task', () => {
  it('knows in ansible_delegated_vars the name of the host it is for', () =>
    passes(
      `
- assert: {that: ["ansible_delegated_vars['h2'].inventory_hostname == 'h1'", "inventory_hostname == 'h1'"]}
  delegate_to: h2
  when: inventory_hostname == 'h1'
`,
      { hosts: ['h1', 'h2'] },
    ));
});
