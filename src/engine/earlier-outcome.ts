// What an earlier run that is resumed knows of a task: its outcome on a host, where that is enough.
import type { Outcome } from '../core/outcome.ts';
import type { Task } from '../core/play.ts';
import type { HostRun } from './host-run.ts';
import type { RunContext } from './run-context.ts';

/** Tasks that a resumed run carries out again: they ask no host and shape what follows. */
const CARRIED_OUT_AGAIN: ReadonlySet<string> = new Set([
  'ansible.builtin.include_tasks',
  'ansible.builtin.include_role',
  'ansible.builtin.meta',
  'ansible.builtin.add_host',
  'ansible.builtin.group_by',
]);

/** The outcome that an earlier run had for this turn of the task, where that is enough: includes and meta are always carried out again. */
export function finishedEarlier(run: RunContext, host: HostRun, task: Task, take: boolean): Outcome | undefined {
  const { resume } = run.options;
  if (resume === undefined || CARRIED_OUT_AGAIN.has(task.action)) return undefined;
  const nth = host.turns.get(task.id) ?? 0;
  if (take) host.turns.set(task.id, nth + 1);
  const own = resume.results[host.name]?.[task.id]?.[nth];
  if (own !== undefined || task.keywords.run_once === undefined) return own;
  return Object.values(resume.results).find((results) => results[task.id]?.[nth] !== undefined)?.[task.id]?.[nth];
}
