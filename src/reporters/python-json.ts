// JSON as Python's json module writes it: keys in order, blanks behind commas and colons.
import { printable } from '../core/printable.ts';

/** Keys in order, as Python's json sorts them. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

/** JSON with Python's blanks behind commas and colons; text is made printable by JSON's own escapes. */
export function pythonJson(value: unknown, indent: number, depth = 0): string {
  if (Array.isArray(value) || (value !== null && typeof value === 'object')) {
    const isList = Array.isArray(value);
    const parts = isList
      ? (value as unknown[]).map((item) => pythonJson(item, indent, depth + 1))
      : Object.entries(value as object).map(
          ([key, item]) => `${JSON.stringify(key)}: ${pythonJson(item, indent, depth + 1)}`,
        );
    if (parts.length === 0) return isList ? '[]' : '{}';
    if (indent === 0) return `${isList ? '[' : '{'}${parts.join(', ')}${isList ? ']' : '}'}`;
    const pad = ' '.repeat(indent * (depth + 1));
    return `${isList ? '[' : '{'}\n${pad}${parts.join(`,\n${pad}`)}\n${' '.repeat(indent * depth)}${isList ? ']' : '}'}`;
  }
  if (typeof value === 'number' && !Number.isFinite(value))
    return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  return printable(JSON.stringify(value) ?? 'null');
}
