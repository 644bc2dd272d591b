// The values that playbooks compute with: Python's types as Ansible's templates see them, told apart where JavaScript would merge them.
import type { Origin } from './origin.ts';

/**
 * A value of a variable, an argument or a result.
 * - int: `number` when it is a safe integer, else `bigint` (normalise after each operation with `int()`)
 * - float: `number` when it is finite and not integral, else `PyFloat` (`2.0`, `inf`, `nan`)
 * - str: `string`; plain strings are data and are never templated
 * - text of the user's with template marks: `TemplateText`, rendered when it is used
 * - list: array (a `Tuple` is an array of its own class); dict: `Dict`
 * - not known in a dry run: `Unknown`
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | PyFloat
  | PyBytes
  | PyDate
  | TemplateText
  | Unknown
  | Value[]
  | Dict
  | Special;

/** Values that live only inside the template engine (undefined markers, functions, generators, omit); they extend this class. */
export abstract class Special {
  abstract readonly special: string;
}

/** A float that a JavaScript number would lose: integral (`2.0`), infinite or not a number. */
export class PyFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** The number `n` as a Python float: a plain number where that keeps its type, else a `PyFloat`. */
export function float(n: number): number | PyFloat {
  return Number.isInteger(n) || !Number.isFinite(n) ? new PyFloat(n) : n;
}

/** A Python int: a number when safe, else a bigint. */
export function int(n: number | bigint): number | bigint {
  if (typeof n === 'number') return n;
  return n >= BigInt(Number.MIN_SAFE_INTEGER) && n <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(n) : n;
}

/** Python bytes. */
export class PyBytes {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** A date or datetime as PyYAML makes them; `text` is Python's str() of it. */
export class PyDate {
  readonly kind: 'date' | 'datetime';
  readonly text: string;
  constructor(kind: 'date' | 'datetime', text: string) {
    this.kind = kind;
    this.text = text;
  }
}

/** A Python tuple: an array that compares and names itself apart from a list. */
export class Tuple extends Array<Value> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

/** Text that the user wrote (playbook, inventory, variables file) and that holds template marks: trusted to be rendered. */
export class TemplateText {
  readonly source: string;
  readonly origin: Origin | undefined;
  constructor(source: string, origin?: Origin) {
    this.source = source;
    this.origin = origin;
  }
}

/** Text of the user's as a value: a `TemplateText` when it holds a template mark, else the string itself. */
export function userText(source: string, origin?: Origin): string | TemplateText {
  return source.includes('{{') || source.includes('{%') || source.includes('{#')
    ? new TemplateText(source, origin)
    : source;
}

/** A value that a dry run cannot know; `because` names the task (or thing) whose outcome it depends on. */
export class Unknown {
  readonly because: string;
  constructor(because: string) {
    this.because = because;
  }
}

/** The text of a value that is known only after the change was applied, in diffs. */
export const KNOWN_AFTER_APPLY = '(known after apply)';

type Key = string | number | bigint | boolean | null;

/** Python's key equality: 1, 1.0 and True are one key; strings are their own. */
function hashKey(key: Value): Key | object {
  if (typeof key === 'boolean') return key ? 1 : 0;
  if (key instanceof PyFloat && Number.isSafeInteger(key.value)) return key.value === 0 ? 0 : key.value;
  if (key instanceof PyFloat) return `\u0000float:${key.value}`;
  if (key instanceof PyDate) return `\u0000date:${key.kind}:${key.text}`;
  if (key instanceof PyBytes) return `\u0000bytes:${Buffer.from(key.bytes).toString('hex')}`;
  if (key instanceof Tuple) return `\u0000tuple:${JSON.stringify(key.map((part) => String(hashKey(part as Value))))}`;
  return key as Key;
}

/** A Python dict: insertion order, any hashable key, Python's key equality. A key set again keeps its first spelling and place. */
export class Dict {
  readonly #entries = new Map<unknown, [Value, Value]>();
  constructor(entries: Iterable<readonly [Value, Value]> = []) {
    for (const [key, value] of entries) this.set(key, value);
  }
  get size(): number {
    return this.#entries.size;
  }
  get(key: Value): Value | undefined {
    return this.#entries.get(hashKey(key))?.[1];
  }
  has(key: Value): boolean {
    return this.#entries.has(hashKey(key));
  }
  set(key: Value, value: Value): this {
    const hash = hashKey(key);
    const entry = this.#entries.get(hash);
    if (entry === undefined) this.#entries.set(hash, [key, value]);
    else entry[1] = value;
    return this;
  }
  delete(key: Value): boolean {
    return this.#entries.delete(hashKey(key));
  }
  clear(): void {
    this.#entries.clear();
  }
  *keys(): IterableIterator<Value> {
    for (const [key] of this.#entries.values()) yield key;
  }
  *values(): IterableIterator<Value> {
    for (const [, value] of this.#entries.values()) yield value;
  }
  *entries(): IterableIterator<[Value, Value]> {
    for (const [key, value] of this.#entries.values()) yield [key, value];
  }
  [Symbol.iterator](): IterableIterator<[Value, Value]> {
    return this.entries();
  }
  copy(): Dict {
    return new Dict(this.entries());
  }
}

/** JSON-like data, as modules take and give it. Integral floats and big integers lose their type here. */
export type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };

/** Plain data (a module's result, parsed JSON) as a value: data, so no string of it is ever rendered. `undefined` members are left out. */
export function fromPlain(plain: unknown): Value {
  if (plain === null || plain === undefined) return null;
  if (
    plain instanceof Unknown ||
    plain instanceof Dict ||
    plain instanceof PyFloat ||
    plain instanceof PyBytes ||
    plain instanceof PyDate ||
    plain instanceof TemplateText ||
    plain instanceof Special
  )
    return plain;
  if (Array.isArray(plain)) return plain.map(fromPlain);
  if (typeof plain === 'object') {
    const dict = new Dict();
    for (const [key, value] of Object.entries(plain)) if (value !== undefined) dict.set(key, fromPlain(value));
    return dict;
  }
  return plain as Value;
}

/**
 * A rendered value as plain data for modules and JSON: dicts become objects with string keys, floats numbers, big integers decimal strings,
 * bytes latin-1 text, times in ISO's form. `Unknown` stays as it is (callers look for it with `findUnknown` first), unrendered text becomes its source.
 */
export function toPlain(value: Value): unknown {
  if (value instanceof Dict) {
    const object: Record<string, unknown> = {};
    for (const [key, item] of value)
      Object.defineProperty(object, plainKey(key), {
        value: toPlain(item),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    return object;
  }
  if (Array.isArray(value)) return Array.from(value, toPlain);
  if (value instanceof PyFloat) return value.value;
  if (value instanceof PyBytes) return Buffer.from(value.bytes).toString('latin1');
  if (value instanceof PyDate) return value.text.replace(' ', 'T');
  if (value instanceof TemplateText) return value.source;
  if (typeof value === 'bigint') return value.toString();
  return value;
}

/** A dict's key as JSON's encoder of Python writes it. */
export function plainKey(key: Value): string {
  if (key === null) return 'null';
  if (key === true) return 'true';
  if (key === false) return 'false';
  if (key instanceof PyFloat) return Number.isInteger(key.value) ? `${key.value}.0` : String(key.value);
  return String(toPlain(key));
}

/** The first Unknown inside a value, if there is one. */
export function findUnknown(value: unknown): Unknown | undefined {
  if (value instanceof Unknown) return value;
  const items =
    value instanceof Dict
      ? value.values()
      : Array.isArray(value)
        ? value
        : value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype
          ? Object.values(value)
          : [];
  for (const item of items) {
    const found = findUnknown(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
