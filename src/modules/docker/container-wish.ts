// What a docker_container task wants of each setting, in the canonical form of the probe, and the same as the body of the API's create request.
import { splitWords } from '../../core/words.ts';
import { apiAtLeast } from '../../probes/docker.ts';
import {
  canonicalBind,
  canonicalCap,
  canonicalJson,
  canonicalLink,
  expandPort,
  mapOf,
  setOf,
  type NetworkAttachment,
  type Settings,
} from '../../probes/docker-container.ts';
import { canonicalAddress } from '../../probes/ip.ts';
import { objectAt, pairsAt, textsAt, type Json } from '../../probes/json.ts';
import type { ContainerArgs } from './container-args.ts';
import { bytesOf, nanosecondsOf } from './size.ts';

/** What else decides the wish: the image's own configuration (when it is on the host), variables of env_file, ids of containers named in `container:NAME` modes. */
export interface WishContext {
  readonly imageConfig?: Json | undefined;
  readonly envFile?: Readonly<Record<string, string>>;
  readonly containerIds?: Readonly<Record<string, string>>;
}

/** The settings asked for. Throws a WishError for arguments that make no sense. */
export class WishError extends Error {}

/** Defaults of `container_default_behavior: compatibility`, and the network mode that the first network stands for. */
export function completeArgs(args: ContainerArgs): ContainerArgs {
  const old =
    args.container_default_behavior === 'compatibility'
      ? {
          auto_remove: false,
          detach: true,
          init: false,
          interactive: false,
          memory: '0',
          paused: false,
          privileged: false,
          read_only: false,
          tty: false,
        }
      : {};
  const first = args.networks_cli_compatible ? args.networks?.[0]?.name : undefined;
  const given = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined));
  return {
    ...args,
    ...old,
    ...given,
    ...(args.network_mode === undefined && first !== undefined ? { network_mode: first } : {}),
  };
}

/** Settings by name that the task asks for; those it does not mention are not in it. */
export function wantedSettings(args: ContainerArgs, context: WishContext): Settings {
  const image = context.imageConfig ?? {};
  const wanted: Record<string, unknown> & { kind: 'settings' } = { kind: 'settings' };
  const put = (name: string, value: unknown): void => {
    if (value !== undefined) wanted[name] = value;
  };
  for (const name of PLAIN) put(name, args[name]);
  for (const name of SETS) put(name, given(args[name], setOf));
  for (const name of ['memory', 'memory_reservation', 'kernel_memory', 'shm_size'] as const)
    put(
      name,
      given(args[name], (text) => bytes(name, text)),
    );
  put(
    'memory_swap',
    given(args.memory_swap, (text) => (text === 'unlimited' || text === '-1' ? -1 : bytes('memory_swap', text))),
  );
  put(
    'cpus',
    given(args.cpus, (cpus) => Math.round(cpus * 1e9)),
  );
  put('command', wantedCommand(args, image));
  put('entrypoint', wantedEntrypoint(args));
  put(
    'capabilities',
    given(args.capabilities, (names) => setOf(names.map(canonicalCap))),
  );
  put(
    'cap_drop',
    given(args.cap_drop, (names) => setOf(names.map(canonicalCap))),
  );
  put(
    'devices',
    given(args.devices, (devices) => setOf(devices.map((device) => Object.values(deviceOf(device)).join(':')))),
  );
  put(
    'device_read_bps',
    given(args.device_read_bps, (rates) =>
      mapOf(rates.map((rate) => `${rate.path}=${bytes('device_read_bps', String(rate.rate))}`)),
    ),
  );
  put(
    'device_write_bps',
    given(args.device_write_bps, (rates) =>
      mapOf(rates.map((rate) => `${rate.path}=${bytes('device_write_bps', String(rate.rate))}`)),
    ),
  );
  put(
    'device_read_iops',
    given(args.device_read_iops, (rates) => mapOf(rates.map((rate) => `${rate.path}=${String(rate.rate)}`))),
  );
  put(
    'device_write_iops',
    given(args.device_write_iops, (rates) => mapOf(rates.map((rate) => `${rate.path}=${String(rate.rate)}`))),
  );
  put(
    'device_requests',
    given(args.device_requests, (requests) =>
      setOf(requests.map((request) => canonicalJson(deviceRequestOf(request)))),
    ),
  );
  const environment = wantedEnvironment(args, context);
  if (args.env !== undefined || args.env_file !== undefined)
    put('env', { ...mapOf(textsAt(image, 'Env')), ...environment });
  put('healthcheck', given(args.healthcheck, wantedHealth));
  put(
    'labels',
    given(args.labels, (labels) =>
      args.image_label_mismatch === 'ignore' ? { ...mapOf(pairsAt(image, 'Labels')), ...labels } : labels,
    ),
  );
  put(
    'links',
    given(args.links, (links) => setOf(links.map((link) => canonicalLink(withAlias(link))))),
  );
  put(
    'mac_address',
    given(args.mac_address, (mac) => mac.replaceAll('-', ':').toLowerCase()),
  );
  for (const name of ['network_mode', 'pid_mode', 'ipc_mode'] as const)
    put(
      name,
      given(args[name], (mode) => containerMode(mode, context)),
    );
  put(
    'tmpfs',
    given(args.tmpfs, (mounts) => mapOf(mounts, ':')),
  );
  put(
    'ulimits',
    given(args.ulimits, (limits) =>
      mapOf(limits.map((limit) => `${ulimitOf(limit).Name}=${ulimitOf(limit).Soft}:${ulimitOf(limit).Hard}`)),
    ),
  );
  const volumes = splitVolumes(args);
  if (args.volumes !== undefined) {
    put('volumes', { ...setOf(Object.keys(objectAt(image, 'Volumes'))), ...setOf(volumes.anonymous) });
    put('binds', setOf(volumes.binds.map(canonicalBind)));
  }
  put(
    'mounts',
    given(args.mounts, (mounts) => setOf(mounts.map((mount) => canonicalJson(mountOf(mount))))),
  );
  if (args.exposed_ports !== undefined || args.published_ports !== undefined)
    put('exposed_ports', {
      ...setOf(Object.keys(objectAt(image, 'ExposedPorts')).flatMap(expandPort)),
      ...setOf(exposedPorts(args)),
    });
  put(
    'published_ports',
    given(args.published_ports, () =>
      setOf(
        Object.entries(portBindings(args)).flatMap(([port, bindings]) =>
          bindings.map((binding) => `${binding.HostIp}:${binding.HostPort}:${port}`),
        ),
      ),
    ),
  );
  return wanted;
}

/** Arguments whose value is the canonical value. */
const PLAIN = [
  'auto_remove',
  'blkio_weight',
  'cgroupns_mode',
  'cgroup_parent',
  'cpu_period',
  'cpu_quota',
  'cpuset_cpus',
  'cpuset_mems',
  'cpu_shares',
  'detach',
  'interactive',
  'tty',
  'device_cgroup_rules',
  'dns_servers',
  'dns_search_domains',
  'domainname',
  'hostname',
  'etc_hosts',
  'init',
  'log_driver',
  'log_options',
  'memory_swappiness',
  'oom_killer',
  'oom_score_adj',
  'pids_limit',
  'privileged',
  'read_only',
  'restart_policy',
  'restart_retries',
  'runtime',
  'stop_signal',
  'stop_timeout',
  'storage_opts',
  'sysctls',
  'user',
  'userns_mode',
  'uts',
  'volume_driver',
  'working_dir',
  'publish_all_ports',
  'platform',
] as const satisfies readonly (keyof ContainerArgs)[];
const SETS = [
  'dns_opts',
  'groups',
  'security_opts',
  'volumes_from',
] as const satisfies readonly (keyof ContainerArgs)[];

/** Settings that Docker changes in place, with their names in the update request. */
export const UPDATABLE: Readonly<Record<string, string>> = {
  blkio_weight: 'BlkioWeight',
  cpu_period: 'CpuPeriod',
  cpu_quota: 'CpuQuota',
  cpuset_cpus: 'CpusetCpus',
  cpuset_mems: 'CpusetMems',
  cpu_shares: 'CpuShares',
  cpus: 'NanoCpus',
  kernel_memory: 'KernelMemory',
  memory: 'Memory',
  memory_reservation: 'MemoryReservation',
  memory_swap: 'MemorySwap',
  pids_limit: 'PidsLimit',
  restart_policy: 'RestartPolicy',
  restart_retries: 'RestartPolicy',
};

/** Lists and maps that are compared whole by default; the others of their kind need only contain what is asked for. */
export const WHOLE_BY_DEFAULT = new Set([
  'command',
  'entrypoint',
  'dns_servers',
  'dns_search_domains',
  'device_cgroup_rules',
]);

function given<T, U>(value: T | undefined, map: (value: T) => U): U | undefined {
  return value === undefined ? undefined : map(value);
}

function bytes(name: string, text: string): number {
  const found = bytesOf(text);
  if (found === undefined) throw new WishError(`${name}: "${text}" is no size (such as 512M)`);
  return found;
}

function wantedCommand(args: ContainerArgs, image: Json): readonly string[] | null | undefined {
  const { command } = args;
  if (command === undefined || command === null) return undefined;
  let words: readonly string[];
  if (Array.isArray(command))
    words = args.command_handling === 'correct' ? command.map(String) : split(command.map(String).join(' '));
  else words = split(String(command as string | number));
  if (words.length > 0) return words;
  // Empty means the image's own command; older handling means "not asked for".
  return args.command_handling === 'correct'
    ? image['Cmd'] === undefined || image['Cmd'] === null
      ? null
      : textsAt(image, 'Cmd')
    : undefined;
}

function split(text: string): readonly string[] {
  const words = splitWords(text);
  if (words.error !== undefined) throw new WishError(`command: ${words.error} in "${text}"`);
  return words.words;
}

function wantedEntrypoint(args: ContainerArgs): readonly string[] | undefined {
  if (args.entrypoint === undefined) return undefined;
  if (args.command_handling === 'correct') return args.entrypoint;
  return args.entrypoint.length === 0 ? undefined : split(args.entrypoint.join(' '));
}

function wantedEnvironment(args: ContainerArgs, context: WishContext): Readonly<Record<string, string>> {
  return { ...context.envFile, ...args.env };
}

function wantedHealth(health: NonNullable<ContainerArgs['healthcheck']>): Json {
  const test = healthTest(health);
  const time = (name: 'interval' | 'timeout' | 'start_period' | 'start_interval'): Json => {
    const text = health[name];
    if (text === undefined) return {};
    const value = nanosecondsOf(text);
    if (value === undefined) throw new WishError(`healthcheck.${name}: "${text}" is no time (such as 1m30s)`);
    return { [name]: value };
  };
  if (test[0] === 'NONE') return { test };
  return {
    ...(test.length === 0 ? {} : { test }),
    ...time('interval'),
    ...time('timeout'),
    ...time('start_period'),
    ...time('start_interval'),
    ...(health.retries === undefined ? {} : { retries: health.retries }),
  };
}

function healthTest(health: NonNullable<ContainerArgs['healthcheck']>): readonly string[] {
  const { test } = health;
  if (Array.isArray(test) && test.length > 0) return test.map(String);
  if (typeof test === 'string' && test !== '') return ['CMD-SHELL', test];
  return health.test_cli_compatible && test === undefined ? [] : ['NONE'];
}

function withAlias(link: string): string {
  return link.includes(':') ? link : `${link}:${link}`;
}

function containerMode(mode: string, context: WishContext): string {
  const name = mode.startsWith('container:') ? mode.slice('container:'.length) : undefined;
  // Docker 26.1 and newer say `bridge` where older ones keep `default`.
  if (mode === 'default') return 'bridge';
  return name === undefined ? mode : `container:${context.containerIds?.[name] ?? name}`;
}

function deviceOf(device: string): { PathOnHost: string; PathInContainer: string; CgroupPermissions: string } {
  const [host = '', inside = host, permissions = 'rwm'] = device.split(':');
  return { PathOnHost: host, PathInContainer: inside, CgroupPermissions: permissions };
}

function deviceRequestOf(request: NonNullable<ContainerArgs['device_requests']>[number]): Json {
  return {
    Driver: request.driver,
    Count: request.count,
    DeviceIDs: request.device_ids,
    Capabilities: request.capabilities,
    Options: request.options,
  };
}

function ulimitOf(limit: string): { Name: string; Soft: number; Hard: number } {
  const [name = '', soft, hard = soft] = limit.split(':');
  if (!/^-?\d+$/.test(soft ?? '') || !/^-?\d+$/.test(hard ?? ''))
    throw new WishError(`ulimits: "${limit}" must be name:soft or name:soft:hard`);
  return { Name: name, Soft: Number(soft), Hard: Number(hard) };
}

const VOLUME_MODES = new Set([
  'ro',
  'rw',
  'z',
  'Z',
  'consistent',
  'delegated',
  'cached',
  'rprivate',
  'private',
  'rshared',
  'shared',
  'rslave',
  'slave',
  'nocopy',
]);
const areModes = (text: string): boolean => text.split(',').every((mode) => VOLUME_MODES.has(mode));

/** Volumes without a source are anonymous; the others are binds (of a folder or of a named volume). Bind sources must be absolute. */
export function splitVolumes(args: Pick<ContainerArgs, 'volumes' | 'mounts'>): {
  anonymous: string[];
  binds: string[];
} {
  const anonymous: string[] = [];
  const binds: string[] = [];
  const seen = new Map<string, string>((args.mounts ?? []).map((mount) => [mount.target, 'mounts']));
  for (const volume of args.volumes ?? []) {
    const parts = volume.split(':');
    const [first = '', second, third] = parts;
    if (parts.length > 3 || (third !== undefined && !areModes(third)))
      throw new WishError(`volumes: "${volume}" must be /container, source:/container or source:/container:modes`);
    const isAnonymous = second === undefined || (third === undefined && areModes(second));
    const target = isAnonymous ? first : second;
    if (seen.has(target))
      throw new WishError(
        `the mount point "${target}" appears twice (in ${seen.get(target) ?? 'volumes'} and volumes)`,
      );
    seen.set(target, 'volumes');
    if (!isAnonymous && /^[.~]/.test(first))
      throw new WishError(`volumes: "${volume}" must name its source by an absolute path`);
    if (isAnonymous) anonymous.push(volume);
    else binds.push(`${first}:${second}:${third ?? 'rw'}`);
  }
  return { anonymous, binds };
}

/** A mount as the API takes it. */
function mountOf(mount: NonNullable<ContainerArgs['mounts']>[number]): Json {
  const { type, target, source } = mount;
  if (source === undefined && (type === 'bind' || type === 'npipe'))
    throw new WishError(`mounts: "${target}" of type ${type} needs a source`);
  const options: Record<string, unknown> = {
    bind: {
      Propagation: mount.propagation,
      NonRecursive: mount.non_recursive,
      CreateMountpoint: mount.create_mountpoint,
      ReadOnlyNonRecursive: mount.read_only_non_recursive,
      ReadOnlyForceRecursive: mount.read_only_force_recursive,
    },
    volume: {
      NoCopy: mount.no_copy,
      Labels: mount.labels,
      Subpath: mount.subpath,
      DriverConfig:
        mount.volume_driver === undefined ? undefined : { Name: mount.volume_driver, Options: mount.volume_options },
    },
    tmpfs: {
      Mode: given(mount.tmpfs_mode, (text) => octal(target, text)),
      SizeBytes: given(mount.tmpfs_size, (text) => bytes('tmpfs_size', text)),
      Options: mount.tmpfs_options?.flatMap((option) =>
        Object.entries(option).map(([key, value]) => (value === null ? [key] : [key, value])),
      ),
    },
    image: { Subpath: mount.subpath },
  };
  const member = { bind: 'BindOptions', volume: 'VolumeOptions', tmpfs: 'TmpfsOptions', image: 'ImageOptions' }[
    type as string
  ];
  const own = member === undefined ? undefined : defined(options[type] as Json);
  return defined({
    Type: type,
    Target: target,
    Source: source,
    ReadOnly: mount.read_only,
    Consistency: mount.consistency,
    ...(member === undefined || Object.keys(own ?? {}).length === 0 ? {} : { [member]: own }),
  });
}

function octal(target: string, text: string): number {
  if (!/^[0-7]+$/.test(text)) throw new WishError(`mounts: tmpfs_mode of "${target}" must be octal digits`);
  return parseInt(text, 8);
}

function defined(object: Json): Json {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

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

function exposedPorts(args: ContainerArgs): string[] {
  return [...(args.exposed_ports ?? []).flatMap((port) => expandPort(port.trim())), ...Object.keys(portBindings(args))];
}

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

/** An endpoint's configuration as the API takes it. */
export function endpointOf(network: NonNullable<ContainerArgs['networks']>[number], mac?: string): Json {
  const address = mac ?? network.mac_address?.replaceAll('-', ':');
  return defined({
    IPAMConfig:
      network.ipv4_address === undefined && network.ipv6_address === undefined
        ? undefined
        : defined({ IPv4Address: network.ipv4_address, IPv6Address: network.ipv6_address }),
    Aliases: network.aliases,
    Links: network.links?.map(withAlias),
    MacAddress: address,
    DriverOpts: network.driver_opts,
    GwPriority: network.gw_priority,
  });
}

/** The body of POST /containers/create. `api`: version of the daemon, which decides how networks and the MAC address are given. */
export function createBody(args: ContainerArgs, image: string, context: WishContext, api: string): Json {
  const settings = wantedSettings(args, { ...context, imageConfig: undefined });
  const volumes = splitVolumes(args);
  const health = settings['healthcheck'] as Json | undefined;
  const value = (name: string): unknown => settings[name];
  const env =
    args.env === undefined && args.env_file === undefined
      ? undefined
      : Object.entries(wantedEnvironment(args, context)).map(([name, text]) => `${name}=${text}`);
  const endpoints = Object.fromEntries(
    createdNetworks(args, api).map((network, index) => [
      network.name,
      endpointOf(network, index === 0 && apiAtLeast(api, '1.44') ? args.mac_address?.replaceAll('-', ':') : undefined),
    ]),
  );
  // Without networks the MAC address belongs to the endpoint of the mode's own network.
  if (args.networks === undefined && args.mac_address !== undefined && apiAtLeast(api, '1.44'))
    endpoints[args.network_mode ?? 'bridge'] = { MacAddress: args.mac_address.replaceAll('-', ':') };
  const host = defined({
    AutoRemove: args.auto_remove,
    BlkioWeight: args.blkio_weight,
    CapAdd: args.capabilities,
    CapDrop: args.cap_drop,
    CgroupnsMode: args.cgroupns_mode,
    CgroupParent: args.cgroup_parent,
    CpuPeriod: args.cpu_period,
    CpuQuota: args.cpu_quota,
    CpusetCpus: args.cpuset_cpus,
    CpusetMems: args.cpuset_mems,
    CpuShares: args.cpu_shares,
    NanoCpus: value('cpus'),
    Devices: args.devices?.map(deviceOf),
    DeviceCgroupRules: args.device_cgroup_rules,
    DeviceRequests: args.device_requests?.map((request) => defined(deviceRequestOf(request))),
    BlkioDeviceReadBps: apiRates(settings['device_read_bps']),
    BlkioDeviceWriteBps: apiRates(settings['device_write_bps']),
    BlkioDeviceReadIOps: apiRates(settings['device_read_iops']),
    BlkioDeviceWriteIOps: apiRates(settings['device_write_iops']),
    Dns: args.dns_servers,
    DnsOptions: args.dns_opts,
    DnsSearch: args.dns_search_domains,
    ExtraHosts: given(args.etc_hosts, (hosts) => Object.entries(hosts).map(([name, address]) => `${name}:${address}`)),
    GroupAdd: args.groups,
    Init: args.init,
    IpcMode: args.ipc_mode,
    KernelMemory: value('kernel_memory'),
    Links: args.links?.map(withAlias),
    LogConfig: args.log_driver === undefined ? undefined : { Type: args.log_driver, Config: args.log_options ?? {} },
    Memory: value('memory'),
    MemoryReservation: value('memory_reservation'),
    MemorySwap: value('memory_swap'),
    MemorySwappiness: args.memory_swappiness,
    ShmSize: value('shm_size'),
    NetworkMode: args.network_mode,
    OomKillDisable: args.oom_killer,
    OomScoreAdj: args.oom_score_adj,
    PidMode: args.pid_mode,
    PidsLimit: args.pids_limit,
    Privileged: args.privileged,
    ReadonlyRootfs: args.read_only,
    RestartPolicy: restartPolicyOf(args),
    Runtime: args.runtime,
    SecurityOpt: args.security_opts,
    StorageOpt: args.storage_opts,
    Sysctls: args.sysctls,
    Tmpfs: value('tmpfs'),
    Ulimits: args.ulimits?.map(ulimitOf),
    UsernsMode: args.userns_mode,
    UTSMode: args.uts,
    VolumeDriver: args.volume_driver,
    VolumesFrom: args.volumes_from,
    Binds: args.volumes === undefined ? undefined : volumes.binds,
    Mounts: args.mounts?.map(mountOf),
    PortBindings: args.published_ports === undefined ? undefined : portBindings(args),
    PublishAllPorts: args.publish_all_ports,
  });
  const attached = args.detach === false;
  return defined({
    Image: image,
    Cmd: value('command') ?? undefined,
    Entrypoint: args.entrypoint === undefined ? undefined : value('entrypoint'),
    Domainname: args.domainname,
    Hostname: args.hostname,
    Env: env,
    Labels: args.labels,
    Healthcheck:
      health === undefined
        ? undefined
        : defined({
            Test: health['test'],
            Interval: health['interval'],
            Timeout: health['timeout'],
            StartPeriod: health['start_period'],
            StartInterval: health['start_interval'],
            Retries: health['retries'],
          }),
    MacAddress: apiAtLeast(api, '1.44') ? undefined : value('mac_address'),
    StopSignal: args.stop_signal,
    StopTimeout: args.stop_timeout,
    Tty: args.tty,
    User: args.user,
    WorkingDir: args.working_dir,
    AttachStdin: attached && args.interactive === true,
    AttachStdout: attached,
    AttachStderr: attached,
    OpenStdin: args.interactive,
    StdinOnce: attached && args.interactive === true,
    Volumes:
      args.volumes === undefined ? undefined : Object.fromEntries(volumes.anonymous.map((volume) => [volume, {}])),
    ExposedPorts:
      args.exposed_ports === undefined && args.published_ports === undefined
        ? undefined
        : Object.fromEntries(exposedPorts(args).map((port) => [port, {}])),
    HostConfig: host,
    ...(Object.keys(endpoints).length === 0 ? {} : { NetworkingConfig: { EndpointsConfig: endpoints } }),
  });
}

function apiRates(rates: unknown): readonly Json[] | undefined {
  return rates === undefined
    ? undefined
    : Object.entries(rates as Readonly<Record<string, string>>).map(([path, rate]) => ({
        Path: path,
        Rate: Number(rate),
      }));
}

export function restartPolicyOf(args: ContainerArgs): Json | undefined {
  return args.restart_policy === undefined
    ? undefined
    : { Name: args.restart_policy, MaximumRetryCount: args.restart_retries ?? 0 };
}

/** The networks that the create request can carry: all of them from API 1.44 on, only the first before; none where the default network is wanted beside them. */
export function createdNetworks(args: ContainerArgs, api: string): NonNullable<ContainerArgs['networks']> {
  const networks = args.networks_cli_compatible ? (args.networks ?? []) : [];
  return apiAtLeast(api, '1.44') ? networks : networks.slice(0, 1);
}
