// A cursor over YAML text that reads its scalars: it keeps line and column of every place, so that each value and error can be shown.
import { PlaybookError } from '../core/error.ts';
import { pack, unpack } from './yaml-positions.ts';

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const HASH = 35;
const COLON = 58;

/** Blank, line break or end of text. */
export function isBlank(code: number): boolean {
  return code === SPACE || code === LF || code === TAB || code === CR || code !== code;
}
export function isFlowIndicator(code: number): boolean {
  return code === 44 || code === 91 || code === 93 || code === 123 || code === 125;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};

export class YamlScanner {
  readonly text: string;
  readonly file: string;
  pos = 0;
  /** 1-based. */
  line = 1;
  /** Offset of the first character of the current line. */
  lineStart = 0;
  /** Line on which the last token ended: what follows on the same line belongs to it or is an error. */
  endLine = 0;
  flow = 0;
  /** Of the scalar read last, when it does not stand in one piece (see core/origin.ts). */
  pieces: number[] | undefined;

  constructor(text: string, file: string) {
    this.text = text;
    this.file = file;
    if (text.charCodeAt(0) === 0xfeff) {
      this.pos = 1;
      this.lineStart = 1;
    }
  }

  /** 0-based column of the cursor. */
  get column(): number {
    return this.pos - this.lineStart;
  }
  get here(): number {
    return pack(this.line, this.pos - this.lineStart + 1);
  }
  code(ahead = 0): number {
    return this.text.charCodeAt(this.pos + ahead);
  }
  get atEnd(): boolean {
    return this.pos >= this.text.length;
  }

  /** `---` or `...` at the start of a line, followed by a blank. */
  atMarker(): boolean {
    if (this.pos !== this.lineStart) return false;
    const first = this.code();
    return (first === 45 || first === 46) && this.code(1) === first && this.code(2) === first && isBlank(this.code(3));
  }

  fail(
    message: string,
    hint?: string,
    at: { line: number; column: number } = { line: this.line, column: this.column + 1 },
  ): never {
    throw new PlaybookError(message, { origin: { file: this.file, ...at }, hint });
  }

  /** Skips blanks, comments and line breaks; true when a line break was among them. */
  skip(): boolean {
    const { text } = this;
    let crossed = false;
    for (;;) {
      const code = text.charCodeAt(this.pos);
      if (code === SPACE) this.pos += 1;
      else if (code === LF) {
        this.pos += 1;
        this.line += 1;
        this.lineStart = this.pos;
        crossed = true;
      } else if (code === HASH) {
        const end = text.indexOf('\n', this.pos);
        this.pos = end === -1 ? text.length : end;
      } else if (code === CR) {
        this.pos += 1;
        if (text.charCodeAt(this.pos) === LF) continue;
        this.line += 1;
        this.lineStart = this.pos;
        crossed = true;
      } else if (code === TAB) {
        if (this.flow === 0) this.#checkTab();
        this.pos += 1;
      } else return crossed;
    }
  }

  /** A tab separates words but never indents. */
  #checkTab(): void {
    const { text } = this;
    for (let i = this.lineStart; i < this.pos; i += 1)
      if (text.charCodeAt(i) !== SPACE && text.charCodeAt(i) !== TAB) return;
    let next = this.pos;
    while (text.charCodeAt(next) === SPACE || text.charCodeAt(next) === TAB) next += 1;
    const code = text.charCodeAt(next);
    if (code === LF || code === CR || code !== code || code === HASH) return;
    this.fail('a tab indents this line', 'YAML is indented with blanks only: replace the tab by blanks');
  }

  /** From here on the scalar, of which `value` was read, goes on: what was before it began at `start`, a packed place. */
  #nextPiece(value: string, start: number): void {
    this.pieces ??= [0, ...unpack(start)];
    this.pieces.push(value.length, this.line, this.column + 1);
  }

  /** Passes a line break at the cursor; false when there is none. */
  #lineBreak(): boolean {
    const code = this.code();
    if (code !== LF && code !== CR) return false;
    this.pos += code === CR && this.code(1) === LF ? 2 : 1;
    this.line += 1;
    this.lineStart = this.pos;
    return true;
  }

  #blanks(): void {
    for (let code = this.code(); code === SPACE || code === TAB; code = this.code()) this.pos += 1;
  }

  /** An unquoted scalar at the cursor; its further lines are deeper than `parent`. The cursor ends right behind it. */
  plain(parent: number): string {
    const start = this.here;
    this.pieces = undefined;
    let value = this.#plainLine();
    // Further lines are looked at from a copy of the cursor, which moves only when they belong to the scalar.
    for (;;) {
      this.endLine = this.line;
      const code = this.code();
      if (code === COLON || (this.flow > 0 && isFlowIndicator(code))) return value;
      const { pos, line, lineStart } = this;
      this.#blanks();
      let breaks = 0;
      while (this.#lineBreak()) {
        breaks += 1;
        this.#blanks();
      }
      const next = this.code();
      const column = this.column;
      const ends =
        breaks === 0 ||
        this.atEnd ||
        next === HASH ||
        (this.flow === 0 && column <= parent) ||
        (column === 0 && this.atMarker()) ||
        (this.flow > 0 &&
          (isFlowIndicator(next) || (next === COLON && (isBlank(this.code(1)) || isFlowIndicator(this.code(1)))))) ||
        (this.flow === 0 && next === COLON && isBlank(this.code(1)));
      if (ends) {
        this.pos = pos;
        this.line = line;
        this.lineStart = lineStart;
        return value;
      }
      value += breaks === 1 ? ' ' : '\n'.repeat(breaks - 1);
      this.#nextPiece(value, start);
      value += this.#plainLine();
    }
  }

  #plainLine(): string {
    const { text } = this;
    const start = this.pos;
    let i = start;
    let end = start;
    for (; ; i += 1) {
      const code = text.charCodeAt(i);
      if (code === SPACE || code === TAB) continue;
      if (code === LF || code === CR || code !== code) break;
      if (code === COLON) {
        const next = text.charCodeAt(i + 1);
        if (isBlank(next) || (this.flow > 0 && isFlowIndicator(next))) break;
      } else if (code === HASH) {
        if (i > end) break;
      } else if (this.flow > 0 && isFlowIndicator(code)) break;
      end = i + 1;
    }
    // With a colon behind blanks (`key : value`) the cursor goes to the colon; the scalar ends before the blanks either way.
    this.pos = text.charCodeAt(i) === COLON ? i : end;
    return text.slice(start, end);
  }

  /** A quoted scalar at the cursor. */
  quoted(): string {
    const { text } = this;
    const quote = this.code();
    const opened = { line: this.line, column: this.column + 1 };
    this.pos += 1;
    this.pieces = undefined;
    const first = this.here;
    let start = this.pos;
    let value = '';
    for (;;) {
      const code = text.charCodeAt(this.pos);
      if (code === quote) {
        value += text.slice(start, this.pos);
        this.pos += 1;
        if (quote === 39 && this.code() === 39) {
          value += "'";
          this.pos += 1;
          this.#nextPiece(value, first);
          start = this.pos;
          continue;
        }
        this.endLine = this.line;
        return value;
      }
      if (code !== code)
        this.fail(`the ${quote === 34 ? 'double' : 'single'} quote opened here is never closed`, undefined, opened);
      if (code === 92 && quote === 34) {
        value += text.slice(start, this.pos);
        value += this.#escape();
        this.#nextPiece(value, first);
        start = this.pos;
      } else if (code === LF || code === CR) {
        value += text.slice(start, this.pos).replace(/[ \t]+$/, '');
        value += this.#fold(opened, quote);
        this.#nextPiece(value, first);
        start = this.pos;
      } else this.pos += 1;
    }
  }

  /** Line breaks inside quotes: one is a blank, n are n - 1 line feeds. */
  #fold(opened: { line: number; column: number }, quote: number): string {
    let breaks = 0;
    while (this.#lineBreak()) {
      breaks += 1;
      if (this.atMarker())
        this.fail(
          `the ${quote === 34 ? 'double' : 'single'} quote opened here is not closed before the end of the document`,
          undefined,
          opened,
        );
      this.#blanks();
    }
    return breaks === 1 ? ' ' : '\n'.repeat(breaks - 1);
  }

  #escape(): string {
    const letter = this.text[this.pos + 1] ?? '';
    const simple = ESCAPES[letter];
    if (simple !== undefined) {
      this.pos += 2;
      return simple;
    }
    const length = letter === 'x' ? 2 : letter === 'u' ? 4 : letter === 'U' ? 8 : 0;
    if (length > 0) {
      const digits = this.text.slice(this.pos + 2, this.pos + 2 + length);
      const code = /^[0-9a-fA-F]+$/.test(digits) && digits.length === length ? Number.parseInt(digits, 16) : -1;
      if (code < 0 || code > 0x10ffff) this.fail(`\\${letter} in double quotes needs ${length} hexadecimal digits`);
      this.pos += 2 + length;
      return String.fromCodePoint(code);
    }
    if (letter === '\n' || letter === '\r') {
      this.pos += 1;
      this.#lineBreak();
      let breaks = '';
      this.#blanks();
      while (this.#lineBreak()) {
        breaks += '\n';
        this.#blanks();
      }
      return breaks;
    }
    return this.fail(
      `\\${letter} is not an escape of double-quoted YAML`,
      'write the backslash twice, or use single quotes, in which backslashes are plain text',
    );
  }

  /**
   * A block scalar (`|` or `>`) at the cursor, in a node deeper than `parent`. The cursor ends at the start of the line behind it.
   * Gives the text and the place of its first character.
   */
  block(parent: number): { value: string; line: number; column: number } {
    const folded = this.code() === 62;
    this.pieces = undefined;
    let chomp = '';
    let explicit = 0;
    this.pos += 1;
    for (let code = this.code(); !isBlank(code); code = this.code()) {
      if ((code === 43 || code === 45) && chomp === '') chomp = String.fromCharCode(code);
      else if (code >= 49 && code <= 57 && explicit === 0) explicit = code - 48;
      else {
        this.fail(
          `"${this.text.slice(this.pos).split(/\s/, 1)[0]}" cannot follow the ${folded ? '>' : '|'} of a block of text`,
          'the text begins on the next line; a value that begins with > or | needs quotes',
        );
      }
      this.pos += 1;
    }
    this.#blanks();
    if (this.code() === HASH) {
      const end = this.text.indexOf('\n', this.pos);
      this.pos = end === -1 ? this.text.length : end;
    }
    if (this.atEnd) {
      this.endLine = this.line;
      return { value: '', line: this.line, column: this.column + 1 };
    }
    if (!this.#lineBreak()) this.fail(`the text of a block begins on the line after its ${folded ? '>' : '|'}`);
    const line = this.line;
    const least = Math.max(parent + 1, 1);
    const indent = explicit > 0 ? Math.max(parent, 0) + explicit : Math.max(least, this.#detectIndent());
    return { value: this.#blockLines(indent, folded, chomp), line, column: indent + 1 };
  }

  /** Indentation of the first line with text, or of the longest blank line before it. */
  #detectIndent(): number {
    const { text } = this;
    let longest = 0;
    let start = this.pos;
    for (;;) {
      let i = start;
      while (text.charCodeAt(i) === SPACE) i += 1;
      longest = Math.max(longest, i - start);
      if (text.charCodeAt(i) === CR) i += 1;
      if (text.charCodeAt(i) !== LF) return longest;
      start = i + 1;
    }
  }

  #blockLines(indent: number, folded: boolean, chomp: string): string {
    const { text } = this;
    let value = '';
    const start = pack(this.line, indent + 1);
    let breaks = this.#emptyLines(indent);
    let lineBreak = '';
    while (this.column === indent && !this.atEnd && !(indent === 0 && this.atMarker())) {
      value += breaks;
      if (value !== '') this.#nextPiece(value, start);
      const startsFull = this.code() !== SPACE && this.code() !== TAB;
      let end = text.indexOf('\n', this.pos);
      if (end === -1) end = text.length;
      const trimmed = text.charCodeAt(end - 1) === CR && end > this.pos ? end - 1 : end;
      value += text.slice(this.pos, trimmed);
      this.pos = trimmed;
      lineBreak = this.#lineBreak() ? '\n' : '';
      breaks = this.#emptyLines(indent);
      if (this.column !== indent || this.atEnd) break;
      const next = this.code();
      if (folded && lineBreak !== '' && startsFull && next !== SPACE && next !== TAB) {
        if (breaks === '') value += ' ';
      } else value += lineBreak;
    }
    if (chomp !== '-') value += lineBreak;
    if (chomp === '+') value += breaks;
    // Without a line break the text ended; else the indentation of the line reached decides whose it is.
    if (lineBreak === '' && value !== '' && this.atEnd) this.endLine = this.line;
    else {
      this.pos = this.lineStart;
      this.endLine = this.line - 1;
    }
    return value;
  }

  /** Passes lines without text (up to `indent` blanks) and the indentation of the next line. */
  #emptyLines(indent: number): string {
    const { text } = this;
    let breaks = '';
    for (;;) {
      while (this.column < indent && text.charCodeAt(this.pos) === SPACE) this.pos += 1;
      if (!this.#lineBreak()) return breaks;
      breaks += '\n';
    }
  }
}
