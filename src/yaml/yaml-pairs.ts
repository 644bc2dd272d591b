// The entries of a YAML mapping while it is read: merged ones below its own, duplicates told, each with its places.
import { Dict, type Value } from '../core/value.ts';
import type { Positions } from './yaml-positions.ts';

/** The entries of a mapping in the making: merged ones first, its own over them, with their places. */
export class Pairs {
  readonly dict = new Dict();
  readonly #row: number[] = [0];
  readonly #warn: (key: Value, at: number) => void;
  #merged: { source: Dict; row: readonly number[] }[] | undefined;
  constructor(warn: (key: Value, at: number) => void) {
    this.#warn = warn;
  }
  add(key: Value, keyAt: number, value: Value, valueAt: number): void {
    const { size } = this.dict;
    this.dict.set(key, value);
    if (this.dict.size > size) this.#row.push(keyAt, valueAt);
    else {
      this.#warn(key, keyAt);
      this.#replace(this.dict, this.#row, key, keyAt, valueAt);
    }
  }
  merge(source: Dict, row: readonly number[]): void {
    (this.#merged ??= []).push({ source, row });
  }
  close(positions: Positions, start: number): void {
    if (this.#merged !== undefined) this.#applyMerges();
    this.#row[0] = start;
    positions.set(this.dict, this.#row);
  }
  #replace(dict: Dict, row: number[], key: Value, keyAt: number, valueAt: number): void {
    const hashed = new Dict([[key, null]]);
    let index = 0;
    for (const other of dict.keys()) {
      if (hashed.has(other)) break;
      index += 1;
    }
    row[index * 2 + 1] = keyAt;
    row[index * 2 + 2] = valueAt;
  }
  /** An earlier source wins over a later one, own keys over all; the order is Python's: last source first, own keys at the end. */
  #applyMerges(): void {
    const own = [...this.dict.entries()];
    const ownRow = [...this.#row];
    this.dict.clear();
    this.#row.length = 1;
    const put = (key: Value, value: Value, keyAt: number, valueAt: number): void => {
      const { size } = this.dict;
      this.dict.set(key, value);
      if (this.dict.size > size) this.#row.push(keyAt, valueAt);
      else this.#replace(this.dict, this.#row, key, keyAt, valueAt);
    };
    for (const { source, row } of (this.#merged ?? []).reverse()) {
      let index = 0;
      for (const [key, value] of source) {
        put(key, value, row[index * 2 + 1] ?? 0, row[index * 2 + 2] ?? 0);
        index += 1;
      }
    }
    own.forEach(([key, value], index) => put(key, value, ownRow[index * 2 + 1] ?? 0, ownRow[index * 2 + 2] ?? 0));
  }
}
