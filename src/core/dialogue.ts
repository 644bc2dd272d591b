// A talk with a program that asks: what it prints is searched for patterns, and the one that is found first decides what it is told.
import { reprString } from './python-text.ts';
import { bytePattern, byteText, search } from './python-regex.ts';

/** `answers`: one for each time that it asks, or a list of which each serves once. */
export interface Prompt {
  readonly pattern: string;
  readonly answers: string | readonly string[];
}

export interface Heard {
  /** What to type, in order. */
  readonly answers: readonly Buffer[];
  /** Why the talk cannot go on. */
  readonly failed?: string;
}

interface Asked {
  readonly prompt: Prompt;
  readonly pattern: RegExp;
  /** How many answers of a list were used up. */
  given: number;
}

export class Dialogue {
  readonly #prompts: readonly Asked[];
  /** What was printed behind the last question that was found, one character a byte. */
  #unread = '';

  /** Errors: PatternError. */
  constructor(prompts: readonly Prompt[]) {
    this.#prompts = prompts.map((prompt) => ({
      prompt,
      pattern: bytePattern(prompt.pattern, { dotAll: true }),
      given: 0,
    }));
  }

  hear(chunk: Buffer): Heard {
    this.#unread += byteText(chunk);
    const answers: Buffer[] = [];
    for (;;) {
      const found = this.#first();
      if (found === undefined) return { answers };
      const { asked, end, length } = found;
      const printed = this.#unread.slice(0, end);
      this.#unread = this.#unread.slice(end);
      const { pattern, answers: known } = asked.prompt;
      const answer = typeof known === 'string' ? known : known[asked.given++];
      if (answer === undefined)
        return { answers, failed: `No remaining responses for '${pattern}', output was '${pythonBytes(printed)}'` };
      answers.push(Buffer.from(`${answer.replace(/\n+$/, '')}\n`));
      // A pattern that matches nothing at all asks once for each piece that is printed.
      if (length === 0) return { answers };
    }
  }

  /** Of several that are found at the same place, the first that was written. */
  #first() {
    let best: { asked: Asked; start: number; end: number; length: number } | undefined;
    for (const asked of this.#prompts) {
      const match = search(asked.pattern, this.#unread);
      if (match === undefined || (best !== undefined && best.start <= match.index)) continue;
      best = { asked, start: match.index, end: match.index + match.text.length, length: match.text.length };
    }
    return best;
  }
}

/** Python's repr of bytes, given one character a byte. */
function pythonBytes(bytes: string): string {
  return `b${reprString(bytes).replaceAll(/[\x80-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`)}`;
}
