// user: an account is there with its number, groups, home, shell, password, SSH key, or is not there. Hashes travel by stdin, never in argv.
import { bool, choice, field, int, list, number, path, str } from '../core/args.ts';
import type { Basics } from '../core/basics.ts';
import { defineModule } from '../core/module.ts';
import { Unknown } from '../core/value.ts';
import { groupProbe } from '../probes/group.ts';
import { userProbe } from '../probes/user.ts';
import { planUser, type UserObserved } from './user-plan.ts';
import { userSteps } from './user-steps.ts';

export const user = defineModule<UserShape, UserObserved>({
  name: 'ansible.builtin.user',
  summary: 'Add, change, remove accounts',
  args: userArgs(),
  check: (args) => {
    if (!/^[^-\s:,/][^\s:,/]*\$?$/.test(args.name)) return `${args.name} cannot be the name of a user`;
    if (args.password !== undefined && /[:\n]/.test(args.password))
      return 'password must be a hash as crypt(3) makes it; the filter password_hash makes one';
    if (args.comment !== undefined && /[:\n]/.test(args.comment)) return 'comment cannot hold a colon or a line end';
    for (const name of ['umask', 'uid_min', 'uid_max'] as const)
      if (args[name] !== undefined && args.local) return `'${name}' can not be used with 'local'`;
    return args.non_unique && args.uid === undefined ? 'non_unique goes only with uid' : undefined;
  },
  example: `
- ansible.builtin.user:
    name: deploy
    comment: Deployments
    shell: /bin/sh
    groups: [games]
    append: true
`,
  dropsShells: true,
  endsShells: (args) => args.state === 'absent',
  probe: (args) => ({
    user: userProbe(args.name, {
      local: args.local,
      ...(args.home === undefined ? {} : { home: args.home }),
      ...(args.generate_ssh_key ? { keyFile: keyFileOf(args) } : {}),
    }),
    ...Object.fromEntries(
      [...(args.group === undefined ? [] : [args.group]), ...(args.groups ?? []).filter((name) => name !== '')].map(
        (name) => [`group:${name}`, groupProbe(name, args.local)],
      ),
    ),
  }),
})({
  plan: (args, observed, basics) => planUser(atHome(args, basics), observed),
  apply: (args, { before, after }, basics) => userSteps(atHome(args, basics), before.user, after.user),
  result: (args, { before, after }, done) => {
    const said = done.map((step) => step.stderr).join('');
    const stderr = said === '' ? {} : { stderr: said };
    if (after.user.kind === 'absent')
      return {
        name: args.name,
        state: args.state,
        ...(before.user.kind === 'absent' ? {} : { force: args.force, remove: args.remove }),
        ...stderr,
      };
    const printedLines = done.flatMap((step) => step.stdout.split('\n'));
    // What useradd chose by itself is read from the line that the step printed.
    const printed = printedLines.findLast((line) => line.startsWith(`${args.name}:`))?.split(':');
    const known = <T>(value: T | Unknown, at: number, convert: (text: string) => T): T | Unknown =>
      value instanceof Unknown && printed?.[at] !== undefined ? convert(printed[at]) : value;
    const publicKey =
      printedLines.findLast((line) => /^(ssh|ecdsa|sk)-\S+ AAAA/.test(line)) ?? after.user.info.publicKey;
    const home = known(after.user.home, 5, String);
    const keyFile = keyFileOf(args);
    return {
      name: args.name,
      state: args.state,
      ...(before.user.kind === 'absent' ? {} : { append: args.append, move_home: args.move_home }),
      uid: known(after.user.uid, 2, Number),
      group: printed?.[3] === undefined ? after.user.info.gid : Number(printed[3]),
      comment: known(after.user.comment, 4, String),
      home,
      shell: known(after.user.shell, 6, String),
      ...(args.groups === undefined ? {} : { groups: args.groups.join(',') }),
      ...(before.user.kind === 'absent' ? { create_home: args.create_home, system: args.system } : {}),
      ...stderr,
      ...(args.password === undefined ? {} : { password: 'NOT_LOGGING_PASSWORD' }),
      ...(args.generate_ssh_key
        ? {
            ssh_key_file: keyFile.startsWith('/') ? keyFile : home instanceof Unknown ? home : `${home}/${keyFile}`,
            ...(publicKey === undefined ? {} : { ssh_public_key: publicKey }),
          }
        : {}),
    };
  },
});

/** `~` in paths is the home of whoever runs the module; programs that get them do not expand it. */
function atHome<
  T extends {
    readonly shell?: string | undefined;
    readonly home?: string | undefined;
    readonly skeleton?: string | undefined;
  },
>(args: T, basics: Basics): T {
  const expanded = (['shell', 'home', 'skeleton'] as const).flatMap((name) =>
    args[name] === undefined ? [] : [[name, args[name].replace(/^~(?=\/|$)/, () => basics.home)]],
  );
  return { ...args, ...(Object.fromEntries(expanded) as Partial<T>) };
}

function userArgs() {
  return {
    name: field(str(), { aliases: ['user'] }).describe('Name of the account.'),
    uid: int().optional().describe('Its number.'),
    comment: str().optional().describe('Its description (GECOS).'),
    non_unique: bool().default(false).describe('The number may be taken already.'),
    seuser: str().optional().describe('SELinux user for its logins (when it is added).'),
    group: str().optional().describe('Its primary group, by name or number.'),
    groups: list(str())
      .optional()
      .describe('Its further groups; an empty list takes it out of all, unless append is set.'),
    append: bool().default(false).describe('Only add it to groups, never take it out of any.'),
    shell: path().optional().describe('Its login shell.'),
    home: path().optional().describe('Its home folder.'),
    skeleton: path().optional().describe('Folder whose files a new home gets.'),
    password: field(str(), { secret: true })
      .optional()
      .describe('Hash of its password, as the filter password_hash makes it; `!` or `*` for none.'),
    state: choice('absent', 'present').default('present').describe('Whether it is there.'),
    create_home: field(bool(), { aliases: ['createhome'] })
      .default(true)
      .describe('Make its home where it is not there.'),
    move_home: bool().default(false).describe('Move what is in its home where home changes.'),
    system: bool().default(false).describe("Take a number of the system's range (when it is added)."),
    force: bool().default(false).describe('With absent: remove it although it is logged in.'),
    remove: bool().default(false).describe('With absent: remove its home and mail too.'),
    login_class: str().optional().describe('Only of meaning on BSD.'),
    hidden: bool().optional().describe('Only of meaning on macOS.'),
    profile: str().optional().describe('Only of meaning on Solaris.'),
    authorization: str().optional().describe('Only of meaning on Solaris.'),
    role: str().optional().describe('Only of meaning on Solaris.'),
    generate_ssh_key: bool().default(false).describe('Make an SSH key where it has none.'),
    ssh_key_bits: int().optional().describe('Size of that key.'),
    ssh_key_type: str().default('rsa').describe('Kind of that key: rsa, ed25519, ecdsa.'),
    ssh_key_file: path().optional().describe('Its file, relative to the home or absolute.'),
    ssh_key_comment: str().optional().describe('Its comment; otherwise `ansible-generated on` the host.'),
    ssh_key_passphrase: field(str(), { secret: true }).optional().describe('Its passphrase.'),
    update_password: choice('always', 'on_create')
      .default('always')
      .describe('Whether the password of an account that is there already is changed.'),
    expires: number().optional().describe('When it expires, seconds since the epoch; negative: never.'),
    password_lock: bool().optional().describe('Lock its password.'),
    local: bool().default(false).describe('Look only into the files below /etc, not into directory services.'),
    password_expire_max: int().optional().describe('Days until the password must be changed.'),
    password_expire_min: int().optional().describe('Days until the password may be changed.'),
    password_expire_warn: int().optional().describe('Days of warning before that.'),
    password_expire_account_disable: int().optional().describe('Days after that until it is disabled.'),
    umask: str().optional().describe('Mode bits that a new home does not get.'),
    uid_min: int().optional().describe('Lowest number to choose.'),
    uid_max: int().optional().describe('Highest number to choose.'),
  };
}
type UserShape = ReturnType<typeof userArgs>;

function keyFileOf(args: { readonly ssh_key_file?: string | undefined; readonly ssh_key_type: string }): string {
  return args.ssh_key_file ?? `.ssh/id_${args.ssh_key_type}`;
}
