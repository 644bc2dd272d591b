// Where each key, value and item of a parsed YAML file stands; positions are packed into one number so that big files stay cheap.
import { inPieces, type Origin, type Pieces } from '../core/origin.ts';
import { Dict, type Value } from '../core/value.ts';

const COLUMNS = 0x1000000;

/** Line and column (1-based) as one number. */
export function pack(line: number, column: number): number {
  return line * COLUMNS + column;
}

export function unpack(packed: number): readonly [line: number, column: number] {
  return [Math.floor(packed / COLUMNS), packed % COLUMNS];
}

export type Path = readonly (string | number)[];

/** Positions of the collections of one file, by their identity. A dict's row is [own, key, value, key, value, ...] in its order, a list's [own, item, ...]. */
export class Positions {
  readonly file: string;
  readonly #rows = new Map<object, number[]>();
  readonly #pieces = new Map<number, Pieces>();
  constructor(file: string) {
    this.file = file;
  }
  set(container: object, row: number[]): void {
    this.#rows.set(container, row);
  }
  row(container: object): readonly number[] | undefined {
    return this.#rows.get(container);
  }
  /** The text at a place stands in pieces. */
  inPieces(packed: number, pieces: Pieces): void {
    this.#pieces.set(packed, pieces);
  }
  origin(packed: number): Origin {
    const [line, column] = unpack(packed);
    const origin = { file: this.file, line, column };
    const pieces = this.#pieces.get(packed);
    return pieces === undefined ? origin : inPieces(origin, pieces);
  }
  /** Where a dict or list begins. */
  of(container: object): Origin | undefined {
    const own = this.#rows.get(container)?.[0];
    return own === undefined ? undefined : this.origin(own);
  }
  /** Where a key of a dict stands. */
  key(dict: Dict, key: Value): Origin | undefined {
    return this.#entry(dict, key, 1);
  }
  /** Where a value of a dict stands. */
  value(dict: Dict, key: Value): Origin | undefined {
    return this.#entry(dict, key, 2);
  }
  /** Where an item of a list stands. */
  item(list: readonly Value[], index: number): Origin | undefined {
    const packed = this.#rows.get(list)?.[index + 1];
    return packed === undefined ? undefined : this.origin(packed);
  }
  /** Where the value at a path below `root` stands; undefined for a path that is not there. An empty path is the root itself. */
  at(root: Value, path: Path): Origin | undefined {
    let value: Value | undefined = root;
    let origin = typeof root === 'object' && root !== null ? this.of(root) : undefined;
    for (const step of path) {
      if (value instanceof Dict) {
        origin = this.value(value, step);
        value = value.get(step);
      } else if (Array.isArray(value) && typeof step === 'number') {
        origin = this.item(value, step);
        value = value[step];
      } else return undefined;
      if (value === undefined) return undefined;
    }
    return origin;
  }
  #entry(dict: Dict, key: Value, offset: number): Origin | undefined {
    const row = this.#rows.get(dict);
    if (row === undefined || !dict.has(key)) return undefined;
    let index = 0;
    let found = false;
    for (const candidate of dict.keys()) {
      found = candidate === key;
      if (found) break;
      index += 1;
    }
    // A key may be equal without being the same: 1 and true are one key to Python.
    if (!found) index = [...dict.keys()].findIndex((candidate) => new Dict([[key, null]]).has(candidate));
    const packed = row[index * 2 + offset];
    return packed === undefined ? undefined : this.origin(packed);
  }
}
