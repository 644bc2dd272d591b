// Python's pprint.pformat, as it treats values of templates (their lists and dicts are of types it does not break up).
import { Tuple, type Value } from '../../core/value.ts';
import { reprString } from '../../core/python-text.ts';
import { pythonRepr } from './text.ts';
import { characters } from './types.ts';

/** A value as pprint shows it: lists and dicts of templates on one line, long texts and tuples an item a line. */
export function pprint(value: Value, width = 80): string {
  return format(value, 0, 0, width);
}

function format(value: Value, indent: number, allowance: number, width: number): string {
  const flat = pythonRepr(value);
  if (characters(flat).length <= width - indent - allowance) return flat;
  if (value instanceof Tuple && value.length > 0) {
    const parts = Array.from(value, (item, index) =>
      format(item, indent + 1, index === value.length - 1 ? allowance + (value.length === 1 ? 2 : 1) : 1, width),
    );
    return `(${parts.join(`,\n${' '.repeat(indent + 1)}`)}${value.length === 1 ? ',' : ''})`;
  }
  return typeof value === 'string' && value.length > 4 ? text(value, indent, allowance, width) : flat;
}

/** Long text as adjacent literals, broken at whitespace. */
function text(value: string, indent: number, allowance: number, width: number): string {
  const lines = value.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const chunks: string[] = [];
  let inner = indent;
  let room = allowance;
  if (indent === 0) {
    inner++;
    room++;
  }
  let most = width - inner;
  lines.forEach((line, index) => {
    const last = index === lines.length - 1;
    if (last) most -= room;
    if (characters(reprString(line)).length <= most) {
      chunks.push(reprString(line));
      return;
    }
    const parts = line.match(/\S*\s*/g)?.filter((part) => part !== '') ?? [];
    let current = '';
    let limit = most;
    parts.forEach((part, position) => {
      const candidate = current + part;
      if (position === parts.length - 1 && last) limit -= room;
      if (characters(reprString(candidate)).length > limit) {
        if (current !== '') chunks.push(reprString(current));
        current = part;
      } else current = candidate;
    });
    if (current !== '') chunks.push(reprString(current));
  });
  if (chunks.length === 1) return chunks[0] ?? '';
  const joined = chunks.join(`\n${' '.repeat(inner)}`);
  return indent === 0 ? `(${joined})` : joined;
}
