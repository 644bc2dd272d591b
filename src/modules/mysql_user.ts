// mysql_user: accounts of MySQL or MariaDB with password and privileges, by the client on the host. A plain password is hashed before it leaves the controller.
import type { z } from 'zod';
import { bool, choice, dict, field, raw, str } from '../core/args.ts';
import { defineModule, type Plan } from '../core/module.ts';
import type { Probe } from '../core/probe.ts';
import { quote } from '../core/quote.ts';
import type { Step } from '../core/step.ts';
import {
  accountName,
  accountsProbe,
  hashDigest,
  isOld,
  LIMITS,
  nativeHash,
  type Account,
  type AccountsState,
} from './mysql/accounts.ts';
import {
  clientScript,
  loginArgs,
  NO_CLIENT,
  refusal,
  serverFailure,
  sqlName,
  sqlStep,
  sqlText,
  statements,
  type Server,
} from './mysql/client.ts';
import {
  privilegeChanges,
  privilegeStatements,
  shownPrivileges,
  writtenPrivileges,
  type PrivilegeChange,
  type Privileges,
} from './mysql/privileges.ts';

const shape = {
  name: field(str(), { aliases: ['user'] }).describe('The user; empty is anonymous.'),
  host: str().default('localhost').describe('Where it may come from.'),
  host_all: bool().default(false).describe('All accounts of that name, whatever their host; it makes none.'),
  state: choice('absent', 'present').default('present').describe('Whether it is there.'),
  password: field(str(), { secret: true }).optional().describe('Its password, checked by mysql_native_password.'),
  encrypted: bool().default(false).describe('password is the hash of mysql_native_password.'),
  update_password: choice('always', 'on_create', 'on_new_username')
    .default('always')
    .describe(
      'on_create: only a new account gets it. on_new_username: a new account gets what others of that name have.',
    ),
  plugin: str().optional().describe('How it is authenticated, in place of a password.'),
  plugin_hash_string: field(str(), { secret: true }).optional().describe('What the plugin keeps, as it keeps it.'),
  plugin_auth_string: field(str(), { secret: true }).optional().describe('What the plugin is told.'),
  priv: raw()
    .optional()
    .describe('Privileges: db.table:PRIV1,PRIV2 separated by slashes, or a dictionary of these halves.'),
  append_privs: bool().default(false).describe('Privileges that are not named stay.'),
  subtract_privs: bool().default(false).describe('Take away the privileges that are named.'),
  column_case_sensitive: bool()
    .default(true)
    .describe('Names of columns in priv are as they are written, not in capitals.'),
  tls_requires: dict(raw()).optional().describe('What a connection must have: SSL, X509, CIPHER, ISSUER, SUBJECT.'),
  resource_limits: dict(raw())
    .optional()
    .describe(
      'Numbers for MAX_QUERIES_PER_HOUR, MAX_UPDATES_PER_HOUR, MAX_CONNECTIONS_PER_HOUR, MAX_USER_CONNECTIONS, MAX_STATEMENT_TIME.',
    ),
  locked: bool().optional().describe('Whether nobody can log in with it.'),
  force_context: bool()
    .default(false)
    .describe('The statements are in the database mysql, for filters of replication.'),
  session_vars: dict(raw()).optional().describe('Variables of the session to set before the statements.'),
  ...loginArgs,
};
type Args = z.output<z.ZodObject<typeof shape>>;
type State = { readonly accounts: AccountsState };

export const mysql_user = defineModule<typeof shape, State>({
  name: 'community.mysql.mysql_user',
  summary: 'Create, change or remove users of MySQL or MariaDB',
  args: shape,
  check: (args) => {
    if (args.append_privs && args.subtract_privs)
      return 'parameters are mutually exclusive: append_privs|subtract_privs';
    if (
      args.priv !== undefined &&
      args.priv !== null &&
      typeof args.priv !== 'string' &&
      (typeof args.priv !== 'object' || Array.isArray(args.priv))
    )
      return 'priv parameter must be str or dict';
    if (
      args.priv === '' ||
      (typeof args.priv === 'object' && args.priv !== null && Object.keys(args.priv).length === 0)
    )
      return 'priv names no privileges';
    if (args.encrypted && hasText(args.password) && !isHash(args.password))
      return 'encrypted was specified however it does not appear to be a valid hash expecting: *SHA1(SHA1(your_password))';
    const odd = Object.entries(args.resource_limits ?? {}).find(
      ([name, value]) => !Object.hasOwn(LIMITS, name) || !/^\d+$/.test(String(value)),
    );
    if (odd !== undefined)
      return Object.hasOwn(LIMITS, odd[0])
        ? `Can't convert value '${String(odd[1])}' to integer.`
        : `resource_limits: key '${odd[0]}' is unsupported.`;
    const requirement = Object.keys(args.tls_requires ?? {}).find(
      (name) => !['SSL', 'X509', 'CIPHER', 'ISSUER', 'SUBJECT'].includes(name.toUpperCase()),
    );
    return requirement === undefined
      ? undefined
      : `tls_requires: '${requirement}' is none of SSL, X509, CIPHER, ISSUER, SUBJECT`;
  },
  example: `
- community.mysql.mysql_user:
    name: shop
    password: '{{ shop_password }}'
    priv: 'shop.*:ALL'
`,
  probe: (args, basics): { accounts: Probe<AccountsState> } => ({
    accounts: accountsProbe(args, args.name, args.locked !== undefined, basics.home),
  }),
})({
  plan: (args, { accounts: now }) => {
    if (now.kind === 'missing') return { failed: NO_CLIENT };
    if (now.kind === 'refused') return { failed: refusal(args, now.info.message) };
    const hosts = hostsOf(args, now);
    if (args.state === 'absent') {
      const left = Object.fromEntries(Object.entries(now.accounts).filter(([host]) => !hosts.includes(host)));
      return { after: hosts.length === 0 ? {} : { accounts: { ...now, accounts: left } } };
    }
    if (hosts.length === 0 && args.host_all) return { failed: 'host_all parameter cannot be used when adding a user' };
    return planPresent(args, now, hosts.length === 0 ? [args.host.toLowerCase()] : hosts);
  },
  apply: (args, { before: { accounts: before }, after: { accounts: after } }, basics) => {
    const gone = Object.keys(before.accounts).filter((host) => after.accounts[host] === undefined);
    const changed = Object.keys(after.accounts).filter((host) => before.accounts[host] !== after.accounts[host]);
    const session = Object.entries(args.session_vars ?? {}).map(
      ([name, value]) =>
        `SET SESSION ${sqlName(name)} = ${typeof value === 'number' || typeof value === 'boolean' ? String(value) : sqlText(String(value))}`,
    );
    const options = args.force_context ? { database: 'mysql' } : {};
    const reused = changed.find((host) => before.accounts[host] === undefined && reusedOf(args, before) !== undefined);
    const sql = [
      ...gone.map((host) => `DROP USER ${accountName(args.name, host)}`),
      ...changed.flatMap((host) =>
        changeStatements(
          args,
          before.info.server,
          host,
          before.accounts[host],
          after.accounts[host] as Account,
          host === reused,
        ),
      ),
    ];
    const steps: Step[] = reused === undefined ? [] : [reuseStep(args, basics.home, reused, session, options)];
    return sql.length === 0 ? steps : [...steps, sqlStep(args, basics.home, [...session, ...sql], options)];
  },
  result: (args, { before: { accounts: before }, after: { accounts: after } }, done) => {
    const fresh = args.state === 'present' && hostsOf(args, before).length === 0;
    const hosts = hostsOf(args, before);
    const attributes = hosts.map((host) => before.info.attributes[host]).at(-1);
    const told = {
      user: args.name,
      attributes: args.state === 'absent' || fresh ? null : attributes === undefined ? {} : attributes,
    };
    if (args.state === 'absent')
      return { ...told, msg: hosts.length === 0 ? "User doesn't exist" : 'User deleted', password_changed: false };
    if (fresh)
      return {
        ...told,
        msg: 'User added',
        password_changed: done.length === 0 ? null : reusedOf(args, before) === undefined,
      };
    const pairs = hosts.map((host): [Account, Account] => [
      before.accounts[host] as Account,
      after.accounts[host] as Account,
    ]);
    return {
      ...told,
      msg:
        pairs.map(([was, is]) => changeText(args, before.info.server, was, is)).findLast((text) => text !== '') ??
        'User unchanged',
      password_changed: pairs.some(([was, is]) => passwordDiffers(was, is)),
    };
  },
  failure: serverFailure(),
});

const hasText = (text: string | undefined): text is string => text !== undefined && text !== '';
const isHash = (text: string): boolean => /^\*[0-9a-f]{40}$/i.test(text);
const hashOf = (args: Args, password: string): string => (args.encrypted ? password : nativeHash(password));
const hostsOf = (args: Args, now: AccountsState): string[] =>
  Object.keys(now.accounts).filter((host) => args.host_all || host.toLowerCase() === args.host.toLowerCase());
const passwordDiffers = (was: Account, is: Account): boolean =>
  was.password !== is.password || was.plugin !== is.plugin || was.plugin_text !== is.plugin_text;

/** The one way in that all accounts of the name have, for a new one. */
function reusedOf(args: Args, now: AccountsState): Account | undefined {
  if (args.update_password !== 'on_new_username') return undefined;
  const others = Object.values(now.accounts);
  return others.every((one) => one.plugin === others[0]?.plugin && one.plugin_text === others[0]?.plugin_text)
    ? others[0]
    : undefined;
}

function planPresent(args: Args, now: AccountsState, hosts: readonly string[]): Plan<State> {
  const { server } = now.info;
  let wanted: Privileges | undefined;
  try {
    wanted = wantedPrivileges(args, server);
  } catch (error) {
    return { failed: (error as Error).message };
  }
  const accounts: Record<string, Account> = { ...now.accounts };
  const warnings: string[] = [];
  for (const host of hosts) {
    const was = now.accounts[host];
    const reused = was === undefined ? reusedOf(args, now) : undefined;
    if (
      was === undefined &&
      args.update_password === 'on_new_username' &&
      reused === undefined &&
      Object.keys(now.accounts).length > 0
    )
      warnings.push(
        `An account with the username ${args.name} has a different password than the others existing accounts. Thus on_new_username can't decide which password to reuse so it will use your provided password instead. If no password is provided, the account will have an empty password!`,
      );
    const shown = was === undefined ? {} : shownPrivileges(was.grants, server, args.column_case_sensitive);
    if (shown === undefined)
      return { failed: `unable to parse the MySQL grant string: ${was?.grants.join('; ') ?? ''}` };
    const is = wantedAccount(
      args,
      was ?? {
        ...NEW,
        ...(reused === undefined
          ? {}
          : { password: reused.password, plugin: reused.plugin, plugin_text: reused.plugin_text }),
      },
      was === undefined,
      reused !== undefined,
    );
    const changes =
      wanted === undefined || (was === undefined && args.subtract_privs)
        ? []
        : privilegeChanges(shown, wanted, wayOf(args), args.name === 'root');
    const next = changes.length === 0 ? is : { ...is, grants: predictedGrants(args, host, shown, changes) };
    if (
      was === undefined ||
      passwordDiffers(was, next) ||
      was.requires !== next.requires ||
      was.locked !== next.locked ||
      changes.length > 0 ||
      limitsDiffer(was, next)
    )
      accounts[host] = next;
  }
  return {
    after: hosts.every((host) => accounts[host] === now.accounts[host]) ? {} : { accounts: { ...now, accounts } },
    warnings,
  };
}

const NEW: Account = {
  password: '',
  plugin: 'mysql_native_password',
  plugin_text: '',
  requires: '',
  limits: {},
  locked: false,
  grants: [],
};
const wayOf = (args: Args): 'replace' | 'append' | 'subtract' =>
  args.append_privs ? 'append' : args.subtract_privs ? 'subtract' : 'replace';
const wantedPrivileges = (args: Args, server: Server): Privileges | undefined =>
  args.priv === undefined || args.priv === null
    ? undefined
    : writtenPrivileges(args.priv as string | Record<string, unknown>, server, args.column_case_sensitive);
const limitsDiffer = (was: Account, is: Account): boolean =>
  Object.entries(is.limits).some(([name, value]) => (was.limits[name] ?? 0) !== value);

/** The account as it would be, but for its privileges. */
function wantedAccount(args: Args, was: Account, fresh: boolean, reused: boolean): Account {
  const sets = !reused && (fresh || args.update_password === 'always');
  const limits = Object.fromEntries(
    Object.entries(args.resource_limits ?? {}).map(([name, value]) => [name, Number(value)]),
  );
  const base: Account = {
    ...was,
    requires: requirements(args.tls_requires),
    locked: args.locked ?? was.locked,
    limits: { ...was.limits, ...limits },
  };
  if (!sets) return base;
  if (hasText(args.password)) {
    const password = hashDigest(hashOf(args, args.password));
    return was.password === password && !fresh
      ? base
      : { ...base, password, plugin: 'mysql_native_password', plugin_text: password };
  }
  if (!hasText(args.plugin)) return base;
  const text = hasText(args.plugin_hash_string) ? args.plugin_hash_string : args.plugin_auth_string;
  return {
    ...base,
    plugin: args.plugin,
    plugin_text: hasText(text) ? hashDigest(text) : was.plugin === args.plugin ? was.plugin_text : '',
  };
}

function requirements(wanted: Readonly<Record<string, unknown>> | undefined): string {
  const named = new Map(Object.entries(wanted ?? {}).map(([name, value]) => [name.toUpperCase(), value]));
  const texts = ['CIPHER', 'ISSUER', 'SUBJECT'].filter((name) => named.has(name));
  return texts.length > 0
    ? texts.map((name) => `${name} ${sqlText(String(named.get(name)))}`).join(' AND ')
    : named.has('X509')
      ? 'X509'
      : named.size > 0
        ? 'SSL'
        : '';
}

/** What SHOW GRANTS would say, for a diff and for what is planned upon it. */
function predictedGrants(args: Args, host: string, now: Privileges, changes: readonly PrivilegeChange[]): string[] {
  const next = { ...now, ...Object.fromEntries(changes.map(({ on, result }) => [on, result])) };
  return Object.entries(next)
    .filter(([, words]) => words.length > 0)
    .map(([on, words]) => {
      const plain = words.filter((word) => word !== 'GRANT');
      return `GRANT ${plain.length === 0 ? 'USAGE' : plain.map((word) => (word === 'ALL' ? 'ALL PRIVILEGES' : word)).join(', ')} ON ${on} TO ${sqlName(args.name)}@${sqlName(host)}${words.includes('GRANT') ? ' WITH GRANT OPTION' : ''}`;
    });
}

function identification(args: Args, server: Server): string {
  if (hasText(args.password))
    return isOld(server)
      ? ` IDENTIFIED BY PASSWORD ${sqlText(hashOf(args, args.password))}`
      : ` IDENTIFIED WITH mysql_native_password AS ${sqlText(hashOf(args, args.password))}`;
  if (!hasText(args.plugin)) return '';
  const plugin = ` IDENTIFIED WITH ${sqlText(args.plugin)}`;
  if (hasText(args.plugin_hash_string)) return `${plugin} AS ${sqlText(args.plugin_hash_string)}`;
  if (!hasText(args.plugin_auth_string)) return plugin;
  const text = sqlText(args.plugin_auth_string);
  return `${plugin} ${args.plugin === 'pam' ? `USING ${text}` : args.plugin === 'ed25519' ? `USING PASSWORD(${text})` : `BY ${text}`}`;
}

function changeStatements(
  args: Args,
  server: Server,
  host: string,
  was: Account | undefined,
  is: Account,
  reused: boolean,
): string[] {
  const account = accountName(args.name, host);
  const sql: string[] = [];
  if (was === undefined) sql.push(...(reused ? [] : [`CREATE USER ${account}${identification(args, server)}`]));
  else if (passwordDiffers(was, is))
    sql.push(
      hasText(args.password) && isOld(server)
        ? `SET PASSWORD FOR ${account} = ${sqlText(hashOf(args, args.password))}`
        : `ALTER USER ${account}${identification(args, server)}`,
    );
  const wanted = wantedPrivileges(args, server);
  const shown = was === undefined ? {} : shownPrivileges(was.grants, server, args.column_case_sensitive);
  if (wanted !== undefined && shown !== undefined && !(was === undefined && args.subtract_privs))
    sql.push(...privilegeStatements(account, privilegeChanges(shown, wanted, wayOf(args), args.name === 'root')));
  if ((was?.requires ?? '') !== is.requires)
    sql.push(
      isOld(server)
        ? `GRANT USAGE ON *.* TO ${account} REQUIRE ${is.requires === '' ? 'NONE' : is.requires}`
        : `ALTER USER ${account} REQUIRE ${is.requires === '' ? 'NONE' : is.requires}`,
    );
  const limits = Object.entries(is.limits).filter(
    ([name, value]) => args.resource_limits?.[name] !== undefined && was?.limits[name] !== value,
  );
  if (limits.length > 0)
    sql.push(`ALTER USER ${account} WITH ${limits.map(([name, value]) => `${name} ${value}`).join(' ')}`);
  if ((was?.locked ?? false) !== is.locked) sql.push(`ALTER USER ${account} ACCOUNT ${is.locked ? 'LOCK' : 'UNLOCK'}`);
  return sql;
}

/** The server itself copies what the other accounts of the name have: the hash does not leave the host. */
function reuseStep(
  args: Args,
  home: string,
  host: string,
  session: readonly string[],
  options: { readonly database?: string },
): Step {
  const make = `SELECT DISTINCT CONCAT(${sqlText(`CREATE USER ${accountName(args.name, host)} IDENTIFIED WITH `)}, QUOTE(plugin), IF(authentication_string = '', '', CONCAT(' AS ', QUOTE(authentication_string))), ';') FROM mysql.user WHERE User = ${sqlText(args.name)}`;
  return {
    kind: 'script',
    secret: true,
    long: true,
    script: `${clientScript(args, home, 'fail', options)}{ printf %s ${quote(statements(args, session))}; printf %s ${quote(statements({ sql_log_bin: true }, [make]))} | vbx_sql --raw; } | vbx_sql`,
  };
}

function changeText(args: Args, server: Server, was: Account, is: Account): string {
  if (was === is) return '';
  if (was.requires !== is.requires) return 'TLS requires updated';
  if (was.locked !== is.locked) return is.locked ? 'User locked' : 'User unlocked';
  if (was.grants !== is.grants) {
    const changes = privilegeChanges(
      shownPrivileges(was.grants, server, args.column_case_sensitive) ?? {},
      wantedPrivileges(args, server) ?? {},
      wayOf(args),
      args.name === 'root',
    );
    const list = (words: readonly string[]): string => `[${words.map((word) => `'${word}'`).join(', ')}]`;
    return changes.every(({ revoke, result, grant }) => revoke.length === 0 && result.length === grant.length)
      ? 'New privileges granted'
      : `Privileges updated: granted ${list(changes.flatMap(({ grant }) => grant))}, revoked ${list(changes.flatMap(({ revoke }) => revoke))}`;
  }
  return passwordDiffers(was, is) ? `Password updated (${isOld(server) ? 'old' : 'new'} style)` : '';
}
