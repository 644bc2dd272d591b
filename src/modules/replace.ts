// ansible.builtin.replace: all matches of a regular expression in a file are replaced.
import { z } from 'zod';
import { bool, field, path, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import {
  bytePattern,
  byteText,
  checkReplacement,
  expand,
  matches,
  PatternError,
  regex,
  search,
  toBytes,
  userBytes,
} from '../core/python-regex.ts';
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
  regexp: str().describe('Python regular expression; ^ and $ match at every line'),
  replace: str().default('').describe('What matches become; \\1 and \\g<name> are groups'),
  after: str().optional().describe('Only what stands behind the first match of this is searched'),
  before: str().optional().describe('Only what stands before this is searched'),
  backup: bool().default(false).describe('Keep the old file beside it'),
  validate: validateArg,
  encoding: str().default('utf-8').describe('Encoding of the file: utf-8, latin-1, ascii'),
  ...fileArgs,
};
type Args = z.output<z.ZodObject<typeof args>>;

export const replace = defineModule<typeof args, Editable>({
  name: 'ansible.builtin.replace',
  summary: 'Replaces text in a file by a regular expression',
  args,
  check: (given) => {
    if (!/^(utf-?8|latin-?1|iso-8859-1|(us-)?ascii)$/i.test(given.encoding))
      return `encoding ${given.encoding} is not known; known are: utf-8, latin-1, ascii`;
    return (
      checkValidate(given.validate) ??
      patternProblem({ regexp: given.regexp }, { multiline: true }) ??
      patternProblem({ after: given.after, before: given.before }, { dotAll: true })
    );
  },
  example: `
- name: Listen on the new port
  ansible.builtin.replace:
    path: /etc/vbx-example.conf
    regexp: '^port=\\d+$'
    replace: port=8443
`,
  exampleSetup: `
- name: A file to edit
  ansible.builtin.copy:
    content: "host=here\\nport=80\\n"
    dest: /etc/vbx-example.conf
`,
  probe: (given) => editProbes(given.path, given.attributes),
})({
  plan: (given, observed, basics) => planEdit(editing(given), observed, basics, edit(given)),
  apply: (given, change, basics) => applyEdit(editing(given), change, basics),
  failure: writeFailure('edited'),
  result: (given, change, done, basics) => {
    const { msg, backupFile } = editResult(editing(given), change, done, edit(given), basics);
    return { rc: 0, msg, ...(backupFile === undefined ? {} : { backup_file: backupFile }) };
  },
});

function editing(given: Args): Editing {
  return { ...given, create: false, follow: true, missing: (file) => `Path ${file} does not exist !` };
}

function edit(given: Args): EditFunction {
  return (bytes = Buffer.alloc(0)) => {
    // Bytes that are no UTF-8 stay what they are: such a file is worked on byte by byte.
    const decoded = /^utf/i.test(given.encoding) ? decodeStrictly(bytes) : undefined;
    const text = decoded ?? byteText(bytes);
    const asUser = decoded === undefined && /^utf/i.test(given.encoding) ? userBytes : (words: string): string => words;
    const back = (result: string): Buffer => (decoded === undefined ? toBytes(result) : Buffer.from(result, 'utf8'));
    try {
      const section = sectionOf(text, given, asUser);
      if (section === undefined)
        return { bytes, msg: `Pattern for before/after params did not match the given file: ${sectionPattern(given)}` };
      const pattern =
        decoded === undefined
          ? bytePattern(given.regexp, { multiline: true })
          : regex(given.regexp, { multiline: true });
      const replaced = replaceAll(text.slice(section.start, section.end), pattern, asUser(given.replace));
      const result = `${text.slice(0, section.start)}${replaced.text}${text.slice(section.end)}`;
      return {
        bytes: back(result),
        msg: replaced.count > 0 && result !== text ? `${replaced.count} replacements made` : '',
      };
    } catch (error) {
      if (error instanceof PatternError) return { failed: `Unable to process replace due to error: ${error.message}` };
      throw error;
    }
  };
}

function decodeStrictly(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function sectionPattern(given: Args): string {
  if (given.after !== undefined && given.before !== undefined)
    return `${given.after}(?P<subsection>.*?)${given.before}`;
  return given.after !== undefined ? `${given.after}(?P<subsection>.*)` : `(?P<subsection>.*)${given.before ?? ''}`;
}

/** The part that is searched, or undefined where `after` and `before` find none. */
function sectionOf(
  text: string,
  given: Args,
  asUser: (words: string) => string,
): { start: number; end: number } | undefined {
  if ((given.after ?? '') === '' && (given.before ?? '') === '') return { start: 0, end: text.length };
  const pattern = regex(asUser(sectionPattern(given)), { dotAll: true });
  const match = search(pattern, text);
  const place = match === undefined ? undefined : pattern.exec(text)?.indices?.groups?.['subsection'];
  pattern.lastIndex = 0;
  return place === undefined ? undefined : { start: place[0], end: place[1] };
}

function replaceAll(text: string, pattern: RegExp, replacement: string): { text: string; count: number } {
  checkReplacement(replacement, pattern);
  let [result, at, count] = ['', 0, 0];
  for (const match of matches(pattern, text)) {
    result += text.slice(at, match.index) + expand(replacement, match);
    at = match.index + match.text.length;
    count++;
  }
  return { text: result + text.slice(at), count };
}
