// Filters of community.general that playbooks use besides the ones with a file of their own.
import { crc32 } from 'node:zlib';
import { Dict, float, type Value } from '../../core/value.ts';
import { PythonError } from '../special.ts';
import { filter, type Filters } from '../plugin.ts';
import { pythonEquals } from '../python/compare.ts';
import { arithmetic } from '../python/arithmetic.ts';
import { ansibleType } from '../python/ansible-type.ts';
import { pythonRepr, pythonStr } from '../python/text.ts';
import { hashable, items, need, truthy, typeName } from '../python/types.ts';
import { parseCsv } from '../lookups/csv.ts';
import { parseIni } from '../lookups/ini.ts';
import { compareVersions } from '../tests/version.ts';
import { asDict, mergeDicts } from './dicts.ts';
import { unique } from './lists.ts';
import { source } from './random.ts';
import { updateDict } from '../methods/dicts.ts';

function mergeVariables(lists: readonly Value[], key: string, recursive: boolean, listMerge: string): Value {
  const merged = new Map<string, Dict>();
  for (const element of lists
    .flatMap((list) => items(list))
    .flatMap((one) => (Array.isArray(one) ? items(one) : [one]))) {
    const dict = asDict(element);
    const own = dict.get(key);
    // What has no such key is left out.
    if (own === undefined) continue;
    const id = pythonStr(need(own));
    const before = merged.get(id);
    merged.set(id, before === undefined ? dict : mergeDicts(before, dict, recursive, listMerge as 'replace'));
  }
  return [...merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, dict]) => dict);
}

const UNITS: Record<string, number> = {
  ms: 0.001,
  msec: 0.001,
  msecs: 0.001,
  millisecond: 0.001,
  milliseconds: 0.001,
  s: 1,
  sec: 1,
  secs: 1,
  second: 1,
  seconds: 1,
  m: 60,
  min: 60,
  mins: 60,
  minute: 60,
  minutes: 60,
  h: 3600,
  hour: 3600,
  hours: 3600,
  d: 86_400,
  day: 86_400,
  days: 86_400,
  w: 604_800,
  week: 604_800,
  weeks: 604_800,
  mo: 2_592_000,
  month: 2_592_000,
  months: 2_592_000,
  y: 31_536_000,
  year: 31_536_000,
  years: 31_536_000,
};

function duration(value: Value, unit: string, options: Dict): Value {
  const units = { ...UNITS };
  for (const [key, days] of options) {
    const names = { year: ['y', 'year', 'years'], month: ['mo', 'month', 'months'] }[pythonStr(key)];
    if (names === undefined)
      throw new PythonError('Error', `to_time_unit() got unknown keyword arguments: ${pythonStr(key)}`);
    for (const name of names) units[name] = Number(days) * 86_400;
  }
  const wanted = units[unit];
  if (wanted === undefined)
    throw new PythonError(
      'Error',
      `to_time_unit() can not convert to the following unit: ${unit}. Available units: ${Object.keys(units).join(', ')}`,
    );
  let seconds = 0;
  for (const part of pythonStr(value)
    .split(/\s+/)
    .filter((word) => word !== '')) {
    const match = /^(-?\d+)(\w+)/.exec(part);
    const size = units[match?.[2] ?? ''];
    if (match === null || size === undefined)
      throw new PythonError('Error', `to_time_unit() can't interpret following string: ${pythonStr(value)}`);
    seconds += Number(match[1]) * size;
  }
  const result = Math.round((seconds / wanted) * 1e12) / 1e12;
  return float(result);
}

const timeUnit = (unit: string): Filters[string] =>
  filter('value, **options', (_, value, options) => duration(value as Value, unit, options as Dict));

function toIni(value: Value): string {
  const sections = [...asDict(value)];
  if (sections.length === 0)
    throw new PythonError('Error', 'to_ini received an empty dict. An empty dict cannot be converted.');
  // What holds for all sections comes first.
  sections.sort(([a], [b]) => Number(b === 'DEFAULT') - Number(a === 'DEFAULT'));
  return sections
    .map(
      ([section, entries]) =>
        `[${pythonStr(section)}]\n${Array.from(asDict(entries), ([key, inner]) => {
          if (inner === null)
            throw new PythonError('Error', 'to_ini failed to parse given dict: option values must be strings');
          return `${pythonStr(key)} = ${pythonStr(inner).replaceAll('\n', '\n\t')}\n`;
        }).join('')}`,
    )
    .join('\n');
}

/** The lists that a filter is given; with `flatten`, one that holds only lists stands for those. */
function listsOf(name: string, given: Value | undefined, options: Value | undefined): Value[][] {
  for (const key of (options as Dict).keys())
    if (key !== 'flatten')
      throw new PythonError('Error', `${name} got an unexpected keyword argument '${pythonStr(key)}'`);
  const lists = (given as Value[]).map((list) => {
    if (Array.isArray(list)) return items(list);
    throw new PythonError('Error', `All arguments must be lists. ${pythonStr(list)} is ${typeName(list)}`);
  });
  if (!truthy((options as Dict).get('flatten') ?? false)) return lists;
  return lists.flatMap((list) =>
    list.every((element) => Array.isArray(element)) ? list.map((element) => items(element)) : [list],
  );
}
const inAll = (value: Value, lists: readonly (readonly Value[])[]): boolean =>
  lists.every((list) => list.some((other) => pythonEquals(other, value)));

/** Delimiters of Python's dialects of CSV. */
const DIALECTS: Record<string, string> = { excel: ',', 'excel-tab': '\t', unix: ',' };

function onlyText(name: string, value: Value | undefined): string {
  if (typeof value === 'string') return value;
  throw new PythonError(
    'Error',
    `Invalid value type (${typeName(value as Value)}) for ${name} (${pythonRepr(value as Value)})`,
  );
}

export const COMMUNITY_FILTERS: Filters = {
  accumulate: filter('sequence', (_, value) => {
    if (typeof value !== 'string' && !Array.isArray(value))
      throw new PythonError(
        'Error',
        `Invalid value type (${typeName(value as Value)}) for accumulate (${pythonRepr(value as Value)})`,
      );
    let total: Value | undefined;
    return items(value).map((one) => (total = total === undefined ? one : arithmetic('+', total, one)));
  }),
  counter: filter('sequence', (_, value) => {
    const result = new Dict();
    if (typeof value !== 'string' && !Array.isArray(value))
      throw new PythonError(
        'Error',
        `Argument for community.general.counter must be a sequence (string or list). ${pythonStr(value as Value)} is ${typeName(value as Value)}`,
      );
    for (const element of items(value))
      if (!hashable(element))
        throw new PythonError(
          'Error',
          `community.general.counter needs a sequence with hashable elements (int, float or str) - unhashable type: '${typeName(element)}'`,
        );
    for (const element of items(value)) result.set(element, ((result.get(element) as number | undefined) ?? 0) + 1);
    return result;
  }),
  crc32: filter('string', (_, value) => crc32(onlyText('crc32', value)).toString(16)),
  dict: filter('sequence', (_, value) => {
    const result = new Dict();
    updateDict(result, value as Value, []);
    return result;
  }),
  dict_kv: filter('value, key', (_, value, key) => new Dict([[key as Value, value as Value]])),
  from_csv: filter(
    "data, dialect='excel', fieldnames=None, delimiter=None, skipinitialspace=None, strict=None",
    (_, value, dialect, names, delimiter, skipBlanks, strict) => {
      const usual = DIALECTS[pythonStr(dialect as Value)];
      if (usual === undefined)
        throw new PythonError(
          'Error',
          `Dialect '${pythonStr(dialect as Value)}' is not supported by your version of python.`,
        );
      if (strict !== null && truthy(strict as Value))
        throw new PythonError('Error', 'from_csv: strict is not supported');
      const rows = parseCsv(
        pythonStr(value as Value),
        delimiter === null ? usual : pythonStr(delimiter as Value),
        skipBlanks !== null && truthy(skipBlanks as Value),
      );
      const header = names === null ? (rows.shift() ?? []) : items(names as Value).map(pythonStr);
      return rows.map((row) => new Dict(header.map((name, index) => [name, row[index] ?? null])));
    },
  ),
  from_ini: filter(
    'value',
    (_, value) =>
      new Dict(
        Array.from(parseIni(pythonStr(value as Value), false, '<string>'), ([name, entries]) => [
          name,
          new Dict(entries),
        ]),
      ),
  ),
  groupby_as_dict: filter('sequence, attribute', (_, value, attribute) => {
    const result = new Dict();
    let index = 0;
    const missing = (place: number): never => {
      throw new PythonError('Error', `Attribute not contained in element #${place} of sequence`);
    };
    for (const element of items(value as Value)) {
      if (!(element instanceof Dict)) throw new PythonError('Error', `Sequence element #${index} is not a mapping`);
      const key = need(element.get(attribute as Value) ?? missing(index));
      index++;
      if (result.has(key))
        throw new PythonError('Error', `Multiple sequence entries have attribute value ${pythonStr(key)}`);
      result.set(key, element);
    }
    return result;
  }),
  lists_difference: filter('*lists, **options', (_, lists, options) => {
    const [first = [], ...rest] = listsOf('lists_difference', lists, options);
    return unique(
      first.filter((value) => !rest.some((list) => list.some((other) => pythonEquals(other, value)))),
      (value) => value,
    );
  }),
  lists_intersect: filter('*lists, **options', (_, lists, options) => {
    const [first = [], ...rest] = listsOf('lists_intersect', lists, options);
    return unique(
      first.filter((value) => inAll(value, rest)),
      (value) => value,
    );
  }),
  lists_mergeby: filter("*lists, recursive=False, list_merge='replace'", (_, recursive, listMerge, lists) => {
    const all = lists as Value[];
    if (all.length < 2) throw new PythonError('Error', 'At least one list and index are needed.');
    const [key, given] = [all.at(-1) as Value, all.slice(0, -1)];
    for (const list of given)
      if (!Array.isArray(list))
        throw new PythonError(
          'Error',
          `All arguments before the argument index for community.general.lists_mergeby must be lists. ${pythonStr(list)} is ${typeName(list)}`,
        );
    if (typeof key !== 'string')
      throw new PythonError(
        'Error',
        `First argument after the lists for community.general.lists_mergeby must be string. ${pythonStr(key)} is ${typeName(key)}`,
      );
    return mergeVariables(given, key, truthy(recursive as Value), pythonStr(listMerge as Value));
  }),
  lists_symmetric_difference: filter('*lists, **options', (_, lists, options) =>
    listsOf('lists_symmetric_difference', lists, options).reduce((a, b) =>
      unique([...a, ...b], (value) => value).filter((value) => !(inAll(value, [a]) && inAll(value, [b]))),
    ),
  ),
  lists_union: filter('*lists, **options', (_, lists, options) => {
    const all = listsOf('lists_union', lists, options);
    // One list alone stays as it is.
    return all.length === 1 ? (all[0] as Value[]) : unique(all.flat(), (value) => value);
  }),
  random_mac: filter('value, seed=None', (engine, value, seed) => {
    const prefix = onlyText('random_mac', value).toLowerCase().split(':');
    if (prefix.length > 5 || prefix.some((part) => !/^[\da-f]{2}/.test(part)))
      throw new PythonError('Error', `Invalid value (${pythonStr(value as Value)}) for random_mac`);
    const random = source(engine, seed as Value);
    const low = 1n << 36n;
    const digits = (random.below((1n << 40n) - low) + low).toString(16).slice(0, 2 * (6 - prefix.length));
    return [...prefix, ...(digits.match(/.{2}/g) ?? [])].join(':');
  }),
  reveal_ansible_type: filter('data, alias=None', (_, value, alias) => ansibleType(value as Value, alias as Value)),
  to_days: timeUnit('d'),
  to_hours: timeUnit('h'),
  to_milliseconds: timeUnit('ms'),
  to_minutes: timeUnit('m'),
  to_months: timeUnit('mo'),
  to_seconds: timeUnit('s'),
  to_weeks: timeUnit('w'),
  to_years: timeUnit('y'),
  to_time_unit: filter("value, unit='ms', **options", (_, value, unit, options) =>
    duration(value as Value, pythonStr(unit as Value), options as Dict),
  ),
  to_ini: filter('value', (_, value) => toIni(value as Value)),
  unicode_normalize: filter("data, form='NFC'", (_, value, form) =>
    onlyText('unicode_normalize', value).normalize(pythonStr(form as Value)),
  ),
  version_sort: filter('value, reverse=False', (_, value, reverse) => {
    const sorted = items(value as Value).sort((a, b) =>
      compareVersions(a, b, '<', null, null) ? -1 : compareVersions(b, a, '<', null, null) ? 1 : 0,
    );
    return truthy(reverse as Value) ? sorted.reverse() : sorted;
  }),
};
