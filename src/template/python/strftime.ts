// strftime in the C locale, and strptime for the directives that playbooks use.
import type { DateParts } from './date.ts';
import { formatOffset } from './date.ts';
import { PythonError, valueError } from '../special.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const pad = (value: number, width = 2, fill = '0'): string => String(value).padStart(width, fill);

function dayOfYear(parts: DateParts): number {
  return Math.round((Date.UTC(parts.year, parts.month - 1, parts.day) - Date.UTC(parts.year, 0, 1)) / 86_400_000) + 1;
}
function weekday(parts: DateParts): number {
  return new Date(Date.UTC(parts.year, parts.month - 1, parts.day)).getUTCDay();
}

/** ISO year, week and weekday (1 is Monday). */
export function isoCalendar(parts: DateParts): [number, number, number] {
  const day = weekday(parts) || 7;
  const thursday = new Date(Date.UTC(parts.year, parts.month - 1, parts.day + 4 - day));
  const year = thursday.getUTCFullYear();
  return [year, Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / 604_800_000) + 1, day];
}

/** A time as text; `zone` is the name for %Z. */
export function strftime(format: string, parts: DateParts, zone?: string): string {
  return format.replace(
    /%([-_0^#+]*)(\d*)([EO]?)([a-zA-Z%+])/g,
    (all: string, flags: string, width: string, _: string, directive: string) => {
      const made = field(directive, parts, zone);
      if (made === undefined) return all;
      const text = flags.includes('^')
        ? made.toUpperCase()
        : !flags.includes('#')
          ? made
          : directive === 'p'
            ? made.toLowerCase()
            : made.toUpperCase();
      return padded(text, directive, flags, Number(width || 0));
    },
  );
}

/** A field as wide as wanted, with what the flags say in front: the last of them counts. */
function padded(text: string, directive: string, flags: string, width: number): string {
  const fill = flags.replace(/[^-_0+]/g, '').at(-1);
  const numeric = /^[ ]*-?\d+$/.test(text) && !'nt%'.includes(directive);
  if (fill === '-') return (numeric ? text.replace(/^[0 ]+(?=.)/, '') : text).padStart(width);
  const blank = numeric && (fill === '_' || (fill === undefined && 'ekl'.includes(directive)));
  const filler = blank || (!numeric && fill !== '0' && fill !== '+') ? ' ' : '0';
  const own = fill === '_' && numeric ? text.replace(/^0+(?=.)/, (zeros) => ' '.repeat(zeros.length)) : text;
  return (filler === '0' && fill !== undefined && numeric ? own.replaceAll(' ', '0') : own).padStart(width, filler);
}

function field(directive: string, parts: DateParts, zone: string | undefined): string | undefined {
  const hour12 = parts.hour % 12 === 0 ? 12 : parts.hour % 12;
  const day = weekday(parts);
  const again = (format: string): string => strftime(format, parts, zone);
  switch (directive) {
    case 'a':
      return DAYS[day]?.slice(0, 3);
    case 'A':
      return DAYS[day];
    case 'b':
    case 'h':
      return MONTHS[parts.month - 1]?.slice(0, 3);
    case 'B':
      return MONTHS[parts.month - 1];
    case 'c':
      return again('%a %b %e %H:%M:%S %Y');
    case 'C':
      return pad(Math.floor(parts.year / 100));
    case 'd':
      return pad(parts.day);
    case 'D':
    case 'x':
      return again('%m/%d/%y');
    case 'e':
      return pad(parts.day, 2, ' ');
    case 'f':
      return pad(parts.microsecond, 6);
    case 'F':
      return again('%Y-%m-%d');
    case 'g':
      return pad(isoCalendar(parts)[0] % 100);
    case 'G':
      return String(isoCalendar(parts)[0]);
    case 'H':
      return pad(parts.hour);
    case 'I':
      return pad(hour12);
    case 'j':
      return pad(dayOfYear(parts), 3);
    case 'k':
      return pad(parts.hour, 2, ' ');
    case 'l':
      return pad(hour12, 2, ' ');
    case 'm':
      return pad(parts.month);
    case 'M':
      return pad(parts.minute);
    case 'n':
      return '\n';
    case 'p':
      return parts.hour < 12 ? 'AM' : 'PM';
    case 'P':
      return parts.hour < 12 ? 'am' : 'pm';
    case 'r':
      return again('%I:%M:%S %p');
    case 'R':
      return again('%H:%M');
    case 's':
      return String(
        Math.floor(Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second) / 1000) -
          (parts.offset ?? 0) * 60,
      );
    case 'S':
      return pad(parts.second);
    case 't':
      return '\t';
    case 'T':
    case 'X':
      return again('%H:%M:%S');
    case 'u':
      return String(day === 0 ? 7 : day);
    case 'U':
      return pad(Math.floor((dayOfYear(parts) + 6 - day) / 7));
    case 'V':
      return pad(isoCalendar(parts)[1]);
    case 'w':
      return String(day);
    case 'W':
      return pad(Math.floor((dayOfYear(parts) + 6 - ((day + 6) % 7)) / 7));
    case 'y':
      return pad(parts.year % 100);
    case 'Y':
      return String(parts.year);
    case 'z':
      return parts.offset === undefined ? '' : formatOffset(parts.offset).replace(':', '');
    case 'Z':
      return (
        zone ?? (parts.offset === undefined ? '' : parts.offset === 0 ? 'UTC' : `UTC${formatOffset(parts.offset)}`)
      );
    case '%':
      return '%';
    default:
      return undefined;
  }
}

const NAMES = (names: readonly string[], cut?: number): string => names.map((name) => name.slice(0, cut)).join('|');
const PATTERNS: Record<string, string> = {
  d: '3[01]|[12]\\d|0[1-9]|[1-9]| [1-9]',
  m: '1[0-2]|0[1-9]|[1-9]',
  y: '\\d\\d',
  Y: '\\d{4}',
  H: '2[0-3]|[01]\\d|\\d',
  I: '1[0-2]|0[1-9]|[1-9]',
  M: '[0-5]\\d|\\d',
  S: '6[01]|[0-5]\\d|\\d',
  f: '\\d{1,6}',
  j: '36[0-6]|3[0-5]\\d|[12]\\d\\d|0[1-9]\\d|00[1-9]|[1-9]\\d|0[1-9]|[1-9]',
  p: 'am|pm',
  z: '[+-]\\d\\d:?[0-5]\\d(?::?[0-5]\\d)?|Z',
  Z: 'utc|gmt',
  a: NAMES(DAYS, 3),
  A: NAMES(DAYS),
  b: NAMES(MONTHS, 3),
  B: NAMES(MONTHS),
  U: '5[0-3]|[0-4]\\d|\\d',
  W: '5[0-3]|[0-4]\\d|\\d',
  w: '[0-6]',
};

/** Python's datetime.strptime. Throws ValueError when the text is not of the format. */
export function strptime(text: string, format: string): DateParts {
  const expanded = format.replace(
    /%[cxX]/g,
    (directive) => ({ '%c': '%a %b %d %H:%M:%S %Y', '%x': '%m/%d/%y', '%X': '%H:%M:%S' })[directive] ?? directive,
  );
  const keys: string[] = [];
  const source = expanded.replace(/%([a-zA-Z%])|\s+|[.*+?^${}()|[\]\\]/g, (part: string, directive?: string) => {
    if (directive === undefined) return /^\s/.test(part) ? '\\s+' : `\\${part}`;
    if (directive === '%') return '%';
    const pattern = PATTERNS[directive];
    if (pattern === undefined) throw valueError(`'${directive}' is a bad directive in format '${format}'`);
    keys.push(directive);
    return `(${pattern})`;
  });
  const twice = keys.find((key, index) => keys.indexOf(key) < index);
  if (twice !== undefined)
    throw new PythonError('Error', `redefinition of group name '${twice}' in the format '${format}'`);
  const match = new RegExp(`^${source}`, 'i').exec(text);
  if (match === null) throw valueError(`time data '${text}' does not match format '${format}'`);
  if (match[0].length !== text.length) throw valueError(`unconverted data remains: ${text.slice(match[0].length)}`);
  const get = (key: string): string | undefined => (keys.includes(key) ? match[keys.indexOf(key) + 1] : undefined);
  const number = (key: string, otherwise: number): number => Number(get(key) ?? otherwise);
  const short = number('y', -1);
  const year = short >= 0 ? (short < 69 ? 2000 + short : 1900 + short) : number('Y', 1900);
  let month = number('m', 1);
  const monthName = (get('b') ?? get('B'))?.slice(0, 3).toLowerCase();
  if (monthName !== undefined) month = MONTHS.findIndex((name) => name.slice(0, 3).toLowerCase() === monthName) + 1;
  let day = number('d', 1);
  if (get('j') !== undefined) {
    const date = new Date(Date.UTC(year, 0, number('j', 1)));
    month = date.getUTCMonth() + 1;
    day = date.getUTCDate();
  }
  if (new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day) throw valueError('day is out of range for month');
  if (number('S', 0) > 59) throw valueError('second must be in 0..59');
  let hour = number('H', 0);
  if (get('I') !== undefined) {
    hour = number('I', 0) % 12;
    if (get('p')?.toLowerCase() === 'pm') hour += 12;
  }
  const zone = get('z');
  const offset =
    zone === undefined
      ? undefined
      : zone.toLowerCase() === 'z'
        ? 0
        : (zone.startsWith('-') ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.replace(':', '').slice(3, 5)));
  return {
    year,
    month,
    day,
    hour,
    minute: number('M', 0),
    second: number('S', 0),
    microsecond: Number((get('f') ?? '').padEnd(6, '0') || 0),
    offset,
  };
}
