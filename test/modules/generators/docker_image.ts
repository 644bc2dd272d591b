// Images that are there, not there, or under another name, against every source.
import fc from 'fast-check';
import { docker_image } from '../../../src/modules/docker_image.ts';
import { images } from '../docker/worlds.ts';
import { given, maybe, type Generator } from './paths.ts';

const generator: Generator = {
  module: docker_image,
  cases: fc
    .record({
      state: fc.constantFrom('present', 'present', 'absent'),
      source: fc.constantFrom('pull', 'build', 'load', 'local'),
      build: fc.constant({ path: '/ctx' }),
      load_path: fc.constant('/image.tar'),
      force_tag: fc.boolean(),
      force_source: fc.boolean(),
      repository: maybe(fc.constant('other:1')),
      archive_path: maybe(fc.constant('/saved.tar')),
      image: images,
      tagged: images,
      archive: fc.constantFrom('', 'sha256:aa', 'sha256:cc'),
    })
    .map(({ image, tagged, archive, ...args }) => ({
      args: given({ name: 'img', ...args }),
      observed: {
        image,
        ...(args.repository !== undefined && args.state === 'present' ? { tagged } : {}),
        ...(args.archive_path !== undefined && args.state === 'present'
          ? { archive: { kind: 'archive', id: archive } }
          : {}),
      },
    })),
  diverges: (args) => args['force_source'] === true,
};
export default generator;
