// Text in the encodings that Python knows by name: those of Unicode, and those of one byte a character, whose tables Node has for reading.

const DIRECT: Readonly<Record<string, BufferEncoding>> = {
  'utf-8': 'utf8',
  utf8: 'utf8',
  'latin-1': 'latin1',
  latin1: 'latin1',
  'iso-8859-1': 'latin1',
  'utf-16le': 'utf16le',
  'utf-16-le': 'utf16le',
};
const ASCII = new Set(['ascii', 'us-ascii']);

export function isEncoding(name: string): boolean {
  return bytesOf(name) !== undefined;
}

/** The bytes of the text; the character that the encoding does not have, where there is one. `name` must be an encoding. */
export function encodeText(text: string, name: string): Buffer | { readonly missing: string } {
  const encode = bytesOf(name);
  if (encode === undefined) throw new Error(`${name} is no encoding`);
  return encode(text);
}

function bytesOf(name: string): ((text: string) => Buffer | { readonly missing: string }) | undefined {
  const label = name.toLowerCase().replaceAll('_', '-');
  const direct = DIRECT[label];
  if (direct !== undefined && direct !== 'latin1') return (text) => Buffer.from(text, direct);
  const table =
    direct === 'latin1'
      ? range(256)
      : ASCII.has(label)
        ? range(128)
        : tableOf(label.replace(/^cp(?=125\d$)/, 'windows-'));
  if (table === undefined) return undefined;
  return (text) => {
    const bytes = Buffer.alloc(text.length);
    let length = 0;
    for (const character of text) {
      const byte = table.get(character);
      if (byte === undefined) return { missing: character };
      bytes[length++] = byte;
    }
    return bytes.subarray(0, length);
  };
}

const range = (size: number): Map<string, number> =>
  new Map(Array.from({ length: size }, (_, code) => [String.fromCharCode(code), code]));

/** Characters of an encoding of one byte each, by reading every byte; undefined for names that are none. */
function tableOf(label: string): Map<string, number> | undefined {
  try {
    const decoder = new TextDecoder(label);
    const characters = Array.from({ length: 256 }, (_, code) => decoder.decode(Uint8Array.of(code)));
    return /^utf-16/.test(decoder.encoding) ||
      characters[65] !== 'A' ||
      characters.slice(128).every((character) => character === '\ufffd')
      ? undefined
      : new Map(characters.flatMap((character, code) => (character === '\ufffd' ? [] : [[character, code]])));
  } catch {
    return undefined;
  }
}
