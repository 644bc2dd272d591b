// A container of Docker's: every setting in canonical form under the name that docker_container has for it, so that states compare field by field.
import type { Probe } from '../core/probe.ts';
import type { Unknown } from '../core/value.ts';
import { DOCKER_SOCKET, dockerObject, dockerProbe, get, type NoDocker } from './docker.ts';
import { canonicalAddress } from './ip.ts';
import { flagAt, listAt, objectAt, pairsAt, textAt, textsAt, valueAt, type Json } from './json.ts';

/** A connection to a network; addresses as asked for when it was made (not those that Docker chose), '' where not asked for. */
export interface NetworkAttachment {
  readonly name: string;
  readonly ipv4: string;
  readonly ipv6: string;
  readonly mac: string | Unknown;
  readonly aliases: readonly string[];
  readonly links: readonly string[];
}

/** Scalars; lists in their order; sets as objects whose members are `true`, maps as objects. `null` where Docker has none. */
export type Settings = Readonly<Record<string, unknown>> & { readonly kind: 'settings' };

/** `image.name` is the name the container was made from. `networks` is sorted by name. */
export type DockerContainer =
  | NoDocker
  | { readonly kind: 'absent'; readonly info?: { readonly api?: string } }
  | {
      readonly kind: 'container';
      readonly running: boolean;
      readonly paused: boolean;
      readonly image: { readonly id: string | Unknown; readonly name: string };
      readonly settings: Settings;
      readonly networks: readonly NetworkAttachment[];
      readonly info: { readonly api?: string; readonly inspect: Json };
    };

/** The container NAME (name or id), resource `docker.container:NAME`. */
export function dockerContainerProbe(name: string, socket: string = DOCKER_SOCKET): Probe<DockerContainer> {
  return dockerProbe(
    'docker.container',
    socket,
    `docker.container:${name}`,
    name,
    (query: string) => [get(`/containers/${encodeURIComponent(query)}/json`)],
    ([response]): DockerContainer => {
      const state = dockerObject(response);
      return state.kind === 'found' ? containerState(objectAt(state.info, 'json'), state.info.api) : state;
    },
  );
}

/** The state of a container from Docker's inspect data. */
export function containerState(inspect: Json, api?: string): DockerContainer {
  return {
    kind: 'container',
    running: flagAt(inspect, 'State', 'Running'),
    paused: flagAt(inspect, 'State', 'Paused'),
    image: { id: textAt(inspect, 'Image'), name: textAt(inspect, 'Config', 'Image') },
    settings: readSettings(inspect),
    networks: readNetworks(inspect),
    info: { ...(api === undefined ? {} : { api }), inspect },
  };
}

function readNetworks(inspect: Json): NetworkAttachment[] {
  const id = textAt(inspect, 'Id').slice(0, 12);
  const mode = textAt(inspect, 'HostConfig', 'NetworkMode');
  return Object.entries(objectAt(inspect, 'NetworkSettings', 'Networks'))
    .map(([name, endpoint]) => ({
      name,
      ipv4: canonicalAddress(textAt(endpoint, 'IPAMConfig', 'IPv4Address')),
      ipv6: canonicalAddress(textAt(endpoint, 'IPAMConfig', 'IPv6Address')),
      // A stopped container's endpoint has no address; what the container was made with is in its configuration then.
      mac: (
        textAt(endpoint, 'MacAddress') || (name === mode ? textAt(inspect, 'Config', 'MacAddress') : '')
      ).toLowerCase(),
      // Engines before 25 add the short id by themselves.
      aliases: textsAt(endpoint, 'Aliases')
        .filter((alias) => alias !== id)
        .sort(),
      links: textsAt(endpoint, 'Links').sort(),
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

const orNull = (value: unknown): unknown => value ?? null;

/** Texts as a set. */
export function setOf(texts: readonly string[]): Readonly<Record<string, true>> {
  return Object.fromEntries([...texts].sort().map((text) => [text, true]));
}
/** `key=value` texts as a map; without `=` the value is ''. */
export function mapOf(pairs: readonly string[], separator = '='): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...pairs].sort().map((pair) => {
      const at = pair.indexOf(separator);
      return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/** Settings by the name of docker_container's argument. */
function readSettings(inspect: Json): Settings {
  const config = objectAt(inspect, 'Config');
  const host = objectAt(inspect, 'HostConfig');
  const text = (name: string): string => textAt(host, name);
  const number = (name: string): unknown => orNull(host[name]);
  const set = (name: string) => setOf(textsAt(host, name));
  const words = (name: string): readonly string[] | null =>
    config[name] === undefined || config[name] === null ? null : textsAt(config, name);
  return {
    kind: 'settings',
    auto_remove: flagAt(host, 'AutoRemove'),
    blkio_weight: number('BlkioWeight'),
    capabilities: setOf(textsAt(host, 'CapAdd').map(canonicalCap)),
    cap_drop: setOf(textsAt(host, 'CapDrop').map(canonicalCap)),
    cgroupns_mode: text('CgroupnsMode'),
    cgroup_parent: text('CgroupParent'),
    command: words('Cmd'),
    entrypoint: words('Entrypoint'),
    cpu_period: number('CpuPeriod'),
    cpu_quota: number('CpuQuota'),
    cpuset_cpus: text('CpusetCpus'),
    cpuset_mems: text('CpusetMems'),
    cpu_shares: number('CpuShares'),
    cpus: number('NanoCpus'),
    detach: !(flagAt(config, 'AttachStderr') && flagAt(config, 'AttachStdout')),
    interactive: flagAt(config, 'OpenStdin'),
    tty: flagAt(config, 'Tty'),
    devices: setOf(
      listAt(host, 'Devices').map(
        (device) =>
          `${textAt(device, 'PathOnHost')}:${textAt(device, 'PathInContainer')}:${textAt(device, 'CgroupPermissions')}`,
      ),
    ),
    device_read_bps: rates(host, 'BlkioDeviceReadBps'),
    device_write_bps: rates(host, 'BlkioDeviceWriteBps'),
    device_read_iops: rates(host, 'BlkioDeviceReadIOps'),
    device_write_iops: rates(host, 'BlkioDeviceWriteIOps'),
    device_requests: setOf(listAt(host, 'DeviceRequests').map(canonicalJson)),
    device_cgroup_rules: textsAt(host, 'DeviceCgroupRules'),
    dns_servers: textsAt(host, 'Dns'),
    dns_opts: set('DnsOptions'),
    dns_search_domains: textsAt(host, 'DnsSearch'),
    domainname: textAt(config, 'Domainname'),
    hostname: textAt(config, 'Hostname'),
    env: mapOf(textsAt(config, 'Env')),
    etc_hosts: mapOf(textsAt(host, 'ExtraHosts'), ':'),
    groups: set('GroupAdd'),
    healthcheck: canonicalHealth(objectAt(config, 'Healthcheck')),
    init: host['Init'] === true,
    ipc_mode: text('IpcMode'),
    kernel_memory: number('KernelMemory'),
    labels: mapOf(pairsAt(config, 'Labels')),
    links: setOf(textsAt(host, 'Links').map(canonicalLink)),
    log_driver: textAt(host, 'LogConfig', 'Type'),
    log_options: mapOf(pairsAt(host, 'LogConfig', 'Config')),
    mac_address: (
      textAt(config, 'MacAddress') || textAt(inspect, 'NetworkSettings', 'Networks', text('NetworkMode'), 'MacAddress')
    ).toLowerCase(),
    memory: number('Memory'),
    memory_reservation: number('MemoryReservation'),
    memory_swap: number('MemorySwap'),
    memory_swappiness: number('MemorySwappiness'),
    network_mode: text('NetworkMode'),
    oom_killer: host['OomKillDisable'] === true,
    oom_score_adj: number('OomScoreAdj'),
    pid_mode: text('PidMode'),
    pids_limit: number('PidsLimit'),
    platform: textAt(inspect, 'Platform'),
    privileged: flagAt(host, 'Privileged'),
    read_only: flagAt(host, 'ReadonlyRootfs'),
    restart_policy: textAt(host, 'RestartPolicy', 'Name') || 'no',
    restart_retries: valueAt(host, 'RestartPolicy', 'MaximumRetryCount') ?? 0,
    runtime: text('Runtime'),
    security_opts: set('SecurityOpt'),
    shm_size: number('ShmSize'),
    stop_signal: textAt(config, 'StopSignal'),
    stop_timeout: orNull(config['StopTimeout']),
    storage_opts: mapOf(pairsAt(host, 'StorageOpt')),
    sysctls: mapOf(pairsAt(host, 'Sysctls')),
    tmpfs: mapOf(pairsAt(host, 'Tmpfs')),
    ulimits: mapOf(
      listAt(host, 'Ulimits').map(
        (limit) => `${textAt(limit, 'Name')}=${textAt(limit, 'Soft')}:${textAt(limit, 'Hard')}`,
      ),
    ),
    user: textAt(config, 'User'),
    userns_mode: text('UsernsMode'),
    uts: text('UTSMode'),
    volume_driver: text('VolumeDriver'),
    volumes_from: set('VolumesFrom'),
    working_dir: textAt(config, 'WorkingDir'),
    volumes: setOf(Object.keys(objectAt(config, 'Volumes'))),
    binds: setOf(textsAt(host, 'Binds').map(canonicalBind)),
    mounts: setOf(listAt(host, 'Mounts').map(canonicalJson)),
    exposed_ports: setOf(Object.keys(objectAt(config, 'ExposedPorts')).flatMap(expandPort)),
    publish_all_ports: flagAt(host, 'PublishAllPorts'),
    published_ports: setOf(
      Object.entries(objectAt(host, 'PortBindings')).flatMap(([port, bindings]) =>
        (Array.isArray(bindings) ? bindings : []).map(
          (binding) => `${textAt(binding, 'HostIp')}:${textAt(binding, 'HostPort')}:${port}`,
        ),
      ),
    ),
  };
}

function rates(host: Json, name: string): Readonly<Record<string, string>> {
  return mapOf(listAt(host, name).map((rate) => `${textAt(rate, 'Path')}=${textAt(rate, 'Rate')}`));
}

/** A capability without `CAP_`, in capitals. */
export function canonicalCap(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, '');
}

/** `source:target` with `:modes` behind it where there are any beside `rw`, which is the default; modes sorted. */
export function canonicalBind(bind: string): string {
  const [source = '', target = '', modes = ''] = bind.split(':');
  const kept = modes
    .split(',')
    .filter((mode) => mode !== '' && mode !== 'rw')
    .sort();
  return `${source.length > 1 ? source.replace(/\/+$/, '') : source}:${target.length > 1 ? target.replace(/\/+$/, '') : target}${kept.length === 0 ? '' : `:${kept.join(',')}`}`;
}

/** `container:alias` of a link, which Docker stores as `/container:/name/alias`. */
export function canonicalLink(link: string): string {
  const [target = '', alias = ''] = link.split(':');
  return `${target.replace(/^\//, '')}:${alias.slice(alias.lastIndexOf('/') + 1)}`;
}

/** A structure of the API (a mount, a device request) as JSON with sorted keys, without what is empty, false or the default. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(prune(value) ?? {});
}

function prune(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => prune(item) ?? null);
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .map(([key, item]) => [key, prune(item)] as const)
      .filter(([, item]) => item !== undefined && item !== 'default');
    return members.length === 0
      ? undefined
      : Object.fromEntries(members.sort(([one], [other]) => (one < other ? -1 : 1)));
  }
  return value === null || value === false || value === '' || value === 0 ? undefined : value;
}

/** A health check with times in nanoseconds; `test` is `['NONE']` where there is none. */
interface Health {
  readonly test: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly start_period: number;
  readonly start_interval: number;
  readonly retries: number;
}
function canonicalHealth(health: Json): Health {
  const number = (name: string): number => (typeof health[name] === 'number' ? (health[name] as number) : 0);
  const test = textsAt(health, 'Test');
  return {
    test: test.length === 0 ? ['NONE'] : test,
    interval: number('Interval'),
    timeout: number('Timeout'),
    start_period: number('StartPeriod'),
    start_interval: number('StartInterval'),
    retries: number('Retries'),
  };
}

/** `8000-8002/udp` as single ports with protocol; without protocol it is tcp. */
export function expandPort(port: string): string[] {
  const [numbers = '', protocol = 'tcp'] = port.split('/');
  const [first, last = first] = numbers.split('-').map(Number);
  if (first === undefined || last === undefined || !Number.isInteger(first) || !Number.isInteger(last) || last < first)
    return [`${numbers}/${protocol}`];
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`);
}
