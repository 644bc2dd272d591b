// Lines over texts that hold them, nearly hold them, or do not.
import fc from 'fast-check';
import { lineinfile } from '../../../src/modules/lineinfile.ts';
import { attributes, given, maybe, parents, paths, type Generator } from './paths.ts';

const generator: Generator = {
  module: lineinfile,
  cases: fc
    .record({
      state: fc.constantFrom('present', 'absent'),
      line: fc.constantFrom('a', 'foo=1', 'new'),
      regexp: maybe(fc.constantFrom('^foo=', '^a', 'zz')),
      create: fc.boolean(),
      firstmatch: fc.boolean(),
      backup: fc.boolean(),
      attributes,
      at: paths,
      parent: parents,
    })
    .map(({ at, parent, attributes: wish, ...args }) => ({
      args: given({ path: '/srv/x', ...args, ...wish }),
      observed: { at, parent },
    })),
  // The line written in place of a match need not match: then it is looked for as it is, or added.
  diverges: (args) => args['state'] === 'present' && args['regexp'] !== undefined,
};
export default generator;
