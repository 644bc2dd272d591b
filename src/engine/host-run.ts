// One host's way through a play: where it stands, what is coming, what it notified, how it fared. Holds state, decides nothing.
import type { Node, Task } from '../core/play.ts';
import { emptyTally, type Tally } from '../core/outcome.ts';
import type { Result } from '../core/outcome.ts';

interface Frame {
  readonly nodes: readonly Node[];
  index: number;
}

export interface Stopped {
  readonly task: string;
  readonly name: string;
  /** On one line. */
  readonly reason: string;
}

export class HostRun {
  readonly name: string;
  readonly tally: Tally;
  /** Handlers notified and not yet run, by node id; `unknown` when only a dry run's unknown outcome notified them. */
  readonly notified = new Map<string, { readonly name: string; readonly task: Task; unknown: boolean }>();
  /** What notified the handler that runs. */
  handling: { readonly unknown: boolean } | undefined;
  readonly completedRoles = new Set<string>();
  /** Roles of which a task was not skipped: the others are not done, however they ended. */
  readonly begunRoles = new Set<string>();
  /** The role that `meta: end_role` ended last, by its uid. */
  endedRole: string | undefined;
  /** Set by others (any_errors_fatal): the task it just did counts as failed. */
  doomed: string | undefined;
  state: 'running' | 'failed' | 'unreachable' | 'ended' | 'stopped' = 'running';
  /** `meta: clear_host_errors` came after its failure: later plays have it again. */
  forgiven = false;
  /** How often `meta: clear_host_errors` was met: a block whose `always` part met it has not failed. */
  cleared = 0;
  stopped: Stopped | undefined;
  /** How many enclosing blocks have a rescue that would take a failure. */
  rescues = 0;
  lastFailure: { readonly task: Task; readonly name: string; readonly result: Result } | undefined;
  /** How often each task ran, by id. */
  readonly turns = new Map<string, number>();
  readonly #frames: Frame[] = [];
  /** Grows whenever variables of the host may have changed: prepared tasks of before are then out of date. */
  varsVersion = 0;

  constructor(name: string, tally: Tally = emptyTally()) {
    this.name = name;
    this.tally = tally;
  }

  /** The end of a role is reached: it is not run again, unless all of its tasks were skipped (Ansible's rule for uses of one role that differ in nothing). */
  completeRole(uid: string): void {
    if (this.begunRoles.has(uid)) this.completedRoles.add(uid);
  }

  enter(nodes: readonly Node[], index: number): void {
    this.#frames.push({ nodes, index });
  }
  at(index: number): void {
    const frame = this.#frames.at(-1);
    if (frame !== undefined) frame.index = index;
  }
  exit(): void {
    this.#frames.pop();
  }

  /** The tasks that come after the present one if nothing fails, nearest first. */
  *coming(): Iterable<Task> {
    for (let depth = this.#frames.length - 1; depth >= 0; depth--) {
      const frame = this.#frames[depth] as Frame;
      yield* tasksOf(frame.nodes, frame.index + 1);
    }
  }
}

function* tasksOf(nodes: readonly Node[], from: number): Iterable<Task> {
  for (let index = from; index < nodes.length; index++) {
    const node = nodes[index] as Node;
    if (node.kind === 'task') yield node;
    else {
      yield* tasksOf(node.block, 0);
      yield* tasksOf(node.always, 0);
    }
  }
}
