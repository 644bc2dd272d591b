// OpenSSH's known_hosts as data: which lines speak of a host, and what they say of a key. Reading and judging touch no file.
import { createHash, createHmac, randomBytes } from 'node:crypto';

export interface KnownHostLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly marker: 'revoked' | 'cert-authority' | undefined;
  /** First field as written: names, patterns, or a hashed name. */
  readonly hosts: string;
  readonly type: string;
  readonly key: Buffer;
}

export type Verdict =
  | { readonly kind: 'known' }
  | { readonly kind: 'revoked'; readonly by: KnownHostLine }
  /** Other keys are known for the host; of the same type or, `otherType`, only of others. */
  | { readonly kind: 'changed'; readonly lines: readonly KnownHostLine[]; readonly otherType: boolean }
  /** `authority`: a certificate authority is known for it, which vbx cannot use. */
  | { readonly kind: 'unknown'; readonly authority: KnownHostLine | undefined };

/** Lines of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT); lines that are not understood are left out, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): KnownHostLine[] {
  return text.split('\n').flatMap((raw, index) => {
    const fields = raw.trim().split(/[ \t]+/);
    if (fields[0] === undefined || fields[0] === '' || fields[0].startsWith('#')) return [];
    const marker =
      fields[0] === '@revoked' ? 'revoked' : fields[0] === '@cert-authority' ? 'cert-authority' : undefined;
    if (marker === undefined && fields[0].startsWith('@')) return [];
    const [hosts, type, base64] = marker === undefined ? fields : fields.slice(1);
    if (hosts === undefined || type === undefined || base64 === undefined) return [];
    const key = Buffer.from(base64, 'base64');
    return keyType(key) === type ? [{ file, line: index + 1, marker, hosts, type, key }] : [];
  });
}

/** The name under which a host's key is kept. */
export function knownName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

/** Whether a line speaks of `name` (as knownName makes it). */
export function speaksOf(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) {
    const [, version, salt, hash] = hosts.split('|');
    if (version !== '1' || salt === undefined || hash === undefined) return false;
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
  }
  let positive = false;
  for (const pattern of hosts.split(',')) {
    const negated = pattern.startsWith('!');
    if (!matchesPattern(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    positive = true;
  }
  return positive;
}

/** `*` and `?` as OpenSSH matches them; names are compared in lower case. */
export function matchesPattern(pattern: string, name: string): boolean {
  const source = pattern
    .toLowerCase()
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(name.toLowerCase());
}

/** What the lines say of `key` for the host. A key kept under the name without its port is good too, as for OpenSSH. */
export function judge(lines: readonly KnownHostLine[], host: string, port: number, key: Buffer): Verdict {
  const name = knownName(host, port);
  const mine = lines.filter((line) => speaksOf(line.hosts, name));
  const plain = port === 22 ? [] : lines.filter((line) => speaksOf(line.hosts, host.toLowerCase()));
  const revoked = [...mine, ...plain].find((line) => line.marker === 'revoked' && line.key.equals(key));
  if (revoked !== undefined) return { kind: 'revoked', by: revoked };
  const keys = mine.filter((line) => line.marker === undefined);
  if ([...keys, ...plain.filter((line) => line.marker === undefined)].some((line) => line.key.equals(key)))
    return { kind: 'known' };
  const sameType = keys.filter((line) => line.type === keyType(key));
  if (sameType.length > 0) return { kind: 'changed', lines: sameType, otherType: false };
  if (keys.length > 0) return { kind: 'changed', lines: keys, otherType: true };
  return { kind: 'unknown', authority: [...mine, ...plain].find((line) => line.marker === 'cert-authority') };
}

/** Types of key that are known for the host, in the order of the lines. */
export function knownTypes(lines: readonly KnownHostLine[], host: string, port: number): string[] {
  const names = [knownName(host, port), host.toLowerCase()];
  return [
    ...new Set(
      lines
        .filter((line) => line.marker === undefined && names.some((name) => speaksOf(line.hosts, name)))
        .map((line) => line.type),
    ),
  ];
}

/** A line for a new key, without its end. */
export function knownHostsLine(host: string, port: number, key: Buffer, hashed: boolean): string {
  const name = knownName(host, port);
  const salt = randomBytes(20);
  const first = hashed
    ? `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
    : name;
  return `${first} ${keyType(key)} ${key.toString('base64')}`;
}

/** The type that stands in a public key's own bytes; empty where they are none. */
export function keyType(key: Buffer): string {
  if (key.length < 4) return '';
  const length = key.readUInt32BE(0);
  return length > 0 && length <= 64 && key.length >= 4 + length ? key.toString('latin1', 4, 4 + length) : '';
}

/** `SHA256:...` as ssh-keygen -l prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}
