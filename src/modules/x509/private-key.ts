// Private keys on a host: what openssl there tells of their public part, and how they sign. The key itself never leaves the host, and neither it nor its
// passphrase is a word of any command.
import { field, path, str } from '../../core/args.ts';
import { scriptProbe, type Answer, type Probe } from '../../core/probe.ts';
import { quote } from '../../core/quote.ts';
import { pathWord } from '../../probes/path-script.ts';
import { reportOf } from '../parts/report-lines.ts';
import { readPublicKey } from './public-key.ts';

/** Where a key is: in a file of the host, or in the playbook. */
export interface KeySource {
  readonly path?: string | undefined;
  readonly content?: string | undefined;
  readonly passphrase?: string | undefined;
}

export const privateKeyArgs = {
  privatekey_path: path().optional().describe('File of the private key on the host.'),
  privatekey_content: field(str(), { secret: true }).optional().describe('Or the private key itself.'),
  privatekey_passphrase: field(str(), { secret: true }).optional().describe('Passphrase of the private key.'),
};

/** The source that the arguments above name; undefined where they name none. */
export function keySource(given: {
  readonly privatekey_path?: string | undefined;
  readonly privatekey_content?: string | undefined;
  readonly privatekey_passphrase?: string | undefined;
}): KeySource | undefined {
  if (given.privatekey_path === undefined && given.privatekey_content === undefined) return undefined;
  return { path: given.privatekey_path, content: given.privatekey_content, passphrase: given.privatekey_passphrase };
}

export interface PrivateKey {
  readonly kind: 'missing' | 'absent' | 'unreadable' | 'key';
  readonly type: string;
  /** Bits of RSA and DSA. */
  readonly size: number;
  /** Curve of ECC. */
  readonly curve: string;
  readonly format: string;
  /** The public part: DER as base64. */
  readonly public: string;
  readonly info?: { readonly encrypted: boolean };
}
export const NO_KEY: PrivateKey = { kind: 'absent', type: '', size: 0, curve: '', format: '', public: '' };

export function privateKeyProbe(source: KeySource): Probe<PrivateKey> {
  const touches = source.path === undefined ? {} : { touches: [source.path] };
  return scriptProbe(`privatekey:${source.path ?? 'content'}`, privateKeyScript(source), parsePrivateKey, touches);
}

/** Tells the header of the file and its public part. */
export function privateKeyScript(source: KeySource): string {
  const there =
    source.path === undefined
      ? `printf '@header %s\\n' ${quote(/^-----BEGIN .*/m.exec(source.content ?? '')?.[0] ?? '')}
${/ENCRYPTED/.test(source.content ?? '') ? "echo '@encrypted yes'" : ':'}`
      : `p=${pathWord(source.path)}
[ -e "$p" ] || { echo '@kind absent'; exit 0; }
printf '@header %s\\n' "$(sed -n '/^-----BEGIN /{p;q;}' < "$p" 2>/dev/null)"
grep ENCRYPTED < "$p" > /dev/null 2>&1 && echo '@encrypted yes'`;
  return `command -v openssl >/dev/null || { echo '@kind missing'; exit 0; }
${there}
printf '@public %s\\n' "$(${withKey(source, (file, passphrase) => `openssl pkey -in ${file} ${passphrase} -pubout -outform DER 2>/dev/null`)} | openssl base64 -A)"`;
}

/**
 * Shell text of a command of openssl that reads the key: `command` is given the file as a word and the option that says where the passphrase is. Both come through
 * pipes that the shell itself writes.
 */
export function withKey(source: KeySource, command: (file: string, passphrase: string) => string): string {
  const passphrase = source.passphrase === undefined ? undefined : `printf '%s\\n' ${quote(source.passphrase)}`;
  if (source.path !== undefined) {
    const file = pathWord(source.path);
    return passphrase === undefined
      ? `${command(file, '-passin pass:')} < /dev/null`
      : `${passphrase} | ${command(file, '-passin stdin')}`;
  }
  const content = `printf '%s\\n' ${quote((source.content ?? '').replace(/\n$/, ''))}`;
  return passphrase === undefined
    ? `${content} | ${command('/dev/stdin', '-passin pass:')}`
    : `${passphrase} | { ${content} | ${command('/dev/stdin', '-passin fd:3')}; } 3<&0`;
}

/** The header of the file says its format, the public part all else. */
export function parsePrivateKey(answer: Answer): PrivateKey {
  const report = reportOf(answer.stdout.toString('utf8'));
  const kind = report['kind'];
  if (kind === 'missing' || kind === 'absent') return { ...NO_KEY, kind };
  const info = { encrypted: report['encrypted'] === 'yes' };
  const header = report['header'] ?? '';
  const format = /^-----BEGIN (ENCRYPTED )?PRIVATE KEY/.test(header)
    ? 'pkcs8'
    : /^-----BEGIN (DSA|EC|RSA) PRIVATE KEY/.test(header)
      ? 'pkcs1'
      : '';
  try {
    const { type, size = 0, curve = '' } = readPublicKey(Buffer.from(report['public'] ?? '', 'base64'));
    return { kind: 'key', type, size, curve, format, public: report['public'] ?? '', info };
  } catch {
    return { ...NO_KEY, kind: 'unreadable', info };
  }
}

export const NO_OPENSSL = 'Failed to find required executable "openssl" on the host';

/** Why the key cannot be used, if that is so, mostly in Ansible's words. */
export function keyProblem(source: KeySource, key: PrivateKey): string | undefined {
  switch (key.kind) {
    case 'missing':
      return NO_OPENSSL;
    case 'absent':
      return `[Errno 2] No such file or directory: '${source.path ?? ''}'`;
    case 'unreadable':
      return key.info?.encrypted === true && source.passphrase === undefined
        ? 'Wrong or empty passphrase provided for private key'
        : 'Wrong passphrase provided for private key, or private key cannot be parsed';
    case 'key':
      return source.passphrase !== undefined && key.info?.encrypted === false
        ? 'Wrong or empty passphrase provided for private key'
        : undefined;
  }
}

/** Why the key cannot sign, if that is so. */
export function signingProblem(key: PrivateKey): string | undefined {
  return key.kind === 'key' && (key.type === 'X25519' || key.type === 'X448' || key.type === 'unknown')
    ? `Key of type ${key.type} not supported for issuing certificates`
    : undefined;
}
