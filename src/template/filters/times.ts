// Filters on times.
import { type Value } from '../../core/value.ts';
import { PythonError, typeError } from '../special.ts';
import { filter, type Filters } from '../plugin.ts';
import { dateOf, fromMicroseconds } from '../python/date.ts';
import { parseFloat_ } from '../python/parse-number.ts';
import { strftime, strptime } from '../python/strftime.ts';
import { pythonStr } from '../python/text.ts';
import { toNumber, truthy, typeName } from '../python/types.ts';

export const TIME_FILTERS: Filters = {
  strftime: filter('string_format, second=None, utc=False', (engine, format, second, utc) => {
    const given =
      second === null
        ? engine.context.host.now()
        : typeof second === 'string'
          ? parseFloat_(second)
          : toNumber(second as Value);
    if (second === null) engine.volatile = true;
    if (given === undefined)
      throw new PythonError('Error', `Invalid value for epoch value (${pythonStr(second as Value)})`);
    const date = new Date(given * 1000);
    const offset = truthy(utc as Value) ? 0 : -date.getTimezoneOffset();
    const zone = truthy(utc as Value) ? 'GMT' : zoneName(date);
    // C's strftime knows no %f.
    return strftime(
      need(format, 'strftime').replace(/%%|%f/g, (directive) => (directive === '%f' ? '%%f' : directive)),
      fromMicroseconds(BigInt(Math.floor(given)) * 1_000_000n, offset),
      zone,
    );
  }),
  to_datetime: filter("string, format='%Y-%m-%d %H:%M:%S'", (_, value, format) =>
    dateOf('datetime', strptime(need(value, 'strptime'), pythonStr(format as Value))),
  ),
};

function need(value: Value | undefined, what: string): string {
  if (typeof value === 'string') return value;
  throw typeError(`${what}() argument 1 must be str, not ${typeName(value as Value)}`);
}

function zoneName(date: Date): string {
  const name =
    new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' })
      .formatToParts(date)
      .find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC';
  return name;
}
