// ansible.builtin.mount_facts: what is mounted, or would be, as the facts `mount_points` and `aggregate_mounts`, from tables and mount(8).
import type { z } from 'zod';
import { bool, choice, field, list, number, raw, str } from '../core/args.ts';
import { defineModule, type Plan } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quote } from '../core/quote.ts';
import { globPattern } from './parts/glob-pattern.ts';
import { parseMountOutput, parseTable, type MountEntry } from './parts/mount-tables.ts';

const args = {
  devices: list(str()).optional().describe('Shell patterns: only mounts of such devices'),
  fstypes: list(str()).optional().describe('Shell patterns: only such file systems'),
  sources: list(str()).optional().describe('`static`, `dynamic`, `all` (the default), `mount`, or paths of tables'),
  mount_binary: field(raw().optional(), { nullable: true }).describe(
    'The command that lists mounts where no table does; null: none (default: mount)',
  ),
  timeout: number().optional().describe('Seconds that a mount may take to tell its size'),
  on_timeout: choice('error', 'warn', 'ignore').default('error').describe('What a mount does that takes longer'),
  include_aggregate_mounts: bool()
    .optional()
    .describe('Tell all mounts of a point in aggregate_mounts, not only the first'),
};
type Args = z.output<z.ZodObject<typeof args>>;

interface Mounts {
  readonly kind: 'mounts' | 'cut short';
  readonly info: {
    /** The tables and the command in the order asked, with what they told. */
    readonly sources: readonly { readonly source: string; readonly entries: readonly MountEntry[] }[];
    readonly sizes: ReadonlyMap<string, Readonly<Record<string, number>>>;
    readonly late: ReadonlySet<string>;
    /** UUIDs of devices. */
    readonly uuids: ReadonlyMap<string, string>;
  };
}

export const mount_facts = defineModule<typeof args, { readonly mounts: Mounts }>({
  name: 'ansible.builtin.mount_facts',
  summary: 'Tell mounts as facts',
  args,
  check: (given) => {
    if (given.timeout !== undefined && given.timeout <= 0)
      return `argument 'timeout' must be a positive number or null, not ${Number.isInteger(given.timeout) ? `${given.timeout}.0` : given.timeout}`;
    if (given.mount_binary !== undefined && given.mount_binary !== null && typeof given.mount_binary !== 'string')
      return `argument 'mount_binary' must be a string or null, not ${JSON.stringify(given.mount_binary)}`;
    return given.sources?.includes('') === true ? 'sources contains an empty string' : undefined;
  },
  example: `
- ansible.builtin.mount_facts:
    sources: [dynamic]
`,
  reports: true,
  probe: (given): { mounts: Probe<Mounts> } => ({
    mounts: scriptProbe('mounts', scriptOf(given), parseMounts, { costly: true }),
  }),
})({
  plan: (given, { mounts }): Plan<{ readonly mounts: Mounts }> => {
    if (mounts.kind === 'cut short') return { failed: 'the host was cut short while it listed its mounts' };
    const late = selected(given, mounts)
      .filter(({ mount }) => mounts.info.late.has(mount))
      .map(({ mount, fields }) => `Timed out getting mount size for mount ${mount} (type ${fields.fstype})`);
    const [first] = late;
    if (first !== undefined && given.on_timeout === 'error') return { failed: first };
    const sources = sourcesOf(given);
    const repeated =
      new Set(sources).size < sources.length
        ? [
            `mount_facts option 'sources' contains duplicate entries, repeat sources will be ignored: ['${sources.join("', '")}']`,
          ]
        : [];
    const twice = given.include_aggregate_mounts === undefined ? pointsTwice(given, mounts) : [];
    const hidden =
      twice.length === 0
        ? []
        : [
            `mount_facts: ignoring repeat mounts in the following sources: ${twice.join(', ')}. You can disable this warning by configuring the 'include_aggregate_mounts' option as True or False.`,
          ];
    return { after: {}, warnings: [...repeated, ...hidden, ...(given.on_timeout === 'warn' ? late : [])] };
  },
  apply: () => [],
  result: (given, { after }) => ({ ansible_facts: factsOf(given, after.mounts) }),
  facts: (given, { mounts }) => factsOf(given, mounts),
});

const DYNAMIC = ['/etc/mtab', '/proc/mounts', '/etc/mnttab'];
const STATIC = ['/etc/fstab', '/etc/vfstab', '/etc/filesystems'];

function sourcesOf(given: Args): string[] {
  return (given.sources === undefined || given.sources.length === 0 ? ['all'] : given.sources).flatMap((source) =>
    source === 'all'
      ? [...DYNAMIC, ...STATIC]
      : source === 'dynamic'
        ? DYNAMIC
        : source === 'static'
          ? STATIC
          : [source],
  );
}

type Found = MountEntry & { readonly source: string; readonly uuid: string | null };

/** The mounts that are asked for, of all sources in their order. */
function selected(given: Args, { info }: Mounts): Found[] {
  const fits = (patterns: readonly string[] | undefined, text: string): boolean =>
    patterns === undefined || patterns.length === 0 || patterns.some((pattern) => globPattern(pattern).test(text));
  const byUuid = new Map([...info.uuids].map(([device, uuid]) => [uuid, device]));
  return info.sources.flatMap(({ source, entries }) =>
    entries.flatMap((entry) => {
      const uuid = /^UUID=(.*)/.exec(entry.fields.device)?.[1];
      const device = uuid === undefined ? entry.fields.device : (byUuid.get(uuid) ?? entry.fields.device);
      return fits(given.devices, device) && fits(given.fstypes, entry.fields.fstype)
        ? [{ ...entry, source, uuid: uuid ?? info.uuids.get(device) ?? null }]
        : [];
    }),
  );
}

/** Sources that name a point more than once, with their points. */
function pointsTwice(given: Args, mounts: Mounts): string[] {
  const bySource = Map.groupBy(selected(given, mounts), ({ source }) => source);
  return [...bySource].flatMap(([source, found]) => {
    const points = found.map(({ mount }) => mount);
    return new Set(points).size === points.length ? [] : [`${source} (['${points.join("', '")}'])`];
  });
}

function factsOf(given: Args, mounts: Mounts): Record<string, unknown> {
  const all = selected(given, mounts).map(({ mount, text, fields, source, uuid }) => ({
    ...fields,
    mount,
    ...mounts.info.sizes.get(mount),
    ansible_context: { source, source_data: text },
    uuid,
  }));
  const points: Record<string, unknown> = {};
  for (const one of all) points[one.mount] ??= one;
  return { mount_points: points, aggregate_mounts: given.include_aggregate_mounts === true ? all : [] };
}

function scriptOf(given: Args): string {
  const binary = given.mount_binary === undefined ? 'mount' : given.mount_binary;
  const sources = sourcesOf(given);
  const listing =
    typeof binary === 'string'
      ? `list() { seen="$seen mount "; echo @@source mount; command -v ${quote(binary)} >/dev/null && ${quote(binary)} 2>/dev/null; }`
      : 'list() { :; }';
  const limit = given.timeout === undefined ? '' : `command -v timeout >/dev/null && t='timeout ${given.timeout}'`;
  return `PATH=$PATH:/usr/sbin:/sbin
seen=; dynamic=; t=
${limit}
${listing}
table() { r=$(readlink -f -- "$1" 2>/dev/null) || r=$1; case " $seen " in *" $r "*) return ;; esac; seen="$seen $r"; [ -s "$1" ] || [ "\${1#/proc/}" != "$1" ] || return; [ -r "$1" ] || return; printf '@@source %s\\n' "$1"; cat -- "$1" 2>/dev/null; case " ${DYNAMIC.join(' ')} " in *" $1 "*) dynamic=1 ;; esac; }
all=$(${sources.map((source) => (source === 'mount' ? `case " $seen " in *" mount "*) ;; *) list; dynamic=1 ;; esac` : `table ${quote(source)}`)).join('\n')}
${sources.some((source) => DYNAMIC.includes(source)) ? '[ -n "$dynamic" ] || list' : ':'}
)
printf '%s\\n' "$all"
echo @@sizes
printf '%s\\n' "$all" | while read -r device point rest; do
  case $device in '#'*|''|@@*) continue ;; esac
  [ "$point" != on ] || point=\${rest%% *}
  case $point in /*) ;; *) continue ;; esac
  p=$(printf '%b' "$(printf '%s' "$point" | sed 's/\\\\\\([0-7][0-7][0-7]\\)/\\\\0\\1/g')")
  s=$($t stat -f -c '%S %s %b %a %c %d' -- "$p" 2>/dev/null); rc=$?
  case $rc in 0) printf '%s %s\\n' "$s" "$p" ;; 124) printf 'late %s\\n' "$p" ;; esac
done
echo @@uuids
for u in /dev/disk/by-uuid/*; do [ -e "$u" ] && printf '%s %s\\n' "$(readlink -f -- "$u")" "\${u##*/}"; done
command -v lsblk >/dev/null && lsblk --list --noheadings --paths --output NAME,UUID --exclude 2 2>/dev/null
echo @@end
:
`;
}

function parseMounts(answer: Answer): Mounts {
  const text = `\n${answer.stdout.toString('utf8')}`;
  const parts = text
    .split('\n@@')
    .slice(1)
    .map((part) => ({ head: part.split('\n', 1)[0] ?? '', body: part.slice(part.indexOf('\n') + 1) }));
  if (parts.at(-1)?.head !== 'end')
    return { kind: 'cut short', info: { sources: [], sizes: new Map(), late: new Set(), uuids: new Map() } };
  const body = (head: string): string[] => (parts.find((part) => part.head === head)?.body ?? '').split('\n');
  const sources = parts
    .filter(({ head }) => head.startsWith('source '))
    .map(({ head, body: lines }) => {
      const source = head.slice('source '.length);
      return { source, entries: source === 'mount' ? parseMountOutput(lines) : parseTable(lines) };
    });
  const sizes = new Map<string, Record<string, number>>();
  const late = new Set<string>();
  for (const line of body('sizes')) {
    const match = /^(\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (.*)$/.exec(line);
    if (line.startsWith('late ')) late.add(line.slice('late '.length));
    if (match?.[7] === undefined) continue;
    const [unit = 0, block = 0, total = 0, available = 0, inodes = 0, free = 0] = match.slice(1, 7).map(Number);
    sizes.set(match[7], {
      size_total: unit * total,
      size_available: unit * available,
      block_size: block,
      block_total: total,
      block_available: available,
      block_used: total - available,
      inode_total: inodes,
      inode_available: free,
      inode_used: inodes - free,
    });
  }
  const uuids = new Map<string, string>();
  for (const line of body('uuids')) {
    const [device, uuid, ...more] = line.trim().split(/\s+/);
    if (device !== undefined && uuid !== undefined && more.length === 0 && !uuids.has(device)) uuids.set(device, uuid);
  }
  return { kind: 'mounts', info: { sources, sizes, late, uuids } };
}
