// Filters of ansible.utils on structures: paths into them, places in lists, lists of parameters; also behind the lookups of the same names.
import { Dict, TemplateText, Tuple, type Value } from '../../core/value.ts';
import { TemplateError } from '../../core/error.ts';
import { mapScope } from '../context.ts';
import { PythonError, typeError } from '../special.ts';
import { Engine } from '../engine.ts';
import { filter, type Filters } from '../plugin.ts';
import { checkArguments, checked, type Arguments, type ArgumentSpec } from './argument-spec.ts';
import { compare } from '../python/compare.ts';
import { pythonStr } from '../python/text.ts';
import { items, truthy, typeName } from '../python/types.ts';

const isList = (value: Value): value is Value[] => Array.isArray(value) && !(value instanceof Tuple);

/** Every leaf of a structure by its path; a tuple is a leaf. */
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
  } else if (isList(value) && value.length > 0)
    items(value).forEach((inner, index) => toPaths(inner, `${prefix}[${index}]`, into));
  else if (prefix !== '' || !(value instanceof Dict || isList(value))) into.set(prefix, value);
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

/** The indices of the items for which a test holds: one alone, or a list. `!` or `not` before the test turns it round. */
export function indexOf(engine: Engine, args: Arguments): Value {
  const [written, key] = [pythonStr(args['test'] as Value), args['key'] as Value];
  const isTurned = /^(?:!|not )/.test(written);
  // Python strips letters here, not the word.
  const bare = written.startsWith('!')
    ? written.replace(/^!+/, '')
    : isTurned
      ? written.replace(/^[not ]+/, '')
      : written;
  const name = isTurned && bare === '=' ? '==' : bare;
  const value = name === 'in' && !Array.isArray(args['value']) ? [args['value'] as Value] : (args['value'] as Value);
  const list = items(args['data'] as Value);
  if (key !== null && !list.every((element) => element instanceof Dict))
    throw new PythonError('Error', 'When a key name is provided, all list entries are required to be dictionaries');
  const found: Value[] = [];
  list.forEach((element, index) => {
    const tested = key === null ? element : (element as Dict).get(key);
    if (tested === undefined) {
      if (truthy(args['fail_on_missing'] as Value))
        throw new PythonError('Error', `the key '${pythonStr(key)}' was not found in the item at index ${index}`);
      return;
    }
    const test = engine.test(name);
    if (test === undefined) throw new PythonError('Error', `the test '${name}' was not found.`);
    if (truthy(engine.applyTest(name, test, value === null ? [tested] : [tested, value])) !== isTurned)
      found.push(index);
  });
  return found.length === 1 && !truthy(args['wantlist'] as Value) ? (found[0] as Value) : found;
}

const COMPARED: ArgumentSpec = { base: { kind: 'list', elements: 'str' }, target: { kind: 'list', elements: 'str' } };

/**
 * What remains of all parameters when some are named, `!` before a name takes it away and `all` means each.
 * The arguments are checked and then used as they came: of a text, its characters.
 */
function compareParameters(base: Value, target: Value): Value {
  const wanted = items(target).map((name) => {
    if (typeof name === 'string') return name;
    throw typeError(`'${typeName(name)}' object has no attribute 'startswith'`);
  });
  const isKnown = (name: string): boolean =>
    typeof base === 'string' ? base.includes(name) : items(base).some((one) => one === name);
  const named = wanted.filter((name) => name !== 'all' && !name.startsWith('!'));
  const chosen = wanted.includes('all') ? items(base) : [];
  for (const name of wanted.filter((one) => one.startsWith('!'))) {
    const place = chosen.indexOf(name.slice(1));
    if (place !== -1) chosen.splice(place, 1);
  }
  for (const name of named) if (isKnown(name) && !chosen.includes(name)) chosen.push(name);
  return new Dict([
    ['actionable', chosen.sort((a, b) => compare(a, b))],
    ['unsupported', named.filter((name) => !isKnown(name))],
  ]);
}

const listed = (found: Value, wantList: Value | undefined): Value => (truthy(wantList as Value) ? [found] : found);

const ANYTHING = { kind: 'raw', required: true } as const;
const TEXT = { kind: 'str', required: true } as const;
export const GET_PATH: ArgumentSpec = { var: ANYTHING, path: TEXT, wantlist: { kind: 'bool', named: true } };
export const INDEX_OF: ArgumentSpec = {
  data: { kind: 'list', required: true },
  test: TEXT,
  value: { kind: 'raw' },
  key: { kind: 'str' },
  fail_on_missing: { kind: 'bool' },
  wantlist: { kind: 'bool' },
};
export const TO_PATHS: ArgumentSpec = { var: ANYTHING, prepend: { kind: 'str' }, wantlist: { kind: 'bool' } };

export const pathOf = (engine: Engine, args: Arguments): Value =>
  getPath(engine, args['var'] as Value, pythonStr(args['path'] as Value));
export const pathsOf = (args: Arguments): Value =>
  toPaths(args['var'] as Value, args['prepend'] === null ? '' : pythonStr(args['prepend'] as Value), new Dict());

export const ANSIBLE_UTILS_FILTERS: Filters = {
  get_path: checked(GET_PATH, (engine, args) => listed(pathOf(engine, args), args['wantlist'])),
  index_of: checked(INDEX_OF, indexOf),
  param_list_compare: filter('*args, **kwargs', (_, args, keywords) => {
    const byPlace = items(args as Value);
    checkArguments(COMPARED, byPlace, keywords as Dict);
    const [base, target] = ['base', 'target'].map((name, place) => (keywords as Dict).get(name) ?? byPlace[place]);
    if (base === undefined || target === undefined)
      throw new PythonError('Error', "Missing either 'base' or 'other value in filter input");
    return compareParameters(base, target);
  }),
  to_paths: checked(TO_PATHS, (_, args) => listed(pathsOf(args), args['wantlist'])),
};
