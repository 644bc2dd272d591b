// How long the same playbooks took before: read from the records of earlier runs, for the screen's ETA.
import { open, readFile } from 'node:fs/promises';
import type { Event } from '../core/event.ts';
import type { Expected } from '../reporters/tui/header.ts';
import { storedRuns } from './run-store.ts';

const LOOKED_AT = 30;
const LARGEST = 64 * 1024 * 1024;

/** The newest earlier run of these playbooks that ended by itself; undefined when there is none. Never throws: an ETA is not worth an error. */
export async function expectedFrom(playbooks: readonly string[], check: boolean): Promise<Expected | undefined> {
  try {
    for (const run of storedRuns().slice(0, LOOKED_AT)) {
      if (run.size > LARGEST) continue;
      const start = await firstLine(run.path);
      if (start?.kind !== 'run-start' || start.check !== check || start.playbooks.join('\n') !== playbooks.join('\n'))
        continue;
      const found = expectedOf(await readFile(run.path, 'utf8'), start.at);
      if (found !== undefined) return found;
    }
  } catch {
    return undefined;
  }
  return undefined;
}

async function firstLine(path: string): Promise<Event | undefined> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(65_536), 0, 65_536, 0);
    const text = buffer.toString('utf8', 0, bytesRead);
    const end = text.indexOf('\n');
    return end < 0 ? undefined : (JSON.parse(text.slice(0, end)) as Event);
  } finally {
    await file.close();
  }
}

/** Only the lines that matter are parsed: a record may be long. */
export function expectedOf(record: string, startedAt: number): Expected | undefined {
  const starts = new Map<string, number>();
  let seconds: number | undefined;
  for (let at = 0; at < record.length;) {
    const end = record.indexOf('\n', at);
    const stop = end < 0 ? record.length : end;
    if (record.startsWith('{"kind":"task-start"', at) || record.startsWith('{"kind":"run-end"', at)) {
      const event = JSON.parse(record.slice(at, stop)) as Event;
      if (event.kind === 'task-start' && !starts.has(event.task.name))
        starts.set(event.task.name, (event.at - startedAt) / 1000);
      if (event.kind === 'run-end' && !event.interrupted && (event.exit === 0 || event.exit === 3))
        seconds = event.seconds;
    }
    at = stop + 1;
  }
  return seconds === undefined ? undefined : { seconds, starts };
}
