// Text -> tokens, by Jinja's rules: delimiters that a template may change, whitespace control, and Python's literals inside of the marks.
import { TemplateError } from '../core/error.ts';
import type { Position } from './position.ts';

export interface Syntax {
  readonly blockStart: string;
  readonly blockEnd: string;
  readonly variableStart: string;
  readonly variableEnd: string;
  readonly commentStart: string;
  readonly commentEnd: string;
  readonly lineStatementPrefix: string | null;
  readonly lineCommentPrefix: string | null;
  readonly trimBlocks: boolean;
  readonly lstripBlocks: boolean;
  readonly newlineSequence: string;
  readonly keepTrailingNewline: boolean;
}

/** Ansible's defaults: newlines behind blocks go, indentation before them stays. */
export const DEFAULT_SYNTAX: Syntax = {
  blockStart: '{%',
  blockEnd: '%}',
  variableStart: '{{',
  variableEnd: '}}',
  commentStart: '{#',
  commentEnd: '#}',
  lineStatementPrefix: null,
  lineCommentPrefix: null,
  trimBlocks: true,
  lstripBlocks: false,
  newlineSequence: '\n',
  keepTrailingNewline: false,
};

export type TokenType =
  | 'data'
  | 'variable_begin'
  | 'variable_end'
  | 'block_begin'
  | 'block_end'
  | 'name'
  | 'string'
  | 'integer'
  | 'float'
  | 'operator'
  | 'eof';

export interface Token {
  readonly type: TokenType;
  /** Data or the string's value as text; operators and names as written; numbers without underscores. */
  readonly value: string;
  /** Offset in the normalised source. */
  readonly at: number;
}

export interface LexOptions {
  readonly syntax: Syntax;
  /** String constants inside of `{{ }}` keep their backslashes (text of playbooks). */
  readonly rawStrings: boolean;
  /** Where offset n stands, for errors. */
  readonly locate: Position;
}

const OPERATORS = [
  '//',
  '**',
  '==',
  '!=',
  '>=',
  '<=',
  '+',
  '-',
  '/',
  '*',
  '%',
  '~',
  '[',
  ']',
  '(',
  ')',
  '{',
  '}',
  '>',
  '<',
  '=',
  '.',
  ':',
  '|',
  ',',
  ';',
];
const CLOSER: Record<string, string> = { '{': '}', '(': ')', '[': ']' };
const FLOAT = /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const INTEGER = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const NAME = /[\p{L}\p{N}\p{M}_\p{Pc}]+/uy;
const STRING = /'[^'\\]*(?:\\[^][^'\\]*)*'|"[^"\\]*(?:\\[^][^"\\]*)*"/y;
const WHITESPACE = /\s+/y;

/** All line ends as `\n`, as offsets of tokens count them. */
export function normaliseNewlines(source: string): string {
  return source.includes('\r') ? source.replace(/\r\n?/g, '\n') : source;
}

/** The tokens of a template. Throws TemplateError (syntax). */
export function lex(normalised: string, options: LexOptions): Token[] {
  const { syntax } = options;
  const source = !syntax.keepTrailingNewline && normalised.endsWith('\n') ? normalised.slice(0, -1) : normalised;
  return new Lexer(source, options).template();
}

/** The tokens of a bare expression (a condition). Throws TemplateError (syntax). */
export function lexExpression(source: string, options: LexOptions): Token[] {
  return new Lexer(source, options).expression();
}

type Begin = {
  readonly kind: 'raw' | 'comment' | 'block' | 'variable' | 'line' | 'linecomment';
  readonly start: number;
  readonly after: number;
  readonly sign: string;
};

class Lexer {
  readonly #source: string;
  readonly #options: LexOptions;
  readonly #tokens: Token[] = [];
  readonly #begin: RegExp;
  readonly #blockEnd: RegExp;
  readonly #variableEnd: RegExp;
  readonly #commentEnd: RegExp;
  readonly #rawEnd: RegExp;
  #at = 0;

  constructor(source: string, options: LexOptions) {
    this.#source = source;
    this.#options = options;
    const s = options.syntax;
    if (s.blockStart === s.variableStart || s.blockStart === s.commentStart || s.variableStart === s.commentStart)
      throw new TemplateError('runtime', 'Block, variable and comment start strings must be different.');
    const trim = s.trimBlocks ? '\\n?' : '';
    const block = escape(s.blockEnd);
    const starts: [string, string][] = [
      [s.commentStart, 'comment'],
      [s.blockStart, 'block'],
      [s.variableStart, 'variable'],
    ];
    starts.sort((a, b) => b[0].length - a[0].length);
    const parts = [
      `(?<raw>${escape(s.blockStart)}(?<rawsign>[-+]?)\\s*raw\\s*(?:-${block}\\s*|${block}))`,
      ...starts.map(([text, kind]) => `(?<${kind}>${escape(text)}(?<${kind}sign>[-+]?))`),
    ];
    if (s.lineStatementPrefix !== null)
      parts.push(`(?<line>(?<=^|\\n)[ \\t\\v]*${escape(s.lineStatementPrefix)}(?<linesign>[-+]?))`);
    if (s.lineCommentPrefix !== null)
      parts.push(
        `(?<linecomment>(?:(?<=^|\\n)|(?<=\\S))[^\\S\\r\\n]*${escape(s.lineCommentPrefix)}(?<linecommentsign>[-+]?))`,
      );
    this.#begin = new RegExp(parts.join('|'), 'g');
    this.#blockEnd = new RegExp(`\\+${block}|-${block}\\s*|${block}${trim}`, 'y');
    this.#variableEnd = new RegExp(`-${escape(s.variableEnd)}\\s*|${escape(s.variableEnd)}`, 'y');
    const comment = escape(s.commentEnd);
    this.#commentEnd = new RegExp(`\\+${comment}|-${comment}\\s*|${comment}${trim}`, 'g');
    this.#rawEnd = new RegExp(
      `${escape(s.blockStart)}(?<sign>[-+]?)\\s*endraw\\s*(?:\\+${block}|-${block}\\s*|${block}${trim})`,
      'g',
    );
  }

  template(): Token[] {
    let lineStarting = true;
    while (this.#at < this.#source.length) {
      const begin = this.#nextBegin();
      const data = this.#source.slice(this.#at, begin?.start ?? this.#source.length);
      if (begin === undefined) {
        this.#data(data, this.#at);
        break;
      }
      this.#data(this.#strip(data, begin.sign, begin.kind !== 'variable', lineStarting), this.#at);
      this.#at = begin.after;
      if (begin.kind === 'raw') this.#raw();
      else if (begin.kind === 'comment') this.#comment();
      else if (begin.kind === 'linecomment') this.#at = endOfLine(this.#source, this.#at);
      else {
        const [open, close, end] =
          begin.kind === 'variable'
            ? (['variable_begin', 'variable_end', this.#variableEnd] as const)
            : (['block_begin', 'block_end', begin.kind === 'line' ? /[ \t\v]*(?:\n|$)/y : this.#blockEnd] as const);
        this.#tokens.push({ type: open, value: '', at: begin.start });
        this.#inside(end, close, begin.kind === 'variable' && this.#options.rawStrings);
      }
      lineStarting = this.#source[this.#at - 1] === '\n';
    }
    this.#tokens.push({ type: 'eof', value: '', at: this.#source.length });
    return this.#tokens;
  }

  expression(): Token[] {
    this.#inside(undefined, 'eof', this.#options.rawStrings);
    this.#tokens.push({ type: 'eof', value: '', at: this.#source.length });
    return this.#tokens;
  }

  #nextBegin(): Begin | undefined {
    this.#begin.lastIndex = this.#at;
    const match = this.#begin.exec(this.#source);
    if (match === null) return undefined;
    const groups = match.groups ?? {};
    const kind =
      (['raw', 'comment', 'block', 'variable', 'line', 'linecomment'] as const).find(
        (name) => groups[name] !== undefined,
      ) ?? 'block';
    return { kind, start: match.index, after: match.index + match[0].length, sign: groups[`${kind}sign`] ?? '' };
  }

  /** Whitespace control before a mark: `-` takes all, lstrip_blocks the indentation of a line that holds nothing else. */
  #strip(data: string, sign: string, block: boolean, lineStarting: boolean): string {
    if (sign === '-') return data.trimEnd();
    if (sign === '+' || !block || !this.#options.syntax.lstripBlocks) return data;
    const start = data.lastIndexOf('\n') + 1;
    return (start > 0 || lineStarting) && data.slice(start).trim() === '' ? data.slice(0, start) : data;
  }

  #data(text: string, at: number): void {
    if (text === '') return;
    const { newlineSequence } = this.#options.syntax;
    this.#tokens.push({
      type: 'data',
      value: newlineSequence === '\n' ? text : text.replaceAll('\n', newlineSequence),
      at,
    });
  }

  #raw(): void {
    this.#rawEnd.lastIndex = this.#at;
    const match = this.#rawEnd.exec(this.#source);
    if (match === null) throw this.#fail('Missing end of raw directive', this.#at);
    this.#data(
      this.#strip(this.#source.slice(this.#at, match.index), match.groups?.['sign'] ?? '', true, false),
      this.#at,
    );
    this.#at = match.index + match[0].length;
  }

  #comment(): void {
    this.#commentEnd.lastIndex = this.#at;
    const match = this.#commentEnd.exec(this.#source);
    // A mark that ends the text begins nothing.
    if (match === null && this.#at === this.#source.length) return;
    if (match === null) throw this.#fail('Missing end of comment tag', this.#at);
    this.#at = match.index + match[0].length;
  }

  /** Tokens of an expression up to `end` (undefined: the end of the text). */
  #inside(end: RegExp | undefined, close: TokenType, rawStrings: boolean): void {
    const source = this.#source;
    const open: string[] = [];
    for (;;) {
      if (end !== undefined && open.length === 0) {
        end.lastIndex = this.#at;
        const match = end.exec(source);
        if (match !== null) {
          this.#tokens.push({ type: close, value: '', at: this.#at });
          this.#at += match[0].length;
          return;
        }
      }
      WHITESPACE.lastIndex = this.#at;
      if (WHITESPACE.test(source)) {
        this.#at = WHITESPACE.lastIndex;
        continue;
      }
      if (this.#at >= source.length) return;
      const at = this.#at;
      const token = this.#literal(at, rawStrings) ?? this.#operator(at, open);
      if (token === undefined)
        throw this.#fail(`unexpected char '${String.fromCodePoint(source.codePointAt(at) ?? 0)}' at ${at}`, at);
      this.#tokens.push(token);
    }
  }

  #literal(at: number, rawStrings: boolean): Token | undefined {
    const number = this.#match(FLOAT, at);
    if (number !== undefined) return { type: 'float', value: number.replaceAll('_', ''), at };
    const integer = this.#match(INTEGER, at);
    if (integer !== undefined) return { type: 'integer', value: integer.replaceAll('_', ''), at };
    const name = this.#match(NAME, at);
    if (name !== undefined) {
      if (/^\p{Nd}/u.test(name)) throw this.#fail('Invalid character in identifier', at);
      return { type: 'name', value: name, at };
    }
    const text = this.#match(STRING, at);
    if (text === undefined) return undefined;
    const inner = text.slice(1, -1);
    if (rawStrings || !inner.includes('\\')) return { type: 'string', value: inner, at };
    const value = unescape(inner);
    if (value === undefined) throw this.#fail('invalid escape sequence in string', at);
    return { type: 'string', value, at };
  }

  #match(pattern: RegExp, at: number): string | undefined {
    pattern.lastIndex = at;
    const match = pattern.exec(this.#source);
    if (match === null) return undefined;
    this.#at = at + match[0].length;
    return match[0];
  }

  #operator(at: number, open: string[]): Token | undefined {
    const operator = OPERATORS.find((text) => this.#source.startsWith(text, at));
    if (operator === undefined) {
      if (this.#source[at] === '!') throw this.#fail("unexpected char '!'", at);
      return undefined;
    }
    if (CLOSER[operator] !== undefined) open.push(CLOSER[operator]);
    else if (operator === ')' || operator === ']' || operator === '}') {
      const expected = open.pop();
      if (expected === undefined) throw this.#fail(`unexpected '${operator}'`, at);
      if (expected !== operator) throw this.#fail(`unexpected '${operator}', expected '${expected}'`, at);
    }
    this.#at = at + operator.length;
    return { type: 'operator', value: operator, at };
  }

  #fail(message: string, at: number): TemplateError {
    return new TemplateError('syntax', `Syntax error in template: ${message}`, { origin: this.#options.locate(at) });
  }
}

const SIMPLE: Record<string, string> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Python's string escapes; unknown ones keep their backslash, broken ones give undefined. */
export function unescape(text: string): string | undefined {
  let broken = false;
  const result = text.replace(
    /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([^]))/g,
    (all: string, octal?: string, x?: string, u?: string, U?: string, other?: string) => {
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      const hex = x ?? u ?? U;
      if (hex !== undefined) {
        const code = Number.parseInt(hex, 16);
        if (code > 0x10ffff) broken = true;
        return code > 0x10ffff ? '' : String.fromCodePoint(code);
      }
      if (other === 'x' || other === 'u' || other === 'U' || other === 'N') broken = true;
      return SIMPLE[other ?? ''] ?? all;
    },
  );
  return broken ? undefined : result;
}

function endOfLine(source: string, at: number): number {
  const end = source.indexOf('\n', at);
  return end === -1 ? source.length : end;
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
