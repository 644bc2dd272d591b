// What a reporter of one's own is made of: `--output ./my-reporter.ts`, a module whose default export is a ReporterFactory.
export type { Event, EventBody, EventKind, Reporter, TaskRef } from './core/event.ts';
export { EVENT_VERSION } from './core/event.ts';
export type { Outcome, OutcomeKind, Result, Tally } from './core/outcome.ts';
export type { Diff } from './core/diff.ts';
export type { Origin } from './core/origin.ts';
export { printable, printableLine } from './core/printable.ts';
export { foldNames } from './core/nodeset.ts';
import type { Reporter } from './core/event.ts';

export interface ReporterOptions {
  readonly verbosity: number;
  /** Whether --diff was given. */
  readonly diff: boolean;
  /** Standard output; text from hosts must go through `printable` first. */
  readonly write: (text: string) => void;
}
export type ReporterFactory = (options: ReporterOptions) => Reporter | Promise<Reporter>;
