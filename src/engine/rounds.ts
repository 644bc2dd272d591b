// The rounds of a batch: what is told and asked before its hosts take a task together, and what its failures mean for the others.
import type { Task } from '../core/play.ts';
import type { Batch, Section } from './batch.ts';
import { finishedEarlier } from './earlier-outcome.ts';
import type { GateHooks, Round } from './gate.ts';
import type { HostRun } from './host-run.ts';

export class Rounds implements GateHooks {
  readonly #batch: Batch;
  readonly #tasks = new Map<string, { task: Task; section: Section }>();
  /** Tasks that have begun, with their numbers: one that some hosts take later or again keeps its own. */
  readonly #started = new Map<string, number>();

  constructor(batch: Batch) {
    this.#batch = batch;
  }

  /** Says what the rounds of a task's id are about. */
  expect(task: Task, section: Section): void {
    this.#tasks.set(task.id, { task, section });
  }

  async begin(round: Round): Promise<void> {
    const { control, emit, options } = this.#batch.run;
    await control.whilePaused();
    this.#batch.notBefore = this.#batch.options.strategy === 'linear' ? this.#batch.run.clock.now : 0;
    const known = this.#tasks.get(round.key);
    if (known === undefined || control.draining || this.#batch.ended !== undefined) return;
    const { task, section } = known;
    const quiet = task.action === 'ansible.builtin.meta';
    const first = this.#batch.hosts.get(round.hosts[0] as string) as HostRun;
    if (options.step !== undefined && !this.#batch.options.stepping.all && !quiet) {
      const answer = await options.step(this.#batch.nameOf(first, task));
      if (answer === 'continue') this.#batch.options.stepping.all = true;
      if (answer === 'no') {
        round.shared.skip = true;
        return;
      }
    }
    if (quiet) return;
    const earlier = this.#started.get(task.id);
    const linear = this.#batch.options.strategy === 'linear';
    if (earlier !== undefined && !linear) return;
    const restored = round.hosts.every(
      (name) => finishedEarlier(this.#batch.run, this.#batch.hosts.get(name) as HostRun, task, false) !== undefined,
    );
    if (restored && !linear) return;
    if (earlier === undefined) this.#started.set(task.id, this.#started.size + 1);
    if (restored) return;
    emit({
      kind: 'task-start',
      task: this.#batch.ref(first, task, section),
      hosts: round.hosts.length,
      index: earlier ?? this.#started.size,
      total: Math.max(this.#batch.options.total, this.#started.size),
      section,
    });
  }

  end(round: Round): void {
    const known = this.#tasks.get(round.key);
    if (
      known !== undefined &&
      this.#batch.options.strategy === 'linear' &&
      known.task.action !== 'ansible.builtin.meta'
    )
      this.#batch.run.emit({ kind: 'task-end', task: known.task.id });
    const { fatal } = round.shared;
    const percentage = this.#batch.options.maxFailPercentage;
    const { failures, hosts, options } = this.#batch;
    // What a rescue is going to take is no failure.
    const lost = [...failures].filter((name) => (hosts.get(name)?.rescues ?? 0) === 0).length;
    const tooMany = percentage !== undefined && lost > 0 && (lost / options.size) * 100 > percentage;
    if (fatal === undefined && !tooMany) return;
    const reason =
      fatal === undefined
        ? `more than ${percentage ?? 0} % of the hosts failed`
        : `"${fatal}" failed elsewhere and errors are fatal for all`;
    for (const host of this.#batch.options.hosts) {
      if (host.state !== 'running' || this.#batch.failures.has(host.name)) continue;
      // Under linear only those of this round are at the task; the others meet it at their next one.
      host.doomed = reason;
    }
  }
}
