// `--limit`: host patterns, some of them in files (`@FILE`, one a line).
import { readFileSync, statSync } from 'node:fs';
import { UsageError } from '../core/error.ts';
import { splitPattern } from './host-pattern.ts';

/** The single patterns of a limit, to be given to `select`. Throws a `UsageError` for a file that is not there. */
export function expandLimit(limit: string): string[] {
  return splitPattern(limit).flatMap((pattern) => {
    if (!pattern.startsWith('@')) return [pattern];
    const file = pattern.slice(1);
    const status = statSync(file, { throwIfNoEntry: false });
    if (status === undefined) throw new UsageError(`Unable to find limit file ${file}`);
    if (!status.isFile()) throw new UsageError(`Limit starting with "@" must be a file, not a directory: ${file}`);
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  });
}
