// Who sets a variable: every source by precedence, for `vbx explain VAR --host H`.
import type { Origin } from '../../core/origin.ts';
import type { Value } from '../../core/value.ts';
import type { VarsLayer } from '../../core/host.ts';
import { levelNumber } from './levels.ts';

/** One source that sets the variable. */
export interface Setting {
  /** Number in Ansible's list of 22 levels; 23 and 24 are magic and loop variables; 0 for a level that is not in the list. */
  readonly number: number;
  readonly level: string;
  /** Not rendered. */
  readonly value: Value;
  readonly origin?: Origin;
  /** The one whose value counts (under `hash_behaviour = merge` the strongest of those that are merged). */
  readonly winner: boolean;
}

/** Settings as given, weakest first, the last one the winner. */
export function explainSettings(
  name: string,
  settings: readonly { readonly value: Value; readonly layer: VarsLayer }[],
): readonly Setting[] {
  return settings.map(({ value, layer }, index) => {
    const origin = layer.originOf?.(name) ?? layer.origin;
    return {
      number: levelNumber(layer.level) ?? 0,
      level: layer.level,
      value,
      winner: index === settings.length - 1,
      ...(origin && { origin }),
    };
  });
}
