// One file of known content put at a destination that may be a file, a folder or nothing yet: the common part of copy, template and their like.
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { field, str } from '../../core/args.ts';
import type { Basics } from '../../core/basics.ts';
import type { Content } from '../../core/content.ts';
import type { Change, Plan } from '../../core/module.ts';
import type { PathState } from '../../core/path-state.ts';
import { same } from '../../core/same.ts';
import type { Probe } from '../../core/probe.ts';
import type { Step, StepResult } from '../../core/step.ts';
import { absolutePath, parentOf, pathProbe, type PathFacets } from '../../probes/path.ts';
import {
  deniedPlan,
  fileAfter,
  flagsDiffer,
  freshAttributes,
  pathFields,
  type AttributeWish,
} from './file-attributes.ts';
import { fileSteps, putBack, targetOf } from './file-steps.ts';
import { folderSteps } from './path-steps.ts';

export interface Placing extends AttributeWish {
  readonly dest: string;
  readonly content: Content;
  /** Name of the file inside a folder; absent where the content has no name (then a folder is no destination). */
  readonly name?: string;
  readonly follow: boolean;
  readonly force: boolean;
  readonly directory_mode?: string | undefined;
  readonly backup?: boolean | undefined;
  readonly validate?: string | undefined;
  readonly unsafe_writes?: boolean | undefined;
}

export interface Placed {
  /** The destination as written, and its folder. */
  readonly at: PathState;
  readonly parent: PathState;
  /** The file inside the destination, if that is a folder. */
  readonly inside?: PathState;
}

export function placeProbes(placing: Placing): {
  at: Probe<PathState>;
  parent: Probe<PathState>;
  inside?: Probe<PathState>;
} {
  const facets: PathFacets = {
    content: { unless: { sha256: placing.content.sha256, size: placing.content.size } },
    ...(placing.attributes === undefined ? {} : { flags: true }),
  };
  return {
    at: pathProbe(placing.dest, placing.dest.endsWith('/') ? {} : facets),
    parent: pathProbe(parentOf(placing.dest)),
    ...(placing.name === undefined ? {} : { inside: pathProbe(`${placing.dest}/${placing.name}`, facets) }),
  };
}

function isFolder(state: PathState): boolean {
  return state.kind === 'directory' || (state.kind === 'link' && state.real.kind === 'directory');
}

/** Which of the observed paths the file goes to. */
function place(
  placing: Placing,
  observed: Placed,
): { key: 'at' | 'inside'; path: string; state: PathState; folder: PathState } {
  if (
    observed.inside !== undefined &&
    placing.name !== undefined &&
    (placing.dest.endsWith('/') || isFolder(observed.at))
  ) {
    return {
      key: 'inside',
      path: `${absolutePath(placing.dest, observed.at)}/${placing.name}`.replace('//', '/'),
      state: observed.inside,
      folder: observed.at,
    };
  }
  return { key: 'at', path: placing.dest, state: observed.at, folder: observed.parent };
}

export function planPlaced(placing: Placing, observed: Placed, basics: Basics): Plan<Placed> {
  const { key, path, state, folder } = place(placing, observed);
  if (placing.name === undefined && isFolder(observed.at)) return { failed: 'can not use content with a dir as dest' };
  const target = targetOf(path, state, placing.follow);
  const denied = deniedPlan(target.path, state.kind === 'denied' ? state : target.state);
  if (denied !== undefined) return denied;
  if (!placing.force && (state.kind === 'link' ? state.real.kind !== 'absent' : state.kind !== 'absent'))
    return { after: {} };
  if (isFolder(state)) return { failed: `${target.path} is a directory`, fields: { dest: target.path } };
  const missing = folder.kind === 'absent' && state.kind === 'absent';
  if (missing && key === 'at') return { failed: `Destination directory ${parentOf(target.path)} does not exist` };
  if (folder.kind === 'denied' && state.kind === 'absent')
    return { failed: `Destination directory ${parentOf(target.path)} is not accessible` };
  const after = putBack(
    state,
    placing.follow,
    fileAfter(
      target.state.kind === 'link' ? { kind: 'absent' } : target.state,
      placing.content,
      placing,
      basics,
      missing ? undefined : folder,
    ),
  );
  const made = missing
    ? {
        at: putBack(observed.at, false, {
          kind: 'directory',
          ...freshAttributes(
            'directory',
            { mode: placing.directory_mode, owner: placing.owner, group: placing.group },
            basics,
            observed.parent,
          ),
        }),
      }
    : {};
  return {
    after: { ...made, [key]: after },
    effects: flagsDiffer(target.state, placing)
      ? [{ kind: 'flags', text: `set the flags of ${target.path} to ${placing.attributes ?? ''}` }]
      : [],
  };
}

export function applyPlaced(placing: Placing, { before, after }: Change<Placed>, basics: Basics): Step[] {
  const { key, path, state, folder } = place(placing, before);
  const was = targetOf(path, state, placing.follow);
  const will = targetOf(path, after[key] ?? state, placing.follow);
  const wish = { ...placing, ...(placing.mode === 'preserve' ? { mode: undefined } : {}) };
  const folders =
    key === 'inside' && folder.kind === 'absent' && after.at.kind === 'directory'
      ? folderSteps(absolutePath(placing.dest, before.at), after.at.mode, placing)
      : [];
  return [...folders, ...fileSteps(was.path, was.state, will.state, wish, basics)];
}

/** Ansible's result: dest, checksum, md5sum, size, owner and so on; `src` only when the file was written. */
export function resultPlaced(
  placing: Placing,
  { before, after }: Change<Placed>,
  done: readonly StepResult[],
  src: string | undefined,
): Record<string, unknown> {
  const { key, path, state } = place(placing, before);
  const will = targetOf(path, after[key] ?? state, placing.follow);
  if (!placing.force && state.kind !== 'absent' && same(state, after[key] ?? state))
    return { dest: will.path, ...(src === undefined ? {} : { src }) };
  const was = targetOf(path, state, placing.follow);
  const written = was.state.kind !== 'file' || !same(was.state.content, placing.content);
  const backup = done.find((step) => step.backupFile !== undefined)?.backupFile;
  return {
    dest: will.path,
    ...(written
      ? { ...(src === undefined ? {} : { src }), md5sum: digestOf('md5', placing.content) }
      : { path: will.path }),
    checksum: digestOf('sha1', placing.content),
    ...pathFields(will.state, done.length > 0),
    ...(backup === undefined ? {} : { backup_file: backup }),
  };
}

/** Hex digest of content that is at hand; undefined for what is only streamed. */
export function digestOf(algorithm: 'md5' | 'sha1' | 'sha256', content: Content): string | undefined {
  return content.bytes === undefined ? undefined : createHash(algorithm).update(content.bytes).digest('hex');
}

/** The argument `validate` of modules that write files. */
export const validateArg = field(str(), { whenWritten: true })
  .optional()
  .describe('Command that must accept the new file (%s) before it is put in place');

/** The message of what is wrong with `validate`, if anything; empty text stands for none, as templates of roles give it. */
export function checkValidate(validate: string | undefined): string | undefined {
  return validate !== undefined && validate !== '' && !validate.includes('%s')
    ? `validate must contain %s: ${validate}`
    : undefined;
}

/** Name of a file of the controller or the host. */
export function nameOf(path: string): string {
  return posix.basename(path);
}
