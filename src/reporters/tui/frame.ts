// The screen as lines: at most one row less than the terminal has, none wider than it; made from the view and the person's choices alone.
import { foldNames } from '../../core/nodeset.ts';
import type { View } from '../view.ts';
import { bodyOf, chosenOf, topOf, type Body, type Sight } from './body.ts';
import { asFits, flowed, spread, styled, widthOfLine, type Line, type Piece } from './fit.ts';
import { headerLines, matrixLines, type Expected } from './header.ts';
import { helpLines } from './help.ts';
import { recapLines } from './recap-lines.ts';
import type { Theme } from './theme.ts';
import { PANELS, type Ui } from './ui.ts';

export interface Size {
  readonly rows: number;
  readonly columns: number;
}

interface Layout {
  readonly body: Body;
  readonly top: readonly Line[];
  readonly overlay: readonly Line[];
  /** Rows that are left for the body. */
  readonly rows: number;
}

/** What stands where: keys move by the same rows that are drawn. */
export function layoutOf(sight: Sight, expected?: Expected): Layout {
  const { view, ui } = sight;
  const most = Math.max(1, ui.rows - 1);
  const head = headerLines(sight, expected);
  const body = bodyOf(sight);
  const matrix = most < 12 ? [] : matrixLines(sight, Math.min(8, Math.floor(most / 5)));
  const top = [...head, ...matrix, tabsOf(sight), body.heading];
  const overlay = overlayOf(sight);
  // A question or a recap never hides the body whole, and never the foot.
  const shown = overlay.slice(0, Math.max(0, most - top.length - 1 - (view.held || view.end !== undefined ? 3 : 1)));
  return { body, top, overlay: shown, rows: most - top.length - 1 - shown.length };
}

/** The frame; `now` is the run's clock in milliseconds since the epoch. */
export function renderFrame(
  view: View,
  given: Ui,
  size: Size,
  theme: Theme,
  now: number,
  expected?: Expected,
): string[] {
  const ui: Ui =
    given.rows === size.rows && given.columns === size.columns
      ? given
      : { ...given, rows: size.rows, columns: size.columns };
  const sight: Sight = { view, ui, theme, now };
  const most = Math.max(1, size.rows - 1);
  const width = Math.max(1, size.columns);
  const line = (content: Line, selected = false): string => styled(content, width, theme, selected);
  const foot = line(footOf(sight));
  if (most <= 5) return [...headerLines(sight, expected).map((each) => line(each)), foot].slice(-most);
  if (ui.mode?.kind === 'help')
    return framed(
      headerLines(sight, expected).map((each) => line(each)),
      helpLines(theme, width).map((each) => line(each)),
      foot,
      most,
    );
  const { body, top, overlay, rows } = layoutOf(sight, expected);
  return [
    ...top.map((each) => line(each)),
    ...bodyLines(sight, body, rows, line),
    ...overlay.map((each) => line(each)),
    foot,
  ].slice(0, most);
}

function framed(head: readonly string[], middle: readonly string[], foot: string, most: number): string[] {
  const room = most - head.length - 1;
  const lines = middle.slice(0, room);
  return [...head, ...lines, ...Array<string>(Math.max(0, room - lines.length)).fill(''), foot].slice(0, most);
}

function bodyLines(
  sight: Sight,
  body: Body,
  rows: number,
  line: (content: Line, selected?: boolean) => string,
): string[] {
  const { ui, theme } = sight;
  const lines: string[] = [];
  if (body.kind === 'text') {
    if (body.count === 0) lines.push(line([[` ${body.empty}`, 'dim']]));
    const top = topOf(body, ui, rows);
    for (let at = top; at < Math.min(body.count, top + rows); at += 1) lines.push(line([[' '], ...body.line(at)]));
  } else {
    const chosen = chosenOf(body, ui);
    const preview = chosen < 0 ? [] : (body.preview?.(chosen, Math.floor(rows / 2) - 1) ?? []);
    const list = preview.length === 0 ? rows : rows - preview.length - 1;
    if (body.keys.length === 0) lines.push(line([[` ${body.empty}`, 'dim']]));
    const top = Math.max(0, Math.min(body.keys.length - list, chosen - Math.floor(list / 2)));
    for (let at = top; at < Math.min(body.keys.length, top + list); at += 1)
      lines.push(at === chosen ? line([[theme.cursor], ...body.row(at)], true) : line([[' '], ...body.row(at)]));
    while (lines.length < list) lines.push('');
    if (preview.length > 0)
      lines.push(line([[theme.rule.repeat(ui.columns), 'dim']]), ...preview.map((each) => line([['  '], ...each])));
  }
  while (lines.length < rows) lines.push('');
  return lines.slice(0, Math.max(0, rows));
}

function tabsOf({ view, ui, theme }: Sight): Line {
  const counts: Partial<Record<(typeof PANELS)[number], number>> = {
    diff: view.diffs.length,
    errors: view.errors.filter((error) => error.hosts.length > 0).length,
  };
  const pieces: Piece[] = [];
  PANELS.forEach((panel, index) => {
    const count = counts[panel] ?? 0;
    const here = ui.panel === panel;
    pieces.push([
      here
        ? `[${index + 1} ${panel}${count > 0 ? ` ${count}` : ''}]`
        : ` ${index + 1} ${panel}${count > 0 ? ` ${count}` : ''} `,
      here ? 'selected' : panel === 'errors' && count > 0 ? 'failed' : 'dim',
    ]);
  });
  for (const place of ui.path)
    pieces.push([
      ` ${theme.arrow} ${place.kind === 'host' || place.kind === 'result' ? (place.kind === 'host' ? place.host : 'result') : place.kind}`,
      'title',
    ]);
  const right: Piece[] = [
    [ui.failedOnly ? ' failed only ' : '', 'alert'],
    [ui.filter === '' ? '' : ` /${ui.filter}`, 'changed'],
  ];
  return spread(pieces, right, ui.columns, theme);
}

/** What stands above the foot: questions, the menu of leaving, the recap. */
function overlayOf(sight: Sight): Line[] {
  const { view, ui, theme } = sight;
  const rule: Line = [[theme.rule.repeat(ui.columns), 'dim']];
  if (ui.mode?.kind === 'leave') {
    return [
      rule,
      [[' The run goes on. What now?', 'bold']],
      [['   w  ', 'title'], ['go on without the screen: plain lines from here']],
      [['   d  ', 'title'], ['drain: running tasks end, no new one begins']],
      [['   a  ', 'title'], ['abort: end the commands on the hosts']],
      [['  esc ', 'title'], ['back']],
    ];
  }
  if (ui.mode?.kind === 'question')
    return [
      rule,
      ...ui.mode.text
        .replace(/\n$/, '')
        .split('\n')
        .slice(0, -1)
        .map((text): Line => [[` ${text}`]]),
    ];
  const held = view.held ? [...view.hosts.values()].filter((row) => row.held).map((row) => row.name) : [];
  // While all of them are tried again nobody waits.
  if (held.length > 0) {
    const what: Line = [
      [
        ` ${held.length} host${held.length === 1 ? '' : 's'} failed and wait${held.length === 1 ? 's' : ''} for you: `,
        'alert',
      ],
      [` ${foldNames(held)}`, 'failed'],
    ];
    return [
      rule,
      what,
      ...flowed(
        [
          key('r', 'try the chosen host again'),
          key('R', 'try all again'),
          key('e', 'shell on it'),
          key('s', 'give it up'),
          key('c', 'give all up and end'),
        ],
        ui.columns - 2,
        '   ',
      ).map((each): Line => [[' '], ...each]),
    ];
  }
  if (view.end !== undefined) return [rule, ...recapLines(sight)];
  return [];
}

function footOf(sight: Sight): Line {
  const { ui } = sight;
  const { mode } = ui;
  if (mode?.kind === 'filter')
    return [
      ['/', 'title'],
      [mode.text],
      ['_', 'selected'],
      ['  words, !word: not there; enter keeps, esc drops', 'dim'],
    ];
  if (mode?.kind === 'command')
    return [
      [':', 'title'],
      [mode.text],
      ['_', 'selected'],
      [
        ui.replay === undefined
          ? '  forks N, host NAME, filter WORDS, pause, go, drain, abort, q'
          : '  host NAME, filter WORDS, speed N, at 1:30, q',
        'dim',
      ],
    ];
  if (mode?.kind === 'confirm') return [[` ${mode.question} (y/n) `, 'alert']];
  if (mode?.kind === 'question')
    return [
      [` ${mode.text.replace(/\n$/, '').split('\n').at(-1) ?? ''}`, 'bold'],
      [mode.secret ? '*'.repeat(mode.typed.length) : mode.typed],
      ['_', 'selected'],
    ];
  if (mode?.kind === 'leave') return [[' w, d, a or esc', 'dim']];
  if (mode?.kind === 'help') return [[' any key closes this', 'dim']];
  const note: Line = ui.note === '' ? [] : [[` ${ui.note} `, 'changed']];
  return [...note, [' '], ...asFits(hintsOf(sight), ui.columns - 1 - widthOfLine(note), '  ')];
}

const key = (name: string, does: string): Line => [
  [name, 'title'],
  [` ${does}`, 'dim'],
];

/** What the keys do just now, the most useful first. */
function hintsOf({ view, ui }: Sight): Line[] {
  const look = [
    ...(ui.path.length > 0 ? [key('esc', 'back')] : []),
    key('enter', 'look closer'),
    key('tab', 'panel'),
    key('/', 'filter'),
    key('!', 'failed'),
    key('l', 'log'),
    key('d', 'diff'),
    key('o', 'editor'),
  ];
  if (view.end !== undefined && ui.confirming)
    return [
      key('a', 'apply this'),
      key('q', 'leave the hosts as they are'),
      key('?', 'help'),
      key('b', 'by task, host, file'),
      ...look,
    ];
  if (ui.replay !== undefined)
    return [
      key('?', 'help'),
      key('q', 'leave'),
      key('space', ui.replay.paused ? 'go on' : 'pause'),
      key('< >', 'speed'),
      key('left right', '10 s'),
      ...look,
    ];
  if (view.end !== undefined)
    return [
      ...(view.end.exit === 0 && !ui.touched ? [key('any key', 'keeps this open')] : []),
      key('?', 'help'),
      key('q', 'leave'),
      ...look,
    ];
  return [
    key('?', 'help'),
    key('p', view.control === 'paused' ? 'go on' : 'pause'),
    key('q', 'leave'),
    ...look,
    key('+ -', 'forks'),
    key('ctrl-c', 'drain'),
  ];
}
