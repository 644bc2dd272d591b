// The running side of one Templar: variables, plugins by name, nested templates and errors with their places.
import { Dict, TemplateText, Unknown, type Value } from '../core/value.ts';
import { TemplateError, type TemplateErrorKind } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';
import type { RenderContext } from './context.ts';
import { lazy } from './lazy.ts';
import { Loop } from './loop.ts';
import {
  Callable,
  Markup,
  NO_KEYWORDS,
  NotKnown,
  PythonError,
  Range,
  Tripped,
  Undefined,
  type Keywords,
} from './special.ts';
import { bind, signature } from './signature.ts';
import type { Filter, Lookup, Test } from './plugin.ts';
import { builtinFilter, builtinLookup, builtinTest } from './registry.ts';
import { globalValue } from './globals.ts';
import { nearest } from '../core/nearest.ts';
import { templateProgram } from './program.ts';
import { withStep } from './error-steps.ts';

const MAX_DEPTH = 200;

/** Names in front of the variables. */
export interface Names {
  get(name: string): Value | undefined;
  keys(): Iterable<string>;
}

export class Engine {
  readonly context: RenderContext;
  /** Names that hide variables: `template_vars` of a lookup, the names a template module defines. */
  readonly extra: Names | undefined;
  #memo: Map<string, Value> | undefined;
  #depth = 0;
  /** Set by what may give another result next time (now, random, lookups): such a result is not kept. */
  volatile = false;
  /** Whether a template file is rendered: its includes are also looked for in folders named templates. */
  inFile = false;

  constructor(context: RenderContext, extra?: Names) {
    this.context = context;
    this.extra = extra;
  }

  /** The value of a variable or global of that name, rendered; an Undefined that says so when there is none. */
  variable(name: string, copying = false): Value {
    if (!copying) {
      const known = this.#memo?.get(name);
      if (known !== undefined) return known;
    }
    const raw = this.rawVariable(name);
    if (raw === undefined) return globalValue(this, name) ?? this.undefinedName(name);
    if (raw === null || typeof raw !== 'object') {
      if (this.inFile) (this.#memo ??= new Map()).set(name, raw);
      return raw;
    }
    const outer = this.volatile;
    this.volatile = false;
    const value = raw instanceof TemplateText ? this.#nested(raw, name) : lazy(raw, this, copying);
    if (!this.volatile && !copying) (this.#memo ??= new Map()).set(name, value);
    this.volatile ||= outer;
    return value;
  }

  /** The variable's own value or undefined, without globals. */
  ownVariable(name: string): Value | undefined {
    return this.rawVariable(name) === undefined ? undefined : this.variable(name);
  }

  rawVariable(name: string): Value | undefined {
    const own = this.extra?.get(name);
    return own === undefined ? this.context.scope.lookup(name) : own;
  }

  names(): Set<string> {
    const names = new Set(this.context.scope.names());
    for (const name of this.extra?.keys() ?? []) names.add(name);
    return names;
  }

  undefinedName(name: string): Undefined {
    return Undefined.of(`'${name}' is undefined`, name, () => {
      const close = nearest(name, this.names());
      return close === undefined ? undefined : `Did you mean '${close}'?`;
    });
  }

  /** Thrown by the vars lookup for a name that is not there. */
  missingVariable(name: string): never {
    throw new Tripped(Undefined.of(`No variable named '${name}' was found.`, name));
  }

  renderLazily(text: TemplateText): Value {
    return this.#nested(text, undefined);
  }

  /** A nested text; failures become a marker that raises them again where the value is needed. */
  #nested(text: TemplateText, name: string | undefined): Value {
    try {
      const value = this.renderText(text);
      if (value instanceof Undefined) return this.#within(value, text, name);
      return value instanceof Range ? Array.from(value) : value;
    } catch (error) {
      const located = this.located(error, text.origin);
      if (!(located instanceof TemplateError) || located.kind === 'recursion') throw located;
      return Undefined.failed(withStep(located, neededBy(name), text.origin), name);
    }
  }

  /** An undefined value as seen from outside of the text that it came from. */
  #within(marker: Undefined, text: TemplateText, name: string | undefined): Undefined {
    return new Undefined(
      () => withStep(marker.error, neededBy(name), text.origin),
      name ?? marker.asked,
      marker.defaultable,
    );
  }

  /** The native value of a text (markers and engine-only values may be in it). Throws TemplateError. */
  renderText(text: TemplateText): Value {
    return this.guarded(() => templateProgram(text).render(this));
  }

  /** Runs with the depth counted; an Unknown that was needed makes the result Unknown, an undefined value that was needed the result that marker. */
  guarded(run: () => Value): Value {
    if (this.#depth >= MAX_DEPTH) throw recursion();
    this.#depth++;
    try {
      return run();
    } catch (error) {
      if (error instanceof NotKnown) return new Unknown(error.because);
      if (error instanceof Tripped) return error.marker;
      if (error instanceof RangeError && error.message.includes('call stack')) throw recursion();
      throw error;
    } finally {
      this.#depth--;
    }
  }

  filter(name: string): Filter | undefined {
    const short = shortName(name);
    const custom = this.context.plugins?.filters?.get(name) ?? this.context.plugins?.filters?.get(short);
    if (custom !== undefined) {
      return {
        signature: signature('*args, **keywords'),
        takesUndefined: false,
        takesMarkup: false,
        volatile: false,
        run: (_, all, keywords) => {
          const [value = null, ...args] = all as Value[];
          return custom(value, args, new Map(Array.from(keywords as Dict, ([key, item]) => [String(key), item])));
        },
      };
    }
    return builtinFilter(name, this.context.collections ?? true);
  }

  test(name: string): Test | undefined {
    const custom = this.context.plugins?.tests?.get(name) ?? this.context.plugins?.tests?.get(shortName(name));
    if (custom !== undefined) {
      return {
        signature: signature('*args, **keywords'),
        takesUndefined: false,
        run: (_, all, keywords) => {
          const [value = null, ...args] = all as Value[];
          return custom(value, args, new Map(Array.from(keywords as Dict, ([key, item]) => [String(key), item])));
        },
      };
    }
    return builtinTest(name, this.context.collections ?? true);
  }

  lookup(name: string): Lookup | undefined {
    const custom = this.context.plugins?.lookups?.get(name) ?? this.context.plugins?.lookups?.get(shortName(name));
    if (custom !== undefined) return (_, terms, options) => custom(terms, options);
    return builtinLookup(name, this.context.collections ?? true);
  }

  /** Applies a filter: undefined arguments are given back, Unknown ones make the result Unknown, a failure a marker of it. */
  applyFilter(name: string, filter: Filter, args: readonly Value[], keywords: Keywords = NO_KEYWORDS): Value {
    try {
      const stopped = stop(args, keywords, filter.takesUndefined);
      if (stopped !== undefined) return stopped;
      const given = filter.takesMarkup ? args : unmarked(args);
      if (filter.volatile) this.volatile = true;
      const result = filter.run(this, ...bind(filter.signature, name, given, keywords));
      return result instanceof Range ? Array.from(result) : result;
    } catch (error) {
      return this.#pluginFailure('filter', name, error);
    }
  }

  /** Asks a test; the answer is a boolean, an undefined argument, a marker of the test's failure, or Unknown. */
  applyTest(name: string, test: Test, args: readonly Value[], keywords: Keywords = NO_KEYWORDS): Value {
    try {
      const stopped = stop(args, keywords, test.takesUndefined);
      if (stopped !== undefined) return stopped;
      return test.run(this, ...bind(test.signature, name, args, keywords));
    } catch (error) {
      return this.#pluginFailure('test', name, error);
    }
  }

  #pluginFailure(type: 'filter' | 'test', name: string, error: unknown): Value {
    if (error instanceof Tripped) return error.marker;
    if (error instanceof NotKnown) return new Unknown(error.because);
    if (error instanceof TemplateError) return this.failed(error, undefined);
    if (error instanceof RangeError && error.message.includes('call stack')) throw recursion();
    const message = error instanceof Error ? error.message : String(error);
    return Undefined.failed(
      new TemplateError(
        'plugin-failed',
        `The ${type} plugin '${name.includes('.') ? name : `ansible.builtin.${name}`}' failed: ${message}`,
        { cause: error },
      ),
    );
  }

  /** A failure as a marker that raises it where the value is needed: nobody may ever look. What ends a template as a whole is thrown on. */
  failed(error: unknown, origin: Origin | undefined): Undefined {
    const located = this.located(error, origin);
    if (!(located instanceof TemplateError) || located.kind === 'recursion') throw located;
    return Undefined.failed(located);
  }

  /** Calls a value. Throws TemplateError. */
  call(target: Value, args: readonly Value[], keywords: Keywords): Value {
    if (target instanceof Undefined || target instanceof Unknown) return target;
    const callee = target instanceof Loop ? target.again : target;
    if (!(callee instanceof Callable))
      throw new PythonError('TypeError', `'${describeType(target)}' object is not callable`);
    const stopped = stop(args, keywords, callee.takesUndefined);
    if (stopped !== undefined) return stopped;
    try {
      return callee.call(args, keywords);
    } catch (error) {
      if (error instanceof Tripped) return error.marker;
      if (error instanceof NotKnown) return new Unknown(error.because);
      throw error;
    }
  }

  /** An error as a TemplateError with a place; what is already one keeps its own place. */
  located(error: unknown, origin: Origin | undefined, kind: TemplateErrorKind = 'runtime'): unknown {
    if (error instanceof PythonError)
      return new TemplateError(kind, `Error rendering template: ${error.message}`, { origin, cause: error });
    if (error instanceof RangeError && error.message.includes('call stack')) return recursion(origin);
    if (error instanceof TemplateError && error.origin === undefined && origin !== undefined) {
      return new TemplateError(error.kind, error.message, { origin, hint: error.hint, cause: error.cause });
    }
    return error;
  }

  warn(message: string, origin?: Origin): void {
    this.context.warn?.(message, origin);
  }

  /** An engine over the same context with more names in front. */
  with(extra: Names): Engine {
    const outer = this.extra;
    const child = new Engine(
      this.context,
      outer === undefined
        ? extra
        : {
            get: (name) => {
              const own = extra.get(name);
              return own === undefined ? outer.get(name) : own;
            },
            keys: () => [...outer.keys(), ...extra.keys()],
          },
    );
    child.#depth = this.#depth;
    return child;
  }
}

const neededBy = (name: string | undefined): string =>
  `needed by ${name === undefined ? 'a value' : `variable '${name}'`}`;

function recursion(origin?: Origin): TemplateError {
  return new TemplateError('recursion', 'Recursive loop detected in template: maximum recursion depth exceeded', {
    origin,
  });
}

/** The first undefined or Unknown argument. */
function stop(args: readonly Value[], keywords: Keywords, takesUndefined: boolean): Value | undefined {
  for (const arg of args) {
    if (arg instanceof Unknown) return arg;
    if (!takesUndefined && arg instanceof Undefined) return arg;
  }
  if (keywords.size > 0) {
    for (const arg of keywords.values()) {
      if (arg instanceof Unknown) return arg;
      if (!takesUndefined && arg instanceof Undefined) return arg;
    }
  }
  return undefined;
}

function unmarked(args: readonly Value[]): readonly Value[] {
  return args.some((arg) => arg instanceof Markup) ? args.map((arg) => (arg instanceof Markup ? arg.text : arg)) : args;
}

/** `name` without the prefix of ansible.builtin. */
export function shortName(name: string): string {
  return name.startsWith('ansible.builtin.')
    ? name.slice(16)
    : name.startsWith('ansible.legacy.')
      ? name.slice(15)
      : name;
}

function describeType(value: Value): string {
  return value === null
    ? 'NoneType'
    : typeof value === 'string'
      ? 'str'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value === 'object'
          ? value instanceof Dict
            ? 'dict'
            : Array.isArray(value)
              ? 'list'
              : value.constructor.name
          : 'int';
}
