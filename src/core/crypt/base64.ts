// The base 64 of crypt(3): other letters, and least significant bits first.
export const CRYPT_LETTERS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `count` letters of a number, lowest bits first. */
function crypt64(value: number, count: number): string {
  let text = '';
  let rest = value;
  for (let left = count; left > 0; left--) {
    text += CRYPT_LETTERS[rest & 63] ?? '';
    rest >>>= 6;
  }
  return text;
}

/** Bytes picked in groups of three (high, middle, low), as letters; -1 stands for a zero byte. */
export function cryptGroups(bytes: Uint8Array, groups: readonly (readonly [number, number, number, number])[]): string {
  const at = (index: number): number => (index < 0 ? 0 : (bytes[index] ?? 0));
  return groups
    .map(([high, middle, low, count]) => crypt64((at(high) << 16) | (at(middle) << 8) | at(low), count))
    .join('');
}
