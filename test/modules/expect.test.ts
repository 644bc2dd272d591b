// expect: what it asks to be run, and what it makes of the talk.
import { describe, expect as claim, it } from 'vitest';
import type { StepResult } from '../../src/core/step.ts';
import { expect } from '../../src/modules/expect.ts';
import { basics, parseArgs } from './on-this-machine.ts';

const step = (written: Record<string, unknown>) =>
  expect.steps(parseArgs(expect, { responses: { Q: 'a' }, ...written }) as never, {}, basics, {} as never)[0];
const told = (written: Record<string, unknown>, done: Partial<StepResult>) =>
  expect.parse(
    parseArgs(expect, { responses: { Q: 'a' }, ...written }) as never,
    [{ step: { kind: 'sleep', seconds: 0 }, rc: 0, stdout: '', stderr: '', start: 0, end: 1000, ...done }],
    {},
  );

describe('expect', () => {
  it('has the program run with its words as they are, and answers as text', () => {
    claim(
      step({
        command: `/bin/a 'b  c' "d'e" f\\ g`,
        responses: { Name: ['x', 1, true], 'Pass(word)?': 7 },
        timeout: '5',
        chdir: '/srv/a b',
      }),
    ).toEqual({
      kind: 'talk',
      script: `cd -P -- '/srv/a b' || exit 1\n[ -f /bin/a ] && [ -x /bin/a ] || { echo @@missing; exit 127; }\nexec /bin/a 'b  c' 'd'\\''e' 'f g'`,
      prompts: [
        { pattern: 'Name', answers: ['x', '1', 'True'] },
        { pattern: 'Pass(word)?', answers: '7' },
      ],
      echo: false,
      quiet: 5,
      display: `/bin/a 'b  c' "d'e" f\\ g`,
    });
  });
  it.each<[unknown, number | undefined]>([
    [undefined, 30],
    [-1, 30],
    [null, undefined],
    [0, 0],
  ])('waits as long as it is told: %j', (timeout, quiet) => {
    claim(step({ command: 'a', ...(timeout === undefined ? {} : { timeout }) })).toMatchObject(
      quiet === undefined ? { kind: 'talk' } : { quiet },
    );
  });
  it.each<[string, Partial<StepResult>, Record<string, unknown>]>([
    [
      'the end',
      { stdout: 'Q\r\nb\r\n' },
      { changed: true, rc: 0, stdout: 'Q\r\nb', stdout_lines: ['Q', 'b'], delta: '0:00:01.000000' },
    ],
    ['a failure', { rc: 3 }, { changed: true, failed: true, rc: 3, msg: 'non-zero return code' }],
    [
      'a silence',
      { rc: 143, timedOut: true, stdout: 'Q' },
      { failed: true, rc: null, stdout: 'Q', msg: 'command exceeded timeout' },
    ],
    [
      'a question too many',
      { stderr: 'No remaining responses' },
      { failed: true, changed: false, msg: 'No remaining responses' },
    ],
    [
      'no program',
      { rc: 127, stdout: '@@missing\r\n' },
      { failed: true, changed: false, msg: 'The command was not found or was not executable: a.' },
    ],
    [
      'no folder',
      { rc: 1, stdout: "/bin/sh: 2: cd: can't cd to /nope\r\n" },
      { failed: true, changed: false, msg: "Unable to change directory before execution: can't cd to /nope" },
    ],
  ])('tells of %s', (_, done, result) => {
    claim(told({ command: 'a b', chdir: '/nope' }, done)).toMatchObject(result);
  });
  it('is satisfied by its guards', () => {
    const given = parseArgs(expect, { command: 'a', responses: {}, removes: '/x' }) as never;
    claim(expect.satisfied?.(given, { removes: { kind: 'absent' } })).toEqual({
      changed: false,
      cmd: 'a',
      rc: 0,
      stdout: 'skipped, since /x does not exist',
      stdout_lines: ['skipped, since /x does not exist'],
    });
  });
  it.each([
    [{ command: ' ' }, 'no command given'],
    [{ command: 'a', responses: { '(': 'b' } }, '( is no regular expression: '],
    [
      { command: 'a', timeout: 'x' },
      `argument 'timeout' is of type <class 'str'> and we were unable to convert to int: "'x'" cannot be converted to an int`,
    ],
  ])('refuses %j', (written, message) => {
    claim(() => parseArgs(expect, { responses: {}, ...written })).toThrow(message);
  });
});
