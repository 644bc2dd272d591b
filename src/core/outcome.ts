// What became of one task on one host.

export type OutcomeKind = 'ok' | 'changed' | 'failed' | 'skipped' | 'unreachable' | 'unknown';

/** The result that a task registers, as plain data with Ansible's fields (`changed`, `failed`, `msg`, `rc`, `stdout`, `results`, ...). */
export type Result = Record<string, unknown>;

export interface Outcome {
  readonly kind: OutcomeKind;
  readonly result: Result;
  /** A failure that ignore_errors let pass. */
  readonly ignored?: boolean;
  /** A failure that a rescue took care of (set when the rescue begins). */
  readonly rescued?: boolean;
  /** Why a dry run cannot know (the task it depends on). */
  readonly because?: string;
}

/** The frame in which Ansible's messages stand: the place that is told beside them says as much. */
const FRAME =
  /^Task failed: (?:Finalization of task args for '[^']*' failed: )?(?:Error while resolving value for '[^']*': )?/;

/** What people are told of a failed result: its message, or why a condition on it could not be judged. */
export function messageOf(result: Result): string | undefined {
  const { msg } = result;
  const told = [msg, result['failed_when_result'], result['changed_when_result']].find(
    (text) => typeof text === 'string' && text !== '',
  );
  if (typeof told === 'string') return told.replace(FRAME, '');
  return msg === undefined || typeof msg === 'string' ? msg : JSON.stringify(msg);
}

/** Why a result failed, on one line: of a command its exit status and the last line that it wrote, which say more than its message. */
export function reasonOf(result: Result): string | undefined {
  if (result['msg'] !== COMMAND_FAILED) return messageOf(result)?.split('\n', 1)[0];
  const said = [result['stderr'], result['stdout']].find((text) => typeof text === 'string' && text.trim() !== '');
  const last = typeof said === 'string' ? `: ${said.trim().split('\n').at(-1) ?? ''}` : '';
  return `exit status ${String(result['rc'])}${last}`;
}

/** The message of a command that failed, as scripts know it. */
export const COMMAND_FAILED = 'non-zero return code';

/** Totals of one host, the columns of the recap. */
export interface Tally {
  ok: number;
  changed: number;
  unreachable: number;
  failed: number;
  skipped: number;
  rescued: number;
  ignored: number;
  unknown: number;
}

export function emptyTally(): Tally {
  return { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0, unknown: 0 };
}

/** Counts how a task ended on a host into its columns of the recap: what changed is ok too, and an ignored failure counts in both columns, as under Ansible. */
export function countOutcome(tally: Tally, outcome: Outcome): void {
  switch (outcome.kind) {
    case 'ok':
      tally.ok += 1;
      break;
    case 'changed':
      tally.ok += 1;
      tally.changed += 1;
      break;
    case 'skipped':
      tally.skipped += 1;
      break;
    case 'unknown':
      tally.unknown += 1;
      break;
    case 'failed':
      if (outcome.ignored === true) {
        tally.ok += 1;
        tally.ignored += 1;
        if (outcome.result['changed'] === true) tally.changed += 1;
      } else tally.failed += 1;
      break;
    case 'unreachable':
      if (outcome.ignored === true) {
        tally.ok += 1;
        tally.ignored += 1;
      } else tally.unreachable += 1;
      break;
  }
}
