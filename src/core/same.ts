// Whether two states agree: deep equality that leaves out `info` (told, never compared) and lets Unknown match anything.
import { Unknown } from './value.ts';

/**
 * `wanted` is the state after; fields of a state that it has as undefined or not at all are left open. Below the first level (labels, options)
 * a key that only one side has is a difference. Content is compared by digest.
 */
export function same(observed: unknown, wanted: unknown, whole = false): boolean {
  if (observed === wanted || wanted instanceof Unknown || observed instanceof Unknown) return true;
  if (Array.isArray(observed) && Array.isArray(wanted))
    return observed.length === wanted.length && wanted.every((item, index) => same(observed[index], item, true));
  if (observed === null || wanted === null || typeof observed !== 'object' || typeof wanted !== 'object') return false;
  if (Array.isArray(observed) !== Array.isArray(wanted)) return false;
  const left = observed as Record<string, unknown>;
  const right = wanted as Record<string, unknown>;
  if (typeof right['sha256'] === 'string' && 'size' in right) return left['sha256'] === right['sha256'];
  for (const [key, value] of Object.entries(right)) {
    if (key === 'info' || value === undefined) continue;
    if (!same(left[key], value, !isState(value))) return false;
  }
  return (
    !whole || Object.keys(left).every((key) => key === 'info' || left[key] === undefined || right[key] !== undefined)
  );
}

/** A state within a state (what a link leads to) is compared as a state. */
function isState(value: unknown): boolean {
  return value !== null && typeof value === 'object' && 'kind' in value;
}

/** The keys of `wanted` whose states differ from those observed. */
export function differing(
  observed: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, unknown>>,
): string[] {
  return Object.keys(wanted).filter((key) => wanted[key] !== undefined && !same(observed[key], wanted[key]));
}
