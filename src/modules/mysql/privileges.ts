// Privileges of MySQL and MariaDB: as a playbook writes them, as the server shows them, and the statements that lead from those to these.
import { since, type Server } from './client.ts';

/** Privileges by what they are on (`*.*`, `` `shop`.* ``, `` FUNCTION `shop`.`f` ``); GRANT stands for WITH GRANT OPTION, ALL for all of them. Nothing is empty or USAGE. */
export type Privileges = Readonly<Record<string, readonly string[]>>;

/** What may stand in a privilege: a word of the server's, or one with names of columns. */
const PRIVILEGE = /^[A-Z][A-Z_ ]*( ?\([\p{L}\p{N}_$`, -]+\))?$/iu;
/** Commas that are not within parentheses. */
const COMMA = /,\s*(?=[^)]*(?:\(|$))/;

/** Other words for the same privilege; MariaDB shows the second. */
const MARIADB_NAMES: Readonly<Record<string, string>> = {
  'REPLICATION CLIENT': 'BINLOG MONITOR',
  'REPLICATION REPLICA': 'REPLICATION SLAVE',
  'REPLICA MONITOR': 'SLAVE MONITOR',
  'REPLICATION REPLICA ADMIN': 'REPLICATION SLAVE ADMIN',
  'DELETE VERSIONING ROWS': 'DELETE HISTORY',
};
/** What MySQL 8 shows in place of ALL on `*.*` (the privileges of its manual that are not dynamic). */
const STATIC =
  'SELECT,INSERT,UPDATE,DELETE,CREATE,DROP,RELOAD,SHUTDOWN,PROCESS,FILE,REFERENCES,INDEX,ALTER,SHOW DATABASES,SUPER,CREATE TEMPORARY TABLES,LOCK TABLES,EXECUTE,REPLICATION SLAVE,REPLICATION CLIENT,CREATE VIEW,SHOW VIEW,CREATE ROUTINE,ALTER ROUTINE,CREATE USER,EVENT,TRIGGER,CREATE TABLESPACE,CREATE ROLE,DROP ROLE'.split(
    ',',
  );

/** `db.table:PRIV,PRIV/...`, or a dictionary of the two halves. Throws an Error that says what is no privilege. */
export function writtenPrivileges(
  priv: string | Readonly<Record<string, unknown>>,
  server: Server,
  columnCase: boolean,
): Privileges {
  const items =
    typeof priv === 'string'
      ? priv.trim().split('/')
      : Object.entries(priv).flatMap(([on, what]) => `${on}:${String(what)}`.split('/'));
  const found: Record<string, readonly string[]> = {};
  for (const item of items.map((text) => text.trim())) {
    const colon = item.lastIndexOf(':');
    if (colon < 0) throw new Error(`invalid priv string: ${item}`);
    const words = item
      .slice(colon + 1)
      .split(COMMA)
      .map((word) => word.trim());
    const wrong = words.find((word) => !PRIVILEGE.test(word));
    if (wrong !== undefined) throw new Error(`Error granting privileges, invalid priv string: ${wrong}`);
    found[objectName(item.slice(0, colon))] = tidy(words, server, columnCase);
  }
  return withoutEmpty(found);
}

/** `db.table` with its names quoted; a star is none. */
function objectName(written: string): string {
  const kind = /^(FUNCTION|PROCEDURE) /.exec(written)?.[0] ?? '';
  const rest = written.slice(kind.length);
  const dot = rest.lastIndexOf('.');
  const names = dot < 0 ? [rest] : [rest.slice(0, dot), rest.slice(dot + 1)];
  return `${kind}${names
    .map((name) => name.replace(/^`+|`+$/g, ''))
    .map((name) => (name === '*' ? '*' : `\`${name.replaceAll('`', '``')}\``))
    .join('.')}`;
}

/** What SHOW GRANTS says; undefined where a line is none that is known. Roles and proxies are others' business. */
export function shownPrivileges(lines: readonly string[], server: Server, columnCase: boolean): Privileges | undefined {
  const found: Record<string, string[]> = {};
  for (const line of lines) {
    const match = /^GRANT (.+) ON (.+?) TO (['`"]).*?\3@(['`"]).*?\4(.*)$/s.exec(line);
    if (match === null) {
      if (/^(GRANT .+ TO ['`"]|SET DEFAULT ROLE )/s.test(line)) continue;
      return undefined;
    }
    const [, words = '', on = '', , , rest = ''] = match;
    if (words === 'PROXY') continue;
    const list = (found[on] ??= []);
    list.push(
      ...tidy(
        words.split(COMMA).map((word) => word.trim()),
        server,
        columnCase,
      ),
      ...(rest.includes('WITH GRANT OPTION') ? ['GRANT'] : []),
    );
  }
  return withoutEmpty(found);
}

/** One spelling for what means the same, USAGE (nothing) left out. */
function tidy(words: readonly string[], server: Server, columnCase: boolean): string[] {
  const one = (word: string): string => {
    const [name = '', columns] = word.replace(/\)$/, '').split('(');
    const upper = name.trim().toUpperCase();
    const same =
      upper === 'ALL PRIVILEGES'
        ? 'ALL'
        : server.mariadb && since(server, 10, 5)
          ? (MARIADB_NAMES[upper] ?? upper)
          : upper;
    if (columns === undefined) return same;
    return `${same} (${columns
      .split(',')
      .map((column) => column.trim().replaceAll('`', ''))
      .map((column) => (columnCase ? column : column.toUpperCase()))
      .sort()
      .join(', ')})`;
  };
  return [...new Set(words.map(one))].filter((word) => word !== 'USAGE');
}

function withoutEmpty(found: Readonly<Record<string, readonly string[]>>): Privileges {
  return Object.fromEntries(
    Object.entries(found)
      .filter(([, words]) => words.length > 0)
      .map(([on, words]) => [on, [...words].sort()]),
  );
}

export interface PrivilegeChange {
  readonly on: string;
  readonly revoke: readonly string[];
  readonly grant: readonly string[];
  readonly result: readonly string[];
}

/** How the wanted privileges are reached. `keepOthers`: those on what is not named stay, but for `*.*` (so it is for root). */
export function privilegeChanges(
  now: Privileges,
  wanted: Privileges,
  way: 'replace' | 'append' | 'subtract',
  keepOthers: boolean,
): PrivilegeChange[] {
  const changes: PrivilegeChange[] = [];
  for (const on of new Set([...Object.keys(now), ...Object.keys(wanted)])) {
    const asked = wanted[on] ?? [];
    const has = folded(now[on] ?? [], asked, on);
    const kept = way !== 'replace' || (keepOthers && wanted[on] === undefined && on !== '*.*');
    const others = kept ? [] : has.filter((word) => !asked.includes(word));
    const grant = way === 'subtract' ? [] : asked.filter((word) => !has.includes(word));
    // With ALL granted there is nothing to take away but what ALL does not hold.
    const revoke =
      way === 'subtract'
        ? has.filter((word) => asked.includes(word))
        : grant.includes('ALL')
          ? others.filter((word) => word === 'GRANT')
          : others;
    if (grant.length + revoke.length > 0)
      changes.push({
        on,
        revoke,
        grant,
        result: grant.includes('ALL')
          ? [...new Set([...(has.includes('GRANT') && !revoke.includes('GRANT') ? ['GRANT'] : []), ...grant])].sort()
          : [...has.filter((word) => !revoke.includes(word)), ...grant].sort(),
      });
  }
  return changes;
}

/** MySQL 8 shows each privilege on `*.*` where all were granted: ALL where that is asked for. */
function folded(has: readonly string[], asked: readonly string[], on: string): readonly string[] {
  if (on !== '*.*' || !asked.includes('ALL') || has.includes('ALL') || !STATIC.every((word) => has.includes(word)))
    return has;
  return ['ALL', ...has.filter((word) => word === 'GRANT')];
}

/** `account`: as SQL has it, quoted. */
export function privilegeStatements(account: string, changes: readonly PrivilegeChange[]): string[] {
  const revoked = changes.flatMap(({ on, revoke }) => {
    const words = revoke.filter((word) => word !== 'GRANT');
    return [
      ...(revoke.includes('GRANT') ? [`REVOKE GRANT OPTION ON ${on} FROM ${account}`] : []),
      ...(words.length === 0 ? [] : [`REVOKE ${words.join(', ')} ON ${on} FROM ${account}`]),
    ];
  });
  const granted = changes
    .filter(({ grant }) => grant.length > 0)
    .map(({ on, grant }) => {
      const words = grant.filter((word) => word !== 'GRANT');
      // GRANT OPTION cannot stand alone.
      return `GRANT ${words.length === 0 ? 'USAGE' : words.join(', ')} ON ${on} TO ${account}${grant.includes('GRANT') ? ' WITH GRANT OPTION' : ''}`;
    });
  return [...revoked, ...granted];
}
