// What an account should become, from what the user wrote and what the host has.
import type { Plan } from '../core/module.ts';
import { Unknown } from '../core/value.ts';
import type { GroupState } from '../probes/group.ts';
import { passwordDigest, type UserState } from '../probes/user.ts';

export interface UserObserved {
  readonly user: UserState;
  readonly [name: `group:${string}`]: GroupState;
}

export interface UserWish {
  readonly name: string;
  readonly uid?: number | undefined;
  readonly comment?: string | undefined;
  readonly group?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly append: boolean;
  readonly shell?: string | undefined;
  readonly home?: string | undefined;
  readonly password?: string | undefined;
  readonly state: 'absent' | 'present';
  readonly create_home: boolean;
  readonly move_home: boolean;
  readonly update_password: 'always' | 'on_create';
  readonly expires?: number | undefined;
  readonly password_lock?: boolean | undefined;
  readonly generate_ssh_key: boolean;
  readonly password_expire_max?: number | undefined;
  readonly password_expire_min?: number | undefined;
  readonly password_expire_warn?: number | undefined;
  readonly password_expire_account_disable?: number | undefined;
}

type Present = Extract<UserState, { kind: 'user' }>;

export function planUser(wish: UserWish, observed: UserObserved): Plan<UserObserved> {
  const { user } = observed;
  if (wish.state === 'absent') return { after: user.kind === 'absent' ? {} : { user: { kind: 'absent' } } };
  for (const name of [
    ...(wish.group === undefined ? [] : [wish.group]),
    ...(wish.groups ?? []).filter((group) => group !== ''),
  ]) {
    if (observed[`group:${name}`]?.kind === 'absent')
      return { failed: `Group ${name} does not exist`, hint: 'Add it first with the module group.' };
  }
  const after = user.kind === 'absent' ? created(wish, observed) : changed(wish, user, observed);
  const warnings = [
    ...(wish.append && wish.groups === undefined
      ? ["'append' is set, but no 'groups' are specified. Use 'groups' for appending new groups."]
      : []),
    ...(wish.password === undefined || wish.password === '' || isHash(wish.password)
      ? []
      : [
          "The input password appears not to have been hashed. The 'password' argument must be encrypted for this module to work properly.",
        ]),
  ];
  return { after: after === undefined ? {} : { user: after }, ...(warnings.length === 0 ? {} : { warnings }) };
}

/** Lengths of what crypt(3) puts behind the last `$`, by the method. */
const HASH_LENGTHS: Readonly<Record<string, number>> = { 1: 22, 5: 43, 6: 86, y: 43 };

/** Whether a password may be what crypt(3) makes of one, or one of the marks that shut an account. */
function isHash(password: string): boolean {
  if (['*', '!', '*************'].includes(password)) return true;
  const fields = password.split('$');
  const last = fields.at(-1) ?? '';
  const length = HASH_LENGTHS[fields[1] ?? ''];
  return (
    !/[:*!]/.test(password) &&
    fields.length >= 3 &&
    /^[a-zA-Z0-9./=]*$/.test(last) &&
    (length === undefined || last.length === length)
  );
}

/** Names of groups, those given by number included. */
function nameOf(group: string, observed: UserObserved): string {
  const state = observed[`group:${group}`];
  return state?.kind === 'group' ? state.info.name : group;
}

function created(wish: UserWish, observed: UserObserved): Present {
  const unknown = (what: string) => new Unknown(`the ${what} of ${wish.name}`);
  const primary = wish.group === undefined ? undefined : nameOf(wish.group, observed);
  return {
    kind: 'user',
    uid: wish.uid ?? unknown('number'),
    group: primary ?? unknown('primary group'),
    groups: wish.groups === undefined ? unknown('groups') : groupsOf(wish, primary, [], observed),
    comment: wish.comment ?? unknown('description'),
    home: wish.home ?? unknown('home'),
    shell: wish.shell ?? unknown('shell'),
    password: wish.password === undefined ? unknown('password') : passwordDigest(wish.password),
    locked: wish.password_lock ?? unknown('lock'),
    expires: wish.expires === undefined ? unknown('expiry') : daysOf(wish.expires),
    ages: unknown('password ages'),
    homeThere: wish.create_home ? true : unknown('home'),
    ...(wish.generate_ssh_key ? { key: true } : {}),
    info: { gid: -1, directory: false },
  };
}

function changed(wish: UserWish, user: Present, observed: UserObserved): Present | undefined {
  const group = wish.group === undefined ? user.group : nameOf(wish.group, observed);
  const groups =
    wish.groups === undefined || user.groups instanceof Unknown
      ? user.groups
      : groupsOf(wish, group, user.groups, observed);
  const homeChanges = wish.home !== undefined && wish.home !== user.home;
  const ages = agesOf(wish, user);
  const wanted: Present = {
    ...user,
    uid: wish.uid ?? user.uid,
    group,
    groups,
    comment: wish.comment ?? user.comment,
    home: wish.home ?? user.home,
    shell: wish.shell ?? user.shell,
    ...(wish.password !== undefined &&
    wish.update_password === 'always' &&
    user.password !== undefined &&
    !(user.password instanceof Unknown)
      ? { password: passwordDigest(wish.password) }
      : {}),
    ...(wish.password_lock !== undefined && user.locked !== undefined
      ? { locked: wish.password_lock }
      : lockedBy(wish, user)),
    ...(wish.expires !== undefined && user.expires !== undefined ? { expires: daysOf(wish.expires) } : {}),
    ...(ages === undefined ? {} : { ages }),
    ...(wish.create_home && (user.homeThere === false || (homeChanges && wish.move_home)) ? { homeThere: true } : {}),
    ...(wish.generate_ssh_key && user.key === false ? { key: true } : {}),
  };
  return same(wanted, user) ? undefined : wanted;
}

/** A new password takes the place of the whole field, so a lock goes with the old one unless the new one brings its own. */
function lockedBy(wish: UserWish, user: Present): { locked?: boolean } {
  if (
    wish.password === undefined ||
    wish.update_password !== 'always' ||
    user.password === undefined ||
    passwordDigest(wish.password) === user.password
  )
    return {};
  return { locked: wish.password.startsWith('!') };
}

function groupsOf(
  wish: UserWish,
  primary: string | Unknown | undefined,
  now: readonly string[],
  observed: UserObserved,
): string[] {
  const wanted = (wish.groups ?? []).filter((name) => name !== '').map((name) => nameOf(name, observed));
  return [...new Set([...wanted, ...(wish.append ? now : [])])].filter((name) => name !== primary).sort();
}

export function daysOf(expires: number): number | null {
  return expires < 0 ? null : Math.floor(expires / 86400);
}

function agesOf(wish: UserWish, user: Present): Present['ages'] {
  if (user.ages === undefined || user.ages instanceof Unknown) return undefined;
  const { ages } = user;
  return {
    min: wish.password_expire_min ?? ages.min,
    max: wish.password_expire_max ?? ages.max,
    warn: wish.password_expire_warn ?? ages.warn,
    inactive: wish.password_expire_account_disable ?? ages.inactive,
  };
}

function same(a: Present, b: Present): boolean {
  return JSON.stringify({ ...a, info: null }) === JSON.stringify({ ...b, info: null });
}
