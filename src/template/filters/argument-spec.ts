// Arguments of ansible.utils' filters and lookups, checked and converted by a specification as those of modules are: by place as far as
// places go (what stands behind is dropped), names over places, and nothing that the specification does not name.
import { Dict, int, Tuple, type Value } from '../../core/value.ts';
import type { Engine } from '../engine.ts';
import { filter, type Filter } from '../plugin.ts';
import { pythonStr } from '../python/text.ts';
import { isFloat, isInt, items, toNumber, typeName } from '../python/types.ts';
import { PythonError } from '../special.ts';

type Kind = 'raw' | 'str' | 'int' | 'bool' | 'list' | 'dict';
interface Argument {
  readonly kind: Kind;
  readonly elements?: Kind;
  readonly required?: true;
  readonly standard?: Value;
  readonly choices?: readonly string[];
  /** Given by name only. */
  readonly named?: true;
}
/** The arguments in the order of their places. */
export type ArgumentSpec = Readonly<Record<string, Argument>>;
export type Arguments = Readonly<Record<string, Value>>;

/** A filter whose arguments are checked; what is not given is None. */
export function checked(spec: ArgumentSpec, run: (engine: Engine, args: Arguments) => Value): Filter {
  return filter('*args, **kwargs', (engine, args, keywords) =>
    run(engine, checkArguments(spec, items(args as Value), keywords as Dict)),
  );
}

export function checkArguments(
  spec: ArgumentSpec,
  byPlace: readonly Value[],
  byName: Iterable<readonly [Value, Value]>,
): Arguments {
  const places = Object.keys(spec).filter((name) => spec[name]?.named !== true);
  const given = new Map<string, Value>(
    places.slice(0, byPlace.length).map((name, index) => [name, byPlace[index] as Value]),
  );
  for (const [name, value] of byName) given.set(pythonStr(name), value);
  const unknown = Array.from(given.keys()).filter((name) => !Object.hasOwn(spec, name));
  if (unknown.length > 0)
    throw new PythonError(
      'Error',
      `${unknown.join(', ')}. Supported parameters include: ${Object.keys(spec).toSorted().join(', ')}.`,
    );
  const missing = Object.keys(spec).filter((name) => spec[name]?.required === true && !given.has(name));
  if (missing.length > 0) throw new PythonError('Error', `missing required arguments: ${missing.join(', ')}`);
  return Object.fromEntries(
    Object.entries(spec).map(([name, argument]) => [name, one(name, argument, given.get(name))]),
  );
}

function one(name: string, argument: Argument, given: Value | undefined): Value {
  const { kind, elements, required, standard = null, choices } = argument;
  const value = given === undefined ? standard : given;
  if (given === undefined && standard === null) return null;
  const fits =
    value === null && required !== true && standard === null ? null : convert(kind, value, `argument '${name}'`);
  if (choices !== undefined && !choices.includes(pythonStr(fits)))
    throw new PythonError('Error', `value of ${name} must be one of: ${choices.join(', ')}, got: ${pythonStr(fits)}`);
  return elements === undefined || fits === null
    ? fits
    : items(fits).map((element) => convert(elements, element, `Elements value for option '${name}'`));
}

function convert(kind: Kind, value: Value, what: string): Value {
  const found = CONVERTERS[kind](value);
  if (found !== undefined) return found;
  throw new PythonError(
    'Error',
    `${what} is of type ${typeName(value)} and we were unable to convert to ${kind}: ${pythonStr(value)}`,
  );
}

/** Undefined where a value is not of the kind and cannot become it. */
const CONVERTERS: Readonly<Record<Kind, (value: Value) => Value | undefined>> = {
  raw: (value) => value,
  str: (value) => (value === null ? '' : typeof value === 'string' ? value : pythonStr(value)),
  int: (value) => {
    if (typeof value === 'boolean') return Number(value);
    if (isInt(value)) return value;
    const number = typeof value === 'string' ? decimal(value) : toNumber(value);
    if (typeof number === 'bigint') return int(number);
    return Number.isInteger(number) ? int(BigInt(number as number)) : undefined;
  },
  bool: (value) => {
    if (typeof value === 'boolean') return value;
    if (typeof value !== 'string' && !isInt(value) && !isFloat(value)) return undefined;
    const word = typeof value === 'string' ? value.toLowerCase().trim() : String(toNumber(value));
    return TRUE.has(word) ? true : FALSE.has(word) ? false : undefined;
  },
  list: (value) => {
    if (Array.isArray(value)) return value instanceof Tuple ? undefined : value;
    if (typeof value === 'string') return value.split(',');
    return isInt(value) || isFloat(value) || typeof value === 'boolean' ? [pythonStr(value)] : undefined;
  },
  dict: (value) => (value instanceof Dict ? value : undefined),
};
const TRUE = new Set(['y', 'yes', 'on', '1', 'true', 't']);
const FALSE = new Set(['n', 'no', 'off', '0', 'false', 'f']);

/** A number as Python's decimals are written. */
function decimal(text: string): bigint | number | undefined {
  const written = text.trim().replaceAll('_', '');
  if (/^[-+]?\d+$/.test(written)) return BigInt(written.replace('+', ''));
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(written) ? Number(written) : undefined;
}
