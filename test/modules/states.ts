// Observed states of paths for tests that need no host.
import { contentOf } from '../../src/core/content.ts';
import type { PathInfo, PathState } from '../../src/core/path-state.ts';

export const info: PathInfo = {
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 1_700_000_000,
  atime: 1_700_000_000,
  ctime: 1_700_000_000,
  inode: 7,
  device: 1,
  links: 1,
  readable: true,
  writable: true,
  executable: false,
};
export const absent: PathState = { kind: 'absent' };
export const folder: PathState = {
  kind: 'directory',
  mode: '0755',
  owner: 'root',
  group: 'root',
  info: { ...info, size: 4096, links: 2 },
};

export function fileState(
  bytes: string | Buffer,
  more: { mode?: string; owner?: string; group?: string } = {},
): Extract<PathState, { kind: 'file' }> {
  const content = contentOf(bytes);
  return {
    kind: 'file',
    content,
    mode: '0644',
    owner: 'root',
    group: 'root',
    ...more,
    info: { ...info, size: content.size },
  };
}

export function linkTo(target: string, realPath: string, real: PathState): PathState {
  return {
    kind: 'link',
    target,
    realPath,
    real,
    mode: '0777',
    owner: 'root',
    group: 'root',
    info: { ...info, size: target.length },
  };
}

/** Text of the file that a state says, through links; undefined where there is none. */
export function textOf(state: PathState | undefined): string | undefined {
  if (state?.kind === 'link') return textOf(state.real);
  return state?.kind === 'file' ? state.content?.bytes?.toString('latin1') : undefined;
}
