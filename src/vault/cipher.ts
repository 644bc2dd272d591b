// The cipher of vault files: AES-256 in counter mode, keys by PBKDF2-HMAC-SHA256, authenticated by HMAC-SHA256 over the ciphertext.
import { createCipheriv, createDecipheriv, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';

const ITERATIONS = 10_000;
const BLOCK = 16;

interface Keys {
  readonly cipher: Buffer;
  readonly authentication: Buffer;
  readonly counter: Buffer;
}
/** Deriving keys costs milliseconds; the values of one file written in one go share no salt, but files are read again and again. */
const derived = new Map<string, Keys>();

function keysOf(password: Buffer, salt: Buffer): Keys {
  const name = createHmac('sha256', salt).update(password).digest('base64');
  let keys = derived.get(name);
  if (keys === undefined) {
    const bytes = pbkdf2Sync(password, salt, ITERATIONS, 80, 'sha256');
    keys = { cipher: bytes.subarray(0, 32), authentication: bytes.subarray(32, 64), counter: bytes.subarray(64, 80) };
    if (derived.size >= 1000) derived.clear();
    derived.set(name, keys);
  }
  return keys;
}

/** Hexadecimal text of a vault's body, in one line. */
export function encrypt(plain: Buffer, password: Buffer, salt: Buffer): string {
  const keys = keysOf(password, salt);
  const padding = BLOCK - (plain.length % BLOCK);
  const cipher = createCipheriv('aes-256-ctr', keys.cipher, keys.counter);
  const ciphertext = Buffer.concat([
    cipher.update(plain),
    cipher.update(Buffer.alloc(padding, padding)),
    cipher.final(),
  ]);
  const signature = createHmac('sha256', keys.authentication).update(ciphertext).digest('hex');
  return Buffer.from(`${salt.toString('hex')}\n${signature}\n${ciphertext.toString('hex')}`).toString('hex');
}

/** The parts of a body; undefined when it is no such thing. */
export function parseBody(
  body: string,
): { readonly salt: Buffer; readonly signature: Buffer; readonly ciphertext: Buffer } | undefined {
  const parts = unhex(body)?.toString('latin1').split('\n');
  if (parts === undefined || parts.length < 3) return undefined;
  const [salt, signature, ciphertext] = parts.map(unhex);
  return salt === undefined || signature === undefined || ciphertext === undefined
    ? undefined
    : { salt, signature, ciphertext };
}
function unhex(text: string): Buffer | undefined {
  return text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text) ? Buffer.from(text, 'hex') : undefined;
}

/** The plain bytes; undefined when the password is not the one (or the body was tampered with). */
export function decrypt(
  body: { readonly salt: Buffer; readonly signature: Buffer; readonly ciphertext: Buffer },
  password: Buffer,
): Buffer | undefined {
  const keys = keysOf(password, body.salt);
  const signature = createHmac('sha256', keys.authentication).update(body.ciphertext).digest();
  if (signature.length !== body.signature.length || !timingSafeEqual(signature, body.signature)) return undefined;
  const decipher = createDecipheriv('aes-256-ctr', keys.cipher, keys.counter);
  const padded = Buffer.concat([decipher.update(body.ciphertext), decipher.final()]);
  const padding = padded.at(-1) ?? 0;
  return padding < 1 || padding > BLOCK || padding > padded.length
    ? undefined
    : padded.subarray(0, padded.length - padding);
}
