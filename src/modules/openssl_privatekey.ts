// openssl_privatekey: a private key in PEM, made by the host's own openssl. Only its public part leaves the host, unless its content is asked for.
import { z } from 'zod';
import { afterApply, known } from '../core/after-apply.ts';
import { bool, choice, field, int, path, str } from '../core/args.ts';
import { defineModule, type Effect, type Plan } from '../core/module.ts';
import type { PathState } from '../core/path-state.ts';
import type { Probe } from '../core/probe.ts';
import { quote } from '../core/quote.ts';
import { parentOf, pathProbe } from '../probes/path.ts';
import { fileArgs } from './parts/file-attributes.ts';
import { targetOf } from './parts/file-steps.ts';
import {
  backupField,
  contentField,
  contentScript,
  fileName,
  flagEffects,
  generatedAfter,
  generatedAttributes,
  installStep,
  isThere,
  refusedPlace,
  removeSteps,
  tellStep,
  toldBy,
  type Generated,
} from './parts/generated-file.ts';
import { keyMakingArgs, NO_PASSPHRASE, NOT_READ_AGAIN, NOT_MADE_AGAIN } from './parts/key-making.ts';
import {
  NO_KEY,
  NO_OPENSSL,
  parsePrivateKey,
  privateKeyProbe,
  privateKeyScript,
  type PrivateKey,
} from './x509/private-key.ts';
import { fingerprints } from './x509/public-key.ts';

const CURVES = [
  'secp224r1',
  'secp256k1',
  'secp256r1',
  'secp384r1',
  'secp521r1',
  'secp192r1',
  'brainpoolP256r1',
  'brainpoolP384r1',
  'brainpoolP512r1',
  'sect163k1',
  'sect163r2',
  'sect233k1',
  'sect233r1',
  'sect283k1',
  'sect283r1',
  'sect409k1',
  'sect409r1',
  'sect571k1',
  'sect571r1',
] as const;

const args = {
  path: path().describe('The file; its mode is 0600 where no other is given.'),
  state: choice('absent', 'present').default('present').describe('Whether it is there.'),
  type: choice('DSA', 'ECC', 'Ed25519', 'Ed448', 'RSA', 'X25519', 'X448').default('RSA').describe('Kind of the key.'),
  size: int().default(4096).describe('Bits of a key of RSA or DSA.'),
  curve: choice(...CURVES)
    .optional()
    .describe('Curve of a key of ECC.'),
  ...keyMakingArgs('full_idempotence'),
  cipher: choice('auto').default('auto').describe('Only auto; of use with a passphrase only.'),
  select_crypto_backend: choice('auto', 'cryptography').default('auto').describe('Both mean openssl of the host.'),
  format: choice('pkcs1', 'pkcs8', 'raw', 'auto', 'auto_ignore')
    .default('auto_ignore')
    .describe(
      'auto: pkcs1 where the kind of the key has it, else pkcs8. auto_ignore: the same for new keys, and others may have any. raw is not supported.',
    ),
  format_mismatch: choice('regenerate', 'convert')
    .default('regenerate')
    .describe('What becomes of a key that is right but for its format.'),
  backup: bool().default(false).describe('Keep the old file beside it.'),
  return_content: bool().default(false).describe('Tell the key itself in the result.'),
  ...fileArgs,
};
type Args = z.output<z.ZodObject<typeof args>>;

interface Observed {
  readonly at: PathState;
  readonly parent: PathState;
  readonly key: PrivateKey;
}

export const openssl_privatekey = defineModule<typeof args, Observed>({
  name: 'community.crypto.openssl_privatekey',
  summary: 'Make private keys',
  args,
  check: (given) => {
    if (given.passphrase !== undefined) return NO_PASSPHRASE;
    if (given.format === 'raw') return 'format raw is not supported';
    if (given.mode === 'preserve') return 'mode "preserve" is for copy and template only';
    if (given.type === 'ECC' && given.curve === undefined)
      return 'type is ECC but all of the following are missing: curve';
    return given.format === 'pkcs1' && isModern(given.type)
      ? `format pkcs1 is not for keys of type ${given.type}`
      : undefined;
  },
  example: `
- name: Have a private key
  community.crypto.openssl_privatekey:
    path: /etc/ssl/private/example.pem
    size: 2048
`,
  probe: (given): { readonly [K in keyof Observed]: Probe<Observed[K]> } => ({
    at: pathProbe(given.path, {
      ...(given.return_content && given.state === 'present' ? { content: 'bytes' } : {}),
      ...(given.attributes === undefined ? {} : { flags: true }),
    }),
    parent: pathProbe(parentOf(given.path)),
    key: privateKeyProbe({ path: given.path }),
  }),
})({
  plan: (given, { at, parent, key }, basics): Plan<Observed> => {
    const refused = refusedPlace(given.path, at, parent);
    if (refused !== undefined) return refused;
    if (given.state === 'absent') return { after: { at: isThere(at) ? { kind: 'absent' } : at, key: NO_KEY } };
    if (key.kind === 'missing') return { failed: NO_OPENSSL };
    const wish = wishOf(given, key);
    if (wish.failed !== undefined) return { failed: wish.failed };
    const { does } = wish;
    const effects: Effect[] = [
      ...(does === 'generate' && isThere(at) ? [{ kind: 'generate', text: `make a new key ${given.path}` }] : []),
      ...flagEffects(given.path, at, given),
    ];
    const made: Partial<Observed> =
      does === 'nothing'
        ? {}
        : {
            key:
              does === 'convert'
                ? { ...key, format: formatOf(given) }
                : {
                    kind: 'key',
                    type: given.type,
                    ...measures(given),
                    format: formatOf(given),
                    public: afterApply<string>('the public key'),
                  },
          };
    return { after: { at: generatedAfter(fileOf(given), at, parent, basics, does !== 'nothing'), ...made }, effects };
  },
  apply: (given, { before, after }, basics) => {
    if (given.state === 'absent') return removeSteps(given.path, before.at, given.backup);
    const { does } = wishOf(given, before.key);
    const target = targetOf(given.path, before.at, true);
    const source = does === 'convert' ? quote(target.path) : '"$t/made"';
    const command = `${does === 'convert' ? '' : `${generation(given)} && `}openssl pkey -in ${source}${formatOf(given) === 'pkcs1' ? ' -traditional' : ''} -out "$t/new"`;
    const made =
      does === 'nothing'
        ? []
        : [
            installStep(command, [{ path: target.path, name: 'new', mode: '0600' }], {
              backup: given.backup,
              unsafe: given.unsafe_writes,
            }),
          ];
    const tell =
      does === 'nothing'
        ? []
        : [
            tellStep(privateKeyScript({ path: given.path })),
            ...(given.return_content ? [{ ...tellStep(contentScript(given.path)), secret: true }] : []),
          ];
    return [...made, ...generatedAttributes(fileOf(given), before.at, after.at, before.parent, basics), ...tell];
  },
  result: (given, { before, after }, done) => {
    const told = toldBy(done, privateKeyScript({ path: given.path }));
    const key = told === undefined ? after.key : parsePrivateKey(told);
    return {
      type: given.type,
      size: given.size,
      ...(given.type === 'ECC' ? { curve: given.curve } : {}),
      filename: fileName(given.path, before.at),
      fingerprint:
        known(key.public) === undefined
          ? key.public
          : key.public === ''
            ? null
            : fingerprints(Buffer.from(key.public, 'base64')),
      ...backupField(done),
      ...(given.return_content ? { privatekey: contentField(given.path, after.at, done) } : {}),
    };
  },
});

function fileOf(given: Args): Generated {
  return { path: given.path, wish: { ...given, mode: given.mode ?? '0600' }, mode: '0600' };
}

const isModern = (type: string): boolean => ['X25519', 'X448', 'Ed25519', 'Ed448'].includes(type);

function formatOf({ format, type }: Args): string {
  return format === 'auto' || format === 'auto_ignore' || format === 'raw'
    ? isModern(type)
      ? 'pkcs8'
      : 'pkcs1'
    : format;
}

function measures({ type, size, curve }: Args): { size: number; curve: string } {
  return { size: type === 'RSA' || type === 'DSA' ? size : 0, curve: type === 'ECC' ? (curve ?? '') : '' };
}

/** What is to be done about the key that is there; failures have Ansible's words. */
function wishOf(
  given: Args,
  key: PrivateKey,
): { readonly does: 'nothing' | 'generate' | 'convert'; readonly failed?: string } {
  const policy = given.force ? 'always' : given.regenerate;
  const replaces = policy === 'partial_idempotence' || policy === 'full_idempotence';
  if (policy === 'always' || key.kind === 'absent') return { does: 'generate' };
  if (key.kind !== 'key') {
    if (policy === 'full_idempotence') return { does: 'generate' };
    return {
      does: 'nothing',
      failed: `Unable to read the key. The key is protected with a another passphrase / no passphrase or broken. ${NOT_READ_AGAIN}`,
    };
  }
  const { size, curve } = measures(given);
  if (policy !== 'never' && (key.type !== given.type || key.size !== size || key.curve !== curve)) {
    return replaces
      ? { does: 'generate' }
      : {
          does: 'nothing',
          failed: `Key has wrong type and/or size. ${NOT_MADE_AGAIN}`,
        };
  }
  if (given.format === 'auto_ignore' || key.format === formatOf(given)) return { does: 'nothing' };
  if (given.format_mismatch === 'convert') return { does: 'convert' };
  if (policy === 'never') return { does: 'nothing' };
  return replaces
    ? { does: 'generate' }
    : {
        does: 'nothing',
        failed: `Key has wrong format. ${NOT_MADE_AGAIN} To convert the key, set \`format_mismatch\` to \`convert\`.`,
      };
}

/** Two curves have other names in openssl. */
const OPENSSL_CURVES: Readonly<Record<string, string>> = { secp256r1: 'prime256v1', secp192r1: 'prime192v1' };

/** Makes `$t/made`, in whatever format. */
function generation({ type, size, curve }: Args): string {
  if (type === 'DSA')
    return `openssl dsaparam -out "$t/parameters" ${size} && openssl gendsa -out "$t/made" "$t/parameters"`;
  const options =
    type === 'RSA'
      ? ` -pkeyopt rsa_keygen_bits:${size}`
      : type === 'ECC'
        ? ` -pkeyopt ec_paramgen_curve:${OPENSSL_CURVES[curve ?? ''] ?? curve ?? ''} -pkeyopt ec_param_enc:named_curve`
        : '';
  return `openssl genpkey -algorithm ${type === 'ECC' ? 'EC' : type}${options} -out "$t/made"`;
}
