// Where hosts meet between tasks: under `linear` all of a batch take each task together, under `free` each goes on as it can.

/** A place in a play's order: compared number by number; a prefix comes first. */
export type Position = readonly number[];

export function comparePositions(a: Position, b: Position): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? -1) - (b[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Hosts that take one task together. `shared` is for whoever runs it (run_once, counters). */
export interface Round {
  readonly key: string;
  readonly position: Position;
  readonly hosts: readonly string[];
  readonly shared: Map<string, unknown>;
}

export interface GateHooks {
  /** Before the hosts of a round go on: pause, events. A rejection ends the wait of all of them. */
  readonly begin: (round: Round) => Promise<void> | void;
  /** All hosts of the round are done with it. */
  readonly end: (round: Round) => Promise<void> | void;
}

export interface Gate {
  /** Waits until it is the turn of this task for this host. `key` tells tasks apart that stand at one position. */
  enter(host: string, position: Position, key: string): Promise<Round>;
  /** The host takes no further part (done, failed, removed). */
  leave(host: string): void;
  /** The host takes part (again). */
  join(host: string): void;
}

/** All hosts that are at the earliest position go together once every host has arrived somewhere. */
export class LinearGate implements Gate {
  readonly #hooks: GateHooks;
  readonly #order: ReadonlyMap<string, number>;
  readonly #members = new Set<string>();
  readonly #arrived = new Map<string, { position: Position; key: string; go: (round: Round) => void; fail: (error: unknown) => void }>();
  #current: Round | undefined;
  #busy = false;

  constructor(hosts: readonly string[], hooks: GateHooks) {
    this.#hooks = hooks;
    this.#order = new Map(hosts.map((host, index) => [host, index]));
    for (const host of hosts) this.#members.add(host);
  }

  enter(host: string, position: Position, key: string): Promise<Round> {
    return new Promise((go, fail) => {
      this.#arrived.set(host, { position, key, go, fail });
      void this.#release();
    });
  }

  leave(host: string): void {
    this.#members.delete(host);
    void this.#release();
  }

  join(host: string): void {
    this.#members.add(host);
  }

  async #release(): Promise<void> {
    if (this.#busy || this.#arrived.size < this.#members.size) return;
    this.#busy = true;
    try {
      if (this.#current !== undefined) {
        const ended = this.#current;
        this.#current = undefined;
        await this.#hooks.end(ended);
      }
      // A hook may have taken time in which a host left; those that wait are still waiting.
      if (this.#arrived.size === 0) return;
      const waiting = [...this.#arrived].sort(([a], [b]) => (this.#order.get(a) ?? 0) - (this.#order.get(b) ?? 0));
      let first = waiting[0] as (typeof waiting)[number];
      for (const candidate of waiting) if (comparePositions(candidate[1].position, first[1].position) < 0) first = candidate;
      const together = waiting.filter(([, item]) => item.key === first[1].key && comparePositions(item.position, first[1].position) === 0);
      const round: Round = { key: first[1].key, position: first[1].position, hosts: together.map(([host]) => host), shared: new Map() };
      for (const host of round.hosts) this.#arrived.delete(host);
      this.#current = round;
      try {
        await this.#hooks.begin(round);
        for (const [, item] of together) item.go(round);
      } catch (error) {
        for (const [, item] of together) item.fail(error);
      }
    } catch (error) {
      for (const [host, item] of [...this.#arrived]) {
        this.#arrived.delete(host);
        item.fail(error);
      }
    } finally {
      this.#busy = false;
    }
    // Whoever arrived or left while the hooks ran could not release anybody.
    if (this.#arrived.size > 0 && this.#arrived.size >= this.#members.size) await this.#release();
  }
}

/** Every host goes on at once; `begin` and `end` are called per host, the shared map is one per task. */
export class FreeGate implements Gate {
  readonly #hooks: GateHooks;
  readonly #current = new Map<string, Round>();
  readonly #shared = new Map<string, Map<string, unknown>>();

  constructor(hooks: GateHooks) {
    this.#hooks = hooks;
  }

  async enter(host: string, position: Position, key: string): Promise<Round> {
    await this.#finish(host);
    let shared = this.#shared.get(key);
    if (shared === undefined) this.#shared.set(key, (shared = new Map()));
    const round: Round = { key, position, hosts: [host], shared };
    this.#current.set(host, round);
    await this.#hooks.begin(round);
    return round;
  }

  leave(host: string): void {
    void this.#finish(host);
  }

  join(): void {
    // Hosts do not wait for one another.
  }

  async #finish(host: string): Promise<void> {
    const round = this.#current.get(host);
    this.#current.delete(host);
    if (round !== undefined) await this.#hooks.end(round);
  }
}
