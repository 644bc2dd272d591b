// The transports against a real sshd, with real users, sudo, su and doas. Needs root and, from Debian:
// openssh-server openssh-client sudo opendoas socat tcsh fish dash procps passwd.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Become, ConnectionSettings, Connector, Machine } from '../../src/core/connection.ts';
import { ConnectionError } from '../../src/core/error.ts';
import { BecomeRefused } from '../../src/remote/become.ts';
import { type ConnectorOptions, createConnector, lockSnippets } from '../../src/remote/index.ts';
import { alive, shown, until } from '../remote/local-machine.ts';
import { type Sshd, startSshd } from '../remote/sshd.ts';

const tag = `vbx${process.pid}`.slice(0, 20);
const USERS = {
  plain: `${tag}p`,
  open: `${tag}o`,
  tty: `${tag}t`,
  csh: `${tag}c`,
  fish: `${tag}f`,
  none: `${tag}n`,
  noisy: `${tag}y`,
};
const PASSWORD = `pa's "w" $x`;
const sudoers = `/etc/sudoers.d/${tag}`;
const doas = '/etc/doas.conf';
let doasBefore: string | undefined;
let folder = '';
let sshd: Sshd;
const connectors: Connector[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vbx-system-'));
  chmodSync(folder, 0o755);
  const noisy = join(folder, 'noisy');
  writeFileSync(noisy, '#!/bin/sh\necho "Welcome: all is logged"\necho "on stderr too:" >&2\nexec /bin/sh "$@"\n', {
    mode: 0o755,
  });
  const shells = {
    plain: '/bin/bash',
    open: '/bin/sh',
    tty: '/bin/sh',
    csh: '/bin/tcsh',
    fish: '/usr/bin/fish',
    none: '/usr/sbin/nologin',
    noisy,
  };
  for (const [kind, user] of Object.entries(USERS)) {
    execFileSync('useradd', ['-m', '-s', shells[kind as keyof typeof shells], user]);
    execFileSync('chpasswd', [], { input: `${user}:${PASSWORD}\n` });
  }
  writeFileSync(
    sudoers,
    `${USERS.plain} ALL=(ALL) ALL\n${USERS.open} ALL=(ALL) NOPASSWD: ALL\n${USERS.tty} ALL=(ALL) NOPASSWD: ALL\nDefaults:${USERS.tty} requiretty\n`,
    { mode: 0o440 },
  );
  doasBefore = existsSync(doas) ? readFileSync(doas, 'utf8') : undefined;
  writeFileSync(doas, `permit ${USERS.plain}\npermit nopass ${USERS.open}\n`, { mode: 0o400 });
  sshd = await startSshd();
});
afterAll(async () => {
  await Promise.all(connectors.map((connector) => connector.close()));
  await sshd.stop();
  for (const user of Object.values(USERS)) {
    spawnSync('pkill', ['-KILL', '-u', user]);
    spawnSync('userdel', ['-r', user]);
  }
  rmSync(sudoers, { force: true });
  if (doasBefore === undefined) rmSync(doas, { force: true });
  else writeFileSync(doas, doasBefore);
  rmSync(folder, { recursive: true, force: true });
});
afterEach(async () => {
  await Promise.all(connectors.splice(0).map((connector) => connector.close()));
});

function machine(user: string, settings: Partial<ConnectionSettings> = {}, options: ConnectorOptions = {}): Machine {
  const connector = createConnector({
    knownHostsFiles: [sshd.knownHosts],
    ...(settings.transport === 'openssh' ? {} : { sshConfigFile: 'none' }),
    environment: { PATH: process.env['PATH'], HOME: folder },
    ...options,
  });
  connectors.push(connector);
  return connector.machine({
    transport: 'ssh',
    name: 'h1',
    host: '127.0.0.1',
    port: sshd.port,
    user,
    privateKeyFile: sshd.key,
    hostKeyChecking: 'yes',
    connectTimeout: 60,
    ...settings,
  });
}
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );
const ASK = [{ script: 'id -un; printf "a\\000b\\r\\n\\004\\377"; echo oops >&2; exit 3' }];
const answerOf = (user: string) => [{ rc: 3, stdout: `${user}\na\0b\r\n\x04\xff`, stderr: 'oops\n' }];

describe.each(['ssh', 'openssh'] as const)('over %s', (transport) => {
  test.each(['plain', 'open', 'csh', 'fish', 'noisy'] as const)(
    'a login shell of kind %s runs exchanges and commands',
    async (kind) => {
      const host = machine(USERS[kind], { transport });
      expect((await host.exchange({}, ASK)).map(shown)).toEqual(answerOf(USERS[kind]));
      expect(shown(await host.command({}, { script: 'echo "$HOME"; pwd' }))).toEqual({
        rc: 0,
        stdout: `/home/${USERS[kind]}\n/home/${USERS[kind]}\n`,
        stderr: '',
      });
    },
  );

  test('a login without a shell is an error that quotes what it said', async () => {
    const error = await failure(machine(USERS.none, { transport }).exchange({}, ASK));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(String(error)).toMatch(/gives no shell: This account is currently not available/);
  });

  test('a password logs in', async () => {
    const host = await passwordServer();
    try {
      const settings = {
        transport,
        port: host.port,
        password: PASSWORD,
        sshArgs: '-o PreferredAuthentications=password,keyboard-interactive',
      };
      const options = { knownHostsFiles: [host.knownHosts] };
      expect((await machine(USERS.plain, settings, options).exchange({}, ASK)).map(shown)).toEqual(
        answerOf(USERS.plain),
      );
      const wrong = await failure(machine(USERS.plain, { ...settings, password: 'wrong-one' }, options).connect());
      expect(wrong).toBeInstanceOf(ConnectionError);
      expect(String(wrong)).not.toContain('wrong-one');
    } finally {
      await host.stop();
    }
  });

  const become = (method: Become['method'], more: Partial<Become> = {}): { become: Become } => ({
    become: { method, user: 'root', ...more },
  });
  test.each([
    ['sudo without a password', 'open', become('sudo')],
    ['sudo with a password', 'plain', become('sudo', { password: PASSWORD })],
    ['sudo with a password that is not asked for', 'open', become('sudo', { password: PASSWORD })],
    ['sudo with flags of its own', 'plain', become('sudo', { password: PASSWORD, flags: '-H -S -n' })],
    ['sudo that wants a terminal', 'tty', become('sudo')],
    ['su with a password', 'plain', become('su', { user: USERS.open, password: PASSWORD })],
    ['doas without a password', 'open', become('doas')],
    ['doas with a password', 'plain', become('doas', { password: PASSWORD })],
    ['sudo to another user', 'open', become('sudo', { user: 'nobody' })],
  ] as const)('becomes by %s, for exchanges, commands, stdin and streams', async (_, user, spec) => {
    const host = machine(USERS[user], { transport });
    const wanted = spec.become.user;
    expect((await host.exchange(spec, ASK)).map(shown)).toEqual(answerOf(wanted));
    expect((await host.exchange(spec, ASK)).map(shown)).toEqual(answerOf(wanted));
    expect(shown(await host.command(spec, { script: 'id -un; echo err >&2; exit 4' }))).toEqual({
      rc: 4,
      stdout: `${wanted}\n`,
      stderr: 'err\n',
    });
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_one, index) => (index * 7) % 256));
    expect((await host.command(spec, { script: 'cat', stdin: bytes })).stdout.equals(bytes)).toBe(true);
    const big = `${'x'.repeat(70_000)}\n`;
    expect((await host.exchange(spec, [{ script: `printf %s '${big}' | wc -c` }]))[0]?.stdout.toString().trim()).toBe(
      String(big.length),
    );
    expect(await host.command(spec, { script: 'sleep 600' }, { timeout: 1 })).toMatchObject({ timedOut: true });
    expect(
      (await host.exchange(spec, [{ script: 'sleep 600', timeout: 1 }, { script: 'echo on' }]))[1]?.stdout.toString(),
    ).toBe('on\n');
  });

  test.each([
    ['a wrong password for sudo', 'plain', become('sudo', { password: 'wrong' }), /Incorrect sudo password/],
    [
      'a wrong password for su',
      'plain',
      become('su', { user: USERS.open, password: 'wrong' }),
      /Incorrect su password/,
    ],
    ['a wrong password for doas', 'plain', become('doas', { password: 'wrong' }), /Incorrect doas password/],
    ['no password where sudo asks', 'plain', become('sudo'), /Missing sudo password/],
    [
      'a user that is no sudoer',
      'csh',
      become('sudo', { password: PASSWORD }),
      /become: sudo to root on h1 was refused: .*not in the sudoers file|not allowed/i,
    ],
    ['a program that is not there', 'open', become('sudo', { exe: '/no/sudo' }), /become: \/no\/sudo is not on h1/],
    ['a user that is not there', 'open', become('sudo', { user: 'no-such-user' }), /no-such-user/],
  ] as const)('names %s, and does not hang', async (_, user, spec, message) => {
    const error = await failure(machine(USERS[user], { transport }).exchange(spec, ASK));
    expect(error).toBeInstanceOf(BecomeRefused);
    expect(String(error)).toMatch(message);
  });

  test('a password of become is in no list of processes and no environment of what runs', async () => {
    const host = machine(USERS.plain, { transport });
    const spec = become('sudo', { password: PASSWORD });
    // The bracket keeps grep, which is itself in the list, from finding its own pattern.
    const listed = await host.command(spec, {
      script: `cat /proc/[0-9]*/cmdline /proc/self/environ | tr '\\0' '\\n' | grep -c "pa[']s .w"`,
    });
    expect(listed.stdout.toString()).toBe('0\n');
  });

  test('a command ends with its children by its signal', async () => {
    const host = machine(USERS.open, { transport });
    const stop = new AbortController();
    let pid = 0;
    const running = failure(
      host.command(
        become('sudo'),
        { script: 'echo $$; sleep 600' },
        { signal: stop.signal, onOutput: (_stream, chunk) => (pid ||= Number(chunk.toString())) },
      ),
    );
    await until(() => pid > 0);
    stop.abort();
    expect(await running).toMatchObject({ name: 'Interrupted' });
    await until(async () => !(await alive(pid)));
  });

  describe('HTTP to a unix socket', () => {
    let server: Server;
    let socket = '';
    beforeAll(async () => {
      socket = join(folder, `${transport}.sock`);
      server = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('end', () => {
            response.setHeader('x-port', String(request.socket.remotePort ?? 'unix'));
            response.statusCode = request.url === '/missing' ? 404 : 200;
            response.write(`${request.method} ${request.url} `);
            response.end(Buffer.concat(chunks));
          });
      });
      await new Promise<void>((resolve) => server.listen(socket, resolve));
      chmodSync(socket, 0o600);
    });
    afterAll(() => new Promise((resolve) => server.close(resolve)));
    const requests = [
      { method: 'GET', path: '/a' },
      { method: 'POST', path: '/b', body: 'text', headers: { 'content-type': 'text/plain' } },
      {
        method: 'PUT',
        path: '/c',
        body: async function* () {
          yield Buffer.from('in ');
          yield Buffer.from('parts');
        },
      },
      { method: 'GET', path: '/missing' },
    ] as const;
    const told = [
      [200, 'GET /a '],
      [200, 'POST /b text'],
      [200, 'PUT /c in parts'],
      [404, 'GET /missing '],
    ];

    test.each([
      ['as the login user', 'root', {}],
      ['by sudo', 'open', become('sudo')],
      ['by sudo with a password', 'plain', become('sudo', { password: PASSWORD })],
    ] as const)('works %s', async (_, user, spec) => {
      const host = machine(user === 'root' ? 'root' : USERS[user], { transport });
      const responses = await host.http(spec, socket, requests);
      expect(responses.map((response) => [response.status, response.body.toString()])).toEqual(told);
      expect((await host.http(spec, socket, requests.slice(0, 1))).map(({ status }) => status)).toEqual([200]);
    });
    test('says why it does not answer', async () => {
      const host = machine(USERS.open, { transport });
      const [absent] = await host.http({}, '/nonexistent.sock', requests);
      expect(absent).toMatchObject({ status: 0 });
      const [refused] = await host.http({}, socket, requests);
      expect(refused).toMatchObject({ status: 0 });
      expect(refused?.body.length).toBeGreaterThan(5);
    });
  });
});

test('a jump host is connected to once for all hosts behind it', async () => {
  const config = join(folder, 'jump-config');
  writeFileSync(
    config,
    `Host gw\n HostName 127.0.0.1\n Port ${sshd.port}\n User ${USERS.open}\n IdentityFile ${sshd.key}\nHost behind\n HostName 127.0.0.1\n ProxyJump gw\n`,
  );
  const connector = createConnector({
    knownHostsFiles: [sshd.knownHosts],
    sshConfigFile: config,
    environment: { PATH: process.env['PATH'], HOME: folder },
  });
  connectors.push(connector);
  const machines = [USERS.plain, USERS.csh, USERS.fish].map((user) =>
    connector.machine({
      transport: 'ssh',
      name: user,
      host: 'behind',
      port: sshd.port,
      user,
      privateKeyFile: sshd.key,
      hostKeyChecking: 'yes',
      connectTimeout: 60,
    }),
  );
  const before = sshd.log().split(`Accepted publickey for ${USERS.open}`).length;
  const answers = await Promise.all(machines.map((one) => one.exchange({}, [{ script: 'id -un' }])));
  expect(answers.map(([answer]) => answer?.stdout.toString().trim())).toEqual([USERS.plain, USERS.csh, USERS.fish]);
  expect(sshd.log().split(`Accepted publickey for ${USERS.open}`).length - before).toBe(1);
});

test('a known key is asked for by its type, although the server prefers another', async () => {
  const server = await startSshd({ hostKeys: ['rsa', 'ed25519', 'ecdsa'] });
  try {
    for (const wanted of server.hostKeys) {
      const known = join(folder, 'one-type');
      writeFileSync(known, `[127.0.0.1]:${server.port} ${wanted}\n`);
      const connector = createConnector({
        knownHostsFiles: [known],
        sshConfigFile: 'none',
        environment: { HOME: folder },
      });
      connectors.push(connector);
      await connector
        .machine({
          transport: 'ssh',
          name: 'h',
          host: '127.0.0.1',
          port: server.port,
          user: USERS.open,
          privateKeyFile: server.key,
          hostKeyChecking: 'yes',
          connectTimeout: 60,
        })
        .connect();
    }
  } finally {
    await server.stop();
  }
});

test('a server that takes few sessions has shells in turn', async () => {
  const server = await startSshd({ config: ['MaxSessions 2'] });
  try {
    const connector = createConnector({
      knownHostsFiles: [server.knownHosts],
      sshConfigFile: 'none',
      environment: { HOME: folder },
    });
    connectors.push(connector);
    const host = connector.machine({
      transport: 'ssh',
      name: 'h',
      host: '127.0.0.1',
      port: server.port,
      user: USERS.open,
      privateKeyFile: server.key,
      hostKeyChecking: 'yes',
      connectTimeout: 60,
    });
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => host.command({}, { script: `sleep 0.2; echo ${index}` })),
    );
    expect(answers.map((answer) => answer.stdout.toString())).toEqual(
      Array.from({ length: 6 }, (_, index) => `${index}\n`),
    );
  } finally {
    await server.stop();
  }
});

test('no host is lost to a server that drops bursts of connections', async () => {
  const server = await startSshd({ config: ['MaxStartups 4:50:10'], manyAddresses: true });
  try {
    const connector = createConnector({
      knownHostsFiles: [server.knownHosts],
      sshConfigFile: 'none',
      environment: { HOME: folder },
    });
    connectors.push(connector);
    const hosts = Array.from({ length: 60 }, (_, index) =>
      connector.machine({
        transport: 'ssh',
        name: `h${index}`,
        host: `127.0.1.${index + 1}`,
        port: server.port,
        user: USERS.open,
        privateKeyFile: server.key,
        hostKeyChecking: 'yes',
        connectTimeout: 120,
      }),
    );
    await Promise.all(hosts.map((host) => host.connect()));
    expect(new Set(hosts.map((host) => host.key)).size).toBe(60);
  } finally {
    await server.stop();
  }
});

test('a lock is held as long as its connection, by whoever looks', async () => {
  const name = `${tag}-lock`;
  const info = { name, run: 'run-1', who: 'ann@laptop', pid: 42, since: '2024-01-01T00:00:00Z' };
  const ask = async (host: Machine, spec: object, snippet: ReturnType<typeof lockSnippets.inspect>) => {
    const [answer] = await host.exchange(spec, [snippet]);
    return answer === undefined ? undefined : lockSnippets.parse(answer);
  };
  const sudo = { become: { method: 'sudo', user: 'root' } } as const;
  const ann = machine(USERS.open);
  const bob = machine(USERS.open);
  expect(await ask(ann, sudo, lockSnippets.take(info))).toMatchObject({ kind: 'taken' });
  // Other shells of the same connection come and go.
  ann.dropShells();
  await ann.exchange({}, [{ script: 'true' }]);
  expect(await ask(bob, sudo, lockSnippets.take({ ...info, run: 'run-2' }))).toMatchObject({
    kind: 'held',
    owner: { who: 'ann@laptop', run: 'run-1', stale: false },
  });
  await ann.disconnect();
  await until(async () => {
    const state = await ask(bob, sudo, lockSnippets.inspect(name));
    return state?.kind === 'held' && state.owner.stale;
  });
  expect(await ask(bob, sudo, lockSnippets.take({ ...info, run: 'run-2' }))).toMatchObject({ kind: 'taken' });
  expect(await ask(bob, sudo, lockSnippets.release({ name, run: 'run-1' }))).toEqual({ kind: 'free' });
  expect(await ask(bob, sudo, lockSnippets.inspect(name))).toMatchObject({ kind: 'held', owner: { run: 'run-2' } });
  await ask(bob, sudo, lockSnippets.release({ name, run: 'run-2' }));
  expect(await ask(bob, sudo, lockSnippets.inspect(name))).toEqual({ kind: 'free' });
});

async function passwordServer(): Promise<Sshd> {
  return startSshd({ config: ['PasswordAuthentication yes', 'PubkeyAuthentication no'] });
}
