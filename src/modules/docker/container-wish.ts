// What a docker_container task wants of each setting, in the canonical form of the probe.
import { splitWords } from '../../core/words.ts';
import {
  canonicalBind,
  canonicalCap,
  canonicalJson,
  canonicalLink,
  expandPort,
  mapOf,
  setOf,
  type Settings,
} from '../../probes/docker-container.ts';
import { objectAt, pairsAt, textsAt, type Json } from '../../probes/json.ts';
import type { ContainerArgs } from './container-args.ts';
import { mountOf, splitVolumes } from './container-mounts.ts';
import { exposedPorts, portBindings } from './container-ports.ts';
import { nanosecondsOf } from './size.ts';
import { bytes, WishError } from './wish-error.ts';

/** What else decides the wish: the image's own configuration (when it is on the host), variables of env_file, ids of containers named in `container:NAME` modes. */
export interface WishContext {
  readonly imageConfig?: Json | undefined;
  readonly envFile?: Readonly<Record<string, string>>;
  readonly containerIds?: Readonly<Record<string, string>>;
}

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

export function wantedEnvironment(args: ContainerArgs, context: WishContext): Readonly<Record<string, string>> {
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

function containerMode(mode: string, context: WishContext): string {
  const name = mode.startsWith('container:') ? mode.slice('container:'.length) : undefined;
  // Docker 26.1 and newer say `bridge` where older ones keep `default`.
  if (mode === 'default') return 'bridge';
  return name === undefined ? mode : `container:${context.containerIds?.[name] ?? name}`;
}

export function deviceOf(device: string): { PathOnHost: string; PathInContainer: string; CgroupPermissions: string } {
  const [host = '', inside = host, permissions = 'rwm'] = device.split(':');
  return { PathOnHost: host, PathInContainer: inside, CgroupPermissions: permissions };
}

export function deviceRequestOf(request: NonNullable<ContainerArgs['device_requests']>[number]): Json {
  return {
    Driver: request.driver,
    Count: request.count,
    DeviceIDs: request.device_ids,
    Capabilities: request.capabilities,
    Options: request.options,
  };
}

export function ulimitOf(limit: string): { Name: string; Soft: number; Hard: number } {
  const [name = '', soft, hard = soft] = limit.split(':');
  if (!/^-?\d+$/.test(soft ?? '') || !/^-?\d+$/.test(hard ?? ''))
    throw new WishError(`ulimits: "${limit}" must be name:soft or name:soft:hard`);
  return { Name: name, Soft: Number(soft), Hard: Number(hard) };
}

/** A link with its alias, which is the name where none is given. */
export function withAlias(link: string): string {
  return link.includes(':') ? link : `${link}:${link}`;
}
