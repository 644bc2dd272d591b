// One batch of a play: every host's way through its sections, met at the gate between tasks.
import { Interrupted, VbxError } from '../core/error.ts';
import type { Block, Node, RoleRun, Task } from '../core/play.ts';
import { walkTasks } from '../playbook/walk.ts';
import { Batch, type BatchOptions, type Section, type Way } from './batch.ts';
import { FreeGate, LinearGate, type Gate, type Position } from './gate.ts';
import type { HostRun } from './host-run.ts';
import { carryOutMeta } from './meta-action.ts';
import { handlersOf } from './notify.ts';
import { registered } from './registered.ts';
import { Rounds } from './rounds.ts';
import { Slots } from './slots.ts';
import { failedTask } from './task-name.ts';
import { TaskTurns, type Turn } from './task-turn.ts';

export class PlayRun {
  readonly #batch: Batch;
  readonly #gate: Gate;
  readonly #turns: TaskTurns;
  /** Hosts that have not come to the task of --start-at-task. */
  readonly #seeking: Set<string>;
  /** Whether errors of hosts may be cleared. What is included while the play runs is not known yet. */
  readonly #clears: boolean;
  /** Hosts that have something to do. */
  #active = 0;

  constructor(options: BatchOptions) {
    this.#batch = new Batch(options);
    const rounds = new Rounds(this.#batch);
    this.#gate =
      options.strategy === 'linear' ? new LinearGate([...this.#batch.hosts.keys()], rounds) : new FreeGate(rounds);
    this.#turns = new TaskTurns(this.#batch, this.#gate, rounds);
    // A pinned host would keep others from beginning while it waits.
    this.#clears =
      options.strategy !== 'host_pinned' &&
      [...walkTasks(options.play)].some(
        ({ task }) => task.action === 'ansible.builtin.meta' && task.args.get('_raw_params') === 'clear_host_errors',
      );
    this.#seeking = new Set(options.startAt.pending ? this.#batch.hosts.keys() : []);
  }

  /** Whether `meta: end_play` was met. */
  get playEnded(): boolean {
    return this.#batch.ended === 'play';
  }

  /** Takes all hosts of the batch through the play. Errors: bugs, and VbxError for a play that is wrong as a whole. */
  async run(): Promise<void> {
    const pinned = this.#batch.options.strategy === 'host_pinned' ? new Slots(this.#batch.run.forks.limit) : undefined;
    this.#active = this.#batch.options.hosts.length;
    const ways = await Promise.allSettled(
      this.#batch.options.hosts.map((host) =>
        pinned === undefined ? this.#whole(host) : pinned.use(() => this.#whole(host)),
      ),
    );
    for (const way of ways) if (way.status === 'rejected') throw way.reason;
  }

  // ---- a host's way --------------------------------------------------------------------------------------------------------------------

  async #whole(host: HostRun): Promise<void> {
    let way: Way = 'stopped';
    try {
      way = await this.#sections(host);
    } catch (error) {
      if (!(error instanceof Interrupted)) {
        // The run ends: the others stop at their next task.
        this.#batch.ended ??= 'play';
        throw error;
      }
    } finally {
      host.state = way === 'ok' ? 'running' : way === 'role-ended' ? 'running' : way;
      if (way === 'failed' || way === 'unreachable')
        this.#batch.run.variables.forPlay(this.#batch.play).removed.add(host.name);
      this.#active -= 1;
      this.#gate.leave(host.name);
      this.#tellIdle();
    }
  }

  async #sections(host: HostRun): Promise<Way> {
    const { play } = this.#batch.options;
    const roleNodes = play.roles.flatMap((run) => run.nodes);
    const later: (readonly Node[])[] = [play.postTasks, play.tasks, roleNodes];
    for (const nodes of later) host.enter(nodes, -1);
    let way: Way = 'ok';
    // A host whose handler failed runs no more of them, forced ones neither.
    let handlersFailed = false;
    const flush = async (position: Position): Promise<Way> => {
      const flushed = await this.#flush(host, position);
      handlersFailed = flushed === 'failed';
      return flushed;
    };
    const { factsTask } = this.#batch.options;
    host.enter(play.preTasks, -1);
    if (factsTask !== undefined && this.#gathers(host, factsTask))
      way = await this.#task(host, factsTask, [0], 'facts');
    host.exit();
    // Where a host that fails runs its forced handlers: where the others of its section run theirs.
    let place = 2;
    if (way === 'ok') way = await this.#nodes(host, play.preTasks, [1], 'tasks');
    if (way === 'ok') way = await flush([2]);
    host.exit();
    if (way === 'ok') place = 5;
    for (const [index, roleRun] of play.roles.entries()) {
      if (way !== 'ok') break;
      // Questions of the roles behind this one are asked ahead too.
      host.enter(
        play.roles.slice(index + 1).flatMap((run) => run.nodes),
        -1,
      );
      way = await this.#role(host, roleRun, [3, index]);
      host.exit();
    }
    host.exit();
    if (way === 'ok') way = await this.#nodes(host, play.tasks, [4], 'tasks');
    if (way === 'ok') way = await flush([5]);
    host.exit();
    if (way === 'ok') place = 7;
    if (way === 'ok') way = await this.#nodes(host, play.postTasks, [6], 'tasks');
    if (way === 'ok' || (way === 'failed' && this.#batch.options.forceHandlers && !handlersFailed)) {
      if (way === 'failed') this.#batch.run.variables.forPlay(this.#batch.play).removed.add(host.name);
      const flushed = await flush([place]);
      if (way === 'ok') way = flushed;
    }
    return way;
  }

  async #role(host: HostRun, { role, nodes }: RoleRun, position: Position): Promise<Way> {
    if (host.completedRoles.has(role.uid) && !role.allowDuplicates) return 'ok';
    const way = await this.#nodes(host, nodes, position, 'tasks');
    host.completeRole(role.uid);
    return way === 'role-ended' ? 'ok' : way;
  }

  async #nodes(host: HostRun, nodes: readonly Node[], position: Position, section: Section): Promise<Way> {
    host.enter(nodes, -1);
    try {
      // A role that ended: what is left of it is passed over; behind a role that was imported the list goes on.
      let ended: string | undefined;
      for (const [index, node] of nodes.entries()) {
        host.at(index);
        const closes = node.kind === 'task' && node.implicit === true;
        if (ended !== undefined && node.role?.uid === ended && !closes) continue;
        if (!closes) ended = undefined;
        const here = [...position, index];
        const way =
          node.kind === 'block'
            ? await this.#block(host, node, here, section)
            : await this.#task(host, node, here, section);
        if (way === 'role-ended') ended = host.endedRole;
        else if (way !== 'ok') return way;
      }
      return ended === undefined ? 'ok' : 'role-ended';
    } finally {
      host.exit();
    }
  }

  async #block(host: HostRun, block: Block, position: Position, section: Section): Promise<Way> {
    const takes = block.rescue.length > 0;
    host.enter(block.always, -1);
    host.rescues += takes ? 1 : 0;
    const failedBefore = host.tally.failed;
    let way: Way;
    try {
      way = await this.#nodes(host, block.block, [...position, 0], section);
    } finally {
      host.rescues -= takes ? 1 : 0;
      host.exit();
    }
    if (way === 'failed' && takes) {
      // A host that goes with others that failed (any_errors_fatal) has no failure of its own to be rescued from.
      const own = host.tally.failed > failedBefore;
      if (own) {
        host.tally.rescued += 1;
        host.tally.failed -= 1;
      }
      this.#batch.failures.delete(host.name);
      const failure = own ? host.lastFailure : undefined;
      host.stopped = undefined;
      if (failure !== undefined) {
        const state = this.#batch.run.variables.hostState(host.name);
        state.register('ansible_failed_result', registered({ kind: 'failed', result: failure.result }, false));
        state.setFact(
          'ansible_failed_task',
          failedTask(
            { run: this.#batch.run, play: this.#batch.play, host: host.name, task: failure.task },
            failure.name,
          ),
          false,
        );
        host.varsVersion += 1;
      }
      way = await this.#nodes(host, block.rescue, [...position, 1], 'rescue');
    }
    if (block.always.length > 0 && (way === 'ok' || way === 'failed' || way === 'role-ended')) {
      const { cleared } = host;
      const after = await this.#nodes(host, block.always, [...position, 2], 'always');
      if (after !== 'ok') return after;
      if (way === 'failed' && host.cleared > cleared) way = 'ok';
    }
    return way;
  }

  // ---- tasks ---------------------------------------------------------------------------------------------------------------------------

  async #task(host: HostRun, task: Task, position: Position, section: Section): Promise<Way> {
    if (section !== 'facts' && !this.#wanted(host, task, section)) return 'ok';
    for (;;) {
      const way = await this.#attempt(host, task, position, section);
      if (way === 'unreachable' && this.#clears && this.#batch.run.options.holdFailed !== true)
        return (await this.#forgiven(host)) ? 'ok' : way;
      if (
        (way !== 'failed' && way !== 'unreachable') ||
        this.#batch.run.options.holdFailed !== true ||
        (way === 'failed' && host.rescues > 0)
      )
        return way;
      // Somebody is watching: the host waits outside of the gate until it is to be tried again or is given up.
      this.#active -= 1;
      this.#gate.leave(host.name);
      const wanted = this.#batch.run.control.retryWanted(host.name);
      this.#tellIdle();
      const again = await wanted;
      this.#active += 1;
      if (!again) return way;
      this.#gate.join(host.name);
      // Whoever repaired something did so behind the back of vbx.
      for (const machine of this.#batch.run.machines.all()) machine.forget();
      this.#batch.failures.delete(host.name);
      host.tally[way] = Math.max(0, host.tally[way] - 1);
      host.stopped = undefined;
    }
  }

  /** A host that is not reached waits outside of the gate, as long as others may come to a `meta: clear_host_errors`; then it goes on with its next task. */
  #forgiven(host: HostRun): Promise<boolean> {
    const { run, play, lost } = this.#batch;
    host.state = 'unreachable';
    run.variables.forPlay(play).removed.add(host.name);
    this.#active -= 1;
    this.#gate.leave(host.name);
    return new Promise((resolve) => {
      lost.set(host.name, (forgiven) => {
        lost.delete(host.name);
        this.#active += 1;
        if (forgiven) {
          host.state = 'running';
          this.#gate.join(host.name);
        }
        resolve(forgiven);
      });
      this.#tellIdle();
    });
  }

  /** Hosts that are held wait for somebody when nobody else has anything to do; those that are lost wait no longer. */
  #tellIdle(): void {
    if (this.#active > 0) return;
    this.#batch.run.control.tellHeld();
    for (const giveUp of [...this.#batch.lost.values()]) giveUp(false);
  }

  /** Tags, --start-at-task, roles that ended: what decides before anybody is told of the task. */
  #wanted(host: HostRun, task: Task, section: Section): boolean {
    if (task.implicit === true) {
      if (task.role !== undefined) host.completeRole(task.role.uid);
      return false;
    }
    // Dependencies too run once only.
    if (
      task.role !== undefined &&
      section !== 'handlers' &&
      !task.role.allowDuplicates &&
      host.completedRoles.has(task.role.uid)
    )
      return false;
    // Whoever was notified runs: tags choose among tasks only.
    if (section !== 'handlers' && !this.#batch.options.selected(task)) return false;
    return !this.#seeking.has(host.name) || this.#startsAt(host, task);
  }

  /** Whether the host begins at this task, as --start-at-task wants it. */
  #startsAt(host: HostRun, task: Task): boolean {
    const { startAt } = this.#batch.options;
    const name = this.#batch.nameOf(host, task);
    startAt.seen.add(name);
    if (!startAt.matches(name, task)) return false;
    startAt.pending = false;
    this.#seeking.delete(host.name);
    return true;
  }

  /** Facts are gathered where something runs: not in plays before that of --start-at-task. */
  #gathers(host: HostRun, factsTask: Task): boolean {
    if (!this.#seeking.has(host.name) || this.#startsAt(host, factsTask)) return true;
    const { startAt, selected } = this.#batch.options;
    for (const { task, section } of walkTasks(this.#batch.play))
      if (section !== 'handlers' && selected(task) && startAt.matches(this.#batch.nameOf(host, task), task))
        return true;
    return false;
  }

  // ---- handlers ------------------------------------------------------------------------------------------------------------------------

  /**
   * Runs what was notified, in the order of definition; what a handler notifies behind itself runs in the same pass. Names are looked up anew:
   * a role that was included since then may have brought a handler of the same name, which counts.
   */
  async #flush(host: HostRun, position: Position): Promise<Way> {
    const notified = [...host.notified.values()];
    host.notified.clear();
    for (const each of notified)
      for (const node of handlersOf(this.#batch, host, each.task, each.name)) host.notified.set(node.id, each);
    for (const [index, node] of this.#batch.options.handlers.nodes.entries()) {
      const way = await this.#handler(host, node, [...position, index]);
      if (way !== 'ok') return way;
    }
    return 'ok';
  }

  async #handler(host: HostRun, node: Node, position: Position): Promise<Way> {
    const notice = host.notified.get(node.id);
    if (notice !== undefined) {
      // It may notify itself, for the next time; and where it fails, that was its turn.
      host.notified.delete(node.id);
      host.handling = notice;
      let way: Way = 'stopped';
      try {
        way =
          node.kind === 'block'
            ? await this.#block(host, node, position, 'handlers')
            : await this.#task(host, node, position, 'handlers');
        return way;
      } finally {
        host.handling = undefined;
        if (way === 'stopped' || way === 'unreachable') host.notified.set(node.id, notice);
      }
    }
    if (node.kind !== 'block') return 'ok';
    for (const [index, inner] of node.block.entries()) {
      const way = await this.#handler(host, inner, [...position, 0, index]);
      if (way !== 'ok') return way;
    }
    return 'ok';
  }

  // ---- includes and meta ---------------------------------------------------------------------------------------------------------------

  /** One attempt at a task, with what it includes. */
  async #attempt(host: HostRun, task: Task, position: Position, section: Section): Promise<Way> {
    const turn = await this.#turns.take(host, task, position, section);
    for (const [index, follow] of turn.follows.entries()) {
      const way = await this.#follow(host, task, follow, [...position, index], section);
      if (way !== 'ok') return way;
    }
    return turn.way;
  }

  async #follow(
    host: HostRun,
    task: Task,
    { flow, inclusion, ordinal }: Turn['follows'][number],
    position: Position,
    section: Section,
  ): Promise<Way> {
    if (flow.kind === 'meta') {
      if (flow.action !== 'flush_handlers') return carryOutMeta(this.#batch, host, task, flow.action);
      if (section === 'handlers')
        throw new VbxError('flush_handlers cannot be used as a handler', { origin: task.actionOrigin });
      return this.#flush(host, position);
    }
    if (inclusion === undefined) return 'ok';
    const { role } = inclusion;
    if (role !== undefined) {
      if (role.public) this.#batch.run.variables.addPublicRole(this.#batch.play, role);
      host.varsVersion += 1;
      if (host.completedRoles.has(role.uid) && !role.allowDuplicates) return 'ok';
    }
    const way = await this.#nodes(host, inclusion.nodes, [...position, ordinal], section);
    if (role === undefined) return way;
    host.completeRole(role.uid);
    return way === 'role-ended' ? 'ok' : way;
  }
}
