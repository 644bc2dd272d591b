// Equality and order of values, as Python has them: 1 == 1.0 == True, but '1' != 1, and text does not compare with numbers.
import { Dict, PyBytes, PyDate, PyFloat, TemplateText, Tuple, type Value } from '../../core/value.ts';
import { Markup, Range, TimeDelta, typeError } from '../special.ts';
import { isNumber, iterate, need, toNumber, typeName } from './types.ts';
import { microseconds, dateParts } from './date.ts';

/** Python's `==`. Throws Tripped or NotKnown where an undefined or Unknown value is met. */
export function pythonEquals(left: Value, right: Value): boolean {
  if (typeof left === 'string' && typeof right === 'string') return left === right;
  need(left);
  need(right);
  const a = toNumber(left);
  const b = toNumber(right);
  if (a !== undefined && b !== undefined)
    return typeof left === 'bigint' || typeof right === 'bigint' ? equalNumbers(left, right) : a === b;
  if (a !== undefined || b !== undefined) return false;
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left instanceof Tuple !== right instanceof Tuple || left.length !== right.length)
      return false;
    return left.every((item, index) => pythonEquals(item, right[index] as Value));
  }
  if (left instanceof Dict) {
    if (!(right instanceof Dict) || left.size !== right.size) return false;
    for (const [key, value] of left) {
      const other = right.get(key);
      if (other === undefined || !pythonEquals(value, other)) return false;
    }
    return true;
  }
  if (
    left instanceof Markup ||
    right instanceof Markup ||
    left instanceof TemplateText ||
    right instanceof TemplateText
  )
    return plain(left) === plain(right);
  if (left instanceof PyDate && right instanceof PyDate)
    return left.kind === right.kind && microseconds(dateParts(left)) === microseconds(dateParts(right));
  if (left instanceof PyBytes && right instanceof PyBytes)
    return left.bytes.length === right.bytes.length && left.bytes.every((byte, index) => byte === right.bytes[index]);
  if (left instanceof TimeDelta && right instanceof TimeDelta) return left.microseconds === right.microseconds;
  if (left instanceof Range && right instanceof Range) return pythonEquals(Array.from(left), Array.from(right));
  return left === right;
}

function plain(value: Value): Value {
  return value instanceof Markup ? value.text : value instanceof TemplateText ? value.source : value;
}

function equalNumbers(left: Value, right: Value): boolean {
  const exact = (value: Value): bigint | undefined => {
    const number = typeof value === 'bigint' ? value : toNumber(value);
    return typeof number === 'bigint'
      ? number
      : number !== undefined && Number.isInteger(number)
        ? BigInt(number)
        : undefined;
  };
  const a = exact(left);
  return a !== undefined && a === exact(right);
}

/** Text order by code points (JavaScript's own is by UTF-16 units). */
export function compareText(left: string, right: string): number {
  const end = Math.min(left.length, right.length);
  for (let index = 0; index < end; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b)
      return (
        (a >= 0xd800 ? a + 0x10000 * Number(a < 0xe000) : a) - (b >= 0xd800 ? b + 0x10000 * Number(b < 0xe000) : b)
      );
  }
  return left.length - right.length;
}

/** The order of two values: negative, zero, positive, or NaN when neither is less. Throws TypeError for kinds that do not compare. */
export function compare(left: Value, right: Value, operator = '<'): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  const a = need(plain(left));
  const b = need(plain(right));
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if ((isNumber(a) || typeof a === 'boolean') && (isNumber(b) || typeof b === 'boolean')) {
    const x = a instanceof PyFloat ? a.value : typeof a === 'boolean' ? Number(a) : a;
    const y = b instanceof PyFloat ? b.value : typeof b === 'boolean' ? Number(b) : b;
    return x < y ? -1 : x > y ? 1 : x == y ? 0 : Number.NaN; // eslint-disable-line eqeqeq -- a bigint and a number may be equal
  }
  if (Array.isArray(a) && Array.isArray(b) && a instanceof Tuple === b instanceof Tuple) {
    for (let index = 0; index < Math.min(a.length, b.length); index++) {
      const [x, y] = [a[index] as Value, b[index] as Value];
      if (!pythonEquals(x, y)) return compare(x, y, operator);
    }
    return a.length - b.length;
  }
  if (a instanceof PyDate && b instanceof PyDate && a.kind === b.kind) {
    const difference = microseconds(dateParts(a)) - microseconds(dateParts(b));
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  if (a instanceof TimeDelta && b instanceof TimeDelta)
    return a.microseconds < b.microseconds ? -1 : a.microseconds > b.microseconds ? 1 : 0;
  if (a instanceof PyBytes && b instanceof PyBytes) return Buffer.compare(a.bytes, b.bytes);
  throw typeError(`'${operator}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`);
}

/** Python's `in`. */
export function contains(container: Value, item: Value): boolean {
  const needle = plain(need(item));
  const hay = plain(need(container));
  if (typeof hay === 'string') {
    if (typeof needle !== 'string')
      throw typeError(`'in <string>' requires string as left operand, not ${typeName(needle)}`);
    return hay.includes(needle);
  }
  if (hay instanceof Dict) {
    if (Array.isArray(needle) && !(needle instanceof Tuple)) throw typeError("unhashable type: 'list'");
    if (needle instanceof Dict) throw typeError("unhashable type: 'dict'");
    return hay.has(needle);
  }
  for (const candidate of iterate(hay)) if (pythonEquals(candidate, needle)) return true;
  return false;
}
