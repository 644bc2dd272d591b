// A number of places that work may hold at once, changeable while it is used: forks and throttle.

export class Slots {
  #limit: number;
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = Math.max(1, limit);
  }

  set limit(limit: number) {
    this.#limit = Math.max(1, limit);
    this.#wake();
  }

  get limit(): number {
    return this.#limit;
  }

  /** Whoever comes now must wait. */
  get full(): boolean {
    return this.#taken >= this.#limit;
  }

  /** Runs `work` when a place is free; first come, first served. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#taken += 1;
    try {
      return await work();
    } finally {
      this.#taken -= 1;
      this.#wake();
    }
  }

  #wake(): void {
    while (this.#taken < this.#limit && this.#waiting.length > 0) {
      this.#taken += 1;
      this.#waiting.shift()?.();
    }
  }
}
