// Requests for certificates (PKCS #10): what one holds, what there is at a path, and the bytes that are to be signed for a new one.
import { known } from '../../core/after-apply.ts';
import { scriptProbe, type Probe } from '../../core/probe.ts';
import { pathWord } from '../../probes/path-script.ts';
import {
  bitsOf,
  context,
  contextTag,
  der,
  integer,
  oid,
  oidOf,
  readDer,
  readPem,
  sequence,
  TAG,
  within,
} from './der.ts';
import {
  extensionOf,
  extensionText,
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readExtendedKeyUsage,
  readExtensions,
  readKeyUsage,
  readMustStaple,
  readNameConstraints,
  readSubjectAltName,
  readSubjectKeyIdentifier,
  writeExtensions,
  type Extension,
} from './extensions.ts';
import { nameMeaning, nameText, orderedName, readName, type Attribute, type NameEncoding } from './names.ts';
import { fingerprints, hexPairs, isSignedBy, readPublicKey, whole } from './public-key.ts';

export const REQUEST_LABEL = 'CERTIFICATE REQUEST';

/** What a request asks for. */
export interface RequestParts {
  /** The distinguished name, DER. */
  readonly subject: Buffer;
  /** The public key, DER. */
  readonly public: Buffer;
  readonly extensions: readonly Extension[];
}

/** What there is at a path; in a predicted one the bytes are missing, and what follows from a key yet to be made is Unknown. */
export interface RequestState {
  readonly kind: 'absent' | 'denied' | 'broken' | 'request';
  readonly subject?: string;
  readonly extensions?: readonly string[];
  /** SHA-256 of the public key. */
  readonly public?: string;
  /** Whether the signature is that of the key. */
  readonly signed?: boolean;
  readonly info?: {
    readonly parts?: RequestParts;
    /** What is at the path as it is. */
    readonly bytes?: Buffer;
    readonly message?: string;
  };
}

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

/** The bytes that are signed in a request. */
export function requestToBeSigned(parts: RequestParts): Buffer {
  const attributes =
    parts.extensions.length === 0
      ? []
      : [sequence(oid(EXTENSION_REQUEST), der(TAG.set, writeExtensions(parts.extensions)))];
  return sequence(integer(0n), parts.subject, parts.public, context(0, true, ...attributes));
}

/** The request in the bytes (PEM); what is none is an error. */
function readRequest(bytes: Buffer): RequestParts & { readonly signed: boolean } {
  const pem = readPem(bytes, [REQUEST_LABEL, 'NEW CERTIFICATE REQUEST']);
  if (pem === undefined) throw new Error('Unable to load PEM file: there is no certificate signing request in it');
  const [info, algorithm, signature] = within(readDer(pem));
  const [, subject, key, attributes] = within(info);
  if (info === undefined || subject === undefined || key === undefined || algorithm === undefined)
    throw new Error('the certificate signing request is cut short');
  const extensions =
    attributes === undefined
      ? []
      : within(attributes, contextTag(0, true)).flatMap((attribute) => {
          const [kind, values] = within(attribute);
          return oidOf(kind) === EXTENSION_REQUEST ? within(values, TAG.set).flatMap(readExtensions) : [];
        });
  return {
    subject: Buffer.from(subject.raw),
    public: Buffer.from(key.raw),
    extensions,
    signed: isSignedBy(key.raw, algorithm, info.raw, bitsOf(signature)),
  };
}

/** The state that bytes are. */
export function requestState(bytes: Buffer): RequestState {
  try {
    const { signed, ...parts } = readRequest(bytes);
    return { ...describedRequest(parts), signed, info: { parts, bytes } };
  } catch (error) {
    return { kind: 'broken', info: { bytes, message: (error as Error).message } };
  }
}

/** A request of the parts as states have it, which need not be signed yet. */
export function describedRequest(parts: RequestParts): RequestState {
  return {
    kind: 'request',
    subject: nameText(readName(readDer(parts.subject))),
    extensions: parts.extensions.map(extensionText),
    public: fingerprints(parts.public, ['sha256'])['sha256'] ?? '',
    signed: true,
    info: { parts },
  };
}

export function requestProbe(path: string): Probe<RequestState> {
  return scriptProbe(
    `request:${path}`,
    fileScript(path),
    (answer) => {
      const file = parseFile(answer.stdout);
      return file.kind === 'file' ? requestState(file.bytes) : { kind: file.kind };
    },
    { touches: [path] },
  );
}

/** Shell text that tells the time and what is at a path: seconds, the kind, and the bytes of a file (1 MB at most). */
export function fileScript(path: string): string {
  return `p=${pathWord(path)}
date +%s
if [ ! -e "$p" ]; then echo absent; elif [ -d "$p" ] || [ ! -r "$p" ]; then echo denied; else echo file; head -c 1000000 < "$p"; fi`;
}

type ReadFile =
  | { readonly kind: 'absent' | 'denied'; readonly now: number }
  | { readonly kind: 'file'; readonly now: number; readonly bytes: Buffer };

/** What `fileScript` told. */
export function parseFile(stdout: Buffer): ReadFile {
  const first = stdout.indexOf('\n');
  const second = stdout.indexOf('\n', first + 1);
  const now = Number(stdout.subarray(0, first).toString());
  const kind = stdout.subarray(first + 1, second).toString();
  if (kind === 'file') return { kind, now, bytes: Buffer.from(stdout.subarray(second + 1)) };
  return { kind: kind === 'absent' ? 'absent' : 'denied', now };
}

/** Whether two requests or certificates have the same name. */
export function sameName(one: Buffer, other: Buffer): boolean {
  return nameMeaning(readDer(one)) === nameMeaning(readDer(other));
}

/** Fields that results have of requests and of certificates alike. `preferred`: one fingerprint is enough. */
export function infoOfParts(
  parts: RequestParts,
  encoding: NameEncoding = 'ignore',
  preferred = false,
): Record<string, unknown> {
  const subject = readName(readDer(parts.subject));
  return {
    ...nameFields('subject', subject),
    ...extensionFields(parts.extensions, encoding),
    ...keyFields(parts.public, preferred),
  };
}

/** `subject` by name, and `subject_ordered`. */
export function nameFields(what: string, parts: readonly Attribute[]): Record<string, unknown> {
  const ordered = orderedName(parts);
  return { [what]: Object.fromEntries(ordered), [`${what}_ordered`]: ordered };
}

function keyFields(spki: Buffer, preferred: boolean): Record<string, unknown> {
  const { type, data } = readPublicKey(spki);
  return {
    public_key: publicKeyPem(spki),
    public_key_type: type,
    public_key_data: data,
    public_key_fingerprints: preferred ? fingerprints(spki, ['sha256']) : fingerprints(spki),
  };
}

export function publicKeyPem(spki: Buffer): string {
  const lines = spki.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN PUBLIC KEY-----\n${lines.join('\n')}\n-----END PUBLIC KEY-----\n`;
}

function extensionFields(extensions: readonly Extension[], encoding: NameEncoding): Record<string, unknown> {
  const told = (
    name: string,
    extension: Extension | undefined,
    read: (extension: Extension) => unknown,
  ): Record<string, unknown> => ({
    [name]: extension === undefined ? null : read(extension),
    [`${name}_critical`]: extension?.critical ?? false,
  });
  const subjectKey = extensionOf(extensions, 'subjectKeyIdentifier');
  const authority = extensionOf(extensions, 'authorityKeyIdentifier');
  const { key, issuers, serial } = authority === undefined ? {} : readAuthorityKeyIdentifier(authority, encoding);
  return {
    ...told('key_usage', extensionOf(extensions, 'keyUsage'), readKeyUsage),
    ...told('extended_key_usage', extensionOf(extensions, 'extendedKeyUsage'), readExtendedKeyUsage),
    ...told('basic_constraints', extensionOf(extensions, 'basicConstraints'), readBasicConstraints),
    ...told('ocsp_must_staple', extensionOf(extensions, 'tlsFeature'), readMustStaple),
    ...told('subject_alt_name', extensionOf(extensions, 'subjectAltName'), (extension) =>
      readSubjectAltName(extension, encoding),
    ),
    subject_key_identifier: subjectKey === undefined ? null : hexPairs(readSubjectKeyIdentifier(subjectKey)),
    authority_key_identifier: key === undefined ? null : hexPairs(key),
    authority_cert_issuer: issuers ?? null,
    authority_cert_serial_number: serial === undefined ? null : whole(serial),
    extensions_by_oid: Object.fromEntries(
      extensions.map(({ oid: dotted, critical, value }) => [dotted, { critical, value: value.toString('base64') }]),
    ),
  };
}

/** What openssl_csr_info tells of a request. */
export function requestInfo(
  { parts, signed }: { readonly parts: RequestParts; readonly signed: boolean },
  encoding: NameEncoding = 'ignore',
  preferred = false,
): Record<string, unknown> {
  const constraints = extensionOf(parts.extensions, 'nameConstraints');
  const { permitted = null, excluded = null } =
    constraints === undefined ? {} : readNameConstraints(constraints, encoding);
  return {
    ...infoOfParts(parts, encoding, preferred),
    name_constraints_permitted: permitted,
    name_constraints_excluded: excluded,
    name_constraints_critical: constraints?.critical ?? false,
    signature_valid: signed,
  };
}

/** The `before` or `after` of a result's diff. */
export function requestDiff(state: RequestState): Record<string, unknown> {
  const parts = known(state.info)?.parts;
  if (state.kind === 'absent' || state.kind === 'denied') return {};
  if (parts === undefined) return { can_parse_csr: false };
  return { ...requestInfo({ parts, signed: state.signed !== false }, 'ignore', true), can_parse_csr: true };
}
