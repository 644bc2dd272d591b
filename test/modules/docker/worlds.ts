// Arbitrary observations of Docker: absent daemons, containers, networks, images, in values that the arguments of the laws' cases meet.
import fc from 'fast-check';
import type { StateModule } from '../../../src/core/module.ts';
import type { DockerHost, DockerVolume } from '../../../src/probes/docker.ts';
import { containerState, type DockerContainer } from '../../../src/probes/docker-container.ts';
import type { DockerDaemon } from '../../../src/probes/docker-daemon.ts';
import type { DockerImage } from '../../../src/probes/docker-image.ts';
import { networkState, type DockerNetwork } from '../../../src/probes/docker-network.ts';
import { basics, parseArgs } from '../on-this-machine.ts';

export const noDocker = { kind: 'no-docker', message: 'cannot talk to the Docker daemon' } as const;
const rarely = <T>(arbitrary: fc.Arbitrary<T>) => ({ weight: 1, arbitrary });

export const imageIds = fc.constantFrom('sha256:aa', 'sha256:bb');
export const images: fc.Arbitrary<DockerImage> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .record({
        id: imageIds,
        layers: fc.constantFrom(1, 3),
        remote: fc.option(fc.constantFrom('sha256:1', 'sha256:2'), { nil: undefined }),
        labels: fc.constantFrom({}, { a: '1' }),
      })
      .map(({ id, layers, remote, labels }): DockerImage => ({
        kind: 'image',
        id,
        layers,
        info: {
          inspect: { Id: id, Os: 'linux', Architecture: 'amd64' },
          config: { Env: ['PATH=/bin'], Cmd: ['run'], Labels: labels },
          digests: ['sha256:1'],
          ...(remote === undefined ? { remoteError: 'no route' } : { remote }),
        },
      })),
  },
  { weight: 2, arbitrary: fc.constant<DockerImage>({ kind: 'absent' }) },
  rarely(fc.constant<DockerImage>(noDocker)),
);

export const containers: fc.Arbitrary<DockerContainer> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        running: fc.boolean(),
        paused: fc.boolean(),
        image: imageIds,
        command: fc.constantFrom(['run'], ['other']),
        memory: fc.constantFrom(0, 1048576),
        privileged: fc.boolean(),
        env: fc.constantFrom(['PATH=/bin'], ['PATH=/bin', 'A=1']),
        policy: fc.constantFrom('no', 'always'),
        ipv4: fc.constantFrom('10.0.0.2', '10.0.0.3'),
        other: fc.boolean(),
        health: fc.constantFrom(undefined, 'healthy', 'starting'),
      })
      .map(({ running, paused, image, command, memory, privileged, env, policy, ipv4, other, health }) =>
        containerState(
          {
            Id: 'c'.repeat(64),
            Image: image,
            Name: '/box',
            State: {
              Running: running,
              Paused: paused && running,
              ...(health === undefined ? {} : { Health: { Status: health } }),
            },
            Config: { Image: 'img:1', Cmd: command, Env: env, Hostname: 'cccccccccccc', Labels: {} },
            HostConfig: {
              Memory: memory,
              Privileged: privileged,
              RestartPolicy: { Name: policy, MaximumRetryCount: 0 },
              NetworkMode: 'net',
              LogConfig: { Type: 'json-file', Config: {} },
              Binds: null,
            },
            NetworkSettings: {
              Networks: {
                net: { IPAMConfig: { IPv4Address: ipv4 }, MacAddress: running ? '02:00:00:00:00:01' : '' },
                ...(other ? { other: {} } : {}),
              },
            },
          },
          '1.45',
        ),
      ),
  },
  { weight: 2, arbitrary: fc.constant<DockerContainer>({ kind: 'absent', info: { api: '1.45' } }) },
  rarely(fc.constant<DockerContainer>(noDocker)),
);

export const networks: fc.Arbitrary<DockerNetwork> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        driver: fc.constantFrom('bridge', 'macvlan'),
        parent: fc.constantFrom('eth0', 'eth1'),
        gateway: fc.constantFrom('10.0.0.1', '10.0.0.254'),
        v6: fc.boolean(),
        aux: fc.constantFrom({}, { shim: '10.0.0.9' }, { 'vbx-shim': '10.0.0.9' }),
        connected: fc.subarray(['a', 'b']),
      })
      .map(({ driver, parent, gateway, v6, aux, connected }) =>
        networkState({
          Name: 'net',
          Driver: driver,
          Scope: 'local',
          EnableIPv6: v6,
          Options: driver === 'macvlan' ? { parent } : {},
          Labels: {},
          IPAM: { Driver: 'default', Config: [{ Subnet: '10.0.0.0/24', Gateway: gateway, AuxiliaryAddresses: aux }] },
          Containers: Object.fromEntries(connected.map((name) => [name, { Name: name }])),
        }),
      ),
  },
  { weight: 2, arbitrary: fc.constant<DockerNetwork>({ kind: 'absent' }) },
  rarely(fc.constant<DockerNetwork>(noDocker)),
);

export const volumes: fc.Arbitrary<DockerVolume> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .record({
        driver: fc.constantFrom('local', 'nfs'),
        labels: fc.constantFrom({}, { a: '1' }),
        options: fc.constantFrom({}, { type: 'tmpfs' }),
      })
      .map((state): DockerVolume => ({ kind: 'volume', ...state, info: { inspect: {} } })),
  },
  { weight: 2, arbitrary: fc.constant<DockerVolume>({ kind: 'absent' }) },
  rarely(fc.constant<DockerVolume>(noDocker)),
);

export const hosts: fc.Arbitrary<DockerHost> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        live: fc.boolean(),
        running: fc.constantFrom(0, 2),
        swarm: fc.constantFrom('inactive', 'inactive', 'active'),
      })
      .map(({ live, running, swarm }): DockerHost => ({
        kind: 'docker',
        info: {
          info: { LiveRestoreEnabled: live, ContainersRunning: running, Swarm: { LocalNodeState: swarm } },
          version: {},
        },
      })),
  },
  rarely(fc.constant<DockerHost>(noDocker)),
);
export const daemons: fc.Arbitrary<DockerDaemon> = fc
  .record({
    installed: fc.boolean(),
    restartPending: fc.boolean(),
    pid: fc.constantFrom(0, 7),
    flags: fc.constantFrom<readonly string[]>([], ['hosts'], ['log-driver']),
  })
  .map(({ pid, flags, ...rest }) => ({ kind: 'daemon', ...rest, info: { pid, flags } }));

/** The state that an earlier run of the same task would have left, where it could run; otherwise what is observed. */
export function satisfied(
  module: StateModule,
  { args, observed }: { readonly args: Record<string, unknown>; readonly observed: Record<string, unknown> },
): Record<string, unknown> {
  const plan = module.plan(parseArgs(module, args), observed, basics);
  return 'after' in plan && plan.after !== undefined
    ? { ...observed, ...(plan.after as Record<string, unknown>) }
    : observed;
}
