// mount_facts: tables and the output of mount(8) as entries, and what is told of them on this machine.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Probe } from '../../src/core/probe.ts';
import { validateArgs } from '../../src/engine/validate-args.ts';
import { mount_facts } from '../../src/modules/mount_facts.ts';
import { parseMountOutput, parseTable } from '../../src/modules/parts/mount-tables.ts';
import { testShells } from '../probes/shells.ts';
import { basics, observe, parseArgs } from './on-this-machine.ts';

const { shells, close } = testShells();
const folder = mkdtempSync(join(tmpdir(), 'vbx-mounts-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  close();
});

describe('tables of mounts', () => {
  it.each([
    [
      'fstab',
      '# comment\nUUID=ab /a\\040b ext4 rw 0 2\nnone none swap sw\n',
      [
        ['/a b', { device: 'UUID=ab', mount: '/a b', fstype: 'ext4', options: 'rw', dump: 0, passno: 2 }],
        ['none', { device: 'none', mount: 'none', fstype: 'swap', options: 'sw' }],
      ],
    ],
    [
      'vfstab',
      '/dev/a /dev/b /usr ufs 1 no -\n',
      [
        [
          '/usr',
          {
            device: '/dev/a',
            device_to_fsck: '/dev/b',
            mount: '/usr',
            fstype: 'ufs',
            passno: 1,
            mount_at_boot: 'no',
            options: '-',
          },
        ],
      ],
    ],
    [
      'mnttab',
      'rpool / zfs dev=4490002 1657820096\n',
      [['/', { device: 'rpool', mount: '/', fstype: 'zfs', options: 'dev=4490002', time: 1657820096 }]],
    ],
    [
      "AIX's filesystems",
      '* c\n/home:\n\tdev = /dev/hd1\n\tvfs = jfs2\n\tnodename = host\n',
      [
        [
          '/home',
          {
            mount: '/home',
            device: 'host:/dev/hd1',
            fstype: 'jfs2',
            attributes: { dev: '/dev/hd1', vfs: 'jfs2', nodename: 'host' },
          },
        ],
      ],
    ],
    ["Linux' filesystems, which are none", 'ext4\nnodev proc\n', []],
  ])('are read: %s', (_name, text, entries) => {
    expect(parseTable(text).map(({ mount, fields }) => [mount, fields])).toEqual(entries);
  });
  it.each([
    [
      'Linux',
      '/dev/vda on / type ext4 (rw,relatime)\n',
      [{ device: '/dev/vda', mount: '/', fstype: 'ext4', options: 'rw,relatime' }],
    ],
    [
      'BSD',
      '/dev/ada0 on / (ufs, local, journaled)\nmap auto_home on /home (autofs, x)\n',
      [{ device: '/dev/ada0', mount: '/', fstype: 'ufs', options: 'local, journaled' }],
    ],
    [
      'AIX',
      '  node mounted over vfs date options\n-------- --- ---\n         /dev/hd4 / jfs2 Dec 17 08:04 rw,log=/dev/hd8\n',
      [{ device: '/dev/hd4', mount: '/', fstype: 'jfs2', time: 'Dec 17 08:04', options: 'rw,log=/dev/hd8' }],
    ],
    ['anything else', 'what is this\n', []],
  ])('are printed by mount: %s', (_name, text, fields) => {
    expect(parseMountOutput(text).map((entry) => entry.fields)).toEqual(fields);
  });
});

describe.each(shells)('mount_facts under $name', (shell) => {
  const gather = (written: Record<string, unknown>) => {
    const args = parseArgs(mount_facts, written) as never;
    const observed = observe(shell, mount_facts.probe(args, basics) as unknown as Record<string, Probe>) as never;
    const facts = mount_facts.facts?.(args, observed) as {
      mount_points: Record<string, Record<string, unknown>>;
      aggregate_mounts: Record<string, unknown>[];
    };
    return { facts, plan: mount_facts.plan(args, observed, basics) };
  };

  it('tells each point once with its size, from the first source that names it', () => {
    const table = join(folder, 'table');
    writeFileSync(table, `tmpfs / tmpfs rw 0 0\n/dev/none /none\\040here ext4 rw 0 0\n/dev/other / ext4 ro 0 0\n`);
    symlinkSync(table, join(folder, `same-${shell.name}`));
    const { facts, plan } = gather({
      sources: [table, join(folder, `same-${shell.name}`)],
      include_aggregate_mounts: true,
    });
    expect(Object.keys(facts.mount_points)).toEqual(['/', '/none here']);
    expect(facts.mount_points['/']).toMatchObject({
      device: 'tmpfs',
      fstype: 'tmpfs',
      uuid: null,
      size_total: expect.any(Number) as number,
      inode_used: expect.any(Number) as number,
      ansible_context: { source: table, source_data: 'tmpfs / tmpfs rw 0 0' },
    });
    expect(facts.mount_points['/none here']).not.toHaveProperty('size_total');
    expect([facts.aggregate_mounts.length, plan]).toEqual([3, { after: {}, warnings: [] }]);
    expect(gather({ sources: [table], fstypes: ['ext*'], devices: ['/dev/n*'] }).facts).toMatchObject({
      mount_points: { '/none here': { device: '/dev/none' } },
      aggregate_mounts: [],
    });
    expect(gather({ sources: [table] }).plan).toMatchObject({
      warnings: [
        expect.stringContaining(`ignoring repeat mounts in the following sources: ${table} (['/', '/none here', '/'])`),
      ],
    });
  });

  it('lists nothing by a command where there is to be none', () => {
    expect(gather({ sources: ['mount'], mount_binary: null }).facts.mount_points).toEqual({});
    expect(validateArgs(mount_facts, { mount_binary: null, timeout: null }).args).toEqual({
      mount_binary: null,
      on_timeout: 'error',
    });
    expect(() => parseArgs(mount_facts, { mount_binary: 1 })).toThrow(
      "argument 'mount_binary' must be a string or null, not 1",
    );
  });

  it('knows the usual sources, and says what is asked twice', () => {
    expect(Object.keys(gather({ sources: ['dynamic'] }).facts.mount_points).length).toBeGreaterThan(0);
    expect(gather({ sources: ['mount', 'mount'], include_aggregate_mounts: false }).plan).toMatchObject({
      warnings: [expect.stringContaining("repeat sources will be ignored: ['mount', 'mount']")],
    });
    expect(() => parseArgs(mount_facts, { timeout: 0 })).toThrow(
      "argument 'timeout' must be a positive number or null, not 0.0",
    );
  });
});
