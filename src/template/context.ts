// What a template is rendered in: the variables it sees, the controller, the search path and the playbook's own plugins.
import { Dict, type Value } from '../core/value.ts';
import type { Origin } from '../core/origin.ts';
import type { LookupHost } from './host.ts';

/** Variables visible to a template. */
export interface Scope {
  /** The raw value (it may be or hold TemplateText); undefined when the name is not defined. */
  lookup(name: string): Value | undefined;
  names(): Iterable<string>;
  /** True for variables whose text did not come from the user's files (facts, registered results): never a condition's text. */
  untrusted?(name: string): boolean;
}

export type CustomFilter = (value: Value, args: readonly Value[], keywords: ReadonlyMap<string, Value>) => Value;
export type CustomTest = (value: Value, args: readonly Value[], keywords: ReadonlyMap<string, Value>) => boolean;
export type CustomLookup = (terms: readonly Value[], options: ReadonlyMap<string, Value>) => readonly Value[];

/** Filters, tests and lookups that the playbook brings along. */
export interface CustomPlugins {
  readonly filters?: ReadonlyMap<string, CustomFilter>;
  readonly tests?: ReadonlyMap<string, CustomTest>;
  readonly lookups?: ReadonlyMap<string, CustomLookup>;
}

export interface RenderContext {
  readonly scope: Scope;
  readonly host: LookupHost;
  /** Directories that lookups and includes search, nearest first; each is tried with its kind's folder (files, templates, vars) before itself. */
  readonly searchPath: readonly string[];
  readonly plugins?: CustomPlugins | undefined;
  readonly warn?: ((message: string, origin?: Origin) => void) | undefined;
  /** Take the truth value of a condition that is not a boolean, with a warning that names the line, instead of an error. */
  readonly allowBrokenConditionals?: boolean | undefined;
  /** Whether plugins of the collections (json_query, ipaddr, ...) are there besides those of ansible-core; true unless said. */
  readonly collections?: boolean | undefined;
  /** Host names for the `inventory_hostnames` lookup: those that match a host pattern. */
  readonly inventoryHosts?: ((pattern: string) => readonly string[]) | undefined;
  /** The folder that `first_found` searches: that of the kind of files which the task of a `with_first_found` works on; `files` unless said. */
  readonly foundIn?: 'files' | 'templates' | 'vars' | undefined;
  /** Opens text of a vault file; needed by `unvault` and `unvault` lookups of encrypted text. */
  readonly decrypt?: ((text: string) => string) | undefined;
  /** Whether a text stood encrypted in a file; for the test `vault_encrypted`. */
  readonly isVaulted?: ((text: string) => boolean) | undefined;
}

type Layer = Dict | ReadonlyMap<string, Value> | Scope;

/** One scope of several layers: the first layer that has a name gives its value. */
export function mapScope(...layers: Layer[]): Scope {
  return {
    lookup(name) {
      for (const layer of layers) {
        const value = layer instanceof Dict || layer instanceof Map ? layer.get(name) : (layer as Scope).lookup(name);
        if (value !== undefined) return value;
      }
      return undefined;
    },
    names() {
      const names = new Set<string>();
      for (const layer of layers) {
        if (layer instanceof Dict || layer instanceof Map) for (const name of layer.keys()) names.add(String(name));
        else for (const name of (layer as Scope).names()) names.add(name);
      }
      return names;
    },
    untrusted(name) {
      for (const layer of layers) {
        if (layer instanceof Dict || layer instanceof Map) {
          if (layer.has(name)) return false;
        } else if ((layer as Scope).lookup(name) !== undefined) return (layer as Scope).untrusted?.(name) ?? false;
      }
      return false;
    },
  };
}
