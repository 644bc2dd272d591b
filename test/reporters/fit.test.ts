// Columns: what is measured, cut, broken and flowed always fits.
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { printableLine } from '../../src/core/printable.ts';
import {
  asFits,
  bytes,
  clock,
  cut,
  flowed,
  pad,
  padLeft,
  widthOf,
  widthOfLine,
  wrapped,
  type Line,
} from '../../src/reporters/tui/fit.ts';

const text = fc.string({
  unit: fc.constantFrom(
    'a',
    ' ',
    'ß',
    '日',
    '🚀',
    '✓',
    '✗',
    '▸',
    '█',
    '░',
    '…',
    '›',
    '⏎',
    'é',
    '\u001b',
    '\u202e',
    '\n',
    'e\u0301',
    '👨‍👩‍👧',
  ),
  maxLength: 60,
});

describe('columns', () => {
  it('are those of string-width for every character of ours', () => {
    for (let code = 0x20; code < 0x250; code += 1) {
      if ((code > 0x7e && code < 0xa1) || code === 0xad) continue;
      const char = String.fromCodePoint(code);
      expect([char, widthOf(char)]).toEqual([char, stringWidth(char)]);
    }
    for (const char of '✓✗▸█░─▌…›⏎') expect([char, widthOf(char)]).toEqual([char, stringWidth(char)]);
  });
  it('are never exceeded', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 40 }), (each, width) => {
        expect(widthOf(cut(each.replace(/[\u001b\u202e\n]/g, ''), width, '…'))).toBeLessThanOrEqual(width);
        expect(widthOf(pad(each, width, '…'))).toBe(width);
        expect(widthOf(padLeft(each, width, '…'))).toBe(width);
      }),
    );
  });
  it('hold all of a broken text, in order', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), fc.integer({ min: 8, max: 40 }), (parts, width) => {
        const line: Line = parts.map((part) => [part.replace(/[\u001b\u202e\n ]/g, '')]);
        const lines = wrapped([line], width);
        for (const each of lines) expect(widthOfLine(each)).toBeLessThanOrEqual(width);
        expect(
          printableLine(
            lines
              .flat()
              .map(([part]) => part)
              .join(''),
          ),
        ).toBe(printableLine(line.map(([part]) => part).join('')));
      }),
    );
  });
  it('take as many groups as fit, or as many lines as are needed', () => {
    const groups: Line[] = [[['one']], [['twenty-two']], [['3']]];
    expect(
      asFits(groups, 9)
        .map(([part]) => part)
        .join(''),
    ).toBe('one  3');
    expect(
      asFits(groups, 100)
        .map(([part]) => part)
        .join(''),
    ).toBe('one  twenty-two  3');
    expect(flowed(groups, 15).map((line) => line.map(([part]) => part).join(''))).toEqual(['one  twenty-two', '3']);
  });
  it('keep the indent of a broken line', () =>
    expect(wrapped([[['  abcdefghijkl']]], 8).map((line) => line.map(([part]) => part).join(''))).toEqual([
      '  abcdef',
      '  ghijkl',
    ]));
  it.each([
    [0, '0:00'],
    [59.9, '0:59'],
    [3661, '1:01:01'],
  ])('tell %d seconds', (seconds, told) => expect(clock(seconds)).toBe(told));
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1500, '1.5 kB'],
    [2_500_000_000, '2.5 GB'],
  ])('tell %d bytes', (count, told) => expect(bytes(count)).toBe(told));
});
