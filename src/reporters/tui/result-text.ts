// One result in full: message, command, output, differences, every field, and where the task stands.
import { formatOrigin } from '../../core/origin.ts';
import { reasonOf, type Outcome } from '../../core/outcome.ts';
import { printable } from '../../core/printable.ts';
import type { Sight, TextBody } from './body.ts';
import { diffLines } from './diff-panel.ts';
import { wrapped, type Line } from './fit.ts';
import type { Style } from './theme.ts';
import { titleOf } from './tasks-panel.ts';

const SHOWN = new Set([
  'msg',
  'cmd',
  'rc',
  'stdout',
  'stderr',
  'stdout_lines',
  'stderr_lines',
  'diff',
  'changed',
  'failed',
  'skipped',
  'unreachable',
]);

/** The most telling line of an outcome. */
export function outcomeSummary(outcome: Outcome): string {
  const { result } = outcome;
  if (outcome.because !== undefined) return `depends on "${outcome.because}"`;
  if (outcome.kind === 'skipped')
    return typeof result['false_condition'] === 'string' ? result['false_condition'] : 'skipped';
  if (outcome.kind === 'failed' || outcome.kind === 'unreachable') {
    const reason = reasonOf(result);
    if (reason !== undefined && reason !== '') return reason;
  }
  for (const key of ['msg', 'stdout', 'stderr']) {
    const value = result[key];
    if (typeof value === 'string' && value !== '') return value.split('\n', 1)[0] ?? '';
    if (value !== undefined && value !== '' && key === 'msg') return JSON.stringify(value);
  }
  return outcome.ignored === true ? 'ignored' : '';
}

/** A text as lines of one style. */
export function linesOf(text: string, style: Style = 'plain', indent = ''): Line[] {
  return printable(text)
    .replace(/\n+$/, '')
    .split('\n')
    .map((line): Line => [[`${indent}${line}`, style]]);
}

/** The parts of an outcome, as lines. */
export function outcomeLines(outcome: Outcome): Line[] {
  const { result } = outcome;
  const lines: Line[] = [];
  const { msg: message, cmd: command, rc } = result;
  if (outcome.ignored === true) lines.push([['ignored', 'changed']]);
  if (outcome.because !== undefined) lines.push([[`unknown: depends on "${outcome.because}"`, 'unknown']]);
  if (message !== undefined && message !== '')
    lines.push(
      ...linesOf(
        typeof message === 'string' ? message : JSON.stringify(message, null, 2),
        outcome.kind === 'failed' || outcome.kind === 'unreachable' ? 'failed' : 'plain',
      ),
    );
  if (command !== undefined)
    lines.push([[`$ ${Array.isArray(command) ? command.join(' ') : String(command as string)}`, 'dim']]);
  if (typeof rc === 'number') lines.push([[`exit status ${rc}`, rc === 0 ? 'dim' : 'failed']]);
  for (const stream of ['stdout', 'stderr'] as const) {
    const text = result[stream];
    if (typeof text !== 'string' || text.trim() === '') continue;
    lines.push([], [[stream, 'bold']], ...linesOf(text, stream === 'stderr' ? 'changed' : 'plain', '  '));
  }
  const rest = Object.entries(result).filter(([key]) => !SHOWN.has(key));
  if (rest.length > 0) {
    lines.push([], [['fields', 'bold']]);
    for (const [key, value] of rest)
      lines.push(
        ...linesOf(
          `${key}: ${typeof value === 'object' && value !== null ? JSON.stringify(value, null, 2) : String(value as string)}`,
          'dim',
          '  ',
        ),
      );
  }
  return lines;
}

export function resultText({ view, theme, ui }: Sight, host: string, id: number): TextBody {
  const result = view.results(host).find((each) => each.id === id);
  const task = result === undefined ? undefined : view.taskById.get(result.task);
  const all: Line[] = [];
  if (result !== undefined) {
    if (task?.ref.origin !== undefined)
      all.push([
        [`${formatOrigin(task.ref.origin)}  `, 'dim'],
        ['(enter shows it, o opens it)', 'dim'],
      ]);
    all.push(...outcomeLines(result.outcome));
    for (const diff of result.diffs) all.push([], ...diffLines(diff));
  }
  const lines = wrapped(all, ui.columns - 1);
  return {
    kind: 'text',
    id: `result ${id}`,
    count: lines.length,
    empty: 'this result is not kept any more',
    line: (index) => lines[index] ?? [],
    heading:
      result === undefined
        ? []
        : [
            [`${theme.glyph[result.outcome.kind]} ${result.outcome.kind} `, result.outcome.kind],
            [host, 'title'],
            [` ${theme.arrow} ${task === undefined ? result.task : titleOf(task)}  `, 'bold'],
            [`${task?.ref.action ?? ''}  ${result.seconds.toFixed(2)} s`, 'dim'],
          ],
  };
}
