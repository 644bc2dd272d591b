// The system's ssh as transport, for what ssh2 lacks (Kerberos, certificates, hardware keys): one master connection, channels through its control socket.
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionSettings } from '../core/connection.ts';
import { ConnectionError, Interrupted } from '../core/error.ts';
import { type Link, SocketRefused } from './channel.ts';
import { childChannel } from './local-link.ts';
import { splitWords } from './split-words.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The masters of a run, with their control sockets in one private folder that goes with them. */
export class OpensshMasters {
  readonly #environment: Environment;
  readonly #options: { readonly knownHostsFiles?: readonly string[]; readonly sshConfigFile?: string };
  readonly #running = new Set<ChildProcess>();
  #folder: string | undefined;
  #number = 0;

  constructor(
    environment: Environment,
    options: { readonly knownHostsFiles?: readonly string[]; readonly sshConfigFile?: string },
  ) {
    this.#environment = environment;
    this.#options = options;
  }

  /** Connects and logs in. Raises ConnectionError with what ssh said. */
  connect(settings: ConnectionSettings, signal: AbortSignal): Promise<Link> {
    const control = join(this.#private(), String(++this.#number));
    const target = [...this.#words(settings), '-S', control];
    const asks = settings.password !== undefined || settings.privateKeyPassphrase !== undefined;
    const argv = [
      '-M',
      '-N',
      ...target,
      '-o',
      'ControlPersist=no',
      '-o',
      'PermitLocalCommand=yes',
      '-o',
      `LocalCommand=echo ${READY}`,
      '-o',
      `ConnectTimeout=${settings.connectTimeout}`,
      '-o',
      'ServerAliveInterval=15',
      '-o',
      'ServerAliveCountMax=4',
      '-o',
      'ConnectionAttempts=3',
      '-o',
      `BatchMode=${asks ? 'no' : 'yes'}`,
      '-o',
      'NumberOfPasswordPrompts=1',
      '--',
      settings.host,
    ];
    return new Promise((resolve, reject) => {
      const master = spawn('ssh', argv, {
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
        env: { ...this.#environment, ...(asks ? this.#askpass(settings) : {}) },
      });
      this.#running.add(master);
      let said = '';
      let out = '';
      let ready = false;
      const lost: ((error: Error) => void)[] = [];
      let ended: Error | undefined;
      const onAbort = () => {
        master.kill('SIGTERM');
        reject(new Interrupted(`interrupted while connecting to ${settings.name}`));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      master.stderr.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString('utf8')).slice(-2000);
      });
      master.stdout.on('data', (chunk: Buffer) => {
        if (ready) return;
        out += chunk.toString('latin1');
        if (!out.includes(READY)) return;
        ready = true;
        signal.removeEventListener('abort', onAbort);
        resolve(
          this.#link(settings, control, target, master, (listener) =>
            ended === undefined ? lost.push(listener) : listener(ended),
          ),
        );
      });
      master.once('error', (error) =>
        reject(
          new ConnectionError(`the system ssh cannot be started: ${error.message}`, {
            cause: error,
            hint: 'Install openssh-client.',
          }),
        ),
      );
      master.once('close', () => {
        this.#running.delete(master);
        signal.removeEventListener('abort', onAbort);
        const text = said
          .split('\n')
          .map((line) => line.trim())
          .filter((line) => line !== '' && !line.startsWith('Warning: Permanently added'))
          .slice(-4)
          .join('; ');
        ended = new Error(text === '' ? 'ssh ended' : text);
        reject(new ConnectionError(`${settings.name}: ${ended.message}`));
        for (const listener of lost) listener(ended);
      });
    });
  }

  close(): void {
    for (const master of this.#running) master.kill('SIGTERM');
    this.#running.clear();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }

  #link(
    settings: ConnectionSettings,
    control: string,
    target: readonly string[],
    master: ChildProcess,
    onLost: (listener: (error: Error) => void) => void,
  ): Link {
    // Should the master be gone, a client must fail rather than connect by itself.
    const client = [
      ...target,
      '-o',
      'ControlMaster=no',
      '-o',
      'ProxyCommand=false',
      '-o',
      'PermitLocalCommand=no',
      '-o',
      'BatchMode=yes',
    ];
    const environment = this.#environment;
    let lost: Error | undefined;
    let sockets = 0;
    onLost((error) => {
      lost = error;
    });
    return {
      user: settings.user,
      async open(command, { pty = false } = {}) {
        if (lost !== undefined) throw lost;
        const channel = await childChannel(
          ['ssh', ...client, ...(pty ? ['-tt'] : ['-T']), '--', settings.host, command],
          environment,
        );
        return {
          ...channel,
          get closed() {
            return channel.closed;
          },
          listen(listener) {
            channel.listen({
              data: (stream, chunk) => listener.data(stream, chunk),
              // ssh's own failure; whether the connection is gone shows in a moment.
              closed: (exit) =>
                exit.code === 255
                  ? setTimeout(() => listener.closed(lost === undefined ? exit : { error: lost }), 200)
                  : listener.closed(exit),
            });
          },
        };
      },
      async socket(path) {
        if (lost !== undefined) throw lost;
        const near = `${control}.${++sockets}`;
        const forward = await childChannel(
          ['ssh', ...client, '-O', 'forward', '-L', `${near}:${path}`, '--', settings.host],
          environment,
        );
        const { text, code } = await new Promise<{ text: string; code: number | undefined }>((resolve) => {
          let text = '';
          forward.listen({
            data: (_, chunk) => (text += chunk.toString('utf8')),
            closed: ({ code }) => resolve({ text, code }),
          });
        });
        if (code !== 0) throw new SocketRefused(text.trim(), true);
        return new Promise((resolve, reject) => {
          const socket = connect({ path: near });
          socket.once('error', (error) => reject(new SocketRefused(`${path}: ${error.message}`, true)));
          socket.once('connect', () => {
            rmSync(near, { force: true });
            resolve(socket);
          });
        });
      },
      onLost,
      close() {
        master.kill('SIGTERM');
        return Promise.resolve();
      },
    };
  }

  /** Words before the host: the user's own first, since ssh takes the first of what is said twice. */
  #words(settings: ConnectionSettings): string[] {
    const checking = { yes: undefined, 'accept-new': 'accept-new', no: 'no' }[settings.hostKeyChecking];
    const files = this.#options.knownHostsFiles;
    return [
      ...(checking === undefined ? [] : ['-o', `StrictHostKeyChecking=${checking}`]),
      ...splitWords(settings.sshArgs ?? ''),
      ...(files === undefined ? [] : ['-o', `UserKnownHostsFile=${files.join(' ')}`]),
      ...(this.#options.sshConfigFile === undefined ? [] : ['-F', this.#options.sshConfigFile]),
      ...(settings.user === undefined ? [] : ['-l', settings.user]),
      ...(settings.port === undefined ? [] : ['-p', String(settings.port)]),
      ...(settings.privateKeyFile === undefined ? [] : ['-i', settings.privateKeyFile]),
    ];
  }

  /** A helper that ssh asks for secrets, which it finds in its environment: they stand in no argv and no file. */
  #askpass(settings: ConnectionSettings): Environment {
    const file = join(this.#private(), 'askpass');
    if (!existsSync(file)) {
      writeFileSync(
        file,
        '#!/bin/sh\ncase $1 in *assphrase*) printf "%s\\n" "$VBX_PASSPHRASE" ;; *yes/no*) echo no ;; *) printf "%s\\n" "$VBX_PASSWORD" ;; esac\n',
      );
      chmodSync(file, 0o700);
    }
    return {
      SSH_ASKPASS: file,
      SSH_ASKPASS_REQUIRE: 'force',
      DISPLAY: ':0',
      VBX_PASSWORD: settings.password ?? '',
      VBX_PASSPHRASE: settings.privateKeyPassphrase ?? '',
    };
  }

  /** A control socket's path has room for about 90 bytes. */
  #private(): string {
    this.#folder ??= mkdtempSync(join(tmpdir().length > 40 ? '/tmp' : tmpdir(), 'vbx-'));
    return this.#folder;
  }
}

const READY = 'vbx-connection-ready';
