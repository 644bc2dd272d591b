// What a run is given: everything from outside comes in here, so that the engine itself touches neither files, network nor terminal.
import type { Connector, Snippet } from '../core/connection.ts';
import type { EventBody, Reporter } from '../core/event.ts';
import type { Answer } from '../core/probe.ts';
import type { Inventory, VarsLayer } from '../core/host.ts';
import type { Basics } from '../core/basics.ts';
import type { Module } from '../core/module.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Node, Play, Playbook, Role, Task } from '../core/play.ts';
import type { Probe } from '../core/probe.ts';
import type { Dict } from '../core/value.ts';
import type { Secrets } from '../core/secrets.ts';
import type { CustomPlugins } from '../template/context.ts';
import type { LookupHost } from '../template/host.ts';
import type { FactCache } from './variables/index.ts';

/** What a file of tasks brings in: its tasks, and the handlers of roles that are imported there. */
export interface IncludedNodes {
  readonly nodes: readonly Node[];
  readonly handlers: readonly Node[];
}

/** The dynamic half of the playbook language: what include_* tasks read while a play runs. Errors: PlaybookError. */
export interface Includes {
  /** Tasks of a file; `variables` go to all of them as include params. */
  tasks(file: string, parent: Task, options: { apply?: Dict; vars?: Dict }): Promise<IncludedNodes> | IncludedNodes;
  role(
    name: string,
    parent: Task,
    options: {
      tasksFrom?: string;
      varsFrom?: string;
      defaultsFrom?: string;
      handlersFrom?: string;
      apply?: Dict;
      public: boolean;
      allowDuplicates: boolean;
      validate: boolean;
      vars?: Dict;
    },
  ): Promise<IncludedRole> | IncludedRole;
  /** Variables of a file; undefined when it does not exist. */
  varsFile(path: string): readonly VarsLayer[] | undefined;
  /** The path of a file that a task names (tasks, vars, files, templates): absolute, or an error that lists where it was looked for. */
  find(kind: 'tasks' | 'vars' | 'files' | 'templates', name: string, task: Task, play: Play): string;
  /** Folders that lookups and template includes search for a task, nearest first. */
  searchPath(task: Task | undefined, play: Play): readonly string[];
}
export interface IncludedRole {
  readonly role: Role;
  readonly nodes: readonly Node[];
  readonly handlers: readonly Node[];
}

/** How machines are reached unless variables or keywords say otherwise: command line over settings. */
export interface ConnectionDefaults {
  readonly connection?: string;
  readonly user?: string;
  readonly port?: number;
  readonly password?: string;
  readonly privateKeyFile?: string;
  /** The hosts' Python, where the settings name one. */
  readonly interpreterPython?: string;
  readonly sshCommonArgs?: string;
  readonly sshExtraArgs?: string;
  readonly timeout: number;
  readonly hostKeyChecking: 'yes' | 'accept-new' | 'no';
  readonly become: boolean;
  readonly becomeMethod: string;
  readonly becomeUser: string;
  readonly becomePassword?: string;
  readonly becomeExe?: string;
  readonly becomeFlags?: string;
}

export interface RunOptions {
  readonly playbooks: readonly Playbook[];
  readonly inventory: Inventory;
  readonly includes: Includes;
  /** Makes the connector; what it does is told by `emit`. */
  readonly connect: (emit: (event: EventBody) => void) => Connector;
  readonly reporters: readonly Reporter[];
  readonly secrets: Secrets;
  readonly lookupHost: LookupHost;
  readonly plugins?: CustomPlugins;
  /** A module by its canonical name. */
  readonly loadModule: (name: string) => Promise<Module | undefined>;
  /** What a module's name means, for actions that are templates. */
  readonly resolveModule: (
    name: string,
    collections: readonly string[],
  ) => { readonly canonical?: string | undefined; readonly nearest?: string | undefined };
  readonly basicsProbe: Probe<Basics>;
  readonly extraVars?: readonly VarsLayer[];
  readonly check: boolean;
  readonly diff: boolean;
  readonly verbosity: number;
  readonly forks: number;
  readonly limit?: readonly string[];
  readonly limitText?: string;
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  /** Tasks whose questions travel together; 1 is `--no-batch`. Default 32. */
  readonly window?: number;
  readonly startAtTask?: string;
  /** Asks before each task (`--step`): yes, no, or yes to all that follow. */
  readonly step?: (task: string) => Promise<'yes' | 'no' | 'continue'>;
  readonly connection: ConnectionDefaults;
  readonly strategy: string;
  readonly gathering: 'implicit' | 'explicit' | 'smart';
  readonly gatherSubset?: readonly string[];
  /** Where the play does not say so. */
  readonly gatherTimeout?: number;
  /** Seconds between questions about what runs in the background, where the task does not say so; default 15. */
  readonly pollInterval?: number;
  readonly factCache?: FactCache;
  readonly forceHandlers: boolean;
  readonly anyErrorsFatal?: boolean;
  /** False: a handler that is notified and not there is only warned of. */
  readonly missingHandlerIsError?: boolean;
  /** Whether a play that finds no host in an inventory without any is warned of (`localhost_warning`). */
  readonly localhostWarning?: boolean;
  readonly hashBehaviour: 'replace' | 'merge';
  readonly injectFacts: boolean;
  readonly privateRoleVars: boolean;
  /** Whether the play sees the variables of an include_role that does not say: where the setting above was written, it says so. */
  readonly publicIncludes?: boolean;
  readonly allowBrokenConditionals: boolean;
  readonly taskTimeout?: number;
  /** Whether results are hidden where a task does not say. */
  readonly noLog?: boolean;
  readonly configFile?: string;
  /** Keeps two runs from changing a machine at once; absent: no lock is taken. */
  readonly lock?: LockProtocol;
  /** After steps, states are compared with the plan: a warning, or with `fail` a failure. */
  readonly verify: 'no' | 'warn' | 'fail';
  readonly decrypt?: (text: string, file: string) => string;
  /** Whether a text stood encrypted in a file. */
  readonly isVaulted?: (text: string) => boolean;
  /** Answers of `vars_prompt` and `pause`; undefined where nobody can be asked. */
  readonly prompt?: (question: {
    text: string;
    secret: boolean;
    seconds?: number;
    signal?: AbortSignal;
  }) => Promise<string>;
  /** Reads the sources of the inventory again, in place. */
  readonly refreshInventory?: () => Promise<void>;
  readonly argv: readonly string[];
  readonly vbxVersion: string;
  readonly runId: string;
  readonly folder: string;
  /** Hosts that failed wait for a retry until the play ends (a screen is watching). */
  readonly holdFailed?: boolean;
  readonly detailedExit?: boolean;
  readonly resume?: ResumePoint;
}

/** How a machine is locked: taken before its first step, given back at the end. */
export interface LockProtocol {
  readonly take: Snippet;
  readonly release: Snippet;
  /** Undefined when it was taken; otherwise who holds it, or why there is no lock. */
  readonly read: (answer: Answer) => { readonly held: string } | { readonly impossible: string } | undefined;
}

/**
 * What an earlier run finished, so that it is not done again: for each host the outcomes of its tasks by task id, in the order in which a task ran
 * several times. The task at which a host stopped is not among them. What was registered, set or notified follows from the outcomes.
 */
export interface ResumePoint {
  readonly results: Readonly<Record<string, Readonly<Record<string, readonly Outcome[]>>>>;
}
