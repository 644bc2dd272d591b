// json.dumps and json.loads.
import { Dict, float, int, plainKey, PyDate, PyFloat, TemplateText, Unknown, type Value } from '../../core/value.ts';
import { Markup, NotKnown, PythonError, Range, Tripped, typeError, Undefined, valueError } from '../special.ts';
import { compare } from './compare.ts';
import { reprFloat } from './text.ts';
import { typeName } from './types.ts';

export interface JsonStyle {
  readonly indent: string | null;
  readonly sortKeys: boolean;
  readonly ascii: boolean;
  readonly itemSeparator: string;
  readonly keySeparator: string;
  /** Keys are texts before they are sorted and told apart, as Ansible makes them. */
  readonly textKeys?: boolean;
  /** Refuses infinities and what is no number. */
  readonly finite?: boolean;
  /** Dates are written as text; else they are refused. */
  readonly dates?: boolean;
}

/** A value as JSON. Throws PythonError for what JSON cannot hold. */
export function dumpJson(value: Value, style: JsonStyle, depth = 0): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return jsonString(value, style.ascii);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : reprFloat(value);
  if (value instanceof PyFloat && style.finite === true && !Number.isFinite(value.value))
    throw valueError(`Out of range float values are not JSON compliant: ${reprFloat(value.value)}`);
  if (value instanceof PyFloat)
    return Number.isNaN(value.value)
      ? 'NaN'
      : Number.isFinite(value.value)
        ? reprFloat(value.value)
        : value.value < 0
          ? '-Infinity'
          : 'Infinity';
  if (Array.isArray(value))
    return bracketed(
      '[',
      ']',
      Array.from(value, (item) => dumpJson(item, style, depth + 1)),
      style,
      depth,
    );
  if (value instanceof Dict) {
    const entries: [Value, Value][] =
      style.textKeys === true ? [...new Map(Array.from(value, ([key, item]) => [jsonKey(key), item]))] : [...value];
    if (style.sortKeys) entries.sort(([a], [b]) => compare(a, b));
    const parts = entries.map(
      ([key, item]) =>
        `${jsonString(jsonKey(key), style.ascii)}${style.keySeparator}${dumpJson(item, style, depth + 1)}`,
    );
    return bracketed('{', '}', parts, style, depth);
  }
  if (value instanceof Markup) return jsonString(value.text, style.ascii);
  if (value instanceof PyDate && style.dates !== false) return jsonString(value.text.replace(' ', 'T'), style.ascii);
  if (value instanceof TemplateText) return jsonString(value.source, style.ascii);
  if (value instanceof Range && style.textKeys === true) return dumpJson(Array.from(value), style, depth);
  if (value instanceof Undefined) throw new Tripped(value);
  if (value instanceof Unknown) throw new NotKnown(value.because);
  throw typeError(`Object of type ${typeName(value)} is not JSON serializable`);
}

function jsonKey(key: Value): string {
  if (key instanceof PyDate || Array.isArray(key))
    throw typeError(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
  if (typeof key === 'number' && !Number.isInteger(key)) return reprFloat(key);
  return plainKey(key);
}

function bracketed(open: string, close: string, parts: readonly string[], style: JsonStyle, depth: number): string {
  if (parts.length === 0) return open + close;
  if (style.indent === null) return open + parts.join(style.itemSeparator) + close;
  const line = `\n${style.indent.repeat(depth + 1)}`;
  return open + line + parts.join(style.itemSeparator + line) + `\n${style.indent.repeat(depth)}` + close;
}

const ESCAPES: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
};

/** Text as a JSON string; with `ascii`, everything else is escaped. */
export function jsonString(text: string, ascii: boolean): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is escaped
  const pattern = ascii ? /["\\]|[^\x20-\x7e]/g : /["\\\x00-\x1f]/g;
  return `"${text.replace(pattern, (character) => ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
}

/** The value of JSON text. Throws PythonError that says where. */
export function loadJson(text: string): Value {
  return new Reader(text).whole();
}

class Reader {
  readonly #text: string;
  #at = 0;
  constructor(text: string) {
    this.#text = text;
  }

  whole(): Value {
    if (this.#text.startsWith('\ufeff'))
      throw valueError('Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)');
    this.#space();
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) throw this.#fail('Extra data');
    return value;
  }

  #fail(message: string, at = this.#at): PythonError {
    const before = this.#text.slice(0, at);
    return valueError(
      `${message}: line ${before.split('\n').length} column ${at - before.lastIndexOf('\n')} (char ${at})`,
    );
  }
  #space(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? 'x')) this.#at++;
  }

  #value(): Value {
    const character = this.#text[this.#at];
    if (character === '"') return this.#string();
    if (character === '{') return this.#object();
    if (character === '[') return this.#array();
    for (const [word, value] of WORDS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (match === null) throw this.#fail('Expecting value');
    this.#at += match[0].length;
    return match[1] === undefined && match[2] === undefined ? int(BigInt(match[0])) : float(Number(match[0]));
  }

  #object(): Value {
    const dict = new Dict();
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === '}') {
      this.#at++;
      return dict;
    }
    for (;;) {
      if (this.#text[this.#at] !== '"') throw this.#fail('Expecting property name enclosed in double quotes');
      const key = this.#string();
      this.#space();
      if (this.#text[this.#at] !== ':') throw this.#fail("Expecting ':' delimiter");
      this.#at++;
      this.#space();
      dict.set(key, this.#value());
      this.#space();
      const next = this.#text[this.#at];
      if (next === '}') {
        this.#at++;
        return dict;
      }
      if (next !== ',') throw this.#fail("Expecting ',' delimiter");
      const comma = this.#at;
      this.#at++;
      this.#space();
      if (this.#text[this.#at] === '}') throw this.#fail('Illegal trailing comma before end of object', comma);
    }
  }

  #array(): Value {
    const list: Value[] = [];
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === ']') {
      this.#at++;
      return list;
    }
    for (;;) {
      list.push(this.#value());
      this.#space();
      const next = this.#text[this.#at];
      if (next === ']') {
        this.#at++;
        return list;
      }
      if (next !== ',') throw this.#fail("Expecting ',' delimiter");
      const comma = this.#at;
      this.#at++;
      this.#space();
      if (this.#text[this.#at] === ']') throw this.#fail('Illegal trailing comma before end of array', comma);
    }
  }

  #string(): string {
    const start = this.#at;
    let result = '';
    for (let at = start + 1; ; at++) {
      const character = this.#text[at];
      if (character === undefined) throw this.#fail('Unterminated string starting at', start);
      if (character === '"') {
        this.#at = at + 1;
        if (!result.isWellFormed()) throw valueError('Refusing to deserialize an invalid UTF8 string value');
        return result;
      }
      if (character < ' ') throw this.#fail('Invalid control character at', at);
      if (character !== '\\') {
        result += character;
        continue;
      }
      at++;
      const escaped = this.#text[at] ?? '';
      if (escaped === 'u') {
        const hex = this.#text.slice(at + 1, at + 5);
        if (!/^[\da-fA-F]{4}$/.test(hex)) throw this.#fail('Invalid \\uXXXX escape', at);
        result += String.fromCharCode(Number.parseInt(hex, 16));
        at += 4;
      } else {
        const simple = UNESCAPES[escaped];
        if (simple === undefined) throw this.#fail('Invalid \\escape', at - 1);
        result += simple;
      }
    }
  }
}

const WORDS: [string, Value][] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', new PyFloat(Number.NaN)],
  ['Infinity', new PyFloat(Infinity)],
  ['-Infinity', new PyFloat(-Infinity)],
];
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;
const UNESCAPES: Record<string, string> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
