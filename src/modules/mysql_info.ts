// mysql_info: what a server of MySQL or MariaDB is, holds and is set to, as its client tells it.
import type { z } from 'zod';
import { bool, list, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import type { Probe } from '../core/probe.ts';
import { loginArgs, NO_CLIENT, refusal, serverOf } from './mysql/client.ts';
import { rowsProbe, type ResultSets, type Row } from './mysql/result-sets.ts';

const SUBSETS = [
  'version',
  'databases',
  'settings',
  'global_status',
  'engines',
  'users',
  'master_status',
  'slave_hosts',
  'slave_status',
] as const;
type Subset = (typeof SUBSETS)[number];

const args = {
  login_db: str().optional().describe('The database to log in to.'),
  filter: list(str())
    .default([])
    .describe(`Only these, or all but these where they begin with an exclamation mark: ${SUBSETS.join(', ')}.`),
  exclude_fields: list(str()).default([]).describe('Leave out db_size or db_table_count, which take long.'),
  return_empty_dbs: bool().default(false).describe('Tell of databases without tables too.'),
  ...loginArgs,
};
type Args = z.output<z.ZodObject<typeof args>>;

export const mysql_info = defineModule<typeof args, { readonly answers: ResultSets }>({
  name: 'community.mysql.mysql_info',
  summary: 'Tell what a server of MySQL or MariaDB is and holds',
  args,
  reports: true,
  check: ({ filter }) =>
    filter.some((one) => one.trim() === 'users_info')
      ? 'users_info is not supported: users tells the same as the server has it'
      : undefined,
  example: `
- community.mysql.mysql_info:
    filter: version
`,
  probe: (given, basics): { answers: Probe<ResultSets> } => ({
    answers: rowsProbe(`info:${subsetsOf(given).join(',')}`, given, basics.home, questions(given), (sets) => sets, {
      optional: ['old_master', 'new_master', 'old_slave', 'new_slave', 'old_hosts', 'new_hosts'],
      database: given.login_db,
    }),
  }),
})({
  plan: (given, { answers }) => {
    if (answers.kind === 'missing') return { failed: NO_CLIENT };
    if (answers.kind === 'refused') return { failed: refusal(given, answers.info.message) };
    const odd = given.filter
      .map((one) => one.trim())
      .filter((one) => !(SUBSETS as readonly string[]).includes(one.replace(/^!/, '')) && one !== '!users_info');
    return { after: {}, warnings: odd.map((one) => `filter element: ${one} is not allowable, ignored`) };
  },
  apply: () => [],
  result: (given, { before: { answers } }) => {
    const version = answers.sets['server']?.[0]?.['version'] ?? '';
    const told = tell(answers.sets, given);
    return {
      server_engine: serverOf(version).mariadb ? 'MariaDB' : 'MySQL',
      connector_name: 'client',
      connector_version: version,
      ...Object.fromEntries(subsetsOf(given).map((subset) => [subset, told[subset]()])),
    };
  },
});

function subsetsOf({ filter }: Args): readonly Subset[] {
  const named = filter.map((one) => one.trim());
  const wanted = SUBSETS.filter((subset) => named.includes(subset));
  return wanted.length > 0 ? wanted : SUBSETS.filter((subset) => !named.includes(`!${subset}`));
}

function questions(given: Args): Record<string, string> {
  const wanted = new Set<Subset>(subsetsOf(given));
  const fields = [
    ...(counts(given, 'size') ? ["SUM(data_length + index_length) AS 'size'"] : []),
    ...(counts(given, 'table_count') ? ["COUNT(table_name) AS 'tables'"] : []),
  ];
  return {
    server: "SELECT VERSION() AS 'version'",
    ...(wanted.has('settings') || wanted.has('version') ? { settings: 'SHOW GLOBAL VARIABLES' } : {}),
    ...(wanted.has('databases')
      ? {
          databases: `SELECT ${["table_schema AS 'name'", ...fields].join(', ')} FROM information_schema.TABLES GROUP BY table_schema`,
          ...(given.return_empty_dbs ? { names: 'SHOW DATABASES' } : {}),
        }
      : {}),
    ...(wanted.has('global_status') ? { status: 'SHOW GLOBAL STATUS' } : {}),
    ...(wanted.has('engines') ? { engines: 'SHOW ENGINES' } : {}),
    ...(wanted.has('users') ? { users: 'SELECT * FROM mysql.user' } : {}),
    // Their words changed with the times; a server knows one of them.
    ...(wanted.has('master_status') ? { old_master: 'SHOW MASTER STATUS', new_master: 'SHOW BINARY LOG STATUS' } : {}),
    ...(wanted.has('slave_status') ? { old_slave: 'SHOW SLAVE STATUS', new_slave: 'SHOW REPLICA STATUS' } : {}),
    ...(wanted.has('slave_hosts') ? { old_hosts: 'SHOW SLAVE HOSTS', new_hosts: 'SHOW REPLICAS' } : {}),
  };
}
const counts = ({ exclude_fields }: Args, field: string): boolean =>
  !exclude_fields.map((one) => one.trim()).includes(`db_${field}`);

/** Text that is a whole number is that number. */
const number = (text: string | null | undefined): string | number | null =>
  text === undefined || text === null ? null : /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : text;
const without = (row: Row, ...names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row)
      .filter(([name]) => !names.includes(name))
      .map(([name, value]) => [name, number(value)]),
  );

function tell(sets: ResultSets['sets'], given: Args): Record<Subset, () => unknown> {
  const rows = (...names: readonly string[]): readonly Row[] =>
    names.map((name) => sets[name] ?? []).find((set) => set.length > 0) ?? [];
  const pairs = (name: string): Record<string, unknown> =>
    Object.fromEntries(rows(name).map((row) => [row['Variable_name'] ?? '', number(row['Value'])]));
  return {
    version: () => versionOf(rows('settings').find((row) => row['Variable_name'] === 'version')?.['Value'] ?? ''),
    settings: () => pairs('settings'),
    global_status: () => pairs('status'),
    databases: () => {
      const fields = (row: Row): Record<string, unknown> => ({
        ...(counts(given, 'size') ? { size: Number(row['size'] ?? 0) } : {}),
        ...(counts(given, 'table_count') ? { tables: Number(row['tables'] ?? 0) } : {}),
      });
      return {
        ...Object.fromEntries(rows('names').map((row) => [row['Database'] ?? '', fields({})])),
        ...Object.fromEntries(rows('databases').map((row) => [row['name'] ?? '', fields(row)])),
      };
    },
    engines: () =>
      Object.fromEntries(
        rows('engines').map((row) => [
          row['Engine'] ?? '',
          Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'Engine')),
        ]),
      ),
    users: () =>
      nested(
        rows('users'),
        (row) => [row['Host'] ?? '', row['User'] ?? ''],
        (row) => without(row, 'Host', 'User'),
      ),
    master_status: () => Object.assign({}, ...rows('old_master', 'new_master').map((row) => without(row))) as unknown,
    slave_hosts: () =>
      nested(
        rows('old_hosts', 'new_hosts'),
        (row) => [row['Server_id'] ?? row['Server_Id'] ?? ''],
        (row) => without(row, 'Server_id', 'Server_Id'),
      ),
    slave_status: () =>
      nested(
        rows('old_slave', 'new_slave'),
        (row) => [
          row['Master_Host'] ?? row['Source_Host'] ?? '',
          row['Master_Port'] ?? row['Source_Port'] ?? '',
          row['Master_User'] ?? row['Source_User'] ?? '',
        ],
        (row) => without(row, 'Master_Host', 'Master_Port', 'Master_User'),
      ),
  };
}

/** Rows in mappings of mappings, by the keys of each. */
function nested(
  rows: readonly Row[],
  keys: (row: Row) => readonly string[],
  value: (row: Row) => unknown,
): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  for (const row of rows) {
    const path = keys(row);
    let into = all;
    for (const key of path.slice(0, -1)) into = (into[key] ??= {}) as Record<string, unknown>;
    into[path.at(-1) ?? ''] = value(row);
  }
  return all;
}

function versionOf(full: string): Record<string, unknown> {
  const [major = '', minor = '', rest = ''] = full.split('.');
  const [release = '', ...suffix] = rest.split('-');
  return { major: Number(major), minor: Number(minor), release: Number(release), suffix: suffix.join('-'), full };
}
