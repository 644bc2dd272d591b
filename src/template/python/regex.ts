// Python's regular expressions in templates: those of core/python-regex.ts, whose refusals are Python's exceptions here.
import * as core from '../../core/python-regex.ts';
import { PythonError } from '../special.ts';

export { matches, type Match, type RegexFlags } from '../../core/python-regex.ts';

/** A global expression for a Python pattern. Throws PythonError when it is none. */
export function regex(
  pattern: string,
  flags: core.RegexFlags = {},
  shape: 'search' | 'match' | 'fullmatch' = 'search',
): RegExp {
  return raising(() => core.regex(pattern, flags, shape));
}

/** A replacement's `\1`, `\g<name>` and escapes filled in. Throws PythonError. */
export function expand(template: string, match: core.Match): string {
  return raising(() => core.expand(template, match));
}

/** Fails for a replacement that is wrong for the pattern, also where nothing matches. Throws PythonError. */
export function checkReplacement(template: string, pattern: RegExp): void {
  raising(() => core.checkReplacement(template, pattern));
}

function raising<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof core.PatternError ? new PythonError('Error', error.message) : error;
  }
}
