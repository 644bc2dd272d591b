// The items of a loop over a state module, planned one upon the other and carried out in one exchange: 200 files on a fresh host cost a few.
import type { Change, Plan, StateModule } from '../core/module.ts';
import type { PathState } from '../core/path-state.ts';
import type { Probe } from '../core/probe.ts';
import { differing } from '../core/same.ts';
import type { Step } from '../core/step.ts';
import { findUnknown, Unknown, type Value } from '../core/value.ts';
import { World } from '../core/world.ts';
import type { Templar } from '../template/index.ts';
import { diffChange } from './diff-change.ts';
import { diffFields } from './diff-field.ts';
import { makeContext } from './item-context.ts';
import { withLines } from './item-result.ts';
import { basicsOf, type ItemContext, type Performed } from './perform-item.ts';
import { prepare, type Prepared, type Ready } from './prepare.ts';
import { itemVariables } from './loop-items.ts';
import { snippetOf } from './step-run.ts';
import type { TaskRequest } from './task-request.ts';

/** Steps that travel in one exchange at most. */
const MOST_STEPS = 256;

type States = Record<string, unknown>;
type Finish = (
  index: number,
  vars: ReadonlyMap<string, Value>,
  performed: Performed,
  seconds: number,
  ready?: Ready,
) => void;

interface Planned {
  readonly index: number;
  readonly vars: ReadonlyMap<string, Value>;
  readonly ready: Ready;
  readonly probes: Record<string, Probe>;
  readonly observed: States;
  readonly change: Change<States>;
  readonly keys: readonly string[];
  readonly steps: readonly Step[];
}

/**
 * Carries out items from the first on, as far as prediction is sure, and tells each by `finish`; gives the index of the first item that is left
 * to be run by itself (0: none was bundled). An effect, an unknown value, a failing plan, a condition on the result ends the bundle.
 */
export async function performBundle(
  request: TaskRequest,
  items: readonly Value[],
  templar: Templar,
  noLog: boolean,
  finish: Finish,
): Promise<number> {
  const { keywords } = request.task;
  if (
    items.length < 2 ||
    request.run.options.window === 1 ||
    keywords.until !== undefined ||
    keywords.retries !== undefined ||
    keywords.async !== undefined ||
    keywords.throttle !== undefined ||
    keywords.failed_when !== undefined ||
    keywords.changed_when !== undefined ||
    keywords.delegate_to !== undefined
  )
    return 0;
  const module = await request.run.module(request.task.action);
  if (module?.kind !== 'state' || module.rounds === true || module.dropsShells === true || module.reports === true)
    return 0;
  const prepared: { prepared: Prepared; vars: ReadonlyMap<string, Value> }[] = [];
  for (let index = 0; index < items.length && prepared.length < MOST_STEPS; index++) {
    const vars = itemVariables(request.task, items, index, templar);
    const one = request.takePrepared?.(request.task, index) ?? (await prepare({ ...request, loopVars: vars }));
    if (one.kind !== 'ready' && one.kind !== 'skipped') break;
    prepared.push({ prepared: one, vars });
  }
  const first = prepared.find((each) => each.prepared.kind === 'ready')?.prepared as Ready | undefined;
  if (first === undefined) return 0;
  const context = makeContext(request, first, noLog);
  if (context.check) return 0;
  const started = performance.now();
  return request.run.forks.use(() => context.turn(() => carryOut(module, prepared, context, finish, started)));
}

async function carryOut(
  module: StateModule,
  items: readonly { prepared: Prepared; vars: ReadonlyMap<string, Value> }[],
  context: ItemContext,
  finish: Finish,
  started: number,
): Promise<number> {
  const probesFor = (ready: Ready, basics: Parameters<StateModule['probe']>[1]): Record<string, Probe> =>
    module.probe(ready.args as never, basics) as Record<string, Probe>;
  const ready = items.flatMap(({ prepared }) => (prepared.kind === 'ready' ? [prepared] : []));
  const basics = await basicsOf(context, (guess) => ready.flatMap((each) => Object.values(probesFor(each, guess))));
  const all = ready.flatMap((each) => Object.values(probesFor(each, basics)));
  const ask = {
    spec: context.spec,
    signal: context.signal,
    task: context.taskId,
    ...(context.timeout === undefined ? {} : { timeout: context.timeout }),
    ...(context.ahead === undefined ? {} : { ahead: () => context.ahead?.(basics) ?? Promise.resolve([]) }),
  };
  const states = await context.machine.observe(all, ask);
  const observedAt = new Map(all.map((probe, index) => [probe.key, states[index]]));
  const overlay = new World();
  const predicted = new WeakSet<object>();
  const planned: (
    | Planned
    | { readonly index: number; readonly vars: ReadonlyMap<string, Value>; readonly condition: string | boolean }
  )[] = [];
  let stepCount = 0;
  for (const [index, { prepared, vars }] of items.entries()) {
    if (prepared.kind === 'skipped') {
      planned.push({ index, vars, condition: prepared.condition });
      continue;
    }
    const one = prepared as Ready;
    const probes = probesFor(one, basics);
    const observed: States = Object.fromEntries(
      Object.entries(probes).map(([key, probe]) => [key, overlay.over(probe.resource, observedAt.get(probe.key))]),
    );
    const plan = module.plan(one.args as never, observed, basics) as Plan<States>;
    if (('failed' in plan && plan.failed !== undefined) || ('unknown' in plan && plan.unknown !== undefined)) break;
    const wish = plan as Extract<Plan<States>, { after: Partial<States> }>;
    if ((wish.effects ?? []).length > 0) break;
    const keys = differing(observed, wish.after);
    const after = { ...observed, ...wish.after };
    if (keys.some((key) => hasUnknown(after[key]))) break;
    const change = { before: observed, after, effects: [] };
    const steps = keys.length === 0 ? [] : module.apply(one.args as never, change, basics);
    if (steps.some((step) => snippetOf(step, {}) === undefined || ('accept' in step && step.accept !== undefined)))
      break;
    if (stepCount + steps.length > MOST_STEPS) break;
    stepCount += steps.length;
    planned.push({ index, vars, ready: one, probes, observed, change, keys, steps });
    for (const key of keys) {
      overlay.predict((probes[key] as Probe).resource, after[key], context.taskName);
      remember(predicted, after[key]);
    }
  }
  const changes = planned.filter((each): each is Planned => 'steps' in each);
  if (changes.every((each) => each.steps.length === 0)) return 0;
  const { steps, owner, since } = joined(changes, predicted);
  const performed = await context.machine.perform(steps, {
    ...ask,
    environment: context.environment,
    then: changes.flatMap((each) => Object.values(each.probes)),
  });
  const failedAt = performed.failed === undefined ? undefined : (since[performed.failed.index] as number);
  const seconds = (performance.now() - started) / 1000 / Math.max(1, planned.length);
  let next = 0;
  for (const each of planned) {
    // Behind a failure nothing ran: those items are run by themselves, the failing one to tell its failure.
    if (failedAt !== undefined && each.index >= failedAt) break;
    next = each.index + 1;
    if (!('steps' in each)) {
      finish(
        each.index,
        each.vars,
        {
          outcome: {
            kind: 'skipped',
            result: {
              changed: false,
              skipped: true,
              skip_reason: 'Conditional result was False',
              false_condition: each.condition,
            },
          },
          diffs: [],
        },
        seconds,
      );
      continue;
    }
    const later = new Set(
      changes
        .filter((other) => other.index > each.index)
        .flatMap((other) => other.keys.map((key) => (other.probes[key] as Probe).resource)),
    );
    finish(
      each.index,
      each.vars,
      await told(
        module,
        each,
        later,
        context,
        basics,
        performed.results.filter((_, index) => owner[index] === each.index),
        ask,
      ),
      seconds,
      each.ready,
    );
  }
  return next;
}

/** The outcome of an item; `later` are the resources that later items changed again, of which its own state is the planned one. */
async function told(
  module: StateModule,
  each: Planned,
  later: ReadonlySet<string>,
  context: ItemContext,
  basics: Parameters<StateModule['probe']>[1],
  done: Parameters<NonNullable<StateModule['result']>>[2],
  ask: Parameters<ItemContext['machine']['observe']>[1],
): Promise<Performed> {
  const keys = Object.keys(each.probes);
  const now = await context.machine.observe(
    keys.map((key) => each.probes[key] as Probe),
    ask,
  );
  const changed = each.keys.length > 0;
  const after: States = Object.fromEntries(
    keys.map((key, index) => [
      key,
      later.has((each.probes[key] as Probe).resource) ? filled(each.change.after[key], now[index]) : now[index],
    ]),
  );
  if (changed && context.verify !== 'no') {
    // A later item of the same loop may have gone over the same resource: only what nobody went over is held against the plan.
    const wrong = differing(after, each.change.after).filter(
      (key) => (each.probes[key] as Probe).resource.startsWith('path:') === false,
    );
    if (wrong.length > 0)
      context.warn(
        `${context.taskName}: after the change, ${wrong.map((key) => (each.probes[key] as Probe).resource).join(', ')} is not as planned`,
      );
  }
  const change = { before: each.observed, after, effects: [] };
  const fields = module.result?.(each.ready.args as never, change, done, basics) ?? {};
  const diffs =
    changed && context.diff
      ? diffChange(
          Object.fromEntries(keys.map((key) => [key, (each.probes[key] as Probe).resource])),
          each.keys,
          each.observed,
          each.change.after,
          [],
        )
      : [];
  const result = withLines({
    changed,
    ...fields,
    ...(context.diff && !('diff' in fields)
      ? diffFields(module, diffs, { args: each.ready.args, change: change as never })
      : {}),
  });
  return { outcome: { kind: result['changed'] === true ? 'changed' : 'ok', result }, diffs };
}

/** A planned state, with what could not be known of it from what was observed afterwards. */
function filled(planned: unknown, now: unknown): unknown {
  if (planned instanceof Unknown) return now;
  if (
    planned === null ||
    typeof planned !== 'object' ||
    Array.isArray(planned) ||
    now === null ||
    typeof now !== 'object' ||
    'sha256' in planned
  )
    return planned;
  const observed = new Map(Object.entries(now));
  return Object.fromEntries(Object.entries(planned).map(([key, value]) => [key, filled(value, observed.get(key))]));
}

/** `info` of a predicted state may be unknown; anything else that is unknown ends a bundle. */
function hasUnknown(state: unknown): boolean {
  if (state instanceof Unknown) return true;
  if (state === null || typeof state !== 'object') return false;
  const { info: _info, content: _content, ...rest } = state as Record<string, unknown>;
  return findUnknown(rest) !== undefined;
}

function remember(predicted: WeakSet<object>, state: unknown): void {
  if (state === null || typeof state !== 'object') return;
  predicted.add(state);
  if ('real' in state) remember(predicted, state.real);
}

/**
 * The steps of all items in order, which item each belongs to (`owner`), and from which item on nothing is done if it fails (`since`). Several
 * writes of one file become the last one, guarded by what was observed before the first: nobody sees the ones between, unless each is to be validated.
 */
function joined(
  changes: readonly Planned[],
  predicted: WeakSet<object>,
): { steps: Step[]; owner: number[]; since: number[] } {
  const steps: Step[] = [];
  const owner: number[] = [];
  const since: number[] = [];
  const lastWrite = new Map<string, number>();
  for (const { index, steps: own } of changes) {
    for (const step of own) {
      if (step.kind !== 'write' || !predicted.has(step.guard)) {
        if (step.kind === 'write') lastWrite.set(step.path, steps.length);
        steps.push(step);
        owner.push(index);
        since.push(index);
        continue;
      }
      const earlier = lastWrite.get(step.path);
      const before = earlier === undefined ? undefined : steps[earlier];
      if (
        earlier !== undefined &&
        before?.kind === 'write' &&
        earlier === steps.length - 1 &&
        before.backup !== true &&
        step.backup !== true &&
        before.validate === undefined &&
        step.validate === undefined
      ) {
        steps[earlier] = { ...before, ...step, guard: before.guard };
        owner[earlier] = index;
        continue;
      }
      lastWrite.set(step.path, steps.length);
      steps.push({ ...step, guard: soft(step.guard) });
      owner.push(index);
      since.push(index);
    }
  }
  return { steps, owner, since };
}

function soft(guard: PathState): PathState {
  return guard.kind === 'file' ? { ...guard, info: { ...guard.info, inode: 0 } } : guard;
}
