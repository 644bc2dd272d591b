// The errors that stop a run or a command. What goes wrong on a host is an Outcome (outcome.ts), not an exception.
import { caret, formatOrigin, type Origin } from './origin.ts';

/** Base of all errors that are told to the user as a message; anything else that is thrown is a bug in vbx. */
export class VbxError extends Error {
  readonly origin: Origin | undefined;
  /** What to try, as a sentence of its own. */
  readonly hint: string | undefined;
  constructor(
    message: string,
    options: { origin?: Origin | undefined; hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.origin = options.origin;
    this.hint = options.hint;
  }
}

/** Wrong options or arguments of the command line: exit status 5. */
export class UsageError extends VbxError {}

/** A playbook, role, inventory or variables file that cannot be used: exit status 4. */
export class PlaybookError extends VbxError {}

/**
 * What an include names is not there, or holds no list of tasks. An include that runs fails its host with it, which a rescue may take; any other
 * PlaybookError of what is included ends the run, as under Ansible.
 */
export class NothingToInclude extends PlaybookError {}

/** A role, playbook or file of tasks that is not there: exit status 1 where it is named before any host is touched, as under Ansible. */
export class NotThere extends NothingToInclude {}

/** Arguments that a module does not take, found when its task runs: playbooks compare the message with Ansible's, so the place is told beside it. */
export class ArgumentsRefused extends PlaybookError {
  /** Further fields of the result. */
  readonly fields: Readonly<Record<string, unknown>>;
  constructor(
    message: string,
    options: ConstructorParameters<typeof PlaybookError>[1] & {
      fields?: Readonly<Record<string, unknown>> | undefined;
    },
  ) {
    super(message, options);
    this.fields = options.fields ?? {};
  }
}

/** A template or expression that cannot be evaluated; `kind` is the class of failure as the corpus of test/template names it. */
export class TemplateError extends VbxError {
  readonly kind: TemplateErrorKind;
  constructor(
    kind: TemplateErrorKind,
    message: string,
    options: { origin?: Origin | undefined; hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options);
    this.kind = kind;
  }
}
export type TemplateErrorKind =
  | 'undefined'
  | 'syntax'
  | 'plugin-failed'
  | 'plugin-not-found'
  | 'broken-conditional'
  | 'omitted'
  | 'untrusted'
  | 'recursion'
  | 'runtime';

/** A machine that cannot be reached or that was lost: its hosts become `unreachable`. */
export class ConnectionError extends VbxError {}

/** The error with what was being done in front of its message. That a machine was lost, or the run interrupted, is told as it is. */
export function during(doing: string, error: VbxError): VbxError {
  if (error instanceof ConnectionError || error instanceof Interrupted) return error;
  return new VbxError(`${doing}: ${error.message}`, { origin: error.origin, hint: error.hint, cause: error });
}

/** A step that ran on a host and failed; becomes the host's `failed` outcome. */
export class StepFailed extends VbxError {
  readonly command: string;
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
  constructor(
    message: string,
    details: {
      command: string;
      rc: number;
      stdout?: string;
      stderr?: string;
      hint?: string | undefined;
      cause?: unknown;
    },
  ) {
    super(message, details);
    this.command = details.command;
    this.rc = details.rc;
    this.stdout = details.stdout ?? '';
    this.stderr = details.stderr ?? '';
  }
}

/** The run was ended by the user (second Ctrl-C): exit status 99. */
export class Interrupted extends VbxError {}

/**
 * The text of an error for people: message, place with the line shown, hint. `read` gives a file's text (undefined if it cannot be read).
 */
export function describeError(error: unknown, read: (file: string) => string | undefined): string {
  if (!(error instanceof VbxError)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const parts = [error.message];
  if (error.origin !== undefined) {
    parts.push(`  at ${formatOrigin(error.origin)}`);
    const source = read(error.origin.file);
    if (source !== undefined) parts.push(caret(error.origin, source).replace(/^/gm, '  '));
  }
  if (error.hint !== undefined) parts.push(`  ${error.hint}`);
  return parts.join('\n');
}
