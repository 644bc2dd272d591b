// ansible.builtin.blockinfile: a block of lines between two marker lines of a file; all other bytes stay as they are.
import { z } from 'zod';
import { bool, choice, field, path, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { bytePattern, byteText, search, toBytes, userBytes } from '../core/python-regex.ts';
import {
  applyEdit,
  editProbes,
  editResult,
  planEdit,
  type Editable,
  type Editing,
  type EditFunction,
} from './parts/edit-file.ts';
import { writeFailure } from './parts/write-failure.ts';
import { fileArgs } from './parts/file-attributes.ts';
import { patternProblem } from './parts/pattern-problem.ts';
import { checkValidate, validateArg } from './parts/place-file.ts';

const args = {
  path: field(path(), { aliases: ['dest', 'destfile', 'name'] }).describe('The file to edit'),
  state: choice('absent', 'present').default('present').describe('Whether the block is to be there'),
  block: field(str().default(''), { aliases: ['content'] }).describe('The lines; without any the block is removed'),
  marker: str()
    .default('# {mark} ANSIBLE MANAGED BLOCK')
    .describe('The marker lines; {mark} becomes marker_begin and marker_end'),
  marker_begin: str().default('BEGIN').describe('What {mark} is before the block'),
  marker_end: str().default('END').describe('What {mark} is behind the block'),
  insertafter: str()
    .optional()
    .describe('Where a new block goes: behind the last line that matches this, or `EOF` (default)'),
  insertbefore: str().optional().describe('Where a new block goes: before the last line that matches this, or `BOF`'),
  create: bool().default(false).describe('Make the file where it is missing'),
  backup: bool().default(false).describe('Keep the old file beside it'),
  validate: validateArg,
  append_newline: bool().default(false).describe('Keep an empty line behind the block'),
  prepend_newline: bool().default(false).describe('Keep an empty line before the block'),
  ...fileArgs,
};
type Args = z.output<z.ZodObject<typeof args>>;

export const blockinfile = defineModule<typeof args, Editable>({
  name: 'ansible.builtin.blockinfile',
  summary: 'Keeps a block of lines between markers in a text file',
  args,
  check: (given) => {
    if (given.insertafter !== undefined && given.insertbefore !== undefined)
      return 'parameters are mutually exclusive: insertbefore|insertafter';
    return (
      checkValidate(given.validate) ??
      patternProblem({ insertafter: given.insertafter, insertbefore: given.insertbefore })
    );
  },
  example: `
- name: Names of the cluster
  ansible.builtin.blockinfile:
    path: /etc/vbx-example-hosts
    create: true
    block: |
      192.0.2.10 one
      192.0.2.11 two
`,
  diffs: 'edited',
  probe: (given) => editProbes(given.path, given.attributes),
})({
  plan: (given, observed, basics) => planEdit(editing(given), observed, basics, edit(given)),
  apply: (given, change, basics) => applyEdit(editing(given), change, basics),
  failure: writeFailure('edited'),
  result: (given, change, done, basics) => {
    if (given.state === 'absent' && change.before.at.kind === 'absent')
      return { msg: `File ${given.path} not present` };
    const { msg, backupFile } = editResult(editing(given), change, done, edit(given), basics);
    return { msg, ...(backupFile === undefined ? {} : { backup_file: backupFile }) };
  },
});

function editing(given: Args): Editing {
  return {
    ...given,
    follow: true,
    mayMiss: given.state === 'absent' && given.create,
    missing: (file) => `Path ${file} does not exist !`,
  };
}

function edit(given: Args): EditFunction {
  return (bytes) => {
    const text = byteText(bytes ?? Buffer.alloc(0));
    const lines = splitLines(text);
    const present = given.state === 'present';
    const [begin, end] = [given.marker_begin, given.marker_end].map(
      (mark) => `${userBytes(given.marker.replaceAll('{mark}', mark))}\n`,
    ) as [string, string];
    const block = userBytes(given.block);
    const wanted =
      present && block !== '' ? [begin, ...splitLines(block.endsWith('\n') ? block : `${block}\n`), end] : [];
    const [from, to] = [lines.lastIndexOf(begin), lines.lastIndexOf(end)];
    const isThere = from !== -1 && to !== -1;
    const [first, last] = [Math.min(from, to), Math.max(from, to)];
    const before = lines.slice(0, isThere ? first : placeFor(text, lines, given));
    const after = isThere ? lines.slice(last + 1) : lines.slice(before.length);
    const above = before.at(-1);
    if (above !== undefined && !above.endsWith('\n')) before[before.length - 1] = `${above}\n`;
    if (given.prepend_newline && present && before.length > 0 && before.at(-1) !== '\n') before.push('\n');
    if (given.append_newline && present && after.length > 0 && after[0] !== '\n') after.unshift('\n');
    const result = [...before, ...wanted, ...after].join('');
    const msg =
      bytes !== undefined && result === text
        ? ''
        : bytes === undefined
          ? 'File created'
          : wanted.length === 0
            ? 'Block removed'
            : 'Block inserted';
    return { bytes: toBytes(result), msg };
  };
}

/** The line before which a block goes that is not there yet. */
function placeFor(text: string, lines: readonly string[], given: Args): number {
  const anchor = given.insertafter ?? given.insertbefore ?? 'EOF';
  if (given.insertafter === undefined && given.insertbefore === 'BOF') return 0;
  if (anchor === 'EOF' && given.insertbefore === undefined) return lines.length;
  const pattern = bytePattern(anchor);
  const behind = given.insertafter === undefined ? 0 : 1;
  if (/^\(\?[a-zA-Z]*m[a-zA-Z]*\)/.test(anchor)) {
    // A pattern over several lines is looked for in the whole text.
    const match = search(pattern, text);
    return match === undefined
      ? lines.length
      : text.slice(0, behind === 1 ? match.index + match.text.length : match.index).split('\n').length - 1 + behind;
  }
  const at = lines.findLastIndex((line) => search(pattern, line) !== undefined);
  return at === -1 ? lines.length : at + behind;
}

/** Lines with their ends, as Python's bytes.splitlines(True) gives them. */
function splitLines(text: string): string[] {
  return text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
}
