// The machines of a run, one for each way to one place, shared by all hosts that live there.
import type { ConnectionSettings, Connector } from '../core/connection.ts';
import { MachineRun } from './machine-run.ts';

export class Machines {
  readonly #connector: Connector;
  readonly #options: ConstructorParameters<typeof MachineRun>[1];
  readonly #machines = new Map<string, MachineRun>();
  /** By the text of the settings: each task asks, and reading ssh_config for it each time took a tenth of the controller's work. */
  readonly #bySettings = new Map<string, MachineRun>();

  constructor(connector: Connector, options: ConstructorParameters<typeof MachineRun>[1]) {
    this.#connector = connector;
    this.#options = options;
  }

  of(settings: ConnectionSettings): MachineRun {
    const text = JSON.stringify(settings);
    let run = this.#bySettings.get(text);
    if (run !== undefined) return run;
    const machine = this.#connector.machine(settings);
    run = this.#machines.get(machine.key);
    if (run === undefined)
      this.#machines.set(machine.key, (run = new MachineRun(machine, this.#options, settings.transport === 'local')));
    this.#bySettings.set(text, run);
    return run;
  }

  /** By the key of the connection's machine; undefined where nobody asked for it yet. */
  byKey(key: string): MachineRun | undefined {
    return this.#machines.get(key);
  }

  all(): Iterable<MachineRun> {
    return this.#machines.values();
  }

  /** Gives back all locks and closes all connections; what fails on the way is passed over. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#machines.values()].map((machine) => machine.unlock()));
    await this.#connector.close();
  }

  get exchanges(): number {
    let sum = 0;
    for (const machine of this.#machines.values()) sum += machine.exchanges;
    return sum;
  }
}
