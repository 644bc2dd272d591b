// A difference as the lines of a unified diff, for every reporter that shows text.
import { structuredPatch } from 'diff';
import type { Diff } from '../core/diff.ts';
import { printable } from '../core/printable.ts';

export interface DiffLine {
  readonly kind: 'header' | 'hunk' | 'added' | 'removed' | 'same' | 'note';
  readonly text: string;
}

/** The lines of one difference with `context` lines around each change; text is made printable. Very large texts are told by their size. */
export function unified(diff: Diff, context = 3): DiffLine[] {
  if (diff.resource === '' && diff.before === '')
    return diff.after
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ kind: 'added', text: `! ${printable(line)}` }));
  const lines: DiffLine[] = [
    { kind: 'header', text: `--- ${printable(diff.beforeHeader)}` },
    { kind: 'header', text: `+++ ${printable(diff.afterHeader)}` },
  ];
  if (diff.note !== undefined) return [...lines, { kind: 'note', text: printable(diff.note) }];
  const patch = structuredPatch('', '', diff.before, diff.after, '', '', {
    context,
    maxEditLength: 20_000,
    timeout: 500,
  });
  if (patch === undefined)
    return [
      ...lines,
      {
        kind: 'note',
        text: `${diff.before.length} characters become ${diff.after.length}, too different to be shown line by line`,
      },
    ];
  for (const hunk of patch.hunks) {
    lines.push({ kind: 'hunk', text: `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@` });
    for (const line of hunk.lines) {
      const kind = line.startsWith('+')
        ? 'added'
        : line.startsWith('-')
          ? 'removed'
          : line.startsWith('\\')
            ? 'note'
            : 'same';
      lines.push({ kind, text: printable(line) });
    }
  }
  return lines;
}
