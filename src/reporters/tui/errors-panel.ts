// Failures, identical ones once with the folded names of their hosts.
import { foldNames } from '../../core/nodeset.ts';
import { formatOrigin } from '../../core/origin.ts';
import type { ListBody, Sight, TextBody } from './body.ts';
import { pad, wrapped, type Line } from './fit.ts';
import { matches } from './matches.ts';
import { outcomeLines, outcomeSummary } from './result-text.ts';

export function errorsPanel({ view, ui, theme }: Sight): ListBody {
  const wanted = matches(ui.filter);
  const rows = view.errors
    .map((error, index) => ({ error, index }))
    .filter(
      ({ error }) =>
        error.hosts.length > 0 && wanted(`${error.name} ${outcomeSummary(error.outcome)}`, () => error.hosts.join(' ')),
    );
  const width = Math.max(14, Math.floor(ui.columns / 4));
  const e = theme.ellipsis;
  return {
    kind: 'list',
    id: 'errors',
    keys: rows.map(({ index }) => String(index)),
    empty: view.errors.length === 0 ? 'nothing has failed' : 'no failure matches',
    heading: [[`${pad('hosts', width, e)} ${pad('task', width, e)} message`, 'dim']],
    row(index) {
      const error = rows[index]?.error;
      if (error === undefined) return [];
      return [
        [
          pad(`${error.hosts.length > 1 ? `${error.hosts.length}: ` : ''}${foldNames(error.hosts)}`, width, e),
          error.outcome.kind,
        ],
        [' '],
        [pad(error.name, width, e), 'bold'],
        [' '],
        [error.item === undefined ? '' : `item ${error.item}: `, 'dim'],
        [outcomeSummary(error.outcome)],
      ];
    },
    open: (index) => (rows[index] === undefined ? undefined : { kind: 'error', index: rows[index].index }),
    preview: (index, most) =>
      rows[index] === undefined ? [] : wrapped(outcomeLines(rows[index].error.outcome), ui.columns - 2).slice(0, most),
  };
}

export function errorText({ view, ui }: Sight, index: number): TextBody {
  const error = view.errors[index];
  const all: Line[] = [];
  if (error !== undefined) {
    const origin = view.taskById.get(error.task)?.ref.origin;
    if (origin !== undefined) all.push([[formatOrigin(origin), 'dim']]);
    all.push(
      [[foldNames(error.hosts), 'failed']],
      ...(error.item === undefined ? [] : [[[`item ${error.item}`, 'bold'] as const]]),
      ...outcomeLines(error.outcome),
    );
  }
  const lines = wrapped(all, ui.columns - 1);
  return {
    kind: 'text',
    id: `error ${index}`,
    count: lines.length,
    line: (at) => lines[at] ?? [],
    empty: 'no failure',
    heading:
      error === undefined
        ? []
        : [
            [error.name, 'title'],
            [`  ${error.hosts.length} host${error.hosts.length === 1 ? '' : 's'}`, 'failed'],
          ],
  };
}
