// Mode, owner, group and SELinux context of a path, as all file modules take them: what they will be, and the steps that make them so.
import { bool, field, mode, str } from '../../core/args.ts';
import { afterApply, known } from '../../core/after-apply.ts';
import type { Basics } from '../../core/basics.ts';
import type { Content } from '../../core/content.ts';
import type { Plan } from '../../core/module.ts';
import { applyMode, chmodArgument, defaultMode } from '../../core/path-mode.ts';
import type { PathInfo, PathState } from '../../core/path-state.ts';
import { attributeCommand } from '../../core/chown-script.ts';
import type { Step } from '../../core/step.ts';

/** The arguments of every module that sets attributes of files. */
export const fileArgs = {
  mode: mode().optional().describe('Permissions: octal text such as "0644", or symbolic such as "u=rw,g=r,o="'),
  owner: str().optional().describe('Name (or number) of the user that owns it'),
  group: str().optional().describe('Name (or number) of the group that owns it'),
  seuser: str().optional().describe('User part of the SELinux context'),
  serole: str().optional().describe('Role part of the SELinux context'),
  setype: str().optional().describe('Type part of the SELinux context'),
  selevel: str().optional().describe('Level part of the SELinux context'),
  attributes: field(str().optional(), { aliases: ['attr'] }).describe('Flags for chattr(1): "+i", "-a", "=e"'),
  unsafe_writes: bool().default(false).describe('Write in place where the file cannot be replaced'),
};

/** What is wanted of a path's attributes; the parsed arguments above, as far as given. */
export interface AttributeWish {
  readonly mode?: string | undefined;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  readonly seuser?: string | undefined;
  readonly serole?: string | undefined;
  readonly setype?: string | undefined;
  readonly selevel?: string | undefined;
  readonly attributes?: string | undefined;
}

/** A path that is there and is no link. */
export type RealPath = Extract<PathState, { kind: 'file' | 'directory' | 'other' }>;
type Present = Exclude<PathState, { kind: 'absent' | 'denied' }>;
export interface Attributes {
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
  readonly selinux?: string;
}

/** The state with the wished attributes. The mode of a link is never changed: Linux has none. */
export function withAttributes<T extends Present>(state: T, wish: AttributeWish, basics: Basics): T {
  const kind = state.kind === 'directory' ? 'directory' : 'file';
  const owner = ownerAfter(wish.owner, state.owner, state.info.uid);
  const group = ownerAfter(wish.group, state.group, state.info.gid);
  const selinux = contextAfter(wish, state.selinux);
  return {
    ...state,
    mode:
      wish.mode === undefined || wish.mode === 'preserve' || state.kind === 'link'
        ? state.mode
        : applyMode(wish.mode, state.mode, kind, basics.umask),
    owner,
    group,
    ...(selinux === undefined ? {} : { selinux }),
    info: {
      ...state.info,
      uid: idAfter(owner, state.owner, state.info.uid),
      gid: idAfter(group, state.group, state.info.gid),
      ...flagsAfter(wish.attributes, state.info.flags),
    },
  };
}

/** Attributes of a path that does not exist yet; a folder with the set-group-id bit hands down its group. */
export function freshAttributes(
  kind: 'file' | 'directory',
  wish: AttributeWish,
  basics: Basics,
  parent: PathState | undefined,
  size = 0,
): Attributes & { readonly info: PathInfo } {
  const above = parent?.kind === 'link' ? parent.real : parent;
  const inherits = above?.kind === 'directory' && (Number.parseInt(above.mode, 8) & 0o2000) !== 0;
  const plain = defaultMode(kind, basics.umask);
  const start = inherits && kind === 'directory' ? applyMode('g+s', plain, kind) : plain;
  const owner = ownerAfter(wish.owner, basics.user, basics.uid);
  const group = ownerAfter(
    wish.group,
    inherits ? above.group : (basics.group ?? basics.user),
    inherits ? above.info.gid : Number.NaN,
  );
  return {
    mode: wish.mode === undefined || wish.mode === 'preserve' ? start : applyMode(wish.mode, start, kind, basics.umask),
    owner,
    group,
    ...(basics.selinux
      ? {
          selinux:
            wish.setype === undefined
              ? afterApply<string>('the SELinux context')
              : (contextAfter(wish, 'system_u:object_r:default_t:s0') ?? ''),
        }
      : {}),
    info: freshInfo(
      size,
      idAfter(owner, basics.user, basics.uid),
      group === 'root' ? 0 : inherits && group === above.group ? above.info.gid : idAfter(group, '', Number.NaN),
    ),
  };
}

/** A new or rewritten file as it will be. */
export function fileAfter(
  before: PathState,
  content: Content,
  wish: AttributeWish,
  basics: Basics,
  parent: PathState | undefined,
): Extract<PathState, { kind: 'file' }> {
  if (before.kind === 'file') {
    const { content: _old, ...state } = withAttributes(before, wish, basics);
    if (content.sha256 === before.content?.sha256) return { ...state, content };
    // What was told of the old bytes is no longer so.
    const { digests: _digests, mimetype: _mimetype, charset: _charset, ...info } = state.info;
    return {
      ...state,
      content,
      info: {
        ...info,
        size: content.size,
        mtime: afterApply<number>('mtime'),
        ctime: afterApply<number>('ctime'),
        inode: afterApply<number>('inode'),
      },
    };
  }
  return { kind: 'file', content, ...freshAttributes('file', wish, basics, parent, content.size) };
}

function freshInfo(size: number, uid: number, gid: number): PathInfo {
  const later = (what: string): number => afterApply<number>(what);
  return {
    uid,
    gid,
    size,
    mtime: later('mtime'),
    atime: later('atime'),
    ctime: later('ctime'),
    inode: later('inode'),
    device: later('device'),
    links: 1,
    readable: true,
    writable: true,
  };
}

/** A number that the present owner has is no change. */
function ownerAfter(wanted: string | undefined, present: string, id: number): string {
  if (wanted === undefined || (/^\d+$/.test(wanted) && Number(wanted) === id)) return present;
  return wanted === '0' ? 'root' : wanted;
}

function idAfter(name: string, before: string, id: number): number {
  if (name === before && !Number.isNaN(id)) return id;
  return name === 'root' ? 0 : /^\d+$/.test(name) ? Number(name) : afterApply<number>(`the id of ${name}`);
}

/** The context with the wished parts; without SELinux there is none and nothing to wish. */
function contextAfter(wish: AttributeWish, present: string | undefined): string | undefined {
  if (present === undefined) return undefined;
  const parts = present.split(':');
  const [user = '', role = '', type = ''] = parts;
  const level = parts.slice(3).join(':');
  const pick = (wanted: string | undefined, now: string): string =>
    wanted === undefined || wanted === '_default' ? now : wanted;
  return [
    pick(wish.seuser, user),
    pick(wish.serole, role),
    pick(wish.setype, type),
    ...(level === '' && wish.selevel === undefined ? [] : [pick(wish.selevel, level)]),
  ].join(':');
}

/** The letters of lsattr after `+i`, `-a`, `=ei` (an operator alone is `=`). */
function flagsAfter(wanted: string | undefined, present: string | undefined): { flags?: string } {
  if (wanted === undefined || present === undefined) return {};
  const operator = /^[-+=]/.exec(wanted)?.[0] ?? '=';
  const letters = [...wanted.replace(/^[-+=]/, '')];
  const now = new Set(operator === '=' ? [...present].filter((letter) => !CHANGEABLE.includes(letter)) : present);
  for (const letter of letters) {
    if (operator === '-') now.delete(letter);
    else now.add(letter);
  }
  return { flags: [...now].sort().join('') };
}

/** Flags that chattr(1) may set; the others tell how a file system keeps the file. */
const CHANGEABLE = 'aAcCdDijmPsStTux';

/** Whether `attributes` asks for flags that are not as wished. They are told by the host and never compared, so that they become an effect. */
export function flagsDiffer(state: PathState, wish: AttributeWish): boolean {
  if (
    wish.attributes === undefined ||
    /^[-+=]?$/.test(wish.attributes) ||
    state.kind === 'absent' ||
    state.kind === 'denied'
  )
    return false;
  // Where the host does not tell the flags, chattr has the last word.
  const after = flagsAfter(wish.attributes, state.info.flags).flags;
  return after === undefined || after !== [...(state.info.flags ?? '')].sort().join('');
}

/** Commands that bring the attributes of an existing path from `before` to `after`, in the order of Ansible: context, owner, group, mode. */
export function attributeSteps(
  path: string,
  before: PathState,
  after: PathState,
  options: { onLink?: boolean } = {},
): Step[] {
  if (!isPresent(before) || !isPresent(after)) return [];
  return attributeCommands(path, before, after, options.onLink === true).map(({ argv, sorry }) => ({
    kind: 'script',
    script: attributeCommand(argv, sorry),
  }));
}

function isPresent(state: PathState): state is Present {
  return state.kind !== 'absent' && state.kind !== 'denied';
}

function attributeCommands(
  path: string,
  before: Attributes,
  after: Attributes,
  onLink: boolean,
): { argv: string[]; sorry: string }[] {
  const commands: { argv: string[]; sorry: string }[] = [];
  const context = known(after.selinux);
  if (context !== undefined && context !== before.selinux)
    commands.push({
      argv: ['chcon', ...(onLink ? ['-h'] : []), context, '--', path],
      sorry: 'set selinux context failed',
    });
  const owner = known(after.owner);
  const group = known(after.group);
  const changesOwner = owner !== undefined && owner !== before.owner;
  const changesGroup = group !== undefined && group !== before.group;
  const flag = onLink ? ['-h'] : [];
  if (changesOwner)
    commands.push({
      argv: ['chown', ...flag, changesGroup && owner !== '' ? `${owner}:${group}` : owner, '--', path],
      sorry: 'chown failed',
    });
  else if (changesGroup) commands.push({ argv: ['chgrp', ...flag, group, '--', path], sorry: 'chgrp failed' });
  const special = (Number.parseInt(after.mode, 8) & 0o6000) !== 0;
  // chown takes set-id bits away.
  if (!onLink && (after.mode !== before.mode || (special && (changesOwner || changesGroup))))
    commands.push({ argv: ['chmod', chmodArgument(after.mode), '--', path], sorry: 'chmod failed' });
  return commands;
}

/** chattr, for a path whose flags are not as wished. */
export function flagSteps(path: string, wish: AttributeWish): Step[] {
  const wanted = wish.attributes ?? '';
  return [{ kind: 'run', argv: ['chattr', /^[-+=]/.test(wanted) ? wanted : `=${wanted}`, path] }];
}

/** `owner`, `group` and `mode` of a write step: mode always for a new file, owner and group where they are wished and not there by themselves. */
export function writeAttributes(
  before: PathState,
  after: Attributes,
  wish: AttributeWish,
  basics: Basics,
): { mode?: string; owner?: string; group?: string } {
  const was = before.kind === 'file' ? before : undefined;
  const owner = wish.owner !== undefined && after.owner !== (was?.owner ?? basics.user) ? { owner: after.owner } : {};
  const group = wish.group !== undefined && after.group !== (was?.group ?? basics.group) ? { group: after.group } : {};
  const setId = (Number.parseInt(after.mode, 8) & 0o6000) !== 0;
  return {
    ...owner,
    ...group,
    ...(was === undefined || was.mode !== after.mode || setId ? { mode: chmodArgument(after.mode) } : {}),
  };
}

/** Ansible's fields about a path in results: uid, gid, owner, group, mode, state, size, secontext. What only the host knows is left out once it was done. */
export function pathFields(state: PathState, applied: boolean): Record<string, unknown> {
  if (!isPresent(state)) return {};
  const kind =
    state.kind === 'file'
      ? (known(state.info.links) ?? 1) > 1
        ? 'hard'
        : 'file'
      : state.kind === 'other'
        ? 'file'
        : state.kind;
  const fields: Record<string, unknown> = {
    uid: state.info.uid,
    gid: state.info.gid,
    owner: state.owner,
    group: state.group,
    mode: resultMode(state.mode),
    state: kind,
    size: state.info.size,
  };
  if (state.selinux !== undefined) fields['secontext'] = state.selinux;
  return applied
    ? Object.fromEntries(Object.entries(fields).filter(([, value]) => known(value) !== undefined))
    : fields;
}

/** A mode as results of modules that write files have it: a zero in front of three digits or more (stat and find know four digits only). */
export function resultMode(mode: string): string {
  return `0${mode.replace(/^0+/, '').padStart(3, '0')}`;
}

/** A failed plan, where a path cannot be looked at. */
export function deniedPlan(path: string, state: PathState): { failed: string } | undefined {
  return state.kind === 'denied' ? { failed: `${path}: ${state.message}` } : undefined;
}

export type FailedPlan = Extract<Plan<never>, { failed: string }>;
