// What the screen makes of events that come to it: who runs and who waits, and how long a run may still take.
import { describe, expect, it } from 'vitest';
import type { Event, EventBody } from '../../src/core/event.ts';
import { secondsLeft } from '../../src/reporters/tui/header.ts';
import { lookOf, orderedHosts } from '../../src/reporters/tui/hosts-panel.ts';
import { View } from '../../src/reporters/view.ts';
import { recorded } from './recorded.ts';

/** A view in the middle of a recorded run of three hosts, and how to go on from there: `seconds` later this happens. */
function midway(): {
  readonly view: View;
  readonly then: (seconds: number, body: EventBody) => void;
  readonly task: string;
} {
  const view = new View();
  const events = recorded(3);
  const end = events.findLastIndex((event) => event.kind === 'task-start');
  for (const event of events.slice(0, end + 1)) view.apply(event);
  const begun = view.now;
  const { task } = events[end] as Event & { kind: 'task-start' };
  return {
    view,
    task: task.id,
    then: (seconds, body) => view.apply({ ...body, at: begun + seconds * 1000, seq: 0 } as Event),
  };
}

describe('the view', () => {
  it('counts hosts without a fork as waiting, and their time from when they get one', () => {
    const { view, then, task } = midway();
    const [first = '', second = ''] = [...view.hosts.keys()];
    for (const host of [first, second]) then(0, { kind: 'host-start', host, task });
    then(0, { kind: 'host-status', host: first, task, status: 'waits for a free fork' });
    then(0, { kind: 'host-status', host: second, task, status: 'running' });
    const row = view.hosts.get(first);
    expect(row === undefined ? undefined : lookOf(row)).toBe('waiting');
    expect(orderedHosts(view, '', false).findIndex((each) => each.name === second)).toBeLessThan(
      orderedHosts(view, '', false).findIndex((each) => each.name === first),
    );
    then(7, { kind: 'host-status', host: first, task, status: 'running' });
    expect(row === undefined ? undefined : lookOf(row)).toBe('running');
    expect(view.now - (row?.since ?? 0)).toBe(0);
  });
});

describe('the time that is left', () => {
  const names = (view: View): string[] => view.tasks.map((task) => task.ref.name);
  it('is what an earlier run still had to do, at the pace of this one', () => {
    const { view } = midway();
    const started = view.run?.startedAt ?? 0;
    const current = names(view).at(-1) ?? '';
    // The earlier run was here after half of the time that this one took.
    const elapsed = (view.now - started) / 1000;
    const expected = { seconds: elapsed * 2, starts: new Map([[current, elapsed / 2]]) };
    expect(secondsLeft(view, expected, view.now)).toBeCloseTo(elapsed * 3);
  });

  it('does not run out while one task takes longer than all did before', () => {
    const { view } = midway();
    const current = names(view).at(-1) ?? '';
    const expected = {
      seconds: 10,
      starts: new Map([
        [current, 1],
        ['the next', 2],
      ]),
    };
    const later = (view.run?.startedAt ?? 0) + 100_000;
    // At most at its next task: a fifth of the earlier run took 100 seconds.
    expect(secondsLeft(view, expected, later)).toBeCloseTo(400);
  });

  it('is not told once an earlier run says nothing of it any more', () => {
    const { view } = midway();
    const expected = { seconds: 10, starts: new Map<string, number>() };
    expect(secondsLeft(view, expected, (view.run?.startedAt ?? 0) + 4000)).toBeCloseTo(6);
    expect(secondsLeft(view, expected, (view.run?.startedAt ?? 0) + 11_000)).toBeUndefined();
    expect(secondsLeft(view, undefined, view.now)).toBeUndefined();
  });
});
