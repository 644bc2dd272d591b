// The one door through which events leave the engine: numbered, stamped, secrets redacted, and a reporter's fault never harms the run.
import type { Event, EventBody, Reporter } from '../core/event.ts';

export interface Redactor {
  redactDeep<T>(plain: T): T;
}

export class Emitter {
  readonly #reporters: readonly Reporter[];
  readonly #secrets: Redactor;
  readonly #now: () => number;
  readonly #onFault: (reporter: Reporter, error: unknown) => void;
  #seq = 0;

  constructor(options: {
    reporters: readonly Reporter[];
    secrets: Redactor;
    now?: () => number;
    onFault?: (reporter: Reporter, error: unknown) => void;
  }) {
    this.#reporters = options.reporters;
    this.#secrets = options.secrets;
    this.#now = options.now ?? Date.now;
    this.#onFault = options.onFault ?? (() => undefined);
  }

  readonly emit = (body: EventBody): void => {
    this.#seq += 1;
    const event = this.#secrets.redactDeep({ ...body, at: this.#now(), seq: this.#seq }) as Event;
    for (const reporter of this.#reporters) {
      try {
        reporter.event(event);
      } catch (error) {
        this.#onFault(reporter, error);
      }
    }
  };

  async close(): Promise<void> {
    for (const reporter of this.#reporters) {
      try {
        await reporter.close?.();
      } catch (error) {
        this.#onFault(reporter, error);
      }
    }
  }
}
