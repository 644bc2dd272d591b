// The table of hosts: failed ones first, then those that run longest, then those that changed.
import { reasonOf } from '../../core/outcome.ts';
import { printableLine } from '../../core/printable.ts';
import type { HostRow, View } from '../view.ts';
import type { ListBody, Sight } from './body.ts';
import { clock, pad, padLeft, type Line, type Piece } from './fit.ts';
import { matches } from './matches.ts';
import type { GlyphName, Theme } from './theme.ts';

const ORDER: Readonly<Record<HostRow['state'], number>> = {
  failed: 0,
  unreachable: 1,
  stopped: 2,
  running: 3,
  waiting: 4,
  done: 5,
};

/** How a host is shown in a cell: its state while it matters, else the worst of what its tasks came to. */
export function lookOf(row: HostRow): GlyphName {
  switch (row.state) {
    case 'failed':
    case 'unreachable':
    case 'stopped':
      return row.state;
    case 'running':
      return row.queued ? 'waiting' : 'running';
    case 'waiting':
    case 'done':
      return row.done === 0 ? (row.state === 'done' ? 'skipped' : 'waiting') : row.worst;
  }
}

/** The hosts in the order of the table, filtered. */
export function orderedHosts(view: View, filter: string, failedOnly: boolean): HostRow[] {
  const rows: HostRow[] = [];
  const wanted = matches(filter);
  for (const row of view.hosts.values()) {
    if (failedOnly && row.state !== 'failed' && row.state !== 'unreachable') continue;
    if (wanted(row.name, () => `${row.groups.join(' ')} ${row.taskName}`)) rows.push(row);
  }
  const changed = (row: HostRow): number => row.tally.changed;
  const order = (row: HostRow): number => (row.queued ? ORDER.waiting : ORDER[row.state]);
  return rows.sort(
    (a, b) =>
      order(a) - order(b) || (a.state === 'running' ? a.since - b.since : changed(b) - changed(a)) || a.index - b.index,
  );
}

export function hostsPanel({ view, ui, theme, now }: Sight): ListBody {
  const rows = orderedHosts(view, ui.filter, ui.failedOnly);
  const e = theme.ellipsis;
  let widest = 8;
  for (const row of rows) widest = Math.max(widest, row.name.length);
  const name = Math.min(widest, ui.wide ? 60 : Math.max(12, Math.floor(ui.columns / 4)));
  const total = Math.max(view.total, 1);
  const bar = ui.columns >= 100 ? 10 : 5;
  const count = String(total).length;
  const task = Math.max(14, Math.floor((ui.columns - name - bar) / (ui.wide ? 2 : 3)));
  return {
    kind: 'list',
    id: 'hosts',
    keys: rows.map((row) => row.name),
    empty: view.hosts.size === 0 ? 'no hosts yet' : 'no host matches',
    heading: [
      [
        `  ${pad('host', name, e)} ${pad('done', bar + count * 2 + 2, e)} ${padLeft('time', 6, e)} ${pad('task', task, e)} last line`,
        'dim',
      ],
    ],
    row(index) {
      const row = rows[index];
      if (row === undefined) return [];
      const look = lookOf(row);
      const time = row.state === 'running' && !row.queued ? clock((now - row.since) / 1000) : '';
      const failed = row.state === 'failed' || row.state === 'unreachable';
      const last: readonly Piece[] = failed
        ? [
            [row.held ? 'held: ' : '', 'alert'],
            [toldOf(row), 'failed'],
          ]
        : [
            [waitOf(row), 'running'],
            [row.lastLine, 'dim'],
          ];
      // A host that reached the end has done all that there was for it.
      const of = row.state === 'done' ? Math.max(row.done, 1) : total;
      return [
        [`${theme.glyph[look]} `, look],
        [
          pad(printableLine(row.name), name, e),
          look === 'ok' || look === 'waiting' || look === 'skipped' ? 'plain' : look,
        ],
        [' '],
        ...barOf(row.done, of, bar, theme),
        [` ${padLeft(`${row.done}/${of}`, count * 2 + 1, e)}`, 'dim'],
        [` ${padLeft(time, 6, e)} `, 'running'],
        [pad(printableLine(failed ? (row.failure?.name ?? row.taskName) : row.taskName), task, e)],
        [' '],
        ...last,
      ];
    },
    open: (index) => (rows[index] === undefined ? undefined : { kind: 'host', host: rows[index].name }),
  };
}

/** What a running host waits for, with a gap behind it; empty when it works. */
function waitOf(row: HostRow): string {
  if (row.state === 'stopped') return row.status;
  if (row.state !== 'running' && row.state !== 'waiting') return '';
  const wait =
    row.status !== ''
      ? row.status
      : row.connection?.state === 'connecting'
        ? `connecting to ${row.connection.address}`
        : row.connection?.state === 'lost'
          ? 'connection lost'
          : '';
  return wait === '' || row.lastLine === '' ? wait : `${wait}  `;
}

function toldOf(row: HostRow): string {
  return (row.failure === undefined ? undefined : reasonOf(row.failure.outcome.result)) ?? row.state;
}

/** A bar of `width` columns. */
export function barOf(done: number, total: number, width: number, theme: Theme): Line {
  const full = Math.min(width, Math.round((Math.min(done, total) / Math.max(1, total)) * width));
  return [
    [theme.bar[0].repeat(full), 'ok'],
    [theme.bar[1].repeat(width - full), 'dim'],
  ];
}
