// Times of files as the file module takes them: `preserve`, `now`, or a moment in a strftime format, in the host's own time zone.
import { scriptProbe, type Probe } from '../../core/probe.ts';
import { quote } from '../../core/quote.ts';
import type { Step } from '../../core/step.ts';

/** A moment as the wall clock of the host shows it. */
export interface WallClock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const FIELDS: Readonly<
  Record<string, { readonly pattern: string; readonly field: keyof WallClock; readonly add?: number }>
> = {
  Y: { pattern: '\\d{4}', field: 'year' },
  y: { pattern: '\\d\\d', field: 'year', add: 2000 },
  m: { pattern: '\\d\\d?', field: 'month' },
  d: { pattern: '\\d\\d?', field: 'day' },
  H: { pattern: '\\d\\d?', field: 'hour' },
  M: { pattern: '\\d\\d?', field: 'minute' },
  S: { pattern: '\\d\\d?', field: 'second' },
};

/** What `text` means in `format` (%Y %y %m %d %H %M %S and literal text), or undefined where it does not fit or the format has other parts. */
export function parseTime(text: string, format: string): WallClock | undefined {
  const fields: { field: keyof WallClock; add: number }[] = [];
  const pattern = format.replace(/%(.)|[\\^$.*+?()[\]{}|]/g, (part, letter: string | undefined) => {
    const field = FIELDS[letter ?? ''];
    if (field === undefined) return part === '%%' ? '%' : part.startsWith('%') ? '(?!)' : `\\${part}`;
    fields.push({ field: field.field, add: field.add ?? 0 });
    return `(${field.pattern})`;
  });
  const match = new RegExp(`^${pattern}$`).exec(text);
  if (match === null) return undefined;
  const clock = { year: 1900, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
  fields.forEach(({ field, add }, index) => (clock[field] = Number(match[index + 1]) + add));
  return clock.month <= 12 && clock.day <= 31 && clock.hour < 24 && clock.minute < 60 && clock.second < 62
    ? clock
    : undefined;
}

/** The moment in seconds since the epoch in the host's time zone; undefined where its `date` cannot tell. */
export function epochProbe(clock: WallClock): Probe<number | undefined> {
  const text = `${clock.year}-${two(clock.month)}-${two(clock.day)} ${two(clock.hour)}:${two(clock.minute)}:${two(clock.second)}`;
  return scriptProbe(`time:${text}`, `date -d ${quote(text)} +%s`, (answer) => {
    const seconds = answer.stdout.toString().trim();
    return answer.rc === 0 && /^-?\d+$/.test(seconds) ? Number(seconds) : undefined;
  });
}

/** Sets one or both times. A time that is undefined stays. */
export function touchSteps(
  path: string,
  mtime: WallClock | 'now' | undefined,
  atime: WallClock | 'now' | undefined,
): Step[] {
  if (mtime === 'now' && atime === 'now') return [{ kind: 'run', argv: ['touch', '-c', '--', path] }];
  const one = (flag: string, time: WallClock | 'now' | undefined): Step[] => {
    if (time === undefined) return [];
    return [{ kind: 'run', argv: ['touch', '-c', flag, ...(time === 'now' ? [] : ['-t', stamp(time)]), '--', path] }];
  };
  return [...one('-m', mtime), ...one('-a', atime)];
}

function stamp(clock: WallClock): string {
  return `${String(clock.year).padStart(4, '0')}${two(clock.month)}${two(clock.day)}${two(clock.hour)}${two(clock.minute)}.${two(clock.second)}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
