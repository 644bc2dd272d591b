// random and shuffle: with a seed, Python's own choices.
import type { Value } from '../../core/value.ts';
import { PythonError, Range, typeError } from '../special.ts';
import type { Engine } from '../engine.ts';
import { filter, type Filters } from '../plugin.ts';
import { PythonRandom } from '../python/random.ts';
import { pythonStr } from '../python/text.ts';
import { hashOf } from '../python/set.ts';
import { characters, isFloat, isInt, isString, items, toNumber, typeName } from '../python/types.ts';

interface Source {
  below(limit: bigint): bigint;
}

/** The generator for a seed; without one, a real one. */
export function source(engine: Engine, seed: Value): Source {
  // Python hashes what is no number by where it lies: such a seed says nothing.
  if (seed === null || (isFloat(seed) && Number.isNaN(toNumber(seed)))) {
    engine.volatile = true;
    return { below: (limit) => BigInt(Math.floor(engine.context.host.random() * Number(limit))) };
  }
  if (isInt(seed) || typeof seed === 'boolean') return new PythonRandom(BigInt(seed));
  if (isFloat(seed)) {
    const hash = hashOf(seed);
    return new PythonRandom(hash < 0n ? -hash : hash);
  }
  if (!isString(seed))
    throw typeError('The only supported seed types are:\nNone, int, float, str, bytes, and bytearray.');
  return new PythonRandom(pythonStr(seed));
}

function pick(engine: Engine, whole: Value, start: Value, step: Value, seed: Value): Value {
  const random = source(engine, seed);
  const end = typeof whole === 'boolean' ? Number(whole) : whole;
  if (isInt(end)) {
    for (const bound of [start, step])
      if (bound !== null && !isInt(bound) && typeof bound !== 'boolean')
        throw typeError(`'${typeName(bound)}' object cannot be interpreted as an integer`);
    const from = BigInt((start ?? 0) as number);
    const by = BigInt((step ?? 1) as number);
    const width = BigInt(end) - from;
    const count = by > 0n ? (width + by - 1n) / by : (width + by + 1n) / by;
    if (count <= 0n) throw new PythonError('ValueError', `empty range in randrange(${from}, ${end}, ${by})`);
    const value = from + by * random.below(count);
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  }
  if (start !== null || step !== null)
    throw new PythonError('Error', 'start and step can only be used with integer values');
  const list =
    end instanceof Range
      ? Array.from(end)
      : typeof end === 'string'
        ? characters(end)
        : Array.isArray(end)
          ? items(end)
          : undefined;
  if (list === undefined) throw new PythonError('Error', 'random can only be used on sequences and integers');
  if (list.length === 0) throw new PythonError('IndexError', 'Cannot choose from an empty sequence');
  return list[Number(random.below(BigInt(list.length)))] as Value;
}

export const RANDOM_FILTERS: Filters = {
  random: filter('end, start=None, step=None, seed=None', (engine, end, start, step, seed) =>
    pick(engine, end as Value, start as Value, step as Value, seed as Value),
  ),
  shuffle: filter('mylist, seed=None', (engine, value, seed) => {
    const list = Array.isArray(value)
      ? items(value)
      : value instanceof Range
        ? Array.from(value)
        : typeof value === 'string'
          ? characters(value)
          : undefined;
    if (list === undefined) {
      if (value === null) throw typeError(`'${typeName(value)}' object is not iterable`);
      return value as Value;
    }
    const random = source(engine, seed as Value);
    for (let index = list.length - 1; index > 0; index--) {
      const other = Number(random.below(BigInt(index + 1)));
      [list[index], list[other]] = [list[other] as Value, list[index] as Value];
    }
    return list;
  }),
};
