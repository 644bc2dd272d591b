// YAML as libyaml's emitter writes it for Ansible's to_yaml: YAML 1.1 quoting, folding at the width, anchors for what occurs twice.
import { Dict, PyBytes, PyDate, PyFloat, TemplateText, Unknown, type Value } from '../../core/value.ts';
import { Markup, NotKnown, Tripped, typeError, Undefined } from '../special.ts';
import { OWN_CONTAINERS } from '../own.ts';
import { compare } from './compare.ts';
import { plainTag } from './yaml-resolve.ts';
import { reprFloat } from './text.ts';
import { typeName } from './types.ts';

export interface YamlStyle {
  readonly indent: number;
  readonly width: number;
  /** null: collections of scalars only are written in flow style. */
  readonly flow: boolean | null;
  readonly sortKeys: boolean;
  readonly unicode: boolean;
  readonly explicitStart: boolean;
  readonly explicitEnd: boolean;
  /** Style of all scalars: `'`, `"`, `|`, `>` or none. */
  readonly scalarStyle: string | null;
}

type Node =
  | {
      readonly kind: 'scalar';
      readonly text: string;
      readonly plain: boolean;
      readonly tag?: string;
      readonly style?: string;
      /** Not a text: quoted, it needs a mark that says so. */ readonly typed?: boolean;
    }
  | { readonly kind: 'sequence'; readonly items: Node[]; flow: boolean; anchor?: string }
  | { readonly kind: 'mapping'; readonly items: [Node, Node][]; flow: boolean; anchor?: string }
  | { readonly kind: 'alias'; readonly of: { anchor?: string } };

/** A value as a YAML document. Throws PythonError for what has no form in YAML. */
export function dumpYaml(value: Value, style: YamlStyle): string {
  const builder = new Builder(style);
  const root = builder.node(value);
  return new Emitter(style).document(root, builder.anchored);
}

class Builder {
  readonly #style: YamlStyle;
  readonly #seen = new Map<object, Node & { anchor?: string }>();
  readonly anchored = new Set<object>();
  constructor(style: YamlStyle) {
    this.#style = style;
  }

  /** `own`: inside of what the template made itself; such containers are written out each time. */
  node(value: Value, own = false): Node {
    if (value === null) return this.#scalar('null', true);
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'boolean':
        return this.#scalar(value ? 'true' : 'false', true);
      case 'bigint':
        return this.#scalar(value.toString(), true);
      case 'number':
        return this.#scalar(Number.isInteger(value) ? String(value) : floatText(value), true);
      default:
    }
    if (value instanceof PyFloat) return this.#scalar(floatText(value.value), true);
    if (value instanceof Markup) return this.#text(value.text);
    if (value instanceof TemplateText) return this.#text(value.source);
    if (value instanceof PyDate) return this.#scalar(value.text, true);
    if (value instanceof PyBytes)
      return {
        kind: 'scalar',
        text: `${Buffer.from(value.bytes)
          .toString('base64')
          .replace(/(.{76})/g, '$1\n')}\n`,
        plain: false,
        tag: '!!binary',
        style: '|',
      };
    if (value instanceof Undefined) throw new Tripped(value);
    if (value instanceof Unknown) throw new NotKnown(value.because);
    if (Array.isArray(value)) return this.#sequence(value, own || OWN_CONTAINERS.has(value));
    if (value instanceof Dict) return this.#mapping(value, own || OWN_CONTAINERS.has(value));
    throw typeError(`cannot represent an object of type '${typeName(value)}'`);
  }

  #scalar(text: string, plain: boolean): Node {
    return {
      kind: 'scalar',
      text,
      plain,
      typed: true,
      ...(this.#style.scalarStyle === null ? {} : { style: this.#style.scalarStyle }),
    };
  }
  #text(text: string): Node {
    return { ...this.#scalar(text, plainTag(text) === 'str'), typed: false } as Node;
  }

  #again(value: object): Node | undefined {
    const before = this.#seen.get(value);
    if (before === undefined) return undefined;
    this.anchored.add(before);
    return { kind: 'alias', of: before };
  }

  #sequence(value: Value[], own: boolean): Node {
    const again = own ? undefined : this.#again(value);
    if (again !== undefined) return again;
    const node: Node = { kind: 'sequence', items: [], flow: this.#style.flow ?? true };
    this.#seen.set(value, node);
    for (const item of value) node.items.push(this.node(item, own));
    if (this.#style.flow === null) node.flow = node.items.every(simple);
    return node;
  }

  #mapping(value: Dict, own: boolean): Node {
    const again = own ? undefined : this.#again(value);
    if (again !== undefined) return again;
    const node: Node = { kind: 'mapping', items: [], flow: this.#style.flow ?? true };
    this.#seen.set(value, node);
    const entries = [...value];
    if (this.#style.sortKeys) {
      try {
        entries.sort(([a], [b]) => compare(a, b));
      } catch {
        // Keys of several types keep their order.
      }
    }
    for (const [key, item] of entries) node.items.push([this.node(key, own), this.node(item, own)]);
    if (this.#style.flow === null) node.flow = node.items.every(([key, item]) => simple(key) && simple(item));
    return node;
  }
}

function simple(node: Node): boolean {
  return node.kind === 'scalar' && node.style === undefined;
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value < 0 ? '-.inf' : '.inf';
  const text = reprFloat(value);
  return !text.includes('.') && text.includes('e') ? text.replace('e', '.0e') : text;
}

interface Analysis {
  readonly multiline: boolean;
  readonly flowPlain: boolean;
  readonly blockPlain: boolean;
  readonly singleQuoted: boolean;
  readonly block: boolean;
}

const BREAK = /[\r\n\x85\u2028\u2029]/;
const BLANK_OR_END = /^(?:[ \t\0\r\n\x85\u2028\u2029]|$)/; // eslint-disable-line no-control-regex

function printable(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return (
    code === 0x0a ||
    (code >= 0x20 && code <= 0x7e) ||
    (code >= 0xa0 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff)
  );
}

/** Which styles a scalar may be written in. */
function analyse(text: string, unicode: boolean): Analysis {
  if (text === '') return { multiline: false, flowPlain: false, blockPlain: true, singleQuoted: true, block: false };
  const all = Array.from(text);
  let blockIndicators = text.startsWith('---') || text.startsWith('...');
  let flowIndicators = blockIndicators;
  let [lineBreaks, special, breakSpace, spaceBreak] = [false, false, false, false];
  let [previousSpace, previousBreak, afterBlank] = [false, false, true];
  all.forEach((character, index) => {
    const beforeBlank = BLANK_OR_END.test(all[index + 1] ?? '');
    if (index === 0) {
      if ('#,[]{}&*!|>\'"%@`'.includes(character)) flowIndicators = blockIndicators = true;
      if ('?:'.includes(character)) {
        flowIndicators = true;
        if (beforeBlank) blockIndicators = true;
      }
      if (character === '-' && beforeBlank) flowIndicators = blockIndicators = true;
    } else {
      if (',?[]{}'.includes(character)) flowIndicators = true;
      if (character === ':') {
        flowIndicators = true;
        if (beforeBlank) blockIndicators = true;
      }
      if (character === '#' && afterBlank) flowIndicators = blockIndicators = true;
    }
    const isBreak = BREAK.test(character);
    if (!printable(character) || (character.charCodeAt(0) > 0x7f && !unicode)) special = true;
    if (isBreak) lineBreaks = true;
    if (character === ' ') {
      if (previousBreak) breakSpace = true;
      [previousSpace, previousBreak] = [true, false];
    } else if (isBreak) {
      if (previousSpace) spaceBreak = true;
      [previousSpace, previousBreak] = [false, true];
    } else [previousSpace, previousBreak] = [false, false];
    afterBlank = BLANK_OR_END.test(character);
  });
  const [first = '', last = ''] = [all[0], all.at(-1)];
  const edges = first === ' ' || BREAK.test(first) || last === ' ' || BREAK.test(last);
  const odd = spaceBreak || special;
  const plain = !edges && !breakSpace && !odd && !lineBreaks;
  return {
    multiline: lineBreaks,
    flowPlain: plain && !flowIndicators,
    blockPlain: plain && !blockIndicators,
    singleQuoted: !breakSpace && !odd,
    block: last !== ' ' && !odd,
  };
}

class Emitter {
  readonly #style: YamlStyle;
  readonly #bestIndent: number;
  readonly #bestWidth: number;
  #out = '';
  #column = 0;
  #indent = -1;
  #flowLevel = 0;
  #whitespace = true;
  #indention = true;
  #anchored: ReadonlySet<object> = new Set();
  #count = 0;

  constructor(style: YamlStyle) {
    this.#style = style;
    this.#bestIndent = style.indent > 1 && style.indent < 10 ? style.indent : 2;
    this.#bestWidth =
      style.width >= 0 && style.width <= this.#bestIndent * 2 ? 80 : style.width < 0 ? Infinity : style.width;
  }

  document(root: Node, anchored: ReadonlySet<object>): string {
    this.#anchored = anchored;
    if (this.#style.explicitStart) this.#indicator('---', true, false, false);
    this.#node(root, false, false);
    this.#writeIndent();
    if (this.#style.explicitEnd) {
      this.#indicator('...', true, false, false);
      this.#writeIndent();
    }
    return this.#out;
  }

  #put(text: string): void {
    this.#out += text;
    this.#column += Array.from(text).length;
  }
  /** A line's end; those of Unicode stand as they are. */
  #break(character = '\n'): void {
    this.#out += character;
    this.#column = 0;
  }
  #writeIndent(): void {
    const indent = Math.max(this.#indent, 0);
    if (!this.#indention || this.#column > indent || (this.#column === indent && !this.#whitespace)) this.#break();
    if (this.#column < indent) this.#put(' '.repeat(indent - this.#column));
    this.#whitespace = true;
    this.#indention = true;
  }
  #indicator(text: string, needWhitespace: boolean, isWhitespace: boolean, isIndention: boolean): void {
    if (needWhitespace && !this.#whitespace) this.#put(' ');
    this.#put(text);
    this.#whitespace = isWhitespace;
    this.#indention &&= isIndention;
  }
  #indented(flow: boolean, indentless: boolean, write: () => void): void {
    const before = this.#indent;
    if (this.#indent < 0) this.#indent = flow ? this.#bestIndent : 0;
    else if (!indentless) this.#indent += this.#bestIndent;
    write();
    this.#indent = before;
  }

  #node(node: Node, inMapping: boolean, simpleKey: boolean): void {
    if (node.kind === 'alias') {
      this.#indicator(`*${node.of.anchor ?? ''}`, true, false, false);
      if (simpleKey) this.#put(' ');
      return;
    }
    if (node.kind === 'scalar') return this.#scalar(node, simpleKey);
    if (this.#anchored.has(node)) {
      node.anchor = `id${String(++this.#count).padStart(3, '0')}`;
      this.#indicator(`&${node.anchor}`, true, false, false);
    }
    const flow = this.#flowLevel > 0 || node.flow || node.items.length === 0;
    if (node.kind === 'sequence') {
      if (flow) this.#flowSequence(node.items);
      else
        this.#indented(false, inMapping && !this.#indention, () => {
          for (const item of node.items) {
            this.#writeIndent();
            this.#indicator('-', true, false, true);
            this.#node(item, false, false);
          }
        });
    } else if (flow) this.#flowMapping(node.items);
    else
      this.#indented(false, false, () => {
        for (const [key, value] of node.items) {
          this.#writeIndent();
          if (isSimpleKey(key, this.#style.unicode)) {
            this.#node(key, true, true);
            this.#indicator(':', false, false, false);
          } else {
            this.#indicator('?', true, false, true);
            this.#node(key, true, false);
            this.#writeIndent();
            this.#indicator(':', true, false, true);
          }
          this.#node(value, true, false);
        }
      });
  }

  #flowSequence(items: readonly Node[]): void {
    this.#indicator('[', true, true, false);
    this.#flowLevel++;
    this.#indented(true, false, () => {
      items.forEach((item, index) => {
        if (index > 0) this.#indicator(',', false, false, false);
        if (this.#column > this.#bestWidth) this.#writeIndent();
        this.#node(item, false, false);
      });
    });
    this.#flowLevel--;
    this.#indicator(']', false, false, false);
  }

  #flowMapping(items: readonly (readonly [Node, Node])[]): void {
    this.#indicator('{', true, true, false);
    this.#flowLevel++;
    this.#indented(true, false, () => {
      items.forEach(([key, value], index) => {
        if (index > 0) this.#indicator(',', false, false, false);
        if (this.#column > this.#bestWidth) this.#writeIndent();
        if (isSimpleKey(key, this.#style.unicode)) {
          this.#node(key, true, true);
          this.#indicator(':', false, false, false);
        } else {
          this.#indicator('?', true, false, false);
          this.#node(key, true, false);
          if (this.#column > this.#bestWidth) this.#writeIndent();
          this.#indicator(':', true, false, false);
        }
        this.#node(value, true, false);
      });
    });
    this.#flowLevel--;
    this.#indicator('}', false, false, false);
  }

  #scalar(node: Node & { kind: 'scalar' }, simpleKey: boolean): void {
    const analysis = analyse(node.text, this.#style.unicode);
    let style = node.style ?? '';
    if (node.tag !== undefined) this.#indicator(node.tag, true, false, false);
    if (simpleKey && analysis.multiline) style = '"';
    if (
      style === '' &&
      ((this.#flowLevel > 0 ? !analysis.flowPlain : !analysis.blockPlain) ||
        (node.text === '' && (this.#flowLevel > 0 || simpleKey)) ||
        !node.plain)
    )
      style = "'";
    if (style === "'" && !analysis.singleQuoted) style = '"';
    if ((style === '|' || style === '>') && (!analysis.block || this.#flowLevel > 0 || simpleKey)) style = '"';
    if (style !== '' && node.typed === true && node.tag === undefined) this.#indicator('!', true, false, false);
    // Scalars are written one level in, so that their further lines are.
    const write = (): void => {
      if (style === '') this.#plain(node.text, !simpleKey);
      else if (style === "'") this.#singleQuoted(node.text, !simpleKey);
      else if (style === '"') this.#doubleQuoted(node.text, !simpleKey);
      else this.#block(node.text, style);
    };
    this.#indented(true, false, write);
  }

  #plain(text: string, allowBreaks: boolean): void {
    if (!this.#whitespace && (text !== '' || this.#flowLevel > 0)) this.#put(' ');
    let spaces = false;
    let breaks = false;
    const all = Array.from(text);
    all.forEach((character, index) => {
      if (character === ' ') {
        if (allowBreaks && !spaces && this.#column > this.#bestWidth && all[index + 1] !== ' ') this.#writeIndent();
        else this.#put(character);
        spaces = true;
      } else if (BREAK.test(character)) {
        if (!breaks && character === '\n') this.#break();
        this.#break(character);
        this.#indention = true;
        breaks = true;
      } else {
        if (breaks) this.#writeIndent();
        this.#put(character);
        this.#indention = false;
        spaces = breaks = false;
      }
    });
    this.#whitespace = false;
    this.#indention = false;
  }

  #singleQuoted(text: string, allowBreaks: boolean): void {
    this.#indicator("'", true, false, false);
    let spaces = false;
    let breaks = false;
    const all = Array.from(text);
    all.forEach((character, index) => {
      if (character === ' ') {
        if (
          allowBreaks &&
          !spaces &&
          this.#column > this.#bestWidth &&
          index > 0 &&
          index < all.length - 1 &&
          all[index + 1] !== ' '
        )
          this.#writeIndent();
        else this.#put(character);
        spaces = true;
      } else if (BREAK.test(character)) {
        if (!breaks && character === '\n') this.#break();
        this.#break(character);
        this.#indention = true;
        breaks = true;
      } else {
        if (breaks) this.#writeIndent();
        this.#put(character === "'" ? "''" : character);
        this.#indention = false;
        spaces = breaks = false;
      }
    });
    if (breaks) this.#writeIndent();
    this.#indicator("'", false, false, false);
    this.#whitespace = false;
    this.#indention = false;
  }

  #doubleQuoted(text: string, allowBreaks: boolean): void {
    this.#indicator('"', true, false, false);
    let spaces = false;
    const all = Array.from(text);
    all.forEach((character, index) => {
      if (
        !printable(character) ||
        (character.charCodeAt(0) > 0x7f && !this.#style.unicode) ||
        BREAK.test(character) ||
        character === '"' ||
        character === '\\'
      ) {
        this.#put(escaped(character));
        spaces = false;
      } else if (character === ' ') {
        if (allowBreaks && !spaces && this.#column > this.#bestWidth && index > 0 && index < all.length - 1) {
          this.#writeIndent();
          if (all[index + 1] === ' ') this.#put('\\');
        } else this.#put(character);
        spaces = true;
      } else {
        this.#put(character);
        spaces = false;
      }
    });
    this.#indicator('"', false, false, false);
    this.#whitespace = false;
    this.#indention = false;
  }

  /** Literal (`|`) and folded (`>`) blocks. */
  #block(text: string, style: string): void {
    this.#indicator(style, true, false, false);
    const hint = /^[ \n\r\x85\u2028\u2029]/.test(text) ? String(this.#bestIndent) : '';
    const chomp = !/\n$/.test(text) ? '-' : text === '\n' || /\n\n$/.test(text) ? '+' : '';
    this.#put(hint + chomp);
    this.#break();
    this.#indention = true;
    this.#whitespace = true;
    let breaks = true;
    let leading = true;
    const all = Array.from(text);
    all.forEach((character, index) => {
      if (character === '\n') {
        // Lines that are folded need an empty one between them, unless one of them begins with a blank.
        if (style === '>' && !breaks && !leading) {
          let next = index;
          while (all[next] === '\n') next++;
          if (next < all.length && all[next] !== ' ' && all[next] !== '\t') this.#break();
        }
        this.#break();
        this.#indention = true;
        breaks = true;
        return;
      }
      if (breaks) {
        this.#writeIndent();
        leading = character === ' ' || character === '\t';
      }
      if (style === '>' && !breaks && character === ' ' && all[index + 1] !== ' ' && this.#column > this.#bestWidth)
        this.#writeIndent();
      else this.#put(character);
      this.#indention = false;
      breaks = false;
    });
    if (breaks) this.#whitespace = true;
    else this.#whitespace = false;
  }
}

const SHORT: Record<string, string> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\xa0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
};
function escaped(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return `\\${short}`;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  return code <= 0xff
    ? `\\x${hex.padStart(2, '0')}`
    : code <= 0xffff
      ? `\\u${hex.padStart(4, '0')}`
      : `\\U${hex.padStart(8, '0')}`;
}

function isSimpleKey(key: Node, unicode: boolean): boolean {
  if (key.kind === 'alias') return true;
  if (key.kind === 'scalar') return !analyse(key.text, unicode).multiline && Buffer.byteLength(key.text) <= 128;
  return key.items.length === 0;
}
