import { describe, expect, it } from 'vitest';
import { reasonOf } from '../../src/core/outcome.ts';

describe('the reason of a failure, on one line', () => {
  const command = { msg: 'non-zero return code', rc: 3, stdout: 'one\ntwo\n', stderr: '' };
  it.each([
    ['is its message', { msg: 'no such user' }, 'no such user'],
    ['is the first line of a longer one', { msg: 'a\nb' }, 'a'],
    [
      'is what a command wrote last on stderr',
      { ...command, stderr: 'x\nno space left\n' },
      'exit status 3: no space left',
    ],
    ['is what it wrote on stdout, where it wrote nothing else', command, 'exit status 3: two'],
    ['is the exit status of one that wrote nothing', { ...command, stdout: '' }, 'exit status 3'],
    ['is not there where nothing is told', {}, undefined],
  ])('%s', (_, result, reason) => expect(reasonOf(result)).toBe(reason));
});
