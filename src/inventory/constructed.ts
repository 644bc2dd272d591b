// The `constructed` inventory: groups and variables that expressions make of the hosts read so far.
import { join } from 'node:path';
import { PlaybookError, TemplateError, VbxError } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';
import type { VarsLayer } from '../core/host.ts';
import { Dict, TemplateText, type Value } from '../core/value.ts';
import type { LoadedYaml } from '../yaml/load-yaml.ts';
import type { GroupNode, HostNode } from './group-node.ts';
import { mergeOrder } from './group-node.ts';
import { inventoryFolders } from './inventory-folders.ts';
import { safeVariableName, type InventoryBuilder } from './inventory-builder.ts';
import { VarsFolder, type ReadOptions } from './vars-folder.ts';

/** Variables of one host, as the template engine takes them. */
export interface HostScope {
  lookup(name: string): Value | undefined;
  names(): Iterable<string>;
}
/** The template engine; its errors are thrown. */
export interface Evaluate {
  /** The value of an expression (without braces). */
  expression(text: string, scope: HostScope, origin: Origin): Value;
  /** Whether a condition holds. */
  conditional(text: string, scope: HostScope, origin: Origin): boolean;
  /** A value with its templates rendered. */
  render(value: Value, scope: HostScope): Value;
}
export interface ConstructOptions extends ReadOptions {
  readonly evaluate: Evaluate;
  readonly warn: (message: string, origin?: Origin) => void;
  /** Seen with `use_extra_vars`, above all others. */
  readonly extraVars?: readonly VarsLayer[] | undefined;
}

const OPTIONS = [
  'plugin',
  'strict',
  'use_vars_plugins',
  'use_extra_vars',
  'leading_separator',
  'compose',
  'groups',
  'keyed_groups',
];

/** Reads a configuration with `plugin: constructed`. `processed`: sources read before, whose group_vars count with `use_vars_plugins`. */
export function construct(
  loaded: LoadedYaml,
  file: string,
  into: InventoryBuilder,
  processed: readonly string[],
  options: ConstructOptions,
): void {
  const config = loaded.value;
  if (!(config instanceof Dict))
    throw new PlaybookError('a constructed inventory is a mapping', { origin: { file, line: 1, column: 1 } });
  for (const key of config.keys()) {
    if (!OPTIONS.includes(String(key)))
      throw new PlaybookError(`constructed has no option "${String(key)}"`, {
        origin: loaded.positions.key(config, key),
        hint: `its options are ${OPTIONS.join(', ')}`,
      });
  }
  new Construction(loaded, config, file, into, processed, options).run();
}

class Construction {
  readonly #loaded: LoadedYaml;
  readonly #config: Dict;
  readonly #file: string;
  readonly #into: InventoryBuilder;
  readonly #options: ConstructOptions;
  readonly #folders: readonly { readonly groups: VarsFolder; readonly hosts: VarsFolder }[];
  readonly #strict: boolean;

  constructor(
    loaded: LoadedYaml,
    config: Dict,
    file: string,
    into: InventoryBuilder,
    processed: readonly string[],
    options: ConstructOptions,
  ) {
    this.#loaded = loaded;
    this.#config = config;
    this.#file = file;
    this.#into = into;
    this.#options = options;
    this.#strict = truth(config.get('strict'), false);
    const folders = truth(config.get('use_vars_plugins'), false) ? inventoryFolders(processed) : [];
    this.#folders = folders.map((folder) => ({
      groups: new VarsFolder(join(folder, 'group_vars'), options),
      hosts: new VarsFolder(join(folder, 'host_vars'), options),
    }));
  }

  run(): void {
    const compose = this.#mapping('compose');
    const groups = this.#mapping('groups');
    const keyed = this.#config.get('keyed_groups');
    for (const host of [...this.#into.hostNodes.values()]) {
      if (compose !== undefined) this.#compose(host, compose);
      const scope = this.#scope(host);
      if (groups !== undefined) this.#conditions(host, groups, scope);
      if (Array.isArray(keyed))
        keyed.forEach((entry, index) =>
          this.#keyed(host, entry, scope, this.#loaded.origin(['keyed_groups', index]) ?? this.#top()),
        );
    }
  }
  #top(): Origin {
    return { file: this.#file, line: 1, column: 1 };
  }
  #mapping(name: string): Dict | undefined {
    const value = this.#config.get(name);
    if (value === undefined || value === null) return undefined;
    if (!(value instanceof Dict))
      throw new PlaybookError(`${name} must be a mapping`, { origin: this.#loaded.origin([name]) });
    return value;
  }
  /** Runs an expression: a failure is an error with `strict`, else the entry is left out for this host. */
  #attempt<T>(what: string, origin: Origin, run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      if (this.#strict) throw new PlaybookError(`${what}: ${error.message}`, { origin, cause: error });
      return undefined;
    }
  }

  #compose(host: HostNode, compose: Dict): void {
    const scope = this.#scope(host);
    for (const [name, expression] of compose) {
      const origin = this.#loaded.positions.value(compose, name) ?? this.#top();
      const value = this.#attempt(`${String(name)} cannot be set for host ${host.name}`, origin, () =>
        this.#options.evaluate.expression(text(expression), scope, origin),
      );
      if (value !== undefined)
        this.#into.addHost(host.name, undefined, undefined, {
          vars: new Dict([[String(name), value]]),
          origin,
          originOf: undefined,
        });
    }
  }
  #conditions(host: HostNode, groups: Dict, scope: HostScope): void {
    for (const [key, condition] of groups) {
      const origin = this.#loaded.positions.value(groups, key) ?? this.#top();
      const name = safeVariableName(String(key));
      const holds =
        typeof condition === 'boolean'
          ? condition
          : this.#attempt(`host ${host.name} cannot be put into group ${name}`, origin, () =>
              this.#options.evaluate.conditional(text(condition), scope, origin),
            );
      if (holds === true) this.#into.addChild(this.#into.addGroup(name), host.name);
    }
  }
  #keyed(host: HostNode, entry: Value, scope: HostScope, origin: Origin): void {
    if (!(entry instanceof Dict) || entry.size === 0)
      throw new PlaybookError('an entry of keyed_groups must be a mapping', { origin });
    const written = text(entry.get('key') ?? '');
    const key = this.#attempt(`a group of "${written}" cannot be made for host ${host.name}`, origin, () =>
      this.#options.evaluate.expression(written, scope, origin),
    );
    if (key === undefined) return;
    const fallback = entry.get('default_value');
    const trailing = entry.get('trailing_separator');
    if (fallback !== undefined && fallback !== null && trailing !== undefined && trailing !== null)
      throw new PlaybookError('default_value and trailing_separator exclude one another', { origin });
    const defaultName = fallback === undefined || fallback === null ? undefined : text(fallback);
    const names = keyNames(key, defaultName, text(entry.get('separator') ?? '_'), trailing !== false, origin);
    if (names === undefined) {
      if (this.#strict && !(Array.isArray(key) || key instanceof Dict))
        throw new PlaybookError(`"${written}" gives nothing for host ${host.name}`, { origin });
      return;
    }
    const prefix = text(entry.get('prefix') ?? '');
    const separator =
      prefix === '' && this.#config.get('leading_separator') === false ? '' : text(entry.get('separator') ?? '_');
    const parentText = entry.get('parent_group');
    const parent =
      parentText === undefined || parentText === null
        ? undefined
        : this.#attempt(`the parent group for "${written}" cannot be found`, origin, () =>
            text(this.#options.evaluate.render(parentText, scope)),
          );
    if (parentText !== undefined && parentText !== null && parent === undefined) return;
    for (const name of names) {
      const group = this.#into.addGroup(safeVariableName(`${prefix}${separator}${name}`));
      this.#into.addHost(host.name, group);
      if (parent !== undefined && parent !== '')
        this.#into.addChild(this.#into.addGroup(safeVariableName(parent)), group);
    }
  }

  /** Variables of a host as they are now: of its groups, then its own, each with the files of the sources read before when asked for. */
  #scope(host: HostNode): HostScope {
    const layers: VarsLayer[] = [];
    const groups = [...new Set([...host.memberOf].flatMap((group) => [group, ...group.ancestors()]))].toSorted(
      mergeOrder,
    );
    const add = (layer: VarsLayer | undefined) => layer !== undefined && layers.push(layer);
    for (const group of groups) add(group.assigned.layer('group'));
    for (const { groups: folder } of this.#folders)
      for (const group of groups) layers.push(...folder.layers(group.name, 'group_vars'));
    add(host.assigned.layer('host'));
    layers.push({ level: 'host', vars: ownNames(host, groups) });
    for (const { hosts: folder } of this.#folders) layers.push(...folder.layers(host.name, 'host_vars'));
    if (truth(this.#config.get('use_extra_vars'), false)) layers.push(...(this.#options.extraVars ?? []));
    return {
      lookup: (name) => layers.findLast(({ vars }) => vars.has(name))?.vars.get(name),
      names: () => new Set(layers.flatMap(({ vars }) => [...vars.keys()].map(String))),
    };
  }
}

function ownNames(host: HostNode, groups: readonly GroupNode[]): Dict {
  return new Dict([
    ['inventory_hostname', host.name],
    ['inventory_hostname_short', host.name.split('.')[0] ?? host.name],
    [
      'group_names',
      groups
        .map((group) => group.name)
        .filter((name) => name !== 'all')
        .toSorted(),
    ],
  ]);
}

/** The names that a key makes; undefined when it makes none because it is empty. */
function keyNames(
  key: Value,
  fallback: string | undefined,
  separator: string,
  trailing: boolean,
  origin: Origin,
): string[] | undefined {
  const empty = (value: Value) => value === null || value === '';
  if (empty(key)) return fallback === undefined ? undefined : [fallback];
  if (key === false || key === 0 || (Array.isArray(key) && key.length === 0) || (key instanceof Dict && key.size === 0))
    return undefined;
  if (typeof key === 'string') return [key];
  if (Array.isArray(key)) return key.map((name) => (empty(name) && fallback !== undefined ? fallback : text(name)));
  if (key instanceof Dict) {
    return [...key].map(([name, value]) => {
      if (!empty(value)) return `${text(name)}${separator}${text(value)}`;
      if (fallback !== undefined) return `${text(name)}${separator}${fallback}`;
      return trailing ? `${text(name)}${separator}${text(value)}` : text(name);
    });
  }
  throw new PlaybookError('the key of a group must be text, a list or a mapping', { origin });
}
function text(value: Value): string {
  if (value instanceof TemplateText) return value.source;
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint'
    ? String(value)
    : badText();
}
function badText(): never {
  throw new VbxError('a name in a constructed inventory must be text');
}
function truth(value: Value | undefined, otherwise: boolean): boolean {
  if (value === undefined || value === null) return otherwise;
  return typeof value === 'string' ? /^(?:y|yes|on|1|true|t)$/i.test(value) : value === true || value === 1;
}
