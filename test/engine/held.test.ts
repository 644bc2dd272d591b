// Hosts that failed while somebody watches: they wait, are tried again from their failed task, or are given up; and what else a person does to a run.
import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/core/event.ts';
import { playModel, type Watcher } from './model-host.ts';

const PLAY = `
- hosts: all
  tasks:
    - {name: one, raw: "+a=1", notify: hand}
    - {name: two, key: {name: b, value: x, needs: repaired}}
    - {name: three, raw: "+c=1"}
  handlers:
    - {name: hand, raw: "+h=1"}
`;
const isHeld = (event: Event): boolean => event.kind === 'control' && event.state === 'held';
const watched = (
  during: Watcher,
  state: Record<string, Record<string, string>> = { h2: { repaired: 'yes' } },
): ReturnType<typeof playModel> => playModel(PLAY, { hosts: ['h1', 'h2'], state, holdFailed: true, during });

describe('a host that failed while somebody watches', () => {
  it('goes on from its failed task once that is repaired', async () => {
    const played = await watched((event, control, machine) => {
      if (!isHeld(event)) return;
      machine('h1').state.set('repaired', 'yes');
      control.retryHost('h1');
    });
    expect(played.outcomes).toEqual([
      'h1 one changed',
      'h2 one changed',
      'h1 two failed',
      'h2 two changed',
      'h2 three changed',
      'h2 hand changed',
      'h1 two changed',
      'h1 three changed',
      'h1 hand changed',
    ]);
    expect(played.end).toMatchObject({ exit: 0, recap: { h1: { failed: 0, changed: 4 } } });
  });
  it('keeps the number of a task that is tried again', async () => {
    const played = await watched((event, control, machine) => {
      if (!isHeld(event)) return;
      machine('h1').state.set('repaired', 'yes');
      control.retryHost('h1');
    });
    const starts = played.events.flatMap((event) =>
      event.kind === 'task-start' ? [[event.task.name, event.index, event.total] as const] : [],
    );
    expect(starts).toEqual([
      ['one', 1, 3],
      ['two', 2, 3],
      ['three', 3, 3],
      ['hand', 4, 4],
      ['two', 2, 4],
      ['three', 3, 4],
      ['hand', 4, 4],
    ]);
  });
  it('is held again when it fails again, and given up when it is said so', async () => {
    let asked = 0;
    const played = await watched((event, control) => {
      if (!isHeld(event)) return;
      asked += 1;
      if (asked < 3) control.retryHost('h1');
      else control.proceed();
    });
    expect(played.outcomes.filter((line) => line === 'h1 two failed')).toHaveLength(3);
    expect(played.end).toMatchObject({ exit: 2, recap: { h1: { failed: 1 }, h2: { failed: 0 } } });
    expect(played.events.at(-1)).toMatchObject({
      kind: 'run-end',
      pendingHandlers: { h1: ['hand'] },
      stopped: { h1: { name: 'two' } },
    });
  });
  it('does not keep the others from going on', async () => {
    const played = await watched((event, control) => {
      if (isHeld(event)) control.skipHost('h1');
    });
    expect(played.outcomes.slice(-2)).toEqual(['h2 three changed', 'h2 hand changed']);
    expect(played.events.at(-1)).toMatchObject({ kind: 'run-end', stopped: { h1: { name: 'two' } } });
  });
  it('is given up by a drain', async () => {
    const played = await watched((event, control) => {
      if (isHeld(event)) control.drain();
    });
    expect(played.events.at(-1)).toMatchObject({ kind: 'run-end', exit: 99, interrupted: true });
  });
  it('is not waited for when nobody watches any more', async () => {
    const played = await watched((event, control) => {
      if (event.kind === 'host-start') control.proceed(true);
    });
    expect(played.events.some(isHeld)).toBe(false);
    expect(played.end.exit).toBe(2);
  });
  it('is not held without anybody who watches', async () => {
    const played = await playModel(PLAY, { hosts: ['h1', 'h2'], state: { h2: { repaired: 'yes' } } });
    expect(played.events.some((event) => event.kind === 'host-status' && event.status === 'held')).toBe(false);
    expect(played.end.exit).toBe(2);
  });
});

describe('a run that somebody has in hand', () => {
  it('pauses before the next task and goes on', async () => {
    let paused = false;
    const played = await playModel(PLAY, {
      hosts: ['h1'],
      state: { h1: { repaired: 'yes' } },
      during(event, control) {
        if (event.kind === 'host-end' && !paused) control.pause();
        if (event.kind === 'control' && event.state === 'paused') {
          paused = true;
          control.resume();
        }
      },
    });
    expect(played.events.filter((event) => event.kind === 'control').map((event) => event.state)).toEqual([
      'paused',
      'resumed',
    ]);
    expect(played.end.exit).toBe(0);
  });
  it('begins no task after a drain', async () => {
    const played = await playModel(PLAY, {
      hosts: ['h1'],
      state: { h1: { repaired: 'yes' } },
      during: (event, control) => (event.kind === 'task-start' ? control.drain() : undefined),
    });
    expect(played.outcomes).toEqual(['h1 one changed']);
    expect(played.events.at(-1)).toMatchObject({
      kind: 'run-end',
      exit: 99,
      interrupted: true,
      stopped: { h1: { name: 'two', reason: 'interrupted' } },
    });
  });
  it('tells where each host was when it was aborted', async () => {
    const played = await playModel(PLAY, {
      hosts: ['h1', 'h2'],
      during: (event, control) => (event.kind === 'host-start' && event.host === 'h2' ? control.abort() : undefined),
    });
    expect(played.events.at(-1)).toMatchObject({ kind: 'run-end', exit: 99, interrupted: true });
    const { stopped } = played.events.at(-1) as Extract<Event, { kind: 'run-end' }>;
    expect(Object.values(stopped).map(({ name, reason }) => `${name} ${reason}`)).toEqual([
      'one interrupted',
      'one interrupted',
    ]);
  });
  it('tells of a handler that it was aborted in as of one that has not run', async () => {
    const played = await playModel(PLAY, {
      hosts: ['h1'],
      state: { h1: { repaired: 'yes' } },
      during: (event, control) =>
        event.kind === 'task-start' && event.task.handler === true ? control.abort() : undefined,
    });
    expect(played.outcomes).toEqual(['h1 one changed', 'h1 two changed', 'h1 three changed']);
    expect(played.events.at(-1)).toMatchObject({
      kind: 'run-end',
      interrupted: true,
      stopped: { h1: { name: 'hand' } },
      pendingHandlers: { h1: ['hand'] },
    });
  });
  it('says who waits for a free fork', async () => {
    const played = await playModel(PLAY, {
      hosts: ['h1', 'h2', 'h3'],
      forks: 1,
      state: { h1: { repaired: 'y' }, h2: { repaired: 'y' }, h3: { repaired: 'y' } },
    });
    const waits = played.events.flatMap((event) =>
      event.kind === 'host-status' && event.status === 'waits for a free fork' ? [event.host] : [],
    );
    expect(new Set(waits)).toEqual(new Set(['h2', 'h3']));
    expect(played.end.exit).toBe(0);
  });
});

describe('a run that is taken up', () => {
  it.each(['linear', 'free'])('counts the tasks of the earlier run, under %s', async (strategy) => {
    const whole = await playModel(PLAY, {
      hosts: ['h1', 'h2'],
      state: { h1: { repaired: 'y' }, h2: { repaired: 'y' } },
    });
    const results = Object.fromEntries(
      ['h1', 'h2'].map((host) => [
        host,
        Object.fromEntries(
          whole.events.flatMap((event) =>
            event.kind === 'host-end' && event.host === host && (host === 'h1' || event.task === 'p1.t1')
              ? [[event.task, [event.outcome]]]
              : [],
          ),
        ),
      ]),
    );
    const played = await playModel(PLAY, {
      hosts: ['h1', 'h2'],
      strategy,
      state: { h1: { repaired: 'y' }, h2: { repaired: 'y' } },
      resume: { results },
    });
    const starts = played.events.flatMap((event) =>
      event.kind === 'task-start' ? [[event.task.name, event.index] as const] : [],
    );
    expect(starts).toEqual(
      strategy === 'linear'
        ? [
            ['two', 2],
            ['three', 3],
            ['hand', 4],
          ]
        : [
            ['two', 1],
            ['three', 2],
            ['hand', 3],
          ],
    );
    expect(played.end).toMatchObject({ exit: 0 });
  });
});
