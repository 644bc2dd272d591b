// Python's sets of integers, for the order in which they give their members: a hash table with short linear probes.
import type { Value } from '../../core/value.ts';
import { isInt } from './types.ts';

const LINEAR_PROBES = 9;

class IntegerSet {
  #table: (number | undefined)[] = new Array<number | undefined>(8).fill(undefined);
  #used = 0;

  constructor(members: Iterable<number> = []) {
    for (const member of members) this.add(member);
  }

  add(member: number): void {
    const mask = this.#table.length - 1;
    if (!this.#place(this.#table, member)) return;
    this.#used++;
    if (this.#used * 5 >= mask * 3) this.#resize(this.#used > 50_000 ? this.#used * 2 : this.#used * 4);
  }

  /** False when it is there already. */
  #place(table: (number | undefined)[], member: number): boolean {
    const mask = table.length - 1;
    let perturb = hash(member);
    let at = perturb & BigInt(mask);
    for (;;) {
      const last = Number(at) + LINEAR_PROBES <= mask ? LINEAR_PROBES : 0;
      for (let probe = 0; probe <= last; probe++) {
        const slot = Number(at) + probe;
        if (table[slot] === undefined) {
          table[slot] = member;
          return true;
        }
        if (table[slot] === member) return false;
      }
      perturb >>= 5n;
      at = (at * 5n + 1n + perturb) & BigInt(mask);
    }
  }

  #resize(least: number): void {
    let size = 8;
    while (size <= least) size *= 2;
    const table = new Array<number | undefined>(size).fill(undefined);
    for (const member of this) this.#place(table, member);
    this.#table = table;
  }

  has(member: number): boolean {
    return this.#table.includes(member);
  }
  get size(): number {
    return this.#used;
  }
  *[Symbol.iterator](): IterableIterator<number> {
    for (const member of this.#table) if (member !== undefined) yield member;
  }
}

/** Hashes are integers themselves (-1 is taken), seen as unsigned. */
function hash(member: number): bigint {
  return BigInt.asUintN(64, BigInt(member === -1 ? -2 : member));
}

/** The members as numbers when all are integers that are exact. */
export function asSet(list: readonly Value[]): number[] | undefined {
  return list.every((value) => isInt(value) && typeof value === 'number') ? (list as number[]) : undefined;
}

export function intersectionOf(a: readonly number[], b: readonly number[]): number[] {
  const [x, y] = [new IntegerSet(a), new IntegerSet(b)];
  // The smaller one is walked through.
  const [walked, other] = y.size > x.size ? [x, y] : [y, x];
  return [...new IntegerSet([...walked].filter((member) => other.has(member)))];
}
export function differenceOf(a: readonly number[], b: readonly number[]): number[] {
  const other = new IntegerSet(b);
  return [...new IntegerSet([...new IntegerSet(a)].filter((member) => !other.has(member)))];
}
export function unionOf(a: readonly number[], b: readonly number[]): number[] {
  const result = new IntegerSet(new IntegerSet(a));
  for (const member of new IntegerSet(b)) result.add(member);
  return [...result];
}
export function symmetricOf(a: readonly number[], b: readonly number[]): number[] {
  const [x, y] = [new IntegerSet(a), new IntegerSet(b)];
  return [...new IntegerSet([...[...x].filter((member) => !y.has(member)), ...[...y].filter((member) => !x.has(member))])];
}
