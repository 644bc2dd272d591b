// The dynamic half of the playbook language for the engine: what tasks include while a play runs, by the loader that read the playbook.
import type { Play, Task } from '../core/play.ts';
import type { Includes } from '../engine/run-options.ts';
import { PlaybookLoader } from '../playbook/load.ts';
import type { FileSource } from '../playbook/node-files.ts';
import { resolveFile, searchPath } from '../playbook/search-path.ts';

export function includesOf(loader: PlaybookLoader, files: FileSource): Includes {
  const paths = new WeakMap<object, readonly string[]>();
  return {
    tasks: (file, parent, options) => loader.loadIncludedTasks(file, parent, options),
    role: (name, parent, options) => loader.loadIncludedRole(name, parent, options),
    varsFile: (path) => loader.loadVarsFile(path),
    find(kind, name, task, play) {
      return kind === 'tasks'
        ? loader.findTaskFile(name, task)
        : resolveFile(name, task, kind, play, files, task.argOrigin(kind === 'vars' ? 'file' : 'src'));
    },
    searchPath(task: Task | undefined, play: Play) {
      const key = task ?? play;
      let known = paths.get(key);
      if (known === undefined)
        paths.set(key, (known = [...new Set([...(task === undefined ? [] : searchPath(task)), play.playbookDir])]));
      return known;
    },
  };
}
