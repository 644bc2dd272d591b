// Differences, equal ones once with the folded names of their hosts; by task, by host or by file.
import type { Diff } from '../../core/diff.ts';
import { foldNames } from '../../core/nodeset.ts';
import { unified } from '../unified.ts';
import type { FoldedDiff, View } from '../view.ts';
import type { ListBody, Sight, TextBody } from './body.ts';
import { pad, wrapped, type Line } from './fit.ts';
import { matches } from './matches.ts';
import type { Style } from './theme.ts';

const STYLE: Readonly<Record<ReturnType<typeof unified>[number]['kind'], Style>> = {
  header: 'bold',
  hunk: 'hunk',
  added: 'added',
  removed: 'removed',
  same: 'dim',
  note: 'dim',
};
const made = new WeakMap<Diff, readonly Line[]>();
const folded = new WeakMap<FoldedDiff, { readonly count: number; readonly names: string }>();

/** The unified form as lines, made once. */
export function diffLines(diff: Diff): readonly Line[] {
  let lines = made.get(diff);
  if (lines === undefined)
    made.set(diff, (lines = unified(diff).map(({ kind, text }): Line => [[text.replace(/\t/g, '  '), STYLE[kind]]])));
  return lines;
}

/** The folded names of the hosts, made anew only when one was added. */
export function hostsOf(diff: FoldedDiff): string {
  const known = folded.get(diff);
  if (known?.count === diff.hosts.length) return known.names;
  const names = foldNames(diff.hosts);
  folded.set(diff, { count: diff.hosts.length, names });
  return names;
}

const fileOf = (diff: Diff): string =>
  diff.resource === '' ? diff.afterHeader.replace(/^after:?\s*/, '') : diff.resource.replace(/^path:/, '');
const taskOf = (view: View, diff: FoldedDiff): string => view.taskById.get(diff.task)?.ref.name ?? diff.task;

export function diffPanel({ view, ui, theme }: Sight): ListBody {
  const wanted = matches(ui.filter);
  const rows = view.diffs
    .map((diff, index) => ({ diff, index }))
    .filter(({ diff }) => wanted(`${fileOf(diff.diff)} ${taskOf(view, diff)}`, () => diff.hosts.join(' ')));
  const key = ({ diff }: (typeof rows)[number]): string =>
    ui.diffBy === 'host' ? hostsOf(diff) : ui.diffBy === 'file' ? fileOf(diff.diff) : '';
  if (ui.diffBy !== 'task') rows.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.index - b.index));
  const width = Math.max(16, Math.floor(ui.columns / 3) - 2);
  const e = theme.ellipsis;
  return {
    kind: 'list',
    id: 'diff',
    keys: rows.map(({ index }) => String(index)),
    empty:
      view.diffs.length === 0
        ? view.run?.diff === false
          ? 'what changes is shown by a run with --diff (-D)'
          : 'nothing has changed so far'
        : 'no difference matches',
    heading: [
      [`${rows.length} difference${rows.length === 1 ? '' : 's'} by ${ui.diffBy} `, 'dim'],
      ['(b: by task, host, file)', 'dim'],
    ],
    row(index) {
      const row = rows[index];
      if (row === undefined) return [];
      const columns: Record<'task' | 'host' | 'file', string> = {
        task: taskOf(view, row.diff),
        host: `${row.diff.hosts.length > 1 ? `${row.diff.hosts.length} hosts ` : ''}${hostsOf(row.diff)}`,
        file: fileOf(row.diff.diff),
      };
      const order =
        ui.diffBy === 'task'
          ? (['task', 'file', 'host'] as const)
          : ui.diffBy === 'host'
            ? (['host', 'task', 'file'] as const)
            : (['file', 'task', 'host'] as const);
      return [
        [pad(columns[order[0]], width, e), 'bold'],
        [' '],
        [pad(columns[order[1]], width, e)],
        [' '],
        [columns[order[2]], 'changed'],
      ];
    },
    open: (index) => (rows[index] === undefined ? undefined : { kind: 'diff', index: rows[index].index }),
    preview: (index, most) => (rows[index] === undefined ? [] : diffLines(rows[index].diff.diff).slice(0, most)),
  };
}

export function diffText({ view, ui }: Sight, index: number): TextBody {
  const diff = view.diffs[index];
  const lines = diff === undefined ? [] : wrapped(diffLines(diff.diff), ui.columns - 1);
  return {
    kind: 'text',
    id: `diff ${index}`,
    count: lines.length,
    line: (at) => lines[at] ?? [],
    empty: 'no difference',
    heading:
      diff === undefined
        ? []
        : [
            [taskOf(view, diff), 'title'],
            [`  ${diff.hosts.length > 1 ? `${diff.hosts.length} hosts ` : ''}${hostsOf(diff)}`, 'changed'],
          ],
  };
}
