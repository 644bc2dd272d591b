// Asking the person at the terminal: passwords without echo, questions, one at a time. Nothing is asked where there is no terminal.
import { openSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { ReadStream, WriteStream } from 'node:tty';
import { UsageError } from '../core/error.ts';

export interface Question {
  readonly text: string;
  readonly secret: boolean;
  readonly seconds?: number;
  readonly signal?: AbortSignal;
}

let queue: Promise<unknown> = Promise.resolve();
let asker: ((question: Question) => Promise<string | undefined>) | undefined;

/** While a screen is on it asks in its own way; undefined is its answer when the person interrupts. */
export function setAsker(by: ((question: Question) => Promise<string | undefined>) | undefined): void {
  asker = by;
}

/** Whether somebody can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY;
}

/** The answer to a question, without its line break. Empty when the terminal is closed or `seconds` are over. Errors: when there is no terminal. */
export function ask(question: Question): Promise<string> {
  const mine = queue.then(() => askNow(question));
  queue = mine.catch(() => undefined);
  return mine;
}

async function askNow(question: Question): Promise<string> {
  if (asker !== undefined) {
    const answer = await asker(question);
    if (answer === undefined) throw new Error('interrupted');
    return answer;
  }
  const { text, secret, seconds, signal } = question;
  const terminal = process.stdin.isTTY ? process.stdin : openTerminal();
  const output = process.stderr.isTTY ? process.stderr : new WriteStream(openSync('/dev/tty', 'w'));
  output.write(text);
  const timeout = seconds === undefined ? undefined : AbortSignal.timeout(seconds * 1000);
  const signals = [signal, timeout].filter((each): each is AbortSignal => each !== undefined);
  try {
    if (secret) return await readSecret(terminal, signals);
    const reader = createInterface({ input: terminal, terminal: false });
    try {
      return await reader.question('', signals.length === 0 ? {} : { signal: AbortSignal.any(signals) });
    } finally {
      reader.close();
    }
  } catch (error) {
    if (timeout?.aborted === true) return '';
    throw error;
  } finally {
    if (secret) output.write('\n');
  }
}

function openTerminal(): ReadStream {
  try {
    return new ReadStream(openSync('/dev/tty', 'r'));
  } catch {
    throw new UsageError('there is no terminal to ask at');
  }
}

function readSecret(terminal: ReadStream | typeof process.stdin, signals: readonly AbortSignal[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed = '';
    terminal.setRawMode(true);
    terminal.resume();
    const finish = (end: () => void): void => {
      terminal.off('data', onData);
      terminal.setRawMode(false);
      terminal.pause();
      end();
    };
    const onData = (chunk: Buffer): void => {
      for (const char of chunk.toString('utf8')) {
        if (char === '\r' || char === '\n') return finish(() => resolve(typed));
        if (char === '\u0003') return finish(() => reject(new Error('interrupted')));
        if (char === '\u0004') return finish(() => resolve(typed));
        typed = char === '\u007f' || char === '\b' ? [...typed].slice(0, -1).join('') : typed + char;
      }
    };
    terminal.on('data', onData);
    for (const signal of signals)
      signal.addEventListener('abort', () => finish(() => reject(new Error('no answer'))), { once: true });
  });
}
