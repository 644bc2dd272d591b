// Signed objects (requests, certificates): the controller says what is to be signed, and the host's openssl signs it, so that a private key stays where it is.
import { quote } from '../../core/quote.ts';
import { der, oid, sequence, TAG } from './der.ts';
import { withKey, type KeySource } from './private-key.ts';

/** The digests that signatures are made with. */
const SIGNING_DIGESTS = ['sha256', 'sha384', 'sha512'] as const;

const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  RSA: ['1.2.840.113549.1.1.11', '1.2.840.113549.1.1.12', '1.2.840.113549.1.1.13'],
  ECC: ['1.2.840.10045.4.3.2', '1.2.840.10045.4.3.3', '1.2.840.10045.4.3.4'],
  DSA: ['2.16.840.1.101.3.4.3.2', '2.16.840.1.101.3.4.3.3', '2.16.840.1.101.3.4.3.4'],
  Ed25519: ['1.3.101.112'],
  Ed448: ['1.3.101.113'],
};

const digestsItself = (type: string): boolean => type === 'Ed25519' || type === 'Ed448';

/** Why signatures by a digest cannot be made, if that is so. */
export function digestProblem(digest: string): string | undefined {
  if (SIGNING_DIGESTS.some((known) => known === digest)) return undefined;
  return digest === 'sha1' || digest === 'md5'
    ? `Hash algorithm "${digest}" not supported for signatures`
    : `Unsupported digest "${digest}"`;
}

/** The algorithm of a signature by a key of the type. */
export function signatureAlgorithm(type: string, digest: string): Buffer {
  const ofType = ALGORITHMS[type] ?? [];
  const named = ofType[digestsItself(type) ? 0 : SIGNING_DIGESTS.findIndex((known) => known === digest)];
  if (named === undefined) throw new Error(`keys of type ${type} cannot sign with ${digest}`);
  return sequence(oid(named), ...(type === 'RSA' ? [der(TAG.null)] : []));
}

/** Bytes to be signed; where a number stands, as many random octets of the host's do (from 0x41 on, so that they are a positive number). */
export type ToBeSigned = readonly (Buffer | number)[];

/** The key that signs, and how it does. */
export interface SignedBy {
  readonly source: KeySource;
  readonly type: string;
  readonly digest: string;
  /** DER. */
  readonly algorithm: Buffer;
}

/** Shell text that writes the signed object as PEM to `"$t/new"`, in a folder `$t` of its own. */
export function signCommand(toBeSigned: ToBeSigned, label: string, by: SignedBy): string {
  const sign = withKey(by.source, (file, passphrase) =>
    digestsItself(by.type)
      ? `openssl pkeyutl -sign -rawin -inkey ${file} ${passphrase} -in "$t/tbs" -out "$t/signature"`
      : `openssl dgst -${by.digest} -sign ${file} ${passphrase} -out "$t/signature" "$t/tbs"`,
  );
  return `vbx_bytes() { printf '%s\\n' "$@" | openssl base64 -d; }
vbx_head() {
  if [ "$2" -lt 128 ]; then printf "\\\\$1\\\\$(printf %03o "$2")"
  elif [ "$2" -lt 256 ]; then printf "\\\\$1\\\\201\\\\$(printf %03o "$2")"
  else printf "\\\\$1\\\\202\\\\$(printf %03o $(($2 / 256)))\\\\$(printf %03o $(($2 % 256)))"; fi
}
vbx_size() { wc -c < "$1"; }
{ ${toBeSigned.map(bytesCommand).join(' && ')}; } > "$t/tbs" &&
${sign} &&
{ ${bytesCommand(by.algorithm)} && vbx_head 003 $(($(vbx_size "$t/signature") + 1)) && printf '\\000' && cat "$t/signature"; } > "$t/rest" &&
{ vbx_head 060 $(($(vbx_size "$t/tbs") + $(vbx_size "$t/rest"))) && cat "$t/tbs" "$t/rest"; } > "$t/der" &&
{ echo ${quote(`-----BEGIN ${label}-----`)} && openssl base64 -in "$t/der" && echo ${quote(`-----END ${label}-----`)}; } > "$t/new"`;
}

function bytesCommand(part: Buffer | number): string {
  if (typeof part === 'number') return `printf A && openssl rand ${part - 1}`;
  const lines = part.toString('base64').match(/.{1,64}/g) ?? [];
  return lines.length === 0 ? ':' : `vbx_bytes ${lines.join(' ')}`;
}
