// postgresql_ext: extensions of a database of PostgreSQL, by psql on the host.
import type { z } from 'zod';
import { bool, choice, field, str } from '../core/args.ts';
import { defineModule, type Plan } from '../core/module.ts';
import type { Probe } from '../core/probe.ts';
import { Unknown } from '../core/value.ts';
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

interface Extension {
  /** Null where it is not in the database. */
  readonly version: string | Unknown | null;
  readonly comment: string;
  /** What the host has of it. */
  readonly offer: {
    readonly preferred: string | null;
    readonly versions: readonly string[];
    /** Whether the version that is there can become the wanted one. */ readonly reachable: boolean;
  };
}

const args = {
  ext: field(str(), { aliases: ['name'] }).describe('The extension.'),
  login_db: field(str(), { aliases: ['db'] }).describe('The database.'),
  state: choice('absent', 'present').default('present').describe('Whether it is there.'),
  schema: str().optional().describe('The schema to put it in.'),
  version: str().optional().describe('Its version; latest is what the host prefers.'),
  cascade: bool().default(false).describe('Install what it needs, or remove what needs it.'),
  comment: str().optional().describe('A comment on it.'),
  ...loginArgs,
};
type Args = z.output<z.ZodObject<typeof args>>;
type State = { readonly extension: Told<Extension> };

export const postgresql_ext = defineModule<typeof args, State>({
  name: 'community.postgresql.postgresql_ext',
  summary: 'Add, update or remove extensions of a database of PostgreSQL',
  args,
  check: (given) => dangerous(given, [given.ext, given.schema, given.version, given.session_role, given.comment]),
  example: `
- community.postgresql.postgresql_ext:
    name: hstore
    login_db: shop
`,
  probe: (given): { extension: Probe<Told<Extension>> } => ({
    extension: serverProbe<Extension, Told<Extension>>(
      `extension:${given.login_db}.${given.ext}`,
      given,
      given.login_db,
      question(given),
      (told) => told,
    ),
  }),
})({
  plan: (given, { extension: now }): Plan<State> => {
    if (now.kind === 'missing') return { failed: NO_CLIENT };
    if (now.kind === 'refused') return { failed: refusal(now.message) };
    const is = wanted(given, now.value);
    if (typeof is === 'string') return { failed: is };
    return {
      after: is === now.value ? {} : { extension: { kind: 'told', value: is } },
      ...(given.state === 'absent' && given.version !== undefined
        ? { warnings: ['Parameter version is ignored when state=absent'] }
        : {}),
    };
  },
  apply: (given, { before, after }) => {
    const sql = changes(given, before.extension, after.extension);
    return sql.length === 0 ? [] : [sqlStep(given, given.login_db, sql)];
  },
  result: (given, { before, after }) => {
    const version = (told: Told<Extension>): string =>
      told.kind !== 'told' || told.value.version === null
        ? ''
        : typeof told.value.version === 'string'
          ? told.value.version
          : (told.value.offer.preferred ?? '');
    return {
      db: given.login_db,
      ext: given.ext,
      prev_version: version(before.extension),
      version: version(after.extension),
      queries: changes(given, before.extension, after.extension),
    };
  },
  failure: serverFailure('Management of PostgreSQL extension failed: '),
});

function question(given: Args): string {
  const name = sqlText(given.ext);
  const version =
    given.version === undefined || given.version === 'latest'
      ? `(SELECT default_version FROM pg_available_extensions WHERE name = ${name})`
      : sqlText(given.version);
  return `SELECT json_build_object('version', (SELECT extversion FROM pg_extension WHERE extname = ${name}), 'comment', coalesce((SELECT obj_description(oid, 'pg_extension') FROM pg_extension WHERE extname = ${name}), ''), 'offer', json_build_object('preferred', (SELECT default_version FROM pg_available_extensions WHERE name = ${name}), 'versions', coalesce((SELECT json_agg(version) FROM pg_available_extension_versions WHERE name = ${name}), '[]'::json), 'reachable', CASE WHEN EXISTS (SELECT FROM pg_available_extensions WHERE name = ${name}) THEN EXISTS (SELECT FROM pg_extension_update_paths(${name}) WHERE source = (SELECT extversion FROM pg_extension WHERE extname = ${name}) AND target = ${version} AND path IS NOT NULL) ELSE false END))`;
}

/** The extension as it would be, the same object where nothing differs; text says why it cannot be so. */
function wanted(given: Args, now: Extension): Extension | string {
  const { preferred, versions, reachable } = now.offer;
  const asked = given.version !== undefined && given.version !== 'latest' ? given.version : undefined;
  if (asked === undefined && versions.length === 0) return `Extension ${given.ext} is not available`;
  if (asked === undefined && preferred === null)
    return "Passed version 'latest' but no default_version available in extension control file";
  if (given.state === 'absent') return now.version === null ? now : { ...now, version: null, comment: '' };
  const target = asked ?? preferred ?? '';
  // Without a version the one that is there is as good as any.
  const right = now.version !== null && (given.version === undefined || now.version === target);
  if (!right && now.version === null && !versions.includes(target))
    return `${given.version === 'latest' ? 'Latest' : 'Passed'} version '${target}' is not available`;
  if (!right && now.version !== null && !reachable && !(now.version instanceof Unknown)) {
    const installed = `the currently installed version '${now.version}'`;
    return given.version === 'latest'
      ? `Latest version '${target}' has no valid update path from ${installed}`
      : `Passed version '${target}' has no valid update path from ${installed} or the passed version is not available`;
  }
  const comment = given.comment ?? now.comment;
  return right && comment === now.comment ? now : { ...now, version: right ? now.version : target, comment };
}

function changes(given: Args, before: Told<Extension>, after: Told<Extension>): string[] {
  if (before === after || before.kind !== 'told' || after.kind !== 'told') return [];
  const [was, is] = [before.value, after.value];
  const name = sqlName(given.ext);
  const cascade = given.cascade ? ' CASCADE' : '';
  if (is.version === null) return [`DROP EXTENSION ${name}${cascade}`];
  const exact = given.version === undefined || given.version === 'latest' ? '' : sqlText(given.version);
  const comment =
    given.comment === undefined || is.comment === was.comment
      ? []
      : [`COMMENT ON EXTENSION ${name} IS ${sqlText(given.comment)}`];
  if (was.version === null)
    return [
      `CREATE EXTENSION ${name}${given.schema === undefined ? '' : ` WITH SCHEMA ${sqlName(given.schema)}`}${exact === '' ? '' : ` VERSION ${exact}`}${cascade}`,
      ...comment,
    ];
  return [
    ...(is.version === was.version ? [] : [`ALTER EXTENSION ${name} UPDATE${exact === '' ? '' : ` TO ${exact}`}`]),
    ...comment,
  ];
}
