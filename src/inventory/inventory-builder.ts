// The graph of groups and hosts while sources are read and while a run adds to it; after `reconcile` every group is below `all`.
import { controllerPython } from './controller-python.ts';
import { VbxError } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';
import { Dict, PyFloat, type Value } from '../core/value.ts';
import { GroupNode, HostNode, mergeOrder, type Assignment, type Combine } from './group-node.ts';

export const LOCALHOST: readonly string[] = ['127.0.0.1', 'localhost', '::1'];

export interface BuilderOptions {
  /** Default `replace`. */
  readonly hashBehaviour?: 'replace' | 'merge' | undefined;
  /** What happens to characters of group names that a variable's name could not have; default `never`. */
  readonly transformInvalidGroupChars?: 'always' | 'silently' | 'never' | 'ignore' | undefined;
  readonly warn: (message: string, origin?: Origin) => void;
}

const INVALID = /^\d|[^\p{L}\p{N}_]/gu;

export class InventoryBuilder {
  readonly groupNodes = new Map<string, GroupNode>();
  readonly hostNodes = new Map<string, HostNode>();
  /** The host that `localhost`, `127.0.0.1` and `::1` mean when they are not hosts of their own. */
  localhost: HostNode | undefined;
  /** Where hosts come from that are added now: inventory_file. */
  source: string | null = null;
  readonly #options: BuilderOptions;
  readonly #orders = new Map<string, readonly string[]>();
  readonly #combine: Combine;
  #warnedNames = false;

  constructor(options: BuilderOptions) {
    this.#options = options;
    this.#combine = options.hashBehaviour === 'merge' ? combineValues : (_, strong) => strong;
    this.addGroup('all');
    this.addGroup('ungrouped');
    this.addChild('all', 'ungrouped');
  }

  warn(message: string, origin?: Origin): void {
    this.#options.warn(message, origin);
  }

  /** The name under which a group is kept, by the setting transform_invalid_group_chars. */
  safeName(name: string): string {
    if (/^[A-Za-z_]\w*$/.test(name)) return name;
    INVALID.lastIndex = 0;
    if (!INVALID.test(name)) return name;
    const mode = this.#options.transformInvalidGroupChars ?? 'never';
    const replaces = mode === 'always' || mode === 'silently';
    if (mode !== 'silently' && mode !== 'ignore' && !this.#warnedNames) {
      this.#warnedNames = true;
      this.warn(
        `Invalid characters were found in group names ${replaces ? 'and automatically replaced' : 'but not replaced'} ("${name}")`,
      );
    }
    return replaces ? safeVariableName(name) : name;
  }

  hasGroup(name: string): boolean {
    return this.groupNodes.has(name);
  }
  /** Makes the group if it is not there; gives the name that it has. */
  addGroup(name: string): string {
    if (this.groupNodes.has(name)) return name;
    const safe = this.safeName(name);
    if (safe === '') throw new VbxError('a group needs a name');
    if (!this.groupNodes.has(safe)) this.groupNodes.set(safe, new GroupNode(safe, this.#combine));
    return safe;
  }
  group(name: string): GroupNode {
    const group = this.groupNodes.get(name);
    if (group === undefined) throw new VbxError(`there is no group "${name}"`);
    return group;
  }

  /** Makes the host if it is not there, puts it into a group and sets variables. */
  addHost(name: string, group: string | undefined, port?: number, assignment?: Assignment, origin?: Origin): HostNode {
    if (name === '') throw new VbxError('a host needs a name');
    let host = this.hostNodes.get(name);
    if (host === undefined) {
      host = new HostNode(name, { source: this.source, origin, combine: this.#combine, order: this.#order });
      this.hostNodes.set(name, host);
      if (LOCALHOST.includes(name)) {
        if (this.localhost === undefined || this.localhost.implicit) this.localhost = host;
        else
          this.warn(`${name} and ${this.localhost.name} both mean this machine; the first one stands for it`, origin);
      }
    }
    if (port !== undefined && !host.assigned.assignments.some(({ vars }) => vars.has('ansible_port')))
      host.assigned.add({ vars: new Dict([['ansible_port', port]]), origin, originOf: undefined });
    if (group !== undefined) this.#join(host, this.group(group));
    if (assignment !== undefined) host.assigned.add(assignment);
    return host;
  }
  #join(host: HostNode, group: GroupNode): boolean {
    if (group.hostNodes.has(host)) return false;
    group.hostNodes.add(host);
    host.memberOf.add(group);
    host.forgetGroups();
    return true;
  }
  /** Puts a host (the implicit one too) into a group; false when it is there already. */
  join(host: HostNode, group: string): boolean {
    return this.#join(host, this.group(group));
  }
  #leave(host: HostNode, group: GroupNode): void {
    group.hostNodes.delete(host);
    host.memberOf.delete(group);
    host.forgetGroups();
  }

  /** Puts a group or a host below a group; false when it is there already. */
  addChild(group: string, child: string): boolean {
    const parent = this.group(group);
    const childGroup = this.groupNodes.get(child);
    if (childGroup !== undefined) {
      const added = parent.addChild(childGroup);
      if (added) this.#regrouped(childGroup);
      return added;
    }
    const host = this.hostNodes.get(child);
    if (host === undefined) throw new VbxError(`"${child}" is neither a host nor a group`);
    return this.#join(host, parent);
  }
  #regrouped(group: GroupNode): void {
    this.#orders.clear();
    for (const below of group.descendants()) for (const host of below.hostNodes) host.forgetGroups();
  }

  /** Sets variables of a group; `ansible_group_priority` sets its place among groups of one depth. */
  setGroupVars(name: string, assignment: Assignment): void {
    const group = this.group(name);
    if (!assignment.vars.has('ansible_group_priority')) {
      group.assigned.add(assignment);
      return;
    }
    const priority = asInteger(assignment.vars.get('ansible_group_priority') ?? null);
    if (priority === undefined)
      throw new VbxError(`ansible_group_priority of group "${name}" must be a whole number`, {
        origin: assignment.originOf?.('ansible_group_priority') ?? assignment.origin,
      });
    group.priority = priority;
    const vars = assignment.vars.copy();
    vars.delete('ansible_group_priority');
    group.assigned.add({ ...assignment, vars });
    this.#regrouped(group);
  }

  /** All groups of a host, ancestors too, in the order in which their variables are merged. Hosts of the same groups share one list. */
  readonly #order = (host: HostNode): readonly string[] => {
    const key = Array.from(host.memberOf, (group) => group.name).join('\n');
    let order = this.#orders.get(key);
    if (order === undefined) {
      const all = new Set<GroupNode>();
      for (const group of host.memberOf) {
        all.add(group);
        group.ancestors(all);
      }
      order = [...all].toSorted(mergeOrder).map((group) => group.name);
      this.#orders.set(key, order);
    }
    return order;
  };

  /** After reading: every group is below `all`, hosts without a group are in `ungrouped` and no others are. */
  reconcile(): void {
    this.source = null;
    const all = this.group('all');
    const ungrouped = this.group('ungrouped');
    for (const group of this.groupNodes.values()) {
      if (group !== all && group.parentNodes.length === 0) this.addChild('all', group.name);
    }
    for (const host of this.hostNodes.values()) {
      const lone = host.memberOf.size === 0 || (host.memberOf.size === 1 && host.memberOf.has(all));
      if (lone) this.#join(host, ungrouped);
      else if (host.memberOf.has(ungrouped) && [...host.memberOf].some((group) => group !== all && group !== ungrouped))
        this.#leave(host, ungrouped);
    }
  }
  /** Names that are both a host and a group: patterns mean the host then. */
  ambiguousNames(): string[] {
    return [...this.groupNodes.keys()].filter((name) => this.hostNodes.has(name));
  }

  /** The host that a name means; `localhost` is there without being written. */
  find(name: string): HostNode | undefined {
    const host = this.hostNodes.get(name);
    if (host !== undefined || !LOCALHOST.includes(name)) return host;
    if (this.localhost === undefined) {
      this.localhost = new HostNode(name, { source: null, implicit: true, combine: this.#combine, order: this.#order });
      const python = controllerPython();
      this.localhost.assigned.add({
        vars: new Dict([
          ['ansible_connection', 'local'],
          ...(python === undefined ? [] : [['ansible_python_interpreter', python] as const]),
        ] as [string, Value][]),
        origin: undefined,
        originOf: undefined,
      });
    }
    return this.localhost;
  }
  /** Sets variables of a host in mid-run. */
  setHostVars(host: HostNode, vars: Dict): void {
    host.assigned.add({ vars, origin: undefined, originOf: undefined });
  }
}

/** Every character that a variable's name could not have as an underscore. */
export function safeVariableName(name: string): string {
  return name.replace(INVALID, '_');
}

/** `strong` over `weak`, dictionaries merged key by key. */
export function combineValues(weak: Value | undefined, strong: Value): Value {
  if (!(weak instanceof Dict) || !(strong instanceof Dict)) return strong;
  const merged = weak.copy();
  for (const [key, value] of strong) merged.set(key, combineValues(merged.get(key), value));
  return merged;
}
function asInteger(value: Value): number | undefined {
  const number =
    value instanceof PyFloat
      ? value.value
      : typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)
        ? Number(value)
        : typeof value === 'boolean'
          ? Number(value)
          : value;
  return typeof number === 'number' && Number.isFinite(number) ? Math.trunc(number) : undefined;
}
