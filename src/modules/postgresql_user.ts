// postgresql_user: roles of PostgreSQL that log in, with password and attributes, by psql on the host.
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { bool, choice, dict, field, int, raw, str } from '../core/args.ts';
import { defineModule, type Plan } from '../core/module.ts';
import type { Probe } from '../core/probe.ts';
import {
  dangerous,
  loginArgs,
  NO_CLIENT,
  refusal,
  serverFailure,
  serverProbe,
  sqlName,
  sqlStep,
  sqlText,
  type Told,
} from './postgresql/client.ts';
import { isPassword } from './postgresql/passwords.ts';

interface Role {
  /** By flag: LOGIN, SUPERUSER, ... */
  readonly attributes: Readonly<Record<string, boolean>>;
  /** What is kept as its password, by what is wanted: the hash itself is nobody's business. */
  readonly password: 'none' | 'wanted' | 'another' | 'unreadable';
  readonly conn_limit: number;
  /** As the server writes it. */
  readonly valid_until: string | null;
  readonly comment: string;
  readonly configuration: Readonly<Record<string, string>>;
}

interface Roles {
  readonly version: number;
  /** `expires` as the server writes it. */
  readonly expires: string | null;
  readonly role: Role | null;
}

/** Flags and the columns of pg_authid that they stand in. */
const FLAGS: Readonly<Record<string, string>> = {
  SUPERUSER: 'rolsuper',
  CREATEROLE: 'rolcreaterole',
  CREATEDB: 'rolcreatedb',
  INHERIT: 'rolinherit',
  LOGIN: 'rolcanlogin',
  REPLICATION: 'rolreplication',
  BYPASSRLS: 'rolbypassrls',
};

const shape = {
  name: field(str(), { aliases: ['user'] }).describe('The role.'),
  state: choice('absent', 'present').default('present').describe('Whether it is there.'),
  password: field(str(), { secret: true })
    .optional()
    .describe('Its password, plain or as a hash that PostgreSQL keeps; empty for none.'),
  encrypted: bool().default(true).describe('The password is kept as a hash.'),
  no_password_changes: bool().default(false).describe('Of a role that is there only the flags are looked at.'),
  role_attr_flags: str()
    .default('')
    .describe(
      'Flags with commas between, each with NO before it for the opposite: SUPERUSER, CREATEROLE, CREATEDB, INHERIT, LOGIN, REPLICATION, BYPASSRLS.',
    ),
  expires: str().optional().describe('Until when the password is good.'),
  conn_limit: int().optional().describe('How many connections it may have.'),
  comment: str().optional().describe('A comment on it.'),
  configuration: dict(raw()).default({}).describe('Settings that its sessions begin with.'),
  reset_unspecified_configuration: bool()
    .default(false)
    .describe('Take back settings that configuration does not name.'),
  quote_configuration_values: bool()
    .default(true)
    .describe('Values of configuration are texts, not lists of words as SQL has them.'),
  fail_on_user: field(bool().default(true), { aliases: ['fail_on_role'] }).describe(
    'Fail where a role cannot be removed.',
  ),
  login_db: field(str().default(''), { aliases: ['db'] }).describe('The database to log in to.'),
  ...loginArgs,
};
type Args = z.output<z.ZodObject<typeof shape>>;
type State = { readonly roles: Told<Roles> };

export const postgresql_user = defineModule<typeof shape, State>({
  name: 'community.postgresql.postgresql_user',
  summary: 'Create, change or remove users of PostgreSQL',
  args: shape,
  check: (args) => {
    const { name, password, expires, role_attr_flags, comment, session_role, configuration } = args;
    const refused = dangerous(args, [name, password, expires, role_attr_flags, comment, session_role, configuration]);
    if (refused !== undefined) return refused;
    const wrong = flagsOf(args).filter((flag) => FLAGS[flag.replace(/^NO/, '')] === undefined);
    if (wrong.length > 0) return `Invalid role_attr_flags specified: ${wrong.join(' ')}`;
    return args.quote_configuration_values && Object.keys(args.configuration).some((key) => /["']/.test(key))
      ? 'The key of a configuration may not contain single or double quotes'
      : undefined;
  },
  example: `
- community.postgresql.postgresql_user:
    name: shop
    password: '{{ shop_password }}'
    role_attr_flags: CREATEDB
`,
  // The hash that the server tells goes no further than the reading of its answer.
  probe: (args): { roles: Probe<Told<Roles>> } => ({
    roles: serverProbe<Row, Told<Roles>>(
      `role:${args.name}`,
      args,
      databaseOf(args),
      question(args),
      (told) => rolesOf(told, args),
      createHash('sha256')
        .update(`${args.encrypted} ${args.password ?? ''}`)
        .digest('hex'),
    ),
  }),
})({
  plan: (args, { roles: now }): Plan<State> => {
    if (now.kind === 'missing') return { failed: NO_CLIENT };
    if (now.kind === 'refused') return { failed: refusal(now.message) };
    if (args.name === 'PUBLIC')
      return args.password !== undefined
        ? { failed: 'cannot change the password for PUBLIC user' }
        : flagsOf(args).length > 0
          ? { failed: 'cannot change the role_attr_flags for PUBLIC user' }
          : { after: {} };
    const { role } = now.value;
    const next = args.state === 'absent' ? null : wantedRole(args, now.value);
    return { after: next === role ? {} : { roles: { kind: 'told', value: { ...now.value, role: next } } } };
  },
  apply: (args, { before, after }) => {
    const sql = changes(args, before.roles, after.roles);
    if (sql.length === 0) return [];
    const step = sqlStep(args, databaseOf(args), sql, { together: true });
    return [
      args.state === 'absent' && !args.fail_on_user && step.kind === 'script'
        ? { ...step, script: `${step.script} || echo @@kept` }
        : step,
    ];
  },
  result: (args, { before, after }, done) => {
    const kept = done.some(({ stdout }) => stdout.includes('@@kept'));
    const removed = args.state === 'absent' && before.roles !== after.roles;
    // Passwords are told by their place alone.
    return {
      user: args.name,
      queries: changes(
        { ...args, password: args.password === undefined || args.password === '' ? args.password : '%(password)s' },
        before.roles,
        after.roles,
      ).map((sql) => sql.replace("'%(password)s'", '%(password)s')),
      ...(removed ? { user_removed: !kept } : {}),
      ...(kept ? { changed: false } : {}),
    };
  },
  failure: (result, args) =>
    serverFailure(
      args.state === 'absent' ? 'Unable to remove user: ' : 'Unable to add user with given requirement due to : ',
    )(result),
});

const databaseOf = (args: Args): string => (args.login_db === '' ? 'postgres' : args.login_db);
const flagsOf = (args: Args): string[] => [
  ...new Set(
    args.role_attr_flags
      .split(',')
      .map((flag) => flag.trim().toUpperCase())
      .filter((flag) => flag !== ''),
  ),
];
/** A name that is written with its quotes is that name without them. */
const bareName = (args: Args): string => /^"(.*)"$/s.exec(args.name)?.[1] ?? args.name;

interface Row {
  readonly version: number;
  readonly expires: string | null;
  readonly role:
    | (Omit<Role, 'password' | 'configuration'> & {
        readonly password?: string | null;
        readonly configuration: readonly string[] | null;
      })
    | null;
}

/** Hashes are in a table that not everybody may read. */
function question(args: Args): string {
  const attributes = Object.entries(FLAGS)
    .map(([flag, column]) => `'${flag}', coalesce((to_jsonb(r)->>'${column}')::boolean, false)`)
    .join(', ');
  const role = (table: string, password: string): string =>
    `(SELECT json_build_object('attributes', json_build_object(${attributes}), ${password}'conn_limit', r.rolconnlimit, 'valid_until', r.rolvaliduntil::text, 'comment', coalesce(shobj_description(r.oid, 'pg_authid'), ''), 'configuration', (SELECT s.setconfig FROM pg_db_role_setting s WHERE s.setrole = r.oid AND s.setdatabase = 0)) FROM ${table} r WHERE r.rolname = ${sqlText(bareName(args))})`;
  const all = (table: string, password: string): string =>
    `SELECT json_build_object('version', current_setting('server_version_num')::int, 'expires', ${args.expires === undefined ? 'NULL' : `${sqlText(args.expires)}::timestamptz::text`}, 'role', ${role(table, password)});`;
  return `SELECT has_table_privilege('pg_authid', 'select') AS vbx_authid \\gset\n\\if :vbx_authid\n${all('pg_authid', "'password', r.rolpassword, ")}\n\\else\n${all('pg_roles', '')}\n\\endif\n`;
}

function rolesOf(told: Told<Row>, args: Args): Told<Roles> {
  if (told.kind !== 'told') return told;
  const { role, ...rest } = told.value;
  if (role === null) return { kind: 'told', value: { ...rest, role: null } };
  const { password: kept } = role;
  const password =
    kept === undefined
      ? 'unreadable'
      : kept === null
        ? 'none'
        : args.password !== undefined &&
            args.password !== '' &&
            isPassword(kept, args.password, bareName(args), !args.encrypted)
          ? 'wanted'
          : 'another';
  const configuration = Object.fromEntries(
    (role.configuration ?? []).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  return { kind: 'told', value: { ...rest, role: { ...role, password, configuration } } };
}

/** The role as it would be; the same object where nothing differs. */
function wantedRole(args: Args, { role: was, expires }: Roles): Role {
  const base: Role = was ?? {
    attributes: { ...Object.fromEntries(Object.keys(FLAGS).map((flag) => [flag, false])), INHERIT: true, LOGIN: true },
    password: 'none',
    conn_limit: -1,
    valid_until: null,
    comment: '',
    configuration: {},
  };
  const flags = Object.fromEntries(flagsOf(args).map((flag) => [flag.replace(/^NO/, ''), !flag.startsWith('NO')]));
  const attributes = Object.entries(flags).every(([flag, on]) => base.attributes[flag] === on)
    ? base.attributes
    : { ...base.attributes, ...flags };
  const configuration = {
    ...(args.reset_unspecified_configuration ? {} : base.configuration),
    ...Object.fromEntries(Object.entries(args.configuration).map(([key, value]) => [key, String(value)])),
  };
  const onlyFlags = was !== null && args.no_password_changes;
  const is: Role = {
    attributes,
    password: onlyFlags || args.password === undefined ? base.password : args.password === '' ? 'none' : 'wanted',
    conn_limit: onlyFlags ? base.conn_limit : (args.conn_limit ?? base.conn_limit),
    valid_until: onlyFlags || args.expires === undefined ? base.valid_until : expires,
    comment: args.comment ?? base.comment,
    configuration: sameEntries(configuration, base.configuration) ? base.configuration : configuration,
  };
  return was !== null && (Object.keys(is) as (keyof Role)[]).every((key) => is[key] === was[key]) ? was : is;
}

function sameEntries(left: Readonly<Record<string, string>>, right: Readonly<Record<string, string>>): boolean {
  return (
    Object.keys(left).length === Object.keys(right).length &&
    Object.entries(left).every(([key, value]) => right[key] === value)
  );
}

function changes(args: Args, before: Told<Roles>, after: Told<Roles>): string[] {
  if (before === after || before.kind !== 'told' || after.kind !== 'told') return [];
  const { role: was } = before.value;
  const { role: is } = after.value;
  const name = sqlName(bareName(args));
  if (is === null) return [`DROP USER ${name}`];
  const password =
    args.password === undefined || is.password === was?.password
      ? ''
      : is.password === 'none'
        ? was === null
          ? ''
          : 'WITH PASSWORD NULL'
        : `WITH ${args.encrypted ? 'ENCRYPTED' : 'UNENCRYPTED'} PASSWORD ${sqlText(args.password)}`;
  const flags = flagsOf(args).join(' ');
  const until =
    args.expires === undefined || (was !== null && args.no_password_changes)
      ? ''
      : `VALID UNTIL ${sqlText(args.expires)}`;
  const limit =
    args.conn_limit === undefined || (was !== null && args.no_password_changes)
      ? ''
      : `CONNECTION LIMIT ${args.conn_limit}`;
  const alters =
    was !== null &&
    (is.attributes !== was.attributes ||
      is.password !== was.password ||
      is.conn_limit !== was.conn_limit ||
      is.valid_until !== was.valid_until);
  const parts =
    was === null
      ? [password, until, limit, flags]
      : [password === '' && flags !== '' ? 'WITH' : password, flags, until, limit];
  const statement = [`${was === null ? 'CREATE' : 'ALTER'} USER ${name}`, ...parts]
    .filter((part) => part !== '')
    .join(' ');
  const settings =
    is.configuration === was?.configuration
      ? []
      : [
          ...Object.keys(was?.configuration ?? {})
            .filter((key) => is.configuration[key] === undefined)
            .map((key) => `ALTER ROLE ${name} RESET ${sqlName(key)}`),
          ...Object.entries(is.configuration)
            .filter(([key, value]) => was?.configuration[key] !== value)
            .map(
              ([key, value]) =>
                `ALTER ROLE ${name} SET ${sqlName(key)} TO ${args.quote_configuration_values ? sqlText(value) : value}`,
            ),
        ];
  return [
    ...(was === null || alters ? [statement] : []),
    ...(is.comment === (was?.comment ?? '') ? [] : [`COMMENT ON ROLE ${name} IS ${sqlText(is.comment)}`]),
    ...settings,
  ];
}
