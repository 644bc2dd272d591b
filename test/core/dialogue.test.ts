// What a program that asks is told: the first pattern that is found decides, as pexpect does it.
import { describe, expect, it } from 'vitest';
import { Dialogue, type Prompt } from '../../src/core/dialogue.ts';

/** What is typed after each piece that is printed, and why it stops. */
function talk(prompts: readonly Prompt[], ...pieces: string[]): (string[] | string)[] {
  const dialogue = new Dialogue(prompts);
  return pieces.flatMap((piece) => {
    const { answers, failed } = dialogue.hear(Buffer.from(piece));
    return [answers.map((answer) => answer.toString()), ...(failed === undefined ? [] : [failed])];
  });
}

describe('a dialogue', () => {
  it.each<[string, Prompt[], string[], (string[] | string)[]]>([
    [
      'answers each time that it is asked',
      [{ pattern: 'Q', answers: 'a' }],
      ['Q? ', '..', 'Q Q'],
      [['a\n'], [], ['a\n', 'a\n']],
    ],
    ['finds what comes in pieces', [{ pattern: 'word: $', answers: 'a' }], ['pass', 'word', ': '], [[], [], ['a\n']]],
    ['finds over several lines', [{ pattern: '(?i)GO.*on', answers: 'yes\n\n' }], ['go\r\n\r\non'], [['yes\n']]],
    [
      'takes the earliest, and of these the one that was written first',
      [
        { pattern: 'user', answers: '1' },
        { pattern: 'the user', answers: '2' },
        { pattern: 'the', answers: '3' },
      ],
      ['the user', ' user'],
      [['2\n'], ['1\n']],
    ],
    [
      'uses up a list',
      [{ pattern: 'Q', answers: ['a', 'b'] }],
      ['Q1', 'Q2', '\u00e4Q'],
      [['a\n'], ['b\n'], [], "No remaining responses for 'Q', output was 'b'2\\xc3\\xa4Q''"],
    ],
    ['answers nothing twice to one piece', [{ pattern: 'x*', answers: 'a' }], ['..', '..'], [['a\n'], ['a\n']]],
    ['reads bytes', [{ pattern: 'stra\u00dfe', answers: '\u00e4' }], ['Stra\u00dfe stra\u00dfe'], [['\u00e4\n']]],
  ])('%s', (_, prompts, pieces, expected) => {
    expect(talk(prompts, ...pieces)).toEqual(expected);
  });
  it('refuses what is no pattern', () => {
    expect(() => new Dialogue([{ pattern: '(', answers: '' }])).toThrow('unterminated group');
  });
});
