// How the modules of PostgreSQL reach their server: by psql on the host. The login goes to it through a pipe as a service file, statements through its
// stdin, so a password is neither a word of any command nor an entry of any environment.
import type { z } from 'zod';
import { bool, choice, dict, field, int, path, raw, str } from '../../core/args.ts';
import { scriptProbe, type Answer, type Probe } from '../../core/probe.ts';
import { quote, quoteAll } from '../../core/quote.ts';
import type { Step, StepResult } from '../../core/step.ts';

/** Where the server is and who logs in. */
export const loginArgs = {
  login_user: field(str().default('postgres'), { aliases: ['login'] }).describe('Who logs in.'),
  login_password: field(str(), { secret: true }).default('').describe('The password of login_user.'),
  login_host: field(str().default(''), { aliases: ['host'] }).describe('Host of the server; without it its socket.'),
  login_unix_socket: field(str().default(''), { aliases: ['unix_socket'] }).describe('Folder of its socket.'),
  login_port: field(int().default(5432), { aliases: ['port'] }).describe('Port of the server.'),
  ssl_mode: choice('allow', 'disable', 'prefer', 'require', 'verify-ca', 'verify-full')
    .default('prefer')
    .describe('Whether the connection is encrypted.'),
  ca_cert: field(path().optional(), { aliases: ['ssl_rootcert'] }).describe(
    'Certificates of the authorities that the server is known by.',
  ),
  ssl_cert: path().optional().describe('Certificate to log in with.'),
  ssl_key: path().optional().describe('Its key.'),
  connect_params: dict(raw()).default({}).describe('Further settings of the connection, as libpq names them.'),
  session_role: str().optional().describe('Role that the statements are carried out as.'),
  trust_input: bool()
    .default(true)
    .describe(
      'Without it what looks like an attempt to smuggle in statements is refused; names and texts are quoted either way.',
    ),
};
export type LoginArgs = z.output<z.ZodObject<typeof loginArgs>>;

/** What a probe of a server found: one JSON value, or why there is none. */
export type Told<T> =
  | { readonly kind: 'told'; readonly value: T }
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly message: string };

export const NO_CLIENT = 'psql, the client of PostgreSQL, is not on this host';
export const refusal = (message: string): string => `unable to connect to database: ${message}`;

/**
 * Shell text that defines `vbx_run PROGRAM WORDS...`, which runs a program of PostgreSQL's with the login, and `vbx_sql`, psql reading statements on
 * stdin. Where the host has no psql it prints `@@missing` and ends with 0 (`observe`) or ends with 1 and a message.
 */
export function clientScript(args: LoginArgs, database: string, missing: 'observe' | 'fail'): string {
  const words = ['--no-psqlrc', '--quiet', '--no-align', '--tuples-only', '--set=ON_ERROR_STOP=1', '--no-password'];
  return `PATH=$PATH:/usr/local/bin:/usr/local/pgsql/bin
command -v psql >/dev/null || { ${missing === 'observe' ? 'echo @@missing; exit 0' : `echo ${quote(NO_CLIENT)} >&2; exit 1`}; }
vbx_login=${quote(serviceFile(args, database))}
vbx_run() { { printf '%s' "$vbx_login" | PGSERVICEFILE=/dev/fd/3 PGSERVICE=vbx PGCLIENTENCODING=UTF8 "$@" 3<&0 0<&4 4<&-; } 4<&0; }
vbx_sql() { vbx_run psql ${quoteAll(words)}; }
`;
}

/** A file of services has one setting a line, without quotes; a line break in a value would begin another. */
function serviceFile(args: LoginArgs, database: string): string {
  // A socket stands for this host, by whatever name that is written.
  const host =
    args.login_unix_socket !== '' && ['', 'localhost'].includes(args.login_host)
      ? args.login_unix_socket
      : args.login_host;
  const settings: Record<string, unknown> = {
    ...args.connect_params,
    dbname: database,
    user: args.login_user,
    port: args.login_port,
    sslmode: args.ssl_mode,
    ...(host === '' ? {} : { host }),
    ...(args.login_password === '' ? {} : { password: args.login_password }),
    ...(args.ca_cert === undefined ? {} : { sslrootcert: args.ca_cert }),
    ...(args.ssl_cert === undefined ? {} : { sslcert: args.ssl_cert }),
    ...(args.ssl_key === undefined ? {} : { sslkey: args.ssl_key }),
  };
  return `[vbx]\n${Object.entries(settings)
    .map(([name, value]) => `${name}=${String(value).split('\n')[0]}\n`)
    .join('')}`;
}

/** Statements as psql reads them, as the role that is asked for. */
export function statements(args: Pick<LoginArgs, 'session_role'>, sql: readonly string[]): string {
  return [
    "SET client_min_messages = 'error'",
    'SET standard_conforming_strings = on',
    ...(args.session_role === undefined ? [] : [`SET ROLE ${sqlName(args.session_role)}`]),
    ...sql,
  ]
    .map((one) => `${one};\n`)
    .join('');
}

/** Asks a server for one JSON value: the last line that `sql` gives. `read` makes more of it; `key` is told apart where equal questions are read differently. */
export function serverProbe<T, S = Told<T>>(
  resource: string,
  args: LoginArgs,
  database: string,
  sql: string,
  read: (told: Told<T>) => S,
  key = '',
): Probe<S> {
  const script = `${clientScript(args, database, 'observe')}printf %s ${quote(statements(args, [sql]))} | vbx_sql || echo @@refused\n:`;
  const probe = scriptProbe(`postgresql ${resource}`, script, (answer) => read(parseTold<T>(answer)), {
    costly: true,
    stderr: true,
  });
  return { ...probe, key: `${probe.key}|${key}` };
}

export function parseTold<T>(answer: Answer): Told<T> {
  const lines = answer.stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  const last = lines.at(-1);
  if (last === '@@missing') return { kind: 'missing' };
  if (last === undefined || last === '@@refused')
    return { kind: 'refused', message: complaint(answer.stderr.toString('utf8')) };
  return { kind: 'told', value: JSON.parse(last) as T };
}

/** A step that has the server carry out statements, each on its own; it stops at the first that fails. */
export function sqlStep(
  args: LoginArgs,
  database: string,
  sql: readonly string[],
  more: { readonly together?: boolean } = {},
): Step {
  const all = more.together === true ? ['BEGIN', ...sql, 'COMMIT'] : sql;
  return {
    kind: 'script',
    script: `${clientScript(args, database, 'fail')}vbx_sql`,
    stdin: statements(args, all),
    secret: true,
    long: true,
  };
}

/** Why arguments are refused where the input is not trusted: the values of these that look like statements, lists and dictionaries searched too. */
export function dangerous(args: Pick<LoginArgs, 'trust_input'>, values: readonly unknown[]): string | undefined {
  const found = args.trust_input
    ? []
    : textsOf(values).filter((text) => DANGEROUS.some((pattern) => pattern.test(text)));
  return found.length === 0 ? undefined : `Passed input '${found.join(', ')}' is potentially dangerous`;
}
const DANGEROUS = [
  /['"].*--/,
  /(?:UNION|INTERSECT|EXCEPT).*SELECT/i,
  /;.*(?:SELECT|UPDATE|INSERT|DELETE|DROP|TRUNCATE|ALTER)/i,
];
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return (Array.isArray(value) ? value : Object.entries(value).flat()).flatMap(textsOf);
}

/** Text in a statement. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''").replaceAll('\0', '')}'`;
}
/** A name in a statement. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** What psql complained of, without its own name, the place in what it read, and the statement that it repeats. */
export function complaint(text: string): string {
  const lines = text
    .split('\n')
    .filter((line) => line !== '' && !/^(LINE \d+:|\s*\^|STATEMENT:|could not change directory)/.test(line));
  return lines
    .map((line) => line.replace(/^psql:(<stdin>:\d+: )?\s*(error: )?/, '').replace(/^(ERROR|FATAL): {2}/, ''))
    .join('\n')
    .trim();
}

/** Fields of a step's failure: what the server says. `prefix` stands before it. */
export function serverFailure(prefix = 'Database query failed: '): (result: StepResult) => Record<string, unknown> {
  return ({ stderr }) => ({ msg: `${prefix}${complaint(stderr)}` });
}
