// How the modules of MySQL and MariaDB reach their server: by the client on the host. Passwords go to it through a pipe as a file of options, statements
// through its stdin, so neither is a word of any command or an entry of any environment.
import type { z } from 'zod';
import { bool, field, int, path, str } from '../../core/args.ts';
import type { Answer } from '../../core/probe.ts';
import { quote, quoteAll } from '../../core/quote.ts';
import type { Step, StepResult } from '../../core/step.ts';
import { isSince } from '../../probes/version.ts';

/** Where the server is and who logs in. */
export const loginArgs = {
  login_user: str().optional().describe('Who logs in; otherwise whom config_file names, or the user of the task.'),
  login_password: field(str(), { secret: true }).optional().describe('The password of login_user.'),
  login_host: str()
    .default('localhost')
    .describe('Host of the server; localhost is its socket, unless there is another login_port.'),
  login_port: int().default(3306).describe('Port of the server.'),
  login_unix_socket: str().optional().describe('Socket of the server.'),
  config_file: path()
    .default('~/.my.cnf')
    .describe('File of options whose section [client] says how to log in; empty for none.'),
  connect_timeout: int().default(30).describe('Seconds to wait for the connection.'),
  client_cert: field(path().optional(), { aliases: ['ssl_cert'] }).describe('Certificate to log in with.'),
  client_key: field(path().optional(), { aliases: ['ssl_key'] }).describe('Its key.'),
  ca_cert: field(path().optional(), { aliases: ['ssl_ca'] }).describe(
    'Certificate of the authority that the server is known by.',
  ),
  check_implicit_admin: bool()
    .default(false)
    .describe('Log in as root without a password where that is possible, and as login_user only otherwise.'),
  sql_log_bin: bool().default(true).describe('Whether the statements go to the binary log.'),
};
export type LoginArgs = z.output<z.ZodObject<typeof loginArgs>>;

export interface LoginOptions {
  /** The whole file of options counts, beside those of the system, as for the programs that dump and import; otherwise its section [client] alone. */
  readonly whole?: boolean;
  /** With `whole`: only this file. */
  readonly only?: boolean;
  /** Host and port of the file outweigh those of the arguments. */
  readonly fileFirst?: boolean;
  /** Name the columns in a line before the rows. */
  readonly columns?: boolean;
  /** The database that the statements are in. */
  readonly database?: string;
}

/**
 * Shell text that defines `vbx_run PROGRAM WORDS...`, which runs a program of the server's with the login, and `vbx_sql WORDS...`, the client that reads
 * statements on stdin. Where the host has no client it prints `@@missing` and ends with 0 (`missing: 'observe'`) or ends with 1 and a message.
 */
export function clientScript(
  args: LoginArgs,
  home: string,
  missing: 'observe' | 'fail',
  options: LoginOptions = {},
): string {
  const config = configPath(args, home);
  const file =
    config === undefined
      ? ':'
      : options.whole === true
        ? `[ ! -r ${config} ] || { cat ${config}; echo; }`
        : `[ ! -r ${config} ] || { awk '/^[ \\t]*\\[/ { on = $0 ~ /^[ \\t]*\\[client\\]/ } on || /^[ \\t]*!include/' ${config}; echo; }`;
  // The home's own file comes last for the programs, so it would outweigh the login: it is read here, in its place, and not by them.
  const own =
    options.whole === true && options.only !== true && config !== '"$HOME"/.my.cnf'
      ? `[ ! -r "$HOME"/.my.cnf ] || { cat "$HOME"/.my.cnf; echo; }`
      : ':';
  const first = options.fileFirst === true ? optionLines(addressOptions(args)) : '';
  const rest = options.fileFirst === true ? {} : addressOptions(args);
  const given = optionLines({
    ...rest,
    ...tlsOptions(args),
    ...(args.login_user === undefined ? {} : { user: args.login_user }),
    ...(args.login_password === undefined ? {} : { password: args.login_password }),
  });
  const implicit = optionLines({ ...rest, ...tlsOptions(args), user: 'root', password: '' });
  const which =
    options.whole === true && options.only !== true ? '--defaults-extra-file=/dev/fd/3' : '--defaults-file=/dev/fd/3';
  const words = [
    '--batch',
    ...(options.columns === true ? ['--column-names'] : ['--skip-column-names']),
    '--default-character-set=utf8mb4',
    `--connect-timeout=${args.connect_timeout}`,
  ];
  return `HOME=${quote(home)}; PATH=$PATH:/usr/local/bin:/usr/sbin:/sbin
vbx_client=$(command -v mariadb || command -v mysql) || { ${missing === 'observe' ? 'echo @@missing; exit 0' : `echo ${quote(NO_CLIENT)} >&2; exit 1`}; }
vbx_login=${quote(given)}
vbx_options() { printf '%s' ${quote(first)}; ${file}; ${own}; printf '%s' "$vbx_login"; }
vbx_run() { vbx_program=$1; shift; { vbx_options | HOME=/dev/null "$vbx_program" ${which} "$@" 3<&0 0<&4 4<&-; } 4<&0; }
vbx_sql() { vbx_run "$vbx_client" ${quoteAll(words)} "$@"${options.database === undefined ? '' : ` ${quote(options.database)}`}; }
${args.check_implicit_admin ? `vbx_given=$vbx_login vbx_login=${quote(implicit)}\necho 'DO 0;' | vbx_sql 2>/dev/null || vbx_login=$vbx_given\n` : ''}`;
}

export const NO_CLIENT = 'neither mariadb nor mysql, the client of the server, is on this host';

/** The file of options as a word of the shell; undefined for none. */
export function configPath(args: LoginArgs, home: string): string | undefined {
  if (args.config_file === '') return undefined;
  return args.config_file === `${home}/.my.cnf` || args.config_file === '~/.my.cnf'
    ? '"$HOME"/.my.cnf'
    : homePath(args.config_file);
}

/** A path of the host as a word of the shell, `~` its HOME. */
export function homePath(written: string): string {
  return written === '~' || written.startsWith('~/')
    ? `"$HOME"${quote(written.slice(1))}`.replace(/''$/, '')
    : quote(written);
}

function addressOptions(args: LoginArgs): Record<string, string> {
  if (args.login_unix_socket !== undefined && args.login_unix_socket !== '') return { socket: args.login_unix_socket };
  // The client takes the socket for localhost whatever the port.
  const tcp = args.login_host !== 'localhost' || args.login_port !== 3306;
  return { host: args.login_host, port: String(args.login_port), ...(tcp ? { protocol: 'tcp' } : {}) };
}

function tlsOptions(args: LoginArgs): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ 'ssl-cert': args.client_cert, 'ssl-key': args.client_key, 'ssl-ca': args.ca_cert }).flatMap(
      ([name, value]) => (value === undefined ? [] : [[name, value]]),
    ),
  );
}

/** A section [client] of a file of options: values in double quotes, in which a backslash begins an escape. */
function optionLines(options: Readonly<Record<string, string>>): string {
  const escaped = (value: string): string =>
    value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
  return `[client]\n${Object.entries(options)
    .map(([name, value]) => `${name}="${escaped(value)}"\n`)
    .join('')}`;
}

/** Names and texts mean the same whatever modes the server is set to. */
const PLAIN_MODE = "SET SESSION sql_mode = '';";

/** Statements as the client reads them. */
export function statements(args: Pick<LoginArgs, 'sql_log_bin'>, sql: readonly string[]): string {
  return [PLAIN_MODE, ...(args.sql_log_bin ? [] : ['SET SQL_LOG_BIN = 0;']), ...sql.map((one) => `${one};`)]
    .map((line) => `${line}\n`)
    .join('');
}

/** A step that has the server carry out statements; it stops at the first that fails. */
export function sqlStep(args: LoginArgs, home: string, sql: readonly string[], options: LoginOptions = {}): Step {
  return {
    kind: 'script',
    script: `${clientScript(args, home, 'fail', options)}vbx_sql`,
    stdin: statements(args, sql),
    secret: true,
    long: true,
  };
}

/** Text in a statement. */
export function sqlText(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\0', '\\0')}'`;
}
/** A name in a statement. */
export function sqlName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** The cells of a line that the client printed in its batch mode; NULL is its name. */
export function cells(line: string): string[] {
  const named: Readonly<Record<string, string>> = { n: '\n', t: '\t', 0: '\0' };
  return line.split('\t').map((cell) => cell.replace(/\\(.)/g, (_all, letter: string) => named[letter] ?? letter));
}

export interface Server {
  readonly mariadb: boolean;
  /** As the server says it. */
  readonly version: string;
}
export function serverOf(version: string): Server {
  return { mariadb: /mariadb/i.test(version), version };
}
/** Whether the server is of that version or later. */
export function since(server: Server, ...wanted: readonly number[]): boolean {
  return isSince(/\d+(\.\d+)*/.exec(server.version.replace(/^5\.5\.5-(?=1)/, ''))?.[0] ?? '', ...wanted);
}

/** What no login says, in Ansible's words. */
export function refusal(args: LoginArgs, message: string): string {
  return `unable to connect to database, check login_user and login_password are correct or ${args.config_file} has the credentials. Exception message: ${message}`;
}

/** What the client complained of, without the statement that it repeats and without hashes, which that may hold. */
export function complaint(text: string): string {
  const said = text.replace(/^-{10,}\n.*?\n-{10,}$/gms, '').replace(/\*[0-9A-F]{40}/gi, '********');
  return said
    .split('\n')
    .filter((line) => line !== '' && !/Deprecated program name|\[Warning\]/.test(line))
    .join('\n');
}
export const answerComplaint = (answer: Answer): string => complaint(answer.stderr.toString('utf8'));

/** Fields of a step's failure: what the server says. `prefix` stands before it. */
export function serverFailure(prefix = ''): (result: StepResult) => Record<string, unknown> {
  return ({ stderr }) => ({
    msg: `${prefix}${complaint(stderr)}`,
    stderr: complaint(stderr),
    stderr_lines: complaint(stderr).split('\n'),
  });
}
