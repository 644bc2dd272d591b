// Modules of MySQL: what they read of a server, what they tell it, and that no secret is a word of a command. A client of the test's own stands for the server's.
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../src/core/probe.ts';
import type { Step } from '../../src/core/step.ts';
import { stepScript } from '../../src/engine/step-script.ts';
import { nativeHash, parseAccounts } from '../../src/modules/mysql/accounts.ts';
import { clientScript, complaint, since, serverOf, sqlStep, sqlText } from '../../src/modules/mysql/client.ts';
import {
  privilegeChanges,
  privilegeStatements,
  shownPrivileges,
  writtenPrivileges,
} from '../../src/modules/mysql/privileges.ts';
import { mysql_db } from '../../src/modules/mysql_db.ts';
import { mysql_info } from '../../src/modules/mysql_info.ts';
import { mysql_variables } from '../../src/modules/mysql_variables.ts';
import { mysql_user } from '../../src/modules/mysql_user.ts';
import { basics } from './on-this-machine.ts';
import { answer, checkedArgs, observed, runOnTold, type RanOnTold } from './on-told-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbx-mysql-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Module = typeof mysql_db | typeof mysql_info | typeof mysql_user | typeof mysql_variables;
/** What one run tells the server, and its result. */
const runOn = (module: Module, written: Record<string, unknown>, told: Answer): RanOnTold =>
  runOnTold(module, written, told, { parted: '\n', setting: /^SET SESSION sql_mode/ });

describe('the client', () => {
  const secret = `it's "s\\ecret# $HOME`;
  const tool = join(folder, 'bin');
  const log = join(folder, 'log');
  execFileSync('mkdir', ['-p', tool, join(folder, 'home')]);
  writeFileSync(
    join(tool, 'mariadb'),
    `#!/bin/sh\n{ printf 'word %s\\n' "$@"; env | sed 's/^/env /'; cat /dev/fd/3; echo @@; cat; } >${log}\n`,
  );
  chmodSync(join(tool, 'mariadb'), 0o755);
  writeFileSync(
    join(folder, 'home/.my.cnf'),
    '[mysqld]\nuser=mysql\n[client]\nuser=other\npassword=kept\n[mysql]\ntable\n',
  );
  const spoken = (written: Record<string, unknown>): { words: string; options: string; sql: string } => {
    const step = sqlStep(checkedArgs(mysql_db, { name: 'x', ...written }), join(folder, 'home'), ['DO 1']);
    execFileSync('/bin/sh', ['-c', stepScript(step, {}, 'token') ?? ''], { env: { PATH: `${tool}:/usr/bin:/bin` } });
    const text = readFileSync(log, 'utf8');
    const all = text.split('\n');
    const told = (line: string): boolean => line.startsWith('word ') || line.startsWith('env ');
    const [options = '', sql = ''] = all
      .filter((line) => !told(line))
      .join('\n')
      .split('@@\n');
    return { words: all.filter(told).join('\n'), options, sql };
  };
  it('gets the login as a file of options and statements on stdin, neither as words nor as environment', () => {
    const { words, options, sql } = spoken({
      login_user: 'me',
      login_password: secret,
      login_host: 'db',
      login_port: 3307,
    });
    expect(words).toContain('word --defaults-file=/dev/fd/3');
    expect(words).not.toContain('ecret');
    expect(words).not.toContain('DO 1');
    expect(sql).toBe("SET SESSION sql_mode = '';\nDO 1;\n");
    expect(options).toBe(
      '[client]\nuser=other\npassword=kept\n\n[client]\nhost="db"\nport="3307"\nprotocol="tcp"\nuser="me"\npassword="it\'s \\"s\\\\ecret# $HOME"\n',
    );
  });
  it('takes the section [client] of the file of options, unless there is to be none', () => {
    expect(spoken({}).options).toBe('[client]\nuser=other\npassword=kept\n\n[client]\nhost="localhost"\nport="3306"\n');
    expect(spoken({ config_file: '', login_unix_socket: '/run/s' }).options).toBe('[client]\nsocket="/run/s"\n');
    expect(spoken({ config_overrides_defaults: true }).options).toContain('user=other');
  });
  it('tries root without a password first where it is asked to', () => {
    // This client takes every login.
    expect(spoken({ check_implicit_admin: true, login_user: 'me', login_password: secret }).options).toContain(
      'user="root"\npassword=""\n',
    );
  });
  it('says that it is not there', () => {
    const script = clientScript(checkedArgs(mysql_db, { name: 'x' }), folder, 'observe')
      .replaceAll('mariadb', 'no-mariadb')
      .replaceAll('command -v mysql', 'command -v no-mysql');
    expect(execFileSync('/bin/sh', ['-c', script]).toString()).toBe('@@missing\n');
  });
  it('quotes text, reads versions and leaves statements and hashes out of complaints', () => {
    expect(sqlText("a'b\\c\n")).toBe("'a\\'b\\\\c\\n'");
    expect([
      since(serverOf('10.11.6-MariaDB'), 10, 2),
      since(serverOf('5.5.5-10.1.2-MariaDB'), 10, 2),
      since(serverOf('8.0.30'), 5, 7),
      since(serverOf('5.6.1'), 5, 7),
    ]).toEqual([true, false, true, false]);
    expect(complaint(`--------------\nCREATE USER x BY 'y'\n--------------\n\nERROR 1 at ${nativeHash('y')}\n`)).toBe(
      'ERROR 1 at ********',
    );
  });
});

describe('mysql_db', () => {
  const server = (...found: readonly number[]): Answer =>
    answer(`10.11.6-MariaDB\n${found.map((at) => `${at}\n`).join('')}`);
  it('makes what is not there, once', () => {
    expect(
      runOn(mysql_db, { name: ['a', 'b`c'], encoding: 'utf8', collation: 'utf8_general_ci' }, server(0)),
    ).toMatchObject({
      sql: ["CREATE DATABASE `b``c` CHARACTER SET 'utf8' COLLATE 'utf8_general_ci';"],
      result: {
        db: 'a b`c',
        db_list: ['a', 'b`c'],
        executed_commands: ["CREATE DATABASE `b``c` CHARACTER SET 'utf8' COLLATE 'utf8_general_ci'"],
      },
    });
    expect(runOn(mysql_db, { name: 'a' }, server(0))).toMatchObject({
      changed: false,
      result: { executed_commands: [] },
    });
  });
  it('removes what is there', () => {
    expect(runOn(mysql_db, { name: 'a,b', state: 'absent', sql_log_bin: false }, server(1)).sql).toEqual([
      'SET SQL_LOG_BIN = 0;',
      'DROP DATABASE `b`;',
    ]);
    expect(runOn(mysql_db, { name: 'test', state: 'absent' }, server()).changed).toBe(false);
  });
  it('dumps, and imports into a new database', () => {
    expect(
      runOn(
        mysql_db,
        { name: 'a', state: 'dump', target: '/d.sql.gz', ignore_tables: 'a.t', single_transaction: true },
        server(0),
      ).result,
    ).toMatchObject({
      executed_commands: ['mariadb-dump a --single-transaction=true --quick --ignore-table=a.t | gzip > /d.sql.gz'],
    });
    expect(runOn(mysql_db, { name: 'a', state: 'dump', target: '/d.sql' }, server()).failed).toBe(
      "Cannot dump database(s) 'a' - not found",
    );
    const imported = runOn(mysql_db, { name: 'a', state: 'import', target: '/d.sql' }, server());
    expect(imported.steps).toHaveLength(2);
    expect(imported.sql).toEqual(['CREATE DATABASE `a`;']);
    expect(runOn(mysql_db, { name: 'all', state: 'import', target: '/d.sql' }, server()).steps).toHaveLength(1);
  });
  it('fails of either side of a pipe', () => {
    const step = runOn(mysql_db, { name: 'a', state: 'dump', target: join(folder, 'd.gz') }, server(0))
      .steps[0] as Step;
    writeFileSync(join(folder, 'bin/mariadb-dump'), '#!/bin/sh\necho half; exit 3\n', { mode: 0o755 });
    expect(() =>
      execFileSync('/bin/sh', ['-c', stepScript(step, {}, 'token') ?? ''], {
        env: { PATH: `${folder}/bin:/usr/bin:/bin` },
      }),
    ).toThrow();
    writeFileSync(join(folder, 'bin/mariadb-dump'), '#!/bin/sh\necho whole\n', { mode: 0o755 });
    execFileSync('/bin/sh', ['-c', stepScript(step, {}, 'token') ?? ''], {
      env: { PATH: `${folder}/bin:/usr/bin:/bin` },
    });
    expect(execFileSync('gzip', ['-dc', join(folder, 'd.gz')]).toString()).toBe('whole\n');
    // One that fails leaves the dump of before, with its mode, and nothing beside it.
    chmodSync(join(folder, 'd.gz'), 0o640);
    writeFileSync(join(folder, 'bin/mariadb-dump'), '#!/bin/sh\necho half; exit 3\n', { mode: 0o755 });
    expect(() =>
      execFileSync('/bin/sh', ['-c', stepScript(step, {}, 'token') ?? ''], {
        env: { PATH: `${folder}/bin:/usr/bin:/bin` },
      }),
    ).toThrow();
    expect([
      execFileSync('gzip', ['-dc', join(folder, 'd.gz')]).toString(),
      statSync(join(folder, 'd.gz')).mode & 0o777,
      readdirSync(folder).filter((name) => name.startsWith('d.gz')),
    ]).toEqual(['whole\n', 0o640, ['d.gz']]);
  });
  it('says what keeps it out', () => {
    expect(runOn(mysql_db, { name: 'a' }, answer('@@missing\n')).failed).toContain('neither mariadb nor mysql');
    expect(runOn(mysql_db, { name: 'a' }, answer('@@refused\n', 'ERROR 1045 (28000): Access denied')).failed).toBe(
      'unable to find ~/.my.cnf. Exception message: ERROR 1045 (28000): Access denied',
    );
    expect(runOn(mysql_db, { name: 'a' }, answer('@@configured\n@@refused\n', 'ERROR 1045')).failed).toContain(
      'unable to connect to database, check login_user',
    );
  });
  it.each<[Record<string, unknown>, string]>([
    [{ name: 'all' }, "name is not allowed to equal 'all'"],
    [{ name: 'a', state: 'dump' }, 'with state=dump target is required'],
    [{ name: 'a,b', state: 'import', target: '/x' }, 'Multiple databases'],
    [{ name: 'a', check_hostname: true }, 'check_hostname'],
  ])('refuses %j', (written, message) => {
    expect(() => checkedArgs(mysql_db, written)).toThrow(message);
  });
});

describe('mysql_user', () => {
  const COLUMNS = [
    'Host',
    'User',
    'Password',
    'ssl_type',
    'ssl_cipher',
    'x509_issuer',
    'x509_subject',
    'max_questions',
    'plugin',
    'authentication_string',
    'is_role',
  ];
  const row = (host: string, more: Partial<Record<string, string>> = {}): string =>
    COLUMNS.map(
      (name) =>
        ({ Host: host, User: 'bob', max_questions: '0', plugin: 'mysql_native_password', is_role: 'N', ...more })[
          name
        ] ?? '',
    ).join('\t');
  const server = (
    hosts: readonly (readonly [host: string, grants: readonly string[], more?: Partial<Record<string, string>>])[],
    version = '10.11.6-MariaDB',
  ): Answer =>
    answer(
      `vbx_version\n${version}\n${hosts.length === 0 ? '' : `${COLUMNS.join('\t')}\n${hosts.map(([host, , more]) => `${row(host, more)}\n`).join('')}`}@@grants\n${hosts.map(([host, grants]) => `vbx_host\n${Buffer.from(host).toString('hex')}\nGrants for bob@${host}\n${grants.map((line) => `${line}\n`).join('')}`).join('')}`,
    );
  const hash = nativeHash('pw');
  const usage = "GRANT USAGE ON *.* TO `bob`@`localhost` IDENTIFIED BY PASSWORD '*00'";

  it("makes an account with the hash of its password, which is the server's own", () => {
    expect(nativeHash('123456')).toBe('*6BB4837EB74329105EE4568DDA7DC67ED2CA2AD9');
    const ran = runOn(mysql_user, { name: 'bob', password: 'pw', priv: 'db.*:SELECT, INSERT/*.*:USAGE' }, server([]));
    expect(ran.sql).toEqual([
      `CREATE USER 'bob'@'localhost' IDENTIFIED WITH mysql_native_password AS '${hash}';`,
      "GRANT INSERT, SELECT ON `db`.* TO 'bob'@'localhost';",
    ]);
    expect(ran.result).toEqual({ user: 'bob', msg: 'User added', password_changed: true, attributes: null });
    expect(runOn(mysql_user, { name: 'bob', password: hash, encrypted: true }, server([], '5.6.4')).sql).toEqual([
      `CREATE USER 'bob'@'localhost' IDENTIFIED BY PASSWORD '${hash}';`,
    ]);
    expect(
      ran.steps.every((step) => step.kind === 'script' && step.secret === true && !step.script.includes(hash)),
    ).toBe(true);
  });
  it('changes a password that is another, where it may', () => {
    const there = (stored: string): Answer =>
      server([['localhost', [usage], { Password: stored, authentication_string: stored }]]);
    expect(runOn(mysql_user, { name: 'bob', password: 'pw' }, there(hash))).toMatchObject({
      changed: false,
      result: { msg: 'User unchanged', password_changed: false },
    });
    expect(runOn(mysql_user, { name: 'bob', password: 'pw' }, there(nativeHash('old')))).toMatchObject({
      sql: [`ALTER USER 'bob'@'localhost' IDENTIFIED WITH mysql_native_password AS '${hash}';`],
      result: { msg: 'Password updated (new style)', password_changed: true },
    });
    expect(
      runOn(mysql_user, { name: 'bob', password: 'pw', update_password: 'on_create' }, there(nativeHash('old')))
        .changed,
    ).toBe(false);
    expect(JSON.stringify(observed(mysql_user, { name: 'bob' }, there(hash)))).not.toContain(hash);
  });
  it('gives a new account the one way in that the others of its name have', () => {
    const one = runOn(
      mysql_user,
      { name: 'bob', host: '%', password: 'pw', update_password: 'on_new_username' },
      server([['localhost', [usage], { authentication_string: 'h1' }]]),
    );
    expect(
      one.steps.map((step) => (step.kind === 'script' ? step.script.includes('SELECT DISTINCT CONCAT') : false)),
    ).toEqual([true]);
    expect(one.result).toMatchObject({ password_changed: false });
    const two = runOn(
      mysql_user,
      { name: 'bob', host: '%', password: 'pw', update_password: 'on_new_username' },
      server([
        ['localhost', [usage], { authentication_string: 'h1' }],
        ['10.%', [usage], { authentication_string: 'h2' }],
      ]),
    );
    expect(two.sql).toEqual([`CREATE USER 'bob'@'%' IDENTIFIED WITH mysql_native_password AS '${hash}';`]);
  });
  it('removes the account, or all of that name', () => {
    const both = server([
      ['localhost', [usage]],
      ['%', []],
    ]);
    expect(runOn(mysql_user, { name: 'bob', host: 'LOCALHOST', state: 'absent' }, both).sql).toEqual([
      "DROP USER 'bob'@'localhost';",
    ]);
    expect(runOn(mysql_user, { name: 'bob', host_all: true, state: 'absent' }, both)).toMatchObject({
      sql: ["DROP USER 'bob'@'localhost';", "DROP USER 'bob'@'%';"],
      result: { msg: 'User deleted' },
    });
    expect(runOn(mysql_user, { name: '', host: 'x', state: 'absent' }, server([]))).toMatchObject({
      changed: false,
      result: { msg: "User doesn't exist" },
    });
    expect(runOn(mysql_user, { name: 'bob', host_all: true }, server([])).failed).toContain('host_all');
  });
  it('replaces, adds and takes away privileges', () => {
    const there = server([
      [
        'localhost',
        [
          usage,
          'GRANT SELECT, INSERT ON `db`.* TO `bob`@`localhost` WITH GRANT OPTION',
          'GRANT ALL PRIVILEGES ON `other`.* TO `bob`@`localhost`',
        ],
      ],
    ]);
    expect(runOn(mysql_user, { name: 'bob', priv: 'db.*:SELECT,UPDATE' }, there).sql).toEqual([
      "REVOKE GRANT OPTION ON `db`.* FROM 'bob'@'localhost';",
      "REVOKE INSERT ON `db`.* FROM 'bob'@'localhost';",
      "REVOKE ALL ON `other`.* FROM 'bob'@'localhost';",
      "GRANT UPDATE ON `db`.* TO 'bob'@'localhost';",
    ]);
    expect(runOn(mysql_user, { name: 'bob', priv: 'db.*:SELECT,UPDATE', append_privs: true }, there).sql).toEqual([
      "GRANT UPDATE ON `db`.* TO 'bob'@'localhost';",
    ]);
    expect(
      runOn(mysql_user, { name: 'bob', priv: { 'db.*': 'SELECT,UPDATE' }, subtract_privs: true }, there).sql,
    ).toEqual(["REVOKE SELECT ON `db`.* FROM 'bob'@'localhost';"]);
    expect(runOn(mysql_user, { name: 'bob', priv: 'db.*:INSERT,SELECT,GRANT/other.*:ALL' }, there).changed).toBe(false);
    expect(runOn(mysql_user, { name: 'bob', priv: 'db.*:SELECT; DROP' }, there).failed).toContain(
      'invalid priv string',
    );
  });
  it('demands TLS, limits and locks', () => {
    const there = server([['localhost', [usage], { ssl_type: 'ANY' }]]);
    expect(runOn(mysql_user, { name: 'bob', tls_requires: { ssl: null } }, there).changed).toBe(false);
    expect(runOn(mysql_user, { name: 'bob', tls_requires: {} }, there).sql).toEqual([
      "ALTER USER 'bob'@'localhost' REQUIRE NONE;",
    ]);
    expect(
      runOn(
        mysql_user,
        {
          name: 'bob',
          tls_requires: { subject: '/CN=a', x509: null },
          resource_limits: { MAX_QUERIES_PER_HOUR: '3' },
          locked: true,
          session_vars: { wsrep_on: 'off' },
        },
        there,
      ).sql,
    ).toEqual([
      "SET SESSION `wsrep_on` = 'off';",
      "ALTER USER 'bob'@'localhost' REQUIRE SUBJECT '/CN=a';",
      "ALTER USER 'bob'@'localhost' WITH MAX_QUERIES_PER_HOUR 3;",
      "ALTER USER 'bob'@'localhost' ACCOUNT LOCK;",
    ]);
  });
  it('says what keeps it out', () => {
    expect(parseAccounts(answer('@@missing\n')).kind).toBe('missing');
    expect(runOn(mysql_user, { name: 'bob' }, answer('@@refused\n', 'ERROR 2002 (HY000): no socket')).failed).toContain(
      'ERROR 2002 (HY000): no socket',
    );
  });
  it.each<[Record<string, unknown>, string]>([
    [{ append_privs: true, subtract_privs: true }, 'append_privs|subtract_privs'],
    [{ priv: ['a'] }, 'priv parameter must be str or dict'],
    [{ priv: '' }, 'priv names no privileges'],
    [{ priv: {} }, 'priv names no privileges'],
    [{ password: 'pw', encrypted: true }, 'encrypted was specified'],
    [{ resource_limits: { MAX: 1 } }, "'MAX' is unsupported"],
    [{ salt: 'x' }, 'salt'],
    [{ attributes: { a: 1 } }, 'attributes'],
  ])('refuses %j', (written, message) => {
    expect(() => checkedArgs(mysql_user, { name: 'bob', ...written })).toThrow(message);
  });
});

describe('privileges', () => {
  const maria = serverOf('10.11.6-MariaDB');
  const mysql8 = serverOf('8.0.36');
  it('are one spelling for what means the same', () => {
    expect(
      writtenPrivileges('*.*:replication client,USAGE,ALL PRIVILEGES/FUNCTION `d`.f:EXECUTE', maria, true),
    ).toEqual({ '*.*': ['ALL', 'BINLOG MONITOR'], 'FUNCTION `d`.`f`': ['EXECUTE'] });
    expect(writtenPrivileges('d.t:SELECT(b,A),INSERT', maria, false)).toEqual({
      '`d`.`t`': ['INSERT', 'SELECT (A, B)'],
    });
    expect(
      shownPrivileges(
        [
          'GRANT SELECT (`b`, `A`), INSERT ON `d`.`t` TO `u`@`h`',
          "GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION",
          'GRANT `admin`@`%` TO `u`@`h`',
        ],
        mysql8,
        true,
      ),
    ).toEqual({ '`d`.`t`': ['INSERT', 'SELECT (A, b)'] });
    expect(shownPrivileges(['REVOKE x'], mysql8, true)).toBeUndefined();
  });
  it('are not revoked one by one where ALL is granted, and root keeps those on what is not named', () => {
    const changes = privilegeChanges({ '`d`.*': ['GRANT', 'SELECT'] }, { '`d`.*': ['ALL'] }, 'replace', false);
    expect(privilegeStatements("'u'@'h'", changes)).toEqual([
      "REVOKE GRANT OPTION ON `d`.* FROM 'u'@'h'",
      "GRANT ALL ON `d`.* TO 'u'@'h'",
    ]);
    expect(privilegeChanges({ '*.*': ['ALL'], '`d`.*': ['SELECT'] }, { '*.*': ['ALL'] }, 'replace', true)).toEqual([]);
    expect(
      privilegeChanges({ '*.*': ['ALL'] }, { '`d`.*': ['SELECT'] }, 'replace', true).map(({ on, revoke }) => [
        on,
        revoke,
      ]),
    ).toEqual([
      ['*.*', ['ALL']],
      ['`d`.*', []],
    ]);
    expect(privilegeStatements("'u'@'h'", privilegeChanges({}, { '*.*': ['GRANT'] }, 'replace', false))).toEqual([
      "GRANT USAGE ON *.* TO 'u'@'h' WITH GRANT OPTION",
    ]);
  });
});

describe('mysql_info', () => {
  const settings =
    '@@\n@@settings\nVariable_name\tValue\nmax_connections\t151\nversion\t10.11.6-MariaDB-0+deb12u1\nbasedir\t/usr\ninit_connect\t\n';
  const told = '@@\n@@server\nversion\n10.11.6-MariaDB-0+deb12u1\n' + settings;
  const info = (written: Record<string, unknown>, stdout = told) => runOn(mysql_info, written, answer(stdout));
  it('tells of settings and version', () => {
    expect(info({ filter: ['version', 'settings'] }).result).toEqual({
      server_engine: 'MariaDB',
      connector_name: 'client',
      connector_version: '10.11.6-MariaDB-0+deb12u1',
      version: { major: 10, minor: 11, release: 6, suffix: 'MariaDB-0+deb12u1', full: '10.11.6-MariaDB-0+deb12u1' },
      settings: { max_connections: 151, version: '10.11.6-MariaDB-0+deb12u1', basedir: '/usr', init_connect: '' },
    });
  });
  it('tells of databases, empty ones where they are asked for', () => {
    const databases = `${told}@@\n@@databases\nname\tsize\ttables\nshop\t16384\t2\n@@\n@@names\nDatabase\nempty\nshop\n`;
    expect(info({ filter: 'databases', return_empty_dbs: true }, databases).result['databases']).toEqual({
      empty: { size: 0, tables: 0 },
      shop: { size: 16384, tables: 2 },
    });
    expect(info({ filter: 'databases', exclude_fields: 'db_size' }, databases).result['databases']).toEqual({
      empty: { tables: 0 },
      shop: { tables: 2 },
    });
  });
  it('tells of users, engines and masters', () => {
    const rows = `${told}@@\n@@users\nHost\tUser\tx\nlocalhost\troot\tY\n%\troot\tNULL\n@@\n@@engines\nEngine\tSupport\nInnoDB\tDEFAULT\n@@\n@@old_slave\nMaster_Host\tMaster_Port\tMaster_User\tLag\nm\t3306\trepl\t7\n@@\n@@new_slave\n`;
    expect(info({ filter: ['users', 'engines', 'slave_status', 'master_status'] }, rows).result).toMatchObject({
      users: { localhost: { root: { x: 'Y' } }, '%': { root: { x: null } } },
      engines: { InnoDB: { Support: 'DEFAULT' } },
      slave_status: { m: { 3306: { repl: { Lag: 7 } } } },
      master_status: {},
    });
  });
  it('logs in to the database that is named', () => {
    const probe = mysql_info.probe(checkedArgs(mysql_info, { filter: 'version', login_db: "it's" }), basics).answers;
    expect(probe.family.script?.([probe.query])).toMatch(/^vbx_sql\(\).* 'it'\\''s'; }$/m);
  });
  it('takes everything but what is excluded, and says what it does not know', () => {
    expect(Object.keys(info({ filter: ['!settings', '!users'] }).result).sort()).toEqual([
      'connector_name',
      'connector_version',
      'databases',
      'engines',
      'global_status',
      'master_status',
      'server_engine',
      'slave_hosts',
      'slave_status',
      'version',
    ]);
    expect(info({}, '@@\n@@refused\n').failed).toContain('unable to connect to database');
    expect(() => checkedArgs(mysql_info, { filter: 'users_info' })).toThrow('users_info is not supported');
  });
});

describe('mysql_variables', () => {
  const variable = (written: Record<string, unknown>, value: string | undefined, kept?: string) =>
    runOn(
      mysql_variables,
      { variable: 'max_connections', ...written },
      answer(
        `@@\n@@now\nVariable_name\tValue\n${value === undefined ? '' : `max_connections\t${value}\n`}@@\n@@kept\n${kept === undefined ? '' : `kept\n${kept}\n`}`,
      ),
    );
  it.each<[string, Record<string, unknown>, string, string | undefined, string[], string]>([
    ['tells', {}, '151', undefined, [], '151'],
    [
      'sets a number',
      { value: '200' },
      '151',
      undefined,
      ['SET GLOBAL `max_connections` = 200;'],
      'Variable change succeeded prev_value=151',
    ],
    [
      'knows a number by its value',
      { value: '151.0' },
      '151',
      undefined,
      [],
      'Variable is already set to requested value.',
    ],
    [
      'sets text',
      { value: "it's" },
      'a',
      undefined,
      ["SET GLOBAL `max_connections` = 'it\\'s';"],
      'Variable change succeeded prev_value=a',
    ],
    ['says on as the server does', { value: 'on' }, 'ON', undefined, [], 'Variable is already set to requested value.'],
    [
      'switches off',
      { value: '0' },
      'ON',
      undefined,
      ["SET GLOBAL `max_connections` = 'OFF';"],
      'Variable change succeeded prev_value=ON',
    ],
    [
      'keeps',
      { value: '5', mode: 'persist' },
      '5',
      undefined,
      ['SET PERSIST `max_connections` = 5;'],
      'Variable change succeeded prev_value=5',
    ],
    [
      'has kept',
      { value: '5', mode: 'persist_only' },
      '7',
      '5',
      [],
      'Variable is already stored into mysqld-auto.cnf with requested value.',
    ],
  ])('%s', (_, written, value, kept, sql, msg) => {
    const ran = variable(written, value, kept);
    expect([ran.failed, ran.sql, ran.result['msg']]).toEqual([undefined, sql, msg]);
  });
  it('fails where there is no such variable', () => {
    expect(variable({ value: '1' }, undefined).failed).toBe('Variable not available "max_connections"');
    expect(() => checkedArgs(mysql_variables, { variable: 'a b' })).toThrow('invalid variable name');
  });
});
