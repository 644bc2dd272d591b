// Python's random.Random: the Mersenne Twister with Python's seeding, so that seeded choices are the ones Ansible makes.
import { createHash } from 'node:crypto';

const SIZE = 624;
const PERIOD = 397;

export class PythonRandom {
  readonly #state = new Uint32Array(SIZE);
  #index = SIZE;

  /** `seed` is text (or bytes as text) or an integer. */
  constructor(seed: string | bigint) {
    let number = typeof seed === 'bigint' ? (seed < 0n ? -seed : seed) : textSeed(seed);
    const key: number[] = [];
    do {
      key.push(Number(number & 0xffffffffn));
      number >>= 32n;
    } while (number > 0n);
    this.#initByArray(key);
  }

  /** An integer below `limit`, as _randbelow draws it. */
  below(limit: bigint): bigint {
    if (limit <= 0n) return 0n;
    const bits = limit.toString(2).length;
    let value = this.bits(bits);
    while (value >= limit) value = this.bits(bits);
    return value;
  }

  choice<Item>(items: readonly Item[]): Item {
    return items[Number(this.below(BigInt(items.length)))] as Item;
  }

  shuffle<Item>(items: Item[]): void {
    for (let index = items.length - 1; index > 0; index--) {
      const other = Number(this.below(BigInt(index + 1)));
      [items[index], items[other]] = [items[other] as Item, items[index] as Item];
    }
  }

  /** getrandbits. */
  bits(count: number): bigint {
    if (count <= 32) return BigInt(this.#next() >>> (32 - count));
    let result = 0n;
    let shift = 0n;
    for (let left = count; left > 0; left -= 32, shift += 32n) {
      const word = left < 32 ? this.#next() >>> (32 - left) : this.#next();
      result |= BigInt(word) << shift;
    }
    return result;
  }

  #seed(value: number): void {
    const state = this.#state;
    state[0] = value >>> 0;
    for (let i = 1; i < SIZE; i++) {
      const last = (state[i - 1] as number) ^ ((state[i - 1] as number) >>> 30);
      state[i] = (Math.imul(1812433253, last) + i) >>> 0;
    }
    this.#index = SIZE;
  }

  #initByArray(key: readonly number[]): void {
    this.#seed(19650218);
    const state = this.#state;
    let [i, j] = [1, 0];
    for (let k = Math.max(SIZE, key.length); k > 0; k--) {
      const last = (state[i - 1] as number) ^ ((state[i - 1] as number) >>> 30);
      state[i] = (((state[i] as number) ^ Math.imul(last, 1664525)) + (key[j] as number) + j) >>> 0;
      i++;
      j++;
      if (i >= SIZE) {
        state[0] = state[SIZE - 1] as number;
        i = 1;
      }
      if (j >= key.length) j = 0;
    }
    for (let k = SIZE - 1; k > 0; k--) {
      const last = (state[i - 1] as number) ^ ((state[i - 1] as number) >>> 30);
      state[i] = (((state[i] as number) ^ Math.imul(last, 1566083941)) - i) >>> 0;
      i++;
      if (i >= SIZE) {
        state[0] = state[SIZE - 1] as number;
        i = 1;
      }
    }
    state[0] = 0x80000000;
  }

  #next(): number {
    const state = this.#state;
    if (this.#index >= SIZE) {
      for (let k = 0; k < SIZE; k++) {
        const y = ((state[k] as number) & 0x80000000) | ((state[(k + 1) % SIZE] as number) & 0x7fffffff);
        state[k] = (state[(k + PERIOD) % SIZE] as number) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
      }
      this.#index = 0;
    }
    let y = state[this.#index++] as number;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }
}

function textSeed(text: string): bigint {
  const bytes = Buffer.from(text);
  return BigInt(`0x${Buffer.concat([bytes, createHash('sha512').update(bytes).digest()]).toString('hex')}`);
}
