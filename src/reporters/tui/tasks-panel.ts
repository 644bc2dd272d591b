// The timeline of tasks with their counts, and one task with what it came to on every host.
import type { OutcomeKind } from '../../core/outcome.ts';
import type { TaskRow } from '../view.ts';
import type { ListBody, Sight } from './body.ts';
import { clock, pad, padLeft, type Line, type Piece } from './fit.ts';
import { matches } from './matches.ts';
import { outcomeSummary } from './result-text.ts';
import type { Theme } from './theme.ts';

const KINDS: readonly OutcomeKind[] = ['failed', 'unreachable', 'changed', 'ok', 'skipped', 'unknown'];

/** A task as people call it. */
export function titleOf(task: TaskRow): string {
  return `${task.ref.handler === true ? 'handler ' : ''}${task.ref.role === undefined ? '' : `${task.ref.role} : `}${task.ref.name}`;
}

export function countsOf(counts: Readonly<Record<OutcomeKind, number>>, running: number, theme: Theme): Line {
  const pieces: Piece[] = KINDS.filter((kind) => counts[kind] > 0).map((kind) => [
    `${theme.glyph[kind]}${counts[kind]} `,
    kind,
  ]);
  if (running > 0) pieces.push([`${theme.glyph.running}${running}`, 'running']);
  return pieces;
}

export function tasksPanel({ view, ui, theme, now }: Sight): ListBody {
  const wanted = matches(ui.filter);
  const rows: TaskRow[] = [];
  for (const task of view.tasks) {
    if (ui.failedOnly && task.counts.failed + task.counts.unreachable === 0) continue;
    if (wanted(titleOf(task), () => task.ref.action)) rows.push(task);
  }
  const e = theme.ellipsis;
  const name = Math.max(20, Math.min(60, Math.floor(ui.columns / 2) - 6));
  return {
    kind: 'list',
    id: 'tasks',
    keys: rows.map((task) => task.ref.id),
    empty: view.tasks.length === 0 ? 'no task has begun yet' : 'no task matches',
    last: ui.follow,
    heading: [[`    # ${pad('task', name, e)} ${padLeft('time', 7, e)}  outcome`, 'dim']],
    row(index) {
      const task = rows[index];
      if (task === undefined) return [];
      const over = task.endedAt ?? (task.running > 0 || view.end === undefined ? now : task.startedAt);
      return [
        [padLeft(String(task.number), 5, e), 'dim'],
        [' '],
        [
          pad(titleOf(task), name, e),
          task.counts.failed + task.counts.unreachable > 0 ? 'failed' : task.running > 0 ? 'bold' : 'plain',
        ],
        [` ${padLeft(clock((task.spent + over - task.startedAt) / 1000), 7, e)}  `, 'dim'],
        ...countsOf(task.counts, task.running, theme),
      ];
    },
    open: (index) => (rows[index] === undefined ? undefined : { kind: 'task', task: rows[index].ref.id }),
  };
}

/** The hosts of one task with their results, the bad ones first. */
export function taskPlace({ view, ui, theme }: Sight, id: string): ListBody {
  const wanted = matches(ui.filter);
  const rows: {
    readonly host: string;
    readonly id: number;
    readonly kind: OutcomeKind;
    readonly text: string;
    readonly seconds: number;
  }[] = [];
  for (const host of view.hosts.keys()) {
    for (const result of view.results(host)) {
      if (result.task !== id) continue;
      const { kind } = result.outcome;
      if (ui.failedOnly && kind !== 'failed' && kind !== 'unreachable') continue;
      if (wanted(host))
        rows.push({ host, id: result.id, kind, text: outcomeSummary(result.outcome), seconds: result.seconds });
    }
  }
  rows.sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
  const task = view.taskById.get(id);
  const e = theme.ellipsis;
  return {
    kind: 'list',
    id: `task ${id}`,
    keys: rows.map((row) => String(row.id)),
    empty: 'no host has ended this task yet',
    heading: [
      [task === undefined ? id : titleOf(task), 'title'],
      [`  ${task?.ref.action ?? ''}  `, 'dim'],
      ...(task === undefined ? [] : countsOf(task.counts, task.running, theme)),
    ],
    row(index) {
      const row = rows[index];
      if (row === undefined) return [];
      return [
        [`${theme.glyph[row.kind]} ${pad(row.host, Math.min(40, Math.floor(ui.columns / 3)), e)}`, row.kind],
        [` ${padLeft(`${row.seconds.toFixed(1)} s`, 8, e)}  `, 'dim'],
        [row.text],
      ];
    },
    open: (index) =>
      rows[index] === undefined ? undefined : { kind: 'result', host: rows[index].host, id: rows[index].id },
  };
}
