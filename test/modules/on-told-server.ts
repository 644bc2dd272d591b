// One run of a module that speaks to a server of databases, upon what the server is said to have told.
import { expect } from 'vitest';
import type { ActionModule, StateModule } from '../../src/core/module.ts';
import type { Answer, Probe } from '../../src/core/probe.ts';
import type { Step } from '../../src/core/step.ts';
import { validateArgs } from '../../src/engine/validate-args.ts';
import { basics, observe } from './on-this-machine.ts';

export const answer = (stdout: string, stderr = ''): Answer => ({
  rc: 0,
  stdout: Buffer.from(stdout),
  stderr: Buffer.from(stderr),
});

/** Arguments as the engine takes them; throws where one is refused. */
export function checkedArgs(module: StateModule | ActionModule, written: Record<string, unknown>): never {
  const { args, problems } = validateArgs(module, written);
  if (args === undefined || problems.length > 0) throw new Error(problems.map(({ message }) => message).join('; '));
  return args as never;
}

export function observed(module: StateModule, written: Record<string, unknown>, told: Answer): Record<string, unknown> {
  return observe(
    { name: 'told', run: () => told },
    module.probe(checkedArgs(module, written), basics) as Record<string, Probe>,
  );
}

export interface RanOnTold {
  readonly steps: readonly Step[];
  /** What the steps write to the client, without the statements that `setting` finds. */
  readonly sql: readonly string[];
  readonly changed: boolean;
  readonly result: Record<string, unknown>;
  readonly failed?: string;
}

/** Planned upon what it planned it must have nothing to do. `parted`: what stands between two statements. */
export function runOnTold(
  module: StateModule,
  written: Record<string, unknown>,
  told: Answer,
  { parted, setting }: { parted: string; setting: RegExp },
): RanOnTold {
  const args = checkedArgs(module, written);
  const before = observed(module, written, told);
  const plan = module.plan(args, before, basics);
  if (!('after' in plan) || plan.after === undefined)
    return {
      sql: [],
      steps: [],
      changed: false,
      result: {},
      failed: ('failed' in plan ? plan.failed : undefined) ?? 'unknown',
    };
  const after = { ...before, ...(plan.after as Record<string, unknown>) };
  const effects = plan.effects ?? [];
  const steps = module.apply(args, { before, after, effects }, basics);
  const done = steps.map((step) => ({ step, rc: 0, stdout: '', stderr: '', start: 0, end: 0 }));
  const again = module.plan(args, after, basics);
  expect('after' in again ? again.after : again).toEqual({});
  const sql = steps.flatMap((step) =>
    step.kind === 'script'
      ? String(step.stdin ?? '')
          .split(parted)
          .filter((line) => line !== '' && !setting.test(line))
      : [],
  );
  return {
    sql,
    steps,
    changed: Object.keys(plan.after as object).length + effects.length > 0,
    result: module.result?.(args, { before, after, effects }, done, basics) ?? {},
  };
}
