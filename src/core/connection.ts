// What the engine needs of a machine: the interface that src/remote implements (ssh2, openssh, local) and that tests fake.
import type { Answer } from './probe.ts';

/** How a machine is reached; resolved by the engine from variables, keywords and options, all text already rendered. */
export interface ConnectionSettings {
  readonly transport: 'ssh' | 'openssh' | 'local';
  /** Inventory name, for messages and for `Host` blocks of ssh_config. */
  readonly name: string;
  readonly host: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly privateKeyFile?: string;
  readonly privateKeyPassphrase?: string;
  /** ansible_ssh_common_args and ansible_ssh_extra_args, as written. */
  readonly sshArgs?: string;
  readonly hostKeyChecking: 'yes' | 'accept-new' | 'no';
  /** Seconds for one attempt to connect. */
  readonly connectTimeout: number;
}

export interface Become {
  readonly method: 'sudo' | 'su' | 'doas';
  readonly user: string;
  readonly password?: string;
  readonly exe?: string;
  readonly flags?: string;
}

/** Everything that makes a shell; shells are kept and keyed by it. */
export interface ShellSpec {
  readonly become?: Become;
  /** Default /bin/sh. */
  readonly executable?: string;
}

/** One framed piece of an exchange: run in a subshell with stdin from /dev/null, stdout and stderr apart. */
export interface Snippet {
  readonly script: string;
  /** If it fails, the snippets behind it in this exchange are not run (they answer `undefined`) unless they are `always`. */
  readonly stopOnFailure?: boolean;
  readonly always?: boolean;
  /** What it prints on stderr goes nowhere, and its answer comes in one stream. */
  readonly quiet?: boolean;
  /** Most bytes of stdout kept; default 10 MB. */
  readonly limit?: number;
  /** Seconds; default that of the exchange. */
  readonly timeout?: number;
}

export interface ExchangeOptions {
  readonly signal?: AbortSignal;
  /** Seconds for each snippet; a watchdog in the shell ends it. 0 or absent: none. */
  readonly timeout?: number;
}

/** A command of the user's (or a long step): own process group, own environment and locale, output streamed while it runs. */
export interface Command {
  /** Shell text; `exec argv` for plain commands. */
  readonly script: string;
  readonly stdin?: Buffer;
  readonly environment?: Readonly<Record<string, string>>;
  readonly chdir?: string;
  readonly umask?: string;
  readonly limit?: number;
}
/** A command in a terminal of its own. */
export interface TerminalCommand extends Omit<Command, 'stdin' | 'umask'> {
  /** What is typed shows in what is printed. */
  readonly echo: boolean;
}
/** The near end of such a terminal. */
export interface Terminal {
  readonly type: (text: Buffer) => void;
  /** Ends the command, as if its time were over. */
  readonly end: () => void;
}
export interface CommandOptions extends ExchangeOptions {
  readonly onOutput?: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD' | 'PATCH';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string | (() => AsyncIterable<Uint8Array>);
  /** Seconds; default 60. */
  readonly timeout?: number;
}
export interface HttpResponse {
  /** 0: the socket is not there or refuses; `body` then says why. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface MachineStats {
  exchanges: number;
  commands: number;
  bytesIn: number;
  bytesOut: number;
  /** Seconds from the first connect to ready; round trip of the last exchange in ms. */
  connectSeconds: number;
  lastExchangeMs: number;
}

/**
 * One machine (transport, address, port, user). Every method connects when needed. Errors: `ConnectionError` when the machine cannot be
 * reached, when the link is lost, or when become is refused (its message names the reason: wrong become password, ...).
 * An aborted `signal` kills the remote process group and rejects with `Interrupted`.
 */
export interface Machine {
  readonly key: string;
  readonly settings: ConnectionSettings;
  readonly stats: MachineStats;
  connect(signal?: AbortSignal): Promise<void>;
  /** One write, framed answers, in order (`undefined` for a snippet not run). Runs in the kept probe shell of `spec` with LC_ALL=C. */
  exchange(spec: ShellSpec, snippets: readonly Snippet[], options?: ExchangeOptions): Promise<(Answer | undefined)[]>;
  /** Runs in root's idle probe shell, or in a spare shell of `spec`, which is opened ahead of need when `spec` was seen before. */
  command(spec: ShellSpec, command: Command, options?: CommandOptions): Promise<Answer>;
  /** Requests over a unix socket of the host in order, over one kept connection; as the become user where `spec` has one. */
  http(
    spec: ShellSpec,
    socket: string,
    requests: readonly HttpRequest[],
    options?: ExchangeOptions,
  ): Promise<HttpResponse[]>;
  /** Streams bytes into the stdin of `script` on a channel of its own. */
  upload(
    spec: ShellSpec,
    script: string,
    source: AsyncIterable<Uint8Array>,
    options?: ExchangeOptions,
  ): Promise<Answer>;
  /** Streams the stdout of `script` into `sink` on a channel of its own. */
  download(
    spec: ShellSpec,
    script: string,
    sink: (chunk: Buffer) => Promise<void> | void,
    options?: ExchangeOptions,
  ): Promise<Answer>;
  /**
   * Both at once, as they come, for two programs that talk with one another; `sink` has what `script` says on stdout, the answer only stderr and status. Raises ConnectionError
   * where become wants a terminal, through which bytes cannot travel as they come.
   */
  pipe(
    spec: ShellSpec,
    script: string,
    source: AsyncIterable<Uint8Array>,
    sink: (chunk: Buffer) => Promise<void> | void,
    options?: ExchangeOptions,
  ): Promise<Answer>;
  /**
   * Runs a command in a terminal of 24 lines of 80 characters; `talk` is given its near end and gives who hears what is printed there, on stdout and stderr alike. The answer has it
   * all, with the line ends of a terminal.
   */
  terminal(
    spec: ShellSpec,
    command: TerminalCommand,
    talk: (terminal: Terminal) => (chunk: Buffer) => void,
    options?: ExchangeOptions,
  ): Promise<Answer>;
  /** Drops all kept shells (after changes to users, groups, limits, sudoers, hostname, sshd). Resolves when those that were idle have ended on the host. */
  dropShells(): Promise<void> | void;
  /** Closes the connection; the next use connects again. */
  disconnect(): Promise<void>;
  close(): Promise<void>;
}

/** Makes (or finds) the machine of settings; machines with equal keys are one. */
export interface Connector {
  machine(settings: ConnectionSettings): Machine;
  close(): Promise<void>;
}
