// What a module is: pure functions on observed state (DESIGN: args, probe, plan, apply), as data that the engine runs.
import type { z } from 'zod';
import type { Basics } from './basics.ts';
import type { Probe } from './probe.ts';
import type { Step, StepResult } from './step.ts';

/** A wish that is not a state: always a change, never compared (restart, reload, touch, refresh a cache, pull, recreate). */
export interface Effect {
  readonly kind: string;
  /** For people, imperative: `restart docker.service`. */
  readonly text: string;
  /** Carried out, but no change for the outcome and not by itself in a diff: what Ansible does without saying `changed` (daemon_reload, a cache refresh beside an install). */
  readonly quiet?: boolean;
  readonly [data: string]: unknown;
}

/** What would satisfy the user. `after` has the keys of the probes that differ (absent keys stay as observed); its values may hold Unknown. */
export type Plan<S> =
  | {
      readonly after: Partial<S>;
      readonly effects?: readonly Effect[];
      readonly warnings?: readonly string[];
      readonly failed?: undefined;
      readonly unknown?: undefined;
    }
  /** The wish cannot be met on this state: a failure of the task. */
  | {
      readonly failed: string;
      readonly hint?: string;
      readonly fields?: Readonly<Record<string, unknown>>;
      readonly warnings?: readonly string[];
    }
  /** Whether anything would change can be told only by doing it (or after an earlier predicted change). */
  | { readonly unknown: string };

export interface Change<S> {
  readonly before: S;
  readonly after: S;
  readonly effects: readonly Effect[];
}

/** Common to all modules; docs (`vbx doc`), validation and editor schema come from here. */
interface ModuleHead<Shape extends z.ZodRawShape> {
  /** Fully qualified: `ansible.builtin.copy`. */
  readonly name: string;
  /** Other names that mean this module: `ansible.builtin.systemd`. */
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** The arguments by name (core/args.ts has the field types); anything else is an error. */
  readonly args: Shape;
  /** A rule over several arguments: the message of what is wrong, or undefined. `any` because shapes differ per module. */
  readonly check?: (args: z.output<z.ZodObject<Shape>>) => string | undefined;
  /** The argument that free-form text (`command: uptime`) goes to. */
  readonly freeForm?: string;
  /** One task as YAML (a list with one item) that a test runs on a real host. */
  readonly example: string;
  /** Tasks as YAML that make the example possible on a pristine host (run before it by the test). */
  readonly exampleSetup?: string;
  /** Any further argument is taken as it is (set_fact, modules of a playbook's own). */
  readonly openArgs?: boolean;
  /** The fact that names the module which does the work under Ansible (`pkg_mgr`): module_defaults of that one count here too, weaker than its own. */
  readonly backendFact?: string;
  /** Fields that the result of a refusal by `check` has beside its message. */
  readonly refusedFields?: Readonly<Record<string, unknown>>;
  /** Variables that give arguments which are not written, by argument. */
  readonly fromVariables?: Readonly<Record<string, string>>;
  /** It is work of the controller towards the host: delegated to localhost it is the same. */
  readonly startsHere?: boolean;
  /** Steps of it change users, groups, limits, sudoers, hostname or sshd: kept shells are dropped after them. */
  readonly dropsShells?: boolean;
  /** Shells kept on the host are in the way of the steps (an account in use cannot be removed): they have ended before. */
  readonly endsShells?: (args: z.output<z.ZodObject<Shape>>) => boolean;
}

type Args<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>;
type Probes<S> = { readonly [K in keyof S]: Probe<S[K]> };

/** A module whose wish is a state. */
export interface StateModule<Shape extends z.ZodRawShape = any, S = any> extends ModuleHead<Shape> {
  readonly kind: 'state';
  /** It reports what it reads (stat, find, slurp, *_info, *_facts): its answers must not be older than the last step in the batch. */
  readonly reports?: boolean;
  readonly probe: (args: Args<Shape>, basics: Basics) => Probes<S>;
  readonly plan: (args: Args<Shape>, observed: S, basics: Basics) => Plan<S>;
  readonly apply: (args: Args<Shape>, change: Change<S>, basics: Basics) => readonly Step[];
  /**
   * How the result's `diff` tells of a file, as Ansible's modules do: `placed` (copy, template) a list with its content, or its attributes where only
   * they differ; `edited` (lineinfile, blockinfile) a list with its content and its attributes; `content` (ini_file) its content alone. Otherwise it
   * is one comparison.
   */
  readonly diffs?: 'placed' | 'edited' | 'content';
  /** Or the module's own words for it. */
  readonly diff?: (args: Args<Shape>, change: Change<S>) => unknown;
  /** After the steps: probe and plan again, until nothing differs (4 rounds at most). An effect of a kind that was carried out in an earlier round is not carried out again. */
  readonly rounds?: boolean;
  /** Ansible's fields of the result, beside `changed` and `diff`. `done`: results of the steps (empty in a dry run and without a change). */
  readonly result?: (
    args: Args<Shape>,
    change: Change<S>,
    done: readonly StepResult[],
    basics: Basics,
  ) => Record<string, unknown>;
  /** Fields of the result that say better than the command what a step failed of; undefined where they do not. */
  readonly failure?: (result: StepResult, args: Args<Shape>) => Record<string, unknown> | undefined;
  /** Facts to add to the host (`ansible_facts`), from the result. */
  readonly facts?: (args: Args<Shape>, observed: S) => Record<string, unknown>;
}

/** A module that does something each time unless its guards say otherwise. */
export interface ActionModule<Shape extends z.ZodRawShape = any, S = any> extends ModuleHead<Shape> {
  readonly kind: 'action';
  /** Guards (`creates`): what must be known to decide. */
  readonly probe?: (args: Args<Shape>, basics: Basics) => Probes<S>;
  /** Fields of the result when nothing needs doing (`{ changed: false, msg: ... }`), or undefined when it must run. */
  readonly satisfied?: (args: Args<Shape>, observed: S) => Record<string, unknown> | undefined;
  readonly steps: (args: Args<Shape>, observed: S, basics: Basics, controller: ControllerInfo) => readonly Step[];
  /** The result after the steps: Ansible's fields; `failed: true` and `msg` for a failure. Called also when a step's status was not accepted. */
  readonly parse: (
    args: Args<Shape>,
    done: readonly StepResult[],
    observed: S,
  ) => Record<string, unknown> & { changed?: boolean; failed?: boolean };
  /** In a dry run: `run` for what only reads; `unknown` (default) otherwise; a function that knows says the result. */
  readonly dryRun?: 'run' | 'unknown' | ((args: Args<Shape>, observed: S) => Record<string, unknown>);
}

/** A module that the engine itself carries out (debug, set_fact, include_*, meta, ...): only its arguments and docs are here. */
export interface ControlModule<Shape extends z.ZodRawShape = any> extends ModuleHead<Shape> {
  readonly kind: 'control';
}

export type Module = StateModule | ActionModule | ControlModule;

/** What steps may need to know of the controller: the folder of the play, the host's inventory name, the task's environment. */
export interface ControllerInfo {
  readonly host: string;
  readonly playbookDir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly checkMode: boolean;
  /** Whether differences are shown. */
  readonly diffMode?: boolean;
  /** The host that acts in place of the task's. */
  readonly delegate?: string;
}

/** A state module; the curried form infers all types. */
export function defineModule<Shape extends z.ZodRawShape, S extends object>(
  head: ModuleHead<Shape> & Pick<StateModule<Shape, S>, 'probe' | 'reports' | 'rounds' | 'diffs'>,
) {
  return (
    rest: Pick<StateModule<Shape, S>, 'plan' | 'apply' | 'result' | 'diff' | 'failure' | 'facts'>,
  ): StateModule<Shape, S> => ({ kind: 'state', ...head, ...rest });
}

/** An action module. Without `probe` its observations are `{}`. */
export function defineAction<Shape extends z.ZodRawShape, S extends object = Record<never, never>>(
  head: ModuleHead<Shape> & Pick<ActionModule<Shape, S>, 'probe' | 'dryRun'>,
) {
  return (rest: Pick<ActionModule<Shape, S>, 'satisfied' | 'steps' | 'parse'>): ActionModule<Shape, S> => ({
    kind: 'action',
    ...head,
    ...rest,
  });
}

export function defineControl<Shape extends z.ZodRawShape>(head: ModuleHead<Shape>): ControlModule<Shape> {
  return { kind: 'control', ...head };
}
