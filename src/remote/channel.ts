// A running remote process seen as byte streams: the one shape that ssh2 channels, `ssh` children and local children share.
import type { Duplex, Readable, Writable } from 'node:stream';

export interface ChannelExit {
  /** Absent when the process was ended by a signal, or the link was lost. */
  readonly code?: number;
  readonly signal?: string;
  /** Why it ended, when the process itself did not end it. */
  readonly error?: Error;
}

export interface ChannelListener {
  data(stream: 'stdout' | 'stderr', chunk: Buffer): void;
  closed(exit: ChannelExit): void;
}

/** One process with its stdin, stdout and stderr. With a pty there is no stderr of its own. */
export interface Channel {
  /** Resolves when the other side takes more (backpressure); resolves too when the channel is closed. */
  write(data: Uint8Array | string): Promise<void>;
  /** End of stdin. */
  end(): void;
  /** Takes over from the listener before; what arrived while there was none is handed over first. */
  listen(listener: ChannelListener): void;
  /** Stops and resumes reading, for sinks that are slower than the link. */
  pause(): void;
  resume(): void;
  /** Lets go of the process; it is not signalled. */
  close(): void;
  readonly closed: boolean;
}

export interface OpenOptions {
  readonly pty?: boolean;
}

/** A machine that was logged in to: channels and sockets are opened on it until it is lost. */
export interface Link {
  /** The login user, where known. */
  readonly user: string | undefined;
  /** How many channels it carries at once; absent: as many as a server allows by default. */
  readonly channels?: number;
  /** Starts a command that the login shell parses. */
  open(command: string, options?: OpenOptions): Promise<Channel>;
  /** A connection to a unix socket as the login user; rejects with SocketRefused where the link or the host does not allow it. */
  socket(path: string): Promise<Duplex>;
  /** Called once when the link ends for whatever reason. */
  onLost(listener: (error: Error) => void): void;
  close(): Promise<void>;
}

/** A unix socket that cannot be reached over the link: absent, refused by its mode, or forwarding is switched off. */
export class SocketRefused extends Error {
  /** The link cannot forward sockets at all; another way to the socket may work. */
  readonly forwarding: boolean;
  constructor(message: string, forwarding: boolean) {
    super(message);
    this.name = 'SocketRefused';
    this.forwarding = forwarding;
  }
}

/** What a channel is made of. `closed` is called once with how the process ended, after all output was read. */
export interface ChannelParts {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr?: Readable | undefined;
  readonly onClosed: (listener: (exit: ChannelExit) => void) => void;
  readonly close: () => void;
}

/** A channel over Node's streams. */
export function streamChannel(parts: ChannelParts): Channel {
  let listener: ChannelListener | undefined;
  let early: { stream: 'stdout' | 'stderr'; chunk: Buffer }[] = [];
  let exit: ChannelExit | undefined;
  let drained: (() => void)[] = [];
  const release = () => {
    const waiting = drained;
    drained = [];
    for (const done of waiting) done();
  };
  const take = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
    if (listener === undefined) early.push({ stream, chunk });
    else listener.data(stream, chunk);
  };
  parts.stdout.on('data', take('stdout'));
  parts.stderr?.on('data', take('stderr'));
  // EPIPE and the like: the end of the process says all there is to say.
  for (const stream of [parts.stdin, parts.stdout, parts.stderr]) stream?.on('error', () => undefined);
  parts.stdin.on('drain', release);
  parts.onClosed((how) => {
    if (exit !== undefined) return;
    exit = how;
    release();
    listener?.closed(how);
  });
  return {
    write(data) {
      if (exit !== undefined || parts.stdin.writableEnded || parts.stdin.destroyed) return Promise.resolve();
      if (parts.stdin.write(data)) return Promise.resolve();
      return new Promise((resolve) => drained.push(resolve));
    },
    end() {
      if (exit === undefined && !parts.stdin.writableEnded) parts.stdin.end();
    },
    listen(next) {
      listener = next;
      const kept = early;
      early = [];
      for (const { stream, chunk } of kept) next.data(stream, chunk);
      if (exit !== undefined) next.closed(exit);
    },
    pause() {
      parts.stdout.pause();
    },
    resume() {
      parts.stdout.resume();
    },
    close() {
      parts.close();
    },
    get closed() {
      return exit !== undefined;
    },
  };
}
