// filesystem with the programs of this machine, on files; what it reads of programs that not every machine has.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { filesystem } from '../../src/modules/filesystem.ts';
import { testShells } from '../probes/shells.ts';
import { basics, parseArgs, run } from './on-this-machine.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbx-filesystem-'));
const dev = join(folder, "a disk's image");
const { shells, close } = testShells();
const [shell] = shells;
if (shell === undefined) throw new Error('this machine has no shell');
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  close();
});
const fs = (written: Record<string, unknown>, options = {}) => run(shell, filesystem, { dev, ...written }, options);
const type = (): string => {
  try {
    return execFileSync('/sbin/blkid', ['-c', '/dev/null', '-o', 'value', '-s', 'TYPE', dev]).toString().trim();
  } catch {
    return '';
  }
};
beforeEach(() => {
  writeFileSync(dev, '');
  truncateSync(dev, 4 * 1024 * 1024);
});

describe('filesystem', () => {
  it('makes one where there is none, once', () => {
    expect(fs({ fstype: 'ext2' }, { check: true })).toMatchObject({ changed: true });
    expect(type()).toBe('');
    expect(fs({ fstype: 'ext2', opts: '-b 1024' })).toMatchObject({ changed: true, astray: [], result: {} });
    expect(type()).toBe('ext2');
    expect(fs({ fstype: 'ext2' })).toMatchObject({ changed: false, result: {} });
  });
  it('makes another only where it may', () => {
    fs({ fstype: 'ext2' });
    expect(fs({ fstype: 'swap' }).failed).toBe(`'${dev}' is already used as ext2, use force=true to overwrite`);
    expect(fs({ fstype: 'swap', force: true })).toMatchObject({ changed: true, astray: [] });
    expect(type()).toBe('swap');
    // As the wish is to make it anew, it is each time.
    expect(fs({ fstype: 'swap', force: true }).changed).toBe(true);
  });
  it('grows one to the size of its device', () => {
    fs({ fstype: 'ext2', opts: '-b 1024' });
    expect(fs({ fstype: 'ext2', resizefs: true })).toMatchObject({
      changed: false,
      result: { msg: `Ext2 filesystem is using the whole device ${dev}` },
    });
    truncateSync(dev, 6 * 1024 * 1024);
    expect(fs({ fstype: 'ext2', resizefs: true }, { check: true })).toMatchObject({
      changed: true,
      result: { msg: `resizing filesystem Ext2 on device ${dev}` },
    });
    expect(fs({ fstype: 'ext2', resizefs: true })).toMatchObject({ changed: true, astray: [] });
    expect(fs({ fstype: 'ext2', resizefs: true }).changed).toBe(false);
    expect(statSync(dev).size).toBe(6 * 1024 * 1024);
  });
  it('wipes what marks one, once', () => {
    fs({ fstype: 'ext2' });
    expect(fs({ state: 'absent' })).toMatchObject({ changed: true, astray: [] });
    expect(type()).toBe('');
    expect(fs({ state: 'absent' }).changed).toBe(false);
  });
  it('says where there is no device', () => {
    const nowhere = join(folder, 'nowhere');
    expect(fs({ dev: nowhere, fstype: 'ext2' }).failed).toBe(`Device ${nowhere} not found.`);
    expect(fs({ dev: nowhere, state: 'absent' })).toMatchObject({
      changed: false,
      result: { msg: `Device ${nowhere} not found.` },
    });
    expect(fs({ fstype: 'ufs' }).failed).toBe('Failed to find required executable "newfs" in paths');
  });

  /** What it makes of answers, and the words that it has run. */
  const on = (written: Record<string, unknown>, answer: string): string[] | string => {
    const args = parseArgs(filesystem, { dev: '/dev/x', ...written }) as never;
    const { filesystem: probe } = filesystem.probe(args, basics);
    const told = { rc: 0, stdout: Buffer.from(answer), stderr: Buffer.alloc(0) };
    const before = { filesystem: probe.family.parse?.(told, [probe.query])[0] as never };
    const plan = filesystem.plan(args, before, basics);
    if (!('after' in plan) || plan.after === undefined) return 'failed' in plan ? (plan.failed ?? '') : '';
    const change = { before, after: { ...before, ...plan.after }, effects: plan.effects ?? [] };
    return filesystem
      .apply(args, change, basics)
      .map((step) => (step.kind === 'script' ? (step.script.split('\n')[1] ?? '') : step.kind));
  };
  const XFS = 'data     =                       bsize=4096   blocks=1000, imaxpct=25\n';
  it.each<[string, Record<string, unknown>, string, string[] | string]>([
    ['xfs', { fstype: 'xfs', resizefs: true }, `@@type 0 xfs\n@@device 4096000\n@@size\n${XFS}`, []],
    [
      'xfs that is not mounted',
      { fstype: 'xfs', resizefs: true },
      `@@type 0 xfs\n@@device 8192000\n@@size\n${XFS}`,
      '/dev/x needs to be mounted for XFS operations',
    ],
    [
      'xfs that is',
      { fstype: 'xfs', resizefs: true },
      `@@type 0 xfs\n@@mounted /srv/a b\n@@device 8192000\n@@size\n${XFS}`,
      ["xfs_growfs '/srv/a b'"],
    ],
    ['xfs with a UUID', { fstype: 'xfs', uuid: 'u' }, '@@type 2 \n', ['mkfs.xfs -f /dev/x', 'xfs_admin -U u /dev/x']],
    [
      'btrfs',
      { fstype: 'btrfs', resizefs: true },
      '@@type 0 btrfs\n@@version mkfs.btrfs, part of btrfs-progs v6.2 \n@@mounted /m\n@@device 10\n@@size\nOverall:\n    Device size:\t\t       9\n',
      ['btrfs filesystem resize max /m'],
    ],
    ['an old btrfs', { fstype: 'btrfs' }, '@@type 2 \n@@version Btrfs v0.20\n', ['mkfs.btrfs /dev/x']],
    [
      'f2fs',
      { fstype: 'f2fs', resizefs: true },
      '@@type 0 f2fs\n@@device 1024\n@@size\nInfo: sector size = 512\nInfo: total FS sectors = 1 (0 MB)\n',
      ['resize.f2fs /dev/x'],
    ],
    ['an LVM device', { fstype: 'lvm', uuid: 'u' }, '@@type 2 \n', ['pvcreate -f -u u --norestorefile /dev/x']],
    ['the UUID of one', { fstype: 'lvm', uuid: 'u' }, '@@type 0 LVM2_member\n', ['pvchange -u /dev/x']],
    [
      'an LVM device to grow',
      { fstype: 'lvm', resizefs: true },
      '@@type 0 LVM2_member\n@@device 100\n@@size\n  96\n',
      ['pvresize /dev/x'],
    ],
    ['ext4 by its old name', { fstype: 'ext4dev' }, '@@type 0 ext4\n', []],
    ['the UUID of ext4', { fstype: 'ext4', uuid: 'u' }, '@@type 0 ext4\n', ['tune2fs -U u /dev/x']],
    [
      'swap to grow',
      { fstype: 'swap', resizefs: true },
      '@@type 0 swap\n',
      'module does not support resizing swap filesystem yet.',
    ],
    [
      'swap with a UUID',
      { fstype: 'swap', uuid: 'u' },
      '@@type 2 \n',
      'module does not support UUID option for this filesystem (swap) yet.',
    ],
    [
      'what is neither device nor file',
      { fstype: 'ext4', resizefs: true },
      '@@type 0 ext4\n@@odd\n@@size\n',
      'Target device not supported: /dev/x',
    ],
  ])('knows %s', (_, written, answer, expected) => {
    expect(on(written, answer)).toEqual(expected);
  });
  it.each([
    [{}, 'state is present but all of the following are missing: fstype'],
    [{ fstype: 'ext4', resizefs: true, uuid: 'u' }, 'parameters are mutually exclusive: resizefs|uuid'],
  ])('refuses %j', (written, message) => {
    expect(() => parseArgs(filesystem, { dev: '/dev/x', ...written })).toThrow(message);
  });
});
