// A dictionary whose values are found when they are asked for: `hostvars`, `vars`, `groups`. It cannot be changed by templates.
import { Dict, type Value } from '../../core/value.ts';
import { VbxError } from '../../core/error.ts';
import { VirtualDict } from '../../template/lazy.ts';

export interface ComputedSource {
  /** Value of a key; undefined when there is none. */
  get(key: string): Value | undefined;
  has?(key: string): boolean;
  keys(): Iterable<string>;
}

/** Behaves as a dict everywhere; reading it costs what `source` costs, nothing is kept. */
export class ComputedDict extends VirtualDict {
  readonly #name: string;
  readonly #source: ComputedSource;
  constructor(name: string, source: ComputedSource) {
    super();
    this.#name = name;
    this.#source = source;
  }
  override get size(): number {
    let size = 0;
    for (const _ of this.#source.keys()) size++;
    return size;
  }
  override get(key: Value): Value | undefined {
    return typeof key === 'string' ? this.#source.get(key) : undefined;
  }
  override has(key: Value): boolean {
    if (typeof key !== 'string') return false;
    return this.#source.has === undefined ? this.#source.get(key) !== undefined : this.#source.has(key);
  }
  override *keys(): IterableIterator<Value> {
    yield* this.#source.keys();
  }
  override *values(): IterableIterator<Value> {
    for (const [, value] of this.entries()) yield value;
  }
  override *entries(): IterableIterator<[Value, Value]> {
    for (const key of this.#source.keys()) {
      const value = this.#source.get(key);
      if (value !== undefined) yield [key, value];
    }
  }
  override set(): this {
    throw new VbxError(`${this.#name} cannot be changed`);
  }
  override delete(): boolean {
    throw new VbxError(`${this.#name} cannot be changed`);
  }
  override clear(): void {
    throw new VbxError(`${this.#name} cannot be changed`);
  }
  override copy(): Dict {
    return new Dict(this.entries());
  }
}
