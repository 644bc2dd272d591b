// Runs one command of the user's in a shell that nothing else uses meanwhile: a process group of its own, output streamed, nothing left behind unnoticed.
import type { Command } from '../core/connection.ts';
import { UsageError } from '../core/error.ts';
import type { Answer } from '../core/probe.ts';
import { quote } from '../core/quote.ts';
import { Collector } from './collector.ts';
import { DEFAULT_LIMIT, frameFunctions, startFrame, statusOf } from './exchange.ts';
import type { ChannelExit } from './channel.ts';
import type { Shell, Stream } from './shell.ts';

/**
 * `shared`: in a session of its own (setsid) below the shell, which is good for the next command when nothing was left behind.
 * `alone`: the shell is used up; its stdin is the command's and its process group too.
 */
export type CommandMode = 'shared' | 'alone';

export type CommandEnd =
  | { readonly kind: 'done'; readonly rc: number }
  /** Nothing ran: a process of the command before holds the shell's output, or is in its group; or there is no setsid. */
  | { readonly kind: 'unfit'; readonly why: 'dirty' | 'no-setsid' }
  | { readonly kind: 'closed'; readonly started: boolean; readonly exit: ChannelExit };

export interface CommandRun {
  /** Resolves once the command runs: bytes for its stdin may be sent. False when it never did. */
  readonly running: Promise<boolean>;
  readonly end: Promise<CommandEnd>;
  /** Process group to signal; undefined while unknown. */
  readonly group: () => number | undefined;
  readonly written: Promise<number>;
  readonly abandon: () => void;
}

/**
 * Text for a shell before its first command: remembers the processes there are before any command of its. `_k` then says in `_d` whether the command
 * before (group `_g`) left something behind: a newer process that holds the shell's output, or one of its group. Built-ins only; without /proc it cannot
 * be known, and counts as something.
 */
const BASELINE = `{ _k() { _d=; [ -e /proc/$$/fd/1 ] && ! kill -0 -"$_g" || _d=1; for _p in /proc/[0-9]*; do case $_b in *" $_p "*) continue;; esac
if [ $_p/fd/1 -ef /proc/$$/fd/1 ] || [ $_p/fd/2 -ef /proc/$$/fd/7 ]; then _d=1; break; fi; done; }; _b=' '; for _p in /proc/[0-9]*; do _b="$_b$_p "; done; _d=; }\n`;

/** Starts a command; `output` gets what it prints as it comes. */
export function startCommand(
  shell: Shell,
  command: Command,
  mode: CommandMode,
  stdin: 'null' | 'channel' | 'terminal',
  output: (stream: Stream, chunk: Buffer) => void,
): CommandRun {
  const running = Promise.withResolvers<boolean>();
  const end = Promise.withResolvers<CommandEnd>();
  let group: number | undefined;
  let started = false;
  let rc: number | undefined;
  const ends = { stdout: false, stderr: false };
  const finish = (how: CommandEnd) => {
    shell.done();
    running.resolve(false);
    end.resolve(how);
  };
  const number = shell.begin({
    data: output,
    header(stream, [word = '', status = '']) {
      switch (word) {
        case 'run':
          if (stream !== 'stdout') return;
          started = true;
          if (mode === 'alone') group = shell.group;
          running.resolve(true);
          return;
        case 'pid':
          group = Number(status);
          return;
        case 'dirty':
        case 'no-setsid':
          return finish({ kind: 'unfit', why: word });
        case 'end':
          rc = Number(status);
          ends[stream] = true;
          if (ends.stdout && ends.stderr) finish({ kind: 'done', rc });
          return;
      }
    },
    closed: (exit) => finish(rc === undefined ? { kind: 'closed', started, exit } : { kind: 'done', rc }),
  });
  const text =
    mode === 'shared'
      ? `${shell.commanded ? '' : BASELINE}${sharedText(shell, number, command)}`
      : aloneText(shell, number, command, stdin);
  shell.commanded = true;
  return {
    running: running.promise,
    end: end.promise,
    group: () => group,
    written: shell.closed ? Promise.resolve(0) : shell.write(text),
    abandon: () => finish({ kind: 'closed', started, exit: {} }),
  };
}

function sharedText(shell: Shell, number: number, command: Command): string {
  // The text comes down a pipe, never in argv; the group is parsed wholly before it takes the pipe away from itself.
  const inner = `{ exec </dev/null; printf '\\036${shell.marker} ${number} pid %s\\n' "$$"; ${prelude(command)}eval ${quote(command.script)}\n}\n`;
  return `{ ${frameFunctions(shell.marker, number)} _r=0
if ! command -v setsid >/dev/null; then _o no-setsid; elif [ -n "$_d" ] && { _k; [ -n "$_d" ]; }; then _o dirty; else ${startFrame(number)} run
printf %s ${quote(inner)} | { _own; exec setsid ${quote(shell.executable)}; } 2>&7 7>&-; _r=$?; _m end; fi; }\n`;
}

function aloneText(shell: Shell, number: number, command: Command, stdin: 'null' | 'channel' | 'terminal'): string {
  const body = `(_own; ${prelude(command)}eval ${quote(command.script)})`;
  // End of input cannot be told to a raw terminal: there it is a line with a dot behind lines of base64.
  const run = stdin === 'terminal' ? `sed -n '/^\\.$/q;p' | base64 -d | ${body}` : body;
  return `{ ${frameFunctions(shell.marker, number)} _r=0; ${startFrame(number)} run; { ${run}; }${stdin === 'null' ? ' </dev/null' : ''} 2>&7 7>&-; _r=$?; _m end; }\n`;
}

/** Has a shell look, while nobody waits, for what its last command left behind; before the next text it looks again only if it found something. */
export function lookBehindText(group: number): string {
  return `{ _g=${group}; _k; }\n`;
}

/** Shell text that makes what the command is to run in. */
export function prelude({ chdir, umask, environment }: Pick<Command, 'chdir' | 'umask' | 'environment'>): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(environment ?? {})) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      throw new UsageError(`"${name}" cannot be the name of an environment variable for a shell`);
    parts.push(`export ${name}=${quote(value)}`);
  }
  if (umask !== undefined) parts.push(`umask ${quote(umask)} || exit 1`);
  if (chdir !== undefined) parts.push(`cd -P ${quote(chdir.startsWith('-') ? `./${chdir}` : chdir)} || exit 1`);
  return parts.map((part) => `${part}; `).join('');
}

/** Collects what a command prints, up to its limit, and makes the answer. */
export class CommandOutput {
  readonly #stdout: Collector;
  readonly #stderr: Collector;
  constructor(limit: number | undefined) {
    this.#stdout = new Collector(limit ?? DEFAULT_LIMIT);
    this.#stderr = new Collector(limit ?? DEFAULT_LIMIT);
  }
  add(stream: Stream, chunk: Buffer): void {
    (stream === 'stdout' ? this.#stdout : this.#stderr).add(chunk);
  }
  answer(end: CommandEnd, timedOut: boolean): Answer {
    const stdout = this.#stdout.take();
    const stderr = this.#stderr.take();
    const rc = end.kind === 'done' ? end.rc : end.kind === 'closed' ? statusOf(end.exit) : 255;
    return {
      rc,
      stdout: stdout.bytes,
      stderr: stderr.bytes,
      ...(timedOut ? { timedOut } : {}),
      ...(stdout.truncated || stderr.truncated ? { truncated: true } : {}),
    };
  }
}
