// The operators + - * / // % ** on values: exact integers of any size, floats that stay floats, and Python's errors for the rest.
import { float, int, PyFloat, Tuple, type Value } from '../../core/value.ts';
import type { BinaryOperator } from '../ast.ts';
import { Markup, NOTHING_MESSAGE, Nothing, PythonError, TimeDelta, typeError } from '../special.ts';
import { isInt, need, typeName } from './types.ts';
import { dateArithmetic } from './date.ts';
import { formatPercent } from './percent.ts';

/** The value of `left operator right`. Throws PythonError; Tripped or NotKnown for undefined or Unknown operands. */
export function arithmetic(operator: BinaryOperator, left: Value, right: Value): Value {
  const a = need(left);
  const b = need(right);
  if (a instanceof Nothing || b instanceof Nothing) throw new PythonError('Error', NOTHING_MESSAGE);
  const x = number(a);
  const y = number(b);
  if (x !== undefined && y !== undefined) return numbers(operator, x, y);
  const other =
    operator === '+'
      ? add(a, b)
      : operator === '*'
        ? (repeat(a, b) ?? repeat(b, a))
        : operator === '%' && isText(a)
          ? formatPercent(a instanceof Markup ? a.text : a, b)
          : operator === '-'
            ? dateArithmetic('-', a, b)
            : undefined;
  if (other !== undefined) return other;
  const delta = deltas(operator, a, b, x, y);
  if (delta !== undefined) return delta;
  throw typeError(
    `unsupported operand type(s) for ${operator === '**' ? '** or pow()' : operator}: '${typeName(a)}' and '${typeName(b)}'`,
  );
}

/** `-value` or `+value`. */
export function unary(operator: '-' | '+', operand: Value): Value {
  const value = need(operand);
  if (typeof value === 'boolean') return operator === '-' ? -Number(value) + 0 : Number(value);
  if (value instanceof PyFloat) return operator === '-' ? float(-value.value) : value;
  if (typeof value === 'number') return operator === '-' ? (value === 0 ? 0 : -value) : value;
  if (typeof value === 'bigint') return operator === '-' ? int(-value) : value;
  if (value instanceof TimeDelta) return operator === '-' ? new TimeDelta(-value.microseconds) : value;
  throw typeError(`bad operand type for unary ${operator}: '${typeName(value)}'`);
}

type Numeric = number | bigint | PyFloat;

function number(value: Value): Numeric | undefined {
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof PyFloat) return value;
  return typeof value === 'boolean' ? Number(value) : undefined;
}

function isText(value: Value): value is string | Markup {
  return typeof value === 'string' || value instanceof Markup;
}

function numbers(operator: BinaryOperator, a: Numeric, b: Numeric): Value {
  return isInt(a) && isInt(b) ? integers(operator, a, b) : floats(operator, toFloat(a), toFloat(b));
}

function toFloat(value: Numeric): number {
  return value instanceof PyFloat ? value.value : Number(value);
}

function integers(operator: BinaryOperator, a: number | bigint, b: number | bigint): Value {
  switch (operator) {
    case '+':
      return exact(a, b, Number(a) + Number(b), (x, y) => x + y);
    case '-':
      return exact(a, b, Number(a) - Number(b), (x, y) => x - y);
    case '*':
      return exact(a, b, Number(a) * Number(b), (x, y) => x * y);
    case '/':
      if (Number(b) === 0) throw new PythonError('ZeroDivisionError', 'division by zero');
      return float(divide(a, b));
    case '//':
      if (Number(b) === 0) throw new PythonError('ZeroDivisionError', 'integer division or modulo by zero');
      return int(floorDivide(BigInt(a), BigInt(b)));
    case '%': {
      if (Number(b) === 0) throw new PythonError('ZeroDivisionError', 'integer modulo by zero');
      const [x, y] = [BigInt(a), BigInt(b)];
      return int(x - floorDivide(x, y) * y);
    }
    case '**':
      if (Number(b) < 0) {
        if (Number(a) === 0) throw new PythonError('ZeroDivisionError', 'zero to a negative power');
        return float(Number(a) ** Number(b));
      }
      if (BigInt(b) > 100_000n && ![0, 1, -1].includes(Number(a)))
        throw new PythonError('OverflowError', 'the result is too large');
      return int(BigInt(a) ** BigInt(b));
  }
}

function exact(
  a: number | bigint,
  b: number | bigint,
  quick: number,
  slow: (x: bigint, y: bigint) => bigint,
): number | bigint {
  return typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(quick)
    ? quick
    : int(slow(BigInt(a), BigInt(b)));
}

/** True division of integers, correctly rounded for large ones too. */
function divide(a: number | bigint, b: number | bigint): number {
  if (typeof a === 'number' && typeof b === 'number') return a / b;
  let [x, y] = [BigInt(a), BigInt(b)];
  const negative = x < 0n !== y < 0n;
  x = x < 0n ? -x : x;
  y = y < 0n ? -y : y;
  // Scale so that the quotient has 64 bits or more, with the remainder folded into its last bit; Number() then rounds once.
  const shift = Math.max(0, 66 - (x.toString(2).length - y.toString(2).length));
  const scaled = x << BigInt(shift);
  let quotient = scaled / y;
  if (scaled % y !== 0n) quotient |= 1n;
  const result = Number(quotient) / 2 ** shift;
  return negative ? -result : result;
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

function floats(operator: BinaryOperator, a: number, b: number): Value {
  switch (operator) {
    case '+':
      return float(a + b);
    case '-':
      return float(a - b);
    case '*':
      return float(a * b);
    case '/':
      if (b === 0) throw new PythonError('ZeroDivisionError', 'float division by zero');
      return float(a / b);
    case '//':
      if (b === 0) throw new PythonError('ZeroDivisionError', 'float floor division by zero');
      return float(Math.floor((a - modulo(a, b)) / b + 0.5));
    case '%':
      if (b === 0) throw new PythonError('ZeroDivisionError', 'float modulo');
      return float(modulo(a, b));
    case '**': {
      if (a === 0 && b < 0) throw new PythonError('ZeroDivisionError', 'zero to a negative power');
      if (a < 0 && Number.isFinite(a) && Number.isFinite(b) && !Number.isInteger(b))
        throw typeError("Type 'complex' is unsupported for variable storage.");
      const result = a ** b;
      if (!Number.isFinite(result) && Number.isFinite(a) && Number.isFinite(b))
        throw new PythonError('OverflowError', "(34, 'Numerical result out of range')");
      return float(result);
    }
  }
}

function modulo(a: number, b: number): number {
  const rest = a % b;
  if (rest === 0) return b < 0 ? -0 : 0;
  return rest < 0 !== b < 0 ? rest + b : rest;
}

function add(a: Value, b: Value): Value | undefined {
  if (isText(a)) {
    if (!isText(b)) throw typeError(`can only concatenate str (not "${typeName(b)}") to str`);
    if (typeof a === 'string' && typeof b === 'string') return a + b;
    return new Markup(
      (typeof a === 'string' ? escapeHtml(a) : a.text) + (typeof b === 'string' ? escapeHtml(b) : b.text),
    );
  }
  if (Array.isArray(a)) {
    const type = typeName(a);
    if (!Array.isArray(b) || typeName(b) !== type)
      throw typeError(`can only concatenate ${type} (not "${typeName(b)}") to ${type}`);
    return a instanceof Tuple ? (Tuple.from([...a, ...b]) as Tuple) : [...a, ...b];
  }
  return dateArithmetic('+', a, b);
}

/** Text and lists times an integer. */
function repeat(a: Value, b: Value): Value | undefined {
  const count = typeof b === 'boolean' ? Number(b) : isInt(b) ? Math.max(0, Number(b)) : undefined;
  if (count === undefined) return undefined;
  if (typeof a === 'string') return a.repeat(count);
  if (a instanceof Markup) return new Markup(a.text.repeat(count));
  if (!Array.isArray(a)) return undefined;
  const list: Value[] = a instanceof Tuple ? new Tuple() : [];
  for (let round = 0; round < count; round++) list.push(...a);
  return list;
}

function deltas(
  operator: BinaryOperator,
  a: Value,
  b: Value,
  x: Numeric | undefined,
  y: Numeric | undefined,
): Value | undefined {
  if (a instanceof TimeDelta && b instanceof TimeDelta) {
    if (operator === '/') return float(Number(a.microseconds) / Number(b.microseconds));
    if (operator === '//') return int(floorDivide(a.microseconds, b.microseconds));
    return undefined;
  }
  if (a instanceof TimeDelta && y !== undefined) {
    if (operator === '*') return scale(a, toFloat(y));
    if (operator === '/' || operator === '//') return scale(a, 1 / toFloat(y));
  }
  return b instanceof TimeDelta && x !== undefined && operator === '*' ? scale(b, toFloat(x)) : undefined;
}

function scale(delta: TimeDelta, by: number): TimeDelta {
  return new TimeDelta(BigInt(Math.round(Number(delta.microseconds) * by)));
}

/** HTML's special characters as entities, the way MarkupSafe writes them. */
export function escapeHtml(text: string): string {
  return text.replace(
    /[&<>'"]/g,
    (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&#39;', '"': '&#34;' })[character] ?? character,
  );
}
