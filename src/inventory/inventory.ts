// An inventory in use: which hosts a pattern means and which variables a host has. Files of group_vars and host_vars are read on demand.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PlaybookError, UsageError, VbxError } from '../core/error.ts';
import type { Group, Host, Inventory, VarsLayer } from '../core/host.ts';
import { nearest } from '../core/nearest.ts';
import type { Origin } from '../core/origin.ts';
import { Dict } from '../core/value.ts';
import type { GroupNode, HostNode } from './group-node.ts';
import { applySubscript, isGlob, nameMatcher, orderPatterns, splitPattern, splitSubscript } from './host-pattern.ts';
import { isAddress } from './host-range.ts';
import { LOCALHOST, type InventoryBuilder } from './inventory-builder.ts';
import { inventoryFolders } from './inventory-folders.ts';
import { VarsFolder, type ReadOptions } from './vars-folder.ts';

export interface InventoryOptions extends ReadOptions {
  readonly warn: (message: string, origin?: Origin) => void;
  /** Order in which variables of groups are merged, weakest first (setting `precedence`). */
  readonly precedence?: readonly string[] | undefined;
  /** What an unknown name in a pattern is; default `warning`. */
  readonly hostPatternMismatch?: 'warning' | 'error' | 'ignore' | undefined;
}

export const DEFAULT_PRECEDENCE = [
  'all_inventory',
  'groups_inventory',
  'all_plugins_inventory',
  'all_plugins_play',
  'groups_plugins_inventory',
  'groups_plugins_play',
];

const NONE: readonly string[] = [];

/** How a host or group came about in mid-run, to do it again after a refresh. */
type Addition = (inventory: LoadedInventory) => void;

export class LoadedInventory implements Inventory {
  readonly sources: readonly string[];
  #builder: InventoryBuilder;
  readonly #reload: () => Promise<InventoryBuilder>;
  readonly #options: InventoryOptions;
  #folders: VarsFolders;
  readonly #playbookDirs = new Map<string, readonly string[]>();
  #members = new Map<string, readonly string[]>();
  #patterns = new Map<string, readonly string[]>();
  #shared = new Map<
    string | undefined,
    Map<readonly string[], { readonly layers: readonly VarsLayer[]; readonly names: VarsLayer }>
  >();
  #places = new Map<string | null | undefined, VarsLayer>();
  #dirs: readonly string[] | undefined;
  readonly #additions: Addition[] = [];
  readonly #unmatched = new Set<string>();

  /** `builder` is what was read of the sources, `reload` reads them again. */
  constructor(
    sources: readonly string[],
    builder: InventoryBuilder,
    reload: () => Promise<InventoryBuilder>,
    options: InventoryOptions,
  ) {
    this.sources = sources;
    this.#builder = builder;
    this.#reload = reload;
    this.#options = options;
    this.#folders = new VarsFolders(options);
  }

  /** Reads all sources again (`meta: refresh_inventory`); what a run added stays. */
  async refresh(): Promise<void> {
    this.#builder = await this.#reload();
    this.#folders = new VarsFolders(this.#options);
    this.#changed();
    const additions = this.#additions.splice(0);
    for (const add of additions) add(this);
  }
  #changed(): void {
    this.#members = new Map();
    this.#patterns = new Map();
    this.#shared = new Map();
  }

  host(name: string): Host | undefined {
    return this.#builder.find(name);
  }
  group(name: string): Group | undefined {
    return this.#builder.groupNodes.get(name);
  }
  hosts(): readonly Host[] {
    return [...this.#builder.hostNodes.values()];
  }
  groups(): readonly Group[] {
    return [...this.#builder.groupNodes.values()];
  }
  members(name: string): readonly string[] {
    let members = this.#members.get(name);
    if (members === undefined) {
      const hosts = new Set<string>();
      for (const group of this.#builder.groupNodes.get(name)?.descendants() ?? []) {
        for (const host of group.hostNodes) if (!(host.implicit && name === 'all')) hosts.add(host.name);
      }
      members = [...hosts];
      this.#members.set(name, members);
    }
    return members;
  }

  select(pattern: string | readonly string[], options: { strict?: boolean; origin?: Origin } = {}): readonly string[] {
    const parts = splitPattern(pattern);
    const unknown: string[] = [];
    const selected = this.#evaluate(orderPatterns(parts), unknown, options.origin);
    const mismatch = this.#options.hostPatternMismatch ?? 'warning';
    if (unknown.length > 0 && ((options.strict === true && selected.length === 0) || mismatch === 'error'))
      throw this.#unknownName(unknown[0] ?? '', options.origin);
    if (mismatch === 'warning') {
      for (const name of unknown) {
        if (this.#unmatched.has(name)) continue;
        this.#unmatched.add(name);
        this.#options.warn(
          `Could not match supplied host pattern, ignoring: ${name}${this.#like(name)}`,
          options.origin,
        );
      }
    }
    return selected;
  }
  #evaluate(patterns: readonly string[], unknown: string[], origin: Origin | undefined): readonly string[] {
    let selected: string[] = [];
    for (const pattern of patterns) {
      // A plain name of a host is that host, whatever else it may look like.
      if (this.#builder.hostNodes.has(pattern)) {
        if (!selected.includes(pattern)) selected.push(pattern);
        continue;
      }
      const matched = this.#match(pattern.replace(/^[&!]/, ''), unknown, origin);
      const set = new Set(matched);
      if (pattern.startsWith('!')) selected = selected.filter((name) => !set.has(name));
      else if (pattern.startsWith('&')) selected = selected.filter((name) => set.has(name));
      else if (selected.length === 0) selected = [...matched];
      else {
        const present = new Set(selected);
        for (const name of matched) if (!present.has(name)) selected.push(name);
      }
    }
    return selected;
  }
  #match(pattern: string, unknown: string[], origin: Origin | undefined): readonly string[] {
    if (pattern === '') return [];
    let matched = this.#patterns.get(pattern);
    if (matched === undefined) {
      try {
        const { expression, subscript } = splitSubscript(pattern);
        const found = this.#enumerate(expression);
        if (found === undefined) {
          unknown.push(expression);
          return [];
        }
        matched = applySubscript(found, subscript);
      } catch (error) {
        if (error instanceof VbxError && error.origin === undefined)
          throw new UsageError(error.message, { origin, cause: error });
        throw error;
      }
      this.#patterns.set(pattern, matched);
    }
    return matched;
  }
  /** Hosts of an expression without subscript; undefined when nothing has such a name. */
  #enumerate(expression: string): readonly string[] | undefined {
    const { groupNodes, hostNodes } = this.#builder;
    const names = new Set<string>();
    let known = expression === 'all';
    if (!isGlob(expression)) {
      const group = groupNodes.get(expression);
      if (group !== undefined) return this.members(expression);
      if (hostNodes.has(expression)) return [expression];
    } else {
      const matches = nameMatcher(expression);
      for (const name of groupNodes.keys()) {
        if (!matches(name)) continue;
        known = true;
        for (const member of this.members(name)) names.add(member);
      }
      for (const name of hostNodes.keys()) if (matches(name)) names.add(name);
    }
    if (names.size === 0 && LOCALHOST.includes(expression)) {
      const local = this.#builder.find(expression);
      if (local !== undefined) return [local.name];
    }
    return names.size > 0 || known ? [...names] : undefined;
  }
  #like(name: string): string {
    const like = nearest(name, [...this.#builder.groupNodes.keys(), ...this.#builder.hostNodes.keys()]);
    return like === undefined ? '' : ` (is "${like}" meant?)`;
  }
  #unknownName(name: string, origin: Origin | undefined): UsageError {
    const like = nearest(name, [...this.#builder.groupNodes.keys(), ...this.#builder.hostNodes.keys()]);
    return new UsageError(`no host or group matches "${name}"`, {
      origin,
      hint:
        like === undefined
          ? this.#builder.hostNodes.size === 0
            ? 'the inventory has no hosts'
            : undefined
          : `is "${like}" meant?`,
    });
  }

  layers(name: string, playbookDir: string | undefined): readonly VarsLayer[] {
    const host = this.#builder.find(name);
    let ofPlaybook = this.#shared.get(playbookDir);
    if (ofPlaybook === undefined) this.#shared.set(playbookDir, (ofPlaybook = new Map()));
    // Hosts of the same groups have one list of groups.
    const groups = host?.groups ?? NONE;
    let shared = ofPlaybook.get(groups);
    if (shared === undefined) {
      const names = new Dict([['group_names', groups.filter((group) => group !== 'all').toSorted()]]);
      ofPlaybook.set(
        groups,
        (shared = {
          layers: this.layersOfGroups(groups, playbookDir),
          names: { level: 'inventory file or script host vars', vars: names },
        }),
      );
    }
    if (host === undefined) return shared.layers;
    const layers = [...shared.layers];
    const own = host.assigned.layer('inventory file or script host vars');
    if (own !== undefined) layers.push(own);
    layers.push(shared.names, this.#place(host.source, host.implicit), identity(host.name));
    for (const folder of this.#folders.of('host_vars', this.#inventoryDirs()))
      layers.push(...folder.layers(name, 'inventory host_vars/*'));
    if (playbookDir !== undefined)
      for (const folder of this.#folders.of('host_vars', this.#playbook(playbookDir)))
        layers.push(...folder.layers(name, 'playbook host_vars/*'));
    return layers;
  }
  /** Layers of these groups (given in merge order), weakest first. `all` counts whether it is among them or not. */
  layersOfGroups(names: readonly string[], playbookDir: string | undefined): readonly VarsLayer[] {
    const others = names.filter((name) => name !== 'all');
    const inventoryDirs = this.#inventoryDirs();
    const playbookDirs = this.#playbook(playbookDir);
    const written = (groups: readonly string[]) =>
      groups.flatMap(
        (name) => this.#builder.groupNodes.get(name)?.assigned.layer('inventory file or script group vars') ?? [],
      );
    const parts: Readonly<Record<string, () => readonly VarsLayer[]>> = {
      all_inventory: () => written(['all']),
      groups_inventory: () => written(others),
      all_plugins_inventory: () => this.#files('group_vars', ['all'], 'inventory group_vars/all', inventoryDirs),
      all_plugins_play: () => this.#files('group_vars', ['all'], 'playbook group_vars/all', playbookDirs),
      groups_plugins_inventory: () => this.#files('group_vars', others, 'inventory group_vars/*', inventoryDirs),
      groups_plugins_play: () => this.#files('group_vars', others, 'playbook group_vars/*', playbookDirs),
    };
    return (this.#options.precedence ?? DEFAULT_PRECEDENCE).flatMap((part) => {
      const layers = parts[part];
      if (layers === undefined)
        throw new PlaybookError(`the setting precedence has "${part}", which is not known`, {
          hint: `known are ${Object.keys(parts).join(', ')}`,
        });
      return layers();
    });
  }
  /** Folders beside the sources, in their order; one that is named twice counts at its last place. */
  #inventoryDirs(): readonly string[] {
    return (this.#dirs ??= inventoryFolders(this.sources));
  }
  /** The playbook's folder as a list, the same object every time. */
  #playbook(dir: string | undefined): readonly string[] {
    if (dir === undefined) return NONE;
    let list = this.#playbookDirs.get(dir);
    if (list === undefined) this.#playbookDirs.set(dir, (list = [dir]));
    return list;
  }
  #files(
    kind: 'group_vars' | 'host_vars',
    names: readonly string[],
    level: string,
    dirs: readonly string[],
  ): readonly VarsLayer[] {
    return this.#folders.of(kind, dirs).flatMap((folder) => names.flatMap((name) => folder.layers(name, level)));
  }
  /** inventory_file and inventory_dir: the same for all hosts of a source. */
  #place(source: string | null, implicit: boolean): VarsLayer {
    const key = implicit ? undefined : source;
    let layer = this.#places.get(key);
    if (layer === undefined) {
      const folder = source === null || (source.includes(',') && !existsSync(source)) ? null : dirname(source);
      layer = {
        level: 'inventory file or script host vars',
        vars: new Dict(
          implicit
            ? []
            : [
                ['inventory_file', source],
                ['inventory_dir', folder],
              ],
        ),
      };
      this.#places.set(key, layer);
    }
    return layer;
  }
  /** For listings: variables of a group in the inventory and beside it (and beside a playbook), weakest first. */
  groupLayers(name: string, playbookDir?: string): readonly VarsLayer[] {
    const own = this.#builder.groupNodes.get(name)?.assigned.layer('inventory file or script group vars');
    const which = name === 'all' ? 'all' : '*';
    return [
      ...(own === undefined ? [] : [own]),
      ...this.#files('group_vars', [name], `inventory group_vars/${which}`, this.#inventoryDirs()),
      ...this.#files('group_vars', [name], `playbook group_vars/${which}`, this.#playbook(playbookDir)),
    ];
  }
  /** Variables of a host by itself, without those of its groups. */
  hostLayers(name: string, playbookDir?: string): readonly VarsLayer[] {
    const own = this.#builder.find(name)?.assigned.layer('inventory file or script host vars');
    return [
      ...(own === undefined ? [] : [own]),
      ...this.#files('host_vars', [name], 'inventory host_vars/*', this.#inventoryDirs()),
      ...this.#files('host_vars', [name], 'playbook host_vars/*', this.#playbook(playbookDir)),
    ];
  }

  addHost(name: string, groups: readonly string[], vars: Dict): void {
    this.#additions.push((inventory) => inventory.addHost(name, groups, vars));
    const builder = this.#builder;
    const host = builder.hostNodes.get(name) ?? builder.addHost(name, 'all');
    if (vars.size > 0) builder.setHostVars(host, vars);
    for (const group of groups) builder.addChild(builder.addGroup(group), name);
    this.#reconciled();
  }
  addToGroup(host: string, group: string, parents: readonly string[]): void {
    // A host that a refreshed inventory no longer has is in no group either.
    this.#additions.push((inventory) =>
      inventory.host(host) === undefined ? undefined : inventory.addToGroup(host, group, parents),
    );
    const builder = this.#builder;
    const node = builder.find(host);
    if (node === undefined) throw new VbxError(`there is no host "${host}" to put into group "${group}"`);
    const name = builder.addGroup(group);
    for (const parent of parents) builder.addChild(builder.addGroup(parent), name);
    builder.join(node, name);
    this.#reconciled();
  }
  #reconciled(): void {
    this.#builder.reconcile();
    this.#changed();
  }
  /** The group as a node of the graph, for listings. */
  node(name: string): GroupNode | undefined {
    return this.#builder.groupNodes.get(name);
  }
}

/** What a host knows of itself: as strong as the variables written for it in the inventory. */
function identity(name: string): VarsLayer {
  const short = isAddress(name) ? name : (name.split('.')[0] ?? name);
  return {
    level: 'inventory file or script host vars',
    vars: new Dict([
      ['inventory_hostname', name],
      ['inventory_hostname_short', short],
    ]),
  };
}

/** Folders of variables by their path, each listed and read once. */
class VarsFolders {
  readonly #options: ReadOptions;
  readonly #folders = new Map<string, VarsFolder>();
  readonly #lists = new Map<readonly string[], Map<string, readonly VarsFolder[]>>();
  constructor(options: ReadOptions) {
    this.#options = options;
  }
  /** The folders of a kind below `dirs`. */
  of(kind: 'group_vars' | 'host_vars', dirs: readonly string[]): readonly VarsFolder[] {
    let ofDirs = this.#lists.get(dirs);
    if (ofDirs === undefined) this.#lists.set(dirs, (ofDirs = new Map()));
    let list = ofDirs.get(kind);
    if (list === undefined) ofDirs.set(kind, (list = dirs.map((dir) => this.#folder(join(resolve(dir), kind)))));
    return list;
  }
  #folder(path: string): VarsFolder {
    let folder = this.#folders.get(path);
    if (folder === undefined) this.#folders.set(path, (folder = new VarsFolder(path, this.#options)));
    return folder;
  }
}
