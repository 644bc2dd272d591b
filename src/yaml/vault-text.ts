// A value that stands encrypted in a file (`!vault`): decrypted when it is first used, so that a run needs only the secrets of what it touches.
import { TemplateText } from '../core/value.ts';
import type { Origin } from '../core/origin.ts';

/** What opens encrypted text; throws a VbxError that says which secret is missing. `text` begins with `$ANSIBLE_VAULT;`. */
export interface VaultDecryptor {
  decrypt(text: string, origin: Origin): string;
}

/** The user's text whose `source` is decrypted once, on first use; trusted to be rendered like any text of the same file. */
export class VaultText extends TemplateText {
  readonly encrypted: string;
  constructor(encrypted: string, origin: Origin, vault: VaultDecryptor) {
    super('', origin);
    this.encrypted = encrypted;
    Object.defineProperty(this, 'source', {
      configurable: true,
      enumerable: true,
      get: () => {
        const source = vault.decrypt(encrypted, origin);
        Object.defineProperty(this, 'source', { value: source, enumerable: true, configurable: true });
        return source;
      },
    });
  }
}
