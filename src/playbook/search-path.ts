// Where a task's files are looked for: its role, the roles that led to it, its own folder, the playbook's.
import { basename, dirname, isAbsolute, join } from 'node:path';
import { PlaybookError } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';
import type { Play, Task } from '../core/play.ts';
import { expandHome } from './find-role.ts';
import type { FileSource } from './node-files.ts';

export type FileKind = 'files' | 'templates' | 'tasks' | 'vars' | 'handlers';

/** The folders that `ansible_search_path` lists: roles from the task's own outwards, then the folder of the task's file. */
export function searchPath(task: Pick<Task, 'role' | 'origin'>): readonly string[] {
  const roles = task.role === undefined ? [] : [task.role, ...task.role.parents.toReversed()];
  return [...new Set([...roles.map((role) => role.path), dirname(task.origin.file)])];
}

/** Folders of a kind of file in the order of search: KIND below each of the search path and then the folder itself, the playbook's at the end. */
export function searchFolders(
  task: Pick<Task, 'role' | 'origin'>,
  kind: FileKind,
  play: Pick<Play, 'playbookDir'>,
): readonly string[] {
  const folders = searchPath(task).flatMap((path) => {
    // A task file in a folder below tasks/ also looks in the role's own folders.
    const nested =
      task.role !== undefined && basename(dirname(path)) === 'tasks'
        ? [join(dirname(dirname(path)), kind), dirname(path)]
        : [];
    return [...nested, join(path, kind), path];
  });
  return [...new Set([...folders, join(play.playbookDir, kind), play.playbookDir])];
}

/**
 * The file that `name` means. A name that already begins with KIND/ is not looked for in KIND/KIND. Absolute names and those that begin with ~ are taken
 * as they are. Throws a PlaybookError that lists where it looked.
 */
export function resolveFile(
  name: string,
  task: Pick<Task, 'role' | 'origin'>,
  kind: FileKind,
  play: Pick<Play, 'playbookDir'>,
  files: FileSource,
  origin: Origin = task.origin,
): string {
  const path = expandHome(name);
  const doubled = path.split('/', 1)[0] === kind;
  const candidates = isAbsolute(path)
    ? [path]
    : [
        ...new Set(
          searchFolders(task, kind, play)
            .filter((folder) => !(doubled && basename(folder) === kind))
            .map((folder) => join(folder, path)),
        ),
      ];
  const found = candidates.find((candidate) => files.exists(candidate));
  if (found !== undefined) return found;
  throw new PlaybookError(`Could not find or access '${name}' on the Ansible Controller.`, {
    origin,
    hint: `looked for ${candidates.join(', ')}`,
  });
}
