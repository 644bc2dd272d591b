// The one way into a running engine: what a person (screen, signals) has asked for, looked at between tasks.
import type { Control, EventBody } from '../core/event.ts';
import type { Slots } from './slots.ts';

export class RunControl implements Control {
  readonly #emit: (event: EventBody) => void;
  readonly #forks: Slots;
  readonly #abort = new AbortController();
  readonly #skipped = new Set<string>();
  readonly #retries = new Map<string, () => void>();
  #paused: { readonly promise: Promise<void>; readonly go: () => void } | undefined;
  #draining = false;
  #holding = true;
  readonly #givenUp = new Set<() => void>();

  constructor(emit: (event: EventBody) => void, forks: Slots) {
    this.#emit = emit;
    this.#forks = forks;
  }

  /** Aborted by the second Ctrl-C. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }
  /** No task may begin any more. */
  get draining(): boolean {
    return this.#draining;
  }

  pause(): void {
    if (this.#paused !== undefined || this.#draining) return;
    let go = (): void => undefined;
    const promise = new Promise<void>((resolve) => (go = resolve));
    this.#paused = { promise, go };
    this.#emit({ kind: 'control', state: 'paused' });
  }
  resume(): void {
    const paused = this.#paused;
    this.#paused = undefined;
    if (paused === undefined) return;
    this.#emit({ kind: 'control', state: 'resumed' });
    paused.go();
  }
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#emit({ kind: 'control', state: 'draining' });
    this.resume();
    for (const wake of [...this.#retries.values()]) wake();
  }
  abort(): void {
    if (this.#abort.signal.aborted) return;
    this.drain();
    this.#emit({ kind: 'control', state: 'aborting' });
    this.#abort.abort();
  }
  setForks(forks: number): void {
    this.#forks.limit = forks;
    this.#emit({ kind: 'control', state: 'forks', forks: this.#forks.limit });
  }
  skipHost(host: string): void {
    this.#skipped.add(host);
    this.#retries.get(host)?.();
  }
  retryHost(host: string): void {
    const wake = this.#retries.get(host);
    this.#retries.delete(host);
    wake?.();
  }

  proceed(forGood = false): void {
    if (forGood) this.#holding = false;
    if (this.#givenUp.size === 0) return;
    this.#emit({ kind: 'control', state: 'proceeding' });
    for (const wake of [...this.#givenUp]) wake();
  }

  isSkipped(host: string): boolean {
    return this.#skipped.has(host);
  }
  /** Waits while the run is paused. */
  async whilePaused(): Promise<void> {
    while (this.#paused !== undefined) await this.#paused.promise;
  }
  /** Says that everybody else is done while hosts are held. */
  tellHeld(): void {
    if (this.#givenUp.size > 0 && !this.#draining) this.#emit({ kind: 'control', state: 'held' });
  }
  /** Waits until the host is to be tried again (true), or it is given up: by somebody, because it is skipped, or because the run drains (false). */
  async retryWanted(host: string): Promise<boolean> {
    if (!this.#holding || this.#draining || this.#skipped.has(host)) return false;
    this.#emit({ kind: 'host-status', host, status: 'held' });
    return new Promise<boolean>((resolve) => {
      const settle = (asked: boolean) => (): void => {
        this.#retries.delete(host);
        this.#givenUp.delete(giveUp);
        resolve(asked && !this.#draining && !this.#skipped.has(host));
      };
      const giveUp = settle(false);
      this.#givenUp.add(giveUp);
      this.#retries.set(host, settle(true));
    });
  }
}
