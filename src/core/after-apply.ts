// Values of a predicted state that only the applied change will tell.
import { Unknown } from './value.ts';

/** An Unknown where the type of a state wants a `T`; `what` names it for people: `the owner of /srv/x`. */
export function afterApply<T>(what: string): T {
  return new Unknown(what) as T;
}

/** The value, or undefined where it is Unknown. */
export function known<T>(value: T): T | undefined {
  return value instanceof Unknown ? undefined : value;
}
