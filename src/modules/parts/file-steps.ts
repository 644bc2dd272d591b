// The steps that bring one regular file to its wanted content and attributes, and where modules that follow links work.
import type { Basics } from '../../core/basics.ts';
import type { Content } from '../../core/content.ts';
import type { PathState } from '../../core/path-state.ts';
import { same } from '../../core/same.ts';
import type { Step } from '../../core/step.ts';
import { absolutePath } from '../../probes/path.ts';
import { attributeSteps, flagsDiffer, flagSteps, writeAttributes, type AttributeWish } from './file-attributes.ts';

/** What a module that follows links works on: the path itself, or what a link leads to. */
export function targetOf(
  path: string,
  at: PathState,
  follow: boolean,
): { readonly path: string; readonly state: PathState } {
  return at.kind === 'link' && follow
    ? { path: at.realPath, state: at.real }
    : { path: absolutePath(path, at), state: at };
}

/** The observed state with `state` in the place that `targetOf` gave. */
export function putBack(at: PathState, follow: boolean, state: PathState): PathState {
  if (at.kind === 'link' && follow) return { ...at, real: state };
  return at.info?.path === undefined ? state : keepPath(state, at.info.path);
}

function keepPath(state: PathState, path: string): PathState {
  if (state.kind === 'absent' || state.kind === 'denied') return { ...state, info: { path } };
  return { ...state, info: { ...state.info, path } };
}

export interface WriteOptions {
  readonly backup?: boolean | undefined;
  readonly validate?: string | undefined;
  readonly unsafe_writes?: boolean | undefined;
}

/** Content first (with owner and mode in the same step), else attributes alone; flags last, since an immutable file cannot be changed. */
export function fileSteps(
  path: string,
  before: PathState,
  after: PathState,
  wish: AttributeWish & WriteOptions,
  basics: Basics,
): Step[] {
  if (after.kind !== 'file') return [];
  const steps: Step[] = [];
  if (after.content !== undefined && writesContent(before, after.content)) {
    steps.push({
      kind: 'write',
      path,
      content: after.content,
      guard: before,
      ...writeAttributes(before, after, wish, basics),
      ...(wish.backup === true ? { backup: true } : {}),
      ...(wish.validate === undefined || wish.validate === '' ? {} : { validate: wish.validate }),
      ...(wish.unsafe_writes === true ? { unsafe: true } : {}),
    });
    if (
      after.selinux !== undefined &&
      [wish.seuser, wish.serole, wish.setype, wish.selevel].some((part) => part !== undefined)
    )
      steps.push({ kind: 'run', argv: ['chcon', after.selinux, '--', path] });
  } else steps.push(...attributeSteps(path, before, after));
  if (flagsDiffer(before, wish) || (before.kind !== 'file' && wish.attributes !== undefined))
    steps.push(...flagSteps(path, wish));
  return steps;
}

/** Whether the file must be written: it is none yet, or its content is another. */
export function writesContent(before: PathState, content: Content): boolean {
  return before.kind !== 'file' || !same(before.content, content);
}
