// Filters on numbers and sizes.
import { float, int, type Value } from '../../core/value.ts';
import { PythonError, typeError } from '../special.ts';
import { filter, type Filters } from '../plugin.ts';
import { fixed } from '../python/number-format.ts';
import { parseFloat_ } from '../python/parse-number.ts';
import { pythonStr } from '../python/text.ts';
import { toNumber, truthy, typeName } from '../python/types.ts';

const RANGES: readonly [string, number][] = [
  ['Y', 80],
  ['Z', 70],
  ['E', 60],
  ['P', 50],
  ['T', 40],
  ['G', 30],
  ['M', 20],
  ['K', 10],
  ['B', 0],
];

function real(value: Value, what: string): number {
  const number = toNumber(value);
  if (number === undefined)
    throw typeError(`${what} can only be used on numbers: must be real number, not ${typeName(value)}`);
  return number;
}

function logarithm(value: Value, base: Value): number {
  const number = real(value, 'log()');
  if (number <= 0) throw new PythonError('ValueError', 'math domain error');
  if (base === 10) return Math.log10(number);
  if (base === null) return Math.log(number);
  const by = real(base, 'log()');
  // As C's library divides: log(8, 2) is exact there.
  return Math.log(number) / Math.log(by);
}

function humanReadable(value: Value, bits: Value, unit: Value): string {
  const size = toNumber(value);
  if (size === undefined) throw new PythonError('Error', `human_readable() failed on bad input: ${pythonStr(value)}`);
  const base = truthy(bits) ? 'bits' : 'Bytes';
  const wanted = unit === null ? undefined : pythonStr(unit).toUpperCase();
  const found = RANGES.find(([suffix, power]) => (wanted === undefined ? size >= 2 ** power : suffix === wanted)) ?? [
    'B',
    0,
  ];
  const [suffix, power] = found;
  const name = power === 0 ? base : suffix + (truthy(bits) ? 'b' : 'B');
  return `${fixed(size / 2 ** power, 2)} ${name}`;
}

const UNIT_NAMES: Record<string, string> = {
  B: 'byte',
  K: 'kilo',
  M: 'mega',
  G: 'giga',
  T: 'tera',
  P: 'peta',
  E: 'exa',
  Z: 'zetta',
  Y: 'yotta',
};

/** human_to_bytes: "1.5 MB" as a number of bytes (or bits). */
export function humanToBytes(value: Value, defaultUnit: Value, bits: Value): Value {
  const isBits = truthy(bits);
  const fail = (message: string): never => {
    throw new PythonError('Error', `human_to_bytes() can't interpret the input: human_to_bytes() ${message}`);
  };
  const text = pythonStr(value);
  const match = /^(\d*\.?\d+)(?:\s*([A-Za-z]+))?\s*$/.exec(text);
  if (match === null) return fail(`can't interpret following string: ${text}`);
  const number = parseFloat_(match[1] ?? '');
  if (number === undefined)
    return fail(`can't interpret following number: ${match[1] ?? ''} (original input string: ${text})`);
  const unit = match[2] ?? (defaultUnit === null ? '' : pythonStr(defaultUnit));
  if (unit === '') return int(BigInt(roundHalfEven(number)));
  const key = unit[0]?.toUpperCase() ?? '';
  const power = RANGES.find(([suffix]) => suffix === key)?.[1];
  if (power === undefined)
    return fail(
      `failed to convert ${text} (unit = ${unit}). The suffix must be one of ${RANGES.map(([suffix]) => suffix).join(', ')}`,
    );
  const letter = isBits ? 'b' : 'B';
  const word = isBits ? 'bit' : 'byte';
  if (
    unit.length > 1 &&
    unit !== (key === 'B' ? letter : key + letter) &&
    unit.toLowerCase() !== `${key === 'B' ? '' : (UNIT_NAMES[key] ?? '')}${word}`
  ) {
    return fail(
      `failed to convert ${text}. Value is not a valid string (expect ${key === 'B' ? `${letter} or ${word}` : `${key}${letter} or ${key}`})`,
    );
  }
  return int(BigInt(roundHalfEven(number * 2 ** power)));
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}

/** A power of finite numbers, which is too large for a float where it is infinite. */
function inRange(result: number, x: number, y: number): number {
  if (Number.isFinite(result) || !Number.isFinite(x) || !Number.isFinite(y)) return result;
  if (x === 0) throw new PythonError('ValueError', 'math domain error');
  throw new PythonError('OverflowError', 'math range error');
}

export const NUMBER_FILTERS: Filters = {
  human_readable: filter('size, isbits=False, unit=None', (_, value, bits, unit) =>
    humanReadable(value as Value, bits as Value, unit as Value),
  ),
  human_to_bytes: filter('size, default_unit=None, isbits=False', (_, value, unit, bits) =>
    humanToBytes(value as Value, unit as Value, bits as Value),
  ),
  log: filter('x, base=None', (_, value, base) => float(logarithm(value as Value, base as Value))),
  pow: filter('x, y', (_, value, power) => {
    const [x, y] = [real(value as Value, 'pow()'), real(power as Value, 'pow()')];
    const result = x ** y;
    if (Number.isNaN(result) && !Number.isNaN(x) && !Number.isNaN(y))
      throw new PythonError('ValueError', 'math domain error');
    return float(inRange(result, x, y));
  }),
  root: filter('x, base=2', (_, value, base) => {
    const [x, by] = [real(value as Value, 'root()'), real(base as Value, 'root()')];
    if (by === 2) {
      if (x < 0) throw new PythonError('ValueError', 'root() can only be used on numbers: math domain error');
      return float(Math.sqrt(x));
    }
    if (by === 0) throw new PythonError('ZeroDivisionError', 'float division by zero');
    const result = x ** (1 / by);
    if (Number.isNaN(result)) throw new PythonError('ValueError', 'math domain error');
    return float(inRange(result, x, by));
  }),
};
