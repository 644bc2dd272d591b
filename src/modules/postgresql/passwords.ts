// Whether a password is the one that PostgreSQL keeps the hash of.
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

const SCRAM = /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/;

/** `kept`: as pg_authid has it; `written`: plain, or such a hash itself. `plain`: nothing is to be hashed. */
export function isPassword(kept: string, written: string, user: string, plain: boolean): boolean {
  if (SCRAM.test(written)) return written === kept;
  const scram = SCRAM.exec(kept);
  if (scram !== null) {
    const [, rounds = '', salt = '', , key = ''] = scram;
    // Normalised as RFC 4013 wants it, but for characters that it forbids, which no server takes.
    const salted = pbkdf2Sync(written.normalize('NFKC'), Buffer.from(salt, 'base64'), Number(rounds), 32, 'sha256');
    return createHmac('sha256', salted).update('Server Key').digest('base64') === key;
  }
  if (plain || /^md5[^]{32}$/.test(written)) return written === kept;
  return kept === `md5${createHash('md5').update(`${written}${user}`).digest('hex')}`;
}
