// The lock on a machine, taken by plain shells on this one.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { afterEach, expect, it } from 'vitest';
import { lockSnippets, type LockState } from '../../src/remote/lock.ts';

const name = `vbx-test-${randomBytes(6).toString('hex')}`;
const info = { name, run: 'run-1', who: 'ann@laptop', pid: 4711, since: '2026-01-02T03:04:05Z' };
const folders = ['/run/lock', '/var/lock', homedir()].map((folder) => `${folder}/.${name}.lock`);
const sh = (script: string): LockState => {
  const { stdout, stderr } = spawnSync('sh', ['-c', script]);
  return lockSnippets.parse({ rc: 0, stdout, stderr });
};

afterEach(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

it('is taken by the other connection of its run while its owner is being written', () => {
  expect(sh(lockSnippets.take(info).script)).toMatchObject({ kind: 'taken' });
  const folder = folders.find((each) => existsSync(each)) as string;
  rmSync(`${folder}/owner`);
  // The owner appears while the second waits for it.
  const owner = `${folder}/text`;
  const write = (run: string): string => {
    writeFileSync(owner, `${run}\nann@laptop\n4711\n2026-01-02T03:04:05Z\n`);
    return `sleep() { { cat ${owner}; holder; echo "$_pid $_start"; echo "$_boot"; } >${folder}/owner; rm ${owner}; }\n`;
  };
  expect(sh(write('run-1') + lockSnippets.take(info).script)).toMatchObject({ kind: 'taken' });
  rmSync(`${folder}/owner`);
  expect(sh(write('run-1') + lockSnippets.take({ ...info, run: 'run-2' }).script)).toMatchObject({ kind: 'held', owner: { run: 'run-1' } });
});
