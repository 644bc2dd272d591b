// Groups and hosts of an inventory as a graph: what the file readers fill in. A group knows its parents and children; cycles are refused.
import type { Host, Group, VarsLayer } from '../core/host.ts';
import type { Origin } from '../core/origin.ts';
import { VbxError } from '../core/error.ts';
import { Dict, type Value } from '../core/value.ts';

/** Variables set in one place of a source. */
export interface Assignment {
  readonly vars: Dict;
  readonly origin: Origin | undefined;
  readonly originOf: ((name: string) => Origin | undefined) | undefined;
}

/** Joins two values of one variable: replaces, or merges dictionaries where settings say so. */
export type Combine = (weak: Value | undefined, strong: Value) => Value;

/** Variables that several places set, later ones stronger. */
class Assigned {
  readonly assignments: Assignment[] = [];
  #vars: Dict | undefined;
  readonly #combine: Combine;
  constructor(combine: Combine) {
    this.#combine = combine;
  }
  add(assignment: Assignment): void {
    if (assignment.vars.size === 0) return;
    this.assignments.push(assignment);
    this.#vars = undefined;
  }
  get vars(): Dict {
    if (this.#vars === undefined) {
      const [only, second] = this.assignments;
      if (only !== undefined && second === undefined) this.#vars = only.vars;
      else {
        const all = new Dict();
        for (const { vars } of this.assignments)
          for (const [name, value] of vars) all.set(name, this.#combine(all.get(name), value));
        this.#vars = all;
      }
    }
    return this.#vars;
  }
  readonly originOf = (name: string): Origin | undefined => {
    const assignment = this.assignments.findLast(({ vars }) => vars.has(name));
    return assignment === undefined ? undefined : (assignment.originOf?.(name) ?? assignment.origin);
  };
  layer(level: string): VarsLayer | undefined {
    const first = this.assignments[0]?.origin;
    return this.assignments.length === 0
      ? undefined
      : { level, vars: this.vars, originOf: this.originOf, ...(first && { origin: first }) };
  }
}

export class HostNode implements Host {
  readonly name: string;
  readonly origin?: Origin;
  /** Source (path or host list) in which the host was first seen; null for hosts made during a run. */
  readonly source: string | null;
  /** Made because `localhost` was asked for, not written anywhere. */
  readonly implicit: boolean;
  readonly memberOf = new Set<GroupNode>();
  readonly assigned: Assigned;
  #groups: readonly string[] | undefined;
  readonly #order: (host: HostNode) => readonly string[];

  constructor(
    name: string,
    options: {
      source: string | null;
      implicit?: boolean;
      origin?: Origin | undefined;
      combine: Combine;
      order: (host: HostNode) => readonly string[];
    },
  ) {
    this.name = name;
    this.source = options.source;
    this.implicit = options.implicit === true;
    if (options.origin !== undefined) this.origin = options.origin;
    this.assigned = new Assigned(options.combine);
    this.#order = options.order;
  }
  get vars(): Dict {
    return this.assigned.vars;
  }
  get groups(): readonly string[] {
    return (this.#groups ??= this.#order(this));
  }
  forgetGroups(): void {
    this.#groups = undefined;
  }
}

export class GroupNode implements Group {
  readonly name: string;
  readonly childNodes: GroupNode[] = [];
  readonly parentNodes: GroupNode[] = [];
  readonly hostNodes = new Set<HostNode>();
  readonly assigned: Assigned;
  priority = 1;
  #depth: number | undefined;

  constructor(name: string, combine: Combine) {
    this.name = name;
    this.assigned = new Assigned(combine);
  }
  get vars(): Dict {
    return this.assigned.vars;
  }
  get children(): readonly string[] {
    return this.childNodes.map((group) => group.name);
  }
  get parents(): readonly string[] {
    return this.parentNodes.map((group) => group.name);
  }
  get hosts(): readonly string[] {
    return Array.from(this.hostNodes, (host) => host.name);
  }
  get depth(): number {
    if (this.#depth === undefined) {
      this.#depth = 0;
      for (const parent of this.parentNodes) this.#depth = Math.max(this.#depth, parent.depth + 1);
    }
    return this.#depth;
  }
  /** Parents, their parents and so on, without itself. */
  ancestors(into: Set<GroupNode> = new Set()): Set<GroupNode> {
    for (const parent of this.parentNodes) {
      if (into.has(parent)) continue;
      into.add(parent);
      parent.ancestors(into);
    }
    return into;
  }
  /** Itself and all below it, level by level. */
  descendants(): GroupNode[] {
    const found = new Set<GroupNode>([this]);
    for (const group of found) for (const child of group.childNodes) found.add(child);
    return [...found];
  }
  /** Makes `child` one of its groups; false when it was one. Throws a `VbxError` for a cycle. */
  addChild(child: GroupNode): boolean {
    if (child === this) throw new VbxError(`group "${this.name}" cannot be a child of itself`);
    if (this.childNodes.includes(child)) return false;
    if (this.ancestors().has(child))
      throw new VbxError(`group "${child.name}" as a child of "${this.name}" would be a loop: it is above it already`);
    this.childNodes.push(child);
    child.parentNodes.push(this);
    for (const group of child.descendants()) group.#depth = undefined;
    return true;
  }
}

/** Order in which variables of groups are merged: depth, then priority, then name. */
export function mergeOrder(a: GroupNode, b: GroupNode): number {
  return a.depth - b.depth || a.priority - b.priority || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}
