// Public keys (SubjectPublicKeyInfo, DER): of what kind they are, their numbers, fingerprints, and whether they made a signature.
import { constants, createHash, createPublicKey, verify } from 'node:crypto';
import { DIGESTS } from '../../probes/path-wish.ts';
import { bitsOf, contentOfTag, integer, integerOf, oidOf, readDer, TAG, within, type Der } from './der.ts';

export interface PublicKey {
  readonly type: 'RSA' | 'DSA' | 'ECC' | 'Ed25519' | 'Ed448' | 'X25519' | 'X448' | 'unknown';
  /** Bits of RSA and DSA. */
  readonly size?: number;
  /** Curve of ECC. */
  readonly curve?: string;
  /** What results tell of it: `public_data`. */
  readonly data: Readonly<Record<string, unknown>>;
}

const MODERN: Readonly<Record<string, 'X25519' | 'X448' | 'Ed25519' | 'Ed448'>> = {
  '1.3.101.110': 'X25519',
  '1.3.101.111': 'X448',
  '1.3.101.112': 'Ed25519',
  '1.3.101.113': 'Ed448',
};
const CURVES: Readonly<Record<string, readonly [name: string, bits: number]>> = {
  '1.2.840.10045.3.1.1': ['secp192r1', 192],
  '1.2.840.10045.3.1.7': ['secp256r1', 256],
  '1.3.132.0.33': ['secp224r1', 224],
  '1.3.132.0.10': ['secp256k1', 256],
  '1.3.132.0.34': ['secp384r1', 384],
  '1.3.132.0.35': ['secp521r1', 521],
  '1.3.132.0.1': ['sect163k1', 163],
  '1.3.132.0.15': ['sect163r2', 163],
  '1.3.132.0.26': ['sect233k1', 233],
  '1.3.132.0.27': ['sect233r1', 233],
  '1.3.132.0.16': ['sect283k1', 283],
  '1.3.132.0.17': ['sect283r1', 283],
  '1.3.132.0.36': ['sect409k1', 409],
  '1.3.132.0.37': ['sect409r1', 409],
  '1.3.132.0.38': ['sect571k1', 571],
  '1.3.132.0.39': ['sect571r1', 570],
  '1.3.36.3.3.2.8.1.1.7': ['brainpoolP256r1', 256],
  '1.3.36.3.3.2.8.1.1.11': ['brainpoolP384r1', 384],
  '1.3.36.3.3.2.8.1.1.13': ['brainpoolP512r1', 512],
};

/** What the key is; what is none is an error. */
export function readPublicKey(spki: Buffer): PublicKey {
  const [algorithm, bits] = within(readDer(spki));
  const [kind, parameters] = within(algorithm);
  const key = bitsOf(bits);
  const named = oidOf(kind);
  const modern = MODERN[named];
  if (modern !== undefined) return { type: modern, data: {} };
  switch (named) {
    case '1.2.840.113549.1.1.1': {
      const [modulus = 0n, exponent = 0n] = within(readDer(key)).map((part) => integerOf(part));
      const size = bitLength(modulus);
      return { type: 'RSA', size, data: { size, modulus: whole(modulus), exponent: whole(exponent) } };
    }
    case '1.2.840.10040.4.1': {
      const [p = 0n, q = 0n, g = 0n] = within(parameters).map((part) => integerOf(part));
      const size = bitLength(p);
      const y = integerOf(readDer(key));
      return { type: 'DSA', size, data: { size, p: whole(p), q: whole(q), g: whole(g), y: whole(y) } };
    }
    case '1.2.840.10045.2.1': {
      const [curve, exponent_size] = CURVES[oidOf(parameters)] ?? [oidOf(parameters), 0];
      return { type: 'ECC', curve, data: { curve, ...point(spki, key), exponent_size } };
    }
    default:
      return { type: 'unknown', data: {} };
  }
}

/** Coordinates of a point; one that is told by one of them alone is worked out by Node. */
function point(spki: Buffer, octets: Buffer): Record<string, unknown> {
  const number = (bytes: Uint8Array): number | bigint => whole(BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
  if (octets[0] === 4) {
    const half = (octets.length - 1) / 2;
    return { x: number(octets.subarray(1, 1 + half)), y: number(octets.subarray(1 + half)) };
  }
  const { x = '', y = '' } = createPublicKey({ key: spki, format: 'der', type: 'spki' }).export({ format: 'jwk' });
  return { x: number(Buffer.from(x, 'base64url')), y: number(Buffer.from(y, 'base64url')) };
}

const bitLength = (value: bigint): number => (value === 0n ? 0 : value.toString(2).length);

/** A number as results have them: one that JavaScript counts exactly, or a big one. */
export function whole(value: bigint): number | bigint {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : value;
}

/** What Python's hashlib guarantees, by its names and by those of OpenSSL. */
const ALL_DIGESTS: Readonly<Record<string, string>> = { ...DIGESTS, shake_128: 'shake128', shake_256: 'shake256' };

/** Digests of bytes (a public key, a certificate), each as pairs of hex digits with colons between; `names`: only these. */
export function fingerprints(bytes: Uint8Array, names = Object.keys(ALL_DIGESTS)): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const algorithm = ALL_DIGESTS[name] ?? name;
      const hash = createHash(algorithm, algorithm.startsWith('shake') ? { outputLength: 32 } : {});
      return [name, hexPairs(hash.update(bytes).digest())];
    }),
  );
}

/** `a1:b2:c3`. */
export function hexPairs(bytes: Buffer): string {
  return bytes.toString('hex').replace(/..(?=.)/g, '$&:');
}

/** The digest of a key that identifies it in certificates. */
export function keyIdentifier(spki: Buffer): Buffer {
  return createHash('sha1')
    .update(bitsOf(within(readDer(spki))[1]))
    .digest();
}

const OPENSSH_CURVES: Readonly<Record<string, string>> = {
  secp256r1: 'nistp256',
  secp384r1: 'nistp384',
  secp521r1: 'nistp521',
};

/** The key as a line of OpenSSH, without a comment; undefined for kinds that OpenSSH does not have. */
export function opensshKey(spki: Buffer): string | undefined {
  const { type, size, curve = '', data } = readPublicKey(spki);
  const [, bits] = within(readDer(spki));
  const field = (bytes: Uint8Array): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const number = (name: string): Buffer => field(readDer(integer(BigInt(data[name] as number | bigint))).content);
  const line = (name: string, ...fields: readonly Buffer[]): string =>
    `${name} ${Buffer.concat([field(Buffer.from(name)), ...fields]).toString('base64')}`;
  const named = OPENSSH_CURVES[curve];
  switch (type) {
    case 'RSA':
      return line('ssh-rsa', number('exponent'), number('modulus'));
    case 'DSA':
      return size === 1024 ? line('ssh-dss', number('p'), number('q'), number('g'), number('y')) : undefined;
    case 'ECC':
      return named === undefined
        ? undefined
        : line(`ecdsa-sha2-${named}`, field(Buffer.from(named)), field(bitsOf(bits)));
    case 'Ed25519':
      return line('ssh-ed25519', field(bitsOf(bits)));
    default:
      return undefined;
  }
}

/** Digests of signature algorithms; null for those that digest in their own way. */
const SIGNATURE_DIGESTS: Readonly<Record<string, string | null>> = {
  '1.2.840.113549.1.1.4': 'md5',
  '1.2.840.113549.1.1.5': 'sha1',
  '1.2.840.113549.1.1.14': 'sha224',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.1': 'sha1',
  '1.2.840.10045.4.3.1': 'sha224',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.2.840.10040.4.3': 'sha1',
  '2.16.840.1.101.3.4.3.1': 'sha224',
  '2.16.840.1.101.3.4.3.2': 'sha256',
  '2.16.840.1.101.3.4.3.3': 'sha384',
  '2.16.840.1.101.3.4.3.4': 'sha512',
  '1.3.101.112': null,
  '1.3.101.113': null,
};
const HASHES: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
  '2.16.840.1.101.3.4.2.4': 'sha224',
};
const RSASSA_PSS = '1.2.840.113549.1.1.10';

/** Whether the key made the signature of the bytes, by the algorithm that stands beside it. */
export function isSignedBy(spki: Buffer, algorithm: Der, signed: Uint8Array, signature: Uint8Array): boolean {
  const [kind, parameters] = within(algorithm);
  const named = oidOf(kind);
  const pss = named === RSASSA_PSS;
  const digest = pss ? pssDigest(parameters) : SIGNATURE_DIGESTS[named];
  if (digest === undefined) return false;
  try {
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    const options = pss
      ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO }
      : { key };
    return verify(digest, signed, options, signature);
  } catch {
    return false;
  }
}

function pssDigest(parameters: Der | undefined): string | undefined {
  if (parameters?.tag !== TAG.sequence) return undefined;
  const hash = within(parameters).find(({ tag }) => tag === 0xa0);
  if (hash === undefined) return 'sha1';
  const [kind] = within(readDer(contentOfTag(hash, 0xa0)));
  return HASHES[oidOf(kind)];
}
