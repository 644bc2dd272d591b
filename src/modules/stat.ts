// ansible.builtin.stat: what a path is, in Ansible's fields.
import { createHash } from 'node:crypto';
import { bool, choice, field, path } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import type { PathInfo, PathState } from '../core/path-state.ts';
import { absolutePath, pathProbe } from '../probes/path.ts';

const args = {
  path: field(path(), { aliases: ['dest', 'name'] }).describe('The path to look at'),
  follow: bool().default(false).describe('Tell of what a link leads to'),
  get_checksum: bool().default(true).describe('Tell the digest of a file'),
  checksum_algorithm: field(choice('md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512').default('sha1'), {
    aliases: ['checksum', 'checksum_algo'],
  }).describe('Which digest'),
  get_mime: field(bool().default(true), { aliases: ['mime', 'mime_type', 'mime-type'] }).describe(
    'Tell the type of the content, where the host has file(1)',
  ),
  get_attributes: field(bool().default(true), { aliases: ['attr', 'attributes'] }).describe(
    'Tell the flags of lsattr(1)',
  ),
};

export const stat = defineModule<typeof args, { readonly at: PathState }>({
  name: 'ansible.builtin.stat',
  summary: 'Tells what a path is',
  args,
  reports: true,
  example: `
- name: Is there a hosts file
  ansible.builtin.stat:
    path: /etc/hosts
  register: hosts_file
`,
  probe: (given) => ({
    at: pathProbe(given.path, {
      ...(given.get_checksum ? { digests: [given.checksum_algorithm] } : {}),
      ...(given.get_mime ? { mime: true } : {}),
      ...(given.get_attributes ? { flags: true } : {}),
    }),
  }),
})({
  plan: (given, { at }) => {
    const state = seen(given, at);
    return state.kind === 'denied'
      ? { failed: state.message.startsWith('Permission') ? 'Permission denied' : state.message }
      : { after: {} };
  },
  apply: () => [],
  result: (given, { before: { at } }) => {
    const state = seen(given, at);
    if (given.path === '' || state.kind === 'absent' || state.kind === 'denied') return { stat: { exists: false } };
    return { stat: { ...describePath(absolutePath(given.path, at), state), ...about(given, at, state) } };
  },
});

/** What is told of: a slash behind the name of a link goes to where it leads. */
function seen(given: { readonly path: string; readonly follow: boolean }, at: PathState): PathState {
  return at.kind === 'link' && (given.follow || /[^/]\/+$/.test(given.path)) ? at.real : at;
}

type Present = Exclude<PathState, { kind: 'absent' | 'denied' }>;

/** What lstat(2) says, in the names of Ansible's `stat` and `find`; also of `path`. */
export function describePath(path: string, state: Present): Record<string, unknown> {
  const bits = Number.parseInt(state.mode, 8);
  const { info } = state;
  const other = state.kind === 'other' ? state.type : undefined;
  return {
    exists: true,
    path,
    mode: state.mode,
    isdir: state.kind === 'directory',
    ischr: other === 'char',
    isblk: other === 'block',
    isreg: state.kind === 'file',
    isfifo: other === 'fifo',
    islnk: state.kind === 'link',
    issock: other === 'socket',
    uid: info.uid,
    gid: info.gid,
    size: info.size,
    inode: info.inode,
    dev: info.device,
    nlink: info.links,
    atime: info.atime,
    mtime: info.mtime,
    ctime: info.ctime,
    ...permissions(bits),
    ...(info.blocks === undefined ? {} : { blocks: info.blocks }),
    ...(info.blockSize === undefined ? {} : { block_size: info.blockSize }),
    ...(info.deviceType === undefined ? {} : { device_type: info.deviceType }),
    ...(/^\d+$/.test(state.owner) ? {} : { pw_name: state.owner }),
    ...(/^\d+$/.test(state.group) ? {} : { gr_name: state.group }),
  };
}

function permissions(bits: number): Record<string, boolean> {
  const fields: Record<string, boolean> = {};
  for (const [name, shift] of [
    ['usr', 6],
    ['grp', 3],
    ['oth', 0],
  ] as const) {
    for (const [letter, bit] of [
      ['w', 2],
      ['r', 4],
      ['x', 1],
    ] as const)
      fields[`${letter}${name}`] = ((bits >> shift) & bit) !== 0;
  }
  return { ...fields, isuid: (bits & 0o4000) !== 0, isgid: (bits & 0o2000) !== 0 };
}

/** What is asked of the user's rights, of links, of content and of flags. */
function about(
  given: { get_checksum: boolean; checksum_algorithm: string; get_mime: boolean; get_attributes: boolean },
  at: PathState,
  state: Present,
): Record<string, unknown> {
  const reached: PathInfo | undefined =
    at.kind === 'link'
      ? at.real.kind === 'absent' || at.real.kind === 'denied'
        ? undefined
        : at.real.info
      : state.info;
  // Of a file that was only predicted, the bytes are at hand and not the digest.
  const bytes = state.kind === 'file' ? state.content?.bytes : undefined;
  const digest =
    state.kind !== 'file'
      ? undefined
      : (state.info.digests?.[given.checksum_algorithm] ??
        (bytes === undefined ? undefined : createHash(given.checksum_algorithm).update(bytes).digest('hex')));
  const type =
    state.kind === 'link'
      ? reached?.mimetype === undefined
        ? undefined
        : { mimetype: 'inode/symlink', charset: 'binary' }
      : state.info;
  const flags = state.info.flags ?? '';
  return {
    readable: reached?.readable ?? false,
    writeable: reached?.writable ?? false,
    executable: reached?.executable ?? false,
    ...(state.kind === 'link' ? { lnk_source: state.realPath, lnk_target: state.target } : {}),
    ...(given.get_checksum && digest !== undefined ? { checksum: digest } : {}),
    ...(given.get_mime ? { mimetype: type?.mimetype ?? 'unknown', charset: type?.charset ?? 'unknown' } : {}),
    ...(given.get_attributes
      ? {
          version: state.info.version ?? null,
          attributes: [...flags].flatMap((letter) => FLAG_NAMES[letter] ?? []),
          attr_flags: flags,
        }
      : {}),
  };
}

/** Ansible's names of lsattr's letters. */
const FLAG_NAMES: Readonly<Record<string, string>> = {
  A: 'noatime',
  a: 'append',
  c: 'compressed',
  C: 'nocow',
  d: 'nodump',
  D: 'dirsync',
  e: 'extents',
  E: 'encrypted',
  h: 'blocksize',
  i: 'immutable',
  I: 'indexed',
  j: 'journalled',
  N: 'inline',
  s: 'zero',
  S: 'synchronous',
  t: 'notail',
  T: 'blockroot',
  u: 'undelete',
  X: 'compressedraw',
  Z: 'compresseddirty',
};
