// The secrets of a run, so that none of them is shown: whatever leaves the engine (events, journal, reports) passes through `redact`.

export const MASK = '********';
/** Shorter values would take ordinary text with them: they are masked only where they are the whole value. */
const SHORTEST = 4;
/** Lines of a secret of several lines are secrets themselves from this length on. */
const SHORTEST_LINE = 6;

/** Register of values that are never shown. It forgets nothing. */
export class Secrets {
  readonly #whole = new Set<string>();
  /** By their first character's code, longest first. */
  readonly #needles = new Map<number, string[]>();
  readonly #known = new Set<string>();

  /** Whether there is anything to mask. */
  get empty(): boolean {
    return this.#known.size === 0 && this.#whole.size === 0;
  }

  /** From now on the value is masked, in its JSON spelling too; a value of several lines also line by line. */
  add(value: string): void {
    const trimmed = value.trim();
    if (trimmed === '' || /^\*+$/.test(trimmed)) return;
    this.#whole.add(value);
    this.#whole.add(trimmed);
    for (const spelling of new Set([value, trimmed])) this.#needle(spelling, SHORTEST);
    if (!trimmed.includes('\n')) return;
    for (const line of trimmed.split(/\r?\n/)) {
      this.#needle(line.trim(), SHORTEST_LINE);
      // A file of variables that was encrypted whole: its values are the secrets.
      const entry =
        /^\s*(?:- +)*["']?[\w.-]+["']?\s*:\s+(\S.*)$/.exec(line)?.[1] ?? /^\s*(?:- +)+(\S.*)$/.exec(line)?.[1];
      if (entry !== undefined) this.#needle(unquoted(entry.trim()), SHORTEST_LINE);
    }
  }
  #needle(text: string, shortest: number): void {
    if (text.length < shortest || /^\*+$/.test(text)) return;
    const escaped = JSON.stringify(text).slice(1, -1);
    for (const spelling of new Set([text, escaped])) {
      if (this.#known.has(spelling)) continue;
      this.#known.add(spelling);
      const code = spelling.charCodeAt(0);
      const list = this.#needles.get(code);
      if (list === undefined) this.#needles.set(code, [spelling]);
      else {
        const at = list.findIndex((other) => other.length < spelling.length);
        list.splice(at < 0 ? list.length : at, 0, spelling);
      }
    }
  }

  /** The text with every secret in it masked; secrets that overlap are masked together. */
  redact(text: string): string {
    if (this.empty || text === '') return text;
    if (this.#whole.has(text) || this.#whole.has(text.trim())) return MASK;
    let result = '';
    let copied = 0;
    let start = -1;
    let end = -1;
    for (let at = 0; at < text.length; at++) {
      const needles = this.#needles.get(text.charCodeAt(at));
      if (needles === undefined) continue;
      const found = needles.find((needle) => text.startsWith(needle, at));
      if (found === undefined) continue;
      if (start < 0 || at > end) {
        if (start >= 0) {
          result += text.slice(copied, start) + MASK;
          copied = end;
        }
        start = at;
        end = at + found.length;
      } else end = Math.max(end, at + found.length);
    }
    if (start < 0) return text;
    return result + text.slice(copied, start) + MASK + text.slice(end);
  }

  /** Plain data (results, events) with all of its text masked, keys too; numbers that are a secret as a whole become the mask. */
  redactDeep<T>(plain: T): T {
    return this.empty ? plain : (this.#deep(plain) as T);
  }
  #deep(plain: unknown): unknown {
    if (typeof plain === 'string') return this.redact(plain);
    if (typeof plain === 'number' || typeof plain === 'bigint') return this.#whole.has(String(plain)) ? MASK : plain;
    if (Array.isArray(plain)) return plain.map((item) => this.#deep(item));
    if (
      plain === null ||
      typeof plain !== 'object' ||
      (Object.getPrototypeOf(plain) !== Object.prototype && Object.getPrototypeOf(plain) !== null)
    )
      return plain;
    const copy: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(plain))
      Object.defineProperty(copy, this.redact(key), {
        value: this.#deep(value),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    return copy;
  }
}

function unquoted(text: string): string {
  const quoted = /^"(.*)"$|^'(.*)'$/.exec(text);
  return quoted?.[1] ?? quoted?.[2] ?? text;
}
