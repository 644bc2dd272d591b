// A file or folder of the host copied to another place there (copy with remote_src): bytes never leave the host.
import type { Basics } from '../../core/basics.ts';
import { chmodArgument } from '../../core/path-mode.ts';
import type { Change, Plan } from '../../core/module.ts';
import type { PathState } from '../../core/path-state.ts';
import type { Probe } from '../../core/probe.ts';
import { quote } from '../../core/quote.ts';
import { same } from '../../core/same.ts';
import type { Step, StepResult } from '../../core/step.ts';
import { putInPlace } from '../../core/put-in-place.ts';
import { absolutePath, parentOf, pathProbe } from '../../probes/path.ts';
import { copyProbe } from '../../probes/path-copy.ts';
import type { CopyObserved } from '../copy.ts';
import {
  attributeSteps,
  deniedPlan,
  fileAfter,
  freshAttributes,
  pathFields,
  writeAttributes,
  type AttributeWish,
} from './file-attributes.ts';
import { targetOf, type WriteOptions } from './file-steps.ts';
import { folderSteps } from './path-steps.ts';
import { nameOf } from './place-file.ts';

export interface OnHostCopy extends AttributeWish, WriteOptions {
  readonly src: string;
  readonly dest: string;
  readonly force: boolean;
  readonly follow: boolean;
  readonly local_follow: boolean;
  readonly directory_mode?: string | undefined;
  readonly checksum?: string | undefined;
}

export function onHostProbes(copy: OnHostCopy): { readonly [K in keyof CopyObserved]: Probe<CopyObserved[K]> } {
  const content = { content: 'digest' as const, digests: ['sha1', 'md5'] };
  return {
    at: pathProbe(copy.dest, copy.dest.endsWith('/') ? {} : content),
    parent: pathProbe(parentOf(copy.dest)),
    inside: pathProbe(`${copy.dest}/${nameOf(copy.src)}`, content),
    source: pathProbe(copy.src, content),
    tree: copyProbe(
      copy.src,
      copy.src.endsWith('/') ? copy.dest : `${copy.dest}/${nameOf(copy.src)}`,
      copy.local_follow,
    ),
  };
}

interface Spot {
  readonly key: 'at' | 'inside';
  readonly path: string;
  readonly state: PathState;
  readonly folder: PathState;
}

function spotOf(copy: OnHostCopy, observed: CopyObserved): Spot {
  const isFolder =
    observed.at.kind === 'directory' || (observed.at.kind === 'link' && observed.at.real.kind === 'directory');
  if (copy.dest.endsWith('/') || isFolder)
    return {
      key: 'inside',
      path: `${absolutePath(copy.dest, observed.at)}/${nameOf(copy.src)}`,
      state: observed.inside ?? { kind: 'absent' },
      folder: observed.at,
    };
  return { key: 'at', path: copy.dest, state: observed.at, folder: observed.parent };
}

function sourceOf(copy: OnHostCopy, observed: CopyObserved): { path: string; state: PathState } {
  return targetOf(copy.src, observed.source ?? { kind: 'absent' }, true);
}

export function planOnHost(copy: OnHostCopy, observed: CopyObserved, basics: Basics): Plan<CopyObserved> {
  const source = sourceOf(copy, observed);
  if (source.state.kind === 'absent') return { failed: `Source ${copy.src} not found` };
  if (source.state.kind === 'denied' || (source.state.kind === 'file' && source.state.info.readable === false))
    return { failed: `Source ${copy.src} not readable` };
  if (source.state.kind === 'directory') return planFolder(copy, observed, basics);
  if (source.state.kind !== 'file') return { failed: `Cannot copy invalid source '${copy.src}': not a file` };
  const checksum = source.state.info.digests?.['sha1'];
  if (copy.checksum !== undefined && checksum !== copy.checksum)
    return {
      failed: 'Copied file does not match the expected checksum. Transfer failed.',
      fields: { checksum, expected_checksum: copy.checksum },
    };
  if (source.state.content === undefined)
    return { unknown: `the host has no tool that tells the SHA-256 of ${copy.src}` };
  const spot = spotOf(copy, observed);
  const target = targetOf(spot.path, spot.state, copy.follow);
  const denied = deniedPlan(target.path, spot.state) ?? deniedPlan(target.path, target.state);
  if (denied !== undefined) return denied;
  if (!copy.force && target.state.kind !== 'absent') return { after: {} };
  if (target.state.kind === 'directory')
    return { failed: `${target.path} is a directory`, fields: { dest: target.path } };
  const missing = spot.folder.kind === 'absent' && spot.state.kind === 'absent';
  if (missing && spot.key === 'at') return { failed: `Destination directory ${parentOf(target.path)} does not exist` };
  const wish = copy.mode === 'preserve' ? { ...copy, mode: source.state.mode } : copy;
  const { bytes: _bytes, ...content } = source.state.content;
  const will = fileAfter(
    target.state.kind === 'link' ? { kind: 'absent' } : target.state,
    content,
    wish,
    basics,
    missing ? undefined : spot.folder,
  );
  // Without a mode, what replaces a file takes that of the source; what is new has the usual one.
  const fresh =
    copy.mode === undefined && target.state.kind === 'file' && !same(target.state.content, content)
      ? { ...will, mode: source.state.mode }
      : will;
  const after = spot.state.kind === 'link' && copy.follow ? { ...spot.state, real: fresh } : fresh;
  const made = missing
    ? {
        at: {
          kind: 'directory' as const,
          ...freshAttributes('directory', { ...copy, mode: copy.directory_mode }, basics, observed.parent),
        },
      }
    : {};
  return { after: { ...made, [spot.key]: after } };
}

/** A folder whose copy lacks something or has other bytes somewhere. */
function planFolder(copy: OnHostCopy, observed: CopyObserved, basics: Basics): Plan<CopyObserved> {
  if (observed.at.kind === 'file') return { failed: `Cannot copy the folder ${copy.src} over the file ${copy.dest}` };
  const difference = observed.tree ?? { missing: [], differing: [] };
  const will = { missing: [], differing: copy.force ? [] : difference.differing };
  const made =
    observed.at.kind === 'absent'
      ? {
          at: {
            kind: 'directory' as const,
            ...freshAttributes('directory', { ...copy, mode: copy.directory_mode }, basics, observed.parent),
          },
        }
      : {};
  return { after: { ...made, tree: will } };
}

export function applyOnHost(copy: OnHostCopy, { before, after }: Change<CopyObserved>, basics: Basics): Step[] {
  const source = sourceOf(copy, before);
  const root = absolutePath(copy.dest, before.at);
  const steps: Step[] =
    before.at.kind === 'absent' && after.at.kind === 'directory' ? folderSteps(root, after.at.mode, copy) : [];
  if (source.state.kind === 'directory') return [...steps, ...folderCopySteps(copy, source.path, root)];
  const spot = spotOf(copy, before);
  const was = targetOf(spot.path, spot.state, copy.follow);
  const will = targetOf(spot.path, after[spot.key] ?? spot.state, copy.follow).state;
  if (will.kind !== 'file' || source.state.kind !== 'file') return steps;
  if (was.state.kind === 'file' && same(was.state.content, will.content))
    return [...steps, ...attributeSteps(was.path, was.state, will)];
  const { owner, group, mode } = writeAttributes(was.state, will, copy, basics);
  return [
    ...steps,
    {
      kind: 'script',
      script: fileCopyScript(
        source.path,
        was.path,
        was.state,
        { owner, group, mode: mode ?? chmodArgument(will.mode) },
        copy,
      ),
    },
  ];
}

function fileCopyScript(
  from: string,
  to: string,
  before: PathState,
  set: { owner: string | undefined; group: string | undefined; mode: string },
  options: WriteOptions,
): string {
  const path = quote(to);
  const lines = [
    `t=${quote(`${parentOf(to).replace(/\/$/, '')}/.vbx-copy-`)}$$'~'`,
    `trap 'rm -f -- "$t"' EXIT`,
    `(umask 077 && cp -- ${quote(from)} "$t") || exit`,
    ...(before.kind === 'file' ? [`chown "$(stat -c %u:%g -- ${path})" "$t" || exit`] : []),
    ...(set.owner !== undefined || set.group !== undefined
      ? [`chown ${quote(`${set.owner ?? ''}${set.group === undefined ? '' : `:${set.group}`}`)} "$t" || exit`]
      : []),
    `chmod ${set.mode} "$t" || exit`,
    ...(options.validate === undefined || options.validate === ''
      ? []
      : [`${options.validate.replaceAll('%s', '"$t"')} >&2 || { rc=$?; echo 'failed to validate' >&2; exit $rc; }`]),
    ...(options.backup === true && before.kind === 'file'
      ? [`b=${path}.$$.$(date +%Y-%m-%d@%H:%M:%S~); cp -p -- ${path} "$b" || exit; printf 'backup %s\\n' "$b"`]
      : []),
    putInPlace('"$t"', path, options.unsafe_writes === true),
  ];
  return lines.join('\n');
}

/** Everything that is missing, and with `force` what differs; links as they are unless local_follow. */
function folderCopySteps(copy: OnHostCopy, from: string, root: string): Step[] {
  const to = copy.src.endsWith('/') ? root : `${root}/${nameOf(copy.src)}`;
  const flags = `-R${copy.local_follow ? 'L' : 'P'}${copy.force ? 'f' : 'n'}${copy.mode === 'preserve' || copy.mode === undefined ? 'p' : ''}`;
  const target = quote(to);
  const lines = [`mkdir -p -- ${target} && cp ${flags} -- ${quote(`${from}/.`)} ${target} || exit`];
  const owners = `${copy.owner ?? ''}${copy.group === undefined ? '' : `:${copy.group}`}`;
  if (owners !== '') lines.push(`chown -R -h ${quote(owners)} ${target} || exit`);
  if (copy.directory_mode !== undefined)
    lines.push(
      `find ${target} -type d -exec chmod ${quote(/^[0-7]+$/.test(copy.directory_mode) ? chmodArgument(copy.directory_mode) : copy.directory_mode)} {} + || exit`,
    );
  if (copy.mode !== undefined && copy.mode !== 'preserve')
    lines.push(`chmod ${quote(/^[0-7]+$/.test(copy.mode) ? chmodArgument(copy.mode) : copy.mode)} ${target}`);
  return [{ kind: 'script', long: true, script: lines.join('\n') }];
}

export function resultOnHost(
  copy: OnHostCopy,
  { before, after }: Change<CopyObserved>,
  done: readonly StepResult[],
): Record<string, unknown> {
  const source = sourceOf(copy, before);
  if (source.state.kind !== 'file')
    return {
      src: copy.src,
      dest: absolutePath(copy.dest, before.at),
      checksum: null,
      md5sum: null,
      ...pathFields(after.at, done.length > 0),
    };
  const spot = spotOf(copy, before);
  const will = targetOf(spot.path, after[spot.key] ?? spot.state, copy.follow);
  const backup = /^backup (.*)$/m.exec(done.map((step) => step.stdout).join('\n'))?.[1];
  return {
    src: copy.src,
    dest: will.path,
    checksum: source.state.info.digests?.['sha1'],
    md5sum: source.state.info.digests?.['md5'],
    ...pathFields(will.state, done.length > 0),
    ...(backup === undefined ? {} : { backup_file: backup }),
  };
}
