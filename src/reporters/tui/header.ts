// The top of the screen: what is played, how far it is, how long it has taken and may take, and what hosts came to.
import { printableLine } from '../../core/printable.ts';
import type { View } from '../view.ts';
import type { Sight } from './body.ts';
import { clock, spread, type Line, type Piece } from './fit.ts';
import { barOf, lookOf } from './hosts-panel.ts';
import type { GlyphName, Style, Theme } from './theme.ts';

/** What an earlier run of the same playbooks took: seconds in all, and when each task began (by `name`, in seconds from the start). */
export interface Expected {
  readonly seconds: number;
  readonly starts: ReadonlyMap<string, number>;
}

/**
 * Seconds that are left, as far as an earlier run tells: what it had still to do where this run is now, at this run's pace (it may have more hosts, or
 * more to change). Undefined when nothing is known, or no longer.
 */
export function secondsLeft(view: View, expected: Expected | undefined, now: number): number | undefined {
  if (expected === undefined || view.run === undefined || view.end !== undefined) return undefined;
  const elapsed = (now - view.run.startedAt) / 1000;
  const current = view.current === undefined ? undefined : view.taskById.get(view.current);
  const begun = current === undefined ? undefined : expected.starts.get(current.ref.name);
  if (current === undefined || begun === undefined)
    return elapsed > expected.seconds ? undefined : expected.seconds - elapsed;
  // However long the present task takes, the earlier run was at its next one then.
  let next = expected.seconds;
  for (const start of expected.starts.values()) if (start > begun && start < next) next = start;
  const at = Math.min(begun + (now - current.startedAt) / 1000, next);
  return (expected.seconds - at) * (at > 0 ? elapsed / at : 1);
}

export function headerLines({ view, ui, theme, now }: Sight, expected: Expected | undefined): Line[] {
  const over = view.end?.at ?? now;
  const elapsed = view.run === undefined ? 0 : (over - view.run.startedAt) / 1000;
  const left = secondsLeft(view, expected, now);
  const playbooks = (view.run?.playbooks ?? []).map((path) => path.split('/').at(-1) ?? path).join(' ');
  const batch =
    view.play !== undefined && view.play.batches > 1 ? ` (batch ${view.play.batch}/${view.play.batches})` : '';
  const current = view.current === undefined ? undefined : view.taskById.get(view.current);
  const right: Piece[] = [
    [clock(elapsed), 'bold'],
    [left === undefined ? '' : ` ETA ${clock(left)}`, 'dim'],
  ];
  if (ui.replay !== undefined)
    right.push(
      [`/${clock(ui.replay.seconds)} `, 'dim'],
      [` replay ${ui.replay.paused ? 'paused' : `x${ui.replay.speed}`} `, 'alert'],
    );
  const first: Line = [
    [' vbx ', 'selected'],
    [` ${playbooks}`, 'title'],
    [view.run?.check === true ? ' DRY RUN' : '', 'alert'],
    [view.play === undefined ? '' : ` ${theme.arrow} ${view.play.name}${batch}`, 'plain'],
    [current === undefined || view.end !== undefined ? '' : ` ${theme.arrow} ${current.ref.name}`, 'bold'],
  ];
  return [spread(first, right, ui.columns, theme), ...countersOf(view, theme, ui.columns)];
}

const OUTCOMES = ['ok', 'changed', 'failed', 'unreachable', 'skipped', 'unknown'] as const;

/** How far it is, what hosts do, what tasks came to: on one line of a wide screen, on two of a narrow one, so that rows below do not jump. */
function countersOf(view: View, theme: Theme, columns: number): Line[] {
  const hosts: Record<GlyphName, number> = {
    ok: 0,
    changed: 0,
    failed: 0,
    unreachable: 0,
    skipped: 0,
    unknown: 0,
    running: 0,
    waiting: 0,
    stopped: 0,
  };
  for (const row of view.hosts.values()) hosts[lookOf(row)] += 1;
  const total = Math.max(view.total, view.index);
  const index = view.end === undefined ? view.index : total;
  const state: Piece[] = [
    [' '],
    ...barOf(index, total, columns >= 110 ? 20 : 10, theme),
    [` ${index}/${total} tasks`, 'dim'],
    [`  ${view.hosts.size} host${view.hosts.size === 1 ? '' : 's'}:`, 'dim'],
  ];
  for (const kind of ['running', 'waiting', 'failed', 'unreachable', 'stopped'] as const)
    if (hosts[kind] > 0) state.push([` ${hosts[kind]} ${kind}`, kind]);
  const rest = view.hosts.size - hosts.running - hosts.waiting - hosts.failed - hosts.unreachable - hosts.stopped;
  if (rest > 0) state.push([` ${rest} ${view.end === undefined ? 'between tasks' : 'done'}`, 'ok']);
  if (view.control !== 'running' && view.end === undefined)
    state.push([' '], [` ${view.control.toUpperCase()} `, 'alert']);
  const outcomes: Piece[] = [[' ']];
  for (const kind of OUTCOMES) {
    const count = view.counts[kind];
    if (count === 0 && kind !== 'ok' && kind !== 'changed' && kind !== 'failed') continue;
    outcomes.push([`${theme.glyph[kind]}${count} ${kind} `, count === 0 ? 'dim' : kind]);
  }
  outcomes.push([` forks ${view.forks}`, 'dim']);
  return columns >= 140 ? [[...state, ...outcomes]] : [state, outcomes];
}

/** Fewer hosts are all in the table. */
const FEWEST_IN_MATRIX = 4;
const SHADES = [
  'failed',
  'unreachable',
  'stopped',
  'running',
  'changed',
  'unknown',
  'ok',
  'skipped',
  'waiting',
] as const;

/** A cell a host, by groups where they fit; above 300 hosts a strip of states for each group. At most `most` lines. */
export function matrixLines({ view, ui, theme }: Sight, most: number): Line[] {
  if (view.hosts.size < FEWEST_IN_MATRIX || most <= 0) return [];
  const groups = groupsOf(view);
  const label = Math.min(16, Math.max(3, ...groups.map(({ name }) => name.length))) + 6;
  const width = Math.max(10, ui.columns - label - 2);
  const heading = (name: string, count: number): Piece => [
    ` ${printableLine(name)
      .slice(0, label - 6)
      .padEnd(label - 6)} ${String(count).padStart(4)} `,
    'dim',
  ];
  if (view.hosts.size > 300) {
    return groups.slice(0, most).map(({ name, looks }) => {
      const counts = new Map<GlyphName, number>();
      for (const look of looks) counts.set(look, (counts.get(look) ?? 0) + 1);
      const present = SHADES.filter((shade) => counts.has(shade));
      // Every state that is there gets a cell at least; the largest share gives them up.
      const cells = present.map((shade) => Math.max(1, Math.floor(((counts.get(shade) ?? 0) / looks.length) * width)));
      let spare = width - cells.reduce((sum, count) => sum + count, 0);
      const largest = cells.indexOf(Math.max(...cells));
      if (largest >= 0) cells[largest] = Math.max(1, (cells[largest] ?? 1) + spare);
      spare = 0;
      return [
        heading(name, looks.length),
        ...present.map((shade, index): Piece => [theme.glyph[shade].repeat(cells[index] ?? 0), shade]),
      ];
    });
  }
  const lines: Line[] = [];
  for (const { name, looks } of groups) {
    for (let from = 0; from < looks.length; from += width) {
      if (lines.length === most) return lines;
      const pieces: Piece[] = [from === 0 ? heading(name, looks.length) : [' '.repeat(label + 1)]];
      let run: GlyphName | undefined;
      let text = '';
      const flush = (): void => {
        if (run !== undefined) pieces.push([text, run as Style]);
      };
      for (const look of looks.slice(from, from + width)) {
        if (look !== run) {
          flush();
          run = look;
          text = '';
        }
        text += theme.glyph[look];
      }
      flush();
      lines.push(pieces);
    }
  }
  return lines;
}

/** Each host once, in the smallest of its groups that has more than one host of the play; all hosts when there are no groups. */
function groupsOf(view: View): { readonly name: string; readonly looks: GlyphName[] }[] {
  const sizes = new Map<string, number>();
  for (const row of view.hosts.values()) for (const group of row.groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const groups = new Map<string, GlyphName[]>();
  for (const row of view.hosts.values()) {
    let best = 'hosts';
    let size = Infinity;
    for (const group of row.groups) {
      const count = sizes.get(group) ?? 0;
      if (count > 1 && count < size) [best, size] = [group, count];
    }
    const looks = groups.get(best);
    if (looks === undefined) groups.set(best, [lookOf(row)]);
    else looks.push(lookOf(row));
  }
  return [...groups].map(([name, looks]) => ({ name, looks }));
}
