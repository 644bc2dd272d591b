// bcrypt hashes with a given salt.
import { hashSync } from 'bcryptjs';

const LETTERS = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** `$2b$04$...`; of the salt's 22 letters the last holds two bits, the rest of it is dropped as passlib does. */
export function bcrypt(password: string, salt: string, rounds: number, ident: string): string {
  const last = LETTERS.indexOf(salt[21] ?? '.');
  const repaired = salt.slice(0, 21) + (LETTERS[last & 0b110000] ?? '.');
  const prefix = ident === '2' || ident === '2x' ? '2a' : ident;
  const made = hashSync(password, `$${prefix}$${String(rounds).padStart(2, '0')}$${repaired}`);
  return `$${ident}${made.slice(prefix.length + 1)}`;
}
