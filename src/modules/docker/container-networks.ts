// The networks of a container: what a task wants of each, what follows from that and from what there is, and how the API is told.
import { Unknown } from '../../core/value.ts';
import { apiAtLeast } from '../../probes/docker.ts';
import type { NetworkAttachment } from '../../probes/docker-container.ts';
import { canonicalAddress } from '../../probes/ip.ts';
import { withoutUndefined, type Json } from '../../probes/json.ts';
import type { ContainerArgs } from './container-args.ts';
import { comparisonOf } from './container-difference.ts';
import { withAlias } from './container-wish.ts';

/** A network of the task in the form of the probe; what it does not say is undefined, which compares with anything. */
export function wantedAttachment(
  network: NonNullable<ContainerArgs['networks']>[number],
): Partial<NetworkAttachment> & { name: string } {
  return {
    name: network.name,
    ...(network.ipv4_address === undefined ? {} : { ipv4: canonicalAddress(network.ipv4_address) }),
    ...(network.ipv6_address === undefined ? {} : { ipv6: canonicalAddress(network.ipv6_address) }),
    ...(network.mac_address === undefined ? {} : { mac: network.mac_address.replaceAll('-', ':').toLowerCase() }),
    ...(network.aliases === undefined ? {} : { aliases: [...network.aliases].sort() }),
    ...(network.links === undefined ? {} : { links: network.links.map(withAlias).sort() }),
  };
}

/** The networks that a container is to have, given those it has. */
export function nextNetworks(
  args: ContainerArgs,
  has: readonly NetworkAttachment[],
  wants: readonly (Partial<NetworkAttachment> & { name: string })[],
): readonly NetworkAttachment[] {
  if (comparisonOf('networks', args.comparisons, 'allow_more_present') === 'ignore') return has;
  const purge =
    args.networks !== undefined &&
    (args.purge_networks || comparisonOf('networks', args.comparisons, 'allow_more_present') === 'strict');
  const kept = has.filter((network) => !purge || wants.some((wanted) => wanted.name === network.name));
  const next = kept.map((network) => {
    const wanted = wants.find((one) => one.name === network.name);
    return wanted === undefined || isAsWanted(network, wanted) ? network : { ...network, ...wanted };
  });
  const added = wants.filter((wanted) => !has.some((network) => network.name === wanted.name)).map(completeAttachment);
  return sortByName([...next, ...added]);
}

/** Whether an endpoint is as the task wants it; what the task does not say is as wanted. */
export function isAsWanted(has: NetworkAttachment, wants: Partial<NetworkAttachment>): boolean {
  const address = (name: 'ipv4' | 'ipv6'): boolean => wants[name] === undefined || wants[name] === has[name];
  const contains = (name: 'aliases' | 'links'): boolean =>
    (wants[name] ?? []).every((item) => (has[name] ?? []).includes(item));
  // An endpoint of a stopped container may have no MAC address yet.
  return (
    address('ipv4') &&
    address('ipv6') &&
    (wants.mac === undefined || has.mac === '' || has.mac instanceof Unknown || wants.mac === has.mac) &&
    contains('aliases') &&
    contains('links')
  );
}

/** An endpoint newly made: what was not asked for is not there, but for the MAC address, which Docker chooses. */
export function completeAttachment(wanted: Partial<NetworkAttachment> & { name: string }): NetworkAttachment {
  return { ipv4: '', ipv6: '', mac: new Unknown(`connection to ${wanted.name}`), aliases: [], links: [], ...wanted };
}

export function sortByName<T extends { readonly name: string }>(items: readonly T[]): T[] {
  return [...items].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** An endpoint's configuration as the API takes it. */
export function endpointOf(network: NonNullable<ContainerArgs['networks']>[number], mac?: string): Json {
  const address = mac ?? network.mac_address?.replaceAll('-', ':');
  return withoutUndefined({
    IPAMConfig:
      network.ipv4_address === undefined && network.ipv6_address === undefined
        ? undefined
        : withoutUndefined({ IPv4Address: network.ipv4_address, IPv6Address: network.ipv6_address }),
    Aliases: network.aliases,
    Links: network.links?.map(withAlias),
    MacAddress: address,
    DriverOpts: network.driver_opts,
    GwPriority: network.gw_priority,
  });
}

/** The networks that the create request can carry: all of them from API 1.44 on, only the first before; none where the default network is wanted beside them. */
export function createdNetworks(args: ContainerArgs, api: string): NonNullable<ContainerArgs['networks']> {
  const networks = args.networks_cli_compatible ? (args.networks ?? []) : [];
  return apiAtLeast(api, '1.44') ? networks : networks.slice(0, 1);
}
