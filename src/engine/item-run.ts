// One item of a task on one host: prepared, carried out as often as `until` wants, and judged.
import { ArgumentsRefused, Interrupted, VbxError } from '../core/error.ts';
import type { Result } from '../core/outcome.ts';
import { toPlain, type Value } from '../core/value.ts';
import { runAsync } from './async-run.ts';
import { CONTROL } from './control/index.ts';
import { invocationOf } from './invocation.ts';
import { makeContext } from './item-context.ts';
import type { Flow } from './item-result.ts';
import { withoutOmitted } from './omitted.ts';
import { performAction, performState, type Performed } from './perform-item.ts';
import { judge, prepare, viewOf, type ItemRequest, type Prepared, type Ready } from './prepare.ts';
import { judgeResult, listOf, resultTemplar, skipped, unknown } from './result-conditions.ts';
import type { RunContext } from './run-context.ts';
import { shownOutcome } from './shown-outcome.ts';
import { Slots } from './slots.ts';
import { sleep } from './step-run.ts';
import { brokenOutcome, type TaskRequest } from './task-request.ts';

/** An item that is done, or left out. */
export interface ItemDone extends Performed {
  readonly delegate?: string;
  readonly flow?: Flow;
  readonly seconds: number;
}

/** Runs the task for one item, or for the whole of a task without a loop (`loopVars` undefined). Only bugs and Interrupted are thrown. */
export async function runItem(
  given: TaskRequest,
  loopVars: ReadonlyMap<string, Value> | undefined,
  index: number,
  noLog: boolean,
): Promise<ItemDone> {
  const started = performance.now();
  const { run } = given;
  const task =
    loopVars === undefined ? given.task : withoutOmitted(given.task, () => viewOf({ ...given, loopVars }).templar);
  const request = task === given.task ? given : { ...given, task };
  const seconds = (): number => (performance.now() - started) / 1000;
  const itemRequest: ItemRequest = {
    run,
    play: request.play,
    host: request.host,
    task,
    ...(loopVars === undefined ? {} : { loopVars }),
  };
  let delegate: string | undefined;
  try {
    const prepared = request.takePrepared?.(task, index) ?? (await prepare(itemRequest));
    if (prepared.kind !== 'skipped') delegate = prepared.delegate;
    if (prepared.kind === 'skipped') return { outcome: skipped(prepared.condition), diffs: [], seconds: seconds() };
    if (prepared.kind === 'unknown') {
      clouds(request, prepared);
      return {
        outcome: unknown(prepared.because),
        diffs: [],
        seconds: seconds(),
        ...(prepared.delegate === undefined ? {} : { delegate: prepared.delegate }),
      };
    }
    if (prepared.kind === 'failed') {
      const broken = brokenOutcome(prepared.error, request);
      // A module that refuses its arguments has run, under Ansible; what cannot be rendered has not.
      const outcome =
        prepared.error instanceof ArgumentsRefused ? judgeResult(request, itemRequest, broken, 1, false) : broken;
      return {
        outcome,
        diffs: [],
        seconds: seconds(),
        ...(prepared.delegate === undefined ? {} : { delegate: prepared.delegate }),
      };
    }
    const performed = withInvocation(run, await retried(request, itemRequest, prepared, noLog), prepared);
    return {
      ...performed,
      seconds: seconds(),
      ...(prepared.delegate === undefined ? {} : { delegate: prepared.delegate }),
    };
  } catch (error) {
    return {
      outcome: brokenOutcome(error, request),
      diffs: [],
      seconds: seconds(),
      ...(delegate === undefined ? {} : { delegate }),
    };
  }
}

/** With the arguments as the module took them, where the run is told in that detail (-vvv). */
export function withInvocation(
  run: RunContext,
  done: Performed & { flow?: Flow },
  { module, args, values }: Ready,
): Performed & { flow?: Flow } {
  const { outcome } = done;
  if (
    run.options.verbosity < 3 ||
    module.kind === 'control' ||
    outcome.kind === 'unreachable' ||
    outcome.kind === 'unknown'
  )
    return done;
  const invocation = invocationOf(module, args, toPlain(values) as Result);
  return invocation === undefined
    ? done
    : { ...done, outcome: { ...outcome, result: { ...outcome.result, invocation } } };
}

/** What a task that may or may not run would touch is no longer known either. */
function clouds(request: TaskRequest, prepared: Prepared & { kind: 'unknown' }): void {
  if (prepared.module?.kind !== 'control')
    for (const machine of request.run.machines.all())
      if (machine.machine.settings.name === request.host) machine.world.note(request.name);
}

/** `until`, `retries` and `delay` around the item; then `changed_when` and `failed_when`. */
async function retried(
  request: TaskRequest,
  itemRequest: ItemRequest,
  prepared: Ready,
  noLog: boolean,
): Promise<Performed & { flow?: Flow }> {
  const { run, task, host, id } = request;
  const { keywords } = task;
  const { numbers } = prepared.keywords;
  const until = keywords.until === undefined ? undefined : listOf(keywords.until);
  // No retries: one attempt, whose result nobody asks about.
  const retries = until === undefined && keywords.retries === undefined ? 0 : Math.max(0, numbers.retries ?? 3);
  const written = numbers.delay ?? 5;
  const delay = written < 0 ? 1 : written;
  let current = prepared;
  for (let attempt = 0; ; attempt++) {
    const performed = await once(request, current, noLog);
    let outcome = judgeResult(request, itemRequest, performed.outcome, attempt + 1, retries > 0);
    if (outcome.kind === 'unreachable' || outcome.kind === 'unknown' || retries === 0) return { ...performed, outcome };
    let enough = until === undefined ? outcome.kind !== 'failed' : false;
    if (until !== undefined) {
      const verdict = judge(resultTemplar(request, itemRequest, outcome), until);
      if (verdict.holds === 'unknown') return { ...performed, outcome: unknown(verdict.because) };
      enough = verdict.holds;
    }
    if (enough) return { ...performed, outcome };
    if (attempt >= retries || run.control.draining) {
      // What failed_when says of the last attempt stands; the result tells of the failure none the less.
      outcome = {
        ...outcome,
        ...(keywords.failed_when === undefined ? { kind: 'failed' } : {}),
        result: {
          ...outcome.result,
          failed: true,
          attempts: Math.min(attempt + 1, retries),
          ...('msg' in outcome.result || keywords.failed_when !== undefined
            ? {}
            : { msg: 'the condition of until was not met' }),
        },
      };
      return { ...performed, outcome };
    }
    run.emit({ kind: 'retry', host, task: id, attempt: attempt + 1, retries, outcome: shownOutcome(outcome, noLog) });
    run.emit({ kind: 'host-status', host, task: id, status: `retry ${attempt + 1}/${retries}` });
    await sleep(delay * 1000, run.control.signal);
    if (run.control.signal.aborted) throw new Interrupted('the run was aborted');
    const again = await prepare(itemRequest, true);
    if (again.kind === 'ready') current = again;
  }
}

/** One attempt: a control module in the engine, anything else on the machine, under forks and throttle. */
async function once(request: TaskRequest, prepared: Ready, noLog: boolean): Promise<Performed & { flow?: Flow }> {
  const { run, host, task, id } = request;
  const { module } = prepared;
  if (module.kind === 'control') {
    const control = CONTROL[module.name];
    if (control === undefined) throw new Error(`no control module ${module.name} in the engine`);
    const done = await control({ request, prepared });
    // What was read of a host may be what an earlier task would have changed: then the failure is not sure.
    const earlier =
      run.options.check && done.outcome.kind === 'failed'
        ? run.machines.of(prepared.connection.settings).world.lastPrediction
        : undefined;
    if (earlier === undefined) return done;
    return {
      outcome: {
        kind: 'unknown',
        because: earlier,
        result: {
          changed: false,
          msg: `unknown: depends on "${earlier}"; as things are now: ${String(done.outcome.result['msg'])}`,
        },
      },
      diffs: [],
    };
  }
  const context = makeContext(request, prepared, noLog);
  const act = async (): Promise<Performed> => {
    const { numbers } = prepared.keywords;
    const asyncSeconds = numbers.async ?? 0;
    if (asyncSeconds > 0 && module.kind === 'action' && !context.check)
      return runAsync(module, prepared.args, context, asyncSeconds, numbers.poll ?? run.options.pollInterval ?? 15);
    if (module.kind !== 'state') return performAction(module, prepared.args, context);
    const performed = await performState(module, prepared.args, context);
    return module.name === 'ansible.builtin.setup' ? withEnvironment(performed, context.environment) : performed;
  };
  const throttle = prepared.keywords.numbers.throttle ?? 0;
  const tell = (status: string): void => run.emit({ kind: 'host-status', host, task: id, status });
  const begun = (): Promise<Performed> => {
    tell('running');
    return act();
  };
  const forked = (): Promise<Performed> => {
    if (run.forks.full) tell('waits for a free fork');
    return run.forks.use(begun);
  };
  if (throttle <= 0) return forked();
  let slots = run.throttles.get(task.id);
  if (slots === undefined) run.throttles.set(task.id, (slots = new Slots(throttle)));
  if (slots.full) tell('waits for its turn (throttle)');
  return slots.use(forked);
}

/** Facts of the environment are those of a process that runs with the task's own. */
function withEnvironment(performed: Performed, environment: Readonly<Record<string, string>>): Performed {
  const facts = performed.outcome.result['ansible_facts'] as Readonly<Record<string, unknown>> | undefined;
  const env = facts?.['ansible_env'];
  if (env === undefined || Object.keys(environment).length === 0) return performed;
  return {
    ...performed,
    outcome: {
      ...performed.outcome,
      result: {
        ...performed.outcome.result,
        ansible_facts: { ...facts, ansible_env: { ...(env as object), ...environment } },
      },
    },
  };
}
