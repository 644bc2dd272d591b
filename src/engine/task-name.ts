// What a task is called where it is told of, and where playbooks read of it.
import { VbxError } from '../core/error.ts';
import type { Task } from '../core/play.ts';
import { Dict, TemplateText } from '../core/value.ts';
import { pythonStr } from '../template/index.ts';
import { viewOf } from './prepare.ts';

/** The name of a task as a host sees it: rendered; what it does where it has none; as it is written where it uses what only an item or another host knows. */
export function shownName(request: Parameters<typeof viewOf>[0]): string {
  const { task } = request;
  const { name } = task;
  if (name === undefined || name === null) return defaultName(task);
  if (!(name instanceof TemplateText)) return pythonStr(name) === '' ? defaultName(task) : pythonStr(name);
  try {
    return pythonStr(viewOf(request).templar.render(name));
  } catch (error) {
    if (error instanceof VbxError) return name.source;
    throw error;
  }
}

/** The role whose name is told before that of the task; Ansible's include_role stands without one. */
export function roleTold({ role, action }: Task): string | undefined {
  return role === undefined || action === 'ansible.builtin.include_role' ? undefined : (role.fqcn ?? role.name);
}

/** What a task without a name is called: its module, or for includes the file. */
function defaultName(task: Task): string {
  const raw = task.args.get('_raw_params') ?? task.args.get('file') ?? task.args.get('name');
  if (task.action === 'ansible.builtin.meta') return `meta: ${raw === undefined ? '' : pythonStr(raw)}`;
  if (task.action === 'ansible.builtin.include_role') return `${task.writtenAction} : ${pythonStr(task.args.get('name') ?? task.args.get('role') ?? '')}`;
  return task.writtenAction;
}

/** The variable `ansible_failed_task` of a rescue. */
export function failedTask(task: Task, name: string): Dict {
  return new Dict([['name', name], ['action', task.writtenAction], ['args', task.args]]);
}
