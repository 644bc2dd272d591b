// Docker's answers, recorded from dockerd 26.1.5 (API 1.45), as states.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HttpResponse } from '../../src/core/connection.ts';
import type { Probe } from '../../src/core/probe.ts';
import { apiAtLeast, dockerHostProbe, dockerVolumeProbe } from '../../src/probes/docker.ts';
import { canonicalBind, canonicalJson, dockerContainerProbe, expandPort } from '../../src/probes/docker-container.ts';
import { dockerImageProbe, fullImageName, imagePath, splitImageName } from '../../src/probes/docker-image.ts';
import { dockerNetworkProbe } from '../../src/probes/docker-network.ts';

const recorded = (name: string): string => readFileSync(new URL(`docker/${name}.json`, import.meta.url), 'utf8');
const response = (status: number, body: string): HttpResponse => ({
  status,
  headers: { 'api-version': '1.45' },
  body: Buffer.from(body),
});

function answered<S>(probe: Probe<S>, ...responses: HttpResponse[]): S {
  if (probe.family.http === undefined) throw new Error('not asked over HTTP');
  return probe.family.http.parse(responses, probe.query);
}
const paths = (probe: Probe): string[] =>
  probe.family.http?.requests(probe.query).map((request) => `${request.method} ${request.path}`) ?? [];

describe('a container', () => {
  it('is asked by name', () =>
    expect(paths(dockerContainerProbe('vo box'))).toEqual(['GET /containers/vo%20box/json']));
  it('is told in canonical form', () => {
    const state = answered(dockerContainerProbe('t1'), response(200, recorded('container')));
    expect(state).toMatchObject({
      kind: 'container',
      running: true,
      paused: false,
      image: { name: 'vobox-base:lab' },
      info: { api: '1.45' },
      settings: {
        command: ['sleep', '1000'],
        entrypoint: null,
        privileged: true,
        ulimits: { nofile: '1000:2000' },
        binds: { '/cvmfs:/cvmfs:rslave': true },
        log_driver: 'local',
        log_options: { 'max-size': '20m' },
        network_mode: 'tn',
        restart_policy: 'no',
        init: false,
        security_opts: { 'label=disable': true },
        healthcheck: { test: ['NONE'] },
      },
      networks: [
        { name: 'tn', ipv4: '10.77.0.150', ipv6: 'fd00:77::150', mac: '02:42:0a:4d:00:96', aliases: [], links: [] },
      ],
    });
  });
  it('is absent, or there is no Docker', () => {
    expect(answered(dockerContainerProbe('x'), response(404, '{"message":"No such container: x"}'))).toEqual({
      kind: 'absent',
      info: { api: '1.45' },
    });
    expect(answered(dockerContainerProbe('x'), response(0, 'connect ENOENT'))).toEqual({
      kind: 'no-docker',
      message: 'cannot talk to the Docker daemon: connect ENOENT',
    });
    expect(answered(dockerContainerProbe('x'), response(500, '{"message":"broken"}'))).toEqual({
      kind: 'no-docker',
      message: 'Docker answered with HTTP 500: broken',
    });
    expect(answered(dockerContainerProbe('x'), response(200, 'not json'))).toMatchObject({ kind: 'no-docker' });
  });
  it.each([
    ['/a/:/b/', '/a:/b'],
    ['/a:/b:rw', '/a:/b'],
    ['/a:/b:ro,rslave', '/a:/b:ro,rslave'],
    ['/a:/b:rslave,ro', '/a:/b:ro,rslave'],
    ['/:/host', '/:/host'],
  ])('spells the bind %s as %s', (given, canonical) => expect(canonicalBind(given)).toBe(canonical));
  it('spells mounts without what is empty or the default', () => {
    expect(
      canonicalJson({
        Type: 'bind',
        Target: '/t',
        Source: '/s',
        ReadOnly: false,
        BindOptions: { Propagation: '' },
        Consistency: 'default',
      }),
    ).toBe('{"Source":"/s","Target":"/t","Type":"bind"}');
  });
  it.each([
    ['80', ['80/tcp']],
    ['8000-8002/udp', ['8000/udp', '8001/udp', '8002/udp']],
    ['x/tcp', ['x/tcp']],
  ])('expands the port %s', (port, ports) => expect(expandPort(port)).toEqual(ports));
});

describe('a network', () => {
  it('is told in canonical form', () => {
    expect(answered(dockerNetworkProbe('tn'), response(200, recorded('network')))).toMatchObject({
      kind: 'network',
      driver: 'macvlan',
      scope: 'local',
      options: ['parent=eth0'],
      enableIpv4: true,
      enableIpv6: true,
      internal: false,
      connected: ['t1'],
      ipamDriver: 'default',
      pools: [
        { subnet: '10.77.0.0/24', gateway: '10.77.0.1', iprange: '', aux: ['shim=10.77.0.201'] },
        { subnet: 'fd00:77::/64', gateway: 'fd00:77::1', iprange: '', aux: [] },
      ],
    });
  });
});

describe('an image', () => {
  it('is told with its layers and configuration', () => {
    expect(answered(dockerImageProbe('vobox-base:lab'), response(200, recorded('image')))).toMatchObject({
      kind: 'image',
      id: 'sha256:2e7df79c04a1a6eb27327a01f75a30281c896a3b5152425d6b4ba1c7b4e7046a',
      layers: 1,
      info: { config: { Cmd: ['/bin/sh'] }, digests: [] },
    });
  });
  it('is asked of its registry where that is wanted', () => {
    const probe = dockerImageProbe('reg.example:5000/a/b', undefined, true);
    expect([paths(probe), probe.costly]).toEqual([
      ['GET /images/reg.example%3A5000/a/b%3Alatest/json', 'GET /distribution/reg.example%3A5000/a/b%3Alatest/json'],
      true,
    ]);
    const known = JSON.stringify({
      ...(JSON.parse(recorded('image')) as object),
      RepoDigests: ['reg.example:5000/a/b@sha256:aa'],
    });
    expect(answered(probe, response(200, known), response(200, '{"Descriptor":{"digest":"sha256:aa"}}'))).toMatchObject(
      { info: { digests: ['sha256:aa'], remote: 'sha256:aa' } },
    );
    expect(answered(probe, response(404, '{}'), response(500, '{"message":"no route"}'))).toMatchObject({
      kind: 'absent',
      info: { remoteError: 'Docker answered with HTTP 500: no route' },
    });
  });
  it.each([
    ['busybox', 'busybox:latest'],
    ['a/b:1', 'a/b:1'],
    ['reg:5000/b', 'reg:5000/b:latest'],
    ['b@sha256:1', 'b@sha256:1'],
    [`sha256:${'a'.repeat(64)}`, `sha256:${'a'.repeat(64)}`],
  ])('writes the tag of %s out', (name, full) => expect(fullImageName(name)).toBe(full));
  it('takes names apart', () => {
    expect(splitImageName('reg:5000/a/b:1')).toEqual({ repository: 'reg:5000/a/b', tag: '1', separator: ':' });
    expect(splitImageName('b@sha256:1')).toEqual({ repository: 'b', tag: 'sha256:1', separator: '@' });
    expect(imagePath('a/b:1')).toBe('a/b%3A1');
  });
});

describe('the daemon', () => {
  it('tells what it is', () =>
    expect(
      answered(dockerHostProbe(), response(200, '{"LiveRestoreEnabled":true}'), response(200, '{"ApiVersion":"1.45"}')),
    ).toEqual({ kind: 'docker', info: { info: { LiveRestoreEnabled: true }, version: { ApiVersion: '1.45' } } }));
  it('may be absent', () =>
    expect(answered(dockerHostProbe(), response(0, 'refused'), response(0, 'refused'))).toMatchObject({
      kind: 'no-docker',
    }));
  it.each([
    ['1.45', '1.44', true],
    ['1.43', '1.44', false],
    ['2.0', '1.44', true],
    ['', '1.44', true],
    ['1.100', '1.44', true],
  ])('compares API version %s with %s', (api, wanted, atLeast) => expect(apiAtLeast(api, wanted)).toBe(atLeast));
});

describe('a volume', () => {
  it('is told', () =>
    expect(
      answered(
        dockerVolumeProbe('v'),
        response(200, '{"Driver":"local","Labels":{"a":"1"},"Options":null,"Name":"v"}'),
      ),
    ).toMatchObject({ kind: 'volume', driver: 'local', labels: { a: '1' }, options: {} }));
});
