// A recorded run told again in its own time, faster or slower, forwards and backwards.
import type { Event } from '../../core/event.ts';
import type { Player } from './screen.ts';

const TICK = 50;

export interface Audience {
  event(event: Event): void;
  /** Begins anew with these. */
  restart(events: readonly Event[]): void;
}

export class ReplayPlayer implements Player {
  readonly #events: readonly Event[];
  #audience: Audience | undefined;
  #at: number;
  #next = 0;
  #speed: number;
  #paused = false;
  #timer: NodeJS.Timeout | undefined;
  #last = 0;

  constructor(events: readonly Event[], speed: number) {
    this.#events = events;
    this.#speed = speed;
    this.#at = events[0]?.at ?? 0;
  }

  start(audience: Audience): void {
    this.#audience = audience;
    this.#last = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      const passed = now - this.#last;
      this.#last = now;
      if (!this.#paused) this.advance(passed * this.#speed);
    }, TICK);
  }
  stop(): void {
    clearInterval(this.#timer);
  }

  /** Milliseconds of the run's time go by. */
  advance(milliseconds: number): void {
    const end = this.#events.at(-1)?.at ?? 0;
    this.#at = Math.min(Math.max(this.#at + milliseconds, this.#events[0]?.at ?? 0), end);
    for (
      let event = this.#events[this.#next];
      event !== undefined && event.at <= this.#at;
      event = this.#events[this.#next]
    ) {
      this.#next += 1;
      this.#audience?.event(event);
    }
  }

  pause(): void {
    this.#paused = true;
  }
  resume(): void {
    this.#paused = false;
  }
  speed(factor: number): void {
    this.#speed = factor;
    this.#paused = false;
  }
  seek(seconds: number): void {
    if (seconds >= 0) return this.advance(seconds * 1000);
    this.#at = Math.max(this.#events[0]?.at ?? 0, this.#at + seconds * 1000);
    this.#next = this.#events.findIndex((event) => event.at > this.#at);
    if (this.#next < 0) this.#next = this.#events.length;
    this.#audience?.restart(this.#events.slice(0, this.#next));
  }
  seekTo(seconds: number): void {
    this.seek(((this.#events[0]?.at ?? 0) - this.#at) / 1000 + seconds);
  }
  get length(): number {
    return ((this.#events.at(-1)?.at ?? 0) - (this.#events[0]?.at ?? 0)) / 1000;
  }
  now(): number {
    return this.#at;
  }
}
