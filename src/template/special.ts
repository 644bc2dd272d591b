// Values that exist only inside the template engine: undefined markers, omit, callables, views. None of them may leave a template.
import { Special, type Dict, type Value } from '../core/value.ts';
import { TemplateError, type TemplateErrorKind } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';

/**
 * A value that could not be had: an undefined variable, a missing attribute, or a nested variable whose template failed. It travels
 * through expressions until something needs the value itself; then the error it stands for is thrown.
 */
export class Undefined extends Special {
  readonly special = 'undefined';
  readonly #make: () => TemplateError;
  #error: TemplateError | undefined;
  /** The name or path that was asked for, for messages of `mandatory`. */
  readonly asked: string | undefined;
  /** False for a failure other than "not defined": `default` and `is defined` do not hide those. */
  readonly defaultable: boolean;
  /** Where the template asked for it. */
  origin: Origin | undefined;
  constructor(make: () => TemplateError, asked: string | undefined, defaultable: boolean) {
    super();
    this.#make = make;
    this.asked = asked;
    this.defaultable = defaultable;
  }
  /** Stands for a failure that has happened. */
  static failed(error: TemplateError, asked?: string): Undefined {
    return new Undefined(() => error, asked, error.kind === 'undefined');
  }
  static of(message: string, asked?: string, hint?: () => string | undefined): Undefined {
    return new Undefined(() => new TemplateError('undefined', message, { hint: hint?.() }), asked, true);
  }
  get error(): TemplateError {
    this.#error ??= this.#make();
    if (this.#error.origin === undefined && this.origin !== undefined) {
      this.#error = new TemplateError(this.#error.kind, this.#error.message, {
        origin: this.origin,
        hint: this.#error.hint,
        cause: this.#error.cause,
      });
    }
    return this.#error;
  }
}

/** What an inline `if` without `else` gives when its condition is false: empty text where text is wanted, but no value to store. */
export class Nothing extends Special {
  readonly special = 'Undefined';
}
export const NOTHING: Nothing = new Nothing();
export const NOTHING_MESSAGE = 'the inline if-expression evaluated to false and no else section was defined.';

/** The value of `omit`: an argument, list item or dict entry that is to be left out. */
export class Omit extends Special {
  readonly special = '_OmitType';
}
export const OMIT: Omit = new Omit();

/** Arguments by name. */
export type Keywords = ReadonlyMap<string, Value>;
export const NO_KEYWORDS: Keywords = new Map();

/** A function or method that a template can call. */
export class Callable extends Special {
  readonly special: string;
  readonly name: string;
  readonly call: (args: readonly Value[], keywords: Keywords) => Value;
  /** Macros and the like take undefined arguments as they are; others give the undefined argument back without being called. */
  readonly takesUndefined: boolean;
  constructor(
    type: string,
    name: string,
    call: (args: readonly Value[], keywords: Keywords) => Value,
    takesUndefined = false,
  ) {
    super();
    this.special = type;
    this.name = name;
    this.call = call;
    this.takesUndefined = takesUndefined;
  }
}

/** A block's body, and as `super` the one that it stands in for. */
export class BlockReference extends Callable {
  readonly above: () => Value;
  constructor(name: string, call: () => Value, above: () => Value) {
    super('BlockReference', name, call);
    this.above = above;
  }
}

/** Python's range object. */
export class Range extends Special {
  readonly special = 'range';
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  constructor(start: number, stop: number, step: number) {
    super();
    this.start = start;
    this.stop = stop;
    this.step = step;
  }
  get length(): number {
    return Math.max(0, Math.ceil((this.stop - this.start) / this.step));
  }
  at(index: number): number {
    return this.start + index * this.step;
  }
  *[Symbol.iterator](): IterableIterator<Value> {
    for (let index = 0, { length } = this; index < length; index++) yield this.at(index);
  }
}

/** Text that is already escaped for HTML (the result of `e` and `safe`). */
export class Markup extends Special {
  readonly special = 'Markup';
  readonly text: string;
  constructor(text: string) {
    super();
    this.text = text;
  }
}

/** The difference of two datetimes, in microseconds. */
export class TimeDelta extends Special {
  readonly special = 'timedelta';
  readonly microseconds: bigint;
  constructor(microseconds: bigint) {
    super();
    this.microseconds = microseconds;
  }
}

/** An object with named attributes that templates may read (`loop`, an imported module, `self`, `cycler(...)`). */
export abstract class Attributes extends Special {
  abstract attribute(name: string): Value | undefined;
  repr(): string {
    return `<${this.special} object>`;
  }
}

/** `namespace(...)`: the one object whose attributes `{% set ns.x = ... %}` may change. */
export class Namespace extends Attributes {
  readonly special = 'Namespace';
  readonly values: Dict;
  constructor(values: Dict) {
    super();
    this.values = values;
  }
  attribute(name: string): Value | undefined {
    return this.values.get(name);
  }
}

/** Thrown where an undefined value is needed; caught by the nearest plugin call, variable or template, which answer with the marker. */
export class Tripped extends Error {
  readonly marker: Undefined;
  constructor(marker: Undefined) {
    super('an undefined value was used');
    this.marker = marker;
  }
}

/** Thrown where an Unknown value is needed for a decision; the plugin call or template it happened in is Unknown then. */
export class NotKnown extends Error {
  readonly because: string;
  constructor(because: string) {
    super(because);
    this.because = because;
  }
}

/** An error as Python's operators and methods raise it (TypeError, ValueError, ...), not yet tied to a plugin or a place. */
export class PythonError extends Error {
  readonly type:
    | 'TypeError'
    | 'ValueError'
    | 'KeyError'
    | 'IndexError'
    | 'ZeroDivisionError'
    | 'OverflowError'
    | 'Error';
  constructor(type: PythonError['type'], message: string) {
    super(message);
    this.type = type;
  }
}
export function typeError(message: string): PythonError {
  return new PythonError('TypeError', message);
}
export function valueError(message: string): PythonError {
  return new PythonError('ValueError', message);
}

/** Where an error kind other than the default of its place is meant (recursion, omitted, untrusted). */
export function templateError(kind: TemplateErrorKind, message: string, origin?: Origin, hint?: string): TemplateError {
  return new TemplateError(kind, message, { origin, hint });
}
