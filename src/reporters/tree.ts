// The last result of every host as JSON, for `vbx run --tree`: a text a host, given away as it is known.
import type { Event, Reporter } from '../core/event.ts';
import { pythonJson, sorted } from './python-json.ts';

/** `write` is told the whole text of a host. */
export function treeReporter(write: (host: string, text: string) => void): Reporter {
  return {
    event(event: Event): void {
      if (event.kind !== 'host-end') return;
      const { failed: _failed, skipped: _skipped, ...result } = event.outcome.result;
      write(event.host, pythonJson(sorted(result), 0));
    },
  };
}
