// A task where it is written, the line marked.
import { formatOrigin, type Origin } from '../../core/origin.ts';
import type { TextBody } from './body.ts';

/** `text`: the whole file; empty when it cannot be read. */
export function sourceText(origin: Origin, text: string): TextBody {
  const lines = text.split(/\r?\n/);
  const from = Math.max(0, origin.line - 4);
  return {
    kind: 'text',
    id: `source ${formatOrigin(origin)}`,
    heading: [
      [formatOrigin(origin), 'title'],
      ['  o opens it in $EDITOR', 'dim'],
    ],
    count: text === '' ? 0 : Math.max(0, lines.length - from),
    empty: 'this file cannot be read here',
    line(index) {
      const at = from + index;
      const here = at + 1 === origin.line;
      return [
        [`${here ? '>' : ' '} ${String(at + 1).padStart(5)} `, here ? 'changed' : 'dim'],
        [(lines[at] ?? '').replace(/\t/g, '  '), here ? 'bold' : 'plain'],
      ];
    },
  };
}
