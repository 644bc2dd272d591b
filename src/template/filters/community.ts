// Filters of community.general that playbooks use besides the ones with a file of their own.
import { crc32 } from 'node:zlib';
import { Dict, float, type Value } from '../../core/value.ts';
import { PythonError, Range, typeError } from '../special.ts';
import { filter, type Filters } from '../plugin.ts';
import { pythonEquals } from '../python/compare.ts';
import { arithmetic } from '../python/arithmetic.ts';
import { ansibleType } from '../python/ansible-type.ts';
import { pythonRepr, pythonStr } from '../python/text.ts';
import { characters, hashable, items, need, truthy, typeName } from '../python/types.ts';
import { parseCsv } from '../lookups/csv.ts';
import { parseIni } from '../lookups/ini.ts';
import { compareVersions } from '../tests/version.ts';
import { asDict, mergeDicts } from './dicts.ts';
import { unique } from './lists.ts';
import { source } from './random.ts';
import { updateDict } from '../methods/dicts.ts';

function mergeVariables(lists: readonly Value[], key: string, recursive: boolean, listMerge: string): Value {
  const merged = new Map<string, Dict>();
  for (const element of lists.flatMap((list) => items(list))) {
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
function listsOf(name: string, given: Value | undefined, options: Value | undefined): Value[] {
  for (const key of (options as Dict).keys())
    if (key !== 'flatten')
      throw new PythonError('Error', `${name} got an unexpected keyword argument '${pythonStr(key)}'`);
  const lists = given as Value[];
  if (!truthy((options as Dict).get('flatten') ?? false)) return lists;
  return lists.flatMap((list): Value[] => {
    if (list instanceof Range) return list.length === 0 ? [] : [list];
    if (!Array.isArray(list))
      throw new PythonError('Error', `All arguments must be lists. ${pythonStr(list)} is ${typeName(list)}`);
    if (list.length === 0) return [];
    return list.every((element) => Array.isArray(element)) ? list : [list];
  });
}

/** Several lists made one by one after the other; one alone is handed on, whatever it is. */
function foldLists(
  name: string,
  given: Value | undefined,
  options: Value | undefined,
  first: (list: Value) => Value,
  step: (a: Value, b: Value) => Value,
): Value {
  const [start, ...rest] = listsOf(name, given, options);
  if (start === undefined) return [];
  return rest.length === 0 ? start : rest.reduce(step, first(start));
}
/** What `+` makes of two, without repetition. */
const together = (a: Value, b: Value): Value[] => {
  const sum = arithmetic('+', a, b);
  return unique(items(sum), same);
};
const withoutRepetition = (list: Value): Value[] => unique(items(list), same);
const same = (value: Value): Value => value;
const within = (value: Value, list: readonly Value[]): boolean => list.some((other) => pythonEquals(other, value));

/** The sections of INI text as they are written; those that hold for all come last. */
function iniSections(value: Value): Iterable<readonly [string, Map<string, string | null>]> {
  if (typeof value !== 'string') throw new PythonError('Error', `from_ini requires a str, got ${typeName(value)}`);
  return parseIni(value, true, '<string>', false, true);
}

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
    if (typeof value !== 'string' && !Array.isArray(value) && !(value instanceof Range))
      throw new PythonError(
        'Error',
        `Invalid value type (${typeName(value as Value)}) for accumulate (${pythonRepr(value as Value)})`,
      );
    let total: Value | undefined;
    return items(value).map((one) => (total = total === undefined ? one : arithmetic('+', total, one)));
  }),
  counter: filter('sequence', (_, value) => {
    const result = new Dict();
    if (typeof value !== 'string' && !Array.isArray(value) && !(value instanceof Range))
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
      if (delimiter !== null && (typeof delimiter !== 'string' || characters(delimiter).length !== 1))
        throw new PythonError('Error', 'Unable to create custom dialect: "delimiter" must be a 1-character string');
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
    (_, value) => new Dict(Array.from(iniSections(value as Value), ([name, entries]) => [name, new Dict(entries)])),
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
  lists_difference: filter('*lists, **options', (_, lists, options) =>
    foldLists('lists_difference', lists, options, withoutRepetition, (a, b) => {
      const out = items(b);
      return items(a).filter((value) => !within(value, out));
    }),
  ),
  lists_intersect: filter('*lists, **options', (_, lists, options) =>
    foldLists('lists_intersect', lists, options, withoutRepetition, (a, b) => {
      const wanted = items(b);
      return items(a).filter((value) => within(value, wanted));
    }),
  ),
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
    const flat = given.flatMap((list): Value[] =>
      (list as Value[]).length === 0
        ? []
        : (list as Value[]).every((element) => Array.isArray(element) || typeof element === 'string')
          ? (list as Value[])
          : [list],
    );
    // One list alone is handed on.
    if (flat.length < 2) return flat[0] ?? [];
    if (typeof key !== 'string')
      throw new PythonError(
        'Error',
        `First argument after the lists for community.general.lists_mergeby must be string. ${pythonStr(key)} is ${typeName(key)}`,
      );
    return mergeVariables(flat, key, truthy(recursive as Value), pythonStr(listMerge as Value));
  }),
  lists_symmetric_difference: filter('*lists, **options', (_, lists, options) =>
    foldLists('lists_symmetric_difference', lists, options, same, (a, b) => {
      const [one, other] = [items(a), items(b)];
      return together(a, b).filter((value) => !(within(value, one) && within(value, other)));
    }),
  ),
  lists_union: filter('*lists, **options', (_, lists, options) =>
    foldLists('lists_union', lists, options, same, together),
  ),
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
    const list = items(value as Value);
    for (const one of list)
      if (typeof one !== 'string') throw typeError(`expected string or bytes-like object, got '${typeName(one)}'`);
    const sorted = list.sort((a, b) =>
      compareVersions(a, b, '<', null, null) ? -1 : compareVersions(b, a, '<', null, null) ? 1 : 0,
    );
    return truthy(reverse as Value) ? sorted.reverse() : sorted;
  }),
};
