// Joining two values of one variable under `hash_behaviour = merge`: dictionaries are merged key by key, anything else is replaced.
import { Dict, type Value } from '../../core/value.ts';

/** `strong` over `weak`; neither is changed. Lists are replaced, as Ansible's `merge` does. */
export function combine(weak: Value | undefined, strong: Value): Value {
  if (!(weak instanceof Dict) || !(strong instanceof Dict)) return strong;
  const merged = new Dict(weak.entries());
  for (const [key, value] of strong) merged.set(key, combine(merged.get(key), value));
  return merged;
}
