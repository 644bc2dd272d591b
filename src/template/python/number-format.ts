// Numbers as text in the ways that `%` and format() share: fixed, exponent and general notation, with the digits C and Python print.
import { PythonError } from '../special.ts';

/** `value` with `digits` after the point, correctly rounded from its exact binary value (half to even). */
export function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return special(value);
  const negative = value < 0 || Object.is(value, -0);
  const text = exactRound(Math.abs(value), digits);
  return negative ? `-${text}` : text;
}

/** Exponent notation: `1.234568e+04`. */
export function exponential(value: number, digits: number): string {
  if (!Number.isFinite(value)) return special(value);
  const text = Math.min(digits, 100) === digits ? value.toExponential(digits) : value.toExponential(100);
  const [mantissa, exponent] = text.split('e') as [string, string];
  const size = exponent.slice(1);
  return `${Object.is(value, -0) ? '-' : ''}${mantissa}e${exponent[0] ?? '+'}${size.length < 2 ? `0${size}` : size}`;
}

/** General notation: fixed or exponent by size; `alternate` keeps trailing zeros. */
export function general(value: number, precision: number, alternate = false): string {
  if (!Number.isFinite(value)) return special(value);
  const digits = precision === 0 ? 1 : precision;
  if (value === 0) return `${Object.is(value, -0) ? '-' : ''}0${alternate ? `.${'0'.repeat(digits - 1)}` : ''}`;
  const exponent = Number(value.toExponential(Math.min(digits, 101) - 1).split('e')[1]);
  if (exponent < -4 || exponent >= digits) {
    const text = exponential(value, digits - 1);
    return alternate
      ? text
      : text.replace(/\.?0*e/, (match) =>
          match.startsWith('.') || /^0*e/.test(match)
            ? text.split('e')[0]?.includes('.') === true
              ? 'e'
              : match
            : match,
        );
  }
  const text = fixed(value, Math.max(0, digits - 1 - exponent));
  return alternate || !text.includes('.') ? text : text.replace(/\.?0+$/, '');
}

function special(value: number): string {
  return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf';
}

/** The exact decimal expansion of a double, rounded half to even. */
function exactRound(value: number, digits: number): string {
  if (digits > 400) throw new PythonError('ValueError', 'precision too big');
  // value = mantissa * 2^exponent, exactly.
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const rawExponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = rawExponent === 0 ? fraction : fraction | 0x10000000000000n;
  const exponent = (rawExponent === 0 ? 1 : rawExponent) - 1075;
  let scaled = mantissa * 10n ** BigInt(digits);
  if (exponent >= 0) scaled <<= BigInt(exponent);
  else {
    const shift = BigInt(-exponent);
    const half = 1n << (shift - 1n);
    const rest = scaled & ((1n << shift) - 1n);
    scaled >>= shift;
    if (rest > half || (rest === half && (scaled & 1n) === 1n)) scaled += 1n;
  }
  const text = scaled.toString().padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Python's round(value, digits) for floats: to even, by the exact binary value. */
export function roundFloat(value: number, digits: number): number {
  if (!Number.isFinite(value)) return value;
  if (digits >= 0) return digits > 323 ? value : Number(fixed(value, digits));
  const unit = 10 ** -digits;
  const quotient = value / unit;
  const floor = Math.floor(quotient);
  const rest = quotient - floor;
  return (rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor) * unit;
}
