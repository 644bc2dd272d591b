// postgresql_privs: grants and revokes on what is in a database of PostgreSQL, by psql on the host. Whether anything changes is what the server's own lists
// of rights say before and after: a dry run, and a run that changes nothing, take their transaction back.
import type { z } from 'zod';
import { bool, choice, field, str } from '../core/args.ts';
import { defineAction } from '../core/module.ts';
import { quote } from '../core/quote.ts';
import {
  clientScript,
  complaint,
  dangerous,
  loginArgs,
  NO_CLIENT,
  sqlName,
  sqlText,
  statements,
} from './postgresql/client.ts';

const TYPES = [
  'table',
  'sequence',
  'function',
  'procedure',
  'database',
  'schema',
  'language',
  'tablespace',
  'group',
  'default_privs',
  'foreign_data_wrapper',
  'foreign_server',
  'type',
  'parameter',
] as const;
type Type = (typeof TYPES)[number];

const args = {
  login_db: field(str(), { aliases: ['db', 'database'] }).describe('The database to log in to.'),
  state: choice('present', 'absent').default('present').describe('Grant or revoke.'),
  type: choice(...TYPES)
    .default('table')
    .describe('What objs are; group: roles that roles become members of; default_privs: kinds of what is made later.'),
  objs: field(str().optional(), { aliases: ['obj'] }).describe(
    'Names with commas between; ALL_IN_SCHEMA for all of a schema; functions with their types, colons between these.',
  ),
  privs: field(str().optional(), { aliases: ['priv'] }).describe('Privileges with commas between.'),
  schema: str().optional().describe('Schema of objs; public without it.'),
  roles: field(str(), { aliases: ['role'] }).describe('Roles with commas between; PUBLIC is everybody.'),
  target_roles: str().optional().describe('default_privs: whose objects are meant.'),
  grant_option: field(bool().optional(), { aliases: ['admin_option'] }).describe(
    'Whether they may hand it on; left as it is without this.',
  ),
  fail_on_role: bool().default(true).describe('Fail where a role is not there; otherwise it is left out.'),
  ...loginArgs,
};
type Args = z.output<z.ZodObject<typeof args>>;

export const postgresql_privs = defineAction<typeof args>({
  name: 'community.postgresql.postgresql_privs',
  summary: 'Grant or revoke privileges of PostgreSQL',
  args,
  check: (given) => problemOf(given),
  example: `
- community.postgresql.postgresql_privs:
    login_db: shop
    type: table
    objs: ALL_IN_SCHEMA
    privs: SELECT
    roles: reader
`,
  dryRun: 'run',
})({
  steps: (given, _observed, _basics, { checkMode }) => [
    { kind: 'script', script: runScript(given, checkMode), secret: true, long: true },
  ],
  parse: (given, [done]) => {
    const said = done?.stdout.split('\n') ?? [];
    const absent = said.filter((line) => line.startsWith('@@absent ')).map((line) => line.slice('@@absent '.length));
    if (said.includes('@@missing')) return { failed: true, changed: false, msg: NO_CLIENT };
    if (done?.rc !== 0) {
      const message = complaint(done?.stderr ?? '');
      if (!said.includes('@@connected'))
        return { failed: true, changed: false, msg: `unable to connect to database: ${message}` };
      return {
        failed: true,
        changed: false,
        msg: `Cannot execute SQL '${queryText(
          given,
          listOf(given.roles).filter((role) => !absent.includes(role)),
        )}': ${message}`,
      };
    }
    const [first] = absent;
    if (given.fail_on_role && first !== undefined)
      return { failed: true, changed: false, msg: `Role '${first}' does not exist` };
    const warnings = absent.map((role) => `Role '${role}' does not exist, pass it`);
    if (absent.length === listOf(given.roles).length)
      return { changed: false, queries: [], warnings: [...warnings, 'No valid roles provided, nothing to do'] };
    const there = listOf(given.roles).filter((role) => !absent.includes(role));
    return {
      changed: said.includes('@@changed'),
      queries: [queryText(given, there)],
      ...(warnings.length === 0 ? {} : { warnings }),
    };
  },
});

const listOf = (text: string): string[] => text.split(',');
const IN_SCHEMA: ReadonlySet<Type> = new Set(['table', 'sequence', 'function', 'procedure', 'type', 'default_privs']);
const WHOLE: Partial<Record<Type, string>> = {
  table: 'TABLES',
  sequence: 'SEQUENCES',
  function: 'FUNCTIONS',
  procedure: 'PROCEDURES',
};
const PRIVILEGES = new Set([
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'TRUNCATE',
  'REFERENCES',
  'TRIGGER',
  'CREATE',
  'CONNECT',
  'TEMPORARY',
  'TEMP',
  'EXECUTE',
  'USAGE',
  'ALL',
  'SET',
  'ALTER_SYSTEM',
]);
const DEFAULTS: Readonly<Record<string, readonly string[]>> = {
  TABLES: ['ALL', 'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'],
  SEQUENCES: ['ALL', 'SELECT', 'UPDATE', 'USAGE'],
  FUNCTIONS: ['ALL', 'EXECUTE'],
  TYPES: ['ALL', 'USAGE'],
  SCHEMAS: ['CREATE', 'USAGE'],
};
/** Words that mean a role, whatever it is called. */
const IMPLICIT = new Set(['PUBLIC', 'CURRENT_USER', 'SESSION_USER', 'CURRENT_ROLE']);
const roleName = (role: string): string => (IMPLICIT.has(role.toUpperCase()) ? role.toUpperCase() : sqlName(role));
const privilegesOf = (given: Args): string[] =>
  [...new Set(listOf(given.privs ?? '').map((one) => one.toUpperCase()))].filter((one) => one !== '');
const schemaOf = (given: Args): string | undefined =>
  !IN_SCHEMA.has(given.type) || given.objs === 'schemas' || given.schema === 'not-specified'
    ? undefined
    : (given.schema ?? 'public');

function objectsOf(given: Args): string[] {
  const { type, objs = type === 'database' ? given.login_db : '' } = given;
  if (type === 'default_privs')
    return objs === 'ALL_DEFAULT'
      ? ['TABLES', 'SEQUENCES', 'FUNCTIONS', 'TYPES']
      : listOf(objs).map((one) => one.toUpperCase());
  return listOf(objs);
}

function problemOf(given: Args): string | undefined {
  const { type } = given;
  const refused = dangerous(given, [given.roles, given.target_roles, given.session_role, given.schema]);
  if (refused !== undefined) return refused;
  if (given.schema !== undefined && !IN_SCHEMA.has(type)) return `Argument "schema" is not allowed for type "${type}".`;
  if (given.objs === 'ALL_IN_SCHEMA' && WHOLE[type] === undefined)
    return `Argument "objs": ALL_IN_SCHEMA can be used only for type: table, sequence, function or procedure, ${type} was passed.`;
  if (type !== 'database' && (given.objs ?? '') === '') return `Argument "objs" is required for type "${type}".`;
  if (type === 'group')
    return (given.privs ?? '') === '' ? undefined : 'Argument "privs" is not allowed for type "group".';
  if ((given.privs ?? '') === '') return `Argument "privs" is required for type "${type}".`;
  const odd = privilegesOf(given).filter((one) => !PRIVILEGES.has(one));
  if (odd.length > 0) return `Invalid privileges specified: ${odd.join(', ')}`;
  if (type === 'default_privs') {
    const kinds = objectsOf(given);
    const strange = kinds.filter((kind) => DEFAULTS[kind] === undefined);
    if (strange.length > 0) return `Invalid Object set specified: ${strange.join(', ')}`;
    const fit = kinds.filter((kind) => privilegesOf(given).every((one) => DEFAULTS[kind]?.includes(one) === true));
    return fit.length === kinds.length
      ? undefined
      : `Invalid priv specified. Valid object for priv: ${fit.join(', ')}. Objects: ${kinds.join(', ')}`;
  }
  const wrong =
    type === 'function' || type === 'procedure'
      ? objectsOf(given).find((one) => given.objs !== 'ALL_IN_SCHEMA' && !isSignature(one))
      : undefined;
  return wrong === undefined ? undefined : `Illegal function / procedure signature: "${wrong}".`;
}

/** A name and, in parentheses, types: words, quoted names, sizes and brackets, and nothing that could end the statement. */
function isSignature(text: string): boolean {
  const types = /\(((?:[\p{L}\p{N}_$\s:.[\]()]|"(?:[^"]|"")*")*)\)$/u.exec(text.slice(Math.max(0, text.indexOf('('))));
  if (types?.[1] === undefined || types.index !== 0) return false;
  let depth = 0;
  for (const [bracket] of types[1].replaceAll(/"(?:[^"]|"")*"/g, '').matchAll(/[()]/g)) {
    depth += bracket === '(' ? 1 : -1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** All statements as one text, as results tell them. */
const queryText = (given: Args, roles: readonly string[]): string =>
  sqlOf(given, roles.map(roleName).join(','))
    .map((sql) => `${sql};`)
    .join('\n');

/** The statements; `whom`: roles as SQL has them. */
function sqlOf(given: Args, whom: string): string[] {
  const option = given.grant_option;
  if (given.type === 'default_privs') return defaultSql(given, whom);
  const group = given.type === 'group';
  const what = group
    ? objectsOf(given).map(sqlName).join(',')
    : `${privilegesOf(given).join(',').replaceAll('_', ' ')} ON ${targetOf(given)}`;
  if (given.state === 'absent') return [`REVOKE ${what} FROM ${whom}`];
  const word = group ? 'ADMIN' : 'GRANT';
  return [
    `GRANT ${what} TO ${whom}${option === true ? ` WITH ${word} OPTION` : ''}`,
    ...(option === false ? [`REVOKE ${word} OPTION FOR ${what} FROM ${whom}`] : []),
  ];
}

function targetOf(given: Args): string {
  const schema = schemaOf(given);
  const within = schema === undefined ? '' : `${sqlName(schema)}.`;
  if (given.objs === 'ALL_IN_SCHEMA') return `ALL ${WHOLE[given.type] ?? ''} IN SCHEMA ${sqlName(schema ?? 'public')}`;
  const names = objectsOf(given).map((one) => {
    if (given.type !== 'function' && given.type !== 'procedure')
      return `${['table', 'sequence', 'type'].includes(given.type) ? within : ''}${sqlName(one)}`;
    const at = one.indexOf('(');
    return `${within}${sqlName(one.slice(0, at))}${one.slice(at).replaceAll(':', ',')}`;
  });
  return `${given.type.replaceAll('_', ' ')} ${names.join(',')}`;
}

function defaultSql(given: Args, whom: string): string[] {
  const schema = schemaOf(given);
  const head = `ALTER DEFAULT PRIVILEGES${given.target_roles === undefined || given.target_roles === '' ? '' : ` FOR ROLE ${listOf(given.target_roles).map(sqlName).join(',')}`}${schema === undefined ? '' : ` IN SCHEMA ${sqlName(schema)}`}`;
  const revoke = (kinds: readonly string[]): string[] =>
    kinds.map((kind) => `${head} REVOKE ALL ON ${kind} FROM ${whom}`);
  if (given.state === 'absent') return revoke(['TABLES', 'FUNCTIONS', 'SEQUENCES', 'TYPES']);
  const kinds = objectsOf(given);
  return [
    ...revoke(kinds),
    ...kinds.map(
      (kind) =>
        `${head} GRANT ${privilegesOf(given).join(',')} ON ${kind} TO ${whom}${given.grant_option === true ? ' WITH GRANT OPTION' : ''}`,
    ),
  ];
}

/** Where the server keeps the rights of each type: its rows, as text. */
const RIGHTS: Readonly<Record<Type, string>> = {
  table: 'SELECT oid, relacl::text AS acl FROM pg_class',
  sequence: 'SELECT oid, relacl::text AS acl FROM pg_class',
  function: 'SELECT oid, proacl::text AS acl FROM pg_proc',
  procedure: 'SELECT oid, proacl::text AS acl FROM pg_proc',
  database: 'SELECT oid, datacl::text AS acl FROM pg_database',
  schema: 'SELECT oid, nspacl::text AS acl FROM pg_namespace',
  language: 'SELECT oid, lanacl::text AS acl FROM pg_language',
  tablespace: 'SELECT oid, spcacl::text AS acl FROM pg_tablespace',
  group: "SELECT roleid AS oid, member || ' ' || admin_option AS acl FROM pg_auth_members",
  default_privs:
    "SELECT defaclrole AS oid, defaclnamespace || ' ' || defaclobjtype::text || ' ' || defaclacl::text AS acl FROM pg_default_acl",
  foreign_data_wrapper: 'SELECT oid, fdwacl::text AS acl FROM pg_foreign_data_wrapper',
  foreign_server: 'SELECT oid, srvacl::text AS acl FROM pg_foreign_server',
  type: 'SELECT oid, typacl::text AS acl FROM pg_type',
  parameter: 'SELECT oid, paracl::text AS acl FROM pg_parameter_acl',
};

/** A role that is not there is left out of the statements by psql itself, which asks for each. */
function runScript(given: Args, dry: boolean): string {
  const roles = listOf(given.roles);
  const rights = (name: string): string =>
    `SELECT coalesce(md5(string_agg(oid || ' ' || coalesce(acl, ''), ',' ORDER BY oid, acl)), '') AS ${name} FROM (${RIGHTS[given.type]}) r \\gset`;
  const named = `SELECT coalesce(string_agg(CASE WHEN upper(n) IN (${[...IMPLICIT].map(sqlText).join(', ')}) THEN upper(n) ELSE '"' || replace(n, '"', '""') || '"' END, ',' ORDER BY o), '') AS vbx_roles FROM unnest(ARRAY[${roles.map(sqlText).join(', ')}]::text[]) WITH ORDINALITY AS u(n, o) WHERE upper(n) IN (${[...IMPLICIT].map(sqlText).join(', ')}) OR EXISTS (SELECT FROM pg_roles WHERE rolname = n) \\gset`;
  const lost = `SELECT '@@absent ' || n FROM unnest(ARRAY[${roles.map(sqlText).join(', ')}]::text[]) WITH ORDINALITY AS u(n, o) WHERE upper(n) NOT IN (${[...IMPLICIT].map(sqlText).join(', ')}) AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = n) ORDER BY o`;
  const go = given.fail_on_role
    ? `SELECT count(*) = 0 AS vbx_go FROM unnest(ARRAY[${roles.map(sqlText).join(', ')}]::text[]) AS u(n) WHERE upper(n) NOT IN (${[...IMPLICIT].map(sqlText).join(', ')}) AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = n) \\gset`
    : `SELECT :'vbx_roles' <> '' AS vbx_go \\gset`;
  const text = [
    `\\echo @@connected`,
    `${lost};`,
    named,
    go,
    `\\if :vbx_go`,
    'BEGIN;',
    rights('vbx_before'),
    ...sqlOf(given, ':vbx_roles').map((sql) => `${sql};`),
    rights('vbx_after'),
    `SELECT :'vbx_before' <> :'vbx_after' AS vbx_changed \\gset`,
    `\\if :vbx_changed`,
    `\\echo @@changed`,
    dry ? 'ROLLBACK;' : 'COMMIT;',
    '\\else',
    'ROLLBACK;',
    '\\endif',
    '\\endif',
  ];
  return `${clientScript(given, given.login_db, 'observe')}printf %s ${quote(`${statements(given, [])}${text.join('\n')}\n`)} | vbx_sql`;
}
