// What hosts print, line by line: all of them interleaved, or one.
import { matches } from './matches.ts';
import type { Sight, TextBody } from './body.ts';
import { pad } from './fit.ts';
import type { Style } from './theme.ts';
import type { LogLine } from '../view.ts';

const STYLE: Readonly<Record<LogLine['kind'], Style>> = {
  stdout: 'plain',
  stderr: 'changed',
  event: 'dim',
  warning: 'alert',
};

export function logPanel({ view, ui, theme }: Sight): TextBody {
  const all = ui.logOf === undefined ? view.log : view.hostLog(ui.logOf);
  const wanted = matches(ui.filter);
  const failed = (line: LogLine): boolean => {
    const state = view.hosts.get(line.host)?.state;
    return state === 'failed' || state === 'unreachable';
  };
  const lines =
    ui.filter === '' && !ui.failedOnly
      ? all
      : all.filter((line) => wanted(line.text, () => line.host) && (!ui.failedOnly || failed(line)));
  const width = ui.wide ? 40 : 16;
  return {
    kind: 'text',
    id: `log ${ui.logOf ?? ''}`,
    count: lines.length,
    empty: 'nothing has been printed yet',
    heading: [
      [ui.logOf === undefined ? 'all hosts' : ui.logOf, 'title'],
      [ui.follow ? '  following (f stops)' : '  standing still (f follows)', 'dim'],
      [ui.logOf === undefined ? '' : '  l: all hosts', 'dim'],
    ],
    line(index) {
      const line = lines[index];
      if (line === undefined) return [];
      return ui.logOf === undefined
        ? [[pad(line.host, width, theme.ellipsis), 'skipped'], [' '], [line.text, STYLE[line.kind]]]
        : [[line.text, STYLE[line.kind]]];
    },
    flow: {
      idOf: (index) => lines[index]?.id ?? 0,
      indexOf(id) {
        let low = 0;
        let high = lines.length;
        while (low < high) {
          const middle = (low + high) >> 1;
          if ((lines[middle]?.id ?? 0) < id) low = middle + 1;
          else high = middle;
        }
        return low;
      },
    },
  };
}
