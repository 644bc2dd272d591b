// Python's methods of str, list, dict, numbers and bytes, found by value and name.
import { Dict, PyBytes, PyFloat, Tuple, type Value } from '../../core/value.ts';
import { Callable, Markup, Range } from '../special.ts';
import { bind, signature } from '../signature.ts';
import { isFloat, isInt } from '../python/types.ts';
import { STRING_METHODS } from './strings.ts';
import { LIST_METHODS, TUPLE_METHODS } from './lists.ts';
import { DICT_METHODS } from './dicts.ts';
import { BYTES_METHODS, FLOAT_METHODS, INT_METHODS } from './numbers.ts';

/** A method: its parameters behind self, and what it does. */
export interface Method<Self> {
  readonly signature: string;
  readonly run: (self: Self, ...args: Value[]) => Value;
}
export type Methods<Self> = Readonly<Record<string, Method<Self>>>;

/** The bound method of that name; undefined when the type has none. */
export function method(value: Value, name: string): Callable | undefined {
  if (typeof value === 'string') return bound(STRING_METHODS, value, name);
  if (value instanceof Tuple) return bound(TUPLE_METHODS, value, name);
  if (Array.isArray(value)) return bound(LIST_METHODS, value, name);
  if (value instanceof Dict) return bound(DICT_METHODS, value, name);
  if (value instanceof Markup) return bound(STRING_METHODS, value.text, name);
  if (isInt(value) || typeof value === 'boolean') return bound(INT_METHODS, BigInt(value), name);
  if (isFloat(value)) return bound(FLOAT_METHODS, value instanceof PyFloat ? value.value : value, name);
  if (value instanceof PyBytes) return bound(BYTES_METHODS, value, name);
  if (value instanceof Range) return bound(TUPLE_METHODS, Array.from(value), name);
  return undefined;
}

function bound<Self>(methods: Methods<Self>, self: Self, name: string): Callable | undefined {
  const found = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (found === undefined) return undefined;
  return new Callable('builtin_function_or_method', name, (args, keywords) =>
    found.run(self, ...bind(signature(found.signature), name, args, keywords)),
  );
}
