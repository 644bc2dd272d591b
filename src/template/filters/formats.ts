// Filters to and from JSON and YAML, and Python's pretty printing.
import { Dict, Unknown, type Value } from '../../core/value.ts';
import { NotKnown, PythonError, Tripped, typeError, Undefined } from '../special.ts';
import { filter, type Filters } from '../plugin.ts';
import { dumpJson, loadJson } from '../python/json.ts';
import { pprint } from '../python/pprint.ts';
import { dumpYaml } from '../python/yaml-dump.ts';
import { loadYaml } from '../python/yaml-load.ts';
import { pythonStr } from '../python/text.ts';
import { iterate, truthy, typeName } from '../python/types.ts';

/** What Python's encoder takes, and what Ansible does besides. */
const JSON_OPTIONS = new Set([
  'skipkeys',
  'ensure_ascii',
  'check_circular',
  'allow_nan',
  'indent',
  'separators',
  'default',
  'sort_keys',
  'profile',
  'vault_to_text',
  'preprocess_unsafe',
  'cls',
]);

const JSON_PROFILES = new Set([
  'cache_persistence',
  'fallback_to_str',
  'inventory_legacy',
  'legacy',
  'module_legacy_c2m',
  'module_legacy_m2c',
  'module_modern_c2m',
  'module_modern_m2c',
  'tagless',
]);

function knownProfile(name: Value): void {
  if (!truthy(name)) return;
  if (typeof name !== 'string')
    throw typeError(`Name is <class '${typeName(name)}'> instead of <class 'str'> or <class 'module'>.`);
  if (!JSON_PROFILES.has(name)) throw new PythonError('ValueError', `Unknown profile name '${name}'.`);
}

/** Two texts: what stands between items, and behind a key. */
function separatorsOf(given: Value): [string, string] {
  const parts = Array.from(iterate(given));
  const [item, key] = parts;
  if (parts.length !== 2)
    throw new PythonError(
      'ValueError',
      parts.length > 2
        ? 'too many values to unpack (expected 2)'
        : `not enough values to unpack (expected 2, got ${parts.length})`,
    );
  if (typeof item !== 'string' || typeof key !== 'string')
    throw typeError(
      `make_encoder() argument must be str, not ${typeName((typeof item === 'string' ? key : item) ?? null)}`,
    );
  return [item, key];
}

function toJson(value: Value, options: Dict, nice: boolean): string {
  for (const key of options.keys())
    if (!JSON_OPTIONS.has(pythonStr(key)))
      throw typeError(`JSONEncoder.__init__() got an unexpected keyword argument '${pythonStr(key)}'`);
  const get = (name: string, otherwise: Value): Value => options.get(name) ?? otherwise;
  const indent = get('indent', nice ? 4 : null);
  const profile = options.get('profile') ?? null;
  if (profile !== null) {
    knownProfile(profile);
    for (const name of ['vault_to_text', 'preprocess_unsafe'])
      if (profile !== '' && options.has(name))
        throw new PythonError('ValueError', `Only one of \`${name}\` or \`profile\` can be specified.`);
  }
  // The nice form has separators of its own.
  const separators = nice ? null : (options.get('separators') ?? null);
  const [item, key] = separators === null ? [indent === null && !nice ? ', ' : ',', ': '] : separatorsOf(separators);
  return dumpJson(value, {
    indent: indent === null ? null : typeof indent === 'string' ? indent : ' '.repeat(Math.max(0, Number(indent))),
    sortKeys: truthy(get('sort_keys', nice)),
    ascii: truthy(get('ensure_ascii', true)),
    itemSeparator: item ?? ',',
    keySeparator: key ?? ': ',
    textKeys: true,
    finite: !truthy(get('allow_nan', true)),
  });
}

const YAML_OPTIONS = new Set([
  'indent',
  'width',
  'default_flow_style',
  'sort_keys',
  'explicit_start',
  'explicit_end',
  'default_style',
]);
/** What Ansible's dumper takes besides; only leaving it as it is is known here. */
const OTHER_YAML_OPTIONS = new Set([
  'canonical',
  'line_break',
  'encoding',
  'version',
  'tags',
  'dump_vault_tags',
  'vault_behavior',
]);

function toYaml(value: Value, options: Dict, indent: Value, flow: Value): string {
  for (const [key, given] of options) {
    const name = pythonStr(key);
    if (YAML_OPTIONS.has(name) || (OTHER_YAML_OPTIONS.has(name) && !truthy(given))) continue;
    if (OTHER_YAML_OPTIONS.has(name)) throw new PythonError('Error', `to_yaml: the option ${name} is not supported`);
    throw typeError(`dump_all() got an unexpected keyword argument '${name}'`);
  }
  const get = (name: string, otherwise: Value): Value => options.get(name) ?? otherwise;
  const width = get('width', 80);
  if (typeof (get('indent', indent) ?? 2) === 'string' || typeof width === 'string')
    throw typeError('an integer is required');
  return dumpYaml(whole(value), {
    indent: Number(get('indent', indent) ?? 2),
    width: width === null ? 80 : Number(width),
    flow: flow === null ? null : truthy(flow),
    sortKeys: truthy(get('sort_keys', true)),
    unicode: true,
    explicitStart: truthy(get('explicit_start', false)),
    explicitEnd: truthy(get('explicit_end', false)),
    scalarStyle: typeof get('default_style', null) === 'string' ? pythonStr(get('default_style', null)) : null,
  });
}

/** Stops where an item is undefined or Unknown. */
function whole(value: Value): Value {
  if (value instanceof Undefined) throw new Tripped(value);
  if (value instanceof Unknown) throw new NotKnown(value.because);
  return value;
}

function fromYaml(value: Value): Value[] {
  if (typeof value !== 'string') throw typeError(`expected text, not ${typeName(value)}`);
  return loadYaml(value);
}

export const FORMAT_FILTERS: Filters = {
  from_json: filter('a, profile=None', (_, value, profile) => {
    if (profile !== null) knownProfile(profile as Value);
    if (typeof value !== 'string')
      throw typeError(`the JSON object must be str, bytes or bytearray, not ${typeName(value as Value)}`);
    return loadJson(value);
  }),
  from_yaml: filter('data', (_, value) => {
    if (value === null || typeof value !== 'string') return value as Value;
    const documents = fromYaml(value);
    if (documents.length > 1) throw new PythonError('Error', 'expected a single document in the stream');
    return documents[0] ?? null;
  }),
  from_yaml_all: filter('data', (_, value) => {
    if (value === null) return [];
    return typeof value === 'string' ? fromYaml(value) : (value as Value);
  }),
  pprint: filter('value', (_, value) => pprint(value as Value)),
  to_json: filter('a, *args, **options', (_, value, args, options) => {
    const [profile, ...more] = args as Value[];
    if (more.length > 2)
      throw typeError(`to_json() takes from 1 to 4 positional arguments but ${more.length + 2} were given`);
    if (profile !== undefined) {
      if ((options as Dict).has('profile')) throw typeError("to_json() got multiple values for argument 'profile'");
      (options as Dict).set('profile', profile);
    }
    return toJson(value as Value, options as Dict, false);
  }),
  to_nice_json: filter('a, *args, **options', (_, value, args, options) => {
    const given = args as Value[];
    if (given.length > 2)
      throw typeError(`to_nice_json() takes from 1 to 3 positional arguments but ${given.length + 1} were given`);
    given.forEach((each, index) => {
      const name = index === 0 ? 'indent' : 'sort_keys';
      if ((options as Dict).has(name)) throw typeError(`to_nice_json() got multiple values for argument '${name}'`);
      (options as Dict).set(name, each);
    });
    return toJson(value as Value, options as Dict, true);
  }),
  to_nice_yaml: filter(
    'a, indent=4, *args, default_flow_style=False, **options',
    (_, value, indent, flow, __, options) => toYaml(value as Value, options as Dict, indent as Value, flow as Value),
  ),
  to_yaml: filter('a, *args, default_flow_style=None, **options', (_, value, flow, __, options) =>
    toYaml(value as Value, options as Dict, null, flow as Value),
  ),
};
