// A real sshd on a random loopback port with keys and a configuration of its own, for tests that run as root (Debian: openssh-server openssh-client).
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Sshd {
  readonly port: number;
  /** Folder of the server: host_ed25519.pub, client, client.pub, log. */
  readonly folder: string;
  /** Private key that every user may log in with. */
  readonly key: string;
  /** `type base64` of the host keys. */
  readonly hostKeys: readonly string[];
  /** A known_hosts file with its keys. */
  readonly knownHosts: string;
  readonly log: () => string;
  /** Ends the server and every connection it has. */
  readonly stop: () => Promise<void>;
}

export interface SshdOptions {
  /** Lines of sshd_config that win over the fixture's. */
  readonly config?: readonly string[];
  readonly port?: number;
  /** Answers on all loopback addresses (and any other), each of which then stands for a host of its own. */
  readonly manyAddresses?: boolean;
  /** Types of host keys; default ed25519. */
  readonly hostKeys?: readonly ('ed25519' | 'rsa' | 'ecdsa')[];
}

/** Starts a server and waits until it answers. */
export async function startSshd({
  config = [],
  port: wanted,
  hostKeys: types = ['ed25519'],
  manyAddresses = false,
}: SshdOptions = {}): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'vbx-sshd-'));
  // sshd reads the key file as the user who logs in.
  chmodSync(folder, 0o755);
  const port = wanted ?? (await freePort());
  for (const type of types)
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', join(folder, `host_${type}`)]);
  const key = join(folder, 'client');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  writeFileSync(join(folder, 'authorized_keys'), readFileSync(`${key}.pub`));
  const hostKeys = types.map((type) =>
    readFileSync(join(folder, `host_${type}.pub`), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' '),
  );
  const knownHosts = join(folder, 'known_hosts');
  writeFileSync(knownHosts, hostKeys.map((line) => `[127.*]:${port} ${line}\n`).join(''));
  const file = join(folder, 'sshd_config');
  const lines = [
    ...config,
    `Port ${port}`,
    `ListenAddress ${manyAddresses ? '0.0.0.0' : '127.0.0.1'}`,
    ...types.map((type) => `HostKey ${join(folder, `host_${type}`)}`),
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    'MaxStartups 200',
    'LogLevel VERBOSE',
    // bash reads ~/.bashrc under sshd at the first level only: what root keeps there must not slow the tests down.
    'SetEnv SHLVL=3',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  if (!existsSync('/run/sshd')) mkdirSync('/run/sshd', { mode: 0o755 });
  const logFile = join(folder, 'log');
  const child: ChildProcess = spawn('/usr/sbin/sshd', ['-D', '-f', file, '-E', logFile], {
    stdio: 'ignore',
    detached: true,
  });
  const log = () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');
  for (let tries = 0; !(await answers(port)); tries++) {
    if (child.exitCode !== null || tries > 300) throw new Error(`sshd did not start: ${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    port,
    folder,
    key,
    hostKeys,
    knownHosts,
    log,
    async stop() {
      const children = spawnSync('ps', ['-o', 'pid=', '--ppid', String(child.pid)], { encoding: 'utf8' }).stdout.trim();
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await ended;
      }
      for (const pid of children.split(/\s+/).filter((one) => one !== '')) {
        try {
          process.kill(Number(pid), 'SIGTERM');
        } catch {
          // It ended by itself.
        }
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
