// Where a role or a playbook of a collection lies: Ansible's order of folders.
import { basename, isAbsolute, join, resolve } from 'node:path';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import type { FileSource } from './node-files.ts';

export interface RolePlaces {
  readonly files: FileSource;
  /** Folders of the `roles_path` setting. */
  readonly rolesPath: readonly string[];
  /** Folders that hold `ansible_collections` (the `collections_path` setting). */
  readonly collectionsPath: readonly string[];
}

export interface FoundRole {
  readonly name: string;
  readonly path: string;
  readonly collection?: string;
}

const COLLECTION_NAME = /^[A-Za-z_]\w*\.[A-Za-z_]\w*$/;
const QUALIFIED = /^[A-Za-z_]\w*\.[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/;

/** The folder of a collection `namespace.name`, beside the playbook first. */
export function findCollection(
  name: string,
  playbookDir: string,
  { files, collectionsPath }: RolePlaces,
): string | undefined {
  if (!COLLECTION_NAME.test(name)) return undefined;
  const [namespace = '', collection = ''] = name.split('.');
  // A playbook of a collection sees the collections beside its own.
  const around = /^(.*\/ansible_collections)\/[^/]+\/[^/]+(?:\/|$)/.exec(playbookDir)?.[1];
  const roots = [
    join(playbookDir, 'collections'),
    ...(around === undefined ? [] : [around]),
    ...collectionsPath.map((path) => expandHome(path)),
  ];
  for (const root of roots) {
    for (const base of basename(root) === 'ansible_collections' ? [root] : [join(root, 'ansible_collections')]) {
      const path = join(base, namespace, collection);
      if (files.isDir(path)) return path;
    }
  }
  return undefined;
}

/** The file of `namespace.collection.module` in an installed collection; `onController`: a part of it runs on the controller, within Ansible. */
export function findModule(
  name: string,
  playbookDir: string,
  places: RolePlaces,
): { readonly path: string; readonly onController: boolean } | undefined {
  const [namespace, collection, ...module] = name.split('.');
  const folder =
    module.length === 0 || module.some((part) => !/^\w+$/.test(part))
      ? undefined
      : findCollection(`${namespace}.${collection}`, playbookDir, places);
  if (folder === undefined) return undefined;
  const [path = '', action = ''] = ['modules', 'action'].map(
    (kind) => `${join(folder, 'plugins', kind, ...module)}.py`,
  );
  const onController = places.files.exists(action);
  return onController || places.files.exists(path) ? { path, onController } : undefined;
}

/** The collection that a path lies in, as `namespace.name`. */
export function collectionOf(path: string): string | undefined {
  const match = /\/ansible_collections\/([A-Za-z_]\w*)\/([A-Za-z_]\w*)(?:\/|$)/.exec(path);
  return match === null ? undefined : `${match[1]}.${match[2]}`;
}

/** `namespace.collection.role` or a role of one of `collections`; then roles/ beside the playbook, roles_path, `beside` (the folder of the role that asks), the playbook's folder. */
export function findRole(
  name: string,
  playbookDir: string,
  collections: readonly string[],
  beside: string | undefined,
  places: RolePlaces,
): FoundRole | { readonly looked: readonly string[] } {
  const looked: string[] = [];
  const candidates: [collection: string, role: string][] = [];
  if (QUALIFIED.test(name)) {
    const [namespace = '', collection = '', ...role] = name.split('.');
    candidates.push([`${namespace}.${collection}`, role.join('/')]);
  } else if (!name.includes('/'))
    for (const collection of collections) candidates.push([collection, name.replaceAll('.', '/')]);
  for (const [collection, role] of candidates) {
    const folder = findCollection(collection, playbookDir, places);
    if (folder === undefined) {
      if (QUALIFIED.test(name)) looked.push(`collection ${collection}`);
      continue;
    }
    const path = join(folder, 'roles', role);
    if (places.files.isDir(path)) return { name: role.replaceAll('/', '.'), path, collection };
    looked.push(path);
  }
  const folders = [
    join(playbookDir, 'roles'),
    ...places.rolesPath.map((path) => expandHome(path)),
    ...(beside === undefined ? [] : [beside]),
    playbookDir,
  ];
  for (const folder of folders) {
    const path = resolve(folder, expandHome(name));
    // As under Ansible: a role by its absolute path is named so.
    if (places.files.exists(path)) return { name: name.startsWith('~') ? basename(path) : name, path };
    looked.push(path);
  }
  const path = resolve(expandHome(name));
  if (isAbsolute(expandHome(name)) || name.startsWith('.'))
    if (places.files.exists(path)) return { name: basename(name), path };
  return { looked: [...new Set(looked)] };
}

/** The path with `~` and `~USER` at its start as the home folder; of a user that is not known it stays as it is. */
export function expandHome(path: string): string {
  const [, user, rest = ''] = /^~([^/]*)([^]*)$/.exec(path) ?? [];
  if (user === undefined) return path;
  if (user === '') return join(homedir(), rest);
  const home = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`${user}:`))
    ?.split(':')[5];
  return home === undefined ? path : join(home, rest);
}

/** The file of a playbook named `namespace.collection.playbook`; undefined when the name is not of that form or nothing is there. */
export function findCollectionPlaybook(name: string, playbookDir: string, places: RolePlaces): string | undefined {
  if (!QUALIFIED.test(name)) return undefined;
  const [namespace = '', collection = '', ...rest] = name.split('.');
  const folder = findCollection(`${namespace}.${collection}`, playbookDir, places);
  if (folder === undefined) return undefined;
  const path = join(folder, 'playbooks', ...rest);
  return [`${path}.yml`, `${path}.yaml`].find((file) => places.files.exists(file));
}
