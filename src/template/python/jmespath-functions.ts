// The functions of JMESPath, with the types that their arguments must have.
import { Dict, float, int, PyFloat, type Value } from '../../core/value.ts';
import { PythonError } from '../special.ts';
import { arithmetic } from './arithmetic.ts';
import { compare, contains } from './compare.ts';
import { dumpJson } from './json.ts';
import { parseFloat_, parseInt_ } from './parse-number.ts';
import { pythonRepr } from './text.ts';
import { characters, isNumber, length, toNumber } from './types.ts';

/** An expression that is handed to a function (`&name`), to be asked of each item. */
export interface Reference {
  readonly each: (value: Value) => Value;
}
export type Callee = Value | Reference;

type Kind = 'array' | 'boolean' | 'expref' | 'null' | 'number' | 'object' | 'string' | 'unknown';

const isReference = (value: Callee): value is Reference =>
  typeof value === 'object' && value !== null && 'each' in value;

function kindOf(value: Callee): Kind {
  if (value === null) return 'null';
  if (isReference(value)) return 'expref';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Dict) return 'object';
  return isNumber(value) ? 'number' : 'unknown';
}

/** What counts as false: nothing, and what is empty. */
export function isFalse(value: Value): boolean {
  return (
    value === null ||
    value === false ||
    value === '' ||
    (Array.isArray(value) && value.length === 0) ||
    (value instanceof Dict && value.size === 0)
  );
}

interface Definition {
  /** For each argument the kinds that it may be of, as `array-number|array-string`; empty for any. */
  readonly takes: readonly string[];
  readonly variadic?: true;
  run(...args: readonly Callee[]): Value;
}
const define = (takes: string[], run: Definition['run']): Definition => ({ takes, run });

/** Calls a function. Throws PythonError for names that are none and arguments that do not fit. */
export function call(name: string, args: readonly Callee[]): Value {
  const definition = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (definition === undefined) throw new PythonError('Error', `Unknown function: ${name}()`);
  const { takes, variadic } = definition;
  if (variadic === true ? args.length < takes.length : args.length !== takes.length)
    throw new PythonError(
      'Error',
      `Expected ${variadic === true ? 'at least ' : ''}${takes.length} argument${takes.length === 1 ? '' : 's'} for function ${name}(), received ${args.length}`,
    );
  // Of a variadic function all arguments are what the last one that it names is.
  args.forEach((arg, index) => check(name, arg, takes[index] ?? takes.at(-1) ?? ''));
  return definition.run(...args);
}

function check(name: string, value: Callee, kinds: string): void {
  if (kinds === '') return;
  const fail = (found: Callee): never => {
    throw new PythonError(
      'Error',
      `In function ${name}(), invalid type for value: ${isReference(found) ? '&' : pythonRepr(found)}, expected one of: ${kinds.split('|').join(', ')}, received: "${kindOf(found)}"`,
    );
  };
  const own = kindOf(value);
  const allowed = kinds.split('|').map((kind) => kind.split('-'));
  if (!allowed.some(([kind]) => kind === own)) fail(value);
  const inner = allowed.flatMap(([, kind]) => (kind === undefined ? [] : [kind]));
  if (inner.length === 0 || !Array.isArray(value) || value.length === 0) return;
  // All items are of the first one's kind.
  const first = kindOf(value[0] as Value);
  for (const item of value) if (!inner.includes(first) || kindOf(item) !== first) fail(item);
}

/** The keys by which a function orders: all numbers or all texts. */
function keysOf(name: string, list: readonly Value[], { each }: Reference): Value[] {
  const keys = list.map(each);
  for (const key of keys)
    if (!['number', 'string'].includes(kindOf(key)) || (name === 'sort_by' && kindOf(key) !== kindOf(keys[0] as Value)))
      check(name, key, 'number|string');
  if (name === 'sort_by') for (const key of keys) check(name, key, kindOf(keys[0] as Value));
  return keys;
}

function extreme(list: readonly Value[], keys: readonly Value[], sign: 1 | -1): Value {
  let best = 0;
  keys.forEach((key, index) => {
    if (sign * compare(key, keys[best] as Value, sign === 1 ? '>' : '<') > 0) best = index;
  });
  return list[best] ?? null;
}
const sum = (list: readonly Value[]): Value => list.reduce<Value>((total, one) => arithmetic('+', total, one), 0);
const sorted = (list: readonly Value[], keys: readonly Value[]): Value[] =>
  list
    .map((_, index) => index)
    .sort((a, b) => compare(keys[a] as Value, keys[b] as Value))
    .map((index) => list[index] as Value);
const whole = (value: Value, round: (number: number) => number): Value =>
  value instanceof PyFloat || (typeof value === 'number' && !Number.isInteger(value))
    ? int(BigInt(round(toNumber(value) ?? 0)))
    : value;

function toNumberOrNull(value: Value): Value {
  if (isNumber(value)) return value;
  if (typeof value !== 'string') return null;
  const real = parseFloat_(value);
  return parseInt_(value, 10) ?? (real === undefined ? null : float(real));
}

const FUNCTIONS: Record<string, Definition> = {
  abs: define(['number'], (value: Value) => ((toNumber(value) ?? 0) < 0 ? arithmetic('-', 0, value) : value)),
  avg: define(['array-number'], (list: Value[]) =>
    list.length === 0 ? null : float((toNumber(sum(list)) ?? 0) / list.length),
  ),
  ceil: define(['number'], (value: Value) => whole(value, Math.ceil)),
  contains: define(['array|string', ''], (subject: Value, wanted: Value) => contains(subject, wanted)),
  ends_with: define(['string', 'string'], (text: string, end: string) => text.endsWith(end)),
  floor: define(['number'], (value: Value) => whole(value, Math.floor)),
  join: define(['string', 'array-string'], (by: string, list: string[]) => list.join(by)),
  keys: define(['object'], (value: Dict) => [...value.keys()]),
  length: define(['string|array|object'], (value: Value) => length(value)),
  map: define(['expref', 'array'], ({ each }: Reference, list: Value[]) => Array.from(list, each)),
  max: define(['array-number|array-string'], (list: Value[]) => extreme(list, list, 1)),
  max_by: define(['array', 'expref'], (list: Value[], by: Reference) => extreme(list, keysOf('max_by', list, by), 1)),
  merge: { ...define(['object'], (...all: Dict[]) => new Dict(all.flatMap((one) => [...one]))), variadic: true },
  min: define(['array-number|array-string'], (list: Value[]) => extreme(list, list, -1)),
  min_by: define(['array', 'expref'], (list: Value[], by: Reference) => extreme(list, keysOf('min_by', list, by), -1)),
  not_null: { ...define([''], (...all: Value[]) => all.find((one) => one !== null) ?? null), variadic: true },
  reverse: define(['array|string'], (value: Value[] | string) =>
    typeof value === 'string' ? characters(value).reverse().join('') : Array.from(value).reverse(),
  ),
  sort: define(['array-string|array-number'], (list: Value[]) => sorted(list, list)),
  sort_by: define(['array', 'expref'], (list: Value[], by: Reference) => sorted(list, keysOf('sort_by', list, by))),
  starts_with: define(['string', 'string'], (text: string, start: string) => text.startsWith(start)),
  sum: define(['array-number'], (list: Value[]) => sum(list)),
  to_array: define([''], (value: Value) => (Array.isArray(value) ? value : [value])),
  to_number: define([''], (value: Value) => toNumberOrNull(value)),
  to_string: define([''], (value: Value) =>
    typeof value === 'string'
      ? value
      : dumpJson(value, { indent: null, sortKeys: false, ascii: true, itemSeparator: ',', keySeparator: ':' }),
  ),
  type: define([''], (value: Value) => kindOf(value)),
  values: define(['object'], (value: Dict) => [...value.values()]),
};
