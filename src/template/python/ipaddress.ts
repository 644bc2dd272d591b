// What Python's ipaddress says of addresses: private, global, reserved and the like, by the registries of its version 3.13.
import { bits, contains, parseNetwork, type Address, type Network } from '../../core/ip.ts';

type Version = Address['version'];
const networks = (texts: string): readonly Network[] => texts.split(' ').flatMap((text) => parseNetwork(text) ?? []);

const PRIVATE: Record<Version, readonly Network[]> = {
  4: networks(
    '0.0.0.0/8 10.0.0.0/8 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.0.170/31 192.0.2.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4',
  ),
  6: networks(
    '::1/128 ::/128 ::ffff:0:0/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 fc00::/7 fe80::/10',
  ),
};
/** Parts of those that are not. */
const NOT_PRIVATE: Record<Version, readonly Network[]> = {
  4: networks('192.0.0.9/32 192.0.0.10/32'),
  6: networks('2001:1::1/128 2001:1::2/128 2001:3::/32 2001:4:112::/48 2001:20::/28 2001:30::/28'),
};
const SHARED = networks('100.64.0.0/10');
const KINDS = {
  linkLocal: { 4: networks('169.254.0.0/16'), 6: networks('fe80::/10') },
  loopback: { 4: networks('127.0.0.0/8'), 6: networks('::1/128') },
  multicast: { 4: networks('224.0.0.0/4'), 6: networks('ff00::/8') },
  reserved: {
    4: networks('240.0.0.0/4'),
    6: networks(
      '::/8 100::/8 200::/7 400::/6 800::/5 1000::/4 4000::/3 6000::/3 8000::/3 a000::/3 c000::/3 e000::/4 f000::/5 f800::/6 fe00::/9',
    ),
  },
  unspecified: { 4: networks('0.0.0.0/32'), 6: networks('::/128') },
} satisfies Record<string, Record<Version, readonly Network[]>>;

export type AddressKind = keyof typeof KINDS | 'private' | 'global' | 'mapped' | 'sixToFour' | 'teredo';

const within = (address: Address, all: readonly Network[]): boolean =>
  all.some((network) => contains(network, { ...address, prefix: bits(address.version), written: false }));

/** The IPv4 address that an IPv6 one stands for. */
function mapped({ version, value }: Address): Address | undefined {
  return version === 6 && value >> 32n === 0xffffn ? { version: 4, value: value & 0xffffffffn } : undefined;
}

/** Whether an address is of a kind; those of IPv4 written as IPv6 are what the IPv4 ones are. */
export function isOfKind(address: Address, kind: AddressKind): boolean {
  const inner = mapped(address);
  switch (kind) {
    case 'mapped':
      return inner !== undefined;
    case 'sixToFour':
      return address.version === 6 && address.value >> 112n === 0x2002n;
    case 'teredo':
      return address.version === 6 && address.value >> 96n === 0x20010000n;
    default:
  }
  if (inner !== undefined) return isOfKind(inner, kind);
  const isPrivate = within(address, PRIVATE[address.version]) && !within(address, NOT_PRIVATE[address.version]);
  if (kind === 'private') return isPrivate;
  if (kind === 'global') return !isPrivate && !within(address, SHARED);
  return within(address, KINDS[kind][address.version]);
}

/** A network as ip_network() takes it: an address alone, or one whose host bits are all 0. */
export function strictNetwork(text: string): Network | undefined {
  const network = /^\d+$/.test(text) ? undefined : parseNetwork(text);
  return network === undefined ||
    text !== text.trim() ||
    (network.value & ((1n << BigInt(bits(network.version) - network.prefix)) - 1n)) !== 0n
    ? undefined
    : network;
}
