// ansible.builtin.file: a path is a file, a folder, a link, touched or absent, with the wished attributes.
import { z } from 'zod';
import { bool, choice, field, path, str } from '../core/args.ts';
import { known } from '../core/after-apply.ts';
import { contentOf } from '../core/content.ts';
import { defineModule, type Effect, type Plan } from '../core/module.ts';
import { applyMode } from '../core/path-mode.ts';
import type { PathState } from '../core/path-state.ts';
import { absolutePath, parentOf, pathProbe } from '../probes/path.ts';
import { namesProbe, type TreeNames } from '../probes/path-names.ts';
import { sortTree, treeProbe, type TreeAttributes } from '../probes/path-tree.ts';
import { accountProbe, type AccountState } from '../probes/account.ts';
import type { Basics } from '../core/basics.ts';
import {
  attributeSteps,
  deniedPlan,
  fileArgs,
  flagsDiffer,
  flagSteps,
  freshAttributes,
  pathFields,
  withAttributes,
} from './parts/file-attributes.ts';
import { fileDiff, stateName } from './parts/file-diff.ts';
import { fileSteps, putBack, targetOf } from './parts/file-steps.ts';
import { folderSteps, hardLinkSteps, linkSteps, treeSteps } from './parts/path-steps.ts';
import { epochProbe, parseTime, touchSteps, type WallClock } from './parts/file-times.ts';

const args = {
  path: field(path(), { aliases: ['dest', 'name'] }).describe('The path to manage'),
  state: choice('absent', 'directory', 'file', 'hard', 'link', 'touch')
    .optional()
    .describe('What the path is to be; by default what it is, else a file'),
  src: path().optional().describe('What a link leads to, as it is to stand in the link'),
  recurse: bool().default(false).describe('Set owner, group and mode of all below a folder too'),
  force: bool().default(false).describe('Make a link where a file is, or one that leads nowhere'),
  follow: bool().default(true).describe('Work on what a link leads to'),
  _diff_peek: bool().optional().describe('Only tell whether it appears to be binary, and change nothing'),
  modification_time: str().optional().describe('`preserve`, `now`, or a time in modification_time_format'),
  modification_time_format: str().default('%Y%m%d%H%M.%S').describe('strftime format of modification_time'),
  access_time: str().optional().describe('`preserve`, `now`, or a time in access_time_format'),
  access_time_format: str().default('%Y%m%d%H%M.%S').describe('strftime format of access_time'),
  ...fileArgs,
};
type Args = z.output<z.ZodObject<typeof args>>;

interface Observed {
  readonly at: PathState;
  readonly parent: PathState;
  /** What a link is to lead to. */
  readonly source?: PathState;
  readonly tree?: readonly TreeAttributes[];
  /** What goes with a folder that is removed. */
  readonly names?: TreeNames;
  readonly mtime?: number | undefined;
  readonly atime?: number | undefined;
  /** In a dry run, whether the wished user and group are there: no chown tells. */
  readonly ownerKnown?: AccountState;
  readonly groupKnown?: AccountState;
}

export const file = defineModule<typeof args, Observed>({
  name: 'ansible.builtin.file',
  summary: 'Manages files, folders, links and their attributes',
  args,
  check: (given) => {
    if (given.recurse && given.state !== undefined && given.state !== 'directory')
      return "recurse option requires state to be 'directory'";
    if (given.src !== undefined && given.state !== 'link' && given.state !== 'hard')
      return "src option requires state to be 'link' or 'hard'";
    for (const [name, time, format] of [
      ['modification_time', given.modification_time, given.modification_time_format],
      ['access_time', given.access_time, given.access_time_format],
    ] as const) {
      if (time !== undefined && time !== 'now' && time !== 'preserve' && parseTime(time, format) === undefined)
        return `${name} ${JSON.stringify(time)} does not fit the format ${JSON.stringify(format)} (of its parts, %Y %y %m %d %H %M %S are known)`;
    }
    return undefined;
  },
  example: `
- name: A folder for the service's data
  ansible.builtin.file:
    path: /srv/vbx-example/data
    state: directory
    mode: '0750'
`,
  probe: (given, basics) => {
    const { mtime, atime } = timesOf(given, given.state);
    return {
      at: pathProbe(given.path, {
        ...(given.attributes === undefined ? {} : { flags: true }),
        ...(given._diff_peek === undefined ? {} : { content: 'bytes' as const }),
      }),
      parent: pathProbe(parentOf(given.path)),
      ...(given.src === undefined
        ? {}
        : {
            source: pathProbe(
              given.state === 'link' && !given.src.startsWith('/') && !given.src.startsWith('~')
                ? `${parentOf(given.path)}/${given.src}`
                : given.src,
            ),
          }),
      ...(given.recurse ? { tree: treeProbe(given.path, given.follow) } : {}),
      ...(given.path !== '' && (given.state === 'absent' || (given.state === 'link' && given.force))
        ? { names: namesProbe(given.path) }
        : {}),
      ...(basics.dryRun !== true || given.state === 'absent' || given.owner === undefined
        ? {}
        : { ownerKnown: accountProbe('passwd', given.owner) }),
      ...(basics.dryRun !== true || given.state === 'absent' || given.group === undefined
        ? {}
        : { groupKnown: accountProbe('group', given.group) }),
      ...(typeof mtime === 'object' ? { mtime: epochProbe(mtime) } : {}),
      ...(typeof atime === 'object' ? { atime: epochProbe(atime) } : {}),
    };
  },
})({
  plan: (given, observed, basics) => {
    if (given._diff_peek !== undefined) return { after: {} };
    const state = stateOf(given, observed.at);
    const warnings = unknownAccounts(given, observed);
    const plan = planFor(given, state, observed, basics);
    return warnings.length === 0 || 'unknown' in plan
      ? plan
      : { ...plan, warnings: [...('warnings' in plan ? (plan.warnings ?? []) : []), ...warnings] };
  },
  apply: (given, { before, after, effects }, basics) => {
    const state = stateOf(given, before.at);
    const path = absolutePath(given.path, before.at);
    if (state === 'absent')
      return [{ kind: 'remove', path, recursive: before.at.kind === 'directory', guard: before.at }];
    const follow = state === 'link' || state === 'hard' ? false : given.follow;
    const was = targetOf(given.path, before.at, follow);
    const will = targetOf(given.path, after.at, follow).state;
    const times = timesOf(given, state);
    const touched = effects.some((effect) => effect.kind === 'touch') || was.state.kind === 'absent';
    const touches = touched ? touchSteps(was.path, times.mtime, times.atime) : [];
    if (state === 'directory') {
      const tree =
        before.tree === undefined || after.tree === undefined
          ? []
          : treeSteps(
              was.path,
              before.tree,
              { ...given, modeOf: (entry) => treeMode(entry, given, basics) },
              given.follow,
            );
      return [
        ...(will.kind === 'directory' && was.state.kind === 'absent'
          ? folderSteps(was.path, will.mode, given)
          : attributeSteps(was.path, was.state, will)),
        ...tree,
        ...flags(given, was.path, was.state),
        ...touches,
      ];
    }
    if (state === 'link' && after.at.kind === 'link') {
      const made =
        before.at.kind === 'link' && before.at.target === after.at.target
          ? []
          : linkSteps(path, after.at.target, before.at);
      const led = given.follow
        ? attributeSteps(
            after.at.realPath,
            before.at.kind === 'link' && before.at.target === after.at.target
              ? before.at.real
              : (before.source ?? before.at),
            after.at.real,
          )
        : [];
      const own =
        before.at.kind === 'link' && made.length === 0
          ? before.at
          : { ...after.at, owner: basics.user, group: basics.group ?? basics.user };
      return [
        ...made,
        ...(given.follow ? led : attributeSteps(path, own, after.at, { onLink: true })),
        ...touchSteps(
          path,
          ...(touches.length > 0 ? ([times.mtime, times.atime] as const) : ([undefined, undefined] as const)),
        ),
      ];
    }
    if (state === 'hard') {
      const linked = effects.some((effect) => effect.kind === 'hard-link') && before.source !== undefined;
      const source = before.source === undefined ? undefined : targetOf(given.src ?? '', before.source, given.follow);
      return [
        ...(linked && source !== undefined ? hardLinkSteps(path, source.path, before.at) : []),
        ...attributeSteps(path, linked && source !== undefined ? source.state : before.at, after.at),
        ...flags(given, path, before.at),
        ...touches,
      ];
    }
    return [
      ...(was.state.kind === 'file' || was.state.kind === 'absent'
        ? fileSteps(was.path, was.state, will, given, basics)
        : attributeSteps(was.path, was.state, will, { onLink: was.state.kind === 'link' })),
      ...touches,
    ];
  },
  result: (given, { before, after, effects }, done, basics) => {
    if (given._diff_peek !== undefined)
      return { path: given.path, appears_binary: appearsBinary(targetOf(given.path, before.at, true).state) };
    const state = stateOf(given, before.at);
    if (state === 'absent')
      return {
        path: given.path,
        state: 'absent',
        ...(before.at.kind === 'absent'
          ? {}
          : {
              diff: fileDiff(absolutePath(given.path, before.at), state, before.at, after.at, { names: before.names }),
            }),
      };
    // What is touched is told as it is named: of a link, the link.
    const follows = state !== 'touch' && state !== 'link' && state !== 'hard' && given.follow;
    const [was, is] = [targetOf(given.path, before.at, follows), targetOf(given.path, after.at, follows)];
    // Something new is made as it is made without a wish, and its attributes are set then: the difference tells of both.
    const made =
      was.state.kind === 'absent' && done.length > 0
        ? freshAttributes(state === 'directory' ? 'directory' : 'file', {}, basics, before.parent)
        : undefined;
    const diff = fileDiff(is.path, state, was.state, is.state, {
      timed: effects.some((effect) => effect.kind === 'touch'),
      made: state === 'hard' ? undefined : made,
    });
    if (state === 'link' || state === 'hard') {
      const src = given.src ?? (given.follow && after.at.kind === 'link' ? after.at.target : null);
      // Of a link that leads nowhere nothing more is told.
      const fields =
        after.at.kind === 'link' && after.at.real.kind === 'absent' ? {} : pathFields(after.at, done.length > 0);
      return {
        dest: absolutePath(given.path, after.at),
        src,
        ...fields,
        ...(state === 'hard' ? { state: 'hard' } : {}),
        diff,
      };
    }
    return { [state === 'touch' ? 'dest' : 'path']: is.path, ...pathFields(is.state, done.length > 0), diff };
  },
  failure: ({ step, stderr }, given) => {
    const said = stderr.trim().split('\n').at(-1) ?? '';
    if (said === '') return undefined;
    const msg =
      step.kind === 'write' && !/^(chown|chgrp|chmod|set selinux context) failed/.test(said)
        ? 'Error, could not touch target.'
        : said.startsWith('mkdir: ')
          ? `There was an issue creating ${given.path} as requested: ${said}`
          : said;
    return { msg, path: given.path };
  },
});

type State = NonNullable<Args['state']>;

function planFor(given: Args, state: State, observed: Observed, basics: Basics): Plan<Observed> {
  if (given.path === '')
    return state === 'absent'
      ? { after: {} }
      : { failed: `There was an issue with the path "": it is empty`, fields: { path: '' } };
  if (given.mode === 'preserve')
    return {
      failed: 'mode must be in octal or symbolic form',
      fields: {
        details: 'bad symbolic permission for mode: preserve',
        path: given.path,
        ...pathFields(observed.at, true),
      },
    };
  if (given.recurse && state !== 'directory')
    return {
      failed: "recurse option requires state to be 'directory'",
      fields: { path: given.path, ...pathFields(observed.at, true) },
    };
  const denied = state === 'absent' || observed.at.kind === 'denied' ? deniedPlan(given.path, observed.at) : undefined;
  if (denied !== undefined) return denied;
  switch (state) {
    case 'absent':
      return { after: { at: putBack(observed.at, false, { kind: 'absent' }) } };
    case 'directory':
      return planFolder(given, observed, basics);
    case 'link':
      return planLink(given, observed, basics);
    case 'hard':
      return planHardLink(given, observed, basics);
    case 'file':
    case 'touch':
      return planFile(given, observed, basics, state);
  }
}

/** Of whom a dry run cannot say that the file would be theirs: an earlier task may be the one that makes the account. */
function unknownAccounts({ owner, group }: Args, { ownerKnown, groupKnown }: Observed): string[] {
  const warning = (what: string, name: string | undefined): string =>
    `failed to look up ${what}${/^\d+$/.test(name ?? '') ? ` with ${what === 'user' ? 'uid' : 'gid'}` : ''} ${name ?? ''}. Create ${what} up to this point in real play`;
  return [
    ...(ownerKnown?.kind === 'absent' ? [warning('user', owner)] : []),
    ...(groupKnown?.kind === 'absent' ? [warning('group', group)] : []),
  ];
}

/** The wished state; by default what is there, or a file. */
function stateOf(given: Args, at: PathState): State {
  if (given.state !== undefined) return given.state;
  if (at.kind === 'directory' || at.kind === 'link') return at.kind;
  if (at.kind === 'file') return (known(at.info.links) ?? 1) > 1 ? 'hard' : 'file';
  return at.kind === 'absent' && given.recurse ? 'directory' : 'file';
}

function timesOf(
  given: Args,
  state: State | undefined,
): { mtime: WallClock | 'now' | undefined; atime: WallClock | 'now' | undefined } {
  const one = (text: string | undefined, format: string): WallClock | 'now' | undefined => {
    const wanted = text ?? (state === 'touch' ? 'now' : 'preserve');
    return wanted === 'preserve' ? undefined : wanted === 'now' ? 'now' : parseTime(wanted, format);
  };
  return {
    mtime: one(given.modification_time, given.modification_time_format),
    atime: one(given.access_time, given.access_time_format),
  };
}

/** Effects on an existing path: times to set, flags to change. */
function effectsOn(
  given: Args,
  observed: Observed,
  target: { path: string; state: PathState },
  state: State,
): Effect[] {
  const effects: Effect[] = [];
  if (target.state.kind === 'absent' || target.state.kind === 'denied') return effects;
  const { mtime, atime } = timesOf(given, state);
  const differs = (wanted: WallClock | 'now' | undefined, epoch: number | undefined, present: number): boolean =>
    wanted === 'now' || (wanted !== undefined && (epoch === undefined || epoch !== present));
  if (
    differs(mtime, observed.mtime, target.state.info.mtime) ||
    differs(atime, observed.atime, target.state.info.atime)
  )
    effects.push({ kind: 'touch', text: `touch ${target.path}` });
  if (flagsDiffer(target.state, given))
    effects.push({ kind: 'flags', text: `set the flags of ${target.path} to ${given.attributes ?? ''}` });
  return effects;
}

/** The state with the times that were set, so that planning on it sets them no more. */
function withTimes<T extends PathState>(state: T, observed: Observed): T {
  if (state.kind === 'absent' || state.kind === 'denied') return state;
  return {
    ...state,
    info: {
      ...state.info,
      ...(observed.mtime === undefined ? {} : { mtime: observed.mtime }),
      ...(observed.atime === undefined ? {} : { atime: observed.atime }),
    },
  };
}

function flags(given: Args, path: string, before: PathState) {
  return flagsDiffer(before, given) || (before.kind === 'absent' && given.attributes !== undefined)
    ? flagSteps(path, given)
    : [];
}

function planFolder(given: Args, observed: Observed, basics: Basics): Plan<Observed> {
  const target = targetOf(given.path, observed.at, given.follow);
  const denied = deniedPlan(target.path === '' ? absolutePath(given.path, observed.at) : target.path, target.state);
  if (denied !== undefined) return denied;
  if (target.state.kind === 'absent')
    return {
      after: {
        at: putBack(
          observed.at,
          given.follow,
          withTimes({ kind: 'directory', ...freshAttributes('directory', given, basics, observed.parent) }, observed),
        ),
      },
    };
  if (target.state.kind !== 'directory')
    return {
      failed: `${target.path} already exists as a ${stateName(target.state)}`,
      fields: { path: target.path, ...pathFields(target.state, true) },
    };
  const will = withTimes(withAttributes(target.state, given, basics), observed);
  return {
    after: {
      at: putBack(observed.at, given.follow, will),
      ...(observed.tree === undefined ? {} : { tree: treeAfter(observed.tree, given, basics) }),
    },
    effects: effectsOn(given, observed, target, 'directory'),
  };
}

function treeAfter(tree: readonly TreeAttributes[], given: Args, basics: Basics): TreeAttributes[] {
  return sortTree(
    tree.map((entry) => ({
      ...entry,
      mode: treeMode(entry, given, basics),
      owner: given.owner === undefined || given.owner === String(entry.info.uid) ? entry.owner : given.owner,
      group: given.group === undefined || given.group === String(entry.info.gid) ? entry.group : given.group,
    })),
  );
}

function treeMode(entry: TreeAttributes, given: Args, basics: Basics): string {
  return given.mode === undefined || entry.kind === 'link'
    ? entry.mode
    : applyMode(given.mode, entry.mode, entry.kind, basics.umask);
}

function planFile(given: Args, observed: Observed, basics: Basics, state: 'file' | 'touch'): Plan<Observed> {
  const target = targetOf(given.path, observed.at, given.follow);
  const denied = deniedPlan(target.path === '' ? absolutePath(given.path, observed.at) : target.path, target.state);
  if (denied !== undefined) return denied;
  if (target.state.kind === 'absent') {
    if (state === 'file')
      return {
        failed: `file (${target.path}) is absent, cannot continue`,
        fields: { path: target.path, state: 'absent' },
      };
    if (observed.at.kind === 'absent' && !isFolder(observed.parent))
      return { failed: 'Error, could not touch target.', fields: { path: given.path } };
    return {
      after: {
        at: putBack(
          observed.at,
          given.follow,
          withTimes(
            { kind: 'file', content: contentOf(''), ...freshAttributes('file', given, basics, observed.parent) },
            observed,
          ),
        ),
      },
    };
  }
  if (
    target.state.kind === 'denied' ||
    (state === 'file' && target.state.kind !== 'file' && target.state.kind !== 'other')
  )
    return {
      failed: `file (${target.path}) is ${stateName(target.state)}, cannot continue`,
      fields: { path: target.path, ...pathFields(target.state, true) },
    };
  const will = withTimes(withAttributes(target.state, given, basics), observed);
  return {
    after: { at: putBack(observed.at, given.follow, will) },
    effects: effectsOn(given, observed, target, state),
  };
}

function planLink(given: Args, observed: Observed, basics: Basics): Plan<Observed> {
  const { at, source } = observed;
  const path = absolutePath(given.path, at);
  const src = given.src ?? (at.kind === 'link' ? at.target : undefined);
  const leads = source?.kind === 'link' ? source.real : source;
  if (
    !given.force &&
    given.src !== undefined &&
    (leads === undefined || leads.kind === 'absent' || leads.kind === 'denied')
  ) {
    const where = given.src.startsWith('/') ? given.src : `${parentOf(path)}/${given.src}`;
    return {
      failed: `src file does not exist, use 'force=yes' if you really want to create the link: ${where}`,
      fields: { path, src: given.src },
    };
  }
  if (at.kind !== 'link' && at.kind !== 'absent' && !given.force)
    return {
      failed: `refusing to convert from ${stateName(at)} to symlink for ${path}`,
      fields: { path, ...pathFields(at, true) },
    };
  if (src === undefined) return { failed: 'src is required for creating new symlinks' };
  if (at.kind === 'absent' && !isFolder(observed.parent))
    return {
      failed: `Error while linking: [Errno ${observed.parent.kind === 'absent' ? '2] No such file or directory' : '20] Not a directory'}: b'${src}' -> b'${path}'`,
      fields: { path },
    };
  if (
    at.kind === 'directory' &&
    observed.names !== undefined &&
    observed.names.directories.length + observed.names.files.length > 0
  )
    return {
      failed: `the directory ${path} is not empty, refusing to convert it`,
      fields: { path, ...pathFields(at, true) },
    };
  const changes = at.kind !== 'link' || at.target !== src;
  const realPath =
    source?.kind === 'link'
      ? source.realPath
      : given.src === undefined
        ? ''
        : given.src.startsWith('/')
          ? given.src
          : `${parentOf(path)}/${given.src}`;
  const fresh = changes
    ? freshAttributes('file', given.follow ? {} : given, basics, observed.parent, src.length)
    : undefined;
  const link: Extract<PathState, { kind: 'link' }> =
    fresh === undefined && at.kind === 'link'
      ? at
      : {
          kind: 'link',
          target: src,
          realPath,
          real: leads ?? { kind: 'absent' },
          ...(fresh ?? freshAttributes('file', {}, basics, observed.parent)),
          mode: '0777',
        };
  const leadsNowhere = link.real.kind === 'absent' || link.real.kind === 'denied';
  const wished = given.mode ?? given.owner ?? given.group;
  const will = !given.follow
    ? withAttributes(link, given, basics)
    : leadsNowhere || link.real.kind === 'link'
      ? link
      : { ...link, real: withAttributes(link.real as Extract<PathState, { kind: 'file' }>, given, basics) };
  return {
    after: { at: putBack(at, false, withTimes(will, observed)) },
    effects: changes ? [] : effectsOn(given, observed, { path, state: at }, 'link'),
    ...(given.follow && leadsNowhere && wished !== undefined
      ? {
          warnings: [
            'Cannot set fs attributes on a non-existent symlink target. follow should be set to False to avoid this.',
          ],
        }
      : {}),
  };
}

function planHardLink(given: Args, observed: Observed, basics: Basics): Plan<Observed> {
  const { at } = observed;
  const path = absolutePath(given.path, at);
  const source =
    observed.source === undefined ? undefined : targetOf(given.src ?? '', observed.source, given.follow).state;
  const isHard = at.kind === 'file' && (known(at.info.links) ?? 1) > 1;
  if (given.src === undefined && !isHard) return { failed: 'src is required for creating new hardlinks' };
  if (given.src === undefined || source === undefined)
    return at.kind === 'file'
      ? {
          after: { at: withTimes(withAttributes(at, given, basics), observed) },
          effects: effectsOn(given, observed, { path, state: at }, 'hard'),
        }
      : { failed: 'src is required for creating new hardlinks' };
  if (source.kind === 'absent' || source.kind === 'denied')
    return { failed: 'src does not exist', fields: { dest: path, src: given.src } };
  if (source.kind !== 'file')
    return {
      failed: `Error while linking: [Errno 1] Operation not permitted: b'${given.src}' -> b'${path}'`,
      fields: { path },
    };
  const linked = at.kind === 'file' && at.info.inode === source.info.inode && at.info.device === source.info.device;
  if (linked)
    return {
      after: { at: withTimes(withAttributes(at, given, basics), observed) },
      effects: effectsOn(given, observed, { path, state: at }, 'hard'),
    };
  if (at.kind === 'directory')
    return { failed: 'Cannot link: different hard link exists at destination', fields: { dest: path, src: given.src } };
  if (at.kind !== 'absent' && at.kind !== 'link' && !given.force)
    return {
      failed: isHard
        ? 'Cannot link, different hard link exists at destination'
        : `Cannot link, ${stateName(at)} exists at destination`,
      fields: { dest: path, src: given.src, ...pathFields(at, true) },
    };
  const will = withAttributes(source, given, basics);
  return {
    after: {
      at: putBack(at, false, {
        ...withTimes(will, observed),
        info: { ...withTimes(will, observed).info, links: (known(source.info.links) ?? 1) + 1 },
      }),
    },
    effects: [{ kind: 'hard-link', text: `link ${path} to ${given.src}` }],
  };
}

const isFolder = (state: PathState): boolean =>
  state.kind === 'directory' || (state.kind === 'link' && state.real.kind === 'directory') || state.kind === 'denied';

/** As Ansible judges it: by a zero among the first bytes; what cannot be read is no binary. */
function appearsBinary(state: PathState): boolean {
  return state.kind === 'file' && state.content?.bytes?.subarray(0, 8192).includes(0) === true;
}
