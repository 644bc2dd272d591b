// One host: its results in order, and below them the end of what it prints.
import type { ListBody, Sight } from './body.ts';
import { bytes, pad, padLeft, type Line } from './fit.ts';
import { lookOf } from './hosts-panel.ts';
import { matches } from './matches.ts';
import { outcomeSummary } from './result-text.ts';
import { titleOf } from './tasks-panel.ts';

export function hostPlace({ view, ui, theme }: Sight, name: string): ListBody {
  const host = view.hosts.get(name);
  const wanted = matches(ui.filter);
  const rows = view.results(name).filter(({ task, outcome }) => {
    if (ui.failedOnly && outcome.kind !== 'failed' && outcome.kind !== 'unreachable') return false;
    return wanted(view.taskById.get(task)?.ref.name ?? task);
  });
  const e = theme.ellipsis;
  const width = Math.max(20, Math.min(60, Math.floor(ui.columns / 2) - 4));
  const link = host?.connection;
  const about =
    host === undefined
      ? ''
      : [
          host.groups.join(' '),
          link === undefined ? '' : `${link.transport} ${link.address}`,
          link === undefined || link.exchanges === 0
            ? ''
            : `${link.exchanges} exchanges, ${bytes(link.bytesIn + link.bytesOut)}`,
        ]
          .filter((part) => part !== '')
          .join('  ');
  return {
    kind: 'list',
    id: `host ${name}`,
    keys: rows.map((row) => String(row.id)),
    empty: 'nothing has ended on this host yet',
    last: ui.follow,
    heading: [
      [host === undefined ? '' : `${theme.glyph[lookOf(host)]} `, host === undefined ? 'plain' : lookOf(host)],
      [name, 'title'],
      [`  ${about}`, 'dim'],
      [
        host?.state === 'running'
          ? `  ${theme.glyph.running} ${host.taskName}${host.status === '' ? '' : `: ${host.status}`}`
          : '',
        'running',
      ],
      [host?.held === true ? ' held: r try again, s skip ' : '', 'alert'],
    ],
    row(index) {
      const row = rows[index];
      if (row === undefined) return [];
      const task = view.taskById.get(row.task);
      return [
        [`${theme.glyph[row.outcome.kind]} `, row.outcome.kind],
        [pad(task === undefined ? row.task : titleOf(task), width, e)],
        [` ${padLeft(`${row.seconds.toFixed(1)} s`, 8, e)}  `, 'dim'],
        [
          outcomeSummary(row.outcome),
          row.outcome.kind === 'ok' || row.outcome.kind === 'skipped' ? 'dim' : row.outcome.kind,
        ],
      ];
    },
    open: (index) => (rows[index] === undefined ? undefined : { kind: 'result', host: name, id: rows[index].id }),
    preview: (_index, most) =>
      view
        .hostLog(name)
        .slice(-most)
        .map((line): Line => [[line.text, line.kind === 'stderr' || line.kind === 'warning' ? 'changed' : 'dim']]),
  };
}
