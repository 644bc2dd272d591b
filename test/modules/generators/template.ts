// Rendered texts over files of all kinds.
import fc from 'fast-check';
import { contentOf } from '../../../src/core/content.ts';
import { template } from '../../../src/modules/template.ts';
import { attributes, given, parents, paths, texts, type Generator } from './paths.ts';

const generator: Generator = {
  module: template,
  cases: fc
    .record({
      text: texts,
      newline_sequence: fc.constantFrom('\n', '\r\n'),
      force: fc.boolean(),
      follow: fc.boolean(),
      attributes,
      at: paths,
      parent: parents,
      inside: paths,
    })
    .map(({ text, at, parent, inside, attributes: wish, ...more }) => ({
      args: given({
        src: { kind: 'file', path: '/c/page.j2', content: contentOf(text), mode: '0644' },
        dest: '/srv/x',
        ...wish,
        ...more,
      }),
      observed: { at, parent, inside },
    })),
};
export default generator;
