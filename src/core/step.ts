// What is done on a host, as data: the only things that change anything there.
import type { HttpRequest, HttpResponse } from './connection.ts';
import type { Content } from './content.ts';
import type { Prompt } from './dialogue.ts';
import type { PathState } from './path-state.ts';

/** What a write step's stdout ends with, before the status, where `validate` did not accept the new content. */
export const VALIDATION_FAILED = 'the new content was not accepted:';

/**
 * Paths are absolute and links already followed where the module documents so. A guard is the state that the plan was made on: if the
 * path is no longer in it, the step changes nothing and the task is probed and planned afresh.
 */
export type Step =
  /** A command by words. `accept`: exit statuses that are no failure (default 0). `long`: may run long or leave a process behind. */
  | {
      readonly kind: 'run';
      readonly argv: readonly string[];
      readonly stdin?: string | Buffer;
      readonly environment?: Readonly<Record<string, string>>;
      readonly chdir?: string;
      readonly accept?: readonly number[];
      readonly long?: boolean;
      readonly timeout?: number;
      readonly secret?: boolean;
    }
  /** Shell text of the module's own, for what words cannot say; values in it are quoted by `quote`. */
  | {
      readonly kind: 'script';
      readonly script: string;
      readonly stdin?: string | Buffer;
      readonly accept?: readonly number[];
      readonly long?: boolean;
      readonly timeout?: number;
      readonly secret?: boolean;
    }
  /** A command of the user's (command, shell, raw, script): the task's environment, own process group, streamed output. */
  | {
      readonly kind: 'command';
      readonly script: string;
      readonly executable?: string;
      readonly stdin?: string | Buffer;
      readonly chdir?: string;
      readonly display: string;
      readonly accept: 'any' | readonly number[];
    }
  /**
   * Atomic: temporary file in the same directory (0600 until complete), fsync, rename. Owner, group, mode, ACL and context of an existing file are
   * kept where not given. `mode`: octal. `validate`: command with %s. `backup`: keeps the old file beside it, named in the result. `unsafe`: in place if rename is impossible.
   */
  | {
      readonly kind: 'write';
      readonly path: string;
      readonly content: Content;
      readonly mode?: string;
      readonly owner?: string;
      readonly group?: string;
      readonly guard: PathState;
      readonly backup?: boolean;
      readonly validate?: string;
      readonly unsafe?: boolean;
      readonly secret?: boolean;
    }
  /** Removes a path of any kind; a directory with all below it only if `recursive`. */
  | { readonly kind: 'remove'; readonly path: string; readonly recursive?: boolean; readonly guard?: PathState }
  /** Copies a file of the host to the controller (`to`: absolute path there, written atomically). Its result's stdout: `changed` or `same`, SHA-1, MD5. */
  | { readonly kind: 'download'; readonly path: string; readonly to: string }
  /**
   * rsync on the controller, whose other end is started on the host over the connection that is there. `here` is on the controller, absolute or below `~`, `there` on the host; `pull` goes
   * from there to here. `rsyncPath`: the command on the host, run as the login user; without it rsync is, as the user of the task. rc and stderr are those of both ends.
   */
  | {
      readonly kind: 'rsync';
      readonly program: string;
      readonly options: readonly string[];
      readonly pull: boolean;
      readonly here: string;
      readonly there: string;
      readonly rsyncPath?: string;
    }
  /**
   * A request to a unix socket of the host; `accept`: statuses that are no failure (default 2xx and 304). `fill`: `{field}` in the path stands for that member of the JSON
   * answer to the step of that number (from 0) of the same apply. `jsonStream`: the answer is a stream of JSON objects (Docker's build, pull, import), in which one with
   * `error` is a failure whatever the status. What both mean is in core/http-step.ts.
   */
  | {
      readonly kind: 'http';
      readonly socket: string;
      readonly request: HttpRequest;
      readonly accept?: readonly number[];
      readonly display: string;
      readonly fill?: { readonly step: number; readonly field: string };
      readonly jsonStream?: boolean;
    }
  /** Asks `script` every `every` seconds until it exits 0, `atMost` seconds. */
  | {
      readonly kind: 'wait';
      readonly script: string;
      readonly every: number;
      readonly atMost: number;
      readonly display: string;
      readonly delay?: number;
    }
  /** Reboots or otherwise loses the machine, then waits until it answers again (`test` exits 0) with a new boot id if `reboot`. */
  | {
      readonly kind: 'reconnect';
      readonly trigger?: string;
      readonly reboot: boolean;
      readonly atMost: number;
      readonly delay?: number;
      readonly test?: string;
    }
  /**
   * A command of the user's in a terminal of its own, where what it asks is answered (core/dialogue.ts). `quiet`: seconds without an answer behind which it is ended, and the result
   * has `timedOut`. The result's stdout is all that the terminal showed; its stderr is why the talk broke off.
   */
  | {
      readonly kind: 'talk';
      readonly script: string;
      readonly prompts: readonly Prompt[];
      readonly echo: boolean;
      readonly quiet?: number;
      readonly chdir?: string;
      readonly display: string;
    }
  /** Waits on the controller, seconds. */
  | { readonly kind: 'sleep'; readonly seconds: number };

export interface StepResult {
  readonly step: Step;
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly end: number;
  readonly response?: HttpResponse;
  readonly backupFile?: string;
  readonly truncated?: boolean;
  readonly timedOut?: boolean;
}
