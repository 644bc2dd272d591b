// The values of one file as its reader finds them: scalars by their style and tag, collections with their anchors, aliases counted.
import { PlaybookError } from '../core/error.ts';
import { type Dict, PyFloat, userText, type Value } from '../core/value.ts';
import { VaultText, type VaultDecryptor } from './vault-text.ts';
import { short } from './yaml-complaints.ts';
import type { Positions } from './yaml-positions.ts';
import { plainScalar } from './yaml-scalar.ts';
import { isBlank, isFlowIndicator, type YamlScanner } from './yaml-scanner.ts';
import { collectionAs, taggedScalar, TAGS } from './yaml-tags.ts';

/** Aliases may repeat values; beyond this many repeated values a file is taken for an attack ("billion laughs"). */
const MAX_REPEATED = 5_000_000;

/** Of longer texts, places beyond the first line are not kept. */
const LONGEST_TEMPLATE = 100_000;

/** What stands before a value: `!tag` and `&anchor`. */
export interface Props {
  tag: string | undefined;
  anchor: string | undefined;
}
interface Anchored {
  value: Value;
  size: number;
  open: boolean;
}

export interface ValuesOptions {
  readonly vault: VaultDecryptor;
  readonly trusted: boolean;
}

export class YamlValues {
  readonly #scan: YamlScanner;
  readonly #positions: Positions;
  readonly #vault: VaultDecryptor;
  readonly #json: boolean;
  #untrusted: number;
  #anchors = new Map<string, Anchored>();
  /** Values made so far, and those that aliases repeat. */
  #size = 0;
  #repeated = 0;

  constructor(scan: YamlScanner, positions: Positions, { vault, trusted }: ValuesOptions) {
    this.#scan = scan;
    this.#positions = positions;
    this.#vault = vault;
    this.#untrusted = trusted ? 0 : 1;
    this.#json = isJson(scan.text);
  }

  /** Anchors hold for one document. */
  forgetAnchors(): void {
    this.#anchors = new Map();
  }

  /** The tag or anchor at the cursor, added to those read `before` it. */
  props(before: Props | undefined): Props {
    const scan = this.#scan;
    const props = before ?? { tag: undefined, anchor: undefined };
    const isTag = scan.code() === 33;
    const start = scan.pos;
    if (isTag && scan.code(1) === 60) {
      const end = scan.text.indexOf('>', start);
      if (end === -1) scan.fail('the tag opened here is never closed');
      scan.pos = end + 1;
    } else
      for (scan.pos += 1; !isBlank(scan.code()) && !(scan.flow > 0 && isFlowIndicator(scan.code()));) scan.pos += 1;
    const word = scan.text.slice(start, scan.pos);
    scan.endLine = scan.line;
    if (isTag) {
      if (props.tag !== undefined) scan.fail('a value has two tags');
      props.tag = word.startsWith('!<') ? word.slice(2, -1).replace('tag:yaml.org,2002:', '!!') : word;
      this.#checkTag(props.tag, start);
    } else {
      if (!/^&[\w-]+$/.test(word))
        scan.fail(`${word} is not the name of an anchor`, 'quote the value if it begins with &');
      if (props.anchor !== undefined) scan.fail('a value has two anchors');
      props.anchor = word.slice(1);
    }
    return props;
  }

  #checkTag(tag: string, start: number): void {
    if (tag === '!' || TAGS.includes(tag)) return;
    this.#scan.pos = start;
    this.#scan.fail(
      `the tag ${tag} is not known`,
      /^!(?!!)\S*\(|^!(?:=|~)/.test(tag) ? 'quote the value if it begins with !' : `known tags: ${TAGS.join(' ')}`,
    );
  }

  /** The properties of a value that are written before its line and on it. */
  joined(own: Props | undefined, onLine: Props | undefined): Props | undefined {
    if (own === undefined || onLine === undefined) return own ?? onLine;
    if (
      (own.tag !== undefined && onLine.tag !== undefined) ||
      (own.anchor !== undefined && onLine.anchor !== undefined)
    )
      this.#scan.fail('a value has two tags or two anchors');
    return { tag: onLine.tag ?? own.tag, anchor: onLine.anchor ?? own.anchor };
  }

  /** The value that the alias at the cursor repeats. */
  alias(): Value {
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
    if (anchored === undefined)
      return scan.fail(
        `there is no anchor &${name} before this alias`,
        'if the * is part of the text, quote the value',
        at,
      );
    if (anchored.open) scan.fail(`the alias *${name} stands inside of what it repeats`, undefined, at);
    this.#repeated += anchored.size;
    this.#size += anchored.size;
    if (this.#repeated > MAX_REPEATED)
      scan.fail(`aliases of this file repeat more than ${MAX_REPEATED} values`, undefined, at);
    return anchored.value;
  }

  /** Begins a collection: its anchor is known but cannot be used inside of it. The function given ends it and applies its tag. */
  open(collection: Value[] | Dict, props: Props | undefined, kind: 'list' | 'dict'): () => Value {
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
      anchored.value =
        collectionAs(tag, collection, kind) ?? this.#wrongTag(tag ?? '', at, kind === 'list' ? 'a list' : 'a mapping');
      anchored.size = this.#size - sizeBefore + 1;
      anchored.open = false;
      return anchored.value;
    };
  }

  #wrongTag(tag: string, at: number, what: string): never {
    throw new PlaybookError(`the tag ${tag} does not go with ${what}`, { origin: this.#positions.origin(at) });
  }

  /** The value of the scalar read last; `at` is the place of its text's first character, `begin` that of the value. */
  scalar(text: string, style: 'plain' | 'quoted' | 'block', props: Props | undefined, at: number, begin = at): Value {
    this.#size += 1;
    this.#takePieces(text, at, begin);
    if (props === undefined) return style === 'plain' ? this.#plainValue(text, at) : this.#text(text, at);
    const value = this.#taggedScalar(text, style, props.tag, at);
    if (props.anchor !== undefined) this.#anchors.set(props.anchor, { value, size: 1, open: false });
    return value;
  }

  #takePieces(text: string, at: number, begin: number): void {
    const { pieces } = this.#scan;
    if (pieces === undefined) return;
    this.#scan.pieces = undefined;
    if (text.length > LONGEST_TEMPLATE) return;
    this.#positions.inPieces(at, pieces);
    this.#positions.inPieces(begin, pieces);
  }

  #text(text: string, at: number): Value {
    if (this.#untrusted > 0 || text.indexOf('{') === -1) return text;
    return userText(text, this.#positions.origin(at));
  }

  #plainValue(text: string, at: number): Value {
    if (this.#json && /^-?\d+(?:\.\d+)?[eE][-+]?\d+$/.test(text)) return new PyFloat(Number(text));
    try {
      const value = plainScalar(text);
      return value === undefined ? this.#text(text, at) : value;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new PlaybookError(error.message, {
        origin: this.#positions.origin(at),
        hint: 'quote it if it is text',
        cause: error,
      });
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
        return new VaultText(text, this.#positions.origin(at), this.#vault);
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
