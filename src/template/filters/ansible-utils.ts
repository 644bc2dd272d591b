// Filters of ansible.utils on structures: paths into them, places in lists, lists of parameters; also behind the lookups of the same names.
import { Dict, TemplateText, type Value } from '../../core/value.ts';
import { TemplateError } from '../../core/error.ts';
import { mapScope } from '../context.ts';
import { PythonError, typeError } from '../special.ts';
import { Engine } from '../engine.ts';
import { filter, type Filters } from '../plugin.ts';
import { pythonStr } from '../python/text.ts';
import { items, truthy, typeName } from '../python/types.ts';

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

/** What a path like `a.b[1]['c']` leads to: an expression in which the dict's keys are the variables. */
export function getPath(engine: Engine, value: Value, path: string): Value {
  if (!(value instanceof Dict))
    throw typeError(`jinja2.environment.Template.render() argument after ** must be a mapping, not ${typeName(value)}`);
  for (const key of value.keys()) if (typeof key !== 'string') throw typeError('keywords must be strings');
  const names = mapScope(value);
  const inside = new Engine({ ...engine.context, scope: names });
  try {
    return inside.renderText(new TemplateText(`{{ ${path} }}`, undefined));
  } catch (error) {
    // A path that cannot be read is the filter's failure, not the template's.
    throw error instanceof TemplateError && error.kind === 'syntax' ? new PythonError('Error', error.message) : error;
  }
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
  const list = Array.isArray(data) ? items(data) : [data];
  if (key !== null && !list.every((element) => element instanceof Dict))
    throw new PythonError('Error', 'When a key name is provided, all list entries are required to be dictionaries');
  list.forEach((element, index) => {
    const tested = key === null ? element : (element as Dict).get(key);
    if (tested === undefined) {
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
  get_path: filter('var, path, wantlist=False, *rest', (engine, value, path, wantList) =>
    listed(getPath(engine, value as Value, pythonStr(path as Value)), wantList),
  ),
  index_of: filter(
    'data, test, value=None, key=None, fail_on_missing=False, wantlist=False, *rest',
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
  param_list_compare: filter('base, target, *rest', (_, base, target) =>
    compareParameters(base as Value, target as Value),
  ),
  to_paths: filter("var, prepend='', wantlist=False, *rest", (_, value, prefix, wantList) =>
    listed(toPaths(value as Value, prefix === null ? '' : pythonStr(prefix as Value), new Dict()), wantList),
  ),
};
