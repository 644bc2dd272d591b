// What is wrong with a playbook that can be told before any host is touched: arguments, templates, conditions.
import { PlaybookError, TemplateError, type VbxError } from '../core/error.ts';
import type { Module } from '../core/module.ts';
import type { Playbook, Task } from '../core/play.ts';
import { Dict, TemplateText, toPlain, type Value } from '../core/value.ts';
import { checkArgs, type ArgProblem } from '../engine/validate-args.ts';
import { walkTasks, type Visited } from '../playbook/walk.ts';
import { checkSyntax } from '../template/index.ts';
import { loadModule } from './controller.ts';

/** Throws the first problem with its place; says how many more there are. */
export async function checkPlaybooks(playbooks: readonly Playbook[]): Promise<void> {
  const problems: VbxError[] = [];
  for (const playbook of playbooks)
    for (const play of playbook.plays)
      for (const visited of walkTasks(play))
        if (!expectsFailure(visited)) problems.push(...(await problemsOf(visited)));
  const [first, ...more] = problems;
  if (first === undefined) return;
  if (more.length === 0) throw first;
  throw new PlaybookError(first.message, {
    origin: first.origin,
    hint: `${first.hint === undefined ? '' : `${first.hint}\n  `}${more.length} more problem${more.length === 1 ? '' : 's'}: "vbx lint" lists all`,
    cause: first,
  });
}

/** The playbook says what happens when the task fails: then it fails in its turn, and not the playbook before it. */
function expectsFailure({ task, blocks }: Visited): boolean {
  return (
    task.keywords.ignore_errors !== undefined ||
    task.keywords.failed_when !== undefined ||
    blocks.some(({ block, part }) => part === 'block' && block.rescue.length > 0)
  );
}

/** Whether the task runs is told when its turn comes: its arguments (perhaps of another version of the module, or for another system) and templates are judged then. */
const mayBeSkipped = ({ task, blocks }: Visited): boolean =>
  task.when.length > 0 || blocks.some(({ block }) => block.when.length > 0);

/** What is wrong with a task's arguments, as far as it can be told before they are rendered. */
export function argProblems(task: Task, module: Module): readonly ArgProblem[] {
  const complete = task.moduleDefaults.length === 0 && !task.args.has('_variable_params');
  const given = Object.fromEntries(
    [...task.args]
      .filter(([key]) => key !== '_variable_params')
      .map(([key, value]) => [String(key as string), isStatic(value) ? toPlain(value) : new Templated()]),
  );
  // What is left out where it is not given may be an argument of another version: its task says so in its turn, should it be given.
  return checkArgs(module, given, (value) => !(value instanceof Templated), complete).filter(
    ({ unknownName, arg }) => unknownName !== true || !mayBeOmitted(task.args.get(arg ?? '')),
  );
}

/** Everything that is wrong with one task. */
async function problemsOf(visited: Visited): Promise<VbxError[]> {
  const { task } = visited;
  const problems: VbxError[] = [];
  const module = task.actionTemplate === undefined ? await loadModule(task.action) : undefined;
  for (const problem of module === undefined || mayBeSkipped(visited) ? [] : argProblems(task, module)) {
    problems.push(
      new PlaybookError(problem.message, {
        origin: problem.arg === undefined ? task.origin : task.argOrigin(problem.arg),
        hint: problem.hint,
      }),
    );
  }
  const check = (value: Value, kind: 'template' | 'expression', origin: Task['origin']): void => {
    try {
      checkSyntax(value, kind, origin);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      problems.push(
        new PlaybookError(error.message, { origin: error.origin ?? origin, hint: error.hint, cause: error }),
      );
    }
  };
  // Without items nothing of the task is read, the condition of an item neither; a later condition is read where those before it hold.
  const [condition] = task.when;
  const ownCondition =
    !visited.blocks.some(({ block }) => block.when.length > 0) && task.loop === undefined ? condition : undefined;
  if (
    ownCondition !== undefined &&
    (typeof ownCondition.value === 'string' || ownCondition.value instanceof TemplateText)
  )
    check(ownCondition.value, 'expression', ownCondition.origin);
  if (task.loop !== undefined && !mayBeSkipped(visited)) check(task.loop.value, 'template', task.loop.origin);
  if (task.loop !== undefined || mayBeSkipped(visited)) return problems;
  for (const [key, value] of task.args)
    if (module?.name !== 'ansible.builtin.assert' || key !== 'that')
      check(value, 'template', task.argOrigin(String(key as string)));
  for (const written of Object.values(task.keywords)) check(written.value, 'template', written.origin);
  return problems;
}

const mayBeOmitted = (value: Value | undefined): boolean =>
  value instanceof TemplateText && /\bomit\b/.test(value.source);

/** Stands for a value that only the run will know. */
class Templated {}

function isStatic(value: Value): boolean {
  if (value instanceof TemplateText) return false;
  if (Array.isArray(value)) return value.every((item) => isStatic(item));
  if (value instanceof Dict) return [...value.values()].every((item) => isStatic(item));
  return true;
}
