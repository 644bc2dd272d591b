// Hashes of passwords as files for web servers (htpasswd) hold them: how one is made, and whether a password is the one behind it.
import { createHash } from 'node:crypto';
import { bcrypt } from './bcrypt-crypt.ts';
import { CRYPT_LETTERS } from './base64.ts';
import { md5Crypt } from './md5-crypt.ts';
import { DEFAULT_ROUNDS, shaCrypt } from './sha-crypt.ts';

export const WEB_SCHEMES = [
  'apr_md5_crypt',
  'bcrypt',
  'ldap_sha1',
  'md5_crypt',
  'plaintext',
  'sha256_crypt',
  'sha512_crypt',
] as const;
export type WebScheme = (typeof WEB_SCHEMES)[number];

/** The hash; `seed` are bytes that nobody can guess, at least 22 of them: the salt is made of them. */
export function webPassword(password: string, scheme: WebScheme, seed: Uint8Array): string {
  const salt = (length: number): string =>
    Array.from(seed.subarray(0, length), (byte) => CRYPT_LETTERS[byte % 64]).join('');
  switch (scheme) {
    case 'apr_md5_crypt':
      return `$apr1$${salt(8)}$${md5Crypt(password, salt(8), '$apr1$')}`;
    case 'md5_crypt':
      return `$1$${salt(8)}$${md5Crypt(password, salt(8))}`;
    case 'bcrypt':
      return bcrypt(password, salt(22), 12, '2y');
    case 'ldap_sha1':
      return `{SHA}${createHash('sha1').update(password).digest('base64')}`;
    case 'plaintext':
      return password;
    case 'sha256_crypt':
    case 'sha512_crypt': {
      const [ident, algorithm, rounds] =
        scheme === 'sha256_crypt' ? (['5', 'sha256', 535_000] as const) : (['6', 'sha512', 656_000] as const);
      return `$${ident}$rounds=${rounds}$${salt(16)}$${shaCrypt(algorithm, password, salt(16), rounds)}`;
    }
  }
}

/** Whether the password is the one behind the hash, whatever it was made by. */
export function isWebPassword(password: string, hash: string): boolean {
  const md5 = /^(\$1\$|\$apr1\$)([^$]*)\$(.*)$/.exec(hash);
  if (md5 !== null) return md5Crypt(password, md5[2] ?? '', md5[1] as '$1$' | '$apr1$') === md5[3];
  const sha = /^\$([56])\$(?:rounds=(\d+)\$)?([^$]*)\$(.*)$/.exec(hash);
  if (sha !== null)
    return (
      shaCrypt(
        sha[1] === '5' ? 'sha256' : 'sha512',
        password,
        sha[3] ?? '',
        sha[2] === undefined ? DEFAULT_ROUNDS : Number(sha[2]),
      ) === sha[4]
    );
  const blowfish = /^\$(2[abxy]?)\$(\d\d)\$(.{22})/.exec(hash);
  if (blowfish !== null) return bcrypt(password, blowfish[3] ?? '', Number(blowfish[2]), blowfish[1] ?? '2y') === hash;
  if (hash.startsWith('{SHA}')) return webPassword(password, 'ldap_sha1', new Uint8Array()) === hash;
  return password === hash;
}
