// Blocks over texts with and without their markers.
import fc from 'fast-check';
import { blockinfile } from '../../../src/modules/blockinfile.ts';
import { fileState } from '../states.ts';
import { attributes, given, parents, paths, type Generator } from './paths.ts';

const marked = fc
  .constantFrom('x\n', 'y\nz\n')
  .map((block) => fileState(`top\n# BEGIN ANSIBLE MANAGED BLOCK\n${block}# END ANSIBLE MANAGED BLOCK\nend`));
const generator: Generator = {
  module: blockinfile,
  cases: fc
    .record({
      state: fc.constantFrom('present', 'absent'),
      block: fc.constantFrom('x', 'y\nz\n', ''),
      create: fc.boolean(),
      prepend_newline: fc.boolean(),
      append_newline: fc.boolean(),
      attributes,
      at: fc.oneof(paths, marked),
      parent: parents,
    })
    .map(({ at, parent, attributes: wish, ...args }) => ({
      args: given({ path: '/srv/x', ...args, ...wish }),
      observed: { at, parent },
    })),
  // Where there is no block to take away, the last line gets its end: after the removal, that is a second change.
  diverges: (args) => args['state'] === 'absent' || args['block'] === '',
};
export default generator;
