// The structure of a YAML file: documents, lists and mappings in block and flow style, with the place of every value.
import { PlaybookError } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';
import { Dict, TemplateText, Tuple, type Value } from '../core/value.ts';
import { checkPlainStart, flowBroken, lineEnd, type Opened, strayColon, unexpected } from './yaml-complaints.ts';
import { Pairs } from './yaml-pairs.ts';
import { pack, Positions } from './yaml-positions.ts';
import { isBlank, isFlowIndicator, YamlScanner } from './yaml-scanner.ts';
import { type Props, type ValuesOptions, YamlValues } from './yaml-values.ts';

// What YAML allows in a file: no control characters but tab and line breaks.
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;
const MAX_DEPTH = 500;

export interface YamlWarning {
  readonly message: string;
  readonly origin: Origin;
}

/** Reads a file once, by `documents`. */
export class YamlReader {
  readonly positions: Positions;
  readonly warnings: YamlWarning[] = [];
  readonly #scan: YamlScanner;
  readonly #values: YamlValues;
  #depth = 0;
  /** Place of the node read last. */
  #at = 0;

  constructor(text: string, file: string, options: ValuesOptions) {
    this.positions = new Positions(file);
    this.#scan = new YamlScanner(text, file);
    this.#values = new YamlValues(this.#scan, this.positions, options);
    const forbidden = FORBIDDEN.exec(text);
    if (forbidden !== null) {
      const before = text.slice(0, forbidden.index).split('\n');
      const code = forbidden[0].charCodeAt(0).toString(16).padStart(2, '0');
      this.#scan.fail(`the character \\x${code} is not allowed in YAML`, 'write it as an escape in double quotes', {
        line: before.length,
        column: (before.at(-1) ?? '').length + 1,
      });
    }
  }

  documents(): { value: Value; origin: Origin }[] {
    const scan = this.#scan;
    const found: { value: Value; origin: Origin }[] = [];
    let explicit = false;
    for (;;) {
      scan.skip();
      while (scan.code() === 37 && scan.column === 0) {
        if (!/^%[A-Z]+[ \t]/.test(scan.text.slice(scan.pos, scan.pos + 40)))
          scan.fail('a line cannot begin with %', 'a Jinja2 block ({% ... %}) must be inside quotes');
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
      this.#values.forgetAnchors();
      const value = this.#block(-1, false, false);
      found.push({ value, origin: at });
      explicit = false;
      scan.skip();
      if (!scan.atEnd && !scan.atMarker()) unexpected(scan);
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
      if (
        scan.atEnd ||
        scan.atMarker() ||
        (crossed && column <= parent && !(listAtParent && column === parent && isItem))
      ) {
        // Nothing is written: the place is that of the key or dash before.
        this.#at = 0;
        return this.#values.scalar('', 'plain', this.#values.joined(own, onLine), start);
      }
      if (code !== 38 && code !== 33) break;
      if (onLine === undefined) {
        start = scan.here;
        startColumn = column;
      }
      onLine = this.#values.props(onLine);
      if (scan.skip()) {
        crossed = true;
        own = this.#values.joined(own, onLine);
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

  #blockNode(
    parent: number,
    inline: boolean,
    own: Props | undefined,
    onLine: Props | undefined,
    start: number,
    column: number,
  ): Value {
    const scan = this.#scan;
    const code = scan.code();
    const next = scan.code(1);
    if (code === 45 && isBlank(next)) {
      if (inline || onLine !== undefined)
        scan.fail('a list cannot begin here', 'begin the list on a line of its own below the key');
      return this.#blockList(scan.column, own, start);
    }
    if (code === 63 && isBlank(next)) {
      if (inline) scan.fail('a mapping cannot begin here');
      return this.#blockDict(scan.column, this.#values.joined(own, onLine), start, undefined);
    }
    if (code === 124 || code === 62) {
      const { value, line, column: textColumn } = scan.block(parent);
      this.#at = start;
      return this.#values.scalar(value, 'block', this.#values.joined(own, onLine), pack(line, textColumn), start);
    }
    const line = scan.line;
    const node = this.#keyedNode(parent, own, onLine, start);
    if (!this.#atColon()) {
      this.#at = start;
      return node;
    }
    if (inline || scan.line !== line) strayColon(scan, line, inline);
    return this.#blockDict(column, own, start, { key: this.#key(node, start), at: start });
  }

  /** A scalar, alias or flow collection that may turn out to be a key; the cursor ends behind it. */
  #keyedNode(parent: number, own: Props | undefined, onLine: Props | undefined, start: number): Value {
    const scan = this.#scan;
    const code = scan.code();
    if (code === 34 || code === 39) {
      const textStart = scan.here + 1;
      const text = scan.quoted();
      return this.#values.scalar(text, 'quoted', this.#propsOf(own, onLine), textStart, start);
    }
    if (code === 42) {
      return this.#values.alias();
    }
    if (code === 91 || code === 123) {
      return this.#flow(this.#propsOf(own, onLine));
    }
    checkPlainStart(scan, code);
    const text = scan.plain(parent);
    return this.#values.scalar(text, 'plain', this.#propsOf(own, onLine), start);
  }

  /** A scalar's properties: those on its own line, or on a line before. In a key those before are the mapping's. */
  #propsOf(own: Props | undefined, onLine: Props | undefined): Props | undefined {
    return own === undefined || this.#scanAtKey() ? onLine : this.#values.joined(own, onLine);
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

  #blockList(column: number, props: Props | undefined, start: number): Value {
    const scan = this.#scan;
    const list: Value[] = [];
    const row = [start];
    this.positions.set(list, row);
    const finish = this.#values.open(list, props, 'list');
    for (;;) {
      const dash = scan.here;
      scan.endLine = scan.line;
      scan.pos += 1;
      list.push(this.#block(column, false, false));
      row.push(this.#at || dash);
      scan.skip();
      if (scan.atEnd || scan.column < column || scan.atMarker()) break;
      if (scan.line === scan.endLine || scan.column > column) unexpected(scan);
      if (scan.code() !== 45 || !isBlank(scan.code(1))) break;
    }
    this.#at = start;
    return finish();
  }

  /** `first`: the key that told that this is a mapping; the cursor is at its colon. */
  #blockDict(
    column: number,
    props: Props | undefined,
    start: number,
    first: { key: Value; at: number } | undefined,
  ): Value {
    const scan = this.#scan;
    const pairs = new Pairs(this.#warnDuplicate);
    const dict = pairs.dict;
    const finish = this.#values.open(dict, props, 'dict');
    let entry = first;
    for (;;) {
      entry ??= this.#blockKey(column);
      let value: Value = null;
      let at = entry.at;
      if (scan.code() === 58) {
        scan.endLine = scan.line;
        scan.pos += 1;
        value = this.#block(column, true, true);
        at = this.#at || entry.at;
      }
      this.#add(pairs, entry, value, at);
      scan.skip();
      if (scan.atEnd || scan.column < column || scan.atMarker()) break;
      if (scan.line === scan.endLine || scan.column > column) unexpected(scan);
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
    if (code === 45 && isBlank(scan.code(1))) unexpected(scan);
    let props: Props | undefined;
    while (code === 38 || code === 33) {
      props = this.#values.props(props);
      scan.skip();
      code = scan.code();
    }
    const line = scan.line;
    const node = this.#keyedNode(Number.MAX_SAFE_INTEGER, undefined, props, at);
    if (scan.line !== line || !this.#atColon()) {
      scan.pos = scan.lineStart + column;
      const rest = scan.text.slice(scan.pos, lineEnd(scan.text, scan.pos)).trimEnd();
      scan.fail(
        'a "key: value" is expected here',
        /^[^\s'"#]+:\S/.test(rest)
          ? `a blank is missing after the colon: ${rest.replace(':', ': ')}`
          : 'if this line continues the value above, indent it further; if it is a key, a colon is missing',
      );
    }
    return { key: this.#key(node, at), at };
  }

  /** A node as a key: its text is data, never rendered. */
  #key(node: Value, at: number): Value {
    if (node instanceof TemplateText) return node.source;
    if (node instanceof Dict || (Array.isArray(node) && !(node instanceof Tuple))) {
      throw new PlaybookError('a list or mapping cannot be a key', {
        origin: this.#origin(at),
        hint: 'if this is a template, put quotes around it',
      });
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
      if (!(source instanceof Dict))
        throw new PlaybookError('<< merges mappings, and this is not one', { origin: this.#origin(at) });
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
    this.warnings.push({
      message: `Found duplicate mapping key '${String(key)}': only the last value counts.`,
      origin: this.#origin(at),
    });
  };

  /** A flow collection (`[...]` or `{...}`) at the cursor. */
  #flow(props: Props | undefined): Value {
    const scan = this.#scan;
    const start = scan.here;
    const isList = scan.code() === 91;
    const opened = { line: scan.line, column: scan.column + 1, isList };
    if (!isList && scan.code(1) === 123)
      scan.fail('this value begins with {{ and has no quotes', 'put quotes around the whole value: "{{ ... }}"');
    if (!isList && scan.code(1) === 37)
      scan.fail('this value begins with {% and has no quotes', 'put quotes around the whole value: "{% ... %}"');
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) scan.fail(`the file is nested more than ${MAX_DEPTH} levels deep`);
    scan.flow += 1;
    scan.pos += 1;
    const list: Value[] = [];
    const row = [start];
    const pairs = new Pairs(this.#warnDuplicate);
    const finish = this.#values.open(isList ? list : pairs.dict, props, isList ? 'list' : 'dict');
    const close = isList ? 93 : 125;
    for (;;) {
      scan.skip();
      if (scan.code() === close) break;
      this.#flowEntry(isList ? { list, row } : pairs, opened);
      scan.skip();
      const code = scan.code();
      if (code === 44) scan.pos += 1;
      else if (code !== close) flowBroken(scan, opened);
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

  #flowEntry(into: Pairs | { list: Value[]; row: number[] }, opened: Opened): void {
    const scan = this.#scan;
    const at = scan.here;
    const explicit = scan.code() === 63 && isBlank(scan.code(1));
    if (explicit) {
      scan.pos += 1;
      scan.skip();
    }
    const key = this.#flowNode(opened);
    const keyAt = this.#at;
    scan.skip();
    let value: Value = null;
    const paired = scan.code() === 58;
    if (paired) {
      scan.pos += 1;
      scan.skip();
      const code = scan.code();
      value =
        code === 44 || code === 93 || code === 125
          ? this.#values.scalar('', 'plain', undefined, scan.here)
          : this.#flowNode(opened);
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

  #flowNode(opened: Opened): Value {
    const scan = this.#scan;
    const start = scan.here;
    let props: Props | undefined;
    let code = scan.code();
    while (code === 38 || code === 33) {
      props = this.#values.props(props);
      scan.skip();
      code = scan.code();
    }
    if (code === 44 || code === 93 || code === 125 || code === 58) {
      if (props === undefined) flowBroken(scan, opened);
      this.#at = start;
      return this.#values.scalar('', 'plain', props, start);
    }
    if (scan.atEnd || scan.atMarker()) flowBroken(scan, opened);
    if (code === 91 || code === 123) return this.#flow(props);
    if (code === 45 && (isBlank(scan.code(1)) || isFlowIndicator(scan.code(1))))
      if (isBlank(scan.code(1))) flowBroken(scan, opened);
    const value = this.#keyedNode(-1, undefined, props, start);
    this.#at = start;
    return value;
  }
}
