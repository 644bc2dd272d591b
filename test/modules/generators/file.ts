// Wishes of the file module over all kinds of states.
import fc from 'fast-check';
import { file } from '../../../src/modules/file.ts';
import { attributes, files, folders, given, links, maybe, parents, paths, type Generator } from './paths.ts';

const trees = fc
  .uniqueArray(
    fc.record({
      kind: fc.constantFrom('file', 'directory', 'link'),
      mode: fc.constantFrom('0644', '0600', '0755'),
      owner: fc.constantFrom('root', 'daemon'),
      group: fc.constantFrom('root', 'daemon'),
      info: fc.constant({ uid: 0, gid: 0 }),
    }),
    { maxLength: 4, selector: (entry) => JSON.stringify(entry) },
  )
  .map((entries) => entries.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)));

const generator: Generator = {
  module: file,
  cases: fc
    .record({
      state: maybe(fc.constantFrom('absent', 'directory', 'file', 'hard', 'link', 'touch')),
      src: fc.constantFrom('real', '/srv/real', 'other'),
      force: fc.boolean(),
      follow: fc.boolean(),
      recurse: fc.boolean(),
      times: maybe(fc.constantFrom('preserve', '202001020304.05')),
      attributes,
      at: paths,
      parent: parents,
      source: fc.oneof(files, folders, links, fc.constant({ kind: 'absent' as const })),
      tree: trees,
    })
    .map(({ state, src, force, follow, recurse, times, attributes: wish, at, parent, source, tree }) => {
      const linked = state === 'link' || state === 'hard';
      const recursive = recurse && (state === undefined || state === 'directory');
      const timed = times !== undefined && state !== 'absent';
      return {
        args: given({
          path: '/srv/x',
          state,
          force,
          follow,
          ...wish,
          ...(linked ? { src } : {}),
          ...(recursive ? { recurse: true } : {}),
          ...(timed ? { modification_time: times, access_time: times } : {}),
        }),
        observed: {
          at,
          parent,
          ...(linked ? { source } : {}),
          ...(recursive
            ? { tree: at.kind === 'directory' || (at.kind === 'link' && at.real.kind === 'directory') ? tree : [] }
            : {}),
          ...(timed && times !== 'preserve' ? { mtime: 1_577_934_245, atime: 1_577_934_245 } : {}),
        },
      };
    }),
  // A touch is a change each time, unless both times are told.
  diverges: (args) => args['state'] === 'touch' && args['modification_time'] === undefined,
};
export default generator;
