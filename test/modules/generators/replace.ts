// Replacements that take away what they look for; others may change again.
import fc from 'fast-check';
import { replace } from '../../../src/modules/replace.ts';
import { attributes, given, parents, paths, type Generator } from './paths.ts';

const generator: Generator = {
  module: replace,
  cases: fc
    .record({
      pair: fc.constantFrom(['^foo=(\\d)', 'bar=\\1'], ['b\\n', ''], ['zz', 'x'], ['a', 'aa']),
      attributes,
      at: paths,
      parent: parents,
    })
    .map(({ pair: [regexp, text], at, parent, attributes: wish }) => ({
      args: given({ path: '/srv/x', regexp, replace: text, ...wish }),
      observed: { at, parent },
    })),
  diverges: (args) => args['replace'] === 'aa',
};
export default generator;
