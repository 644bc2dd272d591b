// Sizes and times as Docker's tools write them, as numbers of the API.

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
  P: 2 ** 50,
  E: 2 ** 60,
};

/** Bytes of `512M`, `1.5g`, `64MB`, `1024`; undefined where it is no size. */
export function bytesOf(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([BKMGTPE])?B?\s*$/i.exec(text);
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * (UNITS[(match[2] ?? 'B').toUpperCase()] ?? 1));
}

const SPANS: Readonly<Record<string, number>> = { us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Nanoseconds of `1m30s`, `500ms`, `2h`; undefined where it is no time. */
export function nanosecondsOf(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^(\d+(?:\.\d+)?(us|ms|s|m|h))+$/.test(trimmed)) return undefined;
  return [...trimmed.matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h)/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (SPANS[unit ?? 's'] ?? 0),
    0,
  );
}
