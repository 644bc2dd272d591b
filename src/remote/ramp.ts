// Starts connections a few at a time, as many as the servers bear: fewer after one was dropped before it could begin, more as others succeed.

export interface RampOptions {
  /** Connections under way at once, at first and at most. */
  readonly start?: number;
  readonly most?: number;
}

/** Slots for connections that are not logged in yet. */
export class Ramp {
  #width: number;
  readonly #most: number;
  #busy = 0;
  #credit = 0;
  #waiting: (() => void)[] = [];

  constructor({ start = 20, most = 100 }: RampOptions = {}) {
    this.#width = Math.max(1, start);
    this.#most = Math.max(most, start);
  }

  get width(): number {
    return this.#width;
  }
  get busy(): number {
    return this.#busy;
  }

  /** Waits for a slot; call what it gives to leave it (once or more often). */
  async enter(signal?: AbortSignal): Promise<() => void> {
    while (this.#busy >= this.#width) {
      signal?.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal?.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    this.#busy++;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#busy--;
      this.#waiting.shift()?.();
    };
  }
  /** A server closed a connection before the key exchange. */
  dropped(): void {
    this.#width = Math.max(1, Math.floor(this.#width / 2));
    this.#credit = 0;
  }
  /** A login worked: a round of them widens the ramp by half. */
  succeeded(): void {
    this.#credit += 0.5;
    if (this.#credit < 1 || this.#width >= this.#most) return;
    this.#credit--;
    this.#width++;
    this.#waiting.shift()?.();
  }
}
