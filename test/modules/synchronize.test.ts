// synchronize: its options, what it refuses, and what it reads from rsync's lines.
import { describe, expect, it } from 'vitest';
import type { Step, StepResult } from '../../src/core/step.ts';
import { synchronize } from '../../src/modules/synchronize.ts';
import { basics, parseArgs } from './on-this-machine.ts';

const args = (written: Record<string, unknown>): never =>
  parseArgs(synchronize, { src: '/from/', dest: '/to', ...written }) as never;
const steps = (
  written: Record<string, unknown>,
  controller: { checkMode?: boolean; delegate?: string } = {},
): readonly Step[] =>
  synchronize.steps(args(written), {}, basics, {
    host: 'h',
    playbookDir: '/plays',
    environment: {},
    checkMode: false,
    ...controller,
  });
const COMMON = ['--delay-updates', '-F', '--compress'];
const FORMAT = '--out-format=<<CHANGED>>%i %n%L';

describe('synchronize', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['as an archive', {}, [...COMMON, '--archive', FORMAT]],
    [
      'without parts of an archive',
      { recursive: false, times: 'no', owner: true },
      [...COMMON, '--archive', '--no-recursive', '--no-times', FORMAT],
    ],
    [
      'with parts alone',
      { archive: false, links: true, group: false, delay_updates: false, compress: false },
      ['--links', FORMAT],
    ],
    [
      'with all the rest',
      {
        delete: true,
        existing_only: true,
        checksum: true,
        copy_links: true,
        dirs: true,
        partial: true,
        rsync_timeout: 5,
        rsync_opts: ['--exclude=.git'],
      },
      [
        ...COMMON,
        '--timeout=5',
        '--delete-after',
        '--existing',
        '--checksum',
        '--copy-links',
        '--archive',
        '--dirs',
        '--exclude=.git',
        '--partial',
        FORMAT,
      ],
    ],
    [
      'with links to another folder',
      { link_dest: ['/old'] },
      [...COMMON, '--archive', '-H', '-vv', '--link-dest=/old', FORMAT],
    ],
  ])('copies %s', (_, written, options) => {
    expect(steps(written)).toEqual([
      { kind: 'rsync', program: 'rsync', options, pull: false, here: '/from/', there: '/to' },
    ]);
  });

  it('pulls to a place beside the playbook, foretells by rsync itself, and starts on the host where it is delegated to it', () => {
    expect(steps({ mode: 'pull', dest: 'kept/', rsync_path: 'nice rsync' })).toMatchObject([
      { pull: true, here: '/plays/kept/', there: '/from/', rsyncPath: 'nice rsync' },
    ]);
    expect(steps({}, { checkMode: true })).toMatchObject([{ options: [...COMMON, '--dry-run', '--archive', FORMAT] }]);
    expect(steps({}, { delegate: 'h' })).toEqual([
      { kind: 'run', argv: ['rsync', ...COMMON, '--archive', FORMAT, '/from/', '/to'], long: true },
    ]);
    expect(() => steps({}, { delegate: 'other' })).toThrow('synchronize cannot start on other');
  });

  it.each<[Record<string, unknown>, string]>([
    [{ dest: 'rsync://host/x' }, 'a daemon of rsync'],
    [{ src: 'root@host:/x' }, 'names a host'],
    [{ dest_port: 23 }, 'ansible_port'],
    [{ private_key: '~/.ssh/x' }, 'ansible_ssh_private_key_file'],
    [{ rsync_opts: ['--rsh=ssh -p 23'] }, '"--rsh=ssh -p 23" is not supported'],
    [{ rsync_opts: ['-ave', 'ssh'] }, '"-ave" is not supported'],
    [
      { dest: '/a/b/c', link_dest: ['/a'] },
      'Hardlinking into a subdirectory of the source would cause recursion. /a/b and /a/b/c',
    ],
  ])('refuses %j', (written, message) => {
    expect(() => args(written)).toThrow(message);
  });

  it('reads what changed from its lines', () => {
    const done = (stdout: string, rc = 0, stderr = ''): StepResult => ({
      step: steps({})[0] as Step,
      rc,
      stdout,
      stderr,
      start: 0,
      end: 0,
    });
    const cmd = "rsync --delay-updates -F --compress --archive '--out-format=<<CHANGED>>%i %n%L' /from/ host:/to";
    expect(synchronize.parse(args({}), [done('')], {})).toEqual({
      changed: false,
      msg: '',
      rc: 0,
      cmd,
      stdout_lines: [],
    });
    expect(synchronize.parse(args({}), [done('<<CHANGED>><f+++++++++ a\n')], {})).toEqual({
      changed: true,
      msg: '<f+++++++++ a\n',
      rc: 0,
      cmd,
      stdout_lines: ['<f+++++++++ a'],
    });
    expect(synchronize.parse(args({ link_dest: ['/old'] }), [done('<<CHANGED>>.f          a\n')], {})).toMatchObject({
      changed: false,
    });
    expect(synchronize.parse(args({}), [done('', 23, 'no such file')], {})).toEqual({
      failed: true,
      changed: false,
      msg: 'no such file',
      rc: 23,
      cmd,
    });
  });
});
