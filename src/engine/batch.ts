// One batch of a play as its parts share it: what was asked for, its hosts, and what they have come to.
import { VbxError } from '../core/error.ts';
import type { TaskRef } from '../core/event.ts';
import type { Result } from '../core/outcome.ts';
import type { Play, Task } from '../core/play.ts';
import type { Value } from '../core/value.ts';
import { OMIT } from '../template/index.ts';
import type { Handlers } from './handlers.ts';
import type { HostRun } from './host-run.ts';
import { viewOf } from './prepare.ts';
import { toBool, type RunContext } from './run-context.ts';
import { namesOf, roleTold, shownName } from './task-name.ts';

/** How a piece of a host's way ended. `stopped`: by the person watching; `ended`: by meta. */
export type Way = 'ok' | 'failed' | 'unreachable' | 'ended' | 'stopped' | 'role-ended';

export type Section = 'facts' | 'tasks' | 'handlers' | 'rescue' | 'always';

/** The task to begin at: `pending` until it is found, `seen` the names of those before. */
export interface StartAt {
  pending: boolean;
  readonly seen: Set<string>;
  readonly matches: (name: string, task: Task) => boolean;
}

export interface BatchOptions {
  readonly run: RunContext;
  readonly play: Play;
  readonly playName: string;
  readonly hosts: readonly HostRun[];
  /** With those that failed in earlier plays: what a percentage of failures is of. */
  readonly size: number;
  readonly handlers: Handlers;
  readonly strategy: 'linear' | 'free' | 'host_pinned';
  readonly selected: (task: Task) => boolean;
  readonly factsTask: Task | undefined;
  readonly forceHandlers: boolean;
  readonly maxFailPercentage: number | undefined;
  readonly total: number;
  readonly startAt: StartAt;
  readonly stepping: { all: boolean };
}

export class Batch {
  readonly options: BatchOptions;
  readonly run: RunContext;
  readonly play: Play;
  readonly hosts: ReadonlyMap<string, HostRun>;
  /** Hosts that failed and were not rescued. */
  readonly failures = new Set<string>();
  /** Hosts that are not reached and wait whether that is forgiven: what lets them go on, or gives them up. */
  readonly lost = new Map<string, (forgiven: boolean) => void>();
  /** What a meta task, or an error of the play as a whole, ended. */
  ended: 'play' | 'batch' | undefined;
  /** When the present task began, by the run's clock: what is reported of it is no older. */
  notBefore = 0;

  constructor(options: BatchOptions) {
    this.options = options;
    this.run = options.run;
    this.play = options.play;
    this.hosts = new Map(options.hosts.map((host) => [host.name, host]));
  }

  /** The host failed at the task, which ends its way unless something takes the failure. */
  failed(host: HostRun, task: Task, reason: string, result: Result): void {
    const name = this.nameOf(host, task);
    host.stopped = { task: task.id, name, reason };
    host.lastFailure = { task, name, result };
    this.failures.add(host.name);
  }

  /** The name of the task as the host sees it. */
  nameOf(host: HostRun, task: Task): string {
    return shownName({ run: this.run, play: this.play, host: host.name, task });
  }

  /** The value of a keyword that is true or false, with the variables of the host. */
  flag(host: HostRun, task: Task, value: Value): boolean {
    if (typeof value === 'boolean') return value;
    const rendered = viewOf({ run: this.run, play: this.play, host: host.name, task }).templar.renderArg(value);
    return rendered !== OMIT && toBool(rendered as Value);
  }

  /** Whether its failure is one of all hosts. */
  isFatal(host: HostRun, task: Task): boolean {
    const written = task.keywords.any_errors_fatal;
    return written === undefined ? this.run.options.anyErrorsFatal === true : this.flag(host, task, written.value);
  }

  /** The task as events tell it. */
  ref(host: HostRun, task: Task, section: Section): TaskRef {
    const tags = task.tags.filter((tag): tag is string => typeof tag === 'string');
    const role = roleTold(task);
    const { shown, flawed } = namesOf({ run: this.run, play: this.play, host: host.name, task });
    return {
      id: task.id,
      name: shown,
      ...(flawed === undefined ? {} : { flawedName: flawed }),
      action: task.action,
      origin: task.origin,
      ...(role === undefined ? {} : { role }),
      ...(section === 'handlers' ? { handler: true } : {}),
      ...(this.#isQuiet(host, task) ? { quiet: true } : {}),
      ...(tags.length > 0 ? { tags } : {}),
    };
  }

  #isQuiet(host: HostRun, task: Task): boolean {
    const quiet = task.action === 'ansible.builtin.assert' ? task.args.get('quiet') : undefined;
    if (quiet === undefined) return false;
    try {
      return this.flag(host, task, quiet);
    } catch (error) {
      // The task itself tells of it.
      if (error instanceof VbxError) return false;
      throw error;
    }
  }
}
