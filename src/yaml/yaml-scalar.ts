// What an unquoted YAML scalar means, by the rules of YAML 1.1 as PyYAML applies them: `yes` is true, 0644 is 420, 1:30 is 90, 1e3 is text.
import { float, int, PyDate, type PyFloat } from '../core/value.ts';

const WORDS = new Map<string, boolean | null>([
  ...['yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
]);
const INT =
  /^(?:[-+]?0b[01_]+|[-+]?0x[0-9a-fA-F_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const DATETIME =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[Tt]|[ \t]+)([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]*))?(?:[ \t]*(Z|([-+])([0-9]{1,2})(?::([0-9]{2}))?))?$/;

export type PlainScalar = null | boolean | number | bigint | PyFloat | PyDate;

/** The value of an unquoted scalar, or undefined when it is text. A date that does not exist (2024-02-31) throws a RangeError. */
export function plainScalar(text: string): PlainScalar | undefined {
  const length = text.length;
  if (length <= 5) {
    const word = WORDS.get(text);
    if (word !== undefined) return word;
  }
  const first = text.charCodeAt(0);
  // Digits, sign or dot: nothing else begins a number or a date.
  if (!((first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46)) return undefined;
  if (INT.test(text)) return plainInt(text);
  if (FLOAT.test(text)) return plainFloat(text);
  return first >= 48 && first <= 57 ? plainDate(text) : undefined;
}

/** The integer that `text` is in YAML 1.1 (binary, octal, hexadecimal, decimal or sexagesimal); undefined for anything else. */
export function plainInt(text: string): number | bigint | undefined {
  if (!INT.test(text)) return undefined;
  const bare = text.replaceAll('_', '').replace(/^[-+]/, '');
  const sign = text.startsWith('-') ? -1n : 1n;
  let value: bigint;
  if (bare.startsWith('0b') || bare.startsWith('0x')) {
    if (bare.length === 2) return undefined;
    value = BigInt(bare);
  } else if (bare.includes(':')) value = bare.split(':').reduce((total, part) => total * 60n + BigInt(part), 0n);
  else if (bare.length > 1 && bare.startsWith('0')) value = BigInt(`0o${bare.slice(1)}`);
  else if (bare.length <= 15) return sign < 0n && bare !== '0' ? -Number(bare) : Number(bare);
  else value = BigInt(bare);
  return int(sign * value);
}

/** The float that `text` is in YAML 1.1; undefined for anything else. */
export function plainFloat(text: string): number | PyFloat | undefined {
  if (!FLOAT.test(text)) return undefined;
  const bare = text.replaceAll('_', '').replace(/^[-+]/, '').toLowerCase();
  const sign = text.startsWith('-') ? -1 : 1;
  if (bare === '.inf') return float(sign * Infinity);
  if (bare === '.nan') return float(NaN);
  if (bare.includes(':')) return float(sign * bare.split(':').reduce((total, part) => total * 60 + Number(part), 0));
  return float(sign * Number(bare));
}

/** The date or time that `text` is; undefined for anything else. `text` of the result is Python's str(). */
export function plainDate(text: string): PyDate | undefined {
  const date = DATE.exec(text);
  if (date !== null) {
    checkDate(text, Number(date[1]), Number(date[2]), Number(date[3]));
    return new PyDate('date', text);
  }
  const match = DATETIME.exec(text);
  if (match === null) return undefined;
  const [
    ,
    year = '',
    month = '',
    day = '',
    hour = '',
    minute = '',
    second = '',
    fraction,
    zone,
    zoneSign,
    zoneHour,
    zoneMinute,
  ] = match;
  checkDate(text, Number(year), Number(month), Number(day));
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    throw new RangeError(`${text} is not a time of day`);
  const two = (part: string | undefined): string => (part ?? '').padStart(2, '0');
  const micro = (fraction ?? '').slice(0, 6).padEnd(6, '0');
  const offset =
    zone === undefined
      ? ''
      : zone === 'Z'
        ? '+00:00'
        : `${Number(zoneHour) === 0 && Number(zoneMinute ?? 0) === 0 ? '+' : zoneSign}${two(zoneHour)}:${two(zoneMinute)}`;
  return new PyDate(
    'datetime',
    `${year}-${two(month)}-${two(day)} ${two(hour)}:${minute}:${second}${micro === '000000' ? '' : `.${micro}`}${offset}`,
  );
}

function checkDate(text: string, year: number, month: number, day: number): void {
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate())
    throw new RangeError(`${text} is not a date`);
}
