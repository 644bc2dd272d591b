// How plays flow over hosts: order, failures, blocks, handlers, serial, run_once, includes of values; on modelled hosts.
import { describe, expect, it } from 'vitest';
import { playModel } from './model-host.ts';

const recap = (played: Awaited<ReturnType<typeof playModel>>, host: string): Record<string, number> =>
  Object.fromEntries(Object.entries(played.end.recap[host] ?? {}).filter(([, count]) => count > 0));

describe('tasks in order', () => {
  it('takes every task on all hosts before the next under linear', async () => {
    const played = await playModel(
      `
- hosts: all
  tasks:
    - {name: one, key: {name: a, value: x}}
    - {name: two, raw: hello}
`,
      { hosts: ['h1', 'h2'] },
    );
    expect(played.outcomes).toEqual(['h1 one changed', 'h2 one changed', 'h1 two changed', 'h2 two changed']);
    expect(played.end.exit).toBe(0);
  });

  it('costs one exchange where nothing is to change', async () => {
    const played = await playModel(
      `
- hosts: all
  tasks:
${Array.from({ length: 20 }, (_, index) => `    - {name: t${index}, key: {name: k${index}, value: v}}`).join('\n')}
`,
      { state: { h1: Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`k${index}`, 'v'])) } },
    );
    expect(played.exchanges).toBe(1);
    expect(recap(played, 'h1')).toEqual({ ok: 20 });
  });

  it('asks little ahead while everything changes, and more again when nothing does', async () => {
    const tasks = Array.from(
      { length: 40 },
      (_, index) => `    - {name: t${index}, key: {name: k${index}, value: v}}`,
    ).join('\n');
    const asked = async (there: number): Promise<number[]> => {
      const state = Object.fromEntries(
        Array.from({ length: 40 }, (_, index) => [`k${index}`, index < 10 || index >= 10 + there ? 'v' : 'old']),
      );
      const played = await playModel(`- hosts: all\n  tasks:\n${tasks}\n`, { state: { h1: state } });
      expect(recap(played, 'h1')).toEqual(there === 0 ? { ok: 40 } : { ok: 40, changed: there });
      return played.events.flatMap((event) => (event.kind === 'exchange' ? [event.probes] : []));
    };
    const quiet = await asked(0);
    const busy = await asked(10);
    expect(quiet.length).toBeLessThanOrEqual(2);
    // Behind the first change a few, behind each further one the next alone; then as before.
    expect(
      busy.slice(2, 11).every((probes) => probes <= 3),
      busy.join(),
    ).toBe(true);
    expect(busy.length).toBeLessThanOrEqual(14);
    expect(busy.reduce((sum, probes) => sum + probes, 0)).toBeLessThanOrEqual(
      2 * quiet.reduce((sum, probes) => sum + probes, 0) + 10,
    );
  });

  it('asks one by one with a window of 1', async () => {
    const played = await playModel(
      `
- hosts: all
  tasks:
    - {key: {name: a, value: v}}
    - {key: {name: b, value: v}}
    - {key: {name: c, value: v}}
`,
      { window: 1, state: { h1: { a: 'v', b: 'v', c: 'v' } } },
    );
    expect(played.exchanges).toBe(3);
  });

  it('carries out the items of a loop in one exchange', async () => {
    const played = await playModel(`
- hosts: all
  tasks:
    - key: {name: "k{{ item }}", value: "{{ item }}"}
      loop: "{{ range(50) | list }}"
      register: all
    - ansible.builtin.assert: {that: [all.results | length == 50, "all.results[49].value == '49'", all is changed]}
`);
    expect(played.end.exit).toBe(0);
    expect(played.exchanges).toBeLessThanOrEqual(2);
    expect(played.machines.get('h1')?.state.get('k49')).toBe('49');
  });

  it('tells the difference of an item in the words of its module, in a loop as without one', async () => {
    const played = await playModel(
      `
- hosts: all
  tasks:
    - {key: {name: a, value: x}, register: alone}
    - {key: {name: "{{ item }}", value: x}, loop: [b, c], register: all}
    - ansible.builtin.assert: {that: ["alone.diff == {'before': {'a': none}, 'after': {'a': 'x'}}", "all.results[1].diff == {'before': {'c': none}, 'after': {'c': 'x'}}"]}
`,
      { diff: true },
    );
    expect(played.end.exit).toBe(0);
  });

  it('goes on with the items behind one that fails', async () => {
    const played = await playModel(`
- hosts: all
  tasks:
    - key: {name: "{{ item.0 }}", value: "{{ item.1 }}"}
      loop: [[a, "1"], [b, broken], [c, "3"]]
      register: all
      ignore_errors: true
    - ansible.builtin.assert:
        that: ["all is failed", "all.results[0] is changed", "all.results[1] is failed", "all.results[2] is changed"]
`);
    expect(played.end.exit).toBe(0);
    expect(Object.fromEntries(played.machines.get('h1')?.state ?? [])).toEqual({ a: '1', c: '3' });
  });
});

describe('failures', () => {
  it('leaves the failed host out and goes on with the others', async () => {
    const played = await playModel(
      `
- hosts: all
  tasks:
    - {name: one, raw: "!{{ 3 if inventory_hostname == 'h1' else 0 }}"}
    - {name: two, raw: ok}
- hosts: all
  tasks:
    - {name: three, raw: ok}
`,
      { hosts: ['h1', 'h2'] },
    );
    expect(played.outcomes).toEqual(['h1 one failed', 'h2 one changed', 'h2 two changed', 'h2 three changed']);
    expect(played.end.exit).toBe(2);
  });

  it('is unreachable where the machine is gone, with exit status 4', async () => {
    const played = await playModel('- hosts: all\n  tasks:\n    - {name: one, raw: ok}\n', {
      hosts: ['h1', 'h2'],
      gone: ['h1'],
    });
    expect(played.outcomes).toEqual(['h1 one unreachable', 'h2 one changed']);
    expect(played.end.exit).toBe(4);
  });

  it('rescues, then always', async () => {
    const played = await playModel(`
- hosts: all
  tasks:
    - block:
        - {name: fails, raw: "!1"}
        - {name: never, raw: ok}
      rescue:
        - name: saved
          ansible.builtin.assert: {that: ["ansible_failed_task.name == 'fails'", ansible_failed_result.rc == 1]}
      always:
        - {name: at last, raw: ok}
    - {name: after, raw: ok}
`);
    expect(played.outcomes).toEqual(['h1 fails failed', 'h1 saved ok', 'h1 at last changed', 'h1 after changed']);
    expect(recap(played, 'h1')).toEqual({ ok: 3, changed: 2, rescued: 1 });
    expect(played.end.exit).toBe(0);
  });

  it('ends the play for all with any_errors_fatal', async () => {
    const played = await playModel(
      `
- hosts: all
  any_errors_fatal: true
  tasks:
    - {name: one, raw: "!{{ 3 if inventory_hostname == 'h1' else 0 }}"}
    - {name: two, raw: ok}
`,
      { hosts: ['h1', 'h2'] },
    );
    expect(played.outcomes).toEqual(['h1 one failed', 'h2 one changed']);
    expect(played.end.exit).toBe(2);
  });

  it.each(['include_tasks: missing.yml', 'include_role: {name: missing}'])(
    'ends the play for all when %s fails with any_errors_fatal',
    async (include) => {
      const played = await playModel(
        `
- hosts: all
  any_errors_fatal: true
  tasks:
    - {name: one, ${include}, when: inventory_hostname == 'h2'}
    - {name: two, raw: ok}
`,
        { hosts: ['h1', 'h2'] },
      );
      expect(played.outcomes.filter((line) => line.includes('two'))).toEqual([]);
      expect(played.end.exit).toBe(2);
    },
  );

  it('takes what is around the task where a template omits a keyword', async () => {
    const played = await playModel(`
- hosts: all
  ignore_errors: true
  tasks:
    - {name: one, raw: "!3", ignore_errors: "{{ omit }}"}
    - {name: two, raw: ok, check_mode: "{{ nothing | default(omit) }}", loop: [1, 2], run_once: "{{ omit }}"}
    - {name: three, raw: "!3", loop: [a, b], ignore_errors: "{{ (item == 'a') | ternary(omit, false) }}"}
`);
    expect(played.outcomes).toEqual(['h1 one failed ignored', 'h1 two changed', 'h1 three failed']);
  });

  it('gathers facts without the environment that asks for them', async () => {
    const played = await playModel(`
- hosts: all
  environment: {PATH: "{{ ansible_env.PATH }}:/own", OTHER: "{{ nothing }}"}
  tasks:
    - {name: one, raw: ok}
`);
    expect(played.outcomes).toEqual(['h1 one failed']);
    const other = await playModel(`
- hosts: all
  environment: {PATH: "{{ ansible_env.PATH }}:/own", OTHER: "{{ nothing | default(omit) }}"}
  tasks:
    - {name: one, raw: ok}
`);
    expect(other.outcomes).toEqual(['h1 one changed']);
  });

  it('tells tasks of their connection, where nothing is written and where its other name is', async () => {
    const played = await playModel(`
- hosts: all
  remote_user: "{{ ansible_user | default('nobody') }}"
  vars: {ansible_ssh_port: 2222}
  tasks:
    - {name: told, debug: {msg: "{{ [ansible_host, ansible_ssh_host, ansible_port, ansible_connection, ansible_user is defined] }}"}}
    - {name: as, debug: {msg: "{{ [ansible_user, ansible_ssh_user] }}"}, remote_user: me}
    - {name: looked up, debug: {msg: "{{ lookup('vars', 'ansible_host') }} {{ hostvars.h1.ansible_host is defined }}"}}
`);
    expect(played.events.flatMap((event) => (event.kind === 'host-end' ? [event.outcome.result['msg']] : []))).toEqual([
      ['h1', 'h1', 2222, 'ssh', false],
      ['me', 'me'],
      'h1 False',
    ]);
  });

  it('stops between batches when more hosts failed than max_fail_percentage', async () => {
    const played = await playModel(
      `
- hosts: all
  serial: 2
  max_fail_percentage: 30
  tasks:
    - {name: one, raw: "!{{ 3 if inventory_hostname == 'h1' else 0 }}"}
    - {name: two, raw: ok}
`,
      { hosts: ['h1', 'h2', 'h3', 'h4'] },
    );
    expect(played.outcomes).toEqual(['h1 one failed', 'h2 one changed']);
    expect(played.end.exit).toBe(2);
  });

  it('takes set_stats by its words, and refuses what is no mapping of names', async () => {
    const played = await playModel(`
- hosts: all
  ignore_errors: true
  tasks:
    - {name: one, set_stats: {data: {n: 1}, aggregate: "x"}}
    - {name: two, set_stats: {data: {n: 2}, aggregate: "no"}}
    - {name: three, set_stats: {data: [1]}}
    - {name: four, set_stats: {data: {.bad: 1}}}
`);
    expect(played.outcomes).toEqual(['h1 one ok', 'h1 two ok', 'h1 three failed ignored', 'h1 four failed ignored']);
    expect(
      played.events.flatMap((event) =>
        event.kind === 'host-end' && event.outcome.kind === 'failed' ? [event.outcome.result['msg']] : [],
      ),
    ).toEqual([
      "The 'data' option needs to be a dictionary/hash",
      expect.stringContaining("The variable name '.bad' is not valid."),
    ]);
    expect(played.events.at(-1)).toMatchObject({ kind: 'run-end', stats: { _run: { n: 2 } } });
  });

  it('counts an ignored failure as ok and ignored', async () => {
    const played = await playModel(
      '- hosts: all\n  tasks:\n    - {name: one, raw: "!1", ignore_errors: true}\n    - {name: two, raw: ok}\n',
    );
    expect(recap(played, 'h1')).toEqual({ ok: 2, changed: 2, ignored: 1 });
  });

  it('tells an undefined variable with its place', async () => {
    const played = await playModel('- hosts: all\n  tasks:\n    - name: one\n      raw: "{{ no_such_thing }}"\n');
    const [end] = played.events.filter((event) => event.kind === 'host-end');
    expect(end?.kind === 'host-end' && String(end.outcome.result['msg'])).toContain("'no_such_thing' is undefined");
    expect(end?.kind === 'host-end' && String(end.outcome.result['place'])).toContain('/tmp/model/play.yml:4:');
  });
});

describe('conditions and retries', () => {
  it('skips and registers the skip', async () => {
    const played = await playModel(`
- hosts: all
  tasks:
    - {name: one, raw: ok, when: false, register: r}
    - ansible.builtin.assert: {that: [r is skipped, r is not changed, r is not failed]}
`);
    expect(played.outcomes[0]).toBe('h1 one skipped');
    expect(played.end.exit).toBe(0);
  });

  it('tries until the condition holds', async () => {
    const played = await playModel(`
- hosts: all
  tasks:
    - name: one
      raw: "+n={{ (lookup('ansible.builtin.vars', 'r', default={'attempts': 0}).attempts | default(0)) }} ?n"
      register: r
      until: r.attempts == 3
      retries: 5
      delay: 0
    - ansible.builtin.assert: {that: [r.attempts == 3]}
`);
    expect(played.end.exit).toBe(0);
    expect(played.events.filter((event) => event.kind === 'retry')).toHaveLength(2);
  });

  it('hides results where the settings say so and the task does not say otherwise', async () => {
    const played = await playModel(
      `
- hosts: all
  tasks:
    - {name: one, debug: {msg: quiet}}
    - {name: two, debug: {msg: loud}, no_log: false}
    - {name: three, debug: {msg: "{{ item }}"}, loop: [1]}
`,
      { noLog: true },
    );
    expect(
      played.events.flatMap((event) => (event.kind === 'host-end' ? ['censored' in event.outcome.result] : [])),
    ).toEqual([true, false, true]);
  });

  it('fails where a keyword that is a boolean holds another word', async () => {
    const played = await playModel(`
- hosts: all
  tasks:
    - {name: one, raw: ok, diff: "yes.", ignore_errors: true}
    - {name: two, raw: ok, diff: "Yes"}
`);
    expect(played.outcomes).toEqual(['h1 one failed ignored', 'h1 two changed']);
    expect(played.events.find((event) => event.kind === 'host-end')).toMatchObject({
      outcome: {
        result: { msg: expect.stringContaining("The value 'yes.' could not be converted to 'bool'.") as unknown },
      },
    });
  });

  it('refuses a script that is to go on by itself', async () => {
    const played = await playModel(`
- hosts: all
  tasks:
    - {name: one, script: /no/such/script, async: 5, ignore_errors: true}
`);
    expect(played.outcomes).toEqual(['h1 one failed ignored']);
    expect(played.events.find((event) => event.kind === 'host-end')).toMatchObject({
      outcome: { result: { msg: 'This action (script) does not support async.' } },
    });
  });

  it('tells a rescue of the task that failed, whatever only its items know', async () => {
    const played = await playModel(`
- hosts: all
  tasks:
    - block:
        - {fail: {msg: "m {{ item }}"}, loop: [1, 2], register: x, when: item > 0, tags: [t], vars: {q: 1}}
      rescue:
        - assert: {that: ["ansible_failed_task.name == ''", "ansible_failed_task.action == 'fail'", "ansible_failed_task.args == {'msg': 'm ' ~ '{' ~ '{ item }' ~ '}'}", "ansible_failed_task.loop == [1, 2]", "ansible_failed_task.register == 'x'", "ansible_failed_task.tags == ['t']", "ansible_failed_task.when == ['item > 0']", "ansible_failed_task.vars == {'q': 1}"]}
`);
    expect(played.end.exit).toBe(0);
  });

  it('rescues from failures of their own only those hosts that failed, where one is fatal for all', async () => {
    const played = await playModel(
      `
- hosts: all
  tasks:
    - any_errors_fatal: true
      block: [{fail: {msg: x}, when: inventory_hostname == 'h2'}]
      rescue: [{name: seen, raw: ok}]
`,
      { hosts: ['h1', 'h2'] },
    );
    expect(played.outcomes.filter((line) => line.includes('seen'))).toEqual(['h1 seen changed', 'h2 seen changed']);
    expect(
      played.events.flatMap((event) =>
        event.kind === 'run-end' ? Object.entries(event.recap).map(([host, { rescued }]) => `${host} ${rescued}`) : [],
      ),
    ).toEqual(['h1 0', 'h2 1']);
  });

  it('counts retries as attempts where they run out, and makes one attempt without any', async () => {
    const played = await playModel(`
- hosts: all
  tasks:
    - {fail: {msg: x}, retries: 2, delay: 0, ignore_errors: true, register: a}
    - {fail: {msg: x}, retries: 0, until: false, ignore_errors: true, register: b}
    - {debug: {msg: x}, retries: -1, until: false, register: c}
    - {debug: {msg: x}, retries: abc, until: true, ignore_errors: true, register: d}
    - assert: {that: [a.attempts == 2, a is failed, b.attempts is undefined, c is success, c.attempts is undefined, d.msg is search("Error processing keyword 'retries'")]}
`);
    expect(played.end.exit).toBe(0);
  });

  it('keeps what failed_when says where the attempts run out', async () => {
    const played = await playModel(`
- hosts: all
  tasks:
    - {name: one, raw: ok, register: r, until: false, retries: 1, delay: 0, failed_when: false}
    - {name: two, ansible.builtin.assert: {that: [r is failed, not r.failed_when_result, r.attempts == 1]}}
`);
    expect(played.outcomes).toEqual(['h1 one changed', 'h1 two ok']);
  });

  it('judges by failed_when and changed_when', async () => {
    const played = await playModel(`
- hosts: all
  tasks:
    - {name: one, raw: "!4", register: r, failed_when: r.rc == 3, changed_when: false}
    - {name: two, raw: "hello", register: r, failed_when: "'hello' in r.stdout", ignore_errors: true}
`);
    expect(played.outcomes).toEqual(['h1 one ok', 'h1 two failed ignored']);
  });
});

describe('handlers', () => {
  it('end the run where one is not there, unless that is only to be warned of', async () => {
    const play = `
- hosts: all
  tasks:
    - {name: one, raw: "+x=1", notify: missing}
    - {name: two, raw: ok}
`;
    const played = await playModel(play, { hosts: ['h1', 'h2'] });
    expect(played.outcomes.filter((line) => line.includes('two'))).toEqual([]);
    expect(played.end.exit).toBe(1);
    expect(played.events.flatMap((event) => (event.kind === 'error' ? [event.message] : []))).toEqual([
      "The requested handler 'missing' was not found in either the main handlers list nor in the listening handlers list",
    ]);
    const warned = await playModel(play, { missingHandlerIsError: false });
    expect(warned.outcomes).toEqual(['h1 one changed', 'h1 two changed']);
  });

  it('are the first of their name in a list, once for each name that listens, and listen to topics as written', async () => {
    const played = await playModel(
      `
- hosts: all
  vars: {topic: t2}
  tasks:
    - {name: one, raw: "+x=1", notify: [t1, "{{ topic }}"]}
  handlers:
    - {name: t1, debug: {msg: first}}
    - {name: t1, debug: {msg: second}}
    - {name: other, debug: {msg: third}, listen: t1}
    - {name: other, debug: {msg: fourth}, listen: t1}
    - {name: never, debug: {msg: fifth}, listen: "{{ topic }}"}
`,
      { missingHandlerIsError: false },
    );
    expect(
      played.events.flatMap((event) =>
        event.kind === 'host-end' && 'msg' in event.outcome.result ? [event.outcome.result['msg']] : [],
      ),
    ).toEqual(['first', 'third']);
  });

  it('run once, in the order of their definition, after the tasks', async () => {
    const played = await playModel(`
- hosts: all
  tasks:
    - {name: one, raw: ok, notify: second}
    - {name: two, raw: ok, notify: [first, second, topic]}
    - {name: unchanged, key: {name: a}, notify: third}
  handlers:
    - {name: first, raw: ok}
    - {name: second, raw: ok}
    - {name: third, raw: ok}
    - {name: fourth, raw: ok, listen: topic}
`);
    expect(played.outcomes.slice(3)).toEqual(['h1 first changed', 'h1 second changed', 'h1 fourth changed']);
  });

  it('flush in the middle, and a failed host keeps its own pending', async () => {
    const played = await playModel(`
- hosts: all
  tasks:
    - {name: one, raw: ok, notify: hand}
    - ansible.builtin.meta: flush_handlers
    - {name: two, raw: ok, notify: hand}
    - {name: three, raw: "!1"}
  handlers:
    - {name: hand, raw: ok}
`);
    expect(played.outcomes).toEqual(['h1 one changed', 'h1 hand changed', 'h1 two changed', 'h1 three failed']);
    const end = played.events.at(-1);
    expect(end?.kind === 'run-end' && end.pendingHandlers).toEqual({ h1: ['hand'] });
  });

  it('end the run where one that is notified flushes, and are no trouble otherwise', async () => {
    const text = (raw: string) => `
- hosts: all
  tasks:
    - {name: one, raw: "${raw}", notify: hand, changed_when: "'changed' in '${raw}'"}
  handlers:
    - {name: hand, ansible.builtin.meta: flush_handlers}
`;
    expect((await playModel(text('ok'))).outcomes).toEqual(['h1 one ok']);
    const flushed = await playModel(text('changed'));
    expect(flushed.events.flatMap((event) => (event.kind === 'error' ? [event.message] : []))).toEqual([
      'flush_handlers cannot be used as a handler',
    ]);
  });

  it('run for failed hosts too when forced', async () => {
    const played = await playModel(`
- hosts: all
  force_handlers: true
  tasks:
    - {name: one, raw: ok, notify: hand}
    - {name: two, raw: "!1"}
  handlers:
    - {name: hand, raw: ok}
`);
    expect(played.outcomes).toEqual(['h1 one changed', 'h1 two failed', 'h1 hand changed']);
    expect(played.end.exit).toBe(2);
  });
});

describe('hosts together', () => {
  it('runs once for all and gives all the result', async () => {
    const played = await playModel(
      `
- hosts: all
  tasks:
    - {name: one, raw: "by-{{ inventory_hostname }}", run_once: true, register: r}
    - ansible.builtin.assert: {that: ["r.stdout == 'by-h1'"]}
`,
      { hosts: ['h1', 'h2', 'h3'] },
    );
    expect(played.outcomes.filter((line) => line.includes('one'))).toEqual(['h1 one changed']);
    expect(played.end.exit).toBe(0);
  });

  it('takes batches by serial', async () => {
    const played = await playModel(
      '- hosts: all\n  serial: [1, "50%"]\n  tasks:\n    - {name: one, raw: ok}\n    - {name: two, raw: ok}\n',
      { hosts: ['h1', 'h2', 'h3', 'h4'] },
    );
    expect(played.outcomes).toEqual([
      'h1 one changed',
      'h1 two changed',
      'h2 one changed',
      'h3 one changed',
      'h2 two changed',
      'h3 two changed',
      'h4 one changed',
      'h4 two changed',
    ]);
  });

  it('delegates actions of several hosts side by side, and changes one after the other', async () => {
    const played = await playModel(
      `
- hosts: all
  tasks:
    - {name: act, raw: "hello {{ inventory_hostname }}", delegate_to: h1}
    - {name: change, key: {name: same, value: "{{ inventory_hostname }}"}, delegate_to: h1}
`,
      { hosts: ['h1', 'h2', 'h3'], during: () => undefined },
    );
    const h1 = played.machines.get('h1');
    expect(h1?.busiest).toBe(3);
    // Each looks at what the one before it left.
    expect(h1?.log.filter((line) => line.startsWith('set'))).toEqual([
      'set same "h1"',
      'set same "h2"',
      'set same "h3"',
    ]);
    expect(
      played.events.flatMap((event) =>
        event.kind === 'host-end' && event.outcome.result['was'] !== undefined ? [event.outcome.result['was']] : [],
      ),
    ).toEqual([null, 'h1', 'h2']);
  });

  it('lets delegated actions that look first take turns', async () => {
    const played = await playModel(
      '- hosts: all\n  tasks:\n    - {name: make, make: {name: a, text: +a=1}, delegate_to: h1}\n',
      { hosts: ['h1', 'h2', 'h3'], during: () => undefined },
    );
    expect(played.machines.get('h1')?.log.filter((line) => line.startsWith('run'))).toEqual(['run +a=1']);
    expect(played.outcomes.toSorted()).toEqual(['h1 make changed', 'h2 make ok', 'h3 make ok']);
  });

  it('delegates with the variables of the host', async () => {
    const played = await playModel(
      `
- hosts: h1
  tasks:
    - {name: one, key: {name: "of_{{ inventory_hostname }}", value: x}, delegate_to: h2}
`,
      { hosts: ['h1', 'h2'] },
    );
    expect(played.machines.get('h2')?.state.get('of_h1')).toBe('x');
    expect(played.machines.get('h1')?.state.size ?? 0).toBe(0);
  });

  it('runs no handler twice where one failed and handlers are forced, and counts what was unreachable and ignored as ok', async () => {
    const played = await playModel(
      `
- hosts: all
  force_handlers: true
  tasks: [{name: notify, raw: ok, notify: [a, b]}]
  handlers: [{name: a, fail: {msg: x}, when: inventory_hostname == 'h2'}, {name: b, raw: ok}]
`,
      { hosts: ['h1', 'h2'] },
    );
    expect(played.outcomes.filter((line) => line.startsWith('h2'))).toEqual(['h2 notify changed', 'h2 a failed']);
    const lost = await playModel('- hosts: all\n  tasks: [{name: one, raw: ok, ignore_unreachable: true}]\n', {
      gone: ['h1'],
    });
    expect(lost.events.flatMap((event) => (event.kind === 'run-end' ? [event.recap['h1']] : []))).toMatchObject([
      { ok: 1, ignored: 1, skipped: 0, unreachable: 0 },
    ]);
  });

  it('fails the task alone whose delegate is not known', async () => {
    const played = await playModel(`
- hosts: h1
  tasks:
    - {name: one, raw: ok, delegate_to: "{{ nobody }}", ignore_errors: true, register: r}
    - {name: two, raw: ok, delegate_to: "{{ nobody }}", loop: [1, 2], ignore_errors: true}
    - {name: three, ansible.builtin.assert: {that: [r is failed, "'nobody' in r.msg"]}}
`);
    expect(played.outcomes).toEqual(['h1 one failed ignored', 'h1 two failed ignored', 'h1 three ok']);
  });

  it('reaches the delegate as variables of the task say', async () => {
    const played = await playModel(
      `
- hosts: h1
  tasks:
    - {name: one, key: {name: here, value: x}, delegate_to: h2, vars: {ansible_host: elsewhere}}
    - vars: {ansible_host: there-block}
      block: [{name: two, key: {name: here, value: y}, delegate_to: unheard-of}]
`,
      { hosts: ['h1', 'h2'] },
    );
    expect(played.machines.get('elsewhere')?.state.get('here')).toBe('x');
    expect([...played.machines.keys()].filter((name) => name.endsWith('-block'))).toHaveLength(1);
    expect(played.machines.has('unheard-of')).toBe(false);
  });

  it('sees facts and variables of others by hostvars', async () => {
    const played = await playModel(
      `
- hosts: all
  tasks:
    - ansible.builtin.set_fact: {mine: "{{ inventory_hostname }}!"}
    - ansible.builtin.assert: {that: ["hostvars['h2'].mine == 'h2!'", "groups['all'] | length == 2", "ansible_play_hosts == ['h1', 'h2']"]}
`,
      { hosts: ['h1', 'h2'] },
    );
    expect(played.end.exit).toBe(0);
  });

  it('goes on freely under strategy free', async () => {
    const played = await playModel(
      '- hosts: all\n  strategy: free\n  tasks:\n    - {name: one, raw: ok}\n    - {name: two, raw: ok}\n',
      { hosts: ['h1', 'h2'] },
    );
    expect([...played.outcomes].sort()).toEqual([
      'h1 one changed',
      'h1 two changed',
      'h2 one changed',
      'h2 two changed',
    ]);
  });

  it('ends a host, the play, and takes hosts from groups made in the play', async () => {
    const played = await playModel(
      `
- hosts: all
  tasks:
    - {name: grouped, ansible.builtin.group_by: {key: "is_{{ inventory_hostname }}"}}
    - {ansible.builtin.meta: end_host, when: inventory_hostname == 'h1'}
    - {name: two, raw: ok}
- hosts: is_h2
  tasks:
    - {name: three, raw: ok}
    - ansible.builtin.meta: end_play
    - {name: never, raw: ok}
`,
      { hosts: ['h1', 'h2'] },
    );
    expect(played.outcomes.filter((line) => !line.includes('grouped'))).toEqual(['h2 two changed', 'h2 three changed']);
  });
});

describe('secrets', () => {
  it('no_log hides the result from events and keeps it for the play', async () => {
    const played = await playModel(`
- hosts: all
  tasks:
    - {name: one, raw: "hidden-text", no_log: true, register: r}
    - ansible.builtin.assert: {that: ["r.stdout == 'hidden-text'"]}
`);
    expect(played.end.exit).toBe(0);
    expect(JSON.stringify(played.events)).not.toContain('hidden-text\\n');
    expect(JSON.stringify(played.events.filter((event) => event.kind === 'host-end'))).not.toContain('hidden-text');
  });
});

describe('the place of a failing expression', () => {
  it.each([
    ['in quotes', '    - {name: t, raw: ok, when: "d.no.such"}'],
    ['over lines', '    - name: t\n      raw: ok\n      when: >-\n        true and\n        d.no.such'],
    [
      'in a list of failed_when',
      "    - name: t\n      raw: ok\n      failed_when:\n        - true\n        - 'd.no.such'",
    ],
    [
      'in a list of assertions',
      '    - name: t\n      ansible.builtin.assert:\n        that:\n          - true\n          - d.no.such',
    ],
    ['in the one assertion', '    - {name: t, ansible.builtin.assert: {that: d.no.such}}'],
    [
      'in a block of text',
      '    - name: t\n      ansible.builtin.debug:\n        msg: |\n          one\n           {{ d.no.such }}',
    ],
  ])('is told %s', async (_, task) => {
    const yaml = `- hosts: all\n  vars: {d: {}}\n  tasks:\n${task}\n`;
    const before = yaml.slice(0, yaml.indexOf('.no.such')).split('\n');
    const played = await playModel(yaml);
    const said = played.events.flatMap((event) => (event.kind === 'host-end' ? [event.outcome.result['place']] : []));
    expect(said).toEqual([
      expect.stringMatching(
        new RegExp(`^at /tmp/model/play.yml:${before.length}:${(before.at(-1) as string).length + 1}$`),
      ),
    ]);
    expect(played.events.flatMap((event) => (event.kind === 'run-end' ? [event.stopped['h1']?.reason] : []))).toEqual([
      expect.stringMatching(/ has no attribute 'no'$/),
    ]);
  });
});
