// The `retry_files_enabled` setting: names of hosts that failed or were lost, in a file for `--limit @FILE`.
import type { Event, Reporter } from '../core/event.ts';

/** `write` gets the names, a line each, at the end of a run in which hosts were lost. Its place is before whoever tells the recap. */
export function retryFile(write: (text: string) => void): Reporter {
  return {
    event(event: Event): void {
      if (event.kind !== 'run-end') return;
      const lost = Object.entries(event.recap)
        .filter(([, tally]) => tally.failed > 0 || tally.unreachable > 0)
        .map(([host]) => host);
      if (lost.length > 0)
        write(
          lost
            .toSorted()
            .map((host) => `${host}\n`)
            .join(''),
        );
    },
  };
}
