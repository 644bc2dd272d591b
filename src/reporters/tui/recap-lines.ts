// The end of a run on the screen: what hosts came to, why some stopped, and what to do next.
import { foldNames } from '../../core/nodeset.ts';
import type { Tally } from '../../core/outcome.ts';
import type { Sight } from './body.ts';
import { clock, cut, flowed, type Line } from './fit.ts';

const COLUMNS: readonly (readonly [
  keyof Tally,
  'ok' | 'changed' | 'failed' | 'unreachable' | 'skipped' | 'unknown',
])[] = [
  ['ok', 'ok'],
  ['changed', 'changed'],
  ['failed', 'failed'],
  ['unreachable', 'unreachable'],
  ['skipped', 'skipped'],
  ['rescued', 'changed'],
  ['ignored', 'changed'],
  ['unknown', 'unknown'],
];

export function recapLines({ view, ui, theme }: Sight): Line[] {
  const { end } = view;
  if (end === undefined) return [];
  const sum = new Map<keyof Tally, number>();
  let bad = 0;
  for (const tally of Object.values(end.recap)) {
    if (tally.failed + tally.unreachable > 0) bad += 1;
    for (const [key] of COLUMNS) sum.set(key, (sum.get(key) ?? 0) + tally[key]);
  }
  const hosts = Object.keys(end.recap).length;
  const totals: Line[] = COLUMNS.filter(([key]) => (sum.get(key) ?? 0) > 0).map(([key, style]) => [
    [`${key}=${sum.get(key) ?? 0}`, style],
  ]);
  const good = end.exit === 0 || end.exit === 3;
  const summary: Line = [
    [good ? 'done' : end.interrupted ? 'interrupted' : 'failed', good ? 'ok' : 'failed'],
    [
      ` ${hosts} host${hosts === 1 ? '' : 's'} in ${clock(end.seconds)}, ${end.exchanges} exchange${end.exchanges === 1 ? '' : 's'}`,
      'bold',
    ],
  ];
  const lines: Line[] = flowed(
    [
      summary,
      ...totals,
      ...(bad > 0 ? [[[`${bad} host${bad === 1 ? '' : 's'} did not reach the end`, 'failed'] as const]] : []),
    ],
    ui.columns - 2,
  ).map((line): Line => [[' '], ...line]);
  const reasons = new Map<string, { readonly hosts: string[]; readonly name: string; readonly reason: string }>();
  for (const [host, { name, reason }] of Object.entries(end.stopped)) {
    const key = `${name}\n${reason}`;
    const known = reasons.get(key);
    if (known === undefined) reasons.set(key, { hosts: [host], name, reason });
    else known.hosts.push(host);
  }
  const shown = [...reasons.values()].sort((a, b) => b.hosts.length - a.hosts.length);
  for (const { hosts: names, name, reason } of shown.slice(0, 3))
    lines.push([
      [` ${cut(foldNames(names), Math.max(20, ui.columns >> 1), theme.ellipsis)}`, 'failed'],
      [' stopped at ', 'dim'],
      [name, 'bold'],
      [`: ${reason}`],
    ]);
  if (shown.length > 3) lines.push([[` and ${shown.length - 3} more reasons (5 shows them)`, 'dim']]);
  if (ui.replay !== undefined) return lines;
  if (view.run?.check === true)
    lines.push([
      [
        ui.confirming
          ? ' a applies this, q leaves the hosts as they are'
          : ' this was a dry run: run without --check to make it so',
        'title',
      ],
    ]);
  else if (end.interrupted || Object.keys(end.stopped).length > 0)
    lines.push([
      [' next: ', 'dim'],
      ['vbx resume', 'title'],
      [' goes on where it stopped, ', 'dim'],
      ['vbx replay', 'title'],
      [' shows it again', 'dim'],
    ]);
  else
    lines.push([
      [' next: ', 'dim'],
      ['vbx replay', 'title'],
      [' shows it again', 'dim'],
    ]);
  return lines;
}
