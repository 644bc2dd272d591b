// Lines that fit: plain text measured and cut in columns first, coloured afterwards, so that no line is ever wider than the screen.
import stringWidth from 'string-width';
import { printableLine } from '../../core/printable.ts';
import type { Style, Theme } from './theme.ts';

/** Text with its meaning; text from hosts may be in it, it is neutralised here. */
export type Piece = readonly [text: string, style?: Style];
export type Line = readonly Piece[];

const ASCII = /^[\x20-\x7e]*$/;
/** Characters that take one column each, those of the themes among them: measured without looking further. */
const SIMPLE = /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u024f✓✗▸█░─▌…›⏎]*$/;
const segmenter = new Intl.Segmenter();

/** Columns that the text takes. */
export function widthOf(text: string): number {
  return SIMPLE.test(text) ? text.length : stringWidth(text);
}

/** The text in at most `width` columns; what is cut is marked by `ellipsis` (one column). */
export function cut(text: string, width: number, ellipsis: string): string {
  if (width <= 0) return '';
  if (SIMPLE.test(text)) return text.length <= width ? text : `${text.slice(0, width - 1)}${ellipsis}`;
  // A cluster of many marks takes one column: what is looked at is bounded all the same.
  const part = text.length > width * 16 ? text.slice(0, width * 16) : text;
  if (part === text && stringWidth(text) <= width) return text;
  let taken = '';
  let columns = 0;
  for (const { segment } of segmenter.segment(part)) {
    const wide = stringWidth(segment);
    if (columns + wide > width - 1) break;
    taken += segment;
    columns += wide;
  }
  return `${taken}${ellipsis}`;
}

/** Exactly `width` columns. */
export function pad(text: string, width: number, ellipsis: string): string {
  const shown = cut(printableLine(text), width, ellipsis);
  return `${shown}${' '.repeat(Math.max(0, width - widthOf(shown)))}`;
}

/** Exactly `width` columns, the text at the right. */
export function padLeft(text: string, width: number, ellipsis: string): string {
  const shown = cut(printableLine(text), width, ellipsis);
  return `${' '.repeat(Math.max(0, width - widthOf(shown)))}${shown}`;
}

/** The line in at most `width` columns, with `selected` over its whole width. */
export function styled(line: Line, width: number, theme: Theme, selected = false): string {
  let rest = width;
  let result = '';
  let plain = '';
  for (const [raw, style] of line) {
    if (rest <= 0) break;
    const text = cut(theme.unicode ? printableLine(raw) : ascii(printableLine(raw)), rest, theme.ellipsis);
    rest -= widthOf(text);
    if (selected) plain += text;
    else result += style === undefined || style === 'plain' ? text : theme.paint[style](text);
  }
  return selected ? theme.paint.selected(`${plain}${' '.repeat(Math.max(0, rest))}`) : result;
}

/** As many columns, each character that a plain terminal does not know as `?`. */
function ascii(text: string): string {
  if (ASCII.test(text)) return text;
  let plain = '';
  for (const { segment } of segmenter.segment(text))
    plain += ASCII.test(segment) ? segment : segment === '⏎' ? '|' : '?'.repeat(Math.max(1, stringWidth(segment)));
  return plain;
}

/** Two lines in one: the second at the right edge, as far as there is room. */
export function spread(left: Line, right: Line, width: number, theme: Theme): Line {
  const wide = right.reduce((sum, [text]) => sum + widthOf(printableLine(text)), 0);
  const room = width - wide - 1;
  if (room < 10) return left;
  const taken: Piece[] = [];
  let rest = room;
  for (const [raw, style] of left) {
    const text = cut(printableLine(raw), rest, theme.ellipsis);
    rest -= widthOf(text);
    taken.push(style === undefined ? [text] : [text, style]);
  }
  return [...taken, [' '.repeat(rest + 1)], ...right];
}

/** Widths of pieces together. */
export function widthOfLine(line: Line): number {
  return line.reduce((sum, [text]) => sum + widthOf(printableLine(text)), 0);
}

/** As many groups as fit whole, parted by `gap`; those that come first go first. */
export function asFits(groups: readonly Line[], width: number, gap = '  '): Line {
  const line: Piece[] = [];
  let rest = width;
  for (const group of groups) {
    const wide = widthOfLine(group) + (line.length === 0 ? 0 : gap.length);
    if (wide > rest) continue;
    rest -= wide;
    if (line.length > 0) line.push([gap]);
    line.push(...group);
  }
  return line;
}

/** Groups on as many lines as they need, parted by `gap`. */
export function flowed(groups: readonly Line[], width: number, gap = '  '): Line[] {
  const lines: Piece[][] = [];
  let rest = 0;
  for (const group of groups) {
    const wide = widthOfLine(group);
    const last = lines.at(-1);
    if (last === undefined || wide + gap.length > rest) {
      lines.push([...group]);
      rest = width - wide;
    } else {
      last.push([gap], ...group);
      rest -= wide + gap.length;
    }
  }
  return lines;
}

/** Lines broken at the width; what follows a break is indented as its line is. */
export function wrapped(lines: readonly Line[], width: number): Line[] {
  if (width < 8) return [...lines];
  return lines.flatMap((line) => (widthOfLine(line) <= width ? [line] : broken(line, width)));
}

function broken(line: Line, width: number): Line[] {
  const indent = Math.min(/^ */.exec(line.map(([text]) => text).join(''))?.[0].length ?? 0, width >> 1);
  const result: Piece[][] = [[]];
  let rest = width;
  for (const [raw, style] of line) {
    let text = printableLine(raw);
    while (text !== '') {
      const part = head(text, rest);
      if (part === '' && rest < width - indent) {
        result.push(indent === 0 ? [] : [[' '.repeat(indent)]]);
        rest = width - indent;
        continue;
      }
      const taken = part === '' ? text : part;
      result.at(-1)?.push(style === undefined ? [taken] : [taken, style]);
      rest -= widthOf(taken);
      text = text.slice(taken.length);
    }
  }
  return result;
}

/** The beginning of the text that takes at most `width` columns; empty when nothing fits. */
function head(text: string, width: number): string {
  if (SIMPLE.test(text)) return text.slice(0, Math.max(0, width));
  let taken = '';
  let columns = 0;
  for (const { segment } of segmenter.segment(text.slice(0, width * 16))) {
    columns += stringWidth(segment);
    if (columns > width) break;
    taken += segment;
  }
  return taken;
}

/** Seconds as `0:07`, `12:30`, `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  return whole >= 3600
    ? `${Math.floor(whole / 3600)}:${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`
    : `${Math.floor(whole / 60)}:${two(whole % 60)}`;
}

/** Bytes as `512 B`, `1.2 MB`. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[unit] ?? ''}`;
}
