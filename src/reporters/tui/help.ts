// All keys, as they are told on the screen and in the documentation.
import { flowed, type Line } from './fit.ts';
import type { Theme } from './theme.ts';

export const KEYS: readonly (readonly [string, string])[] = [
  ['j k arrows', 'up and down'],
  ['g G', 'first, last'],
  ['pgup pgdn', 'a page up, down'],
  ['enter', 'look closer'],
  ['esc', 'back'],
  ['tab 1-6', 'next panel, a panel'],
  ['/', 'filter'],
  [':', 'forks N, host NAME, drain'],
  [':at 1:30', 'replay: to a time'],
  ['!', 'failed only'],
  ['f', 'follow the newest'],
  ['l', 'log of the host, of all'],
  ['d', 'differences'],
  ['b', 'diff by task, host, file'],
  ['w', 'wide columns'],
  ['o', 'open source in $EDITOR'],
  ['y', 'copy'],
  ['e', 'shell on the host'],
  ['r', 'try a failed host again'],
  ['R', 'try all failed hosts again'],
  ['s', 'skip the host'],
  ['c', 'give all held hosts up'],
  ['p', 'pause before a task, go on'],
  ['+ -', 'more, fewer forks'],
  ['q', 'leave: a menu asks how'],
  ['ctrl-c', 'drain; again: abort'],
  ['?', 'this help'],
  ['space', 'replay: pause, go on'],
  ['< >', 'replay: slower, faster'],
  ['left right', 'replay: 10 s back, on'],
  ['a', 'after a dry run: apply'],
];

export function helpLines(theme: Theme, width: number): Line[] {
  const glyphs = flowed(
    (['ok', 'changed', 'failed', 'unreachable', 'skipped', 'unknown', 'running', 'waiting', 'stopped'] as const).map(
      (name): Line => [
        [theme.glyph[name], name],
        [` ${name}`, 'dim'],
      ],
    ),
    width - 2,
  );
  const lines: Line[] = [...glyphs.map((line): Line => [['  '], ...line]), []];
  const columns = width >= 150 ? 3 : width >= 76 ? 2 : 1;
  const cell = Math.floor((width - 2) / columns);
  const rows = Math.ceil(KEYS.length / columns);
  for (let row = 0; row < rows; row += 1) {
    const line: [string, 'title' | 'plain'][] = [['  ', 'plain']];
    for (let column = 0; column < columns; column += 1) {
      const entry = KEYS[column * rows + row];
      if (entry !== undefined)
        line.push([entry[0].padEnd(12), 'title'], [entry[1].slice(0, cell - 13).padEnd(cell - 12), 'plain']);
    }
    lines.push(line);
  }
  return lines;
}
