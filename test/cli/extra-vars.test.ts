// Variables of the command line as words.
import { describe, expect, it } from 'vitest';
import { extraVars } from '../../src/cli/extra-vars.ts';

describe('-e', () => {
  it.each([
    ['a=hey ', { a: 'hey' }],
    [' a=1  b="two words " ', { a: '1', b: 'two words ' }],
    ["a='x=y'", { a: 'x=y' }],
    ['{"a": 1}', { a: 1 }],
  ])('%j', (text, vars) => {
    expect(
      Object.fromEntries(extraVars([text], undefined, () => undefined).flatMap((layer) => [...layer.vars])),
    ).toEqual(vars);
  });
  it('leaves out a word without a value, and says so', () => {
    const warnings: string[] = [];
    expect(
      extraVars(['a x=1 =2'], undefined, (message) => warnings.push(message)).map((layer) => [...layer.vars]),
    ).toEqual([[['x', '1']]]);
    expect(warnings).toEqual([expect.stringContaining('"a" is left out'), expect.stringContaining('"=2" is left out')]);
  });
});
