// Images with what their registry says of them, or does not.
import fc from 'fast-check';
import { docker_image_pull } from '../../../src/modules/docker_image_pull.ts';
import { images } from '../docker/worlds.ts';
import { type Generator } from './paths.ts';

const generator: Generator = {
  module: docker_image_pull,
  cases: fc
    .record({ pull: fc.constantFrom('always', 'not_present'), image: images })
    .map(({ pull, image }) => ({ args: { name: 'img', pull }, observed: { image } })),
  // What the registry says is not foreseen: the pull itself finds out.
  diverges: (args) => args['pull'] === 'always',
};
export default generator;
