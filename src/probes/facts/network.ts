// Facts about the network: interfaces with their addresses, and the addresses that packets to the world leave by.
import { linesOf, type Sections } from './sections.ts';

type Facts = Record<string, unknown>;
const TYPES: Readonly<Record<string, string>> = {
  '1': 'ether',
  '32': 'infiniband',
  '512': 'ppp',
  '772': 'loopback',
  '65534': 'tunnel',
};

interface Address {
  readonly address: string;
  readonly broadcast: string;
  readonly netmask: string;
  readonly network: string;
  readonly prefix: string;
}

export function networkFacts(sections: Sections): Facts {
  const interfaces = devicesOf(sections);
  const default4 = routeOf(linesOf(sections, 'route4'), '8.8.8.8');
  const default6 = routeOf(linesOf(sections, 'route6'), '2404:6800:400a:800::1012');
  const all4: string[] = [];
  const all6: string[] = [];
  let device: Facts | undefined;
  for (const line of linesOf(sections, 'addr')) {
    const header = /^\d+: ([^:@\s]+)/.exec(line);
    if (header?.[1] !== undefined) {
      device = interfaces.get(header[1]) ?? { device: header[1] };
      interfaces.set(header[1], device);
      continue;
    }
    if (device === undefined) continue;
    const words = line.trim().split(/\s+/);
    if (words[0] === 'inet') addIpv4(words, device, interfaces, default4, all4);
    else if (words[0] === 'inet6') addIpv6(words, device, default6, all6);
  }
  const facts: Facts = {
    interfaces: [...interfaces.keys()].map(factName),
    default_ipv4: default4,
    default_ipv6: default6,
    all_ipv4_addresses: all4,
    all_ipv6_addresses: all6,
    locally_reachable_ips: {
      ipv4: localRoutes(linesOf(sections, 'local4')),
      ipv6: localRoutes(linesOf(sections, 'local6')),
    },
  };
  for (const [name, found] of interfaces) facts[factName(name)] = found;
  return facts;
}

/** Colons in names of aliases are hard to use in templates. */
function factName(name: string): string {
  return name.replaceAll(':', '_');
}

function devicesOf(sections: Sections): Map<string, Facts> {
  const devices = new Map<string, Facts>();
  let device: Facts = {};
  let slaves: string[] = [];
  for (const line of linesOf(sections, 'net')) {
    const key = line.slice(0, line.indexOf('='));
    const value = line.slice(line.indexOf('=') + 1).trim();
    switch (key) {
      case 'device':
        device = { device: value };
        devices.set(value, device);
        slaves = [];
        break;
      case 'macaddress':
        if (value !== '' && value !== '00:00:00:00:00:00') device['macaddress'] = value;
        break;
      case 'mtu':
      case 'speed':
        device[key] = Number(value);
        break;
      case 'operstate':
        device['active'] = value !== 'down';
        break;
      case 'type':
        device['type'] = TYPES[value] ?? 'unknown';
        break;
      case 'flags':
        device['promisc'] = (Number.parseInt(value, 16) & 0x100) > 0;
        break;
      case 'bridge':
        device['type'] = 'bridge';
        device['interfaces'] = slaves;
        break;
      case 'bridge_id':
        device['id'] = value;
        break;
      case 'stp':
        device['stp'] = value === '1';
        break;
      case 'port':
        slaves.push(value);
        break;
      case 'bonding':
        device['type'] = 'bonding';
        break;
      case 'bond_slaves':
        device['slaves'] = value.split(' ').filter((word) => word !== '');
        break;
      case 'bond_mode':
      case 'bond_miimon':
      case 'bond_lacp_rate':
      case 'bond_primary':
        device[key.slice(5)] = value.split(' ')[0] ?? '';
        break;
      case 'pciid':
      case 'module':
        device[key] = value.slice(value.lastIndexOf('/') + 1);
        break;
    }
  }
  return devices;
}

/** Interface, address and gateway of what `ip route get` answered about an address; empty without a route. */
function routeOf(lines: readonly string[], to: string): Facts {
  const words = (lines[0] ?? '').trim().split(/\s+/);
  if (words[0] !== to) return {};
  const after = (word: string) => (words.includes(word) ? words[words.indexOf(word) + 1] : undefined);
  const [gateway, device, source] = [after('via'), after('dev'), after('src')];
  return {
    ...(gateway === undefined ? {} : { gateway }),
    ...(device === undefined ? {} : { interface: device }),
    ...(source === undefined ? {} : { address: source }),
  };
}

function addIpv4(
  words: readonly string[],
  device: Facts,
  interfaces: Map<string, Facts>,
  default4: Facts,
  all: string[],
): void {
  // `inet 10.0.0.1 peer 10.0.0.2/32 scope global tun0` has its length behind the peer; an address without one is a host.
  const [address = '', length = '32'] = (words[1] ?? '').split('/');
  const broadcast = words[2] === 'brd' ? (words[3] ?? '') : '';
  const label =
    words.findLast((word, index) => index > 1 && interfaces.has(word.split(':')[0] ?? '')) ?? String(device['device']);
  const found: Address = {
    address,
    broadcast,
    netmask: dotted(maskOf(Number(length))),
    network: dotted((numberOf(address) & maskOf(Number(length))) >>> 0),
    prefix: length,
  };
  const owner = label === device['device'] ? device : (interfaces.get(label) ?? {});
  if (owner !== device) interfaces.set(label, owner);
  if (words.includes('secondary') || owner['ipv4'] !== undefined) {
    for (const holder of new Set(words.includes('secondary') ? [owner, device] : [owner])) {
      const known = holder['ipv4_secondaries'];
      holder['ipv4_secondaries'] = Array.isArray(known) ? [...known, found] : [found];
    }
  } else {
    owner['ipv4'] = found;
  }
  if (default4['address'] === address) {
    Object.assign(default4, {
      broadcast,
      netmask: found.netmask,
      network: found.network,
      prefix: length,
      macaddress: device['macaddress'],
      mtu: device['mtu'],
      type: device['type'] ?? 'unknown',
      alias: label,
    });
  }
  if (!address.startsWith('127.')) all.push(address);
}

function addIpv6(words: readonly string[], device: Facts, default6: Facts, all: string[]): void {
  const peer = words[2] === 'peer';
  const address = (words[1] ?? '').split('/')[0] ?? '';
  const prefix = (peer ? words[3] : words[1])?.split('/')[1] ?? '128';
  const scope = (peer ? words[5] : words[3]) ?? '';
  const known = device['ipv6'];
  const found = { address, prefix, scope };
  device['ipv6'] = Array.isArray(known) ? [...known, found] : [found];
  if (default6['address'] === address)
    Object.assign(default6, {
      prefix,
      scope,
      macaddress: device['macaddress'],
      mtu: device['mtu'],
      type: device['type'] ?? 'unknown',
    });
  if (address !== '::1') all.push(address);
}

function localRoutes(lines: readonly string[]): string[] {
  return [
    ...new Set(
      lines
        .map((line) => line.trim().split(/\s+/))
        .filter((words) => words[0] === 'local')
        .map((words) => words[1] ?? ''),
    ),
  ];
}

function maskOf(length: number): number {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
}
function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0);
}
function dotted(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}
