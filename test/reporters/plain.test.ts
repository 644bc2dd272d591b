// The plain lines: which hosts share one.
import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import type { Event, TaskRef } from '../../src/core/event.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { PlainReporter } from '../../src/reporters/plain.ts';
import { recorded } from './recorded.ts';

const started = (recorded(1) as readonly Event[]).find((event) => event.kind === 'task-start');
const task = {
  ...(started as Extract<Event, { kind: 'task-start' }>).task,
  id: 'p1.t1',
  name: 'who',
  origin: { file: '/srv/site.yml', line: 3, column: 5 },
} satisfies TaskRef;

/** What is written when a task ended so on these hosts. */
function told(
  outcomes: Readonly<Record<string, Outcome>>,
  options: { verbosity?: number; adHoc?: boolean; end?: true } = {},
): string {
  let text = '';
  const write = (part: string): void => void (text += part);
  const reporter = new PlainReporter({
    write,
    warn: write,
    color: new Chalk({ level: 0 }),
    verbosity: 0,
    diff: false,
    ...options,
  });
  const at = { at: 0, seq: 0 };
  reporter.event({ kind: 'task-start', task, ...at } as Event);
  for (const [host, outcome] of Object.entries(outcomes))
    reporter.event({ kind: 'host-end', host, task: task.id, outcome, diffs: [], seconds: 1, ...at } as Event);
  reporter.event({ kind: 'task-end', task: task.id, ...at } as Event);
  if (options.end !== undefined) {
    text = '';
    const stopped = Object.fromEntries(
      Object.entries(outcomes).map(([host, { result }]) => [
        host,
        { task: task.id, name: 'who', reason: result['msg'] },
      ]),
    );
    const seen = { recap: {}, exit: 2, seconds: 1, pendingHandlers: {}, exchanges: 1, interrupted: false };
    reporter.event({ kind: 'run-end', stopped, ...seen, ...at } as unknown as Event);
  }
  return text;
}

const said = (stdout: string, more: Readonly<Record<string, string>> = {}): Outcome => ({
  kind: 'changed',
  result: { changed: true, rc: 0, stdout, stderr: '', start: Math.random().toString(), ...more },
});

describe('hosts of a task', () => {
  const hosts = { h1: said('root'), h2: said('ops'), h3: said('root') };

  it('share a line where they said the same, and have their own where not', () => {
    expect(told(hosts, { adHoc: true })).toBe('  changed  h[1,3]\n    root\n  changed  h2\n    ops\n');
    expect(told(hosts, { verbosity: 1 })).toBe('who\n  changed  h[1,3]\n    root\n  changed  h2\n    ops\n');
  });

  it('share a line where what they said is not shown', () => {
    expect(told(hosts)).toBe('who\n  changed  h[1-3]\n');
  });

  it('share a line where they were skipped for the same reason', () => {
    const skipped = (reason: string): Outcome => ({
      kind: 'skipped',
      result: { changed: false, false_condition: reason },
    });
    expect(told({ h1: skipped('a'), h2: skipped('b'), h3: skipped('b') }, { verbosity: 1 })).toBe(
      'who\n  skipped  h1: a\n  skipped  h[2-3]: b\n',
    );
  });
});

describe('a failure', () => {
  it('says once what its message says already', () => {
    const result = {
      msg: 'write /etc/motd failed with exit status 1: Read-only file system',
      cmd: 'write /etc/motd',
      rc: 1,
      stderr: 'Read-only file system\n',
      stdout: '',
    };
    expect(told({ h1: { kind: 'failed', result } })).toBe(
      'who\n  FAILED   h1\n    write /etc/motd failed with exit status 1: Read-only file system\n    $ write /etc/motd\n',
    );
    expect(told({ h1: { kind: 'failed', result: { ...result, msg: 'non-zero return code' } } })).toBe(
      'who\n  FAILED   h1\n    non-zero return code\n    $ write /etc/motd\n    exit status 1\n    stderr Read-only file system\n',
    );
  });
});

describe('the end', () => {
  it('tells the last words of a command that failed, those of one host for all who share the line', () => {
    const failed = (stderr: string): Outcome => ({
      kind: 'failed',
      result: { msg: 'non-zero return code', rc: 3, cmd: 'x', stderr, stdout: 'done\n' },
    });
    const place = '  /srv/site.yml:3:5\n';
    const resume = 'vbx resume goes on where they stopped\n';
    expect(told({ h1: failed('disk is broken\n') }, { end: true })).toBe(
      `\nh1 stopped at who: non-zero return code\n${place}  disk is broken\n${resume}`,
    );
    expect(told({ h1: failed('disk 1 is broken\n'), h2: failed('') }, { end: true })).toBe(
      `\nh[1-2] stopped at who: non-zero return code\n${place}  h1: disk 1 is broken\n${resume}`,
    );
  });
});
