// Which reporters a command line asks for, and how warnings and notes reach the person before and during a run.
import { Chalk } from 'chalk';
import { UsageError } from '../core/error.ts';
import type { Control, Event, Reporter } from '../core/event.ts';
import { printable } from '../core/printable.ts';
import type { RunOptions } from '../engine/run-options.ts';
import { jsonLines } from '../reporters/json-lines.ts';
import { AnsibleReporter } from '../reporters/ansible.ts';
import { journal } from '../reporters/journal.ts';
import { PlainReporter } from '../reporters/plain.ts';
import type { Controller } from './controller.ts';
import type { RunFlags } from './options.ts';
import { createJournalFile } from './run-store.ts';

export interface MadeReporters {
  readonly reporters: readonly Reporter[];
  /** A screen is watching: failed hosts may be tried again. */
  readonly interactive: boolean;
  /** A warning from outside of the run's events. */
  readonly warn: (message: string) => void;
  /** A note to the person at the terminal. */
  readonly tell: (text: string) => void;
  readonly onFault: (reporter: Reporter, error: unknown) => void;
  readonly attach?: (control: Control) => void;
  readonly finished?: () => Promise<void>;
  /** Tells the events of a replay by itself, in its own time. */
  readonly replayed?: () => Promise<number>;
}

export interface ReporterFlags extends RunFlags {
  readonly tui?: boolean;
  readonly adHoc?: boolean;
  /** Keep a record of the run; true unless said. */
  readonly record?: boolean;
  /** Events of an earlier run that are to be told again. */
  readonly replay?: readonly Event[];
}

/** The reporters of --output. Errors: UsageError for one that is not there. */
export async function makeReporters(flags: ReporterFlags, controller: Controller, options: Pick<RunOptions, 'verbosity' | 'diff' | 'runId'>): Promise<MadeReporters> {
  const { values } = controller.settings;
  const toStdout = (text: string): void => void process.stdout.write(text);
  const toStderr = (text: string): void => void process.stderr.write(text);
  const colors = (stream: NodeJS.WriteStream): 0 | 1 | 2 | 3 => (values.noColor ? 0 : values.forceColor ? 1 : stream.isTTY ? 2 : 0);
  const color = new Chalk({ level: colors(process.stdout) });
  const reporters: Reporter[] = [];
  for (const word of (flags.output ?? process.env['VBX_OUTPUT'] ?? 'plain').split(',').map((each) => each.trim()).filter((each) => each !== '')) {
    if (word === 'json') reporters.push(jsonLines(toStdout));
    else if (word === 'plain') reporters.push(new PlainReporter({ write: toStdout, warn: toStderr, color, verbosity: options.verbosity, diff: options.diff, adHoc: flags.adHoc === true, diffContext: values.diffContext }));
    else if (word === 'ansible') {
      reporters.push(new AnsibleReporter({
        write: toStdout, warn: toStderr, color, columns: Math.max(79, (process.stdout.columns ?? 0) - 1), verbosity: options.verbosity, diff: options.diff, diffContext: values.diffContext, showSkipped: values.displaySkippedHosts,
        showOk: values.displayOkHosts, failedToStderr: values.displayFailedStderr, checkMarkers: values.checkModeMarkers, showPerHostStart: values.showPerHostStart, showTaskPathOnFailure: values.showTaskPathOnFailure,
        showStats: values.showCustomStats, format: values.resultFormat, adHoc: flags.adHoc === true, ...(values.prettyResults === undefined ? {} : { pretty: values.prettyResults }),
      }));
    } else throw new UsageError(`there is no output "${word}"`, { hint: 'there are plain, json, ansible, junit=FILE and html=FILE' });
  }
  if (flags.record !== false && flags.replay === undefined) {
    try {
      const file = createJournalFile(options.runId);
      reporters.push(journal(file, (reason) => toStderr(`[WARNING]: the run is not recorded any more (${reason}); it goes on\n`)));
    } catch (error) {
      toStderr(`[WARNING]: the run is not recorded: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
  await Promise.resolve();
  return {
    reporters, interactive: false, warn: (message) => toStderr(`[WARNING]: ${printable(message)}\n`), tell: () => undefined,
    onFault: (_reporter, error) => toStderr(`a reporter failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`),
  };
}
