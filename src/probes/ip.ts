// Addresses and subnets in one spelling each (RFC 5952 for IPv6, host bits of a subnet cleared), so that they compare as text.
import { isIPv4, isIPv6 } from 'node:net';

/** The canonical text of an address (a `/prefix` behind it stays); text that is no address as it is. */
export function canonicalAddress(text: string): string {
  const [address = '', prefix] = text.trim().split('/');
  const canonical = isIPv6(address) ? formatV6(groupsOf(address)) : isIPv4(address) ? address.split('.').map(Number).join('.') : address;
  return prefix === undefined ? canonical : `${canonical}/${prefix}`;
}

/** The canonical text of `address/prefix` with host bits cleared; text that is no subnet as it is. */
export function canonicalSubnet(text: string): string {
  const [address = '', prefixText] = text.trim().split('/');
  if (prefixText === undefined || !/^\d+$/.test(prefixText)) return canonicalAddress(text);
  const prefix = Number(prefixText);
  const bits = bitsOf(address);
  if (bits === undefined || prefix > bits.width) return text;
  const mask = prefix === 0 ? 0n : ((1n << BigInt(prefix)) - 1n) << BigInt(bits.width - prefix);
  return `${addressOf(bits.value & mask, bits.width)}/${prefix}`;
}

/** Whether `address` lies in `subnet`. */
export function isInSubnet(address: string, subnet: string): boolean {
  const [base = '', prefix = ''] = subnet.split('/');
  const own = bitsOf(address.split('/')[0] ?? '');
  const net = bitsOf(base);
  if (own === undefined || net === undefined || own.width !== net.width || !/^\d+$/.test(prefix)) return false;
  const shift = BigInt(net.width - Number(prefix));
  return own.value >> shift === net.value >> shift;
}

export function isAddress(text: string): boolean {
  return isIPv4(text) || isIPv6(text);
}

/** An address or subnet of IPv6 (told by its colons). */
export function isV6(text: string): boolean {
  return text.includes(':');
}

function bitsOf(address: string): { readonly value: bigint; readonly width: 32 | 128 } | undefined {
  if (isIPv4(address)) return { value: address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n), width: 32 };
  if (isIPv6(address)) return { value: groupsOf(address).reduce((sum, group) => (sum << 16n) | BigInt(group), 0n), width: 128 };
  return undefined;
}

function addressOf(value: bigint, width: 32 | 128): string {
  if (width === 32) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
  return formatV6(Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(112 - index * 16)) & 65535n)));
}

function groupsOf(address: string): number[] {
  let text = address.split('%')[0] ?? '';
  const v4 = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (v4 !== null) {
    const [a = 0, b = 0, c = 0, d = 0] = (v4[2] ?? '').split('.').map(Number);
    text = `${v4[1] ?? ''}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  }
  const [left = '', right] = text.split('::');
  const groups = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16)));
  const before = groups(left);
  if (right === undefined) return before;
  const after = groups(right);
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}

function formatV6(groups: readonly number[]): string {
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (best.start < 0) return hex(groups);
  return `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}`;
}
