// Ports of a container: what is exposed and what is published where.
import { expandPort } from '../../probes/docker-container.ts';
import type { ContainerArgs } from './container-args.ts';
import { WishError } from './wish-error.ts';

interface PortBinding {
  readonly HostIp: string;
  readonly HostPort: string;
}

/** Published ports by `port/protocol`; ranges are paired one to one, a single container port may take one out of a range. */
export function portBindings(
  args: Pick<ContainerArgs, 'published_ports' | 'default_host_ip'>,
): Record<string, PortBinding[]> {
  const bindings: Record<string, PortBinding[]> = {};
  for (const published of args.published_ports ?? []) {
    if (published === 'all') throw new WishError('published_ports: "all" is written publish_all_ports: true');
    const match = /^(?:(?:\[([0-9a-fA-F:.%]+)\]|([0-9.]*)):)?(?:([0-9-]*):)?([0-9-]+)(?:\/(tcp|udp|sctp))?$/.exec(
      published,
    );
    // Two parts are host port and container port: what looks like an address without dots is a port.
    const two = /^([0-9-]+):([0-9-]+)(?:\/(tcp|udp|sctp))?$/.exec(published);
    if (match === null && two === null)
      throw new WishError(
        `published_ports: "${published}" must be container, host:container or address:host:container (IPv6 addresses in brackets)`,
      );
    const ip = two !== null ? undefined : (match?.[1] ?? (match?.[2] === '' ? undefined : match?.[2]));
    const hostPorts = two !== null ? two[1] : match?.[3];
    const inside = expandPort(`${two?.[2] ?? match?.[4] ?? ''}/${two?.[3] ?? match?.[5] ?? 'tcp'}`);
    const outside =
      hostPorts === undefined || hostPorts === ''
        ? inside.map(() => '')
        : inside.length === 1
          ? [hostPorts]
          : expandPort(hostPorts).map((port) => port.split('/')[0] ?? '');
    inside.slice(0, outside.length).forEach((port, index) =>
      (bindings[port] ??= []).push({
        HostIp: ip ?? args.default_host_ip ?? '0.0.0.0',
        HostPort: outside[index] ?? '',
      }),
    );
  }
  return bindings;
}

/** `port/protocol` of all that a container exposes: what it publishes too. */
export function exposedPorts(args: ContainerArgs): string[] {
  return [...(args.exposed_ports ?? []).flatMap((port) => expandPort(port.trim())), ...Object.keys(portBindings(args))];
}
