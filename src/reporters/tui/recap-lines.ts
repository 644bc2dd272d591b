// The end of a run on the screen: what hosts came to, why some stopped, and what to do next.
import { foldNames } from '../../core/nodeset.ts';
import type { Tally } from '../../core/outcome.ts';
import type { Sight } from './body.ts';
import { clock, type Line, type Piece } from './fit.ts';

const COLUMNS: readonly (readonly [keyof Tally, 'ok' | 'changed' | 'failed' | 'unreachable' | 'skipped' | 'unknown'])[] = [['ok', 'ok'], ['changed', 'changed'], ['failed', 'failed'], ['unreachable', 'unreachable'], ['skipped', 'skipped'], ['rescued', 'changed'], ['ignored', 'changed'], ['unknown', 'unknown']];

export function recapLines({ view, ui }: Sight): Line[] {
  const { end } = view;
  if (end === undefined) return [];
  const sum = new Map<keyof Tally, number>();
  let bad = 0;
  for (const tally of Object.values(end.recap)) {
    if (tally.failed + tally.unreachable > 0) bad += 1;
    for (const [key] of COLUMNS) sum.set(key, (sum.get(key) ?? 0) + tally[key]);
  }
  const hosts = Object.keys(end.recap).length;
  const totals: Piece[] = COLUMNS.filter(([key]) => (sum.get(key) ?? 0) > 0).map(([key, style]) => [` ${key}=${sum.get(key) ?? 0}`, style]);
  const good = end.exit === 0 || end.exit === 3;
  const lines: Line[] = [[[good ? ' done ' : end.interrupted ? ' interrupted ' : ' failed ', good ? 'ok' : 'failed'], [`${hosts} host${hosts === 1 ? '' : 's'} in ${clock(end.seconds)}, ${end.exchanges} exchange${end.exchanges === 1 ? '' : 's'}`, 'bold'], ...totals, [bad > 0 ? `  ${bad} not reached the end` : '', 'failed']]];
  const reasons = new Map<string, { readonly hosts: string[]; readonly name: string; readonly reason: string }>();
  for (const [host, { name, reason }] of Object.entries(end.stopped)) {
    const key = `${name}\n${reason}`;
    const known = reasons.get(key);
    if (known === undefined) reasons.set(key, { hosts: [host], name, reason });
    else known.hosts.push(host);
  }
  const shown = [...reasons.values()].sort((a, b) => b.hosts.length - a.hosts.length);
  for (const { hosts: names, name, reason } of shown.slice(0, 3)) lines.push([[` ${foldNames(names)}`, 'failed'], [' stopped at ', 'dim'], [name, 'bold'], [`: ${reason}`]]);
  if (shown.length > 3) lines.push([[` and ${shown.length - 3} more reasons (5 shows them)`, 'dim']]);
  if (ui.replay !== undefined) return lines;
  if (view.run?.check === true) lines.push([[ui.confirming ? ' a applies this, q leaves the hosts as they are' : ' this was a dry run: run without --check to make it so', 'title']]);
  else if (end.interrupted || Object.keys(end.stopped).length > 0) lines.push([[' next: ', 'dim'], ['vbx resume', 'title'], [' takes it up where it stopped, ', 'dim'], ['vbx replay', 'title'], [' shows it again', 'dim']]);
  else lines.push([[' next: ', 'dim'], ['vbx replay', 'title'], [' shows it again', 'dim']]);
  return lines;
}
