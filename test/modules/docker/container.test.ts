// docker_container on recorded containers: what is left alone, what is changed in place, what makes it anew and why, and the requests for it.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { differing } from '../../../src/core/same.ts';
import { Unknown } from '../../../src/core/value.ts';
import { docker_container } from '../../../src/modules/docker_container.ts';
import { splitVolumes } from '../../../src/modules/docker/container-mounts.ts';
import { portBindings } from '../../../src/modules/docker/container-ports.ts';
import { createBody } from '../../../src/modules/docker/create-body.ts';
import { containerState, type DockerContainer } from '../../../src/probes/docker-container.ts';
import { imageState, type DockerImage } from '../../../src/probes/docker-image.ts';
import type { Json } from '../../../src/probes/json.ts';
import { argumentsOf, basics } from './arguments.ts';

const recorded = (name: string): Json =>
  JSON.parse(readFileSync(new URL(`../../probes/docker/${name}.json`, import.meta.url), 'utf8')) as Json;
const inspect = recorded('container');
const container = containerState(inspect, '1.45');
const image = imageState(recorded('image'));
const same = {
  name: 't1',
  image: 'vobox-base:lab',
  command: 'sleep 1000',
  privileged: true,
  cgroupns_mode: 'private',
  volumes: ['/cvmfs:/cvmfs:rslave'],
  ulimits: ['nofile:1000:2000'],
  log_driver: 'local',
  log_options: { 'max-size': '20m' },
  networks: [
    { name: 'tn', ipv4_address: '10.77.0.150', ipv6_address: 'fd00:0077::0150', mac_address: '02-42-0A-4D-00-96' },
  ],
};

type State = Parameters<typeof docker_container.plan>[1];
function planned(
  given: Record<string, unknown>,
  state: State = { container, image },
): { keys: string[]; effects: string[]; steps: string[]; failed?: string; after: State } {
  const args = argumentsOf(docker_container, given);
  const plan = docker_container.plan(args, state, basics);
  if (!('after' in plan) || plan.after === undefined)
    return {
      keys: [],
      effects: [],
      steps: [],
      failed: 'failed' in plan ? String(plan.failed) : 'unknown',
      after: state,
    };
  const effects = plan.effects ?? [];
  const after: State = Object.assign({}, state, plan.after);
  const keys = differing({ ...state }, { ...plan.after });
  const steps =
    keys.length + effects.length === 0
      ? []
      : docker_container
          .apply(args, { before: state, after, effects }, basics)
          .map((step) =>
            step.kind === 'http'
              ? `${step.request.method} ${step.request.path}`
              : step.kind === 'run'
                ? step.argv.join(' ')
                : step.kind,
          );
  return { keys, effects: effects.map((effect) => effect.text), steps, after };
}
const without = (name: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(same).filter(([key]) => key !== name));

describe('docker_container', () => {
  it('leaves a container alone that is as declared', () =>
    expect(planned(same)).toMatchObject({ keys: [], effects: [] }));
  it('does not mind what is not mentioned, and numbers in log options', () => {
    const more = containerState({
      ...inspect,
      HostConfig: {
        ...(inspect['HostConfig'] as Json),
        LogConfig: { Type: 'local', Config: { 'max-size': '20m', 'max-file': '5' } },
      },
    });
    expect(planned({ name: 't1' })).toMatchObject({ keys: [], effects: [] });
    expect(planned({ ...same, log_options: { 'max-file': 5 } }, { container: more, image })).toMatchObject({
      keys: [],
      effects: [],
    });
  });
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['command', { command: ['sleep', '2000'] }, /command: \["sleep","1000"\] -> \["sleep","2000"\]/],
    ['environment', { env: { A: 1 } }, /env: A is missing/],
    ['volumes', { volumes: ['/cvmfs:/cvmfs'] }, /binds: \/cvmfs:\/cvmfs is missing/],
    ['ulimits', { ulimits: ['nofile:262144'] }, /ulimits: nofile differs/],
    ['privileges', { privileged: false }, /privileged: true -> false/],
    ['health check', { healthcheck: { test: 'true', interval: '2s' } }, /healthcheck: test differs, interval differs/],
    ['log driver', { log_driver: 'json-file' }, /log_driver: "local" -> "json-file"/],
    ['image name', { image: 'vobox-base:2' }, /image: vobox-base:lab -> vobox-base:2/],
    ['hostname', { hostname: 'box' }, /hostname: "5c653240d9ba" -> "box"/],
    [
      'published port',
      { published_ports: ['127.0.0.1:8080:80'] },
      /published_ports: 127.0.0.1:8080:80\/tcp is missing/,
    ],
  ])('is made anew for another %s', (_name, change, reason) => {
    const { effects, steps } = planned({ ...same, ...change });
    expect(effects).toHaveLength(1);
    expect(effects[0]).toMatch(reason);
    expect(effects[0]).toContain('is running and will be stopped');
    expect(steps.filter((step) => step.startsWith('POST /containers/create'))).toHaveLength(1);
  });
  it('creates the successor while the old one runs, then swaps them, so that a static address is free when it starts', () => {
    expect(planned({ ...same, hostname: 'box', stop_timeout: 5 }).steps).toEqual([
      'DELETE /containers/t1.vbx-new?force=true&v=true',
      'POST /containers/create?name=t1.vbx-new',
      'POST /containers/t1/stop?t=5',
      'DELETE /containers/t1?v=false',
      'POST /containers/t1.vbx-new/rename?name=t1',
      'POST /containers/t1/start',
      'GET /containers/t1/json',
    ]);
  });
  it('changes limits and the restart policy in place', () => {
    const { effects, steps, after } = planned({ ...same, memory: '512M', restart_policy: 'unless-stopped' });
    expect(effects).toEqual([]);
    expect(steps).toEqual(['POST /containers/t1/update', 'GET /containers/t1/json']);
    expect(after.container).toMatchObject({ settings: { memory: 536870912, restart_policy: 'unless-stopped' } });
  });
  it('connects, moves and leaves networks', () => {
    expect(planned({ ...same, networks: [...same.networks, { name: 'other' }] }).steps).toEqual([
      'POST /networks/other/connect',
      'GET /containers/t1/json',
    ]);
    expect(planned({ ...same, networks: [{ name: 'tn', ipv4_address: '10.77.0.151' }] }).steps).toEqual([
      'POST /networks/tn/disconnect',
      'POST /networks/tn/connect',
      'GET /containers/t1/json',
    ]);
    expect(planned({ ...without('networks'), networks: [], comparisons: { networks: 'strict' } }).steps).toEqual([
      'POST /networks/tn/disconnect',
      'GET /containers/t1/json',
    ]);
    expect(
      planned({ ...same, networks: [{ name: 'tn', ipv4_address: '10.77.0.151' }], comparisons: { networks: 'ignore' } })
        .steps,
    ).toEqual([]);
  });
  it.each([
    ['stopped', ['POST /containers/t1/stop', 'GET /containers/t1/json']],
    ['absent', ['POST /containers/t1/stop', 'DELETE /containers/t1?v=false']],
    ['present', []],
    ['started', []],
  ] as const)('makes a running container %s', (state, steps) => {
    expect(planned({ ...same, state }).steps).toEqual(steps);
  });
  it('starts a stopped one, restarts a running one when asked', () => {
    const stopped = containerState({ ...inspect, State: { Running: false } });
    expect(planned(same, { container: stopped, image }).steps).toEqual([
      'POST /containers/t1/start',
      'GET /containers/t1/json',
    ]);
    expect(planned({ ...same, restart: true }).steps).toEqual([
      'POST /containers/t1/restart?t=10',
      'GET /containers/t1/json',
    ]);
  });
  it('creates and starts what is not there', () => {
    const absent: DockerContainer = { kind: 'absent', info: { api: '1.45' } };
    expect(planned(same, { container: absent, image }).steps).toEqual([
      'POST /containers/create?name=t1',
      'POST /containers/t1/start',
      'GET /containers/t1/json',
    ]);
    expect(planned({ name: 't1' }, { container: absent }).failed).toMatch(/without an image/);
  });
  it('pulls an image that is not there, and takes its id as unknown until then', () => {
    const none: DockerImage = { kind: 'absent' };
    const first = planned(same, { container: { kind: 'absent' }, image: none });
    expect(first.effects).toEqual(['pull vobox-base:lab (it is not on the host)']);
    expect(first.steps[0]).toBe('docker pull vobox-base:lab');
    expect(first.after.container).toMatchObject({ image: { id: expect.any(Unknown) as unknown } });
    expect(planned({ ...same, pull: 'never' }, { container: { kind: 'absent' }, image: none }).failed).toMatch(
      /pull is never/,
    );
  });
  it('asks the registry with pull: always, and knows when nothing is new', () => {
    const has = (remote: string): DockerImage => ({
      ...(image as Extract<DockerImage, { kind: 'image' }>),
      info: { inspect: {}, config: {}, digests: ['sha256:aa'], remote },
    });
    expect(planned({ ...same, pull: true }, { container, image: has('sha256:aa') })).toMatchObject({
      keys: [],
      effects: [],
    });
    expect(
      planned({ ...same, pull: 'always' }, { container, image: has('sha256:bb') }).effects.map(
        (text) => text.split(' ')[0],
      ),
    ).toEqual(['pull', 're-create']);
  });
  it('is made anew for another image unless that is ignored', () => {
    const newer: DockerImage = {
      ...(image as Extract<DockerImage, { kind: 'image' }>),
      id: `sha256:${'b'.repeat(64)}`,
    };
    expect(planned(same, { container, image: newer }).effects[0]).toMatch(
      /image: sha256:2e7df79c04a1 -> sha256:bbbbbbbbbbbb/,
    );
    expect(planned({ ...same, comparisons: { image: 'ignore' } }, { container, image: newer }).effects).toEqual([]);
    expect(planned({ ...same, ignore_image: true }, { container, image: newer }).effects).toEqual([]);
  });
  it('compares by the rules of comparisons', () => {
    const labelled = containerState({
      ...inspect,
      Config: { ...(inspect['Config'] as Json), Labels: { a: '1', b: '2' } },
    });
    expect(planned({ ...same, labels: { a: '1' } }, { container: labelled, image }).effects).toEqual([]);
    expect(
      planned({ ...same, labels: { a: '1' }, comparisons: { labels: 'strict' } }, { container: labelled, image })
        .effects[0],
    ).toMatch(/labels: b is too much/);
    expect(planned({ ...same, command: 'other', comparisons: { '*': 'ignore', command: 'ignore' } }).effects).toEqual(
      [],
    );
    expect(() => planned({ ...same, comparisons: { '*': 'allow_more_present' } })).toThrow(/wildcard/);
    expect(() => planned({ ...same, comparisons: { nonsense: 'strict' } })).toThrow(/no argument "nonsense"/);
  });
  it('runs to its end each time with detach: false', () => {
    expect(
      planned({ ...same, detach: false }, { container: { kind: 'absent', info: { api: '1.45' } }, image }),
    ).toMatchObject({
      effects: ['run container t1 to its end'],
      steps: [
        'POST /containers/create?name=t1',
        'POST /containers/t1/start',
        'POST /containers/t1/wait',
        'GET /containers/t1/logs?stdout=true&stderr=true&follow=false&timestamps=false',
        'GET /containers/t1/json',
      ],
    });
  });
  it('plans nothing more on what it planned', () => {
    for (const change of [
      {},
      { hostname: 'box' },
      { memory: '1g' },
      { networks: [{ name: 'other' }] },
      { state: 'stopped' },
      { state: 'absent' },
    ]) {
      const first = planned({ ...same, ...change });
      expect(planned({ ...same, ...change }, first.after)).toMatchObject({ keys: [], effects: [] });
    }
  });
  it('says that there is no Docker', () =>
    expect(planned(same, { container: { kind: 'no-docker', message: 'gone' }, image }).failed).toBe('gone'));
});

describe('the create request', () => {
  const body = (given: Record<string, unknown>, api = '1.45'): Json =>
    createBody(argumentsOf(docker_container, { name: 'c', image: 'i', ...given }), 'i', {}, api);
  it('carries all networks from API 1.44 on, one before', () => {
    const networks = [{ name: 'a', ipv4_address: '10.0.0.2', mac_address: '02-00-00-00-00-01' }, { name: 'b' }];
    expect(body({ networks })['NetworkingConfig']).toEqual({
      EndpointsConfig: { a: { IPAMConfig: { IPv4Address: '10.0.0.2' }, MacAddress: '02:00:00:00:00:01' }, b: {} },
    });
    expect(body({ networks }, '1.43')['NetworkingConfig']).toEqual({
      EndpointsConfig: { a: { IPAMConfig: { IPv4Address: '10.0.0.2' }, MacAddress: '02:00:00:00:00:01' } },
    });
  });
  it('says only what the task says', () => {
    expect(body({})).toEqual({
      Image: 'i',
      AttachStdin: false,
      AttachStdout: false,
      AttachStderr: false,
      StdinOnce: false,
      HostConfig: {},
    });
    expect(
      body({
        mounts: [{ target: '/x', type: 'tmpfs', tmpfs_size: '1M', tmpfs_mode: '1777' }],
        env: { A: 'x y' },
        log_driver: 'local',
        restart_policy: 'on-failure',
        restart_retries: 3,
      }),
    ).toMatchObject({
      Env: ['A=x y'],
      HostConfig: {
        Mounts: [{ Type: 'tmpfs', Target: '/x', TmpfsOptions: { SizeBytes: 1048576, Mode: 1023 } }],
        LogConfig: { Type: 'local', Config: {} },
        RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
      },
    });
  });
  it.each<[string[], Record<string, unknown>]>([
    [['80'], { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '' }] }],
    [
      ['8080:80', '8081:80'],
      {
        '80/tcp': [
          { HostIp: '0.0.0.0', HostPort: '8080' },
          { HostIp: '0.0.0.0', HostPort: '8081' },
        ],
      },
    ],
    [['127.0.0.1:8081:9001/udp'], { '9001/udp': [{ HostIp: '127.0.0.1', HostPort: '8081' }] }],
    [
      ['[::1]:7000-7001:9010-9011'],
      { '9010/tcp': [{ HostIp: '::1', HostPort: '7000' }], '9011/tcp': [{ HostIp: '::1', HostPort: '7001' }] },
    ],
    [['8000-8100:9003'], { '9003/tcp': [{ HostIp: '0.0.0.0', HostPort: '8000-8100' }] }],
    [['127.0.0.1::9000'], { '9000/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] }],
  ])('publishes %j', (published_ports, bindings) => expect(portBindings({ published_ports })).toEqual(bindings));
  it('refuses ports and volumes that make no sense', () => {
    expect(() => portBindings({ published_ports: ['host.example:80:80'] })).toThrow(/must be container/);
    expect(() => splitVolumes({ volumes: ['/a:/x', '/b:/x'] })).toThrow(/appears twice/);
    expect(() => splitVolumes({ volumes: ['./a:/x'] })).toThrow(/absolute path/);
    expect(splitVolumes({ volumes: ['/data', 'named:/v', '/a:/b:ro', '/c:ro'] })).toEqual({
      anonymous: ['/data', '/c:ro'],
      binds: ['named:/v:rw', '/a:/b:ro'],
    });
  });
});
