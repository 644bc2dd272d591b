// rsync with both ends on this machine, the other one started over vbx's connection.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Step } from '../../src/core/step.ts';
import { runRsync } from '../../src/engine/rsync.ts';
import { localMachine, scratch } from '../remote/local-machine.ts';

type Rsync = Step & { kind: 'rsync' };
const run = (step: Partial<Rsync> & Pick<Rsync, 'here' | 'there'>, environment: Record<string, string> = {}) =>
  runRsync(
    localMachine(),
    { kind: 'rsync', program: 'rsync', options: ['--archive', '--out-format=%i %n'], pull: false, ...step },
    {},
    { environment },
  );

describe('rsync over the connection', () => {
  test('copies to the host and back, names with blanks and quotes and large files too', async () => {
    const folder = scratch("rsync it's");
    mkdirSync(join(folder, 'from'));
    writeFileSync(join(folder, 'from/small'), 'a\n');
    // Every byte, so that the one that frames begin with stands at the end of some piece.
    writeFileSync(
      join(folder, 'from/large'),
      Buffer.from(Array.from({ length: 700_000 }, (_, index) => (index * 7919 + (index >> 8)) % 256)),
    );
    const there = join(folder, 'to there');
    expect(await run({ here: `${folder}/from/`, there })).toMatchObject({
      rc: 0,
      stderr: '',
      stdout: expect.stringContaining('<f+++++++++ small'),
    });
    expect(readdirSync(there)).toEqual(['large', 'small']);
    expect(await run({ here: `${folder}/from/`, there })).toEqual({ rc: 0, stdout: '', stderr: '' });
    expect(await run({ pull: true, here: join(folder, 'back'), there: `${there}/` })).toMatchObject({
      rc: 0,
      stderr: '',
    });
    expect(readFileSync(join(folder, 'back/large')).equals(readFileSync(join(folder, 'from/large')))).toBe(true);
  }, 60_000);

  test('tells what is missing on either side, and what the other side says', async () => {
    const folder = scratch('rsync-missing');
    writeFileSync(join(folder, 'a'), 'a');
    expect(await run({ program: 'no-such-rsync', here: folder, there: '/nowhere' })).toEqual({
      rc: 127,
      stdout: '',
      stderr: 'Failed to find required executable "no-such-rsync" on the controller',
    });
    const other = await run({ here: `${folder}/`, there: `${folder}/x`, rsyncPath: 'no-such-rsync' });
    expect([other.rc, other.stderr.includes('no-such-rsync'), other.stderr.includes('Debugger')]).toEqual([
      127,
      true,
      false,
    ]);
    const failed = await run({ here: `${folder}/`, there: '/proc/no/such/place' });
    expect([failed.rc, failed.stderr.includes('/proc/no/such/place'), failed.stderr.includes('Debugger')]).toEqual([
      11,
      true,
      false,
    ]);
  }, 60_000);

  test('refuses a home folder that two users have', async () => {
    const step: Rsync = {
      kind: 'rsync',
      program: 'rsync',
      options: [],
      pull: false,
      here: '/etc/hostname',
      there: '~/x',
    };
    const refused = await runRsync(
      localMachine(),
      step,
      { become: { method: 'sudo', user: 'root' } },
      { environment: {} },
    );
    expect([refused.rc, refused.stderr]).toEqual([
      1,
      '~/x: write the path on the host out, as a task that becomes another user has two home folders',
    ]);
    expect(existsSync('~')).toBe(false);
  });
});
