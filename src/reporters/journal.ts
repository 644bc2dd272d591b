// The record of a run: its events as JSON lines, each handed to the system before the run goes on, so that even a killed vbx can be taken up again.
import type { Event, Reporter } from '../core/event.ts';

export interface JournalFile {
  /** Appends; throws when it cannot. */
  append(text: string): void;
  close(): void;
}

/** Writes every event. When the record cannot be written any more the run goes on without it, and `onLost` is told why, once. */
export function journal(file: JournalFile, onLost: (reason: string) => void): Reporter {
  let lost = false;
  const attempt = (work: () => void): void => {
    if (lost) return;
    try {
      work();
    } catch (error) {
      lost = true;
      onLost(error instanceof Error ? error.message : String(error));
    }
  };
  return {
    event: (event: Event) => attempt(() => file.append(`${JSON.stringify(event)}\n`)),
    close: () => {
      try {
        file.close();
      } catch {
        // Nothing more can be lost by a failing close: every line was handed over before.
      }
    },
  };
}

/** The events of a record; a last line that was cut short is left out. Lines that are no events are an error. */
export function readJournal(text: string): Event[] {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  const events = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Event);
  if (last === '') return events;
  try {
    return [...events, JSON.parse(last) as Event];
  } catch {
    return events;
  }
}
