// Filters to and from JSON and YAML, and Python's pretty printing.
import { Dict, Unknown, type Value } from '../../core/value.ts';
import { NotKnown, PythonError, Tripped, typeError, Undefined } from '../special.ts';
import { filter, type Filters } from '../plugin.ts';
import { dumpJson, loadJson } from '../python/json.ts';
import { pprint } from '../python/pprint.ts';
import { dumpYaml } from '../python/yaml-dump.ts';
import { loadYaml } from '../python/yaml-load.ts';
import { pythonStr } from '../python/text.ts';
import { truthy, typeName } from '../python/types.ts';

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

function toJson(value: Value, options: Dict, nice: boolean): string {
  for (const key of options.keys())
    if (!JSON_OPTIONS.has(pythonStr(key)))
      throw typeError(`JSONEncoder.__init__() got an unexpected keyword argument '${pythonStr(key)}'`);
  const get = (name: string, otherwise: Value): Value => options.get(name) ?? otherwise;
  const indent = get('indent', nice ? 4 : null);
  const separators = options.get('separators');
  const [item, key] = Array.isArray(separators) ? separators.map(pythonStr) : [indent === null ? ', ' : ',', ': '];
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
  from_json: filter('a, profile=None', (_, value) => {
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
    const [profile = null] = args as Value[];
    if (profile !== null && typeof profile !== 'string')
      throw typeError(`Name is <class '${typeName(profile)}'> instead of <class 'str'> or <class 'module'>.`);
    return toJson(value as Value, options as Dict, false);
  }),
  to_nice_json: filter('a, *args, **options', (_, value, args, options) => {
    const [indent] = args as Value[];
    if (indent !== undefined && !(options as Dict).has('indent')) (options as Dict).set('indent', indent);
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
