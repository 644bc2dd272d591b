// Python's pprint.pformat.
import { Dict, type Value } from '../../core/value.ts';
import { pythonRepr, reprString } from './text.ts';
import { characters } from './types.ts';

/** A value as pprint shows it: one line when it fits in `width`, else an item a line. */
export function pprint(value: Value, width = 80): string {
  return format(value, 0, 0, width);
}

function format(value: Value, indent: number, allowance: number, width: number): string {
  const flat = flatRepr(value);
  if (characters(flat).length <= width - indent - allowance) return flat;
  const inside = indent + 1;
  if (value instanceof Dict && value.size > 0) {
    const entries = [...value];
    const parts = entries.map(([key, item], index) => {
      const name = flatRepr(key);
      return `${name}: ${format(item, inside + characters(name).length + 2, index === entries.length - 1 ? allowance + 1 : 1, width)}`;
    });
    return `{${parts.join(`,\n${' '.repeat(inside)}`)}}`;
  }
  if (Array.isArray(value) && value.length > 0) {
    const list = Array.from(value);
    const parts = list.map((item, index) => format(item, inside, index === list.length - 1 ? allowance + 1 : 1, width));
    return `[${parts.join(`,\n${' '.repeat(inside)}`)}]`;
  }
  if (typeof value === 'string' && value.length > 4) return text(value, indent, allowance, width);
  return flat;
}

function flatRepr(value: Value): string {
  if (value instanceof Dict) return `{${[...value].map(([key, item]) => `${flatRepr(key)}: ${flatRepr(item)}`).join(', ')}}`;
  if (Array.isArray(value)) return `[${Array.from(value, flatRepr).join(', ')}]`;
  return pythonRepr(value);
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
