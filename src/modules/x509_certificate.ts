// x509_certificate: a certificate in PEM, signed by its own key (selfsigned) or by that of an authority of one's own (ownca). vbx says what stands in it, and the
// host's own openssl signs it with the key that stays there.
import type { z } from 'zod';
import { afterApply, known } from '../core/after-apply.ts';
import { bool, choice, field, int, path, str } from '../core/args.ts';
import { defineModule, type Plan } from '../core/module.ts';
import type { PathState } from '../core/path-state.ts';
import type { Probe } from '../core/probe.ts';
import { parentOf, pathProbe } from '../probes/path.ts';
import { fileArgs } from './parts/file-attributes.ts';
import { targetOf } from './parts/file-steps.ts';
import {
  backupField,
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
import {
  certificateProblem,
  certificateWish,
  ENDS_FIRST,
  isFresh,
  providerOf,
  sourcesProblem,
  type Sources,
} from './x509/certificate-wish.ts';
import {
  CERTIFICATE_LABEL,
  certificateDiff,
  certificateProbe,
  certificateState,
  certificateToBeSigned,
  describedCertificate,
  parseCertificate,
  timeText,
  type CertificateParts,
  type CertificateState,
} from './x509/certificate.ts';
import { keySource, privateKeyArgs, privateKeyProbe, type PrivateKey } from './x509/private-key.ts';
import { fileScript, requestProbe, requestState, type RequestState } from './x509/request.ts';
import { signatureAlgorithm, signCommand } from './x509/signing.ts';
import { whole } from './x509/public-key.ts';

const identifiers = () =>
  choice('create_if_not_provided', 'always_create', 'never_create')
    .default('create_if_not_provided')
    .describe('Whether the certificate tells the digest of its key.');

const args = {
  path: path().describe('The file.'),
  state: choice('present', 'absent').default('present').describe('Whether it is there.'),
  provider: choice('selfsigned', 'ownca', 'acme')
    .optional()
    .describe('Who signs: its own key (selfsigned), or that of an authority (ownca). acme is not supported.'),
  force: bool().default(false).describe('Make another each time.'),
  backup: bool().default(false).describe('Keep the old file beside it.'),
  return_content: bool().default(false).describe('Tell the certificate itself in the result.'),
  csr_path: path().optional().describe('File of the request on the host.'),
  csr_content: str().optional().describe('Or the request itself.'),
  ...privateKeyArgs,
  ignore_timestamps: bool().default(true).describe('One with other times is good enough.'),
  selfsigned_version: int().default(3).describe('Only 3.'),
  selfsigned_digest: str().default('sha256').describe('Digest of the signature: sha256, sha384 or sha512.'),
  selfsigned_not_before: field(str().default('+0s'), { aliases: ['selfsigned_notBefore'] }).describe(
    'From when it is valid: +1d from now on, or 20260131235959Z.',
  ),
  selfsigned_not_after: field(str().default('+3650d'), { aliases: ['selfsigned_notAfter'] }).describe(
    'Until when it is valid.',
  ),
  selfsigned_create_subject_key_identifier: identifiers(),
  ownca_path: path().optional().describe("File of the authority's certificate on the host."),
  ownca_content: str().optional().describe('Or that certificate itself.'),
  ownca_privatekey_path: path().optional().describe("File of the authority's private key on the host."),
  ownca_privatekey_content: field(str(), { secret: true }).optional().describe('Or that key itself.'),
  ownca_privatekey_passphrase: field(str(), { secret: true }).optional().describe('Its passphrase.'),
  ownca_digest: str().default('sha256').describe('Digest of the signature: sha256, sha384 or sha512.'),
  ownca_version: int().default(3).describe('Only 3.'),
  ownca_not_before: str().default('+0s').describe('From when it is valid.'),
  ownca_not_after: str().default('+3650d').describe('Until when it is valid.'),
  ownca_create_subject_key_identifier: identifiers(),
  ownca_create_authority_key_identifier: bool()
    .default(true)
    .describe("Whether it tells the digest of the authority's key."),
  acme_accountkey_path: path().optional().describe('Not supported.'),
  acme_challenge_path: path().optional().describe('Not supported.'),
  acme_chain: bool().optional().describe('Not supported.'),
  acme_directory: str().optional().describe('Not supported.'),
  select_crypto_backend: choice('auto', 'cryptography')
    .default('auto')
    .describe('Both mean vbx itself, and openssl of the host for the signature.'),
  ...fileArgs,
};
export type CertificateArgs = z.output<z.ZodObject<typeof args>>;

interface Observed {
  readonly at: PathState;
  readonly parent: PathState;
  readonly certificate: CertificateState;
  readonly key: PrivateKey | undefined;
  readonly signer: PrivateKey;
  readonly request: RequestState | undefined;
  readonly authority: CertificateState | undefined;
}

export const x509_certificate = defineModule<typeof args, Observed>({
  name: 'community.crypto.x509_certificate',
  aliases: ['community.crypto.openssl_certificate'],
  summary: 'Make certificates that are signed by their own key or by an authority of your own',
  args,
  check: (given) =>
    given.mode === 'preserve' ? 'mode "preserve" is for copy and template only' : certificateProblem(given),
  exampleSetup: `
- name: Have a private key
  community.crypto.openssl_privatekey:
    path: /etc/ssl/private/example.pem
    size: 2048
`,
  example: `
- name: Have a certificate that is signed by its own key
  community.crypto.x509_certificate:
    path: /etc/ssl/certs/example.pem
    privatekey_path: /etc/ssl/private/example.pem
    provider: selfsigned
    selfsigned_not_after: +365d
`,
  probe: (given): { readonly [K in keyof Observed]: Probe<Observed[K]> } => {
    const { signer } = given.state === 'present' ? providerOf(given) : {};
    const key = keySource(given);
    return {
      at: pathProbe(given.path, given.attributes === undefined ? {} : { flags: true }),
      parent: pathProbe(parentOf(given.path)),
      certificate: certificateProbe(given.path),
      ...(key === undefined ? {} : { key: privateKeyProbe(key) }),
      ...(signer === undefined ? {} : { signer: privateKeyProbe(signer) }),
      ...(given.csr_path === undefined ? {} : { request: requestProbe(given.csr_path) }),
      ...(given.ownca_path === undefined ? {} : { authority: certificateProbe(given.ownca_path) }),
    } as { readonly [K in keyof Observed]: Probe<Observed[K]> };
  },
})({
  plan: (given, observed, basics): Plan<Observed> => {
    const { at, parent, certificate } = observed;
    if (given.state === 'absent')
      return { after: { at: isThere(at) ? { kind: 'absent' } : at, certificate: { kind: 'absent' } } };
    const refused = refusedPlace(given.path, at, parent);
    if (refused !== undefined) return refused;
    const sources = sourcesOf(given, observed);
    const problem = sourcesProblem(given, sources);
    if (problem !== undefined) return { failed: problem };
    const fresh = isFresh(given, sources, certificate);
    const wish = fresh ? certificateWish(given, sources, nowOf(certificate)) : undefined;
    if (wish !== undefined && wish.notAfter < wish.notBefore) return { failed: ENDS_FIRST };
    return {
      after: {
        at: generatedAfter(fileOf(given), at, parent, basics, fresh),
        ...(fresh ? { certificate: foretold(given, wish) } : {}),
      },
      effects: [
        ...(fresh && certificate.kind !== 'absent'
          ? [{ kind: 'generate', text: `make a new certificate ${given.path}` }]
          : []),
        ...flagEffects(given.path, at, given),
      ],
    };
  },
  apply: (given, { before, after }, basics) => {
    if (given.state === 'absent') return removeSteps(given.path, before.at, given.backup);
    const attributes = generatedAttributes(fileOf(given), before.at, after.at, before.parent, basics);
    const sources = sourcesOf(given, before);
    const wish = certificateWish(given, sources, nowOf(before.certificate));
    if (wish === undefined || !isFresh(given, sources, before.certificate)) return attributes;
    const { digest, signer: source = {} } = providerOf(given);
    const { type } = sources.signer;
    const algorithm = signatureAlgorithm(type, digest);
    const command = signCommand(certificateToBeSigned(wish, algorithm), CERTIFICATE_LABEL, {
      source,
      type,
      digest,
      algorithm,
    });
    const target = targetOf(given.path, before.at, true);
    return [
      installStep(command, [{ path: target.path, name: 'new', mode: fileOf(given).mode }], {
        backup: given.backup,
        unsafe: given.unsafe_writes,
        secret: true,
      }),
      ...attributes,
      tellStep(fileScript(given.path)),
    ];
  },
  result: (given, { before, after }, done) => {
    const told = toldBy(done, fileScript(given.path));
    const state = told === undefined ? after.certificate : parseCertificate(told);
    const made = state.info?.certificate;
    const later = <T>(what: string): T => afterApply<T>(`the ${what} of the certificate`);
    return {
      filename: fileName(given.path, before.at),
      privatekey: given.privatekey_path ?? null,
      csr: given.csr_path ?? null,
      ...backupField(done),
      ...(given.state === 'absent'
        ? {}
        : {
            ...(given.provider === 'ownca'
              ? { ca_cert: given.ownca_path ?? null, ca_privatekey: given.ownca_privatekey_path ?? null }
              : {}),
            notBefore: state.notBefore ?? later<string>('start'),
            notAfter: state.notAfter ?? later<string>('end'),
            serial_number: made === undefined ? later<number>('serial number') : whole(made.serial),
          }),
      ...(given.return_content
        ? {
            certificate: given.state === 'absent' ? null : (state.info?.bytes?.toString() ?? later<string>('content')),
          }
        : {}),
    };
  },
  diff: (_given, { before, after }) => ({
    before: certificateDiff(before.certificate),
    after: certificateDiff(after.certificate),
  }),
});

function fileOf(given: CertificateArgs): Generated {
  return { path: given.path, wish: given, mode: '0644' };
}

const nowOf = ({ info }: CertificateState): number => info?.now ?? 0;

/** What the certificate is made from: what was observed, and what stands in the playbook. */
function sourcesOf(given: CertificateArgs, { key, signer, request, authority, certificate }: Observed): Sources {
  return {
    key,
    signer,
    request: given.csr_content === undefined ? request : requestState(Buffer.from(given.csr_content)),
    authority:
      given.provider !== 'ownca'
        ? undefined
        : given.ownca_content === undefined
          ? authority
          : certificateState(Buffer.from(given.ownca_content), nowOf(certificate)),
  };
}

/** The certificate as it will be. What counts from the time of the signature is told by it alone. */
function foretold(given: CertificateArgs, wish: CertificateParts | undefined): CertificateState {
  const { notBefore, notAfter } = providerOf(given);
  const later = <T>(what: string): T => afterApply<T>(`the ${what} of the certificate`);
  const described = wish === undefined ? undefined : describedCertificate(wish);
  return {
    kind: 'certificate',
    subject: described?.subject ?? later('subject'),
    issuer: described?.issuer ?? later('issuer'),
    notBefore: notBefore.relative ? later('start') : timeText(notBefore.at(0)),
    notAfter: notAfter.relative ? later('end') : timeText(notAfter.at(0)),
    extensions: described?.extensions ?? later('extensions'),
    public: described?.public ?? later('key'),
    serial: later('serial number'),
  };
}
