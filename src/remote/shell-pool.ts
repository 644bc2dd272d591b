// The shells kept on one link: of each kind a probe shell, which root's commands use too, and a spare shell for commands; never more channels than a server's
// MaxSessions allows.
import type { ShellSpec } from '../core/connection.ts';
import { ConnectionError } from '../core/error.ts';
import type { Channel, Link } from './channel.ts';
import { openShell, openTerminal, type Shell } from './shell.ts';

/** sshd's MaxSessions is 10 by default; two stay free for killing. */
const CHANNELS = 8;

export interface PoolOptions {
  readonly where: string;
  readonly timeout: number;
}

export class ShellPool {
  readonly #link: Link;
  readonly #options: PoolOptions;
  readonly #probes = new Map<string, Promise<Shell>>();
  readonly #spares = new Map<string, Promise<Shell>>();
  readonly #open = new Set<Shell | Channel>();
  #opening = 0;
  #limit: number;
  #waiting: (() => void)[] = [];
  #generation = 0;

  constructor(link: Link, options: PoolOptions) {
    this.#link = link;
    this.#options = options;
    this.#limit = link.channels ?? CHANNELS;
  }

  /** The kept probe shell of `spec`. */
  probe(spec: ShellSpec): Promise<Shell> {
    return kept(this.#probes, specKey(spec), () => this.#fresh(spec));
  }
  /** Forgets a probe shell that is stuck or dead. */
  dropProbe(spec: ShellSpec, shell: Shell): void {
    this.#probes.delete(specKey(spec));
    this.discard(shell);
  }
  /** Takes a shell for a command out of the pool: the spare shell of `spec`, or its idle probe shell where commands may have it; opens one where there is none. */
  async spare(spec: ShellSpec, probeIsIdle = false): Promise<Shell> {
    const key = specKey(spec);
    const from = this.#spares.has(key)
      ? this.#spares
      : probeIsIdle && this.#sharesProbe(spec)
        ? this.#probes
        : undefined;
    const waiting = from?.get(key);
    if (waiting !== undefined) {
      from?.delete(key);
      const shell = await waiting;
      if (!shell.closed) return shell;
      this.discard(shell);
    }
    return this.#fresh(spec);
  }
  /** Only root sees everything that a command leaves behind: others' commands keep to shells of their own, so that none can write into an answer. */
  #sharesProbe({ become }: ShellSpec): boolean {
    return (become?.user ?? this.#link.user) === 'root';
  }
  /** Opens the spare shell of `spec` ahead of need, where commands need one; a failure shows when the shell is needed. */
  openAhead(spec: ShellSpec): void {
    const key = specKey(spec);
    if (this.#sharesProbe(spec) || this.#spares.has(key) || this.#open.size + this.#opening >= this.#limit - 1) return;
    const shell = this.#fresh(spec);
    this.#spares.set(key, shell);
    shell.catch(() => {
      if (this.#spares.get(key) === shell) this.#spares.delete(key);
    });
  }
  /** Gives back a shell that can serve again. `generation`: that at which it was taken. */
  giveBack(spec: ShellSpec, shell: Shell, generation: number): void {
    const key = specKey(spec);
    const place = this.#sharesProbe(spec) && !this.#probes.has(key) ? this.#probes : this.#spares;
    if (shell.closed || generation !== this.#generation || place.has(key)) this.discard(shell);
    else place.set(key, Promise.resolve(shell));
    this.#wake();
  }
  get generation(): number {
    return this.#generation;
  }
  /** A shell beside all others and beyond the limit, for killing; close it with `discard`. */
  helper(spec: ShellSpec): Promise<Shell> {
    return openShell(this.#link, spec, this.#options);
  }
  /** A terminal with a waiting shell in it, which serves once (see openTerminal). */
  terminal(spec: ShellSpec): Promise<Channel> {
    return this.#placed(() => openTerminal(this.#link, spec, this.#options));
  }
  /** Closes a shell or terminal. */
  discard(shell: Shell | Channel): void {
    this.#open.delete(shell);
    shell.close();
    this.#wake();
  }
  /** Drops all kept shells; those in use end with their work. Resolves when the idle ones are gone from the host. */
  async drop(): Promise<void> {
    this.#generation++;
    const kept = [...this.#probes.values(), ...this.#spares.values()];
    this.#probes.clear();
    this.#spares.clear();
    await Promise.all(
      kept.map(async (waiting) => {
        const shell = await waiting.catch(() => undefined);
        await shell?.quit();
        if (shell !== undefined) this.discard(shell);
      }),
    );
  }

  #fresh(spec: ShellSpec): Promise<Shell> {
    return this.#placed(() => openShell(this.#link, spec, this.#options));
  }

  /** Opens one more as soon as there is room for it. */
  async #placed<T extends Shell | Channel>(open: () => Promise<T>): Promise<T> {
    for (let alone = 0; ;) {
      while (this.#open.size + this.#opening >= this.#limit) {
        for (const shell of this.#open) if (shell.closed) this.#open.delete(shell);
        if (this.#open.size + this.#opening < this.#limit) break;
        if (await this.#evict()) continue;
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
      this.#opening++;
      try {
        const shell = await open();
        this.#open.add(shell);
        return shell;
      } catch (error) {
        if (!(error instanceof Error && /channel open failure/i.test(error.message))) throw error;
        // A server with a smaller MaxSessions: what is open besides this one is all there will be.
        const others = this.#open.size + this.#opening - 1;
        this.#limit = Math.max(1, others);
        // A session that was closed just now still counts there for a moment.
        if (others === 0 && ++alone > 20)
          throw new ConnectionError(`${this.#options.where} opens no session`, {
            cause: error,
            hint: 'See MaxSessions in its sshd_config.',
          });
        if (others === 0) await new Promise((resolve) => setTimeout(resolve, 100 * alone));
      } finally {
        this.#opening--;
        this.#wake();
      }
    }
  }

  /** Closes an idle spare shell, to make room. */
  async #evict(): Promise<boolean> {
    for (const [key, waiting] of this.#spares) {
      this.#spares.delete(key);
      const shell = await waiting.catch(() => undefined);
      if (shell !== undefined) this.discard(shell);
      return true;
    }
    return false;
  }
  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }
}

/** What tells shells apart. */
export function specKey({ become, executable }: ShellSpec): string {
  return JSON.stringify([
    executable ?? null,
    become?.method ?? null,
    become?.user ?? null,
    become?.exe ?? null,
    become?.flags ?? null,
    become?.password ?? null,
  ]);
}

/** The kept value, unless it failed or closed. */
async function kept(map: Map<string, Promise<Shell>>, key: string, open: () => Promise<Shell>): Promise<Shell> {
  const before = map.get(key);
  if (before !== undefined) {
    const shell = await before.catch(() => undefined);
    if (shell !== undefined && !shell.closed) return shell;
    if (map.get(key) === before) map.delete(key);
    const other = map.get(key);
    if (other !== undefined) return other;
  }
  const shell = open();
  map.set(key, shell);
  shell.catch(() => {
    if (map.get(key) === shell) map.delete(key);
  });
  return shell;
}
