// DER (X.690), the form that ASN.1 has in certificates: values as bytes, and what bytes hold. What is not well formed is an error.

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8: 0x0c,
  numeric: 0x12,
  printable: 0x13,
  teletex: 0x14,
  ia5: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visible: 0x1a,
  universal: 0x1c,
  bmp: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One value: its tag (the whole first octet), what is in it, and all of its bytes. */
export interface Der {
  readonly tag: number;
  readonly content: Buffer;
  readonly raw: Buffer;
}

/** The one value that the bytes are. */
export function readDer(bytes: Buffer): Der {
  const [only, ...rest] = readAll(bytes);
  if (only === undefined || rest.length > 0) throw new Error('the ASN.1 is not one value');
  return only;
}

/** The values within one, which must be of the tag. */
export function within(der: Der | undefined, tag: number = TAG.sequence): Der[] {
  return readAll(contentOfTag(der, tag));
}

/** What is in a value, which must be of the tag. */
export function contentOfTag(der: Der | undefined, tag: number): Buffer {
  if (der?.tag !== tag)
    throw new Error(`the ASN.1 has tag ${der === undefined ? 'none' : der.tag} where ${tag} must be`);
  return der.content;
}

function readAll(bytes: Buffer): Der[] {
  const found: Der[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at] ?? 0;
    if ((tag & 0x1f) === 0x1f) throw new Error('the ASN.1 has a tag of several octets');
    let from = at + 2;
    let length = bytes[at + 1];
    if (length === undefined || length === 0x80) throw new Error('the ASN.1 has no length');
    if (length > 0x80) {
      const octets = length - 0x80;
      if (octets > 4 || from + octets > bytes.length) throw new Error('the ASN.1 is cut short');
      length = bytes.readUIntBE(from, octets);
      from += octets;
    }
    if (from + length > bytes.length) throw new Error('the ASN.1 is cut short');
    found.push({ tag, content: bytes.subarray(from, from + length), raw: bytes.subarray(at, from + length) });
    at = from + length;
  }
  return found;
}

/** A value of the tag with the parts in it. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOctets(content.length), content]);
}

/** How DER says a length. */
export function lengthOctets(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const octets = bigBytes(BigInt(length));
  return Buffer.concat([Buffer.from([0x80 + octets.length]), octets]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => der(TAG.sequence, ...parts);
/** Tag `[number]` of the context, around values (`constructed`) or in place of one's own tag. */
export const context = (number: number, constructed: boolean, ...parts: readonly Uint8Array[]): Buffer =>
  der(contextTag(number, constructed), ...parts);
export const contextTag = (number: number, constructed: boolean): number => 0x80 + (constructed ? 0x20 : 0) + number;
export const text = (tag: number, value: string): Buffer => der(tag, Buffer.from(value, 'utf8'));
export const TRUE: Buffer = der(TAG.boolean, Buffer.from([0xff]));
/** Bits, of which the last octet leaves `unused` out. */
export const bits = (content: Uint8Array, unused = 0): Buffer => der(TAG.bits, Buffer.from([unused]), content);

/** A whole number, negative ones too. */
export function integer(value: bigint): Buffer {
  if (value < 0n) {
    let octets = 1;
    while (value < -(1n << BigInt(8 * octets - 1))) octets++;
    return der(TAG.integer, bigBytes((1n << BigInt(8 * octets)) + value));
  }
  const bytes = bigBytes(value);
  return der(TAG.integer, ...((bytes[0] ?? 0) >= 0x80 ? [Buffer.from([0])] : []), bytes);
}

/** The number of an INTEGER. */
export function integerOf(value: Der | undefined, tag: number = TAG.integer): bigint {
  const content = contentOfTag(value, tag);
  if (content.length === 0) throw new Error('the ASN.1 has a number without octets');
  const whole = BigInt(`0x${content.toString('hex')}`);
  return (content[0] ?? 0) >= 0x80 ? whole - (1n << BigInt(8 * content.length)) : whole;
}

function bigBytes(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

/** An object identifier from its dotted text. */
export function oid(dotted: string, tag: number = TAG.oid): Buffer {
  const [first = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt);
  if (first > 2n || (first < 2n && second > 39n)) throw new Error(`"${dotted}" is no object identifier`);
  return der(
    tag,
    ...[first * 40n + second, ...rest].map((arc) => {
      const octets = [Number(arc & 0x7fn)];
      for (let left = arc >> 7n; left > 0n; left >>= 7n) octets.unshift(Number(left & 0x7fn) + 0x80);
      return Buffer.from(octets);
    }),
  );
}

/** The dotted text of an object identifier. */
export function oidOf(value: Der | undefined, tag: number = TAG.oid): string {
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const octet of contentOfTag(value, tag)) {
    arc = (arc << 7n) + BigInt(octet & 0x7f);
    if (octet < 0x80) {
      arcs.push(arc);
      arc = 0n;
    }
  }
  const [head = 0n, ...rest] = arcs;
  const first = head < 80n ? head / 40n : 2n;
  return [first, head - first * 40n, ...rest].join('.');
}

/** The bits of a BIT STRING that is whole octets. */
export function bitsOf(value: Der | undefined): Buffer {
  const content = contentOfTag(value, TAG.bits);
  if (content[0] !== 0) throw new Error('the ASN.1 has bits that are no whole octets');
  return content.subarray(1);
}

/** The first block of PEM with one of the labels, as bytes. */
export function readPem(bytes: Uint8Array, labels: readonly string[]): Buffer | undefined {
  const pattern = new RegExp(
    `^-----BEGIN (${labels.join('|')})-----\\s*\\n([A-Za-z0-9+/=\\s]*?)-----END \\1-----`,
    'm',
  );
  const body = pattern.exec(Buffer.from(bytes).toString('latin1'))?.[2];
  return body === undefined ? undefined : Buffer.from(body, 'base64');
}

/** The bytes as a block of PEM. */
export function writePem(bytes: Uint8Array, label: string): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
