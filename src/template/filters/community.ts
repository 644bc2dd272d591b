// Filters of community.general and ansible.utils that playbooks use besides the ones with a file of their own.
import { crc32 } from 'node:zlib';
import { Dict, float, type Value } from '../../core/value.ts';
import { item as itemOf } from '../access.ts';
import { PythonError, Undefined } from '../special.ts';
import { filter, type Filters } from '../plugin.ts';
import { pythonEquals } from '../python/compare.ts';
import { regex } from '../python/regex.ts';
import { pythonStr } from '../python/text.ts';
import { items, need, truthy } from '../python/types.ts';
import { parseCsv } from '../lookups/csv.ts';
import { parseIni } from '../lookups/ini.ts';
import { compareVersions } from '../tests/version.ts';
import { mergeDicts } from './dicts.ts';
import { unique } from './lists.ts';
import { source } from './random.ts';
import { updateDict } from '../methods/dicts.ts';

function asDict(value: Value): Dict {
  if (value instanceof Dict) return value;
  throw new PythonError('TypeError', 'a dictionary is needed');
}

/** Whether a key is among the wanted ones, by one of four ways of matching. */
function matcher(target: Value, how: Value): (key: string) => boolean {
  const wanted = (Array.isArray(target) ? items(target) : [target]).map(pythonStr);
  switch (pythonStr(how)) {
    case 'equal': return (key) => wanted.includes(key);
    case 'starts_with': return (key) => wanted.some((prefix) => key.startsWith(prefix));
    case 'ends_with': return (key) => wanted.some((suffix) => key.endsWith(suffix));
    case 'regex': return (key) => wanted.some((pattern) => regex(pattern, {}, 'match').test(key));
    default: throw new PythonError('Error', `matching_parameter must be one of equal, starts_with, ends_with, regex`);
  }
}

function chooseKeys(value: Value, target: Value, how: Value, keep: boolean): Value {
  const matches = matcher(target, how);
  return items(value).map((element) => new Dict(Array.from(asDict(element)).filter(([key]) => matches(pythonStr(key)) === keep)));
}

function replaceKeys(value: Value, target: Value, how: Value): Value {
  const pairs = items(target).map((entry) => ({ matches: matcher(asDict(entry).get('before') ?? '', how), after: asDict(entry).get('after') ?? '' }));
  return items(value).map((element) => new Dict(Array.from(asDict(element), ([key, inner]) => [pairs.find(({ matches }) => matches(pythonStr(key)))?.after ?? key, inner] as const)));
}

function mergeVariables(lists: readonly Value[], key: string, recursive: boolean, listMerge: string): Value {
  const merged = new Map<string, Dict>();
  for (const element of lists.flatMap((list) => items(list)).flatMap((one) => (Array.isArray(one) ? items(one) : [one]))) {
    const dict = asDict(element);
    const id = pythonStr(need(dict.get(key) ?? Undefined.of(`no key ${key}`)));
    const before = merged.get(id);
    merged.set(id, before === undefined ? dict : mergeDicts(before, dict, recursive, listMerge as 'replace'));
  }
  return [...merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, dict]) => dict);
}

function toPaths(value: Value, prefix: string, into: Dict): Dict {
  if (value instanceof Dict && value.size > 0) for (const [key, inner] of value) {
    const name = pythonStr(key);
    toPaths(inner, /^[A-Za-z_]\w*$/.test(name) ? (prefix === '' ? name : `${prefix}.${name}`) : `${prefix}['${name}']`, into);
  } else if (Array.isArray(value) && value.length > 0) items(value).forEach((inner, index) => toPaths(inner, `${prefix}[${index}]`, into));
  else into.set(prefix, value);
  return into;
}

function getPath(value: Value, path: string): Value {
  let found = value;
  for (const [, name, index, quoted] of path.matchAll(/\.?([A-Za-z_]\w*)|\[(\d+)\]|\[['"]([^\]]*)['"]\]/g)) found = itemOf(found, name ?? quoted ?? Number(index));
  return found;
}

const UNITS: Record<string, number> = { ms: 0.001, msec: 0.001, msecs: 0.001, millisecond: 0.001, milliseconds: 0.001, s: 1, sec: 1, secs: 1, second: 1, seconds: 1, m: 60, min: 60, mins: 60, minute: 60, minutes: 60, h: 3600, hour: 3600, hours: 3600, d: 86_400, day: 86_400, days: 86_400, w: 604_800, week: 604_800, weeks: 604_800, mo: 2_592_000, month: 2_592_000, months: 2_592_000, y: 31_536_000, year: 31_536_000, years: 31_536_000 };

function duration(value: Value, unit: string, options: Dict): Value {
  const units = { ...UNITS };
  for (const [key, days] of options) {
    const names = { year: ['y', 'year', 'years'], month: ['mo', 'month', 'months'] }[pythonStr(key)];
    if (names === undefined) throw new PythonError('Error', `to_time_unit() got unknown keyword arguments: ${pythonStr(key)}`);
    for (const name of names) units[name] = Number(days) * 86_400;
  }
  const wanted = units[unit];
  if (wanted === undefined) throw new PythonError('Error', `to_time_unit() can not convert to the following unit: ${unit}. Available units: ${Object.keys(units).join(', ')}`);
  let seconds = 0;
  for (const part of pythonStr(value).trim().split(/\s+/)) {
    const match = /^(-?\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(part);
    const size = units[(match?.[2] ?? '').toLowerCase()];
    if (match === null || size === undefined) throw new PythonError('Error', `to_time_unit() can't interpret following string: ${pythonStr(value)}`);
    seconds += Number(match[1]) * size;
  }
  const result = Math.round((seconds / wanted) * 1e12) / 1e12;
  return float(result);
}

const timeUnit = (unit: string): Filters[string] => filter('value, **options', (_, value, options) => duration(value as Value, unit, options as Dict));

function toIni(value: Value): string {
  return Array.from(asDict(value), ([section, entries]) => `[${pythonStr(section)}]\n${Array.from(asDict(entries), ([key, inner]) => `${pythonStr(key)} = ${pythonStr(inner)}\n`).join('')}`).join('\n');
}

/** The lists that a filter is given; with `flatten`, one that holds only lists stands for those. */
function listsOf(name: string, given: Value | undefined, options: Value | undefined): Value[][] {
  for (const key of (options as Dict).keys()) if (key !== 'flatten') throw new PythonError('Error', `${name} got an unexpected keyword argument '${pythonStr(key)}'`);
  const lists = (given as Value[]).map((list) => items(list));
  if (!truthy((options as Dict).get('flatten') ?? false)) return lists;
  return lists.flatMap((list) => (list.every((element) => Array.isArray(element)) ? list.map((element) => items(element)) : [list]));
}
const inAll = (value: Value, lists: readonly (readonly Value[])[]): boolean => lists.every((list) => list.some((other) => pythonEquals(other, value)));

/** Delimiters of Python's dialects of CSV. */
const DIALECTS: Record<string, string> = { excel: ',', 'excel-tab': '\t', unix: ',' };

export const COMMUNITY_FILTERS: Filters = {
  counter: filter('sequence', (_, value) => {
    const result = new Dict();
    for (const element of items(value as Value)) result.set(element, (result.get(element) as number | undefined ?? 0) + 1);
    return result;
  }),
  crc32: filter('string', (_, value) => crc32(pythonStr(value as Value)).toString(16)),
  dict: filter('sequence', (_, value) => {
    const result = new Dict();
    updateDict(result, value as Value, []);
    return result;
  }),
  dict_kv: filter('value, key', (_, value, key) => new Dict([[key as Value, value as Value]])),
  from_csv: filter("data, dialect='excel', fieldnames=None, delimiter=None, skipinitialspace=None, strict=None", (_, value, dialect, names, delimiter, skipBlanks, strict) => {
    const usual = DIALECTS[pythonStr(dialect as Value)];
    if (usual === undefined) throw new PythonError('Error', `Dialect '${pythonStr(dialect as Value)}' is not supported by your version of python.`);
    if (strict !== null && truthy(strict as Value)) throw new PythonError('Error', 'from_csv: strict is not supported');
    const rows = parseCsv(pythonStr(value as Value), delimiter === null ? usual : pythonStr(delimiter as Value), skipBlanks !== null && truthy(skipBlanks as Value));
    const header = names === null ? (rows.shift() ?? []) : items(names as Value).map(pythonStr);
    return rows.map((row) => new Dict(header.map((name, index) => [name, row[index] ?? null])));
  }),
  from_ini: filter('value', (_, value) => new Dict(Array.from(parseIni(pythonStr(value as Value), false, '<string>'), ([name, entries]) => [name, new Dict(entries)]))),
  get_path: filter('var, path, wantlist=False', (_, value, path, wantList) => {
    const found = getPath(value as Value, pythonStr(path as Value));
    return truthy(wantList as Value) && !Array.isArray(found) ? [found] : found;
  }),
  groupby_as_dict: filter('sequence, attribute', (_, value, attribute) => {
    const result = new Dict();
    for (const element of items(value as Value)) {
      const key = need(itemOf(element, attribute as Value));
      if (result.has(key)) throw new PythonError('Error', `Multiple sequence entries have attribute value ${pythonStr(key)}`);
      result.set(key, element);
    }
    return result;
  }),
  index_of: filter('data, test, value=None, key=None, fail_on_missing=False, wantlist=False', (engine, data, name, value, key, failOnMissing, wantList) => {
    const test = engine.test(pythonStr(name as Value));
    if (test === undefined) throw new PythonError('Error', `No test named '${pythonStr(name as Value)}'.`);
    const found: Value[] = [];
    items(data as Value).forEach((element, index) => {
      const tested = key === null ? element : itemOf(element, key as Value);
      if (tested instanceof Undefined) {
        if (truthy(failOnMissing as Value)) throw new PythonError('Error', `the key '${pythonStr(key as Value)}' was not found in the item at index ${index}`);
        return;
      }
      if (truthy(engine.applyTest(pythonStr(name as Value), test, value === null ? [tested] : [tested, value as Value]))) found.push(index);
    });
    return found.length === 1 && !truthy(wantList as Value) ? (found[0] as Value) : found;
  }),
  keep_keys: filter("data, target=None, matching_parameter='equal'", (_, value, target, how) => chooseKeys(value as Value, target as Value, how as Value, true)),
  lists_difference: filter('*lists, **options', (_, lists, options) => {
    const [first = [], ...rest] = listsOf('lists_difference', lists, options);
    return unique(first.filter((value) => !rest.some((list) => list.some((other) => pythonEquals(other, value)))), (value) => value);
  }),
  lists_intersect: filter('*lists, **options', (_, lists, options) => {
    const [first = [], ...rest] = listsOf('lists_intersect', lists, options);
    return unique(first.filter((value) => inAll(value, rest)), (value) => value);
  }),
  lists_mergeby: filter("*lists, index='', recursive=False, list_merge='replace'", (_, index, recursive, listMerge, lists) => {
    const all = lists as Value[];
    const key = index === '' ? pythonStr(all.at(-1) as Value) : pythonStr(index as Value);
    return mergeVariables(index === '' ? all.slice(0, -1) : all, key, truthy(recursive as Value), pythonStr(listMerge as Value));
  }),
  lists_symmetric_difference: filter('*lists, **options', (_, lists, options) => listsOf('lists_symmetric_difference', lists, options).reduce((a, b) => unique([...a, ...b], (value) => value).filter((value) => !(inAll(value, [a]) && inAll(value, [b]))))),
  lists_union: filter('*lists, **options', (_, lists, options) => unique(listsOf('lists_union', lists, options).flat(), (value) => value)),
  random_mac: filter('value, seed=None', (engine, value, seed) => {
    const prefix = pythonStr(value as Value).toLowerCase().split(':');
    if (prefix.length > 5 || prefix.some((part) => !/^[\da-f]{1,2}$/.test(part))) throw new PythonError('Error', `Invalid value (${pythonStr(value as Value)}) for random_mac`);
    const random = source(engine, seed as Value);
    const low = 1n << 36n;
    const digits = (random.below((1n << 40n) - low) + low).toString(16).slice(0, 2 * (6 - prefix.length));
    return [...prefix, ...(digits.match(/.{2}/g) ?? [])].join(':');
  }),
  remove_keys: filter("data, target=None, matching_parameter='equal'", (_, value, target, how) => chooseKeys(value as Value, target as Value, how as Value, false)),
  replace_keys: filter("data, target=None, matching_parameter='equal'", (_, value, target, how) => replaceKeys(value as Value, target as Value, how as Value)),
  to_days: timeUnit('d'), to_hours: timeUnit('h'), to_milliseconds: timeUnit('ms'), to_minutes: timeUnit('m'), to_months: timeUnit('mo'), to_seconds: timeUnit('s'), to_weeks: timeUnit('w'), to_years: timeUnit('y'),
  to_time_unit: filter("value, unit='ms', **options", (_, value, unit, options) => duration(value as Value, pythonStr(unit as Value), options as Dict)),
  to_ini: filter('value', (_, value) => toIni(value as Value)),
  to_paths: filter("var, prepend=''", (_, value, prefix) => toPaths(value as Value, prefix === null ? '' : pythonStr(prefix as Value), new Dict())),
  unicode_normalize: filter("data, form='NFC'", (_, value, form) => pythonStr(value as Value).normalize(pythonStr(form as Value))),
  version_sort: filter('value, reverse=False', (_, value, reverse) => {
    const sorted = items(value as Value).sort((a, b) => (compareVersions(a, b, '<', null, null) ? -1 : compareVersions(b, a, '<', null, null) ? 1 : 0));
    return truthy(reverse as Value) ? sorted.reverse() : sorted;
  }),
};
