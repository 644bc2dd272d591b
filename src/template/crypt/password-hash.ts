// password_hash: the algorithms, default rounds and salts of Ansible with passlib.
import { PythonError, valueError } from '../special.ts';
import { CRYPT_LETTERS } from '../../core/crypt/base64.ts';
import { bcrypt } from '../../core/crypt/bcrypt-crypt.ts';
import { md5Crypt } from '../../core/crypt/md5-crypt.ts';
import { DEFAULT_ROUNDS, shaCrypt } from '../../core/crypt/sha-crypt.ts';

interface Algorithm {
  readonly salt: number;
  readonly exactSalt: boolean;
  readonly letters: RegExp;
  readonly rounds: number | undefined;
  readonly ident: string;
}
const ALGORITHMS: Record<string, Algorithm> = {
  md5: { salt: 8, exactSalt: false, letters: /^[./\w]*$/, rounds: undefined, ident: '1' },
  sha256: { salt: 16, exactSalt: false, letters: /^[./\w]*$/, rounds: 535_000, ident: '5' },
  sha512: { salt: 16, exactSalt: false, letters: /^[./\w]*$/, rounds: 656_000, ident: '6' },
  bcrypt: { salt: 22, exactSalt: true, letters: /^[./\w]*$/, rounds: 12, ident: '2b' },
  blowfish: { salt: 22, exactSalt: true, letters: /^[./\w]*$/, rounds: 12, ident: '2b' },
};
const NAMES: Record<string, string> = { md5_crypt: 'md5', sha256_crypt: 'sha256', sha512_crypt: 'sha512' };

const kept = new Map<string, string>();

export interface HashOptions {
  readonly salt: string | undefined;
  readonly rounds: number | undefined;
  readonly ident: string | undefined;
}

/** Whether the hash comes out the same each time. */
export function isRepeatable(options: HashOptions): boolean {
  return options.salt !== undefined;
}

/** The crypt(3) text of a password; `random` gives a number below its argument. Throws PythonError. */
export function passwordHash(
  password: string,
  name: string,
  options: HashOptions,
  random: (limit: number) => number,
): string {
  const algorithm = NAMES[name] ?? name;
  const known = ALGORITHMS[algorithm];
  if (known === undefined)
    throw new PythonError(
      'Error',
      `${name} is not in the list of supported passlib algorithms: md5, blowfish, sha256, sha512`,
    );
  const salt = options.salt ?? Array.from({ length: known.salt }, () => CRYPT_LETTERS[random(64)] ?? '.').join('');
  if (!known.letters.test(salt)) throw valueError('invalid characters in salt');
  if (known.exactSalt && salt.length !== known.salt)
    throw valueError(
      `salt too ${salt.length < known.salt ? 'small' : 'large'} (bcrypt requires exactly ${known.salt} chars)`,
    );
  if (salt.length > known.salt) throw valueError(`salt too large (${algorithm}_crypt requires <= ${known.salt} chars)`);
  const rounds = options.rounds ?? known.rounds;
  const key = JSON.stringify([password, algorithm, salt, rounds, options.ident]);
  const before = kept.get(key);
  if (before !== undefined) return before;
  const made = make(password, algorithm, known, salt, rounds, options.ident);
  if (kept.size > 500) kept.clear();
  if (options.salt !== undefined) kept.set(key, made);
  return made;
}

function make(
  password: string,
  algorithm: string,
  known: Algorithm,
  salt: string,
  rounds: number | undefined,
  ident: string | undefined,
): string {
  if (algorithm === 'md5') return `$1$${salt}$${md5Crypt(password, salt)}`;
  if (algorithm === 'sha256' || algorithm === 'sha512') {
    const count = rounds ?? DEFAULT_ROUNDS;
    if (count < 1000 || count > 999_999_999)
      throw valueError(`rounds too ${count < 1000 ? 'low' : 'high'} (${algorithm}_crypt requires >= 1000 rounds)`);
    return `$${known.ident}$${count === DEFAULT_ROUNDS ? '' : `rounds=${count}$`}${salt}$${shaCrypt(algorithm, password, salt, count)}`;
  }
  const count = rounds ?? 12;
  if (count < 4 || count > 31)
    throw valueError(`rounds too ${count < 4 ? 'low' : 'high'} (bcrypt requires 4 to 31 rounds)`);
  if (ident !== undefined && !['2', '2a', '2b', '2y'].includes(ident)) throw valueError(`invalid ident: '${ident}'`);
  return bcrypt(password, salt, count, ident ?? known.ident);
}
