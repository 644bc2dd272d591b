// What a user wishes of a certificate: whether the arguments of x509_certificate make sense, what the new one would say, and whether that which is there will do.
import { known } from '../../core/after-apply.ts';
import type { CertificateArgs } from '../x509_certificate.ts';
import type { Certificate, CertificateParts, CertificateState } from './certificate.ts';
import {
  authorityKeyIdentifier,
  extensionOf,
  OIDS,
  readSubjectKeyIdentifier,
  subjectKeyIdentifier,
  type Extension,
} from './extensions.ts';
import { writeName } from './names.ts';
import { keyProblem, keySource, signingProblem, type KeySource, type PrivateKey } from './private-key.ts';
import { keyIdentifier } from './public-key.ts';
import { sameName, type RequestParts, type RequestState } from './request.ts';
import { digestProblem } from './signing.ts';
import { parseTimespec, type Timespec } from './timespec.ts';

/** What a certificate is made from, as observed. */
export interface Sources {
  /** The private key of the arguments; undefined where there is none. */
  readonly key: PrivateKey | undefined;
  /** The key that signs: the same, or the authority's. */
  readonly signer: PrivateKey;
  readonly request: RequestState | undefined;
  readonly authority: CertificateState | undefined;
}

/** The arguments of the provider, whichever it is. */
export function providerOf(given: CertificateArgs): {
  readonly digest: string;
  readonly notBefore: Timespec;
  readonly notAfter: Timespec;
  readonly subjectKey: CertificateArgs['ownca_create_subject_key_identifier'];
  readonly authorityKey: boolean;
  readonly signer: KeySource | undefined;
} {
  return given.provider === 'ownca'
    ? {
        digest: given.ownca_digest,
        notBefore: parseTimespec(given.ownca_not_before, 'ownca_not_before'),
        notAfter: parseTimespec(given.ownca_not_after, 'ownca_not_after'),
        subjectKey: given.ownca_create_subject_key_identifier,
        authorityKey: given.ownca_create_authority_key_identifier,
        signer: keySource({
          privatekey_path: given.ownca_privatekey_path,
          privatekey_content: given.ownca_privatekey_content,
          privatekey_passphrase: given.ownca_privatekey_passphrase,
        }),
      }
    : {
        digest: given.selfsigned_digest,
        notBefore: parseTimespec(given.selfsigned_not_before, 'selfsigned_not_before'),
        notAfter: parseTimespec(given.selfsigned_not_after, 'selfsigned_not_after'),
        subjectKey: given.selfsigned_create_subject_key_identifier,
        authorityKey: false,
        signer: keySource(given),
      };
}

const EXCLUSIVE = [
  ['csr_path', 'csr_content'],
  ['privatekey_path', 'privatekey_content'],
  ['ownca_path', 'ownca_content'],
  ['ownca_privatekey_path', 'ownca_privatekey_content'],
] as const;
const NOT_SUPPORTED = ['acme_accountkey_path', 'acme_challenge_path', 'acme_chain', 'acme_directory'] as const;

/** What is wrong with the arguments, whatever is on the host. */
export function certificateProblem(given: CertificateArgs): string | undefined {
  for (const [one, other] of EXCLUSIVE)
    if (given[one] !== undefined && given[other] !== undefined)
      return `parameters are mutually exclusive: ${one}|${other}`;
  if (given.provider === 'acme') return 'provider acme is not supported; selfsigned and ownca are';
  const unsupported = NOT_SUPPORTED.find((name) => given[name] !== undefined);
  if (unsupported !== undefined) return `${unsupported} is not supported`;
  for (const name of ['selfsigned_version', 'ownca_version'] as const)
    if (given[name] !== 3) return `value of ${name} must be one of: 3, got: ${given[name]}`;
  if (given.state === 'absent') return undefined;
  if (given.provider === undefined) return 'state is present but all of the following are missing: provider';
  if (given.provider === 'ownca') {
    if (given.ownca_path === undefined && given.ownca_content === undefined)
      return 'One of ownca_path and ownca_content must be specified for the ownca provider.';
    if (given.ownca_privatekey_path === undefined && given.ownca_privatekey_content === undefined)
      return 'One of ownca_privatekey_path and ownca_privatekey_content must be specified for the ownca provider.';
    if (given.csr_path === undefined && given.csr_content === undefined)
      return 'csr_path or csr_content is required for ownca provider';
  } else if (keySource(given) === undefined)
    return 'One of privatekey_path and privatekey_content must be specified for the selfsigned provider.';
  try {
    const { notBefore, notAfter, digest } = providerOf(given);
    if (notBefore.relative === notAfter.relative && notAfter.at(0) < notBefore.at(0)) return ENDS_FIRST;
    if (digestProblem(digest) === undefined) return undefined;
    return digest === 'sha1' || digest === 'md5'
      ? digestProblem(digest)
      : `The digest ${digest} is not supported with the cryptography backend`;
  } catch (error) {
    return (error as Error).message;
  }
}

export const ENDS_FIRST = 'The not valid after date must be after the not valid before date.';

/** Why no certificate can be made of what there is, if that is so, mostly in Ansible's words. */
export function sourcesProblem(given: CertificateArgs, sources: Sources): string | undefined {
  const { key, signer, request, authority } = sources;
  const own = given.provider === 'ownca';
  if (request?.kind === 'absent') return `The certificate signing request file ${given.csr_path} does not exist`;
  if (own && authority?.kind === 'absent') return `The CA certificate file ${given.ownca_path} does not exist`;
  if (signer.kind === 'absent')
    return own
      ? `The CA private key file ${given.ownca_privatekey_path} does not exist`
      : `The private key file ${given.privatekey_path} does not exist`;
  for (const [what, state] of [
    [given.csr_path, request],
    [given.ownca_path, authority],
  ] as const) {
    if (state?.kind === 'denied') return `[Errno 13] Permission denied: '${what}'`;
    if (state?.kind === 'broken') return state.info?.message ?? 'it cannot be read';
  }
  const source = providerOf(given).signer ?? {};
  const problem = keyProblem(source, signer);
  if (problem !== undefined) return problem;
  if (signingProblem(signer) !== undefined)
    return own ? signingProblem(signer) : 'Private key cannot be used to sign certificates';
  const ofAuthority = authority?.info?.certificate?.public.toString('base64');
  const ofSigner = known(signer.public);
  if (own && ofAuthority !== undefined && ofSigner !== undefined && ofAuthority !== ofSigner)
    return 'The CA private key does not belong to the CA certificate';
  return own && key !== undefined ? keyProblem(keySource(given) ?? {}, key) : undefined;
}

/** What the new certificate says; undefined where it follows from what is only foretold. */
export function certificateWish(given: CertificateArgs, sources: Sources, now: number): CertificateParts | undefined {
  const asked = askedFor(given, sources);
  const { notBefore, notAfter } = providerOf(given);
  const authority = sources.authority?.info?.certificate;
  if (asked === undefined || (given.provider === 'ownca' && authority === undefined)) return undefined;
  return {
    subject: asked.subject,
    public: asked.public,
    issuer: authority?.subject ?? asked.subject,
    notBefore: notBefore.at(now),
    notAfter: notAfter.at(now),
    extensions: wishedExtensions(given, asked, authority),
  };
}

/** The request, or an empty one of the key. */
function askedFor(given: CertificateArgs, { signer, request }: Sources): RequestParts | undefined {
  const spki = known(signer.public);
  if (request !== undefined) {
    const parts = request.info?.parts;
    if (given.provider === 'ownca' || parts === undefined) return parts;
    return spki === undefined ? undefined : { ...parts, public: Buffer.from(spki, 'base64') };
  }
  return spki === undefined
    ? undefined
    : { subject: writeName([]), public: Buffer.from(spki, 'base64'), extensions: [] };
}

function wishedExtensions(
  given: CertificateArgs,
  asked: RequestParts,
  authority: Certificate | undefined,
): readonly Extension[] {
  const { subjectKey, authorityKey } = providerOf(given);
  const kept = asked.extensions.filter(
    ({ oid }) =>
      !(subjectKey === 'always_create' && oid === OIDS.subjectKeyIdentifier) &&
      !(authorityKey && oid === OIDS.authorityKeyIdentifier),
  );
  return [
    ...kept,
    ...(subjectKey === 'never_create' || extensionOf(kept, 'subjectKeyIdentifier') !== undefined
      ? []
      : [subjectKeyIdentifier(keyIdentifier(asked.public))]),
    ...(authorityKey && authority !== undefined ? [identifierOf(authority)] : []),
  ];
}

/** How certificates name the key of the authority. */
function identifierOf(authority: Certificate): Extension {
  const own = extensionOf(authority.extensions, 'subjectKeyIdentifier');
  return authorityKeyIdentifier(
    own === undefined ? keyIdentifier(authority.public) : readSubjectKeyIdentifier(own),
    undefined,
    undefined,
  );
}

/** Whether another certificate must be made than the one that is there. */
export function isFresh(given: CertificateArgs, sources: Sources, there: CertificateState): boolean {
  const certificate = there.info?.certificate;
  const wish = certificateWish(given, sources, there.info?.now ?? 0);
  if (given.force || certificate === undefined || wish === undefined) return true;
  const { notBefore, notAfter } = providerOf(given);
  const wrongTimes =
    !given.ignore_timestamps &&
    [[notBefore, certificate.notBefore] as const, [notAfter, certificate.notAfter] as const].some(
      ([time, at]) => time.relative || time.at(0) !== at,
    );
  const key = sources.key === undefined ? undefined : known(sources.key.public);
  const signer = sources.authority?.info?.certificate?.public ?? wish.public;
  return (
    wrongTimes ||
    (key !== undefined && key !== certificate.public.toString('base64')) ||
    sources.request?.signed === false ||
    (sources.request?.info?.parts !== undefined && !sources.request.info.parts.public.equals(certificate.public)) ||
    !wish.public.equals(certificate.public) ||
    !sameName(wish.subject, certificate.subject) ||
    !sameName(wish.issuer, certificate.issuer) ||
    !sameExtensions(wish.extensions, certificate.extensions) ||
    !certificate.isSignedBy(signer)
  );
}

/** The same ones, in whatever order. */
function sameExtensions(wish: readonly Extension[], there: readonly Extension[]): boolean {
  const key = ({ oid, critical, value }: Extension): string => `${oid} ${critical} ${value.toString('hex')}`;
  const wished = new Set(wish.map(key));
  return wished.size === there.length && there.every((extension) => wished.has(key(extension)));
}
