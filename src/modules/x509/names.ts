// Names in certificates: distinguished names of subjects and issuers, and the kinds of names that alternative names and constraints have.
import { domainToASCII, domainToUnicode } from 'node:url';
import { formatAddress, hostMask, parseAddress, parseNetwork } from '../../core/ip.ts';
import {
  context,
  contextTag,
  der,
  oid,
  oidOf,
  readDer,
  sequence,
  TAG,
  text,
  within,
  contentOfTag,
  type Der,
} from './der.ts';
import { longName, oidNamed, shortName } from './oids.ts';

/** One part of a distinguished name: `2.5.4.3` is `www.example.org`. */
export interface Attribute {
  readonly oid: string;
  readonly value: string;
}

const [COUNTRY, COMMON_NAME, JURISDICTION] = ['2.5.4.6', '2.5.4.3', '1.3.6.1.4.1.311.60.2.1.3'];
/** The types of text that the standards want; UTF-8 for all others. */
const TEXT_TAGS: Readonly<Record<string, number>> = {
  [COUNTRY]: TAG.printable,
  [JURISDICTION]: TAG.printable,
  '2.5.4.5': TAG.printable,
  '2.5.4.46': TAG.printable,
  '1.2.840.113549.1.9.1': TAG.ia5,
  '0.9.2342.19200300.100.1.25': TAG.ia5,
};
const LENGTHS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  [COUNTRY]: [2, 2],
  [JURISDICTION]: [2, 2],
  [COMMON_NAME]: [1, 64],
};

/** A part of a name whose kind is written as a name or as dotted text; what the standards do not allow is an error. */
export function attribute(name: string, value: string): Attribute {
  const dotted = oidNamed(name);
  const [least, most] = LENGTHS[dotted] ?? [0, Infinity];
  const length = Buffer.byteLength(value);
  if (length < least || length > most)
    throw new Error(`Attribute's length must be >= ${least} and <= ${most}, but it was ${length}`);
  return { oid: dotted, value };
}

/** A distinguished name of the parts, each in a set of its own. */
export function writeName(parts: readonly Attribute[]): Buffer {
  return sequence(...parts.map((part) => der(TAG.set, writeAttribute(part))));
}

function writeAttribute(part: Attribute): Buffer {
  return sequence(oid(part.oid), text(TEXT_TAGS[part.oid] ?? TAG.utf8, part.value));
}

/** The parts of a distinguished name, in order. */
export function readName(name: Der): Attribute[] {
  return within(name).flatMap((set) => within(set, TAG.set).map(readAttribute));
}

function readAttribute(part: Der): Attribute {
  const [kind, value] = within(part);
  return { oid: oidOf(kind), value: textOf(value) };
}

function textOf(value: Der | undefined): string {
  const content = value?.content ?? Buffer.alloc(0);
  switch (value?.tag) {
    case TAG.teletex:
      return content.toString('latin1');
    case TAG.bmp:
      return Buffer.from(content).swap16().toString('utf16le');
    case TAG.universal:
      return Array.from({ length: content.length / 4 }, (_, index) =>
        String.fromCodePoint(content.readUInt32BE(4 * index)),
      ).join('');
    default:
      return content.toString('utf8');
  }
}

/** What two equal names have in common, whatever types of text they are written in. */
export function nameMeaning(name: Der): string {
  return JSON.stringify(
    within(name).map((set) =>
      within(set, TAG.set)
        .map((part) => JSON.stringify(readAttribute(part)))
        .toSorted(),
    ),
  );
}

/** `CN=www, O=Example`, for people. */
export function nameText(parts: readonly Attribute[]): string {
  return parts.map((part) => `${shortName(part.oid)}=${part.value}`).join(', ');
}

/** Pairs of the long name and the value, as results tell names. */
export function orderedName(parts: readonly Attribute[]): [string, string][] {
  return parts.map((part) => [longName(part.oid), part.value]);
}

/** How results tell names of hosts beyond ASCII: as they are, or all in one of the two ways. */
export type NameEncoding = 'ignore' | 'idna' | 'unicode';

/** Context tags of the kinds of names. */
const OTHER = 0;
const EMAIL = 1;
const DNS = 2;
const DIRECTORY = 4;
const URI = 6;
const IP = 7;
const RID = 8;

/** `DNS:www.example.org`, `IP:127.0.0.1` and so on as bytes; `what` names it in errors. */
export function writeGeneralName(name: string, what = 'Subject Alternative Name'): Buffer {
  try {
    const written = writeKnown(name, what);
    if (written !== undefined) return written;
  } catch (error) {
    throw new Error(`Cannot parse ${what} "${name}": ${(error as Error).message}`, { cause: error });
  }
  throw new Error(
    `Cannot parse ${what} "${name}" (${name.includes(':') ? 'a kind of name that is not supported' : 'forgot "DNS:" prefix?'})`,
  );
}

function writeKnown(name: string, what: string): Buffer | undefined {
  const kind = name.slice(0, name.indexOf(':'));
  const value = name.slice(kind.length + 1);
  switch (kind) {
    case 'DNS':
      return context(DNS, false, ascii(encoded(value, 'idna')));
    case 'email':
      return context(EMAIL, false, ascii(encodedEmail(value, 'idna')));
    case 'URI':
      return context(URI, false, ascii(encodedUri(value, 'idna')));
    case 'IP':
      return context(IP, false, ipBytes(value));
    case 'RID':
      if (!/^\d+(\.\d+)*$/.test(value)) throw new Error(`Cannot parse ${what} "${name}"`);
      return oid(value, contextTag(RID, false));
    case 'dirName':
      return context(DIRECTORY, true, writeName(parseDistinguishedName(value).toReversed()));
    case 'otherName': {
      const [, kindOf = '', hex] = /^(\d+(?:\.\d+)*);([0-9a-fA-F]{1,2}(?::[0-9a-fA-F]{1,2})*)$/.exec(value) ?? [];
      if (hex !== undefined) {
        const bytes = Buffer.from(
          hex.replace(/[^:]+/g, (digits) => digits.padStart(2, '0')).replaceAll(':', ''),
          'hex',
        );
        return context(OTHER, true, oid(kindOf), context(0, true, bytes));
      }
      const at = value.indexOf(';');
      if (at < 0)
        throw new Error(
          `Cannot parse ${what} otherName "${value}", must be in the format "otherName:<OID>;<ASN.1 OpenSSL Encoded String>" or "otherName:<OID>;<hex string>"`,
        );
      return context(OTHER, true, oid(value.slice(0, at)), context(0, true, writeAsn1Text(value.slice(at + 1))));
    }
    default:
      return undefined;
  }
}

/** `UTF8:text`, with a tag of its own before it where one is wanted (`EXPLICIT:0,UTF8:text`). */
function writeAsn1Text(value: string): Buffer {
  const [, how, number, ofClass = 'C', kind, content = ''] =
    /^(?:(IMPLICIT|EXPLICIT):(\d+)([UAPC])?,)?(\w+):(.*)/.exec(value) ?? [];
  if (kind === undefined) throw new Error('The ASN.1 serialized string must be in the format [modifier,]type[:value]');
  if (kind !== 'UTF8')
    throw new Error(`The ASN.1 serialized string is not a known type "${kind}", only UTF8 types are supported`);
  if (how === undefined) return text(TAG.utf8, content);
  if (Number(number) > 30) throw new Error('tags above 30 are not supported');
  const base = { U: 0, A: 0x40, C: 0x80, P: 0xc0 }[ofClass as 'U' | 'A' | 'C' | 'P'] + Number(number);
  return how === 'EXPLICIT' && ofClass !== 'U'
    ? der(base + 0x20, text(TAG.utf8, content))
    : der(base, Buffer.from(content));
}

/** Text of one general name, as playbooks write it. */
function readGeneralName(name: Der, encoding: NameEncoding = 'ignore'): string {
  switch (name.tag) {
    case contextTag(DNS, false):
      return `DNS:${encoded(name.content.toString('utf8'), encoding)}`;
    case contextTag(EMAIL, false):
      return `email:${encodedEmail(name.content.toString('utf8'), encoding)}`;
    case contextTag(URI, false):
      return `URI:${encodedUri(name.content.toString('utf8'), encoding)}`;
    case contextTag(IP, false):
      return `IP:${ipText(name.content)}`;
    case contextTag(RID, false):
      return `RID:${oidOf(name, name.tag)}`;
    case contextTag(DIRECTORY, true):
      return `dirName:${readName(readDer(name.content))
        .toReversed()
        .map((part) => `${shortName(part.oid)}=${escaped(part.value)}`)
        .join(',')}`;
    case contextTag(OTHER, true): {
      const [kind, value] = within(name, name.tag);
      const hex = contentOfTag(value, contextTag(0, true)).toString('hex');
      return `otherName:${oidOf(kind)};${hex.replace(/..(?=.)/g, '$&:')}`;
    }
    default:
      throw new Error(`a name of a kind (tag ${name.tag}) that is not known`);
  }
}

/** The names of a sequence of general names. */
export function readGeneralNames(names: readonly Der[], encoding: NameEncoding = 'ignore'): string[] {
  return names.map((name) => readGeneralName(name, encoding));
}

function ascii(value: string): Buffer {
  if (/[^\0-\x7f]/.test(value)) throw new Error('it has characters beyond ASCII');
  return Buffer.from(value, 'latin1');
}

/** A name of a host whose labels beyond ASCII are written in one way. */
function encoded(host: string, encoding: NameEncoding): string {
  if (encoding === 'ignore' || (encoding === 'idna' && !/[^\0-\x7f]/.test(host))) return host;
  return host
    .split('.')
    .map((label) => {
      if (encoding === 'unicode') return label.startsWith('xn--') ? domainToUnicode(label) || label : label;
      if (!/[^\0-\x7f]/.test(label)) return label;
      const written = domainToASCII(label);
      if (written === '')
        throw new Error(`Error while transforming part "${label}" of Unicode DNS name "${host}" to IDNA.`);
      return written;
    })
    .join('.');
}

function encodedEmail(address: string, encoding: NameEncoding): string {
  const at = address.indexOf('@');
  return at < 0 ? address : `${address.slice(0, at)}@${encoded(address.slice(at + 1), encoding)}`;
}

function encodedUri(uri: string, encoding: NameEncoding): string {
  // The host alone is changed, and told in small letters.
  return uri.replace(
    /^([A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^/?#@]*@)?)([^/?#:@[]+)/,
    (_, before: string, host: string) => `${before}${encoded(host.toLowerCase(), encoding)}`,
  );
}

function numberBytes(value: bigint, octets: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * octets, '0'), 'hex');
}

/** An address, or a network: address and mask. */
function ipBytes(value: string): Buffer {
  const octets = (version: 4 | 6): number => (version === 4 ? 4 : 16);
  if (!value.includes('/')) {
    const address = parseAddress(value);
    if (address === undefined) throw new Error(`'${value}' does not appear to be an IPv4 or IPv6 address`);
    return numberBytes(address.value, octets(address.version));
  }
  const network = parseNetwork(value);
  if (network === undefined) throw new Error(`'${value}' does not appear to be an IPv4 or IPv6 network`);
  if ((network.value & hostMask(network)) !== 0n) throw new Error(`${value} has host bits set`);
  const size = octets(network.version);
  const all = (1n << BigInt(8 * size)) - 1n;
  return Buffer.concat([numberBytes(network.value, size), numberBytes(all ^ hostMask(network), size)]);
}

function ipText(bytes: Buffer): string {
  const value = (part: Buffer): bigint => BigInt(`0x${part.toString('hex')}`);
  if (bytes.length === 4 || bytes.length === 16)
    return formatAddress({ version: bytes.length === 4 ? 4 : 6, value: value(bytes) });
  if (bytes.length !== 8 && bytes.length !== 32) throw new Error('an IP address of a length that is none');
  const half = bytes.length / 2;
  const mask = value(bytes.subarray(half))
    .toString(2)
    .padStart(8 * half, '0');
  if (!/^1*0*$/.test(mask)) throw new Error('a netmask whose ones are not in a row');
  return `${formatAddress({ version: half === 4 ? 4 : 6, value: value(bytes.subarray(0, half)) })}/${mask.replaceAll('0', '').length}`;
}

function escaped(value: string): string {
  return value
    .replace(/[\\,+<>;"]/g, '\\$&')
    .replaceAll('\0', '\\00')
    .replace(/^[ #]/, '\\$&')
    .replace(/ $/, '\\ ');
}

/** `CN=a, O=b`, or `/O=b/CN=a` with slashes. */
function parseDistinguishedName(written: string): Attribute[] {
  const trimmed = written.trimStart();
  const separator = trimmed.startsWith('/') ? '/' : ',';
  const parts: Attribute[] = [];
  let rest = separator === '/' ? trimmed.slice(1) : trimmed;
  try {
    while (rest !== '') {
      const [, start = '', name] = /^( *([A-Za-z0-9.]+) *= *)/.exec(rest) ?? [];
      if (name === undefined) throw new Error(`cannot start part in "${rest}"`);
      const { value, left } = parseValue(rest.slice(start.length), separator);
      parts.push(attribute(name, value));
      if (left.length === 1) throw new Error('unexpected end of string');
      rest = left.slice(1);
    }
  } catch (error) {
    throw new Error(`Error while parsing distinguished name '${written}': ${(error as Error).message}`, {
      cause: error,
    });
  }
  return parts;
}

/** A value up to the separator, which is left; `#` begins hex digits, a backslash hides what is behind it. */
function parseValue(from: string, separator: string): { readonly value: string; readonly left: string } {
  const [hex, digits] = /^#((?:[0-9a-fA-F]{2})*)/.exec(from) ?? [];
  if (hex !== undefined)
    return { value: Buffer.from(digits ?? '', 'hex').toString('utf8'), left: from.slice(hex.length) };
  const bytes: Buffer[] = [];
  let at = 0;
  for (; at < from.length && from[at] !== separator; at++) {
    if (from[at] !== '\\') {
      const character = String.fromCodePoint(from.codePointAt(at) ?? 0);
      bytes.push(Buffer.from(character));
      at += character.length - 1;
      continue;
    }
    const pair = /^[0-9a-fA-F]{2}/.exec(from.slice(at + 1))?.[0];
    if (pair === undefined && /^[0-9a-fA-F]/.test(from.slice(at + 1)))
      throw new Error(`Hex escape sequence "${from.slice(at, at + 3)}" incomplete`);
    bytes.push(pair === undefined ? Buffer.from(from[at + 1] ?? '') : Buffer.from(pair, 'hex'));
    at += pair === undefined ? 1 : 2;
  }
  return { value: Buffer.concat(bytes).toString('utf8'), left: from.slice(at) };
}

/** A relative name (`CN=x`, one part an item), of which points that distribute revocations may have one. */
export function writeRelativeName(parts: readonly string[], tag: number): Buffer {
  return der(
    tag,
    ...parts.map((part) => {
      const [, start = '', name] = /^( *([A-Za-z0-9.]+) *= *)/.exec(part) ?? [];
      if (name === undefined)
        throw new Error(`Error while parsing relative distinguished name '${part}': cannot start part in "${part}"`);
      return writeAttribute(attribute(name, part.slice(start.length)));
    }),
  );
}
