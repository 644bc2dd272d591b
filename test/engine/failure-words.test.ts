// What a result says of its own failure, word for word what ansible-core 2.19 registers: playbooks compare it.
import { describe, expect, it } from 'vitest';
import { playModel } from './model-host.ts';

const resultsOf = async (task: string): Promise<Record<string, unknown>[]> => {
  const played = await playModel(`- hosts: all\n  vars: {five: 5}\n  tasks:\n    - ${task}\n`);
  return played.events.flatMap((event) =>
    event.kind === 'host-end' || event.kind === 'item-end' ? [event.outcome.result] : [],
  );
};

const ARGS = (action: string, name: string): string =>
  `Task failed: Finalization of task args for 'ansible.builtin.${action}' failed: Error while resolving value for '${name}': 'nope' is undefined`;

describe('the message of a failure', () => {
  it.each([
    ['{debug: {msg: "{{ nope }}"}}', ARGS('debug', 'msg')],
    ['{raw: "echo {{ nope }}"}', ARGS('raw', '_raw_params')],
    ['{set_fact: {x: "{{ nope }}"}}', ARGS('set_fact', 'x')],
    ['{debug: {msg: x}, when: nope}', "Task failed: Error while evaluating conditional: 'nope' is undefined"],
    ['{raw: ok, until: nope, delay: 0}', "Task failed: Error while evaluating conditional: 'nope' is undefined"],
    ['{assert: {that: nope}}', "Task failed: Error while evaluating conditional: 'nope' is undefined"],
    ['{debug: {msg: x}, loop: "{{ nope }}"}', "Task failed: 'nope' is undefined"],
    ['{debug: {msg: x}, loop: "{{ five }}"}', "The `loop` value must resolve to a 'list', not 'int'."],
    ['{debug: {msg: x}, delegate_to: "{{ nope }}"}', "Task failed: 'nope' is undefined"],
    ['{raw: ok, become: "{{ nope }}"}', "Task failed: Error processing keyword 'become': 'nope' is undefined"],
    [
      '{raw: ok, environment: {A: "{{ nope }}"}}',
      "Task failed: Error processing keyword 'environment': 'nope' is undefined",
    ],
    ['{fail: {msg: x}}', 'x'],
    ['{add_host: {groups: g}}', 'name, host or hostname needs to be provided'],
  ])('%s', async (task, message) => {
    expect((await resultsOf(task)).at(-1)?.['msg']).toBe(message);
  });

  it.each(['failed_when', 'changed_when'])('leaves the module its own where %s cannot be judged', async (keyword) => {
    const [result] = await resultsOf(`{fail: {msg: own}, ${keyword}: nope}`);
    expect(result).toMatchObject({
      failed: true,
      msg: 'own',
      [`${keyword}_result`]: "Error while evaluating conditional: 'nope' is undefined",
    });
  });

  it('is that of its label for an item whose label is undefined, whatever the item did', async () => {
    const played = await playModel(
      '- hosts: all\n  tasks: [{debug: {msg: x}, loop: [1, 2], loop_control: {label: "{{ nope }}"}, register: r, ignore_errors: true}, {debug: {var: r.results}}]\n',
    );
    expect(
      played.events.flatMap((event) => (event.kind === 'item-end' ? [[event.label, event.outcome.kind]] : [])),
    ).toEqual([
      ['None', 'failed'],
      ['None', 'failed'],
    ]);
    const failed = (item: number) => ({
      ansible_loop_var: 'item',
      changed: false,
      exception: '(traceback unavailable)',
      failed: true,
      item,
      msg: "Failed to template loop_control.label: 'nope' is undefined",
    });
    expect(played.events.findLast((event) => event.kind === 'host-end')?.outcome.result).toMatchObject({
      'r.results': [failed(1), failed(2)],
    });
  });

  it('is not that of a keyword where the task is left out', async () => {
    expect(await resultsOf('{raw: ok, timeout: abc, when: false}')).toMatchObject([{ skipped: true }]);
  });
});

describe('a label', () => {
  it('may use what its item registered', async () => {
    const played = await playModel(
      '- hosts: all\n  tasks: [{debug: {msg: "<{{ item }}>"}, loop: [a, b], loop_control: {label: "{{ r.msg }}"}, register: r}]\n',
    );
    expect(played.events.flatMap((event) => (event.kind === 'item-end' ? [event.label] : []))).toEqual(['<a>', '<b>']);
  });
});

describe('no_log of a loop', () => {
  it('may hide some items, and then what the loop came to', async () => {
    const played = await playModel(
      '- hosts: all\n  tasks: [{debug: {msg: "tulip {{ item }}"}, loop: [a, b], no_log: "{{ item == \'b\' }}", register: r}, {debug: {msg: "{{ r.results[1].msg }}"}}]\n',
    );
    const shown = played.events.flatMap((event) =>
      event.kind === 'item-end' || event.kind === 'host-end' ? [event.outcome.result['msg'] ?? 'hidden'] : [],
    );
    expect(shown).toEqual(['tulip a', 'hidden', 'hidden', 'tulip b']);
  });
});

describe('max_fail_percentage', () => {
  it('counts no failure that a rescue takes', async () => {
    const played = await playModel(
      '- hosts: all\n  max_fail_percentage: 40\n  tasks:\n    - block: [{fail: {msg: x}, when: inventory_hostname != "h3"}]\n      rescue: [{debug: {msg: rescued}}]\n    - debug: {msg: behind}\n',
      { hosts: ['h1', 'h2', 'h3'] },
    );
    const said = (host: string) =>
      played.events.flatMap((event) =>
        event.kind === 'host-end' && event.host === host ? [event.outcome.result['msg'] ?? event.outcome.kind] : [],
      );
    expect({ exit: played.end.exit, h1: said('h1'), h3: said('h3') }).toEqual({
      exit: 0,
      h1: ['x', 'rescued', 'behind'],
      h3: ['skipped', 'behind'],
    });
  });
});

describe('a host that is not reached', () => {
  const yaml = `
- hosts: all
  tasks:
    - {name: first, raw: x}
    - {name: second, raw: x}
    - {name: cleared, meta: clear_host_errors, when: CLEARED}
    - {name: third, debug: {msg: "{{ ansible_play_hosts }}"}}
- hosts: all
  tasks: [{name: last, debug: {msg: x}}]
`;
  const told = async (cleared: boolean) => {
    const played = await playModel(yaml.replace('CLEARED', String(cleared)), { hosts: ['h1', 'h2'], gone: ['h2'] });
    return {
      exit: played.end.exit,
      told: played.events.flatMap((event) =>
        event.kind === 'host-end'
          ? [`${event.host} ${event.outcome.kind} ${JSON.stringify(event.outcome.result['msg'] ?? '')}`]
          : [],
      ),
    };
  };

  it('goes on with its next task, in the same play, once errors are cleared', async () => {
    const { exit, told: lines } = await told(true);
    expect(exit).toBe(4);
    expect(lines.filter((line) => line.startsWith('h2')).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'h2 unreachable',
      'h2 unreachable',
    ]);
  });

  it('is told beside the one that delegated to it', async () => {
    const played = await playModel('- hosts: h1\n  tasks: [{raw: x, delegate_to: h2}]\n', {
      hosts: ['h1', 'h2'],
      gone: ['h2'],
    });
    expect(
      played.events.flatMap((event) => (event.kind === 'host-end' ? [[event.outcome.kind, event.delegate]] : [])),
    ).toEqual([['unreachable', 'h2']]);
  });

  it('is gone for good where nothing clears errors', async () => {
    const { exit, told: lines } = await told(false);
    expect(exit).toBe(4);
    expect(lines.filter((line) => line.startsWith('h2'))).toHaveLength(1);
  });
});
