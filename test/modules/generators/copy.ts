// Content, files and folders put at destinations of all kinds.
import fc from 'fast-check';
import { contentOf } from '../../../src/core/content.ts';
import { copy } from '../../../src/modules/copy.ts';
import { attributes, given, maybe, parents, paths, texts, type Generator } from './paths.ts';

const placed = fc
  .record({
    text: texts,
    named: fc.boolean(),
    slash: fc.boolean(),
    force: fc.boolean(),
    follow: fc.boolean(),
    backup: fc.boolean(),
    directory_mode: maybe(fc.constant('0700')),
    attributes,
    at: paths,
    parent: parents,
    inside: paths,
  })
  .map(({ text, named, slash, at, parent, inside, attributes: wish, ...more }) => ({
    args: given({
      ...(named
        ? { src: { kind: 'file', path: '/c/name', content: contentOf(text), mode: '0640' } }
        : { content: text }),
      dest: named && slash ? '/srv/x/' : '/srv/x',
      ...wish,
      ...more,
    }),
    observed: { at, parent, ...(named ? { inside } : {}) },
  }));

const trees = fc
  .record({ force: fc.boolean(), attributes, at: paths, parent: parents, folder: paths, file: paths, link: paths })
  .map(({ force, attributes: wish, at, parent, folder, file, link }) => ({
    args: given({
      src: {
        kind: 'tree',
        path: '/c/tree',
        contentOnly: true,
        mode: '0755',
        entries: [
          { path: 'd', kind: 'directory', mode: '0755' },
          { path: 'd/f', kind: 'file', mode: '0644', content: contentOf('a\n') },
          { path: 'l', kind: 'link', mode: '0777', target: 'd/f' },
        ],
      },
      dest: '/srv/x',
      force,
      ...wish,
    }),
    observed: { at, parent, '/d': folder, '/d/f': file, '/l': link },
  }));

const generator: Generator = { module: copy, cases: fc.oneof({ weight: 3, arbitrary: placed }, trees) };
export default generator;
