// The keywords of Ansible 2.19: each has its effect on modelled hosts, or is refused by name before a host is touched.
import { describe, expect, it } from 'vitest';
import { KEYWORDS, type Place } from '../../src/playbook/keywords.ts';
import { playModel } from './model-host.ts';

/** The keyword reference of Ansible 2.19, place by place, without what is an own test's subject elsewhere. */
const REFERENCE: Readonly<Record<'play' | 'role' | 'block' | 'task' | 'handler', string>> = {
  play: `any_errors_fatal become become_exe become_flags become_method become_user check_mode collections connection debugger diff environment fact_path force_handlers gather_facts gather_subset
    gather_timeout handlers hosts ignore_errors ignore_unreachable max_fail_percentage module_defaults name no_log order port post_tasks pre_tasks remote_user roles run_once serial strategy tags tasks
    throttle timeout user vars vars_files vars_prompt`,
  role: `any_errors_fatal become become_exe become_flags become_method become_user check_mode collections connection debugger delegate_facts delegate_to diff environment ignore_errors ignore_unreachable
    module_defaults name no_log port remote_user run_once tags throttle timeout vars when`,
  block: `always any_errors_fatal become become_exe become_flags become_method become_user block check_mode collections connection debugger delegate_facts delegate_to diff environment ignore_errors
    ignore_unreachable module_defaults name no_log notify port remote_user rescue run_once tags throttle timeout vars when`,
  task: `action any_errors_fatal args async become become_exe become_flags become_method become_user changed_when check_mode collections connection debugger delay delegate_facts delegate_to diff
    environment failed_when ignore_errors ignore_unreachable local_action loop loop_control module_defaults name no_log notify poll port register remote_user retries run_once tags throttle timeout until
    vars when`,
  handler: `action any_errors_fatal args async become become_exe become_flags become_method become_user changed_when check_mode collections connection debugger delay delegate_facts delegate_to diff
    environment failed_when ignore_errors ignore_unreachable listen local_action loop loop_control module_defaults name no_log notify poll port register remote_user retries run_once tags throttle timeout
    until vars when`,
};

describe('the keyword reference', () => {
  it.each(Object.entries(REFERENCE))('is known whole for a %s', (place, words) => {
    const known = KEYWORDS[place as Place];
    expect(words.split(/\s+/).filter((word) => !known.has(word))).toEqual([]);
  });

  it.each([
    ['play', '- hosts: all\n  taskz: []\n', 'taskz'],
    ['block', '- hosts: all\n  tasks:\n    - block: []\n      loop: [1]\n', 'loop'],
    ['task', '- hosts: all\n  tasks:\n    - raw: x\n      regster: r\n', 'regster'],
    ['handler', '- hosts: all\n  handlers:\n    - {name: h, raw: x, listn: t}\n', 'listn'],
  ])('names a word that is none of a %s', async (_place, yaml, word) => {
    await expect(playModel(yaml)).rejects.toThrow(word);
  });
});

const lines = async (tasks: string, options: Parameters<typeof playModel>[1] = {}) => {
  const played = await playModel(tasks, options);
  return { ...played, told: played.outcomes };
};

describe('loops', () => {
  it('nest by include, with index, extended and label', async () => {
    const played = await lines(`
- hosts: all
  tasks:
    - raw: "{{ outer }}{{ n }}{{ ansible_loop.last }}"
      loop: [a, b]
      loop_control: {loop_var: outer, index_var: n, extended: true, label: "<{{ outer }}>"}
      register: r
    - assert: {that: ["r.results | map(attribute='stdout') == ['a0False', 'b1True']", "r.results[0].outer == 'a'"]}
`);
    expect(played.end.exit).toBe(0);
    expect(played.events.flatMap((event) => (event.kind === 'item-end' ? [event.label] : []))).toEqual(['<a>', '<b>']);
  });

  it('break when the condition holds', async () => {
    const played = await lines(`
- hosts: all
  tasks:
    - raw: "{{ item }}"
      loop: [1, 2, 3]
      loop_control: {break_when: r.stdout == '2'}
      register: r
    - assert: {that: r.results | length == 2}
`);
    expect(played.end.exit).toBe(0);
  });

  it('try each item until its own condition holds', async () => {
    const played = await lines(`
- hosts: all
  tasks:
    - raw: "{{ item }}"
      loop: [1, 2]
      until: r.stdout == '1'
      retries: 1
      delay: 0
      register: r
      ignore_errors: true
    - assert: {that: ["r.results[0].attempts == 1", "r.results[1].attempts == 1", "r.results[1] is failed", "r.results[0] is not failed"]}
`);
    expect(played.end.exit).toBe(0);
  });
});

describe('hosts', () => {
  it('come in the order asked for, and only as many at a time as throttle lets', async () => {
    const played = await lines('- hosts: all\n  order: reverse_sorted\n  tasks: [{raw: x, throttle: 1}]\n', {
      hosts: ['h1', 'h3', 'h2'],
    });
    expect(played.told.map((line) => line.split(' ')[0])).toEqual(['h3', 'h2', 'h1']);
  });

  it('go on where one is unreachable and that is ignored', async () => {
    const played = await lines(
      `
- hosts: all
  tasks:
    - {name: touch, raw: x, ignore_unreachable: true, register: r}
    - {name: after, debug: {msg: "{{ r.unreachable | default(false) }}"}}
`,
      { hosts: ['h1', 'h2'], gone: ['h2'] },
    );
    expect(played.told).toEqual(expect.arrayContaining(['h2 touch unreachable ignored', 'h2 after ok']));
    expect(played.end.exit).toBe(0);
  });

  it('get facts that are set for the delegate only with delegate_facts', async () => {
    const played = await lines(
      `
- hosts: h1
  tasks:
    - {set_fact: {a: 1}, delegate_to: h2, delegate_facts: true}
    - {set_fact: {b: 2}, delegate_to: h2}
    - assert: {that: [hostvars.h2.a == 1, a is not defined, b == 2, hostvars.h2.b is not defined]}
`,
      { hosts: ['h1', 'h2'] },
    );
    expect(played.end.exit).toBe(0);
  });

  it('all have what run_once registered, and one runs it', async () => {
    const played = await lines(
      `
- hosts: all
  tasks:
    - {raw: "{{ inventory_hostname }}", run_once: true, register: r, delegate_to: h2}
    - assert: {that: r.stdout == 'h1'}
`,
      { hosts: ['h1', 'h2'] },
    );
    expect(played.end.exit).toBe(0);
    expect(played.machines.get('h2')?.log).toEqual(['run h1']);
  });

  it('stop together at a failure in a block with any_errors_fatal, and its rescue runs for all', async () => {
    const played = await lines(
      `
- hosts: all
  tasks:
    - any_errors_fatal: true
      block: [{name: bad, raw: "!1", when: inventory_hostname == 'h1'}, {name: never, raw: x}]
      rescue: [{name: mend, raw: y}]
    - {name: next, raw: z}
`,
      { hosts: ['h1', 'h2'] },
    );
    expect(played.told).toEqual(
      expect.arrayContaining(['h1 mend changed', 'h2 mend changed', 'h1 next changed', 'h2 next changed']),
    );
    expect(played.told.join()).not.toContain('never');
    expect(played.end.exit).toBe(0);
  });
});

describe('meta', () => {
  it('clear_host_errors: failures are counted, and later plays have the hosts again', async () => {
    const played = await lines(
      `
- hosts: all
  tasks:
    - {name: bad, raw: "!1", when: inventory_hostname == 'h1'}
    - meta: clear_host_errors
- hosts: all
  tasks:
    - {name: again, assert: {that: ansible_play_batch | length == 2}}
`,
      { hosts: ['h1', 'h2'] },
    );
    expect(played.told.filter((line) => line.includes('again'))).toEqual(['h1 again ok', 'h2 again ok']);
    expect(played.end.recap['h1']?.failed).toBe(1);
    expect(played.end.exit).toBe(0);
  });

  it('end_host, noop, and end_play under a condition', async () => {
    const played = await lines(
      `
- hosts: all
  tasks:
    - meta: noop
    - meta: end_host
      when: inventory_hostname == 'h1'
    - {name: one, raw: x}
    - meta: end_play
    - {name: two, raw: x}
`,
      { hosts: ['h1', 'h2'] },
    );
    expect(played.told).toEqual(['h2 one changed']);
  });
});

describe('running', () => {
  it('begins at the task that --start-at-task names', async () => {
    const played = await lines(
      '- hosts: all\n  tasks: [{name: one, raw: x}, {name: two words, raw: x}, {name: three, raw: x}]\n',
      { startAtTask: 'two*' },
    );
    expect(played.told).toEqual(['h1 two words changed', 'h1 three changed']);
  });

  const messages = (played: Awaited<ReturnType<typeof lines>>): string[] =>
    played.events.flatMap((event) =>
      event.kind === 'error'
        ? [`${event.message} (${event.hint ?? ''})`]
        : event.kind === 'warning'
          ? [event.message]
          : [],
    );

  it('is an error where no task is the one to start at', async () => {
    const played = await lines('- hosts: all\n  tasks: [{name: one, raw: x}, {name: second, raw: x}]\n', {
      startAtTask: 'secnd',
    });
    expect({ told: played.told, exit: played.end.exit, messages: messages(played) }).toEqual({
      told: [],
      exit: 1,
      messages: [
        'No matching task "secnd" found. Note: --start-at-task can only follow static includes. (did you mean "second"?)',
      ],
    });
  });

  it('warns of a tag that no task has, with the one that is probably meant', async () => {
    const play = '- hosts: all\n  tasks: [{name: one, raw: x, tags: [docker]}, {name: two, raw: x}]\n';
    const told = async (...tags: string[]) => messages(await lines(play, { tags }));
    expect(await told('dokcer')).toEqual(['--tags dokcer: no task has this tag (is "docker" meant?)']);
    expect(await told('docker', 'web')).toEqual([
      '--tags web: no task has this tag ("--list-tags" lists those there are; what an include brings is met only if the include is selected too)',
    ]);
    expect(await told('docker', 'untagged', 'always')).toEqual([]);
  });

  it('names the handler that is probably meant', async () => {
    const played = await lines(
      '- hosts: all\n  tasks: [{raw: x, notify: restart ngnix}]\n  handlers: [{name: restart nginx, raw: x}]\n',
    );
    expect(messages(played)).toEqual([
      'The requested handler \'restart ngnix\' was not found in either the main handlers list nor in the listening handlers list (did you mean "restart nginx"?)',
    ]);
  });

  it('asks before each task with --step, until the answer is to go on', async () => {
    const asked: string[] = [];
    const answers = ['no', 'continue'] as const;
    const played = await lines(
      '- hosts: all\n  tasks: [{name: one, raw: x}, {name: two, raw: x}, {name: three, raw: x}]\n',
      { step: (task) => Promise.resolve(answers[asked.push(task) - 1] ?? 'yes') },
    );
    expect(asked).toEqual(['one', 'two']);
    expect(played.told).toEqual(['h1 two changed', 'h1 three changed']);
  });

  it('takes arguments from module_defaults and lets the task win', async () => {
    const played = await lines(`
- hosts: all
  module_defaults: {key: {name: a, value: play}}
  tasks:
    - key:
    - key: {name: b}
      module_defaults: {key: {value: task}}
    - key: {name: c, value: own}
`);
    expect(Object.fromEntries(played.machines.get('h1')?.state ?? [])).toEqual({ a: 'play', b: 'task', c: 'own' });
  });

  it('selects by tags, with always and never', async () => {
    const yaml =
      '- hosts: all\n  tags: p\n  tasks: [{name: one, raw: x, tags: a}, {name: two, raw: x, tags: always}, {name: three, raw: x, tags: [never, d]}, {name: four, raw: x}]\n';
    const names = async (tags: string[], skipTags: string[] = []) =>
      (await lines(yaml, { tags, skipTags })).told.map((line) => line.split(' ')[1]);
    expect(await names([])).toEqual(['one', 'two', 'four']);
    expect(await names(['a'])).toEqual(['one', 'two']);
    expect(await names(['d'])).toEqual(['two', 'three']);
    expect(await names(['p'], ['a'])).toEqual(['two', 'three', 'four']);
    expect(await names(['untagged'])).toEqual(['two']);
  });
});

describe('a keyword with a value that it cannot have', () => {
  const result = async (keyword: string): Promise<unknown> => {
    const played = await playModel(
      `- hosts: all\n  vars: {list: [1], word: maybe, three: 3}\n  tasks:\n    - raw: ok\n      ${keyword.replace(/^\{(.*?), (loop_control.*)\}$/, '$1\n      $2')}\n`,
    );
    return played.events.flatMap((event) =>
      event.kind === 'host-end'
        ? [event.outcome.result['msg'] ?? event.outcome.result['censored'] ?? event.outcome.kind]
        : [],
    )[0];
  };
  it.each([
    ['any_errors_fatal: [1]', "[1] could not be converted to 'bool'"],
    ['become: {a: 1}', "{'a': 1} could not be converted to 'bool'"],
    ['check_mode: []', "[] could not be converted to 'bool'"],
    ['diff: "{{ word }}"', "'maybe' could not be converted to 'bool'"],
    ['ignore_errors: "{{ list }}"', "[1] could not be converted to 'bool'"],
    ['ignore_unreachable: 2', "2 could not be converted to 'bool'"],
    ['run_once: [1]', "[1] could not be converted to 'bool'"],
    ['delegate_facts: maybe', "'maybe' could not be converted to 'bool'"],
    ['timeout: abc', "Error processing keyword 'timeout': The value 'abc' could not be converted to 'int'"],
    ['port: abc', "'abc' could not be converted to 'int'"],
    ['poll: "{{ word }}"', "'maybe' could not be converted to 'int'"],
    ['async: abc', "Error processing keyword 'async_val': The value 'abc' could not be converted to 'int'"],
    ['throttle: 1.5', "1.5 could not be converted to 'int'"],
    ['debugger: sometimes', "'sometimes' is not a valid value for debugger"],
    ['no_log: [1]', 'the output has been hidden'],
    [
      '{loop: [1], loop_control: {pause: abc}}',
      "Error processing keyword 'pause': The value 'abc' could not be converted to 'float'",
    ],
  ])('%s fails its task', async (keyword, message) => {
    expect(await result(keyword)).toContain(message);
  });
  it.each([
    ['throttle:', "int() argument must be a string, a bytes-like object or a real number, not 'NoneType'"],
    ['throttle: abc', "invalid literal for int() with base 10: 'abc'"],
    ['throttle: "{{ nope }}"', "'nope' is undefined"],
  ])('%s ends the run', async (keyword, message) => {
    const played = await playModel(`- hosts: all\n  tasks: [{raw: ok, ${keyword}}, {raw: ok}]\n`);
    expect(played.end.exit).toBe(1);
    expect(played.events.flatMap((event) => (event.kind === 'error' ? [event.message] : []))).toEqual([
      `Failed to convert the throttle value to an integer: ${message}`,
    ]);
  });
  it('is not told where results are hidden', async () => {
    for (const [keyword, options] of [
      ['no_log: true', {}],
      ['register: x', { noLog: true }],
    ] as const) {
      const played = await playModel(
        `- hosts: all\n  vars: {pin: tulip}\n  tasks: [{raw: ok, port: "{{ pin }}", ${keyword}}]\n`,
        options,
      );
      expect(played.end.recap['h1']).toMatchObject({ failed: 1 });
      expect(JSON.stringify(played.events.filter(({ kind }) => kind === 'host-end'))).not.toContain('tulip');
    }
  });
  it.each(['1', '1.0', '"1.0"', '"{{ 2 / 2 }}"'])('%s is true', async (one) => {
    const played = await playModel(`- hosts: all\n  tasks: [{raw: "!1", ignore_errors: ${one}}]\n`);
    expect(played.end.recap['h1']).toMatchObject({ ignored: 1, failed: 0 });
  });
  it.each([
    'become: "no"',
    'check_mode: "{{ omit }}"',
    'diff: 0',
    'timeout: "{{ three }}"',
    'throttle: "2"',
    'debugger: never',
    'ignore_errors: 1.0',
    'no_log: "off"',
  ])('%s is fine', async (keyword) => {
    expect(await result(keyword)).toBe('changed');
  });
  it('takes an environment that is omitted for none', async () => {
    expect(
      (await playModel('- hosts: all\n  environment: "{{ omit }}"\n  tasks: [{raw: ok}]\n')).outcomes.map((line) =>
        line.split(' ').at(-1),
      ),
    ).toEqual(['changed']);
  });
  it('leaves out an environment that is no mapping, and says so', async () => {
    const played = await playModel('- hosts: all\n  environment: 5\n  tasks: [{raw: ok}]\n');
    expect(played.outcomes.map((line) => line.split(' ').at(-1))).toEqual(['changed']);
    expect(played.events.flatMap((event) => (event.kind === 'warning' ? [event.message] : []))).toEqual([
      'could not parse environment value, skipping: [5]',
    ]);
  });
});
