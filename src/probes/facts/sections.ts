// The output of the facts script, cut into its sections.

export type Sections = ReadonlyMap<string, string>;

/** Text by section; the first of a name counts. Files that the script noted become sections of their own, those of devices lines of theirs. */
export function sectionsOf(text: string): Sections {
  const sections = new Map<string, string>();
  for (const part of `\n${text}`.split('\n@@').slice(1)) {
    const end = part.indexOf('\n');
    const name = end < 0 ? part : part.slice(0, end);
    if (!sections.has(name)) sections.set(name, end < 0 ? '' : part.slice(end + 1));
  }
  const files = new Map<string, string>();
  for (const line of (sections.get('files') ?? '').split('\n')) {
    const match = /^(\/[^:]*):(.*)$/.exec(line);
    if (match?.[1] !== undefined) files.set(match[1], `${files.get(match[1]) ?? ''}${match[2] ?? ''}\n`);
  }
  for (const [path, content] of files) {
    const name = NAMES[path] ?? nameOf(path);
    if (name !== undefined && !sections.has(name)) sections.set(name, content);
  }
  for (const [section, folder] of [
    ['net', '/sys/class/net/'],
    ['devices', '/sys/block/'],
  ] as const) {
    const lines = sections.get(section);
    if (lines !== undefined) sections.set(section, withAttributes(lines, folder, files));
  }
  return sections;
}

/** Files with a section's name of their own. */
const NAMES: Readonly<Record<string, string>> = {
  '/proc/sys/kernel/ostype': 'ostype',
  '/proc/sys/kernel/hostname': 'nodename',
  '/proc/sys/kernel/osrelease': 'osrelease',
  '/proc/sys/kernel/version': 'version',
  '/etc/hosts': 'hosts',
  '/var/lib/dbus/machine-id': 'machine_id',
  '/etc/machine-id': 'machine_id',
  '/etc/os-release': 'os-release',
  '/usr/lib/os-release': 'os-release',
  '/etc/lsb-release': 'lsb-file',
  '/sys/fs/selinux/enforce': 'enforce',
  '/sys/fs/selinux/policyvers': 'policyvers',
  '/etc/selinux/config': 'selinux-config',
  '/proc/sys/crypto/fips_enabled': 'fips',
  '/proc/cmdline': 'cmdline',
  '/proc/loadavg': 'loadavg',
  '/etc/iscsi/initiatorname.iscsi': 'iscsi',
  '/etc/nvme/hostnqn': 'hostnqn',
  '/proc/self/status': 'status',
  '/proc/1/cgroup': 'cgroup1',
  '/run/systemd/container': 'systemd-container',
  '/proc/xen/capabilities': 'xen-capabilities',
  '/proc/uptime': 'uptime',
  '/etc/resolv.conf': 'resolv',
};

function nameOf(path: string): string | undefined {
  const key = /\/ssh_host_(\w+)_key\.pub$/.exec(path)?.[1];
  if (key !== undefined) return `sshkey:${key}`;
  if (path.startsWith('/sys/class/fc_host/')) return `port:${path}`;
  if (path.startsWith('/sys/devices/virtual/dmi/id/')) return `dmi:${path.slice(path.lastIndexOf('/') + 1)}`;
  return /^\/etc\/[a-z]+[-_](release|version)$/.test(path) ? `release:${path}` : undefined;
}

/** Names of a device's attributes by the path of their file below its folder. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  address: 'macaddress',
  mtu: 'mtu',
  operstate: 'operstate',
  type: 'type',
  speed: 'speed',
  flags: 'flags',
  'bridge/bridge_id': 'bridge_id',
  'bridge/stp_state': 'stp',
  'bonding/slaves': 'bond_slaves',
  'bonding/mode': 'bond_mode',
  'bonding/miimon': 'bond_miimon',
  'bonding/lacp_rate': 'bond_lacp_rate',
  'bonding/primary': 'bond_primary',
  size: 'sectors',
  'queue/logical_block_size': 'sectorsize',
  removable: 'removable',
  'queue/rotational': 'rotational',
  'device/vendor': 'vendor',
  'device/model': 'model',
  'queue/scheduler': 'scheduler',
  'queue/discard_granularity': 'discard',
};

/** Behind each `device=` and `partition=` line the attributes that were read for it, as `name=value` lines. */
function withAttributes(lines: string, folder: string, files: ReadonlyMap<string, string>): string {
  let device = '';
  return lines
    .split('\n')
    .flatMap((line) => {
      const partition = /^partition=(.*)$/.exec(line)?.[1];
      if (line.startsWith('device=')) device = line.slice(7);
      else if (partition === undefined) return [line];
      const value = (path: string) => files.get(path)?.trim();
      if (partition !== undefined) {
        const [size, start] = [
          value(`${folder}${device}/${partition}/size`),
          value(`${folder}${device}/${partition}/start`),
        ];
        return [
          line,
          ...(size === undefined ? [] : [`psectors=${size}`]),
          ...(start === undefined ? [] : [`pstart=${start}`]),
        ];
      }
      return [
        line,
        ...Object.entries(ATTRIBUTES).flatMap(([path, name]) => {
          const found = value(`${folder}${device}/${path}`);
          return found === undefined ? [] : [`${name}=${found}`];
        }),
      ];
    })
    .join('\n');
}

/** The first line of a section without blanks around it; undefined where the section is missing. */
export function firstLine(sections: Sections, name: string): string | undefined {
  return sections.get(name)?.trimStart().split('\n', 1)[0]?.trim();
}

export function linesOf(sections: Sections, name: string): string[] {
  return (sections.get(name) ?? '').split('\n').filter((line) => line.trim() !== '');
}

/** Bytes that `od -An -tx1` wrote, as text. */
export function fromHex(hex: string): string {
  return Buffer.from(hex.replace(/\s+/g, ''), 'hex').toString('utf8');
}
