// The `diff` of a result as Ansible's own form of output prints it: unified hunks under "before" and "after", in lines with their colour.
import { structuredPatch } from 'diff';
import { sorted } from './python-json.ts';
import type { DiffLine } from './unified.ts';

/** The lines of a result's `diff` (one comparison or a list of them), an empty one behind each; none where nothing differs. */
export function ansibleDiff(diff: unknown, context: number): readonly DiffLine[] {
  return (Array.isArray(diff) ? diff : [diff]).flatMap((one) =>
    one !== null && typeof one === 'object' ? linesOf(one as Readonly<Record<string, unknown>>, context) : [],
  );
}

const SKIPPED: Readonly<Record<string, (size: unknown) => string>> = {
  dst_binary: () => 'diff skipped: destination file appears to be binary',
  src_binary: () => 'diff skipped: source file appears to be binary',
  dst_larger: (size) => `diff skipped: destination file size is greater than ${String(size as number)}`,
  src_larger: (size) => `diff skipped: source file size is greater than ${String(size as number)}`,
};

function linesOf(diff: Readonly<Record<string, unknown>>, context: number): DiffLine[] {
  const lines: DiffLine[] = Object.entries(SKIPPED).flatMap(([name, text]) =>
    name in diff ? [{ kind: 'note' as const, text: text(diff[name]) }] : [],
  );
  if ('before' in diff && 'after' in diff) {
    const hunks = hunksOf(textOf(diff['before']), textOf(diff['after']), context);
    if (hunks.length > 0)
      lines.push(
        { kind: 'removed', text: `--- ${header('before', diff['before_header'])}` },
        { kind: 'added', text: `+++ ${header('after', diff['after_header'])}` },
        ...hunks,
        { kind: 'same', text: '' },
      );
  }
  if (typeof diff['prepared'] === 'string')
    lines.push(
      ...diff['prepared']
        .replace(/\n$/, '')
        .split('\n')
        .map((text) => ({ kind: kindOf(text), text })),
    );
  return lines;
}

const header = (word: string, of: unknown): string => (typeof of === 'string' ? `${word}: ${of}` : word);

/** Mappings are compared as the JSON of them. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : `${JSON.stringify(sorted(value), null, 4)}\n`;
}

function hunksOf(before: string, after: string, context: number): DiffLine[] {
  const patch = structuredPatch('', '', before, after, '', '', { context, maxEditLength: 20_000, timeout: 500 });
  if (patch === undefined)
    return [
      {
        kind: 'note',
        text: `${before.length} characters become ${after.length}, too different to be shown line by line`,
      },
    ];
  return patch.hunks.flatMap((hunk): DiffLine[] => [
    { kind: 'hunk', text: `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@` },
    ...hunk.lines.map((text): DiffLine => ({ kind: kindOf(text), text })),
  ]);
}

/** As Python's difflib writes it: one line by its number alone, none by the line before. */
function range(start: number, count: number): string {
  return count === 1 ? String(start) : `${count === 0 ? start - 1 : start},${count}`;
}

function kindOf(line: string): DiffLine['kind'] {
  return line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : line.startsWith('@@') ? 'hunk' : 'same';
}
