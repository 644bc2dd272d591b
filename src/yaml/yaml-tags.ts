// What the tags of YAML (`!!int`, `!!binary`, ...) and of Ansible (`!vault`, `!unsafe`) make of a value.
import { Dict, PyBytes, Tuple, type Value } from '../core/value.ts';
import { plainDate, plainFloat, plainInt, plainScalar } from './yaml-scalar.ts';

export const TAGS = [
  '!vault',
  '!vault-encrypted',
  '!unsafe',
  '!!str',
  '!!int',
  '!!float',
  '!!bool',
  '!!null',
  '!!timestamp',
  '!!binary',
  '!!map',
  '!!seq',
  '!!omap',
  '!!pairs',
  '!!set',
];

/** A collection as its tag wants it; undefined when they do not go together. A set is a mapping of its members to null. */
export function collectionAs(
  tag: string | undefined,
  collection: Value[] | Dict,
  kind: 'list' | 'dict',
): Value | undefined {
  if (tag === undefined || tag === '!unsafe' || tag === '!') return collection;
  if (kind === 'dict') return tag === '!!map' || tag === '!!set' ? collection : undefined;
  if (tag === '!!seq') return collection;
  if (tag !== '!!omap' && tag !== '!!pairs') return undefined;
  const pairs = (Array.isArray(collection) ? collection : []).map((item) => {
    const pair = item instanceof Dict ? [...item.entries()] : [];
    return pair.length === 1 && pair[0] !== undefined ? Tuple.from(pair[0]) : undefined;
  });
  return pairs.every((pair) => pair !== undefined) ? pairs : undefined;
}

/** A scalar that `tag` makes, for tags that do not depend on the file; undefined when they do not go together. */
export function taggedScalar(tag: string, text: string): Value | undefined {
  switch (tag) {
    case '!!int':
      return plainInt(text);
    case '!!float':
      return plainFloat(/[.:]/.test(text) ? text : `${text}.`);
    case '!!bool': {
      const value = plainScalar(text);
      return typeof value === 'boolean' ? value : undefined;
    }
    case '!!null':
      return null;
    case '!!timestamp':
      return plainDate(text);
    case '!!binary':
      return new PyBytes(Buffer.from(text, 'base64'));
    case '!!map':
      return text === '' ? new Dict() : undefined;
    case '!!seq':
      return text === '' ? [] : undefined;
    default:
      return undefined;
  }
}
