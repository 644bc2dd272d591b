// A link over the ssh2 library: one TCP connection, logged in, with channels and forwarded unix sockets on it.
import type { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { type Channel, type ChannelExit, type Link, SocketRefused, streamChannel } from './channel.ts';

export interface Ssh2Link extends Link {
  /** A TCP connection from the machine, for hosts behind it. */
  readonly forward: (host: string, port: number) => Promise<Duplex>;
}

/** Wraps a client that is ready. */
export function ssh2Link(client: Client, user: string): Ssh2Link {
  const listeners: ((error: Error) => void)[] = [];
  const channels = new Set<(error: Error) => void>();
  let lost: Error | undefined;
  const lose = (error: Error) => {
    if (lost !== undefined) return;
    lost = error;
    for (const end of channels) end(error);
    channels.clear();
    for (const listener of listeners) listener(error);
  };
  client.on('error', (error) => lose(error));
  client.on('end', () => lose(new Error('the other side closed the connection')));
  client.on('close', () => lose(new Error('the connection was closed')));

  const wrap = (stream: ClientChannel): Channel =>
    streamChannel({
      stdin: stream,
      stdout: stream,
      stderr: stream.stderr,
      onClosed(listener) {
        let exit: ChannelExit | undefined;
        let told = false;
        const tell = (how: ChannelExit) => {
          if (told) return;
          told = true;
          channels.delete(end);
          listener(how);
        };
        const end = (error: Error) => tell(exit ?? { error });
        channels.add(end);
        stream.on('exit', (code: number | null, signal?: string) => {
          exit = code !== null ? { code } : signal === undefined ? {} : { signal };
          // What it left behind may hold the channel open: output still under way gets a moment.
          setTimeout(() => tell(exit ?? {}), 250).unref();
        });
        stream.on('close', () => tell(exit ?? {}));
      },
      close() {
        stream.close();
        // The window of a channel nobody reads would fill and stop the connection.
        stream.resume();
        stream.stderr.resume();
      },
    });

  return {
    user,
    open(command, { pty = false } = {}) {
      return new Promise((resolve, reject) => {
        if (lost !== undefined) return reject(lost);
        channels.add(reject);
        client.exec(command, pty ? { pty: { term: 'dumb', cols: 200, rows: 50 } } : {}, (error, stream) => {
          channels.delete(reject);
          if (error !== undefined) reject(error);
          else resolve(wrap(stream));
        });
      });
    },
    socket(path) {
      return new Promise<Duplex>((resolve, reject) => {
        if (lost !== undefined) return reject(lost);
        channels.add(reject);
        client.openssh_forwardOutStreamLocal(path, (error, stream) => {
          channels.delete(reject);
          // The server says no more than that it failed: absent, not allowed to this user, or forwarding switched off.
          if (error !== undefined) reject(new SocketRefused(`${path}: ${error.message}`, true));
          else resolve(stream);
        });
      });
    },
    forward(host, port) {
      return new Promise<Duplex>((resolve, reject) => {
        if (lost !== undefined) return reject(lost);
        channels.add(reject);
        client.forwardOut('127.0.0.1', 0, host, port, (error, stream) => {
          channels.delete(reject);
          if (error !== undefined) reject(error);
          else resolve(stream);
        });
      });
    },
    onLost(listener) {
      if (lost === undefined) listeners.push(listener);
      else listener(lost);
    },
    close() {
      client.end();
      // A peer that does not answer must not keep the process.
      const force = setTimeout(() => client.destroy(), 2000);
      force.unref();
      client.once('close', () => clearTimeout(force));
      lose(new Error('the connection was closed'));
      return Promise.resolve();
    },
  };
}
