// A run as one HTML file that needs nothing else: failures first, a timeline of hosts and tasks as a picture, differences folded. No script; all text is escaped.
import { foldNames } from '../core/nodeset.ts';
import type { Event, Reporter } from '../core/event.ts';
import { formatOrigin } from '../core/origin.ts';
import type { OutcomeKind, Tally } from '../core/outcome.ts';
import { printable } from '../core/printable.ts';
import { unified } from './unified.ts';
import { View } from './view.ts';

const COLOR: Readonly<Record<OutcomeKind, string>> = {
  ok: '#3fa45b',
  changed: '#d9a520',
  failed: '#d33a3a',
  unreachable: '#8f1d3f',
  skipped: '#9fb4c4',
  unknown: '#9a5fc0',
};
/** Bars in the picture; where there are more, neighbours of one outcome become one. */
const MOST_BARS = 20_000;
const MOST_ROWS = 500;
const MOST_NAMES = 160;

const KINDS: readonly OutcomeKind[] = ['failed', 'unreachable', 'changed', 'ok', 'skipped', 'unknown'];

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
      own.push({
        from: begun.get(event.host) ?? event.at - event.seconds * 1000,
        to: event.at,
        kind: event.outcome.kind,
        name,
      });
    },
    close: () => write(documentOf(view, spans)),
  };
}

const text = (value: unknown): string => (typeof value === 'string' ? value.trimEnd() : JSON.stringify(value));
const escaped = (text: string): string =>
  printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

/** Folded names; of many the beginning, and all of them where the pointer rests. */
function named(hosts: readonly string[]): string {
  const names = foldNames(hosts);
  if (names.length <= MOST_NAMES) return escaped(names);
  return `<span title="${escaped(names)}">${hosts.length} hosts: ${escaped(names.slice(0, MOST_NAMES))}…</span>`;
}

function documentOf(view: View, spans: ReadonlyMap<string, readonly Span[]>): string {
  const { end, run } = view;
  const state =
    end === undefined
      ? 'cut off'
      : end.interrupted
        ? 'interrupted'
        : end.exit === 0 || end.exit === 3
          ? 'done'
          : 'failed';
  const title = `${(run?.playbooks ?? []).map((path) => path.split('/').at(-1) ?? path).join(' ')}: ${state}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>
:root{color-scheme:light dark;--text:#1b1f24;--back:#fff;--soft:#f4f6f8;--line:#d8dee4;--dim:#5b6570;--bad:#c0262d;--good:#1a7f37}
@media(prefers-color-scheme:dark){:root{--text:#dde1e6;--back:#15181c;--soft:#1f242a;--line:#363d45;--dim:#9aa4af;--bad:#ff7b72;--good:#5bd17a}}
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:var(--text);background:var(--back)}
h1{margin:0;font-size:1.6rem}h2{margin:1.8rem 0 .5rem;font-size:1.15rem}.dim{color:var(--dim)}
pre,code,td,th{font:13px/1.4 ui-monospace,monospace}pre{overflow:auto;background:var(--soft);padding:.6rem;border-radius:4px;margin:.3rem 0 .6rem;white-space:pre-wrap;overflow-wrap:anywhere}
table{border-collapse:collapse}td,th{padding:.15rem .7rem;text-align:right;border-bottom:1px solid var(--line)}td:first-child,th:first-child{text-align:left;overflow-wrap:anywhere}th{color:var(--dim);font-weight:400}td.z{color:var(--line)}
li{overflow-wrap:anywhere}details{margin:.3rem 0}summary{cursor:pointer;overflow-wrap:anywhere}.a{color:var(--good)}.r{color:var(--bad)}.h{color:var(--dim)}.bad{color:var(--bad);font-weight:600}
svg{width:100%;height:auto;display:block}svg text{fill:currentColor}.axis{stroke:var(--line)}.tiles{display:flex;flex-wrap:wrap;gap:.6rem;margin:1rem 0}.tiles div{background:var(--soft);border-radius:6px;padding:.4rem .9rem}.tiles b{display:block;font-size:1.3rem}
.key span{display:inline-block;margin-right:1rem}.key i{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin-right:.3em}
@media print{details>*{display:block}}
</style></head><body>
<h1>${escaped(title)}</h1>
<p class="dim">${escaped([run === undefined ? '' : new Date(run.startedAt).toISOString().replace('T', ' ').replace(/\..*/, ' UTC'), run?.check === true ? 'dry run' : '', end === undefined ? '' : `${end.seconds.toFixed(1)} s, ${end.exchanges} exchanges, exit status ${end.exit}`].filter((part) => part !== '').join(' · '))}</p>
${tiles(view)}${failures(view)}${left(view)}${recap(view)}${timeline(view, spans)}${differences(view)}${tasks(view)}${warnings(view)}</body></html>
`;
}

function failures(view: View): string {
  const open = view.errors.filter((error) => error.hosts.length > 0);
  if (open.length === 0) return '';
  const parts = open.map((error) => {
    const { result } = error.outcome;
    const origin = view.taskById.get(error.task)?.ref.origin;
    const { msg: message, cmd: command, rc, stderr, stdout } = result;
    const fields = [
      message === undefined ? '' : text(message),
      command === undefined ? '' : `$ ${Array.isArray(command) ? command.join(' ') : text(command)}`,
      rc === undefined ? '' : `exit status ${text(rc)}`,
      ...(
        [
          ['stderr', stderr],
          ['stdout', stdout],
        ] as const
      ).map(([name, value]) => (value === undefined || value === '' ? '' : `${name}:\n${text(value)}`)),
    ].filter((field) => field !== '');
    return `<details open><summary><span class="bad">${named(error.hosts)}</span> ${escaped(error.name)}${error.item === undefined ? '' : ` (item ${escaped(error.item)})`}</summary><pre>${origin === undefined ? '' : `<span class="h">${escaped(formatOrigin(origin))}</span>\n`}${escaped(fields.join('\n'))}</pre></details>`;
  });
  return `<h2>Failures</h2>\n${parts.join('\n')}\n`;
}

function tiles(view: View): string {
  const bad =
    view.end === undefined
      ? 0
      : Object.values(view.end.recap).filter((tally) => tally.failed + tally.unreachable > 0).length;
  const shown: readonly (readonly [string, number, boolean])[] = [
    ['hosts', view.hosts.size, false],
    ['hosts failed', bad, bad > 0],
    ['tasks', view.tasks.length, false],
    ['changed', view.counts.changed, false],
    ['unknown', view.counts.unknown, false],
  ];
  return `<div class="tiles">${shown
    .filter(([name, count]) => name !== 'unknown' || count > 0)
    .map(([name, count, alarming]) => `<div${alarming ? ' class="bad"' : ''}><b>${count}</b>${name}</div>`)
    .join('')}</div>\n`;
}

/** Hosts that did not reach the end, and handlers that did not run. */
function left(view: View): string {
  const { end } = view;
  if (end === undefined) return '';
  const fold = (entries: readonly (readonly [string, string])[]): [string, string[]][] => {
    const same = new Map<string, string[]>();
    for (const [host, what] of entries) same.set(what, [...(same.get(what) ?? []), host]);
    return [...same];
  };
  const stopped = fold(
    Object.entries(end.stopped).map(
      ([host, { name, reason }]) => [host, `${name}: ${reason.split('\n', 1)[0] ?? ''}`] as const,
    ),
  );
  const pending = fold(Object.entries(end.pendingHandlers).map(([host, names]) => [host, names.join(', ')] as const));
  if (stopped.length + pending.length === 0) return '';
  return `<h2>Left to do</h2><ul>${[...stopped.map(([what, hosts]) => `<li><span class="bad">${named(hosts)}</span> stopped at ${escaped(what)}</li>`), ...pending.map(([what, hosts]) => `<li><span class="bad">${named(hosts)}</span> handlers that did not run: ${escaped(what)}</li>`)].join('')}</ul>\n`;
}

function warnings(view: View): string {
  if (view.warnings.length === 0) return '';
  return `<h2>Warnings</h2><details><summary>${view.warnings.length}</summary><pre>${view.warnings.map(({ message, place }) => escaped(place === '' ? message : `${message} (${place})`)).join('\n')}</pre></details>\n`;
}

function recap(view: View): string {
  const { end } = view;
  if (end === undefined) return '';
  const same = new Map<string, string[]>();
  for (const [host, tally] of Object.entries(end.recap))
    same.set(JSON.stringify(tally), [...(same.get(JSON.stringify(tally)) ?? []), host]);
  const tallies = Object.values(end.recap);
  const keys = (['ok', 'changed', 'failed', 'unreachable', 'skipped', 'rescued', 'ignored', 'unknown'] as const).filter(
    (key) => key === 'ok' || key === 'changed' || key === 'failed' || tallies.some((tally) => tally[key] > 0),
  );
  const rows = [...same]
    .map(([text, hosts]) => ({ hosts, tally: JSON.parse(text) as Tally }))
    .sort((a, b) => b.tally.failed + b.tally.unreachable - a.tally.failed - a.tally.unreachable);
  return `<h2>Recap</h2><table><tr><th>hosts</th>${keys.map((key) => `<th>${key}</th>`).join('')}</tr>\n${rows.map(({ hosts, tally }) => `<tr><td${tally.failed + tally.unreachable > 0 ? ' class="bad"' : ''}>${named(hosts)}</td>${keys.map((key) => `<td${tally[key] === 0 ? ' class="z"' : ''}>${tally[key]}</td>`).join('')}</tr>`).join('\n')}</table>\n`;
}

function timeline(view: View, spans: ReadonlyMap<string, readonly Span[]>): string {
  const from = view.run?.startedAt ?? 0;
  const to = Math.max(view.end?.at ?? view.now, from + 1);
  const bad = (name: string): number => (view.hosts.get(name)?.failure === undefined ? 1 : 0);
  const rows = [...spans].sort(([a], [b]) => bad(a) - bad(b)).slice(0, MOST_ROWS);
  if (rows.length === 0) return '';
  const width = 1200;
  const high = rows.length > 100 ? 6 : 16;
  const label = high < 10 ? 0 : Math.min(200, 20 + 6.5 * Math.max(...rows.map(([host]) => Math.min(28, host.length))));
  const head = 20;
  const x = (at: number): number => label + ((Math.max(at, from) - from) / (to - from)) * (width - label);
  const height = head + rows.length * high;
  const ticks = ticksOf((to - from) / 1000).map((second) => {
    const at = x(from + second * 1000);
    return `<line class="axis" x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="${head - 4}" y2="${height}"/><text x="${at.toFixed(1)}" y="12" font-size="11" opacity=".7"${at > width - 30 ? ' text-anchor="end"' : ''}>${second} s</text>`;
  });
  const bars = rows.flatMap(([host, own], row) => [
    ...(high < 10
      ? []
      : [
          `<text x="0" y="${head + row * high + 12}" font-size="11">${escaped(host.length > 28 ? `${host.slice(0, 27)}…` : host)}</text>`,
        ]),
    ...own.map(
      (span) =>
        `<rect x="${x(span.from).toFixed(1)}" y="${head + row * high + 1}" width="${Math.max(0.7, x(span.to) - x(span.from)).toFixed(1)}" height="${high - 2}" fill="${COLOR[span.kind]}"><title>${escaped(`${host}: ${span.name} (${span.kind}, ${((span.to - span.from) / 1000).toFixed(1)} s)`)}</title></rect>`,
    ),
  ]);
  const present = new Set([...spans.values()].flatMap((own) => own.map(({ kind }) => kind)));
  const legend = KINDS.filter((kind) => present.has(kind))
    .map((kind) => `<span><i style="background:${COLOR[kind]}"></i>${kind}</span>`)
    .join('');
  const more = spans.size > rows.length ? `<p>${spans.size - rows.length} more hosts are not in the picture.</p>` : '';
  return `<h2>Timeline</h2><p class="key dim">${legend}</p><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="when each host did which task">${ticks.join('')}${bars.join('\n')}</svg>${more}\n`;
}

/** About eight round numbers of seconds. */
function ticksOf(seconds: number): number[] {
  const rough = seconds / 8;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * ten).find((each) => each >= rough) ?? ten * 10;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}

function differences(view: View): string {
  if (view.diffs.length === 0) return '';
  const parts = view.diffs.map(({ diff, hosts, task }) => {
    const lines = unified(diff).map(
      ({ kind, text }) =>
        `<span class="${kind === 'added' ? 'a' : kind === 'removed' ? 'r' : kind === 'same' ? '' : 'h'}">${escaped(text)}</span>`,
    );
    return `<details><summary>${escaped(view.taskById.get(task)?.ref.name ?? task)}: <code>${escaped(diff.resource === '' ? diff.afterHeader : diff.resource.replace(/^path:/, ''))}</code> on ${named(hosts)}</summary><pre>${lines.join('\n')}</pre></details>`;
  });
  return `<h2>Differences</h2>\n${parts.join('\n')}\n`;
}

function tasks(view: View): string {
  return `<h2>Tasks</h2><details${view.tasks.length <= 30 ? ' open' : ''}><summary>${view.tasks.length} tasks</summary><table><tr><th>task</th><th>seconds</th>${KINDS.map((kind) => `<th>${kind}</th>`).join('')}</tr>\n${view.tasks.map((task) => `<tr><td>${escaped(task.ref.name)}</td><td>${task.endedAt === undefined ? '' : ((task.spent + task.endedAt - task.startedAt) / 1000).toFixed(1)}</td>${KINDS.map((kind) => `<td${task.counts[kind] === 0 ? ' class="z"' : ''}>${task.counts[kind]}</td>`).join('')}</tr>`).join('\n')}</table></details>\n`;
}
