import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MASK, Secrets } from '../../src/core/secrets.ts';

function secretsOf(...values: string[]): Secrets {
  const secrets = new Secrets();
  for (const value of values) secrets.add(value);
  return secrets;
}
// What the mask itself holds cannot be told from a secret of asterisks.
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '"', '\\', ' ', 'é', '\n', '{', '1'), maxLength: 30 });

describe('redact', () => {
  it.each([
    ['a secret in a text', ['hunter2'], 'pw=hunter2!', `pw=${MASK}!`],
    ['every place of it', ['abcd'], 'abcd abcdabcd', `${MASK} ${MASK}`],
    ['the longest first', ['secret', 'secret-long'], 'x secret-long y', `x ${MASK} y`],
    ['overlapping ones together', ['abcd', 'cdef'], '1abcdef2', `1${MASK}2`],
    ['a short one only as a whole', ['ab'], 'ab cab', 'ab cab'],
    ['a short one as a whole', ['ab'], 'ab', MASK],
    ['a short one with blanks around', ['ab'], ' ab\n', MASK],
    ['its JSON spelling', ['a"b\\c'], '{"x": "a\\"b\\\\c"}', `{"x": "${MASK}"}`],
    ['lines of a key', ['-----BEGIN-----\nMIIEabc\nxyz\n'], 'line MIIEabc\nxyz', `line ${MASK}\nxyz`],
    [
      'values of a file of variables',
      ['db_password: "correct horse"\nport: 8080\n'],
      'it is correct horse on 8080',
      `it is ${MASK} on 8080`,
    ],
    ['nothing else', ['hunter2'], 'hunter3', 'hunter3'],
  ])('masks %s', (_, values, given, wanted) => {
    expect(secretsOf(...values).redact(given)).toBe(wanted);
  });
  it('gives the same text back when there is nothing to mask', () => {
    const secrets = new Secrets();
    const big = { text: 'x', list: [1] };
    expect(secrets.empty).toBe(true);
    expect(secrets.redactDeep(big)).toBe(big);
    secrets.add('');
    secrets.add('  \n');
    secrets.add('****');
    expect(secrets.empty).toBe(true);
  });
  it('lets no secret through, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 5 }),
        fc.array(fc.oneof(text, fc.nat(4)), { maxLength: 8 }),
        (values, parts) => {
          const secrets = secretsOf(...values);
          const given = parts.map((part) => (typeof part === 'number' ? (values[part] ?? '') : part)).join('');
          const shown = secrets.redact(given);
          for (const value of values) {
            if (value.trim().length >= 4) expect(shown).not.toContain(value.trim());
            const escaped = JSON.stringify(value.trim()).slice(1, -1);
            if (value.trim().length >= 4) expect(shown).not.toContain(escaped);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
  it('lets no secret through in data', () => {
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 4 }),
        fc.json({ maxDepth: 3 }),
        fc.nat(3),
        (values, json, pick) => {
          const secrets = secretsOf(...values);
          const value = values[pick % values.length] ?? '';
          const data = {
            plain: JSON.parse(json) as unknown,
            [`key ${value}`]: [value, { deep: `before ${value} after`, exact: value }],
          };
          const shown = JSON.stringify(secrets.redactDeep(data));
          const trimmed = value.trim();
          if (trimmed.length >= 4) expect(shown).not.toContain(JSON.stringify(trimmed).slice(1, -1));
          else if (trimmed.length > 0 && !/^\*+$/.test(trimmed))
            expect(Object.values(secrets.redactDeep(data))[1]).toMatchObject([MASK, { exact: MASK }]);
        },
      ),
      { numRuns: 200 },
    );
  });
  it('masks numbers that are a secret and leaves what is no plain data', () => {
    const secrets = secretsOf('1234');
    const date = new Date(0);
    expect(secrets.redactDeep({ pin: 1234, other: 12345, no: null, yes: true, date })).toEqual({
      pin: MASK,
      other: 12345,
      no: null,
      yes: true,
      date,
    });
    expect(secrets.redactDeep(JSON.parse('{"__proto__": "a 1234"}'))).toEqual(JSON.parse(`{"__proto__": "a ${MASK}"}`));
  });
});
