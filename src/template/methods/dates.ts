// Attributes and methods of datetime, date and timedelta.
import { float, PyDate, Tuple, type Value } from '../../core/value.ts';
import { Callable, TimeDelta } from '../special.ts';
import { dateOf, dateParts, deltaParts, microseconds, type DateParts } from '../python/date.ts';
import { isoCalendar, strftime } from '../python/strftime.ts';
import { bind, signature } from '../signature.ts';

/** An attribute or method of a date or datetime. */
export function dateAttribute(date: PyDate, name: string): Value | undefined {
  const parts = dateParts(date);
  const method = (parameters: string, run: (...args: Value[]) => Value): Callable =>
    new Callable('builtin_function_or_method', name, (args, keywords) =>
      run(...bind(signature(parameters), name, args, keywords)),
    );
  const time = date.kind === 'datetime';
  const weekday = (new Date(Date.UTC(parts.year, parts.month - 1, parts.day)).getUTCDay() + 6) % 7;
  switch (name) {
    case 'year':
    case 'month':
    case 'day':
      return parts[name];
    case 'hour':
    case 'minute':
    case 'second':
    case 'microsecond':
      return time ? parts[name] : undefined;
    case 'tzinfo':
      return null;
    case 'isoformat':
      return method("sep='T', timespec='auto'", (separator) => date.text.replace(' ', String(separator)));
    case 'strftime':
      return method('format', (format) => strftime(String(format), parts));
    case 'weekday':
      return method('', () => weekday);
    case 'isoweekday':
      return method('', () => weekday + 1);
    case 'isocalendar':
      return method('', () => Tuple.from(isoCalendar(parts)) as Tuple);
    case 'ctime':
      return method('', () => strftime('%a %b %e %H:%M:%S %Y', parts));
    case 'toordinal':
      return method(
        '',
        () =>
          Number(
            microseconds({ ...parts, hour: 0, minute: 0, second: 0, microsecond: 0, offset: undefined }) /
              86_400_000_000n,
          ) + 719_163,
      );
    case 'date':
      return time ? method('', () => dateOf('date', parts)) : undefined;
    case 'timestamp':
      return time ? method('', () => float(timestamp(parts))) : undefined;
    case 'timetuple':
    case 'utctimetuple':
      return method(
        '',
        () =>
          Tuple.from([
            parts.year,
            parts.month,
            parts.day,
            parts.hour,
            parts.minute,
            parts.second,
            weekday,
            Number(strftime('%j', parts)),
            -1,
          ]) as Tuple,
      );
    case 'replace':
      return method(
        time
          ? 'year=..., month=..., day=..., hour=..., minute=..., second=..., microsecond=...'
          : 'year=..., month=..., day=...',
        (...given) => {
          const keys = ['year', 'month', 'day', 'hour', 'minute', 'second', 'microsecond'] as const;
          const changed: Record<string, number> = {};
          keys.forEach((key, index) => {
            if (given[index] !== undefined) changed[key] = Number(given[index]);
          });
          return dateOf(date.kind, { ...parts, ...changed });
        },
      );
    case 'utcoffset':
      return method('', () => (parts.offset === undefined ? null : new TimeDelta(BigInt(parts.offset) * 60_000_000n)));
    default:
      return undefined;
  }
}

/** A naive datetime is local time. */
function timestamp(parts: DateParts): number {
  if (parts.offset !== undefined) return Number(microseconds(parts)) / 1e6;
  return (
    new Date(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second).getTime() / 1000 +
    parts.microsecond / 1e6
  );
}

/** An attribute or method of a timedelta. */
export function deltaAttribute(delta: TimeDelta, name: string): Value | undefined {
  if (name === 'days' || name === 'seconds' || name === 'microseconds') return deltaParts(delta)[name];
  if (name === 'total_seconds')
    return new Callable('builtin_function_or_method', name, () => float(Number(delta.microseconds) / 1e6));
  return undefined;
}
