// The loop of a task on one host: its items one after the other, bundled where that is safe, and their results together.
import type { Diff } from '../core/diff.ts';
import { Interrupted, TemplateError, VbxError } from '../core/error.ts';
import type { Outcome, Result } from '../core/outcome.ts';
import type { Task, Written } from '../core/play.ts';
import { TemplateText, toPlain, Unknown, type Value } from '../core/value.ts';
import type { Templar } from '../template/index.ts';
import { pythonRepr } from '../template/python/text.ts';
import type { Flow, ItemFlow } from './item-result.ts';
import { runItem, withInvocation, type ItemDone } from './item-run.ts';
import { hidesResults } from './keyword-values.ts';
import { itemVariables, labelOf, loopItems, withNames } from './loop-items.ts';
import { withoutOmitted } from './omitted.ts';
import { performBundle } from './perform-bundle.ts';
import { judge, viewOf } from './prepare.ts';
import { NO_TRACEBACK, registered } from './registered.ts';
import { skipped, unknown } from './result-conditions.ts';
import { toBool } from './run-context.ts';
import { CENSORED, shown, shownOutcome } from './shown-outcome.ts';
import { sleep } from './step-run.ts';
import { takeFacts } from './take-facts.ts';
import type { TaskRequest } from './task-request.ts';

/** What a loop came to. `loop` is false where its items cannot be told, and it is skipped as one task. */
export interface LoopDone {
  readonly item: ItemDone;
  readonly loop: boolean;
  readonly flows: readonly ItemFlow[];
  /** Whether what it came to is hidden. */
  readonly noLog: boolean;
}

/** Runs the items of a task's loop. Errors: VbxError where the loop itself is wrong, and Interrupted. */
export async function runLoop(given: TaskRequest, templar: Templar, noLog: boolean): Promise<LoopDone> {
  const started = performance.now();
  const request: TaskRequest = { ...given, task: withNames(given.task, templar) };
  const { run, task, host, id } = request;
  // A template may hide some items and not others; where one is hidden, so is what the loop came to.
  const perItem = task.keywords.no_log?.value instanceof TemplateText;
  let anyHidden = noLog && !perItem;
  const whole = (outcome: Outcome, loop = true): LoopDone => ({
    item: { outcome, diffs: [], seconds: (performance.now() - started) / 1000 },
    loop,
    flows: [],
    noLog: anyHidden,
  });
  let items: Value[] | Unknown;
  try {
    items = loopItems(request, templar);
  } catch (error) {
    // A loop that cannot be evaluated does not matter where the task is skipped anyway.
    if (!(error instanceof VbxError)) throw error;
    const condition = refusing(templar, task);
    if (condition !== undefined) return whole(skipped(condition), false);
    // What is undefined is found by the task; anything else keeps it from ever beginning.
    if (!(error instanceof TemplateError) || error.kind === 'undefined') throw error;
    throw new VbxError(error.message, { origin: error.origin, hint: error.hint, cause: error });
  }
  if (items instanceof Unknown) return whole(unknown(items.because));
  if (items.length === 0)
    return whole({
      kind: 'skipped',
      result: { changed: false, skipped: true, skipped_reason: 'No items in the list', results: [] },
    });
  const control = (task.loop as NonNullable<Task['loop']>).control;
  const results: {
    outcome: Outcome;
    diffs: readonly Diff[];
    item: Value;
    vars: ReadonlyMap<string, Value>;
    flow?: Flow;
    delegate?: string;
  }[] = [];
  const hides = (vars: ReadonlyMap<string, Value>): boolean => {
    const hidden = perItem ? hidesResults(task, viewOf({ ...request, loopVars: vars }).templar, noLog) : noLog;
    anyHidden ||= hidden;
    return hidden;
  };
  const finish = (index: number, vars: ReadonlyMap<string, Value>, item: ItemDone): void => {
    const { label, outcome: labelled } = withLabel(request, vars, items[index] as Value, item.outcome);
    const hidden = hides(vars);
    let outcome = labelled;
    if (outcome.kind === 'failed' && ignores(request, vars)) outcome = { ...outcome, ignored: true };
    results.push({
      outcome,
      diffs: item.diffs,
      item: items[index] as Value,
      vars,
      ...(item.flow === undefined ? {} : { flow: item.flow }),
      ...(item.delegate === undefined ? {} : { delegate: item.delegate }),
    });
    takeFacts(request, outcome.result, item.delegate);
    run.emit({
      kind: 'item-end',
      host,
      task: id,
      item: hidden ? CENSORED : shown(items[index] as Value),
      label: hidden ? '(censored due to no_log)' : label,
      index,
      outcome: shownOutcome(outcome, hidden),
      diffs: hidden ? [] : item.diffs,
      seconds: item.seconds,
      loopVar: control.loopVar,
      ...(control.indexVar === undefined ? {} : { indexVar: control.indexVar }),
      ...(item.delegate === undefined ? {} : { delegate: item.delegate }),
    });
  };
  const pause = control.pause === undefined ? 0 : Number(toPlain(templar.render(control.pause.value)));
  if (Number.isNaN(pause))
    throw new VbxError(
      `Error processing keyword 'pause': The value ${pythonRepr(templar.render(control.pause?.value ?? null))} could not be converted to 'float'.`,
      { origin: control.pause?.origin },
    );
  const bundle =
    pause > 0 || control.breakWhen !== undefined
      ? undefined
      : await performBundle(request, items, templar, noLog, (index, vars, performed, took, ready) =>
          finish(index, vars, {
            ...(ready === undefined ? performed : withInvocation(run, performed, ready)),
            seconds: took,
          }),
        );
  for (let index = bundle ?? 0; index < items.length; index++) {
    if (index > 0 && pause > 0) await sleep(pause * 1000, run.control.signal);
    if (run.control.signal.aborted) throw new Interrupted('the run was aborted');
    const vars = itemVariables(task, items, index, templar);
    const item = await runItem(request, vars, index, hides(vars));
    finish(index, vars, item);
    if (item.outcome.kind === 'unreachable') break;
    if (control.breakWhen !== undefined && breaks(request, vars, item.outcome, control.breakWhen)) break;
  }
  const delegate = results.at(-1)?.delegate;
  const { item, loop } = whole(together(results, request));
  return {
    item: { ...item, ...(delegate === undefined ? {} : { delegate }) },
    loop,
    noLog: anyHidden,
    flows: results.flatMap(({ flow, vars, outcome }) =>
      flow === undefined ? [] : [{ flow, loopVars: vars, result: outcome.result }],
    ),
  };
}

/** The item's label, and its outcome: an item whose label names what is not defined has failed, whatever it did. */
function withLabel(
  request: TaskRequest,
  vars: ReadonlyMap<string, Value>,
  item: Value,
  outcome: Outcome,
): { label: string; outcome: Outcome } {
  const { register } = request.task;
  const known =
    register === undefined || outcome.kind === 'unknown'
      ? vars
      : new Map([...vars, [register, registered(outcome, false)]]);
  try {
    return { label: labelOf(request, known, item), outcome };
  } catch (error) {
    if (!(error instanceof TemplateError) || error.kind !== 'undefined') throw error;
    const msg = `Failed to template loop_control.label: ${error.message}`;
    return {
      label: 'None',
      outcome:
        outcome.kind === 'unreachable' ? outcome : { kind: 'failed', result: { ...outcome.result, failed: true, msg } },
    };
  }
}

/** The condition of the task that does not hold, if that can be told without an item. */
function refusing(templar: Templar, task: Task): string | boolean | undefined {
  try {
    const verdict = judge(templar, task.when);
    return verdict.holds === false ? verdict.condition : undefined;
  } catch {
    // The conditions need the item: the loop's own error is the one to tell.
    return undefined;
  }
}

/** Whether the failure of an item is ignored, as its own variables say. */
function ignores(given: TaskRequest, loopVars: ReadonlyMap<string, Value>): boolean {
  const templar = viewOf({ ...given, loopVars }).templar;
  const written = withoutOmitted(given.task, () => templar).keywords.ignore_errors;
  return written !== undefined && toBool(templar.render(written.value));
}

function breaks(
  request: TaskRequest,
  vars: ReadonlyMap<string, Value>,
  outcome: Outcome,
  conditions: readonly Written[],
): boolean {
  const extra = new Map(vars);
  if (request.task.register !== undefined) extra.set(request.task.register, registered(outcome, false));
  const verdict = judge(viewOf({ ...request, loopVars: extra }).templar, conditions);
  return verdict.holds === true;
}

/** The outcome of a loop: `results` with every item's own, as Ansible joins them. */
function together(
  results: readonly { outcome: Outcome; item: Value; vars: ReadonlyMap<string, Value> }[],
  request: TaskRequest,
): Outcome {
  const control = (request.task.loop as NonNullable<Task['loop']>).control;
  const all = results.map(({ outcome, item, vars }) => {
    const full: Result = { ...outcome.result, [control.loopVar]: item, ansible_loop_var: control.loopVar };
    if (outcome.kind === 'failed' || !('false_condition' in full)) full['failed'] = outcome.kind === 'failed';
    if (outcome.kind === 'failed') full['exception'] ??= NO_TRACEBACK;
    for (const name of [
      'ansible_index_var',
      'ansible_loop',
      ...(control.indexVar === undefined ? [] : [control.indexVar]),
    ])
      if (vars.has(name)) full[name] = vars.get(name);
    if (!('changed' in full)) full['changed'] = false;
    if (outcome.kind === 'unknown') return new Unknown(outcome.because ?? request.name);
    return full;
  });
  const kinds = results.map((each) => each.outcome.kind);
  const unreachable = results.find((each) => each.outcome.kind === 'unreachable');
  if (unreachable !== undefined)
    return { kind: 'unreachable', result: { ...unreachable.outcome.result, results: all } };
  const changed = kinds.includes('changed') || results.some((each) => each.outcome.result['changed'] === true);
  if (kinds.includes('failed')) {
    const allIgnored = results.every((each) => each.outcome.kind !== 'failed' || each.outcome.ignored === true);
    return {
      kind: 'failed',
      result: { changed, failed: true, msg: 'One or more items failed', results: all },
      ...(allIgnored ? { ignored: true } : {}),
    };
  }
  const because = results.find((each) => each.outcome.kind === 'unknown')?.outcome.because;
  if (because !== undefined && !changed)
    return {
      kind: 'unknown',
      because,
      result: { changed: false, msg: `unknown: depends on "${because}"`, results: all },
    };
  if (kinds.every((kind) => kind === 'skipped'))
    return { kind: 'skipped', result: { changed: false, skipped: true, msg: 'All items skipped', results: all } };
  return { kind: changed ? 'changed' : 'ok', result: { changed, msg: 'All items completed', results: all } };
}
