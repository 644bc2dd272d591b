// One batch of a play: every host's way through its sections, met at the gate between tasks.
import { Interrupted, NothingToInclude, PlaybookError, VbxError } from '../core/error.ts';
import type { TaskRef } from '../core/event.ts';
import { countOutcome, type Outcome } from '../core/outcome.ts';
import type { Block, Node, Play, RoleRun, Task } from '../core/play.ts';
import { Dict, TemplateText, Unknown, type Value } from '../core/value.ts';
import { OMIT } from '../template/index.ts';
import { ONCE_FOR_ALL } from './control/index.ts';
import { FreeGate, LinearGate, type Gate, type Position, type Round } from './gate.ts';
import { Handlers } from './handlers.ts';
import { HostRun } from './host-run.ts';
import { included, type Inclusion } from './inclusion.ts';
import type { Flow } from './item-result.ts';
import { labelOf } from './loop-items.ts';
import { specKey } from './machine-run.ts';
import { FOR_ALL_HOSTS, metaTold } from './meta-told.ts';
import { viewOf } from './prepare.ts';
import { toBool, type RunContext } from './run-context.ts';
import { Slots } from './slots.ts';
import { failedTask, flawedName, roleTold, shownName } from './task-name.ts';
import { registered } from './registered.ts';
import { shownOutcome } from './shown-outcome.ts';
import { restoreTask, runTask, type TaskDone } from './task-run.ts';
import { Window } from './window.ts';

/** How a piece of a host's way ended. `stopped`: by the person watching; `ended`: by meta. */
type Way = 'ok' | 'failed' | 'unreachable' | 'ended' | 'stopped' | 'role-ended';

type Section = 'facts' | 'tasks' | 'handlers' | 'rescue' | 'always';

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
  /** True once `--start-at-task` was found (or not asked for). */
  readonly startAt: { pending: boolean; readonly matches: (name: string, task: Task) => boolean };
  readonly stepping: { all: boolean };
}

export class PlayRun {
  readonly #options: BatchOptions;
  readonly #run: RunContext;
  readonly #play: Play;
  readonly #gate: Gate;
  readonly #hosts: ReadonlyMap<string, HostRun>;
  readonly #windows = new Map<string, Window>();
  readonly #tasks = new Map<string, { task: Task; section: Section }>();
  readonly #inclusions = new Map<string, Promise<Inclusion>>();
  /** Tasks that have begun, with their numbers: one that some hosts take later or again keeps its own. */
  readonly #startedTasks = new Map<string, number>();
  readonly #failures = new Set<string>();
  #index = 0;
  #active = 0;
  #ended: 'play' | 'batch' | undefined;
  #notBefore = 0;

  constructor(options: BatchOptions) {
    this.#options = options;
    this.#run = options.run;
    this.#play = options.play;
    this.#hosts = new Map(options.hosts.map((host) => [host.name, host]));
    const hooks = { begin: (round: Round) => this.#begin(round), end: (round: Round) => this.#end(round) };
    this.#gate = options.strategy === 'linear' ? new LinearGate([...this.#hosts.keys()], hooks) : new FreeGate(hooks);
    for (const host of options.hosts)
      this.#windows.set(host.name, new Window(this.#run, this.#play, host, options.selected));
  }

  /** Whether `meta: end_play` was met. */
  get playEnded(): boolean {
    return this.#ended === 'play';
  }

  /** Takes all hosts of the batch through the play. Errors: bugs, and VbxError for a play that is wrong as a whole. */
  async run(): Promise<void> {
    const pinned = this.#options.strategy === 'host_pinned' ? new Slots(this.#run.forks.limit) : undefined;
    this.#active = this.#options.hosts.length;
    const ways = await Promise.allSettled(
      this.#options.hosts.map((host) =>
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
        this.#ended ??= 'play';
        throw error;
      }
    } finally {
      host.state = way === 'ok' ? 'running' : way === 'role-ended' ? 'running' : way;
      if (way === 'failed' || way === 'unreachable') this.#run.variables.forPlay(this.#play).removed.add(host.name);
      this.#active -= 1;
      this.#gate.leave(host.name);
      this.#tellIdle();
    }
  }

  async #sections(host: HostRun): Promise<Way> {
    const { play } = this.#options;
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
    const { factsTask } = this.#options;
    host.enter(play.preTasks, -1);
    if (factsTask !== undefined) way = await this.#task(host, factsTask, [0], 'facts');
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
    if (way === 'ok' || (way === 'failed' && this.#options.forceHandlers && !handlersFailed)) {
      if (way === 'failed') this.#run.variables.forPlay(this.#play).removed.add(host.name);
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
      this.#failures.delete(host.name);
      const failure = own ? host.lastFailure : undefined;
      host.stopped = undefined;
      if (failure !== undefined) {
        const state = this.#run.variables.hostState(host.name);
        state.register('ansible_failed_result', registered({ kind: 'failed', result: failure.result }, false));
        state.setFact(
          'ansible_failed_task',
          failedTask({ run: this.#run, play: this.#play, host: host.name, task: failure.task }, failure.name),
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
      if (
        (way !== 'failed' && way !== 'unreachable') ||
        this.#run.options.holdFailed !== true ||
        (way === 'failed' && host.rescues > 0)
      )
        return way;
      // Somebody is watching: the host waits outside of the gate until it is to be tried again or is given up.
      this.#active -= 1;
      this.#gate.leave(host.name);
      const wanted = this.#run.control.retryWanted(host.name);
      this.#tellIdle();
      const again = await wanted;
      this.#active += 1;
      if (!again) return way;
      this.#gate.join(host.name);
      // Whoever repaired something did so behind the back of vbx.
      for (const machine of this.#run.machines.all()) machine.forget();
      this.#failures.delete(host.name);
      host.tally[way] = Math.max(0, host.tally[way] - 1);
      host.stopped = undefined;
    }
  }

  /** Hosts that are held wait for somebody when nobody else has anything to do. */
  #tellIdle(): void {
    if (this.#active <= 0) this.#run.control.tellHeld();
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
    if (section !== 'handlers' && !this.#options.selected(task)) return false;
    const { startAt } = this.#options;
    if (startAt.pending) {
      if (!startAt.matches(this.#nameOf(host, task), task)) return false;
      startAt.pending = false;
    }
    return true;
  }

  async #attempt(host: HostRun, task: Task, position: Position, section: Section): Promise<Way> {
    this.#tasks.set(task.id, { task, section });
    const round = await this.#gate.enter(host.name, position, task.id);
    const { control } = this.#run;
    if (control.signal.aborted || control.draining || control.isSkipped(host.name)) {
      host.stopped ??= {
        task: task.id,
        name: this.#nameOf(host, task),
        reason: control.isSkipped(host.name) ? 'skipped by the user' : 'interrupted',
      };
      return 'stopped';
    }
    if (this.#ended !== undefined) return 'ended';
    if (round.shared.get('skip') === true) {
      await this.#gate.finish(host.name);
      return 'ok';
    }
    if (host.doomed !== undefined) {
      const doom = this.#doom(host, task);
      await this.#gate.finish(host.name);
      return doom;
    }
    const done = await this.#once(host, task, round, section).catch((error: unknown) => {
      // Where it was when its command was ended: that is where a resumed run begins.
      if (error instanceof Interrupted)
        host.stopped ??= { task: task.id, name: this.#nameOf(host, task), reason: 'interrupted' };
      throw error;
    });
    this.#tellMeta(host, task, done, round, section);
    let way = this.#judge(host, task, done, round);
    // What a loop includes is told before any of it runs. It is read within the round, so that a failure of it can be fatal for the others.
    const inclusions: (Inclusion | undefined)[] = [];
    if (way === 'ok') {
      try {
        for (const { flow, loopVars } of done.flows)
          inclusions.push(flow.kind === 'meta' ? undefined : await this.#include(host, task, flow, loopVars));
      } catch (error) {
        // What is included and is wrong in itself is wrong for all: the run ends.
        if (!(error instanceof VbxError) || (error instanceof PlaybookError && !(error instanceof NothingToInclude)))
          throw error;
        way = this.#includeFailed(host, task, error, round);
      }
    }
    await this.#gate.finish(host.name);
    if (way !== 'ok') return way;
    if (host.doomed !== undefined) return this.#doom(host, task);
    // Each inclusion counts as a task that went well; the include itself is counted already.
    host.tally.ok += Math.max(0, inclusions.filter((each) => each !== undefined).length - 1);
    for (const [index, { flow }] of done.flows.entries()) {
      const next = await this.#follow(host, task, flow, inclusions[index], [...position, index], section, round);
      if (next !== 'ok') return next;
    }
    return 'ok';
  }

  /** The host fails because of others. */
  #doom(host: HostRun, task: Task): Way {
    const name = this.#nameOf(host, task);
    host.stopped = { task: task.id, name, reason: host.doomed ?? '' };
    host.lastFailure = { task, name, result: { failed: true, msg: host.stopped.reason } };
    host.doomed = undefined;
    this.#failures.add(host.name);
    return 'failed';
  }

  /** The task for this host, or once for all of the round. */
  async #once(host: HostRun, task: Task, round: Round, section: Section): Promise<TaskDone> {
    const written = task.keywords.run_once;
    const once =
      task.action === 'ansible.builtin.meta'
        ? this.#options.strategy === 'linear' && FOR_ALL_HOSTS.has(wordOf(task))
        : ONCE_FOR_ALL.has(task.action)
          ? task.loop === undefined || task.action === 'ansible.builtin.add_host'
          : written !== undefined && this.#flag(host, task, written.value);
    if (!once) return this.#execute(host, task, section);
    let shared = round.shared.get('once') as
      | { promise: Promise<TaskDone>; settle: (run: () => Promise<TaskDone>) => void; by?: string }
      | undefined;
    if (shared === undefined) {
      let settle: (run: () => Promise<TaskDone>) => void = () => undefined;
      const promise = new Promise<TaskDone>((resolve, reject) => (settle = (run) => void run().then(resolve, reject)));
      promise.catch(() => undefined);
      round.shared.set('once', (shared = { promise, settle }));
    }
    const isFirst = round.hosts[0] === host.name || (this.#options.strategy !== 'linear' && shared.by === undefined);
    if (isFirst) {
      shared.by = host.name;
      shared.settle(() => this.#execute(host, task, section));
      return shared.promise;
    }
    const done = await shared.promise;
    this.#adopt(host, task, done);
    return { ...done, diffs: [] };
  }

  #flag(host: HostRun, task: Task, value: Value): boolean {
    if (typeof value === 'boolean') return value;
    const rendered = viewOf({ run: this.#run, play: this.#play, host: host.name, task }).templar.renderArg(value);
    return rendered !== OMIT && toBool(rendered as Value);
  }

  /** What run_once leaves on the other hosts: the registered value and facts. */
  #adopt(host: HostRun, task: Task, done: TaskDone): void {
    const state = this.#run.variables.hostState(host.name);
    const { outcome } = done;
    // What concerns no host, as add_host, is registered by the first one alone.
    if (task.register !== undefined && !ONCE_FOR_ALL.has(task.action))
      state.register(
        task.register,
        outcome.kind === 'unknown'
          ? new Unknown(outcome.because ?? this.#nameOf(host, task))
          : registered(outcome, done.loop),
      );
    const facts = outcome.result['ansible_facts'];
    if (facts instanceof Dict) {
      for (const [name, value] of facts) {
        if (task.action === 'ansible.builtin.set_fact') state.setFact(String(name as string), value, false);
      }
      if (task.action === 'ansible.builtin.include_vars') state.includeVars(facts);
    }
    host.varsVersion += 1;
  }

  async #execute(host: HostRun, task: Task, section: Section): Promise<TaskDone> {
    const { emit } = this.#run;
    const name = this.#nameOf(host, task);
    const finished = this.#finishedEarlier(host, task, true);
    if (finished !== undefined) {
      host.varsVersion += 1;
      emit({
        kind: 'host-end',
        host: host.name,
        task: task.id,
        outcome: finished,
        diffs: [],
        seconds: 0,
        restored: true,
      });
      return restoreTask(
        {
          run: this.#run,
          play: this.#play,
          host: host.name,
          task,
          id: task.id,
          name,
          handler: section === 'handlers',
          reportsNotBefore: () => 0,
          ahead: () => Promise.resolve([]),
        },
        finished,
      );
    }
    const quiet = task.action === 'ansible.builtin.meta';
    if (!quiet) emit({ kind: 'host-start', host: host.name, task: task.id });
    const window = this.#windows.get(host.name) as Window;
    const unknownOnly = section === 'handlers' && host.handling?.unknown === true;
    const done: TaskDone = unknownOnly
      ? {
          outcome: {
            kind: 'unknown',
            because: name,
            result: { changed: false, msg: 'unknown: whether it is notified is not known' },
          },
          diffs: [],
          seconds: 0,
          noLog: false,
          loop: false,
          flows: [],
          notify: [],
        }
      : await runTask({
          run: this.#run,
          play: this.#play,
          host: host.name,
          task,
          id: task.id,
          name,
          handler: section === 'handlers',
          reportsNotBefore: () => this.#notBefore,
          ahead: (basics, machineKey, spec) => window.ahead(basics, machineKey, specKey(spec)),
          takePrepared: (wanted, index) => window.take(wanted, index),
        });
    if (changesVariables(task, done)) host.varsVersion += 1;
    const outcome: Outcome = done.outcome;
    if (!quiet) {
      emit({
        kind: 'host-end',
        host: host.name,
        task: task.id,
        outcome: shownOutcome(outcome, done.noLog),
        diffs: done.noLog ? [] : done.diffs,
        seconds: done.seconds,
        ...(done.delegate === undefined ? {} : { delegate: done.delegate }),
        ...(done.noLog ? { noLog: true } : {}),
        ...(done.loop ? { loop: true } : {}),
      });
    }
    return done;
  }

  /** The outcome that an earlier run had for this turn of the task, where that is enough: includes and meta are always carried out again. */
  #finishedEarlier(host: HostRun, task: Task, take: boolean): Outcome | undefined {
    const { resume } = this.#run.options;
    if (resume === undefined || CARRIED_OUT_AGAIN.has(task.action)) return undefined;
    const nth = host.turns.get(task.id) ?? 0;
    if (take) host.turns.set(task.id, nth + 1);
    const own = resume.results[host.name]?.[task.id]?.[nth];
    if (own !== undefined || task.keywords.run_once === undefined) return own;
    return Object.values(resume.results).find((results) => results[task.id]?.[nth] !== undefined)?.[task.id]?.[nth];
  }

  /** Counts the outcome, notifies handlers, decides how the host goes on. */
  #judge(host: HostRun, task: Task, done: TaskDone, round: Round): Way {
    const { outcome } = done;
    const { tally } = host;
    const ranHere =
      round.shared.get('once') === undefined || (round.shared.get('once') as { by?: string }).by === host.name;
    if (task.action !== 'ansible.builtin.meta' && ranHere) countOutcome(tally, outcome);
    if (
      task.role !== undefined &&
      task.action !== 'ansible.builtin.meta' &&
      ranHere &&
      outcome.kind !== 'skipped' &&
      outcome.kind !== 'unreachable'
    )
      host.begunRoles.add(task.role.uid);
    if ((outcome.kind === 'failed' || outcome.kind === 'unreachable') && outcome.ignored !== true) {
      const name = this.#nameOf(host, task);
      host.stopped = { task: task.id, name, reason: oneLine(String(outcome.result['msg'] ?? outcome.kind)) };
      host.lastFailure = { task, name, result: outcome.result };
      this.#failures.add(host.name);
      if (!ranHere || this.#isFatal(host, task) || round.shared.get('once') !== undefined)
        round.shared.set('fatal', name);
      return outcome.kind;
    }
    this.#notify(host, task, done);
    return 'ok';
  }

  #isFatal(host: HostRun, task: Task): boolean {
    const written = task.keywords.any_errors_fatal;
    return written === undefined ? this.#run.options.anyErrorsFatal === true : this.#flag(host, task, written.value);
  }

  // ---- handlers ------------------------------------------------------------------------------------------------------------------------

  #notify(host: HostRun, task: Task, done: TaskDone): void {
    for (const name of done.notify) {
      const found = this.#handlersOf(host, task, name);
      if (found.length === 0) {
        const message = `The requested handler '${name}' was not found in either the main handlers list nor in the listening handlers list`;
        const origin = task.notify[0]?.origin ?? task.origin;
        // As under Ansible, a play that asks for what is not there is wrong as a whole: the run ends.
        if (this.#run.options.missingHandlerIsError !== false)
          throw new VbxError(message, {
            origin,
            hint: 'handlers are found by name, by "role : name", or by what they listen to',
          });
        this.#run.warn(message, origin);
      }
      for (const node of found) {
        const unknown = done.outcome.kind === 'unknown';
        const before = host.notified.get(node.id);
        host.notified.set(node.id, { name, task, unknown: unknown && before?.unknown !== false });
        if (before === undefined)
          this.#run.emit({
            kind: 'handler-notified',
            host: host.name,
            handler: name,
            task: task.id,
            ...(unknown ? { unknown: true } : {}),
          });
      }
    }
  }

  #handlersOf(host: HostRun, task: Task, name: string): readonly Node[] {
    return this.#options.handlers.find(
      name,
      (node) =>
        viewOf({ run: this.#run, play: this.#play, host: host.name, task: node.kind === 'task' ? node : task }).templar,
      (node, error) => {
        this.#run.warn(
          `Handler '${node.name instanceof TemplateText ? node.name.source : ''}' is unusable because it has no listen topics and the name could not be templated (host-specific variables are not supported in handler names). The error: ${error.message}`,
          node.origin,
        );
      },
    );
  }

  /**
   * Runs what was notified, in the order of definition; what a handler notifies behind itself runs in the same pass. Names are looked up anew:
   * a role that was included since then may have brought a handler of the same name, which counts.
   */
  async #flush(host: HostRun, position: Position): Promise<Way> {
    const notified = [...host.notified.values()];
    host.notified.clear();
    for (const each of notified)
      for (const node of this.#handlersOf(host, each.task, each.name)) host.notified.set(node.id, each);
    for (const [index, node] of this.#options.handlers.nodes.entries()) {
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

  async #follow(
    host: HostRun,
    task: Task,
    flow: Flow,
    inclusion: Inclusion | undefined,
    position: Position,
    section: Section,
    round: Round,
  ): Promise<Way> {
    if (flow.kind === 'meta') return this.#meta(host, task, flow.action, position, section);
    if (inclusion === undefined) return 'ok';
    const ordinal = orderOf(round, inclusion.key);
    if (inclusion.role !== undefined) {
      if (inclusion.role.public) this.#run.variables.addPublicRole(this.#play, inclusion.role);
      host.varsVersion += 1;
      if (host.completedRoles.has(inclusion.role.uid) && !inclusion.role.allowDuplicates) return 'ok';
    }
    const way = await this.#nodes(host, inclusion.nodes, [...position, ordinal], section);
    if (inclusion.role !== undefined) host.completeRole(inclusion.role.uid);
    return way === 'role-ended' && inclusion.role !== undefined ? 'ok' : way;
  }

  #tellMeta(host: HostRun, task: Task, { outcome }: TaskDone, round: Round, section: Section): void {
    if (task.action !== 'ansible.builtin.meta' || (outcome.kind !== 'ok' && outcome.kind !== 'skipped')) return;
    const once = round.shared.get('once') as { by?: string } | undefined;
    if (once !== undefined && once.by !== host.name) return;
    const word = wordOf(task);
    const skipped = outcome.kind === 'skipped';
    this.#run.emit({
      kind: 'meta',
      task: this.#ref(host, task, section),
      host: host.name,
      word,
      text: metaTold(word, host.name, task, skipped),
      skipped,
    });
  }

  /** Reads what is included and tells of it; its handlers are there from now on. Errors: PlaybookError. */
  async #include(
    host: HostRun,
    task: Task,
    flow: Exclude<Flow, { kind: 'meta' }>,
    loopVars: ReadonlyMap<string, Value> | undefined,
  ): Promise<Inclusion> {
    const inclusion = await included({
      run: this.#run,
      play: this.#play,
      host: host.name,
      task,
      flow,
      loopVars,
      cache: this.#inclusions,
    });
    const item =
      task.loop === undefined
        ? undefined
        : labelOf(
            { run: this.#run, play: this.#play, host: host.name, task },
            loopVars ?? new Map(),
            loopVars?.get(task.loop.control.loopVar) ?? null,
          );
    this.#run.emit({
      kind: 'included',
      task: task.id,
      file: inclusion.label,
      hosts: [host.name],
      ...(item === undefined ? {} : { item }),
    });
    this.#options.handlers.add(inclusion.handlers);
    return inclusion;
  }

  #includeFailed(host: HostRun, task: Task, error: VbxError, round: Round): Way {
    const name = this.#nameOf(host, task);
    const include =
      task.action === 'ansible.builtin.include_tasks'
        ? (task.args.get('_raw_params') ?? task.args.get('file'))
        : undefined;
    const result = {
      failed: true,
      changed: false,
      msg: error.message,
      reason: error.message,
      ...(typeof include === 'string' ? { include } : {}),
    };
    this.#run.emit({
      kind: 'host-end',
      host: host.name,
      task: task.id,
      outcome: { kind: 'failed', result },
      diffs: [],
      seconds: 0,
    });
    host.tally.ok = Math.max(0, host.tally.ok - 1);
    host.tally.failed += 1;
    host.stopped = { task: task.id, name, reason: error.message };
    host.lastFailure = { task, name, result };
    this.#failures.add(host.name);
    if (this.#isFatal(host, task)) round.shared.set('fatal', name);
    return 'failed';
  }

  async #meta(host: HostRun, task: Task, action: string, position: Position, section: Section): Promise<Way> {
    switch (action) {
      case 'noop':
        return 'ok';
      case 'flush_handlers':
        if (section === 'handlers')
          throw new VbxError('flush_handlers cannot be used as a handler', { origin: task.actionOrigin });
        return this.#flush(host, position);
      case 'end_host':
        return 'ended';
      case 'end_batch':
        this.#ended ??= 'batch';
        return 'ended';
      case 'end_play':
        this.#ended = 'play';
        return 'ended';
      case 'end_role':
        if (task.role === undefined) return 'ok';
        host.endedRole = task.role.uid;
        return 'role-ended';
      case 'clear_facts':
        this.#run.variables.hostState(host.name).clearFacts();
        host.varsVersion += 1;
        return 'ok';
      case 'clear_host_errors': {
        // Of the hosts of this play; others that failed before stay away.
        const { removed } = this.#run.variables.forPlay(this.#play);
        for (const name of removed) this.#run.failedHosts.delete(name);
        removed.clear();
        this.#failures.clear();
        for (const other of this.#options.hosts) {
          other.cleared += 1;
          other.stopped = undefined;
          if (other.state === 'failed' || other.state === 'unreachable') other.forgiven = true;
        }
        return 'ok';
      }
      case 'reset_connection':
        for (const machine of this.#run.machines.all()) {
          if (machine.machine.settings.name === host.name) {
            machine.forget();
            machine.forgetBasics();
            await machine.machine.disconnect();
          }
        }
        return 'ok';
      case 'refresh_inventory':
        await this.#run.refreshInventory();
        host.varsVersion += 1;
        return 'ok';
      default:
        throw new Error(`unknown meta action ${action}`);
    }
  }

  // ---- rounds --------------------------------------------------------------------------------------------------------------------------

  async #begin(round: Round): Promise<void> {
    const { control, emit, options } = this.#run;
    await control.whilePaused();
    this.#notBefore = this.#options.strategy === 'linear' ? this.#run.clock.now : 0;
    const known = this.#tasks.get(round.key);
    if (known === undefined || control.draining || this.#ended !== undefined) return;
    const { task, section } = known;
    const quiet = task.action === 'ansible.builtin.meta';
    const first = this.#hosts.get(round.hosts[0] as string) as HostRun;
    if (options.step !== undefined && !this.#options.stepping.all && !quiet) {
      const answer = await options.step(this.#nameOf(first, task));
      if (answer === 'continue') this.#options.stepping.all = true;
      if (answer === 'no') {
        round.shared.set('skip', true);
        return;
      }
    }
    if (quiet) return;
    const earlier = this.#startedTasks.get(task.id);
    const linear = this.#options.strategy === 'linear';
    if (earlier !== undefined && !linear) return;
    const restored = round.hosts.every(
      (name) => this.#finishedEarlier(this.#hosts.get(name) as HostRun, task, false) !== undefined,
    );
    if (restored && !linear) return;
    if (earlier === undefined) this.#startedTasks.set(task.id, (this.#index += 1));
    if (restored) return;
    emit({
      kind: 'task-start',
      task: this.#ref(first, task, section),
      hosts: round.hosts.length,
      index: earlier ?? this.#index,
      total: Math.max(this.#options.total, this.#index),
      section,
    });
  }

  #end(round: Round): void {
    const known = this.#tasks.get(round.key);
    if (known !== undefined && this.#options.strategy === 'linear' && known.task.action !== 'ansible.builtin.meta')
      this.#run.emit({ kind: 'task-end', task: known.task.id });
    const fatal = round.shared.get('fatal') as string | undefined;
    const percentage = this.#options.maxFailPercentage;
    const tooMany =
      percentage !== undefined &&
      this.#failures.size > 0 &&
      (this.#failures.size / this.#options.size) * 100 > percentage;
    if (fatal === undefined && !tooMany) return;
    const reason =
      fatal === undefined
        ? `more than ${percentage ?? 0} % of the hosts failed`
        : `"${fatal}" failed elsewhere and errors are fatal for all`;
    for (const host of this.#options.hosts) {
      if (host.state !== 'running' || this.#failures.has(host.name)) continue;
      // Under linear only those of this round are at the task; the others meet it at their next one.
      host.doomed = reason;
    }
  }

  #ref(host: HostRun, task: Task, section: Section): TaskRef {
    const tags = task.tags.filter((tag): tag is string => typeof tag === 'string');
    const role = roleTold(task);
    const flawed = flawedName({ run: this.#run, play: this.#play, host: host.name, task });
    return {
      id: task.id,
      name: this.#nameOf(host, task),
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
      return this.#flag(host, task, quiet);
    } catch (error) {
      // The task itself tells of it.
      if (error instanceof VbxError) return false;
      throw error;
    }
  }

  #nameOf(host: HostRun, task: Task): string {
    return shownName({ run: this.#run, play: this.#play, host: host.name, task });
  }
}

/** Tasks that a resumed run carries out again: they ask no host and shape what follows. */
const CARRIED_OUT_AGAIN: ReadonlySet<string> = new Set([
  'ansible.builtin.include_tasks',
  'ansible.builtin.include_role',
  'ansible.builtin.meta',
  'ansible.builtin.add_host',
  'ansible.builtin.group_by',
]);

const wordOf = (task: Task): string => String(task.args.get('_raw_params') as string);

function changesVariables(task: Task, done: TaskDone): boolean {
  return (
    task.register !== undefined ||
    done.outcome.result['ansible_facts'] !== undefined ||
    done.flows.length > 0 ||
    [
      'ansible.builtin.set_fact',
      'ansible.builtin.include_vars',
      'ansible.builtin.add_host',
      'ansible.builtin.group_by',
    ].includes(task.action)
  );
}

/** The number of an included file among those of one round: hosts that include the same stay together. */
function orderOf(round: Round, key: string): number {
  const order = (round.shared.get('included') as Map<string, number> | undefined) ?? new Map<string, number>();
  round.shared.set('included', order);
  let number = order.get(key);
  if (number === undefined) order.set(key, (number = order.size));
  return number;
}

/** A message on one line, as far as its first indented one (a trace, what a program quotes): what a recap says of a host. */
function oneLine(message: string): string {
  const lines = message.split('\n');
  const shown = lines.findIndex((line) => /^\s/.test(line));
  return (shown === -1 ? lines : lines.slice(0, Math.max(1, shown))).join(' ');
}
