// IP addresses and networks of both versions, as numbers.

export interface Address {
  readonly version: 4 | 6;
  readonly value: bigint;
}
/** An address with a prefix: a host in its network, or the network itself. */
export interface Network extends Address {
  readonly prefix: number;
  /** Whether a prefix was written. */
  readonly written: boolean;
}

export const bits = (version: 4 | 6): number => (version === 4 ? 32 : 128);

/** An address's number; undefined when the text is none. */
export function parseAddress(text: string): Address | undefined {
  if (/^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/.test(text)) {
    const parts = text.split('.').map(Number);
    return parts.some((part) => part > 255)
      ? undefined
      : { version: 4, value: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
  }
  if (!text.includes(':')) return undefined;
  const dotted = /^(.*:)(\d{1,3}(?:\.\d{1,3}){3})$/.exec(text);
  const tail = dotted === null ? undefined : parseAddress(dotted[2] ?? '');
  if (dotted !== null && tail === undefined) return undefined;
  const hex =
    dotted === null || tail === undefined
      ? text
      : `${dotted[1] ?? ''}${(tail.value >> 16n).toString(16)}:${(tail.value & 0xffffn).toString(16)}`;
  const halves = hex.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  if (groups.some((half) => half.some((group) => !/^[\da-fA-F]{1,4}$/.test(group)))) return undefined;
  const [head = [], rest] = groups;
  const missing = 8 - head.length - (rest?.length ?? 0);
  if (rest === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...head, ...Array.from({ length: rest === undefined ? 0 : missing }, () => '0'), ...(rest ?? [])];
  return { version: 6, value: all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n) };
}

/** `address`, `address/prefix` or `address/netmask`; undefined when the text is none of them. */
export function parseNetwork(text: string): Network | undefined {
  const [host = '', suffix, more] = text.trim().split('/');
  const address = parseAddress(host);
  if (address === undefined || more !== undefined) return undefined;
  if (suffix === undefined) return { ...address, prefix: bits(address.version), written: false };
  if (/^\d+$/.test(suffix))
    return Number(suffix) <= bits(address.version) ? { ...address, prefix: Number(suffix), written: true } : undefined;
  const mask = parseAddress(suffix);
  if (mask === undefined || mask.version !== address.version) return undefined;
  const prefix = maskPrefix(mask);
  return prefix === undefined ? undefined : { ...address, prefix, written: true };
}

/** The prefix of a netmask (or of a hostmask); undefined when its ones are not in a row. */
function maskPrefix(mask: Address): number | undefined {
  const text = mask.value.toString(2).padStart(bits(mask.version), '0');
  if (/^1*0*$/.test(text)) return text.replaceAll('0', '').length;
  return /^0*1*$/.test(text) ? text.replaceAll('1', '').length : undefined;
}

/** An address as text: IPv6 in its shortest form. */
export function formatAddress({ version, value }: Address): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => (value >> BigInt(112 - index * 16)) & 0xffffn);
  if (value >> 32n === 0xffffn || (value >> 32n === 0n && value > 0xffffn))
    return `::${value >> 32n === 0n ? '' : 'ffff:'}${formatAddress({ version: 4, value: value & 0xffffffffn })}`;
  let [best, length] = [-1, 1];
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && groups[end] === 0n) end++;
    if (end - start > length) [best, length] = [start, end - start];
  }
  const text = groups.map((group) => group.toString(16));
  return best === -1 ? text.join(':') : `${text.slice(0, best).join(':')}::${text.slice(best + length).join(':')}`;
}

export function hostMask({ version, prefix }: Network): bigint {
  return (1n << BigInt(bits(version) - prefix)) - 1n;
}
export function netMask(network: Network): Address {
  return { version: network.version, value: ((1n << BigInt(bits(network.version))) - 1n) ^ hostMask(network) };
}
export function firstAddress(network: Network): Address {
  return { version: network.version, value: network.value & ~hostMask(network) };
}
export function lastAddress(network: Network): Address {
  return { version: network.version, value: network.value | hostMask(network) };
}
export function size(network: Network): bigint {
  return 1n << BigInt(bits(network.version) - network.prefix);
}
/** Whether `inner` lies within `outer` as a whole. */
export function contains(outer: Network, inner: Network): boolean {
  return (
    outer.version === inner.version &&
    outer.prefix <= inner.prefix &&
    firstAddress(outer).value === firstAddress({ ...inner, prefix: outer.prefix }).value
  );
}
export function cidr(network: Network): string {
  return `${formatAddress(firstAddress(network))}/${network.prefix}`;
}

const RANGES: Record<string, readonly string[]> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linkLocal: ['169.254.0.0/16', 'fe80::/10'],
  multicast: ['224.0.0.0/4', 'ff00::/8'],
  private: [
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '192.0.0.0/29',
    '192.0.0.170/31',
    '192.0.2.0/24',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '0.0.0.0/8',
    '240.0.0.0/4',
    'fc00::/7',
    'fe80::/10',
    '::1/128',
    'fec0::/10',
    '2001:db8::/32',
    '::ffff:0:0/96',
  ],
  reserved: ['0.0.0.0/8', '240.0.0.0/4', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '192.88.99.0/24'],
};

/** Whether an address is of a kind: loopback, linkLocal, multicast, private, reserved. */
export function isOf(kind: keyof typeof RANGES, address: Network): boolean {
  return (RANGES[kind] ?? []).some((range) => {
    const network = parseNetwork(range);
    return network !== undefined && contains(network, { ...address, prefix: bits(address.version) });
  });
}

/** Networks without those inside others, neighbours joined. */
export function mergeNetworks(networks: readonly Network[]): Network[] {
  let list = networks.map((network) => ({ ...network, value: firstAddress(network).value }));
  for (;;) {
    list = list.toSorted(
      (a, b) => a.version - b.version || (a.value < b.value ? -1 : a.value > b.value ? 1 : a.prefix - b.prefix),
    );
    const merged: Network[] = [];
    for (const network of list) {
      const last = merged.at(-1);
      if (last !== undefined && contains(last, network)) continue;
      if (
        last !== undefined &&
        last.version === network.version &&
        last.prefix === network.prefix &&
        contains({ ...last, prefix: last.prefix - 1 }, network) &&
        last.prefix > 0
      ) {
        merged[merged.length - 1] = {
          ...last,
          prefix: last.prefix - 1,
          value: firstAddress({ ...last, prefix: last.prefix - 1 }).value,
        };
      } else merged.push(network);
    }
    if (merged.length === list.length) return merged;
    list = merged;
  }
}
