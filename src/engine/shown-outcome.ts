// Values and outcomes as events carry them: plain data, what is not known as a phrase, what no_log hides gone.
import type { Outcome, Result } from '../core/outcome.ts';
import { Dict, KNOWN_AFTER_APPLY, PyFloat, toPlain, Unknown, type Value } from '../core/value.ts';

export const CENSORED = "the output has been hidden due to the fact that 'no_log: true' was specified for this result";

/** A value for events: JSON data, what is not known as a phrase. */
export function shown(value: unknown): unknown {
  const plain = value instanceof Unknown ? value : toPlain(value as Value);
  return known(plain);
}

function known(plain: unknown): unknown {
  if (plain instanceof Unknown) return KNOWN_AFTER_APPLY;
  if (plain instanceof Dict || plain instanceof PyFloat) return known(toPlain(plain));
  if (Array.isArray(plain)) return plain.map(known);
  if (plain !== null && typeof plain === 'object' && Object.getPrototypeOf(plain) === Object.prototype)
    return Object.fromEntries(Object.entries(plain).map(([key, item]) => [key, known(item)]));
  return plain !== null && typeof plain === 'object'
    ? known(toPlain(plain as Value) === plain ? String(plain as { toString(): string }) : toPlain(plain as Value))
    : plain;
}

/** An outcome for events: what no_log hides is gone, engine's own fields too. */
export function shownOutcome(outcome: Outcome, noLog: boolean): Outcome {
  const { result } = outcome;
  if (noLog)
    return {
      ...outcome,
      result: {
        censored: CENSORED,
        changed: result['changed'] === true,
        ...(outcome.kind === 'failed' ? { failed: true } : {}),
        ...('attempts' in result ? { attempts: result['attempts'] } : {}),
      },
    };
  return {
    ...outcome,
    result: known(Object.fromEntries(Object.entries(result).filter(([key]) => !key.startsWith('_vbx_')))) as Result,
  };
}
