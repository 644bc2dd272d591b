// The events as JSON lines: complete, versioned, nothing else.
import type { Event, Reporter } from '../core/event.ts';

/** Writes every event as one line. */
export function jsonLines(write: (text: string) => void): Reporter {
  return { event: (event: Event) => write(`${JSON.stringify(event)}\n`) };
}
