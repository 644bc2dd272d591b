// Arbitrary states of paths: every kind, with a few owners, modes and contents, so that wishes meet states that satisfy them.
import fc from 'fast-check';
import type { StateModule } from '../../../src/core/module.ts';
import type { PathState } from '../../../src/core/path-state.ts';
import { absent, fileState, folder, info, linkTo } from '../states.ts';

/** What the law tests need of a module: arguments and observations that go together. */
export interface Generator {
  readonly module: StateModule;
  readonly cases: fc.Arbitrary<{ readonly args: Record<string, unknown>; readonly observed: Record<string, unknown> }>;
  /** Arguments under which a second run changes again, under Ansible too. */
  readonly diverges?: (args: Record<string, unknown>) => boolean;
}

export const modes = fc.constantFrom('0644', '0600', '0755', '2755', '4711');
export const owners = fc.constantFrom('root', 'daemon', '1000');
export const texts = fc.constantFrom('', 'a\n', 'b\n', 'a\nb\n', '[s]\na = 1\n', 'foo=1\nfoo=2\n', 'last line');

export const files: fc.Arbitrary<PathState> = fc
  .record({ text: texts, mode: modes, owner: owners, links: fc.constantFrom(1, 1, 2), inode: fc.constantFrom(7, 8) })
  .map(({ text, mode, owner, links, inode }) => {
    const state = fileState(text, { mode, owner, group: owner });
    return {
      ...state,
      info: { ...state.info, links, inode, uid: owner === 'daemon' ? 1 : owner === 'root' ? 0 : 1000 },
    };
  });
export const folders: fc.Arbitrary<PathState> = fc
  .record({ mode: modes, owner: owners })
  .map(({ mode, owner }) => ({ ...folder, mode, owner, group: owner }));
const others: fc.Arbitrary<PathState> = fc.constant({
  kind: 'other',
  type: 'fifo',
  mode: '0644',
  owner: 'root',
  group: 'root',
  info,
});
const denied: fc.Arbitrary<PathState> = fc.constant({
  kind: 'denied',
  message: 'Permission denied: /srv cannot be searched',
});
const reals = fc.oneof({ weight: 3, arbitrary: files }, folders, fc.constant<PathState>(absent));
export const links: fc.Arbitrary<PathState> = reals.map((real) => linkTo('real', '/srv/real', real));
export const paths: fc.Arbitrary<PathState> = fc.oneof(
  { weight: 4, arbitrary: files },
  { weight: 2, arbitrary: folders },
  { weight: 3, arbitrary: links },
  { weight: 3, arbitrary: fc.constant<PathState>(absent) },
  others,
  denied,
);
export const parents: fc.Arbitrary<PathState> = fc.oneof(
  { weight: 4, arbitrary: folders },
  fc.constant<PathState>(absent),
);

/** The arguments that are there; undefined ones are left out. */
export function given(args: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined));
}
export function maybe<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}
export const attributes = fc.record({
  mode: maybe(fc.oneof(modes, fc.constantFrom('u=rwX,g=rX,o=', 'g+w', 'a-x'))),
  owner: maybe(fc.constantFrom('root', 'daemon', '0', '1000')),
  group: maybe(fc.constantFrom('root', 'daemon')),
});
