// A run as one HTML file that needs nothing else: failures first, a timeline of hosts and tasks as a picture, differences folded. No script; all text is escaped.
import { foldNames } from '../core/nodeset.ts';
import type { Event, Reporter } from '../core/event.ts';
import { formatOrigin } from '../core/origin.ts';
import type { OutcomeKind, Tally } from '../core/outcome.ts';
import { printable } from '../core/printable.ts';
import { unified } from './unified.ts';
import { View } from './view.ts';

const COLOR: Readonly<Record<OutcomeKind, string>> = { ok: '#3fa45b', changed: '#d9a520', failed: '#d33a3a', unreachable: '#8f1d3f', skipped: '#9fb4c4', unknown: '#9a5fc0' };
/** Bars in the picture; where there are more, neighbours of one outcome become one. */
const MOST_BARS = 20_000;
const MOST_ROWS = 500;

interface Span {
  readonly from: number;
  to: number;
  readonly kind: OutcomeKind;
  name: string;
}

/** Writes the whole document when the run has ended. */
export function html(write: (text: string) => void): Reporter {
  const view = new View();
  const begun = new Map<string, number>();
  const spans = new Map<string, Span[]>();
  let count = 0;
  return {
    event(event: Event) {
      view.apply(event);
      if (event.kind === 'host-start') begun.set(event.host, event.at);
      if (event.kind !== 'host-end' || event.restored === true) return;
      const own = spans.get(event.host) ?? [];
      spans.set(event.host, own);
      const last = own.at(-1);
      const name = view.taskById.get(event.task)?.ref.name ?? event.task;
      if (count >= MOST_BARS && last?.kind === event.outcome.kind) {
        last.to = event.at;
        if (!last.name.endsWith(' …')) last.name = `${last.name} …`;
        return;
      }
      count += 1;
      own.push({ from: begun.get(event.host) ?? event.at - event.seconds * 1000, to: event.at, kind: event.outcome.kind, name });
    },
    close: () => write(documentOf(view, spans)),
  };
}

const escaped = (text: string): string => printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');

function documentOf(view: View, spans: ReadonlyMap<string, readonly Span[]>): string {
  const { end, run } = view;
  const state = end === undefined ? 'cut off' : end.interrupted ? 'interrupted' : end.exit === 0 || end.exit === 3 ? 'done' : 'failed';
  const title = `${(run?.playbooks ?? []).map((path) => path.split('/').at(-1) ?? path).join(' ')}: ${state}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#1b1f24;background:#fff}
pre,code,td,th{font:13px/1.4 ui-monospace,monospace}pre{overflow:auto;background:#f5f6f8;padding:.6rem;border-radius:4px}
table{border-collapse:collapse}td,th{padding:.1rem .7rem;text-align:right}td:first-child,th:first-child{text-align:left}
details{margin:.3rem 0}summary{cursor:pointer}.a{color:#1a7f37}.r{color:#c0262d}.h{color:#57606a}.bad{color:#c0262d;font-weight:600}svg{width:100%;height:auto}
@media(prefers-color-scheme:dark){body{background:#15181c;color:#dde1e6}pre{background:#20252b}.a{color:#5bd17a}.r{color:#ff7b72}.h{color:#9aa4af}.bad{color:#ff7b72}}
</style></head><body>
<h1>${escaped(title)}</h1>
<p>${escaped(`${run === undefined ? '' : new Date(run.startedAt).toISOString()}${run?.check === true ? ', dry run' : ''}${end === undefined ? '' : `, ${end.seconds.toFixed(1)} s, ${end.exchanges} exchanges, exit status ${end.exit}`}`)}</p>
${failures(view)}${recap(view)}${timeline(view, spans)}${differences(view)}${tasks(view)}</body></html>
`;
}

function failures(view: View): string {
  const open = view.errors.filter((error) => error.hosts.length > 0);
  if (open.length === 0) return '';
  const parts = open.map((error) => {
    const { result } = error.outcome;
    const origin = view.taskById.get(error.task)?.ref.origin;
    const fields = ['msg', 'cmd', 'rc', 'stderr', 'stdout'].filter((key) => result[key] !== undefined && result[key] !== '').map((key) => `${key}: ${typeof result[key] === 'string' ? result[key] : JSON.stringify(result[key])}`);
    return `<details open><summary><span class="bad">${escaped(foldNames(error.hosts))}</span> ${escaped(error.name)}${error.item === undefined ? '' : ` (item ${escaped(error.item)})`}</summary><pre>${origin === undefined ? '' : `<span class="h">${escaped(formatOrigin(origin))}</span>\n`}${escaped(fields.join('\n'))}</pre></details>`;
  });
  return `<h2>Failures</h2>\n${parts.join('\n')}\n`;
}

function recap(view: View): string {
  const { end } = view;
  if (end === undefined) return '';
  const same = new Map<string, string[]>();
  for (const [host, tally] of Object.entries(end.recap)) same.set(JSON.stringify(tally), [...(same.get(JSON.stringify(tally)) ?? []), host]);
  const keys = ['ok', 'changed', 'failed', 'unreachable', 'skipped', 'rescued', 'ignored', 'unknown'] as const;
  const rows = [...same].map(([text, hosts]) => ({ hosts, tally: JSON.parse(text) as Tally })).sort((a, b) => b.tally.failed + b.tally.unreachable - a.tally.failed - a.tally.unreachable);
  return `<h2>Recap</h2><table><tr><th>hosts</th>${keys.map((key) => `<th>${key}</th>`).join('')}</tr>\n${rows.map(({ hosts, tally }) => `<tr><td${tally.failed + tally.unreachable > 0 ? ' class="bad"' : ''}>${escaped(foldNames(hosts))}</td>${keys.map((key) => `<td>${tally[key]}</td>`).join('')}</tr>`).join('\n')}</table>\n`;
}

function timeline(view: View, spans: ReadonlyMap<string, readonly Span[]>): string {
  const from = view.run?.startedAt ?? 0;
  const to = Math.max(view.end?.at ?? view.now, from + 1);
  const bad = (name: string): number => (view.hosts.get(name)?.failure === undefined ? 1 : 0);
  const rows = [...spans].sort(([a], [b]) => bad(a) - bad(b)).slice(0, MOST_ROWS);
  if (rows.length === 0) return '';
  const label = 180;
  const width = 1200;
  const high = rows.length > 100 ? 6 : 16;
  const x = (at: number): number => label + ((Math.max(at, from) - from) / (to - from)) * (width - label);
  const bars = rows.flatMap(([host, own], row) => [
    ...(high < 10 ? [] : [`<text x="0" y="${row * high + 12}" font-size="11" fill="currentColor">${escaped(host.slice(0, 28))}</text>`]),
    ...own.map((span) => `<rect x="${x(span.from).toFixed(1)}" y="${row * high + 1}" width="${Math.max(0.7, x(span.to) - x(span.from)).toFixed(1)}" height="${high - 2}" fill="${COLOR[span.kind]}"><title>${escaped(`${host}: ${span.name} (${span.kind}, ${((span.to - span.from) / 1000).toFixed(1)} s)`)}</title></rect>`),
  ]);
  const more = spans.size > rows.length ? `<p>${spans.size - rows.length} more hosts are not in the picture.</p>` : '';
  return `<h2>Timeline</h2><svg viewBox="0 0 ${width} ${rows.length * high}" role="img" aria-label="when each host did which task">${bars.join('\n')}</svg>${more}\n`;
}

function differences(view: View): string {
  if (view.diffs.length === 0) return '';
  const parts = view.diffs.map(({ diff, hosts, task }) => {
    const lines = unified(diff).map(({ kind, text }) => `<span class="${kind === 'added' ? 'a' : kind === 'removed' ? 'r' : kind === 'same' ? '' : 'h'}">${escaped(text)}</span>`);
    return `<details><summary>${escaped(view.taskById.get(task)?.ref.name ?? task)}: <code>${escaped(diff.resource === '' ? diff.afterHeader : diff.resource)}</code> on ${escaped(foldNames(hosts))}</summary><pre>${lines.join('\n')}</pre></details>`;
  });
  return `<h2>Differences</h2>\n${parts.join('\n')}\n`;
}

function tasks(view: View): string {
  const kinds: readonly OutcomeKind[] = ['failed', 'unreachable', 'changed', 'ok', 'skipped', 'unknown'];
  return `<details><summary>Tasks (${view.tasks.length})</summary><table><tr><th>task</th><th>seconds</th>${kinds.map((kind) => `<th>${kind}</th>`).join('')}</tr>\n${view.tasks.map((task) => `<tr><td>${escaped(task.ref.name)}</td><td>${task.endedAt === undefined ? '' : ((task.spent + task.endedAt - task.startedAt) / 1000).toFixed(1)}</td>${kinds.map((kind) => `<td>${task.counts[kind]}</td>`).join('')}</tr>`).join('\n')}</table></details>\n`;
}
