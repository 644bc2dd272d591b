// Which reporters a command line asks for, and how warnings and notes reach the person before and during a run.
import type { Control, Reporter } from '../core/event.ts';
import type { RunOptions } from '../engine/run-options.ts';
import type { Controller } from './controller.ts';
import type { RunFlags } from './options.ts';

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
}

export async function makeReporters(flags: RunFlags & { readonly tui?: boolean; readonly adHoc?: boolean }, _controller: Controller, _options: RunOptions): Promise<MadeReporters> {
  const toStderr = (text: string): void => void process.stderr.write(`${text}\n`);
  const json: Reporter = { event: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`) };
  await Promise.resolve(flags);
  return { reporters: [json], interactive: false, warn: (message) => toStderr(`[WARNING]: ${message}`), tell: toStderr, onFault: (_reporter, error) => toStderr(`a reporter failed: ${String(error)}`) };
}
