// Volume groups of LVM, as its own reports tell them: their free space, volumes and devices. Sizes are bytes.
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quote } from '../core/quote.ts';
import type { Unknown } from '../core/value.ts';

export interface Volume {
  readonly size: number | Unknown;
  readonly active: boolean;
  readonly thin: 'no' | 'pool' | 'volume';
  /** A part of another volume. */
  readonly internal: boolean;
}

export interface VolumeGroup {
  /** `missing`: the host has no LVM. */
  readonly kind: 'group' | 'absent' | 'missing';
  readonly size: number | Unknown;
  readonly free: number | Unknown;
  readonly volumes: Readonly<Record<string, Volume>>;
  /** Whether its volumes come up by themselves; undefined where this LVM does not say. */
  readonly autoactivation: boolean | undefined;
  readonly info: {
    readonly extent: number | Unknown;
    /** What vgs said of a group that is not there. */
    readonly rc: number;
    readonly stderr: string;
  };
}

/** Its programs are in a folder that not every user has in the search path. */
export const LVM_SEARCH = 'PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export PATH';
export const NO_LVM = 'Failed to find required executable "lvm" in paths';

/** A report in bytes, its fields separated by `;`. */
function reportCommand(program: 'vgs' | 'lvs', fields: string): string {
  return `${program} --noheadings --nosuffix --units b --separator ';' -o ${fields}`;
}

export function groupProbe(name: string): Probe<VolumeGroup> {
  const group = quote(name);
  return scriptProbe(
    `lvm.group:${name}`,
    `${LVM_SEARCH}
command -v lvm >/dev/null || { echo @@missing; exit 0; }
${reportCommand('vgs', 'vg_size,vg_free,vg_extent_size')} ${group} </dev/null || { echo "@@absent $?"; exit 0; }
echo @@volumes
${reportCommand('lvs', 'lv_name,lv_size,lv_attr')} -a ${group} </dev/null
echo @@autoactivation
vgs --noheadings -o autoactivation ${group} </dev/null 2>/dev/null; :`,
    parseGroup,
    { stderr: true },
  );
}

export function parseGroup(answer: Answer): VolumeGroup {
  const text = answer.stdout.toString('utf8');
  const none = { size: 0, free: 0, volumes: {}, autoactivation: undefined };
  const info = { extent: 0, rc: 0, stderr: answer.stderr.toString('utf8') };
  if (text.startsWith('@@missing')) return { kind: 'missing', ...none, info };
  const absent = /^@@absent (\d+)$/m.exec(text);
  if (absent !== null) return { kind: 'absent', ...none, info: { ...info, rc: Number(absent[1]) } };
  const [head = '', rest = ''] = text.split('@@volumes\n');
  const [list = '', auto = ''] = rest.split('@@autoactivation\n');
  const [[size, free, extent] = []] = rowsOf(head);
  const volumes = rowsOf(list).map(([name = '', bytes, attributes = '']): [string, Volume] => [
    name.replace(/[[\]]/g, ''),
    {
      size: Number(bytes),
      active: attributes[4] === 'a',
      thin: attributes.startsWith('t') ? 'pool' : attributes.startsWith('V') ? 'volume' : 'no',
      internal: name.startsWith('['),
    },
  ]);
  return {
    kind: 'group',
    size: Number(size),
    free: Number(free),
    volumes: Object.fromEntries(volumes),
    autoactivation:
      auto.trim() === 'enabled' ? true : auto.includes('disabled') || /^\s*\n/.test(auto) ? false : undefined,
    info: { ...info, extent: Number(extent) },
  };
}

/** Rows of a report. */
function rowsOf(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => line.split(';'));
}

const UNITS = 'bkmgtpe';

/** Bytes of a unit as LVM counts: powers of 1024, sectors of 512. */
export function bytesOf(unit: string): number {
  return unit === 's' ? 512 : 1024 ** Math.max(0, UNITS.indexOf(unit));
}

/** A number of bytes as LVM prints it in a unit: with two places, whole for bytes and sectors. */
export function inUnit(bytes: number, unit: string): number {
  const value = bytes / bytesOf(unit);
  return unit === 'b' || unit === 's' ? Math.round(value) : Math.round(value * 100) / 100;
}
