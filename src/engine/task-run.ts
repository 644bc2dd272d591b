// One task on one host: its item or its loop, and what the result does to the host's variables and to handlers.
import { VbxError } from '../core/error.ts';
import type { Diff } from '../core/diff.ts';
import type { Outcome, Result } from '../core/outcome.ts';
import type { Task, Written } from '../core/play.ts';
import { Unknown, type Value } from '../core/value.ts';
import { pythonStr, type Templar } from '../template/index.ts';
import type { ItemFlow } from './item-result.ts';
import { runItem, type ItemDone } from './item-run.ts';
import { hidesResults } from './keyword-values.ts';
import { runLoop } from './loop-run.ts';
import { withoutOmitted } from './omitted.ts';
import { viewOf } from './prepare.ts';
import { registered } from './registered.ts';
import { toBool } from './run-context.ts';
import { takeFacts } from './take-facts.ts';
import { brokenOutcome, type TaskRequest } from './task-request.ts';

export interface TaskDone {
  readonly outcome: Outcome;
  readonly diffs: readonly Diff[];
  readonly delegate?: string;
  readonly seconds: number;
  readonly noLog: boolean;
  readonly loop: boolean;
  /** Dynamic includes and meta, one for each item that has one, with the item's variables. */
  readonly flows: readonly ItemFlow[];
  /** Whether the task was not run at all because it could not: unreachable. */
  readonly notify: readonly string[];
}

/** Runs a task on a host. Only bugs and Interrupted are thrown. */
export async function runTask(given: TaskRequest): Promise<TaskDone> {
  const started = performance.now();
  const task = withoutOmitted(given.task, () => viewOf(given).templar);
  const request = task === given.task ? given : { ...given, task };
  const seconds = (): number => (performance.now() - started) / 1000;
  let noLog = false;
  try {
    const view = viewOf({ ...request });
    noLog = hidesResults(task, view.templar, request.run.options.noLog === true);
    if (task.loop === undefined) {
      const item = await runItem(request, undefined, 0, noLog);
      return done(
        request,
        item,
        false,
        noLog,
        seconds(),
        item.flow === undefined ? [] : [{ flow: item.flow, result: item.outcome.result }],
      );
    }
    const whole = await runLoop(request, view.templar, noLog);
    return done(request, whole.item, whole.loop, whole.noLog, seconds(), whole.flows);
  } catch (error) {
    const outcome = brokenOutcome(error, request);
    return done(request, { outcome, diffs: [], seconds: seconds() }, false, noLog, seconds(), []);
  }
}

/** ignore_errors, ignore_unreachable, register, facts and notify, the same for loops and single items. */
function done(
  request: TaskRequest,
  item: ItemDone,
  loop: boolean,
  noLog: boolean,
  seconds: number,
  flows: readonly ItemFlow[],
): TaskDone {
  const { run, host, task } = request;
  let outcome = item.outcome;
  const view = viewOf(request);
  const keyword = (written: Written | undefined): boolean => {
    if (written === undefined) return false;
    try {
      const value = view.templar.render(written.value);
      return value instanceof Unknown ? false : toBool(value);
    } catch (error) {
      // The failure itself is what there is to tell.
      if (error instanceof VbxError) return false;
      throw error;
    }
  };
  // Of a loop, each item said for itself whether its failure counts.
  if (outcome.kind === 'failed' && !(loop && 'results' in outcome.result) && keyword(task.keywords.ignore_errors))
    outcome = { ...outcome, ignored: true };
  if (outcome.kind === 'unreachable' && keyword(task.keywords.ignore_unreachable))
    outcome = { ...outcome, ignored: true };
  const state = run.variables.hostState(host);
  if (task.register !== undefined)
    state.register(
      task.register,
      outcome.kind === 'unknown' ? new Unknown(outcome.because ?? request.name) : registered(outcome, loop),
    );
  if (!loop) takeFacts(request, outcome.result, item.delegate);
  let notify: string[] = [];
  if (outcome.kind === 'changed' || (outcome.kind === 'unknown' && !neverChanges(request.task)))
    notify = notified(request, view.templar);
  return {
    outcome,
    diffs: item.diffs,
    seconds,
    noLog,
    loop,
    flows,
    notify,
    ...(item.delegate === undefined ? {} : { delegate: item.delegate }),
  };
}

/** A task that an earlier run finished: what it left for later ones, without doing it again. */
export function restoreTask(request: TaskRequest, outcome: Outcome): TaskDone {
  for (const item of (outcome.result['results'] as readonly unknown[] | undefined) ?? [])
    if (isResult(item)) takeFacts(request, item, undefined);
  return done(request, { outcome, diffs: [], seconds: 0 }, 'results' in outcome.result, false, 0, []);
}

const isResult = (value: unknown): value is Result =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Unknown);

function notified(request: TaskRequest, templar: Templar): string[] {
  const names: string[] = [];
  for (const written of request.task.notify) {
    const value = templar.render(written.value);
    if (Array.isArray(value)) names.push(...value.map((each) => pythonStr(each)));
    else if (!(value instanceof Unknown) && value !== null) names.push(pythonStr(value));
  }
  return names;
}

/** `changed_when: false`: whatever it would do is no change. */
function neverChanges({ keywords }: Task): boolean {
  const value = keywords.changed_when?.value;
  return value === false || (Array.isArray(value) && value.includes(false));
}
