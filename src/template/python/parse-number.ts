// int(text) and float(text).
import { int } from '../../core/value.ts';

/** Python's int(text, base); undefined when the text is no integer. */
export function parseInt_(given: string, base: number): number | bigint | undefined {
  if (base !== 0 && (base < 2 || base > 36)) return undefined;
  const text = asciiDigits(given);
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
  const trimmed = asciiDigits(text).trim();
  const word = /^([+-]?)(inf(?:inity)?|nan)$/i.exec(trimmed);
  if (word !== null)
    return (word[2] ?? '').toLowerCase() === 'nan' ? Number.NaN : word[1] === '-' ? -Infinity : Infinity;
  if (!/^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/.test(trimmed))
    return undefined;
  return Number(trimmed.replaceAll('_', ''));
}

/** Digits of other scripts as 0 to 9. Each script's digits stand in a row that begins at a code point whose own digit is 0. */
function asciiDigits(text: string): string {
  // eslint-disable-next-line no-control-regex -- text of ASCII alone is the common case
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  return text.replace(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0;
    let start = code;
    while (start > 0 && code - start < 9 && /\p{Nd}/u.test(String.fromCodePoint(start - 1))) start--;
    return String(code - start);
  });
}
