// The screen as lines: at most one row less than the terminal has, none wider than it; made from the view and the person's choices alone.
import type { View } from '../view.ts';
import { bodyOf, chosenOf, topOf, type Body, type Sight } from './body.ts';
import { styled, spread, type Line, type Piece } from './fit.ts';
import { headerLines, matrixLines, type Expected } from './header.ts';
import { helpLines } from './help.ts';
import { recapLines } from './recap-lines.ts';
import type { Theme } from './theme.ts';
import { PANELS, type Ui } from './ui.ts';

export interface Size {
  readonly rows: number;
  readonly columns: number;
}

/** Lines of the list, of the preview, and of the matrix for a size: what keys.ts moves by. */
export function roomOf(view: View, ui: Ui): { readonly matrix: number; readonly body: number } {
  const rows = Math.max(1, ui.rows - 1);
  const wanted = view.hosts.size > 1 ? Math.max(1, Math.min(8, Math.floor(rows / 5))) : 0;
  const groups = rows < 12 ? 0 : wanted;
  // Header, tabs, heading and foot.
  return { matrix: groups, body: Math.max(1, rows - 5 - groups) };
}

/** The frame; `now` is the run's clock in milliseconds since the epoch. */
export function renderFrame(view: View, given: Ui, size: Size, theme: Theme, now: number, expected?: Expected): string[] {
  const ui: Ui = given.rows === size.rows && given.columns === size.columns ? given : { ...given, rows: size.rows, columns: size.columns };
  const sight: Sight = { view, ui, theme, now };
  const most = Math.max(1, size.rows - 1);
  const width = Math.max(1, size.columns);
  const line = (content: Line, selected = false): string => styled(content, width, theme, selected);
  const foot = line(footOf(sight));
  const head = headerLines(sight, expected).map((each) => line(each));
  if (most <= 4) return [...head, foot].slice(-most);
  if (ui.mode?.kind === 'help') return framed(head, helpLines(theme, width).map((each) => line(each)), foot, most);
  const body = bodyOf(sight);
  const matrix = matrixLines(sight, roomOf(view, ui).matrix).map((each) => line(each));
  const top = [...head, ...matrix, line(tabsOf(sight)), line(body.heading)];
  const overlay = overlayOf(sight).slice(0, Math.max(0, most - top.length - 3)).map((each) => line(each));
  const rows = most - top.length - 1 - overlay.length;
  return [...top, ...bodyLines(sight, body, rows, line), ...overlay, foot].slice(0, most);
}

function framed(head: readonly string[], middle: readonly string[], foot: string, most: number): string[] {
  const room = most - head.length - 1;
  const lines = middle.slice(0, room);
  return [...head, ...lines, ...Array<string>(Math.max(0, room - lines.length)).fill(''), foot].slice(0, most);
}

function bodyLines(sight: Sight, body: Body, rows: number, line: (content: Line, selected?: boolean) => string): string[] {
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
    for (let at = top; at < Math.min(body.keys.length, top + list); at += 1) lines.push(at === chosen ? line([[theme.cursor], ...body.row(at)], true) : line([[' '], ...body.row(at)]));
    while (lines.length < list) lines.push('');
    if (preview.length > 0) lines.push(line([[theme.rule.repeat(ui.columns), 'dim']]), ...preview.map((each) => line([['  '], ...each])));
  }
  while (lines.length < rows) lines.push('');
  return lines.slice(0, Math.max(0, rows));
}

function tabsOf({ view, ui, theme }: Sight): Line {
  const counts: Partial<Record<(typeof PANELS)[number], number>> = { diff: view.diffs.length, errors: view.errors.filter((error) => error.hosts.length > 0).length };
  const pieces: Piece[] = [];
  PANELS.forEach((panel, index) => {
    const count = counts[panel] ?? 0;
    const here = ui.panel === panel;
    pieces.push([here ? `[${index + 1} ${panel}${count > 0 ? ` ${count}` : ''}]` : ` ${index + 1} ${panel}${count > 0 ? ` ${count}` : ''} `, here ? 'selected' : panel === 'errors' && count > 0 ? 'failed' : 'dim']);
  });
  for (const place of ui.path) pieces.push([` ${theme.arrow} ${place.kind === 'host' || place.kind === 'result' ? (place.kind === 'host' ? place.host : 'result') : place.kind}`, 'title']);
  const right: Piece[] = [[ui.failedOnly ? ' failed only ' : '', 'alert'], [ui.filter === '' ? '' : ` /${ui.filter}`, 'changed']];
  return spread(pieces, right, ui.columns, theme);
}

/** What stands above the foot: questions, the menu of leaving, the recap. */
function overlayOf(sight: Sight): Line[] {
  const { view, ui, theme } = sight;
  const rule: Line = [[theme.rule.repeat(ui.columns), 'dim']];
  if (ui.mode?.kind === 'leave') {
    return [
      rule, [[' The run goes on. What now?', 'bold']], [['   w  ', 'title'], ['go on without the screen: plain lines from here']], [['   d  ', 'title'], ['drain: running tasks end, no new one begins']],
      [['   a  ', 'title'], ['abort: end the commands on the hosts']], [['  esc ', 'title'], ['back']],
    ];
  }
  if (ui.mode?.kind === 'question') return [rule, ...ui.mode.text.replace(/\n$/, '').split('\n').slice(0, -1).map((text): Line => [[` ${text}`]])];
  if (view.held) {
    const held = [...view.hosts.values()].filter((row) => row.held);
    return [rule, [[` ${held.length} host${held.length === 1 ? '' : 's'} failed and wait${held.length === 1 ? 's' : ''} for you; everybody else is done. `, 'alert']], [[' r try the chosen host again  R all of them  s give the chosen host up  c give all up and go on', 'bold']]];
  }
  if (view.end !== undefined) return [rule, ...recapLines(sight)];
  return [];
}

function footOf({ view, ui }: Sight): Line {
  const { mode } = ui;
  if (mode?.kind === 'filter') return [['/', 'title'], [mode.text], ['_', 'selected'], ['  words, !word for what must not be there; enter keeps, esc drops', 'dim']];
  if (mode?.kind === 'command') return [[':', 'title'], [mode.text], ['_', 'selected'], ['  forks N, host NAME, filter WORDS, pause, go, drain, abort, q', 'dim']];
  if (mode?.kind === 'confirm') return [[` ${mode.question} (y/n) `, 'alert']];
  if (mode?.kind === 'question') return [[` ${mode.text.replace(/\n$/, '').split('\n').at(-1) ?? ''}`, 'bold'], [mode.secret ? '*'.repeat(mode.typed.length) : mode.typed], ['_', 'selected']];
  if (mode?.kind === 'leave') return [[' w, d, a or esc', 'dim']];
  if (mode?.kind === 'help') return [[' any key closes this', 'dim']];
  if (ui.note !== '') return [[` ${ui.note}`, 'changed']];
  if (view.end !== undefined && ui.confirming) return [[' a apply what the dry run shows   q leave as it is   4 differences   ? help', 'bold']];
  if (view.end !== undefined) return [[` q leave   ? help   enter look closer   / filter   4 differences   5 errors${ui.replay === undefined ? '' : '   left/right back and on'}`, 'dim']];
  if (ui.replay !== undefined) return [[' space pause   < > speed   left right 10 s back and on   q leave   ? help', 'dim']];
  return [[' ? help  enter look closer  tab panel  / filter  ! failed  l log  d diff  p pause  q leave  ctrl-c drain', 'dim']];
}
