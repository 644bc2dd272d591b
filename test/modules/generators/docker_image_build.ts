// Images that are there or not, built always or once.
import fc from 'fast-check';
import { docker_image_build } from '../../../src/modules/docker_image_build.ts';
import { images } from '../docker/worlds.ts';
import { type Generator } from './paths.ts';

const generator: Generator = {
  module: docker_image_build,
  cases: fc
    .record({ rebuild: fc.constantFrom('never', 'always'), image: images })
    .map(({ rebuild, image }) => ({ args: { name: 'img', path: '/ctx', rebuild }, observed: { image } })),
  diverges: (args) => args['rebuild'] === 'always',
};
export default generator;
