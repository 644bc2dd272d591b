// The lock on a machine, taken by plain shells on this one.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { afterEach, expect, it } from 'vitest';
import { lockSnippets, type LockState } from '../../src/remote/lock.ts';

const name = `vbx-test-${randomBytes(6).toString('hex')}`;
const info = { name, run: 'run-1', who: 'ann@laptop', pid: 4711, since: '2026-01-02T03:04:05Z' };
const files = ['/run/lock', '/var/lock', homedir()].map((folder) => `${folder}/.${name}.lock`);
const sh = (script: string, shell: readonly string[] = ['sh']): LockState => {
  const { stdout, stderr } = spawnSync(shell[0] as string, [...shell.slice(1), '-c', script]);
  return lockSnippets.parse({ rc: 0, stdout, stderr });
};

const file = () => files.find((each) => existsSync(each)) as string;

afterEach(() => files.forEach((each) => rmSync(each, { recursive: true, force: true })));

it.each([['dash'], ['bash'], ['busybox', 'sh']])('is taken once, told, and given back by %s', (...shell) => {
  expect(sh(lockSnippets.take(info).script, shell)).toEqual({ kind: 'taken', path: file() });
  const held = {
    kind: 'held',
    owner: { run: 'run-1', who: 'ann@laptop', pid: 4711, since: info.since, stale: false, path: file() },
  };
  expect(sh(lockSnippets.take({ ...info, run: 'run-2' }).script, shell)).toEqual(held);
  expect(sh(lockSnippets.inspect(name).script, shell)).toEqual(held);
  // Another run's word does not give it back.
  sh(lockSnippets.release({ name, run: 'run-2' }).script, shell);
  expect(sh(lockSnippets.take(info).script, shell)).toEqual({ kind: 'taken', path: file() });
  expect(sh(lockSnippets.release(info).script, shell)).toEqual({ kind: 'free' });
  expect(file()).toBeUndefined();
});

it('is taken over from a process that is gone, and from one that died before it wrote its name', () => {
  sh(lockSnippets.take(info).script);
  const lines = readFileSync(file(), 'utf8').split('\n');
  writeFileSync(file(), lines.with(4, '999999999 1').join('\n'));
  expect(sh(lockSnippets.inspect(name).script)).toMatchObject({ kind: 'held', owner: { run: 'run-1', stale: true } });
  expect(sh(lockSnippets.take({ ...info, run: 'run-2' }).script)).toMatchObject({ kind: 'taken' });
  writeFileSync(file(), '');
  expect(sh(lockSnippets.take({ ...info, run: 'run-3' }).script)).toMatchObject({ kind: 'taken' });
  expect(readFileSync(file(), 'utf8')).toMatch(/^run-3\n/);
});

it('is no obstacle to a run that its owner started', () => {
  sh(lockSnippets.take(info).script);
  const nested = { ...info, run: 'run-2' };
  expect(sh(lockSnippets.take(nested).script)).toMatchObject({ kind: 'held' });
  const below = `process.stdout.write(require('node:child_process').spawnSync('sh', ['-c', ${JSON.stringify(lockSnippets.take(nested).script)}]).stdout)`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', below]);
  expect(lockSnippets.parse({ rc: 0, stdout, stderr })).toEqual({ kind: 'taken', path: file() });
  sh(lockSnippets.release({ name, run: 'run-2' }).script);
  expect(readFileSync(file(), 'utf8')).toMatch(/^run-1\n/);
});

it('is taken by the other connection of its run while its owner is being written', () => {
  expect(sh(lockSnippets.take(info).script)).toMatchObject({ kind: 'taken' });
  const lock = file();
  // The owner appears while the second waits for it.
  const write = (run: string): string => {
    writeFileSync(lock, '');
    return `sleep() { { printf '${run}\\nann@laptop\\n4711\\n2026-01-02T03:04:05Z\\n'; holder; echo "$_pid $_start"; echo "$_boot"; } >${lock}; }\n`;
  };
  expect(sh(write('run-1') + lockSnippets.take(info).script)).toMatchObject({ kind: 'taken' });
  expect(sh(write('run-1') + lockSnippets.take({ ...info, run: 'run-2' }).script)).toMatchObject({
    kind: 'held',
    owner: { run: 'run-1' },
  });
});
