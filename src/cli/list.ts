// --list-hosts, --list-tasks, --list-tags: what a playbook would do, in the form of ansible-playbook.
import { VbxError } from '../core/error.ts';
import type { Play, Playbook, Task } from '../core/play.ts';
import { TemplateText, type Value } from '../core/value.ts';
import { patternsOf } from '../engine/run.ts';
import { roleTold } from '../engine/task-name.ts';
import type { LoadedInventory } from '../inventory/inventory.ts';
import { selects } from '../playbook/tags.ts';
import { walkTasks } from '../playbook/walk.ts';
import { pythonStr } from '../template/index.ts';
import type { Controller } from './controller.ts';

export interface Selection {
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

function textOf(value: Value | undefined, play: Play, controller: Controller): string {
  return value === undefined || value === null ? '' : pythonStr(valueOf(value, play, controller));
}

function valueOf(value: Value, play: Play, controller: Controller): Value {
  if (!(value instanceof TemplateText)) return value;
  try {
    return controller.templar([play.vars, ...controller.extraVars]).render(value);
  } catch (error) {
    if (error instanceof VbxError) return value.source;
    throw error;
  }
}

function heading(play: Play, index: number, controller: Controller): string {
  const pattern = patternsOf(
    controller.templar([play.vars, ...controller.extraVars]).render(play.hosts.value),
    play,
  ).join(',');
  const name = textOf(play.name, play, controller);
  return `\n  play #${index + 1} (${pattern}): ${name === '' ? pattern : name}\tTAGS: [${tagsOf(play.tags, play, controller).join(',')}]\n`;
}

/** What was asked for of each play: its hosts, its tasks, all tags of these. Asked together they stand together, below the heading of their play. */
export interface Wanted {
  readonly hosts: boolean;
  readonly tasks: boolean;
  readonly tags: boolean;
}

/** The plays of a playbook: its hosts within `limit`, the tasks that the tags select, and their tags. */
export function listPlays(
  playbook: Playbook,
  wanted: Wanted,
  selection: Selection,
  inventory: LoadedInventory,
  limit: readonly string[] | undefined,
  controller: Controller,
): string {
  // Tags are listed whether or not tasks with them would run, unless some were chosen.
  const chosen =
    wanted.tags && selection.only.length === 0 && selection.skip.length === 0
      ? { only: ['never', 'all'], skip: [] }
      : selection;
  return playbook.plays
    .map((play, index) => {
      const hosts = wanted.hosts ? hostLines(play, inventory, limit, controller) : '';
      const tasks = wanted.tasks || wanted.tags ? selected(play, chosen, controller) : [];
      const lines = tasks.map(({ task, tags }) => `      ${titleOf(task)}\tTAGS: [${tags.join(', ')}]\n`).join('');
      const tags = `      TASK TAGS: [${[...new Set([...tagsOf(play.tags, play, controller), ...tasks.flatMap((task) => task.tags)])].sort().join(', ')}]\n`;
      return `${heading(play, index, controller)}${hosts}${wanted.tasks ? `    tasks:\n${lines}` : ''}${wanted.tags ? tags : ''}`;
    })
    .join('');
}

function hostLines(
  play: Play,
  inventory: LoadedInventory,
  limit: readonly string[] | undefined,
  controller: Controller,
): string {
  const patterns = patternsOf(controller.templar([play.vars, ...controller.extraVars]).render(play.hosts.value), play);
  const hosts = inventory.select(patterns).filter((host) => limit === undefined || limit.includes(host));
  return `    pattern: [${patterns.map((pattern) => `'${pattern}'`).join(', ')}]\n    hosts (${hosts.length}):\n${hosts.map((host) => `      ${host}\n`).join('')}`;
}

/** As under Ansible: names as they are written, with the role before them; the module alone for a task that has no name. */
function titleOf(task: Task): string {
  const name = task.name instanceof TemplateText ? task.name.source : pythonStr(task.name ?? '');
  const role = roleTold(task);
  return name === '' ? task.writtenAction : `${role === undefined ? '' : `${role} : `}${name}`;
}

function selected(play: Play, { only, skip }: Selection, controller: Controller): { task: Task; tags: string[] }[] {
  const found: { task: Task; tags: string[] }[] = [];
  for (const { task, section, blocks } of walkTasks(play)) {
    // As under Ansible: what a rescue or an always would do is not listed.
    if (section === 'handlers' || blocks.some(({ part }) => part !== 'block')) continue;
    const tags = tagsOf(task.tags, play, controller);
    if (selects(tags, only, skip)) found.push({ task, tags: [...new Set(tags)].sort() });
  }
  return found;
}

function tagsOf(tags: readonly Value[], play: Play, controller: Controller): string[] {
  return tags.flatMap((written) => {
    const tag = valueOf(written, play, controller);
    return Array.isArray(tag)
      ? tag.map((each) => pythonStr(each))
      : pythonStr(tag)
          .split(',')
          .map((each) => each.trim());
  });
}
