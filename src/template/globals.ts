// Names that every template knows besides its variables: lookup, range, dict, namespace, now, undef, omit, ...
import { Dict, type Value } from '../core/value.ts';
import type { Engine } from './engine.ts';
import { runLookup } from './lookup.ts';
import { VirtualDict } from './lazy.ts';
import { updateDict } from './methods/dicts.ts';
import { dateOf, fromMicroseconds } from './python/date.ts';
import { strftime } from './python/strftime.ts';
import { isInt, truthy, typeName } from './python/types.ts';
import { Attributes, Callable, Namespace, OMIT, PythonError, Range, typeError, Undefined } from './special.ts';
import { bind, signature } from './signature.ts';

/** The global of that name; undefined when there is none. */
export function globalValue(engine: Engine, name: string): Value | undefined {
  if (!Object.hasOwn(GLOBALS, name)) return undefined;
  return GLOBALS[name]?.(engine);
}

/** Whether a name is a global (for lint). */
export function isGlobal(name: string): boolean {
  return Object.hasOwn(GLOBALS, name);
}

function callable(type: string, name: string, parameters: string, run: (...args: Value[]) => Value): Callable {
  return new Callable(type, name, (args, keywords) => run(...bind(signature(parameters), name, args, keywords)));
}

const GLOBALS: Record<string, (engine: Engine) => Value> = {
  omit: () => OMIT,
  vars: (engine) => new AllVariables(engine),
  range: () => RANGE,
  dict: () => DICT,
  namespace: () => NAMESPACE,
  cycler: () => new Callable('type', 'jinja2.utils.Cycler', (args) => new Cycler(args)),
  joiner: () =>
    new Callable('type', 'jinja2.utils.Joiner', ([separator = ', ']) => {
      let used = false;
      return new Callable('Joiner', 'joiner', () => {
        if (used) return separator;
        used = true;
        return '';
      });
    }),
  lipsum: (engine) =>
    callable('function', 'generate_lorem_ipsum', 'n=5, html=True, min=20, max=100', (n, html) => {
      engine.volatile = true;
      const paragraph =
        'Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua.';
      return Array.from({ length: Number(n) }, () => (html === true ? `<p>${paragraph}</p>` : paragraph)).join(
        html === true ? '\n' : '\n\n',
      );
    }),
  undef: () =>
    new Callable('function', 'undef', (args, keywords) => {
      const hint = args[0] ?? keywords.get('hint') ?? null;
      return Undefined.of(
        typeof hint === 'string' && hint !== '' ? hint : 'Mandatory variable has not been overridden',
      );
    }),
  now: (engine) =>
    callable('function', 'now', 'utc=False, fmt=None', (utc, format) => {
      engine.volatile = true;
      return now(engine, truthy(utc as Value), format as Value);
    }),
  lookup: (engine) =>
    new Callable('function', '_lookup', (args, keywords) => runLookup(engine, args, keywords, false), true),
  query: (engine) =>
    new Callable('function', '_query', (args, keywords) => runLookup(engine, args, keywords, true), true),
  q: (engine) => new Callable('function', '_query', (args, keywords) => runLookup(engine, args, keywords, true), true),
};

const RANGE = new Callable('type', 'range', (args) => {
  const numbers = args.map((value) => {
    if (typeof value === 'boolean') return Number(value);
    if (!isInt(value)) throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
    return Number(value);
  });
  if (numbers.length === 0 || numbers.length > 3)
    throw typeError(
      `range expected ${numbers.length === 0 ? 'at least 1' : 'at most 3'} argument${numbers.length === 0 ? '' : 's'}, got ${numbers.length}`,
    );
  const [start, stop, step = 1] =
    numbers.length === 1 ? [0, numbers[0] as number] : (numbers as [number, number, number?]);
  if (step === 0) throw new PythonError('ValueError', 'range() arg 3 must not be zero');
  return new Range(start, stop, step);
});

const DICT = new Callable('type', 'dict', ([source, ...more], keywords) => {
  if (more.length > 0) throw typeError(`dict expected at most 1 argument, got ${more.length + 1}`);
  const result = new Dict();
  updateDict(result, source, keywords);
  return result;
});

const NAMESPACE = new Callable('type', 'jinja2.utils.Namespace', ([source], keywords) => {
  const values = new Dict();
  updateDict(values, source, keywords);
  return new Namespace(values);
});

class Cycler extends Attributes {
  readonly special = 'Cycler';
  readonly #items: readonly Value[];
  #at = 0;
  constructor(items: readonly Value[]) {
    super();
    if (items.length === 0) throw new PythonError('Error', 'at least one item has to be provided');
    this.#items = items;
  }
  attribute(name: string): Value | undefined {
    if (name === 'current') return this.#items[this.#at] as Value;
    if (name === 'next')
      return new Callable('method', name, () => {
        const current = this.#items[this.#at] as Value;
        this.#at = (this.#at + 1) % this.#items.length;
        return current;
      });
    if (name === 'reset')
      return new Callable('method', name, () => {
        this.#at = 0;
        return null;
      });
    return undefined;
  }
}

/** `now()`: the time as a datetime, or as text of a format. */
function now(engine: Engine, utc: boolean, format: Value): Value {
  const seconds = engine.context.host.now();
  const offset = utc ? 0 : -new Date(seconds * 1000).getTimezoneOffset();
  const parts = { ...fromMicroseconds(BigInt(Math.floor(seconds * 1e6)), offset), offset: undefined };
  return typeof format === 'string' ? strftime(format, parts) : dateOf('datetime', parts);
}

/** `vars`: all variables by name, each rendered when it is read. */
class AllVariables extends VirtualDict {
  readonly #engine: Engine;
  constructor(engine: Engine) {
    super();
    this.#engine = engine;
  }
  override get size(): number {
    return this.#engine.names().size;
  }
  override get(key: Value): Value | undefined {
    return typeof key === 'string' ? this.#engine.ownVariable(key) : undefined;
  }
  override has(key: Value): boolean {
    return typeof key === 'string' && this.#engine.rawVariable(key) !== undefined;
  }
  override *keys(): IterableIterator<Value> {
    yield* this.#engine.names();
  }
  override *values(): IterableIterator<Value> {
    for (const name of this.#engine.names()) yield this.#engine.variable(name);
  }
  override *entries(): IterableIterator<[Value, Value]> {
    for (const name of this.#engine.names()) yield [name, this.#engine.variable(name)];
  }
}
