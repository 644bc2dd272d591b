// What a task is called where it is told of, and where playbooks read of it.
import { TemplateError, VbxError } from '../core/error.ts';
import type { Task } from '../core/play.ts';
import { Dict, TemplateText, userText, type Value } from '../core/value.ts';
import { pythonStr, type Templar } from '../template/index.ts';
import { viewOf } from './prepare.ts';

/** The name of a task as a host sees it: rendered; what it does where it has none; as it is written where it uses what only an item or another host knows. */
export function shownName(request: Parameters<typeof viewOf>[0]): string {
  const { task } = request;
  const { name } = task;
  if (!(name instanceof TemplateText)) return plainName(task);
  return wholeName(name, viewOf(request).templar) ?? name.source;
}

/** That name, and where it cannot be rendered as a whole the one with its errors told in their places. */
export function namesOf(request: Parameters<typeof viewOf>[0]): { shown: string; flawed?: string } {
  const { task } = request;
  const { name } = task;
  if (!(name instanceof TemplateText)) return { shown: plainName(task) };
  const { templar } = viewOf(request);
  const shown = wholeName(name, templar);
  return shown === undefined ? { shown: name.source, flawed: flawedName(name, templar) } : { shown };
}

function plainName(task: Task): string {
  const name = task.name === undefined || task.name === null ? '' : pythonStr(task.name);
  return name === '' ? defaultName(task) : name;
}

function wholeName(name: TemplateText, templar: Templar): string | undefined {
  try {
    return pythonStr(templar.render(name));
  } catch (error) {
    if (error instanceof VbxError) return undefined;
    throw error;
  }
}

/** The name with its errors numbered. */
function flawedName(name: TemplateText, templar: Templar): string {
  let errors = 0;
  const rendered = (text: string): string => {
    try {
      return pythonStr(templar.render(userText(text)));
    } catch (error) {
      if (!(error instanceof VbxError)) throw error;
      const told = `<< error ${++errors} - ${error.message} >>`;
      return error instanceof TemplateError && error.kind === 'undefined' && text.includes('{%')
        ? `${told}<< error ${++errors} - template potentially truncated >>`
        : told;
    }
  };
  return name.source.includes('{%')
    ? rendered(name.source)
    : name.source.replaceAll(/\{\{[^]*?\}\}/g, (part) => rendered(part));
}

/** The role whose name is told before that of the task; Ansible's include_role stands without one. */
export function roleTold({ role, action }: Task): string | undefined {
  return role === undefined || action === 'ansible.builtin.include_role' ? undefined : (role.fqcn ?? role.name);
}

/** What a task without a name is called: its module, or for includes the file. */
function defaultName(task: Task): string {
  const raw = task.args.get('_raw_params') ?? task.args.get('file') ?? task.args.get('name');
  if (task.action === 'ansible.builtin.meta') return `meta: ${raw === undefined ? '' : pythonStr(raw)}`;
  if (task.action === 'ansible.builtin.include_role')
    return `${task.writtenAction} : ${pythonStr(task.args.get('name') ?? task.args.get('role') ?? '')}`;
  return task.writtenAction;
}

/** The variable `ansible_failed_task` of a rescue, as `viewOf` sees the task: templates that use what only an item knows stay as they are written. */
export function failedTask(request: Parameters<typeof viewOf>[0], name: string): Dict {
  const { task } = request;
  const { templar } = viewOf(request);
  const rendered = (value: Value): Value => {
    try {
      return templar.render(value);
    } catch (error) {
      if (error instanceof VbxError) return asWritten(value);
      throw error;
    }
  };
  const each = (given: readonly Value[]): Value => Array.from(given, rendered);
  const vars = new Dict();
  for (const layer of task.vars) for (const [key, value] of layer.vars) vars.set(key, asWritten(value));
  return new Dict([
    ['name', task.name === undefined ? '' : name],
    ['action', task.writtenAction],
    ['_resolved_action', task.action],
    ['args', new Dict(Array.from(task.args, ([key, value]) => [key, rendered(value)] as const))],
    ['delegate_to', task.keywords.delegate_to === undefined ? null : rendered(task.keywords.delegate_to.value)],
    ['loop', task.loop === undefined ? null : rendered(task.loop.value)],
    ['notify', task.notify.length === 0 ? null : each(task.notify.map(({ value }) => value))],
    ['register', task.register ?? null],
    ['tags', each(task.tags)],
    ['vars', vars],
    ['when', task.when.map(({ value }) => asWritten(value))],
  ] satisfies [string, Value][]);
}

/** The value with its templates as text. */
function asWritten(value: Value): Value {
  if (value instanceof TemplateText) return value.source;
  if (Array.isArray(value)) return Array.from(value, asWritten);
  if (value instanceof Dict) return new Dict(Array.from(value, ([key, item]) => [key, asWritten(item)] as const));
  return value;
}
