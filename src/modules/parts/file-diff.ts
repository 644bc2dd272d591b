// The `diff` that results of the file module have, shown or not: the few fields that differ, beside the path.
import { known } from '../../core/after-apply.ts';
import type { PathInfo, PathState } from '../../core/path-state.ts';
import { same } from '../../core/same.ts';
import type { TreeNames } from '../../probes/path-names.ts';
import { resultMode, type Attributes } from './file-attributes.ts';

/** As Ansible names what is there. */
export function stateName(state: PathState): string {
  if (state.kind === 'file' || state.kind === 'other')
    return state.kind === 'file' && (known(state.info.links) ?? 1) > 1 ? 'hard' : 'file';
  return state.kind;
}

/**
 * Compares a path with what it became. `wished`: the module's state, told where another was there; `names`: what went with a removed
 * folder; `timed`: times were to be set, those that differ are told; `made`: what something new was before its attributes were set.
 */
export function fileDiff(
  path: string,
  wished: string,
  was: PathState,
  is: PathState,
  {
    names,
    timed,
    made,
  }: { names?: TreeNames | undefined; timed?: boolean; made?: (Attributes & { readonly info: PathInfo }) | undefined },
): { before: Record<string, unknown>; after: Record<string, unknown> } {
  const [before, after]: Record<string, unknown>[] = [{ path }, { path }] as [
    Record<string, unknown>,
    Record<string, unknown>,
  ];
  const tell = (field: string, one: unknown, other: unknown): void => {
    if (one === other) return;
    before[field] = one;
    after[field] = other;
  };
  tell('state', stateName(was), wished);
  if (wished === 'absent' && was.kind === 'directory' && names !== undefined)
    before['path_content'] = { directories: [...names.directories], files: [...names.files] };
  if (was.kind === 'link' && is.kind === 'link') tell('src', was.target, is.target);
  // Of a link that stays, what it leads to is told where that changes.
  if (made === undefined && was.kind === 'link' && is.kind === 'link' && !same(was.real, is.real)) {
    const led = fileDiff(path, stateName(is.real), was.real, is.real, { ...(timed === undefined ? {} : { timed }) });
    return { before: { ...led.before, ...before }, after: { ...led.after, ...after } };
  }
  const start = made ?? (was.kind !== 'absent' && was.kind !== 'denied' && was.kind === is.kind ? was : undefined);
  if (
    start !== undefined &&
    is.kind !== 'absent' &&
    is.kind !== 'denied' &&
    is.kind !== (made === undefined ? undefined : 'link')
  ) {
    // Numbers, as far as they are known; a name that only the host can look up stands for its own.
    if (start.owner !== is.owner) tell('owner', known(start.info.uid) ?? start.owner, known(is.info.uid) ?? is.owner);
    if (start.group !== is.group) tell('group', known(start.info.gid) ?? start.group, known(is.info.gid) ?? is.group);
    tell('mode', resultMode(start.mode), resultMode(is.mode));
    if (timed === true && made === undefined && was.kind !== 'absent' && was.kind !== 'denied') {
      tell('mtime', was.info.mtime, is.info.mtime);
      tell('atime', was.info.atime, is.info.atime);
    }
  }
  return { before, after };
}
