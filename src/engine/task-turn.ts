// A host's turn at one task: it waits for its round, carries the task out or adopts what another host did once for all, and is judged.
import { Interrupted, NothingToInclude, PlaybookError, VbxError } from '../core/error.ts';
import { countOutcome, messageOf, type Outcome } from '../core/outcome.ts';
import type { Task } from '../core/play.ts';
import { Dict, Unknown, type Value } from '../core/value.ts';
import type { Batch, Section, Way } from './batch.ts';
import { ONCE_FOR_ALL } from './control/index.ts';
import { finishedEarlier } from './earlier-outcome.ts';
import { onceForAll, type Gate, type Position, type Round } from './gate.ts';
import type { HostRun } from './host-run.ts';
import { included, type Inclusion } from './inclusion.ts';
import type { Flow } from './item-result.ts';
import { checkThrottle } from './keyword-values.ts';
import { labelOf } from './loop-items.ts';
import { specKey } from './machine-run.ts';
import { FOR_ALL_HOSTS, metaTold } from './meta-told.ts';
import { notify } from './notify.ts';
import { viewOf } from './prepare.ts';
import { registered } from './registered.ts';
import type { Rounds } from './rounds.ts';
import { shownOutcome } from './shown-outcome.ts';
import type { TaskRequest } from './task-request.ts';
import { restoreTask, runTask, type TaskDone } from './task-run.ts';
import { Window } from './window.ts';

/** What a host's turn came to: how it goes on, and what it goes into first. */
export interface Turn {
  readonly way: Way;
  readonly follows: readonly {
    readonly flow: Flow;
    readonly inclusion: Inclusion | undefined;
    /** The inclusion's number among those of the round: hosts that include the same stay together. */
    readonly ordinal: number;
  }[];
}

export class TaskTurns {
  readonly #batch: Batch;
  readonly #gate: Gate;
  readonly #rounds: Rounds;
  readonly #windows: ReadonlyMap<string, Window>;
  readonly #inclusions = new Map<string, Promise<Inclusion>>();

  constructor(batch: Batch, gate: Gate, rounds: Rounds) {
    this.#batch = batch;
    this.#gate = gate;
    this.#rounds = rounds;
    const { run, play, options } = batch;
    this.#windows = new Map(options.hosts.map((host) => [host.name, new Window(run, play, host, options.selected)]));
  }

  /** Takes the host through one task, with the others that stand there. Errors: Interrupted, and VbxError for a play that is wrong as a whole. */
  async take(host: HostRun, task: Task, position: Position, section: Section): Promise<Turn> {
    const batch = this.#batch;
    this.#rounds.expect(task, section);
    const round = await this.#gate.enter(host.name, position, task.id);
    const { control } = batch.run;
    if (control.signal.aborted || control.draining || control.isSkipped(host.name)) {
      const reason = control.isSkipped(host.name) ? 'skipped by the user' : 'interrupted';
      host.stopped ??= { task: task.id, name: batch.nameOf(host, task), reason };
      return ended('stopped');
    }
    if (batch.ended !== undefined) return ended('ended');
    if (round.shared.skip === true) {
      await this.#gate.finish(host.name);
      return ended('ok');
    }
    if (host.doomed !== undefined) {
      const doom = this.#doom(host, task);
      await this.#gate.finish(host.name);
      return ended(doom);
    }
    checkThrottle(task, () => viewOf({ run: batch.run, play: batch.play, host: host.name, task }).templar);
    const done = await this.#once(host, task, round, section).catch((error: unknown) => {
      // Where it was when its command was ended: that is where a resumed run begins.
      if (error instanceof Interrupted)
        host.stopped ??= { task: task.id, name: batch.nameOf(host, task), reason: 'interrupted' };
      throw error;
    });
    this.#tellMeta(host, task, done, round, section);
    let way = this.#judge(host, task, done, round);
    // What a loop includes is told before any of it runs. It is read within the round, so that a failure of it can be fatal for the others.
    const follows: Turn['follows'][number][] = [];
    if (way === 'ok') {
      try {
        for (const { flow, loopVars } of done.flows) {
          const inclusion = flow.kind === 'meta' ? undefined : await this.#include(host, task, flow, loopVars);
          follows.push({ flow, inclusion, ordinal: inclusion === undefined ? 0 : orderOf(round, inclusion.key) });
        }
      } catch (error) {
        // What is included and is wrong in itself is wrong for all: the run ends.
        if (!(error instanceof VbxError) || (error instanceof PlaybookError && !(error instanceof NothingToInclude)))
          throw error;
        way = this.#includeFailed(host, task, error, round);
      }
    }
    await this.#gate.finish(host.name);
    if (way !== 'ok') return ended(way);
    if (host.doomed !== undefined) return ended(this.#doom(host, task));
    // Each inclusion counts as a task that went well; the include itself is counted already.
    host.tally.ok += Math.max(0, follows.filter(({ inclusion }) => inclusion !== undefined).length - 1);
    return { way: 'ok', follows };
  }

  /** The host fails because of others. */
  #doom(host: HostRun, task: Task): Way {
    const reason = host.doomed ?? '';
    this.#batch.failed(host, task, reason, { failed: true, msg: reason });
    host.doomed = undefined;
    return 'failed';
  }

  /** The task for this host, or once for all of the round. */
  async #once(host: HostRun, task: Task, round: Round, section: Section): Promise<TaskDone> {
    const written = task.keywords.run_once;
    const once =
      task.action === 'ansible.builtin.meta'
        ? this.#batch.options.strategy === 'linear' && FOR_ALL_HOSTS.has(wordOf(task))
        : ONCE_FOR_ALL.has(task.action)
          ? task.loop === undefined || task.action === 'ansible.builtin.add_host'
          : written !== undefined && this.#batch.flag(host, task, written.value);
    if (!once) return this.#execute(host, task, section);
    const shared = (round.shared.once ??= onceForAll());
    const isFirst =
      round.hosts[0] === host.name || (this.#batch.options.strategy !== 'linear' && shared.by === undefined);
    if (isFirst) {
      shared.by = host.name;
      shared.settle(() => this.#execute(host, task, section));
      return shared.promise;
    }
    const done = await shared.promise;
    this.#adopt(host, task, done);
    return { ...done, diffs: [] };
  }

  /** What run_once leaves on the other hosts: the registered value and facts. */
  #adopt(host: HostRun, task: Task, done: TaskDone): void {
    const state = this.#batch.run.variables.hostState(host.name);
    const { outcome } = done;
    // What concerns no host, as add_host, is registered by the first one alone.
    if (task.register !== undefined && !ONCE_FOR_ALL.has(task.action))
      state.register(
        task.register,
        outcome.kind === 'unknown'
          ? new Unknown(outcome.because ?? this.#batch.nameOf(host, task))
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
    const { emit } = this.#batch.run;
    const name = this.#batch.nameOf(host, task);
    const window = this.#windows.get(host.name) as Window;
    const request: TaskRequest = {
      run: this.#batch.run,
      play: this.#batch.play,
      host: host.name,
      task,
      id: task.id,
      name,
      handler: section === 'handlers',
      reportsNotBefore: () => this.#batch.notBefore,
      ahead: (basics, machineKey, spec) => window.ahead(basics, machineKey, specKey(spec)),
      takePrepared: (wanted, index) => window.take(wanted, index),
    };
    const finished = finishedEarlier(this.#batch.run, host, task, true);
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
      return restoreTask(request, finished);
    }
    const quiet = task.action === 'ansible.builtin.meta';
    if (!quiet) emit({ kind: 'host-start', host: host.name, task: task.id });
    const unknownOnly = section === 'handlers' && host.handling?.unknown === true;
    const done = unknownOnly ? notKnownToRun(name) : await runTask(request);
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

  /** Counts the outcome, notifies handlers, decides how the host goes on. */
  #judge(host: HostRun, task: Task, done: TaskDone, round: Round): Way {
    const { outcome } = done;
    const { tally } = host;
    const { once } = round.shared;
    const ranHere = once === undefined || once.by === host.name;
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
      this.#batch.failed(host, task, oneLine(messageOf(outcome.result) ?? outcome.kind), outcome.result);
      if (once !== undefined || this.#batch.isFatal(host, task)) round.shared.fatal = this.#batch.nameOf(host, task);
      return outcome.kind;
    }
    notify(this.#batch, host, task, done);
    return 'ok';
  }

  #tellMeta(host: HostRun, task: Task, { outcome }: TaskDone, round: Round, section: Section): void {
    if (task.action !== 'ansible.builtin.meta' || (outcome.kind !== 'ok' && outcome.kind !== 'skipped')) return;
    const { once } = round.shared;
    if (once !== undefined && once.by !== host.name) return;
    const word = wordOf(task);
    const skipped = outcome.kind === 'skipped';
    this.#batch.run.emit({
      kind: 'meta',
      task: this.#batch.ref(host, task, section),
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
      run: this.#batch.run,
      play: this.#batch.play,
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
            { run: this.#batch.run, play: this.#batch.play, host: host.name, task },
            loopVars ?? new Map(),
            loopVars?.get(task.loop.control.loopVar) ?? null,
          );
    this.#batch.run.emit({
      kind: 'included',
      task: task.id,
      file: inclusion.label,
      hosts: [host.name],
      ...(item === undefined ? {} : { item }),
    });
    this.#batch.options.handlers.add(inclusion.handlers);
    return inclusion;
  }

  #includeFailed(host: HostRun, task: Task, error: VbxError, round: Round): Way {
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
    this.#batch.run.emit({
      kind: 'host-end',
      host: host.name,
      task: task.id,
      outcome: { kind: 'failed', result },
      diffs: [],
      seconds: 0,
    });
    host.tally.ok = Math.max(0, host.tally.ok - 1);
    host.tally.failed += 1;
    this.#batch.failed(host, task, error.message, result);
    if (this.#batch.isFatal(host, task)) round.shared.fatal = this.#batch.nameOf(host, task);
    return 'failed';
  }
}

/** A handler of which only an unknown outcome of a dry run would notify it. */
const notKnownToRun = (name: string): TaskDone => ({
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
});

const ended = (way: Way): Turn => ({ way, follows: [] });

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

/** A message on one line, as far as its first indented one (a trace, what a program quotes): what a recap says of a host. */
function oneLine(message: string): string {
  const lines = message.split('\n');
  const shown = lines.findIndex((line) => /^\s/.test(line));
  return (shown === -1 ? lines : lines.slice(0, Math.max(1, shown))).join(' ');
}

/** The number of an included file among those of one round. */
function orderOf({ shared: { included } }: Round, key: string): number {
  let number = included.get(key);
  if (number === undefined) included.set(key, (number = included.size));
  return number;
}
