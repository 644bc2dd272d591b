// community.crypto.openssl_privatekey_info: of what kind a private key is, and its public part. The private part leaves the host only where that is asked for.
import { bool, choice, field, path, str } from '../core/args.ts';
import { defineModule, type Plan } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { pathWord } from '../probes/path-script.ts';
import { reportOf } from './parts/report-lines.ts';
import { contentOfTag, integerOf, readDer, TAG, within } from './x509/der.ts';
import { keyProblem, privateKeyProbe, withKey, type KeySource, type PrivateKey } from './x509/private-key.ts';
import { fingerprints, readPublicKey, whole } from './x509/public-key.ts';
import { noFile, oneOf } from './x509/read-argument.ts';
import { publicKeyPem } from './x509/request.ts';

const args = {
  path: path().optional().describe('File of the key on the host (PEM).'),
  content: field(str(), { secret: true }).optional().describe('Or the key itself.'),
  passphrase: field(str(), { secret: true }).optional().describe('Its passphrase.'),
  return_private_key_data: bool().default(false).describe('Tell the private numbers too: the result is then a secret.'),
  check_consistency: bool().default(false).describe('See whether the private part fits the public one.'),
  select_crypto_backend: choice('auto', 'cryptography').default('auto').describe('Both mean openssl of the host.'),
};

/** What openssl thinks of the key, and its private part where that is wished. */
interface Details {
  readonly kind: 'details';
  readonly info: { readonly consistent: boolean; readonly der: Buffer };
}
interface Observed {
  readonly key: PrivateKey;
  readonly details: Details | undefined;
}

export const openssl_privatekey_info = defineModule<typeof args, Observed>({
  name: 'community.crypto.openssl_privatekey_info',
  summary: 'Tell of what kind a private key is',
  args,
  check: (given) => oneOf(given),
  reports: true,
  exampleSetup: `
- name: Have a private key
  community.crypto.openssl_privatekey:
    path: /etc/ssl/private/asked.pem
    size: 2048
`,
  example: `
- name: Read a private key
  community.crypto.openssl_privatekey_info:
    path: /etc/ssl/private/asked.pem
  register: key
`,
  probe: (given) =>
    ({
      key: privateKeyProbe(given),
      ...(given.check_consistency || given.return_private_key_data
        ? {
            details: scriptProbe(
              `privatekey.details:${given.path ?? 'content'}`,
              detailsScript(given, given.return_private_key_data),
              parseDetails,
              given.path === undefined ? {} : { touches: [given.path] },
            ),
          }
        : {}),
    }) as { readonly [K in keyof Observed]: Probe<Observed[K]> },
})({
  plan: (given, { key, details }): Plan<Observed> => {
    const none = { can_load_key: false, can_parse_key: false, key_is_consistent: null };
    const missing = noFile('private key', given.path ?? '', key.kind);
    if (missing !== undefined) return { failed: missing, fields: none };
    const problem = keyProblem(given, key);
    if (problem !== undefined) return { failed: problem, fields: { ...none, can_load_key: true } };
    if (key.info === undefined) return { unknown: `the key ${given.path} is yet to be made` };
    const fields = fieldsOf(given, key, details);
    return fields['key_is_consistent'] === false
      ? {
          failed:
            'Private key is not consistent! (See https://blog.hboeck.de/archives/888-How-I-tricked-Symantec-with-a-Fake-Private-Key.html)',
          fields,
        }
      : { after: {} };
  },
  apply: () => [],
  result: (given, { before: { key, details } }) => fieldsOf(given, key, details),
});

function fieldsOf(
  given: { readonly return_private_key_data: boolean; readonly check_consistency: boolean },
  key: PrivateKey,
  details: Details | undefined,
): Record<string, unknown> {
  const spki = Buffer.from(key.public, 'base64');
  const { type, data } = readPublicKey(spki);
  return {
    can_load_key: true,
    can_parse_key: true,
    key_is_consistent: !given.check_consistency || type.startsWith('X') ? null : (details?.info.consistent ?? null),
    public_key: publicKeyPem(spki),
    public_key_fingerprints: fingerprints(spki),
    type,
    public_data: data,
    ...(given.return_private_key_data && details !== undefined
      ? { private_data: privateNumbers(type, details.info.der) }
      : {}),
  };
}

function detailsScript(source: KeySource, tells: boolean): string {
  const there = source.path === undefined ? ':' : `[ -r ${pathWord(source.path)} ]`;
  return `command -v openssl >/dev/null && ${there} || exit 0
${withKey(source, (file, passphrase) => `openssl pkey -in ${file} ${passphrase} -check -noout`)} >/dev/null 2>&1 && echo '@consistent yes'
${tells ? `printf '@private %s\\n' "$(${withKey(source, (file, passphrase) => `openssl pkcs8 -topk8 -nocrypt -in ${file} ${passphrase} -outform DER 2>/dev/null`)} | openssl base64 -A)"` : ':'}`;
}

function parseDetails(answer: Answer): Details {
  const report = reportOf(answer.stdout.toString('utf8'));
  return {
    kind: 'details',
    info: { consistent: report['consistent'] === 'yes', der: Buffer.from(report['private'] ?? '', 'base64') },
  };
}

/** The numbers of a key in PKCS #8 that nobody else is to know. */
function privateNumbers(type: string, der: Buffer): Record<string, unknown> {
  const [, , octets] = within(readDer(der));
  const inner = contentOfTag(octets, TAG.octets);
  switch (type) {
    case 'RSA': {
      const [, , , d, p, q] = within(readDer(inner)).map((part) => whole(integerOf(part)));
      return { p, q, exponent: d };
    }
    case 'DSA':
      return { x: whole(integerOf(readDer(inner))) };
    case 'ECC':
      return { multiplier: whole(BigInt(`0x${contentOfTag(within(readDer(inner))[1], TAG.octets).toString('hex')}`)) };
    default:
      return {};
  }
}
