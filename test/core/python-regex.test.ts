// Python's patterns in JavaScript: the table holds what Python's re gives.
import { describe, expect, it } from 'vitest';
import {
  bytePattern,
  byteText,
  expand,
  matches,
  PatternError,
  regex,
  search,
  userBytes,
} from '../../src/core/python-regex.ts';

describe('search', () => {
  it.each<[string, string, string | undefined]>([
    ['(?P<n>a)(?P=n)', 'xaa', 'aa'],
    ['\\Aab', 'ab', 'ab'],
    ['\\Ab', 'ab', undefined],
    ['b\\Z', 'ab\n', undefined],
    ['b$', 'ab\n', 'b'],
    ['(?i)ABC', 'xabc', 'abc'],
    ['(?s)a.b', 'a\nb', 'a\nb'],
    ['a.b', 'a\nb', undefined],
    ['(?x) a  b # comment', 'ab', 'ab'],
    ['(?i:A)b', 'ab', 'ab'],
    ['(?i:A)b', 'aB', undefined],
    ['(?<=a)b', 'ab', 'b'],
    ['[]a]+', ']a', ']a'],
    ['[^]a]', ']b', 'b'],
    ['a{,2}', 'aaa', 'aa'],
    ['{a}', '{a}', '{a}'],
    ['\\bfoo\\b', 'a foo b', 'foo'],
    ['\\x41\\u00e9', 'Aé', 'Aé'],
    ['^b', 'a\nb', undefined],
    ['(?m)^b', 'a\nb', 'b'],
    ['(?#note)a', 'a', 'a'],
    ['a|', 'b', ''],
    ['a++b', 'aab', 'aab'],
    ['a*+a', 'aaa', undefined],
    ['(?>a+)ab', 'aaab', undefined],
    ['(?>a|ab)c', 'abc', undefined],
    ['(a)(?>(b)c)\\2', 'abcb', 'abcb'],
    ['(?:ab?)++c', 'abac', 'abac'],
    ['[ab]{1,2}+b', 'ab', undefined],
    ['(?P<n>a)++(?P=n)', 'aaa', undefined],
    ['(?>(?P<n>a))(?P=n)', 'aa', 'aa'],
    ['a{', 'a{', 'a{'],
    ['a{,}', 'aa', 'aa'],
  ])('%s in %j', (pattern, text, found) => {
    expect(search(regex(pattern), text)?.text).toBe(found);
  });

  it('looks at bytes as Python does: classes are ASCII, text is UTF-8', () => {
    expect(search(bytePattern('\\w+'), byteText(Buffer.from('é1')))?.text).toBe('1');
    expect(search(bytePattern('é'), byteText(Buffer.from('xé')))?.text).toBe(userBytes('é'));
  });

  it.each([
    ['^(?i)gss', 'GSSAPI', 'GSS'],
    ['[(?i)]a', '(a', '(a'],
    ['\\(?i', 'i', 'i'],
    ['[]\\](?i)]b(?m)^A', ']b\nA', undefined],
    ['a(?s).(?i)B', 'a\nb', 'a\nb'],
  ])('takes flags of the whole pattern anywhere in patterns of the host: %s', (pattern, text, found) => {
    expect(search(bytePattern(pattern), text)?.text).toBe(found);
  });

  it.each(['(', '[a', 'a**', '(?P<n>a)(?P<n>b)', 'a(?i)b', '(?(1)a|b)', '\\q', 'a\\z', '(?L)a'])(
    'refuses %s',
    (pattern) => {
      expect(() => regex(pattern)).toThrow(PatternError);
    },
  );
});

describe('expand', () => {
  const match = search(regex('(?P<key>\\w+)=(\\w+)?'), 'a=1');
  it.each([
    ['\\1-\\2', 'a-1'],
    ['\\g<key>\\g<2>0', 'a10'],
    ['\\g<0>', 'a=1'],
    ['x\\ty\\\\', 'x\ty\\'],
    ['\\.', '\\.'],
  ])('%s', (template, result) => {
    expect(match === undefined ? undefined : expand(template, match)).toBe(result);
  });
  it.each(['\\3', '\\g<none>', '\\q'])('refuses %s', (template) => {
    expect(() => match !== undefined && expand(template, match)).toThrow(PatternError);
  });
  it('numbers groups as the pattern does where some are not gone back into', () => {
    const found = search(regex('(?>(a)+)(?P<x>b)(c)?'), 'aab');
    expect(found).toMatchObject({ text: 'aab', groups: ['aab', 'a', 'b', undefined], named: { x: 'b' } });
    expect(found === undefined ? undefined : expand('\\2\\1\\g<x>', found)).toBe('bab');
  });
  it.each([
    ['a**', "nothing to repeat in pattern 'a**'"],
    ['(/x: ', "unterminated group in pattern '(/x: '"],
  ])('tells of %s by the pattern as it was given', (pattern, message) => {
    expect(() => regex(pattern, {}, 'match')).toThrow(expect.objectContaining({ message }));
  });
  it('leaves out groups that took no part', () => {
    const [first] = matches(regex('(a)|(b)'), 'b');
    expect(first === undefined ? undefined : expand('<\\1>', first)).toBe('<>');
  });
});
