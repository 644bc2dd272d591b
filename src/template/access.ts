// `value.name`, `value[key]` and slices: attribute first for the dot, item first for brackets, an Undefined when there is neither.
import { Dict, PyBytes, PyDate, PyFloat, Tuple, Unknown, type Value } from '../core/value.ts';
import {
  Attributes,
  BlockReference,
  Callable,
  Markup,
  NOTHING_MESSAGE,
  Nothing,
  PythonError,
  Range,
  TimeDelta,
  Tripped,
  typeError,
  Undefined,
} from './special.ts';
import { pythonRepr } from './python/text.ts';
import { characters, isAstral, isInt, typeName } from './python/types.ts';
import { GroupTuple } from './group-tuple.ts';
import { dateAttribute, deltaAttribute } from './methods/dates.ts';
import { method } from './methods/method.ts';
import { hashable } from './python/types.ts';

/** `value.name` of a template. */
export function attribute(value: Value, name: string): Value {
  if (value instanceof Undefined || value instanceof Unknown) return value;
  if (name.startsWith('_')) {
    const item = value instanceof Dict ? value.get(name) : undefined;
    if (item !== undefined) return item;
    if (isInt(value) && BITS[name] !== undefined) return ownAttribute(value, name) as Value;
    if (value instanceof Attributes) return missing(value, name);
    return (DUNDER.test(name) && name !== '__len__') || (name === '__len__' && !isInt(value))
      ? Undefined.of(`access to attribute '${name}' of '${typeName(value)}' object is unsafe.`, name)
      : missing(value, name);
  }
  const own = ownAttribute(value, name);
  if (own !== undefined) return own;
  const found = itemOf(value, name);
  return found === undefined ? missing(value, name) : found;
}

/** `value[key]` of a template. */
export function item(value: Value, key: Value): Value {
  if (value instanceof Undefined || value instanceof Unknown) return value;
  if (key instanceof Unknown) return key;
  // A key has to be known: no default stands in for what it would lead to.
  if (key instanceof Undefined) throw new Tripped(key);
  const found = itemOf(value, key);
  if (found !== undefined) return found;
  if (typeof key === 'string') {
    if (key.startsWith('__')) return attribute(value, key);
    const own = ownAttribute(value, key);
    if (own !== undefined) return own;
  }
  return missing(value, key);
}

/** A value's attribute as Python's getattr has it: methods and fields, never items. */
export function ownAttribute(value: Value, name: string): Value | undefined {
  if (value instanceof Attributes) return value.attribute(name);
  if (value instanceof Callable) return callableAttribute(value, name);
  if (value instanceof PyDate) return dateAttribute(value, name);
  if (value instanceof TimeDelta) return deltaAttribute(value, name);
  if (value instanceof Nothing) throw new PythonError('Error', NOTHING_MESSAGE);
  if (isInt(value) || typeof value === 'boolean') {
    if (name === 'real' || name === 'numerator')
      return Number(value) === value || typeof value === 'bigint' ? value : Number(value);
    if (name === 'imag') return 0;
    if (name === 'denominator') return 1;
    const bits = BITS[name];
    if (bits !== undefined && isInt(value))
      return new Callable('method-wrapper', name, ([other]) => bits(BigInt(value), BigInt(other as number)));
  }
  if ((value instanceof PyFloat || typeof value === 'number') && (name === 'real' || name === 'imag'))
    return name === 'real' ? value : new PyFloat(0);
  if (value instanceof Range && (name === 'start' || name === 'stop' || name === 'step')) return value[name];
  if (value instanceof GroupTuple && (name === 'grouper' || name === 'list')) return value[name === 'grouper' ? 0 : 1];
  return method(value, name);
}

const DUNDER = /^__\w+__$/;
const normal = (value: bigint): Value =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
const BITS: Record<string, ((a: bigint, b: bigint) => Value) | undefined> = {
  __and__: (a, b) => normal(a & b),
  __or__: (a, b) => normal(a | b),
  __xor__: (a, b) => normal(a ^ b),
  __lshift__: (a, b) => normal(a << b),
  __rshift__: (a, b) => normal(a >> b),
};

function callableAttribute(value: Callable, name: string): Value | undefined {
  if (value instanceof MacroCallable) return value.attribute(name);
  if (value instanceof BlockReference && name === 'super') return value.above();
  return undefined;
}

/** A macro: what it is called and takes can be read from it. */
export class MacroCallable extends Callable {
  readonly attributes: Dict;
  constructor(name: string, call: Callable['call'], attributes: Dict) {
    super('Macro', name, call, true);
    this.attributes = attributes;
  }
  attribute(name: string): Value | undefined {
    return this.attributes.get(name);
  }
}

function itemOf(value: Value, key: Value): Value | undefined {
  if (value instanceof Dict) {
    if (!hashable(key)) return undefined;
    return value.get(key);
  }
  const index = typeof key === 'boolean' ? Number(key) : key;
  if (typeof index !== 'number' || !Number.isInteger(index)) return undefined;
  if (Array.isArray(value)) return value[index < 0 ? index + value.length : index];
  if (typeof value === 'string') {
    if (!isAstral(value)) return value[index < 0 ? index + value.length : index];
    const all = characters(value);
    return all[index < 0 ? index + all.length : index];
  }
  if (value instanceof Range) {
    const at = index < 0 ? index + value.length : index;
    return at >= 0 && at < value.length ? value.at(at) : undefined;
  }
  if (value instanceof Markup) return itemOf(value.text, key);
  if (value instanceof PyBytes) return value.bytes[index < 0 ? index + value.bytes.length : index];
  return undefined;
}

function missing(value: Value, key: Value): Undefined {
  return Undefined.of(
    `object of type '${typeName(value)}' has no attribute ${typeof key === 'string' ? `'${key}'` : pythonRepr(key)}`,
    typeof key === 'string' ? key : undefined,
  );
}

/** `value[start:stop:step]`. Throws PythonError. */
export function slice(value: Value, start: Value, stop: Value, step: Value): Value {
  if (value instanceof Undefined || value instanceof Unknown) return value;
  for (const bound of [start, stop, step]) if (bound instanceof Unknown) return bound;
  const by = bound(step) ?? 1;
  if (value instanceof Dict)
    throw new PythonError('KeyError', `slice(${pythonRepr(start)}, ${pythonRepr(stop)}, ${pythonRepr(step)})`);
  if (typeof value === 'string')
    return (
      isAstral(value) ? sliced(characters(value), start, stop, by) : sliced(value.split(''), start, stop, by)
    ).join('');
  if (value instanceof Markup) return slice(value.text, start, stop, step);
  if (value instanceof Tuple) return Tuple.from(sliced(value, start, stop, by)) as Tuple;
  if (Array.isArray(value)) return sliced(value, start, stop, by);
  if (value instanceof PyBytes) return new PyBytes(Uint8Array.from(sliced(Array.from(value.bytes), start, stop, by)));
  if (value instanceof Range) return sliced(Array.from(value), start, stop, by);
  throw typeError(`'${typeName(value)}' object is not subscriptable`);
}

function bound(value: Value): number | undefined {
  if (value === null) return undefined;
  if (typeof value === 'boolean') return Number(value);
  if (isInt(value)) return Number(value);
  throw typeError('slice indices must be integers or None or have an __index__ method');
}

function sliced<Item>(list: readonly Item[], from: Value, to: Value, step: number): Item[] {
  if (step === 0) throw new PythonError('ValueError', 'slice step cannot be zero');
  const { length } = list;
  const clamp = (given: number | undefined, otherwise: number): number => {
    if (given === undefined) return otherwise;
    const index = given < 0 ? given + length : given;
    return step > 0 ? Math.min(Math.max(index, 0), length) : Math.min(Math.max(index, -1), length - 1);
  };
  const start = clamp(bound(from), step > 0 ? 0 : length - 1);
  const stop = clamp(bound(to), step > 0 ? length : -1);
  if (step === 1) return list.slice(start, stop);
  const result: Item[] = [];
  for (let index = start; step > 0 ? index < stop : index > stop; index += step) result.push(list[index] as Item);
  return result;
}
