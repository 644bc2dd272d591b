// Extensions of certificates and of requests for them: how playbooks write them, what they hold, and when two say the same.
import {
  bits,
  contentOfTag,
  context,
  contextTag,
  der,
  integer,
  integerOf,
  oid,
  oidOf,
  readDer,
  sequence,
  TAG,
  TRUE,
  within,
  type Der,
} from './der.ts';
import { longName, oidNamed } from './oids.ts';
import { readGeneralNames, writeGeneralName, writeRelativeName, type NameEncoding } from './names.ts';

export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  /** DER of its value. */
  readonly value: Buffer;
}

export const OIDS = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  tlsFeature: '1.3.6.1.5.5.7.1.24',
} as const;

/** By bit: how playbooks write a usage, and how results tell it. */
const USAGES: readonly (readonly [written: string, told: string])[] = [
  ['digitalSignature', 'Digital Signature'],
  ['nonRepudiation', 'Non Repudiation'],
  ['keyEncipherment', 'Key Encipherment'],
  ['dataEncipherment', 'Data Encipherment'],
  ['keyAgreement', 'Key Agreement'],
  ['keyCertSign', 'Certificate Sign'],
  ['cRLSign', 'CRL Sign'],
  ['encipherOnly', 'Encipher Only'],
  ['decipherOnly', 'Decipher Only'],
];
const KEY_AGREEMENT = 4;
/** `status_request` of TLS, which makes a certificate one that must come with a staple. */
const STATUS_REQUEST = 5n;
const REASONS = [
  'unused',
  'key_compromise',
  'ca_compromise',
  'affiliation_changed',
  'superseded',
  'cessation_of_operation',
  'certificate_hold',
  'privilege_withdrawn',
  'aa_compromise',
] as const;

// How they are written.

export const subjectAltName = (names: readonly string[], critical: boolean): Extension => ({
  oid: OIDS.subjectAltName,
  critical,
  value: sequence(...names.map((name) => writeGeneralName(name))),
});

export function keyUsage(usages: readonly string[], critical: boolean): Extension {
  const set = usages.map((usage) => {
    const bit = USAGES.findIndex((names) => names.includes(usage));
    if (bit < 0) throw new Error(`Unknown key usage "${usage}"`);
    return bit;
  });
  if (set.some((bit) => bit > 6) && !set.includes(KEY_AGREEMENT))
    throw new Error('encipher_only and decipher_only can only be true when key_agreement is true');
  return { oid: OIDS.keyUsage, critical, value: bitSet(set) };
}

/** Named bits as DER wants them: without the octets and bits at the end that are not set. */
function bitSet(set: readonly number[], tag?: number): Buffer {
  const last = Math.max(...set, -1);
  const octets = Buffer.alloc(Math.floor(last / 8) + 1);
  for (const bit of set) octets.writeUInt8(octets.readUInt8(bit >> 3) | (0x80 >> (bit & 7)), bit >> 3);
  const unused = last < 0 ? 0 : 7 - (last % 8);
  return tag === undefined ? bits(octets, unused) : der(tag, Buffer.from([unused]), octets);
}

export const extendedKeyUsage = (usages: readonly string[], critical: boolean): Extension => ({
  oid: OIDS.extendedKeyUsage,
  critical,
  value: sequence(...usages.map((usage) => oid(oidNamed(usage)))),
});

export function basicConstraints(constraints: readonly string[], critical: boolean): Extension {
  let ca = false;
  let path: bigint | undefined;
  for (const constraint of constraints) {
    const [, name, value = ''] = /^(CA|pathlen):(.*)$/s.exec(constraint) ?? [];
    if (name === undefined) throw new Error(`Unknown basic constraint "${constraint}"`);
    if (name === 'CA') {
      if (value !== 'TRUE' && value !== 'FALSE') throw new Error(`Unknown basic constraint value "${value}" for CA`);
      ca = value === 'TRUE';
    } else {
      if (!/^\s*[+-]?\d+\s*$/.test(value))
        throw new Error(
          `Cannot parse path length constraint "${value}" (invalid literal for int() with base 10: '${value}')`,
        );
      path = BigInt(value.trim().replace(/^\+/, ''));
    }
  }
  if (path !== undefined && !ca) throw new Error('path_length must be None when ca is False');
  if (path !== undefined && path < 0n) throw new Error('path_length must be a non-negative integer or None');
  return {
    oid: OIDS.basicConstraints,
    critical,
    value: sequence(...(ca ? [TRUE] : []), ...(path === undefined ? [] : [integer(path)])),
  };
}

export const mustStaple = (critical: boolean): Extension => ({
  oid: OIDS.tlsFeature,
  critical,
  value: sequence(integer(STATUS_REQUEST)),
});

export function nameConstraints(
  permitted: readonly string[],
  excluded: readonly string[],
  critical: boolean,
): Extension {
  const subtrees = (tag: number, names: readonly string[], what: string): Buffer[] =>
    names.length === 0 ? [] : [context(tag, true, ...names.map((name) => sequence(writeGeneralName(name, what))))];
  return {
    oid: OIDS.nameConstraints,
    critical,
    value: sequence(
      ...subtrees(0, permitted, 'name constraints permitted'),
      ...subtrees(1, excluded, 'name constraints excluded'),
    ),
  };
}

export const subjectKeyIdentifier = (digest: Uint8Array): Extension => ({
  oid: OIDS.subjectKeyIdentifier,
  critical: false,
  value: der(TAG.octets, digest),
});

export function authorityKeyIdentifier(
  key: Uint8Array | undefined,
  issuers: readonly string[] | undefined,
  serial: bigint | undefined,
): Extension {
  return {
    oid: OIDS.authorityKeyIdentifier,
    critical: false,
    value: sequence(
      ...(key === undefined ? [] : [context(0, false, key)]),
      ...(issuers === undefined
        ? []
        : [context(1, true, ...issuers.map((name) => writeGeneralName(name, 'authority cert issuer')))]),
      ...(serial === undefined ? [] : [context(2, false, contentOfTag(readDer(integer(serial)), TAG.integer))]),
    ),
  };
}

/** A point that tells of revocations, as playbooks write it. */
interface DistributionPoint {
  readonly full_name?: readonly string[] | undefined;
  readonly relative_name?: readonly string[] | undefined;
  readonly crl_issuer?: readonly string[] | undefined;
  readonly reasons?: readonly string[] | undefined;
}

export function crlDistributionPoints(points: readonly DistributionPoint[]): Extension {
  const written = points.map((point, index) => {
    try {
      return distributionPoint(point);
    } catch (error) {
      throw new Error(`Error while parsing CRL distribution point #${index}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  });
  return { oid: OIDS.crlDistributionPoints, critical: false, value: sequence(...written) };
}

function distributionPoint({ full_name, relative_name, crl_issuer, reasons }: DistributionPoint): Buffer {
  for (const [name, value] of Object.entries({ full_name, relative_name, crl_issuer }))
    if (value?.length === 0) throw new Error(`${name} must not be empty`);
  const names = (tag: number, list: readonly string[], what: string): Buffer =>
    context(tag, true, ...list.map((name) => writeGeneralName(name, what)));
  const place =
    full_name !== undefined
      ? [context(0, true, names(0, full_name, 'full name'))]
      : relative_name !== undefined
        ? [context(0, true, writeRelativeName(relative_name, contextTag(1, true)))]
        : [];
  return sequence(
    ...place,
    ...(reasons === undefined
      ? []
      : [
          bitSet(
            reasons.map((reason) => REASONS.findIndex((known) => known === reason)),
            contextTag(1, false),
          ),
        ]),
    ...(crl_issuer === undefined ? [] : [names(2, crl_issuer, 'CRL issuer')]),
  );
}

export const CRL_REASONS = REASONS.slice(1);

// How they stand in certificates.

/** The extensions as the sequence that certificates and requests hold. */
export function writeExtensions(extensions: readonly Extension[]): Buffer {
  return sequence(
    ...extensions.map((extension) =>
      sequence(oid(extension.oid), ...(extension.critical ? [TRUE] : []), der(TAG.octets, extension.value)),
    ),
  );
}

export function readExtensions(list: Der): Extension[] {
  return within(list).map((extension) => {
    const [kind, second, third] = within(extension);
    const critical = second?.tag === TAG.boolean;
    return {
      oid: oidOf(kind),
      critical: critical && contentOfTag(second, TAG.boolean)[0] !== 0,
      value: Buffer.from(contentOfTag(critical ? third : second, TAG.octets)),
    };
  });
}

export function extensionOf(extensions: readonly Extension[], kind: keyof typeof OIDS): Extension | undefined {
  return extensions.find((extension) => extension.oid === OIDS[kind]);
}

const partsOf = (extension: Extension): Der[] => within(readDer(extension.value));

/** The names of usages, sorted as results have them. */
export function readKeyUsage(extension: Extension): string[] {
  const octets = contentOfTag(readDer(extension.value), TAG.bits).subarray(1);
  const set = USAGES.flatMap(([, told], bit) => (((octets[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) === 0 ? [] : [told]));
  return (set.includes('Key Agreement') ? set : set.filter((told) => !told.endsWith(' Only'))).toSorted(byCodePoint);
}

const byCodePoint = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function readExtendedKeyUsage(extension: Extension): string[] {
  return partsOf(extension)
    .map((usage) => longName(oidOf(usage)))
    .toSorted(byCodePoint);
}

export function readBasicConstraints(extension: Extension): string[] {
  const parts = partsOf(extension);
  const ca = parts.some((part) => part.tag === TAG.boolean && part.content[0] !== 0);
  const path = parts.find((part) => part.tag === TAG.integer);
  return [`CA:${ca ? 'TRUE' : 'FALSE'}`, ...(path === undefined ? [] : [`pathlen:${integerOf(path)}`])];
}

export function readMustStaple(extension: Extension): boolean {
  return partsOf(extension).some((feature) => integerOf(feature) === STATUS_REQUEST);
}

export function readSubjectAltName(extension: Extension, encoding: NameEncoding = 'ignore'): string[] {
  return readGeneralNames(partsOf(extension), encoding);
}

export function readNameConstraints(
  extension: Extension,
  encoding: NameEncoding = 'ignore',
): { readonly permitted: string[]; readonly excluded: string[] } {
  const subtrees = (tag: number): string[] =>
    partsOf(extension)
      .filter((part) => part.tag === contextTag(tag, true))
      .flatMap((part) => within(part, part.tag))
      .flatMap((subtree) => readGeneralNames(within(subtree).slice(0, 1), encoding));
  return { permitted: subtrees(0), excluded: subtrees(1) };
}

export function readSubjectKeyIdentifier(extension: Extension): Buffer {
  return contentOfTag(readDer(extension.value), TAG.octets);
}

interface AuthorityKey {
  readonly key?: Buffer;
  readonly issuers?: string[];
  readonly serial?: bigint;
}
export function readAuthorityKeyIdentifier(extension: Extension, encoding: NameEncoding = 'ignore'): AuthorityKey {
  const [key, issuers, serial] = [contextTag(0, false), contextTag(1, true), contextTag(2, false)].map((tag) =>
    partsOf(extension).find((part) => part.tag === tag),
  );
  return {
    ...(key === undefined ? {} : { key: key.content }),
    ...(issuers === undefined ? {} : { issuers: readGeneralNames(within(issuers, issuers.tag), encoding) }),
    ...(serial === undefined ? {} : { serial: integerOf(serial, serial.tag) }),
  };
}

/** The address of the first access of a kind (`1.3.6.1.5.5.7.48.1`: OCSP) that is a URI. */
export function readAccess(extension: Extension, kind: string): string | null {
  for (const access of partsOf(extension)) {
    const [method, place] = within(access);
    if (oidOf(method) === kind && place?.tag === contextTag(6, false)) return place.content.toString('utf8');
  }
  return null;
}

/** What an extension says, for people and to compare: two with the same text need not have the same bytes. */
export function extensionText(extension: Extension): string {
  const critical = extension.critical ? ' (critical)' : '';
  try {
    return `${longName(extension.oid)}${critical}: ${valueText(extension)}`;
  } catch {
    return `${longName(extension.oid)}${critical}: ${extension.value.toString('hex')}`;
  }
}

function valueText(extension: Extension): string {
  const list = (names: readonly string[]): string => [...new Set(names)].toSorted(byCodePoint).join(', ');
  switch (extension.oid) {
    case OIDS.subjectAltName:
      return list(readSubjectAltName(extension));
    case OIDS.keyUsage:
      return list(readKeyUsage(extension));
    case OIDS.extendedKeyUsage:
      return list(readExtendedKeyUsage(extension));
    case OIDS.basicConstraints:
      return list(readBasicConstraints(extension));
    case OIDS.tlsFeature:
      return readMustStaple(extension) ? 'status_request' : 'none that is known';
    case OIDS.nameConstraints: {
      const { permitted, excluded } = readNameConstraints(extension);
      return `permitted ${list(permitted)}; excluded ${list(excluded)}`;
    }
    case OIDS.subjectKeyIdentifier:
      return readSubjectKeyIdentifier(extension).toString('hex');
    case OIDS.authorityKeyIdentifier: {
      const { key, issuers, serial } = readAuthorityKeyIdentifier(extension);
      return `key ${key?.toString('hex') ?? 'none'}, issuers ${issuers?.join(', ') ?? 'none'}, serial ${serial ?? 'none'}`;
    }
    default:
      return extension.value.toString('hex');
  }
}
