// The arguments of docker_container, with the names, types and defaults of community.docker.
import { z } from 'zod';
import { bool, choice, dict, field, int, list, number, raw, str } from '../../core/args.ts';
import { dockerArgs } from './docker-args.ts';

const texts = () => list(str());
const rate = (type: z.ZodType) => z.array(z.object({ path: str(), rate: type }));

/** `pull` as community.docker takes it: a word, or a boolean of older playbooks. */
const pull = z.preprocess(
  (value) =>
    value === true || value === 'true' || value === 'yes'
      ? 'always'
      : value === false || value === 'false' || value === 'no'
        ? 'missing'
        : value,
  z.enum(['never', 'missing', 'always'], { error: 'must be one of: never, missing, always, true, false' }),
);

const networkAttachment = z.strictObject({
  name: str(),
  ipv4_address: str().optional(),
  ipv6_address: str().optional(),
  links: texts().optional(),
  aliases: texts().optional(),
  mac_address: str().optional(),
  driver_opts: dict(str()).optional(),
  gw_priority: int().optional(),
});
const mount = z.strictObject({
  target: str(),
  source: str().optional(),
  type: choice('bind', 'volume', 'tmpfs', 'npipe', 'cluster', 'image').default('volume'),
  read_only: bool().optional(),
  consistency: choice('default', 'consistent', 'cached', 'delegated').optional(),
  propagation: choice('private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave').optional(),
  no_copy: bool().optional(),
  labels: dict(str()).optional(),
  volume_driver: str().optional(),
  volume_options: dict(str()).optional(),
  tmpfs_size: str().optional(),
  tmpfs_mode: str().optional(),
  non_recursive: bool().optional(),
  create_mountpoint: bool().optional(),
  read_only_non_recursive: bool().optional(),
  read_only_force_recursive: bool().optional(),
  subpath: str().optional(),
  tmpfs_options: z.array(z.record(z.string(), z.union([z.string(), z.null()]))).optional(),
});
const healthcheck = z.strictObject({
  test: raw().optional(),
  test_cli_compatible: bool().default(false),
  interval: str().optional(),
  timeout: str().optional(),
  start_period: str().optional(),
  start_interval: str().optional(),
  retries: int().optional(),
});

export const containerArgs = {
  ...dockerArgs,
  name: str().describe('Name of the container'),
  state: choice('absent', 'present', 'healthy', 'stopped', 'started')
    .default('started')
    .describe(
      'What should be: absent, present (whether running or not), started, healthy (started and waited for), stopped',
    ),
  image: str().optional().describe('The image; needed to create the container'),
  command: raw().optional().describe('Command as a list, or as text that is split as a shell would'),
  entrypoint: texts().optional(),
  command_handling: choice('compatibility', 'correct').default('correct'),
  container_default_behavior: choice('compatibility', 'no_defaults').default('no_defaults'),
  comparisons: z
    .record(z.string(), choice('strict', 'ignore', 'allow_more_present'))
    .optional()
    .describe('How an argument (or `*`) is compared: strict, ignore, allow_more_present'),
  ignore_image: bool().default(false).describe('The image does not count (older name of comparisons: image: ignore)'),
  purge_networks: bool()
    .default(false)
    .describe('Leave networks that are not listed (older name of comparisons: networks: strict)'),
  image_comparison: choice('desired-image', 'current-image').default('desired-image'),
  image_label_mismatch: choice('ignore', 'fail').default('ignore'),
  image_name_mismatch: choice('ignore', 'recreate').default('recreate'),
  recreate: bool().default(false).describe('Make the container anew whatever it is'),
  restart: bool().default(false).describe('Restart a container that is as it should be'),
  paused: bool().optional(),
  force_kill: field(bool().default(false), { aliases: ['forcekill'] }),
  kill_signal: str().optional(),
  keep_volumes: bool().default(true).describe('Keep anonymous volumes of a container that is removed'),
  pull: pull
    .default('missing')
    .describe('missing: pull when the image is not there; always: ask the registry each time; never'),
  pull_check_mode_behavior: choice('image_not_present', 'always').default('image_not_present'),
  cleanup: bool().default(false).describe('With detach: false, remove the container after it ended'),
  output_logs: bool().default(false),
  healthy_wait_timeout: number().default(300),
  removal_wait_timeout: number().optional(),
  default_host_ip: str().optional(),
  networks_cli_compatible: bool().default(true),
  networks: z
    .array(networkAttachment)
    .optional()
    .describe('Networks with name, ipv4_address, ipv6_address, mac_address, aliases, links'),
  env: z
    .record(
      z.string(),
      z.union([z.string(), z.number().transform(String)], {
        error: 'must be text: quote it, so that YAML does not make a boolean or date of it',
      }),
      { error: 'must be a dictionary' },
    )
    .optional(),
  env_file: str().optional().describe('File on the host with lines NAME=value'),
  auto_remove: bool().optional(),
  blkio_weight: int().optional(),
  capabilities: texts().optional(),
  cap_drop: texts().optional(),
  cgroupns_mode: choice('private', 'host').optional(),
  cgroup_parent: str().optional(),
  cpu_period: int().optional(),
  cpu_quota: int().optional(),
  cpus: number().optional(),
  cpuset_cpus: str().optional(),
  cpuset_mems: str().optional(),
  cpu_shares: int().optional(),
  detach: bool().optional(),
  interactive: bool().optional(),
  tty: bool().optional(),
  devices: texts().optional(),
  device_cgroup_rules: texts().optional(),
  device_read_bps: rate(str()).optional(),
  device_write_bps: rate(str()).optional(),
  device_read_iops: rate(int()).optional(),
  device_write_iops: rate(int()).optional(),
  device_requests: z
    .array(
      z.strictObject({
        capabilities: z.array(z.array(z.string())).optional(),
        count: int().optional(),
        device_ids: texts().optional(),
        driver: str().optional(),
        options: dict(str()).optional(),
      }),
    )
    .optional(),
  dns_servers: texts().optional(),
  dns_opts: texts().optional(),
  dns_search_domains: texts().optional(),
  domainname: str().optional(),
  hostname: str().optional(),
  etc_hosts: dict(str()).optional().describe('Names and their addresses for /etc/hosts of the container'),
  groups: texts().optional(),
  healthcheck: healthcheck.optional(),
  init: bool().optional(),
  ipc_mode: str().optional(),
  kernel_memory: str().optional(),
  labels: dict(str()).optional(),
  links: texts().optional(),
  log_driver: str().optional(),
  log_options: field(dict(str()).optional(), { aliases: ['log_opt'] }),
  mac_address: str().optional(),
  memory: str().optional(),
  memory_reservation: str().optional(),
  memory_swap: str().optional(),
  memory_swappiness: int().optional(),
  shm_size: str().optional(),
  network_mode: str().optional(),
  oom_killer: bool().optional(),
  oom_score_adj: int().optional(),
  pid_mode: str().optional(),
  pids_limit: int().optional(),
  platform: str().optional(),
  privileged: bool().optional(),
  read_only: bool().optional(),
  restart_policy: choice('no', 'on-failure', 'always', 'unless-stopped').optional(),
  restart_retries: int().optional(),
  runtime: str().optional(),
  security_opts: texts().optional(),
  stop_signal: str().optional(),
  stop_timeout: int().optional(),
  storage_opts: dict(str()).optional(),
  sysctls: dict(str()).optional(),
  tmpfs: texts().optional(),
  ulimits: texts().optional().describe('name:soft or name:soft:hard'),
  user: str().optional(),
  userns_mode: str().optional(),
  uts: str().optional(),
  volumes: texts().optional().describe('/host:/container[:modes], or /container for an anonymous volume'),
  volume_driver: str().optional(),
  volumes_from: texts().optional(),
  working_dir: str().optional(),
  mounts: z.array(mount).optional(),
  exposed_ports: field(texts().optional(), { aliases: ['exposed', 'expose'] }),
  published_ports: field(texts().optional(), { aliases: ['ports'] }),
  publish_all_ports: bool().optional(),
};

export type ContainerArgs = z.output<z.ZodObject<typeof containerArgs>>;
