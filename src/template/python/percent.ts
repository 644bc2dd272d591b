// `text % arguments`, Python's printf-style formatting.
import { Dict, PyFloat, Tuple, type Value } from '../../core/value.ts';
import { PythonError, typeError, valueError } from '../special.ts';
import { exponential, fixed, general } from './number-format.ts';
import { characters, isInt, toNumber, typeName } from './types.ts';
import { pythonRepr, pythonStr } from './text.ts';

const DIRECTIVE = /%(?:\(([^()]*(?:\([^()]*\)[^()]*)*)\))?([#0\- +]*)(\*|\d+)?(?:\.(\*|\d+)?)?[hlL]?([^]|$)/g;

/** Formats `values` (a tuple, a dict for `%(name)s`, or a single value) into `template`. Throws PythonError. */
export function formatPercent(template: string, values: Value): string {
  const args = values instanceof Tuple ? values : [values];
  let used = 0;
  const next = (): Value => {
    if (used >= args.length) throw typeError('not enough arguments for format string');
    return args[used++] as Value;
  };
  let named = false;
  const text = template.replace(
    DIRECTIVE,
    (
      all: string,
      name: string | undefined,
      flags: string,
      widthText: string | undefined,
      precisionText: string | undefined,
      conversion: string,
    ) => {
      if (conversion === '%' && all === '%%') return '%';
      let value: Value | undefined;
      if (name !== undefined) {
        if (!(values instanceof Dict)) throw typeError('format requires a mapping');
        if (widthText === '*' || precisionText === '*') throw typeError('not enough arguments for format string');
        value = values.get(name);
        if (value === undefined) throw new PythonError('KeyError', pythonRepr(name));
        named = true;
      }
      let left = flags.includes('-');
      const star = (): number => {
        const given = next();
        if (typeof given !== 'boolean' && !isInt(given)) throw typeError('* wants int');
        return Number(given);
      };
      let width = widthText === '*' ? star() : Number(widthText ?? 0);
      if (width < 0) [left, width] = [true, -width];
      const hasPoint = /\.(?:\*|\d*)[hlL]?.?$/.test(all) && all.includes('.');
      const precision =
        precisionText === '*' ? star() : precisionText !== undefined ? Number(precisionText) : hasPoint ? 0 : undefined;
      if (name === undefined) value = next();
      const body = convert(conversion, value as Value, flags, precision, template);
      return pad(body, width, left, flags.includes('0') && !'srac'.includes(conversion));
    },
  );
  if (
    !named &&
    used < args.length &&
    !(values instanceof Dict) &&
    !(used === 0 && Array.isArray(values) && !(values instanceof Tuple))
  )
    throw typeError('not all arguments converted during string formatting');
  return text;
}

function convert(
  conversion: string,
  value: Value,
  flags: string,
  precision: number | undefined,
  template: string,
): string {
  const sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  switch (conversion) {
    case 's':
      return cut(pythonStr(value), precision);
    case 'r':
      return cut(pythonRepr(value), precision);
    case 'a':
      return cut(
        pythonRepr(value).replace(/[^\x00-\x7f]/gu, (c) => escapeCharacter(c)),
        precision,
      ); // eslint-disable-line no-control-regex
    case 'c': {
      if (typeof value === 'string' && characters(value).length === 1) return value;
      if (isInt(value) || typeof value === 'boolean') {
        const code = Number(value);
        if (code < 0 || code > 0x10ffff) throw new PythonError('OverflowError', '%c arg not in range(0x110000)');
        return String.fromCodePoint(code);
      }
      throw typeError('%c requires int or char');
    }
    case 'd':
    case 'i':
    case 'u': {
      const number = integer(value, conversion, true);
      return signed(number < 0n, (number < 0n ? -number : number).toString().padStart(precision ?? 0, '0'), sign);
    }
    case 'x':
    case 'X':
    case 'o': {
      const number = integer(value, conversion, false);
      const digits = (number < 0n ? -number : number)
        .toString(conversion === 'o' ? 8 : 16)
        .padStart(precision ?? 0, '0');
      const prefix = flags.includes('#') ? `0${conversion}` : '';
      return signed(number < 0n, prefix + (conversion === 'X' ? digits.toUpperCase() : digits), sign);
    }
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G': {
      const number = toNumber(value);
      if (number === undefined) throw typeError(`must be real number, not ${typeName(value)}`);
      const lower = conversion.toLowerCase();
      const digits = precision ?? 6;
      const text =
        lower === 'e'
          ? exponential(number, digits)
          : lower === 'f'
            ? fixed(number, digits)
            : general(number, digits, flags.includes('#'));
      const result = text.startsWith('-') ? text : sign + text;
      return conversion === lower ? result : result.toUpperCase();
    }
    case '':
      throw valueError('incomplete format');
    default:
      throw valueError(
        `unsupported format character '${conversion}' (0x${(conversion.codePointAt(0) ?? 0).toString(16)}) at index ${template.indexOf(`%${conversion}`) + 1}`,
      );
  }
}

function integer(value: Value, conversion: string, floats: boolean): bigint {
  if (isInt(value)) return BigInt(value);
  if (typeof value === 'boolean') return value ? 1n : 0n;
  const number = value instanceof PyFloat ? value.value : typeof value === 'number' ? value : undefined;
  if (number === undefined || !floats)
    throw typeError(
      `%${conversion} format: ${floats ? 'a real number' : 'an integer'} is required, not ${typeName(value)}`,
    );
  if (!Number.isFinite(number)) throw new PythonError('OverflowError', 'cannot convert float infinity to integer');
  return BigInt(Math.trunc(number));
}

function signed(negative: boolean, digits: string, sign: string): string {
  return (negative ? '-' : sign) + digits;
}
function cut(text: string, precision: number | undefined): string {
  return precision === undefined ? text : characters(text).slice(0, precision).join('');
}
function pad(text: string, width: number, left: boolean, zeros: boolean): string {
  const missing = width - characters(text).length;
  if (missing <= 0) return text;
  if (left) return text + ' '.repeat(missing);
  if (!zeros) return ' '.repeat(missing) + text;
  const prefix = /^[-+ ]?(?:0[xXo])?/.exec(text)?.[0] ?? '';
  return prefix + '0'.repeat(missing) + text.slice(prefix.length);
}

/** A character as Python's ascii() escapes it. */
export function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
}
