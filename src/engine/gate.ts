// Where hosts meet between tasks: under `linear` all of a batch take each task together, under `free` each goes on as it can.
import type { TaskDone } from './task-run.ts';

/** A place in a play's order: compared number by number; a prefix comes first. */
export type Position = readonly number[];

export function comparePositions(a: Position, b: Position): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? -1) - (b[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What the hosts of a round share while they take its task. */
export interface Shared {
  /** The person who steps through the play passes the task over. */
  skip?: boolean;
  /** The task, by its name, whose failure is one of all hosts. */
  fatal?: string;
  /** What one of them does for all. */
  once?: Once;
  /** What they included, by its key, in the order in which it came: those that include the same stay together. */
  readonly included: Map<string, number>;
}

/** A task that one host runs for all of its round: the others wait for what it came to. */
export interface Once {
  readonly promise: Promise<TaskDone>;
  readonly settle: (run: () => Promise<TaskDone>) => void;
  by?: string;
}

export function onceForAll(): Once {
  let settle: Once['settle'] = () => undefined;
  const promise = new Promise<TaskDone>((resolve, reject) => (settle = (run) => void run().then(resolve, reject)));
  // Where nobody waits for it, whoever runs it tells of its failure.
  promise.catch(() => undefined);
  return { promise, settle };
}

/** Hosts that take one task together. */
export interface Round {
  readonly key: string;
  readonly position: Position;
  readonly hosts: readonly string[];
  readonly shared: Shared;
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
  /** The host is done with its round; resolves when all of the round are and `end` was told. */
  finish(host: string): Promise<void>;
  /** The host takes no further part (done, failed, removed). */
  leave(host: string): void;
  /** The host takes part (again). */
  join(host: string): void;
}

interface Arrival {
  readonly position: Position;
  readonly key: string;
  readonly go: (round: Round) => void;
  readonly fail: (error: unknown) => void;
}

/** All hosts that are at the earliest position go together once every host has arrived somewhere. */
export class LinearGate implements Gate {
  readonly #hooks: GateHooks;
  readonly #order: ReadonlyMap<string, number>;
  readonly #members = new Set<string>();
  readonly #arrived = new Map<string, Arrival>();
  #current: { readonly round: Round; readonly busy: Set<string>; readonly over: (() => void)[] } | undefined;
  #releasing = false;

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

  async finish(host: string): Promise<void> {
    const current = this.#current;
    if (current === undefined || !current.busy.has(host)) return;
    const over = new Promise<void>((resolve) => current.over.push(resolve));
    current.busy.delete(host);
    void this.#close();
    await over;
  }

  leave(host: string): void {
    this.#members.delete(host);
    this.#arrived.delete(host);
    this.#current?.busy.delete(host);
    void this.#close();
  }

  join(host: string): void {
    this.#members.add(host);
  }

  /** Ends the round when the last of its hosts is done. */
  async #close(): Promise<void> {
    const current = this.#current;
    if (current !== undefined && current.busy.size === 0) {
      this.#current = undefined;
      await this.#hooks.end(current.round);
      for (const resolve of current.over) resolve();
    }
    await this.#release();
  }

  async #release(): Promise<void> {
    if (
      this.#releasing ||
      this.#current !== undefined ||
      this.#arrived.size === 0 ||
      this.#arrived.size < this.#members.size
    )
      return;
    this.#releasing = true;
    const waiting = [...this.#arrived].sort(([a], [b]) => (this.#order.get(a) ?? 0) - (this.#order.get(b) ?? 0));
    let first = waiting[0] as (typeof waiting)[number];
    for (const candidate of waiting)
      if (comparePositions(candidate[1].position, first[1].position) < 0) first = candidate;
    const together = waiting.filter(
      ([, item]) => item.key === first[1].key && comparePositions(item.position, first[1].position) === 0,
    );
    const round: Round = {
      key: first[1].key,
      position: first[1].position,
      hosts: together.map(([host]) => host),
      shared: { included: new Map() },
    };
    for (const host of round.hosts) this.#arrived.delete(host);
    this.#current = { round, busy: new Set(round.hosts), over: [] };
    try {
      await this.#hooks.begin(round);
      for (const [, item] of together) item.go(round);
    } catch (error) {
      for (const [, item] of together) item.fail(error);
    } finally {
      this.#releasing = false;
    }
  }
}

/** Every host goes on at once; `begin` and `end` are called per host, what is shared is one per task. */
export class FreeGate implements Gate {
  readonly #hooks: GateHooks;
  readonly #current = new Map<string, Round>();
  readonly #shared = new Map<string, Shared>();

  constructor(hooks: GateHooks) {
    this.#hooks = hooks;
  }

  async enter(host: string, position: Position, key: string): Promise<Round> {
    await this.finish(host);
    const place = `${position.join('.')} ${key}`;
    let shared = this.#shared.get(place);
    if (shared === undefined) this.#shared.set(place, (shared = { included: new Map() }));
    const round: Round = { key, position, hosts: [host], shared };
    this.#current.set(host, round);
    await this.#hooks.begin(round);
    return round;
  }

  async finish(host: string): Promise<void> {
    const round = this.#current.get(host);
    this.#current.delete(host);
    if (round !== undefined) await this.#hooks.end(round);
  }

  leave(host: string): void {
    void this.finish(host);
  }

  join(): void {
    // Hosts do not wait for one another.
  }
}
