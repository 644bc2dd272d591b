// A mapping of a YAML file together with where its keys and values stand: what the loaders read plays, blocks and tasks from.
import { PlaybookError } from '../core/error.ts';
import { isInPieces, type Origin } from '../core/origin.ts';
import type { Written } from '../core/play.ts';
import { nearest } from '../core/nearest.ts';
import { Dict, TemplateText, type Value } from '../core/value.ts';
import type { VarsLayer } from '../core/host.ts';
import { ADVICE, isVariableName } from './keywords.ts';
import type { Positions } from '../yaml/load-yaml.ts';

/** One parsed file. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
  readonly value: Value;
  readonly positions: Positions;
}

const linesOf = new WeakMap<SourceText, readonly string[]>();

/** A line of a file (1-based), empty when there is none. */
export function lineOf(source: SourceText, line: number): string {
  let lines = linesOf.get(source);
  if (lines === undefined) linesOf.set(source, (lines = source.text.split('\n')));
  return lines[line - 1] ?? '';
}

/** The place of a text that may be in quotes, which a value's own place is before. */
export function insideQuotes(origin: Origin, source: SourceText): Origin {
  return !isInPieces(origin) && /^['"]/.test(lineOf(source, origin.line).slice(origin.column - 1))
    ? { ...origin, column: origin.column + 1 }
    : origin;
}

export class Section {
  readonly dict: Dict;
  readonly source: SourceText;
  readonly origin: Origin;
  #index: Map<Value, number> | undefined;
  constructor(dict: Dict, source: SourceText) {
    this.dict = dict;
    this.source = source;
    this.origin = source.positions.of(dict) ?? { file: source.path, line: 1, column: 1 };
  }
  has(key: string): boolean {
    return this.dict.has(key);
  }
  get(key: string): Value | undefined {
    return this.dict.get(key);
  }
  keyOrigin(key: string): Origin {
    return this.#place(key, 1) ?? this.origin;
  }
  valueOrigin(key: string): Origin {
    return this.#place(key, 2) ?? this.origin;
  }
  /** The keys are counted once, since a task is asked for the places of many. */
  #place(key: string, offset: 1 | 2): Origin | undefined {
    const { positions } = this.source;
    this.#index ??= new Map([...this.dict.keys()].map((one, index) => [one, index]));
    const index = this.#index.get(key);
    const packed = index === undefined ? undefined : positions.row(this.dict)?.[index * 2 + offset];
    return packed === undefined ? undefined : positions.origin(packed);
  }
  written(key: string): Written | undefined {
    const value = this.dict.get(key);
    return value === undefined ? undefined : { value, origin: this.valueOrigin(key) };
  }
  /** A list under `key` as its items with their places; a single value is a list of one; null and a missing key are empty. */
  items(key: string): readonly Written[] {
    const value = this.dict.get(key);
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) return [{ value, origin: this.valueOrigin(key) }];
    return value.map((item, index) => ({
      value: item,
      origin: this.source.positions.item(value, index) ?? this.valueOrigin(key),
    }));
  }
  /** Conditions under `key`, as items whose places are those of their first characters: an expression is shown where it fails. */
  conditions(key: string): readonly Written[] {
    return this.items(key).map((item) =>
      typeof item.value === 'string' ? { ...item, origin: insideQuotes(item.origin, this.source) } : item,
    );
  }
  /** Text as written; undefined for anything else. */
  text(key: string): string | undefined {
    const value = this.dict.get(key);
    return typeof value === 'string' ? value : value instanceof TemplateText ? value.source : undefined;
  }
  fail(message: string, origin: Origin = this.origin, hint?: string): never {
    throw new PlaybookError(message, { origin, hint });
  }
  /** A mapping under `key` as a section of its own. */
  section(key: string, what: string): Section | undefined {
    const value = this.dict.get(key);
    if (value === undefined || value === null) return undefined;
    if (!(value instanceof Dict)) return this.fail(`${what} must be a mapping`, this.valueOrigin(key));
    return new Section(value, this.source);
  }
  /** `vars:` as a layer; undefined when there are none. */
  vars(level: string, what: string): VarsLayer | undefined {
    const value = this.dict.get('vars');
    if (value === undefined || value === null) return undefined;
    if (!(value instanceof Dict))
      return this.fail(
        `Vars in ${what} must be specified as a dictionary`,
        this.valueOrigin('vars'),
        Array.isArray(value) ? 'write "name: value" lines without dashes' : undefined,
      );
    if (value.size === 0) return undefined;
    return varsLayer(level, value, this.source);
  }
  /** Refuses the first key that is not among `allowed`. */
  checkKeys(allowed: ReadonlySet<string>, what: string): void {
    for (const key of this.dict.keys())
      if (typeof key !== 'string' || !allowed.has(key)) this.refuse(key, allowed, what);
  }
  refuse(key: Value, allowed: Iterable<string>, what: string): never {
    const word = typeof key === 'string' ? key : String(key);
    const origin = this.source.positions.key(this.dict, key) ?? this.origin;
    const advice = ADVICE[word];
    const near = nearest(word, allowed);
    this.fail(
      `'${word}' is not a valid attribute for ${what}`,
      origin,
      advice !== undefined ? `use ${advice}` : near !== undefined ? `did you mean "${near}"?` : undefined,
    );
  }
}

/** Variables of a mapping as a layer. With `check` (variables in a play, block or task) every name must be one; files may hold other keys, which nothing can use. */
export function varsLayer(level: string, vars: Dict, source: SourceText, check = true): VarsLayer {
  if (check)
    for (const name of vars.keys())
      if (!isVariableName(name)) {
        const origin = source.positions.key(vars, name);
        throw new PlaybookError(`Invalid variable name: '${String(name)}'`, {
          origin,
          hint: 'names are letters, digits and underscores, and do not begin with a digit',
        });
      }
  const origin = source.positions.of(vars);
  return { level, vars, ...(origin && { origin }), originOf: (name) => source.positions.key(vars, name) };
}
