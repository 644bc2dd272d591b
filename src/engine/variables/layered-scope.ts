// The variables that one template sees, as layers that are walked from the strongest down: making one copies nothing.
import { Dict, type Value } from '../../core/value.ts';
import type { VarsLayer } from '../../core/host.ts';
import type { Scope } from '../../template/context.ts';
import { combine } from './combine.ts';

/** Layers of one origin, weakest first. A function is called when a lookup gets that far (files that are read only for those who ask). */
export type LayerGroup = readonly VarsLayer[] | (() => readonly VarsLayer[]);

/** Computed variables above all layers: undefined for a name that is none of them. */
export interface Magic {
  get(name: string): Value | undefined;
  names(): Iterable<string>;
}

export interface ScopeParts {
  /** Weakest first. */
  readonly groups: readonly LayerGroup[];
  readonly magic: Magic;
  /** Loop variables and the like: above everything. */
  readonly loop: Dict | ReadonlyMap<string, Value> | undefined;
  readonly merge: boolean;
  readonly untrusted: (name: string, layer: VarsLayer) => boolean;
}

export class LayeredScope implements Scope {
  readonly #parts: ScopeParts;
  constructor(parts: ScopeParts) {
    this.#parts = parts;
  }

  lookup(name: string): Value | undefined {
    const { loop, magic, groups, merge } = this.#parts;
    const looped = loop?.get(name);
    if (looped !== undefined) return looped;
    const known = magic.get(name);
    if (known !== undefined) return known;
    if (merge) return this.#merged(name);
    for (let index = groups.length - 1; index >= 0; index--) {
      const layers = layersOf(groups[index]);
      for (let at = layers.length - 1; at >= 0; at--) {
        const value = layers[at]?.vars.get(name);
        if (value !== undefined) return value;
      }
    }
    return undefined;
  }
  #merged(name: string): Value | undefined {
    let result: Value | undefined;
    for (const { value } of this.settings(name)) result = combine(result, value);
    return result;
  }

  /** Every layer that sets the name, weakest first; magic and loop variables last. */
  settings(name: string): readonly { readonly value: Value; readonly layer: VarsLayer }[] {
    const found: { value: Value; layer: VarsLayer }[] = [];
    for (const layer of this.layers()) {
      const value = layer.vars.get(name);
      if (value !== undefined) found.push({ value, layer });
    }
    return found;
  }
  /** All layers, weakest first, without magic and loop variables. */
  *layers(): Iterable<VarsLayer> {
    for (const group of this.#parts.groups) yield* layersOf(group);
  }

  *names(): Iterable<string> {
    const seen = new Set<string>();
    for (const layer of this.layers()) {
      for (const name of layer.vars.keys()) if (typeof name === 'string') seen.add(name);
    }
    for (const name of this.#parts.magic.names()) seen.add(name);
    for (const name of this.#parts.loop?.keys() ?? []) seen.add(String(name));
    yield* seen;
  }

  untrusted(name: string): boolean {
    if (this.#parts.loop?.get(name) !== undefined || this.#parts.magic.get(name) !== undefined) return false;
    const last = this.settings(name).at(-1);
    return last !== undefined && this.#parts.untrusted(name, last.layer);
  }
}

function layersOf(group: LayerGroup | undefined): readonly VarsLayer[] {
  return group === undefined ? [] : typeof group === 'function' ? group() : group;
}
