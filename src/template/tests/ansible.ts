// Tests of ansible.builtin: task results, regular expressions, truth, files, sets, URLs.
import { Dict, PyBytes, PyFloat, type Value } from '../../core/value.ts';
import { PythonError, typeError } from '../special.ts';
import { test, type Tests } from '../plugin.ts';
import { toBool } from '../filters/values.ts';
import { asText } from '../methods/numbers.ts';
import { contains, pythonEquals } from '../python/compare.ts';
import { regex } from '../python/regex.ts';
import { pythonStr } from '../python/text.ts';
import { hashable, isString, items, iterate, need, toNumber, truthy, typeName } from '../python/types.ts';
import { compareVersions } from './version.ts';

function result(value: Value | undefined, name: string): Dict {
  if (value instanceof Dict) return value;
  throw new PythonError('Error', `The '${name}' test expects a dictionary`);
}
const flag = (value: Value | undefined, key: string, name: string): boolean => {
  const found = result(value, name).get(key);
  return found !== undefined && truthy(found);
};

function changed(value: Value | undefined): boolean {
  const dict = result(value, 'changed');
  if (dict.has('changed')) return truthy(dict.get('changed') as Value);
  const results = dict.get('results');
  return (
    Array.isArray(results) &&
    results.some((one) => one instanceof Dict && one.has('changed') && truthy(one.get('changed') as Value))
  );
}

const failed = test('result', (_, value) => flag(value, 'failed', 'failed'));
const succeeded = test('result', (_, value) => !flag(value, 'failed', 'failed'));
const change = test('result', (_, value) => changed(value));
const skipped = test('result', (_, value) => flag(value, 'skipped', 'skipped'));

function matching(
  value: Value | undefined,
  pattern: Value | undefined,
  ignoreCase: Value | undefined,
  multiline: Value | undefined,
  shape: string,
): boolean {
  if (shape !== 'search' && shape !== 'match' && shape !== 'fullmatch')
    throw new PythonError('Error', 'Invalid match_type specified, must be one of: search, match, fullmatch');
  const text = asText(value as Value);
  if (!isString(pattern as Value)) throw typeError('first argument must be string or compiled pattern');
  return regex(
    pythonStr(pattern as Value),
    { ignoreCase: truthy(ignoreCase as Value), multiline: truthy(multiline as Value) },
    shape,
  ).test(text);
}
const regexTest = (shape: string): Tests[string] =>
  test("value, pattern='', ignorecase=False, multiline=False", (_, value, pattern, ignoreCase, multiline) =>
    matching(value, pattern, ignoreCase, multiline, shape));

/** truthy, with words of truth and falsehood taken as such when asked for. */
function truth(value: Value, convert: Value): boolean {
  if (!truthy(convert)) return truthy(value);
  if (typeof value === 'string' && /^(?:y|yes|on|1|true|t|n|no|off|0|false|f)$/i.test(value))
    return /^(?:y|yes|on|1|true|t)$/i.test(value);
  if (value === 1 || value === 0) return toBool(value);
  return truthy(value);
}

/** The members of a list as a set: all can be hashed. */
function members(value: Value | undefined): Value[] {
  const list = items(value as Value);
  for (const one of list) if (!hashable(one)) throw typeError(`unhashable type: '${typeName(one)}'`);
  return list;
}
const within = (few: Value[], many: Value[]): boolean => few.every((x) => many.some((y) => pythonEquals(x, y)));
const subset = test('a, b', (_, a, b) => within(members(a), members(b)));
const superset = test('a, b', (_, a, b) => within(members(b), members(a)));
const nan = test('x', (_, value) => {
  const number = toNumber(value as Value);
  return number !== undefined && value instanceof PyFloat && Number.isNaN(number);
});
const version =
  test("value, version, operator='eq', strict=None, version_type=None", (_, value, other, operator, strict, type) =>
    compareVersions(value as Value, other as Value, pythonStr(operator as Value), strict as Value, type as Value));

function path(value: Value | undefined): string {
  if (isString(value as Value) || value instanceof PyBytes) return asText(value as Value);
  throw typeError(`expected str, bytes or os.PathLike object, not ${typeName(value as Value)}`);
}
const file = test('path', (engine, value) => engine.context.host.status(path(value))?.kind === 'file');
const directory = test('path', (engine, value) => engine.context.host.status(path(value))?.kind === 'directory');
const link = test('path', (engine, value) => engine.context.host.isLink(path(value)) === true);
const absolute = test('path', (_, value) => path(value).startsWith('/'));
const mount = test('path', (engine, value) => engine.context.host.isMount(path(value)));
const sameFile = test('path, other', (engine, value, other) => {
  const [a, b] = [engine.context.host.status(path(value)), engine.context.host.status(path(other))];
  if (a === undefined || b === undefined)
    throw new PythonError('Error', `[Errno 2] No such file or directory: '${path(a === undefined ? value : other)}'`);
  return a.device === b.device && a.inode === b.inode;
});

/** Whether Python's urlparse takes a value as a URI: any text, as scheme and path may be empty, unless its brackets are wrong. `schemes`: those allowed. */
function uriOf(value: Value | undefined, schemes: Value | undefined): { scheme: string; netloc: string } | undefined {
  if (typeof value !== 'string') return undefined;
  const [, scheme = '', rest = ''] =
    /^(?:([a-zA-Z][a-zA-Z\d+.-]*):)?([^]*)$/.exec(value.replace(/^[\0-\x20]+/, '').replace(/[\t\r\n]/g, '')) ?? [];
  const netloc = /^\/\/([^/?#]*)/.exec(rest)?.[1] ?? '';
  if (netloc.includes('[') !== netloc.includes(']')) return undefined;
  const wanted =
    schemes === null || schemes === undefined || !truthy(schemes) ? undefined : items(schemes).map(pythonStr);
  return wanted === undefined || wanted.includes(scheme.toLowerCase())
    ? { scheme: scheme.toLowerCase(), netloc }
    : undefined;
}

export const ANSIBLE_TESTS: Tests = {
  abs: absolute,
  is_abs: absolute,
  all: test('iterable, /', (_, value) => Array.from(iterate(value as Value)).every((one) => truthy(one))),
  any: test('iterable, /', (_, value) => Array.from(iterate(value as Value)).some((one) => truthy(one))),
  change,
  changed: change,
  contains: test('seq, value', (_, container, value) =>
    contains(Array.isArray(container) ? items(container) : (container as Value), value as Value)),
  directory,
  is_dir: directory,
  exists: test('path', (engine, value) => engine.context.host.status(path(value)) !== undefined),
  failed,
  failure: failed,
  falsy: test('value, convert_bool=False', (_, value, convert) => !truth(value as Value, convert as Value)),
  file,
  is_file: file,
  finished: test('result', (_, value) => {
    const found = result(value, 'finished').get('finished');
    return found === undefined || truthy(need(found));
  }),
  isnan: nan,
  nan,
  issubset: subset,
  subset,
  issuperset: superset,
  superset,
  link,
  is_link: link,
  link_exists: test('path', (engine, value) => engine.context.host.isLink(path(value)) !== undefined),
  match: regexTest('match'),
  mount,
  is_mount: mount,
  reachable: test('result', (_, value) => !flag(value, 'unreachable', 'unreachable')),
  regex:
    test("value, pattern='', ignorecase=False, multiline=False, match_type='search'", (_, value, pattern, ignoreCase, multiline, shape) =>
      matching(value, pattern, ignoreCase, multiline, pythonStr(shape as Value))),
  same_file: sameFile,
  is_same_file: sameFile,
  search: regexTest('search'),
  skip: skipped,
  skipped,
  started: test('result', (_, value) => {
    const found = result(value, 'started').get('started');
    return found === undefined || truthy(need(found));
  }),
  succeeded,
  success: succeeded,
  successful: succeeded,
  timedout: test('result', (_, value) => {
    const found = result(value, 'timedout').get('timedout');
    return found instanceof Dict ? truthy(found.get('period') ?? false) : false;
  }),
  truthy: test('value, convert_bool=False', (_, value, convert) => truth(value as Value, convert as Value)),
  unreachable: test('result', (_, value) => flag(value, 'unreachable', 'unreachable')),
  uri: test('value, schemes=None', (_, value, schemes) => uriOf(value, schemes) !== undefined),
  url: test('value, schemes=None', (_, value, schemes) => {
    const found = uriOf(value, schemes);
    return found !== undefined && (found.netloc !== '' || found.scheme === 'file');
  }),
  urn: test('value', (_, value) => uriOf(value, ['urn']) !== undefined),
  vault_encrypted: test('value', (engine, value) =>
    (value instanceof Dict && value.has('__ansible_vault')) ||
    (typeof value === 'string' && engine.context.isVaulted?.(value) === true)),
  vaulted_file: test('value', (engine, value) => {
    const bytes = engine.context.host.readFile(path(value));
    if (bytes === undefined) throw new PythonError('Error', `[Errno 2] No such file or directory: '${path(value)}'`);
    return Buffer.from(bytes).toString('latin1').startsWith('$ANSIBLE_VAULT');
  }),
  version,
  version_compare: version,
};
