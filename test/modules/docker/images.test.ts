// The image modules: what they ask for, and when.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/core/module.ts';
import type { StepResult } from '../../../src/core/step.ts';
import { docker_container_exec } from '../../../src/modules/docker_container_exec.ts';
import { docker_image } from '../../../src/modules/docker_image.ts';
import { docker_image_build } from '../../../src/modules/docker_image_build.ts';
import { docker_image_pull } from '../../../src/modules/docker_image_pull.ts';
import { docker_image_tag } from '../../../src/modules/docker_image_tag.ts';
import { imageState, type DockerImage } from '../../../src/probes/docker-image.ts';
import type { Json } from '../../../src/probes/json.ts';
import { argumentsOf, basics } from './arguments.ts';

const image = imageState(
  JSON.parse(readFileSync(new URL('../../probes/docker/image.json', import.meta.url), 'utf8')) as Json,
) as Extract<DockerImage, { kind: 'image' }>;
const none: DockerImage = { kind: 'absent' };
const texts = (plan: Plan<never>): unknown =>
  'effects' in plan && plan.effects !== undefined
    ? plan.effects.map((effect) => effect.text)
    : 'failed' in plan
      ? plan.failed
      : 'after' in plan
        ? Object.keys(plan.after ?? {})
        : 'unknown';

describe('docker_image_pull', () => {
  const plan = (given: Record<string, unknown>, state: DockerImage): unknown =>
    texts(
      docker_image_pull.plan(
        argumentsOf(docker_image_pull, { name: 'a', ...given }),
        { image: state },
        basics,
      ) as Plan<never>,
    );
  const remote = (digest: string): DockerImage => ({
    ...image,
    info: { ...image.info, digests: ['sha256:aa'], remote: digest },
  });
  it('pulls what is not there, and what its registry has anew', () => {
    expect(plan({}, none)).toEqual(['pull a:latest (it is not on the host)']);
    expect(plan({}, remote('sha256:bb'))).toEqual(['pull a:latest (the registry has sha256:bb)']);
    expect(plan({}, remote('sha256:aa'))).toEqual([]);
    expect(plan({ pull: 'not_present' }, image)).toEqual([]);
  });
  it('says that nothing changed when the pull brought what was there', () => {
    const done = (id: string): StepResult => ({
      step: { kind: 'http', socket: '', request: { method: 'GET', path: '' }, display: 'inspect image a:latest' },
      rc: 0,
      stdout: '',
      stderr: '',
      start: 0,
      end: 0,
      response: { status: 200, headers: {}, body: Buffer.from(JSON.stringify({ Id: id })) },
    });
    const args = argumentsOf(docker_image_pull, { name: 'a' });
    const change = { before: { image }, after: { image }, effects: [] };
    expect(docker_image_pull.result?.(args, change, [done(String(image.id))], basics)).toMatchObject({
      changed: false,
    });
    expect(docker_image_pull.result?.(args, change, [done('sha256:other')], basics)).toMatchObject({
      changed: true,
      image: { Id: 'sha256:other' },
    });
  });
  it('refuses an id', () =>
    expect(() => argumentsOf(docker_image_pull, { name: `sha256:${'a'.repeat(64)}` })).toThrow(/id cannot be pulled/));
});

describe('docker_image_tag', () => {
  const args = (given: Record<string, unknown> = {}) =>
    argumentsOf(docker_image_tag, { name: 'a:1', repository: ['b', 'reg:5000/c:2'], ...given });
  const other: DockerImage = { ...image, id: 'sha256:other' };
  it('tags what does not have the name yet', () => {
    const before = { image, 'target b:latest': image, 'target reg:5000/c:2': other };
    expect(
      docker_image_tag
        .apply(args(), { before, after: before, effects: [] }, basics)
        .map((step) => (step.kind === 'http' ? step.request.path : '')),
    ).toEqual(['/images/a%3A1/tag?repo=reg%3A5000%2Fc&tag=2']);
  });
  it('leaves other images alone when told to', () => {
    expect(
      texts(
        docker_image_tag.plan(
          args({ existing_images: 'keep' }),
          { image, 'target b:latest': none, 'target reg:5000/c:2': other },
          basics,
        ) as Plan<never>,
      ),
    ).toMatch(/another image already/);
    expect(
      texts(
        docker_image_tag.plan(
          args(),
          { image: none, 'target b:latest': none, 'target reg:5000/c:2': none },
          basics,
        ) as Plan<never>,
      ),
    ).toMatch(/no image a:1/);
  });
});

describe('docker_image', () => {
  const plan = (given: Record<string, unknown>, state: DockerImage): unknown =>
    texts(
      docker_image.plan(argumentsOf(docker_image, { name: 'a', ...given }), { image: state }, basics) as Plan<never>,
    );
  it.each<[string, Record<string, unknown>, DockerImage, unknown]>([
    ['pulls', { source: 'pull' }, none, ['pull a:latest']],
    ['builds', { source: 'build', build: { path: '/ctx' } }, none, ['build a:latest from /ctx']],
    ['loads', { source: 'load', load_path: '/a.tar' }, none, ['load a:latest from /a.tar']],
    ['leaves alone what is there', { source: 'build', build: { path: '/ctx' } }, image, []],
    [
      'builds again when forced',
      { source: 'build', build: { path: '/ctx' }, force_source: true },
      image,
      ['build a:latest from /ctx'],
    ],
    [
      'fails for a local image that is not there',
      { source: 'local' },
      none,
      'there is no image a:latest on the host, and source is local',
    ],
    ['removes', { state: 'absent' }, image, ['image']],
    ['has nothing to remove', { state: 'absent' }, none, []],
  ])('%s', (_name, given, state, expected) => expect(plan(given, state)).toEqual(expected));
  it('builds with the options of the task, values quoted by nobody', () => {
    const args = argumentsOf(docker_image, {
      name: 'a',
      source: 'build',
      build: {
        path: '/ctx',
        dockerfile: 'D',
        args: { A: 'x y' },
        etc_hosts: { h: '10.0.0.1' },
        container_limits: { memory: '1g' },
        pull: true,
      },
    });
    const [first] = docker_image.apply(
      args,
      { before: { image: none }, after: { image }, effects: [{ kind: 'build', text: '' }] },
      basics,
    );
    expect(first).toMatchObject({
      kind: 'run',
      argv: [
        'docker',
        'build',
        '--tag',
        'a:latest',
        '--file',
        '/ctx/D',
        '--pull',
        '--add-host',
        'h:10.0.0.1',
        '--build-arg',
        'A=x y',
        '--memory',
        '1g',
        '--',
        '/ctx',
      ],
    });
  });
  it.each([
    [{}, /source is missing/],
    [{ source: 'build' }, /build is missing/],
    [{ source: 'load' }, /load_path is missing/],
  ])('refuses %j', (given, message) =>
    expect(() => argumentsOf(docker_image, { name: 'a', ...given })).toThrow(message),
  );
});

describe('docker_image_build', () => {
  it('keeps secrets out of the command line', () => {
    const args = argumentsOf(docker_image_build, {
      name: 'a',
      path: '/ctx',
      secrets: [{ id: 's', type: 'value', value: 'hush' }],
    });
    const [step] = docker_image_build.apply(args, { before: { image: none }, after: { image }, effects: [] }, basics);
    expect(step).toMatchObject({ kind: 'run', secret: true, environment: { VBX_SECRET_0: 'hush' } });
    expect(step?.kind === 'run' ? step.argv.join(' ') : '').not.toContain('hush');
  });
  it('needs what its kind of secret needs', () =>
    expect(() =>
      argumentsOf(docker_image_build, { name: 'a', path: '/ctx', secrets: [{ id: 's', type: 'file' }] }),
    ).toThrow(/a secret needs "src"/));
});

describe('docker_container_exec', () => {
  const http = (body: Buffer | string): StepResult => ({
    step: { kind: 'http', socket: '', request: { method: 'POST', path: '' }, display: '' },
    rc: 0,
    stdout: '',
    stderr: '',
    start: 0,
    end: 0,
    response: { status: 200, headers: {}, body: Buffer.from(body) },
  });
  const stream = Buffer.from([
    2,
    0,
    0,
    0,
    0,
    0,
    0,
    4,
    ...Buffer.from('err\n'),
    1,
    0,
    0,
    0,
    0,
    0,
    0,
    3,
    ...Buffer.from('hi\n'),
  ]);
  const parse = (given: Record<string, unknown>, ...done: StepResult[]) =>
    docker_container_exec.parse(
      argumentsOf(docker_container_exec, { container: 'c', command: 'sh -c "exit 3"', ...given }),
      done,
      {},
    );
  it('prepares, runs and looks at the end', () => {
    const steps = docker_container_exec.steps(
      argumentsOf(docker_container_exec, { container: 'c', argv: ['id'], user: 'ops', chdir: '/tmp', env: { A: '1' } }),
      {},
      basics,
      { host: 'h', playbookDir: '/', environment: {}, checkMode: false },
    );
    expect(steps.map((step) => (step.kind === 'http' ? [step.request.path, step.fill] : step))).toEqual([
      ['/containers/c/exec', undefined],
      ['/exec/{Id}/start', { step: 0, field: 'Id' }],
      ['/exec/{Id}/json', { step: 0, field: 'Id' }],
    ]);
    expect(JSON.parse(String(steps[0]?.kind === 'http' ? steps[0].request.body : ''))).toEqual({
      Cmd: ['id'],
      Tty: false,
      AttachStdin: false,
      AttachStdout: true,
      AttachStderr: true,
      Detach: false,
      Env: ['A=1'],
      WorkingDir: '/tmp',
      User: 'ops',
    });
  });
  it('tells output and status, a status other than 0 as a failure', () => {
    expect(parse({}, http('{"Id":"e"}'), http(stream), http('{"ExitCode":0}'))).toEqual({
      changed: true,
      rc: 0,
      stdout: 'hi',
      stderr: 'err',
    });
    expect(parse({}, http('{"Id":"e"}'), http(stream), http('{"ExitCode":3}'))).toMatchObject({ failed: true, rc: 3 });
    expect(parse({ detach: true }, http('{"Id":"e"}'), http(''))).toEqual({ changed: true, exec_id: 'e' });
    expect(
      parse({ strip_empty_ends: false, tty: true }, http('{"Id":"e"}'), http('raw\r\n'), http('{"ExitCode":0}')),
    ).toMatchObject({ stdout: 'raw\r\n' });
  });
  it('gives input through the client', () => {
    const [step] = docker_container_exec.steps(
      argumentsOf(docker_container_exec, { container: 'c', command: 'cat', stdin: 'text', env: { SECRET: 'hush' } }),
      {},
      basics,
      { host: 'h', playbookDir: '/', environment: {}, checkMode: false },
    );
    expect(step).toMatchObject({
      kind: 'run',
      argv: ['docker', 'exec', '--interactive', '--env', 'SECRET', 'c', 'cat'],
      stdin: 'text\n',
      environment: { SECRET: 'hush' },
    });
  });
  it.each([
    [{ command: undefined }, /one of argv and command/],
    [{ command: '"' }, /quote is not closed/],
    [{ argv: ['a'] }, /one of argv and command/],
  ])('refuses %j', (given, message) =>
    expect(() => argumentsOf(docker_container_exec, { container: 'c', command: 'x', ...given })).toThrow(message),
  );
});
