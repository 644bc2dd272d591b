// What a plain scalar is in YAML 1.1, as PyYAML reads it.
import { float, int, PyDate, type Value } from '../../core/value.ts';
import { dateOf, fromMicroseconds, microseconds } from './date.ts';

export type PlainTag = 'bool' | 'float' | 'int' | 'merge' | 'null' | 'timestamp' | 'value' | 'str';

const BOOL = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const FLOAT =
  /^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const INT =
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const TIMESTAMP =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(Z|([-+])(\d\d?)(?::?(\d\d))?))?)?$/;

/** The tag of a plain scalar. */
export function plainTag(text: string): PlainTag {
  const first = text[0] ?? '';
  if (first === '' || first === '~' || first === 'n' || first === 'N')
    if (/^(?:~|null|Null|NULL|)$/.test(text)) return 'null';
  if ('yYnNtTfFoO'.includes(first) && first !== '' && BOOL.test(text)) return 'bool';
  if (/[-+0-9.]/.test(first)) {
    if (FLOAT.test(text)) return 'float';
    if (INT.test(text)) return 'int';
    if (/^\d{4}-\d\d-\d\d$/.test(text) || (TIMESTAMP.test(text) && text.includes(':'))) return 'timestamp';
  }
  if (text === '<<') return 'merge';
  return text === '=' ? 'value' : 'str';
}

/** The value of a plain scalar. */
export function plainValue(text: string): Value {
  switch (plainTag(text)) {
    case 'null':
      return null;
    case 'bool':
      return /^(?:yes|true|on)$/i.test(text);
    case 'int':
      return integer(text);
    case 'float':
      return floating(text);
    case 'timestamp':
      return timestamp(text);
    default:
      return text;
  }
}

function integer(text: string): Value {
  const plain = text.replaceAll('_', '');
  const negative = plain.startsWith('-');
  const digits = plain.replace(/^[-+]/, '');
  let value: bigint;
  if (/^0[bx]/.test(digits)) value = BigInt(digits);
  else if (digits.length > 1 && digits.startsWith('0')) value = BigInt(`0o${digits.slice(1)}`);
  else if (digits.includes(':')) value = digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n);
  else value = BigInt(digits);
  return int(negative ? -value : value);
}

function floating(text: string): Value {
  const plain = text.replaceAll('_', '').toLowerCase();
  const sign = plain.startsWith('-') ? -1 : 1;
  const digits = plain.replace(/^[-+]/, '');
  if (digits === '.inf') return float(sign * Infinity);
  if (digits === '.nan') return float(Number.NaN);
  if (digits.includes(':')) return float(sign * digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0));
  return float(sign * Number(digits));
}

function timestamp(text: string): Value {
  const match = TIMESTAMP.exec(text);
  if (match === null) return text;
  const [, year, month, day, hour, minute, second, fraction, zone, sign, hours, minutes] = match;
  const base = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour ?? 0),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
    microsecond: Number((fraction ?? '').slice(0, 6).padEnd(6, '0')),
    offset: undefined,
  };
  if (hour === undefined) return new PyDate('date', dateOf('date', base).text);
  if (zone === undefined) return dateOf('datetime', base);
  const offset = zone === 'Z' ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes ?? 0));
  return dateOf('datetime', { ...fromMicroseconds(microseconds({ ...base, offset: 0 }), 0), offset });
}
