// Differences as Ansible prints them: the texts are what difflib gives for the same.
import { describe, expect, it } from 'vitest';
import { ansibleDiff } from '../../src/reporters/ansible-diff.ts';

const text = (diff: unknown, context = 3): string =>
  ansibleDiff(diff, context)
    .map((line) => `${line.text}\n`)
    .join('');

describe('a difference', () => {
  it.each([
    [
      'of a new file',
      { before: '', after: 'x\n', after_header: '/a' },
      '--- before\n+++ after: /a\n@@ -0,0 +1 @@\n+x\n\n',
    ],
    [
      'of a file that goes',
      { before: 'x\n', after: '', before_header: '/a' },
      '--- before: /a\n+++ after\n@@ -1 +0,0 @@\n-x\n\n',
    ],
    ['of a line', { before: 'a\nb\n', after: 'a\nc\n' }, '--- before\n+++ after\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n\n'],
    [
      'without a line break at the end',
      { before: '', after: 'x' },
      '--- before\n+++ after\n@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n\n',
    ],
    [
      'far into a text',
      { before: '1\n2\n3\n4\n5\n6\n7\n8\n9\n', after: '1\n2\n3\n4\nX\n6\n7\n8\n9\n' },
      '--- before\n+++ after\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+X\n 6\n 7\n 8\n\n',
    ],
    [
      'of mappings',
      { before: { mode: '0644', path: 'p' }, after: { mode: '0600', path: 'p' } },
      '--- before\n+++ after\n@@ -1,4 +1,4 @@\n {\n-    "mode": "0644",\n+    "mode": "0600",\n     "path": "p"\n }\n\n',
    ],
    ['that is none', { before: 'a\n', after: 'a\n' }, ''],
    ['that comes as text', { prepared: '--- a\n+++ b\n+new\n' }, '--- a\n+++ b\n+new\n'],
    [
      'of what cannot be shown',
      { dst_binary: 1, src_larger: 1000 },
      'diff skipped: destination file appears to be binary\ndiff skipped: source file size is greater than 1000\n',
    ],
    [
      'that is a list',
      [
        { before: 'a\n', after: 'b\n' },
        { before: '', after: '' },
      ],
      '--- before\n+++ after\n@@ -1 +1 @@\n-a\n+b\n\n',
    ],
    ['of nothing', undefined, ''],
  ])('%s', (_name, diff, expected) => {
    expect(text(diff)).toBe(expected);
  });
  it('has as many lines around as are wanted', () => {
    expect(text({ before: '1\n2\n3\n', after: '1\nX\n3\n' }, 0)).toBe('--- before\n+++ after\n@@ -2 +2 @@\n-2\n+X\n\n');
  });
});
