// What a user wishes of a request: the arguments that openssl_csr and openssl_csr_pipe share, the request that they mean, and whether another is as good.
import { z } from 'zod';
import { bool, choice, dict, field, int, list, raw, str } from '../../core/args.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  crlDistributionPoints,
  CRL_REASONS,
  extendedKeyUsage,
  extensionText,
  keyUsage,
  mustStaple,
  nameConstraints,
  OIDS,
  subjectAltName,
  subjectKeyIdentifier,
  type Extension,
} from './extensions.ts';
import { attribute, readName, writeName, type Attribute } from './names.ts';
import { readDer } from './der.ts';
import { keySource, privateKeyArgs, type PrivateKey } from './private-key.ts';
import { keyIdentifier } from './public-key.ts';
import type { RequestParts } from './request.ts';
import { digestProblem, signatureAlgorithm, type SignedBy } from './signing.ts';

const texts = (...aliases: string[]) => field(list(str()).optional(), { aliases });
const flag = (...aliases: string[]) => field(bool().default(false), { aliases });

export const requestArgs = {
  ...privateKeyArgs,
  digest: str().default('sha256').describe('Digest of the signature: sha256, sha384 or sha512.'),
  version: int().default(1).describe('Only 1.'),
  subject: dict(raw())
    .optional()
    .describe('The name that is asked for, by its parts; a list is several parts of one kind.'),
  subject_ordered: list(raw())
    .optional()
    .describe('The same as a list of dictionaries of one part each, where the order counts.'),
  country_name: field(str().optional(), { aliases: ['C', 'countryName'] }).describe('Country, two letters.'),
  state_or_province_name: field(str().optional(), { aliases: ['ST', 'stateOrProvinceName'] }).describe('State.'),
  locality_name: field(str().optional(), { aliases: ['L', 'localityName'] }).describe('Place.'),
  organization_name: field(str().optional(), { aliases: ['O', 'organizationName'] }).describe('Organization.'),
  organizational_unit_name: field(str().optional(), { aliases: ['OU', 'organizationalUnitName'] }).describe(
    'Unit of the organization.',
  ),
  common_name: field(str().optional(), { aliases: ['CN', 'commonName'] }).describe('Common name.'),
  email_address: field(str().optional(), { aliases: ['E', 'emailAddress'] }).describe('Address of mail.'),
  subject_alt_name: texts('subjectAltName').describe(
    'Alternative names: DNS:www.example.org, IP:127.0.0.1, email:, URI:, RID:, dirName:, otherName:.',
  ),
  subject_alt_name_critical: flag('subjectAltName_critical').describe('They must be understood.'),
  use_common_name_for_san: field(bool().default(true), { aliases: ['useCommonNameForSAN'] }).describe(
    'The common name is an alternative name where there is no other.',
  ),
  key_usage: texts('keyUsage').describe('What the key may be used for: digitalSignature, keyCertSign, ...'),
  key_usage_critical: flag('keyUsage_critical').describe('It must be understood.'),
  extended_key_usage: texts('extKeyUsage', 'extendedKeyUsage').describe('Further uses: serverAuth, clientAuth, ...'),
  extended_key_usage_critical: flag('extKeyUsage_critical', 'extendedKeyUsage_critical').describe(
    'They must be understood.',
  ),
  basic_constraints: texts('basicConstraints').describe('CA:TRUE or CA:FALSE, and pathlen:1.'),
  basic_constraints_critical: flag('basicConstraints_critical').describe('They must be understood.'),
  ocsp_must_staple: flag('ocspMustStaple').describe('Servers must show that the certificate is not revoked.'),
  ocsp_must_staple_critical: flag('ocspMustStaple_critical').describe('It must be understood.'),
  name_constraints_permitted: list(str()).optional().describe('Names that the authority may sign for.'),
  name_constraints_excluded: list(str()).optional().describe('Names that it may not sign for.'),
  name_constraints_critical: bool().default(false).describe('They must be understood.'),
  create_subject_key_identifier: bool().default(false).describe('Tell the digest of the public key.'),
  subject_key_identifier: str().optional().describe('Or an identifier of it, hex digits with colons between.'),
  authority_key_identifier: str().optional().describe("Identifier of the authority's key, hex digits."),
  authority_cert_issuer: list(str()).optional().describe("Names of the issuer of the authority's certificate."),
  authority_cert_serial_number: raw().optional().describe('Its serial number.'),
  crl_distribution_points: list(
    z.strictObject({
      full_name: list(str()).optional(),
      relative_name: list(str()).optional(),
      crl_issuer: list(str()).optional(),
      reasons: list(choice(...(CRL_REASONS as unknown as [string, ...string[]]))).optional(),
    }),
  )
    .optional()
    .describe('Where it is told what is revoked: full_name or relative_name, crl_issuer, reasons.'),
  select_crypto_backend: choice('auto', 'cryptography')
    .default('auto')
    .describe('Both mean vbx itself, and openssl of the host for the signature.'),
};
export type RequestArgs = z.output<z.ZodObject<typeof requestArgs>>;

/** What is wrong with the arguments, whatever the key. */
export function requestProblem(given: RequestArgs): string | undefined {
  if (given.privatekey_path !== undefined && given.privatekey_content !== undefined)
    return 'parameters are mutually exclusive: privatekey_path|privatekey_content';
  if (given.subject !== undefined && given.subject_ordered !== undefined)
    return 'parameters are mutually exclusive: subject|subject_ordered';
  if (given.version !== 1) return `value of version must be one of: 1, got: ${given.version}`;
  if ((given.authority_cert_issuer === undefined) !== (given.authority_cert_serial_number === undefined))
    return 'parameters are required together: authority_cert_issuer, authority_cert_serial_number';
  for (const { full_name, relative_name, crl_issuer } of given.crl_distribution_points ?? []) {
    if (full_name !== undefined && relative_name !== undefined)
      return 'parameters are mutually exclusive: full_name|relative_name found in crl_distribution_points';
    if (full_name === undefined && relative_name === undefined && crl_issuer === undefined)
      return 'one of the following is required: full_name, relative_name, crl_issuer found in crl_distribution_points';
  }
  if (given.create_subject_key_identifier && given.subject_key_identifier !== undefined)
    return 'subject_key_identifier cannot be specified if create_subject_key_identifier is true';
  try {
    wishedName(given);
    wishedExtensions(given, Buffer.alloc(20));
  } catch (error) {
    return (error as Error).message;
  }
  return digestProblem(given.digest);
}

/** Pairs as the user wrote them. */
function wishedSubject(given: RequestArgs): [string, string][] {
  const fields: [string, string | undefined][] = [
    ['C', given.country_name],
    ['ST', given.state_or_province_name],
    ['L', given.locality_name],
    ['O', given.organization_name],
    ['OU', given.organizational_unit_name],
    ['CN', given.common_name],
    ['emailAddress', given.email_address],
  ];
  const single = fields.flatMap(([name, value]): [string, string][] =>
    value === undefined || value === '' ? [] : [[name, value]],
  );
  const subject = [
    ...single,
    ...Object.entries(given.subject ?? {}).flatMap(([name, value]) => pairs(name, value, 'subject')),
  ];
  const ordered = given.subject_ordered ?? [];
  if (ordered.length === 0) return subject;
  if (subject.length > 0) throw new Error('subject_ordered cannot be combined with any other subject field');
  return ordered.flatMap((entry, index) => {
    const parts = entry !== null && typeof entry === 'object' ? Object.entries(entry) : [];
    const [only] = parts;
    if (only === undefined || parts.length > 1)
      throw new Error(`Entry #${index + 1} in subject_ordered must be a dictionary with exactly one key-value pair`);
    try {
      return pairs(...only, 'subject_ordered');
    } catch (error) {
      throw new Error(`Error while processing entry #${index + 1} in subject_ordered: ${(error as Error).message}`, {
        cause: error,
      });
    }
  });
}

function pairs(name: string, value: unknown, where: string): [string, string][] {
  if (Array.isArray(value))
    return value.map((item: unknown) => {
      if (typeof item !== 'string') throw new Error(`Values ${name} in ${where} must be strings`);
      if (item === '') throw new Error(`Values for ${name} in ${where} must not be empty strings`);
      return [name, item];
    });
  if (typeof value !== 'string')
    throw new Error(`Value for ${name} in ${where} must be either a string or a list of strings`);
  if (value === '') throw new Error(`Value for ${name} in ${where} must not be an empty string`);
  return [[name, value]];
}

const wishedName = (given: RequestArgs): Attribute[] =>
  wishedSubject(given).map(([name, value]) => attribute(name, value));

/** The alternative names: those given, or else the common name. */
function wishedAltNames(given: RequestArgs): string[] | null {
  if (given.subject_alt_name !== undefined && given.subject_alt_name.length > 0) return given.subject_alt_name;
  const common = given.use_common_name_for_san
    ? wishedSubject(given).find(([name]) => name === 'commonName' || name === 'CN')?.[1]
    : undefined;
  return common === undefined ? (given.subject_alt_name ?? null) : [`DNS:${common}`];
}

function wishedExtensions(given: RequestArgs, ownKey: Buffer): Extension[] {
  const some = (names: readonly string[] | null | undefined): readonly string[] | undefined =>
    names === null || names === undefined || names.length === 0 ? undefined : names;
  const [alt, usage, extended, basic] = [
    wishedAltNames(given),
    given.key_usage,
    given.extended_key_usage,
    given.basic_constraints,
  ].map(some);
  const [permitted, excluded] = [given.name_constraints_permitted ?? [], given.name_constraints_excluded ?? []];
  const own = given.create_subject_key_identifier
    ? ownKey
    : hexArgument('subject_key_identifier', given.subject_key_identifier);
  const authority = hexArgument('authority_key_identifier', given.authority_key_identifier);
  const points = given.crl_distribution_points ?? [];
  return [
    alt === undefined ? undefined : subjectAltName(alt, given.subject_alt_name_critical),
    usage === undefined ? undefined : keyUsage(usage, given.key_usage_critical),
    extended === undefined ? undefined : extendedKeyUsage(extended, given.extended_key_usage_critical),
    basic === undefined ? undefined : basicConstraints(basic, given.basic_constraints_critical),
    given.ocsp_must_staple ? mustStaple(given.ocsp_must_staple_critical) : undefined,
    permitted.length + excluded.length === 0
      ? undefined
      : nameConstraints(permitted, excluded, given.name_constraints_critical),
    own === undefined ? undefined : subjectKeyIdentifier(own),
    authority === undefined && given.authority_cert_issuer === undefined
      ? undefined
      : authorityKeyIdentifier(authority, given.authority_cert_issuer, serialOf(given.authority_cert_serial_number)),
    points.length === 0 ? undefined : crlDistributionPoints(points),
  ].filter((extension) => extension !== undefined);
}

function hexArgument(name: string, written: string | undefined): Buffer | undefined {
  if (written === undefined) return undefined;
  const digits = written.replaceAll(':', '');
  if (!/^([0-9a-fA-F]{2})*$/.test(digits))
    throw new Error(
      `Cannot parse ${name}: ${digits.length % 2 === 1 ? 'Odd-length string' : 'Non-hexadecimal digit found'}`,
    );
  return Buffer.from(digits, 'hex');
}

/** Serial numbers are larger than what is an int elsewhere. */
function serialOf(written: unknown): bigint | undefined {
  if (written === undefined || written === null) return undefined;
  const number =
    typeof written === 'number' || typeof written === 'bigint' || typeof written === 'string' ? String(written) : '';
  if (!/^\s*[+-]?\d+\s*$/.test(number)) throw new Error('authority_cert_serial_number must be an integer');
  return BigInt(number.trim().replace(/^\+/, ''));
}

/** The request that is wished for a public key (DER). */
export function wishedRequest(given: RequestArgs, spki: Buffer): RequestParts {
  return {
    subject: writeName(wishedName(given)),
    public: spki,
    extensions: wishedExtensions(given, keyIdentifier(spki)),
  };
}

/** What can be told of the wish before the key is there. */
export function foretoldRequest(given: RequestArgs): {
  readonly name: readonly Attribute[];
  readonly extensions: readonly string[] | undefined;
} {
  return {
    name: wishedName(given),
    extensions: given.create_subject_key_identifier
      ? undefined
      : wishedExtensions(given, Buffer.alloc(0)).map(extensionText),
  };
}

/** The extensions that a request is judged by; others in it are left alone. */
const JUDGED: ReadonlySet<string> = new Set(
  Object.values(OIDS).filter((dotted) => dotted !== OIDS.authorityInfoAccess),
);

/** Whether the request that is there is as good as the one that is wished. */
export function requestFits(
  given: RequestArgs,
  wish: RequestParts,
  there: RequestParts & { readonly signed: boolean },
): boolean {
  const parts = (name: Buffer): string[] => readName(readDer(name)).map((part) => JSON.stringify(part));
  const ordered = (given.subject_ordered ?? []).length > 0;
  const [names, present] = [parts(wish.subject), parts(there.subject)];
  const sameSubject = ordered
    ? names.join('\n') === present.join('\n')
    : new Set(names).symmetricDifference(new Set(present)).size === 0;
  const judged = ({ extensions }: RequestParts): Set<string> =>
    new Set(extensions.filter((extension) => JUDGED.has(extension.oid)).map(extensionText));
  return (
    sameSubject &&
    judged(wish).symmetricDifference(judged(there)).size === 0 &&
    there.signed &&
    wish.public.equals(there.public)
  );
}

/** Who signs the request, and how. */
export function requestSigner(given: RequestArgs, key: PrivateKey): SignedBy {
  return {
    source: keySource(given) ?? {},
    type: key.type,
    digest: given.digest,
    algorithm: signatureAlgorithm(key.type, given.digest),
  };
}

/** Fields of results that repeat the wish. */
export function requestFields(given: RequestArgs): Record<string, unknown> {
  return {
    privatekey: given.privatekey_path ?? null,
    subject: wishedSubject(given),
    subjectAltName: wishedAltNames(given),
    keyUsage: given.key_usage ?? null,
    extendedKeyUsage: given.extended_key_usage ?? null,
    basicConstraints: given.basic_constraints ?? null,
    ocspMustStaple: given.ocsp_must_staple,
    name_constraints_permitted: given.name_constraints_permitted ?? [],
    name_constraints_excluded: given.name_constraints_excluded ?? [],
  };
}
