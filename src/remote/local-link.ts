// The machine vbx runs on: channels are child processes, each in a session of its own as under sshd.
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { type Channel, type ChannelExit, type Link, SocketRefused, streamChannel } from './channel.ts';

export interface LocalOptions {
  readonly user: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder?: string | undefined;
}

/** A link to this machine. */
export function localLink(options: LocalOptions): Link {
  const children = new Set<Channel>();
  let lost: ((error: Error) => void)[] = [];
  return {
    user: options.user,
    channels: Number.POSITIVE_INFINITY,
    open(command, { pty = false } = {}) {
      // util-linux's `script` gives the terminal that su and doas ask for.
      const argv = pty ? ['script', '-q', '-c', command, '/dev/null'] : ['/bin/sh', '-c', command];
      return childChannel(argv, options.environment, options.folder).then((channel) => {
        children.add(channel);
        return channel;
      });
    },
    socket(path) {
      return new Promise((resolve, reject) => {
        const socket = connect({ path });
        socket.once('error', (error) => reject(new SocketRefused(`${path}: ${error.message}`, false)));
        socket.once('connect', () => resolve(socket));
      });
    },
    onLost(listener) {
      lost.push(listener);
    },
    close() {
      for (const child of children) child.close();
      children.clear();
      const listeners = lost;
      lost = [];
      for (const listener of listeners) listener(new Error('the connection was closed'));
      return Promise.resolve();
    },
  };
}

/** A child process in a session of its own, as a channel. `argv` is never given to a shell by Node. */
export function childChannel(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  folder?: string,
): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const [program = '/bin/sh', ...words] = argv;
    const child = spawn(program, words, {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      env: { ...environment },
      ...(folder === undefined ? {} : { cwd: folder }),
    });
    child.once('error', reject);
    child.once('spawn', () => {
      child.off('error', reject);
      child.on('error', () => undefined);
      resolve(
        streamChannel({
          stdin: child.stdin,
          stdout: child.stdout,
          stderr: child.stderr,
          onClosed(listener) {
            let told = false;
            const tell = (code: number | null, signal: string | null) => {
              if (told) return;
              told = true;
              const exit: ChannelExit = { ...(code === null ? {} : { code }), ...(signal === null ? {} : { signal }) };
              listener(exit);
            };
            child.once('close', tell);
            // A process left behind may hold the pipes open for ever: output that is still under way gets a moment, then it is over.
            child.once('exit', (code, signal) => setTimeout(() => tell(code, signal), 250).unref());
          },
          close() {
            child.stdin.destroy();
            child.stdout.destroy();
            child.stderr.destroy();
            child.unref();
          },
        }),
      );
    });
  });
}
