// ansible.builtin.lineinfile: one line of a file is there, is replaced, or is gone; all other bytes stay as they are.
import { z } from 'zod';
import { bool, choice, field, path, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import {
  bytePattern,
  byteText,
  expand,
  PatternError,
  search,
  toBytes,
  userBytes,
  type Match,
} from '../core/python-regex.ts';
import {
  applyEdit,
  editProbes,
  editResult,
  linesOf,
  planEdit,
  type Editable,
  type Editing,
  type EditFunction,
} from './parts/edit-file.ts';
import { writeFailure } from './parts/write-failure.ts';
import { fileArgs } from './parts/file-attributes.ts';
import { checkValidate, validateArg } from './parts/place-file.ts';
import { patternProblem } from './parts/pattern-problem.ts';

const args = {
  path: field(path(), { aliases: ['dest', 'destfile', 'name'] }).describe('The file to edit'),
  state: choice('absent', 'present').default('present').describe('Whether the line is to be there'),
  regexp: field(str().optional(), { aliases: ['regex'] }).describe(
    'Python regular expression of the line to replace (the last that matches) or to remove (all that match)',
  ),
  search_string: str().optional().describe('Text in the line to replace or to remove, in place of regexp'),
  line: field(str().optional(), { aliases: ['value'] }).describe('The line'),
  insertafter: str()
    .optional()
    .describe('Where a new line goes: behind the last line that matches this, `EOF` (default) or `BOF`'),
  insertbefore: str().optional().describe('Where a new line goes: before the last line that matches this, or `BOF`'),
  backrefs: bool()
    .default(false)
    .describe('Fill in groups of the match (\\1, \\g<name>); without a match nothing changes'),
  firstmatch: bool().default(false).describe('Take the first line that matches in place of the last'),
  create: bool().default(false).describe('Make the file where it is missing'),
  backup: bool().default(false).describe('Keep the old file beside it'),
  validate: validateArg,
  ...fileArgs,
};
type Args = z.output<z.ZodObject<typeof args>>;

export const lineinfile = defineModule<typeof args, Editable>({
  name: 'ansible.builtin.lineinfile',
  summary: 'Adds, replaces or removes a line of a text file',
  args,
  check: (given) => {
    if (given.insertafter !== undefined && given.insertbefore !== undefined)
      return 'parameters are mutually exclusive: insertbefore|insertafter';
    if (given.regexp !== undefined && given.search_string !== undefined)
      return 'parameters are mutually exclusive: regexp|search_string';
    if (given.backrefs && given.search_string !== undefined)
      return 'parameters are mutually exclusive: backrefs|search_string';
    if (given.state === 'present' && given.backrefs && given.regexp === undefined)
      return 'regexp is required with backrefs=true';
    if (given.state === 'present' && given.line === undefined) return 'line is required with state=present';
    if (
      given.state === 'absent' &&
      given.regexp === undefined &&
      given.search_string === undefined &&
      given.line === undefined
    )
      return 'one of line, search_string, or regexp is required with state=absent';
    return (
      checkValidate(given.validate) ??
      patternProblem({ regexp: given.regexp, insertafter: given.insertafter, insertbefore: given.insertbefore })
    );
  },
  example: `
- name: Keep the resolver's timeout short
  ansible.builtin.lineinfile:
    path: /etc/vbx-example.conf
    regexp: '^timeout='
    line: timeout=3
    create: true
    mode: '0644'
`,
  diffs: 'edited',
  probe: (given) => editProbes(given.path, given.attributes),
})({
  plan: (given, observed, basics) => {
    const plan = planEdit(editing(given), observed, basics, edit(given));
    const empty = given.regexp === '' ? 'regular expression' : given.search_string === '' ? 'search string' : undefined;
    if (empty === undefined || !('after' in plan)) return plan;
    return {
      ...plan,
      warnings: [
        `The ${empty} is an empty string, which will match every line in the file. This may have unintended consequences, such as replacing the last line in the file rather than appending.${given.regexp === '' ? " If this is desired, use '^' to match every line in the file and avoid this warning." : ''}`,
      ],
    };
  },
  apply: (given, change, basics) => applyEdit(editing(given), change, basics),
  failure: writeFailure('edited'),
  result: (given, change, done, basics) => {
    if (given.state === 'absent' && change.before.at.kind === 'absent') return { msg: 'file not present' };
    const { msg, backupFile, fields } = editResult(editing(given), change, done, edit(given), basics);
    return { ...fields, msg, backup: backupFile ?? '' };
  },
});

function editing(given: Args): Editing {
  return {
    ...given,
    follow: true,
    mayMiss: given.state === 'absent',
    missing: (file) => `Destination ${file} does not exist !`,
  };
}

function edit(given: Args): EditFunction {
  return (bytes) => {
    const lines = linesOf(byteText(bytes ?? Buffer.alloc(0)));
    try {
      return given.state === 'absent' ? withoutLine(lines, given) : withLine(lines, given);
    } catch (error) {
      if (error instanceof PatternError) return { failed: `the line cannot be made from the match: ${error.message}` };
      throw error;
    }
  };
}

const bare = (line: string): string => line.replace(/[\r\n]+$/, '');

function withoutLine(lines: readonly string[], given: Args): ReturnType<EditFunction> {
  const pattern = given.regexp === undefined ? undefined : bytePattern(given.regexp);
  const text = userBytes(given.search_string ?? '');
  const line = userBytes(given.line ?? '');
  const kept = lines.filter(
    (current) =>
      !(pattern !== undefined
        ? search(pattern, current) !== undefined
        : given.search_string !== undefined
          ? current.includes(text)
          : bare(current) === line),
  );
  const found = lines.length - kept.length;
  return { bytes: toBytes(kept.join('')), msg: found === 0 ? '' : `${found} line(s) removed`, fields: { found } };
}

function withLine(lines: readonly string[], given: Args): ReturnType<EditFunction> {
  const wanted = userBytes(given.line ?? '');
  const found = findLine(lines, given);
  if (found !== undefined) {
    const made = given.backrefs && found.match !== undefined ? expand(wanted, found.match) : wanted;
    const replacement = made.endsWith('\n') ? made : `${made}\n`;
    return lines[found.index] === replacement
      ? unchanged(lines)
      : edited([...lines.slice(0, found.index), replacement, ...lines.slice(found.index + 1)], 'line replaced');
  }
  const place = findPlace(lines, given);
  if (place.exact !== undefined) {
    const replacement = wanted.endsWith('\n') ? wanted : `${wanted}\n`;
    return lines[place.exact] === replacement
      ? unchanged(lines)
      : edited([...lines.slice(0, place.exact), replacement, ...lines.slice(place.exact + 1)], 'line replaced');
  }
  if (given.backrefs) return unchanged(lines);
  if (given.insertbefore === 'BOF' || given.insertafter === 'BOF')
    return edited([`${wanted}\n`, ...lines], 'line added');
  const at = place.insert;
  if (at === undefined) return edited([...ended(lines), `${wanted}\n`], 'line added');
  // A line that is there already at the very place is not added again.
  if (given.insertafter !== undefined && bare(lines[at] ?? lines[at - 1] ?? '') === wanted) return unchanged(lines);
  return edited(
    [...(at === lines.length ? ended(lines) : lines.slice(0, at)), `${wanted}\n`, ...lines.slice(at)],
    'line added',
  );
}

/** The line that regexp or search_string finds. */
function findLine(lines: readonly string[], given: Args): { index: number; match?: Match } | undefined {
  const pattern = given.regexp === undefined ? undefined : bytePattern(given.regexp);
  const text = given.search_string === undefined ? undefined : userBytes(given.search_string);
  let found: { index: number; match?: Match } | undefined;
  for (const [index, line] of lines.entries()) {
    const match = pattern === undefined ? undefined : search(pattern, line);
    if (match !== undefined) found = { index, match };
    else if (text !== undefined && line.includes(text)) found = { index };
    else continue;
    if (given.firstmatch) break;
  }
  return found;
}

/** Where the very line stands already, and where insertafter or insertbefore would put it. */
function findPlace(lines: readonly string[], given: Args): { exact?: number; insert?: number } {
  const anchor = given.insertafter ?? given.insertbefore;
  const pattern =
    anchor === undefined || anchor === 'BOF' || (anchor === 'EOF' && given.insertafter !== undefined)
      ? undefined
      : bytePattern(anchor);
  const wanted = userBytes(given.line ?? '');
  let exact: number | undefined;
  let insert: number | undefined;
  for (const [index, line] of lines.entries()) {
    if (bare(line) === wanted) exact = index;
    else if (pattern !== undefined && search(pattern, line) !== undefined) {
      insert = given.insertafter === undefined ? index : index + 1;
      if (given.firstmatch) break;
    }
  }
  return { ...(exact === undefined ? {} : { exact }), ...(insert === undefined ? {} : { insert }) };
}

/** The lines, the last one with its end. */
function ended(lines: readonly string[]): readonly string[] {
  const last = lines.at(-1);
  return last === undefined || /[\r\n]$/.test(last) ? lines : [...lines.slice(0, -1), `${last}\n`];
}

function edited(lines: readonly string[], msg: string): ReturnType<EditFunction> {
  return { bytes: toBytes(lines.join('')), msg };
}
function unchanged(lines: readonly string[]): ReturnType<EditFunction> {
  return edited(lines, '');
}
