// Plugins and modules that playbooks and roles bring along in folders of their own, as paths: the engine decides what it can use.
import { join } from 'node:path';
import type { Playbook, Role } from '../core/play.ts';
import type { FileSource } from './node-files.ts';
import { sections, walkNodes } from './walk.ts';

export const PLUGIN_KINDS = [
  'library',
  'module_utils',
  'action_plugins',
  'filter_plugins',
  'test_plugins',
  'lookup_plugins',
  'callback_plugins',
  'connection_plugins',
  'vars_plugins',
] as const;
export type PluginKind = (typeof PLUGIN_KINDS)[number];

export interface PluginFile {
  readonly kind: PluginKind;
  readonly path: string;
}

/** Plugin files beside the playbook and in its roles; files of Python's own (`__init__.py`, `__pycache__`) are left out. */
export function pluginFiles(playbook: Playbook, files: FileSource): readonly PluginFile[] {
  const folders = new Set<string>();
  for (const play of playbook.plays) {
    folders.add(play.playbookDir);
    const add = (role: Role | undefined): void => {
      for (const one of role === undefined ? [] : [...role.parents, role, ...role.dependencies]) folders.add(one.path);
    };
    for (const run of play.roles) add(run.role);
    for (const [section, nodes] of sections(play)) for (const { task } of walkNodes(nodes, section, [])) add(task.role);
  }
  return [...folders].flatMap((folder) => pluginFilesIn(folder, files));
}

/** Plugin files of one role or playbook folder. */
export function pluginFilesIn(folder: string, files: FileSource): readonly PluginFile[] {
  return PLUGIN_KINDS.flatMap((kind) =>
    files
      .list(join(folder, kind))
      .filter((name) => !name.startsWith('.') && !name.startsWith('__') && !name.endsWith('.pyc'))
      .map((name) => ({ kind, path: join(folder, kind, name) }))
      .filter(({ path }) => !files.isDir(path)),
  );
}
