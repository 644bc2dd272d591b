import { expect, it } from 'vitest';
import { pythonText } from '../../src/core/python-text.ts';

it('is what Python makes of data, with what does not print escaped', () => {
  expect(pythonText(['a\u0000\u001b', "it's", true, null, { k: 1.5 }])).toBe(
    `['a\\x00\\x1b', "it's", True, None, {'k': 1.5}]`,
  );
});
