// Certificates (X.509): what one holds, what there is at a path, and the bytes that are to be signed for a new one.
import { known } from '../../core/after-apply.ts';
import { scriptProbe, type Answer, type Probe } from '../../core/probe.ts';
import {
  bitsOf,
  context,
  contextTag,
  der,
  integer,
  integerOf,
  lengthOctets,
  oidOf,
  readDer,
  readPem,
  sequence,
  TAG,
  within,
  type Der,
} from './der.ts';
import {
  extensionOf,
  extensionText,
  readAccess,
  readExtensions,
  writeExtensions,
  type Extension,
} from './extensions.ts';
import { nameText, readName, type NameEncoding } from './names.ts';
import { longName } from './oids.ts';
import { fingerprints, isSignedBy, whole } from './public-key.ts';
import { fileScript, infoOfParts, nameFields, parseFile, type RequestParts } from './request.ts';
import type { ToBeSigned } from './signing.ts';

export const CERTIFICATE_LABEL = 'CERTIFICATE';

/** What a certificate says. Times are seconds since the epoch. */
export interface CertificateParts extends RequestParts {
  readonly issuer: Buffer;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** One that is signed. */
export interface Certificate extends CertificateParts {
  /** 1 or 3. */
  readonly version: number;
  readonly serial: bigint;
  /** Identifier of the algorithm of the signature. */
  readonly algorithm: string;
  /** The whole of it, DER. */
  readonly der: Buffer;
  readonly isSignedBy: (spki: Buffer) => boolean;
}

/** What there is at a path; in a predicted one there is no certificate in `info`, and what only the signature will tell is Unknown. */
export interface CertificateState {
  readonly kind: 'absent' | 'denied' | 'broken' | 'certificate';
  readonly subject?: string;
  readonly issuer?: string;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly extensions?: readonly string[];
  /** SHA-256 of the public key. */
  readonly public?: string;
  /** Hex digits. */
  readonly serial?: string;
  readonly info?: {
    /** The clock of the host, seconds since the epoch. */
    readonly now: number;
    readonly certificate?: Certificate;
    readonly bytes?: Buffer;
    readonly message?: string;
  };
}

const SERIAL_OCTETS = 20;
/** From this year on times are written with four digits of it. */
const YEAR_2050 = Date.UTC(2050, 0) / 1000;

/** The bytes that are signed in a certificate; the serial number is a random one that the host makes. */
export function certificateToBeSigned(parts: CertificateParts, algorithm: Buffer): ToBeSigned {
  const before = Buffer.concat([context(0, true, integer(2n)), Buffer.from([TAG.integer, SERIAL_OCTETS])]);
  const after = Buffer.concat([
    algorithm,
    parts.issuer,
    sequence(writeTime(parts.notBefore), writeTime(parts.notAfter)),
    parts.subject,
    parts.public,
    ...(parts.extensions.length === 0 ? [] : [context(3, true, writeExtensions(parts.extensions))]),
  ]);
  const head = Buffer.concat([
    Buffer.from([TAG.sequence]),
    lengthOctets(before.length + SERIAL_OCTETS + after.length),
    before,
  ]);
  return [head, SERIAL_OCTETS, after];
}

function writeTime(seconds: number): Buffer {
  const text = timeText(seconds);
  return seconds < YEAR_2050
    ? der(TAG.utcTime, Buffer.from(text.slice(2)))
    : der(TAG.generalizedTime, Buffer.from(text));
}

/** `20260131235959Z`. */
export function timeText(seconds: number): string {
  return new Date(Math.floor(seconds) * 1000).toISOString().replace(/[-:T]|\.\d+/g, '');
}

function readTime(time: Der | undefined): number {
  const text = time?.content.toString('latin1') ?? '';
  const full = time?.tag === TAG.utcTime ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text;
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full) ?? [];
  if (parts.length === 0) throw new Error('the certificate has a time that is none');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

/** The certificate in the bytes (PEM, or DER where that is allowed); what is none is an error. */
function readCertificate(bytes: Buffer, allowDer = false): Certificate {
  const pem = readPem(bytes, [CERTIFICATE_LABEL, 'X509 CERTIFICATE']);
  if (pem === undefined && !allowDer) throw new Error('Unable to load PEM file: there is no certificate in it');
  return readCertificateDer(pem ?? bytes);
}

export function readCertificateDer(bytes: Buffer): Certificate {
  const [signed, algorithm, signature] = within(readDer(bytes));
  const parts = within(signed);
  const versioned = parts[0]?.tag === contextTag(0, true);
  const [serial, , issuer, validity, subject, key, ...more] = versioned ? parts.slice(1) : parts;
  if (
    signed === undefined ||
    algorithm === undefined ||
    issuer === undefined ||
    subject === undefined ||
    key === undefined
  )
    throw new Error('the certificate is cut short');
  const [notBefore, notAfter] = within(validity).map(readTime);
  const extensions = more.find(({ tag }) => tag === contextTag(3, true));
  const bits = bitsOf(signature);
  return {
    version: versioned ? Number(integerOf(readDer(parts[0]?.content ?? Buffer.alloc(0)))) + 1 : 1,
    serial: integerOf(serial),
    algorithm: oidOf(within(algorithm)[0]),
    issuer: Buffer.from(issuer.raw),
    notBefore: notBefore ?? 0,
    notAfter: notAfter ?? 0,
    subject: Buffer.from(subject.raw),
    public: Buffer.from(key.raw),
    extensions: extensions === undefined ? [] : readExtensions(readDer(extensions.content)),
    der: bytes,
    isSignedBy: (spki) => isSignedBy(spki, algorithm, signed.raw, bits),
  };
}

/** The state that bytes are, as the host's clock has `now`. */
export function certificateState(bytes: Buffer, now: number, allowDer = false): CertificateState {
  try {
    const certificate = readCertificate(bytes, allowDer);
    return {
      ...describedCertificate(certificate),
      serial: certificate.serial.toString(16),
      info: { now, certificate, bytes },
    };
  } catch (error) {
    return { kind: 'broken', info: { now, bytes, message: (error as Error).message } };
  }
}

/** What is known of a certificate before it is signed. */
export function describedCertificate(parts: CertificateParts): CertificateState {
  return {
    kind: 'certificate',
    subject: nameText(readName(readDer(parts.subject))),
    issuer: nameText(readName(readDer(parts.issuer))),
    notBefore: timeText(parts.notBefore),
    notAfter: timeText(parts.notAfter),
    extensions: parts.extensions.map(extensionText),
    public: fingerprints(parts.public, ['sha256'])['sha256'] ?? '',
  };
}

export function certificateProbe(path: string, allowDer = false): Probe<CertificateState> {
  return scriptProbe(`certificate:${path}`, fileScript(path), (answer) => parseCertificate(answer, allowDer), {
    touches: [path],
  });
}

/** What `fileScript` told of a certificate. */
export function parseCertificate(answer: Answer, allowDer = false): CertificateState {
  const file = parseFile(answer.stdout);
  return file.kind === 'file'
    ? certificateState(file.bytes, file.now, allowDer)
    : { kind: file.kind, info: { now: file.now } };
}

const [OCSP, CA_ISSUERS] = ['1.3.6.1.5.5.7.48.1', '1.3.6.1.5.5.7.48.2'];

/** What x509_certificate_info tells of a certificate. */
export function certificateInfo(
  certificate: Certificate,
  now: number,
  encoding: NameEncoding = 'ignore',
  preferred = false,
): Record<string, unknown> {
  const access = extensionOf(certificate.extensions, 'authorityInfoAccess');
  const uri = (kind: string, extension: Extension | undefined): string | null =>
    extension === undefined ? null : readAccess(extension, kind);
  return {
    signature_algorithm: longName(certificate.algorithm),
    ...infoOfParts(certificate, encoding, preferred),
    ...nameFields('issuer', readName(readDer(certificate.issuer))),
    version: certificate.version,
    not_before: timeText(certificate.notBefore),
    not_after: timeText(certificate.notAfter),
    expired: certificate.notAfter < now,
    fingerprints: preferred ? fingerprints(certificate.der, ['sha256']) : fingerprints(certificate.der),
    serial_number: whole(certificate.serial),
    ocsp_uri: uri(OCSP, access),
    issuer_uri: uri(CA_ISSUERS, access),
  };
}

/** The `before` or `after` of a result's diff. */
export function certificateDiff(state: CertificateState): Record<string, unknown> {
  if (state.kind === 'absent' || state.kind === 'denied') return {};
  const info = known(state.info);
  if (info?.certificate !== undefined)
    return { ...certificateInfo(info.certificate, info.now, 'ignore', true), can_parse_certificate: true };
  if (state.kind === 'broken') return { can_parse_certificate: false };
  const { kind: _kind, info: _info, ...described } = state;
  return { ...described, can_parse_certificate: true };
}
