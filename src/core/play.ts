// A playbook after parsing: plays, blocks, tasks, handlers, roles. What is static is resolved: a task carries all that it inherits.
import type { Origin } from './origin.ts';
import type { VarsLayer } from './host.ts';
import type { Dict, TemplateText, Value } from './value.ts';

/** A keyword's value as written, with its place; rendered by the engine when it is used. */
export interface Written {
  readonly value: Value;
  readonly origin: Origin;
  /** Of a keyword that a template may omit: what counts then, from around it (null: nothing is written there). */
  readonly around?: Written | null;
  /** Of a list of conditions: each with its own place. */
  readonly items?: readonly Written[];
}

/** Keywords that a task inherits from its blocks, role and play; the nearest one wins, already applied. Only those written are there. */
export type Keyword =
  | 'any_errors_fatal'
  | 'async'
  | 'become'
  | 'become_exe'
  | 'become_flags'
  | 'become_method'
  | 'become_user'
  | 'changed_when'
  | 'check_mode'
  | 'connection'
  | 'debugger'
  | 'delay'
  | 'delegate_facts'
  | 'delegate_to'
  | 'diff'
  | 'failed_when'
  | 'ignore_errors'
  | 'ignore_unreachable'
  | 'no_log'
  | 'poll'
  | 'port'
  | 'remote_user'
  | 'retries'
  | 'run_once'
  | 'throttle'
  | 'timeout'
  | 'until'
  | 'vbx_batch';
export type Keywords = { readonly [K in Keyword]?: Written };

export interface LoopControl {
  readonly loopVar: string;
  readonly indexVar?: string;
  /** Templates that say those two names when the task runs; `loopVar` is then their source and no name. */
  readonly nameTemplates?: { readonly loopVar?: Written; readonly indexVar?: Written };
  readonly label?: Written;
  readonly pause?: Written;
  readonly extended?: Written;
  readonly extendedAllItems?: Written;
  readonly breakWhen?: readonly Written[];
}
export interface Loop {
  /** `loop:` or the lookup of a `with_X:`. */
  readonly lookup: 'loop' | string;
  readonly value: Value;
  readonly origin: Origin;
  readonly control: LoopControl;
}

/** Where something stands in the static structure; outermost first when followed by `parent`. */
export interface Task {
  readonly kind: 'task';
  /** Unique and stable in a run: the same playbook parsed again gives the same ids. */
  readonly id: string;
  readonly origin: Origin;
  /** As written; undefined where the user gave none. */
  readonly name?: Value;
  /** The module's canonical name (`ansible.builtin.copy`); `action` as the user wrote it is `writtenAction`. */
  readonly action: string;
  readonly writtenAction: string;
  readonly actionOrigin: Origin;
  /** The module's name as a template (`action: "{{ x }} a=b"`), to be rendered when the task runs; `action` is then its source and no module's name. */
  readonly actionTemplate?: TemplateText;
  /** Arguments as written (templates not rendered); free-form text is under `_raw_params`; a whole-mapping template (`args: "{{ x }}"`) under `_variable_params`. */
  readonly args: Dict;
  /** Where an argument is named, for errors; with `item`, where that item of its list begins, or its text where it is no list. */
  readonly argOrigin: (name: string, item?: number) => Origin;
  /** Conditions, outermost first: all must hold. */
  readonly when: readonly Written[];
  readonly loop?: Loop;
  readonly register?: string;
  readonly notify: readonly Written[];
  /** Own and inherited tags, not rendered. */
  readonly tags: readonly Value[];
  readonly keywords: Keywords;
  /** `environment` of play, blocks and task, outermost first. */
  readonly environment: readonly Written[];
  /** Variables of blocks, of includes that led here, and of the task, weakest first (levels `block vars`, `task vars`, `include params`, `role params`). */
  readonly vars: readonly VarsLayer[];
  /** module_defaults in force, outermost first: module or `group/x` name -> arguments. */
  readonly moduleDefaults: readonly Written[];
  readonly collections: readonly string[];
  readonly role?: Role;
  /** Only of handlers. */
  readonly listen: readonly Written[];
  readonly isHandler: boolean;
  /** The file that the task was read from (its folder is searched for files) and the files that included it, nearest last. */
  readonly includedFrom: readonly Origin[];
  /** Set for a task that the loader made as a mark, never run and never listed: the end of a role (`meta: role_complete` with its `role`). */
  readonly implicit?: boolean;
}

export interface Block {
  readonly kind: 'block';
  readonly id: string;
  readonly origin: Origin;
  readonly name?: Value;
  readonly block: readonly Node[];
  readonly rescue: readonly Node[];
  readonly always: readonly Node[];
  readonly role?: Role;
  readonly isHandler: boolean;
  readonly notify: readonly Written[];
  readonly listen: readonly Written[];
  /** Tags of the block itself with those inherited: dynamic parts need them. */
  readonly tags: readonly Value[];
  readonly when: readonly Written[];
  readonly keywords: Keywords;
}
export type Node = Task | Block;

/** A role in use: one per (name, parameters) of a play. */
export interface Role {
  readonly name: string;
  /** `namespace.collection.name` for a role of a collection. */
  readonly fqcn?: string;
  readonly collection?: string;
  readonly path: string;
  readonly defaults: VarsLayer;
  readonly vars: VarsLayer;
  /** Parameters given where the role is used. */
  readonly params: Dict;
  readonly dependencies: readonly Role[];
  /** Roles that led here by dependency or include, outermost first (ansible_parent_role_paths, ansible_dependent_role_names). */
  readonly parents: readonly Role[];
  readonly allowDuplicates: boolean;
  /** Name and parameters: equal uids are one role that runs once unless duplicates are allowed. */
  readonly uid: string;
  /** Whether its defaults and vars are seen by the rest of the play (roles: and import_role; include_role with `public`). */
  public: boolean;
}

/** The nodes that one entry of `roles:` puts into a play: those of its dependencies, then its own, each role's end marked by an implicit task so that "run once" is known per host. */
export interface RoleRun {
  readonly kind: 'role';
  readonly role: Role;
  readonly nodes: readonly Node[];
}

export interface VarsPrompt {
  readonly name: string;
  readonly prompt: Value;
  readonly default?: Value;
  readonly private: boolean;
  readonly confirm: boolean;
  readonly encrypt?: string;
  readonly saltSize?: number;
  readonly salt?: string;
  readonly unsafe: boolean;
  readonly origin: Origin;
}

export interface Play {
  readonly id: string;
  readonly origin: Origin;
  readonly name?: Value;
  /** As written: a pattern, a list of patterns, or a template. */
  readonly hosts: Written;
  readonly vars: VarsLayer;
  readonly varsFiles: readonly Written[];
  readonly varsPrompt: readonly VarsPrompt[];
  readonly preTasks: readonly Node[];
  readonly roles: readonly RoleRun[];
  readonly tasks: readonly Node[];
  readonly postTasks: readonly Node[];
  readonly handlers: readonly Node[];
  readonly tags: readonly Value[];
  readonly keywords: Keywords;
  /** Play-only keywords as written: serial, strategy, order, max_fail_percentage, gather_facts, gather_subset, gather_timeout, fact_path, force_handlers, ... */
  readonly settings: Readonly<Record<string, Written>>;
  readonly environment: readonly Written[];
  readonly moduleDefaults: readonly Written[];
  readonly collections: readonly string[];
  /** Folder of the playbook file that the play stands in (playbook_dir). */
  readonly playbookDir: string;
  /** Conditions of the import_playbook statements that led here: every task has them already, gathering facts needs them too. */
  readonly when?: readonly Written[];
}

export interface Playbook {
  readonly file: string;
  readonly plays: readonly Play[];
  /** Warnings of loading (duplicate keys, deprecated forms). */
  readonly warnings: readonly { readonly message: string; readonly origin?: Origin }[];
}
