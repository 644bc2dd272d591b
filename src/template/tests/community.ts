// Tests of community.general.
import type { Value } from '../../core/value.ts';
import { PythonError } from '../special.ts';
import { test, type Tests } from '../plugin.ts';
import { ansibleType } from '../python/ansible-type.ts';
import { pythonStr } from '../python/text.ts';
import { items, typeName } from '../python/types.ts';

export const COMMUNITY_TESTS: Tests = {
  ansible_type: test('data, dtype, alias=None', (_, value, wanted, alias) => {
    if (typeof wanted !== 'string' && !Array.isArray(wanted))
      throw new PythonError(
        'Error',
        `The argument dtype must be a string or a list. dtype is ${typeName(wanted as Value)}.`,
      );
    return (typeof wanted === 'string' ? [wanted] : items(wanted).map(pythonStr)).includes(
      ansibleType(value as Value, alias as Value),
    );
  }),
};
