// mysql_db: databases of MySQL or MariaDB are there or not, are dumped to a file of the host or read from one; by the client and the dump program on the host.
import { bool, choice, field, int, list, path, str } from '../core/args.ts';
import { defineModule, type Effect } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quote, quoteAll } from '../core/quote.ts';
import type { Step } from '../core/step.ts';
import {
  answerComplaint,
  cells,
  clientScript,
  homePath,
  loginArgs,
  NO_CLIENT,
  refusal,
  serverFailure,
  serverOf,
  sqlName,
  sqlStep,
  sqlText,
  statements,
  type Server,
} from './mysql/client.ts';
import { wholeOutput } from './parts/whole-output.ts';
import type { z } from 'zod';

interface DatabasesState {
  readonly kind: 'databases' | 'missing' | 'refused';
  /** Those of the names that are asked for and are there. */
  readonly names: readonly string[];
  readonly info: { readonly server: Server; readonly configured: boolean; readonly message: string };
}

const shape = {
  name: field(list(str()), { aliases: ['db'] }).describe('Databases; all, for a dump or an import, is every one.'),
  state: choice('absent', 'dump', 'import', 'present').default('present').describe('dump and import act each time.'),
  encoding: str().default('').describe('Character set of new databases, of a dump or of an import.'),
  collation: str().default('').describe('Collation of new databases.'),
  target: path()
    .optional()
    .describe('File on the host to dump to or to import; .gz, .bz2, .xz and .zst are compressed.'),
  single_transaction: bool().default(false).describe('Dump in one transaction.'),
  quick: bool().default(true).describe('Dump row by row.'),
  ignore_tables: list(str()).default([]).describe('Tables that are not dumped, as database.table.'),
  hex_blob: bool().default(false).describe('Dump binary columns in hexadecimal.'),
  force: bool().default(false).describe('Go on after errors of a dump or an import.'),
  master_data: int().default(0).describe('1: dump the position in the binary log too; 2: as a comment.'),
  skip_lock_tables: bool().default(false).describe('Do not lock tables for a dump.'),
  dump_extra_args: str().optional().describe('Further words for the dump program.'),
  use_shell: bool().default(false).describe('Makes no difference: an import always goes through a shell.'),
  unsafe_login_password: bool().default(false).describe('Makes no difference: the password is no word of a command.'),
  restrict_config_file: bool()
    .default(false)
    .describe('A dump or an import reads config_file and no other file of options.'),
  config_overrides_defaults: bool()
    .default(false)
    .describe('Host and port of config_file outweigh login_host and login_port.'),
  chdir: path().optional().describe('Folder that a relative target is in.'),
  pipefail: bool().default(true).describe('A dump fails too where only the dump program does, not the compression.'),
  ...loginArgs,
};
type Args = z.output<z.ZodObject<typeof shape>>;

export const mysql_db = defineModule<typeof shape, { readonly databases: DatabasesState }>({
  name: 'community.mysql.mysql_db',
  summary: 'Create, remove, dump or import databases of MySQL or MariaDB',
  args: shape,
  check: (args) => {
    const moves = args.state === 'dump' || args.state === 'import';
    if (args.login_port < 0 || args.login_port > 65535) return 'login_port must be a valid unix port number (0-65535)';
    if (![0, 1, 2].includes(args.master_data))
      return `value of master_data must be one of: 0, 1, 2, got: ${args.master_data}`;
    if (args.ignore_tables.includes('')) return 'Name of ignored table cannot be empty';
    if (args.state === 'import' && args.name.length > 1)
      return 'Multiple databases are not supported with state=import';
    if (moves && args.target === undefined) return `with state=${args.state} target is required`;
    return !moves && isAll(args)
      ? "name is not allowed to equal 'all' unless state equals import, or dump."
      : undefined;
  },
  example: `
- community.mysql.mysql_db:
    name: shop
    encoding: utf8mb4
`,
  probe: (args, basics): { databases: Probe<DatabasesState> } => {
    const names = isAll(args) ? [] : args.name;
    const sql = [
      'SELECT VERSION()',
      ...names.map((name, at) => `SELECT ${at} FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${sqlText(name)}`),
    ];
    const file = args.config_file === '' ? 'false' : `[ -e ${homePath(args.config_file)} ]`;
    const script = `${clientScript(args, basics.home, 'observe', { fileFirst: args.config_overrides_defaults })}if ${file}; then echo @@configured; fi
printf %s ${quote(statements({ sql_log_bin: true }, sql))} | vbx_sql || echo @@refused
:`;
    return {
      databases: scriptProbe(`mysql databases:${names.join(',')}`, script, (answer) => parseDatabases(answer, names), {
        costly: true,
        stderr: true,
      }),
    };
  },
})({
  plan: (args, { databases: now }) => {
    if (now.kind === 'missing') return { failed: NO_CLIENT };
    if (now.kind === 'refused')
      return {
        failed: now.info.configured
          ? refusal(args, now.info.message)
          : `unable to find ${args.config_file}. Exception message: ${now.info.message}`,
      };
    const missing = lacking(args, now);
    if (args.state === 'absent') return { after: now.names.length === 0 ? {} : { databases: { ...now, names: [] } } };
    if (args.state === 'dump' && missing.length > 0)
      return { failed: `Cannot dump database(s) '${missing.join(', ')}' - not found` };
    const effects: Effect[] =
      args.state === 'present'
        ? []
        : [
            {
              kind: args.state,
              text:
                args.state === 'dump'
                  ? `dump ${args.name.join(', ')} to ${args.target ?? ''}`
                  : `import ${args.target ?? ''} into ${args.name.join(', ')}`,
            },
          ];
    return {
      after: missing.length === 0 || args.state === 'dump' ? {} : { databases: { ...now, names: args.name } },
      effects,
    };
  },
  apply: (args, { before: { databases: now } }, basics) => {
    const sql = definitions(args, now);
    const options = { fileFirst: args.config_overrides_defaults };
    return [
      ...(sql.length === 0 ? [] : [sqlStep(args, basics.home, sql, options)]),
      ...(args.state === 'dump' || args.state === 'import' ? [moveStep(args, basics.home, now.info.server)] : []),
    ];
  },
  result: (args, { before: { databases: now } }, done) => {
    const moved = args.state === 'dump' || args.state === 'import';
    const commands = [...definitions(args, now), ...(moved ? [moveText(args, now.info.server)] : [])];
    return {
      db: args.name.join(' '),
      db_list: args.name,
      ...(done.length === 0 && commands.length > 0 ? {} : { executed_commands: commands }),
      ...(moved && done.length > 0 ? { msg: done.at(-1)?.stdout ?? '' } : {}),
    };
  },
  failure: (result) => {
    const text = result.step.kind === 'script' ? (result.step.stdin?.toString() ?? '') : '';
    return serverFailure(
      text.includes('\nCREATE DATABASE')
        ? 'error creating database: '
        : text.includes('\nDROP DATABASE')
          ? 'error deleting database: '
          : '',
    )(result);
  },
});

const isAll = (args: Pick<Args, 'name'>): boolean => args.name.length === 1 && args.name[0] === 'all';
const lacking = (args: Args, now: DatabasesState): string[] =>
  isAll(args) ? [] : args.name.filter((name) => !now.names.includes(name));

/** The statements that make or remove what is asked for. */
function definitions(args: Args, now: DatabasesState): string[] {
  if (args.state === 'dump') return [];
  if (args.state === 'absent') return now.names.map((name) => `DROP DATABASE ${sqlName(name)}`);
  return lacking(args, now).map(
    (name) =>
      `CREATE DATABASE ${sqlName(name)}${args.encoding === '' ? '' : ` CHARACTER SET ${sqlText(args.encoding)}`}${args.collation === '' ? '' : ` COLLATE ${sqlText(args.collation)}`}`,
  );
}

function parseDatabases(answer: Answer, names: readonly string[]): DatabasesState {
  const lines = answer.stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  const configured = lines[0] === '@@configured';
  const [version = '', ...found] = configured ? lines.slice(1) : lines;
  const info = { server: serverOf(cells(version)[0] ?? ''), configured, message: answerComplaint(answer) };
  if (version === '@@missing') return { kind: 'missing', names: [], info };
  if (version === '' || version === '@@refused' || found.includes('@@refused'))
    return { kind: 'refused', names: [], info };
  return {
    kind: 'databases',
    names: names.filter((_, at) => found.includes(String(at))),
    info: { ...info, message: '' },
  };
}

const PACKERS: Readonly<Record<string, string>> = { '.gz': 'gzip', '.bz2': 'bzip2', '.xz': 'xz', '.zst': 'zstd' };
const packerOf = (target: string): string | undefined => PACKERS[/\.[^./]+$/.exec(target)?.[0] ?? ''];

/** The words of the program behind those of the login. */
function moveWords(args: Args, server: Server): string {
  const encoding = args.encoding === '' ? [] : [`--default-character-set=${args.encoding}`];
  if (args.state === 'import')
    return quoteAll([
      ...(args.force ? ['-f'] : []),
      ...encoding,
      ...(isAll(args) ? [] : ['--one-database', args.name[0] ?? '']),
    ]);
  const master = !server.mariadb && /^(8\.([2-9]|\d\d)|9|\d\d)/.test(server.version) ? 'source' : 'master';
  const words = [
    ...(args.force ? ['--force'] : []),
    ...(isAll(args) ? ['--all-databases'] : args.name.length > 1 ? ['--databases', ...args.name] : args.name),
    ...(args.skip_lock_tables ? ['--skip-lock-tables'] : []),
    ...encoding,
    ...(args.single_transaction ? ['--single-transaction=true'] : []),
    ...(args.quick ? ['--quick'] : []),
    ...args.ignore_tables.map((table) => `--ignore-table=${table}`),
    ...(args.hex_blob ? ['--hex-blob'] : []),
    ...(args.master_data === 0 ? [] : [`--${master}-data=${args.master_data}`]),
  ];
  return `${quoteAll(words)}${args.dump_extra_args === undefined ? '' : ` ${args.dump_extra_args}`}`;
}

/** Dump or import as a person would write it, without the login. */
function moveText(args: Args, server: Server): string {
  const target = quote(args.target ?? '');
  const packer = packerOf(args.target ?? '');
  const words = moveWords(args, server);
  if (args.state === 'dump')
    return `${server.mariadb ? 'mariadb-dump' : 'mysqldump'} ${words}${packer === undefined ? '' : ` | ${packer}`} > ${target}`;
  const client = `${server.mariadb ? 'mariadb' : 'mysql'} ${words}`;
  return packer === undefined ? `${client} < ${target}` : `${packer} -dc ${target} | ${client}`;
}

function moveStep(args: Args, home: string, server: Server): Step {
  const target = homePath(args.target ?? '');
  const packer = packerOf(args.target ?? '');
  const words = moveWords(args, server);
  const need = (program: string): string =>
    `command -v ${program} >/dev/null || { echo ${quote(`Failed to find required executable "${program}" on the host`)} >&2; exit 1; }`;
  // Both sides of a pipe tell how they ended; the words that dump_extra_args gives are the shell's to split.
  const piped = (
    left: string,
    right: string,
    both: boolean,
  ): string => `vbx_ends=$( { { { ${left}; echo $? >&5; } | { ${right}; echo $? >&6; }; } 5>&1 6>&1 >&7; } 7>&2 )
set -- $vbx_ends; [ $# -eq 2 ] || exit 1
${both ? 'for vbx_end in "$@"; do [ "$vbx_end" = 0 ] || exit "$vbx_end"; done' : ''}`;
  const lines = [
    `${clientScript(args, home, 'fail', { whole: true, only: args.restrict_config_file })}`.trimEnd(),
    ...(args.chdir === undefined ? [] : [`cd ${homePath(args.chdir)} || exit 1`]),
    ...(packer === undefined ? [] : [need(packer)]),
  ];
  if (args.state === 'dump') {
    lines.push(
      `vbx_dump=$(${server.mariadb ? 'command -v mariadb-dump || command -v mysqldump' : 'command -v mysqldump'}) || { echo 'mysqldump is not on this host' >&2; exit 1; }`,
    );
    const dump = `vbx_run "$vbx_dump" ${words}`;
    lines.push(
      wholeOutput(target, (to) =>
        packer === undefined
          ? `${dump} >${to}`
          : args.pipefail
            ? piped(dump, `${packer} >${to}`, true)
            : `${dump} | ${packer} >${to}`,
      ),
    );
  } else {
    lines.push(
      `[ -e ${target} ] || { echo ${quote(`target ${args.target ?? ''} does not exist on the host`)} >&2; exit 1; }`,
    );
    const read = `vbx_run "$vbx_client" ${words}`;
    lines.push(packer === undefined ? `${read} <${target}` : piped(`${packer} -dc ${target}`, read, true));
  }
  return { kind: 'script', script: lines.join('\n'), secret: true, long: true };
}
