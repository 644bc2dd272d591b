// Host patterns: `web:&prod:!db1`, globs, `~regex`, `web[0:2]`, as Ansible reads them.
import { VbxError } from '../core/error.ts';
import { parseAddress } from './host-range.ts';

/** The single patterns of a pattern or list of them: split at commas, else at colons that are not of an address or range. */
export function splitPattern(pattern: string | readonly string[]): string[] {
  if (typeof pattern !== 'string') return pattern.flatMap(splitPattern);
  const parts = pattern.includes(',')
    ? pattern.split(',')
    : parseAddress(pattern.trim(), true) !== undefined
      ? [pattern]
      : (pattern.match(/(?:[^\s:[\]]|\[[^\]]*\])+/g) ?? []);
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** First the plain patterns (`all` if there are none), then intersections, then exclusions. */
export function orderPatterns(patterns: readonly string[]): string[] {
  const plain = patterns.filter((pattern) => !/^[&!]/.test(pattern));
  return [
    ...(plain.length === 0 ? ['all'] : plain),
    ...patterns.filter((pattern) => pattern.startsWith('&')),
    ...patterns.filter((pattern) => pattern.startsWith('!')),
  ];
}

export type Subscript = { readonly index: number } | { readonly from: number; readonly to: number };

/** `web[0:2]` is `web` and its first three; a regular expression has no subscript. */
export function splitSubscript(pattern: string): {
  readonly expression: string;
  readonly subscript: Subscript | undefined;
} {
  const match = pattern.startsWith('~') ? null : /^(.+)\[(?:(-?[0-9]+)|([0-9]+)[:-]([0-9]*))\]$/.exec(pattern);
  if (match === null) return { expression: pattern, subscript: undefined };
  const [, expression = '', index, from = '0', to = ''] = match;
  return {
    expression,
    subscript: index !== undefined ? { index: Number(index) } : { from: Number(from), to: to === '' ? -1 : Number(to) },
  };
}

/** The part of a list that a subscript means: both ends included, -1 the last. */
export function applySubscript<T>(items: readonly T[], subscript: Subscript | undefined): readonly T[] {
  if (subscript === undefined || items.length === 0) return items;
  if ('index' in subscript || subscript.to === 0) {
    const item = items.at('index' in subscript ? subscript.index : subscript.from);
    return item === undefined ? [] : [item];
  }
  return items.slice(subscript.from, subscript.to === -1 ? items.length : subscript.to + 1);
}

/** Whether a pattern can match more than the name it is. */
export function isGlob(pattern: string): boolean {
  return pattern.startsWith('~') || /[*?[]/.test(pattern);
}

/** A test for names: a glob matches whole names, a `~regex` their beginning. Throws a `VbxError` for a bad expression. */
export function nameMatcher(pattern: string): (name: string) => boolean {
  if (!isGlob(pattern)) return (name) => name === pattern;
  try {
    const expression = pattern.startsWith('~')
      ? new RegExp(`^(?:${regex(pattern.slice(1))})`, 'u')
      : new RegExp(`^${glob(pattern)}$`, 'su');
    return (name) => expression.test(name);
  } catch (error) {
    throw new VbxError(`"${pattern}" is no host pattern: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
/** Python's expressions that JavaScript writes otherwise. */
function regex(source: string): string {
  return source
    .replaceAll('(?P<', '(?<')
    .replace(/\\Z/g, '$')
    .replace(/\\A/g, '^')
    .replace(/\\([-_@%&"'#,:;<=>`~! ])/g, (_, char: string) => (char === '-' ? '\\x2d' : char));
}
function glob(pattern: string): string {
  let source = '';
  for (let pos = 0; pos < pattern.length; pos++) {
    const char = pattern.charAt(pos);
    if (char === '*') source += '.*';
    else if (char === '?') source += '.';
    else if (char === '[') {
      const end = pattern.indexOf(
        ']',
        pos + (/^\[!?\]/.test(pattern.slice(pos)) ? pattern.slice(pos).indexOf(']') + 1 : 1),
      );
      if (end < 0) source += '\\[';
      else {
        const inner = pattern.slice(pos + 1, end);
        const negated = inner.startsWith('!');
        source += `[${negated ? '^' : ''}${(negated ? inner.slice(1) : inner).replace(/[\\\][^&~|]/g, '\\$&')}]`;
        pos = end;
      }
    } else source += char.replace(/[\\^$.|+(){}\]/]/g, '\\$&');
  }
  return source;
}
