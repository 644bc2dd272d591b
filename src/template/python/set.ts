// Python's sets of numbers, for the order in which they give their members: a hash table with short linear probes, and the ways in which tables become one.
import { PyFloat, type Value } from '../../core/value.ts';
import { pythonEquals } from './compare.ts';
import { isInt, toNumber } from './types.ts';

const LINEAR_PROBES = 9;
const MODULUS = (1n << 61n) - 1n;
const HASH_OF_NONE = 0xfca86420n;

interface Entry {
  readonly hash: bigint;
  readonly value: Value;
}
/** A cell: never used, used, or used once and given up. */
type Cell = Entry | 'gone' | undefined;

const empty = (length: number): Cell[] => Array.from({ length });

class PySet {
  #table: Cell[] = empty(8);
  /** Cells that are not empty, those given up included. */
  #fill = 0;
  size = 0;

  static from(members: Iterable<Value>): PySet {
    const set = new PySet();
    for (const value of members) set.add({ hash: hashOf(value), value });
    return set;
  }

  add(entry: Entry): void {
    const { free, again } = this.#find(entry);
    if (free === undefined) return;
    this.size++;
    if (again !== undefined) {
      this.#table[again] = entry;
      return;
    }
    this.#table[free] = entry;
    this.#fill++;
    if (this.#fill * 5 >= (this.#table.length - 1) * 3) this.#resize(this.#grown());
  }

  #grown(): number {
    return this.size > 50_000 ? this.size * 2 : this.size * 4;
  }

  /** Where an entry is, or the empty cell in which it would go, and one given up before that. */
  #find({ hash, value }: Entry): { at?: number; free?: number; again?: number | undefined } {
    let again: number | undefined;
    for (const cell of probes(hash, this.#table.length - 1)) {
      const found = this.#table[cell];
      if (found === undefined) return { free: cell, again };
      if (found === 'gone') again = cell;
      else if (found.hash === hash && pythonEquals(found.value, value)) return { at: cell };
    }
    return {};
  }

  has(entry: Entry): boolean {
    return this.#find(entry).at !== undefined;
  }

  /** False when it was not there. */
  discard(entry: Entry): boolean {
    const { at } = this.#find(entry);
    if (at === undefined) return false;
    this.#table[at] = 'gone';
    this.size--;
    return true;
  }

  #resize(least: number): void {
    let length = 8;
    while (length <= least) length *= 2;
    const table = empty(length);
    for (const entry of this) insertClean(table, entry);
    this.#table = table;
    this.#fill = this.size;
  }

  /** All of another set; into an empty one of the same size its table is copied as it is. */
  merge(other: PySet): this {
    if ((this.#fill + other.size) * 5 >= (this.#table.length - 1) * 3) this.#resize((this.size + other.size) * 2);
    if (this.#fill === 0 && this.#table.length === other.#table.length && other.#fill === other.size) {
      this.#table = [...other.#table];
      this.#fill = other.#fill;
      this.size = other.size;
    } else if (this.#fill === 0) {
      for (const entry of other) insertClean(this.#table, entry);
      this.#fill = this.size = other.size;
    } else for (const entry of other) this.add(entry);
    return this;
  }

  without(other: PySet): PySet {
    if (Math.floor(this.size / 4) <= other.size) {
      const result = new PySet();
      for (const entry of this) if (!other.has(entry)) result.add(entry);
      return result;
    }
    const result = new PySet().merge(this);
    for (const entry of other) result.discard(entry);
    if (result.#fill - result.size > (result.#table.length - 1) / 4) result.#resize(result.#grown());
    return result;
  }

  *[Symbol.iterator](): IterableIterator<Entry> {
    for (const cell of this.#table) if (cell !== undefined && cell !== 'gone') yield cell;
  }
  values(): Value[] {
    return Array.from(this, ({ value }) => value);
  }
}

/** The cells in which a hash is looked for, in their order. */
function* probes(hash: bigint, mask: number): Iterable<number> {
  let perturb = BigInt.asUintN(64, hash);
  const all = BigInt(mask);
  let at = perturb & all;
  for (;;) {
    const last = Number(at) + LINEAR_PROBES <= mask ? LINEAR_PROBES : 0;
    for (let probe = 0; probe <= last; probe++) yield Number(at) + probe;
    perturb >>= 5n;
    at = (at * 5n + 1n + perturb) & all;
  }
}

function insertClean(table: Cell[], entry: Entry): void {
  for (const cell of probes(entry.hash, table.length - 1)) {
    if (table[cell] === undefined) {
      table[cell] = entry;
      return;
    }
  }
}

/** Python's hash() of a number or None: the number modulo 2**61 - 1, and never -1. */
export function hashOf(value: Value): bigint {
  if (value === null) return HASH_OF_NONE;
  const exact = isInt(value) ? BigInt(value) : undefined;
  const number = exact === undefined ? (toNumber(value) ?? 0) : 0;
  if (number === Infinity || number === -Infinity) return number > 0 ? 314_159n : -314_159n;
  const hash = exact === undefined ? hashOfFloat(number) : exact < 0n ? -(-exact % MODULUS) : exact % MODULUS;
  return hash === -1n ? -2n : hash;
}

function hashOfFloat(number: number): bigint {
  let [mantissa, halvings] = [Math.abs(number), 0];
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    halvings++;
  }
  // Halving is multiplying by 2**60 where 2**61 is 1.
  const hash = ((BigInt(mantissa) % MODULUS) * (1n << BigInt((61 - (halvings % 61)) % 61))) % MODULUS;
  return number < 0 ? -hash : hash;
}

/** Whether a list's set has an order that does not change from run to run: that of numbers and None. */
export function hasSetOrder(list: readonly Value[]): boolean {
  return list.every(
    (value) =>
      value === null ||
      typeof value === 'bigint' ||
      typeof value === 'boolean' ||
      ((typeof value === 'number' || value instanceof PyFloat) && !Number.isNaN(toNumber(value))),
  );
}

export function intersectionOf(a: readonly Value[], b: readonly Value[]): Value[] {
  const [x, y] = [PySet.from(a), PySet.from(b)];
  // The smaller one is walked through.
  const [walked, other] = y.size > x.size ? [x, y] : [y, x];
  const result = new PySet();
  for (const entry of walked) if (other.has(entry)) result.add(entry);
  return result.values();
}
export function differenceOf(a: readonly Value[], b: readonly Value[]): Value[] {
  return PySet.from(a).without(PySet.from(b)).values();
}
export function unionOf(a: readonly Value[], b: readonly Value[]): Value[] {
  return new PySet().merge(PySet.from(a)).merge(PySet.from(b)).values();
}
export function symmetricOf(a: readonly Value[], b: readonly Value[]): Value[] {
  const result = new PySet().merge(PySet.from(b));
  for (const entry of PySet.from(a)) if (!result.discard(entry)) result.add(entry);
  return result.values();
}
