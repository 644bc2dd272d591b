// filesystem: file systems on devices or in files, made, grown, given another UUID or wiped by their own programs. blkid says what is there.
import type { z } from 'zod';
import { bool, choice, field, path, str } from '../core/args.ts';
import { defineModule, type Effect, type Plan } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quoteAll } from '../core/quote.ts';
import type { Step } from '../core/step.ts';
import { pathWord } from '../probes/path-script.ts';
import { isSince } from '../probes/version.ts';

const TYPES = [
  'bcachefs',
  'btrfs',
  'ext2',
  'ext3',
  'ext4',
  'ext4dev',
  'f2fs',
  'lvm',
  'ocfs2',
  'reiserfs',
  'swap',
  'ufs',
  'vfat',
  'xfs',
] as const;
type Type = (typeof TYPES)[number];

const args = {
  dev: field(path(), { aliases: ['device'] }).describe('The device, or a file.'),
  fstype: field(choice(...TYPES).optional(), { aliases: ['type'] }).describe('The file system.'),
  state: choice('present', 'absent').default('present').describe('Whether there is one; absent wipes what marks it.'),
  opts: str().optional().describe('Further words for the program that makes it.'),
  force: bool().default(false).describe('Make it where there is one already: what is there is lost.'),
  resizefs: bool().default(false).describe('Grow it to the size of the device.'),
  uuid: str().optional().describe('Its UUID; a change each time.'),
};
type Args = z.output<z.ZodObject<typeof args>>;

interface FileSystem {
  readonly kind: 'filesystem' | 'absent' | 'missing';
  /** As blkid calls it; empty where there is none. */
  readonly type: string;
  /** It fills the device; undefined where that was not asked. */
  readonly full: boolean | undefined;
  readonly info: {
    /** A program that is missing. */
    readonly missing?: string;
    readonly rc: number;
    readonly stderr: string;
    /** Where it is mounted. */
    readonly mounted?: string;
    /** Why its size is not known. */
    readonly problem?: string;
    /** Version of the program that makes it. */
    readonly version: string;
  };
}
type State = { readonly filesystem: FileSystem };

/** What is known of each: how blkid and messages call it, how it is made, and where it can be grown or given a UUID. */
interface Maker {
  readonly name: string;
  readonly make: string;
  readonly force: readonly string[];
  /** From which version of the program on it takes `force`. */
  readonly forceSince?: readonly [number, number];
  /** Shell text that prints the size of it on `$d` (mounted at `$m`), raw, for `size`; and how it is read. */
  readonly ask?: string;
  readonly size?: (text: string) => number | undefined;
  readonly grow?: readonly string[];
  /** It is grown where it is mounted, and the program is given that folder. */
  readonly mounted?: true;
  readonly uuid?: readonly string[];
  /** The words of the program that changes the UUID; `true` behind it: the UUID is a word of it. */
  readonly change?: readonly [words: readonly string[], given: boolean];
}

const number = (text: string, pattern: RegExp): number | undefined => {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
};
const product = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a * b;

const EXT = {
  force: ['-F'],
  ask: 'tune2fs -l "$d"',
  size: (text: string) => product(number(text, /^Block count:\s*(\d+)/m), number(text, /^Block size:\s*(\d+)/m)),
  grow: ['resize2fs'],
  uuid: ['-U'],
  change: [['tune2fs', '-U'], true],
} as const;

const MAKERS: Readonly<Record<Type, Maker>> = {
  ext2: { name: 'Ext2', make: 'mkfs.ext2', ...EXT },
  ext3: { name: 'Ext3', make: 'mkfs.ext3', ...EXT },
  ext4: { name: 'Ext4', make: 'mkfs.ext4', ...EXT },
  ext4dev: { name: 'Ext4', make: 'mkfs.ext4', ...EXT },
  xfs: {
    name: 'XFS',
    make: 'mkfs.xfs',
    force: ['-f'],
    ask: 'xfs_info "${m:-$d}"',
    size: (text) => {
      const data = /^data\s*=\s*bsize=(\d+)\s+blocks=(\d+)/m.exec(text);
      return data === null ? undefined : Number(data[1]) * Number(data[2]);
    },
    grow: ['xfs_growfs'],
    mounted: true,
    change: [['xfs_admin', '-U'], true],
  },
  btrfs: {
    name: 'Btrfs',
    make: 'mkfs.btrfs',
    force: ['-f'],
    forceSince: [3, 12],
    ask: '[ -z "$m" ] || btrfs filesystem usage -b "$m"',
    size: (text) => number(text, /Device size:\s*(\d+)/),
    grow: ['btrfs', 'filesystem', 'resize', 'max'],
    mounted: true,
  },
  f2fs: {
    name: 'F2fs',
    make: 'mkfs.f2fs',
    force: ['-f'],
    forceSince: [1, 9],
    ask: 'dump.f2fs "$d"',
    size: (text) => product(number(text, /Info: sector size = (\d+)/), number(text, /Info: total FS sectors = (\d+)/)),
    grow: ['resize.f2fs'],
  },
  vfat: {
    name: 'VFAT',
    make: 'mkfs.vfat',
    force: [],
    ask: 'fatresize --info "$d"',
    size: (text) => number(text, /^\s*(?:Cur size|Size)\s*:\s*(\d+)/m),
    grow: ['fatresize', '-s', 'max'],
  },
  lvm: {
    name: 'LVM',
    make: 'pvcreate',
    force: ['-f'],
    ask: 'pvs --noheadings -o pv_size --units b --nosuffix "$d"',
    size: (text) => number(text, /^\s*(\d+)\s*$/m),
    grow: ['pvresize'],
    uuid: ['-u', '--uuid'],
    change: [['pvchange', '-u'], false],
  },
  bcachefs: {
    name: 'Bcachefs',
    make: 'mkfs.bcachefs',
    force: ['--force'],
    ask: 'bcachefs show-super "$d"',
    size: (text) => {
      const [, value, unit = ''] = /Size:\s+([\d.]+)\s*([kKMGTPEZY]?i?B)/.exec(text) ?? [];
      const power = 'BKMGTPEZY'.indexOf(unit.charAt(0).toUpperCase());
      return value === undefined ? undefined : Math.floor(Number(value) * (unit.includes('i') ? 1024 : 1000) ** power);
    },
    grow: ['bcachefs', 'device', 'resize'],
    uuid: ['-U', '--uuid'],
  },
  reiserfs: { name: 'Reiserfs', make: 'mkfs.reiserfs', force: ['-q'] },
  ocfs2: { name: 'Ocfs2', make: 'mkfs.ocfs2', force: ['-Fx'] },
  swap: { name: 'Swap', make: 'mkswap', force: ['-f'] },
  ufs: { name: 'UFS', make: 'newfs', force: [] },
};
/** As blkid calls it. */
const blkidName = (type: Type): string => (type === 'lvm' ? 'LVM2_member' : type === 'ext4dev' ? 'ext4' : type);

export const filesystem = defineModule<typeof args, State>({
  name: 'community.general.filesystem',
  summary: 'Make, grow or wipe file systems',
  args,
  check: (given) => {
    if (given.state === 'present' && given.fstype === undefined)
      return 'state is present but all of the following are missing: fstype';
    return given.resizefs && given.uuid !== undefined ? 'parameters are mutually exclusive: resizefs|uuid' : undefined;
  },
  exampleSetup: `
- name: A file to make a file system in
  ansible.builtin.command:
    cmd: truncate -s 16M /var/tmp/vbx-example.img
    creates: /var/tmp/vbx-example.img
`,
  example: `
- community.general.filesystem:
    fstype: ext4
    dev: /var/tmp/vbx-example.img
`,
  probe: (given): { filesystem: Probe<FileSystem> } => ({
    filesystem: scriptProbe(`filesystem:${given.dev}`, askScript(given), (answer) => parse(answer, given), {
      stderr: true,
      touches: [given.dev],
    }),
  }),
})({
  plan: (given, { filesystem: now }): Plan<State> => {
    const { dev } = given;
    const { info } = now;
    if (info.missing !== undefined) return { failed: `Failed to find required executable "${info.missing}" in paths` };
    if (now.kind === 'absent') return given.state === 'absent' ? { after: {} } : { failed: `Device ${dev} not found.` };
    if (given.state === 'absent')
      return { after: now.type === '' ? {} : { filesystem: { ...now, type: '', full: undefined } } };
    const { fstype = 'ext4', uuid } = given;
    const maker = MAKERS[fstype];
    if (uuid !== undefined && uuid !== '' && maker.uuid === undefined && maker.change === undefined)
      return { failed: `module does not support UUID option for this filesystem (${blkidName(fstype)}) yet.` };
    const same = now.type === blkidName(fstype);
    if (!same) {
      if (now.type !== '' && !given.force)
        return {
          failed: `'${dev}' is already used as ${now.type}, use force=true to overwrite`,
          fields: { rc: info.rc, err: info.stderr },
        };
      return { after: { filesystem: { ...now, type: blkidName(fstype), full: given.resizefs ? true : now.full } } };
    }
    if (given.resizefs) return grown(given, maker, now);
    if (uuid !== undefined && uuid !== '')
      return maker.change === undefined
        ? { failed: `module does not support changing the UUID of ${blkidName(fstype)} yet.` }
        : { after: {}, effects: [{ kind: 'uuid', text: `give the ${fstype} on ${dev} the UUID ${uuid}` }] };
    const effects: Effect[] = given.force ? [{ kind: 'make', text: `make a new ${fstype} on ${dev}` }] : [];
    return { after: {}, effects };
  },
  apply: (given, { before: { filesystem: was }, after: { filesystem: is }, effects }): Step[] => {
    const target = pathWord(given.dev);
    const step = (words: readonly string[], last = target): Step => ({
      kind: 'script',
      script: `${SEARCH}\n${quoteAll(words)} ${last}`,
      long: true,
    });
    const doing = (kind: string): boolean => effects.some((effect) => effect.kind === kind);
    if (given.state === 'absent') return was.type === is.type ? [] : [step(['wipefs', '--all'])];
    const maker = MAKERS[given.fstype ?? 'ext4'];
    const changed = (): Step[] => {
      const [words = [], worded = false] = maker.change ?? [];
      return [step(worded ? [...words, given.uuid ?? ''] : words)];
    };
    if (was.type !== is.type || doing('make')) {
      const later = given.uuid !== undefined && given.uuid !== '' && maker.uuid === undefined;
      return [step(makeWords(given, maker, was.info.version)), ...(later ? changed() : [])];
    }
    if (doing('uuid')) return changed();
    if (was.full === is.full) return [];
    return [step(maker.grow ?? [], maker.mounted === true ? quoteAll([was.info.mounted ?? '']) : target)];
  },
  result: (given, { before: { filesystem: was }, after: { filesystem: is } }, done) => {
    const { dev } = given;
    if (was.kind === 'absent') return { msg: `Device ${dev} not found.` };
    if (given.state === 'absent' || was.type !== is.type) return {};
    const maker = MAKERS[given.fstype ?? 'ext4'];
    if (given.resizefs && was.full === true)
      return { msg: `${maker.name} filesystem is using the whole device ${dev}` };
    if (!given.resizefs && (given.uuid ?? '') === '') return {};
    const [only] = done;
    return {
      msg:
        only?.stdout ??
        (given.resizefs
          ? `resizing filesystem ${maker.name} on device ${dev}`
          : `Changing ${maker.name} filesystem UUID on device ${dev}`),
    };
  },
});

function grown(given: Args, maker: Maker, now: FileSystem): Plan<State> {
  const { dev } = given;
  if (maker.grow === undefined)
    return { failed: `module does not support resizing ${blkidName(given.fstype ?? 'ext4')} filesystem yet.` };
  if (maker.name === 'Btrfs' && now.info.mounted === undefined)
    return { failed: `${dev} needs to be mounted for ${maker.name} operations` };
  if (now.full === undefined)
    return {
      failed: now.info.problem ?? `unable to process ${maker.ask?.split(' ')[0] ?? ''} output for ${dev}`,
    };
  if (now.full) return { after: {} };
  return maker.mounted === true && now.info.mounted === undefined
    ? { failed: `${dev} needs to be mounted for ${maker.name} operations` }
    : { after: { filesystem: { ...now, full: true } } };
}

function makeWords(given: Args, maker: Maker, version: string): string[] {
  const opts = (given.opts ?? '').split(/\s+/).filter((word) => word !== '');
  const [flag] = maker.uuid ?? [];
  const chosen =
    given.uuid !== undefined &&
    given.uuid !== '' &&
    flag !== undefined &&
    !maker.uuid?.some((word) => opts.includes(word))
      ? [flag, given.uuid, ...(maker.name === 'LVM' ? ['--norestorefile'] : [])]
      : [];
  const forced = maker.forceSince === undefined || version === '' || isSince(version, ...maker.forceSince);
  return [maker.make, ...(forced ? maker.force : []), ...opts, ...chosen];
}

const SEARCH = 'PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; LC_ALL=C; export PATH LC_ALL';

/** blkid is asked past its cache: what it remembers may be long gone. */
function askScript(given: Args): string {
  const maker = MAKERS[given.fstype ?? 'ext4'];
  const sized =
    given.resizefs && maker.ask !== undefined
      ? `m=$(findmnt --mtab --noheadings --output TARGET --source "$d" 2>/dev/null </dev/null | head -n 1)
[ -z "$m" ] || echo "@@mounted $m"
if [ -b "$d" ]; then echo "@@device $(blockdev --getsize64 "$d")"; elif [ -f "$d" ]; then echo "@@device $(wc -c <"$d")"; else echo @@odd; fi
echo @@size
${maker.ask} </dev/null`
      : '';
  const versioned =
    maker.forceSince === undefined
      ? ''
      : `echo "@@version $(${maker.make} ${maker.name === 'Btrfs' ? '--version' : '/dev/null'} 2>&1 </dev/null | tr '\\n' ' ')"`;
  const needed = given.state === 'absent' ? [] : [maker.make];
  return `${SEARCH}
d=${pathWord(given.dev)}
[ -e "$d" ] || { echo @@absent; exit 0; }
for p in blkid ${needed.join(' ')}; do command -v $p >/dev/null || { echo "@@missing $p"; exit 0; }; done
t=$(blkid -c /dev/null -o value -s TYPE "$d" </dev/null); echo "@@type $? $t"
${versioned}
${sized}
:`;
}

function parse(answer: Answer, given: Args): FileSystem {
  const text = answer.stdout.toString('utf8');
  const stderr = answer.stderr.toString('utf8');
  const nothing = { type: '', full: undefined };
  const missing = /^@@missing (\S+)$/m.exec(text)?.[1];
  if (missing !== undefined) return { kind: 'missing', ...nothing, info: { missing, rc: 0, stderr, version: '' } };
  if (text.startsWith('@@absent')) return { kind: 'absent', ...nothing, info: { rc: 0, stderr, version: '' } };
  const [head = '', size = ''] = text.split('@@size\n');
  const [, rc = '0', type = ''] = /^@@type (\d+) ?(.*)$/m.exec(head) ?? [];
  const mounted = /^@@mounted (.+)$/m.exec(head)?.[1];
  const device = number(head, /^@@device (\d+)$/m);
  const bytes = MAKERS[given.fstype ?? 'ext4'].size?.(size);
  const odd = head.includes('@@odd');
  return {
    kind: 'filesystem',
    type: type.trim(),
    full: device === undefined || bytes === undefined ? undefined : bytes >= device,
    info: {
      rc: Number(rc),
      stderr,
      version: /(?: v|Ver: )([\d.]+)/.exec(/^@@version (.*)$/m.exec(head)?.[1] ?? '')?.[1] ?? '',
      ...(mounted === undefined ? {} : { mounted }),
      ...(odd ? { problem: `Target device not supported: ${given.dev}` } : {}),
    },
  };
}
