// One task on one host: its loop, its retries, its conditions on the result, and what the result does to the host's variables.
import { ArgumentsRefused, ConnectionError, Interrupted, TemplateError, VbxError } from '../core/error.ts';
import type { ShellSpec } from '../core/connection.ts';
import type { Diff } from '../core/diff.ts';
import type { Outcome, Result } from '../core/outcome.ts';
import type { Play, Task, Written } from '../core/play.ts';
import type { Probe } from '../core/probe.ts';
import type { Basics } from '../core/basics.ts';
import { Dict, fromPlain, KNOWN_AFTER_APPLY, PyFloat, toPlain, Unknown, type Value } from '../core/value.ts';
import { World } from '../core/world.ts';
import { pythonStr, type Templar } from '../template/index.ts';
import { pythonRepr } from '../template/python/text.ts';
import { runAsync } from './async-run.ts';
import { CONTROL } from './control/index.ts';
import { invocationOf } from './invocation.ts';
import { failedResult, type Flow } from './item-result.ts';
import { checkKeywords } from './keyword-values.ts';
import { itemVariables, labelOf, loopItems, withNames } from './loop-items.ts';
import { performBundle } from './perform-bundle.ts';
import { performAction, performState, type ItemContext, type Performed } from './perform-item.ts';
import { OMIT } from '../template/index.ts';
import { withoutOmitted } from './omitted.ts';
import { judge, prepare, viewOf, type ItemRequest, type Prepared, type Ready } from './prepare.ts';
import { toBool, type RunContext } from './run-context.ts';
import { Slots } from './slots.ts';
import { sleep } from './step-run.ts';

/** What the play gives to a task of one host. */
export interface TaskRequest {
  readonly run: RunContext;
  readonly play: Play;
  readonly host: string;
  readonly task: Task;
  /** The task's id in events. */
  readonly id: string;
  readonly name: string;
  readonly handler: boolean;
  readonly reportsNotBefore: () => number;
  readonly ahead: (basics: Basics, machineKey: string, spec: ShellSpec) => Promise<readonly Probe[]>;
  /** What the window prepared for an item of the task, if that still holds. */
  readonly takePrepared?: (task: Task, index: number) => Prepared | undefined;
}

export interface TaskDone {
  readonly outcome: Outcome;
  readonly diffs: readonly Diff[];
  readonly delegate?: string;
  readonly seconds: number;
  readonly noLog: boolean;
  readonly loop: boolean;
  /** Dynamic includes and meta, one for each item that has one, with the item's variables. */
  readonly flows: readonly {
    readonly flow: Flow;
    readonly loopVars?: ReadonlyMap<string, Value>;
    readonly result: Result;
  }[];
  /** Whether the task was not run at all because it could not: unreachable. */
  readonly notify: readonly string[];
}

interface ItemDone extends Performed {
  readonly delegate?: string;
  readonly flow?: Flow;
  readonly seconds: number;
}

const CENSORED = "the output has been hidden due to the fact that 'no_log: true' was specified for this result";

/** Runs a task on a host. Only bugs and Interrupted are thrown. */
export async function runTask(given: TaskRequest): Promise<TaskDone> {
  const started = performance.now();
  const task = withoutOmitted(given.task, () => viewOf(given).templar);
  const request = task === given.task ? given : { ...given, task };
  const seconds = (): number => (performance.now() - started) / 1000;
  let noLog = false;
  try {
    const view = viewOf({ ...request });
    // Until it is known to be none that may be shown, the result is not.
    const hidden = task.keywords.no_log;
    noLog = hidden === undefined ? request.run.options.noLog === true : hidden.value !== false;
    checkKeywords(task, () => view.templar);
    if (hidden !== undefined) noLog = toBool(view.templar.render(hidden.value));
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
    return await runLoop(request, view.templar, noLog, seconds);
  } catch (error) {
    const outcome = brokenOutcome(error, request);
    return done(request, { outcome, diffs: [], seconds: seconds() }, false, noLog, seconds(), []);
  }
}

function brokenOutcome(error: unknown, request: TaskRequest): Outcome {
  if (error instanceof Interrupted) throw error;
  if (error instanceof ConnectionError)
    return { kind: 'unreachable', result: { unreachable: true, changed: false, msg: error.message } };
  if (!(error instanceof VbxError)) throw error;
  return { kind: 'failed', result: failedResult(error, (file) => readText(request.run, file)) };
}

function readText(run: RunContext, file: string): string | undefined {
  const bytes = run.options.lookupHost.readFile(file);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

/** ignore_errors, ignore_unreachable, register, facts and notify, the same for loops and single items. */
function done(
  request: TaskRequest,
  item: ItemDone,
  loop: boolean,
  noLog: boolean,
  seconds: number,
  flows: TaskDone['flows'],
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

/** What Ansible gives where it is not asked for tracebacks: playbooks ask whether a failure has one. */
const NO_TRACEBACK = '(traceback unavailable)';

/** The result as the value of a registered variable: always with `changed`, and with `failed`, or what a loop has in its place. */
export function registered(outcome: Outcome, loop: boolean): Value {
  const { result } = outcome;
  const full: Result = { ...result };
  if (!('changed' in full)) full['changed'] = false;
  // Whoever did not run for its condition did not succeed either.
  if (outcome.kind === 'failed' || !(loop || 'false_condition' in full))
    full['failed'] = outcome.kind === 'failed' || ('failed_when_result' in full && full['failed'] === true);
  if (full['failed'] === true && !(loop && 'results' in full)) full['exception'] ??= NO_TRACEBACK;
  if (loop) full['skipped'] = false;
  if (outcome.kind === 'skipped') full['skipped'] = true;
  if (outcome.kind === 'unreachable') full['unreachable'] = true;
  for (const key of Object.keys(full)) if (key.startsWith('_vbx_')) delete full[key];
  return fromPlain(full);
}

function takeFacts(request: TaskRequest, result: Result, delegate: string | undefined): void {
  const facts = result['ansible_facts'];
  const { run, host, task } = request;
  if (facts === undefined || result['failed'] === true) return;
  const values = facts instanceof Dict ? facts : fromPlain(facts);
  if (!(values instanceof Dict)) return;
  const toDelegate =
    delegate !== undefined &&
    task.keywords.delegate_facts !== undefined &&
    toBool(viewOf(request).templar.render(task.keywords.delegate_facts.value));
  const state = run.variables.hostState(toDelegate ? (delegate as string) : host);
  if (task.action === 'ansible.builtin.set_fact') {
    const cacheable = result['_vbx_cacheable'] === true;
    for (const [name, value] of values) state.setFact(String(name as string), value, cacheable, task.origin);
  } else if (task.action === 'ansible.builtin.include_vars') {
    state.includeVars(values, { origin: task.origin });
  } else state.setFacts(values);
}

// ---- loops -----------------------------------------------------------------------------------------------------------------------------

async function runLoop(given: TaskRequest, templar: Templar, noLog: boolean, seconds: () => number): Promise<TaskDone> {
  const request: TaskRequest = { ...given, task: withNames(given.task, templar) };
  const { run, task, host, id } = request;
  let items: Value[] | Unknown;
  try {
    items = loopItems(request, templar);
  } catch (error) {
    // A loop that cannot be evaluated does not matter where the task is skipped anyway.
    if (error instanceof VbxError) {
      try {
        const verdict = judge(templar, task.when);
        if (verdict.holds === false)
          return done(
            request,
            { outcome: skipped(verdict.condition), diffs: [], seconds: seconds() },
            false,
            noLog,
            seconds(),
            [],
          );
      } catch {
        // The conditions need the item: the loop's own error is the one to tell.
      }
    }
    throw error;
  }
  if (items instanceof Unknown)
    return done(
      request,
      { outcome: unknown(items.because), diffs: [], seconds: seconds() },
      true,
      noLog,
      seconds(),
      [],
    );
  if (items.length === 0) {
    return done(
      request,
      {
        outcome: {
          kind: 'skipped',
          result: { changed: false, skipped: true, skipped_reason: 'No items in the list', results: [] },
        },
        diffs: [],
        seconds: seconds(),
      },
      true,
      noLog,
      seconds(),
      [],
    );
  }
  const control = (task.loop as NonNullable<Task['loop']>).control;
  const results: {
    outcome: Outcome;
    diffs: readonly Diff[];
    item: Value;
    vars: ReadonlyMap<string, Value>;
    flow?: Flow;
    delegate?: string;
  }[] = [];
  const finish = (index: number, vars: ReadonlyMap<string, Value>, item: ItemDone): void => {
    const label = labelOf(request, vars, items[index] as Value);
    let { outcome } = item;
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
      item: noLog ? CENSORED : shown(items[index] as Value),
      label: noLog ? '(censored due to no_log)' : label,
      index,
      outcome: shownOutcome(outcome, noLog),
      diffs: noLog ? [] : item.diffs,
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
      : await performBundle(
          request,
          items,
          templar,
          noLog,
          (index, vars, performed, took, ready) =>
            finish(index, vars, {
              ...(ready === undefined ? performed : withInvocation(run, performed, ready)),
              seconds: took,
            }),
          makeContext,
        );
  for (let index = bundle ?? 0; index < items.length; index++) {
    if (index > 0 && pause > 0) await sleep(pause * 1000, run.control.signal);
    if (run.control.signal.aborted) throw new Interrupted('the run was aborted');
    const vars = itemVariables(task, items, index, templar);
    const item = await runItem(request, vars, index, noLog);
    finish(index, vars, item);
    if (item.outcome.kind === 'unreachable') break;
    if (control.breakWhen !== undefined && breaks(request, vars, item.outcome, control.breakWhen)) break;
  }
  const outcome = together(results, request);
  const flows = results.flatMap(({ flow, vars, outcome: own }) =>
    flow === undefined ? [] : [{ flow, loopVars: vars, result: own.result }],
  );
  const delegate = results.at(-1)?.delegate;
  return done(
    request,
    { outcome, diffs: [], seconds: seconds(), ...(delegate === undefined ? {} : { delegate }) },
    true,
    noLog,
    seconds(),
    flows,
  );
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

// ---- items -----------------------------------------------------------------------------------------------------------------------------

const skipped = (condition: string | boolean): Outcome => ({
  kind: 'skipped',
  result: { changed: false, skipped: true, skip_reason: 'Conditional result was False', false_condition: condition },
});
const unknown = (because: string): Outcome => ({
  kind: 'unknown',
  because,
  result: { changed: false, msg: `unknown: depends on "${because}"` },
});

async function runItem(
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
  try {
    const prepared = request.takePrepared?.(task, index) ?? (await prepare(itemRequest));
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
    return { outcome: brokenOutcome(error, request), diffs: [], seconds: seconds() };
  }
}

function withInvocation(
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
  const { templar } = prepared;
  const { keywords } = task;
  const until = keywords.until === undefined ? undefined : listOf(keywords.until);
  const asNumber = (name: 'retries' | 'delay', fallback: number): number => {
    const written = keywords[name];
    if (written === undefined) return fallback;
    const value = templar.render(written.value);
    const number = value instanceof PyFloat ? value.value : Number(value as number);
    if (!Number.isFinite(number))
      throw new VbxError(
        `Error processing keyword '${name}': The value ${pythonRepr(value)} could not be converted to '${name === 'delay' ? 'float' : 'int'}'.`,
        { origin: written.origin },
      );
    return number;
  };
  // No retries: one attempt, whose result nobody asks about.
  const retries = until === undefined && keywords.retries === undefined ? 0 : Math.max(0, asNumber('retries', 3));
  const written = asNumber('delay', 5);
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

function listOf(written: Written): Written[] {
  if (written.items !== undefined && written.items.length > 0) return [...written.items];
  return Array.isArray(written.value) ? written.value.map((value) => ({ value, origin: written.origin })) : [written];
}

function resultTemplar(request: TaskRequest, itemRequest: ItemRequest, outcome: Outcome): Templar {
  const extra = new Map(itemRequest.loopVars ?? []);
  const { register } = request.task;
  if (register !== undefined)
    extra.set(
      register,
      outcome.kind === 'unknown' ? new Unknown(outcome.because ?? request.name) : registered(outcome, false),
    );
  return viewOf({ ...itemRequest, loopVars: extra }).templar;
}

/** `changed_when: false`: whatever it would do is no change. */
function neverChanges({ keywords }: Task): boolean {
  const value = keywords.changed_when?.value;
  return value === false || (Array.isArray(value) && value.includes(false));
}

/** `failed_when` and `changed_when` decide about the outcome with the result under its registered name. */
function judgeResult(
  request: TaskRequest,
  itemRequest: ItemRequest,
  given: Outcome,
  attempts: number,
  retrying: boolean,
): Outcome {
  const { failed_when: failedWhen, changed_when: changedWhen } = request.task.keywords;
  let outcome = retrying ? { ...given, result: { ...given.result, attempts } } : given;
  if (
    outcome.kind === 'unreachable' ||
    outcome.kind === 'skipped' ||
    (failedWhen === undefined && changedWhen === undefined)
  )
    return outcome;
  if (outcome.kind === 'unknown') {
    // `changed_when: false` says how to report what runs, so an action that is not known is at least no change.
    return outcome;
  }
  const judged = (written: Written, result: Outcome): boolean | string => {
    const verdict = judge(resultTemplar(request, itemRequest, result), listOf(written));
    return verdict.holds === 'unknown' ? verdict.because : verdict.holds;
  };
  try {
    if (changedWhen !== undefined) {
      const verdict = judged(changedWhen, outcome);
      if (typeof verdict === 'string') return unknown(verdict);
      outcome = {
        ...outcome,
        result: { ...outcome.result, changed: verdict },
        kind: outcome.kind === 'failed' ? 'failed' : verdict ? 'changed' : 'ok',
      };
    }
    if (failedWhen !== undefined) {
      const verdict = judged(failedWhen, outcome);
      if (typeof verdict === 'string') return unknown(verdict);
      const { failed: _failed, ...rest } = outcome.result;
      outcome = {
        ...outcome,
        kind: verdict ? 'failed' : outcome.result['changed'] === true ? 'changed' : 'ok',
        result: { ...rest, failed: verdict, failed_when_result: verdict },
      };
    }
  } catch (error) {
    if (!(error instanceof VbxError)) throw error;
    const broken = brokenOutcome(error, request);
    const which = failedWhen === undefined ? 'changed_when_result' : 'failed_when_result';
    return {
      ...broken,
      result: {
        ...outcome.result,
        ...broken.result,
        changed: outcome.result['changed'] === true,
        [which]: broken.result['msg'],
      },
    };
  }
  return outcome;
}

/** One attempt: a control module in the engine, anything else on the machine, under forks and throttle. */
async function once(request: TaskRequest, prepared: Ready, noLog: boolean): Promise<Performed & { flow?: Flow }> {
  const { run, host, task, id } = request;
  const { module, templar } = prepared;
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
    const { keywords } = task;
    const asyncSeconds = keywords.async === undefined ? 0 : Number(toPlain(templar.render(keywords.async.value)));
    if (asyncSeconds > 0 && module.kind === 'action' && !context.check)
      return runAsync(
        module,
        prepared.args,
        context,
        asyncSeconds,
        keywords.poll === undefined
          ? (run.options.pollInterval ?? 15)
          : Number(toPlain(templar.render(keywords.poll.value))),
      );
    if (module.kind !== 'state') return performAction(module, prepared.args, context);
    const performed = await performState(module, prepared.args, context);
    return module.name === 'ansible.builtin.setup' ? withEnvironment(performed, context.environment) : performed;
  };
  const throttle =
    task.keywords.throttle === undefined ? 0 : Number(toPlain(templar.render(task.keywords.throttle.value)));
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

/** What carrying out an item needs, from the task's keywords. */
export function makeContext(request: TaskRequest, prepared: Ready, noLog: boolean): ItemContext {
  const { run, host, task, id } = request;
  const { templar } = prepared;
  const machine = run.machines.of(prepared.connection.settings);
  const flag = (written: Written | undefined, fallback: boolean): boolean =>
    written === undefined ? fallback : toBool(templar.render(written.value));
  const check = flag(task.keywords.check_mode, run.options.check);
  const timeout =
    task.keywords.timeout === undefined
      ? run.options.taskTimeout
      : Number(toPlain(templar.render(task.keywords.timeout.value)));
  const partial = { stdout: '', stderr: '' };
  return {
    machine,
    // A single checked task of a real run must leave no prediction behind for those that follow.
    world: run.options.check ? machine.world : new World(),
    spec: prepared.connection.spec,
    host,
    ...(prepared.delegate === undefined ? {} : { delegate: prepared.delegate }),
    taskName: request.name,
    taskId: id,
    check,
    diff: flag(task.keywords.diff, run.options.diff),
    verify: run.options.verify,
    environment: environmentOf(task, templar, (message, origin) => run.warn(message, origin)),
    playbookDir: request.play.playbookDir,
    ...(timeout === undefined || timeout <= 0 ? {} : { timeout }),
    signal: run.control.signal,
    reportsNotBefore: request.reportsNotBefore(),
    ahead: (basics) => request.ahead(basics, machine.machine.key, prepared.connection.spec),
    turn:
      prepared.delegate === undefined && machine.machine.settings.transport !== 'local'
        ? (work) => work()
        : (work) => machine.turn(work),
    onOutput: (stream, chunk) => {
      if (noLog) return;
      const text = partial[stream] + chunk.toString();
      const end = text.lastIndexOf('\n') + 1;
      partial[stream] = end === 0 && text.length < 4096 ? text : text.slice(end === 0 ? text.length : end);
      const whole = text.slice(0, text.length - partial[stream].length);
      if (whole !== '') run.emit({ kind: 'output', host, task: id, stream, text: whole });
    },
    warn: (message) => run.warn(message, task.origin, host),
    readFile: (file) => readText(run, file),
  };
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

function environmentOf(task: Task, templar: Templar, warn: RunContext['warn']): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const written of task.environment) {
    const value = written.value instanceof Dict ? written.value : templar.renderArg(written.value);
    if (value === OMIT) continue;
    const dicts: readonly Value[] = Array.isArray(value) ? value : [value as Value];
    for (const dict of dicts) {
      if (dict === null || dict instanceof Unknown || dict === '') continue;
      if (!(dict instanceof Dict)) {
        warn(`could not parse environment value, skipping: ${pythonRepr([dict])}`, written.origin);
        continue;
      }
      for (const [name, given] of dict) {
        const key = pythonStr(name);
        const item = environmentValue(task, templar, given);
        if (item === OMIT) continue;
        if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key))
          throw new VbxError(`"${key}" is no name for an environment variable`, { origin: written.origin });
        environment[key] = pythonStr(item as Value);
      }
    }
  }
  return environment;
}

/** A variable's value; where facts are gathered, what asks for the very facts is left out, as they are not there yet. */
function environmentValue(task: Task, templar: Templar, given: Value): Value | typeof OMIT {
  try {
    return templar.renderArg(given) as Value | typeof OMIT;
  } catch (error) {
    const gathers = task.action === 'ansible.builtin.gather_facts' || task.action === 'ansible.builtin.setup';
    if (
      error instanceof TemplateError &&
      error.kind === 'undefined' &&
      ((gathers && error.message.includes('ansible_facts')) || error.message.includes('ansible_env'))
    )
      return OMIT;
    throw error;
  }
}

// ---- what is shown ---------------------------------------------------------------------------------------------------------------------

/** A value for events: JSON data, what is not known as a phrase. */
export function shown(value: unknown): unknown {
  const plain = value instanceof Unknown ? value : toPlain(value as Value);
  return known(plain);
}
function known(plain: unknown): unknown {
  if (plain instanceof Unknown) return KNOWN_AFTER_APPLY;
  if (plain instanceof Dict || plain instanceof PyFloat) return known(toPlain(plain));
  if (Array.isArray(plain)) return plain.map(known);
  if (plain !== null && typeof plain === 'object' && Object.getPrototypeOf(plain) === Object.prototype)
    return Object.fromEntries(Object.entries(plain).map(([key, item]) => [key, known(item)]));
  return plain !== null && typeof plain === 'object'
    ? known(toPlain(plain as Value) === plain ? String(plain as { toString(): string }) : toPlain(plain as Value))
    : plain;
}

/** An outcome for events: what no_log hides is gone, engine's own fields too. */
export function shownOutcome(outcome: Outcome, noLog: boolean): Outcome {
  const { result } = outcome;
  if (noLog)
    return {
      ...outcome,
      result: {
        censored: CENSORED,
        changed: result['changed'] === true,
        ...(outcome.kind === 'failed' ? { failed: true } : {}),
        ...('attempts' in result ? { attempts: result['attempts'] } : {}),
      },
    };
  return {
    ...outcome,
    result: known(Object.fromEntries(Object.entries(result).filter(([key]) => !key.startsWith('_vbx_')))) as Result,
  };
}
