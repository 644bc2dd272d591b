// Modules that edit a text file: read as bytes once, changed by a pure function, written whole; links are followed to the real file.
import { contentOf, type Content } from '../../core/content.ts';
import type { Basics } from '../../core/basics.ts';
import type { Change, Plan } from '../../core/module.ts';
import type { PathState } from '../../core/path-state.ts';
import type { Probe } from '../../core/probe.ts';
import { same } from '../../core/same.ts';
import type { Step, StepResult } from '../../core/step.ts';
import { MOST_CONTENT, parentOf, pathProbe } from '../../probes/path.ts';
import {
  deniedPlan,
  fileAfter,
  flagsDiffer,
  freshAttributes,
  withAttributes,
  type AttributeWish,
} from './file-attributes.ts';
import { fileSteps, putBack, targetOf, type WriteOptions } from './file-steps.ts';
import { folderSteps } from './path-steps.ts';

export interface Editable {
  readonly at: PathState;
  readonly parent: PathState;
}

export interface Editing extends AttributeWish, WriteOptions {
  readonly path: string;
  /** Makes the file (and its folders) where it is missing. */
  readonly create: boolean;
  /** Message where it is missing and is not to be made. */
  readonly missing: (path: string) => string;
  /** Missing and fine: nothing is to be done (state absent). */
  readonly mayMiss?: boolean;
  /** What the file holds is not to be shown. */
  readonly hidden?: boolean;
  /** Edit what a link leads to. */
  readonly follow: boolean;
}

/** What an edit makes of a file's bytes (undefined: there is no file), with the module's own message and fields. */
export interface Edit {
  readonly bytes: Buffer;
  readonly msg: string;
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly failed?: undefined;
}
export type EditFunction = (bytes: Buffer | undefined) => Edit | { readonly failed: string };

export function editProbes(
  path: string,
  attributes: string | undefined,
): { at: Probe<PathState>; parent: Probe<PathState> } {
  return {
    at: pathProbe(path, { content: 'bytes', ...(attributes === undefined ? {} : { flags: true }) }),
    parent: pathProbe(parentOf(path)),
  };
}

type Looked =
  | { readonly kind: 'edit'; readonly edit: Edit; readonly path: string; readonly state: PathState }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'failed'; readonly failed: string; readonly fields?: Record<string, unknown> };

function look(editing: Editing, observed: Editable, edit: EditFunction): Looked {
  const target = targetOf(editing.path, observed.at, editing.follow);
  const denied = deniedPlan(target.path, observed.at) ?? deniedPlan(target.path, target.state);
  if (denied !== undefined) return { kind: 'failed', ...denied };
  const { state } = target;
  const real = state.kind === 'link' ? state.real : state;
  if (real.kind === 'directory')
    return { kind: 'failed', failed: `Path ${editing.path} is a directory !`, fields: { rc: 256 } };
  if (real.kind === 'absent' && editing.mayMiss === true) return { kind: 'nothing' };
  if (real.kind === 'absent' && !editing.create)
    return { kind: 'failed', failed: editing.missing(editing.path), fields: { rc: 257 } };
  if (real.kind !== 'absent' && real.kind !== 'file') {
    // /dev/null reads as an empty file; what an edit says of that counts, as long as nothing would be written.
    const asEmpty = target.path === '/dev/null' ? edit(Buffer.alloc(0)) : undefined;
    if (asEmpty?.failed !== undefined) return { kind: 'failed', failed: asEmpty.failed };
    return asEmpty?.bytes.length === 0
      ? { kind: 'nothing' }
      : { kind: 'failed', failed: `${target.path} is no regular file` };
  }
  const bytes = real.kind === 'file' ? real.content?.bytes : undefined;
  if (real.kind === 'file' && bytes === undefined) {
    return {
      kind: 'failed',
      failed:
        real.info.size > MOST_CONTENT
          ? `${target.path} has ${real.info.size} bytes; files above ${MOST_CONTENT} are not edited`
          : `${target.path} cannot be read`,
    };
  }
  const made = edit(bytes);
  // A file that is missing and would get nothing is not made.
  if (made.failed === undefined && bytes === undefined && made.bytes.length === 0 && made.msg === '')
    return { kind: 'nothing' };
  return made.failed === undefined
    ? { kind: 'edit', edit: made, path: target.path, state }
    : { kind: 'failed', failed: made.failed };
}

export function planEdit(editing: Editing, observed: Editable, basics: Basics, edit: EditFunction): Plan<Editable> {
  const looked = look(editing, observed, edit);
  if (looked.kind === 'failed')
    return { failed: looked.failed, ...(looked.fields === undefined ? {} : { fields: looked.fields }) };
  if (looked.kind === 'nothing') return { after: {} };
  const { state, path } = looked;
  const unchanged = state.kind === 'file' && state.content?.bytes?.equals(looked.edit.bytes) === true;
  const before: PathState =
    state.kind === 'link' ? (unchangedBehind(state, looked.edit.bytes) ? state : state.real) : state;
  const missingFolder = observed.at.kind === 'absent' && observed.parent.kind === 'absent';
  const folder = missingFolder
    ? { parent: { kind: 'directory' as const, ...freshAttributes('directory', {}, basics, undefined) } }
    : {};
  const after =
    before.kind === 'link'
      ? before
      : unchanged && state.kind === 'file'
        ? withAttributes(state, editing, basics)
        : fileAfter(
            before,
            contentAfter(looked.edit.bytes, editing),
            editing,
            basics,
            missingFolder ? undefined : observed.parent,
          );
  return {
    after: { ...folder, at: putBack(observed.at, editing.follow, after) },
    effects: flagsDiffer(state, editing)
      ? [{ kind: 'flags', text: `set the flags of ${path} to ${editing.attributes ?? ''}` }]
      : [],
  };
}

function contentAfter(bytes: Buffer, { hidden }: Editing): Content {
  return { ...contentOf(bytes), ...(hidden === true ? { hidden } : {}) };
}

/** A link that is not followed stays where the text behind it is right already. */
function unchangedBehind(state: Extract<PathState, { kind: 'link' }>, bytes: Buffer): boolean {
  return state.real.kind === 'file' && state.real.content?.bytes?.equals(bytes) === true;
}

export function applyEdit(editing: Editing, { before, after }: Change<Editable>, basics: Basics): Step[] {
  const was = targetOf(editing.path, before.at, editing.follow);
  const will = targetOf(editing.path, after.at, editing.follow);
  const folders =
    before.parent.kind === 'absent' && before.at.kind === 'absent' && after.parent.kind === 'directory'
      ? folderSteps(parentOf(was.path), after.parent.mode)
      : [];
  return [...folders, ...fileSteps(was.path, was.state, will.state, editing, basics)];
}

export interface EditResult {
  readonly msg: string;
  /** The message of the edit alone. */
  readonly editMsg: string;
  readonly backupFile?: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Message of the edit, with Ansible's words where attributes changed too; the name of the backup. */
export function editResult(
  editing: Editing,
  { before, after }: Change<Editable>,
  done: readonly StepResult[],
  edit: EditFunction,
  basics: Basics,
): EditResult {
  const looked = look(editing, before, edit);
  if (looked.kind !== 'edit') return { msg: '', editMsg: '', fields: {} };
  const was = targetOf(editing.path, before.at, editing.follow).state;
  const will = targetOf(editing.path, after.at, editing.follow).state;
  // A new file is written first, and then given its attributes.
  const fresh = was.kind === 'absent' ? freshAttributes('file', {}, basics, before.parent) : undefined;
  const attributes =
    will.kind === 'file' &&
    (was.kind === 'file'
      ? !same(withoutContent(was), withoutContent(will))
      : fresh !== undefined && (fresh.mode !== will.mode || fresh.owner !== will.owner || fresh.group !== will.group))
      ? ATTRIBUTES_CHANGED
      : '';
  const backup = done.find((step) => step.backupFile !== undefined)?.backupFile;
  return {
    msg: [looked.edit.msg, attributes].filter((part) => part !== '').join(' and '),
    editMsg: looked.edit.msg,
    fields: looked.edit.fields ?? {},
    ...(backup === undefined ? {} : { backupFile: backup }),
  };
}

const ATTRIBUTES_CHANGED = 'ownership, perms or SE linux context changed';

function withoutContent(state: Extract<PathState, { kind: 'file' }>): object {
  const { content: _content, ...rest } = state;
  return rest;
}

/** Lines with their ends, as Python's readlines() gives them: only a newline ends a line. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
