// Python's regular expressions, translated to JavaScript's with the `v` flag: the same matches, or a PatternError.
import { looksBehindUnevenly } from './python-regex-width.ts';

/** A pattern or a replacement that Python would refuse, or that cannot be said in JavaScript; the message is Python's. */
export class PatternError extends Error {}

export interface RegexFlags {
  readonly ignoreCase?: boolean;
  readonly multiline?: boolean;
  readonly dotAll?: boolean;
  /** Classes hold ASCII only, as in patterns of bytes. */
  readonly ascii?: boolean;
}

const cache = new Map<string, RegExp>();

/** A global expression for a Python pattern. Errors: PatternError when it is none. */
export function regex(
  pattern: string,
  flags: RegexFlags = {},
  shape: 'search' | 'match' | 'fullmatch' = 'search',
): RegExp {
  const key = `${flags.ignoreCase === true ? 'i' : ''}${flags.multiline === true ? 'm' : ''}${flags.dotAll === true ? 's' : ''}${flags.ascii === true ? 'a' : ''}${shape}\u0000${pattern}`;
  let made = cache.get(key);
  if (made === undefined) {
    made = compile(pattern, flags, shape);
    if (cache.size > 1000) cache.clear();
    cache.set(key, made);
  }
  made.lastIndex = 0;
  return made;
}

/** The names that groups go by in the expressions that have more groups than their pattern (see Groups). */
const renamed = new WeakMap<RegExp, Groups>();

function compile(pattern: string, flags: RegexFlags, shape: string): RegExp {
  if (looksBehindUnevenly(pattern)) throw new PatternError('look-behind requires fixed-width pattern');
  let translated = new Translation(pattern, flags);
  let body = translated.translate();
  if (translated.groups.atoms > 0) {
    translated = new Translation(pattern, flags, { byName: true, count: 0, names: new Map(), atoms: 0 });
    body = translated.translate();
  }
  const source = shape === 'search' ? body : shape === 'match' ? `(?<![^])(?:${body})` : `(?<![^])(?:${body})(?![^])`;
  try {
    const made = new RegExp(source, `gdv${translated.ignoreCase ? 'i' : ''}`);
    if (translated.groups.byName) renamed.set(made, translated.groups);
    return made;
  } catch (error) {
    // The user's pattern is told, not what it was translated to.
    const reason = (error instanceof Error ? error.message : String(error)).replace(
      /^Invalid regular expression: \/[^]*\/[a-z]*: /,
      '',
    );
    throw new PatternError(`${reason.slice(0, 1).toLowerCase()}${reason.slice(1)} in pattern '${pattern}'`);
  }
}

const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const WORD = '\\p{L}\\p{N}_';
const SIMPLE_ESCAPES = 'fnrtv';

/**
 * The groups of a pattern. What Python does not go back into (`(?>a)`, `a*+`) is said as `(?=(a))` and a reference to it, which are groups more
 * than the pattern has: such a pattern is translated once again with a name for each group.
 */
interface Groups {
  readonly byName: boolean;
  count: number;
  readonly names: Map<string, number>;
  atoms: number;
}
const groupName = (number: number): string => `group${number}`;
const atomName = (number: number): string => `atom${number}`;

class Translation {
  readonly groups: Groups;
  readonly #pattern: string;
  #at = 0;
  #ascii: boolean;
  #verbose = false;
  #multiline: boolean;
  #dotAll: boolean;
  ignoreCase: boolean;

  constructor(
    pattern: string,
    flags: RegexFlags,
    groups: Groups = { byName: false, count: 0, names: new Map(), atoms: 0 },
  ) {
    this.#pattern = pattern;
    this.groups = groups;
    this.ignoreCase = flags.ignoreCase ?? false;
    this.#multiline = flags.multiline ?? false;
    this.#dotAll = flags.dotAll ?? false;
    this.#ascii = flags.ascii ?? false;
    // Flags for the whole pattern stand at its start.
    const whole = /^\(\?([aiLmsux]+)\)/.exec(pattern);
    if (whole !== null) {
      this.#set(whole[1] as string);
      this.#at = whole[0].length;
    }
  }

  #set(flags: string): void {
    if (flags.includes('L')) throw this.#fail("bad inline flags: cannot use 'L' flag with a str pattern", 3);
    if (flags.includes('i')) this.ignoreCase = true;
    if (flags.includes('m')) this.#multiline = true;
    if (flags.includes('s')) this.#dotAll = true;
    if (flags.includes('a')) this.#ascii = true;
    if (flags.includes('x')) this.#verbose = true;
  }

  #fail(message: string, at = this.#at): PatternError {
    return new PatternError(`${message} at position ${at}`);
  }

  translate(): string {
    let result = '';
    const pattern = this.#pattern;
    // Where the last thing begins that a quantifier may stand behind, and where the groups that are open do.
    let item = 0;
    const open: { at: number; close: string }[] = [];
    while (this.#at < pattern.length) {
      const character = String.fromCodePoint(pattern.codePointAt(this.#at) ?? 0);
      const before = result.length;
      const quantifier = this.#quantifier();
      if (quantifier !== undefined) {
        result += quantifier.text;
        if (quantifier.possessive)
          result = `${result.slice(0, item)}${this.#atom()}${result.slice(item)})${this.#again()}`;
        continue;
      }
      if (character === ')' && open.length > 0) {
        this.#at++;
        const { at, close } = open.pop() ?? { at: 0, close: '' };
        result += `)${close}`;
        item = at;
        continue;
      }
      if (pattern.startsWith('(?>', this.#at)) {
        this.#at += 3;
        result += this.#atom();
        open.push({ at: before, close: this.#again() });
        continue;
      }
      item = before;
      if (character === '(') {
        const opening = this.#group();
        if (opening !== '') open.push({ at: before, close: '' });
        result += opening;
        continue;
      }
      if (character === '\\') result += this.#escape(false);
      else if (character === '[') result += this.#set_();
      else {
        this.#at += character.length;
        if (character === '.') result += this.#dotAll ? '[^]' : '[^\\n]';
        else if (character === '^') result += this.#multiline ? '(?<![^\\n])' : '(?<![^])';
        else if (character === '$') result += this.#multiline ? '(?![^\\n])' : '(?=\\n?(?![^]))';
        else if (character === '}' || character === ']' || character === '{') result += `\\${character}`;
        else if (this.#verbose && /\s/.test(character)) continue;
        else if (this.#verbose && character === '#') {
          const end = pattern.indexOf('\n', this.#at);
          this.#at = end === -1 ? pattern.length : end + 1;
        } else result += character === '/' ? '\\/' : character;
      }
    }
    return result;
  }

  /** A quantifier that stands here, if one does; `{` alone is a character. */
  #quantifier(): { text: string; possessive: boolean } | undefined {
    const match = /^(?:[*+?]|\{(?:(\d+)|(\d*)(,)(\d*))\})([+?]?)/.exec(this.#pattern.slice(this.#at));
    if (match === null) return undefined;
    const [all, exact, least, comma, most, more] = match;
    this.#at += all.length;
    const text =
      exact !== undefined
        ? `{${exact}}`
        : comma === undefined
          ? (all[0] ?? '')
          : least === '' && most === ''
            ? '*'
            : `{${least === '' ? '0' : (least ?? '')},${most ?? ''}}`;
    return { text: more === '?' ? `${text}?` : text, possessive: more === '+' };
  }

  /** The opening of what is not gone back into. */
  #atom(): string {
    this.groups.atoms++;
    return `(?=(?<${atomName(this.groups.atoms)}>`;
  }
  /** What stands behind its end, after one `)`. */
  #again(): string {
    return `)\\k<${atomName(this.groups.atoms)}>`;
  }

  #group(): string {
    const rest = this.#pattern.slice(this.#at);
    const named = /^\(\?P<([^>]*)>/.exec(rest);
    if (named !== null) {
      this.#at += named[0].length;
      const name = named[1] ?? '';
      this.groups.names.set(name, ++this.groups.count);
      return `(?<${this.groups.byName ? groupName(this.groups.count) : name}>`;
    }
    const reference = /^\(\?P=(\w+)\)/.exec(rest);
    if (reference !== null) {
      this.#at += reference[0].length;
      const name = reference[1] ?? '';
      return `\\k<${this.groups.byName ? groupName(this.groups.names.get(name) ?? 0) : name}>`;
    }
    const comment = /^\(\?#[^)]*\)/.exec(rest);
    if (comment !== null) {
      this.#at += comment[0].length;
      return '';
    }
    const late = /^\(\?[aiLmsux]+\)/.exec(rest);
    if (late !== null) throw this.#fail('global flags not at the start of the expression');
    const scoped = /^\(\?([aiLmsux]*)(?:-([imsx]+))?:/.exec(rest);
    if (scoped !== null) return this.#scoped(scoped);
    if (rest.startsWith('(?(')) throw this.#fail('conditional groups are not supported');
    const look = /^\(\?(?:[=!]|<[=!])/.exec(rest);
    if (look !== null) {
      this.#at += look[0].length;
      return look[0];
    }
    if (rest.startsWith('(?')) throw this.#fail(`unknown extension ${rest.slice(1, 3)}`, this.#at + 1);
    this.#at++;
    this.groups.count++;
    return this.groups.byName ? `(?<${groupName(this.groups.count)}>` : '(';
  }

  /** `(?i:...)`: the flags hold to the group's end. */
  #scoped(match: RegExpExecArray): string {
    const [all, on = '', off = ''] = match;
    this.#at += all.length;
    const before = { multiline: this.#multiline, dotAll: this.#dotAll, verbose: this.#verbose, ascii: this.#ascii };
    if (on.includes('m')) this.#multiline = true;
    if (on.includes('s')) this.#dotAll = true;
    if (on.includes('x')) this.#verbose = true;
    if (on.includes('a')) this.#ascii = true;
    if (off.includes('m')) this.#multiline = false;
    if (off.includes('s')) this.#dotAll = false;
    if (off.includes('x')) this.#verbose = false;
    const end = this.#groupEnd();
    const inner = new Translation(this.#pattern.slice(this.#at, end), {}, this.groups);
    inner.#multiline = this.#multiline;
    inner.#dotAll = this.#dotAll;
    inner.#verbose = this.#verbose;
    inner.#ascii = this.#ascii;
    const body = inner.translate();
    this.#at = end;
    this.#multiline = before.multiline;
    this.#dotAll = before.dotAll;
    this.#verbose = before.verbose;
    this.#ascii = before.ascii;
    const flag = `${on.includes('i') ? 'i' : ''}${off.includes('i') ? '-i' : ''}`;
    return flag === '' ? `(?:${body}` : `(?${flag}:${body}`;
  }

  #groupEnd(): number {
    let depth = 1;
    for (let at = this.#at; at < this.#pattern.length; at++) {
      const character = this.#pattern[at];
      if (character === '\\') at++;
      else if (character === '[') {
        at++;
        if (this.#pattern[at] === '^') at++;
        if (this.#pattern[at] === ']') at++;
        while (at < this.#pattern.length && this.#pattern[at] !== ']') at += this.#pattern[at] === '\\' ? 2 : 1;
      } else if (character === '(') depth++;
      else if (character === ')' && --depth === 0) return at;
    }
    throw this.#fail('missing ), unterminated subpattern');
  }

  /** An escape, inside of a character set or not. */
  #escape(inSet: boolean): string {
    const pattern = this.#pattern;
    const start = this.#at;
    const next = pattern[start + 1];
    if (next === undefined) throw this.#fail('bad escape (end of pattern)');
    this.#at += 2;
    const wrap = (inside: string, negated: boolean): string =>
      inSet && !negated ? inside : `[${negated ? '^' : ''}${inside}]`;
    switch (next) {
      case 'd':
      case 'D':
        return wrap(this.#ascii ? '0-9' : '\\p{Nd}', next === 'D');
      case 'w':
      case 'W':
        return wrap(this.#ascii ? 'a-zA-Z0-9_' : WORD, next === 'W');
      case 's':
      case 'S':
        return wrap(this.#ascii ? '\\t-\\r\\x20' : SPACE, next === 'S');
      case 'a':
        return '\\x07';
      case 'x':
        return this.#hex(2, start);
      case 'u':
        return this.#hex(4, start);
      case 'U':
        return this.#hex(8, start);
      case '\\':
        return '\\\\';
      default:
    }
    if (SIMPLE_ESCAPES.includes(next)) return `\\${next}`;
    if (inSet) {
      if (next === 'b') return '\\x08';
      const octal = /^[0-7]{1,3}/.exec(pattern.slice(start + 1));
      if (octal !== null) {
        this.#at = start + 1 + octal[0].length;
        return codePoint(Number.parseInt(octal[0], 8));
      }
    } else {
      const word = this.#ascii ? '[a-zA-Z0-9_]' : `[${WORD}]`;
      if (next === 'b') return `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`;
      if (next === 'B') return `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`;
      if (next === 'A') return '(?<![^])';
      if (next === 'Z') return '(?![^])';
      const octal = /^(?:0[0-7]{0,2}|[1-3][0-7]{2})/.exec(pattern.slice(start + 1));
      if (octal !== null) {
        this.#at = start + 1 + octal[0].length;
        return codePoint(Number.parseInt(octal[0], 8));
      }
      const reference = /^[1-9]\d?/.exec(pattern.slice(start + 1));
      if (reference !== null) {
        this.#at = start + 1 + reference[0].length;
        return this.groups.byName ? `\\k<${groupName(Number(reference[0]))}>` : `(?:\\${reference[0]})`;
      }
    }
    if (/[a-zA-Z]/.test(next)) throw this.#fail(`bad escape \\${next}`, start);
    const character = String.fromCodePoint(pattern.codePointAt(start + 1) ?? 0);
    this.#at = start + 1 + character.length;
    return literal(character);
  }

  #hex(digits: number, start: number): string {
    const match = new RegExp(`^[\\da-fA-F]{${digits}}`).exec(this.#pattern.slice(this.#at));
    if (match === null) throw this.#fail(`incomplete escape \\${this.#pattern[start + 1] ?? ''}`, start);
    this.#at += digits;
    return codePoint(Number.parseInt(match[0], 16));
  }

  /** A character set `[...]`. */
  #set_(): string {
    const pattern = this.#pattern;
    const start = this.#at;
    this.#at++;
    let negated = false;
    if (pattern[this.#at] === '^') {
      negated = true;
      this.#at++;
    }
    let body = '';
    let first = true;
    for (;;) {
      if (this.#at >= pattern.length) throw this.#fail('unterminated character set', start);
      const character = String.fromCodePoint(pattern.codePointAt(this.#at) ?? 0);
      if (character === ']' && !first) break;
      first = false;
      if (character === '\\') body += this.#escape(true);
      else if (
        character === '-' &&
        body !== '' &&
        pattern[this.#at + 1] !== ']' &&
        !/(?:^|[^\\])-$/.test(body) &&
        !/\}$|\]$/.test(body)
      ) {
        body += '-';
        this.#at++;
      } else {
        body += literal(character);
        this.#at += character.length;
      }
    }
    this.#at++;
    return `[${negated ? '^' : ''}${body}]`;
  }
}

function codePoint(code: number): string {
  return `\\u{${code.toString(16)}}`;
}
function literal(character: string): string {
  return /[\p{L}\p{N}_]/u.test(character) && !/[\ud800-\udfff]/.test(character)
    ? character
    : codePoint(character.codePointAt(0) ?? 0);
}

export interface Match {
  readonly text: string;
  readonly index: number;
  /** Groups by number (0 is the whole), undefined where a group took no part. */
  readonly groups: readonly (string | undefined)[];
  readonly named: Readonly<Record<string, string | undefined>>;
}

/** All matches, by Python's rules for empty ones. */
export function* matches(pattern: RegExp, text: string): Iterable<Match> {
  const groups = renamed.get(pattern);
  for (const match of text.matchAll(pattern)) yield { text: match[0], index: match.index, ...groupsOf(match, groups) };
}

function groupsOf(match: RegExpMatchArray, groups: Groups | undefined): Pick<Match, 'groups' | 'named'> {
  if (groups === undefined) return { groups: [...match], named: match.groups ?? {} };
  const of = (number: number): string | undefined => match.groups?.[groupName(number)];
  return {
    groups: [match[0], ...Array.from({ length: groups.count }, (_, index) => of(index + 1))],
    named: Object.fromEntries(Array.from(groups.names, ([name, number]) => [name, of(number)])),
  };
}

/** A replacement's `\1`, `\g<name>` and escapes filled in. Throws PatternError. */
export function expand(template: string, match: Match): string {
  return template.replace(
    /\\(?:g<([^>]*)>|(0[0-7]{0,2}|[1-3][0-7]{2})|([1-9]\d?)|([^]))|\\$/g,
    (all: string, group?: string, octal?: string, number?: string, other?: string) => {
      if (number !== undefined) return groupOf(match, Number(number));
      if (group !== undefined) return /^\d+$/.test(group) ? groupOf(match, Number(group)) : namedGroup(match, group);
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      if (other === undefined) throw new PatternError('bad escape (end of pattern)');
      const simple = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\' }[other];
      if (simple !== undefined) return simple;
      if (/[a-zA-Z]/.test(other)) throw new PatternError(`bad escape \\${other}`);
      return all;
    },
  );
}

/** Fails as Python does for a replacement that is wrong for the pattern, also where nothing matches. Throws PatternError. */
export function checkReplacement(template: string, pattern: RegExp): void {
  const empty = new RegExp(`${pattern.source}|`, pattern.flags.replace(/[gy]/g, '')).exec('');
  if (template.includes('\\') && empty !== null)
    expand(template, { text: '', index: 0, ...groupsOf(empty, renamed.get(pattern)) });
}

function groupOf(match: Match, number: number): string {
  if (number >= match.groups.length) throw new PatternError(`invalid group reference ${number}`);
  return match.groups[number] ?? '';
}
function namedGroup(match: Match, name: string): string {
  if (!Object.hasOwn(match.named, name)) throw new PatternError(`unknown group name '${name}'`);
  return match.named[name] ?? '';
}

/** Bytes as text of one character a byte, so that patterns work on files without decoding them; `toBytes` is the way back. */
export function byteText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** Text of the user's as the bytes of its UTF-8, one character a byte. */
export function userBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

export function toBytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/**
 * A pattern over bytes as Python compiles it from bytes: UTF-8, classes of ASCII. It is one of the host's, whose Python may be of before 3.11: flags
 * for the whole pattern may stand anywhere in it.
 */
export function bytePattern(pattern: string, flags: Omit<RegexFlags, 'ascii'> = {}): RegExp {
  return regex(flagsFirst(userBytes(pattern)), { ...flags, ascii: true });
}

/** The pattern with `(?i)` and the like at its start; escaped ones and those in a class are no flags. */
function flagsFirst(pattern: string): string {
  let flags = '';
  const rest = pattern.replaceAll(
    /\\[^]|\[\^?\]?(?:\\[^]|[^\]\\])*\]|\(\?([aiLmsux]+)\)/g,
    (all: string, letters: string | undefined) => {
      if (letters === undefined) return all;
      flags += letters;
      return '';
    },
  );
  return flags === '' ? pattern : `(?${flags})${rest}`;
}

/** The first match, or undefined. */
export function search(pattern: RegExp, text: string): Match | undefined {
  for (const match of matches(pattern, text)) return match;
  return undefined;
}
