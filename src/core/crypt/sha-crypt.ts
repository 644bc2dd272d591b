// SHA-256 and SHA-512 crypt ($5$ and $6$), after the public specification by Ulrich Drepper.
import { hash } from 'node:crypto';
import { cryptGroups } from './base64.ts';

export const DEFAULT_ROUNDS = 5000;

/** The encoded hash without its prefix. */
export function shaCrypt(algorithm: 'sha256' | 'sha512', password: string, salt: string, rounds: number): string {
  const size = algorithm === 'sha256' ? 32 : 64;
  const key = Buffer.from(password);
  const saltBytes = Buffer.from(salt);
  const digest = (...parts: Uint8Array[]): Buffer => hash(algorithm, Buffer.concat(parts), 'buffer');
  const repeat = (block: Uint8Array, length: number): Buffer => Buffer.alloc(length, Buffer.from(block));

  const alternate = digest(key, saltBytes, key);
  const parts: Uint8Array[] = [key, saltBytes, repeat(alternate, key.length)];
  for (let bits = key.length; bits > 0; bits >>= 1) parts.push((bits & 1) === 1 ? alternate : key);
  let result = digest(...parts);
  const p = repeat(digest(...Array.from({ length: key.length }, () => key)), key.length);
  const s = repeat(digest(...Array.from({ length: 16 + (result[0] ?? 0) }, () => saltBytes)), saltBytes.length);
  // A round hashes one of eight arrangements of the last result, the salt and the password; they are laid out once.
  const layouts = Array.from({ length: 8 }, (_, kind) => {
    const odd = (kind & 1) === 1;
    const between = [...((kind & 2) === 2 ? [s] : []), ...((kind & 4) === 4 ? [p] : [])];
    const hole = Buffer.alloc(size);
    const bytes = Buffer.concat(odd ? [p, ...between, hole] : [hole, ...between, p]);
    return { bytes, at: odd ? bytes.length - size : 0 };
  });
  for (let round = 0; round < rounds; round++) {
    const layout = layouts[(round & 1) | (round % 3 === 0 ? 0 : 2) | (round % 7 === 0 ? 0 : 4)] as {
      bytes: Buffer;
      at: number;
    };
    layout.bytes.set(result, layout.at);
    result = hash(algorithm, layout.bytes, 'buffer');
  }
  return cryptGroups(result, groups(size));
}

/** The order of bytes in the encoding. */
function groups(size: number): [number, number, number, number][] {
  const third = Math.floor(size / 3);
  const order: [number, number, number, number][] = [];
  let [a, b, c] = [0, third, 2 * third];
  for (let index = 0; index < third; index++) {
    order.push([a, b, c, 4]);
    [a, b, c] = size === 64 ? [b + 1, c + 1, a + 1] : [c + 1, a + 1, b + 1];
  }
  order.push(size === 64 ? [-1, -1, 63, 2] : [-1, 31, 30, 3]);
  return order;
}
