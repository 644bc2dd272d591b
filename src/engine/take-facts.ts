// Facts that a result brings, set where they belong: on the host, or on the one that the task was delegated to.
import type { Result } from '../core/outcome.ts';
import { Dict, fromPlain } from '../core/value.ts';
import { viewOf } from './prepare.ts';
import { toBool } from './run-context.ts';
import type { TaskRequest } from './task-request.ts';

/** Sets the facts of a result that did not fail; `delegate` is the host that the task was delegated to. */
export function takeFacts(request: TaskRequest, result: Result, delegate: string | undefined): void {
  const facts = result['ansible_facts'];
  const { run, host, task } = request;
  if (facts === undefined || result['failed'] === true) return;
  const values = facts instanceof Dict ? facts : fromPlain(facts);
  if (!(values instanceof Dict)) return;
  const toDelegate =
    delegate !== undefined &&
    task.keywords.delegate_facts !== undefined &&
    toBool(viewOf(request).templar.render(task.keywords.delegate_facts.value));
  const state = run.variables.hostState(toDelegate ? (delegate as string) : host);
  if (task.action === 'ansible.builtin.set_fact') {
    const cacheable = result['_vbx_cacheable'] === true;
    for (const [name, value] of values) state.setFact(String(name as string), value, cacheable, task.origin);
  } else if (task.action === 'ansible.builtin.include_vars') {
    state.includeVars(values, { origin: task.origin });
  } else state.setFacts(values);
}
