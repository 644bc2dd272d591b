// Asking ahead must change nothing but the number of exchanges: random plays end alike with windows of 1, 4 and 64.
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MachineRun } from '../../src/engine/machine-run.ts';
import { playModel, type Played } from './model-host.ts';

const key = fc.constantFrom('a', 'b', 'c', 'd');
const value = fc.constantFrom('1', '2', '3');

/** One task as a line of YAML; commands change keys behind the engine's back. */
const task = fc.oneof(
  fc.record({ name: key, value }).map(({ name, value: wanted }) => `key: {name: ${name}, value: "${wanted}"}`),
  fc.record({ name: key }).map(({ name }) => `key: {name: ${name}}`),
  fc
    .record({ name: key, value, needs: key })
    .map(
      ({ name, value: wanted, needs }) =>
        `key: {name: ${name}, value: "${wanted}", needs: ${needs}}\n      ignore_errors: true`,
    ),
  fc.record({ name: key, value }).map(({ name, value: wanted }) => `raw: "+${name}=${wanted}"`),
  fc.record({ name: key }).map(({ name }) => `raw: "-${name}"\n      changed_when: false`),
  fc.record({ name: key }).map(({ name }) => `look: {name: ${name}}\n      register: seen`),
  fc
    .record({ name: key, value })
    .map(
      ({ name, value: wanted }) =>
        `key: {name: ${name}, value: "${wanted}"}\n      when: seen is defined and seen.value == "${wanted}"`,
    ),
  fc
    .record({ names: fc.array(key, { minLength: 2, maxLength: 5 }), value })
    .map(
      ({ names, value: wanted }) =>
        `key: {name: "{{ item }}", value: "${wanted}{{ item }}"}\n      loop: [${names.join(', ')}]`,
    ),
);
const plays = fc.record({
  tasks: fc.array(task, { minLength: 2, maxLength: 12 }),
  states: fc.array(fc.dictionary(key, value, { maxKeys: 4 }), { minLength: 1, maxLength: 3 }),
  strategy: fc.constantFrom('linear', 'free'),
});

function yamlOf(tasks: readonly string[], strategy: string): string {
  return `- hosts: all\n  strategy: ${strategy}\n  tasks:\n${tasks.map((line, index) => `    - name: t${index}\n      ${line}`).join('\n')}\n`;
}

/** All that must not depend on the window. */
function told(played: Played): unknown {
  const ends = played.events.flatMap((event) =>
    event.kind === 'host-end'
      ? [[event.host, event.task, event.outcome]]
      : event.kind === 'item-end'
        ? [[event.host, event.task, event.index, event.outcome]]
        : [],
  );
  return {
    ends: ends.map((each) => JSON.stringify(each)).sort(),
    recap: played.end.recap,
    states: [...played.machines].map(([host, machine]) => [host, [...machine.state].sort()]).sort(),
  };
}

async function run(
  { tasks, states, strategy }: { tasks: string[]; states: Record<string, string>[]; strategy: string },
  window: number,
): Promise<Played> {
  const hosts = states.map((_, index) => `h${index + 1}`);
  return playModel(yamlOf(tasks, strategy), {
    hosts,
    window,
    state: Object.fromEntries(hosts.map((host, index) => [host, { ...states[index] }])),
  });
}

describe('windows', () => {
  afterEach(() => vi.restoreAllMocks());

  it('end in equal outcomes, results and host states', async () => {
    await fc.assert(
      fc.asyncProperty(plays, async (given) => {
        const alone = told(await run(given, 1));
        expect(told(await run(given, 4))).toEqual(alone);
        expect(told(await run(given, 64))).toEqual(alone);
      }),
      { numRuns: 60 },
    );
  });

  it('would be told apart if observations outlived a step', async () => {
    vi.spyOn(MachineRun.prototype, 'forget').mockImplementation(() => undefined);
    const stale = await playModel(
      '- hosts: all\n  tasks:\n    - {key: {name: a, value: "1"}}\n    - {raw: "+a=2"}\n    - {name: again, key: {name: a, value: "1"}}\n',
      { window: 64, state: { h1: { a: '1' } } },
    );
    expect(stale.machines.get('h1')?.state.get('a')).toBe('2');
  });

  it('repairs what a command undid, with the same play', async () => {
    const played = await playModel(
      '- hosts: all\n  tasks:\n    - {key: {name: a, value: "1"}}\n    - {raw: "+a=2"}\n    - {name: again, key: {name: a, value: "1"}}\n',
      { window: 64, state: { h1: { a: '1' } } },
    );
    expect(played.machines.get('h1')?.state.get('a')).toBe('1');
    expect(played.outcomes.at(-1)).toBe('h1 again changed');
  });

  it('asks a report again when another host has run a step since', async () => {
    const played = await playModel(
      `
- hosts: all
  tasks:
    - {raw: "+x=1", when: inventory_hostname == 'h1'}
    - {name: report, look: {name: a}, register: seen}
`,
      { hosts: ['h1', 'h2'], window: 64 },
    );
    // The first question of h2 was never asked before its report: one exchange.
    expect(played.machines.get('h2')?.log).toEqual(['get a']);
  });
});
