// Where runs are recorded: a file a run in the state directory, pruned by age, number and size.
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../core/error.ts';
import type { Event } from '../core/event.ts';
import { readJournal, type JournalFile } from '../reporters/journal.ts';

const KEEP_DAYS = 90;
const KEEP_RUNS = 500;
const KEEP_BYTES = 512 * 1024 * 1024;

export interface StoredRun {
  /** Name to give to `vbx replay` and `vbx resume`. */
  readonly name: string;
  readonly path: string;
  readonly size: number;
  readonly modified: number;
}

/** VBX_STATE_DIR, or `vbx` in the user's state directory. */
export function stateFolder(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const { VBX_STATE_DIR: own, XDG_STATE_HOME: state } = env;
  if (own !== undefined && own !== '') return own;
  return join(state !== undefined && state !== '' ? state : join(homedir(), '.local/state'), 'vbx');
}

const runsFolder = (): string => join(stateFolder(), 'runs');

/** Opens the record of a run, readable by its user only. Throws when the folder cannot be written. */
export function createJournalFile(runId: string, now: Date = new Date()): JournalFile & { readonly name: string } {
  const folder = runsFolder();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  prune(folder);
  const name = `${now.toISOString().replace(/[-:]/g, '').replace(/\..*/, '').replace('T', '-')}-${runId}`;
  const file = openSync(join(folder, `${name}.jsonl`), 'ax', 0o600);
  return {
    name,
    append(text) {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    },
    close: () => closeSync(file),
  };
}

/** Recorded runs, newest first. */
export function storedRuns(folder: string = runsFolder()): StoredRun[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .reverse()
    .flatMap((name) => {
      const path = join(folder, name);
      const info = statSync(path, { throwIfNoEntry: false });
      return info === undefined
        ? []
        : [{ name: name.replace(/\.jsonl$/, ''), path, size: info.size, modified: info.mtimeMs }];
    });
}

function prune(folder: string): void {
  let bytes = 0;
  storedRuns(folder).forEach((run, index) => {
    bytes += run.size;
    if (index >= KEEP_RUNS || bytes > KEEP_BYTES || Date.now() - run.modified > KEEP_DAYS * 86_400_000)
      rmSync(run.path, { force: true });
  });
}

/** The run of a name, of the end of a name, of a file, or the newest for `last`. Errors: UsageError. */
export function findRun(word: string | undefined): StoredRun {
  const info = word === undefined ? undefined : statSync(word, { throwIfNoEntry: false });
  if (word !== undefined && info?.isFile() === true)
    return { name: word, path: word, size: info.size, modified: info.mtimeMs };
  const runs = storedRuns();
  const found =
    word === undefined || word === 'last' ? runs[0] : runs.find((run) => run.name === word || run.name.endsWith(word));
  if (found === undefined)
    throw new UsageError(
      word === undefined || word === 'last' ? 'no run is recorded yet' : `there is no recorded run "${word}"`,
      { hint: '"vbx runs" lists them' },
    );
  return found;
}

/** The events of a recorded run. Errors: UsageError for a file that is no record. */
export function eventsOf(run: StoredRun): Event[] {
  try {
    return readJournal(readFileSync(run.path, 'utf8'));
  } catch (error) {
    throw new UsageError(
      `${run.path} is no record of a run: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
