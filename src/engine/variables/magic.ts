// Ansible's magic variables: what a run knows of itself, computed when asked for. They win over everything but loop variables.
import { resolve } from 'node:path';
import type { Inventory } from '../../core/host.ts';
import type { Role, Task } from '../../core/play.ts';
import { Dict, type Value } from '../../core/value.ts';
import { controllerPython } from '../../inventory/controller-python.ts';
import { searchPath } from '../../playbook/search-path.ts';
import { OMIT } from '../../template/special.ts';
import type { HostState } from './host-state.ts';
import type { Magic } from './layered-scope.ts';
import { ComputedDict } from './computed-dict.ts';
import type { PlayVariables } from './play-variables.ts';
import { allDependencies } from './role-layers.ts';

/** The version of Ansible whose behaviour vbx has, as `ansible_version` tells it to roles that ask. */
export const ANSIBLE_VERSION = { full: '2.19.11', major: 2, minor: 19, revision: 11 } as const;

/** What the command line and settings say. */
export interface RunOptions {
  readonly check: boolean;
  readonly diff: boolean;
  readonly forks: number;
  readonly verbosity: number;
  readonly runTags?: readonly string[];
  readonly skipTags?: readonly string[];
  /** As given to `--limit`. */
  readonly limit?: string | undefined;
  /** Path of ansible.cfg in use. */
  readonly configFile?: string | undefined;
  /** Folder of the playbook, where a play does not say its own (ad hoc commands: where vbx was started). */
  readonly playbookDir?: string | undefined;
}

export interface MagicInput {
  readonly inventory: Inventory;
  readonly options: RunOptions;
  readonly run: PlayVariables | undefined;
  readonly host: string | undefined;
  readonly task: Task | undefined;
  readonly state: HostState | undefined;
  readonly hostvars: () => Dict;
  readonly delegated: (() => Dict) | undefined;
}

type Maker = (input: MagicInput) => Value | undefined;

const roleName = (role: Role): string => role.fqcn ?? role.name;
const stillThere = (run: PlayVariables, hosts: readonly string[]): string[] =>
  run.removed.size === 0 ? hosts.slice() : hosts.filter((host) => !run.removed.has(host));
const playRoles = (run: PlayVariables): string[] => run.publicRoles.map(roleName);
const dependentRoles = (run: PlayVariables): string[] => [
  ...new Set(run.publicRoles.flatMap(allDependencies).map(roleName)),
];
const batch = (run: PlayVariables): string[] => stillThere(run, run.batch ?? run.hosts);

const MAKERS: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ['omit', () => OMIT],
  ['playbook_dir', ({ run, options }) => resolve(run?.play.playbookDir ?? options.playbookDir ?? '.')],
  ['ansible_playbook_python', () => controllerPython()],
  [
    'ansible_search_path',
    ({ run, task }) =>
      run === undefined || task === undefined
        ? undefined
        : [...new Set([...searchPath(task), resolve(run.play.playbookDir)])],
  ],
  ['ansible_config_file', ({ options }) => options.configFile ?? null],
  [
    'ansible_version',
    () =>
      new Dict([
        ['string', ANSIBLE_VERSION.full],
        ['full', ANSIBLE_VERSION.full],
        ['major', ANSIBLE_VERSION.major],
        ['minor', ANSIBLE_VERSION.minor],
        ['revision', ANSIBLE_VERSION.revision],
      ]),
  ],
  ['ansible_check_mode', ({ options }) => options.check],
  ['ansible_diff_mode', ({ options }) => options.diff],
  ['ansible_forks', ({ options }) => options.forks],
  ['ansible_verbosity', ({ options }) => options.verbosity],
  [
    'ansible_run_tags',
    ({ options }) => (options.runTags === undefined || options.runTags.length === 0 ? ['all'] : [...options.runTags]),
  ],
  ['ansible_skip_tags', ({ options }) => [...(options.skipTags ?? [])]],
  ['ansible_limit', ({ options }) => options.limit],
  ['ansible_inventory_sources', ({ inventory }) => [...inventory.sources]],
  ['groups', ({ inventory }) => groupsDict(inventory)],
  ['hostvars', ({ hostvars }) => hostvars()],
  ['ansible_facts', ({ state }) => state?.namespacedFacts],
  [
    'ansible_play_name',
    ({ run }) =>
      run === undefined ? undefined : (run.name ?? plainName(run.play.name) ?? plainName(run.play.hosts.value) ?? ''),
  ],
  ['ansible_play_hosts_all', ({ run }) => run?.hosts.slice()],
  ['ansible_play_hosts', ({ run }) => (run === undefined ? undefined : stillThere(run, run.hosts))],
  ['ansible_play_batch', ({ run }) => (run === undefined ? undefined : batch(run))],
  ['play_hosts', ({ run }) => (run === undefined ? undefined : batch(run))],
  ['ansible_play_role_names', ({ run }) => (run === undefined ? undefined : playRoles(run))],
  ['role_names', ({ run }) => (run === undefined ? undefined : playRoles(run))],
  ['ansible_dependent_role_names', ({ run }) => (run === undefined ? undefined : dependentRoles(run))],
  [
    'ansible_role_names',
    ({ run }) => (run === undefined ? undefined : [...new Set([...dependentRoles(run), ...playRoles(run)])]),
  ],
  ['role_name', ({ task }) => task?.role?.name.split('.').at(-1) ?? undefined],
  ['ansible_role_name', ({ task }) => (task?.role === undefined ? undefined : roleName(task.role))],
  ['role_path', ({ task }) => task?.role?.path],
  ['role_uuid', ({ task }) => task?.role?.uid],
  ['ansible_collection_name', ({ task }) => (task?.role === undefined ? undefined : (task.role.collection ?? null))],
  ['ansible_parent_role_names', ({ task }) => parents(task, roleName)],
  ['ansible_parent_role_paths', ({ task }) => parents(task, (role) => role.path)],
  ['environment', ({ task }) => task?.environment.map((written) => written.value)],
  ['ansible_delegated_vars', ({ delegated }) => delegated?.()],
]);

/** Names that a listing of all variables leaves out although they can be looked up. */
const UNLISTED = new Set(['omit', 'hostvars']);

export function magicVariables(input: MagicInput): Magic {
  return {
    get: (name) => MAKERS.get(name)?.(input),
    *names() {
      for (const [name, make] of MAKERS) if (!UNLISTED.has(name) && make(input) !== undefined) yield name;
    },
  };
}

/** `groups`: lists of host names by group. */
function groupsDict(inventory: Inventory): Dict {
  return new ComputedDict('groups', {
    get: (name) => (inventory.group(name) === undefined ? undefined : inventory.members(name).slice()),
    has: (name) => inventory.group(name) !== undefined,
    *keys() {
      for (const group of inventory.groups()) yield group.name;
    },
  });
}
function plainName(name: Value | undefined): string | undefined {
  return typeof name === 'string' ? name : Array.isArray(name) ? name.join(',') : undefined;
}
/** Roles that led to a task's role by include, nearest first; undefined outside of such roles. Who only depends on a role does not count. */
function parents(task: Task | undefined, of: (role: Role) => string): string[] | undefined {
  const chain = task?.role === undefined ? [] : [...task.role.parents, task.role];
  const roles = chain.slice(0, -1).filter((role, index) => !role.dependencies.includes(chain[index + 1] as Role));
  return roles.length === 0 ? undefined : roles.map(of).toReversed();
}
