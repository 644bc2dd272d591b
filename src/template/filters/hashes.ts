// Filters that hash or encode.
import { createHash, getHashes } from 'node:crypto';
import { CRYPT_LETTERS } from '../../core/crypt/base64.ts';
import { PyBytes, type Value } from '../../core/value.ts';
import { PythonError, typeError, valueError } from '../special.ts';
import { filter, type Filters } from '../plugin.ts';
import { encode } from '../methods/strings.ts';
import { asText, decodeBytes, decodeEscaping } from '../methods/numbers.ts';
import { isRepeatable, passwordHash } from '../crypt/password-hash.ts';
import { pythonStr } from '../python/text.ts';
import { truthy, typeName } from '../python/types.ts';

const NAMES: Record<string, string> = {
  blake2b: 'blake2b512',
  blake2s: 'blake2s256',
  sha3_224: 'sha3-224',
  sha3_256: 'sha3-256',
  sha3_384: 'sha3-384',
  sha3_512: 'sha3-512',
  sha512_256: 'sha512-256',
  sha512_224: 'sha512-224',
  sm3: 'sm3',
  ripemd160: 'ripemd160',
};

/** A text's digest by Python's name of the algorithm, in hex. Throws PythonError. */
export function digest(algorithm: string, text: string): string {
  const name = NAMES[algorithm] ?? algorithm;
  if (!/^[a-z\d-]+$/.test(name) || !getHashes().includes(name) || name.includes('rsa') || name === 'ssl3-md5')
    throw new PythonError('Error', `unsupported hash type ${algorithm}`);
  return createHash(name).update(text).digest('hex');
}

function uuid5(namespace: string, name: string): string {
  const hex = namespace.replace(/urn:|uuid:|[{}-]/g, '');
  if (!/^[\da-fA-F]{32}$/.test(hex))
    throw new PythonError(
      'Error',
      `Invalid value '${namespace}' for 'namespace': badly formed hexadecimal UUID string`,
    );
  const bytes = createHash('sha1').update(Buffer.from(hex, 'hex')).update(name).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const bytesOf = (value: Value, encoding: string): Uint8Array =>
  value instanceof PyBytes ? value.bytes : encode(pythonStr(value), encoding);
const textOf = (value: Value | undefined): string => asText(value as Value);
const sha1 = filter('data', (_, value) => digest('sha1', textOf(value)));

export const HASH_FILTERS: Filters = {
  b64decode: filter("string, encoding='utf-8', urlsafe=False", (_, value, encoding, urlSafe) => {
    const given = pythonStr(value as Value);
    const text = (truthy(urlSafe as Value) ? given.replaceAll('-', '+').replaceAll('_', '/') : given).replace(
      /[^A-Za-z\d+/=]/g,
      '',
    );
    const body = text.replace(/=+$/, '');
    if (body.length % 4 === 1)
      throw valueError(
        `Invalid base64-encoded string: number of data characters (${body.length}) cannot be 1 more than a multiple of 4`,
      );
    if (body.length % 4 !== 0 && text.length - body.length < 4 - (body.length % 4))
      throw valueError('Incorrect padding');
    const bytes = Buffer.from(body, 'base64');
    return /^utf-?8$/i.test(pythonStr(encoding as Value))
      ? decodeEscaping(bytes)
      : decodeBytes(bytes, pythonStr(encoding as Value));
  }),
  b64encode: filter("string, encoding='utf-8', urlsafe=False", (_, value, encoding, urlSafe) => {
    const text = Buffer.from(bytesOf(value as Value, pythonStr(encoding as Value))).toString('base64');
    return truthy(urlSafe as Value) ? text.replaceAll('+', '-').replaceAll('/', '_') : text;
  }),
  checksum: sha1,
  hash: filter("data, hashtype='sha1'", (_, value, type) => digest(pythonStr(type as Value), textOf(value))),
  md5: filter('data', (_, value) => digest('md5', textOf(value))),
  password_hash: filter(
    "password, hashtype='sha512', salt=None, salt_size=None, rounds=None, ident=None",
    (engine, password, type, salt, size, rounds, ident) => {
      const random = (limit: number): number => Math.floor(engine.context.host.random() * limit);
      const made =
        salt === null && size !== null && size !== undefined
          ? Array.from({ length: Number(size) }, () => CRYPT_LETTERS[random(64)]).join('')
          : undefined;
      const options = {
        salt: salt === null ? made : pythonStr(salt as Value),
        rounds: rounds === null ? undefined : Number(rounds),
        ident: ident === null ? undefined : pythonStr(ident as Value),
      };
      if (!isRepeatable(options) || made !== undefined) engine.volatile = true;
      if (typeof password !== 'string' && !(password instanceof PyBytes))
        throw typeError(`secret must be unicode or bytes, not ${typeName(password as Value)}`);
      return passwordHash(textOf(password), pythonStr(type as Value), options, random);
    },
  ),
  sha1,
  to_uuid: filter("string, namespace='361E6D51-FAEC-444A-9079-341386DA8E2E'", (_, value, namespace) =>
    uuid5(pythonStr(namespace as Value), textOf(value)),
  ),
};
