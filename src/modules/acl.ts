// ansible.posix.acl: one entry of a path's access control list.
import { z } from 'zod';
import { bool, choice, field, path, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { scriptProbe } from '../core/probe.ts';
import { quote } from '../core/quote.ts';
import { cleanPath } from '../probes/path.ts';
import { pathWord } from '../probes/path-script.ts';

const args = {
  path: field(path(), { aliases: ['name'] }).describe('The file or folder'),
  state: choice('absent', 'present', 'query')
    .default('query')
    .describe('Whether the entry is to be there; query only tells the list'),
  entity: str().default('').describe('User or group that the entry is for; empty: the owner or owning group'),
  etype: choice('group', 'mask', 'other', 'user').optional().describe('What the entry is for'),
  permissions: str().optional().describe('Any of rwxX'),
  default: bool().default(false).describe('The entry that new files in the folder get'),
  entry: str().optional().describe('The whole entry in place of the parts: `user:joe:rw`, `default:group:web:rx`'),
  follow: bool().default(true).describe('Walk through links, with recursive'),
  recursive: field(bool().default(false), { aliases: ['recurse'] }).describe('All below the folder too'),
  recalculate_mask: choice('default', 'mask', 'no_mask')
    .default('default')
    .describe('Whether the mask is worked out anew'),
  use_nfsv4_acls: bool().default(false).describe('NFSv4 lists (not known here)'),
};
type Args = z.output<z.ZodObject<typeof args>>;

interface Acl {
  readonly kind: 'acl' | 'absent' | 'no-tool' | 'unsupported';
  /** Lines of getfacl of each path (one, or all below with `recursive`) in order: `default:group:web:r-x`, `user::rw-`; without masks, which the host works out. */
  readonly lists: readonly (readonly string[])[];
  /** What getfacl said. */
  readonly info: { readonly text: string };
}

export const acl = defineModule<typeof args, { readonly acl: Acl }>({
  name: 'ansible.posix.acl',
  summary: 'Sets entries of access control lists',
  args,
  check: (given) => {
    if (given.use_nfsv4_acls) return 'use_nfsv4_acls: only POSIX lists are known';
    if (
      given.entry !== undefined &&
      (given.etype !== undefined || given.permissions !== undefined || given.entity !== '')
    )
      return "'entry' MUST NOT be set together with 'entity', 'etype' or 'permissions'";
    const entry = entryOf(given);
    if (given.state === 'query') return undefined;
    if (entry === undefined)
      return given.entry === undefined
        ? "'etype' MUST be set (or 'entry')"
        : `'entry' ${JSON.stringify(given.entry)} is not of the form [default:]type:name[:permissions]`;
    if (given.state === 'present' && entry.permissions === undefined)
      return "'permissions' MUST be set with state=present";
    if (given.state === 'absent' && entry.permissions !== undefined && given.entry !== undefined)
      return "'entry' MUST have 2 sections (3 with default) with state=absent: no permissions";
    return entry.permissions !== undefined && !/^[rwxX-]*$/.test(entry.permissions)
      ? 'permissions are any of r, w, x, X'
      : undefined;
  },
  example: `
- name: The daemon may read the file
  ansible.posix.acl:
    path: /etc/vbx-example-acl
    entity: daemon
    etype: user
    permissions: r
    state: present
`,
  exampleSetup: `
- name: A file
  ansible.builtin.copy:
    content: x
    dest: /etc/vbx-example-acl
- name: The tools
  ansible.builtin.package:
    name: acl
`,
  probe: (given) => ({
    acl: scriptProbe<Acl>(
      `acl:${cleanPath(given.path)}${entryOf(given)?.type === 'mask' ? ' with masks' : ''}`,
      `p=${pathWord(cleanPath(given.path))}
command -v getfacl >/dev/null 2>&1 || { echo no-tool; exit; }
if [ ! -e "$p" ]; then echo absent; exit; fi
echo acl
getfacl -p -c ${given.follow ? '-L' : '-P'}${given.recursive ? ' -R' : ''} -- "$p" 2>/dev/null || echo unsupported`,
      (answer) => {
        const [kind, ...lines] = answer.stdout.toString().split('\n');
        if (kind === 'no-tool' || kind === 'absent') return { kind, lists: [], info: { text: '' } };
        if (lines.includes('unsupported')) return { kind: 'unsupported', lists: [], info: { text: '' } };
        const lists = lines
          .join('\n')
          .split('\n\n')
          .map((block) =>
            block
              .split('\n')
              .map((line) => line.replace(/\s+#effective.*$/, ''))
              .filter((line) => line !== ''),
          )
          .filter((block) => block.length > 0);
        const wished = entryOf(given)?.type === 'mask';
        return {
          kind: 'acl',
          lists: lists.map((block) => block.filter((line) => wished || !/^(default:)?mask:/.test(line)).sort()),
          info: { text: lines.join('\n') },
        };
      },
      { touches: [cleanPath(given.path)], ...(given.recursive ? { costly: true } : {}) },
    ),
  }),
})({
  plan: (given, { acl: observed }) => {
    if (observed.kind === 'no-tool')
      return { failed: 'Failed to find required executable "getfacl"', hint: 'Install the package acl.' };
    if (observed.kind === 'absent') return { failed: 'Path not found or not accessible.' };
    if (observed.kind === 'unsupported')
      return { failed: `${given.path}: its file system has no access control lists` };
    const entry = entryOf(given);
    if (given.state === 'query' || entry === undefined) return { after: {} };
    return {
      after: {
        acl: {
          kind: 'acl',
          lists: observed.lists.map((lines) => listAfter(lines, entry, given).sort()),
          info: observed.info,
        },
      },
    };
  },
  apply: (given) => {
    const entry = entryOf(given);
    if (entry === undefined) return [];
    const text = `${entry.isDefault ? 'default:' : ''}${entry.type}:${entry.name}`;
    const flags = `${given.recursive ? ' -R' : ''}${given.follow ? ' -L' : ' -P'}${given.recalculate_mask === 'mask' ? ' --mask' : given.recalculate_mask === 'no_mask' ? ' --no-mask' : ''}`;
    return [
      {
        kind: 'script',
        long: given.recursive,
        script: `p=${pathWord(cleanPath(given.path))}; setfacl${given.recursive ? flags : flags.replace(/ -[LP]/, '')} ${given.state === 'absent' ? '-x' : '-m'} ${quote(given.state === 'absent' ? text : `${text}:${entry.permissions ?? ''}`)} -- "$p" || exit
getfacl -p -c ${given.follow ? '-L' : '-P'}${given.recursive ? ' -R' : ''} -- "$p"`,
      },
    ];
  },
  diff: (given, { before, after }) => ({
    before_header: given.path,
    after_header: given.path,
    before: before.acl.lists.flat().join('\n'),
    after: after.acl.lists.flat().join('\n'),
  }),
  // What is told is the list as the host has it now, masks included.
  result: (given, { after }, done) => {
    const entry = entryOf(given);
    return {
      acl: listOf(done.at(-1)?.stdout ?? after.acl.info.text, entry?.isDefault ?? given.default),
      msg:
        given.state === 'query' || entry === undefined
          ? 'current acl'
          : `${entry.type}:${entry.name}${given.state === 'absent' || entry.permissions === undefined ? '' : `:${entry.permissions}`} is ${given.state}`,
    };
  },
});

/** The lines of getfacl, without remarks; those of the default list alone are told without the word. */
function listOf(text: string, isDefault: boolean): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  while (lines.at(-1) === '') lines.pop();
  return isDefault
    ? lines.flatMap((line) => (line === '' ? [''] : /^default:/.test(line) ? [line.slice('default:'.length)] : []))
    : lines;
}

interface Entry {
  readonly isDefault: boolean;
  readonly type: string;
  readonly name: string;
  readonly permissions?: string;
}

function entryOf(given: Args): Entry | undefined {
  if (given.entry === undefined)
    return given.etype === undefined
      ? undefined
      : {
          isDefault: given.default,
          type: given.etype,
          name: given.entity,
          ...(given.permissions === undefined || given.state === 'absent' ? {} : { permissions: given.permissions }),
        };
  const [, first, type, name, permissions] =
    /^(d(?:efault)?:)?(u(?:ser)?|g(?:roup)?|m(?:ask)?|o(?:ther)?):([^:]*)(?::([^:]*))?$/.exec(given.entry) ?? [];
  const long = { u: 'user', g: 'group', m: 'mask', o: 'other' }[type?.[0] ?? ''];
  return long === undefined
    ? undefined
    : {
        isDefault: first !== undefined || given.default,
        type: long,
        name: name ?? '',
        ...(permissions === undefined ? {} : { permissions }),
      };
}

/** The lines with the entry; the mask is the host's to work out, so that it is left open where it may change. */
function listAfter(lines: readonly string[], entry: Entry, given: Args): string[] {
  const prefix = `${entry.isDefault ? 'default:' : ''}${entry.type}:${entry.name}:`;
  const has = lines.find((line) => line.startsWith(prefix));
  if (given.state === 'absent') return lines.filter((line) => line !== has);
  // X is execution where somebody may execute already, as in folders.
  const executes = lines.some((line) => /^(user|group|other):[^:]*:..x/.test(line));
  const wanted = ['r', 'w', 'x']
    .map((letter) =>
      (entry.permissions ?? '').includes(letter) ||
      (letter === 'x' && (entry.permissions ?? '').includes('X') && executes)
        ? letter
        : '-',
    )
    .join('');
  if (has === `${prefix}${wanted}`) return [...lines];
  // The first default entry brings those of owner, group and others, like the folder's own.
  const base =
    entry.isDefault && !lines.some((line) => line.startsWith('default:'))
      ? lines
          .filter((line) => /^(user|group|other)::/.test(line))
          .map((line) => `default:${line}`)
          .filter((line) => !line.startsWith(prefix))
      : [];
  return has === undefined
    ? [...lines, ...base, `${prefix}${wanted}`]
    : lines.map((line) => (line === has ? `${prefix}${wanted}` : line));
}
