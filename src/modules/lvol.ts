// lvol: logical volumes of LVM, plain ones, snapshots and those of thin pools. What a size means is decided as LVM prints sizes: in its unit, rounded.
import type { z } from 'zod';
import { bool, choice, list, str } from '../core/args.ts';
import { defineModule, type Plan } from '../core/module.ts';
import type { Probe } from '../core/probe.ts';
import { quoteAll } from '../core/quote.ts';
import type { Step, StepResult } from '../core/step.ts';
import { Unknown } from '../core/value.ts';
import { splitWords } from '../core/words.ts';
import { bytesOf, groupProbe, inUnit, LVM_SEARCH, NO_LVM, type Volume, type VolumeGroup } from '../probes/lvm.ts';

const args = {
  vg: str().describe('The volume group.'),
  lv: str().optional().describe('The volume; the origin where snapshot is given.'),
  size: str()
    .optional()
    .describe(
      'Its size in megabytes, or with one of the units b s k m g t p e, or a part: `50%VG`, `100%FREE`; `+` and `-` grow and shrink.',
    ),
  opts: str().optional().describe('Further words for lvcreate.'),
  state: choice('absent', 'present').default('present').describe('Whether it is there.'),
  force: bool().default(false).describe('Shrink and remove.'),
  shrink: bool().default(true).describe('Shrink it where it is larger than size.'),
  active: bool().default(true).describe('Whether it can be used.'),
  snapshot: str().optional().describe('A snapshot of lv, by this name.'),
  pvs: list(str()).default([]).describe('Devices to put it on.'),
  resizefs: bool().default(false).describe('Grow or shrink the file system on it too.'),
  thinpool: str().optional().describe('The thin pool that lv is in; without lv the pool itself.'),
};
type Args = z.output<z.ZodObject<typeof args>>;
type State = { readonly group: VolumeGroup };

export const lvol = defineModule<typeof args, State>({
  name: 'community.general.lvol',
  summary: 'Make, resize or remove logical volumes of LVM',
  args,
  check: (given) => {
    if (given.lv === undefined && given.thinpool === undefined) return 'one of the following is required: lv, thinpool';
    const opts = splitWords(given.opts ?? '');
    if (opts.error !== undefined) return `opts cannot be split into words: ${opts.error}`;
    const size = sizeOf(given);
    return typeof size === 'string' ? size : undefined;
  },
  example: `
- community.general.lvol:
    vg: data
    lv: logs
    size: 10g
`,
  probe: (given): { group: Probe<VolumeGroup> } => ({ group: groupProbe(given.vg) }),
})({
  plan: (given, { group }): Plan<State> => {
    if (group.kind === 'missing') return { failed: NO_LVM };
    if (group.kind === 'absent')
      return given.state === 'absent'
        ? { after: {} }
        : {
            failed: `Volume group ${given.vg} does not exist.`,
            fields: { rc: group.info.rc, err: group.info.stderr },
          };
    const refused = originProblem(given, group);
    if (refused !== undefined) return { failed: refused };
    const name = nameOf(given);
    const now = group.volumes[name];
    if (given.state === 'absent') {
      if (now === undefined) return { after: {} };
      if (!given.force) return { failed: `Sorry, no removal of logical volume ${name} without force=true.` };
      const { [name]: _gone, ...volumes } = group.volumes;
      return { after: { group: { ...group, volumes, free: freedBy(group, now) } } };
    }
    const wish = now === undefined ? created(given, group) : resized(given, group, name, now);
    if (!('volume' in wish)) return wish;
    const { volume, free } = wish;
    const active = volume.active === given.active ? volume : { ...volume, active: given.active };
    return active === now
      ? { after: {} }
      : { after: { group: { ...group, volumes: { ...group.volumes, [name]: active }, free } } };
  },
  apply: (given, { before, after }): Step[] => {
    if (before.group === after.group) return [];
    const name = nameOf(given);
    const [was, will] = [before.group.volumes[name], after.group.volumes[name]];
    const path = `${given.vg}/${name}`;
    if (will === undefined) return was === undefined ? [] : [lvmStep(['lvremove', '--force', path])];
    if (was === undefined)
      return [lvmStep(createWords(given)), ...(will.active ? [] : [lvmStep(['lvchange', '-an', path])])];
    const size = sizeOf(given);
    return [
      ...(was.size === will.size || size === undefined || typeof size === 'string'
        ? []
        : [resizeStep(given, path, grows(given, size, was, before.group), size)]),
      ...(was.active === will.active ? [] : [lvmStep(['lvchange', will.active ? '-ay' : '-an', path])]),
    ];
  },
  failure: (result, given) => failureOf(result, given),
  result: (given, { before, after }, done) => {
    const { group } = before;
    if (group.kind !== 'group') return { stdout: `Volume group ${given.vg} does not exist.` };
    const name = nameOf(given);
    const was = group.volumes[name];
    if (was === undefined) return { msg: '' };
    if (given.state === 'absent') return {};
    const size = sizeOf(given);
    const unit = size === undefined || typeof size === 'string' ? 'm' : size.unit;
    const same =
      done.some(({ stdout }) => stdout.includes(SAME_SIZE)) && was.active === after.group.volumes[name]?.active;
    return {
      vg: given.vg,
      lv: name,
      ...(was.size instanceof Unknown ? {} : { size: inUnit(Number(was.size), unit) }),
      ...(same ? { changed: false } : {}),
    };
  },
});

interface Size {
  readonly operator: '+' | '-' | '';
  readonly text: string;
  readonly number: number;
  /** Of what it is a part, in percent. */
  readonly whole?: string;
  /** The unit that LVM prints sizes in for it. */
  readonly unit: string;
  /** As a word of lvcreate and the like: `10g`, `50%VG`. */
  readonly word: string;
}

/** Text: why it is none. */
function sizeOf({ size: written, snapshot }: Args): Size | string | undefined {
  if (written === undefined || written === '') return undefined;
  const [, sign = '', rest = ''] = /^([+-]?)([^]*)$/.exec(written) ?? [];
  const operator = sign as Size['operator'];
  const bad = `Bad size specification of '${rest}'`;
  if (rest.includes('%')) {
    const [percent = '', whole = ''] = [rest.slice(0, rest.indexOf('%')), rest.slice(rest.indexOf('%') + 1)];
    if (!/^\s*\d+\s*$/.test(percent)) return bad;
    if (Number(percent) > 100) return 'Size percentage cannot be larger than 100%';
    if (whole === 'ORIGIN' && snapshot === undefined) return 'Percentage of ORIGIN supported only for snapshot volumes';
    if (!['VG', 'PVS', 'FREE', 'ORIGIN'].includes(whole))
      return 'Specify extents as a percentage of VG|PVS|FREE|ORIGIN';
    return { operator, text: rest, number: Number(percent), whole, unit: 'm', word: rest };
  }
  const unit = /[bskmgtpe]$/i.exec(rest)?.[0];
  const text = unit === undefined ? rest : rest.slice(0, -1);
  if (!/^\d+(\.\d*)?(e[+-]?\d+)?$/i.test(text)) return `Bad size specification of '${text}'`;
  return { operator, text, number: Number(text), unit: (unit ?? 'm').toLowerCase(), word: `${text}${unit ?? 'm'}` };
}

/** The volume that is meant: the snapshot, else the thin volume or pool, else lv; `vg/lv` too. */
function nameOf({ lv, snapshot, thinpool }: Args): string {
  const name = snapshot ?? lv ?? thinpool ?? '';
  return name.slice(name.lastIndexOf('/') + 1);
}

function originProblem(given: Args, { volumes }: VolumeGroup): string | undefined {
  const { lv = '', thinpool, snapshot, vg } = given;
  if (snapshot !== undefined) {
    const origin = volumes[lv] ?? (thinpool === undefined ? undefined : volumes[thinpool]);
    if (origin === undefined) return `Snapshot origin LV ${lv} does not exist in volume group ${vg}.`;
    return origin.thin === 'pool' || thinpool !== undefined
      ? 'Snapshots of thin pool LVs are not supported.'
      : undefined;
  }
  return thinpool !== undefined && given.lv !== undefined && volumes[thinpool] === undefined
    ? `Thin pool LV ${thinpool} does not exist in volume group ${vg}.`
    : undefined;
}

type Wish = { readonly volume: Volume; readonly free: number | Unknown } | Plan<State>;
const known = (value: number | Unknown): number | undefined => (value instanceof Unknown ? undefined : value);

function created(given: Args, group: VolumeGroup): Wish {
  const size = sizeOf(given);
  if (typeof size === 'string') return { failed: size };
  const name = nameOf(given);
  const origin = given.snapshot === undefined ? undefined : group.volumes[given.lv ?? ''];
  if (size === undefined) {
    if (origin?.thin !== 'volume') return { failed: 'No size given.' };
    return { volume: { size: origin.size, active: true, thin: 'volume', internal: false }, free: group.free };
  }
  if (size.operator === '-' || (size.operator === '+' && size.whole === undefined))
    return { failed: `Bad size specification of '${size.operator}${size.text}' for creating LV` };
  const thinVolume = given.thinpool !== undefined && given.lv !== undefined;
  if (thinVolume && size.whole !== undefined) return { failed: 'Thin volume sizing with percentage not supported.' };
  const thin = thinVolume ? 'volume' : given.thinpool === undefined ? 'no' : 'pool';
  const plain = thin === 'no' && (given.opts ?? '').trim() === '' && origin === undefined;
  const bytes = plain || thinVolume ? extentsOf(size, group, given.pvs.length > 0) : undefined;
  const free = known(group.free);
  const extent = known(group.info.extent);
  if (
    plain &&
    bytes !== undefined &&
    free !== undefined &&
    extent !== undefined &&
    bytes > free &&
    given.pvs.length === 0
  )
    return {
      failed: `Creating logical volume '${given.lv ?? 'None'}' failed`,
      fields: {
        rc: 5,
        err: `  Volume group "${given.vg}" has insufficient free space (${free / extent} extents): ${bytes / extent} required.\n`,
      },
    };
  return {
    volume: { size: bytes ?? new Unknown(`the size of ${name}`), active: true, thin, internal: false },
    free:
      thin === 'volume'
        ? group.free
        : plain && free !== undefined && bytes !== undefined
          ? free - bytes
          : unknownFree(given.vg),
  };
}
const unknownFree = (group: string): Unknown => new Unknown(`the free space of ${group}`);

/** Whole extents of a new plain volume, in bytes: up for a size, down for a part. */
function extentsOf(size: Size, group: VolumeGroup, chosen: boolean): number | undefined {
  const extent = known(group.info.extent);
  if (extent === undefined || extent === 0) return undefined;
  if (size.whole === undefined) return Math.ceil((size.number * bytesOf(size.unit)) / extent) * extent;
  const whole =
    size.whole === 'VG' ? known(group.size) : size.whole === 'FREE' && !chosen ? known(group.free) : undefined;
  return whole === undefined ? undefined : Math.floor((size.number * whole) / 100 / extent) * extent;
}

function resized(given: Args, group: VolumeGroup, name: string, now: Volume): Wish {
  const size = sizeOf(given);
  if (typeof size === 'string') return { failed: size };
  if (size === undefined) return { volume: now, free: group.free };
  const [was, all, free, extent] = [now.size, group.size, group.free, group.info.extent].map(known);
  if (was === undefined || all === undefined || free === undefined || extent === undefined || extent === 0)
    return { unknown: `the size of ${name} is known only then` };
  const shrinking = (period: string): Plan<State> | undefined =>
    given.force ? undefined : { failed: `Sorry, no shrinking of ${name} without force=true${period}` };
  const noRest: Plan<State> = { failed: `Sorry, no shrinking of ${name} to 0 permitted.` };
  let bytes = was;
  if (size.whole !== undefined) {
    const wanted = partOf(size, { was, all, free, extent });
    const [has, room, step] = [was, free, extent].map((value) => inUnit(value, 'm')) as [number, number, number];
    if (has < wanted) {
      if (room <= 0 || room < wanted - has)
        return {
          failed: `Logical Volume ${name} could not be extended. Not enough free space left (${pythonFloat(wanted - has)}m required / ${pythonFloat(room)}m available)`,
        };
      bytes = Math.round(wanted * bytesOf('m'));
    } else if (given.shrink && has > wanted + step) {
      if (wanted < 1) return noRest;
      const refused = shrinking('');
      if (refused !== undefined) return refused;
      bytes = Math.round(wanted * bytesOf('m'));
    }
  } else {
    const asked = size.number * bytesOf(size.unit);
    const has = inUnit(was, size.unit);
    const to = size.operator === '+' ? was + asked : size.operator === '-' ? was - asked : asked;
    if (size.number > has || size.operator === '+') bytes = Math.ceil(to / extent) * extent;
    else if ((given.shrink && size.number < has) || size.operator === '-') {
      if (size.number === 0) return noRest;
      const refused = shrinking('.');
      if (refused !== undefined) return refused;
      bytes = Math.ceil(to / extent) * extent;
    }
    if (now.thin === 'no' && bytes - was > free && given.pvs.length === 0)
      return {
        failed: `Unable to resize ${given.lv ?? 'None'} to ${size.word}`,
        fields: {
          rc: 5,
          err: `  Insufficient free space: ${(bytes - was) / extent} extents needed, but only ${free / extent} available\n`,
        },
      };
  }
  return bytes === was
    ? { volume: now, free: group.free }
    : { volume: { ...now, size: bytes }, free: now.thin === 'no' ? free - (bytes - was) : unknownFree(given.vg) };
}

/** What a part comes to for a volume that is there, in megabytes. */
function partOf(
  size: Size,
  { was, all, free, extent }: { was: number; all: number; free: number; extent: number },
): number {
  const whole = inUnit(size.whole === 'VG' || size.whole === 'PVS' ? all : free, 'm');
  const part = (size.number * whole) / 100;
  const has = inUnit(was, 'm');
  const wanted = size.operator === '+' ? part + has : size.operator === '-' ? has - part : part;
  const step = inUnit(extent, 'm');
  return wanted - (((wanted % step) + step) % step);
}
const pythonFloat = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));

function freedBy(group: VolumeGroup, { size, thin }: Volume): number | Unknown {
  const [free, freed] = [known(group.free), known(size)];
  return thin === 'no' && free !== undefined && freed !== undefined ? free + freed : new Unknown('the free space');
}

/** Whether the size means more than there is. */
function grows(given: Args, size: Size, was: Volume, group: VolumeGroup): boolean {
  if (size.operator !== '') return size.operator === '+';
  const now = known(was.size) ?? 0;
  if (size.whole === undefined) return size.number > inUnit(now, size.unit);
  const part = partOf(size, {
    was: now,
    all: known(group.size) ?? 0,
    free: known(group.free) ?? 0,
    extent: known(group.info.extent) ?? 1,
  });
  return inUnit(now, 'm') < part;
}

function createWords(given: Args): string[] {
  const size = sizeOf(given);
  const sized = (flag: string): string[] =>
    size === undefined || typeof size === 'string' ? [] : [`-${flag}`, size.word];
  const flag = typeof size === 'object' && size.whole !== undefined ? 'l' : 'L';
  const opts = splitWords(given.opts ?? '').words ?? [];
  const { vg, lv = '', snapshot, thinpool } = given;
  const head = ['lvcreate', '--yes'];
  if (snapshot !== undefined) return [...head, ...sized(flag), '-s', '-n', snapshot, ...opts, `${vg}/${lv}`];
  if (thinpool === undefined) return [...head, '-n', lv, ...sized(flag), ...opts, vg, ...given.pvs];
  const within = given.lv === undefined ? sized(flag) : ['-n', lv, ...sized('V')];
  return [...head, ...within, ...opts, '-T', `${vg}/${thinpool}`];
}

const lvmStep = (words: readonly string[]): Step => ({
  kind: 'script',
  script: `${LVM_SEARCH}\n${quoteAll(words)}`,
  long: true,
});

/** LVM fails where whole extents are what is there already. */
const SAME_SIZE = '@@same';

function resizeStep(given: Args, path: string, grow: boolean, size: Size): Step {
  const words = quoteAll([
    ...(grow ? ['lvextend'] : ['lvreduce', '--force']),
    ...(given.resizefs ? ['--resizefs'] : []),
    size.whole === undefined ? '-L' : '-l',
    `${size.operator}${size.word}`,
    path,
    ...given.pvs,
  ]);
  return {
    kind: 'script',
    script: `${LVM_SEARCH}
o=$(${words} 2>&1 </dev/null); r=$?
case $o in
*'Reached maximum COW size'*) [ $r -ne 0 ] || r=1;;
*'matches existing size'*|*'not larger than existing size'*) echo ${SAME_SIZE}; exit 0;;
esac
[ $r -eq 0 ] || { printf '%s\\n' "$o" >&2; exit $r; }`,
    long: true,
  };
}

function failureOf({ step, rc, stderr }: StepResult, given: Args): Record<string, unknown> | undefined {
  const script = step.kind === 'script' ? step.script : '';
  const verb = /\b(lvcreate|lvremove|lvextend|lvreduce|lvchange '?-a[yn])/.exec(script)?.[1] ?? '';
  const volume = given.lv ?? 'None';
  const size = sizeOf(given);
  const word = typeof size === 'object' ? size.word : '';
  const said: Readonly<Record<string, string>> = {
    lvcreate: `Creating logical volume '${volume}' failed`,
    lvremove: `Failed to remove logical volume ${volume}`,
    lvextend: `Unable to resize ${volume} to ${word}`,
    lvreduce: `Unable to resize ${volume} to ${word}`,
    'lvchange -ay': `Failed to activate logical volume ${volume}`,
    'lvchange -an': `Failed to deactivate logical volume ${volume}`,
  };
  const msg = said[verb.replace("'", '')];
  return msg === undefined ? undefined : { msg, rc, err: stderr };
}
