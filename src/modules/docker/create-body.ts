// What a docker_container task wants, as the body of the API's create request.
import { apiAtLeast } from '../../probes/docker.ts';
import { withoutUndefined, type Json } from '../../probes/json.ts';
import type { ContainerArgs } from './container-args.ts';
import { mountOf, splitVolumes } from './container-mounts.ts';
import { createdNetworks, endpointOf } from './container-networks.ts';
import { exposedPorts, portBindings } from './container-ports.ts';
import {
  deviceOf,
  deviceRequestOf,
  ulimitOf,
  wantedEnvironment,
  wantedSettings,
  withAlias,
  type WishContext,
} from './container-wish.ts';

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
  const host = withoutUndefined({
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
    DeviceRequests: args.device_requests?.map((request) => withoutUndefined(deviceRequestOf(request))),
    BlkioDeviceReadBps: apiRates(settings['device_read_bps']),
    BlkioDeviceWriteBps: apiRates(settings['device_write_bps']),
    BlkioDeviceReadIOps: apiRates(settings['device_read_iops']),
    BlkioDeviceWriteIOps: apiRates(settings['device_write_iops']),
    Dns: args.dns_servers,
    DnsOptions: args.dns_opts,
    DnsSearch: args.dns_search_domains,
    ExtraHosts: args.etc_hosts && Object.entries(args.etc_hosts).map(([name, address]) => `${name}:${address}`),
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
  return withoutUndefined({
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
        : withoutUndefined({
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
