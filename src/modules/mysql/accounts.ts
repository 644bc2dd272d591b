// The accounts of one user of MySQL or MariaDB, as they are on the server.
import { createHash } from 'node:crypto';
import { scriptProbe, type Answer, type Probe } from '../../core/probe.ts';
import { quote } from '../../core/quote.ts';
import {
  answerComplaint,
  cells,
  clientScript,
  serverOf,
  since,
  sqlText,
  statements,
  type LoginArgs,
  type Server,
} from './client.ts';

export interface Account {
  /** Digest of the hash that a password is checked by; empty without one. */
  readonly password: string;
  readonly plugin: string;
  /** Digest of what the plugin keeps. */
  readonly plugin_text: string;
  /** As SQL has it behind REQUIRE; empty for nothing. */
  readonly requires: string;
  readonly limits: Readonly<Record<string, number>>;
  readonly locked: boolean;
  /** What SHOW GRANTS says, without hashes. */
  readonly grants: readonly string[];
}

export interface AccountsState {
  readonly kind: 'accounts' | 'missing' | 'refused';
  /** By host. */
  readonly accounts: Readonly<Record<string, Account>>;
  readonly info: {
    readonly server: Server;
    readonly message: string;
    readonly attributes: Readonly<Record<string, unknown>>;
  };
}

/** What a hash is compared and shown by. */
export function hashDigest(hash: string): string {
  return hash === '' ? '' : createHash('sha256').update(hash).digest('hex').slice(0, 16);
}
/** The hash of mysql_native_password. */
export function nativeHash(password: string): string {
  const sha1 = (bytes: Buffer): Buffer => createHash('sha1').update(bytes).digest();
  return `*${sha1(sha1(Buffer.from(password)))
    .toString('hex')
    .toUpperCase()}`;
}

/** The account as SQL has it. */
export const accountName = (user: string, host: string): string => `${sqlText(user)}@${sqlText(host)}`;

export const LIMITS = {
  MAX_QUERIES_PER_HOUR: 'max_questions',
  MAX_UPDATES_PER_HOUR: 'max_updates',
  MAX_CONNECTIONS_PER_HOUR: 'max_connections',
  MAX_USER_CONNECTIONS: 'max_user_connections',
  MAX_STATEMENT_TIME: 'max_statement_time',
} as const;

/** The second client gets the statements that the first one makes of the accounts that there are. */
export function accountsProbe(args: LoginArgs, user: string, locks: boolean, home: string): Probe<AccountsState> {
  const plain = statements({ sql_log_bin: true }, []);
  const name = sqlText(user);
  const account = "QUOTE(User), '@', QUOTE(Host), ';'";
  const asked = `SELECT CONCAT('SELECT HEX(', QUOTE(Host), ') AS vbx_host; SHOW GRANTS FOR ', ${account}${locks ? `, ' SHOW CREATE USER ', ${account}` : ''}) FROM mysql.user WHERE User = ${name};`;
  const script = `${clientScript(args, home, 'observe', { columns: true })}printf %s ${quote(`${plain}SELECT VERSION() AS vbx_version;\nSELECT * FROM mysql.user WHERE User = ${name};\n`)} | vbx_sql || { echo @@refused; exit 0; }
echo @@grants
{ printf %s ${quote(plain)}; printf %s ${quote(`${plain}${asked}`)} | vbx_sql --raw --skip-column-names; } | vbx_sql --force 2>/dev/null
:`;
  return scriptProbe(`mysql user:${user}`, script, parseAccounts, { costly: true, stderr: true });
}

export function parseAccounts(answer: Answer): AccountsState {
  const [users = '', told = ''] = answer.stdout.toString('utf8').split('\n@@grants\n');
  const lines = users.split('\n');
  const server = serverOf(cells(lines[1] ?? '')[0] ?? '');
  const info = { server, message: answerComplaint(answer), attributes: {} };
  if (lines[0] === '@@missing') return { kind: 'missing', accounts: {}, info };
  if (lines[0] !== 'vbx_version' || lines.includes('@@refused')) return { kind: 'refused', accounts: {}, info };
  const columns = cells(lines[2] ?? '').map((name) => name.toLowerCase());
  const rows = lines
    .slice(3)
    .filter((line) => line !== '')
    .map((line) => Object.fromEntries(cells(line).map((cell, at) => [columns[at] ?? '', cell])));
  const shown = grantsByHost(told);
  const people = rows.filter((row) => row['is_role'] !== 'Y');
  const accounts = Object.fromEntries(
    people.map((row) => [row['host'] ?? '', accountOf(row, shown.get(row['host'] ?? '') ?? [])]),
  );
  return {
    kind: 'accounts',
    accounts,
    info: {
      server,
      message: '',
      attributes: Object.fromEntries(people.map((row) => [row['host'] ?? '', attributesOf(row)])),
    },
  };
}

function grantsByHost(told: string): Map<string, string[]> {
  const shown = new Map<string, string[]>();
  const lines = told.split('\n');
  let current: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = cells(lines[at] ?? '')[0] ?? '';
    if (line === 'vbx_host') shown.set(Buffer.from(lines[++at] ?? '', 'hex').toString('utf8'), (current = []));
    else if (/^(GRANT|SET DEFAULT ROLE|CREATE USER ['`"])/.test(line)) current.push(line);
  }
  return shown;
}

function accountOf(row: Readonly<Record<string, string>>, shown: readonly string[]): Account {
  const set = (name: string): string => (row[name] === undefined || row[name] === 'NULL' ? '' : row[name]);
  const texts = [
    ['CIPHER', set('ssl_cipher')],
    ['ISSUER', set('x509_issuer')],
    ['SUBJECT', set('x509_subject')],
  ].filter(([, value]) => value !== '');
  const requires =
    texts.length > 0
      ? texts.map(([name = '', value = '']) => `${name} ${sqlText(value)}`).join(' AND ')
      : set('ssl_type') === 'X509'
        ? 'X509'
        : set('ssl_type') === 'ANY'
          ? 'SSL'
          : '';
  const limits = Object.fromEntries(
    Object.entries(LIMITS)
      .filter(([, column]) => row[column] !== undefined)
      .map(([name, column]) => [name, Number(row[column])]),
  );
  return {
    password: hashDigest(set('password') === '' ? set('authentication_string') : set('password')),
    plugin: set('plugin'),
    plugin_text: hashDigest(set('authentication_string')),
    requires,
    limits,
    locked: row['account_locked'] === 'Y' || shown.some((line) => /^CREATE USER .*ACCOUNT LOCK/s.test(line)),
    grants: shown
      .filter((line) => !line.startsWith('CREATE USER'))
      .map((line) => line.replace(/ IDENTIFIED (BY PASSWORD|VIA|WITH) .*?(?= REQUIRE | WITH (GRANT|MAX_)|$)/s, '')),
  };
}

/** MySQL 8 keeps remarks on a user; undefined where the server has none. */
function attributesOf(row: Readonly<Record<string, string>>): unknown {
  const text = row['user_attributes'];
  if (text === undefined) return undefined;
  try {
    return (JSON.parse(text) as { metadata?: unknown } | null)?.metadata ?? null;
  } catch {
    return null;
  }
}

/** Servers that have no ALTER USER ... IDENTIFIED WITH. */
export const isOld = (server: Server): boolean => !since(server, ...(server.mariadb ? [10, 2] : [5, 7]));
