// A small file that a module of vbx owns whole: its wanted state and the steps to it.
import { contentOf } from '../../core/content.ts';
import type { PathState } from '../../core/path-state.ts';
import { quote } from '../../core/quote.ts';
import type { Step } from '../../core/step.ts';

const FRESH = { uid: 0, gid: 0, size: 0, mtime: 0, atime: 0, ctime: 0, inode: 0, device: 0, links: 1 };

/** The state of a file of root's with this text. */
export function ownedFile(observed: PathState, text: string, mode = '0644'): PathState {
  const content = contentOf(text);
  return {
    kind: 'file',
    mode,
    owner: 'root',
    group: 'root',
    content,
    info: observed.kind === 'file' ? observed.info : FRESH,
  };
}

/** Steps that make `path` what `wanted` says, its folder with it; none where it is so already. */
export function ownedFileSteps(path: string, observed: PathState, wanted: PathState): Step[] {
  if (wanted.kind === 'absent') return observed.kind === 'absent' ? [] : [{ kind: 'remove', path, guard: observed }];
  if (wanted.kind !== 'file' || wanted.content === undefined) return [];
  if (
    observed.kind === 'file' &&
    observed.content?.sha256 === wanted.content.sha256 &&
    observed.mode === wanted.mode &&
    observed.owner === wanted.owner &&
    observed.group === wanted.group
  )
    return [];
  const folder = path.slice(0, path.lastIndexOf('/'));
  return [
    ...(observed.kind === 'absent'
      ? [{ kind: 'script' as const, script: `[ -d ${quote(folder)} ] || mkdir -p -m 0755 ${quote(folder)}` }]
      : []),
    {
      kind: 'write',
      path,
      content: wanted.content,
      mode: wanted.mode,
      owner: wanted.owner,
      group: wanted.group,
      guard: observed,
    },
  ];
}
