// Values of INI inventories: text that is a Python literal becomes what it says (`[1, 'a']`, `True`, `0x1f`), all other text stays text.
import { Dict, float, int, userText, type Value } from '../core/value.ts';
import type { Origin } from '../core/origin.ts';

/** A variable's value as Ansible's INI inventory reads it; text with template marks is to be rendered. */
export function iniValue(text: string, origin?: Origin): Value {
  // The common cases need no parser: a word, a path, a number.
  const first = text.charCodeAt(0);
  if (first >= ZERO && first <= NINE) {
    if (/^(?:0|[1-9]\d{0,14})$/.test(text)) return Number(text);
    if (/^\d[\d.]*\.\d+\.[\w.:/-]*$/.test(text)) return text;
  } else if (((first | 32) >= LETTER_A && (first | 32) <= LETTER_Z) || first === SLASH) {
    if (!/^(?:True|False|None|set|[rRbBuU]{1,2}["'])/.test(text)) return userText(text, origin);
  }
  const literal = new LiteralReader(text, origin).read();
  return literal === undefined ? userText(text, origin) : literal;
}

const [ZERO, NINE, LETTER_A, LETTER_Z, SLASH] = [48, 57, 97, 122, 47];
/** Thrown where text turns out to be no literal; never leaves this file. One object, as making errors is dear. */
const NO_LITERAL = new Error('no literal');
/** A complex number: Ansible makes text of it. */
class Complex {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
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

class LiteralReader {
  readonly #text: string;
  readonly #origin: Origin | undefined;
  #pos = 0;
  #depth = 0;
  constructor(text: string, origin: Origin | undefined) {
    this.#text = text;
    this.#origin = origin;
  }

  /** The literal that the whole text is; undefined when it is none. */
  read(): Value | undefined {
    try {
      this.#skip();
      const value = this.#tuple('');
      this.#skip();
      if (this.#pos < this.#text.length) return undefined;
      return this.#plain(value);
    } catch (error) {
      if (error === NO_LITERAL) return undefined;
      throw error;
    }
  }
  #plain(value: Value | Complex): Value {
    return value instanceof Complex ? value.text : value;
  }
  #fail(): never {
    throw NO_LITERAL;
  }
  #skip(): void {
    for (;;) {
      const char = this.#text[this.#pos];
      if (char === ' ' || char === '\t' || char === '\f') this.#pos++;
      else if (char === '#') this.#pos = this.#text.length;
      else if (char === '\n' && this.#depth > 0) this.#pos++;
      else return;
    }
  }
  #take(char: string): boolean {
    this.#skip();
    if (this.#text[this.#pos] !== char) return false;
    this.#pos++;
    return true;
  }

  /** Expressions separated by commas until `end`: one without a comma is itself, more are a list (Ansible makes lists of tuples). */
  #tuple(end: string): Value | Complex {
    const first = this.#value();
    if (!this.#take(',')) return first;
    const items = [this.#plain(first)];
    for (;;) {
      this.#skip();
      if (this.#pos >= this.#text.length || (end !== '' && this.#text[this.#pos] === end)) return items;
      items.push(this.#plain(this.#value()));
      if (!this.#take(',')) return items;
    }
  }

  #value(): Value | Complex {
    this.#skip();
    const char = this.#text[this.#pos] ?? '';
    if (char === '(' || char === '[' || char === '{') {
      if (++this.#depth > 100) this.#fail();
      this.#pos++;
      const value = char === '(' ? this.#parenthesis() : char === '[' ? this.#list(']') : this.#braces();
      this.#depth--;
      return value;
    }
    if (
      char === '"' ||
      char === "'" ||
      /^(?:[rRbBuU]|[rR][bB]|[bB][rR])["']/.test(this.#text.slice(this.#pos, this.#pos + 3))
    )
      return this.#strings();
    if (char === '-' || char === '+' || char === '.' || (char >= '0' && char <= '9')) {
      if (this.#text.startsWith('...', this.#pos)) {
        this.#pos += 3;
        return '...';
      }
      return this.#number();
    }
    const word = /^[A-Za-z_]\w*/.exec(this.#text.slice(this.#pos))?.[0];
    if (word === undefined) this.#fail();
    this.#pos += word.length;
    if (word === 'True') return true;
    if (word === 'False') return false;
    if (word === 'None') return null;
    if (word === 'Ellipsis') this.#fail();
    if (word === 'set' && this.#take('(') && this.#take(')')) return [];
    return this.#fail();
  }
  #parenthesis(): Value | Complex {
    if (this.#take(')')) return [];
    const value = this.#tuple(')');
    if (!this.#take(')')) this.#fail();
    return value;
  }
  #list(end: string): Value[] {
    const items: Value[] = [];
    while (!this.#take(end)) {
      if (items.length > 0 && !this.#take(',')) this.#fail();
      if (items.length > 0 && this.#take(end)) break;
      items.push(this.#plain(this.#value()));
    }
    return items;
  }
  #braces(): Value {
    if (this.#take('}')) return new Dict();
    const first = this.#plain(this.#value());
    if (!this.#take(':')) return this.#set(first);
    const dict = new Dict([[this.#key(first), this.#plain(this.#value())]]);
    while (!this.#take('}')) {
      if (!this.#take(',')) this.#fail();
      if (this.#take('}')) break;
      const key = this.#key(this.#plain(this.#value()));
      if (!this.#take(':')) this.#fail();
      dict.set(key, this.#plain(this.#value()));
    }
    return dict;
  }
  #key(key: Value): Value {
    if (Array.isArray(key) || key instanceof Dict) this.#fail();
    return typeof key === 'object' && key !== null && 'source' in key ? key.source : key;
  }
  #set(first: Value): Value {
    const seen = new Dict([[this.#key(first), first]]);
    while (!this.#take('}')) {
      if (!this.#take(',')) this.#fail();
      if (this.#take('}')) break;
      const value = this.#plain(this.#value());
      if (!seen.has(this.#key(value))) seen.set(this.#key(value), value);
    }
    return [...seen.values()];
  }

  #strings(): Value {
    let text = '';
    let bytes: boolean | undefined;
    for (;;) {
      const match = /^([rRbBuU]{0,2})('''|"""|'|")/.exec(this.#text.slice(this.#pos, this.#pos + 5));
      if (match === null) break;
      const prefix = (match[1] ?? '').toLowerCase();
      const quote = match[2] ?? '';
      const ofBytes = prefix.includes('b');
      if (bytes !== undefined && bytes !== ofBytes) this.#fail();
      bytes = ofBytes;
      this.#pos += match[0].length;
      text += this.#quoted(quote, prefix.includes('r'), ofBytes);
      this.#skip();
    }
    if (bytes === true) {
      const decoded = Buffer.from(text, 'latin1');
      const utf8 = decoded.toString('utf8');
      if (!Buffer.from(utf8, 'utf8').equals(decoded)) this.#fail();
      text = utf8;
    }
    return userText(text, this.#origin);
  }
  #quoted(quote: string, raw: boolean, bytes: boolean): string {
    let text = '';
    for (;;) {
      if (this.#pos >= this.#text.length) this.#fail();
      if (this.#text.startsWith(quote, this.#pos)) {
        this.#pos += quote.length;
        return text;
      }
      const char = this.#text[this.#pos++] ?? '';
      if (char === '\n' && quote.length === 1) this.#fail();
      if (bytes && char.charCodeAt(0) > 127) this.#fail();
      if (char !== '\\') text += char;
      else if (raw) text += char + (this.#text[this.#pos++] ?? this.#fail());
      else text += this.#escape(bytes);
    }
  }
  #escape(bytes: boolean): string {
    const char = this.#text[this.#pos++] ?? this.#fail();
    const simple = SIMPLE_ESCAPES[char];
    if (simple !== undefined) return simple;
    const octal = /^[0-7]{1,3}/.exec(this.#text.slice(this.#pos - 1))?.[0];
    if (octal !== undefined) {
      this.#pos += octal.length - 1;
      return String.fromCharCode(Number.parseInt(octal, 8) & (bytes ? 0xff : 0x1ff));
    }
    const digits = char === 'x' ? 2 : bytes ? 0 : char === 'u' ? 4 : char === 'U' ? 8 : 0;
    if (digits > 0) {
      const hex = this.#text.slice(this.#pos, this.#pos + digits);
      if (hex.length !== digits || !/^[0-9a-fA-F]+$/.test(hex)) this.#fail();
      const code = Number.parseInt(hex, 16);
      if (code > 0x10ffff) this.#fail();
      this.#pos += digits;
      return String.fromCodePoint(code);
    }
    // Character names need Python's table; such text is left as it is.
    if (char === 'N' && !bytes) this.#fail();
    return `\\${char}`;
  }

  #number(): Value | Complex {
    let sign = 1;
    if (this.#text[this.#pos] === '-' || this.#text[this.#pos] === '+') {
      if (this.#text[this.#pos] === '-') sign = -1;
      this.#pos++;
      this.#skip();
    }
    const real = this.#unsigned();
    if (real.imaginary) return new Complex(sign < 0 ? `(-0-${real.text}j)` : `${real.text}j`);
    this.#skip();
    const operator = this.#text[this.#pos];
    if (operator === '+' || operator === '-') {
      this.#pos++;
      this.#skip();
      const part = this.#unsigned();
      if (!part.imaginary) this.#fail();
      return new Complex(`(${sign < 0 ? '-' : ''}${real.text}${operator}${part.text}j)`);
    }
    if (typeof real.value === 'bigint') return int(sign < 0 ? -real.value : real.value);
    return typeof real.value === 'number' ? float(sign * real.value) : this.#fail();
  }
  /** An int as a bigint, a float as a number; `text` is Python's repr. */
  #unsigned(): { readonly value: bigint | number; readonly text: string; readonly imaginary: boolean } {
    const rest = this.#text.slice(this.#pos);
    const match =
      /^(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*)?\.\d(?:_?\d)*(?:[eE][-+]?\d(?:_?\d)*)?[jJ]?|\d(?:_?\d)*\.?(?:[eE][-+]?\d(?:_?\d)*)?[jJ]?)/.exec(
        rest,
      )?.[0];
    if (match === undefined || /^[\w.]/.test(rest.slice(match.length))) this.#fail();
    this.#pos += match.length;
    const imaginary = /[jJ]$/.test(match) && !/^0[xX]/.test(match);
    const digits = (imaginary ? match.slice(0, -1) : match).replaceAll('_', '');
    if (/^0[xXoObB]/.test(digits) || /^\d+$/.test(digits)) {
      if (!imaginary && /^0\d/.test(digits) && /[1-9]/.test(digits)) this.#fail();
      const value = BigInt(digits.toLowerCase());
      return { value, text: String(value), imaginary };
    }
    const value = Number(digits);
    return { value, text: String(value), imaginary };
  }
}
