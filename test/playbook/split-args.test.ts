// The short form of arguments: words, quotes, Jinja blocks and the commands whose text is kept.
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { joinWords, parseShortArgs, splitArgs, unquote, UnbalancedText } from '../../src/playbook/split-args.ts';

describe('words', () => {
  test.each<[string, string[]]>([
    ['', []],
    ['a=b', ['a=b']],
    ['a=b c="foo bar"', ['a=b', 'c="foo bar"']],
    ["a='x y' b", ["a='x y'", 'b']],
    ['a={{ x }} b', ['a={{ x }}', 'b']],
    ['a={{ x | default("q z") }}-b c', ['a={{ x | default("q z") }}-b', 'c']],
    ['{% if x %}a b{% endif %} c', ['{% if x %}a', 'b{% endif %}', 'c']],
    ['{% x y %}z w', ['{% x y %}z', 'w']],
    ['a={# no words #} b', ['a={# no words #}', 'b']],
    ['a  b', ['a ', 'b']],
    ['a\nb', ['a\n', 'b']],
    ['a \\\nb', ['a', 'b']],
    ['a="x\ny" b', ['a="x\ny"', 'b']],
    ['echo \\"a b\\"', ['echo', '\\"a', 'b\\"']],
    ["it's a b's", ["it's a b's"]],
  ])('%j', (text, words) => {
    expect(splitArgs(text).map((word) => word.text)).toEqual(words);
  });

  test.each(['a="x', "it's", 'a={{ x', '{% if'])('%j does not close', (text) => {
    expect(() => splitArgs(text)).toThrow(UnbalancedText);
  });

  test('know where they begin', () => {
    expect(splitArgs('a=b  c="d e"\nf={{ g }}').map((word) => [word.text, word.offset])).toEqual([
      ['a=b ', 0],
      ['c="d e"\n', 5],
      ['f={{ g }}', 13],
    ]);
  });
});

describe('names and values', () => {
  test.each<[string, Record<string, string>, string | undefined]>([
    ['src=a dest=b', { src: 'a', dest: 'b' }, undefined],
    ['msg="a b" x=\'c\'', { msg: 'a b', x: 'c' }, undefined],
    ['msg="it is {{ a }} = {{ b }}"', { msg: 'it is {{ a }} = {{ b }}' }, undefined],
    ['a=b=c', { a: 'b=c' }, undefined],
    ['a\\=b c', {}, 'a=b c'],
    ['line=a\\tb', { line: 'a\tb' }, undefined],
    ['line="x\\\\y"', { line: 'x\\y' }, undefined],
    ['free text mode=0644', { mode: '0644' }, 'free text'],
    ['=x', {}, '=x'],
  ])('%j', (text, options, raw) => {
    const parsed = parseShortArgs(text, false);
    expect(Object.fromEntries(parsed.options.map(({ name, value }) => [name, value]))).toEqual(options);
    expect(parsed.raw).toBe(raw);
  });

  test.each<[string, Record<string, string>, string | undefined]>([
    ['ls -l /tmp creates=/x chdir="/a b"', { creates: '/x', chdir: '/a b' }, 'ls -l /tmp'],
    ['dd if=/dev/zero of=/x', {}, 'dd if=/dev/zero of=/x'],
    ['echo "a  b"   c', {}, 'echo "a  b"   c'],
    ['printf "a\\nb"', {}, 'printf "a\\nb"'],
    ['a\nb\n', {}, 'a\nb\n'],
    ['for i in 1 2; do\n  echo $i\ndone', {}, 'for i in 1 2; do\n  echo $i\ndone'],
  ])('of a command %j', (text, options, raw) => {
    const parsed = parseShortArgs(text, true);
    expect(Object.fromEntries(parsed.options.map(({ name, value }) => [name, value]))).toEqual(options);
    expect(parsed.raw).toBe(raw);
  });
});

test('unquote takes one pair of quotes off', () => {
  expect(['"a"', "'a'", '"a', '""', '"', '\'"a"\'', '"a\\"'].map(unquote)).toEqual([
    'a',
    'a',
    '"a',
    '',
    '"',
    '"a"',
    '"a\\"',
  ]);
});

const word = fc.string({ unit: fc.constantFrom(...'abc/.-_:;$@'), minLength: 1, maxLength: 8 });

test('a command without options is its own text', () => {
  const piece = fc.oneof(
    word,
    word.map((text) => `"${text} ${text}"`),
    word.map((text) => `'${text}'`),
    fc.constant('{{ a b }}'),
    fc.constant('{% if x %}y z{% endif %}'),
  );
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), fc.constantFrom(' ', '  ', '\n'), (pieces, gap) => {
      const text = pieces.join(gap);
      expect(joinWords(splitArgs(text).map((one) => one.text))).toBe(text);
      expect(parseShortArgs(text, true)).toEqual({ options: [], raw: text });
    }),
  );
});

test('quoted values come back whole', () => {
  const value = fc
    .string({ unit: fc.constantFrom(...'abc =/{}%,:#'), maxLength: 12 })
    .filter((text) => !/\{[{%#]|[}%#]\}/.test(text) && text === text.trim());
  const options = fc.uniqueArray(
    fc.tuple(fc.string({ unit: fc.constantFrom(...'abcdef_'), minLength: 1, maxLength: 6 }), value),
    { selector: ([name]) => name, minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(options, fc.constantFrom('"', "'"), (pairs, quote) => {
      const parsed = parseShortArgs(pairs.map(([name, text]) => `${name}=${quote}${text}${quote}`).join(' '), false);
      expect(parsed.options.map(({ name, value: text }) => [name, text])).toEqual(pairs);
      expect(parsed.raw).toBeUndefined();
    }),
  );
});
