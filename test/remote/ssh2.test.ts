// The ssh2 transport against a server in this process: ways to log in, host keys, dropped and lost connections (Debian: openssh-client).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { ConnectionSettings, Connector } from '../../src/core/connection.ts';
import { ConnectionError, Interrupted } from '../../src/core/error.ts';
import { type ConnectionStateEvent, type ConnectorOptions, createConnector } from '../../src/remote/index.ts';
import { knownHostsLine } from '../../src/remote/known-hosts.ts';
import { shown, until } from './local-machine.ts';
import { type SshServer, type SshServerOptions, startSshServer } from './ssh-server.ts';

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const task of cleanUp.splice(0).toReversed()) await task();
});

interface Scene {
  readonly server: SshServer;
  readonly connector: Connector;
  readonly events: ConnectionStateEvent[];
  readonly settings: ConnectionSettings;
}

async function scene(
  server: SshServerOptions = {},
  settings: Partial<ConnectionSettings> = {},
  options: ConnectorOptions = {},
): Promise<Scene> {
  const started = await startSshServer(server);
  cleanUp.push(() => started.stop());
  const known = join(started.folder, 'known_hosts');
  writeFileSync(known, `${knownHostsLine('127.0.0.1', started.port, started.hostKey, false)}\n`);
  const events: ConnectionStateEvent[] = [];
  const connector = createConnector({
    knownHostsFiles: [known],
    sshConfigFile: 'none',
    environment: { PATH: process.env['PATH'], HOME: started.folder },
    onEvent: (event) => events.push(event),
    ...options,
  });
  cleanUp.push(() => connector.close());
  return {
    server: started,
    connector,
    events,
    settings: {
      transport: 'ssh',
      name: 'h1',
      host: '127.0.0.1',
      port: started.port,
      user: 'me',
      privateKeyFile: started.key,
      hostKeyChecking: 'yes',
      connectTimeout: 30,
      ...settings,
    },
  };
}
const hello = async ({ connector, settings }: Scene) => {
  const [answer] = await connector.machine(settings).exchange({}, [{ script: 'echo hello; echo err >&2; exit 2' }]);
  return shown(answer);
};
const HELLO = { rc: 2, stdout: 'hello\n', stderr: 'err\n' };
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('logs in', () => {
  test('with a key', async () => {
    expect(await hello(await scene())).toEqual(HELLO);
  });
  test('with a password', async () => {
    const server: SshServerOptions = {
      login: (context) =>
        context.method === 'password' && context.password === 's3cret'
          ? context.accept()
          : context.reject(['password']),
    };
    expect(await hello(await scene(server, { password: 's3cret' }))).toEqual(HELLO);
  });
  test('by the answer to a question, where the server takes nothing else', async () => {
    const server: SshServerOptions = {
      login(context) {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
        context.prompt([{ prompt: 'Password: ', echo: false }], (answers) =>
          answers[0] === 's3cret' ? context.accept() : context.reject(['keyboard-interactive']),
        );
      },
    };
    expect(await hello(await scene(server, { password: 's3cret' }))).toEqual(HELLO);
  });
  test('by asking people for a second factor behind a key', async () => {
    let first = true;
    const server: SshServerOptions = {
      login(context) {
        if (first && context.method === 'publickey') {
          if (context.signature !== undefined) first = false;
          return context.signature === undefined ? context.accept() : context.reject(['keyboard-interactive'], true);
        }
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
        context.prompt([{ prompt: 'Code: ', echo: true }], (answers) =>
          answers[0] === '123456' ? context.accept() : context.reject(['keyboard-interactive']),
        );
      },
    };
    const asked: string[] = [];
    const prompt = {
      secret: (text: string) => (asked.push(text), Promise.resolve('123456')),
      confirmHostKeys: () => Promise.resolve(false),
    };
    expect(await hello(await scene(server, {}, { prompt }))).toEqual(HELLO);
    expect(asked).toEqual(['h1: me: Code:']);
  });
  test('with a key whose passphrase is given, or asked for once for all hosts', async () => {
    expect(await hello(await scene({ passphrase: 'open sesame' }, { privateKeyPassphrase: 'open sesame' }))).toEqual(
      HELLO,
    );
    const asked: string[] = [];
    const prompt = {
      secret: (text: string) => (asked.push(text), Promise.resolve('open sesame')),
      confirmHostKeys: () => Promise.resolve(false),
    };
    const set = await scene({ passphrase: 'open sesame' }, {}, { prompt });
    await Promise.all(['a', 'b', 'c'].map((user) => set.connector.machine({ ...set.settings, user }).connect()));
    expect(asked).toEqual([`Passphrase for ${set.server.key}`]);
  });
  test('not where all is refused, and says what was offered and what is taken', async () => {
    const set = await scene(
      {
        login: (context) => Reflect.apply(Reflect.get(context, 'reject'), context, [['publickey', 'gssapi-with-mic']]),
      },
      { password: 'never-shown' },
    );
    const error = await failure(hello(set));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(String(error)).toMatch(/refused the login of me; offered: .*key.*; it takes: publickey, gssapi-with-mic/);
    expect(error).toMatchObject({ hint: expect.stringContaining('ansible_connection: openssh') });
    expect(String(error)).not.toContain('never-shown');
  });
  test('not with a key file that is missing, which is named', async () => {
    expect(String(await failure(hello(await scene({}, { privateKeyFile: '/no/such/key' }))))).toMatch(
      /\/no\/such\/key: no such file/,
    );
  });
});

describe('host keys', () => {
  test('that are new on many hosts are asked for in one table, while their connections wait, and kept', async () => {
    const servers = await Promise.all([startSshServer(), startSshServer(), startSshServer()]);
    for (const server of servers) cleanUp.push(() => server.stop());
    const tables: string[][] = [];
    const file = join(servers[0]?.folder ?? '', 'new/known_hosts');
    const options: ConnectorOptions = {
      knownHostsFiles: [file],
      sshConfigFile: 'none',
      environment: { HOME: '/nowhere' },
      prompt: {
        secret: () => Promise.resolve(''),
        confirmHostKeys: (rows) => (tables.push(rows.map((row) => row.name)), Promise.resolve(true)),
      },
    };
    const connector = createConnector(options);
    cleanUp.push(() => connector.close());
    await Promise.all(
      servers.map((server, index) =>
        connector
          .machine({
            transport: 'ssh',
            name: `h${index}`,
            host: '127.0.0.1',
            port: server.port,
            user: 'me',
            privateKeyFile: server.key,
            hostKeyChecking: 'yes',
            connectTimeout: 30,
          })
          .connect(),
      ),
    );
    expect(tables).toEqual([servers.map((server) => `[127.0.0.1]:${server.port}`).toSorted()]);
    expect(servers.map((server) => server.logins() > 0)).toEqual([true, true, true]);
    expect(readFileSync(file, 'utf8').trim().split('\n').length).toBe(3);
  });
  test('that changed stop the host before anything is shown to the server', async () => {
    const other = await startSshServer();
    cleanUp.push(() => other.stop());
    const set = await scene();
    writeFileSync(
      join(set.server.folder, 'known_hosts'),
      `${knownHostsLine('127.0.0.1', set.server.port, other.hostKey, true)}\n`,
    );
    expect(String(await failure(hello(set)))).toMatch(
      /the host key of \[127\.0\.0\.1\]:\d+ has CHANGED.*known_hosts:1/,
    );
    expect(set.server.logins()).toBe(0);
  });
  test('that are unknown are refused with nobody to ask', async () => {
    const set = await scene();
    writeFileSync(join(set.server.folder, 'known_hosts'), '');
    const error = await failure(hello(set));
    expect(error).toMatchObject({
      message: expect.stringContaining('is not known'),
      hint: expect.stringContaining('ssh-keyscan'),
    });
    expect(set.server.logins()).toBe(0);
  });
});

describe('connections', () => {
  test('are one for all names of a machine', async () => {
    const set = await scene();
    const machines = ['a', 'b', 'c'].map((name) => set.connector.machine({ ...set.settings, name }));
    await Promise.all(machines.map((machine) => machine.connect()));
    expect(new Set(machines).size).toBe(1);
    expect(set.server.open()).toBe(1);
  });
  test('that a busy server drops are tried again until all are there', async () => {
    const set = await scene({ drop: (_, open) => open >= 4 }, {}, { ramp: { start: 20 } });
    const users = Array.from({ length: 40 }, (_, index) => `u${index}`);
    await Promise.all(users.map((user) => set.connector.machine({ ...set.settings, user }).connect()));
    expect(set.server.open()).toBe(40);
  });
  test('that are dropped for ever are given up with a reason', async () => {
    const stop = new AbortController();
    const set = await scene({ drop: () => true });
    const trying = set.connector.machine(set.settings).connect(stop.signal);
    setTimeout(() => stop.abort(), 1000);
    expect(await failure(trying)).toBeInstanceOf(Interrupted);
  });
  test('to nobody fail at once with the reason', async () => {
    const set = await scene();
    await set.server.stop();
    cleanUp.shift();
    expect(String(await failure(hello(set)))).toMatch(/connection refused/);
  });
  test('that are lost end what runs, and the next use connects again', async () => {
    const set = await scene();
    const machine = set.connector.machine(set.settings);
    let heard = false;
    const running = [
      machine.exchange({}, [{ script: 'sleep 600' }]),
      machine.command({}, { script: 'echo on; sleep 600' }, { onOutput: () => (heard = true) }),
    ].map(failure);
    await until(() => heard);
    set.server.cut();
    for (const error of await Promise.all(running)) {
      expect(error).toBeInstanceOf(ConnectionError);
      expect(String(error)).toMatch(/lost the connection to h1/);
    }
    expect(await hello(set)).toEqual(HELLO);
    expect(set.events.map((event) => event.state)).toEqual(['connecting', 'ready', 'lost', 'connecting', 'ready']);
  });
  test('are opened again after disconnect, not after close', async () => {
    const set = await scene();
    const machine = set.connector.machine(set.settings);
    await machine.connect();
    await machine.disconnect();
    expect(await hello(set)).toEqual(HELLO);
    await machine.close();
    expect(await failure(machine.connect())).toBeInstanceOf(ConnectionError);
  });
  test('keep a new shell after dropShells', async () => {
    const set = await scene();
    const machine = set.connector.machine(set.settings);
    const id = async () => (await machine.exchange({}, [{ script: 'echo $$' }]))[0]?.stdout.toString();
    const first = await id();
    expect(await id()).toBe(first);
    void machine.dropShells();
    expect(await id()).not.toBe(first);
  });
  test('are gone from the host when dropShells is done', async () => {
    const set = await scene();
    const machine = set.connector.machine(set.settings);
    const [answer] = await machine.exchange({}, [{ script: 'echo $$' }]);
    await machine.command({}, { script: 'true' });
    await machine.dropShells();
    const [after] = await machine.exchange({}, [{ script: `kill -0 ${answer?.stdout.toString().trim() ?? ''}` }]);
    expect(after?.rc).not.toBe(0);
  });
  test('count what passed', async () => {
    const set = await scene();
    const machine = set.connector.machine(set.settings);
    await machine.exchange({}, [{ script: 'printf 1234567890' }]);
    await machine.command({}, { script: 'printf 1234567890' });
    expect(machine.stats).toMatchObject({
      exchanges: 1,
      commands: 1,
      bytesIn: expect.any(Number),
      bytesOut: expect.any(Number),
    });
    expect(machine.stats.bytesIn).toBeGreaterThan(20);
    expect(machine.stats.bytesOut).toBeGreaterThan(100);
    expect(machine.stats.connectSeconds).toBeGreaterThan(0);
  });
  test('go through a ProxyCommand', async () => {
    const set = await scene();
    const relay = `${process.execPath} -e "const s=require('net').connect(+process.argv[2],process.argv[1]);process.stdin.pipe(s).pipe(process.stdout)" %h %p`;
    const config = join(set.server.folder, 'config');
    writeFileSync(config, `ProxyCommand ${relay}\n`);
    expect(await hello({ ...set, settings: { ...set.settings, sshArgs: `-F ${config}` } })).toEqual(HELLO);
  });
});
