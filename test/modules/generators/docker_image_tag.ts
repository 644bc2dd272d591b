// An image and others that may have the names it should get.
import fc from 'fast-check';
import { docker_image_tag } from '../../../src/modules/docker_image_tag.ts';
import { images } from '../docker/worlds.ts';
import { type Generator } from './paths.ts';

const generator: Generator = {
  module: docker_image_tag,
  cases: fc
    .record({ existing_images: fc.constantFrom('keep', 'overwrite'), image: images, one: images, two: images })
    .map(({ existing_images, image, one, two }) => ({
      args: { name: 'img', repository: ['one', 'two:2'], existing_images },
      observed: { image, 'target one:latest': one, 'target two:2': two },
    })),
};
export default generator;
