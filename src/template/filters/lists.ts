// Filters on lists: order, parts, grouping, joining.
import { Dict, float, Tuple, type Value } from '../../core/value.ts';
import { PythonError, Range, Tripped, typeError, Undefined } from '../special.ts';
import { item as itemOf } from '../access.ts';
import { filter, type Filters } from '../plugin.ts';
import { pair } from '../methods/dicts.ts';
import { groupTuple } from '../group-tuple.ts';
import { hasSetOrder, differenceOf, intersectionOf, symmetricOf, unionOf } from '../python/set.ts';
import { compare, pythonEquals } from '../python/compare.ts';
import { arithmetic } from '../python/arithmetic.ts';
import { pythonRepr, pythonStr } from '../python/text.ts';
import {
  characters,
  hashable,
  isFloat,
  isInt,
  items,
  iterate,
  length,
  need,
  toNumber,
  truthy,
  typeName,
} from '../python/types.ts';

/** A function that follows `a.b.0` from a value; `fallback` stands for what is missing. */
export function getter(path: Value, fallback?: Value): (value: Value) => Value {
  const parts =
    typeof path === 'string' ? path.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part)) : [path];
  return (value) => {
    let found = value;
    for (const part of parts) {
      found = itemOf(found, part);
      if (found instanceof Undefined && found.defaultable && fallback !== undefined && fallback !== null)
        found = fallback;
    }
    return found;
  };
}

/** As getter(), but what is missing is an error at once. */
export function needed(path: Value): (value: Value) => Value {
  const get = getter(path);
  return (value) => need(get(value));
}

const fold = (value: Value): Value => (typeof value === 'string' ? value.toLowerCase() : value);

function sortBy(list: Value[], keys: readonly ((value: Value) => Value)[], reverse: boolean): Value[] {
  const keyed = list.map((value) => [keys.map((key) => key(value)), value] as const);
  const sign = reverse ? -1 : 1;
  keyed.sort(([a], [b]) => {
    for (let index = 0; index < a.length; index++) {
      const [x, y] = [a[index] as Value, b[index] as Value];
      if (!pythonEquals(x, y)) return sign * compare(x, y);
    }
    return 0;
  });
  return keyed.map(([, value]) => value);
}

function sort(value: Value, reverse: Value, caseSensitive: Value, attribute: Value): Value {
  const folding = truthy(caseSensitive) ? (x: Value): Value => x : fold;
  const keys =
    attribute === null
      ? [folding]
      : pythonOr(attribute).map((path) => {
          const get = needed(path);
          return (x: Value): Value => folding(get(x));
        });
  const list = items(value);
  if (list.length > 1)
    compare(
      need(keys.length === 1 ? (keys[0] as (v: Value) => Value)(list[1] as Value) : 0),
      need(keys.length === 1 ? (keys[0] as (v: Value) => Value)(list[0] as Value) : 0),
    );
  return sortBy(list, keys, truthy(reverse));
}
function pythonOr(attribute: Value): Value[] {
  return typeof attribute === 'string' ? attribute.split(',') : [attribute];
}

function extreme(value: Value, caseSensitive: Value, attribute: Value, sign: 1 | -1): Value {
  const list = items(value);
  if (list.length === 0) return Undefined.of('No aggregated item, sequence was empty.');
  const folding = truthy(caseSensitive) ? (x: Value): Value => x : fold;
  const get = attribute === null ? (x: Value): Value => x : needed(attribute);
  let best = list[0] as Value;
  let bestKey = folding(get(best));
  for (const candidate of list.slice(1)) {
    const key = folding(get(candidate));
    if (sign * compare(key, bestKey, sign === 1 ? '>' : '<') > 0) [best, bestKey] = [candidate, key];
  }
  return best;
}

/** Values without repetition, the first of equals kept. */
export function unique(list: readonly Value[], key: (value: Value) => Value): Value[] {
  const result: Value[] = [];
  const keys: Value[] = [];
  const seen = new Set<Value>();
  for (const value of list) {
    const own = key(value);
    if (typeof own === 'string') {
      if (seen.has(own)) continue;
      seen.add(own);
    } else {
      if (keys.some((other) => pythonEquals(other, own))) continue;
      keys.push(own);
    }
    result.push(value);
  }
  return result;
}
const NOT_UNIQUE =
  "Jinja2's unique filter failed and we cannot fall back to Ansible's version as it does not support the parameters supplied";
/** As needed(), but what is missing makes the filter fail. */
function uniqueKey(path: Value): (value: Value) => Value {
  const get = getter(path);
  return (value) => {
    const found = get(value);
    if (found instanceof Undefined) throw new PythonError('Error', NOT_UNIQUE);
    return found;
  };
}
const contains = (list: readonly Value[], value: Value): boolean => list.some((other) => pythonEquals(other, value));
const same = (value: Value): Value => value;

function batch(value: Value, size: number, fill: Value): Value {
  if (size === 0) {
    const list = items(value);
    return list.length === 0 ? [] : [[], list];
  }
  const result: Value[][] = [];
  for (const element of items(value)) {
    const last = result.at(-1);
    if (last === undefined || last.length === size) result.push([element]);
    else last.push(element);
  }
  const last = result.at(-1);
  if (fill !== null && last !== undefined) while (last.length < size) last.push(fill);
  return result;
}

function columns(value: Value, count: number, fill: Value): Value {
  if (count === 0) throw new PythonError('ZeroDivisionError', 'integer division or modulo by zero');
  const list = items(value);
  const short = Math.floor(list.length / count);
  const more = list.length % count;
  let offset = 0;
  return Array.from({ length: count }, (_, index) => {
    const start = offset + index * short;
    if (index < more) offset++;
    const part = list.slice(start, offset + (index + 1) * short);
    if (fill !== null && index >= more) part.push(fill);
    return part;
  });
}

function groupBy(value: Value, attribute: Value, caseSensitive: Value): Value {
  const folding = truthy(caseSensitive) ? same : fold;
  const get = needed(attribute);
  const sorted = sortBy(items(value), [(x) => folding(get(x))], false);
  const groups: [Value, Value[]][] = [];
  for (const element of sorted) {
    const key = folding(get(element));
    const last = groups.at(-1);
    if (last !== undefined && pythonEquals(folding(last[0]), key)) last[1].push(element);
    else groups.push([get(element), [element]]);
  }
  return groups.map(([key, list]) => groupTuple(key, list));
}

/** Python's sum(): floats are added with their rounding errors kept aside. */
function sum(values: readonly Value[], start: Value): Value {
  let total = start;
  let lost = 0;
  for (const value of values) {
    const next = toNumber(value);
    if (next !== undefined && (isFloat(total) || (isFloat(value) && toNumber(total) !== undefined))) {
      const before = toNumber(total) as number;
      const after = before + next;
      lost += Math.abs(before) >= Math.abs(next) ? before - after + next : next - after + before;
      total = float(after);
    } else total = arithmetic('+', total, value);
  }
  const exact = isFloat(total) ? toNumber(total) : undefined;
  return exact !== undefined && Number.isFinite(lost) && lost !== 0 ? float(exact + lost) : total;
}

/** Nested lists as one, down to `levels`. */
export function flatten(list: Iterable<Value>, levels: number | undefined, skipNulls: boolean): Value[] {
  const result: Value[] = [];
  for (const element of list) {
    if (element instanceof Undefined) throw new Tripped(element);
    if (skipNulls && (element === null || element === 'None' || element === 'null')) continue;
    if (Array.isArray(element)) {
      if (levels === undefined) result.push(...flatten(element, undefined, skipNulls));
      else if (levels >= 1) result.push(...flatten(element, levels - 1, skipNulls));
      else result.push(element);
    } else result.push(element);
  }
  return result;
}

function zip(lists: readonly Value[][], size: number, fill: Value): Value {
  return Array.from(
    { length: size },
    (_, index) => Tuple.from(lists.map((list) => (index < list.length ? (list[index] as Value) : fill))) as Tuple,
  );
}

/** How many are taken together. */
function taken(value: Value): number {
  if (typeof value === 'boolean') return Number(value);
  if (!isInt(value)) throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
  if (value < 0) throw new PythonError('ValueError', 'r must be non-negative');
  return Number(value);
}

function permuted(value: Value): number {
  if (!isInt(value) && typeof value !== 'boolean') throw typeError('Expected int as r');
  return taken(value);
}

function* permutations(list: readonly Value[], size: number): Iterable<Value[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let index = 0; index < list.length; index++) {
    for (const rest of permutations([...list.slice(0, index), ...list.slice(index + 1)], size - 1))
      yield [list[index] as Value, ...rest];
  }
}
function* combinations(list: readonly Value[], size: number): Iterable<Value[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let index = 0; index <= list.length - size; index++) {
    for (const rest of combinations(list.slice(index + 1), size - 1)) yield [list[index] as Value, ...rest];
  }
}
/** The cartesian product. */
export function product(lists: readonly Value[][]): Value[][] {
  return lists.reduce<Value[][]>((all, list) => all.flatMap((left) => list.map((right) => [...left, right])), [[]]);
}
const tuples = (lists: Iterable<Value[]>): Value => Array.from(lists, (list) => Tuple.from(list) as Tuple);

function extract(container: Value, key: Value, more: Value): Value {
  let found = itemOf(container, key);
  if (more === null) return found;
  for (const next of Array.isArray(more) ? more : [more]) found = itemOf(found, next);
  return found;
}

function subelements(value: Value, path: Value, skipMissing: boolean): Value {
  const list = value instanceof Dict ? [...value.values()] : Array.isArray(value) ? items(value) : undefined;
  if (list === undefined) throw typeError('obj must be a list of dicts or a nested dict');
  const keys = Array.isArray(path) ? path : typeof path === 'string' ? path.split('.') : undefined;
  if (keys === undefined) throw typeError('subelements must be a list or a string');
  const results: Value[] = [];
  for (const element of list) {
    let values: Value = element;
    for (const key of keys) {
      if (!(values instanceof Dict)) throw typeError('the key should point to a dictionary');
      const inner = values.get(key);
      if (inner === undefined) {
        if (!skipMissing)
          throw new PythonError(
            'KeyError',
            `could not find ${pythonRepr(key)} key in iterated item ${pythonRepr(values)}`,
          );
        values = [];
        break;
      }
      values = need(inner);
    }
    if (!Array.isArray(values))
      throw typeError(`the key ${pythonRepr(keys.at(-1) ?? '')} should point to a list, got ${pythonRepr(values)}`);
    for (const one of values) results.push(pair(element, one));
  }
  return results;
}

/** A set filter: lists of numbers come out in the order of Python's sets, others in the order they came in. */
function setOperation(
  a: Value,
  b: Value,
  exact: (x: Value[], y: Value[]) => Value[],
  general: (x: Value[], y: Value[]) => Value[],
): Value {
  const [x, y] = [items(a), items(b)];
  return hasSetOrder(x) && hasSetOrder(y) ? exact(x, y) : general(x, y);
}

/** Both lists as one; what a set cannot hold makes them one by `+`, which wants two of a kind. */
function joined(a: Value, b: Value, x: readonly Value[], y: readonly Value[]): Value[] {
  if (![...x, ...y].every(hashable)) arithmetic('+', a, b);
  return [...x, ...y];
}

/** The one keyword that such a filter knows. */
function onlyKeyword(filterName: string, options: Value | undefined, known: string): Value | undefined {
  for (const key of (options as Dict).keys())
    if (key !== known) throw typeError(`${filterName}() got an unexpected keyword argument '${pythonStr(key)}'`);
  return (options as Dict).get(known);
}

export const LIST_FILTERS: Filters = {
  batch: filter('value, linecount, fill_with=None', (_, value, size, fill) =>
    batch(value as Value, Number(size), fill as Value),
  ),
  combinations: filter('iterable, r', (_, value, size) =>
    tuples(combinations(items(value as Value), taken(size as Value))),
  ),
  difference: filter('a, b', (_, a, b) =>
    setOperation(a as Value, b as Value, differenceOf, (x, y) =>
      unique(
        x.filter((v) => !contains(y, v)),
        same,
      ),
    ),
  ),
  extract: filter('item, container, morekeys=None', (_, key, container, more) =>
    extract(container as Value, key as Value, more as Value),
  ),
  first: filter('seq', (_, value) => {
    for (const element of iterate(value as Value)) return element;
    return Undefined.of('No first item, sequence was empty.');
  }),
  flatten: filter('mylist, levels=None, skip_nulls=True', (_, value, levels, skip) =>
    flatten(iterate(value as Value), levels === null ? undefined : Number(levels), truthy(skip as Value)),
  ),
  groupby: filter('value, attribute, default=None, case_sensitive=False', (_, value, attribute, __, sensitive) =>
    groupBy(value as Value, attribute as Value, sensitive as Value),
  ),
  intersect: filter('a, b', (_, a, b) =>
    setOperation(a as Value, b as Value, intersectionOf, (x, y) =>
      unique(
        x.filter((v) => contains(y, v)),
        same,
      ),
    ),
  ),
  join: filter("value, d='', attribute=None", (_, value, separator, attribute) => {
    const get = attribute === null ? same : needed(attribute as Value);
    return Array.from(items(value as Value), (element) => pythonStr(get(element))).join(pythonStr(separator as Value));
  }),
  last: filter('seq', (_, value) => {
    const list = value instanceof Range || Array.isArray(value) ? undefined : Array.from(iterate(value as Value));
    const found =
      value instanceof Range
        ? value.length > 0
          ? value.at(value.length - 1)
          : undefined
        : Array.isArray(value)
          ? value[value.length - 1]
          : list?.at(-1);
    return found === undefined ? Undefined.of('No last item, sequence was empty.') : found;
  }),
  list: filter('value', (_, value) => items(value as Value)),
  max: filter('value, case_sensitive=False, attribute=None', (_, value, sensitive, attribute) =>
    extreme(value as Value, sensitive as Value, attribute as Value, 1),
  ),
  min: filter('value, case_sensitive=False, attribute=None', (_, value, sensitive, attribute) =>
    extreme(value as Value, sensitive as Value, attribute as Value, -1),
  ),
  permutations: filter('iterable, r=None', (_, value, size) =>
    tuples(permutations(items(value as Value), size === null ? length(value as Value) : permuted(size as Value))),
  ),
  product: filter('list, *lists, **options', (_, value, lists, options) => {
    const all = [value as Value, ...(lists as Value[])].map(items);
    const repeat = Math.max(0, Number(onlyKeyword('product', options, 'repeat') ?? 1));
    return tuples(product(Array.from({ length: repeat }, () => all).flat()));
  }),
  reverse: filter('value', (_, value) =>
    typeof value === 'string' ? characters(value).reverse().join('') : items(value as Value).reverse(),
  ),
  slice: filter('value, slices, fill_with=None', (_, value, count, fill) =>
    columns(value as Value, Number(count), fill as Value),
  ),
  sort: filter(
    'value, reverse=False, case_sensitive=False, attribute=None',
    (_, value, reverse, sensitive, attribute) =>
      sort(value as Value, reverse as Value, sensitive as Value, attribute as Value),
  ),
  subelements: filter('obj, subelements, skip_missing=False', (_, value, path, skip) =>
    subelements(value as Value, path as Value, truthy(skip as Value)),
  ),
  sum: filter('iterable, attribute=None, start=0', (_, value, attribute, start) => {
    const get = attribute === null ? same : needed(attribute as Value);
    const list = items(value as Value);
    if (typeof start === 'string') throw typeError("sum() can't sum strings [use ''.join(seq) instead]");
    return sum(list.map(get), start as Value);
  }),
  symmetric_difference: filter('a, b', (_, a, b) =>
    setOperation(a as Value, b as Value, symmetricOf, (x, y) =>
      unique(joined(a as Value, b as Value, x, y), same).filter((v) => !(contains(x, v) && contains(y, v))),
    ),
  ),
  union: filter('a, b', (_, a, b) =>
    setOperation(a as Value, b as Value, unionOf, (x, y) => unique(joined(a as Value, b as Value, x, y), same)),
  ),
  unique: filter('a, case_sensitive=None, attribute=None', (_, value, sensitive, attribute) => {
    const get = attribute === null ? same : uniqueKey(attribute as Value);
    const folding = truthy(sensitive as Value) ? same : fold;
    const list = items(value as Value);
    // What cannot be hashed is compared value by value, which knows nothing of the options.
    if ((sensitive === false || truthy(attribute as Value)) && list.some((each) => !hashable(get(each))))
      throw new PythonError('Error', NOT_UNIQUE);
    return unique(list, (x) => folding(get(x)));
  }),
  zip: filter('list, *lists, **options', (_, value, lists, options) => {
    const all = [value as Value, ...(lists as Value[])].map(items);
    if (truthy(onlyKeyword('zip', options, 'strict') ?? false) && all.some((list) => list.length !== all[0]?.length))
      throw new PythonError('ValueError', 'zip() arguments have different lengths');
    return zip(all, Math.min(...all.map((list) => list.length)), null);
  }),
  zip_longest: filter('list, *lists, **options', (_, value, lists, options) => {
    const all = [value as Value, ...(lists as Value[])].map(items);
    return zip(
      all,
      Math.max(...all.map((list) => list.length)),
      onlyKeyword('zip_longest', options, 'fillvalue') ?? null,
    );
  }),
};
