// Hosts and groups of an inventory.
import type { Origin } from './origin.ts';
import type { Dict, Value } from './value.ts';

/** Variables that one source sets, with where it stands: `group_vars/all.yml`, a line of the inventory, ... */
export interface VarsLayer {
  /** What kind of source, in the words of Ansible's precedence list: `inventory group_vars/all`, `role defaults`, `play vars`, ... */
  readonly level: string;
  readonly vars: Dict;
  readonly origin?: Origin;
  /** Place of a single variable where the file's positions are known. */
  readonly originOf?: (name: string) => Origin | undefined;
}

export interface Host {
  readonly name: string;
  /** Every group it is in, ancestors included, `all` too; sorted by depth, then priority, then name (merge order of their variables). */
  readonly groups: readonly string[];
  /** Variables of the host written in the inventory itself. */
  readonly vars: Dict;
  readonly origin?: Origin;
}

export interface Group {
  readonly name: string;
  readonly vars: Dict;
  readonly children: readonly string[];
  readonly parents: readonly string[];
  /** Direct members. */
  readonly hosts: readonly string[];
  /** Longest way from `all`. */
  readonly depth: number;
  /** ansible_group_priority. */
  readonly priority: number;
}

/** What the engine asks of an inventory; `addHost` and `addToGroup` change it in mid-run (add_host, group_by). */
export interface Inventory {
  readonly sources: readonly string[];
  host(name: string): Host | undefined;
  group(name: string): Group | undefined;
  /** In inventory order. */
  hosts(): readonly Host[];
  groups(): readonly Group[];
  /** All members of a group, those of its children too, in inventory order. */
  members(group: string): readonly string[];
  /** Inventory names that a pattern selects, in order; `localhost` is implied. An unknown name is an error only if nothing matches and `strict`. */
  select(pattern: string | readonly string[], options?: { strict?: boolean; origin?: Origin }): readonly string[];
  /** Layers of the inventory for a host, weakest first: group vars of the inventory and of group_vars files (beside inventory, beside `playbookDir`), host vars likewise. */
  layers(host: string, playbookDir: string | undefined): readonly VarsLayer[];
  addHost(name: string, groups: readonly string[], vars: Dict): void;
  addToGroup(host: string, group: string, parents: readonly string[]): void;
}

export type HostName = string;
export type HostVars = ReadonlyMap<string, Value>;
