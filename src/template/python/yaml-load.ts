// YAML text -> values, read as YAML 1.1 with PyYAML's scalars, merge keys and dates.
import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Document, type Node, type Scalar } from 'yaml';
import { Dict, PyBytes, Tuple, type Value } from '../../core/value.ts';
import { PythonError } from '../special.ts';
import { parseFloat_ } from './parse-number.ts';
import { plainTag, plainValue } from './yaml-resolve.ts';

/** The documents of a text. Throws PythonError with the place of a mistake. */
export function loadYaml(text: string): Value[] {
  const documents = parseAllDocuments(text, {
    schema: 'failsafe',
    version: '1.1',
    uniqueKeys: false,
    strict: true,
    merge: false,
    logLevel: 'silent',
    prettyErrors: true,
  });
  if (documents.length === 0 && text.startsWith('%')) throw new PythonError('Error', 'while scanning a directive');
  return documents.map((document) => {
    const [error] = document.errors;
    if (error === undefined && document.warnings.some(({ code }) => code === 'BAD_DIRECTIVE'))
      throw new PythonError('Error', 'while scanning a directive');
    if (error !== undefined) throw new PythonError('Error', error.message.split('\n')[0] ?? error.message);
    return new Loader(document as Document).value(document.contents);
  });
}

/** Tags that have a meaning to Ansible's loader. */
const KNOWN_TAGS = /^(?:!|tag:yaml\.org,2002:(?:str|int|float|bool|null|timestamp|binary|seq|map|omap|pairs|set))$/;

class Loader {
  readonly #document: Document;
  readonly #made = new Map<Node, Value>();
  constructor(document: Document) {
    this.#document = document;
  }

  value(node: unknown): Value {
    if (node === null || node === undefined) return null;
    if (isAlias(node)) {
      const target = node.resolve(this.#document);
      if (target === undefined) throw new PythonError('Error', `found undefined alias '${node.source}'`);
      return this.value(target);
    }
    const known = this.#made.get(node as Node);
    if (known !== undefined) return known;
    const { tag } = node as Node & { tag?: string };
    if (tag !== undefined && !KNOWN_TAGS.test(tag))
      throw new PythonError('Error', `could not determine a constructor for the tag '${tag}'`);
    if (isScalar(node)) return this.#scalar(node);
    if (isSeq(node)) {
      const list: Value[] = [];
      this.#made.set(node, list);
      // The entries of an ordered map are pairs.
      if (tag === 'tag:yaml.org,2002:omap' || tag === 'tag:yaml.org,2002:pairs')
        for (const item of node.items) list.push(this.#pair(item));
      else for (const item of node.items) list.push(this.value(item));
      return list;
    }
    if (!isMap(node)) return null;
    const dict = new Dict();
    this.#made.set(node, dict);
    const merged: Dict[] = [];
    const own: [Value, Value][] = [];
    for (const { key, value } of node.items) {
      if (isScalar(key) && key.type === 'PLAIN' && key.source === '<<') {
        const from = this.value(value);
        merged.push(...(Array.isArray(from) ? from : [from]).filter((part) => part instanceof Dict));
      } else own.push([this.value(key), this.value(value)]);
    }
    for (const from of merged) for (const [key, value] of from) if (!dict.has(key)) dict.set(key, value);
    for (const [key, value] of own) dict.set(key, value);
    return dict;
  }

  #pair(node: unknown): Value {
    const value = this.value(node);
    const [entry, more] = value instanceof Dict ? [...value] : [];
    if (entry === undefined || more !== undefined) throw new PythonError('Error', 'expected a single mapping item');
    return Tuple.from(entry) as Tuple;
  }

  #scalar(node: Scalar): Value {
    const text = typeof node.value === 'string' ? node.value : (node.source ?? '');
    switch (node.tag) {
      case 'tag:yaml.org,2002:str':
      case '!':
        return text;
      case 'tag:yaml.org,2002:int':
      case 'tag:yaml.org,2002:bool':
      case 'tag:yaml.org,2002:null':
      case 'tag:yaml.org,2002:timestamp':
        return plainValue(text);
      case 'tag:yaml.org,2002:float': {
        const number = parseFloat_(text);
        return number === undefined ? plainValue(text) : plainValue(/[.e]/i.test(text) ? text : `${text}.0`);
      }
      case 'tag:yaml.org,2002:binary':
        return new PyBytes(Buffer.from(text, 'base64'));
      default:
    }
    if (node.type !== 'PLAIN') return text;
    const tag = plainTag(text);
    if (tag === 'merge' || tag === 'value')
      throw new PythonError('Error', `could not determine a constructor for the tag 'tag:yaml.org,2002:${tag}'`);
    return plainValue(text);
  }
}
