// Times as the modules of certificates take them: `+365d` from now on, or `20260131235959Z`.

export interface Timespec {
  /** It counts from the time when it is used. */
  readonly relative: boolean;
  /** Seconds since the epoch. */
  readonly at: (now: number) => number;
}

const UNITS = [604_800, 86_400, 3600, 60, 1];

/** The time that a text means; `name` is the argument, for the error. */
export function parseTimespec(text: string, name: string): Timespec {
  if (/^[+-]/.test(text)) {
    const [, sign, ...counts] =
      /^([+-])(?:(\d+)[wW])?(?:(\d+)[dD])?(?:(\d+)[hH])?(?:(\d+)[mM])?(?:(\d+)[sS]?)?$/.exec(text) ?? [];
    if (sign === undefined || text.length === 1) throw new Error(`The timespec "${text}" for ${name} is invalid`);
    const offset = counts.reduce((sum, count, index) => sum + Number(count ?? 0) * (UNITS[index] ?? 0), 0);
    return { relative: true, at: (now) => (sign === '+' ? now + offset : now - offset) };
  }
  const [, year, month, day, hour, minute, second = '0', zone] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})$/.exec(text) ?? [];
  const parts = [year, month, day, hour, minute, second].map(Number);
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = parts;
  const date = new Date(Date.UTC(y, mo - 1, d, h, mi, s));
  // A day or an hour that there is not would be another one.
  if (zone === undefined || timeParts(date).some((part, index) => part !== parts[index]))
    throw new Error(`The time spec "${text}" for ${name} is invalid`);
  const shift =
    zone === 'Z' ? 0 : (zone.startsWith('-') ? -1 : 1) * (Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(3)) * 60);
  return { relative: false, at: () => date.getTime() / 1000 - shift };
}

const timeParts = (date: Date): number[] => [
  date.getUTCFullYear(),
  date.getUTCMonth() + 1,
  date.getUTCDate(),
  date.getUTCHours(),
  date.getUTCMinutes(),
  date.getUTCSeconds(),
];
