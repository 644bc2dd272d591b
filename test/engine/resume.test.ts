// A resumed run does nothing twice that an earlier one finished, and loses no handler: plays cut at any event end as if they had not been.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/core/event.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { playModel } from './model-host.ts';

/** What the events up to a cut say was finished. */
function finished(events: readonly Event[]): Record<string, Record<string, Outcome[]>> {
  const results: Record<string, Record<string, Outcome[]>> = {};
  for (const event of events)
    if (event.kind === 'host-end') ((results[event.host] ??= {})[event.task] ??= []).push(event.outcome);
  return results;
}

const PLAY = `
- hosts: all
  tasks:
    - {name: one, raw: "+a=1", notify: hand}
    - {name: look, look: {name: a}, register: seen}
    - {name: fact, ansible.builtin.set_fact: {known: "{{ seen.value }}"}}
    - {name: two, raw: "+n={{ known }}", when: "known == '1'"}
    - block:
        - {name: fails, raw: "!1"}
      rescue:
        - {name: saved, raw: "+saved=yes", notify: other}
    - {name: loop, key: {name: "k{{ item }}", value: x}, loop: [1, 2]}
    - ansible.builtin.meta: flush_handlers
    - {name: three, raw: "+b=2", notify: hand}
  handlers:
    - {name: hand, raw: "+h=1"}
    - {name: other, raw: "+o=1"}
`;

describe('resume', () => {
  it('goes on after a cut at any event without repeating a finished command', async () => {
    const whole = await playModel(PLAY, { hosts: ['h1', 'h2'] });
    const wanted = whole.machines.get('h1')?.log.filter((line) => line.startsWith('run')) ?? [];
    expect(wanted.length).toBeGreaterThan(6);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.events.length }), async (cut) => {
        const before = whole.events.slice(0, cut);
        const results = finished(before);
        const resumed = await playModel(PLAY, {
          hosts: ['h1', 'h2'],
          resume: { results },
          state: { h1: { a: '1' }, h2: { a: '1' } },
        });
        expect(resumed.end.exit).toBe(0);
        for (const host of ['h1', 'h2']) {
          const done = before.flatMap((event) =>
            event.kind === 'host-end' && event.host === host ? [event.task] : [],
          );
          const later = resumed.events.flatMap((event) =>
            event.kind === 'host-end' && event.host === host && event.restored !== true ? [event.task] : [],
          );
          const all = whole.events.flatMap((event) =>
            event.kind === 'host-end' && event.host === host ? [event.task] : [],
          );
          expect([...done, ...later].sort()).toEqual([...all].sort());
        }
      }),
      { numRuns: 60 },
    );
  });
});
