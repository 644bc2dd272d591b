// Dry runs predict: what is known flows on, what is not known says on what it depends, nothing is done.
import { describe, expect, it } from 'vitest';
import { playModel } from './model-host.ts';

const outcomes = async (tasks: string, state: Record<string, string> = {}) => {
  const played = await playModel(`- hosts: all\n  tasks:\n${tasks.replace(/^/gm, '    ')}\n`, {
    check: true,
    state: { h1: state },
  });
  return { ...played, lines: played.outcomes.map((line) => line.replace('h1 ', '')) };
};

describe('a dry run', () => {
  it('changes nothing and asks only once', async () => {
    const { machines, lines, exchanges } = await outcomes(
      '- {name: a, key: {name: a, value: "1"}}\n- {name: b, key: {name: b, value: "1"}}',
    );
    expect(lines).toEqual(['a changed', 'b changed']);
    expect(machines.get('h1')?.state.size).toBe(0);
    expect(exchanges).toBe(1);
  });

  it('sees what an earlier task would have made', async () => {
    const { lines } = await outcomes(
      '- {name: a, key: {name: a, value: "1"}}\n- {name: again, key: {name: a, value: "1"}}\n- {name: needs, key: {name: b, value: "1", needs: a}}',
    );
    expect(lines).toEqual(['a changed', 'again ok', 'needs changed']);
  });

  it('does not run commands, and what depends on them is unknown by name', async () => {
    const { lines, events, end } = await outcomes(
      '- {name: ask, raw: hello, register: r}\n- {name: on it, key: {name: b, value: "1"}, when: "r.rc == 0"}\n- {name: with it, key: {name: "{{ r.stdout }}", value: "1"}}\n- {name: other, key: {name: c, value: "1"}}',
    );
    expect(lines).toEqual(['ask unknown', 'on it unknown', 'with it unknown', 'other changed']);
    const because = events.flatMap((event) =>
      event.kind === 'host-end' && event.outcome.kind === 'unknown' ? [event.outcome.because] : [],
    );
    expect(because).toEqual(['ask', 'ask', 'ask']);
    expect(end.exit).toBe(0);
  });

  it('leaves what ran once unknown for all of its hosts', async () => {
    const played = await playModel(
      '- hosts: all\n  tasks:\n    - {name: ask, raw: hello, run_once: true, register: r}\n    - {name: with it, debug: {msg: "{{ r.stdout }}"}}\n    - {name: on it, raw: x, when: r.rc == 0}\n',
      { check: true, hosts: ['h1', 'h2'] },
    );
    expect(played.outcomes.filter((line) => line.startsWith('h2'))).toEqual(['h2 with it ok', 'h2 on it unknown']);
    expect(played.end.exit).toBe(0);
  });

  it('takes the branch that is sure and leaves out the one that is not', async () => {
    const { lines } = await outcomes(
      '- {name: ask, raw: hello, register: r}\n- {name: sure, key: {name: a, value: "1"}, when: "true or r.rc == 0"}\n- {name: not, key: {name: b, value: "1"}, when: "false and r.rc == 0"}',
    );
    expect(lines).toEqual(['ask unknown', 'sure changed', 'not skipped']);
  });

  it('is unknown, not failed, where a failure may come from what was only predicted', async () => {
    const { lines } = await outcomes(
      '- {name: a, key: {name: a, value: "1"}}\n- {name: needs, key: {name: b, value: "1", needs: z}}',
    );
    expect(lines).toEqual(['a changed', 'needs unknown']);
  });

  it('fails where nothing was predicted before', async () => {
    const { lines, end } = await outcomes('- {name: needs, key: {name: b, value: "1", needs: z}}');
    expect(lines).toEqual(['needs failed']);
    expect(end.exit).toBe(2);
  });

  it('runs with check_mode: false, and checks alone with check_mode: true in a real run', async () => {
    const real = await outcomes(
      '- {name: ask, raw: "+x=1 hello", register: r, check_mode: false}\n- {name: on it, key: {name: b, value: "1"}, when: "\'hello\' in r.stdout"}',
    );
    expect(real.lines).toEqual(['ask changed', 'on it changed']);
    expect(Object.fromEntries(real.machines.get('h1')?.state ?? [])).toEqual({ x: '1' });
    const checked = await playModel(
      '- hosts: all\n  tasks:\n    - {name: try, key: {name: a, value: "1"}, check_mode: true}\n    - {name: do, key: {name: a, value: "1"}}\n',
    );
    expect(checked.outcomes).toEqual(['h1 try changed', 'h1 do changed']);
    expect(checked.machines.get('h1')?.state.get('a')).toBe('1');
  });

  it('shows loops over what is not known as one unknown', async () => {
    const { lines } = await outcomes(
      '- {name: ask, raw: hello, register: r}\n- {name: each, key: {name: "{{ item }}", value: "1"}, loop: "{{ r.stdout_lines }}"}',
    );
    expect(lines).toEqual(['ask unknown', 'each unknown']);
  });

  it('notifies handlers of unknown tasks as unknown', async () => {
    const played = await playModel(
      '- hosts: all\n  tasks:\n    - {name: ask, raw: hello, notify: hand}\n  handlers:\n    - {name: hand, key: {name: a, value: "1"}}\n',
      { check: true },
    );
    expect(played.outcomes).toEqual(['h1 ask unknown', 'h1 hand unknown']);
  });

  it('does not notify where an unknown task would be no change whatever it did', async () => {
    const played = await playModel(
      '- hosts: all\n  tasks:\n    - {name: ask, raw: hello, notify: hand, changed_when: false}\n    - {name: each, raw: "{{ item }}", loop: [1, 2], notify: hand, changed_when: [true, false]}\n  handlers:\n    - {name: hand, key: {name: a, value: "1"}}\n',
      { check: true },
    );
    expect(played.outcomes.map((line) => line.replace(/^h1 /, ''))).not.toContain('hand unknown');
  });

  it('exits with 3 when asked for a detailed status', async () => {
    const played = await playModel('- hosts: all\n  tasks:\n    - {name: a, key: {name: a, value: "1"}}\n', {
      check: true,
      detailedExit: true,
    });
    expect(played.end.exit).toBe(3);
  });

  it('predicts what a real run then does', async () => {
    const yaml = `- hosts: all
  tasks:
    - {name: a, key: {name: a, value: "1"}}
    - {name: b, key: {name: "k{{ item }}", value: "{{ item }}"}, loop: [1, 2, 3]}
    - {name: c, key: {name: c, value: "1", needs: a}}
    - {name: gone, key: {name: old}}
`;
    const before = { old: 'x', k2: '2' };
    const dry = await playModel(yaml, { check: true, state: { h1: before } });
    const real = await playModel(yaml, { state: { h1: before } });
    expect(dry.outcomes).toEqual(real.outcomes);
  });
});
