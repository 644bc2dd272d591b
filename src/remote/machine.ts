// One machine of the run: connects when needed, keeps its shells, runs exchanges and commands, and says ConnectionError when the link is lost.
import type { Duplex } from 'node:stream';
import type {
  Command,
  CommandOptions,
  ConnectionSettings,
  ExchangeOptions,
  HttpRequest,
  HttpResponse,
  Machine,
  MachineStats,
  ShellSpec,
  Snippet,
  Terminal,
  TerminalCommand,
} from '../core/connection.ts';
import { ConnectionError, Interrupted, VbxError } from '../core/error.ts';
import type { Answer } from '../core/probe.ts';
import type { AnswerRoom } from './answer-room.ts';
import { type Link, SocketRefused } from './channel.ts';
import { CommandOutput, type CommandRun, lookBehindText, startCommand } from './command.ts';
import { next, startExchange } from './exchange.ts';
import { feedStdin } from './feed-stdin.ts';
import { type HttpLine, httpLine } from './http.ts';
import type { Shell, Stream } from './shell.ts';
import { ShellPool, specKey } from './shell-pool.ts';
import { openRelay } from './socket-relay.ts';
import { startInTerminal } from './terminal-run.ts';

/** Seconds that a killed process group has to end before its shell is abandoned; the kill itself takes two at most. */
const KILLED_BY = 8;

/** Bytes that wait for a slow sink before reading stops. */
const SINK_BACKLOG = 1024 * 1024;

export interface MachineParts {
  readonly key: string;
  readonly settings: ConnectionSettings;
  /** Shared by all machines of the run. */
  readonly room: AnswerRoom;
  /** Connects and logs in, with all retries. */
  readonly connect: (signal: AbortSignal | undefined) => Promise<Link>;
  readonly onState: (
    state: 'connecting' | 'ready' | 'lost' | 'closed',
    more: { seconds?: number; message?: string },
  ) => void;
}

interface Connection {
  readonly link: Link;
  readonly pool: ShellPool;
  readonly lines: Map<string, HttpLine>;
  lost: Error | undefined;
}

export class RemoteMachine implements Machine {
  readonly key: string;
  readonly settings: ConnectionSettings;
  readonly stats: MachineStats = {
    exchanges: 0,
    commands: 0,
    bytesIn: 0,
    bytesOut: 0,
    connectSeconds: 0,
    lastExchangeMs: 0,
  };
  readonly #parts: MachineParts;
  #connection: Promise<Connection> | undefined;
  /** The end of what runs in the probe shell of a kind: one exchange at a time. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #exchanged = new Map<string, number>();
  /** Kinds of shell that ran commands: where those need a spare shell, it is opened again ahead of need. */
  readonly #commanded = new Set<string>();
  #closed = false;

  constructor(parts: MachineParts) {
    this.#parts = parts;
    this.key = parts.key;
    this.settings = parts.settings;
  }

  async connect(signal?: AbortSignal): Promise<void> {
    await this.#connected(signal);
  }

  async exchange(
    spec: ShellSpec,
    snippets: readonly Snippet[],
    options: ExchangeOptions = {},
  ): Promise<(Answer | undefined)[]> {
    if (snippets.length === 0) return [];
    const key = specKey(spec);
    const before = this.#turns.get(key) ?? Promise.resolve();
    const mine = before.then(() => this.#exchange(spec, snippets, options));
    const settled = mine.catch(() => undefined);
    this.#turns.set(key, settled);
    try {
      return await mine;
    } finally {
      if (this.#turns.get(key) === settled) this.#turns.delete(key);
    }
  }

  async #exchange(
    spec: ShellSpec,
    snippets: readonly Snippet[],
    options: ExchangeOptions,
  ): Promise<(Answer | undefined)[]> {
    const answers: (Answer | undefined)[] = snippets.map(() => undefined);
    let todo = snippets.map((_, index) => index);
    let retried = false;
    while (todo.length > 0) {
      throwIfInterrupted(options.signal);
      const connection = await this.#connected(options.signal);
      const shell = await this.#opening(connection, connection.pool.probe(spec));
      const fresh = shell.group === undefined;
      const asked = todo.flatMap((index) => snippets[index] ?? []);
      const began = performance.now();
      const receivedBefore = shell.received;
      let killing: Promise<void> | undefined;
      const kill = () => (killing ??= this.#kill(connection, spec, shell.group).then(() => this.#abandonIfStuck(run)));
      const share = await this.#parts.room.enter();
      const run = startExchange(shell, asked, options.timeout, () => void kill(), share.add);
      const onAbort = () => void kill();
      options.signal?.addEventListener('abort', onAbort, { once: true });
      // It may have come while there was no room.
      if (options.signal?.aborted === true) onAbort();
      const end = await run.end;
      share.leave();
      options.signal?.removeEventListener('abort', onAbort);
      this.stats.exchanges++;
      this.stats.lastExchangeMs = performance.now() - began;
      this.stats.bytesIn += shell.received - receivedBefore;
      this.stats.bytesOut += await run.bytesOut;
      // A kill that came too late for what overstayed must not meet what this shell would run next.
      if (end.kind === 'broken' || killing !== undefined) connection.pool.dropProbe(spec, shell);
      if (killing !== undefined) await killing;
      if (options.signal?.aborted === true && end.kind === 'broken') {
        throw new Interrupted(`interrupted on ${this.settings.name}`);
      }
      if (end.kind === 'broken' && end.exit.error !== undefined) throw this.#lost(end.exit.error);
      if (end.kind === 'broken' && !end.started && !end.timedOut) {
        if (fresh || retried)
          throw new ConnectionError(
            `${this.settings.name} gives no shell${shell.noise.trim() === '' ? '' : `: ${printable(shell.noise)}`}`,
            { hint: 'The login shell must be able to run /bin/sh.' },
          );
        // It was closed while it was idle; nothing ran.
        retried = true;
        continue;
      }
      for (const [at, index] of todo.entries()) answers[index] = run.answers[at];
      todo = end.kind === 'done' ? [] : remaining(snippets, answers, todo, end.at);
    }
    this.#openAheadOfNeed(spec);
    return answers;
  }

  async command(spec: ShellSpec, command: Command, options: CommandOptions = {}): Promise<Answer> {
    const output = new CommandOutput(command.limit);
    const { stdin } = command;
    const source =
      stdin === undefined
        ? undefined
        : (async function* () {
            yield stdin;
          })();
    return this.#command(spec, command, options, source, output, (stream, chunk) => {
      output.add(stream, chunk);
      options.onOutput?.(stream, chunk);
    });
  }

  upload(
    spec: ShellSpec,
    script: string,
    source: AsyncIterable<Uint8Array>,
    options: ExchangeOptions = {},
  ): Promise<Answer> {
    const output = new CommandOutput(undefined);
    return this.#command(spec, { script }, options, source, output, (stream, chunk) => output.add(stream, chunk));
  }

  download(
    spec: ShellSpec,
    script: string,
    sink: (chunk: Buffer) => Promise<void> | void,
    options: ExchangeOptions = {},
  ): Promise<Answer> {
    return this.#streamed(spec, script, undefined, sink, options);
  }

  pipe(
    spec: ShellSpec,
    script: string,
    source: AsyncIterable<Uint8Array>,
    sink: (chunk: Buffer) => Promise<void> | void,
    options: ExchangeOptions = {},
  ): Promise<Answer> {
    return this.#streamed(spec, script, source, sink, options);
  }

  /** Runs `script` with its stdout going to `sink`, no faster than that takes it. */
  async #streamed(
    spec: ShellSpec,
    script: string,
    source: AsyncIterable<Uint8Array> | undefined,
    sink: (chunk: Buffer) => Promise<void> | void,
    options: ExchangeOptions,
  ): Promise<Answer> {
    const output = new CommandOutput(undefined);
    let queue = Promise.resolve();
    let queued = 0;
    let failed: { readonly error: unknown } | undefined;
    const stop = new AbortController();
    const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
    const hear = (stream: Stream, chunk: Buffer, shell: Shell): void => {
      if (stream === 'stderr') return output.add(stream, chunk);
      queued += chunk.length;
      if (queued > SINK_BACKLOG) shell.channel.pause();
      queue = queue
        .then(() => (failed === undefined ? sink(chunk) : undefined))
        .catch((error: unknown) => {
          failed ??= { error };
          stop.abort();
        })
        .then(() => {
          queued -= chunk.length;
          if (queued <= SINK_BACKLOG) shell.channel.resume();
        });
    };
    try {
      const answer = await this.#command(
        spec,
        { script },
        { ...options, signal },
        source,
        output,
        hear,
        'alone',
        source !== undefined,
      );
      await queue;
      if (failed === undefined) return answer;
    } catch (error) {
      if (failed === undefined) throw error;
    }
    throw failed.error;
  }

  async http(
    spec: ShellSpec,
    socket: string,
    requests: readonly HttpRequest[],
    options: ExchangeOptions = {},
  ): Promise<HttpResponse[]> {
    const responses: HttpResponse[] = [];
    for (const request of requests) {
      throwIfInterrupted(options.signal);
      const connection = await this.#connected(options.signal);
      const key = `${specKey(spec)} ${socket}`;
      let line = connection.lines.get(key);
      if (line === undefined) {
        line = httpLine(() => this.#socket(connection, spec, socket));
        connection.lines.set(key, line);
      }
      const timed =
        request.timeout === undefined && options.timeout !== undefined && options.timeout > 0
          ? { ...request, timeout: options.timeout }
          : request;
      const response = await line.send(timed, options.signal).catch((error: unknown) => {
        throwIfInterrupted(options.signal);
        if (connection.lost !== undefined) throw this.#lost(connection.lost);
        throw error;
      });
      this.stats.bytesIn += response.body.length;
      if (response.status === 0 && connection.lost !== undefined) throw this.#lost(connection.lost);
      responses.push(response);
    }
    return responses;
  }

  async #socket(connection: Connection, spec: ShellSpec, socket: string): Promise<Duplex> {
    const become = spec.become !== undefined && spec.become.user !== connection.link.user;
    if (!become) {
      try {
        return await connection.link.socket(socket);
      } catch (error) {
        if (!(error instanceof SocketRefused) || !error.forwarding) throw error;
      }
    }
    const shell = await this.#opening(connection, connection.pool.spare(spec));
    return openRelay(shell, socket, () => connection.pool.discard(shell));
  }

  async terminal(
    spec: ShellSpec,
    command: TerminalCommand,
    talk: (terminal: Terminal) => (chunk: Buffer) => void,
    options: ExchangeOptions = {},
  ): Promise<Answer> {
    throwIfInterrupted(options.signal);
    const connection = await this.#connected(options.signal);
    const channel = await this.#opening(connection, connection.pool.terminal(spec));
    const output = new CommandOutput(command.limit);
    let killing: Promise<void> | undefined;
    let timedOut = false;
    const kill = () => {
      timedOut = true;
      killing ??= run.running
        .then(() => this.#kill(connection, spec, run.group()))
        .then(() => this.#abandonIfStuck(run));
    };
    const hear = talk({
      type: (text) => {
        this.stats.bytesOut += text.length;
        void channel.write(text);
      },
      end: kill,
    });
    const run = startInTerminal(channel, command, (chunk) => {
      this.stats.bytesIn += chunk.length;
      output.add('stdout', chunk);
      if (killing === undefined) hear(chunk);
    });
    options.signal?.addEventListener('abort', kill, { once: true });
    const seconds = options.timeout ?? 0;
    const timer = seconds > 0 ? setTimeout(kill, seconds * 1000) : undefined;
    const end = await run.end;
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', kill);
    if (killing !== undefined) await killing;
    connection.pool.discard(channel);
    throwIfInterrupted(options.signal);
    if (end.kind === 'closed' && end.exit.error !== undefined) throw this.#lost(end.exit.error);
    this.stats.commands++;
    return output.answer(end, timedOut);
  }

  dropShells(): Promise<void> {
    if (this.#connection === undefined) return Promise.resolve();
    return this.#connection.then(
      ({ pool, lines }) => {
        for (const line of lines.values()) line.close();
        lines.clear();
        return pool.drop();
      },
      () => undefined,
    );
  }

  async disconnect(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    this.#connection = undefined;
    if (connection === undefined) return;
    connection.lost = new Error('the connection was closed');
    for (const line of connection.lines.values()) line.close();
    void connection.pool.drop();
    await connection.link.close();
    this.#parts.onState('closed', {});
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.disconnect();
  }

  async #command(
    spec: ShellSpec,
    command: Command,
    options: ExchangeOptions,
    source: AsyncIterable<Uint8Array> | undefined,
    output: CommandOutput,
    hear: (stream: Stream, chunk: Buffer, shell: Shell) => void,
    wanted: 'shared' | 'alone' = source === undefined ? 'shared' : 'alone',
    talks = false,
  ): Promise<Answer> {
    let mode = wanted;
    this.#commanded.add(specKey(spec));
    for (let tries = 0; ; tries++) {
      throwIfInterrupted(options.signal);
      const connection = await this.#connected(options.signal);
      const { generation } = connection.pool;
      const shell = await this.#opening(connection, connection.pool.spare(spec, !this.#turns.has(specKey(spec))));
      if (talks && shell.terminal) {
        connection.pool.giveBack(spec, shell, generation);
        throw new ConnectionError(
          `${this.settings.name}: become wants a terminal there, through which two programs cannot talk`,
          { hint: 'Allow sudo without a terminal (requiretty), or log in as that user.' },
        );
      }
      if (talks) shell.talk();
      const fresh = shell.group === undefined;
      const receivedBefore = shell.received;
      let timedOut = false;
      let killing: Promise<void> | undefined;
      const kill = () =>
        (killing ??= run.running
          .then(() => this.#kill(connection, spec, run.group() ?? shell.group))
          .then(() => this.#abandonIfStuck(run)));
      let run: CommandRun;
      try {
        run = startCommand(
          shell,
          command,
          mode,
          source === undefined ? 'null' : shell.terminal ? 'terminal' : 'channel',
          (stream, chunk) => hear(stream, chunk, shell),
        );
      } catch (error) {
        connection.pool.giveBack(spec, shell, generation);
        throw error;
      }
      const onAbort = () => void kill();
      options.signal?.addEventListener('abort', onAbort, { once: true });
      const seconds = options.timeout ?? 0;
      let timer: NodeJS.Timeout | undefined;
      const sending = run.running.then(async (running) => {
        if (!running) return;
        if (seconds > 0)
          timer = setTimeout(() => {
            timedOut = true;
            void kill();
          }, seconds * 1000);
        if (source !== undefined) await feedStdin(shell, source, run.end, (bytes) => (this.stats.bytesOut += bytes));
      });
      let unsent: { readonly error: unknown } | undefined;
      sending.catch((error: unknown) => {
        unsent = { error };
        void kill();
      });
      const end = await run.end;
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
      this.stats.bytesIn += shell.received - receivedBefore;
      this.stats.bytesOut += await run.written;
      const group = run.group();
      const reusable =
        mode === 'shared' &&
        end.kind === 'done' &&
        killing === undefined &&
        group !== undefined &&
        shell.group !== undefined;
      if (reusable) {
        void shell.write(lookBehindText(group));
        connection.pool.giveBack(spec, shell, generation);
      } else connection.pool.discard(shell);
      if (killing !== undefined) await killing;
      if (unsent !== undefined) throw unsent.error;
      if (options.signal?.aborted === true && killing !== undefined)
        throw new Interrupted(`interrupted on ${this.settings.name}`);
      if (end.kind === 'closed' && end.exit.error !== undefined) throw this.#lost(end.exit.error);
      if (end.kind === 'unfit') {
        if (end.why === 'no-setsid') mode = 'alone';
        continue;
      }
      if (end.kind === 'closed' && !end.started && !timedOut) {
        if (fresh || tries > 0)
          throw new ConnectionError(
            `${this.settings.name} gives no shell${shell.noise.trim() === '' ? '' : `: ${printable(shell.noise)}`}`,
            { hint: 'The login shell must be able to run /bin/sh.' },
          );
        continue;
      }
      if (!reusable) connection.pool.openAhead(spec);
      this.stats.commands++;
      return output.answer(end, timedOut);
    }
  }

  async #connected(signal: AbortSignal | undefined): Promise<Connection> {
    if (this.#closed) throw new ConnectionError(`the connection to ${this.settings.name} was closed`);
    throwIfInterrupted(signal);
    const existing = this.#connection;
    if (existing !== undefined) return existing;
    const opening = this.#open(signal);
    this.#connection = opening;
    opening.catch(() => {
      if (this.#connection === opening) this.#connection = undefined;
    });
    return opening;
  }

  async #open(signal: AbortSignal | undefined): Promise<Connection> {
    const began = performance.now();
    this.#parts.onState('connecting', {});
    const link = await this.#parts.connect(signal);
    const seconds = (performance.now() - began) / 1000;
    this.stats.connectSeconds = seconds;
    const connection: Connection = {
      link,
      pool: new ShellPool(link, { where: this.settings.name, timeout: 60 }),
      lines: new Map(),
      lost: undefined,
    };
    link.onLost((error) => {
      if (connection.lost !== undefined) return;
      connection.lost = error;
      this.#connection = undefined;
      for (const line of connection.lines.values()) line.close();
      this.#parts.onState('lost', { message: error.message });
    });
    this.#parts.onState('ready', { seconds });
    return connection;
  }

  /** A shell that could not be opened because the link went is a lost connection. */
  async #opening<T>(connection: Connection, shell: Promise<T>): Promise<T> {
    try {
      return await shell;
    } catch (error) {
      if (error instanceof VbxError && connection.lost === undefined) throw error;
      const cause = error instanceof Error ? error : new Error(String(error));
      if (connection.lost !== undefined) throw this.#lost(connection.lost);
      throw new ConnectionError(`${this.settings.name}: no shell could be opened: ${cause.message}`, { cause });
    }
  }

  #lost(cause: Error): ConnectionError {
    return new ConnectionError(`lost the connection to ${this.settings.name}: ${cause.message}`, { cause });
  }

  /** Ends a process group: TERM, then KILL, from a shell beside. Never rejects. */
  async #kill(connection: Connection, spec: ShellSpec, group: number | undefined): Promise<void> {
    if (group === undefined || !Number.isInteger(group) || group <= 1 || connection.lost !== undefined) return;
    try {
      const shell = await connection.pool.helper(spec);
      const script = `kill -TERM -${group}; for _i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do kill -0 -${group} || exit 0; sleep 0.1 || sleep 1; done; kill -KILL -${group}`;
      const run = startExchange(shell, [{ script, timeout: KILLED_BY }], undefined, () => run.abandon());
      await run.end;
      shell.close();
    } catch {
      // Without another channel nothing can be signalled; the shell is abandoned.
    }
  }

  /** Waits a moment for what was killed; a shell that still does not answer (a process in uninterruptible sleep) is left to itself. */
  async #abandonIfStuck(run: { readonly end: Promise<unknown>; readonly abandon: () => void }): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([run.end, new Promise((resolve) => (timer = setTimeout(resolve, 2000)))]);
    clearTimeout(timer);
    run.abandon();
  }

  /** A kind of shell that is asked a second time will run commands soon. */
  #openAheadOfNeed(spec: ShellSpec): void {
    const key = specKey(spec);
    const times = (this.#exchanged.get(key) ?? 0) + 1;
    this.#exchanged.set(key, times);
    if (times === 2 || (times > 2 && this.#commanded.has(key)))
      void this.#connection?.then(({ pool }) => pool.openAhead(spec)).catch(() => undefined);
  }
}

/** What is left to run in another shell after the one before broke at position `at` of `todo`. */
function remaining(
  snippets: readonly Snippet[],
  answers: readonly (Answer | undefined)[],
  todo: readonly number[],
  at: number,
): number[] {
  const left: number[] = [];
  const statuses = new Map(
    answers.flatMap((answer, index) => (answer === undefined ? [] : [[index, answer.rc] as const])),
  );
  let index = todo[at] ?? snippets.length;
  for (;;) {
    index = next(snippets, index, statuses);
    if (index >= snippets.length) return left;
    left.push(index);
  }
}

function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new Interrupted('interrupted');
}

function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]+/g, ' ').trim();
}
