// docker_network: a network as declared; what cannot be changed in place replaces it, and the plan says which containers that cuts off.
import { z } from 'zod';
import { bool, choice, dict, field, list, raw, str } from '../core/args.ts';
import { defineModule, type Effect, type Plan } from '../core/module.ts';
import type { Step } from '../core/step.ts';
import {
  dockerNetworkProbe,
  type DockerNetwork,
  type DockerNetworkSettings,
  type IpamPool,
} from '../probes/docker-network.ts';
import { canonicalAddress, canonicalSubnet } from '../probes/ip.ts';
import { objectAt, parseJson } from '../probes/json.ts';
import { dockerArgs, dockerStep, noDocker, socketOf } from './docker/docker-args.ts';

const pool = z.strictObject({
  subnet: str().optional(),
  iprange: str().optional(),
  gateway: str().optional(),
  aux_addresses: dict(str()).optional(),
});
const shape = {
  ...dockerArgs,
  name: field(str(), { aliases: ['network_name'] }).describe('Name of the network'),
  state: choice('present', 'absent').default('present'),
  driver: str().default('bridge').describe('bridge, macvlan, ipvlan, overlay, ...'),
  driver_options: dict(raw()).default({}).describe('Options of the driver, such as parent: eth0'),
  ipam_driver: str().optional(),
  ipam_driver_options: dict(str()).optional(),
  ipam_config: z.array(pool).optional().describe('Address pools: subnet, gateway, iprange, aux_addresses'),
  enable_ipv4: bool().optional(),
  enable_ipv6: bool().optional(),
  internal: bool().optional(),
  attachable: bool().optional(),
  ingress: bool().optional(),
  scope: choice('local', 'global', 'swarm').optional(),
  labels: dict(str()).default({}),
  config_only: bool().optional(),
  config_from: str().optional(),
  connected: field(list(str()).default([]), { aliases: ['containers'] }).describe(
    'Containers to connect; others are cut off unless `appends`',
  ),
  appends: field(bool().default(false), { aliases: ['incremental'] }),
  force: bool().default(false).describe('Replace the network whatever it is'),
};
export type NetworkArgs = z.output<z.ZodObject<typeof shape>>;
type Network = Extract<DockerNetwork, { kind: 'network' }>;
interface State {
  readonly network: DockerNetwork;
}

export const docker_network = defineModule<typeof shape, State>({
  name: 'community.docker.docker_network',
  summary: 'Make, replace and remove Docker networks',
  args: shape,
  check: (args) =>
    args.ipam_config
      ?.flatMap(({ subnet }) =>
        subnet === undefined || !/^[0-9a-fA-F.:]+\/\d+$/.test(subnet)
          ? [`ipam_config: "${subnet ?? ''}" is not a valid CIDR`]
          : [],
      )
      .at(0),
  example: `
- community.docker.docker_network:
    name: vbx-example
    driver: bridge
    ipam_config:
      - subnet: 172.31.250.0/24
        gateway: 172.31.250.1
        aux_addresses:
          reserved: 172.31.250.2
`,
  probe: (args) => ({ network: dockerNetworkProbe(args.name, socketOf(args)) }),
})({
  plan: (args, { network }) => planNetwork(args, network),
  apply: (args, { before, after, effects }) =>
    networkSteps(
      args,
      before.network,
      after.network,
      effects.some((effect) => effect.kind === 'replace'),
    ),
  result: (args, change, done) => {
    if (args.state === 'absent') return {};
    const inspected = done.at(-1)?.response;
    const before = change.before.network;
    return {
      network:
        inspected === undefined
          ? before.kind === 'network'
            ? before.info.inspect
            : {}
          : objectAt(parseJson(inspected.body)),
    };
  },
});

/** What a network must be, canonical; parts that are not asked for are undefined. */
function wantedNetwork(args: NetworkArgs): Partial<Network> {
  const optional = <K extends keyof Network>(name: K, value: Network[K] | undefined): Partial<Network> =>
    value === undefined ? {} : ({ [name]: value } as Partial<Network>);
  return {
    driver: args.config_only === true ? 'null' : args.driver,
    options: Object.entries(driverOptions(args))
      .map(([key, value]) => `${key}=${value}`)
      .sort(),
    labels: Object.entries(args.labels)
      .map(([key, value]) => `${key}=${value}`)
      .sort(),
    ...optional('ipamDriver', args.ipam_driver),
    ...optional(
      'ipamOptions',
      args.ipam_driver_options === undefined
        ? undefined
        : Object.entries(args.ipam_driver_options)
            .map(([key, value]) => `${key}=${value}`)
            .sort(),
    ),
    ...optional('enableIpv4', args.enable_ipv4),
    ...optional('enableIpv6', args.enable_ipv6),
    ...optional('internal', args.internal),
    ...optional('attachable', args.attachable),
    ...optional('ingress', args.ingress),
    ...optional('scope', args.scope === 'global' ? undefined : args.scope),
    ...optional('configOnly', args.config_only),
    ...optional('configFrom', args.config_from),
    ...optional('pools', args.ipam_config?.map(poolOf)),
  };
}

function poolOf(config: z.output<typeof pool>): IpamPool {
  return {
    subnet: canonicalSubnet(config.subnet ?? ''),
    gateway: canonicalAddress(config.gateway ?? ''),
    iprange: canonicalSubnet(config.iprange ?? ''),
    aux: Object.entries(config.aux_addresses ?? {})
      .map(([name, address]) => `${name}=${canonicalAddress(address)}`)
      .sort(),
  };
}

/** Options as text; booleans as Docker writes them. */
function driverOptions(args: NetworkArgs): Record<string, string> {
  return Object.fromEntries(
    Object.entries(args.driver_options).map(([key, value]) => [
      key,
      typeof value === 'string'
        ? value
        : typeof value === 'number' || typeof value === 'boolean'
          ? String(value)
          : JSON.stringify(value),
    ]),
  );
}

/** Every reason why the network must be made anew: field, what it is, what it should be. What a predicted network leaves open agrees. */
function networkReasons(args: NetworkArgs, network: Partial<DockerNetworkSettings>): string[] {
  const wanted = wantedNetwork(args);
  const reasons: string[] = [];
  for (const name of [
    'driver',
    'ipamDriver',
    'enableIpv4',
    'enableIpv6',
    'internal',
    'attachable',
    'ingress',
    'scope',
    'configOnly',
    'configFrom',
  ] as const) {
    if (wanted[name] !== undefined && network[name] !== undefined && wanted[name] !== network[name])
      reasons.push(`${name}: ${String(network[name])} -> ${String(wanted[name])}`);
  }
  for (const name of ['options', 'labels'] as const)
    for (const pair of wanted[name] ?? [])
      if (network[name]?.includes(pair) === false) reasons.push(`${name}: ${pair} is missing`);
  if (
    wanted.ipamOptions !== undefined &&
    network.ipamOptions !== undefined &&
    wanted.ipamOptions.join() !== network.ipamOptions.join()
  )
    reasons.push('ipam_driver_options differ');
  for (const config of network.pools === undefined ? [] : (wanted.pools ?? [])) {
    const has = network.pools?.find((one) => one.subnet === config.subnet);
    if (has === undefined) reasons.push(`ipam_config: subnet ${config.subnet} is missing`);
    else {
      for (const name of ['gateway', 'iprange'] as const)
        if (config[name] !== '' && config[name] !== has[name])
          reasons.push(`ipam_config: ${name} of ${config.subnet}: ${has[name] || 'none'} -> ${config[name]}`);
      if (config.aux.length > 0 && config.aux.join() !== has.aux.join())
        reasons.push(
          `ipam_config: aux_addresses of ${config.subnet}: ${has.aux.join(' ') || 'none'} -> ${config.aux.join(' ')}`,
        );
    }
  }
  return reasons;
}

function planNetwork(args: NetworkArgs, network: DockerNetwork): Plan<State> {
  if (network.kind === 'no-docker') return noDocker(network);
  if (args.state === 'absent') {
    if (network.kind === 'absent') return { after: {} };
    return {
      after: { network: { kind: 'absent' } },
      effects: network.connected.length === 0 ? [] : [cutOff(network.connected)],
    };
  }
  if (network.kind === 'absent') return { after: { network: fresh(args, [...args.connected].sort()) } };
  const reasons = networkReasons(args, network);
  if (args.force && reasons.length === 0) reasons.push('force: true');
  if (reasons.length > 0) {
    const lost = network.connected.filter((name) => !args.connected.includes(name));
    const cost =
      network.connected.length === 0
        ? ''
        : ` (disconnects ${count(network.connected)}: ${network.connected.join(', ')})`;
    const effects: Effect[] = [{ kind: 'replace', text: `replace network ${args.name}${cost}: ${reasons.join('; ')}` }];
    return {
      after: { network: fresh(args, [...args.connected].sort()) },
      effects,
      ...(lost.length === 0
        ? {}
        : { warnings: [`network ${args.name} is replaced; not connected again: ${lost.join(', ')}`] }),
    };
  }
  // Without a list of containers the connected ones stay.
  const kept =
    args.connected.length === 0 || args.appends
      ? network.connected
      : network.connected.filter((name) => args.connected.includes(name));
  const connected = [...new Set([...kept, ...args.connected])].sort();
  return { after: { network: { ...network, connected } } };
}

function count(names: readonly string[]): string {
  return `${names.length} container${names.length === 1 ? '' : 's'}`;
}

function cutOff(names: readonly string[]): Effect {
  return { kind: 'disconnect', text: `disconnect ${count(names)}: ${names.join(', ')}` };
}

/** A network newly made; what was not asked for is left open. */
function fresh(args: NetworkArgs, connected: readonly string[]): DockerNetwork {
  const { pools: wantedPools, options, labels, ...wanted } = wantedNetwork(args);
  // Docker chooses the gateway where none is given, and drivers add options of their own.
  const pools = wantedPools?.every((config) => config.gateway !== '') === true ? { pools: wantedPools } : {};
  const rest = {
    ...(args.driver === 'bridge' && options?.length === 0 ? {} : { options }),
    ...(labels?.length === 0 ? {} : { labels }),
  };
  return { kind: 'network', info: { inspect: {} }, ...wanted, ...pools, ...rest, connected } as DockerNetwork;
}

function networkSteps(args: NetworkArgs, before: DockerNetwork, after: DockerNetwork, replaced: boolean): Step[] {
  const path = `/networks/${encodeURIComponent(args.name)}`;
  const disconnect = (name: string): Step =>
    dockerStep(args, 'POST', `${path}/disconnect`, `disconnect ${name} from network ${args.name}`, {
      body: { Container: name, Force: true },
    });
  const connect = (name: string): Step =>
    dockerStep(args, 'POST', `${path}/connect`, `connect ${name} to network ${args.name}`, {
      body: { Container: name },
    });
  const had = before.kind === 'network' ? before.connected : [];
  const steps: Step[] = [];
  if (before.kind === 'network' && (replaced || after.kind === 'absent'))
    steps.push(...had.map(disconnect), dockerStep(args, 'DELETE', path, `remove network ${args.name}`));
  if (after.kind !== 'network') return steps;
  const anew = replaced || before.kind === 'absent';
  if (anew)
    steps.push(dockerStep(args, 'POST', '/networks/create', `create network ${args.name}`, { body: createBody(args) }));
  if (!anew) steps.push(...had.filter((name) => !after.connected.includes(name)).map(disconnect));
  steps.push(...after.connected.filter((name) => anew || !had.includes(name)).map(connect));
  return [...steps, dockerStep(args, 'GET', path, `inspect network ${args.name}`)];
}

/** The body of POST /networks/create. */
export function createBody(args: NetworkArgs): Record<string, unknown> {
  const pools = (args.ipam_config ?? []).map((config) => ({
    Subnet: config.subnet,
    ...(config.iprange === undefined ? {} : { IPRange: config.iprange }),
    ...(config.gateway === undefined ? {} : { Gateway: config.gateway }),
    ...(config.aux_addresses === undefined ? {} : { AuxiliaryAddresses: config.aux_addresses }),
  }));
  const flags = Object.entries({
    EnableIPv4: args.enable_ipv4,
    EnableIPv6: args.enable_ipv6,
    Internal: args.internal,
    Attachable: args.attachable,
    Ingress: args.ingress,
    ConfigOnly: args.config_only,
    Scope: args.scope,
  });
  const wantsIpam = args.ipam_driver !== undefined || args.ipam_driver_options !== undefined || pools.length > 0;
  return {
    Name: args.name,
    Driver: args.config_only === true ? 'null' : args.driver,
    Options: driverOptions(args),
    Labels: args.labels,
    ...Object.fromEntries(flags.filter(([, value]) => value !== undefined)),
    ...(args.config_from === undefined ? {} : { ConfigFrom: { Network: args.config_from } }),
    ...(wantsIpam
      ? {
          IPAM: {
            Driver: args.ipam_driver ?? 'default',
            Config: pools,
            ...(args.ipam_driver_options === undefined ? {} : { Options: args.ipam_driver_options }),
          },
        }
      : {}),
  };
}
