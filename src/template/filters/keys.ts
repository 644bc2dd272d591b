// Filters that keep, remove or rename the keys of dicts: those of community.general work on a list of dicts, those of ansible.utils at every depth.
import { Dict, Tuple, type Value } from '../../core/value.ts';
import { PythonError } from '../special.ts';
import { filter, type Filters } from '../plugin.ts';
import { checked } from './argument-spec.ts';
import { asDict } from './dicts.ts';
import { pythonEquals } from '../python/compare.ts';
import { regex } from '../python/regex.ts';
import { pythonStr } from '../python/text.ts';
import { items, truthy, typeName } from '../python/types.ts';

type Matches = (wanted: string, key: string) => boolean;

const WAYS: Record<string, Matches> = {
  starts_with: (wanted, key) => key.startsWith(wanted),
  ends_with: (wanted, key) => key.endsWith(wanted),
  regex: (wanted, key) => regex(wanted, {}, 'match').test(key),
};

/** One of four ways of matching. */
function way(how: Value): Matches {
  const name = pythonStr(how);
  if (name === 'equal') return (wanted, key) => wanted === key;
  const found = Object.hasOwn(WAYS, name) ? WAYS[name] : undefined;
  if (found === undefined)
    throw new PythonError(
      'Error',
      `The matching_parameter must be one of ${['equal', ...Object.keys(WAYS)].join(', ')}. matching_parameter=${name}`,
    );
  return found;
}

function text(value: Value | undefined): string {
  if (typeof value === 'string') return value;
  throw new PythonError(
    'Error',
    `The target items must be strings. ${value === undefined ? 'One is missing' : `${pythonStr(value)} is ${typeName(value)}`}`,
  );
}

// community.general

/** The dicts of a list, all of whose keys are texts. */
function dictsOf(value: Value): Dict[] {
  if (!Array.isArray(value))
    throw new PythonError('Error', `First argument must be a list. ${pythonStr(value)} is ${typeName(value)}`);
  const dicts = items(value).map(asDict);
  for (const dict of dicts)
    for (const key of dict.keys())
      if (typeof key !== 'string') throw new PythonError('Error', 'Top level keys must be strings.');
  return dicts;
}

function choose(value: Value, target: Value, how: Value, keep: boolean): Value {
  const dicts = dictsOf(value);
  const matches = way(how);
  if (typeof target !== 'string' && !Array.isArray(target))
    throw new PythonError('Error', `The target must be a string or a list. target is ${typeName(target)}.`);
  if (target.length === 0) throw new PythonError('Error', "The target can't be empty.");
  const wanted = typeof target === 'string' ? [target] : items(target).map(text);
  if (how === 'regex' && wanted.length > 1)
    throw new PythonError('Error', 'Single item is required in the target list if matching_parameter=regex.');
  return dicts.map(
    (dict) => new Dict(Array.from(dict).filter(([key]) => wanted.some((one) => matches(one, pythonStr(key))) === keep)),
  );
}

function rename(value: Value, target: Value, how: Value): Value {
  const dicts = dictsOf(value);
  const matches = way(how);
  if (!Array.isArray(target))
    throw new PythonError('Error', `The target must be a list. target is ${pythonStr(target)}.`);
  if (target.length === 0) throw new PythonError('Error', "The target can't be empty.");
  const pairs = items(target).map((entry) => {
    const [before, after] = [asDict(entry).get('before'), asDict(entry).get('after')];
    if (before === undefined || after === undefined)
      throw new PythonError('Error', 'All dictionaries in target must include attributes: after, before.');
    return { before: text(before), after: text(after) };
  });
  return dicts.map(
    (dict) =>
      new Dict(
        Array.from(
          dict,
          ([key, inner]) => [pairs.find(({ before }) => matches(before, pythonStr(key)))?.after ?? key, inner] as const,
        ),
      ),
  );
}

// ansible.utils

const isList = (value: Value): value is Value[] => Array.isArray(value) && !(value instanceof Tuple);
const isContainer = (value: Value): value is Value[] | Dict => value instanceof Dict || isList(value);
const isEmpty = (value: Value): boolean =>
  isContainer(value) && (value instanceof Dict ? value.size === 0 : value.length === 0);

function keepDeep(value: Value, wanted: readonly string[], matches: Matches): Value {
  if (isList(value)) return items(value).map((one) => keepDeep(one, wanted, matches));
  if (!(value instanceof Dict)) return value;
  const kept = new Dict();
  for (const [key, inner] of value) {
    let found = false;
    // A container under a wanted key is kept whole, unless a later key of the target finds something in it.
    for (const one of wanted) {
      if (pythonEquals(key, one) || (!isContainer(inner) && matches(one, pythonStr(key)))) {
        kept.set(key, inner);
        found = true;
      } else if (isContainer(inner)) {
        const deep = keepDeep(inner, wanted, matches);
        const rest = isList(deep) ? deep.filter((part) => !isEmpty(part)) : deep;
        if (isEmpty(rest)) continue;
        kept.set(key, rest);
        found = true;
      }
    }
    if (found || !isContainer(inner)) continue;
    const deep = keepDeep(inner, wanted, matches);
    if (!isEmpty(deep)) kept.set(key, deep);
  }
  return kept;
}

/** Items of lists that are empty then (or were false before) go as well. */
function removeDeep(value: Value, wanted: readonly string[], matches: Matches): Value {
  if (isList(value))
    return items(value)
      .map((one) => removeDeep(one, wanted, matches))
      .filter(truthy);
  if (!(value instanceof Dict)) return value;
  return new Dict(
    Array.from(value)
      .filter(([key]) => !wanted.some((one) => matches(one, pythonStr(key))))
      .map(([key, inner]) => [key, removeDeep(inner, wanted, matches)] as const),
  );
}

/** Renamed keys go to the end of their dict. */
function renameDeep(value: Value, pairs: readonly { before: string; after: Value }[], matches: Matches): Value {
  if (isList(value)) return items(value).map((one) => renameDeep(one, pairs, matches));
  if (!(value instanceof Dict)) return value;
  const result = value.copy();
  for (const { before, after } of pairs) {
    for (const key of Array.from(result.keys())) {
      if (!matches(before, pythonStr(key))) continue;
      const inner = result.get(key) as Value;
      result.delete(key);
      result.set(after, inner);
    }
  }
  for (const [key, inner] of Array.from(result)) result.set(key, renameDeep(inner, pairs, matches));
  return result;
}

const wantedOf = (target: Value): string[] => items(target).map(pythonStr);
/** Keys that are equal, where no other way is asked for. */
const deepWay = (how: Value): Matches => (how === null ? (wanted, key) => wanted === key : way(how));
function container(value: Value, what: string): Value {
  if (isContainer(value)) return value;
  throw new PythonError('Error', `Input is not valid for ${what}`);
}

const LISTED = "data, target=None, matching_parameter='equal'";
const DEEP = {
  data: { kind: 'raw', required: true },
  target: { kind: 'list', elements: 'str', required: true },
  matching_parameter: { kind: 'str', choices: Object.keys(WAYS) },
} as const;
const RENAMED = { ...DEEP, target: { ...DEEP.target, elements: 'dict' } } as const;

export const KEY_FILTERS: Filters = {
  keep_keys: filter(LISTED, (_, value, target, how) => choose(value as Value, target as Value, how as Value, true)),
  remove_keys: filter(LISTED, (_, value, target, how) => choose(value as Value, target as Value, how as Value, false)),
  replace_keys: filter(LISTED, (_, value, target, how) => rename(value as Value, target as Value, how as Value)),
  'ansible.utils.keep_keys': checked(DEEP, (_, { data, target, matching_parameter: how }) =>
    keepDeep(container(data as Value, 'keep operation'), wantedOf(target as Value), deepWay(how as Value)),
  ),
  'ansible.utils.remove_keys': checked(DEEP, (_, { data, target, matching_parameter: how }) =>
    removeDeep(container(data as Value, 'attribute removal'), wantedOf(target as Value), deepWay(how as Value)),
  ),
  'ansible.utils.replace_keys': checked(RENAMED, (_, { data, target, matching_parameter: how }) =>
    renameDeep(
      container(data as Value, 'replace operation'),
      items(target as Value).map((entry) => ({
        before: pythonStr(asDict(entry).get('before') ?? null),
        after: asDict(entry).get('after') ?? null,
      })),
      deepWay(how as Value),
    ),
  ),
};
