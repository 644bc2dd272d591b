// An SSH server in this process for the real client: each exec is a local child process. Keys are ssh-keygen's, which every client reads.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuthContext, Connection } from 'ssh2';
import { ssh2 } from '../../src/remote/ssh2-library.ts';

export interface SshServer {
  readonly port: number;
  readonly folder: string;
  /** A private key; `key.pub` beside it. */
  readonly key: string;
  readonly hostKey: Buffer;
  /** Connections that reached the login, and those open now. */
  readonly logins: () => number;
  readonly open: () => number;
  /** Cuts all connections. */
  readonly cut: () => void;
  readonly stop: () => Promise<void>;
}

export interface SshServerOptions {
  /** Decides about a login; default: any public key. */
  readonly login?: (context: AuthContext) => void;
  /** Closes a connection before anything is said when it gives true. */
  readonly drop?: (number: number, open: number) => boolean;
  readonly passphrase?: string;
}

export async function startSshServer({
  login = (context) => (context.method === 'publickey' ? context.accept() : context.reject(['publickey'])),
  drop = () => false,
  passphrase = '',
}: SshServerOptions = {}): Promise<SshServer> {
  const { Server, utils } = ssh2();
  const folder = mkdtempSync(join(tmpdir(), 'vbx-server-'));
  const make = (name: string, secret: string) =>
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', secret, '-f', join(folder, name)]);
  make('host', '');
  make('key', passphrase);
  const parsed = utils.parseKey(readFileSync(join(folder, 'host.pub')));
  if (parsed instanceof Error) throw parsed;
  const hostKey = (Array.isArray(parsed) ? parsed[0] : parsed)?.getPublicSSH() ?? Buffer.alloc(0);
  const clients = new Set<Connection>();
  const sockets = new Set<Socket>();
  const children = new Set<ChildProcess>();
  let logins = 0;
  let pending = 0;
  let number = 0;
  const server = new Server({ hostKeys: [readFileSync(join(folder, 'host'))] }, (client) => {
    clients.add(client);
    client.on('error', () => undefined);
    client.on('close', () => clients.delete(client));
    client.on('authentication', (context) => {
      logins++;
      login(context);
    });
    client.on('ready', () => {
      client.on('session', (accept) => {
        accept().on('exec', (acceptExec, _reject, { command }) => {
          const stream = acceptExec();
          const child = spawn('/bin/sh', ['-c', command], { detached: true });
          children.add(child);
          stream.pipe(child.stdin);
          child.stdin.on('error', () => undefined);
          child.stdout.pipe(stream, { end: false });
          child.stderr.pipe(stream.stderr, { end: false });
          stream.on('close', () => child.stdin.end());
          child.on('close', (code, signal) => {
            children.delete(child);
            if (code === null) stream.exit((signal ?? 'SIGKILL').slice(3));
            else stream.exit(code);
            stream.end();
          });
        });
      });
    });
  });
  // A listener of our own, so that connections can be dropped before SSH begins, as sshd's MaxStartups does.
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    if (drop(++number, pending)) {
      socket.destroy();
      return;
    }
    pending++;
    setTimeout(() => pending--, 100);
    server.injectSocket(socket);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    folder,
    key: join(folder, 'key'),
    hostKey,
    logins: () => logins,
    open: () => clients.size,
    cut,
    async stop() {
      cut();
      for (const child of children) if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      await new Promise((resolve) => listener.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
