// postgresql_db: databases of PostgreSQL are there or not, are dumped to a file of the host or read from one; by the programs of PostgreSQL on the host.
import type { z } from 'zod';
import { bool, choice, field, path, str } from '../core/args.ts';
import { defineModule, type Plan } from '../core/module.ts';
import type { Probe } from '../core/probe.ts';
import { quote, quoteAll } from '../core/quote.ts';
import type { Step } from '../core/step.ts';
import { Unknown } from '../core/value.ts';
import { wholeOutput } from './parts/whole-output.ts';
import {
  clientScript,
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

interface Database {
  readonly owner: string | Unknown;
  readonly encoding: string | Unknown;
  readonly lc_collate: string | Unknown;
  readonly lc_ctype: string | Unknown;
  readonly icu_locale: string | null | Unknown;
  readonly locale_provider: string | null | Unknown;
  readonly conn_limit: number;
  readonly tablespace: string | Unknown;
  readonly comment: string;
}

interface Databases {
  /** As 150004. */
  readonly version: number;
  /** What the server calls the encoding that is asked for; null where it knows none of that name. */
  readonly encoding: string | null;
  readonly databases: Readonly<Record<string, Database>>;
}

const shape = {
  name: field(str(), { aliases: ['db'] }).describe('The database.'),
  state: choice('absent', 'dump', 'present', 'rename', 'restore')
    .default('present')
    .describe('dump and restore act each time.'),
  owner: str().default('').describe('The role that owns it.'),
  template: str().default('').describe('What a new database is made of.'),
  encoding: str().default('').describe('Encoding of a new database.'),
  lc_collate: str().default('').describe('Collation of a new database.'),
  lc_ctype: str().default('').describe('Classes of characters of a new database.'),
  icu_locale: str().default('').describe('ICU locale of a new database.'),
  locale_provider: str().default('').describe('Provider of the locale of a new database.'),
  conn_limit: str().default('').describe('How many connections it takes.'),
  tablespace: str().default('').describe('Where it is kept.'),
  comment: str().optional().describe('A comment on it.'),
  force: bool().default(false).describe('End connections to a database that is removed.'),
  target: path()
    .default('')
    .describe(
      'File on the host to dump to or to restore from (.tar, .pgc, .dir for other forms, .gz, .bz2, .xz compressed), or the new name.',
    ),
  target_opts: str().default('').describe('Further words for the program that dumps or restores.'),
  dump_extra_args: str().optional().describe('Further words for pg_dump.'),
  maintenance_db: str().default('postgres').describe('The database to log in to.'),
  ...loginArgs,
};
type Args = z.output<z.ZodObject<typeof shape>>;
type State = { readonly databases: Told<Databases> };

export const postgresql_db = defineModule<typeof shape, State>({
  name: 'community.postgresql.postgresql_db',
  summary: 'Create, change, remove, dump or restore databases of PostgreSQL',
  args: shape,
  check: (args) => {
    const { owner, conn_limit, encoding, name, template, tablespace, session_role, comment } = args;
    const refused = dangerous(args, [owner, conn_limit, encoding, name, template, tablespace, session_role, comment]);
    if (refused !== undefined || args.state !== 'rename') return refused;
    if (args.target === '') return 'The "target" option must be defined when the "rename" option is used.';
    return args.name === args.target
      ? 'The "name/db" option and the "target" option cannot be the same.'
      : args.maintenance_db === args.name
        ? 'The "maintenance_db" option and the "name/db" option cannot be the same.'
        : undefined;
  },
  example: `
- community.postgresql.postgresql_db:
    name: shop
    encoding: UTF8
`,
  probe: (args): { databases: Probe<Told<Databases>> } => ({
    databases: serverProbe(
      `database:${args.name}`,
      args,
      args.maintenance_db,
      question(args),
      (told: Told<Databases>) => told,
    ),
  }),
})({
  plan: (args, { databases: now }): Plan<State> => {
    if (now.kind === 'missing') return { failed: NO_CLIENT };
    // The programs that dump and restore log in by themselves.
    if (args.state === 'dump' || args.state === 'restore')
      return {
        after: {},
        effects: [
          {
            kind: args.state,
            text:
              args.state === 'dump'
                ? `dump ${args.name} to ${args.target}`
                : `restore ${args.name} from ${args.target}`,
          },
        ],
      };
    if (now.kind === 'refused') return { failed: refusal(now.message) };
    const next = wanted(args, now.value);
    if (typeof next === 'string') return { failed: next };
    return {
      after:
        next === now.value.databases ? {} : { databases: { kind: 'told', value: { ...now.value, databases: next } } },
    };
  },
  apply: (args, { before, after, effects }) => {
    if (effects.length > 0) return [moveStep(args)];
    const sql = changes(args, before.databases, after.databases);
    return sql.length === 0 ? [] : [sqlStep(args, args.maintenance_db, sql)];
  },
  result: (args, { before, after, effects }, done) => {
    if (effects.length > 0)
      return done.length === 0
        ? { db: args.name }
        : {
            msg: done.at(-1)?.stdout ?? '',
            stderr: done.at(-1)?.stderr ?? '',
            rc: 0,
            cmd: moveCommands(args).join(' | '),
            executed_commands: [moveCommands(args).join(' | ')],
          };
    return {
      db: args.name,
      executed_commands: done.length === 0 ? [] : changes(args, before.databases, after.databases),
    };
  },
  failure: serverFailure(),
});

function question(args: Args): string {
  const names = [args.name, ...(args.state === 'rename' ? [args.target] : [])].map((name) => sqlText(name)).join(', ');
  const fields = [
    "'owner', pg_get_userbyid(d.datdba)",
    "'encoding', pg_encoding_to_char(d.encoding)",
    "'lc_collate', d.datcollate",
    "'lc_ctype', d.datctype",
    "'conn_limit', d.datconnlimit",
    "'tablespace', t.spcname",
    // Columns that not every version has.
    "'icu_locale', coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale')",
    "'locale_provider', CASE to_jsonb(d)->>'datlocprovider' WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' END",
    "'comment', coalesce(shobj_description(d.oid, 'pg_database'), '')",
  ];
  const databases = `SELECT json_object_agg(d.datname, json_build_object(${fields.join(', ')})) FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE d.datname IN (${names})`;
  return `SELECT json_build_object('version', current_setting('server_version_num')::int, 'encoding', nullif(pg_encoding_to_char(pg_char_to_encoding(${sqlText(args.encoding)})), ''), 'databases', coalesce((${databases}), '{}'::json))`;
}

/** The databases as they would be, the same object where nothing differs; text says why they cannot be so. */
function wanted(args: Args, now: Databases): Databases['databases'] | string {
  const was = now.databases[args.name];
  const { [args.name]: _gone, ...others } = now.databases;
  if (args.state === 'absent') return was === undefined ? now.databases : others;
  if (args.state === 'rename') {
    const target = now.databases[args.target];
    if (was !== undefined && target !== undefined) return 'Both the source and the target databases exist.';
    if (was === undefined)
      return target === undefined ? 'The source and the target databases do not exist.' : now.databases;
    return { ...others, [args.target]: was };
  }
  const given = <T>(written: string, otherwise: T): string | T => (written === '' ? otherwise : written);
  if (was === undefined) {
    const unknown = (what: string): Unknown => new Unknown(`the ${what} of ${args.name}`);
    const made: Database = {
      owner: given(args.owner, unknown('owner')),
      encoding: given(args.encoding === '' ? '' : (now.encoding ?? args.encoding), unknown('encoding')),
      lc_collate: given(args.lc_collate, unknown('collation')),
      lc_ctype: given(args.lc_ctype, unknown('classes of characters')),
      icu_locale: unknown('ICU locale'),
      locale_provider: unknown('provider of the locale'),
      conn_limit: args.conn_limit === '' ? -1 : Number(args.conn_limit),
      tablespace: given(args.tablespace, unknown('tablespace')),
      comment: args.comment ?? '',
    };
    return { ...now.databases, [args.name]: made };
  }
  const fixed: readonly (readonly [what: string, wanted: string | null, was: string | null | Unknown, gap: string])[] =
    [
      ['database encoding', args.encoding === '' ? '' : now.encoding, was.encoding, ' Current encoding'],
      ['LC_COLLATE', args.lc_collate, was.lc_collate, ' Current LC_COLLATE'],
      ['LC_CTYPE', args.lc_ctype, was.lc_ctype, 'Current LC_CTYPE'],
      ['ICU_LOCALE', args.icu_locale, was.icu_locale, 'Current ICU_LOCALE'],
      ['LOCALE_PROVIDER', args.locale_provider, was.locale_provider, 'Current LOCALE_PROVIDER'],
    ];
  for (const [what, want, has, current] of fixed)
    if (want !== '' && !(has instanceof Unknown) && want !== has)
      return `Changing ${what} is not supported.${current}: ${has ?? 'None'}`;
  const is: Database = {
    ...was,
    owner: given(args.owner, was.owner),
    conn_limit: args.conn_limit === '' ? was.conn_limit : Number(args.conn_limit),
    tablespace: given(args.tablespace, was.tablespace),
    comment: args.comment ?? was.comment,
  };
  const same = (['owner', 'conn_limit', 'tablespace', 'comment'] as const).every((field) => is[field] === was[field]);
  return same ? now.databases : { ...now.databases, [args.name]: is };
}

function changes(args: Args, before: Told<Databases>, after: Told<Databases>): string[] {
  if (before.kind !== 'told' || after.kind !== 'told' || before === after) return [];
  const { version } = before.value;
  const was = before.value.databases[args.name];
  const is = after.value.databases[args.name];
  const name = sqlName(args.name);
  if (args.state === 'rename') return [`ALTER DATABASE ${name} RENAME TO ${sqlName(args.target)}`];
  if (is === undefined) {
    if (!args.force || version >= 130000) return [`DROP DATABASE ${name}${args.force ? ' WITH (FORCE)' : ''}`];
    return [
      `UPDATE pg_database SET datallowconn = false WHERE datname = ${sqlText(args.name)}`,
      `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = ${sqlText(args.name)} AND pid <> pg_backend_pid()`,
      `DROP DATABASE ${name}`,
    ];
  }
  const comment =
    args.comment === undefined || args.comment === (was?.comment ?? '')
      ? []
      : [`COMMENT ON DATABASE ${name} IS ${sqlText(args.comment)}`];
  if (was === undefined) {
    const icu = version >= 150000;
    const parts = [
      ...(args.owner === '' ? [] : [`OWNER ${sqlName(args.owner)}`]),
      ...(args.template === '' ? [] : [`TEMPLATE ${sqlName(args.template)}`]),
      ...(args.encoding === '' ? [] : [`ENCODING ${sqlText(args.encoding)}`]),
      ...(args.lc_collate === '' ? [] : [`LC_COLLATE ${sqlText(args.lc_collate)}`]),
      ...(args.lc_ctype === '' ? [] : [`LC_CTYPE ${sqlText(args.lc_ctype)}`]),
      ...(args.icu_locale === '' || !icu ? [] : [`ICU_LOCALE ${sqlText(args.icu_locale)}`]),
      ...(args.locale_provider === '' || !icu ? [] : [`LOCALE_PROVIDER ${sqlText(args.locale_provider)}`]),
      ...(args.tablespace === '' ? [] : [`TABLESPACE ${sqlName(args.tablespace)}`]),
      ...(args.conn_limit === '' ? [] : [`CONNECTION LIMIT ${Number(args.conn_limit)}`]),
    ];
    return [`CREATE DATABASE ${[name, ...parts].join(' ')}`, ...comment];
  }
  return [
    ...(is.owner === was.owner ? [] : [`ALTER DATABASE ${name} OWNER TO ${sqlName(args.owner)}`]),
    ...(is.conn_limit === was.conn_limit ? [] : [`ALTER DATABASE ${name} CONNECTION LIMIT ${is.conn_limit}`]),
    ...(is.tablespace === was.tablespace ? [] : [`ALTER DATABASE ${name} SET TABLESPACE ${sqlName(args.tablespace)}`]),
    ...comment,
  ];
}

const FORMS: Readonly<Record<string, string>> = { '.tar': 't', '.pgc': 'c', '.dir': 'd' };
const PACKERS: Readonly<Record<string, string>> = { '.gz': 'gzip', '.bz2': 'bzip2', '.xz': 'xz' };
const endOf = (target: string): string => /\.[^./]+$/.exec(target)?.[0] ?? '';

/** Without a file it is one of the database's name in the folder that the task is in. */
const targetOf = (args: Args): string => (args.target === '' ? `${args.name}.sql` : args.target);

/** The program and its words, the login left out. */
function moveWords(args: Args): string {
  const form = FORMS[endOf(targetOf(args))];
  const more = [args.state === 'dump' ? (args.dump_extra_args ?? '') : '', args.target_opts]
    .filter((words) => words !== '')
    .map((words) => ` ${words}`)
    .join('');
  if (args.state === 'dump') return `pg_dump ${quoteAll([...(form === undefined ? [] : [`--format=${form}`])])}${more}`;
  return form === undefined
    ? `psql${more}`
    : `pg_restore ${quoteAll([`--dbname=${args.name}`, `--format=${form}`])}${more}`;
}

/** The target as a word of the shell. */
function pathOf(args: Args): string {
  const target = targetOf(args);
  return target.startsWith('~/') ? `"$HOME"${quote(target.slice(1))}` : quote(target);
}

/** One command, or two with a pipe between. `run`: what stands before the program of PostgreSQL. */
function moveCommands(args: Args, run = '', path = pathOf(args)): readonly [string, string?] {
  const words = `${run}${moveWords(args)}`;
  const end = endOf(targetOf(args));
  const packer = PACKERS[end];
  if (args.state === 'dump')
    return packer !== undefined
      ? [words, `${packer} > ${path}`]
      : [end === '.dir' ? `${words} -f ${path}` : `${words} > ${path}`];
  return packer !== undefined
    ? [`${packer} -dc ${path}`, words]
    : [FORMS[end] !== undefined ? `${words} ${path}` : `${words} < ${path}`];
}

/** Both sides of a pipe tell how they ended: the left one's status comes by a way of its own. */
function moveStep(args: Args): Step {
  const move = (to?: string): string => {
    const [left, right] = moveCommands(args, 'vbx_run ', to);
    return right === undefined
      ? left
      : `exec 5>&1\nvbx_end=$( { { ${left}; echo $? >&3; } | { ${right}; } >&5; } 3>&1 ) || exit\n[ "$vbx_end" = 0 ] || exit "$vbx_end"`;
  };
  // A folder of dumps is the dump program's own, which refuses one that is there.
  const run = args.state === 'dump' && endOf(targetOf(args)) !== '.dir' ? wholeOutput(pathOf(args), move) : move();
  return { kind: 'script', script: `${clientScript(args, args.name, 'fail')}${run}`, secret: true, long: true };
}
