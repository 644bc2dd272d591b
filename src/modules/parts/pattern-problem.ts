// What is wrong with regular expressions among a module's arguments, told before any host is touched.
import { bytePattern, PatternError, type RegexFlags } from '../../core/python-regex.ts';

/** `undefined`, `BOF` and `EOF` are no patterns. */
export function patternProblem(
  patterns: Readonly<Record<string, string | undefined>>,
  flags: Omit<RegexFlags, 'ascii'> = {},
): string | undefined {
  for (const [name, pattern] of Object.entries(patterns)) {
    if (pattern === undefined || pattern === 'BOF' || pattern === 'EOF') continue;
    try {
      bytePattern(pattern, flags);
    } catch (error) {
      if (error instanceof PatternError) return `${name} is not a regular expression: ${error.message}`;
      throw error;
    }
  }
  return undefined;
}
