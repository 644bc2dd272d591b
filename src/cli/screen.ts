// Whether there is a screen, and what it needs of this machine: the terminal, an editor, a shell on a host, files to look at.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { Event, Reporter } from '../core/event.ts';
import type { Origin } from '../core/origin.ts';
import { splitWords } from '../core/words.ts';
import { Screen, type Player } from '../reporters/tui/screen.ts';
import { makeTheme } from '../reporters/tui/theme.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Whether the locale's characters are UTF-8; VBX_ASCII asks for plain ones. */
export function isUnicode(env: Env = process.env): boolean {
  const { VBX_ASCII: ascii, LC_ALL: all, LC_CTYPE: ctype, LANG: lang } = env;
  if (ascii !== undefined && ascii !== '' && ascii !== '0') return false;
  return /utf-?8/i.test([all, ctype, lang].find((value) => value !== undefined && value !== '') ?? '');
}

/** The screen of this terminal; `shell`: words of the command that opens a shell on a host. */
export function makeScreen(given: {
  readonly level: 0 | 1 | 2 | 3;
  readonly shell?: (host: string) => readonly string[];
  readonly player?: Player;
  readonly speed?: number;
  readonly confirming?: boolean;
  readonly onOff: (why: 'detached' | 'lost') => void;
}): Screen {
  return new Screen({
    stdin: process.stdin,
    stdout: process.stdout,
    theme: makeTheme({ level: given.level, unicode: isUnicode() }),
    onOff: given.onOff,
    ...(given.player === undefined ? {} : { player: given.player }),
    ...(given.speed === undefined ? {} : { speed: given.speed }),
    ...(given.confirming === undefined ? {} : { confirming: given.confirming }),
    hooks: {
      edit: (origin) => run(editorWords(origin, process.env)),
      shell: async (host) => (given.shell === undefined ? 'there is no shell in a replay' : run(given.shell(host))),
      source(file) {
        try {
          return readFileSync(file, 'utf8');
        } catch {
          return '';
        }
      },
    },
  });
}

/** $VISUAL or $EDITOR (default vi) at a line: the form that the common editors take. */
export function editorWords(origin: Origin, env: Env): string[] {
  const { VISUAL: visual, EDITOR: editor } = env;
  const words = splitWords([visual, editor].find((value) => value !== undefined && value !== '') ?? 'vi').words ?? [
    'vi',
  ];
  const name = words[0]?.split('/').at(-1) ?? '';
  const file = isAbsolute(origin.file) ? origin.file : `./${origin.file}`;
  if (/^(code|codium|cursor|subl|zed|hx|helix)$/.test(name))
    return [
      ...words,
      ...(name === 'code' || name === 'codium' || name === 'cursor' ? ['--goto'] : []),
      `${file}:${origin.line}:${origin.column}`,
    ];
  return [...words, `+${origin.line}`, file];
}

function run(words: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const [command = '', ...args] = words;
    const child = spawn(command, args, { stdio: 'inherit' });
    child.on('error', (error) => resolve(`${command}: ${error.message}`));
    child.on('exit', (code, signal) =>
      resolve(
        signal !== null
          ? `${command} was ended by ${signal}`
          : code === 0 || code === null
            ? undefined
            : `${command} ended with exit status ${code}`,
      ),
    );
  });
}

/** The plain reporter beside a screen: silent while the screen is on, fed only with what its last words need; speaks at the end or when the screen goes. */
export class BehindScreen implements Reporter {
  readonly #reporter: Reporter;
  readonly #out: { held: string[] | undefined; through: boolean };

  constructor(make: (write: (text: string) => void) => Reporter, write: (text: string) => void) {
    const out: { held: string[] | undefined; through: boolean } = { held: undefined, through: false };
    this.#out = out;
    this.#reporter = make((text) => {
      if (out.through) write(text);
      else out.held?.push(text);
    });
  }

  event(event: Event): void {
    if (this.#out.through) return this.#reporter.event(event);
    if (event.kind === 'run-end') this.#out.held = [];
    else if (
      event.kind === 'output' ||
      event.kind === 'item-end' ||
      event.kind === 'exchange' ||
      event.kind === 'connection' ||
      event.kind === 'warning' ||
      event.kind === 'error'
    )
      return;
    else if (event.kind === 'host-end' && event.outcome.kind !== 'failed' && event.outcome.kind !== 'unreachable')
      return;
    this.#reporter.event(event);
  }

  /** The screen is off: what was held is given out, everything that follows is told at once. */
  speak(write: (text: string) => void): void {
    for (const text of this.#out.held ?? []) write(text);
    this.#out.held = undefined;
    this.#out.through = true;
  }
}
