// Modules of PostgreSQL: what they read of a server, what they tell it, and that no secret is a word of a command or in what they say.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync, spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Step } from '../../src/core/step.ts';
import { stepScript } from '../../src/engine/step-script.ts';
import { complaint, parseTold, sqlName, sqlText } from '../../src/modules/postgresql/client.ts';
import { isPassword } from '../../src/modules/postgresql/passwords.ts';
import { postgresql_db } from '../../src/modules/postgresql_db.ts';
import { postgresql_ext } from '../../src/modules/postgresql_ext.ts';
import { postgresql_privs } from '../../src/modules/postgresql_privs.ts';
import { postgresql_user } from '../../src/modules/postgresql_user.ts';
import { basics } from './on-this-machine.ts';
import { answer, checkedArgs, observed, runOnTold, type RanOnTold } from './on-told-server.ts';

type Module = typeof postgresql_db | typeof postgresql_ext | typeof postgresql_user;
/** What one run tells the server, and its result; nothing that is remembered has a password of the server's in it. */
function runOn(module: Module, written: Record<string, unknown>, value: unknown): RanOnTold {
  const told = answer(typeof value === 'string' ? value : `${JSON.stringify(value)}\n`);
  expect(JSON.stringify(observed(module, written, told))).not.toContain('SCRAM');
  return runOnTold(module, written, told, { parted: ';\n', setting: /^SET (client_min|standard)/ });
}

const folder = mkdtempSync(join(tmpdir(), 'vbx-postgresql-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('psql', () => {
  it('gets the login as a file of services and statements on stdin, neither as words nor as environment', () => {
    const log = join(folder, 'log');
    mkdirSync(join(folder, 'bin'));
    writeFileSync(
      join(folder, 'bin/psql'),
      `#!/bin/sh\n{ printf 'word %s\\n' "$@"; env | sed 's/^/env /'; cat /dev/fd/3; echo @@; cat; } >${log}\n`,
    );
    chmodSync(join(folder, 'bin/psql'), 0o755);
    const { steps } = runOn(
      postgresql_user,
      { name: 'bob', password: "it's s3cret", login_password: 'h1dden = #', login_host: 'db', session_role: 'own"er' },
      { version: 150004, expires: null, role: null },
    );
    execFileSync('/bin/sh', ['-c', steps.map((step) => stepScript(step, {}, 'token') ?? '').join('\n')], {
      env: { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` },
    });
    const text = readFileSync(log, 'utf8');
    const told = text
      .split('\n')
      .filter((line) => /^(word|env) /.test(line))
      .join('\n');
    expect(told).not.toMatch(/s3cret|h1dden/);
    expect(told).toContain('env PGSERVICEFILE=/dev/fd/3');
    const [service = '', sql = ''] = text
      .split('\n')
      .filter((line) => !/^(word|env) /.test(line))
      .join('\n')
      .split('@@\n');
    expect(service).toBe(
      '[vbx]\ndbname=postgres\nuser=postgres\nport=5432\nsslmode=prefer\nhost=db\npassword=h1dden = #\n',
    );
    expect(sql).toBe(
      'SET client_min_messages = \'error\';\nSET standard_conforming_strings = on;\nSET ROLE "own""er";\nBEGIN;\nCREATE USER "bob" WITH ENCRYPTED PASSWORD \'it\'\'s s3cret\';\nCOMMIT;\n',
    );
  });
  it.each([
    [{}, undefined],
    [{ login_host: 'db' }, 'db'],
    [{ login_host: 'localhost' }, 'localhost'],
    [{ login_unix_socket: '/run/p' }, '/run/p'],
    [{ login_host: 'localhost', login_unix_socket: '/run/p' }, '/run/p'],
    [{ login_host: 'db', login_unix_socket: '/run/p' }, 'db'],
  ])('goes to %j', (written, host) => {
    const { steps } = runOn(
      postgresql_user,
      { name: 'bob', ...written },
      { version: 150004, expires: null, role: null },
    );
    expect(/^host=(.*)$/m.exec(steps.map((step) => (step.kind === 'script' ? step.script : '')).join(''))?.[1]).toBe(
      host,
    );
  });
  it('is missed, refused or heard', () => {
    expect(parseTold(answer('@@missing\n'))).toEqual({ kind: 'missing' });
    expect(
      parseTold(
        answer(
          '@@refused\n',
          'could not change directory to "/root": Permission denied\npsql: error: connection to server on socket "/s" failed: FATAL:  role "x" does not exist\n',
        ),
      ),
    ).toEqual({
      kind: 'refused',
      message: 'connection to server on socket "/s" failed: FATAL:  role "x" does not exist',
    });
    expect(parseTold(answer('{"a": 1}\n'))).toEqual({ kind: 'told', value: { a: 1 } });
    expect(
      complaint(
        'psql:<stdin>:3: ERROR:  syntax error at or near "x"\nLINE 1: CREATE USER x PASSWORD \'s\'\n        ^\n',
      ),
    ).toBe('syntax error at or near "x"');
    expect([sqlText("a'b\\"), sqlName('a"b')]).toEqual(["'a''b\\'", '"a""b"']);
  });
});

describe('postgresql_db', () => {
  const shop = {
    owner: 'bob',
    encoding: 'UTF8',
    lc_collate: 'C',
    lc_ctype: 'C',
    icu_locale: null,
    locale_provider: 'libc',
    conn_limit: -1,
    tablespace: 'pg_default',
    comment: '',
  };
  const on = (
    written: Record<string, unknown>,
    databases: Record<string, unknown> = { shop },
    more: Record<string, unknown> = {},
  ) => runOn(postgresql_db, { name: 'shop', ...written }, { version: 150004, encoding: 'UTF8', databases, ...more });
  it.each<[string, Record<string, unknown>, Record<string, unknown>, string[]]>([
    [
      'makes one',
      { owner: 'bob', encoding: 'utf-8', template: 'template0', lc_collate: 'C', conn_limit: '5', comment: "it's" },
      {},
      [
        'CREATE DATABASE "shop" OWNER "bob" TEMPLATE "template0" ENCODING \'utf-8\' LC_COLLATE \'C\' CONNECTION LIMIT 5',
        "COMMENT ON DATABASE \"shop\" IS 'it''s'",
      ],
    ],
    [
      'leaves one alone',
      { owner: 'bob', encoding: 'utf-8', lc_ctype: 'C', conn_limit: '-1', tablespace: 'pg_default', comment: '' },
      { shop },
      [],
    ],
    [
      'changes what can be changed',
      { owner: 'al', conn_limit: '3', tablespace: 'fast', comment: 'x' },
      { shop },
      [
        'ALTER DATABASE "shop" OWNER TO "al"',
        'ALTER DATABASE "shop" CONNECTION LIMIT 3',
        'ALTER DATABASE "shop" SET TABLESPACE "fast"',
        'COMMENT ON DATABASE "shop" IS \'x\'',
      ],
    ],
    ['removes one', { state: 'absent', force: true }, { shop }, ['DROP DATABASE "shop" WITH (FORCE)']],
    ['removes none', { state: 'absent' }, {}, []],
    ['renames', { state: 'rename', target: 'store' }, { shop }, ['ALTER DATABASE "shop" RENAME TO "store"']],
    ['has renamed', { state: 'rename', target: 'store' }, { store: shop }, []],
  ])('%s', (_, written, databases, sql) => {
    const ran = on(written, databases);
    expect([ran.failed, ran.sql, ran.result['executed_commands']]).toEqual([undefined, sql, sql]);
  });
  it('ends connections by hand on an old server', () => {
    expect(
      on({ state: 'absent', force: true }, { shop }, { version: 120000 }).sql.map((sql) => sql.split(' ')[0]),
    ).toEqual(['UPDATE', 'SELECT', 'DROP']);
  });
  it.each([
    [
      { encoding: 'LATIN1' },
      { encoding: 'LATIN1' },
      'Changing database encoding is not supported. Current encoding: UTF8',
    ],
    [{ lc_collate: 'de_CH.utf8' }, {}, 'Changing LC_COLLATE is not supported. Current LC_COLLATE: C'],
    [{ icu_locale: 'de' }, {}, 'Changing ICU_LOCALE is not supported.Current ICU_LOCALE: None'],
    [{ state: 'rename', target: 'gone', name: 'away' }, {}, 'The source and the target databases do not exist.'],
  ])('fails where it cannot be: %j', (written, more, message) => {
    expect(on(written, { shop }, more).failed).toBe(message);
  });
  it.each([
    [{ state: 'dump', target: '/b/shop.sql' }, 'pg_dump  > /b/shop.sql'],
    [{ state: 'dump', target: '/b/shop.pgc', dump_extra_args: '-T x' }, 'pg_dump --format=c -T x > /b/shop.pgc'],
    [{ state: 'dump', target: '/b/shop.dir' }, 'pg_dump --format=d -f /b/shop.dir'],
    [{ state: 'dump', target: '/b/shop.sql.gz' }, 'pg_dump  | gzip > /b/shop.sql.gz'],
    [{ state: 'restore', target: '/b/shop.tar' }, 'pg_restore --dbname=shop --format=t /b/shop.tar'],
    [{ state: 'restore', target: '/b/shop.sql.xz' }, 'xz -dc /b/shop.sql.xz | psql'],
    [{ state: 'dump', target: '/b/a | b.sql' }, "pg_dump  > '/b/a | b.sql'"],
  ])('moves a database: %j', (written, text) => {
    const given = checkedArgs(postgresql_db, { name: 'shop', ...written });
    const before = {
      databases: { kind: 'told', value: { version: 150004, encoding: null, databases: { shop } } },
    } as never;
    const plan = postgresql_db.plan(given, before, basics);
    const effects = 'after' in plan ? (plan.effects ?? []) : [];
    const steps = postgresql_db.apply(given, { before, after: before, effects }, basics);
    const done = steps.map((step) => ({ step, rc: 0, stdout: '', stderr: '', start: 0, end: 0 }));
    expect(postgresql_db.result?.(given, { before, after: before, effects }, done, basics)['cmd']).toBe(text);
    expect(
      execFileSync('/bin/sh', [
        '-n',
        '-c',
        steps.map((step) => stepScript(step, {}, 'token') ?? '').join('\n'),
      ]).toString(),
    ).toBe('');
  });
});

describe('postgresql_user', () => {
  /** What PostgreSQL 15 made of "pencil". */
  const SCRAM =
    'SCRAM-SHA-256$4096:yI/J/lfJYborBKS6MFsRHg==$Se1ri3vGFynJQa/84c/qxCY/RiACQHrKwmUGl+kP/Hk=:ujVBn1LMZflPdKnMte0k7Yr0wvP3FPVqBarW2jxTWXM=';
  const attributes = {
    SUPERUSER: false,
    CREATEROLE: false,
    CREATEDB: false,
    INHERIT: true,
    LOGIN: true,
    REPLICATION: false,
    BYPASSRLS: false,
  };
  const bob = { attributes, password: null, conn_limit: -1, valid_until: null, comment: '', configuration: null };
  const on = (written: Record<string, unknown>, role: unknown = bob, more: Record<string, unknown> = {}) =>
    runOn(postgresql_user, { name: 'bob', ...written }, { version: 150004, expires: null, role, ...more });
  const plain = (sql: readonly string[]): string[] => sql.filter((one) => one !== 'BEGIN' && one !== 'COMMIT');
  it.each<[string, Record<string, unknown>, unknown, string[]]>([
    [
      'makes one',
      { role_attr_flags: 'createdb,NOINHERIT', conn_limit: 3 },
      null,
      ['CREATE USER "bob" CONNECTION LIMIT 3 CREATEDB NOINHERIT'],
    ],
    ['leaves one alone', { role_attr_flags: 'NOSUPERUSER,LOGIN', conn_limit: -1, comment: '' }, bob, []],
    ['changes flags', { role_attr_flags: 'SUPERUSER' }, bob, ['ALTER USER "bob" WITH SUPERUSER']],
    ['takes a password away', { password: '' }, { ...bob, password: 'md5x' }, ['ALTER USER "bob" WITH PASSWORD NULL']],
    ['has none to take away', { password: '' }, bob, []],
    [
      'gives a password',
      { password: 'p', encrypted: false },
      bob,
      ['ALTER USER "bob" WITH UNENCRYPTED PASSWORD \'p\''],
    ],
    ['knows a password by its MD5', { password: 'p' }, { ...bob, password: 'md572111e3a0ac317434df5712fb7e8cb70' }, []],
    [
      'knows it under a name in quotes',
      { name: '"bob"', password: 'p' },
      { ...bob, password: 'md572111e3a0ac317434df5712fb7e8cb70' },
      [],
    ],
    [
      'looks at flags alone',
      { password: 'p', no_password_changes: true, role_attr_flags: 'CREATEDB' },
      bob,
      ['ALTER USER "bob" WITH CREATEDB'],
    ],
    [
      'sets and takes back settings',
      { configuration: { work_mem: '8MB' }, reset_unspecified_configuration: true },
      { ...bob, configuration: ['work_mem=4MB', 'search_path=a, b'] },
      ['ALTER ROLE "bob" RESET "search_path"', 'ALTER ROLE "bob" SET "work_mem" TO \'8MB\''],
    ],
    ['comments', { comment: "a 'b'" }, bob, ["COMMENT ON ROLE \"bob\" IS 'a ''b'''"]],
    ['removes one', { state: 'absent' }, bob, ['DROP USER "bob"']],
    ['removes none', { state: 'absent' }, null, []],
  ])('%s', (_, written, role, sql) => {
    const ran = on(written, role);
    expect([ran.failed, plain(ran.sql)]).toEqual([undefined, sql]);
  });
  it('compares dates as the server writes them', () => {
    expect(plain(on({ expires: '2030-01-01' }, bob, { expires: '2030-01-01 00:00:00+01' }).sql)).toEqual([
      'ALTER USER "bob" VALID UNTIL \'2030-01-01\'',
    ]);
    expect(
      on(
        { expires: '2030-01-01' },
        { ...bob, valid_until: '2030-01-01 00:00:00+01' },
        { expires: '2030-01-01 00:00:00+01' },
      ).sql,
    ).toEqual([]);
  });
  it('always sets a password where it cannot read what there is', () => {
    const { password: _password, ...unreadable } = bob;
    const given = checkedArgs(postgresql_user, { name: 'bob', password: 'p' });
    const before = {
      roles: {
        kind: 'told',
        value: { version: 150004, expires: null, role: { ...unreadable, password: 'unreadable', configuration: {} } },
      },
    } as never;
    const plan = postgresql_user.plan(given, before, basics);
    expect('after' in plan && plan.after?.roles).toMatchObject({ value: { role: { password: 'wanted' } } });
  });
  it('tells what it did without the password', () => {
    expect(on({ password: 's3cret' }).result).toEqual({
      user: 'bob',
      queries: ['ALTER USER "bob" WITH ENCRYPTED PASSWORD %(password)s'],
    });
    expect(on({ state: 'absent' }).result).toEqual({ user: 'bob', queries: ['DROP USER "bob"'], user_removed: true });
  });
  it('knows passwords by their hashes', () => {
    expect([
      isPassword(SCRAM, 'pencil', 'bob', false),
      isPassword(SCRAM, 'pen', 'bob', false),
      isPassword(SCRAM, SCRAM, 'bob', false),
    ]).toEqual([true, false, true]);
    expect([
      isPassword('md572111e3a0ac317434df5712fb7e8cb70', 'p', 'bob', false),
      isPassword('md572111e3a0ac317434df5712fb7e8cb70', 'p', 'al', false),
      isPassword('p', 'p', 'bob', true),
    ]).toEqual([true, false, true]);
  });
  it('leaves a password alone that is the one', () => {
    expect(on({ password: 'pencil' }, { ...bob, password: SCRAM }).sql).toEqual([]);
    expect(plain(on({ password: 'pen' }, { ...bob, password: SCRAM }).sql)).toEqual([
      'ALTER USER "bob" WITH ENCRYPTED PASSWORD \'pen\'',
    ]);
  });
  it('refuses input that is not trusted and looks like statements', () => {
    expect(() =>
      checkedArgs(postgresql_user, { name: 'x UNION select', configuration: { a: "'--" }, trust_input: false }),
    ).toThrow("Passed input 'x UNION select, '--' is potentially dangerous");
    expect(checkedArgs(postgresql_user, { name: 'union; select' })).toMatchObject({ name: 'union; select' });
  });
  it('refuses flags that there are not', () => {
    expect(() => checkedArgs(postgresql_user, { name: 'bob', role_attr_flags: 'LOGIN,FLY' })).toThrow(
      'Invalid role_attr_flags specified: FLY',
    );
  });
});

describe('postgresql_ext', () => {
  const offer = { preferred: '1.8', versions: ['1.7', '1.8'], reachable: true };
  const on = (written: Record<string, unknown>, version: string | null, more: Record<string, unknown> = {}) =>
    runOn(postgresql_ext, { name: 'hstore', db: 'shop', ...written }, { version, comment: '', offer, ...more });
  it.each<[string, Record<string, unknown>, string | null, string[], Record<string, unknown>]>([
    [
      'adds one',
      { schema: 'public', cascade: true, comment: "it's" },
      null,
      ['CREATE EXTENSION "hstore" WITH SCHEMA "public" CASCADE', "COMMENT ON EXTENSION \"hstore\" IS 'it''s'"],
      { prev_version: '', version: '1.8' },
    ],
    ['leaves an older one alone where no version is asked for', {}, '1.7', [], { prev_version: '1.7', version: '1.7' }],
    [
      'brings one up to date',
      { version: 'latest' },
      '1.7',
      ['ALTER EXTENSION "hstore" UPDATE'],
      { prev_version: '1.7', version: '1.8' },
    ],
    ['adds a version', { version: '1.7' }, null, ['CREATE EXTENSION "hstore" VERSION \'1.7\''], { version: '1.7' }],
    [
      'removes one',
      { state: 'absent', cascade: true },
      '1.8',
      ['DROP EXTENSION "hstore" CASCADE'],
      { prev_version: '1.8', version: '' },
    ],
    ['removes none', { state: 'absent' }, null, [], {}],
  ])('%s', (_, written, version, sql, result) => {
    const ran = on(written, version);
    expect([ran.failed, ran.sql, ran.result['queries']]).toEqual([undefined, sql, sql]);
    expect(ran.result).toMatchObject(result);
  });
  it.each([
    [{}, null, { offer: { preferred: null, versions: [], reachable: false } }, 'Extension hstore is not available'],
    [{ version: '9' }, null, {}, "Passed version '9' is not available"],
    [
      { version: '1.7' },
      '1.8',
      { offer: { ...offer, reachable: false } },
      "Passed version '1.7' has no valid update path from the currently installed version '1.8' or the passed version is not available",
    ],
  ])('fails where it cannot be: %j on %s', (written, version, more, message) => {
    expect(on(written, version, more).failed).toBe(message);
  });
});

describe('postgresql_privs', () => {
  const given = (written: Record<string, unknown>) =>
    checkedArgs(postgresql_privs, { db: 'shop', roles: 'rd', ...written });
  const tell = (written: Record<string, unknown>, stdout: string, rc = 0, stderr = '') =>
    postgresql_privs.parse(
      given(written),
      [{ step: { kind: 'script', script: '' }, rc, stdout, stderr, start: 0, end: 0 }],
      {} as never,
    );
  it.each<[Record<string, unknown>, string]>([
    [{ objs: 'a,b', privs: 'select,INSERT' }, 'GRANT SELECT,INSERT ON table "public"."a","public"."b" TO "rd";'],
    [
      { objs: 'ALL_IN_SCHEMA', privs: 'ALL', schema: 'sc', grant_option: true, roles: 'rd,public' },
      'GRANT ALL ON ALL TABLES IN SCHEMA "sc" TO "rd",PUBLIC WITH GRANT OPTION;',
    ],
    [
      { type: 'database', privs: 'CONNECT', grant_option: false },
      'GRANT CONNECT ON database "shop" TO "rd";\nREVOKE GRANT OPTION FOR CONNECT ON database "shop" FROM "rd";',
    ],
    [
      { type: 'function', objs: 'f(int:text)', privs: 'EXECUTE', state: 'absent' },
      'REVOKE EXECUTE ON function "public"."f"(int,text) FROM "rd";',
    ],
    [{ type: 'group', objs: 'grp', grant_option: true }, 'GRANT "grp" TO "rd" WITH ADMIN OPTION;'],
    [
      { type: 'parameter', objs: 'work_mem', privs: 'ALTER_SYSTEM' },
      'GRANT ALTER SYSTEM ON parameter "work_mem" TO "rd";',
    ],
    [
      { type: 'default_privs', objs: 'TABLES', privs: 'SELECT', target_roles: 'own' },
      'ALTER DEFAULT PRIVILEGES FOR ROLE "own" IN SCHEMA "public" REVOKE ALL ON TABLES FROM "rd";\nALTER DEFAULT PRIVILEGES FOR ROLE "own" IN SCHEMA "public" GRANT SELECT ON TABLES TO "rd";',
    ],
    [
      { type: 'default_privs', objs: 'ALL_DEFAULT', privs: 'ALL', schema: 'not-specified', state: 'absent' },
      ['TABLES', 'FUNCTIONS', 'SEQUENCES', 'TYPES']
        .map((kind) => `ALTER DEFAULT PRIVILEGES REVOKE ALL ON ${kind} FROM "rd";`)
        .join('\n'),
    ],
  ])('says %j', (written, sql) => {
    expect(tell(written, '@@connected\n@@changed\n')).toEqual({ changed: true, queries: [sql] });
    expect(tell(written, '@@connected\n').changed).toBe(false);
  });
  it('keeps its transaction where something changed, and takes it back in a dry run', () => {
    const script = (checkMode: boolean): string =>
      postgresql_privs
        .steps(given({ objs: 'a', privs: 'SELECT' }), {} as never, basics, {
          host: 'h',
          playbookDir: '/',
          environment: {},
          checkMode,
        } as never)
        .map((step) => stepScript(step, {}, 'token') ?? '')
        .join('\n');
    expect(script(false)).toContain('COMMIT;');
    expect(script(true)).not.toContain('COMMIT;');
    expect(execFileSync('/bin/sh', ['-n', '-c', script(false)]).toString()).toBe('');
  });
  it('says so where there is no psql', () => {
    const script = postgresql_privs
      .steps(given({ objs: 'a', privs: 'SELECT' }), {} as never, basics, {
        host: 'h',
        playbookDir: '/',
        environment: {},
        checkMode: false,
      } as never)
      .map((step) => stepScript(step, {}, 'token') ?? '')
      .join('\n');
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', script], {
      env: { PATH: '/nowhere' },
      encoding: 'utf8',
    });
    expect(tell({ objs: 'a', privs: 'SELECT' }, stdout, status ?? 1, stderr)).toEqual({
      failed: true,
      changed: false,
      msg: 'psql, the client of PostgreSQL, is not on this host',
    });
  });
  it('tells of roles that are not there, and of what the server refuses', () => {
    const written = { objs: 'a', privs: 'SELECT', roles: 'x,rd' };
    expect(tell(written, '@@connected\n@@absent x\n')).toEqual({
      failed: true,
      changed: false,
      msg: "Role 'x' does not exist",
    });
    expect(tell({ ...written, fail_on_role: false }, '@@connected\n@@absent x\n@@changed\n')).toEqual({
      changed: true,
      queries: ['GRANT SELECT ON table "public"."a" TO "rd";'],
      warnings: ["Role 'x' does not exist, pass it"],
    });
    expect(tell({ ...written, fail_on_role: false }, '@@connected\n@@absent x\n@@absent rd\n')).toMatchObject({
      changed: false,
      queries: [],
      warnings: [expect.anything(), expect.anything(), 'No valid roles provided, nothing to do'],
    });
    expect(tell(written, '@@connected\n', 3, 'psql:<stdin>:9: ERROR:  relation "a" does not exist\n')['msg']).toBe(
      'Cannot execute SQL \'GRANT SELECT ON table "public"."a" TO "x","rd";\': relation "a" does not exist',
    );
    expect(tell(written, '', 2, 'psql: error: connection failed\n')['msg']).toBe(
      'unable to connect to database: connection failed',
    );
  });
  it.each([
    [{ type: 'schema', objs: 's', privs: 'USAGE', schema: 'x' }, 'Argument "schema" is not allowed'],
    [{ type: 'schema', objs: 'ALL_IN_SCHEMA', privs: 'USAGE' }, 'ALL_IN_SCHEMA can be used only for'],
    [{ privs: 'SELECT' }, 'Argument "objs" is required'],
    [{ objs: 'a' }, 'Argument "privs" is required'],
    [{ type: 'group', objs: 'a', privs: 'ALL' }, 'Argument "privs" is not allowed'],
    [{ objs: 'a', privs: 'FLY' }, 'Invalid privileges specified: FLY'],
    [{ type: 'default_privs', objs: 'ROOMS', privs: 'ALL' }, 'Invalid Object set specified: ROOMS'],
    [{ type: 'default_privs', objs: 'TABLES,TYPES', privs: 'SELECT' }, 'Valid object for priv: TABLES'],
    [{ type: 'function', objs: 'f', privs: 'EXECUTE' }, 'Illegal function'],
    [{ type: 'function', objs: 'f(int); DROP TABLE t; --)', privs: 'EXECUTE' }, 'Illegal function'],
    [{ type: 'procedure', objs: 'f(int,g(text) TO x)', privs: 'EXECUTE' }, 'Illegal function'],
    [{ type: 'function', objs: 'f(a")', privs: 'EXECUTE' }, 'Illegal function'],
    [
      { objs: 't', privs: 'SELECT', trust_input: false, roles: "a'; --,b", schema: 'x;drop' },
      "Passed input 'a'; --,b, x;drop' is potentially dangerous",
    ],
  ])('refuses %j', (written, message) => {
    expect(() => given(written)).toThrow(message);
  });
});
