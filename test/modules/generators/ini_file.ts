// Options over texts with and without their section.
import fc from 'fast-check';
import { ini_file } from '../../../src/modules/ini_file.ts';
import { attributes, given, maybe, parents, paths, type Generator } from './paths.ts';

const generator: Generator = {
  module: ini_file,
  cases: fc
    .record({
      section: maybe(fc.constantFrom('s', 't')),
      option: fc.constantFrom('a', 'foo'),
      value: fc.constantFrom('1', '3'),
      state: fc.constantFrom('present', 'absent'),
      exclusive: fc.boolean(),
      no_extra_spaces: fc.boolean(),
      create: fc.boolean(),
      follow: fc.boolean(),
      attributes,
      at: paths,
      parent: parents,
    })
    .map(({ at, parent, attributes: wish, ...args }) => ({
      args: given({ path: '/srv/x', ...args, ...wish }),
      observed: { at, parent },
    })),
};
export default generator;
