// MD5 crypt ($1$, and $apr1$ of Apache), after its public description.
import { createHash } from 'node:crypto';
import { cryptGroups } from './base64.ts';

/** The encoded hash without its prefix, which it depends on. */
export function md5Crypt(password: string, salt: string, prefix: '$1$' | '$apr1$' = '$1$'): string {
  const key = Buffer.from(password);
  const saltBytes = Buffer.from(salt);
  const digest = (...parts: Uint8Array[]): Buffer => createHash('md5').update(Buffer.concat(parts)).digest();
  const inner = digest(key, saltBytes, key);
  const parts: Uint8Array[] = [key, Buffer.from(prefix), saltBytes, Buffer.alloc(key.length, inner)];
  for (let bits = key.length; bits > 0; bits >>= 1)
    parts.push((bits & 1) === 1 ? Buffer.from([0]) : key.subarray(0, 1));
  let result = digest(...parts);
  for (let round = 0; round < 1000; round++) {
    const pieces: Uint8Array[] = [(round & 1) === 1 ? key : result];
    if (round % 3 !== 0) pieces.push(saltBytes);
    if (round % 7 !== 0) pieces.push(key);
    pieces.push((round & 1) === 1 ? result : key);
    result = digest(...pieces);
  }
  return cryptGroups(result, [
    [0, 6, 12, 4],
    [1, 7, 13, 4],
    [2, 8, 14, 4],
    [3, 9, 15, 4],
    [4, 10, 5, 4],
    [-1, -1, 11, 2],
  ]);
}
