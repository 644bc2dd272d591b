// Public keys of OpenPGP (RFC 4880, RFC 9580), as far as fingerprints go: so that hosts need no gpg to tell which keys they have.
import { createHash } from 'node:crypto';

export interface PublicKey {
  /** Hex, upper case. */
  readonly fingerprint: string;
  /** Fingerprints of its subkeys. */
  readonly subkeys: readonly string[];
  /** All packets of the key, not armored. */
  readonly bytes: Buffer;
}

/** The bytes inside of an armor; bytes that are not armored as they are. Several armored blocks are joined. */
export function dearmor(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  if (!text.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')) return bytes;
  const blocks = text.matchAll(/-----BEGIN PGP PUBLIC KEY BLOCK-----([\s\S]*?)-----END PGP PUBLIC KEY BLOCK-----/g);
  return Buffer.concat(
    [...blocks].map(([, inner = '']) => {
      const lines = inner.replaceAll('\r', '').split('\n').slice(1);
      // Headers end with a blank line; the line that begins with `=` is a checksum.
      const blank = lines.findIndex((line) => line.trim() === '');
      const body = (
        lines.slice(0, blank).every((line) => /^[A-Za-z]+: /.test(line)) ? lines.slice(blank + 1) : lines
      ).filter((line) => !line.startsWith('='));
      return Buffer.from(body.join(''), 'base64');
    }),
  );
}

export function isArmored(bytes: Buffer): boolean {
  return bytes.toString('latin1').includes('-----BEGIN PGP PUBLIC KEY BLOCK-----');
}

/** All public keys in a file, armored or not; empty if it holds none. */
export function publicKeys(file: Buffer): PublicKey[] {
  const bytes = dearmor(file);
  const keys: { fingerprint: string; subkeys: string[]; start: number; end: number }[] = [];
  for (const packet of packets(bytes)) {
    if (packet.tag === 6)
      keys.push({ fingerprint: fingerprintOf(packet.body), subkeys: [], start: packet.start, end: packet.end });
    const last = keys.at(-1);
    if (last === undefined) continue;
    last.end = packet.end;
    if (packet.tag === 14) last.subkeys.push(fingerprintOf(packet.body));
  }
  return keys.map(({ fingerprint, subkeys, start, end }) => ({
    fingerprint,
    subkeys,
    bytes: bytes.subarray(start, end),
  }));
}

/** Whether a key id as users write it (8, 16 or 40 hex digits, blanks and 0x allowed) names this key or one of its subkeys. */
export function isKeyId(key: Pick<PublicKey, 'fingerprint' | 'subkeys'>, id: string): boolean {
  const wanted = normalId(id);
  return (
    wanted.length >= 8 &&
    [key.fingerprint, ...key.subkeys].some(
      (fingerprint) => fingerprint.endsWith(wanted) || wanted.endsWith(fingerprint),
    )
  );
}

export function normalId(id: string): string {
  return id.replace(/\s+/g, '').replace(/^0x/i, '').toUpperCase();
}

function fingerprintOf(body: Buffer): string {
  const version = body[0];
  if (version === 4) {
    const head = Buffer.from([0x99, (body.length >> 8) & 255, body.length & 255]);
    return createHash('sha1').update(head).update(body).digest('hex').toUpperCase();
  }
  const head = Buffer.alloc(5);
  head[0] = version === 6 ? 0x9b : 0x9a;
  head.writeUInt32BE(body.length, 1);
  return createHash('sha256').update(head).update(body).digest('hex').toUpperCase();
}

interface Packet {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
  readonly body: Buffer;
}

/** Stops at the first byte that begins no packet: what comes behind it is not told. */
function* packets(bytes: Buffer): Iterable<Packet> {
  let at = 0;
  while (at + 1 < bytes.length) {
    const start = at;
    const first = bytes[at] ?? 0;
    if ((first & 0x80) === 0) return;
    let length: number;
    let tag: number;
    if ((first & 0x40) === 0) {
      tag = (first >> 2) & 15;
      const size = [1, 2, 4][first & 3];
      if (size === undefined || at + 1 + size > bytes.length) return;
      length = bytes.readUIntBE(at + 1, size);
      at += 1 + size;
    } else {
      tag = first & 63;
      const one = bytes[at + 1] ?? 0;
      if (one < 192) [length, at] = [one, at + 2];
      else if (one < 224) [length, at] = [((one - 192) << 8) + (bytes[at + 2] ?? 0) + 192, at + 3];
      else if (one === 255 && at + 6 <= bytes.length) [length, at] = [bytes.readUInt32BE(at + 2), at + 6];
      else return;
    }
    if (at + length > bytes.length) return;
    yield { tag, start, end: at + length, body: bytes.subarray(at, at + length) };
    at += length;
  }
}
