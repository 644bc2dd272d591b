// Filters on dicts.
import { Dict, type Value } from '../../core/value.ts';
import { PythonError, typeError, Undefined } from '../special.ts';
import { filter, type Filters } from '../plugin.ts';
import { pair } from '../methods/dicts.ts';
import { compare, pythonEquals } from '../python/compare.ts';
import { pythonRepr, pythonStr } from '../python/text.ts';
import { hashable, items, need, truthy, typeName } from '../python/types.ts';
import { flatten } from './lists.ts';

type ListMerge = 'replace' | 'keep' | 'append' | 'prepend' | 'append_rp' | 'prepend_rp';
const LIST_MERGES: readonly string[] = ['replace', 'keep', 'append', 'prepend', 'append_rp', 'prepend_rp'];

export function asDict(value: Value): Dict {
  if (value instanceof Dict) return value;
  throw new PythonError('TypeError', `a dictionary is needed, not ${typeName(value)}`);
}

/** Two dicts as one, the second winning; lists inside are merged as `listMerge` says. */
export function mergeDicts(low: Dict, high: Dict, recursive: boolean, listMerge: ListMerge): Dict {
  const result = low.copy();
  for (const [key, value] of high) {
    const before = low.get(key);
    if (recursive && before instanceof Dict && value instanceof Dict)
      result.set(key, mergeDicts(before, value, recursive, listMerge));
    else if (Array.isArray(before) && Array.isArray(value)) result.set(key, mergeLists(before, value, listMerge));
    else result.set(key, value);
  }
  return result;
}

function mergeLists(low: readonly Value[], high: Value[], how: ListMerge): Value {
  const without = (list: readonly Value[], other: readonly Value[]): Value[] =>
    list.filter((value) => !other.some((out) => pythonEquals(out, value)));
  switch (how) {
    case 'replace':
      return high;
    case 'keep':
      return [...low];
    case 'append':
      return [...low, ...high];
    case 'prepend':
      return [...high, ...low];
    case 'append_rp':
      return [...without(low, high), ...high];
    case 'prepend_rp':
      return [...high, ...without(low, high)];
  }
}

function combine(terms: readonly Value[], options: Dict): Value {
  const listMerge = pythonStr(options.get('list_merge') ?? 'replace');
  for (const key of options.keys())
    if (key !== 'recursive' && key !== 'list_merge')
      throw new PythonError('Error', "'recursive' and 'list_merge' are the only valid keyword arguments");
  const dicts = flatten(terms, 1, true);
  // One alone is handed on, whatever it is.
  if (dicts.length === 1) return dicts[0] as Value;
  if (dicts.length > 0 && !LIST_MERGES.includes(listMerge))
    throw new PythonError('Error', `'list_merge' argument can only be equal to ${LIST_MERGES.join(', ')}`);
  for (const dict of dicts) {
    if (!(dict instanceof Dict))
      throw new PythonError('Error', `failed to combine variables, expected dicts but got a '${typeName(dict)}'`);
    for (const value of dict.values()) need(value);
  }
  const [first, ...rest] = dicts as Dict[];
  if (first === undefined) return new Dict();
  return rest.reduce(
    (low, high) => mergeDicts(low, high, truthy(options.get('recursive') ?? false), listMerge as ListMerge),
    first,
  );
}

function dictSort(value: Value, caseSensitive: Value, by: Value, reverse: Value): Value {
  if (by !== 'key' && by !== 'value') throw new PythonError('Error', 'You can only sort by either "key" or "value"');
  if (!(value instanceof Dict)) throw typeError(`'${typeName(value)}' object has no attribute 'items'`);
  const fold = (part: Value): Value => (typeof part === 'string' && !truthy(caseSensitive) ? part.toLowerCase() : part);
  const entries = [...value];
  const sign = truthy(reverse) ? -1 : 1;
  entries.sort((a, b) => sign * compare(fold(by === 'key' ? a[0] : a[1]), fold(by === 'key' ? b[0] : b[1])));
  return entries.map(([key, item]) => pair(key, item));
}

function rekey(value: Value, member: Value, duplicates: Value): Value {
  if (duplicates !== 'error' && duplicates !== 'overwrite')
    throw new PythonError(
      'Error',
      `duplicates parameter to rekey_on_member has unknown value: ${pythonStr(duplicates)}`,
    );
  const list = value instanceof Dict ? [...value.values()] : Array.isArray(value) ? items(value) : undefined;
  if (list === undefined) throw typeError('Type is not a valid list, set, or dict');
  const result = new Dict();
  for (const element of list) {
    if (!(element instanceof Dict)) throw typeError('List item is not a valid dict');
    const key = element.get(member);
    if (key === undefined) throw new PythonError('KeyError', `Key ${pythonStr(member)} was not found`);
    if (duplicates === 'error' && result.has(need(key)))
      throw new PythonError('Error', `Key ${pythonStr(key)} is not unique, cannot convert to dict.`);
    result.set(key, element);
  }
  return result;
}

export const DICT_FILTERS: Filters = {
  combine: filter('*terms, **options', (_, terms, options) => combine(terms as Value[], options as Dict)),
  dict2items: filter("mydict, key_name='key', value_name='value'", (_, value, keyName, valueName) => {
    if (!(value instanceof Dict))
      throw typeError(`dict2items requires a dictionary, got ${typeName(value as Value)} instead.`);
    return Array.from(
      value,
      ([key, item]) =>
        new Dict([
          [keyName as Value, key],
          [valueName as Value, need(item)],
        ]),
    );
  }),
  dictsort: filter("value, case_sensitive=False, by='key', reverse=False", (_, value, sensitive, by, reverse) =>
    dictSort(value as Value, sensitive as Value, by as Value, reverse as Value),
  ),
  items: filter('value', (_, value) => {
    if (value instanceof Undefined) return [];
    if (!(value instanceof Dict)) throw typeError('Can only get item pairs from a mapping.');
    return Array.from(value, ([key, item]) => pair(key, item));
  }),
  items2dict: filter("mylist, key_name='key', value_name='value'", (_, value, keyName, valueName) => {
    if (!Array.isArray(value)) throw typeError(`items2dict requires a list, got ${typeName(value as Value)} instead.`);
    return new Dict(
      items(value).map((element) => {
        const get = (name: Value): Value => {
          const found =
            element instanceof Dict
              ? element.get(name)
              : Array.isArray(element) && typeof name === 'number'
                ? element[name]
                : undefined;
          if (found === undefined)
            throw typeError(
              `items2dict requires each dictionary in the list to contain the keys '${pythonStr(keyName as Value)}' and '${pythonStr(valueName as Value)}', got ${pythonRepr(element)} instead.`,
            );
          return need(found);
        };
        const name = get(keyName as Value);
        if (!hashable(name)) throw typeError(`unhashable type: '${typeName(name)}'`);
        return [name, get(valueName as Value)] as const;
      }),
    );
  }),
  rekey_on_member: filter("data, key, duplicates='error'", (_, value, member, duplicates) =>
    rekey(value as Value, member as Value, duplicates as Value),
  ),
};
