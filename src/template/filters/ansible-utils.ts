// Filters of ansible.utils on structures: paths into them, places in lists, lists of parameters; also behind the lookups of the same names.
import { Dict, type Value } from '../../core/value.ts';
import { item as itemOf } from '../access.ts';
import { PythonError, Undefined } from '../special.ts';
import type { Engine } from '../engine.ts';
import { filter, type Filters } from '../plugin.ts';
import { pythonStr } from '../python/text.ts';
import { items, truthy } from '../python/types.ts';

/** Every leaf of a structure by its path. */
export function toPaths(value: Value, prefix: string, into: Dict): Dict {
  if (value instanceof Dict && value.size > 0) {
    for (const [key, inner] of value) {
      const name = pythonStr(key);
      // The first part of a path stands as it is.
      toPaths(
        inner,
        prefix === '' ? name : /^[A-Za-z_]\w*$/.test(name) ? `${prefix}.${name}` : `${prefix}['${name}']`,
        into,
      );
    }
  } else if (Array.isArray(value) && value.length > 0)
    items(value).forEach((inner, index) => toPaths(inner, `${prefix}[${index}]`, into));
  else if (prefix !== '' || !(value instanceof Dict || Array.isArray(value))) into.set(prefix, value);
  return into;
}

/** What a path like `a.b[1]['c']` leads to. */
export function getPath(value: Value, path: string): Value {
  let found = value;
  for (const [, name, index, quoted] of path.matchAll(/\.?([A-Za-z_]\w*)|\[(\d+)\]|\[['"]([^\]]*)['"]\]/g))
    found = itemOf(found, name ?? quoted ?? Number(index));
  return found;
}

/** The indices of the items for which a test holds: one alone, or a list. */
export function indexOf(
  engine: Engine,
  data: Value,
  name: Value,
  value: Value,
  key: Value,
  failOnMissing: Value,
  wantList: Value,
): Value {
  const test = engine.test(pythonStr(name));
  if (test === undefined) throw new PythonError('Error', `No test named '${pythonStr(name)}'.`);
  const found: Value[] = [];
  items(data).forEach((element, index) => {
    const tested = key === null ? element : itemOf(element, key);
    if (tested instanceof Undefined) {
      if (truthy(failOnMissing))
        throw new PythonError('Error', `the key '${pythonStr(key)}' was not found in the item at index ${index}`);
      return;
    }
    if (truthy(engine.applyTest(pythonStr(name), test, value === null ? [tested] : [tested, value]))) found.push(index);
  });
  return found.length === 1 && !truthy(wantList) ? (found[0] as Value) : found;
}

/** What remains of all parameters when some are named, `!` before a name takes it away and `all` means each. */
function compareParameters(base: Value, target: Value): Value {
  const [all, wanted] = [items(base).map(pythonStr), items(target).map(pythonStr)];
  const out = new Set(wanted.filter((name) => name.startsWith('!')).map((name) => name.slice(1)));
  const named = wanted.filter((name) => name !== 'all' && !name.startsWith('!'));
  const chosen = (wanted.includes('all') ? all : []).filter((name) => !out.has(name));
  for (const name of named) if (all.includes(name) && !chosen.includes(name)) chosen.push(name);
  return new Dict([
    ['actionable', chosen.sort()],
    ['unsupported', named.filter((name) => !all.includes(name))],
  ]);
}

const listed = (found: Value, wantList: Value | undefined): Value => (truthy(wantList as Value) ? [found] : found);

export const ANSIBLE_UTILS_FILTERS: Filters = {
  get_path: filter('var, path, wantlist=False', (_, value, path, wantList) =>
    listed(getPath(value as Value, pythonStr(path as Value)), wantList),
  ),
  index_of: filter(
    'data, test, value=None, key=None, fail_on_missing=False, wantlist=False',
    (engine, data, name, value, key, failOnMissing, wantList) =>
      indexOf(
        engine,
        data as Value,
        name as Value,
        value as Value,
        key as Value,
        failOnMissing as Value,
        wantList as Value,
      ),
  ),
  param_list_compare: filter('base, target', (_, base, target) => compareParameters(base as Value, target as Value)),
  to_paths: filter("var, prepend='', wantlist=False", (_, value, prefix, wantList) =>
    listed(toPaths(value as Value, prefix === null ? '' : pythonStr(prefix as Value), new Dict()), wantList),
  ),
};
