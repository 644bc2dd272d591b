// lvol: what it makes of a volume group as LVM tells it, and the words that it has LVM run.
import { describe, expect, it } from 'vitest';
import { lvol } from '../../src/modules/lvol.ts';
import { parseGroup } from '../../src/probes/lvm.ts';
import { basics, parseArgs } from './on-this-machine.ts';

const MB = 1024 * 1024;
/** A group of 1020 MB with extents of 4 MB, of which 500 MB are free. */
const told = (volumes: string): string =>
  `  ${1020 * MB};${500 * MB};${4 * MB}\n@@volumes\n${volumes}@@autoactivation\n  enabled\n`;
const volume = (name: string, size: number, attributes = '-wi-a-----'): string =>
  `  ${name};${size * MB};${attributes}\n`;
const answer = (stdout: string, stderr = '') =>
  parseGroup({ rc: 0, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) });

/** The commands, or why there are none; what is planned on the plan is nothing more. */
function on(written: Record<string, unknown>, stdout: string): string[] | string {
  const args = parseArgs(lvol, { vg: 'data', ...written }) as never;
  const before = { group: answer(stdout) };
  const plan = lvol.plan(args, before, basics);
  if (!('after' in plan) || plan.after === undefined)
    return 'failed' in plan ? (plan.failed ?? '') : 'unknown' in plan ? (plan.unknown ?? '') : '';
  const after = { ...before, ...plan.after };
  // How much LVM makes of a snapshot, of a pool, or with words of the user's is known only then.
  const converges =
    !/^[+-]|FREE|ORIGIN/.test(String(written['size'] ?? '')) &&
    Object.values(plan.after.group?.volumes ?? {}).every(({ size }) => typeof size === 'number');
  if (converges) expect(lvol.plan(args, after, basics)).toEqual({ after: {} });
  return lvol
    .apply(args, { before, after, effects: [] }, basics)
    .map((step) => (step.kind === 'script' ? (/^(?:o=\$\()?(lv.*?)(?: 2>&1.*)?$/m.exec(step.script)?.[1] ?? '') : ''));
}
const A = volume('a', 100);
const POOL = volume('p', 100, 'twi-a-tz--') + volume('[p_tdata]', 100, 'Twi-ao----');

describe('lvol', () => {
  it.each<[string, Record<string, unknown>, string, string[] | string]>([
    ['makes one', { lv: 'a', size: '12' }, '', ['lvcreate --yes -n a -L 12m data']],
    ['leaves one', { lv: 'a', size: '100m' }, A, []],
    ['leaves one whose size is that when printed', { lv: 'a', size: '0.1g' }, A, []],
    ['leaves one without a size', { lv: 'a' }, A, []],
    ['wants a size for a new one', { lv: 'b' }, A, 'No size given.'],
    [
      'makes one of a part, on devices, with further words',
      { lv: 'b', size: '50%FREE', pvs: '/dev/x,/dev/y', opts: "-i 2 --addtag 'a b'" },
      A,
      ["lvcreate --yes -n b -l 50%FREE -i 2 --addtag 'a b' data /dev/x /dev/y"],
    ],
    [
      'makes one that is not active',
      { lv: 'b', size: '8m', active: false },
      A,
      ['lvcreate --yes -n b -L 8m data', 'lvchange -an data/b'],
    ],
    ['makes none that has no room', { lv: 'b', size: '1g' }, A, "Creating logical volume 'b' failed"],
    ['grows one', { lv: 'a', size: '120m', resizefs: true }, A, ['lvextend --resizefs -L 120m data/a']],
    ['grows one by what is said', { lv: 'a', size: '+20m' }, A, ['lvextend -L +20m data/a']],
    ['grows one to all that is left', { lv: 'a', size: '+100%FREE' }, A, ['lvextend -l +100%FREE data/a']],
    ['grows one to a part', { lv: 'a', size: '20%VG' }, A, ['lvextend -l 20%VG data/a']],
    ['grows none where there is no room', { lv: 'a', size: '700m' }, A, 'Unable to resize a to 700m'],
    [
      'grows none to a part for which there is no room',
      { lv: 'a', size: '90%VG' },
      A,
      'Logical Volume a could not be extended. Not enough free space left (816.0m required / 500.0m available)',
    ],
    ['shrinks none unless told to', { lv: 'a', size: '50m' }, A, 'Sorry, no shrinking of a without force=true.'],
    [
      'shrinks none to a part unless told to',
      { lv: 'a', size: '5%VG' },
      A,
      'Sorry, no shrinking of a without force=true',
    ],
    ['shrinks one', { lv: 'a', size: '52m', force: true }, A, ['lvreduce --force -L 52m data/a']],
    ['leaves one that is larger', { lv: 'a', size: '52m', shrink: false }, A, []],
    ['leaves one of as many extents', { lv: 'a', size: '98m', force: true }, A, []],
    ['shrinks none to nothing', { lv: 'a', size: '0', force: true }, A, 'Sorry, no shrinking of a to 0 permitted.'],
    ['switches one on', { lv: 'a' }, volume('a', 100, '-wi-------'), ['lvchange -ay data/a']],
    ['switches one off', { lv: 'a', active: false }, A, ['lvchange -an data/a']],
    [
      'removes none unless told to',
      { lv: 'a', state: 'absent' },
      A,
      'Sorry, no removal of logical volume a without force=true.',
    ],
    ['removes one', { lv: 'a', state: 'absent', force: true }, A, ['lvremove --force data/a']],
    ['has none to remove', { lv: 'b', state: 'absent' }, A, []],
    ['makes a snapshot', { lv: 'a', snapshot: 's', size: '8m' }, A, ['lvcreate --yes -L 8m -s -n s data/a']],
    ['leaves a snapshot', { lv: 'a', snapshot: 's', size: '8m' }, A + volume('s', 8, 'swi-a-s---'), []],
    [
      'makes no snapshot of nothing',
      { lv: 'b', snapshot: 's', size: '8m' },
      A,
      'Snapshot origin LV b does not exist in volume group data.',
    ],
    [
      'makes no snapshot of a pool',
      { lv: 'p', snapshot: 's', size: '8m' },
      POOL,
      'Snapshots of thin pool LVs are not supported.',
    ],
    ['makes a pool', { thinpool: 'p', size: '100m' }, A, ['lvcreate --yes -L 100m -T data/p']],
    ['makes a volume of a pool', { thinpool: 'p', lv: 't', size: '1g' }, POOL, ['lvcreate --yes -n t -V 1g -T data/p']],
    [
      'makes none without its pool',
      { thinpool: 'p', lv: 't', size: '1g' },
      A,
      'Thin pool LV p does not exist in volume group data.',
    ],
    [
      'makes a snapshot of a thin volume',
      { lv: 't', snapshot: 's' },
      POOL + volume('t', 1024, 'Vwi-a-tz--'),
      ['lvcreate --yes -s -n s data/t'],
    ],
    [
      'makes none by what is said more or less',
      { lv: 'b', size: '-8m' },
      A,
      "Bad size specification of '-8' for creating LV",
    ],
  ])('%s', (_, written, volumes, expected) => {
    expect(on(written, told(volumes))).toEqual(expected);
  });
  it('tells of a group that is not there', () => {
    const plan = (state: string) =>
      lvol.plan(
        parseArgs(lvol, { vg: 'data', lv: 'a', size: '1', state }) as never,
        { group: answer('@@absent 5\n', '  Volume group "data" not found\n') },
        basics,
      );
    expect(plan('present')).toEqual({
      failed: 'Volume group data does not exist.',
      fields: { rc: 5, err: '  Volume group "data" not found\n' },
    });
    expect(plan('absent')).toEqual({ after: {} });
    expect(on({ lv: 'a', size: '1' }, '@@missing\n')).toBe('Failed to find required executable "lvm" in paths');
  });
  it.each([
    [{}, 'one of the following is required: lv, thinpool'],
    [{ lv: 'a', size: '101%VG' }, 'Size percentage cannot be larger than 100%'],
    [{ lv: 'a', size: '10%ORIGIN' }, 'Percentage of ORIGIN supported only for snapshot volumes'],
    [{ lv: 'a', size: '10%ALL' }, 'Specify extents as a percentage of VG|PVS|FREE|ORIGIN'],
    [{ lv: 'a', size: '10x' }, "Bad size specification of '10x'"],
    [{ lv: 'a', opts: "'" }, 'opts cannot be split into words'],
  ])('refuses %j', (written, message) => {
    expect(() => parseArgs(lvol, { vg: 'data', ...written })).toThrow(message);
  });
});
