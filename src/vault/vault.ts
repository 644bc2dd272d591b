// Vault text with its secrets: `$ANSIBLE_VAULT;1.1;AES256` and `;1.2;AES256;LABEL`. What is decrypted is told to the run's register of secrets.
import { randomBytes } from 'node:crypto';
import { VbxError } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';
import type { Secrets } from '../core/secrets.ts';
import { decrypt, encrypt, parseBody } from './cipher.ts';

export const DEFAULT_VAULT_ID = 'default';
const HEADER = '$ANSIBLE_VAULT';

/** A password with the label of its vault id. */
export interface VaultSecret {
  readonly id: string;
  readonly password: Buffer;
}

/** Encrypted text that cannot be opened, or a secret that cannot be had. */
export class VaultError extends VbxError {}

export interface VaultOptions {
  /** Only a secret with the label of the text may open it (setting vault_id_match). */
  readonly matchIds?: boolean | undefined;
  readonly secrets?: Secrets | undefined;
}

export function isEncrypted(data: string | Buffer): boolean {
  return typeof data === 'string'
    ? data.startsWith(HEADER)
    : data.subarray(0, HEADER.length).toString('latin1') === HEADER;
}

export interface Decrypted {
  readonly plain: Buffer;
  /** The secret that opened it. */
  readonly secret: VaultSecret;
  /** The label in the text's header; `default` where it has none. */
  readonly id: string;
}

/** Opens vault text with the secrets it holds: the one with the text's label first, then all others in their order. */
export class Vault {
  readonly secrets: readonly VaultSecret[];
  readonly #options: VaultOptions;
  readonly #opened = new Set<string>();
  constructor(secrets: readonly VaultSecret[], options: VaultOptions = {}) {
    this.secrets = secrets;
    this.#options = options;
  }

  /** The text that is encrypted, as UTF-8. Throws a `VaultError` that says which secret is missing. */
  decrypt(text: string, origin?: Origin): string {
    const { plain } = this.open(text, origin);
    const decrypted = plain.toString('utf8');
    this.#options.secrets?.add(decrypted);
    this.#opened.add(decrypted);
    return decrypted;
  }

  /** Whether a text is one that was encrypted: values carry no mark of where they come from, so it goes by what they are. */
  hasOpened(text: string): boolean {
    return this.#opened.has(text);
  }

  /** The bytes that are encrypted. Throws a `VaultError`. */
  open(text: string, origin?: Origin): Decrypted {
    const { id, body } = parseEnvelope(text, origin);
    if (this.secrets.length === 0)
      throw new VaultError('this is encrypted and no vault secret was given', {
        origin,
        hint: 'give one with --vault-password-file, --vault-id or --ask-vault-pass',
      });
    const parts = parseBody(body);
    if (parts === undefined) throw new VaultError('the encrypted text is damaged', { origin });
    const labelled = this.secrets.filter((secret) => secret.id === id);
    const candidates =
      this.#options.matchIds === true ? labelled : [...labelled, ...this.secrets.filter((secret) => secret.id !== id)];
    for (const secret of candidates) {
      const plain = decrypt(parts, secret.password);
      if (plain !== undefined) return { plain, secret, id };
    }
    throw new VaultError(`Decryption failed (no vault secrets were found that could decrypt)`, {
      origin,
      hint: `${id === DEFAULT_VAULT_ID ? 'it has no vault id' : `its vault id is "${id}"`}; ${candidates.length === 0 ? 'there is no secret of that id' : `tried: ${[...new Set(candidates.map((secret) => secret.id))].join(', ')}`}`,
    });
  }
}

/** Vault text of the bytes with lines of 80 characters; a label other than `default` makes it format 1.2. `salt`: only for tests and vault_encrypt_salt. */
export function encryptVault(
  plain: Buffer,
  secret: VaultSecret,
  options: { readonly id?: string | undefined; readonly salt?: Buffer | undefined } = {},
): string {
  if (isEncrypted(plain)) throw new VaultError('input is already encrypted');
  const id = options.id ?? secret.id;
  const header = id === DEFAULT_VAULT_ID || id === '' ? `${HEADER};1.1;AES256` : `${HEADER};1.2;AES256;${id}`;
  const body = encrypt(plain, secret.password, options.salt ?? randomBytes(32));
  return `${[header, ...(body.match(/.{1,80}/g) ?? [])].join('\n')}\n`;
}

function parseEnvelope(text: string, origin: Origin | undefined): { readonly id: string; readonly body: string } {
  if (!isEncrypted(text)) throw new VaultError('Input is not vault encrypted data', { origin });
  const [header = '', ...lines] = text.split(/\r\n|\n|\r/);
  const [, version, cipher, id] = header
    .trim()
    .split(';')
    .map((part) => part.trim());
  if (version === undefined || cipher === undefined)
    throw new VaultError('the header of the encrypted text is damaged', { origin });
  if (cipher !== 'AES256')
    throw new VaultError(`the encrypted text has the cipher "${cipher}", which is not known`, { origin });
  return { id: id === undefined || id === '' ? DEFAULT_VAULT_ID : id, body: lines.map((line) => line.trim()).join('') };
}
