// Laws of the Python side: text of floats, order, percent, regular expressions, YAML and JSON there and back.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Dict, float, int, type Value } from '../../src/core/value.ts';
import { arithmetic } from '../../src/template/python/arithmetic.ts';
import { compareText, pythonEquals } from '../../src/template/python/compare.ts';
import { dumpJson, loadJson } from '../../src/template/python/json.ts';
import { fixed, general } from '../../src/template/python/number-format.ts';
import { regex } from '../../src/template/python/regex.ts';
import { pythonRepr, reprFloat } from '../../src/template/python/text.ts';
import { dumpYaml } from '../../src/template/python/yaml-dump.ts';
import { loadYaml } from '../../src/template/python/yaml-load.ts';

const scalar = fc.oneof(
  fc.string({ unit: 'binary' }).filter((s) => s.isWellFormed()),
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.bigInt().map(int),
  fc.double({ noNaN: true }).map(float),
);
const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(fc.string(), tie('value')), { maxLength: 4 }).map((entries) => new Dict(entries)),
  ),
})).value;

describe('numbers', () => {
  it('repr of a float reads back as the same float', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => Object.is(Number(reprFloat(x)), x)),
    );
  });
  it('integers are exact at any size', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), (a, b) => {
        expect(BigInt(arithmetic('+', int(a), int(b)) as number)).toBe(a + b);
        expect(BigInt(arithmetic('*', int(a), int(b)) as number)).toBe(a * b);
        if (b !== 0n) {
          const [quotient, rest] = [
            BigInt(arithmetic('//', int(a), int(b)) as number),
            BigInt(arithmetic('%', int(a), int(b)) as number),
          ];
          expect(quotient * b + rest).toBe(a);
          expect(rest === 0n || rest < 0n === b < 0n).toBe(true);
        }
      }),
    );
  });
  it('fixed notation is the exact value rounded', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e15, max: 1e15, noNaN: true }),
        fc.integer({ min: 0, max: 15 }),
        (x, digits) => Math.abs(Number(fixed(x, digits)) - x) <= 0.5000001 * 10 ** -digits + Math.abs(x) * 2 ** -52,
      ),
    );
  });
  it.each([
    [2.675, 2, '2.67'],
    [0.5, 0, '0'],
    [1.5, 0, '2'],
    [1e21, 1, '1000000000000000000000.0'],
    [-0, 1, '-0.0'],
  ])('fixed(%d, %d) is %s', (x, digits, expected) => {
    expect(fixed(x, digits)).toBe(expected);
  });
  it.each([
    [1e5, '100000'],
    [1e6, '1e+06'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [123456789, '1.23457e+08'],
    [100, '100'],
    [1.5, '1.5'],
    [10e20, '1e+21'],
  ])('general(%d) is %s', (x, expected) => {
    expect(general(x, 6)).toBe(expected);
  });
});

describe('text', () => {
  it('is ordered by code points', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        const [x, y] = [Array.from(a, (c) => c.codePointAt(0) ?? 0), Array.from(b, (c) => c.codePointAt(0) ?? 0)];
        const at = x.findIndex((code, index) => code !== y[index]);
        const expected =
          at === -1 ? x.length - y.length : y[at] === undefined ? 1 : (x[at] as number) - (y[at] as number);
        return Math.sign(compareText(a, b)) === Math.sign(expected);
      }),
    );
  });
  it('repr has no line break and ends with its quote', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (s) => {
        const shown = pythonRepr(s);
        return !/[\n\r\t]/.test(shown) && shown[0] === shown.at(-1);
      }),
    );
  });
});

describe('JSON and YAML', () => {
  const style = { indent: null, sortKeys: false, ascii: true, itemSeparator: ', ', keySeparator: ': ' };
  it('JSON comes back equal', () => {
    fc.assert(fc.property(value, (v) => pythonEquals(loadJson(dumpJson(v, style)), v)));
    fc.assert(
      fc.property(value, (v) => pythonEquals(loadJson(dumpJson(v, { ...style, indent: '  ', ascii: false })), v)),
    );
  });
  it('YAML comes back equal', () => {
    // Integral floats with an exponent and lone line breaks of Unicode are where YAML 1.1 itself is not faithful.
    const faithful = value.filter(
      (v) =>
        !/[\x85\u2028\u2029\ufeff\ud800-\udfff]|[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd]/u.test(
          dumpJson(v, { ...style, ascii: false }),
        ),
    ); // eslint-disable-line no-control-regex
    for (const flow of [true, false, null]) {
      for (const indent of [2, 4]) {
        fc.assert(
          fc.property(faithful, (v) => {
            const [back] = loadYaml(
              dumpYaml(v, {
                indent,
                width: 80,
                flow,
                sortKeys: false,
                unicode: true,
                explicitStart: false,
                explicitEnd: false,
                scalarStyle: null,
              }),
            );
            return pythonEquals(back ?? null, v);
          }),
          { numRuns: 60 },
        );
      }
    }
  });
});

describe('regular expressions', () => {
  it('an escaped text matches itself', () => {
    fc.assert(
      fc.property(fc.string(), (s) =>
        regex(s.replace(/[()[\]{}?*+\-|^$\\.&~# \t\n\r\v\f]/g, '\\$&'), {}, 'fullmatch').test(s),
      ),
    );
  });
  it('a set of literals matches each of them', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...'abc-^]\\[&|~{}()/.,!#%:;<=>@`'), { minLength: 1 }), (characters) => {
        const pattern = regex(
          `[${characters.map((c) => (/[\]\\^[-]/.test(c) ? `\\${c}` : c)).join('')}]`,
          {},
          'fullmatch',
        );
        return characters.every((c) => {
          pattern.lastIndex = 0;
          return pattern.test(c);
        });
      }),
    );
  });
});
