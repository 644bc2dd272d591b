// Runs the snippets of one exchange in a kept shell: one write, framed answers in order. A snippet that overstays is killed with its shell.
import type { Snippet } from '../core/connection.ts';
import { quote } from '../core/quote.ts';
import type { Answer } from '../core/probe.ts';
import type { ChannelExit } from './channel.ts';
import { Collector } from './collector.ts';
import type { Shell, Stream } from './shell.ts';

/** Output that is kept of one snippet or command unless it says otherwise. */
export const DEFAULT_LIMIT = 10 * 1024 * 1024;
/** Output of stderr that is kept. */
export const STDERR_LIMIT = 1024 * 1024;

/** How an exchange in one shell ended: all answered, or the shell was lost at snippet `at`. */
export type ExchangeEnd =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'broken';
      readonly at: number;
      readonly timedOut: boolean;
      /** Any of it ran. */ readonly started: boolean;
      readonly exit: ChannelExit;
    };

/**
 * Shell text of an exchange: parsed wholly before any of it runs, since it is one group. Snippets are quoted, so that no error of theirs can break it.
 * Behind a `commanded` shell's last command it says `dirty` and runs nothing where something of that command could still write into a frame.
 */
export function exchangeText(marker: string, number: number, snippets: readonly Snippet[], commanded = false): string {
  const lines = [
    `{ ${frameFunctions(marker, number)} _f=0; _r=0; ${commanded ? 'if [ -n "$_d" ] && { _k; [ -n "$_d" ]; }; then _o dirty; else ' : ''}${startFrame(number)} start`,
  ];
  for (const [index, { script, quiet, stopOnFailure, always }] of snippets.entries()) {
    const run = `(eval ${quote(script)}) </dev/null ${quiet === true ? '' : '2>&7 '}7>&-; _r=$?; ${quiet === true ? '_o' : '_m'} ${index}${stopOnFailure === true ? '; [ $_r = 0 ] || _f=1' : ''}`;
    lines.push(always === true || index === 0 ? run : `[ $_f = 0 ] && { ${run}; }`);
  }
  return `${lines.join('\n')}\n${commanded ? 'fi; ' : ''}}\n`;
}

/**
 * `_m` prints a frame's end on both streams, `_o` on stdout alone: word and status. Its text never holds the marker as it is printed. Each is a packet
 * of its own: what needs no frame has none.
 */
export function frameFunctions(marker: string, number: number): string {
  return `_o() { printf '\\036${marker} ${number} %s %s\\n' "$1" "$_r"; }; _m() { _o "$1"; _o "$1" >&7; };`;
}

/** Prints the first frame of a text: on stderr only to a new shell's reader, who would take what the login said there for the text's. */
export function startFrame(number: number): '_m' | '_o' {
  return number === 1 ? '_m' : '_o';
}

export interface ExchangeRun {
  /** Filled as answers come; an index without one was not run. */
  readonly answers: (Answer | undefined)[];
  /** Resolves when all frames are there or the shell is gone. Never rejects. */
  readonly end: Promise<ExchangeEnd>;
  /** The snippet that runs now. */
  readonly at: () => number;
  readonly bytesOut: Promise<number>;
  /** Gives up on the shell: `end` resolves at once. */
  readonly abandon: () => void;
}

/**
 * Starts an exchange. `overdue` is called (once) when the snippet that runs has used up its seconds; whoever is called kills the shell's process
 * group, by which the exchange ends as `broken`. `came` is told the bytes of answers that are kept, as they arrive.
 */
export function startExchange(
  shell: Shell,
  snippets: readonly Snippet[],
  timeout: number | undefined,
  overdue: (at: number) => void,
  came?: (bytes: number) => void,
): ExchangeRun {
  const answers: (Answer | undefined)[] = snippets.map(() => undefined);
  const statuses = new Map<number, number>();
  const collectors: Record<Stream, Collector> = {
    stdout: new Collector(limitOf(snippets[0])),
    stderr: new Collector(STDERR_LIMIT),
  };
  const parts: Record<Stream, Map<number, Collected>> = { stdout: new Map(), stderr: new Map() };
  let running = 0;
  let timedOut = false;
  /** The snippet that overstayed: its shell may live just long enough to end its frame, with what there was so far. */
  let late: number | undefined;
  let ended = false;
  let started = false;
  let timer: NodeJS.Timeout | undefined;
  const { promise: end, resolve } = Promise.withResolvers<ExchangeEnd>();

  const finish = (how: ExchangeEnd) => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    shell.done();
    resolve(how);
  };
  const watch = () => {
    clearTimeout(timer);
    const seconds = snippets[running]?.timeout ?? timeout ?? 0;
    if (ended || running >= snippets.length || seconds <= 0) return;
    const at = running;
    timer = setTimeout(() => {
      // This process may have been busy: what has arrived meanwhile is read first.
      setTimeout(() => {
        if (ended || running !== at) return;
        timedOut = true;
        late = at;
        overdue(at);
      }, 50);
    }, seconds * 1000);
  };
  const pair = (index: number) => {
    const stdout = parts.stdout.get(index);
    const stderr = parts.stderr.get(index);
    const rc = statuses.get(index);
    if (stdout === undefined || stderr === undefined || rc === undefined) return;
    answers[index] = {
      rc,
      stdout: stdout.bytes,
      stderr: stderr.bytes,
      ...(stdout.truncated || stderr.truncated ? { truncated: true } : {}),
      ...(index === late ? { timedOut: true } : {}),
    };
  };
  /** All that was to run has run, and both streams told it. */
  const complete = () =>
    running >= snippets.length && [...statuses.keys()].every((index) => answers[index] !== undefined);
  const number = shell.begin({
    data(stream, chunk) {
      const kept = collectors[stream].add(chunk);
      came?.(kept);
    },
    header(stream, [word = '', status = '']) {
      if (word === 'start') started = true;
      else if (word === 'dirty') finish({ kind: 'broken', at: 0, timedOut: false, started: false, exit: {} });
      else {
        const index = Number(word);
        parts[stream].set(index, collectors[stream].take());
        statuses.set(index, Number(status));
        if (stream === 'stdout') {
          if (snippets[index]?.quiet === true) parts.stderr.set(index, { bytes: Buffer.alloc(0), truncated: false });
          running = next(snippets, index, statuses);
          collectors.stdout.limit = limitOf(snippets[running]);
          watch();
        }
        pair(index);
      }
      if (complete()) finish({ kind: 'done' });
      // It was done before the kill came, which would hit what has begun behind it: a question is asked anew, in another shell.
      else if (late !== undefined && answers[late] !== undefined && snippets[running]?.always === true)
        finish({ kind: 'broken', at: late, timedOut, started, exit: {} });
    },
    closed: (exit) => {
      // What the snippet printed before its shell went is part of the answer.
      for (const stream of ['stdout', 'stderr'] as const)
        if (!parts[stream].has(running)) parts[stream].set(running, collectors[stream].take());
      if (running < snippets.length && answers[running] === undefined) {
        statuses.set(running, timedOut ? 143 : statusOf(exit));
        pair(running);
        const answer = answers[running];
        if (answer !== undefined && timedOut) answers[running] = { ...answer, timedOut: true };
      }
      // The shell went behind its last frame, before the other stream told it.
      for (const index of statuses.keys()) {
        if (!parts.stderr.has(index)) parts.stderr.set(index, collectors.stderr.take());
        pair(index);
      }
      finish(complete() ? { kind: 'done' } : { kind: 'broken', at: running, timedOut, started, exit });
    },
  });
  const bytesOut = ended
    ? Promise.resolve(0)
    : shell.write(exchangeText(shell.marker, number, snippets, shell.commanded));
  watch();
  return {
    answers,
    end,
    at: () => running,
    bytesOut,
    abandon() {
      const answer = answers[running];
      if (!ended && answer === undefined && running < snippets.length)
        answers[running] = {
          rc: 137,
          stdout: collectors.stdout.take().bytes,
          stderr: collectors.stderr.take().bytes,
          ...(timedOut ? { timedOut } : {}),
        };
      finish({ kind: 'broken', at: running, timedOut, started, exit: {} });
    },
  };
}

interface Collected {
  readonly bytes: Buffer;
  readonly truncated: boolean;
}

function limitOf(snippet: Snippet | undefined): number {
  return snippet?.limit ?? DEFAULT_LIMIT;
}

/** The snippet that runs after `index`, by the same rule as the text's. */
export function next(snippets: readonly Snippet[], index: number, statuses: ReadonlyMap<number, number>): number {
  const failed = snippets.some(
    (snippet, at) => at <= index && snippet.stopOnFailure === true && (statuses.get(at) ?? 0) !== 0,
  );
  for (let at = index + 1; at < snippets.length; at++) if (!failed || snippets[at]?.always === true) return at;
  return snippets.length;
}

/** The status of a shell that is gone, as a shell would give it. */
export function statusOf(exit: ChannelExit): number {
  if (exit.code !== undefined) return exit.code;
  const signals: Record<string, number> = {
    HUP: 1,
    INT: 2,
    QUIT: 3,
    ABRT: 6,
    KILL: 9,
    SEGV: 11,
    PIPE: 13,
    ALRM: 14,
    TERM: 15,
  };
  return 128 + (signals[(exit.signal ?? 'KILL').replace(/^SIG/, '')] ?? 9);
}
