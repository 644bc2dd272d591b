// YAML as Ansible reads it, into values with their places: YAML 1.1 scalars, merge keys, anchors, `!vault` and `!unsafe`; text becomes TemplateText.
//
// An own reader instead of the `yaml` package's: a vars file of 10,000 hosts takes that one ten seconds (every key is compared with all before it)
// and this one a fraction of a second, and PyYAML's rules (what is a number, where a scalar ends) differ from it in many small points.
import { PlaybookError } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';
import { Dict, PyFloat, TemplateText, Tuple, userText, type Value } from '../core/value.ts';
import { VaultText, type VaultDecryptor } from './vault-text.ts';
import { Positions, pack, type Path } from './yaml-positions.ts';
import { Pairs } from './yaml-pairs.ts';
import { plainScalar } from './yaml-scalar.ts';
import { isBlank, isFlowIndicator, YamlScanner } from './yaml-scanner.ts';
import { collectionAs, taggedScalar, TAGS } from './yaml-tags.ts';

export type { VaultDecryptor } from './vault-text.ts';
export { Positions } from './yaml-positions.ts';

export interface YamlOptions {
  /** Opens `!vault` values and files that are encrypted whole. Without it a file encrypted whole is an error, a `!vault` value one when it is used. */
  readonly vault?: VaultDecryptor | undefined;
  /** False for text that is not the user's: its strings are never rendered. */
  readonly trusted?: boolean;
}

export interface YamlWarning {
  readonly message: string;
  readonly origin: Origin;
}

export interface LoadedYaml {
  /** null for an empty file. */
  readonly value: Value;
  /** Where the value at a path stands; `[]` is the document. */
  readonly origin: (path: Path) => Origin | undefined;
  readonly positions: Positions;
  readonly warnings: readonly YamlWarning[];
}

/** Parses a file that holds one document. Throws a PlaybookError with place and hint for anything that is not YAML. */
export function loadYaml(text: string, file: string, options: YamlOptions = {}): LoadedYaml {
  const reader = new Reader(openFile(text, file, options), file, options);
  const [first, second] = reader.documents();
  if (second !== undefined) throw new PlaybookError('a second YAML document begins here, where one is expected', { origin: second.origin, hint: 'split the file, or remove the --- line' });
  return loaded(reader, first?.value ?? null);
}

/** All documents of a file. */
export function loadYamlDocuments(text: string, file: string, options: YamlOptions = {}): LoadedYaml[] {
  const reader = new Reader(openFile(text, file, options), file, options);
  return reader.documents().map(({ value }) => loaded(reader, value));
}

function loaded(reader: Reader, value: Value): LoadedYaml {
  const { positions } = reader;
  return { value, positions, warnings: reader.warnings, origin: (path) => positions.at(value, path) };
}

const NO_VAULT: VaultDecryptor = {
  decrypt(_text, origin) {
    throw new PlaybookError('this value is encrypted and no vault secret was given', { origin, hint: 'give one with --vault-password-file or --ask-vault-pass' });
  },
};

/** The text of a file that may be encrypted whole. */
function openFile(text: string, file: string, options: YamlOptions): string {
  return text.startsWith('$ANSIBLE_VAULT;') ? (options.vault ?? NO_VAULT).decrypt(text, { file, line: 1, column: 1 }) : text;
}

// What YAML allows in a file: no control characters but tab and line breaks.
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;
/** Aliases may repeat values; beyond this many repeated values a file is taken for an attack ("billion laughs"). */
const MAX_REPEATED = 5_000_000;
const MAX_DEPTH = 500;

interface Props {
  tag: string | undefined;
  anchor: string | undefined;
}
interface Anchored {
  value: Value;
  size: number;
  open: boolean;
}

class Reader {
  readonly positions: Positions;
  readonly warnings: YamlWarning[] = [];
  readonly #scan: YamlScanner;
  readonly #file: string;
  readonly #vault: VaultDecryptor;
  readonly #json: boolean;
  #untrusted: number;
  #anchors = new Map<string, Anchored>();
  #depth = 0;
  /** Values made so far, and those that aliases repeat. */
  #size = 0;
  #repeated = 0;
  /** Place of the node read last. */
  #at = 0;

  constructor(text: string, file: string, options: YamlOptions) {
    this.positions = new Positions(file);
    this.#scan = new YamlScanner(text, file);
    this.#file = file;
    this.#vault = options.vault ?? NO_VAULT;
    this.#untrusted = options.trusted === false ? 1 : 0;
    this.#json = isJson(text);
    const forbidden = FORBIDDEN.exec(text);
    if (forbidden !== null) {
      const before = text.slice(0, forbidden.index).split('\n');
      const code = forbidden[0].charCodeAt(0).toString(16).padStart(2, '0');
      this.#scan.fail(`the character \\x${code} is not allowed in YAML`, 'write it as an escape in double quotes', { line: before.length, column: (before.at(-1) ?? '').length + 1 });
    }
  }

  documents(): { value: Value; origin: Origin }[] {
    const scan = this.#scan;
    const found: { value: Value; origin: Origin }[] = [];
    let explicit = false;
    for (;;) {
      scan.skip();
      while (scan.code() === 37 && scan.column === 0) {
        if (!/^%[A-Z]+[ \t]/.test(scan.text.slice(scan.pos, scan.pos + 40))) scan.fail('a line cannot begin with %', 'a Jinja2 block ({% ... %}) must be inside quotes');
        scan.pos = lineEnd(scan.text, scan.pos);
        scan.skip();
      }
      if (scan.atEnd) {
        if (explicit) found.push({ value: null, origin: this.#origin(scan.here) });
        return found;
      }
      const at = this.#origin(scan.here);
      if (scan.atMarker()) {
        const ends = scan.code() === 46;
        if (explicit) found.push({ value: null, origin: at });
        explicit = !ends;
        scan.endLine = scan.line;
        scan.pos += 3;
        if (ends || this.#onlyMarkerAhead()) continue;
      }
      this.#anchors = new Map();
      const value = this.#block(-1, false, false);
      found.push({ value, origin: at });
      explicit = false;
      scan.skip();
      if (!scan.atEnd && !scan.atMarker()) this.#unexpected();
      if (scan.atMarker() && scan.code() === 46) scan.pos += 3;
    }
  }

  #onlyMarkerAhead(): boolean {
    const scan = this.#scan;
    scan.skip();
    return scan.atEnd || scan.atMarker();
  }

  #origin(packed: number): Origin {
    return this.positions.origin(packed);
  }

  /**
   * A node in block style, behind an indicator or at the start of the document. Its lines are deeper than `parent`; `listAtParent`: a list may stand
   * at the parent's own column (below a key); `inline`: the cursor is behind `key:`, where no mapping or list can begin on the same line.
   */
  #block(parent: number, listAtParent: boolean, inline: boolean): Value {
    const scan = this.#scan;
    let crossed = scan.skip();
    let own: Props | undefined;
    let onLine: Props | undefined;
    let start = scan.here;
    let startColumn = scan.column;
    for (;;) {
      const code = scan.code();
      const { column } = scan;
      const isItem = code === 45 && isBlank(scan.code(1));
      if (scan.atEnd || scan.atMarker() || (crossed && column <= parent && !(listAtParent && column === parent && isItem))) {
        // Nothing is written: the place is that of the key or dash before.
        this.#at = 0;
        return this.#scalar('', 'plain', this.#joined(own, onLine), start);
      }
      if (code !== 38 && code !== 33) break;
      if (onLine === undefined) {
        start = scan.here;
        startColumn = column;
      }
      onLine = this.#props(onLine);
      if (scan.skip()) {
        crossed = true;
        own = this.#joined(own, onLine);
        onLine = undefined;
        startColumn = scan.column;
      }
    }
    if (onLine === undefined) {
      start = scan.here;
      startColumn = scan.column;
    }
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) scan.fail(`the file is nested more than ${MAX_DEPTH} levels deep`);
    const value = this.#blockNode(parent, inline && !crossed, own, onLine, start, startColumn);
    this.#depth -= 1;
    return value;
  }

  #blockNode(parent: number, inline: boolean, own: Props | undefined, onLine: Props | undefined, start: number, column: number): Value {
    const scan = this.#scan;
    const code = scan.code();
    const next = scan.code(1);
    if (code === 45 && isBlank(next)) {
      if (inline || onLine !== undefined) scan.fail('a list cannot begin here', 'begin the list on a line of its own below the key');
      return this.#blockList(scan.column, own, start);
    }
    if (code === 63 && isBlank(next)) {
      if (inline) scan.fail('a mapping cannot begin here');
      return this.#blockDict(scan.column, this.#joined(own, onLine), start, undefined);
    }
    if (code === 124 || code === 62) {
      const { value, line, column: textColumn } = scan.block(parent);
      this.#at = start;
      return this.#scalar(value, 'block', this.#joined(own, onLine), pack(line, textColumn));
    }
    const line = scan.line;
    const node = this.#keyedNode(parent, own, onLine, start);
    if (!this.#atColon()) {
      this.#at = start;
      return node;
    }
    if (inline || scan.line !== line) this.#strayColon(line, inline);
    return this.#blockDict(column, own, start, { key: this.#key(node, start), at: start });
  }

  /** A scalar, alias or flow collection that may turn out to be a key; the cursor ends behind it. */
  #keyedNode(parent: number, own: Props | undefined, onLine: Props | undefined, start: number): Value {
    const scan = this.#scan;
    const code = scan.code();
    if (code === 34 || code === 39) {
      const textStart = scan.here + 1;
      const text = scan.quoted();
      return this.#scalar(text, 'quoted', this.#propsOf(own, onLine), textStart);
    }
    if (code === 42) {
      return this.#alias();
    }
    if (code === 91 || code === 123) {
      return this.#flow(this.#propsOf(own, onLine));
    }
    this.#checkPlainStart(code);
    const text = scan.plain(parent);
    return this.#scalar(text, 'plain', this.#propsOf(own, onLine), start);
  }

  /** A scalar's properties: those on its own line, or on a line before. In a key those before are the mapping's. */
  #propsOf(own: Props | undefined, onLine: Props | undefined): Props | undefined {
    return own === undefined || this.#scanAtKey() ? onLine : this.#joined(own, onLine);
  }
  #joined(own: Props | undefined, onLine: Props | undefined): Props | undefined {
    if (own === undefined || onLine === undefined) return own ?? onLine;
    if ((own.tag !== undefined && onLine.tag !== undefined) || (own.anchor !== undefined && onLine.anchor !== undefined)) this.#scan.fail('a value has two tags or two anchors');
    return { tag: onLine.tag ?? own.tag, anchor: onLine.anchor ?? own.anchor };
  }
  #scanAtKey(): boolean {
    return this.#scan.flow === 0 && this.#atColon();
  }

  /** Behind a possible key: passes blanks on the line and tells whether `:` follows. */
  #atColon(): boolean {
    const scan = this.#scan;
    let ahead = 0;
    while (scan.code(ahead) === 32 || scan.code(ahead) === 9) ahead += 1;
    if (scan.code(ahead) !== 58 || !(isBlank(scan.code(ahead + 1)) || scan.flow > 0)) return false;
    scan.pos += ahead;
    return true;
  }

  #strayColon(line: number, inline: boolean): never {
    const scan = this.#scan;
    if (scan.line !== line && !inline) {
      const words = (scan.text.split('\n', line)[line - 1] ?? '').trim();
      scan.fail('a key cannot be longer than one line', /^[\w.-]+:\S/.test(words) ? `line ${line} lacks a blank after its colon: ${words.replace(':', ': ')}` : `line ${line} lacks a colon, or this line is indented too far`);
    }
    if (scan.line !== line) scan.fail('a "key: value" cannot continue the value above it', 'this line is indented too far, or a quote or | is missing in the lines above');
    return scan.fail('a second "key: value" begins here, inside a value', 'quote the whole value if the colon is part of it; else put the key on a line of its own');
  }

  #checkPlainStart(code: number): void {
    const scan = this.#scan;
    if (code === 37) scan.fail('a value cannot begin with %', 'quote the whole value; a Jinja2 block ({% ... %}) must be inside quotes');
    if (code === 64 || code === 96) scan.fail(`a value cannot begin with ${String.fromCharCode(code)}`, 'quote the whole value');
    if (code === 9) scan.fail('a tab stands here', 'replace the tab by blanks');
    if (code === 124 || code === 62) scan.fail(`a key cannot begin with ${String.fromCharCode(code)}`, 'quote it');
    if (code === 44 || code === 93 || code === 125 || (code === 58 && isBlank(scan.code(1)))) scan.fail(`"${String.fromCharCode(code)}" cannot stand here`, code === 58 ? 'a key is missing before the colon' : 'quote the whole value');
    if (code === 63 || (code === 45 && isBlank(scan.code(1)))) if (isBlank(scan.code(1))) scan.fail(`"${String.fromCharCode(code)}" cannot stand here`);
  }

  #unexpected(): never {
    const scan = this.#scan;
    const rest = scan.text.slice(scan.pos, lineEnd(scan.text, scan.pos)).trimEnd();
    if (/^[^\s'"#]+:\S/.test(rest) && !rest.includes(': ')) scan.fail('a "key: value" is expected here', `a blank is missing after the colon: ${rest.replace(':', ': ')}`);
    if (scan.line === scan.endLine) {
      const before = scan.text.slice(scan.lineStart, scan.pos).trimEnd();
      scan.fail(`"${short(rest)}" cannot follow the value before it`, /["']$/.test(before) ? 'text behind a closing quote: put quotes around the whole value' : /[}\]]$/.test(before) ? 'if the value is a template or begins with a bracket, put quotes around the whole value' : undefined);
    }
    if (/^-(\s|$)/.test(rest)) scan.fail('a list item is not expected here', 'it is indented differently from the lines before it');
    return scan.fail(`"${short(rest)}" does not fit the indentation of the lines before it`, 'items of one list and keys of one mapping begin in the same column');
  }

  #blockList(column: number, props: Props | undefined, start: number): Value {
    const scan = this.#scan;
    const list: Value[] = [];
    const row = [start];
    this.positions.set(list, row);
    const finish = this.#open(list, props, 'list');
    for (;;) {
      const dash = scan.here;
      scan.endLine = scan.line;
      scan.pos += 1;
      list.push(this.#block(column, false, false));
      row.push(this.#at || dash);
      scan.skip();
      if (scan.atEnd || scan.column < column || scan.atMarker()) break;
      if (scan.line === scan.endLine || scan.column > column) this.#unexpected();
      if (scan.code() !== 45 || !isBlank(scan.code(1))) break;
    }
    this.#at = start;
    return finish();
  }

  /** `first`: the key that told that this is a mapping; the cursor is at its colon. */
  #blockDict(column: number, props: Props | undefined, start: number, first: { key: Value; at: number } | undefined): Value {
    const scan = this.#scan;
    const pairs = new Pairs(this.#warnDuplicate);
    const dict = pairs.dict;
    const finish = this.#open(dict, props, 'dict');
    let entry = first;
    for (;;) {
      entry ??= this.#blockKey(column);
      scan.endLine = scan.line;
      let value: Value = null;
      let at = entry.at;
      if (scan.code() === 58) {
        scan.pos += 1;
        value = this.#block(column, true, true);
        at = this.#at || entry.at;
      }
      this.#add(pairs, entry, value, at);
      scan.skip();
      if (scan.atEnd || scan.column < column || scan.atMarker()) break;
      if (scan.line === scan.endLine || scan.column > column) this.#unexpected();
      entry = undefined;
    }
    pairs.close(this.positions, start);
    this.#at = start;
    return finish();
  }

  #blockKey(column: number): { key: Value; at: number } {
    const scan = this.#scan;
    const at = scan.here;
    let code = scan.code();
    if (code === 63 && isBlank(scan.code(1))) {
      scan.endLine = scan.line;
      scan.pos += 1;
      const key = this.#key(this.#block(column, true, false), at);
      scan.skip();
      return { key, at };
    }
    if (code === 45 && isBlank(scan.code(1))) this.#unexpected();
    let props: Props | undefined;
    while (code === 38 || code === 33) {
      props = this.#props(props);
      scan.skip();
      code = scan.code();
    }
    const line = scan.line;
    const node = this.#keyedNode(Number.MAX_SAFE_INTEGER, undefined, props, at);
    if (scan.line !== line || !this.#atColon()) {
      scan.pos = scan.lineStart + column;
      const rest = scan.text.slice(scan.pos, lineEnd(scan.text, scan.pos)).trimEnd();
      scan.fail('a "key: value" is expected here', /^[^\s'"#]+:\S/.test(rest) ? `a blank is missing after the colon: ${rest.replace(':', ': ')}` : 'if this line continues the value above, indent it further; if it is a key, a colon is missing');
    }
    return { key: this.#key(node, at), at };
  }

  /** A node as a key: its text is data, never rendered. */
  #key(node: Value, at: number): Value {
    if (node instanceof TemplateText) return node.source;
    if (node instanceof Dict || (Array.isArray(node) && !(node instanceof Tuple))) {
      throw new PlaybookError('a list or mapping cannot be a key', { origin: this.#origin(at), hint: 'if this is a template, put quotes around it' });
    }
    return node;
  }

  #add(pairs: Pairs, entry: { key: Value; at: number }, value: Value, at: number): void {
    if (entry.key !== '<<' || this.#scan.text.charCodeAt(this.#offset(entry.at)) !== 60) {
      pairs.add(entry.key, entry.at, value, at);
      return;
    }
    const sources = Array.isArray(value) ? value : [value];
    for (const source of sources) {
      if (!(source instanceof Dict)) throw new PlaybookError('<< merges mappings, and this is not one', { origin: this.#origin(at) });
      pairs.merge(source, this.positions.row(source) ?? []);
    }
  }

  /** The offset of a place on or before the current line; only used for the rare key `<<`. */
  #offset(packed: number): number {
    const { line, column } = this.#origin(packed);
    const { text } = this.#scan;
    let offset = text.charCodeAt(0) === 0xfeff ? 1 : 0;
    for (let i = 1; i < line; i += 1) offset = lineEnd(text, offset) + 1;
    return offset + column - 1;
  }

  readonly #warnDuplicate = (key: Value, at: number): void => {
    this.warnings.push({ message: `Found duplicate mapping key '${String(key)}': only the last value counts.`, origin: this.#origin(at) });
  };

  /** A flow collection (`[...]` or `{...}`) at the cursor. */
  #flow(props: Props | undefined): Value {
    const scan = this.#scan;
    const start = scan.here;
    const opened = { line: scan.line, column: scan.column + 1 };
    const isList = scan.code() === 91;
    if (!isList && scan.code(1) === 123) scan.fail('this value begins with {{ and has no quotes', 'put quotes around the whole value: "{{ ... }}"');
    if (!isList && scan.code(1) === 37) scan.fail('this value begins with {% and has no quotes', 'put quotes around the whole value: "{% ... %}"');
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) scan.fail(`the file is nested more than ${MAX_DEPTH} levels deep`);
    scan.flow += 1;
    scan.pos += 1;
    const list: Value[] = [];
    const row = [start];
    const pairs = new Pairs(this.#warnDuplicate);
    const finish = this.#open(isList ? list : pairs.dict, props, isList ? 'list' : 'dict');
    const close = isList ? 93 : 125;
    for (;;) {
      scan.skip();
      if (scan.code() === close) break;
      this.#flowEntry(isList ? { list, row } : pairs, opened, isList);
      scan.skip();
      const code = scan.code();
      if (code === 44) scan.pos += 1;
      else if (code !== close) this.#flowBroken(opened, isList);
    }
    scan.pos += 1;
    scan.flow -= 1;
    scan.endLine = scan.line;
    if (isList) this.positions.set(list, row);
    else pairs.close(this.positions, start);
    this.#depth -= 1;
    this.#at = start;
    return finish();
  }

  #flowEntry(into: Pairs | { list: Value[]; row: number[] }, opened: { line: number; column: number }, isList: boolean): void {
    const scan = this.#scan;
    const at = scan.here;
    const explicit = scan.code() === 63 && isBlank(scan.code(1));
    if (explicit) {
      scan.pos += 1;
      scan.skip();
    }
    const key = this.#flowNode(opened, isList);
    const keyAt = this.#at;
    scan.skip();
    let value: Value = null;
    const paired = scan.code() === 58;
    if (paired) {
      scan.pos += 1;
      scan.skip();
      const code = scan.code();
      value = code === 44 || code === 93 || code === 125 ? this.#scalar('', 'plain', undefined, scan.here) : this.#flowNode(opened, isList);
    }
    const valueAt = paired ? this.#at : keyAt;
    if (into instanceof Pairs) this.#add(into, { key: this.#key(key, keyAt), at: keyAt }, value, valueAt);
    else if (!paired && !explicit) {
      into.list.push(key);
      into.row.push(keyAt);
    } else {
      const single = new Pairs(this.#warnDuplicate);
      single.add(this.#key(key, keyAt), keyAt, value, valueAt);
      single.close(this.positions, at);
      into.list.push(single.dict);
      into.row.push(at);
    }
  }

  #flowNode(opened: { line: number; column: number }, isList: boolean): Value {
    const scan = this.#scan;
    const start = scan.here;
    let props: Props | undefined;
    let code = scan.code();
    while (code === 38 || code === 33) {
      props = this.#props(props);
      scan.skip();
      code = scan.code();
    }
    if (code === 44 || code === 93 || code === 125 || code === 58) {
      if (props === undefined) this.#flowBroken(opened, isList);
      this.#at = start;
      return this.#scalar('', 'plain', props, start);
    }
    if (scan.atEnd || scan.atMarker()) this.#flowBroken(opened, isList);
    if (code === 91 || code === 123) return this.#flow(props);
    if (code === 45 && (isBlank(scan.code(1)) || isFlowIndicator(scan.code(1)))) if (isBlank(scan.code(1))) this.#flowBroken(opened, isList);
    const value = this.#keyedNode(-1, undefined, props, start);
    this.#at = start;
    return value;
  }

  #flowBroken(opened: { line: number; column: number }, isList: boolean): never {
    const scan = this.#scan;
    if (scan.atEnd || scan.atMarker()) scan.fail(`the ${isList ? '[' : '{'} opened here is never closed`, undefined, opened);
    const rest = scan.text.slice(scan.pos, lineEnd(scan.text, scan.pos)).trimEnd();
    return scan.fail(`"${short(rest)}" is not expected inside ${isList ? '[ ]' : '{ }'}: a comma or ${isList ? ']' : '}'} is`, 'if the value is text or a template, put quotes around the whole value');
  }

  #props(before: Props | undefined): Props {
    const scan = this.#scan;
    const props = before ?? { tag: undefined, anchor: undefined };
    const isTag = scan.code() === 33;
    const start = scan.pos;
    if (isTag && scan.code(1) === 60) {
      const end = scan.text.indexOf('>', start);
      if (end === -1) scan.fail('the tag opened here is never closed');
      scan.pos = end + 1;
    } else for (scan.pos += 1; !isBlank(scan.code()) && !(scan.flow > 0 && isFlowIndicator(scan.code())); ) scan.pos += 1;
    const word = scan.text.slice(start, scan.pos);
    scan.endLine = scan.line;
    if (isTag) {
      if (props.tag !== undefined) scan.fail('a value has two tags');
      props.tag = word.startsWith('!<') ? word.slice(2, -1).replace('tag:yaml.org,2002:', '!!') : word;
      this.#checkTag(props.tag, start);
    } else {
      if (!/^&[\w-]+$/.test(word)) scan.fail(`${word} is not the name of an anchor`, 'quote the value if it begins with &');
      if (props.anchor !== undefined) scan.fail('a value has two anchors');
      props.anchor = word.slice(1);
    }
    return props;
  }

  #checkTag(tag: string, start: number): void {
    if (tag === '!' || TAGS.includes(tag)) return;
    this.#scan.pos = start;
    this.#scan.fail(`the tag ${tag} is not known`, /^!(?!!)\S*\(|^!(?:=|~)/.test(tag) ? 'quote the value if it begins with !' : `known tags: ${TAGS.join(' ')}`);
  }

  #alias(): Value {
    const scan = this.#scan;
    const start = scan.pos;
    scan.pos += 1;
    while (!isBlank(scan.code()) && !(scan.flow > 0 && isFlowIndicator(scan.code()))) {
      if (scan.code() === 58 && isBlank(scan.code(1))) break;
      scan.pos += 1;
    }
    scan.endLine = scan.line;
    const name = scan.text.slice(start + 1, scan.pos);
    const anchored = this.#anchors.get(name);
    const at = { line: scan.line, column: start - scan.lineStart + 1 };
    if (anchored === undefined) return scan.fail(`there is no anchor &${name} before this alias`, 'if the * is part of the text, quote the value', at);
    if (anchored.open) scan.fail(`the alias *${name} stands inside of what it repeats`, undefined, at);
    this.#repeated += anchored.size;
    this.#size += anchored.size;
    if (this.#repeated > MAX_REPEATED) scan.fail(`aliases of this file repeat more than ${MAX_REPEATED} values`, undefined, at);
    return anchored.value;
  }

  /** Begins a collection: its anchor is known but cannot be used inside of it. The function given ends it and applies its tag. */
  #open(collection: Value[] | Dict, props: Props | undefined, kind: 'list' | 'dict'): () => Value {
    this.#size += 1;
    if (props === undefined) return () => collection;
    const sizeBefore = this.#size;
    const { tag, anchor } = props;
    const at = this.#scan.here;
    const anchored: Anchored = { value: collection, size: 0, open: true };
    if (anchor !== undefined) this.#anchors.set(anchor, anchored);
    if (tag === '!unsafe') this.#untrusted += 1;
    return () => {
      if (tag === '!unsafe') this.#untrusted -= 1;
      anchored.value = collectionAs(tag, collection, kind) ?? this.#wrongTag(tag ?? '', at, kind === 'list' ? 'a list' : 'a mapping');
      anchored.size = this.#size - sizeBefore + 1;
      anchored.open = false;
      return anchored.value;
    };
  }

  #wrongTag(tag: string, at: number, what: string): never {
    throw new PlaybookError(`the tag ${tag} does not go with ${what}`, { origin: this.#origin(at) });
  }

  /** The value of a scalar; `at` is the place of its text's first character. */
  #scalar(text: string, style: 'plain' | 'quoted' | 'block', props: Props | undefined, at: number): Value {
    this.#size += 1;
    if (props === undefined) return style === 'plain' ? this.#plainValue(text, at) : this.#text(text, at);
    const value = this.#taggedScalar(text, style, props.tag, at);
    if (props.anchor !== undefined) this.#anchors.set(props.anchor, { value, size: 1, open: false });
    return value;
  }

  #text(text: string, at: number): Value {
    if (this.#untrusted > 0 || text.indexOf('{') === -1) return text;
    return userText(text, this.#origin(at));
  }

  #plainValue(text: string, at: number): Value {
    if (this.#json && /^-?\d+(?:\.\d+)?[eE][-+]?\d+$/.test(text)) return new PyFloat(Number(text));
    try {
      const value = plainScalar(text);
      return value === undefined ? this.#text(text, at) : value;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new PlaybookError(error.message, { origin: this.#origin(at), hint: 'quote it if it is text', cause: error });
    }
  }

  #taggedScalar(text: string, style: 'plain' | 'quoted' | 'block', tag: string | undefined, at: number): Value {
    switch (tag) {
      case undefined:
        return style === 'plain' ? this.#plainValue(text, at) : this.#text(text, at);
      case '!':
        return this.#plainValue(text, at);
      case '!unsafe':
        return text;
      case '!!str':
        return this.#text(text, at);
      case '!vault':
      case '!vault-encrypted':
        return new VaultText(text, this.#origin(at), this.#vault);
      default: {
        const value = taggedScalar(tag, text);
        return value === undefined ? this.#wrongTag(tag, at, `"${short(text)}"`) : value;
      }
    }
  }
}

/** JSON files are YAML too, but for numbers such as 1e5, which are text in YAML 1.1. */
function isJson(text: string): boolean {
  const first = /\S/.exec(text)?.[0];
  if ((first !== '{' && first !== '[') || !/[0-9][eE]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
