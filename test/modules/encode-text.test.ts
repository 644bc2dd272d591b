// Text in encodings other than UTF-8, as templates are written in them.
import { expect, it } from 'vitest';
import { encodeText, isEncoding } from '../../src/modules/parts/encode-text.ts';

it.each([
  ['utf-8', 'é€', [0xc3, 0xa9, 0xe2, 0x82, 0xac]],
  ['latin-1', 'é', [0xe9]],
  ['windows-1252', '’€', [0x92, 0x80]],
  ['cp1252', '€', [0x80]],
  ['ISO-8859-15', '€', [0xa4]],
  ['koi8-r', 'я', [0xd1]],
  ['ascii', 'a\n', [0x61, 0x0a]],
  ['utf-16le', 'a', [0x61, 0]],
])('%s of %s', (name, text, bytes) => expect(encodeText(text, name)).toEqual(Buffer.from(bytes)));

it.each([
  ['ascii', 'aé', 'é'],
  ['latin-1', '€', '€'],
  ['windows-1252', '😀', '😀'],
])('%s has not all of %s', (name, text, missing) => expect(encodeText(text, name)).toEqual({ missing }));

it.each(['no-such', '', 'utf-16be'])('%j is none that is known', (name) => expect(isEncoding(name)).toBe(false));
