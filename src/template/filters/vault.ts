// Filters that encrypt and decrypt text as Ansible Vault does, by a secret of their own.
import type { Value } from '../../core/value.ts';
import { encryptVault, isEncrypted, Vault, VaultError } from '../../vault/vault.ts';
import { filter, type Filters } from '../plugin.ts';
import { PythonError, typeError } from '../special.ts';
import { pythonStr } from '../python/text.ts';
import { truthy, typeName } from '../python/types.ts';

const STANDARD_ID = 'filter_default';

function textOf(value: Value | undefined, what: string): string {
  if (typeof value === 'string') return value;
  throw typeError(`${what}, instead we got: ${typeName(value as Value)}`);
}

const idOf = (id: Value | undefined, old: Value | undefined): string =>
  pythonStr((id === STANDARD_ID || id === undefined) && old !== null && old !== undefined ? old : (id ?? STANDARD_ID));

function guarded<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof VaultError ? new PythonError('Error', `Unable to ${what}: ${error.message}`) : error;
  }
}

export const VAULT_FILTERS: Filters = {
  vault: filter(
    'data, secret, salt=None, vault_id="filter_default", wrap_object=False, vaultid=None',
    (_, data, secret, salt, id, wrap, old) => {
      if (truthy(wrap as Value))
        throw new PythonError('Error', 'wrap_object is not supported: the filter gives the text of a vault');
      const password = Buffer.from(textOf(secret, 'Secret passed is required to be a string'));
      const plain = Buffer.from(textOf(data, 'Can only vault strings'));
      return guarded('encrypt', () =>
        encryptVault(
          plain,
          { id: idOf(id, old), password },
          salt === null || salt === undefined ? {} : { salt: Buffer.from(pythonStr(salt)) },
        ),
      );
    },
  ),
  unvault: filter('vault, secret, vault_id="filter_default", vaultid=None', (_, data, secret, id, old) => {
    const password = Buffer.from(textOf(secret, 'Secret passed is required to be as string'));
    const text = textOf(data, 'Vault should be in the form of a string');
    return isEncrypted(text)
      ? guarded('decrypt', () => new Vault([{ id: idOf(id, old), password }]).open(text).plain.toString('utf8'))
      : text;
  }),
};
