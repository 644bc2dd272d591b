// int(text) and float(text).
import { int } from '../../core/value.ts';

/** Python's int(text, base); undefined when the text is no integer. */
export function parseInt_(text: string, base: number): number | bigint | undefined {
  const match = /^([+-]?)(0[xX]_?|0[oO]_?|0[bB]_?)?([\da-zA-Z]+(?:_[\da-zA-Z]+)*)$/.exec(text.trim());
  if (match === null) return undefined;
  const [, sign = '', prefix, body = ''] = match;
  const prefixBase = prefix === undefined ? undefined : { x: 16, o: 8, b: 2 }[(prefix[1] ?? '').toLowerCase()];
  let digits = body.replaceAll('_', '').toLowerCase();
  let radix = base;
  if (prefixBase !== undefined) {
    if (base === 0 || base === prefixBase) radix = prefixBase;
    else digits = `0${prefix?.[1]?.toLowerCase() ?? ''}${digits}`;
  } else if (base === 0) {
    radix = 10;
    if (/^0\d*[1-9]/.test(digits)) return undefined;
  }
  let value = 0n;
  for (const digit of digits) {
    const number = Number.parseInt(digit, 36);
    if (Number.isNaN(number) || number >= radix) return undefined;
    value = value * BigInt(radix) + BigInt(number);
  }
  return int(sign === '-' ? -value : value);
}

/** Python's float(text); undefined when the text is no number. */
export function parseFloat_(text: string): number | undefined {
  const trimmed = text.trim();
  const word = /^([+-]?)(inf(?:inity)?|nan)$/i.exec(trimmed);
  if (word !== null) return (word[2] ?? '').toLowerCase() === 'nan' ? Number.NaN : word[1] === '-' ? -Infinity : Infinity;
  if (!/^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/.test(trimmed)) return undefined;
  return Number(trimmed.replaceAll('_', ''));
}
