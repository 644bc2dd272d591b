// The laws of modules, over every module that says how its observations are generated (generators/).
import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differing } from '../../src/core/same.ts';
import type { Generator } from './generators/paths.ts';
import { basics, parseArgs } from './on-this-machine.ts';

const names = readdirSync(new URL('generators/', import.meta.url))
  .filter((name) => name !== 'paths.ts')
  .map((name) => name.replace(/\.ts$/, ''));
const generators = await Promise.all(
  names.map(async (name) => ({
    name,
    generator: ((await import(`./generators/${name}.ts`)) as { default: Generator }).default,
  })),
);

describe.each(generators)('$name', ({ generator: { module, cases, diverges } }) => {
  const reached = { failed: 0, unknown: 0, unchanged: 0, changed: 0, effects: 0 };

  it('keeps the laws', () => {
    fc.assert(
      fc.property(cases, ({ args: written, observed }) => {
        const args = parseArgs(module, written);
        const plan = module.plan(args, observed, basics);
        expect(module.plan(args, observed, basics)).toEqual(plan);
        if (!('after' in plan)) {
          reached['failed' in plan ? 'failed' : 'unknown']++;
          return;
        }
        const after = { ...observed, ...plan.after };
        const keys = differing(observed, plan.after as Record<string, unknown>);
        const effects = plan.effects ?? [];
        const changed = keys.length > 0 || effects.length > 0;
        reached[changed ? 'changed' : 'unchanged']++;
        if (effects.length > 0) reached.effects++;
        // A change has a step, and its result is plain to tell.
        if (changed) expect(module.apply(args, { before: observed, after, effects }, basics).length).toBeGreaterThan(0);
        expect(module.result?.(args, { before: observed, after, effects }, [], basics)).toBeTypeOf('object');
        // What satisfies the user needs nothing more.
        if (diverges?.(written) === true) return;
        const again = module.plan(args, after, basics);
        expect(again).toHaveProperty('after');
        if ('after' in again)
          expect({
            keys: differing(after, again.after as Record<string, unknown>),
            effects: again.effects ?? [],
          }).toEqual({ keys: [], effects: [] });
      }),
      { numRuns: 400 },
    );
  });

  it('was led through success, change and failure', () => {
    expect(reached.changed).toBeGreaterThan(10);
    expect(reached.unchanged).toBeGreaterThan(2);
    expect(reached.failed).toBeGreaterThan(0);
  });
});
