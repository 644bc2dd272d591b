// daemon.json: what is merged, what it costs, and what is refused.
import { describe, expect, it } from 'vitest';
import type { DockerHost } from '../../../src/probes/docker.ts';
import type { DockerDaemon } from '../../../src/probes/docker-daemon.ts';
import { docker_daemon } from '../../../src/modules/vobox/docker_daemon.ts';
import { changedKeys, mergeDaemonJson, needRestart, parseDaemonJson } from '../../../src/modules/vobox/daemon-json.ts';
import { argumentsOf, basics } from '../docker/arguments.ts';
import { absent, fileState } from '../states.ts';

const daemon: DockerDaemon = {
  kind: 'daemon',
  installed: true,
  restartPending: false,
  info: { pid: 400, flags: ['hosts', 'containerd'] },
};
const docker = (info: Record<string, unknown> = {}): DockerHost => ({
  kind: 'docker',
  info: {
    info: { ContainersRunning: 2, LiveRestoreEnabled: true, Swarm: { LocalNodeState: 'inactive' }, ...info },
    version: {},
  },
});

describe('daemon.json', () => {
  it('keeps what others wrote and merges options one by one', () => {
    const merged = mergeDaemonJson(
      { 'data-root': '/big', 'log-opts': { 'max-size': '1m', labels: 'a' } },
      { 'log-opts': { 'max-size': '20m', 'max-file': 5 }, 'live-restore': true },
    );
    expect(merged).toEqual({
      'data-root': '/big',
      'log-opts': { 'max-size': '20m', labels: 'a', 'max-file': '5' },
      'live-restore': true,
    });
  });
  it('tells keys that differ whatever their order, and which of them need a restart', () => {
    expect(changedKeys({ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } })).toEqual([]);
    expect(needRestart(changedKeys({ debug: false }, { debug: true, 'log-driver': 'local' }))).toEqual(['log-driver']);
  });
  it.each([
    ['', {}],
    ['  \n', {}],
    ['{"a":1}', { a: 1 }],
    ['[]', undefined],
    ['{a:1}', undefined],
  ])('reads %j', (text, parsed) => expect(parseDaemonJson(text)).toEqual(parsed));
});

describe('vbx.vobox.docker_daemon', () => {
  const args = argumentsOf(docker_daemon, { config: { 'live-restore': true } });
  const plan = (given: Parameters<typeof docker_daemon.plan>[0], state: Parameters<typeof docker_daemon.plan>[1]) =>
    docker_daemon.plan(given, state, basics);

  it('reloads when that is enough', () => {
    const wish = plan(args, { file: absent, daemon, docker: docker({ LiveRestoreEnabled: false }) });
    expect(wish).toMatchObject({ effects: [{ kind: 'reload' }] });
    const steps = docker_daemon.apply(
      args,
      {
        before: { file: absent, daemon, docker: docker({ LiveRestoreEnabled: false }) },
        after: { file: absent, daemon, docker: docker() },
        effects: [],
      },
      basics,
    );
    expect(steps.map((step) => (step.kind === 'run' ? step.argv.join(' ') : step.kind))).toEqual([
      'script',
      'write',
      'systemctl reload docker.service',
      'wait',
    ]);
  });
  it('restarts for log options, and says what that costs', () => {
    const heavy = argumentsOf(docker_daemon, { config: { 'log-driver': 'local' } });
    const effects = (info: Record<string, unknown>): unknown => {
      const wish = plan(heavy, { file: fileState('{}'), daemon, docker: docker(info) });
      return 'effects' in wish ? wish.effects?.[0]?.text : wish;
    };
    expect(effects({})).toBe(
      'restart docker.service (needed for log-driver): live-restore keeps 2 running containers running',
    );
    expect(effects({ LiveRestoreEnabled: false })).toContain('2 running containers will be stopped');
    expect(effects({ ContainersRunning: 0 })).toContain('no container runs');
  });
  it('switches live-restore on by a reload before the restart that other keys need', () => {
    const both = argumentsOf(docker_daemon, { config: { 'live-restore': true, 'log-driver': 'local' } });
    const state = { file: fileState('{}'), daemon, docker: docker({ LiveRestoreEnabled: false }) };
    const steps = docker_daemon.apply(both, { before: state, after: state, effects: [] }, basics);
    expect(steps.filter((step) => step.kind === 'run').map((step) => step.argv[1])).toEqual(['reload', 'restart']);
  });
  it('makes up for a restart that an interrupted run left undone', () => {
    const wish = plan(args, {
      file: fileState('{"live-restore":true}'),
      daemon: { ...daemon, restartPending: true },
      docker: docker(),
    });
    expect(wish).toMatchObject({ after: { daemon: { restartPending: false } }, effects: [{ kind: 'restart' }] });
  });
  it('has nothing to do where all is in force', () => {
    expect(plan(args, { file: fileState('{"live-restore":true,"other":1}'), daemon, docker: docker() })).toEqual({
      after: { daemon },
      effects: [],
      warnings: [],
    });
  });
  it('only writes where no daemon runs', () => {
    const wish = plan(args, {
      file: absent,
      daemon: { ...daemon, info: { pid: 0, flags: [] } },
      docker: { kind: 'no-docker', message: 'no' },
    });
    expect(wish).toMatchObject({ effects: [], after: { file: { kind: 'file' } } });
  });
  it.each([
    ['Swarm mode', args, fileState('{}'), docker({ Swarm: { LocalNodeState: 'active' } }), daemon, /Swarm mode/],
    [
      'a file that cannot be looked at, with the reason',
      args,
      { kind: 'denied', message: 'Permission denied: /etc/docker cannot be searched' },
      docker(),
      daemon,
      /^\/etc\/docker\/daemon.json cannot be read: Permission denied: \/etc\/docker cannot be searched$/,
    ],
    ['a file that is not JSON', args, fileState('{oops'), docker(), daemon, /not a JSON object/],
    [
      'a key that is a flag of the unit',
      argumentsOf(docker_daemon, { config: { hosts: ['x'] } }),
      fileState('{}'),
      docker(),
      daemon,
      /--hosts/,
    ],
  ] as const)('refuses %s', (_name, given, file, host, process, message) => {
    const wish = plan(given, { file, daemon: process, docker: host });
    expect('failed' in wish ? wish.failed : '').toMatch(message);
  });
});
