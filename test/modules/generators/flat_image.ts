// Flat images that are right, of another context or base, of many layers, or half made.
import fc from 'fast-check';
import type { SourceTree } from '../../../src/core/args.ts';
import { contentOf } from '../../../src/core/content.ts';
import { contextDigest } from '../../../src/modules/vobox/build-context.ts';
import { flat_image } from '../../../src/modules/vobox/flat_image.ts';
import { configDigest } from '../../../src/modules/vobox/image-config.ts';
import type { DockerImage } from '../../../src/probes/docker-image.ts';
import { noDocker } from '../docker/worlds.ts';
import { type Generator } from './paths.ts';

const tree = (dockerfile: string): SourceTree => ({
  kind: 'tree',
  path: '/ctx',
  contentOnly: true,
  mode: '0755',
  entries: [{ kind: 'file', path: dockerfile, mode: '0644', content: contentOf('FROM $BASE\n') }],
});
const digest = contextDigest(tree('Dockerfile'), ['Dockerfile', 'base:1', '']);
const config = { Cmd: ['run'] };
const made: fc.Arbitrary<DockerImage> = fc
  .record({
    layers: fc.constantFrom(1, 1, 1, 4),
    context: fc.constantFrom(digest, digest, 'old'),
    base: fc.constantFrom('sha256:base', 'sha256:base', 'sha256:old'),
    kept: fc.constantFrom(configDigest(config), configDigest(config), 'lost'),
  })
  .map(({ layers, context, base, kept }) => ({
    kind: 'image',
    id: 'sha256:made',
    layers,
    info: {
      inspect: { Id: 'sha256:made' },
      config: { ...config, Labels: { 'vbx.context.sha256': context, 'vbx.base.id': base, 'vbx.config.sha256': kept } },
      digests: [],
    },
  }));
const none = fc.constant<DockerImage>({ kind: 'absent' });
const base = fc.constant<DockerImage>({
  kind: 'image',
  id: 'sha256:base',
  layers: 2,
  info: { inspect: {}, config: {}, digests: [] },
});

const generator: Generator = {
  module: flat_image,
  cases: fc
    .record({
      dockerfile: fc.constantFrom('Dockerfile', 'Dockerfile', 'Dockerfile', 'Other'),
      image: fc.oneof({ weight: 4, arbitrary: made }, none),
      staged: fc.oneof({ weight: 3, arbitrary: none }, made),
      base: fc.oneof({ weight: 8, arbitrary: base }, none, fc.constant<DockerImage>(noDocker)),
    })
    .map(({ dockerfile, ...observed }) => ({
      args: { name: 'box:flat', context: tree(dockerfile), base: 'base:1' },
      observed,
    })),
};
export default generator;
