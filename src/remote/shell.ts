// A kept `sh` on a machine, opened as the wanted user: text goes in, frames come out. Whatever is printed outside of frames is no answer.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ShellSpec } from '../core/connection.ts';
import { ConnectionError } from '../core/error.ts';
import { quote } from '../core/quote.ts';
import { type BecomeLine, becomeLine, becomeRefused, needsTerminal, wantsTerminal } from './become.ts';
import type { Channel, ChannelExit, Link } from './channel.ts';
import { FrameReader } from './frame-reader.ts';
import { splitTerminal } from './terminal-channel.ts';

export type Stream = 'stdout' | 'stderr';

/** Milliseconds of silence behind which a program that talks with another has said all that it will for now. */
const TALK_SILENCE = 20;

/** Who reads the frames of the text that runs. */
export interface FrameSink {
  /** Bytes printed since the header before. */
  data(stream: Stream, chunk: Buffer): void;
  /** A frame's end: the words behind the number of the exchange. */
  header(stream: Stream, words: readonly string[]): void;
  /** The shell is gone; nothing follows. */
  closed(exit: ChannelExit): void;
}

export interface ShellOptions {
  /** Name of the machine, for messages. */
  readonly where: string;
  /** Seconds until a shell that does not come up is given up. */
  readonly timeout: number;
}

/** Opens a shell. Raises ConnectionError when the user cannot be become or the login gives no shell. */
export async function openShell(link: Link, spec: ShellSpec, options: ShellOptions): Promise<Shell> {
  const become = spec.become !== undefined && spec.become.user === link.user ? undefined : spec.become;
  const first = await tryOpen(link, spec, become, options, needsTerminal(become));
  if (first !== 'wants-terminal') return first;
  const second = await tryOpen(link, spec, become, options, true);
  if (second !== 'wants-terminal') return second;
  throw new ConnectionError(
    `become: ${become?.method ?? 'the login'} wants a terminal on ${options.where} and does not take the one it was given`,
  );
}

async function tryOpen(
  link: Link,
  spec: ShellSpec,
  become: ShellSpec['become'],
  options: ShellOptions,
  terminal: boolean,
): Promise<Shell | 'wants-terminal'> {
  const exe = spec.executable ?? '/bin/sh';
  const marker = randomBytes(16).toString('hex');
  if (become === undefined) {
    // The login shell (whatever it is) parses one simple command.
    const channel = await link.open(`exec ${quote(exe)}`);
    return new Shell(channel, marker, exe);
  }
  const raw = await link.open(terminal ? goScript(marker) : 'exec /bin/sh', { pty: terminal });
  const token = `vbx-${randomBytes(8).toString('hex')}`;
  const split = terminal ? splitTerminal(raw) : undefined;
  const up = `printf "\\036${marker} up\\n"; ${split === undefined ? `exec ${quote(exe)}` : split.wrap(quote(exe))}`;
  const { line, asks } = becomeLine(become, [exe, '-c', up], token);
  const outcome = await raise(raw, marker, line, asks, become.password, terminal, options.timeout);
  if (outcome === 'up') return new Shell(split?.channel ?? raw, marker, exe, terminal);
  raw.close();
  if (!terminal && wantsTerminal(outcome.printed)) return 'wants-terminal';
  if (outcome.late)
    throw new ConnectionError(
      `become: ${become.method} gave no shell on ${options.where} within ${options.timeout} s: ${outcome.printed.trim()}`,
    );
  throw becomeRefused(become, outcome.printed, outcome.prompts, options.where);
}

/** Opens a terminal as the wanted user, in which a shell waits for one line: the text that it then runs, as printf's %b reads it. Errors: as openShell. */
export async function openTerminal(link: Link, spec: ShellSpec, options: ShellOptions): Promise<Channel> {
  const become = spec.become !== undefined && spec.become.user === link.user ? undefined : spec.become;
  const exe = spec.executable ?? '/bin/sh';
  const marker = randomBytes(16).toString('hex');
  const wait = `stty raw -echo 2>/dev/null; printf "\\036${marker} up\\n"; IFS= read -r l; eval "$(printf %b "$l")"`;
  const raised =
    become === undefined ? undefined : becomeLine(become, [exe, '-c', wait], `vbx-${randomBytes(8).toString('hex')}`);
  const channel = await link.open(raised === undefined ? `exec ${quote(exe)} -c ${quote(wait)}` : goScript(marker), {
    pty: true,
  });
  const { line = '', asks = () => 'no' as const } = raised ?? {};
  const outcome = await raise(channel, marker, line, asks, become?.password, true, options.timeout);
  if (outcome === 'up') return channel;
  channel.close();
  if (become === undefined || outcome.late)
    throw new ConnectionError(
      `${options.where} gives no terminal${outcome.printed.trim() === '' ? '' : `: ${outcome.printed.trim()}`}`,
    );
  throw becomeRefused(become, outcome.printed, outcome.prompts, options.where);
}

/** Shell text that says `go` in a terminal and then runs the line that it is given. */
const goScript = (marker: string): string =>
  `exec /bin/sh -c 'stty -echo; printf "\\036${marker} go\\n"; IFS= read -r l; eval "$l"'`;

interface Refusal {
  readonly printed: string;
  readonly prompts: number;
  readonly late: boolean;
}

/** Milliseconds of silence behind a colon that make it a prompt. */
const PROMPT_SILENCE = 200;

/** Writes the line that becomes another user and answers its prompt, until the shell behind it says `up`. */
function raise(
  channel: Channel,
  marker: string,
  line: string,
  asks: BecomeLine['asks'],
  password: string | undefined,
  terminal: boolean,
  timeout: number,
): Promise<'up' | Refusal> {
  return new Promise((resolve) => {
    let printed = '';
    let seen = 0;
    let prompts = 0;
    let done = false;
    let quiet: NodeJS.Timeout | undefined;
    const finish = (outcome: 'up' | Refusal) => {
      if (done) return;
      done = true;
      clearTimeout(timer);
      clearTimeout(quiet);
      resolve(outcome);
    };
    const timer = setTimeout(() => finish({ printed, prompts, late: true }), timeout * 1000);
    const hear = (chunk: Buffer) => {
      printed = (printed + chunk.toString('latin1')).slice(-8192);
      seen = Math.min(seen, printed.length);
      clearTimeout(quiet);
      if (done) return;
      const asked = asks(printed.slice(seen));
      if (asked === 'yes') prompted();
      else if (asked === 'maybe') quiet = setTimeout(prompted, PROMPT_SILENCE);
    };
    const prompted = () => {
      if (done) return;
      seen = printed.length;
      prompts++;
      if (password === undefined || prompts > 1) finish({ printed, prompts, late: false });
      else void channel.write(`${password}\n`);
    };
    const reader = new FrameReader(marker, {
      data: hear,
      header: (words) => {
        const word = words.toString('latin1').trim();
        if (word === 'go') void channel.write(`${line}\n`);
        if (word === 'up') finish('up');
      },
    });
    channel.listen({
      data: (stream, chunk) => (stream === 'stdout' ? reader.push(chunk) : hear(chunk)),
      closed: () => finish({ printed, prompts, late: false }),
    });
    if (!terminal) void channel.write(`${line}\n`);
  });
}

/** An open shell. One text runs at a time; the owner sees to that. */
export class Shell {
  readonly executable: string;
  /** Process group of the shell, once its first frame came. */
  group: number | undefined;
  /** What it printed outside of frames, for messages: its last 2000 bytes. */
  noise = '';
  readonly marker: string;
  /** It ran a command, and knows since when what holds its output. */
  commanded = false;
  /** It runs in a terminal: end of input cannot be told to it. */
  readonly terminal: boolean;
  #channel: Channel;
  #start: string | undefined;
  #number = 0;
  #sink: FrameSink | undefined;
  #started = { stdout: false, stderr: false };
  #exit: ChannelExit | undefined;
  #received = 0;
  #gone: (() => void) | undefined;
  #talks = false;

  constructor(channel: Channel, marker: string, executable: string, terminal = false) {
    this.#channel = channel;
    this.marker = marker;
    this.executable = executable;
    this.#start = startText(marker, terminal);
    this.terminal = terminal;
    const readers = { stdout: this.#reader('stdout'), stderr: this.#reader('stderr') };
    let idle: NodeJS.Timeout | undefined;
    channel.listen({
      data: (stream, chunk) => {
        this.#received += chunk.length;
        readers[stream].push(chunk);
        if (!this.#talks) return;
        clearTimeout(idle);
        idle = setTimeout(() => readers.stdout.release(), TALK_SILENCE);
      },
      closed: (exit) => {
        clearTimeout(idle);
        this.#exit = exit;
        for (const reader of Object.values(readers)) reader.flush();
        const sink = this.#sink;
        this.#sink = undefined;
        this.#gone?.();
        sink?.closed(exit);
      },
    });
  }

  get closed(): boolean {
    return this.#exit !== undefined;
  }
  get exit(): ChannelExit | undefined {
    return this.#exit;
  }
  /** Bytes read from the shell so far. */
  get received(): number {
    return this.#received;
  }
  get channel(): Channel {
    return this.#channel;
  }

  /** What runs from now on talks with another program, which would wait for a byte that is held back as the possible beginning of a frame (see FrameReader). */
  talk(): void {
    this.#talks = true;
  }

  /** Numbers the next text and says who reads its frames. */
  begin(sink: FrameSink): number {
    this.#number++;
    // Only a new shell says a frame first on stderr.
    this.#started = { stdout: false, stderr: this.#number > 1 };
    if (this.#exit !== undefined) sink.closed(this.#exit);
    else this.#sink = sink;
    return this.#number;
  }
  /** Nobody listens any more; late frames are dropped. */
  done(): void {
    this.#sink = undefined;
    this.#started = { stdout: false, stderr: false };
  }
  /** One write; the text must be whole commands. Returns the bytes written. */
  async write(text: string): Promise<number> {
    const data = Buffer.from((this.#start ?? '') + quickly(text), 'utf8');
    this.#start = undefined;
    await this.#channel.write(data);
    return data.length;
  }
  close(): void {
    this.#channel.close();
  }
  /** Ends an idle shell in good order; resolves when its process is gone (or does not go within `timeout` ms). */
  async quit(timeout = 5000): Promise<void> {
    if (this.#exit === undefined) {
      const gone = new Promise<void>((resolve) => (this.#gone = resolve));
      void this.write('exit\n');
      const late = new AbortController();
      await Promise.race([gone, sleep(timeout, undefined, { signal: late.signal, ref: false }).catch(() => undefined)]);
      late.abort();
    }
    this.close();
  }

  #reader(stream: Stream): FrameReader {
    return new FrameReader(this.marker, {
      data: (chunk) => {
        if (this.#started[stream]) this.#sink?.data(stream, chunk);
        else this.noise = (this.noise + chunk.toString('latin1')).slice(-2000);
      },
      header: (line) => {
        const [number, ...words] = line.toString('latin1').trim().split(' ');
        if (number === 'shell') this.group = Number(words[0]);
        else if (Number(number) === this.#number) {
          if (words[0] === 'start' || words[0] === 'run') this.#started[stream] = true;
          this.#sink?.header(stream, words);
        }
      },
    });
  }
}

/**
 * bash reads a script from a pipe byte by byte (6 s a megabyte where system calls are slow); its `read -N` takes it in one go, but not in POSIX mode.
 * Other shells do not run that line and read the text behind it as they read everything.
 */
function quickly(text: string): string {
  const size = Buffer.byteLength(text);
  if (size < 4096) return text;
  return `[ "\${BASH_VERSINFO:-0}" -ge 5 ] && { _p=; case $SHELLOPTS in *posix*) _p=1; set +o posix;; esac; LC_ALL=C IFS= read -r -N ${size} _x; [ -z "$_p" ] || set -o posix; eval "_x=;$_x"; }\n${text}`;
}

/**
 * First text of every shell. It speaks C, and `_own` gives a command back the locale that the login had. Its own words about dead children (bash
 * prints their whole text) go nowhere; fd 7 is the real stderr. The process group is field 5 of /proc/PID/stat; without /proc it is taken to be the
 * shell's own. Another user may not look into the folder of the login, and find(1) and others fail where they cannot come back to: theirs is home.
 */
export function startText(marker: string, terminal: boolean): string {
  const speak = `_la=\${LC_ALL+_}\${LC_ALL-} _lg=\${LANGUAGE+_}\${LANGUAGE-}; LC_ALL=C; export LC_ALL; unset LANGUAGE
_own() { unset LC_ALL; [ -z "$_la" ] || { LC_ALL=\${_la#_}; export LC_ALL; }; [ -z "$_lg" ] || { LANGUAGE=\${_lg#_}; export LANGUAGE; }; }; `;
  return `{ ${speak}${terminal ? '' : 'exec 7>&2; '}exec 2>/dev/null; [ -r . ] && [ -x . ] || cd -- "\${HOME:-/}" || cd /; _s=; { IFS= read -r _s </proc/$$/stat; } 2>/dev/null; _s=\${_s##*) }; set -- $_s; printf '\\036${marker} shell %s\\n' "\${3:-$$}"; set --; }\n`;
}
