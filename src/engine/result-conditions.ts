// Conditions on a result: `until`, `failed_when`, `changed_when`, `break_when`, with the result under its registered name.
import { VbxError } from '../core/error.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Written } from '../core/play.ts';
import { Unknown } from '../core/value.ts';
import type { Templar } from '../template/index.ts';
import { judge, viewOf, type ItemRequest } from './prepare.ts';
import { registered } from './registered.ts';
import { brokenOutcome, type TaskRequest } from './task-request.ts';

/** `failed_when` and `changed_when` decide about the outcome with the result under its registered name. */
export function judgeResult(
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
  // `changed_when: false` says how to report what runs, so an action that is not known is at least no change.
  if (outcome.kind === 'unknown') return outcome;
  const judged = (written: Written, result: Outcome): boolean | string => {
    const verdict = judge(resultTemplar(request, itemRequest, result), listOf(written));
    return verdict.holds === 'unknown' ? verdict.because : verdict.holds;
  };
  let judging: 'changed_when' | 'failed_when' = 'changed_when';
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
    judging = 'failed_when';
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
    const { place } = brokenOutcome(error, request).result;
    outcome = {
      ...outcome,
      kind: 'failed',
      result: {
        ...outcome.result,
        failed: true,
        [`${judging}_result`]: error.message,
        ...(place === undefined ? {} : { place }),
      },
    };
  }
  return outcome;
}

/** The outcome of what its conditions leave out. */
export const skipped = (condition: string | boolean): Outcome => ({
  kind: 'skipped',
  result: { changed: false, skipped: true, skip_reason: 'Conditional result was False', false_condition: condition },
});

/** The outcome of what depends on a task that a dry run cannot know. */
export const unknown = (because: string): Outcome => ({
  kind: 'unknown',
  because,
  result: { changed: false, msg: `unknown: depends on "${because}"` },
});

/** The conditions of a keyword, which may be one or a list. */
export function listOf(written: Written): Written[] {
  if (written.items !== undefined && written.items.length > 0) return [...written.items];
  return Array.isArray(written.value) ? written.value.map((value) => ({ value, origin: written.origin })) : [written];
}

/** Templates over the result, under its registered name. */
export function resultTemplar(request: TaskRequest, itemRequest: ItemRequest, outcome: Outcome): Templar {
  const extra = new Map(itemRequest.loopVars ?? []);
  const { register } = request.task;
  if (register !== undefined)
    extra.set(
      register,
      outcome.kind === 'unknown' ? new Unknown(outcome.because ?? request.name) : registered(outcome, false),
    );
  return viewOf({ ...itemRequest, loopVars: extra }).templar;
}
