// The shape of filters, tests and lookups, and how they are declared.
import type { Value } from '../core/value.ts';
import type { Engine } from './engine.ts';
import { signature, type Signature } from './signature.ts';

/** A filter: its first parameter is the value it is applied to. */
export interface Filter {
  readonly signature: Signature;
  readonly run: (engine: Engine, ...args: Value[]) => Value;
  /** Undefined arguments come in as they are, instead of being given back. */
  readonly takesUndefined: boolean;
  /** Text already escaped for HTML comes in marked as such. */
  readonly takesMarkup: boolean;
  /** Two calls may differ (random, now): what such a call went into is not kept. */
  readonly volatile: boolean;
}
export interface Test {
  readonly signature: Signature;
  readonly run: (engine: Engine, ...args: Value[]) => boolean;
  readonly takesUndefined: boolean;
}
/** A lookup: terms and options -> a list. */
export type Lookup = (engine: Engine, terms: readonly Value[], options: ReadonlyMap<string, Value>) => readonly Value[];

export type Filters = Readonly<Record<string, Filter>>;
export type Tests = Readonly<Record<string, Test>>;
export type Lookups = Readonly<Record<string, Lookup>>;

type Traits = { readonly takesUndefined?: boolean; readonly takesMarkup?: boolean; readonly volatile?: boolean };

/** Declares a filter by its parameters (as Python writes them) and what it does. */
export function filter(parameters: string, run: Filter['run'], traits: Traits = {}): Filter {
  return {
    signature: signature(parameters),
    run,
    takesUndefined: traits.takesUndefined ?? false,
    takesMarkup: traits.takesMarkup ?? false,
    volatile: traits.volatile ?? false,
  };
}

/** Declares a test by its parameters and what it asks. */
export function test(parameters: string, run: Test['run'], takesUndefined = false): Test {
  return { signature: signature(parameters), run, takesUndefined };
}
