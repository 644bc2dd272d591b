// Expressions -> JavaScript closures. Compiled once per template text and run for every host.
import { Dict, PyFloat, Tuple, TemplateText, Unknown, userText, type Value } from '../core/value.ts';
import { TemplateError } from '../core/error.ts';
import type { Arguments, CompareOperator, Expression } from './ast.ts';
import { attribute, item, slice } from './access.ts';
import type { Frame } from './frame.ts';
import type { Position } from './position.ts';
import {
  NO_KEYWORDS,
  NOTHING,
  NotKnown,
  PythonError,
  Tripped,
  typeError,
  Undefined,
  type Keywords,
} from './special.ts';
import { arithmetic, unary } from './python/arithmetic.ts';
import { compare, contains, pythonEquals } from './python/compare.ts';
import { OWN_CONTAINERS } from './own.ts';
import { pythonStr } from './python/text.ts';
import { hashable, iterate, need, truthy, typeName } from './python/types.ts';
import { coreFilter, coreTest, nearestFilter, nearestTest } from './registry.ts';

export type Evaluate = (frame: Frame) => Value;
export type Body = (frame: Frame, out: Value[]) => void;

/** What one template's compilation finds out besides its closures. */
export interface Compilation {
  readonly locate: Position;
  /** Text constants that hold templates are rendered: all of them (conditions), or those that are an argument themselves (lookups). */
  readonly embedded: 'all' | 'direct' | 'none';
  /** Filters and tests that must exist even if they are never reached, with their places. */
  readonly required: { readonly type: 'filter' | 'test'; readonly name: string; readonly at: number }[];
  /** `mutates`: the template calls methods that change lists or dicts. */
  readonly flags: { mutates: boolean };
  /** Names that the template binds somewhere; others are variables at once. */
  readonly bound: ReadonlySet<string>;
  /** Inside of `{% if %}` and inline ifs a missing plugin is an error only when it is reached. */
  soft: boolean;
}

/** Expressions whose constants are still direct arguments. */
const HANDED_ON = new Set(['const', 'list', 'tuple', 'dict']);

const MUTATORS = new Set([
  'append',
  'extend',
  'insert',
  'remove',
  'pop',
  'popitem',
  'clear',
  'sort',
  'reverse',
  'update',
  'setdefault',
]);

/** The closure of an expression. */
export function compileExpression(node: Expression, given: Compilation): Evaluate {
  const unit =
    given.embedded === 'direct' && !HANDED_ON.has(node.kind) ? { ...given, embedded: 'none' as const } : given;
  switch (node.kind) {
    case 'const':
      return constant(node.value, node.at, unit, unit.embedded !== 'none');
    case 'name':
      return name(node.name, node.at, unit);
    case 'list': {
      const parts = node.items.map((part) => compileExpression(part, unit));
      return (frame) => parts.map((part) => part(frame));
    }
    case 'tuple': {
      const parts = node.items.map((part) => compileExpression(part, unit));
      return (frame) => {
        const tuple = new Tuple();
        for (const part of parts) tuple.push(part(frame));
        return tuple;
      };
    }
    case 'dict':
      return dict(node.items, unit);
    case 'attribute': {
      const of = compileExpression(node.of, unit);
      const { name: key, at } = node;
      return (frame) => placed(attribute(of(frame), key), unit, at);
    }
    case 'item': {
      const of = compileExpression(node.of, unit);
      const key = compileExpression(node.key, unit);
      const { at } = node;
      return (frame) => placed(item(of(frame), key(frame)), unit, at);
    }
    case 'slice': {
      const of = compileExpression(node.of, unit);
      const [start, stop, step] = [node.start, node.stop, node.step].map((part) =>
        part === null ? nothing : compileExpression(part, unit),
      ) as [Evaluate, Evaluate, Evaluate];
      return (frame) => slice(of(frame), start(frame), stop(frame), step(frame));
    }
    case 'call':
      return call(node, unit);
    case 'filter':
      return filter(node, unit);
    case 'test':
      return test(node, unit);
    case 'unary': {
      const of = compileExpression(node.of, unit);
      const { operator } = node;
      return (frame) => orUnknown(() => unary(operator, of(frame)));
    }
    case 'not': {
      const of = compileExpression(node.of, unit);
      return (frame) => {
        const value = of(frame);
        return value instanceof Unknown ? value : !truthy(value);
      };
    }
    case 'binary': {
      const left = compileExpression(node.left, unit);
      const right = compileExpression(node.right, unit);
      const { operator } = node;
      return (frame) => {
        const a = left(frame);
        const b = right(frame);
        if (a instanceof Unknown || b instanceof Unknown) return unknownOf(a, b);
        return orUnknown(() => arithmetic(operator, a, b));
      };
    }
    case 'concat': {
      const parts = node.items.map((part) => compileExpression(part, unit));
      return (frame) => {
        const values = parts.map((part) => part(frame));
        return orUnknown(() => values.map(pythonStr).join(''));
      };
    }
    case 'compare':
      return comparison(node.first, node.rest, unit);
    case 'and':
      return both(node, unit, false);
    case 'or':
      return both(node, unit, true);
    case 'choice':
      return choice(node, unit);
    case 'namespaced':
      throw new TemplateError('syntax', 'unexpected assignment target', { origin: unit.locate(node.at) });
  }
}

const nothing: Evaluate = () => null;

function orUnknown(run: () => Value): Value {
  try {
    return run();
  } catch (error) {
    if (error instanceof NotKnown) return new Unknown(error.because);
    throw error;
  }
}

function unknownOf(a: Value, b: Value): Value {
  if (a instanceof Undefined) throw new Tripped(a);
  if (b instanceof Undefined) throw new Tripped(b);
  return a instanceof Unknown ? a : b;
}

/** Gives an Undefined the place where it was asked for. */
function placed(value: Value, unit: Compilation, at: number): Value {
  if (value instanceof Undefined && value.origin === undefined) value.origin = unit.locate(at);
  return value;
}

function constant(value: Value, at: number, unit: Compilation, embedded: boolean): Evaluate {
  if (embedded && typeof value === 'string') {
    const text = userText(value, unit.locate(at));
    if (text instanceof TemplateText) return (frame) => frame.run.engine.renderLazily(text);
  }
  if (value instanceof PyFloat && !Number.isFinite(value.value)) {
    return () => {
      throw new PythonError('Error', "name 'inf' is not defined");
    };
  }
  return () => value;
}

function name(text: string, at: number, unit: Compilation): Evaluate {
  const own = unit.bound.has(text);
  return (frame) => {
    const value = own || frame.run.manyTemplates ? frame.get(text) : frame.run.variable(text);
    return value instanceof Undefined ? placed(value, unit, at) : value;
  };
}

function dict(items: readonly (readonly [Expression, Expression])[], unit: Compilation): Evaluate {
  const parts = items.map(([key, value]) => [compileExpression(key, unit), compileExpression(value, unit)] as const);
  return (frame) => {
    const result = new Dict();
    for (const [key, value] of parts) {
      const at = need(key(frame));
      if (!hashable(at)) throw typeError(`unhashable type: '${typeName(at)}'`);
      result.set(at, value(frame));
    }
    return result;
  };
}

type Prepared = (frame: Frame, first: Value[]) => { args: Value[]; keywords: Keywords };

/** Arguments of a call, evaluated behind those in `first`. */
export function prepareArguments(args: Arguments, unit: Compilation): Prepared {
  const positional = args.positional.map((part) => compileExpression(part, unit));
  const keywords = args.keywords.map(([key, value]) => [key, compileExpression(value, unit)] as const);
  const star = args.star === null ? undefined : compileExpression(args.star, unit);
  const starStar = args.starStar === null ? undefined : compileExpression(args.starStar, unit);
  if (keywords.length === 0 && star === undefined && starStar === undefined) {
    return (frame, first) => {
      for (const part of positional) first.push(part(frame));
      return { args: first, keywords: NO_KEYWORDS };
    };
  }
  return (frame, first) => {
    for (const part of positional) first.push(part(frame));
    if (star !== undefined) first.push(...iterate(star(frame)));
    const named = new Map<string, Value>();
    for (const [key, value] of keywords) named.set(key, value(frame));
    if (starStar !== undefined) {
      const more = need(starStar(frame));
      if (!(more instanceof Dict)) throw typeError(`argument after ** must be a mapping, not ${typeName(more)}`);
      for (const [key, value] of more) named.set(String(key), value);
    }
    return { args: first, keywords: named };
  };
}

const LOOKUPS = new Set(['lookup', 'query', 'q']);

function call(node: Expression & { kind: 'call' }, unit: Compilation): Evaluate {
  // Text constants handed directly to a lookup may hold templates of their own.
  const isLookup = node.of.kind === 'name' && LOOKUPS.has(node.of.name);
  const prepare = prepareArguments(
    node.args,
    isLookup && unit.embedded === 'none' ? { ...unit, embedded: 'direct' } : unit,
  );
  const { at } = node;
  if (node.of.kind === 'attribute' && MUTATORS.has(node.of.name)) unit.flags.mutates = true;
  if (node.of.kind === 'attribute' && node.of.name === 'count' && !counts(node.of.of))
    return uncounted(compileExpression(node.of.of, unit), prepare, unit, at);
  const of = compileExpression(node.of, unit);
  return (frame) => {
    const target = of(frame);
    const { args, keywords } = prepare(frame, []);
    if (target instanceof Undefined) return target;
    try {
      return placed(frame.run.engine.call(target, args, keywords), unit, at);
    } catch (error) {
      return frame.run.engine.failed(error, unit.locate(at));
    }
  };
}

/** Whether Ansible's list of this expression counts its items: only lists written out in the template do (see the traps of the corpus). */
function counts(of: Expression): boolean {
  return of.kind === 'list' || of.kind === 'tuple' || of.kind === 'binary';
}

/** `.count()` of a list that came from a variable, a filter or a call: 0, since Ansible compares the item with what is not rendered yet. */
function uncounted(of: Evaluate, prepare: Prepared, unit: Compilation, at: number): Evaluate {
  return (frame) => {
    const target = of(frame);
    if (Array.isArray(target) && !(target instanceof Tuple) && !OWN_CONTAINERS.has(target)) return 0;
    const { args, keywords } = prepare(frame, []);
    try {
      return placed(frame.run.engine.call(attribute(target, 'count'), args, keywords), unit, at);
    } catch (error) {
      return frame.run.engine.failed(error, unit.locate(at));
    }
  };
}

function filter(node: Expression & { kind: 'filter' }, unit: Compilation): Evaluate {
  const of = node.of === null ? nothing : compileExpression(node.of, unit);
  const prepare = prepareArguments(node.args, unit);
  const { name: filterName, at } = node;
  const core = coreFilter(filterName);
  if (!unit.soft && core === undefined) unit.required.push({ type: 'filter', name: filterName, at });
  return (frame) => {
    const { engine } = frame.run;
    const plugin = core !== undefined && engine.context.plugins === undefined ? core : engine.filter(filterName);
    if (plugin === undefined)
      throw new TemplateError('runtime', `Error rendering template: No filter named '${filterName}' found.`, {
        origin: unit.locate(at),
        hint: nearestFilter(filterName),
      });
    const { args, keywords } = prepare(frame, [of(frame)]);
    try {
      return placed(engine.applyFilter(filterName, plugin, args, keywords), unit, at);
    } catch (error) {
      throw engine.located(error, unit.locate(at));
    }
  };
}

function test(node: Expression & { kind: 'test' }, unit: Compilation): Evaluate {
  const of = compileExpression(node.of, unit);
  const prepare = prepareArguments(node.args, unit);
  const { name: testName, at } = node;
  const core = coreTest(testName);
  if (!unit.soft && core === undefined) unit.required.push({ type: 'test', name: testName, at });
  return (frame) => {
    const { engine } = frame.run;
    const plugin = core !== undefined && engine.context.plugins === undefined ? core : engine.test(testName);
    if (plugin === undefined)
      throw new TemplateError('runtime', `Error rendering template: No test named '${testName}' found.`, {
        origin: unit.locate(at),
        hint: nearestTest(testName),
      });
    const { args, keywords } = prepare(frame, [of(frame)]);
    try {
      return placed(engine.applyTest(testName, plugin, args, keywords), unit, at);
    } catch (error) {
      throw engine.located(error, unit.locate(at));
    }
  };
}

const ORDER: Record<CompareOperator, (left: Value, right: Value) => boolean> = {
  '==': pythonEquals,
  '!=': (left, right) => !pythonEquals(left, right),
  '<': (left, right) => compare(left, right, '<') < 0,
  '<=': (left, right) => compare(left, right, '<=') <= 0,
  '>': (left, right) => compare(left, right, '>') > 0,
  '>=': (left, right) => compare(left, right, '>=') >= 0,
  in: (left, right) => contains(right, left),
  'not in': (left, right) => !contains(right, left),
};

function comparison(
  first: Expression,
  rest: readonly (readonly [CompareOperator, Expression])[],
  unit: Compilation,
): Evaluate {
  const start = compileExpression(first, unit);
  const steps = rest.map(([operator, right]) => [ORDER[operator], compileExpression(right, unit)] as const);
  return (frame) => {
    let left = start(frame);
    for (const [holds, operand] of steps) {
      const right = operand(frame);
      if (left instanceof Unknown || right instanceof Unknown) return unknownOf(left, right);
      try {
        if (!holds(left, right)) return false;
      } catch (error) {
        if (error instanceof NotKnown) return new Unknown(error.because);
        throw error;
      }
      left = right;
    }
    return true;
  };
}

/** `and` (stops at a false value) and `or` (stops at a true one); with Unknown, Kleene's logic. */
function both(node: Expression & { kind: 'and' | 'or' }, unit: Compilation, stops: boolean): Evaluate {
  const left = compileExpression(node.left, unit);
  const right = compileExpression(node.right, unit);
  return (frame) => {
    const first = left(frame);
    if (!(first instanceof Unknown)) return truthy(first) === stops ? first : right(frame);
    // What stands behind an Unknown decides alone if it is a boolean that would stop; it may also fail, as it may never be reached.
    try {
      return right(frame) === stops ? stops : first;
    } catch (error) {
      if (
        error instanceof Tripped ||
        error instanceof TemplateError ||
        error instanceof PythonError ||
        error instanceof NotKnown
      )
        return first;
      throw error;
    }
  };
}

function choice(node: Expression & { kind: 'choice' }, unit: Compilation): Evaluate {
  const { soft } = unit;
  unit.soft = true;
  const condition = compileExpression(node.test, unit);
  const yes = compileExpression(node.yes, unit);
  const no = node.no === null ? () => NOTHING : compileExpression(node.no, unit);
  unit.soft = soft;
  return (frame) => {
    const decided = condition(frame);
    if (decided instanceof Unknown) return decided;
    return truthy(decided) ? yes(frame) : no(frame);
  };
}
