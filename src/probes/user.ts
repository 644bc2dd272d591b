// What users are: the files below /etc, directory services only for names that are not in them. Hashes never leave the parser.
import { createHash } from 'node:crypto';
import { quote, quoteAll } from '../core/quote.ts';
import { probeOf, type Answer, type Probe, type ProbeFamily } from '../core/probe.ts';
import type { Unknown } from '../core/value.ts';

export type UserState =
  | {
      readonly kind: 'user';
      readonly uid: number | Unknown;
      /** Name of the primary group. */
      readonly group: string | Unknown;
      /** Further groups, sorted. */
      readonly groups: readonly string[] | Unknown;
      readonly comment: string | Unknown;
      readonly home: string | Unknown;
      readonly shell: string | Unknown;
      /** A digest of the password's hash (never the hash), empty without a password; undefined where the shadow file cannot be read. */
      readonly password?: string | Unknown;
      readonly locked?: boolean | Unknown;
      /** Days since the epoch; null: never. */
      readonly expires?: number | null | Unknown;
      /** Password ages of chage(1), days; null: not set. */
      readonly ages?:
        | {
            readonly min: number | null;
            readonly max: number | null;
            readonly warn: number | null;
            readonly inactive: number | null;
          }
        | Unknown;
      /** Whether the home (that asked for, else the user's) is there; undefined: it lies on a network mount and was not looked at. */
      readonly homeThere?: boolean | Unknown;
      /** Whether the asked-for SSH key is there. */
      readonly key?: boolean | Unknown;
      readonly info: {
        readonly gid: number;
        readonly directory: boolean;
        readonly publicKey?: string;
        readonly keyFile?: string;
      };
    }
  | { readonly kind: 'absent' };

interface UserQuery {
  readonly name: string;
  readonly local: boolean;
  readonly home?: string;
  /** Path of an SSH key, relative to the home or absolute. */
  readonly keyFile?: string;
}

const family: ProbeFamily<UserQuery, UserState> = { name: 'user', script: userScript, parse: parseUsers };

export function userProbe(
  name: string,
  more: { readonly local?: boolean; readonly home?: string; readonly keyFile?: string } = {},
): Probe<UserState> {
  return probeOf(family, `user:${name}`, {
    name,
    local: more.local === true,
    ...(more.home === undefined ? {} : { home: more.home }),
    ...(more.keyFile === undefined ? {} : { keyFile: more.keyFile }),
  });
}

/** What a hash is compared and shown by. */
export function passwordDigest(hash: string): string {
  const bare = hash.replace(/^!+/, '');
  return bare === '' || bare === '*' || bare === 'x'
    ? ''
    : createHash('sha256').update(bare).digest('hex').slice(0, 16);
}

function userScript(queries: readonly UserQuery[]): string {
  const names = [...new Set(queries.map(({ name }) => name))];
  const remote = [...new Set(queries.filter(({ local }) => !local).map(({ name }) => name))];
  const marked = (file: string, mark: string) =>
    `sed -n ${names.map((name) => `-e ${quote(`s/^${name.replace(/[^A-Za-z0-9_-]/g, '\\$&')}:/${mark}:&/p`)}`).join(' ')} ${file}`;
  // What the shell makes of `~name` is the home, whichever service knows the account.
  const homeOf = ({ name, home }: UserQuery) =>
    home === undefined ? (/^[A-Za-z0-9._-]+$/.test(name) ? `~${name}` : "''") : quote(home);
  return `
far=$(grep -sE ' - (autofs|nfs|nfs4|cifs|smb3|smbfs|fuse[.a-z0-9_-]*|ceph|lustre|9p|afs) ' /proc/self/mountinfo | cut -d' ' -f5)
there() { # path: 0 there, 1 not there, 2 on a network mount and not looked at
  for m in $far; do case $1/ in "\${m%/}"/*) return 2 ;; esac; done
  [ -e "$1" ]
}
o=$(${marked('/etc/passwd', 'passwd')})
printf '%s\\n' "$o"
${
  remote.length === 0
    ? ''
    : `set --
for n in ${quoteAll(remote)}; do case $o in *passwd:"$n":*) ;; *) set -- "$@" "$n" ;; esac; done
if [ $# -gt 0 ] && command -v getent >/dev/null; then
  getent passwd "$@" | while IFS= read -r l; do printf 'directory:%s\\n' "$l"; printf 'groups:%s:%s\\n' "\${l%%:*}" "$(id -Gn -- "\${l%%:*}" 2>/dev/null)"; done
fi`
}
sed 's/^/group:/' /etc/group
if [ -r /etc/shadow ]; then echo shadow-readable; ${marked('/etc/shadow', 'shadow')}; fi
look() { # index, home, key
  case $2 in '~'*|'') return 0 ;; esac
  there "$2"; r=$?; printf 'home:%s:%s\\n' "$1" "$r"
  [ -n "$3" ] && [ "$r" = 0 ] || return 0
  case $3 in /*) k=$3 ;; *) k=$2/$3 ;; esac
  if [ -e "$k" ]; then printf 'key:%s:%s\\n' "$1" "$k"; [ -r "$k.pub" ] && { IFS= read -r l <"$k.pub"; printf 'pub:%s:%s\\n' "$1" "$l"; }; fi
}
set -f
${queries.map((query, index) => `look ${index} ${homeOf(query)} ${quote(query.keyFile ?? '')}`).join('\n')}
:
`;
}

export function parseUsers(answer: Answer, queries: readonly UserQuery[]): UserState[] {
  const lines = answer.stdout.toString('utf8').split('\n');
  const of = (prefix: string) =>
    lines.filter((line) => line.startsWith(`${prefix}:`)).map((line) => line.slice(prefix.length + 1).split(':'));
  const groups = of('group').filter((fields) => fields.length >= 4);
  const shadow = new Map(of('shadow').map((fields) => [fields[0] ?? '', fields]));
  const readable = lines.includes('shadow-readable');
  const memberships = new Map(
    of('groups').map(([name = '', list = '']) => [name, list.split(' ').filter((group) => group !== '')]),
  );
  const line = (prefix: string, index: number) =>
    lines.find((text) => text.startsWith(`${prefix}:${index}:`))?.slice(`${prefix}:${index}:`.length);
  return queries.map((query, index): UserState => {
    const local = of('passwd').find(([name]) => name === query.name);
    const fields = local ?? (query.local ? undefined : of('directory').find(([name]) => name === query.name));
    if (fields === undefined) return { kind: 'absent' };
    const gid = Number(fields[3]);
    const primary =
      groups.find(([, , id]) => Number(id) === gid)?.[0] ?? memberships.get(query.name)?.[0] ?? String(gid);
    const supplementary =
      local === undefined
        ? (memberships.get(query.name) ?? [])
        : groups.filter(([, , , members = '']) => members.split(',').includes(query.name)).map(([name = '']) => name);
    const [home, keyFile, publicKey] = [line('home', index), line('key', index), line('pub', index)];
    const secret = shadow.get(query.name);
    const number = (text: string | undefined) => (text === undefined || text === '' ? null : Number(text));
    return {
      kind: 'user',
      uid: Number(fields[2]),
      group: primary,
      groups: [...new Set(supplementary)].filter((name) => name !== primary).sort(),
      comment: fields[4] ?? '',
      home: fields[5] ?? '',
      shell: fields[6] ?? '',
      ...(readable && secret !== undefined
        ? {
            password: passwordDigest(secret[1] ?? ''),
            locked: (secret[1] ?? '').startsWith('!'),
            expires: number(secret[7]),
            ages: {
              min: number(secret[3]),
              max: number(secret[4]),
              warn: number(secret[5]),
              inactive: number(secret[6]),
            },
          }
        : {}),
      // Without an entry there is nothing to compare with but the day 0, as Ansible has it too: whatever is wished of the expiry makes the entry.
      ...(readable && secret === undefined && local !== undefined ? { expires: 0 } : {}),
      ...(home === '0' || home === '1' ? { homeThere: home === '0' } : {}),
      ...(query.keyFile === undefined ? {} : { key: keyFile !== undefined }),
      info: {
        gid,
        directory: local === undefined,
        ...(publicKey === undefined ? {} : { publicKey }),
        ...(keyFile === undefined ? {} : { keyFile }),
      },
    };
  });
}
