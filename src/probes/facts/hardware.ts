// Facts about the machine: processors, memory, firmware, mounts, block devices. Sizes of mounts are there only for local file systems.
import { firstLine, linesOf, type Sections } from './sections.ts';

type Facts = Record<string, unknown>;

export function hardwareFacts(sections: Sections): Facts {
  const uptime = Number.parseInt(firstLine(sections, 'uptime') ?? '', 10);
  return {
    ...cpuFacts(sections),
    ...memoryFacts(sections),
    ...firmwareFacts(sections),
    mounts: mountsOf(sections),
    devices: devicesOf(sections),
    ...lvmFacts(sections),
    ...(Number.isNaN(uptime) ? {} : { uptime_seconds: uptime }),
  };
}

/** Counts as Ansible does: sockets by physical id, cores and threads of the first socket. */
function cpuFacts(sections: Sections): Facts {
  const text = sections.get('cpuinfo');
  if (text === undefined) return {};
  const processor: string[] = [];
  const sockets = new Map<string, number>();
  const cores = new Map<string, number>();
  const seen = { vendor_id: 0, 'model name': 0, processor: 0 };
  let [count, physical, core] = [0, '0', '0'];
  let flags: string[] | undefined;
  for (const line of text.split('\n')) {
    const at = line.indexOf(':');
    if (at < 0) continue;
    const key = line.slice(0, at).trim();
    const value = line.slice(at + 1).trim();
    if (key === 'flags') flags = value.split(/\s+/);
    if (key === 'vendor_id' || key === 'model name' || key === 'processor') seen[key] += 1;
    if (['model name', 'Processor', 'vendor_id', 'cpu', 'Vendor', 'processor'].includes(key)) {
      processor.push(value);
      count += 1;
    } else if (key === 'physical id') {
      physical = value;
      if (!sockets.has(physical)) sockets.set(physical, 1);
    } else if (key === 'core id') {
      core = value;
      if (!cores.has(core)) cores.set(core, 1);
    } else if (key === 'cpu cores') sockets.set(physical, Number(value));
    else if (key === 'siblings') cores.set(core, Number(value));
  }
  if (seen.vendor_id > 0 && seen.vendor_id === seen['model name']) count = seen.vendor_id;
  if (/^(armv|aarch|ppc)/.test(firstLine(sections, 'machine') ?? '')) count = seen.processor;
  const processors = sockets.size > 0 ? sockets.size : count;
  const perSocket = [...sockets.values()][0] ?? 1;
  const threads = Math.round(([...cores.values()][0] ?? 1) / perSocket);
  const online = Number(firstLine(sections, 'nproc'));
  return {
    processor,
    ...(flags === undefined ? {} : { flags }),
    processor_count: processors,
    processor_cores: perSocket,
    processor_threads_per_core: threads,
    processor_vcpus: threads * processors * perSocket,
    processor_nproc: Number.isInteger(online) && online > 0 ? online : seen.processor,
  };
}

function memoryFacts(sections: Sections): Facts {
  const values = new Map<string, number>();
  for (const line of linesOf(sections, 'meminfo')) {
    const match = /^([A-Za-z()_]+):\s+(\d+)/.exec(line);
    if (match?.[1] !== undefined) values.set(match[1], Math.floor(Number(match[2]) / 1024));
  }
  if (values.size === 0) return {};
  const of = (name: string) => values.get(name) ?? 0;
  const free = of('Cached') + of('MemFree') + of('Buffers');
  return {
    memtotal_mb: of('MemTotal'),
    memfree_mb: of('MemFree'),
    swaptotal_mb: of('SwapTotal'),
    swapfree_mb: of('SwapFree'),
    memory_mb: {
      real: { total: of('MemTotal'), used: of('MemTotal') - of('MemFree'), free: of('MemFree') },
      nocache: { free, used: of('MemTotal') - free },
      swap: {
        total: of('SwapTotal'),
        free: of('SwapFree'),
        used: of('SwapTotal') - of('SwapFree'),
        cached: of('SwapCached'),
      },
    },
  };
}

const FORMS = [
  'Unknown',
  'Other',
  'Unknown',
  'Desktop',
  'Low Profile Desktop',
  'Pizza Box',
  'Mini Tower',
  'Tower',
  'Portable',
  'Laptop',
  'Notebook',
  'Hand Held',
  'Docking Station',
  'All In One',
  'Sub Notebook',
  'Space-saving',
  'Lunch Box',
  'Main Server Chassis',
  'Expansion Chassis',
  'Sub Chassis',
  'Bus Expansion Chassis',
  'Peripheral Chassis',
  'RAID Chassis',
  'Rack Mount Chassis',
  'Sealed-case PC',
  'Multi-system',
  'CompactPCI',
  'AdvancedTCA',
  'Blade',
  'Blade Enclosure',
  'Tablet',
  'Convertible',
  'Detachable',
  'IoT Gateway',
  'Embedded PC',
  'Mini PC',
  'Stick PC',
];
const FIRMWARE: Readonly<Record<string, string>> = {
  bios_date: 'bios_date',
  bios_vendor: 'bios_vendor',
  bios_version: 'bios_version',
  board_asset_tag: 'board_asset_tag',
  board_name: 'board_name',
  board_serial: 'board_serial',
  board_vendor: 'board_vendor',
  board_version: 'board_version',
  chassis_asset_tag: 'chassis_asset_tag',
  chassis_serial: 'chassis_serial',
  chassis_type: 'form_factor',
  chassis_vendor: 'chassis_vendor',
  chassis_version: 'chassis_version',
  product_name: 'product_name',
  product_serial: 'product_serial',
  product_uuid: 'product_uuid',
  product_version: 'product_version',
  sys_vendor: 'system_vendor',
};

/** What the kernel tells of the firmware's tables; `NA` where it tells nothing or only root may know. */
function firmwareFacts(sections: Sections): Facts {
  return Object.fromEntries(
    Object.entries(FIRMWARE).map(([file, fact]) => {
      const value = firstLine(sections, `dmi:${file}`);
      if (value === undefined || value === '') return [fact, 'NA'];
      return [fact, fact === 'form_factor' ? (FORMS[Number(value)] ?? `unknown (${value})`) : value];
    }),
  );
}

function mountsOf(sections: Sections): Facts[] {
  const sizes = new Map<string, Facts>();
  for (const line of linesOf(sections, 'statfs')) {
    const match = /^(\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (.*)$/.exec(line);
    if (match?.[7] === undefined) continue;
    const [size = 0, total = 0, , available = 0, inodes = 0, inodesFree = 0] = match.slice(1, 7).map(Number);
    sizes.set(match[7], {
      size_total: size * total,
      size_available: size * available,
      block_size: size,
      block_total: total,
      block_available: available,
      block_used: total - available,
      inode_total: inodes,
      inode_available: inodesFree,
      inode_used: inodes - inodesFree,
    });
  }
  const uuids = uuidsOf(sections);
  return linesOf(sections, 'mountinfo').flatMap((line) => {
    const [left = '', right = ''] = line.split(' - ');
    const [, , , root = '/', rawMount = '', options = ''] = left.split(' ');
    const [fstype = '', rawDevice = '', superOptions = ''] = right.split(' ');
    const [mount, device] = [unescape(rawMount), unescape(rawDevice)];
    if (
      (!device.startsWith('/') && !device.startsWith('\\') && !device.includes(':/')) ||
      fstype === 'none' ||
      fstype === 'autofs'
    )
      return [];
    const all = [...new Set([...options.split(','), ...superOptions.split(',')])].filter(
      (option) => option !== '' && !(option === 'rw' && options.split(',').includes('ro')),
    );
    const bind = root !== '/' && fstype !== 'btrfs';
    return [
      {
        mount,
        device,
        fstype,
        options: bind ? `${all.join(',')},bind` : all.join(','),
        dump: 0,
        passno: 0,
        ...sizes.get(mount),
        uuid: uuids.get(device.slice(device.lastIndexOf('/') + 1)) ?? 'N/A',
      },
    ];
  });
}

/** Kernel's device name -> UUID, from the links of /dev/disk/by-uuid. */
function uuidsOf(sections: Sections): Map<string, string> {
  const uuids = new Map<string, string>();
  for (const line of linesOf(sections, 'uuids')) {
    const match = /(\S+) -> \S*\/(\S+)$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) uuids.set(match[2], match[1]);
  }
  return uuids;
}

/** Characters that the kernel writes as `\040` in its mount tables. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function devicesOf(sections: Sections): Facts {
  const devices: Record<string, Facts> = {};
  const uuids = uuidsOf(sections);
  let device: Facts = {};
  let partitions: Record<string, Facts> = {};
  let partition: Facts = {};
  let holders: string[] = [];
  for (const line of linesOf(sections, 'devices')) {
    const key = line.slice(0, line.indexOf('='));
    const value = line.slice(line.indexOf('=') + 1).trim();
    switch (key) {
      case 'device':
        [partitions, holders] = [{}, []];
        device = {
          virtual: 1,
          vendor: null,
          model: null,
          host: '',
          sas_address: null,
          sas_device_handle: null,
          removable: '0',
          rotational: '1',
          sectors: 0,
          sectorsize: '512',
          size: '0.00 Bytes',
          support_discard: '0',
          scheduler_mode: '',
          partitions,
          holders,
          links: { ids: [], labels: [], masters: [], uuids: uuids.has(value) ? [uuids.get(value)] : [] },
        };
        devices[value] = device;
        break;
      case 'sectors':
        device['sectors'] = Number(value);
        device['size'] = prettySize(Number(value) * 512);
        break;
      case 'discard':
        device['support_discard'] = value;
        break;
      case 'scheduler':
        device['scheduler_mode'] = /\[(.*?)\]/.exec(value)?.[1] ?? value;
        break;
      case 'partition':
        partition = {
          uuid: uuids.get(value) ?? null,
          sectorsize: 512,
          links: { ids: [], labels: [], masters: [], uuids: uuids.has(value) ? [uuids.get(value)] : [] },
          holders: [],
        };
        partitions[value] = partition;
        break;
      case 'psectors':
        partition['sectors'] = Number(value);
        partition['size'] = prettySize(Number(value) * 512);
        break;
      case 'pstart':
        partition['start'] = value;
        break;
      case 'holder':
        holders.push(value);
        break;
      default:
        device[key] = value;
    }
  }
  return devices;
}

/** Volume groups, logical and physical volumes as root's tools list them; `N/A` where there are no tools. Sizes in GiB, as text. */
function lvmFacts(sections: Sections): Facts {
  if (sections.has('no-lvm')) return { lvm: 'N/A' };
  if (!sections.has('lvm')) return {};
  const vgs: Record<string, Facts> = {};
  const lvs: Record<string, Facts> = {};
  const pvs: Record<string, Facts> = {};
  const read: Readonly<Record<string, (row: readonly string[]) => void>> = {
    vgs: ([name = '', pvCount, lvCount, ...more]) =>
      (vgs[name] = { size_g: more.at(-2), free_g: more.at(-1), num_lvs: lvCount, num_pvs: pvCount }),
    lvs: ([name = '', vg, , size]) => (lvs[name] = { size_g: size, vg }),
    pvs: ([name = '', vg, , , size, free]) => (pvs[name] = { size_g: size, free_g: free, vg }),
  };
  let table: ((row: readonly string[]) => void) | undefined;
  for (const line of linesOf(sections, 'lvm')) {
    if (line.startsWith('table=')) table = read[line.slice(6)];
    else table?.(line.trim().split(','));
  }
  return { lvm: { lvs, vgs, pvs } };
}

function prettySize(bytes: number): string {
  const units = [
    ['TB', 2 ** 40],
    ['GB', 2 ** 30],
    ['MB', 2 ** 20],
    ['KB', 2 ** 10],
  ] as const;
  const unit = units.find(([, size]) => bytes >= size);
  return unit === undefined ? `${bytes.toFixed(2)} Bytes` : `${(bytes / unit[1]).toFixed(2)} ${unit[0]}`;
}
