// The lab's command and plays on its hosts, for tests; runs are recorded in a folder of the test.
import { execFile } from 'node:child_process';
import { join } from 'node:path';

export const root = new URL('../..', import.meta.url).pathname;
export const HOUR = 3_600_000;
/** Set by test/all on a machine that cannot boot the hosts. */
export const withoutLab = process.env['VBX_WITHOUT_LAB'] !== undefined;

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `lab` with these words; never throws. `state`: where runs of vbx are recorded. */
export function lab(state: string, words: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      join(root, 'test/lab/lab'),
      words,
      { cwd: root, maxBuffer: 256 * 1024 * 1024, env: { ...process.env, LAB_TIMEOUT: '1800', VBX_STATE_DIR: state } },
      (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr }),
    );
  });
}

/** Boots hosts, the first ones made pristine before. Throws what the lab says. */
export async function boot(state: string, ...commands: readonly (readonly string[])[]): Promise<void> {
  for (const words of commands) {
    const ran = await lab(state, words);
    if (ran.status !== 0) throw new Error(ran.stderr);
  }
}

export interface HostEnd {
  readonly kind: string;
  readonly host: string;
  /** The name of the task. */
  readonly name: string;
  readonly result: Record<string, unknown>;
}
export interface Played {
  readonly exit: number;
  readonly ends: readonly HostEnd[];
  readonly recap: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** For messages of failed tests: stderr, and the failures. */
  readonly text: string;
}

/** `vbx play` within the lab's network, as its events tell it. `main`: the program to run, from the project's root. */
export async function play(
  state: string,
  main: 'src/main.ts' | 'dist/main.js',
  words: readonly string[],
): Promise<Played> {
  const ran = await lab(state, ['exec', process.execPath, join(root, main), 'play', ...words, '-o', 'json']);
  const events = ran.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, any>);
  const names = new Map(
    events
      .filter((event) => event['kind'] === 'task-start')
      .map((event) => [event['task'].id as string, event['task'].name as string]),
  );
  const ends = events
    .filter((event) => event['kind'] === 'host-end')
    .map((event): HostEnd => ({
      kind: event['outcome'].kind,
      host: event['host'],
      name: names.get(event['task']) ?? event['task'],
      result: event['outcome'].result,
    }));
  const failures = events.filter(
    ({ kind, outcome }) =>
      kind === 'error' ||
      ((kind === 'host-end' || kind === 'item-end') && (outcome.kind === 'failed' || outcome.kind === 'unreachable')),
  );
  return {
    exit: ran.status,
    ends,
    recap: events.find((event) => event['kind'] === 'run-end')?.['recap'] ?? {},
    text: [ran.stderr, ...failures.map((event) => JSON.stringify(event).slice(0, 2000))].join('\n'),
  };
}
