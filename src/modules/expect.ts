// expect: runs a program that asks, in a terminal of its own, and answers it. What is asked and answered never leaves the connection: nothing is needed on the host.
import type { z } from 'zod';
import { bool, dict, field, path, raw, str } from '../core/args.ts';
import type { Prompt } from '../core/dialogue.ts';
import { defineAction } from '../core/module.ts';
import { bytePattern, PatternError } from '../core/python-regex.ts';
import { pythonText, reprString } from '../core/python-text.ts';
import { quote, quoteAll } from '../core/quote.ts';
import { expandableWord } from '../probes/glob.ts';
import { lines, timeFields } from './command-result.ts';
import { guardProbes, guardSays, type Guards } from './guards.ts';

const args = {
  command: str().describe('The command line; quotes and backslashes are those of a shell, nothing else is.'),
  responses: dict(raw()).describe(
    'Answers by what is asked, a regular expression of Python; a list of answers is used up one by one.',
  ),
  timeout: field(raw(), { nullable: true })
    .default(30)
    .describe('Seconds to wait for a question or for the end; null waits without limit.'),
  echo: bool().default(false).describe('Let the answers show in the output.'),
  chdir: path().optional().describe('Folder to run in.'),
  creates: path().optional().describe('A path: if it is there, nothing runs.'),
  removes: path().optional().describe('A path: if it is not there, nothing runs.'),
};
type Args = z.output<z.ZodObject<typeof args>>;

export const expect = defineAction<typeof args, Guards>({
  name: 'ansible.builtin.expect',
  summary: 'Run a program and answer what it asks',
  args,
  check: (given) => problemOf(given),
  refusedFields: { rc: 256 },
  example: `
- ansible.builtin.expect:
    command: /bin/sh -c 'printf "Go on? "; read answer; echo "$answer"'
    responses:
      Go on: 'yes'
  changed_when: false
`,
  probe: (given) => guardProbes(given),
})({
  satisfied: (given, observed) => {
    const said = guardSays(given, observed);
    const stdout = said === undefined ? '' : `skipped, since ${said.path} ${said.why}`;
    return said === undefined
      ? undefined
      : { changed: false, cmd: given.command, rc: 0, stdout, stdout_lines: [stdout] };
  },
  steps: (given) => {
    const words = wordsOf(given.command);
    const enter = given.chdir === undefined ? '' : `cd -P -- ${expandableWord(given.chdir)} || exit 1\n`;
    const quiet = secondsOf(given.timeout);
    return [
      {
        kind: 'talk',
        script: `${enter}${lookFor(words[0] ?? '')}exec ${quoteAll(words)}`,
        prompts: promptsOf(given),
        echo: given.echo,
        display: given.command,
        ...(typeof quiet === 'number' ? { quiet } : {}),
      },
    ];
  },
  parse: (given, [done]) => {
    if (done === undefined) return { failed: true, msg: 'the command was not run' };
    if (done.stderr !== '') return { failed: true, changed: false, msg: done.stderr };
    const stdout = done.stdout.replace(/[\r\n]+$/, '');
    const [program = ''] = wordsOf(given.command);
    if (done.rc === NOT_FOUND && stdout === NOT_FOUND_SAID)
      return { failed: true, changed: false, msg: `The command was not found or was not executable: ${program}.` };
    const refused = /^\S*sh: (?:line )?(?:\d+: )?cd: (?:line \d+: )?(.*)$/.exec(stdout);
    if (given.chdir !== undefined && done.rc === 1 && refused !== null)
      return { failed: true, changed: false, msg: `Unable to change directory before execution: ${refused[1] ?? ''}` };
    const late = done.timedOut === true;
    return {
      changed: true,
      cmd: given.command,
      rc: late ? null : done.rc,
      stdout,
      stdout_lines: lines(stdout),
      ...timeFields(done),
      ...(late
        ? { failed: true, msg: 'command exceeded timeout' }
        : done.rc === 0
          ? {}
          : { failed: true, msg: 'non-zero return code' }),
      ...(done.truncated === true ? { truncated: true } : {}),
    };
  },
});

function problemOf(given: Args): string | undefined {
  if (given.command.trim() === '') return 'no command given';
  const seconds = secondsOf(given.timeout);
  if (typeof seconds === 'string') return seconds;
  for (const { pattern } of promptsOf(given))
    try {
      bytePattern(pattern, { dotAll: true });
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      return `${pattern} is no regular expression: ${error.message}`;
    }
  return undefined;
}

/** null: no limit. Text: why it is none. */
function secondsOf(timeout: unknown): number | string | null {
  if (timeout === null || timeout === undefined) return null;
  const number =
    typeof timeout === 'number' ? timeout : /^\s*[+-]?\d+\s*$/.test(pythonText(timeout)) ? Number(timeout) : Number.NaN;
  // A negative one stands for the default.
  if (Number.isInteger(number)) return number < 0 ? 30 : number;
  const type = PYTHON_TYPES[typeof timeout] ?? (Array.isArray(timeout) ? 'list' : 'dict');
  const shown = JSON.stringify(typeof timeout === 'string' ? reprString(timeout) : pythonText(timeout));
  return `argument 'timeout' is of type <class '${type}'> and we were unable to convert to int: ${shown} cannot be converted to an int`;
}
const PYTHON_TYPES: Readonly<Record<string, string>> = { string: 'str', boolean: 'bool', number: 'float' };

function promptsOf(given: Args): Prompt[] {
  return Object.entries(given.responses).map(([pattern, answer]) => ({
    pattern,
    answers: Array.isArray(answer) ? answer.map(pythonText) : pythonText(answer),
  }));
}

/** Where a program is looked for, and how its lack is told apart from a failure of its own. */
const NOT_FOUND = 127;
const NOT_FOUND_SAID = '@@missing';
function lookFor(program: string): string {
  const missing = `{ echo ${NOT_FOUND_SAID}; exit ${NOT_FOUND}; }`;
  if (program.includes('/')) return `[ -f ${quote(program)} ] && [ -x ${quote(program)} ] || ${missing}\n`;
  return `_o=$IFS; IFS=:; _f=; for _d in $PATH; do [ -f "$_d"/${quote(program)} ] && [ -x "$_d"/${quote(program)} ] && _f=1; done; IFS=$_o; [ -n "$_f" ] || ${missing}\n`;
}

/** Words as the terminal's own splitter takes them: a backslash takes the next character as it is outside of quotes, within quotes nothing is special. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  let word = '';
  let state: 'plain' | 'blank' | 'escaped' | "'" | '"' = 'plain';
  for (const character of line) {
    if (state === 'escaped') {
      word += character;
      state = 'plain';
    } else if (state === "'" || state === '"') {
      if (character === state) state = 'plain';
      else word += character;
    } else if (character === '\\') state = 'escaped';
    else if (character === "'" || character === '"') state = character;
    else if (/\s/.test(character)) {
      if (state === 'plain') words.push(word);
      word = '';
      state = 'blank';
    } else {
      word += character;
      state = 'plain';
    }
  }
  return word === '' ? words : [...words, word];
}
