// The questions of a host's coming tasks, so that one exchange asks for many of them; what was prepared for it is kept for the task's own turn.
import type { Basics } from '../core/basics.ts';
import { VbxError } from '../core/error.ts';
import type { Module } from '../core/module.ts';
import type { Play, Task } from '../core/play.ts';
import type { Probe } from '../core/probe.ts';
import { Unknown } from '../core/value.ts';
import type { HostRun } from './host-run.ts';
import { itemVariables, loopItems } from './loop-items.ts';
import { specKey } from './machine-run.ts';
import { prepare, viewOf, type Prepared } from './prepare.ts';
import type { RunContext } from './run-context.ts';

/** Loop items of one task that are asked ahead at most. */
const MOST_ITEMS = 256;

export class Window {
  readonly #run: RunContext;
  readonly #play: Play;
  readonly #host: HostRun;
  readonly #selected: (task: Task) => boolean;
  readonly #kept = new Map<string, { readonly version: number; readonly here: number; readonly prepared: Prepared }>();

  constructor(run: RunContext, play: Play, host: HostRun, selected: (task: Task) => boolean) {
    this.#run = run;
    this.#play = play;
    this.#host = host;
    this.#selected = selected;
  }

  /** What was prepared for a task's item, if no variable of the host and no file of the controller may have changed since. */
  take(task: Task, index: number): Prepared | undefined {
    const key = `${task.id}\n${index}`;
    const kept = this.#kept.get(key);
    this.#kept.delete(key);
    return kept?.version === this.#host.varsVersion && kept.here === this.#run.clock.here ? kept.prepared : undefined;
  }

  /** Questions of the tasks behind the present one that go to the machine `machineKey` as the user of `spec`. */
  async ahead(basics: Basics, machineKey: string, spec: string): Promise<readonly Probe[]> {
    const probes: Probe[] = [];
    let left = Math.min(this.#run.options.window ?? Infinity, this.#run.machines.byKey(machineKey)?.reach ?? 1) - 1;
    for (const task of this.#host.coming()) {
      if (left <= 0) break;
      if (!this.#selected(task) || task.keywords.delegate_to !== undefined) continue;
      if (task.keywords.vbx_batch !== undefined && task.keywords.vbx_batch.value === false) break;
      const module = await this.#run.module(task.action);
      if (module === undefined || module.kind === 'control' || module.probe === undefined) continue;
      left -= 1;
      try {
        probes.push(...(await this.#ofTask(task, module, basics, machineKey, spec)));
      } catch (error) {
        // What cannot be told now is asked, or fails, at the task's own turn.
        if (!(error instanceof VbxError)) throw error;
      }
    }
    return probes;
  }

  async #ofTask(task: Task, module: Module, basics: Basics, machineKey: string, spec: string): Promise<Probe[]> {
    if (module.kind === 'control') return [];
    const request = { run: this.#run, play: this.#play, host: this.#host.name, task };
    const probes: Probe[] = [];
    const one = async (loopVars: Parameters<typeof prepare>[0]['loopVars'], index: number): Promise<void> => {
      const own = loopVars === undefined ? request : { ...request, loopVars };
      const { here } = this.#run.clock;
      let prepared = await prepare(own);
      // An unknown or undefined condition is no obstacle: the answer is dropped if the task is skipped.
      if (prepared.kind === 'unknown' || prepared.kind === 'failed') prepared = await prepare(own, true);
      else this.#kept.set(`${task.id}\n${index}`, { version: this.#host.varsVersion, here, prepared });
      if (prepared.kind !== 'ready' || prepared.module.kind === 'control') return;
      if (
        specKey(prepared.connection.spec) !== spec ||
        this.#run.machines.of(prepared.connection.settings).machine.key !== machineKey
      )
        return;
      probes.push(...(Object.values(prepared.module.probe?.(prepared.args as never, basics) ?? {}) as Probe[]));
    };
    if (task.loop?.control.nameTemplates !== undefined) return [];
    if (task.loop === undefined) await one(undefined, 0);
    else {
      const { templar } = viewOf(request);
      const items = loopItems(request, templar);
      if (items instanceof Unknown) return [];
      for (let index = 0; index < items.length && index < MOST_ITEMS; index++)
        await one(itemVariables(task, items, index, templar), index);
    }
    return probes;
  }
}
