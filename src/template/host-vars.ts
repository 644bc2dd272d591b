// `hostvars`: each host's variables, rendered in that host's own scope when they are read.
import { Dict, type Value } from '../core/value.ts';
import type { RenderContext, Scope } from './context.ts';
import { Engine } from './engine.ts';
import { VirtualDict } from './lazy.ts';

/**
 * The variable `hostvars`. `scopeOf` gives the variables of a host; texts in them are rendered among those variables, where `hostvars`
 * itself is not defined (as in Ansible).
 */
export class HostVars extends VirtualDict {
  readonly #hosts: readonly string[];
  readonly #known: Set<string>;
  readonly #scopeOf: (host: string) => Scope;
  readonly #context: Omit<RenderContext, 'scope'>;
  readonly #made = new Map<string, Value>();

  constructor(hosts: Iterable<string>, scopeOf: (host: string) => Scope, context: Omit<RenderContext, 'scope'>) {
    super();
    this.#hosts = [...hosts];
    this.#known = new Set(this.#hosts);
    this.#scopeOf = scopeOf;
    this.#context = context;
  }

  override get size(): number {
    return this.#hosts.length;
  }
  override has(key: Value): boolean {
    return typeof key === 'string' && this.#known.has(key);
  }
  override get(key: Value): Value | undefined {
    if (typeof key !== 'string' || !this.#known.has(key)) return undefined;
    let value = this.#made.get(key);
    if (value === undefined) this.#made.set(key, (value = new OneHost(this.#scopeOf(key), this.#context)));
    return value;
  }
  override *keys(): IterableIterator<Value> {
    yield* this.#hosts;
  }
  override *values(): IterableIterator<Value> {
    for (const host of this.#hosts) yield this.get(host) as Value;
  }
  override *entries(): IterableIterator<[Value, Value]> {
    for (const host of this.#hosts) yield [host, this.get(host) as Value];
  }
  override copy(): Dict {
    return new Dict(this.entries());
  }
}

class OneHost extends VirtualDict {
  readonly #engine: Engine;
  constructor(scope: Scope, context: Omit<RenderContext, 'scope'>) {
    super();
    const own: Scope = {
      lookup: (name) => (name === 'hostvars' ? undefined : scope.lookup(name)),
      names: () => [...scope.names()].filter((name) => name !== 'hostvars'),
      untrusted: (name) => scope.untrusted?.(name) ?? false,
    };
    this.#engine = new Engine({ ...context, scope: own });
  }
  override get size(): number {
    return this.#engine.names().size;
  }
  override has(key: Value): boolean {
    return typeof key === 'string' && this.#engine.rawVariable(key) !== undefined;
  }
  override get(key: Value): Value | undefined {
    return typeof key === 'string' ? this.#engine.ownVariable(key) : undefined;
  }
  override *keys(): IterableIterator<Value> {
    yield* this.#engine.names();
  }
  override *values(): IterableIterator<Value> {
    for (const name of this.#engine.names()) yield this.#engine.variable(name);
  }
  override *entries(): IterableIterator<[Value, Value]> {
    for (const name of this.#engine.names()) yield [name, this.#engine.variable(name)];
  }
  override copy(): Dict {
    return new Dict(this.entries());
  }
}
