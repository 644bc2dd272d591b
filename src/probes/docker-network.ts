// A network of Docker's: what it is made of in canonical form, and who is connected.
import type { Probe } from '../core/probe.ts';
import { DOCKER_SOCKET, dockerObject, dockerProbe, get, type NoDocker } from './docker.ts';
import { flagAt, listAt, objectAt, pairsAt, textAt, valueAt, type Json } from './json.ts';
import { canonicalAddress, canonicalSubnet } from './ip.ts';

/** One address pool, canonical; '' and [] where not set. `aux`: sorted `name=address`. */
export interface IpamPool {
  readonly subnet: string;
  readonly gateway: string;
  readonly iprange: string;
  readonly aux: readonly string[];
}

/** Maps are sorted `key=value` lists. `connected`: names of containers with an endpoint, sorted. */
export interface DockerNetworkSettings {
  readonly driver: string;
  readonly scope: string;
  readonly options: readonly string[];
  readonly labels: readonly string[];
  readonly ipamDriver: string;
  readonly ipamOptions: readonly string[];
  readonly pools: readonly IpamPool[];
  readonly enableIpv4: boolean;
  readonly enableIpv6: boolean;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly ingress: boolean;
  readonly configOnly: boolean;
  readonly configFrom: string;
  readonly connected: readonly string[];
}
export type DockerNetwork =
  | NoDocker
  | { readonly kind: 'absent'; readonly info?: { readonly api?: string } }
  | ({ readonly kind: 'network'; readonly info: { readonly inspect: Json } } & DockerNetworkSettings);

/** The network NAME, resource `docker.network:NAME`. */
export function dockerNetworkProbe(name: string, socket: string = DOCKER_SOCKET): Probe<DockerNetwork> {
  return dockerProbe(
    'docker.network',
    socket,
    `docker.network:${name}`,
    name,
    (query: string) => [get(`/networks/${encodeURIComponent(query)}`)],
    ([response]): DockerNetwork => {
      const state = dockerObject(response);
      return state.kind === 'found' ? networkState(objectAt(state.info, 'json')) : state;
    },
  );
}

/** The state of a network from Docker's inspect data. */
export function networkState(inspect: Json): DockerNetwork {
  return {
    kind: 'network',
    info: { inspect },
    driver: textAt(inspect, 'Driver'),
    scope: textAt(inspect, 'Scope'),
    options: pairsAt(inspect, 'Options'),
    labels: pairsAt(inspect, 'Labels'),
    ipamDriver: textAt(inspect, 'IPAM', 'Driver') || 'default',
    ipamOptions: pairsAt(inspect, 'IPAM', 'Options'),
    pools: listAt(inspect, 'IPAM', 'Config').map(poolOf),
    // Engines before 28 have no such field and always IPv4.
    enableIpv4: valueAt(inspect, 'EnableIPv4') !== false,
    enableIpv6: flagAt(inspect, 'EnableIPv6'),
    internal: flagAt(inspect, 'Internal'),
    attachable: flagAt(inspect, 'Attachable'),
    ingress: flagAt(inspect, 'Ingress'),
    configOnly: flagAt(inspect, 'ConfigOnly'),
    configFrom: textAt(inspect, 'ConfigFrom', 'Network'),
    connected: Object.values(objectAt(inspect, 'Containers'))
      .map((container) => textAt(container, 'Name'))
      .sort(),
  };
}

function poolOf(pool: unknown): IpamPool {
  return {
    subnet: canonicalSubnet(textAt(pool, 'Subnet')),
    gateway: canonicalAddress(textAt(pool, 'Gateway')),
    iprange: canonicalSubnet(textAt(pool, 'IPRange')),
    aux: pairsAt(pool, 'AuxiliaryAddresses').map(
      (pair) => `${pair.slice(0, pair.indexOf('=') + 1)}${canonicalAddress(pair.slice(pair.indexOf('=') + 1))}`,
    ),
  };
}
