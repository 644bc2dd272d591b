// Options of lookups: by name, or inside of a term as `key=value` words.
import type { Value } from '../../core/value.ts';
import { PythonError } from '../special.ts';
import { pythonStr } from '../python/text.ts';
import { truthy } from '../python/types.ts';
import { toBool } from '../filters/values.ts';

export type Options = ReadonlyMap<string, Value>;

export function text(options: Options, name: string, otherwise: string): string {
  const value = options.get(name);
  return value === undefined || value === null ? otherwise : pythonStr(value);
}
export function flag(options: Options, name: string, otherwise: boolean): boolean {
  const value = options.get(name);
  return value === undefined || value === null ? otherwise : typeof value === 'string' ? toBool(value) : truthy(value);
}
export function wholeNumber(options: Options, name: string, otherwise: number): number {
  const given = text(options, name, String(otherwise));
  if (!/^\s*[-+]?\d+\s*$/.test(given)) throw new PythonError('Error', `Invalid value provided for 'integer': ${given}`);
  return Number(given);
}
export function term(value: Value): string {
  if (typeof value !== 'string') throw new PythonError('Error', `a term must be text, got ${pythonStr(value)}`);
  return value;
}

/** A term's first word, and the options behind it that are among `known`; quoted values may hold blanks. */
export function splitTerm(
  value: string,
  known: readonly string[],
  options: Options,
): { first: string; options: Map<string, Value> } {
  const merged = new Map(options);
  const words = value.match(/(?:[^\s"']|"(?:\\.|[^"])*"|'[^']*')+/g) ?? [];
  const rest: string[] = [];
  words.forEach((word, index) => {
    const match = /^([a-z_]+)=([^]*)$/.exec(word);
    if (match !== null && (index > 0 || known.includes(match[1] ?? ''))) {
      const [, key = '', raw = ''] = match;
      if (!known.includes(key)) throw new PythonError('Error', `${key} is not a valid option`);
      merged.set(key, raw.replace(/^(['"])([^]*)\1$/, '$2').replaceAll('\\t', '\t'));
    } else rest.push(word);
  });
  return { first: rest.join(' '), options: merged };
}
