// Dates, datetimes and their differences, held as Python's text of them.
import { PyDate, type Value } from '../../core/value.ts';
import { TimeDelta } from '../special.ts';

export interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  /** Minutes east of UTC; undefined for a naive datetime. */
  readonly offset: number | undefined;
}

/** The fields of a date or datetime. */
export function dateParts(date: PyDate): DateParts {
  const match = /^(\d+)-(\d+)-(\d+)(?:[ T](\d+):(\d+):(\d+)(?:\.(\d{1,6}))?)?([+-]\d\d:\d\d)?/.exec(date.text);
  const part = (index: number): number => Number(match?.[index] ?? 0);
  const zone = match?.[8];
  const offset =
    zone === undefined
      ? undefined
      : (zone.startsWith('-') ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6)));
  return {
    year: part(1),
    month: part(2),
    day: part(3),
    hour: part(4),
    minute: part(5),
    second: part(6),
    microsecond: Number((match?.[7] ?? '').padEnd(6, '0') || 0),
    offset,
  };
}

/** A datetime of its fields. */
export function dateOf(kind: PyDate['kind'], parts: DateParts): PyDate {
  const pad = (value: number, width = 2): string => String(value).padStart(width, '0');
  const day = `${pad(parts.year, 4)}-${pad(parts.month)}-${pad(parts.day)}`;
  if (kind === 'date') return new PyDate('date', day);
  const fraction = parts.microsecond === 0 ? '' : `.${pad(parts.microsecond, 6)}`;
  return new PyDate(
    'datetime',
    `${day} ${pad(parts.hour)}:${pad(parts.minute)}:${pad(parts.second)}${fraction}${parts.offset === undefined ? '' : formatOffset(parts.offset)}`,
  );
}

export function formatOffset(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`;
}

/** Microseconds since the epoch, the datetime read as UTC unless it names its offset. */
export function microseconds(parts: DateParts): bigint {
  const milliseconds = Date.UTC(2000, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
  const date = new Date(milliseconds);
  date.setUTCFullYear(parts.year, parts.month - 1, parts.day);
  return BigInt(date.getTime() - (parts.offset ?? 0) * 60_000) * 1000n + BigInt(parts.microsecond);
}

/** The datetime that many microseconds after the epoch, at an offset. */
export function fromMicroseconds(value: bigint, offset: number | undefined): DateParts {
  const shifted = value + BigInt(offset ?? 0) * 60_000_000n;
  let milliseconds = shifted / 1000n;
  let rest = shifted % 1000n;
  if (rest < 0n) {
    rest += 1000n;
    milliseconds -= 1n;
  }
  const date = new Date(Number(milliseconds));
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    microsecond: date.getUTCMilliseconds() * 1000 + Number(rest),
    offset,
  };
}

const DAY = 86_400_000_000n;

/** Python's normalised fields of a timedelta. */
export function deltaParts(delta: TimeDelta): { days: number; seconds: number; microseconds: number } {
  let days = delta.microseconds / DAY;
  let rest = delta.microseconds % DAY;
  if (rest < 0n) {
    rest += DAY;
    days -= 1n;
  }
  return { days: Number(days), seconds: Number(rest / 1_000_000n), microseconds: Number(rest % 1_000_000n) };
}

/** str() of a timedelta. */
export function formatDelta(delta: TimeDelta): string {
  const { days, seconds, microseconds: micro } = deltaParts(delta);
  const pad = (value: number): string => String(value).padStart(2, '0');
  const time = `${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}${micro === 0 ? '' : `.${String(micro).padStart(6, '0')}`}`;
  return days === 0 ? time : `${days} day${Math.abs(days) === 1 ? '' : 's'}, ${time}`;
}

/** `+` and `-` between datetimes and timedeltas; undefined when they do not go together. */
export function dateArithmetic(operator: '+' | '-', left: Value, right: Value): Value | undefined {
  if (left instanceof PyDate && right instanceof PyDate && operator === '-' && left.kind === right.kind) {
    return new TimeDelta(microseconds(dateParts(left)) - microseconds(dateParts(right)));
  }
  if (left instanceof PyDate && right instanceof TimeDelta)
    return shift(left, operator === '-' ? -right.microseconds : right.microseconds);
  if (left instanceof TimeDelta && right instanceof PyDate && operator === '+') return shift(right, left.microseconds);
  if (left instanceof TimeDelta && right instanceof TimeDelta)
    return new TimeDelta(
      operator === '+' ? left.microseconds + right.microseconds : left.microseconds - right.microseconds,
    );
  return undefined;
}

function shift(date: PyDate, by: bigint): PyDate {
  const parts = dateParts(date);
  const days = date.kind === 'date' ? (by / DAY - (by % DAY < 0n ? 1n : 0n)) * DAY : by;
  return dateOf(date.kind, fromMicroseconds(microseconds(parts) + days, parts.offset));
}
