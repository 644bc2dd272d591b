// Lookups of community.general and ansible.utils: merged variables, loops that depend on one another, random text, paths.
import { Dict, type Value } from '../../core/value.ts';
import { PythonError } from '../special.ts';
import type { Engine } from '../engine.ts';
import type { Lookup, Lookups } from '../plugin.ts';
import { expressionProgram } from '../program.ts';
import { GET_PATH, INDEX_OF, indexOf, pathOf, pathsOf, TO_PATHS } from '../filters/ansible-utils.ts';
import { checkArguments } from '../filters/argument-spec.ts';
import { source } from '../filters/random.ts';
import { pythonEquals, compare } from '../python/compare.ts';
import { regex } from '../python/regex.ts';
import { pythonRepr, pythonStr } from '../python/text.ts';
import { items, truthy, typeName } from '../python/types.ts';
import { CHARACTERS } from './system.ts';
import { flag, term, text, wholeNumber, type Options } from './options.ts';

/** Sets of letters with the options that ask for them, in the order in which the least of each is drawn. */
const SETS = [
  ['numeric', 'numbers', 'digits'],
  ['lower', 'lower', 'ascii_lowercase'],
  ['upper', 'upper', 'ascii_uppercase'],
  ['special', 'special', 'punctuation'],
] as const;

function randomString(engine: Engine, options: Options): Value {
  const seed = options.get('seed') ?? null;
  const random = source(engine, seed === null ? null : pythonStr(seed));
  const below = (limit: number): number => Number(random.below(BigInt(limit)));
  const choose = (letters: string, count: number): string[] => {
    const all = Array.from(letters);
    if (all.length === 0)
      throw new PythonError('Error', 'Available characters cannot be None, please change constraints');
    return Array.from({ length: Math.max(0, count) }, () => all[below(all.length)] ?? '');
  };
  const similar = flag(options, 'ignore_similar_chars', false) ? text(options, 'similar_chars', 'il1LoO0') : '';
  const letters = { numeric: '', lower: '', upper: '', special: '' };
  for (const [name, , set] of SETS)
    letters[name] = Array.from(CHARACTERS[set] ?? '')
      .filter((letter) => !similar.includes(letter))
      .join('');
  letters.special = text(options, 'override_special', '') || letters.special;
  const chosen: string[] = [];
  let all = text(options, 'override_all', '');
  if (all === '') {
    for (const [name, option] of [
      ['upper', 'upper'],
      ['lower', 'lower'],
      ['numeric', 'numbers'],
      ['special', 'special'],
    ] as const)
      if (flag(options, option, true)) all += letters[name];
    for (const [name] of SETS) {
      const least = wholeNumber(options, `min_${name}`, 0);
      if (least > 0) chosen.push(...choose(letters[name], least));
    }
  }
  chosen.push(...choose(all, wholeNumber(options, 'length', 8) - chosen.length));
  // What a seed gives stays in its order.
  if (seed === null)
    for (let index = chosen.length - 1; index > 0; index--) {
      const other = below(index + 1);
      [chosen[index], chosen[other]] = [chosen[other] ?? '', chosen[index] ?? ''];
    }
  const result = chosen.join('');
  return flag(options, 'base64', false) ? Buffer.from(result).toString('base64') : result;
}

function kindOf(value: Value): 'dict' | 'list' {
  if (value instanceof Dict) return 'dict';
  if (Array.isArray(value)) return 'list';
  throw new PythonError('Error', 'Not supported type detected, variable must be a list or a dict');
}

/** The variables whose names match, as one dict or list; where two say different things, `override` says what that is. */
function mergeVariables(engine: Engine, options: Options): (pattern: string) => Value {
  const how = text(options, 'pattern_type', 'regex');
  const override = text(options, 'override', 'error');
  const matches = (name: string, pattern: string): boolean =>
    how === 'prefix' ? name.startsWith(pattern) : how === 'suffix' ? name.endsWith(pattern) : regex(pattern).test(name);
  const mergeInto = (into: Dict, from: Dict, path: string): Dict => {
    const result = into.copy();
    for (const [key, value] of from) {
      const before = result.get(key);
      if (value instanceof Dict)
        result.set(key, mergeInto(before instanceof Dict ? before : new Dict(), value, `${path}.${pythonStr(key)}`));
      else if (Array.isArray(value) && Array.isArray(before)) result.set(key, [...before, ...value]);
      else {
        if (before !== undefined && !pythonEquals(before, value)) {
          const message = `The key '${pythonStr(key)}' with value '${pythonStr(before)}' will be overwritten with value '${pythonStr(value)}' from '${path}.${pythonStr(key)}'`;
          if (override === 'error') throw new PythonError('Error', message);
          if (override === 'warn') engine.warn(message);
        }
        result.set(key, value);
      }
    }
    return result;
  };
  const merge = (start: Value, named: readonly (readonly [string, Value])[]): Value =>
    named.reduce<Value>((merged, [name, value]) => {
      const kind = kindOf(value);
      if (merged === null) return value;
      if (kindOf(merged) !== kind)
        throw new PythonError('Error', 'Unable to merge, not all variables are of the same type');
      return merged instanceof Dict && value instanceof Dict
        ? mergeInto(merged, value, name)
        : [...(merged as Value[]), ...(value as Value[])];
    }, start);
  const among = (names: Iterable<string>, pattern: string): string[] =>
    [...names].filter((name) => matches(name, pattern)).sort();
  const initial = options.get('initial_value') ?? null;
  const groups = options.get('groups') ?? null;
  if (groups === null || !truthy(groups))
    return (pattern) =>
      merge(
        initial,
        among(engine.names(), pattern).map((name) => [name, engine.variable(name)] as const),
      );
  const wanted = Array.isArray(groups) ? groups.map(pythonStr) : pythonStr(groups).split(',');
  return (pattern) => {
    const hostvars = engine.variable('hostvars');
    if (!(hostvars instanceof Dict)) return initial;
    return [...hostvars.values()].reduce<Value>((merged, host) => {
      const own = host instanceof Dict ? host.get('group_names') : undefined;
      if (
        !(host instanceof Dict) ||
        (!wanted.includes('all') && !(Array.isArray(own) && own.some((group) => wanted.includes(pythonStr(group)))))
      )
        return merged;
      return merge(
        merged,
        among([...host.keys()].map(pythonStr), pattern).map((name) => [name, host.get(name) as Value] as const),
      );
    }, initial);
  };
}

/** Nested loops: each list may be an expression over the items that the loops around it are at. */
function dependent(engine: Engine, terms: readonly Value[]): Value[] {
  const loops = terms.map((one, index) => {
    const [entry, more] = one instanceof Dict ? [...one] : [];
    if (entry === undefined || more !== undefined)
      throw new PythonError('Error', `Parameter ${index} must be a one-element dictionary, got ${typeName(one)}`);
    return { name: entry[0], over: entry[1] };
  });
  const results: Value[] = [];
  const walk = (depth: number, current: Dict): void => {
    const loop = loops[depth];
    if (loop === undefined) {
      results.push(current.copy());
      return;
    }
    const inner = engine.with({ get: (name) => (name === 'item' ? current.copy() : undefined), keys: () => ['item'] });
    const values =
      typeof loop.over === 'string'
        ? inner.guarded(() => expressionProgram(loop.over as string, false, undefined).evaluate(inner))
        : loop.over;
    const list =
      values instanceof Dict
        ? [...values]
            .sort(([a], [b]) => compare(a, b))
            .map(
              ([key, value]) =>
                new Dict([
                  ['key', key],
                  ['value', value],
                ]),
            )
        : Array.isArray(values)
          ? values
          : undefined;
    if (list === undefined)
      throw new PythonError(
        'Error',
        `Did not obtain dictionary or list while evaluating ${pythonRepr(loop.name)} with item == ${pythonRepr(current)}, but ${typeName(values)}`,
      );
    for (const value of list) {
      const next = current.copy();
      next.set(loop.name, value);
      walk(depth + 1, next);
    }
  };
  if (loops.length > 0) walk(0, new Dict());
  return results;
}

export const COMMUNITY_LOOKUPS: Lookups = {
  dependent,
  get_path: (engine, terms, options) => [pathOf(engine, checkArguments(GET_PATH, terms, options))],
  index_of: (engine, terms, options) =>
    items(indexOf(engine, { ...checkArguments(INDEX_OF, terms, options), wantlist: true })),
  merge_variables: (engine, terms, options) => terms.map((pattern) => mergeVariables(engine, options)(term(pattern))),
  random_string: (engine, _, options) => [randomString(engine, options)],
  to_paths: (_, terms, options) => [pathsOf(checkArguments(TO_PATHS, terms, options))],
};
