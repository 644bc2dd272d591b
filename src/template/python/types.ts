// What kind of Python value a value is, and the questions that operators and plugins ask of all of them.
import { Dict, PyBytes, PyDate, PyFloat, TemplateText, Tuple, Unknown, type Value } from '../../core/value.ts';
import {
  Attributes,
  Callable,
  Markup,
  Namespace,
  NotKnown,
  Nothing,
  Range,
  TimeDelta,
  Tripped,
  typeError,
  Undefined,
} from '../special.ts';

/** Python's name of a value's type, as `type_debug` and error messages give it. */
export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float';
    default:
  }
  if (value instanceof Tuple) return value.constructor === Tuple ? 'tuple' : 'GroupTuple';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Dict) return 'dict';
  if (value instanceof PyFloat) return 'float';
  if (value instanceof PyBytes) return 'bytes';
  if (value instanceof PyDate) return value.kind;
  if (value instanceof TemplateText) return 'str';
  if (value instanceof Unknown) throw new NotKnown(value.because);
  if (value instanceof Undefined) throw new Tripped(value);
  return value.special;
}

export function isInt(value: Value): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
}
export function isFloat(value: Value): value is number | PyFloat {
  return value instanceof PyFloat || (typeof value === 'number' && !Number.isInteger(value));
}
export function isNumber(value: Value): value is number | bigint | PyFloat {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof PyFloat;
}
export function isString(value: Value): value is string | Markup {
  return typeof value === 'string' || value instanceof Markup;
}

/** A number as a JavaScript number; booleans count as 0 and 1. Undefined for anything else. */
export function toNumber(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof PyFloat) return value.value;
  return undefined;
}

/** The text of a filter that has no meaning for anything else; throws TypeError for that. */
export function only(value: Value | undefined, needed: string): string {
  if (typeof value === 'string') return value;
  throw typeError(`'${typeName(value as Value)}' object has no attribute '${needed}'`);
}

/** Stops at a value that cannot be used as one: undefined or Unknown. */
export function need(value: Value): Value {
  if (value instanceof Undefined) throw new Tripped(value);
  if (value instanceof Unknown) throw new NotKnown(value.because);
  return value;
}

/** Python's bool(value). */
export function truthy(value: Value): boolean {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return value !== '';
    case 'number':
      return value !== 0;
    case 'bigint':
      return value !== 0n;
    default:
  }
  if (value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Dict) return value.size > 0;
  if (value instanceof PyFloat) return value.value !== 0;
  if (value instanceof Undefined) throw new Tripped(value);
  if (value instanceof Unknown) throw new NotKnown(value.because);
  if (value instanceof Nothing) return false;
  if (value instanceof Markup) return value.text !== '';
  if (value instanceof PyBytes) return value.bytes.length > 0;
  if (value instanceof Range) return value.length > 0;
  if (value instanceof TimeDelta) return value.microseconds !== 0n;
  if (value instanceof TemplateText) return value.source !== '';
  return true;
}

/** The characters of a str, as Python counts them. */
export function characters(text: string): string[] {
  return Array.from(text);
}
const SURROGATE = /[\ud800-\udfff]/;
export function isAstral(text: string): boolean {
  return SURROGATE.test(text);
}

/** Python's len(); throws TypeError where there is none. */
export function length(value: Value): number {
  if (typeof value === 'string') return isAstral(value) ? characters(value).length : value.length;
  if (Array.isArray(value)) return value.length;
  if (value instanceof Dict) return value.size;
  if (value instanceof Range) return value.length;
  if (value instanceof Markup) return length(value.text);
  if (value instanceof PyBytes) return value.bytes.length;
  if (value instanceof Nothing) return 0;
  need(value);
  throw typeError(`object of type '${typeName(value)}' has no len()`);
}

/** The items of an iterable, as a `for` of a template sees them (undefined items stay as they are); throws TypeError where there are none. */
export function iterate(value: Value): Iterable<Value> {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return value;
  if (value instanceof Dict) return value.keys();
  if (value instanceof Range) return value;
  if (value instanceof Markup) return value.text;
  if (value instanceof PyBytes) return value.bytes;
  if (value instanceof Nothing) return [];
  need(value);
  throw typeError(`'${typeName(value)}' object is not iterable`);
}

/** The items of an iterable as a plugin sees them: meeting an undefined item is an error. */
export function items(value: Value): Value[] {
  const list = Array.from(iterate(value));
  for (const item of list) if (item instanceof Undefined) throw new Tripped(item);
  return list;
}

export function isIterable(value: Value): boolean {
  return (
    typeof value === 'string' ||
    Array.isArray(value) ||
    value instanceof Dict ||
    value instanceof Range ||
    value instanceof Markup ||
    value instanceof PyBytes ||
    value instanceof Nothing
  );
}

export function isCallable(value: Value): boolean {
  return value instanceof Callable;
}

/** Whether a value may be a dict's key or a set's member. */
export function hashable(value: Value): boolean {
  if (value instanceof Tuple) return value.every((item) => hashable(item));
  return (
    !Array.isArray(value) && !(value instanceof Dict) && !(value instanceof Namespace) && !(value instanceof Attributes)
  );
}
