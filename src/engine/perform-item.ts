// A prepared item carried out: state modules by observing, planning and applying, action modules by their guards and steps.
import type { Basics } from '../core/basics.ts';
import type { ShellSpec } from '../core/connection.ts';
import type { Diff } from '../core/diff.ts';
import type { ActionModule, Change, Plan, StateModule } from '../core/module.ts';
import type { Outcome, Result } from '../core/outcome.ts';
import type { Probe } from '../core/probe.ts';
import { differing } from '../core/same.ts';
import type { StepResult } from '../core/step.ts';
import { Unknown } from '../core/value.ts';
import type { World } from '../core/world.ts';
import { diffChange } from './diff-change.ts';
import { diffFields } from './diff-field.ts';
import { failedResult, stepFailure, withLines } from './item-result.ts';
import type { AskOptions, MachineRun } from './machine-run.ts';

/** What an item needs beside its module and arguments. */
export interface ItemContext {
  readonly machine: MachineRun;
  /** Predictions of the dry run; in a real run a model of its own for a task that is only checked. */
  readonly world: World;
  readonly spec: ShellSpec;
  readonly host: string;
  /** Where it is carried out in place of the host. */
  readonly delegate?: string;
  /** Name of the task, for predictions. */
  readonly taskName: string;
  readonly taskId: string;
  readonly check: boolean;
  readonly diff: boolean;
  readonly verify: 'no' | 'warn' | 'fail';
  readonly environment: Readonly<Record<string, string>>;
  readonly playbookDir: string;
  readonly timeout?: number;
  readonly signal: AbortSignal;
  /** The step clock's time before which no report may have been observed (linear: the last step of any host of the batch). */
  readonly reportsNotBefore: number;
  readonly ahead?: (basics: Basics) => Promise<readonly Probe[]>;
  /** Runs what observes the machine and then changes what it saw: after others have, where several hosts act on that one machine. */
  readonly turn: <T>(work: () => Promise<T>) => Promise<T>;
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
  readonly warn: (message: string) => void;
  readonly readFile: (path: string) => string | undefined;
}

export interface Performed {
  readonly outcome: Outcome;
  readonly diffs: readonly Diff[];
}

type States = Record<string, unknown>;

/** What every host is taken for until its first answer: if it is that, its first questions cost no exchange of their own. */
const GUESS: Basics = {
  system: 'Linux',
  machine: 'x86_64',
  kernel: '',
  osId: 'debian',
  osIdLike: '',
  osVersion: '',
  osFamily: 'Debian',
  serviceManager: 'systemd',
  packageManager: 'apt',
  hostname: '',
  user: 'root',
  uid: 0,
  home: '/root',
  group: 'root',
  umask: '0022',
  bootId: '',
  selinux: false,
};

function askOptions(context: ItemContext, basics: Basics | undefined): AskOptions {
  const { ahead } = context;
  return {
    spec: context.spec,
    signal: context.signal,
    task: context.taskId,
    ...(context.timeout === undefined ? {} : { timeout: context.timeout }),
    ...(ahead === undefined ? {} : { ahead: () => ahead(basics ?? GUESS) }),
  };
}

/** The basics of the machine; on a machine not asked before, the item's own questions and those of the window travel along, asked of the guess. */
export async function basicsOf(context: ItemContext, own: (basics: Basics) => readonly Probe[]): Promise<Basics> {
  const known = context.machine.knownBasics(context.spec);
  if (known !== undefined) return known;
  return context.machine.basics(
    askOptions(context, undefined),
    own(GUESS).filter((probe) => probe.costly !== true),
  );
}

const probesOf = (module: StateModule | ActionModule, args: never, basics: Basics): Record<string, Probe> =>
  (module.probe?.(args, basics) ?? {}) as Record<string, Probe>;

async function observe(
  context: ItemContext,
  probes: Record<string, Probe>,
  basics: Basics,
  notBefore: number,
): Promise<States> {
  const keys = Object.keys(probes);
  const states = await context.machine.observe(
    keys.map((key) => probes[key] as Probe),
    { ...askOptions(context, basics), notBefore },
  );
  return Object.fromEntries(
    keys.map((key, index) => [
      key,
      context.check ? context.world.over((probes[key] as Probe).resource, states[index]) : states[index],
    ]),
  );
}

const unknownOutcome = (because: string): Performed => ({
  outcome: { kind: 'unknown', because, result: { changed: false, msg: `unknown: depends on "${because}"` } },
  diffs: [],
});

/** Carries out a state module's item; what it warns of is in its result too. Errors: ConnectionError, Interrupted. */
export async function performState(
  module: StateModule,
  args: Record<string, unknown>,
  context: ItemContext,
): Promise<Performed> {
  const warnings = new Set<string>();
  const warn = (message: string): void => {
    warnings.add(message);
    context.warn(message);
  };
  const { outcome, diffs } = await context.turn(() => rounds(module, args, { ...context, warn }));
  return {
    outcome: warnings.size === 0 ? outcome : { ...outcome, result: { ...outcome.result, warnings: [...warnings] } },
    diffs,
  };
}

async function rounds(module: StateModule, args: Record<string, unknown>, context: ItemContext): Promise<Performed> {
  const host = await basicsOf(context, (guess) => Object.values(probesOf(module, args as never, guess)));
  const basics: Basics = context.check ? { ...host, dryRun: true } : host;
  const probes = probesOf(module, args as never, basics);
  const notBefore = module.reports === true ? context.reportsNotBefore : 0;
  let first: States | undefined;
  const done: StepResult[] = [];
  let diffs: Diff[] = [];
  let changed = false;
  let retriedGuard = false;
  const effectsDone: Change<States>['effects'][number][] = [];
  for (let round = 1; ; round++) {
    const observed = await observe(context, probes, basics, notBefore);
    first ??= observed;
    const plan = module.plan(args as never, observed, basics) as Plan<States>;
    const verdict = refused(plan, context);
    if (verdict !== undefined) return verdict;
    const wish = plan as Extract<Plan<States>, { after: Partial<States> }>;
    for (const warning of wish.warnings ?? []) context.warn(warning);
    const keys = differing(observed, wish.after);
    const effects = (wish.effects ?? []).filter((effect) => !effectsDone.some((done) => done.kind === effect.kind));
    const told = effects.filter((effect) => effect.quiet !== true);
    const changes = keys.length > 0 || told.length > 0;
    const clouded = context.check ? cloudedWish(context, probes, observed, wish.after, keys) : undefined;
    if (clouded !== undefined) return unknownOutcome(clouded);
    if (keys.length === 0 && effects.length === 0) {
      return finished(
        module,
        args,
        context,
        basics,
        { before: first, after: observed, effects: effectsDone },
        done,
        changed,
        diffs,
      );
    }
    const after = { ...observed, ...wish.after };
    const change = { before: observed, after, effects };
    if (context.diff || context.check)
      diffs = round === 1 ? diffChange(resourcesOf(probes), keys, observed, after, told) : diffs;
    if (context.check) {
      for (const key of keys) context.world.predict((probes[key] as Probe).resource, after[key], context.taskName);
      if (told.length > 0) context.world.note(context.taskName);
      return finished(module, args, context, basics, { before: observed, after, effects }, [], changes, diffs);
    }
    if (round > 4) {
      return failure(
        context,
        {
          failed: true,
          changed,
          msg: `${module.name} did not reach the wanted state in 4 rounds; still different: ${keys.map((key) => (probes[key] as Probe).resource).join(', ')}`,
        },
        diffs,
      );
    }
    const steps = module.apply(args as never, change, basics);
    if (steps.length === 0)
      return failure(
        context,
        {
          failed: true,
          changed,
          msg: `${module.name} has no step for ${keys.map((key) => (probes[key] as Probe).resource).join(', ')}: this is a bug in vbx`,
        },
        diffs,
      );
    if (module.endsShells?.(args as never) === true) await context.machine.machine.dropShells();
    const performed = await context.machine.perform(steps, {
      ...askOptions(context, basics),
      environment: context.environment,
      then: Object.values(probes),
      onOutput: context.onOutput,
    });
    done.push(...performed.results);
    if (module.dropsShells === true) {
      void context.machine.machine.dropShells();
      context.machine.forgetBasics();
    }
    if (performed.failed !== undefined) {
      const result = performed.results[performed.failed.index] as StepResult;
      if (performed.failed.guard && !retriedGuard) {
        // Somebody else was faster: looked at and planned afresh, once.
        retriedGuard = true;
        first = undefined;
        round = 0;
        continue;
      }
      const timedOut = overTime(module.name, [result], context);
      // The module may tell of another output than the step's own: the lines are made of what it tells.
      const { stdout_lines: _out, stderr_lines: _err, ...failed } = failedResult(stepFailure(result), context.readFile);
      return failure(
        context,
        {
          ...failed,
          ...module.failure?.(result, args as never),
          changed: changed || performed.failed.index > 0,
          ...timedOut,
        },
        diffs,
      );
    }
    changed ||= changes;
    effectsDone.push(...effects);
    if (module.rounds === true) continue;
    return settled(
      module,
      args,
      context,
      basics,
      { first, wish: after, probes, effects: effectsDone },
      done,
      changed,
      diffs,
    );
  }
}

/** After the steps of a module without rounds: the result from what is there now, and whether that is what was planned. */
async function settled(
  module: StateModule,
  args: Record<string, unknown>,
  context: ItemContext,
  basics: Basics,
  change: { first: States; wish: States; probes: Record<string, Probe>; effects: Change<States>['effects'] },
  done: readonly StepResult[],
  changed: boolean,
  diffs: readonly Diff[],
): Promise<Performed> {
  // What was not answered with the steps (what is costly is not) is taken to be as planned.
  const answered = Object.fromEntries(
    Object.entries(change.probes).filter(
      ([, probe]) => context.verify !== 'no' || context.machine.isAnswered([probe], context.spec),
    ),
  );
  const now = { ...change.wish, ...(await observe(context, answered, basics, 0)) };
  if (context.verify !== 'no') {
    const wrong = differing(now, change.wish);
    if (wrong.length > 0) {
      const message = `${context.taskName}: after the change, ${wrong.map((key) => (change.probes[key] as Probe).resource).join(', ')} is not as planned`;
      if (context.verify === 'fail')
        return failure(
          context,
          {
            failed: true,
            changed: true,
            msg: message,
            planned: wrong.map((key) => change.wish[key]),
            observed: wrong.map((key) => now[key]),
          },
          diffs,
        );
      context.warn(message);
    }
  }
  return finished(
    module,
    args,
    context,
    basics,
    { before: change.first, after: now, effects: change.effects },
    done,
    changed,
    diffs,
  );
}

function finished(
  module: StateModule,
  args: Record<string, unknown>,
  context: ItemContext,
  basics: Basics,
  change: Change<States>,
  done: readonly StepResult[],
  changed: boolean,
  diffs: readonly Diff[],
): Performed {
  const fields = module.result?.(args as never, change, done, basics) ?? {};
  const facts = module.facts?.(args as never, change.after);
  const result: Result = withLines({
    changed,
    ...fields,
    ...(facts === undefined ? {} : { ansible_facts: facts }),
    ...(context.diff && !('diff' in fields) ? diffFields(module, diffs, { args, change: change as never }) : {}),
  });
  if (result['failed'] === true) return failure(context, result, diffs);
  return {
    outcome: { kind: result['changed'] === true ? 'changed' : result['skipped'] === true ? 'skipped' : 'ok', result },
    diffs: result['changed'] === true ? diffs : [],
  };
}

const resourcesOf = (probes: Record<string, Probe>): Record<string, string> =>
  Object.fromEntries(Object.entries(probes).map(([key, probe]) => [key, probe.resource]));

/** A plan that refuses the state: a failure, or unknown when something before was only predicted. */
function refused(plan: Plan<States>, context: ItemContext): Performed | undefined {
  if ('unknown' in plan && plan.unknown !== undefined)
    return context.check
      ? unknownOutcome(context.world.lastPrediction ?? plan.unknown)
      : failure(context, { failed: true, changed: false, msg: plan.unknown }, []);
  if (!('failed' in plan) || plan.failed === undefined) return undefined;
  for (const warning of plan.warnings ?? []) context.warn(warning);
  const earlier = context.check ? context.world.lastPrediction : undefined;
  if (earlier !== undefined) return unknownOutcome(earlier);
  return {
    outcome: {
      kind: 'failed',
      result: withLines({
        changed: false,
        failed: true,
        msg: plan.failed,
        ...(plan.hint === undefined ? {} : { hint: plan.hint }),
        ...plan.fields,
      }),
    },
    diffs: [],
  };
}

/** A failure in a dry run after something was only predicted is no failure: it may come from that. */
function failure(context: ItemContext, result: Result, diffs: readonly Diff[]): Performed {
  const earlier = context.check ? context.world.lastPrediction : undefined;
  if (earlier !== undefined) return unknownOutcome(earlier);
  return { outcome: { kind: 'failed', result: withLines({ ...result, failed: true }) }, diffs };
}

/** Wanting something absent that an earlier predicted change may bring along cannot be known; the task that clouds it. */
function cloudedWish(
  context: ItemContext,
  probes: Record<string, Probe>,
  observed: States,
  after: Partial<States>,
  keys: readonly string[],
): string | undefined {
  if (keys.length > 0) return undefined;
  for (const [key, probe] of Object.entries(probes)) {
    const wanted = (after[key] as { kind?: string } | undefined)?.kind;
    const there = (observed[key] as { kind?: string } | undefined)?.kind;
    const cloud = wanted === 'absent' && there === 'absent' ? context.world.clouded(probe.resource) : undefined;
    if (cloud !== undefined) return cloud;
  }
  return undefined;
}

/**
 * Carries out an action module's item. Actions of several hosts on one machine run side by side; those that look first whether there is anything
 * to do (`creates`, a file that is there already) take turns, and so does one that ends the shells there. Errors: ConnectionError, Interrupted.
 */
export async function performAction(
  module: ActionModule,
  args: Record<string, unknown>,
  context: ItemContext,
): Promise<Performed> {
  const basics = await context.turn(() =>
    basicsOf(context, (guess) => Object.values(probesOf(module, args as never, guess))),
  );
  const probes = probesOf(module, args as never, basics);
  const alone = module.dropsShells === true || Object.keys(probes).length > 0;
  return alone
    ? context.turn(() => act(module, args, context, basics, probes))
    : act(module, args, context, basics, probes);
}

async function act(
  module: ActionModule,
  args: Record<string, unknown>,
  context: ItemContext,
  basics: Basics,
  probes: Record<string, Probe>,
): Promise<Performed> {
  const observed = Object.keys(probes).length === 0 ? {} : await observe(context, probes, basics, 0);
  const satisfied = module.satisfied?.(args as never, observed);
  if (satisfied !== undefined) return outcomeOf(context, { changed: false, ...satisfied });
  if (context.check && module.dryRun !== 'run') {
    if (typeof module.dryRun === 'function') {
      const predicted = module.dryRun(args as never, observed);
      if (predicted['changed'] === true) context.world.note(context.taskName);
      return outcomeOf(context, predicted);
    }
    context.world.note(context.taskName);
    return unknownOutcome(context.taskName);
  }
  const steps = module.steps(args as never, observed, basics, {
    host: context.host,
    playbookDir: context.playbookDir,
    environment: context.environment,
    checkMode: context.check,
    diffMode: context.diff,
    ...(context.delegate === undefined ? {} : { delegate: context.delegate }),
  });
  const performed = await context.machine.perform(steps, {
    ...askOptions(context, basics),
    environment: context.environment,
    onOutput: context.onOutput,
  });
  if (module.dropsShells === true) {
    void context.machine.machine.dropShells();
    context.machine.forgetBasics();
  }
  const failed = performed.failed === undefined ? undefined : performed.results[performed.failed.index];
  const timedOut = overTime(module.name, performed.results, context);
  const parsed = { ...module.parse(args as never, performed.results, observed), ...timedOut };
  // What modules of the playbook's own warn of.
  if (Array.isArray(parsed['warnings']))
    for (const warning of parsed['warnings'] as readonly unknown[]) context.warn(String(warning));
  if (failed !== undefined && parsed.failed !== true)
    return failure(context, { ...failedResult(stepFailure(failed), context.readFile), ...parsed, failed: true }, []);
  // What a module foretells itself is a prediction like others.
  if (context.check && parsed.changed === true) context.world.note(context.taskName);
  return outcomeOf(context, { changed: parsed.failed !== true, ...parsed });
}

/** What a result says where the task's own time was over, in Ansible's words; nothing where it was not. */
function overTime(module: string, results: readonly StepResult[], { timeout }: ItemContext): Record<string, unknown> {
  if (timeout === undefined || !results.some((result) => result.timedOut === true)) return {};
  return {
    msg: `The ${module.split('.').at(-1) ?? module} action failed to execute in the expected time frame (${timeout}) and was terminated`,
    timedout: { period: timeout },
  };
}

function outcomeOf(context: ItemContext, fields: Record<string, unknown>): Performed {
  const result = withLines(fields);
  if (result['failed'] === true) return failure(context, result, []);
  if (Object.values(result).some((value) => value instanceof Unknown))
    return { outcome: { kind: 'unknown', because: context.taskName, result }, diffs: [] };
  return {
    outcome: { kind: result['skipped'] === true ? 'skipped' : result['changed'] === true ? 'changed' : 'ok', result },
    diffs: [],
  };
}
