// Addresses and subnets in one spelling each (host bits of a subnet cleared), so that they compare as text.
import { contains, formatAddress, firstAddress, parseAddress, parseNetwork } from '../core/ip.ts';

/** The canonical text of an address (a `/prefix` behind it stays, the zone of a link is left out); text that is no address as it is. */
export function canonicalAddress(text: string): string {
  const [written = '', prefix] = text.trim().split('/');
  const address = parseAddress(written.split('%')[0] ?? '');
  const canonical = address === undefined ? written : formatAddress(address);
  return prefix === undefined ? canonical : `${canonical}/${prefix}`;
}

/** The canonical text of `address/prefix` with host bits cleared; text that is no subnet as it is. */
export function canonicalSubnet(text: string): string {
  if (!/\/\d+$/.test(text.trim())) return canonicalAddress(text);
  const network = parseNetwork(text);
  return network === undefined ? text : `${formatAddress(firstAddress(network))}/${network.prefix}`;
}

/** Whether `address` lies in `subnet`. */
export function isInSubnet(address: string, subnet: string): boolean {
  const inner = parseNetwork(address.split('/')[0] ?? '');
  const outer = parseNetwork(subnet);
  return inner !== undefined && outer?.written === true && contains(outer, inner);
}

export function isAddress(text: string): boolean {
  return parseAddress(text) !== undefined;
}

/** An address or subnet of IPv6 (told by its colons). */
export function isV6(text: string): boolean {
  return text.includes(':');
}
