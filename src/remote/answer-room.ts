// Bounds what the answers under way take of the memory, over all machines of a run: while it is full no further exchange starts.

/** Bytes of answers that may be under way before further exchanges wait. */
const ROOM = 256 * 1024 * 1024;
/** What an exchange counts for from its start, before anything has come: most never give more. */
const AT_LEAST = 256 * 1024;

/** The part of one exchange. */
export interface AnswerShare {
  /** Bytes that came. What is under way is never held back, so that every exchange ends and gives its room back. */
  add(bytes: number): void;
  /** The answers were handed on; counts once. */
  leave(): void;
}

export class AnswerRoom {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #held = 0;

  constructor(limit = ROOM) {
    this.#limit = limit;
  }

  /** Resolves, in order of asking, once there is room. */
  async enter(): Promise<AnswerShare> {
    if (this.#held < this.#limit && this.#waiting.length === 0) this.#held += AT_LEAST;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let came = 0;
    let counted = AT_LEAST;
    const count = (bytes: number): void => {
      this.#held += bytes - counted;
      counted = bytes;
    };
    return {
      add(bytes) {
        came += bytes;
        if (came > counted) count(came);
      },
      leave: () => {
        count(0);
        while (this.#held < this.#limit && this.#waiting.length > 0) {
          this.#held += AT_LEAST;
          this.#waiting.shift()?.();
        }
      },
    };
  }
}
