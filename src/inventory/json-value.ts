// JSON of the user's (inventory scripts) as values: whole numbers stay ints, `1.0` a float, text may hold templates.
import { PlaybookError } from '../core/error.ts';
import { Dict, float, int, userText, type Value } from '../core/value.ts';
import { VaultText, type VaultDecryptor } from '../yaml/vault-text.ts';

class Numeral {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

/**
 * Parses `text`; `what` names it in errors. The forms in which Ansible exports values are read back: `{"__ansible_unsafe": text}` is text that is
 * never rendered, `{"__ansible_vault": text}` an encrypted value. Throws `PlaybookError` for what is no JSON.
 */
export function parseJson(text: string, what: string, vault?: VaultDecryptor): Value {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
      typeof value === 'number' && context?.source !== undefined ? new Numeral(context.source) : value,
    );
  } catch (error) {
    throw new PlaybookError(`${what} is no JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  return toValue(parsed, what, vault);
}

function toValue(plain: unknown, what: string, vault: VaultDecryptor | undefined): Value {
  if (plain === null || typeof plain === 'boolean') return plain;
  if (typeof plain === 'string') return userText(plain);
  if (plain instanceof Numeral)
    return /^-?\d+$/.test(plain.source) ? int(BigInt(plain.source)) : float(Number(plain.source));
  if (typeof plain === 'number') return float(plain);
  if (Array.isArray(plain)) return plain.map((item) => toValue(item, what, vault));
  const entries = Object.entries(plain ?? {});
  const only = entries.length === 1 ? entries[0] : undefined;
  if (only?.[0] === '__ansible_unsafe' && typeof only[1] === 'string') return only[1];
  if (only?.[0] === '__ansible_vault' && typeof only[1] === 'string') {
    const origin = { file: what, line: 1, column: 1 };
    return new VaultText(
      only[1],
      origin,
      vault ?? {
        decrypt: () => {
          throw new PlaybookError(`${what} has an encrypted value and there is no vault secret to open it`);
        },
      },
    );
  }
  return new Dict(entries.map(([key, value]) => [key, toValue(value, what, vault)] as const));
}
