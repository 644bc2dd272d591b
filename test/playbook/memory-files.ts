// A file system in memory for tests of loaders: paths to texts.
import { dirname } from 'node:path';
import type { FileSource } from '../../src/playbook/node-files.ts';
import { PlaybookLoader, type LoaderContext } from '../../src/playbook/load.ts';
import { nearest } from '../../src/core/nearest.ts';
import { Dict, TemplateText, toPlain, type Value } from '../../src/core/value.ts';
import { TemplateError } from '../../src/core/error.ts';
import type { Node, Play, Task } from '../../src/core/play.ts';
import { walkNodes } from '../../src/playbook/walk.ts';

export type Tree = Record<string, string>;

export function memoryFiles(tree: Tree): FileSource {
  const folders = new Map<string, Set<string>>();
  for (const path of Object.keys(tree)) {
    for (let child = path; child !== '/'; child = dirname(child)) {
      const names = folders.get(dirname(child)) ?? new Set();
      folders.set(dirname(child), names.add(child.slice(child.lastIndexOf('/') + 1)));
    }
  }
  return {
    readFile: (path) => tree[path],
    exists: (path) => tree[path] !== undefined || folders.has(path),
    isDir: (path) => folders.has(path),
    list: (path) => [...(folders.get(path) ?? [])].sort(),
    realPath: (path) => path,
  };
}

const MODULES = [
  'add_host',
  'assert',
  'command',
  'copy',
  'debug',
  'fail',
  'file',
  'import_playbook',
  'import_role',
  'import_tasks',
  'include_role',
  'include_tasks',
  'include_vars',
  'meta',
  'ping',
  'service',
  'set_fact',
  'shell',
  'template',
  'validate_argument_spec',
];

export const testModules: LoaderContext['modules'] = (name, collections) => {
  const short = name.replace(/^ansible\.(builtin|legacy)\./, '');
  if (MODULES.includes(short)) return { canonical: `ansible.builtin.${short}` };
  if (
    name === 'community.docker.docker_container' ||
    (name === 'docker_container' && collections.includes('community.docker'))
  )
    return { canonical: 'community.docker.docker_container' };
  return { nearest: nearest(name, MODULES) };
};

/** Renders `{{ name }}` and nothing else. */
const renderStatic: NonNullable<LoaderContext['renderStatic']> = (value, layers) => {
  if (!(value instanceof TemplateText)) return value;
  return value.source.replace(/\{\{ *(\w+) *\}\}/g, (_mark, name: string) => {
    const found = layers.findLast((layer) => layer.vars.has(name))?.vars.get(name);
    if (found === undefined) throw new TemplateError('undefined', `'${name}' is undefined`, { origin: value.origin });
    return String(renderStatic(found, layers));
  });
};

export function testLoader(tree: Tree, context: Partial<LoaderContext> = {}): PlaybookLoader {
  return new PlaybookLoader({
    files: memoryFiles(tree),
    rolesPath: ['/etc/roles'],
    collectionsPath: ['/usr/share'],
    modules: testModules,
    renderStatic,
    ...context,
  });
}

/** Values as plain data; templates as their source. */
export function plain(value: Value | undefined): unknown {
  return value instanceof TemplateText
    ? value.source
    : value instanceof Dict
      ? Object.fromEntries([...value].map(([key, item]) => [String(key), plain(item)]))
      : Array.isArray(value)
        ? value.map(plain)
        : toPlain(value ?? null);
}

export function tasksIn(nodes: readonly Node[]): Task[] {
  return [...walkNodes(nodes, 'tasks', [])].map(({ task }) => task);
}
export function allTasks(play: Play | undefined): Task[] {
  return play === undefined
    ? []
    : tasksIn([...play.preTasks, ...play.roles.flatMap((run) => run.nodes), ...play.tasks, ...play.postTasks]);
}
export function named(tasks: readonly Task[], name: string): Task {
  const task = tasks.find((one) => plain(one.name) === name);
  if (task === undefined)
    throw new Error(`no task ${name} among ${tasks.map((one) => String(plain(one.name))).join(', ')}`);
  return task;
}
