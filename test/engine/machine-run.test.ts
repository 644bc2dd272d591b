import { expect, it } from 'vitest';
import type { Basics } from '../../src/core/basics.ts';
import { ConnectionError } from '../../src/core/error.ts';
import { probeOf, scriptProbe, type ProbeFamily } from '../../src/core/probe.ts';
import { MachineRun, StepClock } from '../../src/engine/machine-run.ts';
import { ModelMachine } from './model-host.ts';

const family: ProbeFamily<string, string> = {
  name: 'key',
  script: (keys) => `MODEL get ${JSON.stringify(keys)}`,
  parse: (given) => JSON.parse(given.stdout.toString()) as string[],
};
const key = (name: string) => probeOf(family, `key:${name}`, name);

function modelled(state: Record<string, string>) {
  const machine = new ModelMachine(
    { name: 'h1', host: 'h1', transport: 'ssh' } as ModelMachine['settings'],
    new Map(Object.entries(state)),
  );
  machine.slow = true;
  const basicsProbe = scriptProbe<Basics>(
    'basics',
    'MODEL basics',
    (given) => JSON.parse(given.stdout.toString()) as Basics,
  );
  return {
    machine,
    run: new MachineRun(machine, { clock: new StepClock(), emit: () => undefined, warn: () => undefined, basicsProbe }),
  };
}

it('keeps the answers of a question while others act on the machine', async () => {
  const { run } = modelled({ a: '1', b: '2' });
  await run.observe([key('a')], { spec: {} });
  const asking = run.observe([key('a'), key('b')], { spec: {} });
  run.forget();
  expect(await asking).toEqual(['1', '2']);
});

it('takes nothing for known that was observed while steps waited for the shell', async () => {
  const { machine, run } = modelled({ a: '1' });
  const acting = run.perform([{ kind: 'script', script: 'MODEL set a "2"' }], { spec: {} });
  // Asked after others' observations were forgotten, answered before the step has run.
  const earlier = run.observe([key('a')], { spec: {} });
  await Promise.all([acting, earlier]);
  expect(await run.observe([key('a')], { spec: {} })).toEqual(['2']);
  expect(machine.log.at(-1)).toBe('get a');
});

it('takes nothing for known that was observed while steps waited that were not the last', async () => {
  const { run } = modelled({ a: '1' });
  const earlier = run.observe([key('a')], { spec: {} });
  const acting = run.perform(
    [
      { kind: 'script', script: 'MODEL set a "2"' },
      { kind: 'script', script: 'MODEL set b "broken"', accept: [0, 3] },
      { kind: 'script', script: 'MODEL set c "3"' },
    ],
    { spec: {} },
  );
  expect((await acting).failed).toMatchObject({ index: 1 });
  expect(await earlier).toEqual(['1']);
  expect(await run.observe([key('a')], { spec: {} })).toEqual(['2']);
});

it('takes nothing for known that was observed while steps waited that broke off', async () => {
  const { machine, run } = modelled({ a: '1' });
  const exchange = machine.exchange.bind(machine);
  machine.exchange = async (...given) => {
    const answers = await exchange(...given);
    if (given[1].some(({ script }) => script.includes('set a'))) throw new ConnectionError('lost');
    return answers;
  };
  const acting = run.perform([{ kind: 'script', script: 'MODEL set a "2"' }], { spec: {} });
  const earlier = run.observe([key('a')], { spec: {} });
  await expect(acting).rejects.toThrow('lost');
  await earlier;
  expect(await run.observe([key('a')], { spec: {} })).toEqual(['2']);
});
