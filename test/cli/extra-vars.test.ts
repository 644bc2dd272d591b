// Variables of the command line as words.
import { describe, expect, it } from 'vitest';
import { extraVars } from '../../src/cli/extra-vars.ts';

describe('-e', () => {
  it.each([['a=hey ', { a: 'hey' }], [' a=1  b="two words " ', { a: '1', b: 'two words ' }], ["a='x=y'", { a: 'x=y' }], ['{"a": 1}', { a: 1 }]])('%j', (text, vars) => {
    expect(Object.fromEntries(extraVars([text], undefined).flatMap((layer) => [...layer.vars]))).toEqual(vars);
  });
  it('refuses a word without a value', () => expect(() => extraVars(['a'], undefined)).toThrow('is no name=value'));
});
