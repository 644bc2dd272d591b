// The result of one item as Ansible's users know it, made from what a module gave, a failure, or the lack of an answer.
import { ArgumentsRefused, describeError, StepFailed, type VbxError } from '../core/error.ts';
import type { Outcome, Result } from '../core/outcome.ts';
import type { StepResult } from '../core/step.ts';
import type { Value } from '../core/value.ts';
import { commandOf } from './machine-run.ts';

export type Flow =
  | {
      readonly kind: 'include-tasks';
      readonly file: string;
      readonly apply?: unknown;
      readonly vars?: ReadonlyMap<string, unknown>;
    }
  | { readonly kind: 'include-role'; readonly args: Readonly<Record<string, unknown>>; readonly apply?: unknown }
  | { readonly kind: 'meta'; readonly action: string };

/** The flow that an item asks for, with the variables of the item if it is one of a loop. */
export interface ItemFlow {
  readonly flow: Flow;
  readonly loopVars?: ReadonlyMap<string, Value>;
  readonly result: Result;
}

/** Lines as Ansible makes `stdout_lines`: without the last line break. */
export function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split(/\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Adds `stdout_lines` and `stderr_lines` where a result has the text and not the lines. */
export function withLines(result: Result): Result {
  const full = { ...result };
  for (const name of ['stdout', 'stderr'])
    if (typeof full[name] === 'string' && !(`${name}_lines` in full)) full[`${name}_lines`] = linesOf(full[name]);
  return full;
}

/** An error of the playbook or of a step as the fields of a failed result. `read` gives a file's text for showing the line. */
export function failedResult(error: VbxError, read: (file: string) => string | undefined): Result {
  if (error instanceof StepFailed)
    return withLines({
      failed: true,
      changed: false,
      msg: error.message,
      cmd: error.command,
      rc: error.rc,
      stdout: error.stdout,
      stderr: error.stderr,
    });
  // Playbooks compare the message with Ansible's: the place is told beside it.
  const place = describeError(error, read).slice(error.message.length).trim();
  return {
    failed: true,
    changed: false,
    msg: error.message,
    ...(place === '' ? {} : { place }),
    ...(error instanceof ArgumentsRefused ? error.fields : {}),
  };
}

/** The failure of a step of a module: what was run, its status and what it said. */
export function stepFailure(result: StepResult): StepFailed {
  const said = (result.stderr.trim() || result.stdout.trim()).split('\n').at(-1) ?? '';
  const command = commandOf(result);
  // A module's own command is nothing that a user wrote: what it said is the message, and the command stands beside it.
  const heard = result.stderr.trim() === '' ? '' : result.stderr.trimEnd();
  if (
    result.timedOut !== true &&
    heard !== '' &&
    heard.length <= 2000 &&
    (result.step.kind === 'script' || result.step.kind === 'run')
  )
    return new StepFailed(heard, { command, rc: result.rc, stdout: result.stdout, stderr: result.stderr });
  const how =
    result.timedOut === true
      ? 'ran out of time'
      : result.step.kind === 'http'
        ? 'failed'
        : `failed with exit status ${result.rc}`;
  return new StepFailed(
    `${command.length > 200 ? `${command.slice(0, 200)}…` : command} ${how}${said === '' ? '' : `: ${said}`}`,
    { command, rc: result.rc, stdout: result.stdout, stderr: result.stderr },
  );
}
