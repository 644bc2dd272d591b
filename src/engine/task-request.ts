// What a task of one host is given by its play, and the failures that are the playbook's or the connection's.
import type { Basics } from '../core/basics.ts';
import type { ShellSpec } from '../core/connection.ts';
import { ConnectionError, Interrupted, TemplateError, VbxError } from '../core/error.ts';
import type { Outcome, Result } from '../core/outcome.ts';
import type { Play, Task } from '../core/play.ts';
import type { Probe } from '../core/probe.ts';
import { failedResult } from './item-result.ts';
import { taskFailed, type Prepared } from './prepare.ts';
import type { RunContext } from './run-context.ts';

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

/** The outcome of a task that an error ended. Throws bugs, and Interrupted. */
export function brokenOutcome(error: unknown, request: TaskRequest): Outcome {
  if (error instanceof Interrupted) throw error;
  if (error instanceof ConnectionError)
    return {
      kind: 'unreachable',
      result: {
        unreachable: true,
        changed: false,
        msg: error.message,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      },
    };
  if (!(error instanceof VbxError)) throw error;
  // What a module or an action of the engine refuses is its own word; a template that fails meanwhile is not.
  const told = error instanceof TemplateError ? taskFailed(error) : error;
  return { kind: 'failed', result: failedResult(told, (file) => readText(request.run, file)) };
}

/** The text of a file of the controller, undefined where there is none. */
export function readText(run: RunContext, file: string): string | undefined {
  const bytes = run.options.lookupHost.readFile(file);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}
