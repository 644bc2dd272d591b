// How hosts are reached: state, round trip, exchanges, bytes.
import type { ListBody, Sight } from './body.ts';
import { asFits, bytes, pad, padLeft } from './fit.ts';
import { matches } from './matches.ts';
import type { Style } from './theme.ts';

const STYLE: Readonly<Record<string, Style>> = { connecting: 'running', ready: 'ok', lost: 'failed', closed: 'dim' };
const ORDER: Readonly<Record<string, number>> = { lost: 0, connecting: 1, ready: 2, closed: 3 };

export function connectionsPanel({ view, ui, theme }: Sight): ListBody {
  const wanted = matches(ui.filter);
  const rows = [...view.hosts.values()].filter(
    (row) =>
      row.connection !== undefined &&
      wanted(row.name, () => row.connection?.address ?? '') &&
      (!ui.failedOnly || row.connection.state === 'lost'),
  );
  rows.sort(
    (a, b) =>
      (ORDER[a.connection?.state ?? ''] ?? 9) - (ORDER[b.connection?.state ?? ''] ?? 9) ||
      (b.connection?.milliseconds ?? 0) - (a.connection?.milliseconds ?? 0) ||
      a.index - b.index,
  );
  const width = Math.max(12, Math.floor(ui.columns / 4));
  const e = theme.ellipsis;
  const open = rows.filter((row) => row.connection?.state === 'ready').length;
  return {
    kind: 'list',
    id: 'connections',
    keys: rows.map((row) => row.name),
    empty: 'nothing is connected yet',
    heading: asFits(
      [
        [
          [
            `${pad('host', width, e)} state       ${padLeft('connect', 8, e)} ${padLeft('exchange', 9, e)} ${padLeft('count', 6, e)} ${padLeft('in', 8, e)} ${padLeft('out', 8, e)}`,
            'dim',
          ],
        ],
        [[`${open} open`, 'title']],
        [[`${view.exchanges.count} exchanges`, 'title']],
        [[`${bytes(view.exchanges.bytesIn)} in, ${bytes(view.exchanges.bytesOut)} out`, 'title']],
      ],
      ui.columns,
    ),
    row(index) {
      const row = rows[index];
      const link = row?.connection;
      if (row === undefined || link === undefined) return [];
      return [
        [pad(row.name, width, e)],
        [` ${pad(link.state, 11, e)}`, STYLE[link.state] ?? 'plain'],
        [
          ` ${padLeft(`${link.seconds.toFixed(2)} s`, 8, e)} ${padLeft(`${link.milliseconds.toFixed(0)} ms`, 9, e)} ${padLeft(String(link.exchanges), 6, e)} ${padLeft(bytes(link.bytesIn), 8, e)} ${padLeft(bytes(link.bytesOut), 8, e)}`,
        ],
        [`  ${link.transport} ${link.address}${link.message === '' ? '' : `  ${link.message}`}`, 'dim'],
      ];
    },
    open: (index) => (rows[index] === undefined ? undefined : { kind: 'host', host: rows[index].name }),
  };
}
