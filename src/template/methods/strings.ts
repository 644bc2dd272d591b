// Methods of str.
import { Dict, PyBytes, Tuple, type Value } from '../../core/value.ts';
import { item, ownAttribute } from '../access.ts';
import { PythonError, Tripped, typeError, Undefined, valueError } from '../special.ts';
import { formatBraces } from '../python/format.ts';
import { characters, isAstral, isCallable, isInt, isNumber, iterate, need, typeName } from '../python/types.ts';
import { escapeCharacter } from '../python/percent.ts';
import { isPrintable } from '../../core/python-text.ts';
import type { Methods } from './method.ts';

function text(value: Value, what: string): string {
  if (typeof value === 'string') return value;
  throw typeError(`${what} must be str, not ${typeName(need(value))}`);
}
function number(value: Value): number {
  if (typeof value === 'boolean') return Number(value);
  if (isInt(value)) return Number(value);
  throw typeError(`'${typeName(need(value))}' object cannot be interpreted as an integer`);
}

const SPACE = '\\t\\n\\v\\f\\r\\x1c-\\x1f \\x85\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const SPACES = new RegExp(`[${SPACE}]+`);
const LEADING = new RegExp(`^[${SPACE}]+`);
const TRAILING = new RegExp(`[${SPACE}]+$`);

/** Text without the given characters (whitespace when null) at its ends. */
export function strip(self: string, chars: Value, left: boolean, right: boolean): string {
  if (chars === null) {
    let result = left ? self.replace(LEADING, '') : self;
    if (right) result = result.replace(TRAILING, '');
    return result;
  }
  const set = new Set(characters(text(chars, 'strip arg')));
  const all = characters(self);
  let [start, end] = [0, all.length];
  while (left && start < end && set.has(all[start] as string)) start++;
  while (right && end > start && set.has(all[end - 1] as string)) end--;
  return all.slice(start, end).join('');
}

/** str.split. */
export function split(self: string, separator: Value, maximum: number): string[] {
  if (separator === null) return splitBlanks(self, maximum);
  const by = text(separator, 'separator');
  if (by === '') throw valueError('empty separator');
  const parts = self.split(by);
  return maximum < 0 || parts.length <= maximum + 1
    ? parts
    : [...parts.slice(0, maximum), parts.slice(maximum).join(by)];
}

/** Words; what is left when the limit is reached keeps its blanks at the end. */
function splitBlanks(self: string, maximum: number): string[] {
  const result: string[] = [];
  let rest = self.replace(LEADING, '');
  while (rest !== '') {
    const match = maximum >= 0 && result.length >= maximum ? null : SPACES.exec(rest);
    if (match === null) {
      result.push(rest);
      break;
    }
    result.push(rest.slice(0, match.index));
    rest = rest.slice(match.index + match[0].length);
  }
  return result;
}

function rsplit(self: string, separator: Value, maximum: number): string[] {
  const reverse = (value: string): string => characters(value).reverse().join('');
  return split(reverse(self), separator === null ? null : reverse(text(separator, 'separator')), maximum)
    .map(reverse)
    .reverse();
}

/** str.splitlines. */
export function splitLines(self: string, keepEnds: boolean): string[] {
  const lines =
    self.match(
      /[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])|[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+$/g,
    ) ?? []; // eslint-disable-line no-control-regex
  return keepEnds ? lines : lines.map((line) => line.replace(/(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])$/, '')); // eslint-disable-line no-control-regex
}

/** [start, end) in JavaScript offsets for Python's optional bounds. */
function range(self: string, start: Value, end: Value): { part: string; offset: number; all: string[] | undefined } {
  const all = isAstral(self) ? characters(self) : undefined;
  const size = all?.length ?? self.length;
  const at = (value: Value, otherwise: number): number => {
    if (value === null) return otherwise;
    const index = number(value);
    return index < 0 ? Math.max(0, index + size) : Math.min(index, size);
  };
  const from = at(start, 0);
  const to = at(end, size);
  return { part: all === undefined ? self.slice(from, to) : all.slice(from, to).join(''), offset: from, all };
}

function find(self: string, needle: Value, start: Value, end: Value, last: boolean): number {
  const { part, offset, all } = range(self, start, end);
  const wanted = text(needle, 'must be str, not');
  const index = last ? part.lastIndexOf(wanted) : part.indexOf(wanted);
  if (index === -1) return -1;
  return offset + (all === undefined ? index : characters(part.slice(0, index)).length);
}

function affix(self: string, affixes: Value, start: Value, end: Value, name: 'startswith' | 'endswith'): boolean {
  const { part } = range(self, start, end);
  const list = affixes instanceof Tuple ? affixes : [affixes];
  return list.some((candidate) => {
    if (typeof candidate !== 'string')
      throw typeError(`${name} first arg must be str or a tuple of str, not ${typeName(need(candidate))}`);
    return name === 'startswith' ? part.startsWith(candidate) : part.endsWith(candidate);
  });
}

function partition(self: string, separator: Value, last: boolean): Value {
  const by = text(separator, 'must be str, not');
  if (by === '') throw valueError('empty separator');
  const at = last ? self.lastIndexOf(by) : self.indexOf(by);
  if (at === -1) return Tuple.from(last ? ['', '', self] : [self, '', '']) as Tuple;
  return Tuple.from([self.slice(0, at), by, self.slice(at + by.length)]) as Tuple;
}

function pad(self: string, width: Value, fill: Value, how: 'left' | 'right' | 'center'): string {
  const filler = text(fill, 'The fill character');
  if (characters(filler).length !== 1) throw typeError('The fill character must be exactly one character long');
  const size = number(width);
  const missing = size - characters(self).length;
  if (missing <= 0) return self;
  if (how === 'left') return self + filler.repeat(missing);
  if (how === 'right') return filler.repeat(missing) + self;
  const left = Math.floor(missing / 2) + (missing & size & 1);
  return filler.repeat(left) + self + filler.repeat(missing - left);
}

/** str.capitalize. */
export function capitalize(self: string): string {
  const [first = '', ...rest] = characters(self);
  return first.toUpperCase() === 'SS' && first === 'ß'
    ? `Ss${lower(rest.join(''))}`
    : first.toUpperCase() + lower(rest.join(''));
}
export function lower(self: string): string {
  return self.toLowerCase();
}
function swapcase(self: string): string {
  return characters(self)
    .map((c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase()))
    .join('');
}
function title(self: string): string {
  return self.replace(/\p{L}[\p{L}\p{M}]*/gu, (word) => capitalize(word));
}
function casefold(self: string): string {
  return self
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll('ς', 'σ')
    .replace(/[ﬀ-ﬆﬓ-ﬗ]/g, (c) => c.normalize('NFKD'));
}

const all = (self: string, pattern: RegExp): boolean => self !== '' && pattern.test(self);
const cased = (self: string, wanted: (c: string) => string): boolean =>
  self.toLowerCase() !== self.toUpperCase() && wanted(self) === self;

const ENCODINGS: Record<string, BufferEncoding> = {
  utf8: 'utf8',
  ascii: 'ascii',
  latin1: 'latin1',
  iso88591: 'latin1',
  utf16le: 'utf16le',
};

/** str.encode. */
export function encode(self: string, encoding: string, errors = 'strict'): Uint8Array {
  const key = encoding.toLowerCase().replace(/[-_ ]/g, '');
  if (key === 'utf16') return Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(self, 'utf16le')]);
  if (key === 'utf16be') return Buffer.from(self, 'utf16le').swap16();
  if (key === 'utf8sig') return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(self)]);
  const known = ENCODINGS[key === 'iso8859-1' ? 'iso88591' : key];
  if (known === undefined) throw new PythonError('Error', `unknown encoding: ${encoding}`);
  const limit = known === 'ascii' ? 0x7f : known === 'latin1' ? 0xff : Infinity;
  const odd = (c: string): boolean => (c.codePointAt(0) ?? 0) > limit;
  return Buffer.from(
    errors === 'strict'
      ? everyOrThrow(self, odd, encoding)
      : Array.from(self, (c) => (odd(c) ? substitute(c, errors) : c)).join(''),
    known,
  );
}

function everyOrThrow(self: string, odd: (c: string) => boolean, encoding: string): string {
  for (const c of self) if (odd(c)) throw valueError(`'${encoding}' codec can't encode character`);
  return self;
}
/** What stands for a character that an encoding does not have. */
function substitute(character: string, errors: string): string {
  switch (errors) {
    case 'ignore':
      return '';
    case 'replace':
      return '?';
    case 'xmlcharrefreplace':
      return `&#${character.codePointAt(0) ?? 0};`;
    case 'backslashreplace':
      return escapeCharacter(character);
    default:
      throw new PythonError('Error', `unknown error handler name '${errors}'`);
  }
}

function translate(self: string, table: Value): string {
  if (table === null || typeof table === 'boolean' || isNumber(table) || isCallable(table))
    throw typeError(`'${typeName(table)}' object is not subscriptable`);
  return characters(self)
    .map((c) => {
      const to = need(item(table, c.codePointAt(0) ?? 0) instanceof Undefined ? c : item(table, c.codePointAt(0) ?? 0));
      return to === null ? '' : typeof to === 'string' ? to : String.fromCodePoint(Number(to));
    })
    .join('');
}

export const STRING_METHODS: Methods<string> = {
  capitalize: { signature: '', run: capitalize },
  casefold: { signature: '', run: casefold },
  center: {
    signature: "width, fillchar=' ', /",
    run: (self, width, fill) => pad(self, width as Value, fill as Value, 'center'),
  },
  count: {
    signature: 'sub, start=None, end=None, /',
    run: (self, sub, start, end) => {
      const { part } = range(self, start as Value, end as Value);
      const needle = text(sub as Value, 'must be str, not');
      return needle === '' ? characters(part).length + 1 : part.split(needle).length - 1;
    },
  },
  encode: {
    signature: "encoding='utf-8', errors='strict'",
    run: (self, encoding, errors) =>
      new PyBytes(encode(self, text(encoding as Value, 'encoding'), text(errors as Value, 'errors'))),
  },
  endswith: {
    signature: 'suffix, start=None, end=None, /',
    run: (self, suffix, start, end) => affix(self, suffix as Value, start as Value, end as Value, 'endswith'),
  },
  expandtabs: {
    signature: 'tabsize=8',
    run: (self, size) => {
      let column = 0;
      return characters(self)
        .map((c) => {
          if (c !== '\t') {
            column = c === '\n' || c === '\r' ? 0 : column + 1;
            return c;
          }
          const width = number(size as Value) > 0 ? number(size as Value) - (column % number(size as Value)) : 0;
          column += width;
          return ' '.repeat(width);
        })
        .join('');
    },
  },
  find: {
    signature: 'sub, start=None, end=None, /',
    run: (self, sub, start, end) => find(self, sub as Value, start as Value, end as Value, false),
  },
  format: {
    signature: '*args, **keywords',
    run: (self, args, keywords) =>
      formatBraces(self, args as Value[], keywords as Dict, { attribute: ownOnly, item: needed(item) }),
  },
  format_map: {
    signature: 'mapping, /',
    run: (self, mapping) => formatBraces(self, [], mapping as Dict, { attribute: ownOnly, item: needed(item) }),
  },
  index: {
    signature: 'sub, start=None, end=None, /',
    run: (self, sub, start, end) => found(find(self, sub as Value, start as Value, end as Value, false)),
  },
  isalnum: { signature: '', run: (self) => all(self, /^[\p{L}\p{N}]+$/u) },
  isalpha: { signature: '', run: (self) => all(self, /^\p{L}+$/u) },
  isascii: { signature: '', run: (self) => /^[\x00-\x7f]*$/.test(self) }, // eslint-disable-line no-control-regex
  isdecimal: { signature: '', run: (self) => all(self, /^\p{Nd}+$/u) },
  isdigit: {
    signature: '',
    run: (self) => all(self, /^[\p{Nd}\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089]+$/u),
  },
  isidentifier: { signature: '', run: (self) => /^[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Nd}\p{Mn}\p{Mc}\p{Pc}]*$/u.test(self) },
  islower: { signature: '', run: (self) => cased(self, (c) => c.toLowerCase()) },
  isnumeric: {
    signature: '',
    run: (self) =>
      all(
        self,
        /^[\p{N}\u3405\u3483\u382a\u3b4d\u4e00\u4e03\u4e07\u4e09\u4e5d\u4e8c\u4e94\u4ebf\u4ec0\u4edf\u4ee8\u4f0d\u4f70\u5104\u5146\u5169\u516b\u516d\u5341-\u5345\u534c\u53c1-\u53c4\u56db\u58f1\u58f9\u5e7a\u5efe\u5eff\u5f0c-\u5f0e\u5f10\u62fe\u634c\u67d2\u6f06\u7396\u767e\u8086\u8cad-\u8cb3\u9621\u9646\u964c\u9678\u96f6]+$/u,
      ),
  },
  isprintable: { signature: '', run: (self) => characters(self).every(isPrintable) },
  isspace: { signature: '', run: (self) => all(self, new RegExp(`^[${SPACE}]+$`)) },
  istitle: { signature: '', run: (self) => self.toLowerCase() !== self.toUpperCase() && title(self) === self },
  isupper: { signature: '', run: (self) => cased(self, (c) => c.toUpperCase()) },
  join: {
    signature: 'iterable, /',
    run: (self, list) => {
      const parts = Array.from(iterate(need(list as Value)));
      return parts
        .map((part, index) => {
          if (part instanceof Undefined) throw new Tripped(part);
          if (typeof part !== 'string')
            throw typeError(`sequence item ${index}: expected str instance, ${typeName(part)} found`);
          return part;
        })
        .join(self);
    },
  },
  ljust: {
    signature: "width, fillchar=' ', /",
    run: (self, width, fill) => pad(self, width as Value, fill as Value, 'left'),
  },
  lower: { signature: '', run: lower },
  lstrip: { signature: 'chars=None, /', run: (self, chars) => strip(self, chars as Value, true, false) },
  maketrans: { signature: 'x, y=None, z=None, /', run: (_, x, y, z) => maketrans(x as Value, y as Value, z as Value) },
  partition: { signature: 'sep, /', run: (self, separator) => partition(self, separator as Value, false) },
  removeprefix: {
    signature: 'prefix, /',
    run: (self, prefix) =>
      self.startsWith(text(prefix as Value, 'removeprefix() argument')) ? self.slice((prefix as string).length) : self,
  },
  removesuffix: {
    signature: 'suffix, /',
    run: (self, suffix) =>
      suffix !== '' && self.endsWith(text(suffix as Value, 'removesuffix() argument'))
        ? self.slice(0, self.length - (suffix as string).length)
        : self,
  },
  replace: {
    signature: 'old, new, /, count=-1',
    run: (self, old, to, count) =>
      replaceText(
        self,
        text(old as Value, 'replace() argument 1'),
        text(to as Value, 'replace() argument 2'),
        number(count as Value),
      ),
  },
  rfind: {
    signature: 'sub, start=None, end=None, /',
    run: (self, sub, start, end) => find(self, sub as Value, start as Value, end as Value, true),
  },
  rindex: {
    signature: 'sub, start=None, end=None, /',
    run: (self, sub, start, end) => found(find(self, sub as Value, start as Value, end as Value, true)),
  },
  rjust: {
    signature: "width, fillchar=' ', /",
    run: (self, width, fill) => pad(self, width as Value, fill as Value, 'right'),
  },
  rpartition: { signature: 'sep, /', run: (self, separator) => partition(self, separator as Value, true) },
  rsplit: {
    signature: 'sep=None, maxsplit=-1',
    run: (self, separator, maximum) => rsplit(self, separator as Value, number(maximum as Value)),
  },
  rstrip: { signature: 'chars=None, /', run: (self, chars) => strip(self, chars as Value, false, true) },
  split: {
    signature: 'sep=None, maxsplit=-1',
    run: (self, separator, maximum) => split(self, separator as Value, number(maximum as Value)),
  },
  splitlines: { signature: 'keepends=False', run: (self, keep) => splitLines(self, keep === true) },
  startswith: {
    signature: 'prefix, start=None, end=None, /',
    run: (self, prefix, start, end) => affix(self, prefix as Value, start as Value, end as Value, 'startswith'),
  },
  strip: { signature: 'chars=None, /', run: (self, chars) => strip(self, chars as Value, true, true) },
  swapcase: { signature: '', run: swapcase },
  title: { signature: '', run: title },
  translate: { signature: 'table, /', run: (self, table) => translate(self, table as Value) },
  upper: { signature: '', run: (self) => self.toUpperCase() },
  zfill: {
    signature: 'width, /',
    run: (self, width) => {
      const sign = /^[+-]/.exec(self)?.[0] ?? '';
      return sign + self.slice(sign.length).padStart(number(width as Value) - sign.length, '0');
    },
  },
};

/** Fields of str.format() name Python's attributes, never items. */
function ownOnly(value: Value, name: string): Value {
  const own = name.startsWith('_') ? undefined : ownAttribute(value, name);
  if (own === undefined) throw new PythonError('Error', `'${typeName(value)}' object has no attribute '${name}'`);
  return own;
}

function needed<Key extends Value>(access: (value: Value, key: Key) => Value): (value: Value, key: Key) => Value {
  return (value, key) => {
    const result = access(value, key);
    if (result instanceof Undefined) throw new PythonError('KeyError', `'${String(key)}'`);
    return result;
  };
}

function found(index: number): number {
  if (index === -1) throw valueError('substring not found');
  return index;
}

function maketrans(x: Value, y: Value, z: Value): Dict {
  const table = new Dict();
  if (x instanceof Dict && y === null)
    for (const [key, value] of x) table.set(typeof key === 'string' ? (key.codePointAt(0) ?? 0) : key, value);
  else {
    const to = characters(text(y, 'maketrans argument'));
    characters(text(x, 'maketrans argument')).forEach((c, index) =>
      table.set(c.codePointAt(0) ?? 0, to[index]?.codePointAt(0) ?? 0),
    );
    if (z !== null) for (const c of text(z, 'maketrans argument')) table.set(c.codePointAt(0) ?? 0, null);
  }
  return table;
}

/** str.replace with a limit (negative: all). */
export function replaceText(self: string, old: string, to: string, count: number): string {
  if (count < 0)
    return old === ''
      ? to +
          characters(self)
            .map((c) => c + to)
            .join('')
      : self.replaceAll(old, () => to);
  if (old === '') {
    let left = count;
    return (
      characters(self)
        .map((c) => (left-- > 0 ? to + c : c))
        .join('') + (left > 0 ? to : '')
    );
  }
  const parts = self.split(old);
  if (parts.length - 1 <= count) return parts.join(to);
  return [...parts.slice(0, count), parts.slice(count).join(old)].join(to);
}
