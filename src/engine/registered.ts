// A result as playbooks see it afterwards: the value of a registered variable.
import type { Outcome, Result } from '../core/outcome.ts';
import { fromPlain, type Value } from '../core/value.ts';

/** What Ansible gives where it is not asked for tracebacks: playbooks ask whether a failure has one. */
export const NO_TRACEBACK = '(traceback unavailable)';

/** The result as the value of a registered variable: always with `changed`, and with `failed`, or what a loop has in its place. */
export function registered(outcome: Outcome, loop: boolean): Value {
  const { result } = outcome;
  const full: Result = { ...result };
  if (!('changed' in full)) full['changed'] = false;
  // Whoever did not run for its condition did not succeed either.
  if (outcome.kind === 'failed' || !(loop || 'false_condition' in full))
    full['failed'] = outcome.kind === 'failed' || ('failed_when_result' in full && full['failed'] === true);
  if (full['failed'] === true && !(loop && 'results' in full)) full['exception'] ??= NO_TRACEBACK;
  if (loop) full['skipped'] = false;
  if (outcome.kind === 'skipped') full['skipped'] = true;
  if (outcome.kind === 'unreachable') full['unreachable'] = true;
  for (const key of Object.keys(full)) if (key.startsWith('_vbx_')) delete full[key];
  return fromPlain(full);
}
