// Lookups that arrange their terms: the ones behind with_items, with_nested, with_sequence and the like.
import { VbxError } from '../../core/error.ts';
import { Dict, Tuple, type Value } from '../../core/value.ts';
import { PythonError } from '../special.ts';
import type { Engine } from '../engine.ts';
import type { Lookups } from '../plugin.ts';
import { flatten, product } from '../filters/lists.ts';
import { formatPercent } from '../python/percent.ts';
import { regex } from '../python/regex.ts';
import { pythonStr } from '../python/text.ts';
import { iterate, truthy } from '../python/types.ts';
import { term, type Options } from './options.ts';

const oneLevel = (terms: readonly Value[]): Value[] =>
  flatten(terms, 0, false).flatMap((value) => (Array.isArray(value) ? Array.from(value) : [value]));

function dict(terms: readonly Value[]): Value[] {
  return terms.flatMap((value) => {
    if (!(value instanceof Dict)) throw new PythonError('Error', 'with_dict expects a dict');
    return Array.from(
      value,
      ([key, item]) =>
        new Dict([
          ['key', key],
          ['value', item],
        ]),
    );
  });
}

/** Terms that name a variable stand for its value. */
function resolved(engine: Engine, value: Value): Value {
  if (typeof value !== 'string' || !/^[A-Za-z_]\w*$/.test(value)) return value;
  return engine.ownVariable(value) ?? value;
}

function nested(terms: readonly Value[], engine: Engine): Value[] {
  if (terms.length === 0)
    throw new PythonError('Error', 'with_nested requires at least one element in the nested list');
  const lists = terms.map((value) => Array.from(iterate(resolved(engine, value))));
  // The items of one list alone are taken apart themselves.
  if (lists.length === 1) return (lists[0] ?? []).map((one) => oneLevel(Array.from(iterate(one))));
  return product(lists).map((parts) => oneLevel(parts));
}

function together(terms: readonly Value[]): Value[] {
  const lists = terms.map((value) => Array.from(iterate(value)));
  if (lists.length === 0) throw new PythonError('Error', 'with_together requires at least one element in each list');
  const size = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: size }, (_, index) => oneLevel(lists.map((list) => list[index] ?? null)));
}

interface Sequence {
  start: number;
  end: number | undefined;
  count: number | undefined;
  stride: number;
  format: string;
}

const SHORTHAND = /^(?:(0?x?[\da-f]+)-)?(0?x?[\da-f]+)(?:\/(0?x?[\da-f]+))?(?::(.+))?$/i;

function sequence(terms: readonly Value[], options: Options): Value[] {
  const all = terms.length === 0 ? [''] : terms.map(term);
  return all.flatMap((text) => {
    const wanted: Sequence = { start: 1, end: undefined, count: undefined, stride: 1, format: '%d' };
    const take = (key: string, value: Value): void => {
      if (key === 'format') wanted.format = pythonStr(value);
      else if (key === 'start' || key === 'end' || key === 'count' || key === 'stride') {
        // Ten is the only base, whatever stands in front.
        const number = typeof value === 'string' && !/^[\s\d.+-]+$/.test(value) ? Number.NaN : Number(value);
        if (!Number.isInteger(number))
          throw new PythonError('Error', `can't parse ${key}=${pythonStr(value)} as integer`);
        wanted[key] = number;
      } else throw new PythonError('Error', `unrecognized arguments to with_sequence: ['${key}']`);
    };
    for (const [key, value] of options) take(key, value);
    const short = SHORTHAND.exec(text.trim());
    if (short !== null) {
      if (short[1] !== undefined) take('start', short[1]);
      take('end', short[2] ?? '');
      if (short[3] !== undefined) take('stride', short[3]);
      if (short[4] !== undefined) wanted.format = short[4];
    } else
      for (const word of text.split(/\s+/).filter((part) => part !== '')) {
        const at = word.indexOf('=');
        if (at === -1) throw new PythonError('Error', `unknown error parsing with_sequence arguments: '${text}'`);
        take(word.slice(0, at), word.slice(at + 1).replace(/^(['"])([^]*)\1$/, '$2'));
      }
    return generate(wanted);
  });
}

function generate(wanted: Sequence): Value[] {
  let { end } = wanted;
  const { start, count, stride, format } = wanted;
  if (count === undefined && end === undefined)
    throw new PythonError('Error', 'must specify count or end in with_sequence');
  if (count !== undefined && end !== undefined)
    throw new PythonError('Error', "can't specify both count and end in with_sequence");
  if (count !== undefined) {
    if (count === 0) return [];
    end = start + count * stride - 1 * Math.sign(stride || 1);
  }
  const last = end as number;
  if (stride > 0 && last < start) throw new PythonError('Error', 'to count backwards make stride negative');
  if (stride < 0 && last > start) throw new PythonError('Error', "to count forward don't make stride negative");
  if ((format.match(/%/g) ?? []).length !== 1) throw new PythonError('Error', `bad formatting string: ${format}`);
  const results: Value[] = [];
  if (stride === 0) return results;
  for (let number = start; stride > 0 ? number <= last : number >= last; number += stride)
    results.push(formatPercent(format, Tuple.from([number]) as Tuple));
  return results;
}

function subelements(terms: readonly Value[]): Value[] {
  const [source, key, flags] = terms;
  if (terms.length < 2 || terms.length > 3 || typeof key !== 'string')
    throw new PythonError(
      'Error',
      'subelements lookup expects a list of two or three items, first a dict or a list, second a string',
    );
  if (!Array.isArray(source) && !(source instanceof Dict))
    throw new PythonError('Error', 'first a dict or a list, second a string pointing to the subkey');
  const skipMissing = flags instanceof Dict ? truthy(flags.get('skip_missing') ?? false) : false;
  const results: Value[] = [];
  for (const element of source instanceof Dict ? source.values() : source) {
    if (!(element instanceof Dict))
      throw new PythonError('Error', `subelements lookup expects a dictionary, got '${pythonStr(element)}'`);
    if (truthy(element.get('skipped') ?? false)) continue;
    const parts = key.split('.');
    let found: Value | undefined = element;
    for (const part of parts) found = found instanceof Dict ? found.get(part) : undefined;
    if (found === undefined) {
      if (skipMissing) continue;
      throw new PythonError('Error', `could not find '${key}' key in iterated item '${pythonStr(element)}'`);
    }
    if (!Array.isArray(found))
      throw new PythonError('Error', `the key ${key} should point to a list, got '${pythonStr(found)}'`);
    const rest = withoutPart(element, parts);
    for (const item of found) results.push(Tuple.from([rest, item]) as Tuple);
  }
  return results;
}

/** The dictionary without what the path leads to. */
function withoutPart(element: Dict, [part = '', ...deeper]: readonly string[]): Dict {
  return new Dict(
    [...element].flatMap(([name, value]): [Value, Value][] =>
      name !== part
        ? [[name, value]]
        : deeper.length > 0 && value instanceof Dict
          ? [[name, withoutPart(value, deeper)]]
          : [],
    ),
  );
}

function variables(engine: Engine, terms: readonly Value[], options: Options): Value[] {
  return terms.map((value) => {
    if (typeof value !== 'string') throw new PythonError('Error', `Variable name must be a string`);
    const found = engine.ownVariable(value);
    if (found !== undefined) return found;
    const standard = options.get('default');
    if (standard !== undefined) return standard;
    return engine.missingVariable(value);
  });
}

export const LIST_LOOKUPS: Lookups = {
  dict: (_, terms) => dict(terms.length === 1 && Array.isArray(terms[0]) ? Array.from(terms[0] as Value[]) : terms),
  indexed_items: (_, terms) => oneLevel(terms).map((value, index) => [index, value]),
  inventory_hostnames: (engine, terms) => inventoryHostnames(engine, terms),
  items: (_, terms) => oneLevel(terms),
  list: (_, terms) => [...terms],
  nested: (engine, terms) => nested(terms, engine),
  random_choice: (engine, terms) =>
    terms.length === 0 ? [] : [terms[Math.floor(engine.context.host.random() * terms.length)] as Value],
  sequence: (_, terms, options) => sequence(terms, options),
  subelements: (_, terms) => subelements(terms),
  together: (_, terms) => together(terms),
  varnames: (engine, terms) =>
    terms.flatMap((value) => {
      if (typeof value !== 'string')
        throw new PythonError('Error', `Invalid setting identifier, "${pythonStr(value)}" is not a string`);
      const pattern = searchedNames(value);
      return [...engine.names()].filter((name) => name.search(pattern) !== -1);
    }),
  vars: variables,
};

function searchedNames(pattern: string): ReturnType<typeof regex> {
  try {
    return regex(pattern);
  } catch (error) {
    throw new PythonError(
      'Error',
      `Unable to use "${pattern}" as a search parameter: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Lookups of community.general behind with_flattened and with_cartesian. */
export const MORE_LIST_LOOKUPS: Lookups = {
  cartesian: (_, terms) => {
    if (terms.length === 0) throw new PythonError('Error', 'with_cartesian requires at least one element in each list');
    return product(terms.map((value) => (Array.isArray(value) ? Array.from(value) : pythonStr(value).split(',')))).map(
      (parts) => Tuple.from(parts) as Tuple,
    );
  },
  flattened: (engine, terms) => {
    const walk = (value: Value): Value[] => {
      if (typeof value === 'string') {
        const named = resolved(engine, value);
        return Array.isArray(named) ? Array.from(named).flatMap(walk) : [named];
      }
      return Array.isArray(value) ? Array.from(value).flatMap(walk) : [value];
    };
    return terms.flatMap(walk);
  },
};

/** The hosts that the patterns mean together; none where one of them is unknown. */
function inventoryHostnames(engine: Engine, terms: readonly Value[]): Value[] {
  try {
    return [...(engine.context.inventoryHosts?.(terms.map(pythonStr).join(',')) ?? [])];
  } catch (error) {
    if (error instanceof VbxError) return [];
    throw error;
  }
}
