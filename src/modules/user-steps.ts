// The commands that make an account what it should be: those of shadow (useradd, usermod, chage), or BusyBox's where they are not there.
import { quote, quoteAll } from '../core/quote.ts';
import type { Step } from '../core/step.ts';
import { Unknown } from '../core/value.ts';
import type { UserState } from '../probes/user.ts';
import { daysOf, type UserWish } from './user-plan.ts';

export interface UserOptions extends UserWish {
  readonly non_unique: boolean;
  readonly seuser?: string | undefined;
  readonly skeleton?: string | undefined;
  readonly system: boolean;
  readonly force: boolean;
  readonly remove: boolean;
  readonly ssh_key_bits?: number | undefined;
  readonly ssh_key_type: string;
  readonly ssh_key_file?: string | undefined;
  readonly ssh_key_comment?: string | undefined;
  readonly ssh_key_passphrase?: string | undefined;
  readonly umask?: string | undefined;
  readonly uid_min?: number | undefined;
  readonly uid_max?: number | undefined;
}
type Present = Extract<UserState, { kind: 'user' }>;

export function userSteps(args: UserOptions, before: UserState, after: UserState): Step[] {
  if (after.kind === 'absent') return before.kind === 'absent' ? [] : [removal(args)];
  const steps = before.kind === 'absent' ? creation(args, after) : modification(args, before, after);
  if (after.key === true && (before.kind === 'absent' || before.key === false)) steps.push(keyGeneration(args));
  return steps;
}

function removal(args: UserOptions): Step {
  const words = [...(args.force ? ['-f'] : []), ...(args.remove ? ['-r'] : []), '--', args.name];
  return {
    kind: 'script',
    script: `if command -v userdel >/dev/null; then userdel ${quoteAll(words)}; else deluser ${args.remove ? '--remove-home ' : ''}${quote(args.name)}; fi`,
  };
}

function creation(args: UserOptions, after: Present): Step[] {
  const { name } = args;
  const groups = args.groups === undefined || after.groups instanceof Unknown ? undefined : after.groups;
  const expires = args.expires === undefined ? undefined : daysOf(args.expires);
  const words = [
    ...(args.uid === undefined ? [] : ['-u', String(args.uid)]),
    ...(args.non_unique ? ['-o'] : []),
    ...(args.seuser === undefined ? [] : ['-Z', args.seuser]),
    ...(args.group === undefined ? [] : ['-g', args.group]),
    ...(groups === undefined || groups.length === 0 ? [] : ['-G', groups.join(',')]),
    ...(args.comment === undefined ? [] : ['-c', args.comment]),
    ...(args.home === undefined ? [] : ['-d', args.home]),
    ...(args.shell === undefined ? [] : ['-s', args.shell]),
    ...(typeof expires === 'number' ? ['-e', dateOf(expires)] : []),
    ...(args.create_home
      ? [
          '-m',
          ...(args.skeleton === undefined ? [] : ['-k', args.skeleton]),
          ...(args.umask === undefined ? [] : ['-K', `UMASK=${args.umask}`]),
        ]
      : ['-M']),
    ...(args.system ? ['-r'] : []),
    ...(args.uid_min === undefined ? [] : ['-K', `UID_MIN=${args.uid_min}`]),
    ...(args.uid_max === undefined ? [] : ['-K', `UID_MAX=${args.uid_max}`]),
  ];
  const busybox = [
    'adduser',
    '-D',
    ...(args.uid === undefined ? [] : ['-u', String(args.uid)]),
    ...(args.group === undefined ? [] : ['-G', args.group]),
    ...(args.comment === undefined ? [] : ['-g', args.comment]),
    ...(args.home === undefined ? [] : ['-h', args.home]),
    ...(args.shell === undefined ? [] : ['-s', args.shell]),
    ...(args.create_home ? (args.skeleton === undefined ? [] : ['-k', args.skeleton]) : ['-H']),
    ...(args.system ? ['-S'] : []),
    name,
  ];
  // Where a group of the user's own name is there already, useradd wants to be told that it is the one.
  const own =
    args.group === undefined
      ? `set --\ngrep -q ${quote(`^${name}:`)} /etc/group && set -- -g ${quote(name)}\n`
      : 'set --\n';
  const parent =
    args.create_home && args.home !== undefined && args.home !== ''
      ? `mkdir -p -- ${quote(args.home.replace(/\/+[^/]*\/*$/, '') || '/')}\n`
      : '';
  const script = `${own}${parent}if command -v useradd >/dev/null; then
  useradd ${quoteAll(words)} "$@" -- ${quote(name)} || exit
else
  ${quoteAll(busybox)} || exit
${(groups ?? []).map((group) => `  addgroup ${quote(name)} ${quote(group)} || exit`).join('\n')}
fi
${entryOf(name)}`;
  const steps: Step[] = [{ kind: 'script', script }];
  if (args.password !== undefined) steps.push(passwordStep(name, args.password));
  if (args.password_lock === true) steps.push({ kind: 'script', script: locking(name, true) });
  return [...steps, ...ageSteps(args)];
}

function modification(args: UserOptions, before: Present, after: Present): Step[] {
  const { name } = args;
  const differs = <K extends keyof Present>(key: K) => JSON.stringify(before[key]) !== JSON.stringify(after[key]);
  const groups = differs('groups') && !(after.groups instanceof Unknown) ? after.groups : undefined;
  const words = [
    ...(differs('uid') ? ['-u', String(args.uid), ...(args.non_unique ? ['-o'] : [])] : []),
    ...(differs('group') ? ['-g', args.group ?? ''] : []),
    ...(groups === undefined ? [] : ['-G', groups.join(',')]),
    ...(differs('comment') ? ['-c', args.comment ?? ''] : []),
    ...(differs('home') ? ['-d', args.home ?? '', ...(args.move_home ? ['-m'] : [])] : []),
    ...(differs('shell') ? ['-s', args.shell ?? ''] : []),
    ...(differs('expires') ? ['-e', typeof after.expires === 'number' ? dateOf(after.expires) : ''] : []),
  ];
  const was = before.groups instanceof Unknown ? [] : before.groups;
  const busybox =
    groups !== undefined && words.length === 2
      ? [
          ...groups.filter((group) => !was.includes(group)).map((group) => `addgroup ${quote(name)} ${quote(group)}`),
          ...was.filter((group) => !groups.includes(group)).map((group) => `delgroup ${quote(name)} ${quote(group)}`),
        ].join(' && ')
      : `{ echo 'changing an account needs usermod (package shadow)' >&2; exit 1; }`;
  const steps: Step[] = [];
  if (words.length > 0)
    steps.push({
      kind: 'script',
      script: `if command -v usermod >/dev/null; then usermod ${quoteAll([...words, '--', name])}; else ${busybox}; fi`,
    });
  if (differs('password') && args.password !== undefined) steps.push(passwordStep(name, args.password));
  if (args.password_lock !== undefined && (differs('locked') || (differs('password') && args.password_lock)))
    steps.push({ kind: 'script', script: locking(name, args.password_lock) });
  if (differs('ages')) steps.push(...ageSteps(args));
  if (differs('homeThere') && after.homeThere === true && !(differs('home') && args.move_home))
    steps.push(homeStep(args));
  return steps;
}

function passwordStep(name: string, hash: string): Step {
  return { kind: 'run', argv: ['chpasswd', '-e'], stdin: `${name}:${hash}\n`, secret: true };
}

function locking(name: string, lock: boolean): string {
  return `if command -v usermod >/dev/null; then usermod ${lock ? '-L' : '-U'} -- ${quote(name)}; else passwd ${lock ? '-l' : '-u'} ${quote(name)}; fi`;
}

function ageSteps(args: UserOptions): Step[] {
  const words = [
    ...(args.password_expire_min === undefined ? [] : ['-m', String(args.password_expire_min)]),
    ...(args.password_expire_max === undefined ? [] : ['-M', String(args.password_expire_max)]),
    ...(args.password_expire_warn === undefined ? [] : ['-W', String(args.password_expire_warn)]),
    ...(args.password_expire_account_disable === undefined ? [] : ['-I', String(args.password_expire_account_disable)]),
  ];
  return words.length === 0 ? [] : [{ kind: 'run', argv: ['chage', ...words, '--', args.name] }];
}

/** Shell text that prints the account's line of passwd. */
function entryOf(name: string): string {
  return `{ getent passwd ${quote(name)} 2>/dev/null || grep ${quote(`^${name}:`)} /etc/passwd; }`;
}

/** Shell text that sets $u, $g and $h: number, primary group and home of the account. */
function fieldsOf(name: string): string {
  return `l=$(${entryOf(name)})
IFS=:; set -f; set -- $l; unset IFS; set +f
u=$3 g=$4 h=$(printf '%s\\n' "$l" | cut -d: -f6)`;
}

/** A home of an account that is there already, as useradd would make it: files of the skeleton, the account's own. */
function homeStep(args: UserOptions): Step {
  const skeleton = quote(args.skeleton ?? '/etc/skel');
  return {
    kind: 'script',
    script: `${fieldsOf(args.name)}
[ -n "$h" ] && [ ! -e "$h" ] || exit 0
umask ${args.umask !== undefined && /^[0-7]{1,4}$/.test(args.umask) ? args.umask : '022'}
mkdir -p -- "$h" || exit
if [ -d ${skeleton} ]; then cp -R -- ${skeleton}/. "$h"/ || exit; fi
chown -R -- "$u:$g" "$h"`,
  };
}

/** All of it is given to the account; the passphrase comes by stdin and is never a word of a command. */
function keyGeneration(args: UserOptions): Step {
  const file = args.ssh_key_file ?? `.ssh/id_${args.ssh_key_type}`;
  const words = [
    '-t',
    args.ssh_key_type,
    ...(args.ssh_key_bits === undefined ? [] : ['-b', String(args.ssh_key_bits)]),
  ];
  const comment =
    args.ssh_key_comment === undefined ? '"ansible-generated on $(uname -n)"' : quote(args.ssh_key_comment);
  const passphrase =
    args.ssh_key_passphrase === undefined || args.ssh_key_passphrase === '' ? undefined : args.ssh_key_passphrase;
  const generate =
    passphrase === undefined
      ? `ssh-keygen -q ${quoteAll(words)} -C ${comment} -f "$f" -N '' </dev/null >&2 || exit`
      : // ssh-keygen takes a passphrase only from its argv or a terminal: an askpass program of its own hands it over.
        `IFS= read -r VBX_PASSPHRASE; export VBX_PASSPHRASE
a=$(mktemp -d) || exit
trap 'rm -rf "$a"' EXIT
printf '#!/bin/sh\\nprintf "%%s\\\\n" "$VBX_PASSPHRASE"\\n' >"$a/ask" && chmod 700 "$a/ask" || exit
SSH_ASKPASS="$a/ask" SSH_ASKPASS_REQUIRE=force DISPLAY=:0 ssh-keygen -q ${quoteAll(words)} -C ${comment} -f "$f" </dev/null >&2 || exit`;
  return {
    kind: 'script',
    ...(passphrase === undefined ? {} : { stdin: `${passphrase}\n`, secret: true }),
    script: `${fieldsOf(args.name)}
f=${quote(file)}
case $f in /*) ;; *) f=$h/$f ;; esac
d=\${f%/*}
umask 077
if [ ! -d "$d" ]; then mkdir -p -- "$d" && chown -- "$u:$g" "$d" || exit; fi
[ ! -e "$f" ] || exit 0
${generate}
chown -- "$u:$g" "$f" "$f.pub" && chmod 600 "$f" && chmod 644 "$f.pub" && cat -- "$f.pub"`,
  };
}

/** A day since the epoch as YYYY-MM-DD. */
function dateOf(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}
