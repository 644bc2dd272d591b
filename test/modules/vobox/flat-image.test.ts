// Flat images: what decides about a build, the context on its way, and the configuration that survives.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SourceTree } from '../../../src/core/args.ts';
import { contentOf } from '../../../src/core/content.ts';
import type { DockerImage } from '../../../src/probes/docker-image.ts';
import { contextDigest, contextTar } from '../../../src/modules/vobox/build-context.ts';
import { flat_image } from '../../../src/modules/vobox/flat_image.ts';
import { CONFIG_LABEL, configDigest, importChanges, lineBreak } from '../../../src/modules/vobox/image-config.ts';
import { argumentsOf, basics } from '../docker/arguments.ts';

const long = `${'deep/'.repeat(30)}file`;
const tree = (more: SourceTree['entries'] = []): SourceTree => ({
  kind: 'tree',
  path: '/ctx',
  contentOnly: true,
  mode: '0755',
  entries: [
    { kind: 'file', path: 'Dockerfile', mode: '0644', content: contentOf('ARG BASE\nFROM $BASE\n') },
    { kind: 'directory', path: 'bin', mode: '0755' },
    { kind: 'file', path: 'bin/run', mode: '0755', content: contentOf('#!/bin/sh\n') },
    { kind: 'link', path: 'bin/go', mode: '0777', target: 'run' },
    ...more,
  ],
});

describe('a build context', () => {
  it('has the same digest whatever the order, and another one for other content, modes or arguments', () => {
    const digest = contextDigest(tree(), ['a']);
    expect(contextDigest({ ...tree(), entries: [...tree().entries].reverse() }, ['a'])).toBe(digest);
    expect(contextDigest(tree(), ['b'])).not.toBe(digest);
    expect(contextDigest(tree([{ kind: 'directory', path: 'x', mode: '0755' }]), ['a'])).not.toBe(digest);
    expect(
      contextDigest(
        {
          ...tree(),
          entries: tree().entries.map((entry) => (entry.path === 'bin/run' ? { ...entry, mode: '0644' } : entry)),
        },
        ['a'],
      ),
    ).not.toBe(digest);
  });
  it('is a tar that tar reads, long names included', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vbx-context-'));
    try {
      const chunks: Uint8Array[] = [];
      for await (const chunk of contextTar(
        tree([{ kind: 'file', path: long, mode: '0600', content: contentOf('x'.repeat(1025)) }]),
      ))
        chunks.push(chunk);
      writeFileSync(join(folder, 'context.tar'), Buffer.concat(chunks));
      execFileSync('tar', ['-xf', 'context.tar', '--no-same-owner'], { cwd: folder });
      expect(readFileSync(join(folder, long), 'utf8')).toBe('x'.repeat(1025));
      expect(readFileSync(join(folder, 'bin/go'), 'utf8')).toBe('#!/bin/sh\n');
      expect(statSync(join(folder, 'bin/run')).mode & 0o777).toBe(0o755);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

const config = {
  Env: ['PATH=/bin', 'QUOTE=say "hi" for $5 \\o/'],
  Cmd: ['run', 'a b'],
  Entrypoint: ['/init'],
  ExposedPorts: { '1093/tcp': {} },
  Labels: { 'a b': 'c"d' },
  Volumes: { '/data': {} },
  User: 'ops',
  WorkingDir: '/srv',
  StopSignal: 'SIGRTMIN+3',
  OnBuild: ['RUN true'],
  Healthcheck: { Test: ['CMD-SHELL', 'true || false'], Interval: 2e9, Retries: 3 },
};

describe('an image configuration', () => {
  it('is said again in instructions', () => {
    expect(importChanges(config, { extra: '1' })).toEqual([
      'ENV PATH="/bin"',
      'ENV QUOTE="say \\"hi\\" for \\$5 \\\\o/"',
      'LABEL "a b"="c\\"d"',
      'LABEL "extra"="1"',
      'EXPOSE 1093/tcp',
      'VOLUME ["/data"]',
      'USER "ops"',
      'WORKDIR /srv',
      'STOPSIGNAL SIGRTMIN+3',
      'HEALTHCHECK --interval=2000000000ns --retries=3 CMD true || false',
      'ENTRYPOINT ["/init"]',
      'CMD ["run","a b"]',
      'ONBUILD RUN true',
    ]);
  });
  it('has a digest that leaves out order and vbx’s own labels', () => {
    expect(
      configDigest({ ...config, Env: [...config.Env].reverse(), Labels: { ...config.Labels, [CONFIG_LABEL]: 'x' } }),
    ).toBe(configDigest(config));
    expect(configDigest({ ...config, User: '' })).not.toBe(configDigest(config));
    expect(configDigest({ ...config, Labels: null, Env: null })).toBe(configDigest({ ...config, Labels: {}, Env: [] }));
  });
  it('is refused where a value has a line break', () => {
    expect(lineBreak(config)).toBeUndefined();
    expect(lineBreak({ Env: ['A=x\ny'] })).toBe('ENV A="x y"');
  });
});

describe('vbx.vobox.flat_image', () => {
  const args = { ...argumentsOf(flat_image, { name: 'box:flat', context: 'image', base: 'base:1' }), context: tree() };
  const base: DockerImage = {
    kind: 'image',
    id: 'sha256:base',
    layers: 3,
    info: { inspect: {}, config: {}, digests: [] },
  };
  const none: DockerImage = { kind: 'absent' };
  const made = (labels: Record<string, string>, layers = 1): DockerImage => ({
    kind: 'image',
    id: 'sha256:made',
    layers,
    info: { inspect: { Id: 'sha256:made0123456789ab' }, config: { ...config, Labels: labels }, digests: [] },
  });
  const digest = contextDigest(tree(), ['Dockerfile', 'base:1', '']);
  const labels = { 'vbx.context.sha256': digest, 'vbx.base.id': 'sha256:base' };
  const whole = { ...labels, [CONFIG_LABEL]: configDigest({ ...config, Labels: {} }) };
  const kinds = (state: Parameters<typeof flat_image.plan>[1]): unknown => {
    const plan = flat_image.plan(args, state, basics);
    return 'effects' in plan ? (plan.effects ?? []).map((effect) => effect.kind) : 'failed' in plan ? plan.failed : [];
  };

  it('builds what is not there, then flattens what was built, then rests', () => {
    expect(kinds({ image: none, staged: none, base })).toEqual(['build']);
    expect(kinds({ image: none, staged: made(labels, 5), base })).toEqual(['flatten']);
    expect(kinds({ image: made(whole), staged: none, base })).toEqual([]);
  });
  it('builds again for another context or base', () => {
    expect(kinds({ image: made({ ...whole, 'vbx.context.sha256': 'old' }), staged: none, base })).toEqual(['build']);
    expect(kinds({ image: made(whole), staged: none, base: { ...base, id: 'sha256:newer' } as DockerImage })).toEqual([
      'build',
    ]);
  });
  it('refuses a result with several layers or a lost configuration', () => {
    expect(kinds({ image: made(whole, 4), staged: none, base })).toMatch(/4 layers/);
    expect(kinds({ image: made({ ...whole, [CONFIG_LABEL]: 'another' }), staged: none, base })).toMatch(/lost a part/);
  });
  it('needs its base', () =>
    expect(kinds({ image: none, staged: none, base: none })).toMatch(/base:1 is not on the host/));
  it('removes what an interrupted run left behind', () => {
    const plan = flat_image.plan(args, { image: made(whole), staged: made(labels, 5), base }, basics);
    expect(plan).toMatchObject({ after: { staged: { kind: 'absent' } } });
  });
});
