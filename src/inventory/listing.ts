// What `ansible-inventory` prints: `--list` as JSON, `--graph`, `--host`; the same text, so that scripts can read either tool.
import { UsageError } from '../core/error.ts';
import type { VarsLayer } from '../core/host.ts';
import { Dict, PyBytes, PyDate, PyFloat, TemplateText, type Value } from '../core/value.ts';
import { pythonStr, reprFloat } from '../template/python/text.ts';
import { VaultText } from '../yaml/vault-text.ts';
import type { GroupNode } from './group-node.ts';
import { combineValues } from './inventory-builder.ts';
import type { LoadedInventory } from './inventory.ts';

export interface ListingOptions {
  /** Only what is written for a host or group itself, groups with their variables: a form to be read back. */
  readonly export?: boolean;
  /** Folder whose group_vars and host_vars count too (`--playbook-dir`). */
  readonly playbookDir?: string | undefined;
  /** Of `-e`: part of every host's variables, not of exports. */
  readonly extraVars?: readonly VarsLayer[];
  /** Hosts that `--limit` leaves. */
  readonly limit?: ReadonlySet<string> | undefined;
  readonly hashBehaviour?: 'replace' | 'merge' | undefined;
  /** Variables as they came together (TOML); else by name. */
  readonly inOrder?: boolean;
}

/** Names that are vbx's (Ansible's) own and no variables of the user's. */
const INTERNAL = new Set([
  'ansible_async_path',
  'ansible_collection_name',
  'ansible_config_file',
  'ansible_dependent_role_names',
  'ansible_diff_mode',
  'ansible_facts',
  'ansible_forks',
  'ansible_inventory_sources',
  'ansible_limit',
  'ansible_play_batch',
  'ansible_play_hosts',
  'ansible_play_hosts_all',
  'ansible_play_role_names',
  'ansible_playbook_python',
  'ansible_role_name',
  'ansible_role_names',
  'ansible_run_tags',
  'ansible_skip_tags',
  'ansible_verbosity',
  'ansible_version',
  'inventory_dir',
  'inventory_file',
  'inventory_hostname',
  'inventory_hostname_short',
  'groups',
  'group_names',
  'hostvars',
  'playbook_dir',
  'play_hosts',
  'role_name',
  'role_names',
  'role_path',
  'role_uuid',
]);

type Variables = Map<string, Value>;

/** Reads variables for listings; those that hosts of the same groups share are put together once. */
export class ListedVariables {
  readonly #inventory: LoadedInventory;
  readonly #options: ListingOptions;
  readonly #shared = new Map<readonly string[], Variables>();
  constructor(inventory: LoadedInventory, options: ListingOptions) {
    this.#inventory = inventory;
    this.#options = options;
  }
  /** Sorted by name, unless `inOrder` is wanted. */
  ofHost(name: string): [string, Value][] {
    if (this.#options.export === true)
      return this.#listed(this.#join(new Map(), this.#inventory.hostLayers(name, this.#options.playbookDir)));
    const groups = this.#inventory.host(name)?.groups ?? [];
    let shared = this.#shared.get(groups);
    if (shared === undefined)
      this.#shared.set(
        groups,
        (shared = this.#join(new Map(), this.#inventory.layersOfGroups(groups, this.#options.playbookDir))),
      );
    return this.#listed(
      this.#join(new Map(shared), [
        ...this.#inventory.hostLayers(name, this.#options.playbookDir),
        ...(this.#options.extraVars ?? []),
      ]),
    );
  }
  ofGroup(group: GroupNode): [string, Value][] {
    const vars = this.#join(new Map(), this.#inventory.groupLayers(group.name, this.#options.playbookDir));
    if (group.priority !== 1) vars.set('ansible_group_priority', group.priority);
    return this.#listed(vars);
  }
  #join(into: Variables, layers: readonly VarsLayer[]): Variables {
    const merge = this.#options.hashBehaviour === 'merge';
    for (const { vars } of layers) {
      for (const [key, value] of vars) {
        const name = String(key);
        if (!INTERNAL.has(name)) into.set(name, merge ? combineValues(into.get(name), value) : value);
      }
    }
    return into;
  }
  #listed(vars: Variables): [string, Value][] {
    return this.#options.inOrder === true ? [...vars] : sorted(vars);
  }
}
function sorted(vars: Variables): [string, Value][] {
  return [...vars].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** `--list`: groups with hosts and children, and under `_meta` every host's variables. */
export function listJson(inventory: LoadedInventory, options: ListingOptions = {}): string {
  const variables = new ListedVariables(inventory, options);
  const hosts = inventory.members('all').filter((name) => options.limit?.has(name) !== false);
  const available = options.limit === undefined ? undefined : new Set(hosts);
  const groups = new Map<string, string>();
  const visit = (group: GroupNode): void => {
    if (groups.has(group.name)) return;
    groups.set(group.name, '');
    const entries: [string, string][] = [];
    if (group.children.length > 0)
      entries.push([
        'children',
        array(
          group.children.map((name) => JSON.stringify(name)),
          8,
        ),
      ]);
    const members = group.name === 'all' ? [] : group.hosts.filter((name) => available?.has(name) !== false);
    if (members.length > 0)
      entries.push([
        'hosts',
        array(
          members.map((name) => JSON.stringify(name)),
          8,
        ),
      ]);
    if (options.export === true) {
      const vars = variables.ofGroup(group);
      if (vars.length > 0)
        entries.push([
          'vars',
          object(
            vars.map(([name, value]) => [name, json(value, 12, true)]),
            8,
          ),
        ]);
    }
    if (entries.length > 0) groups.set(group.name, object(entries, 4));
    for (const child of group.childNodes) visit(child);
  };
  const top = inventory.node('all');
  if (top !== undefined) visit(top);
  const hostvars: [string, string][] = [];
  // Values of groups are shared by many hosts; their text is made once.
  const texts = new Map<Value, string>();
  const text = (value: Value): string => {
    if (typeof value !== 'object' || value === null) return json(value, 16, true);
    let known = texts.get(value);
    if (known === undefined) texts.set(value, (known = json(value, 16, true)));
    return known;
  };
  for (const name of hosts.toSorted()) {
    const vars = variables.ofHost(name);
    if (vars.length > 0)
      hostvars.push([
        name,
        object(
          vars.map(([key, value]) => [key, text(value)]),
          12,
        ),
      ]);
  }
  const meta = object(
    [
      ['hostvars', object(hostvars, 8)],
      ['profile', '"inventory_legacy"'],
    ],
    4,
  );
  const members: [string, string][] = [...groups].filter(([, content]) => content !== '');
  return object(
    [...members, ['_meta', meta] satisfies [string, string]].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
    0,
  );
}

/** `--host NAME`: its variables. Throws a `UsageError` when the pattern means no host or several. */
export function hostJson(inventory: LoadedInventory, pattern: string, options: ListingOptions = {}): string {
  const name = oneHost(inventory, pattern);
  return object(
    new ListedVariables(inventory, options).ofHost(name).map(([key, value]) => [key, json(value, 4, false)]),
    0,
  );
}
/** The single host that a pattern means. */
export function oneHost(inventory: LoadedInventory, pattern: string): string {
  const [name, second] = inventory.select(pattern);
  if (name === undefined || second !== undefined)
    throw new UsageError('You must pass a single valid host to --host parameter');
  return name;
}

/** `--graph [GROUP]`: the tree below a group; with `vars` every variable too. */
export function graph(
  inventory: LoadedInventory,
  options: ListingOptions & { readonly group?: string | undefined; readonly vars?: boolean } = {},
): string {
  const variables = new ListedVariables(inventory, options);
  const start = inventory.node(options.group ?? 'all');
  if (start === undefined) throw new UsageError('Pattern must be valid group name when using --graph');
  const lines: string[] = [];
  const line = (text: string, depth: number) => lines.push(depth === 0 ? text : `${'  |'.repeat(depth)}--${text}`);
  const listed = (vars: [string, Value][], depth: number) => {
    for (const [name, value] of vars) line(`{${name} = ${pythonStr(plainText(value))}}`, depth);
  };
  const visit = (group: GroupNode, depth: number): void => {
    line(`@${group.name}:`, depth);
    for (const child of group.childNodes) visit(child, depth + 1);
    if (group.name !== 'all') {
      for (const host of group.hostNodes) {
        line(host.name, depth + 1);
        if (options.vars === true) listed(variables.ofHost(host.name), depth + 2);
      }
    }
    if (options.vars === true) listed(variables.ofGroup(group), depth + 1);
  };
  visit(start, 0);
  return lines.join('\n');
}

/** The value with its templates as text. */
function plainText(value: Value): Value {
  if (value instanceof TemplateText) return value.source;
  if (Array.isArray(value)) return Array.from(value, plainText);
  if (value instanceof Dict) return new Dict(Array.from(value, ([key, item]) => [key, plainText(item)] as const));
  return value;
}

function array(items: readonly string[], indent: number): string {
  if (items.length === 0) return '[]';
  const inner = ' '.repeat(indent + 4);
  return `[\n${inner}${items.join(`,\n${inner}`)}\n${' '.repeat(indent)}]`;
}
function object(entries: readonly (readonly [string, string])[], indent: number): string {
  if (entries.length === 0) return '{}';
  const inner = ' '.repeat(indent + 4);
  let text = '{';
  let separator = `\n${inner}"`;
  for (const [key, value] of entries) {
    text += `${separator}${/^\w+$/.test(key) ? key : JSON.stringify(key).slice(1, -1)}": ${value}`;
    separator = `,\n${inner}"`;
  }
  return `${text}\n${' '.repeat(indent)}}`;
}

/** A value as JSON, its first line unindented. `marked`: text that is data but looks like a template says so, to be read back as data. */
function json(value: Value, indent: number, marked: boolean): string {
  if (typeof value === 'string')
    return marked && /\{\{|\{%|\{#/.test(value)
      ? object([['__ansible_unsafe', JSON.stringify(value)]], indent)
      : JSON.stringify(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : reprFloat(value);
  if (value instanceof PyFloat)
    return Number.isNaN(value.value)
      ? 'NaN'
      : Number.isFinite(value.value)
        ? reprFloat(value.value)
        : value.value < 0
          ? '-Infinity'
          : 'Infinity';
  if (value instanceof VaultText) return object([['__ansible_vault', JSON.stringify(value.encrypted)]], indent);
  if (value instanceof TemplateText) return JSON.stringify(value.source);
  if (value instanceof PyDate) return JSON.stringify(value.text.replace(' ', 'T'));
  if (value instanceof PyBytes) return JSON.stringify(Buffer.from(value.bytes).toString('utf8'));
  if (Array.isArray(value))
    return array(
      Array.from(value, (item) => json(item, indent + 4, marked)),
      indent,
    );
  if (value instanceof Dict) {
    const entries = Array.from(value, ([key, item]) => [keyText(key), json(item, indent + 4, marked)] as const);
    return object(
      entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
      indent,
    );
  }
  return 'null';
}
function keyText(key: Value): string {
  if (key === null) return 'null';
  if (typeof key === 'boolean') return String(key);
  return key instanceof PyFloat
    ? reprFloat(key.value)
    : typeof key === 'number' && !Number.isInteger(key)
      ? reprFloat(key)
      : pythonStr(plainText(key));
}
