// command: runs a program by words, with no shell in between.
import { bool, list, path, raw, str } from '../core/args.ts';
import { defineAction } from '../core/module.ts';
import { quoteAll } from '../core/quote.ts';
import type { StepResult } from '../core/step.ts';
import { splitWords } from '../core/words.ts';
import { expandableWord } from '../probes/glob.ts';
import { outputFields, timeFields } from './command-result.ts';
import { guardArgs, guardProbes, guardSays, type Guards } from './guards.ts';

export const command = defineAction<CommandShape, Guards>({
  name: 'ansible.builtin.command',
  summary: 'Run a program (no pipes, redirections or wildcards: that is shell)',
  args: commandArgs(),
  check: (args) => {
    if (args.cmd === undefined && args.argv === undefined) return 'no command given';
    if (args.cmd !== undefined && args.argv !== undefined) return 'only command or argv can be given, not both';
    if (args.cmd === undefined) return args.argv?.length === 0 ? 'no command given' : undefined;
    const split = splitWords(args.cmd);
    return split.error !== undefined
      ? `the command cannot be split into words: ${split.error}`
      : split.words.length === 0
        ? 'no command given'
        : undefined;
  },
  freeForm: 'cmd',
  refusedFields: { rc: 256 },
  example: `
- ansible.builtin.command: uname -r
  changed_when: false
`,
  probe: (args) => guardProbes(args),
})({
  satisfied: (args, observed) => {
    const said = guardSays(args, observed);
    return said === undefined ? undefined : skippedFields(wordsOf(args), said);
  },
  steps: (args) => {
    const words = wordsOf(args);
    const line = args.expand_argument_vars ? words.map((word) => expandableWord(word)).join(' ') : quoteAll(words);
    return [commandStep({ ...args, executable: undefined }, `exec ${line}`, quoteAll(words))];
  },
  parse: (args, done) => {
    const [only] = done;
    if (only === undefined) return { failed: true, msg: 'the command was not run' };
    const words = wordsOf(args);
    const warnings =
      args.executable === undefined
        ? {}
        : {
            warnings: [
              `As of Ansible 2.4, the parameter 'executable' is no longer supported with the 'command' module. Not using '${args.executable}'.`,
            ],
          };
    return {
      ...(notEntered(args.chdir, words, only) ??
        notStarted(words, only) ?? {
          changed: true,
          cmd: words,
          ...timeFields(only),
          ...outputFields(only, args.strip_empty_ends),
        }),
      ...warnings,
    };
  },
});

/** Where the folder to run in cannot be entered, the shell says so before anything runs: a failure without output. */
export function notEntered(
  chdir: string | undefined,
  cmd: string | readonly string[],
  { rc, stdout, stderr }: StepResult,
): (Record<string, unknown> & { failed: boolean }) | undefined {
  const said =
    chdir === undefined || rc === 0 || stdout !== ''
      ? null
      : /^\S*sh: (?:line )?(?:\d+: )?cd: (?:line \d+: )?(.*)$/.exec(stderr.trimEnd());
  if (said?.[1] === undefined || chdir === undefined || (chdir.startsWith('/') && !said[1].includes(chdir)))
    return undefined;
  return {
    failed: true,
    changed: false,
    cmd,
    rc: null,
    stdout: '',
    stdout_lines: [],
    stderr: '',
    stderr_lines: [],
    msg: `Unable to change directory before execution: ${said[1]}`,
  };
}

/** Where the program could not be started, the shell says so, not the program: a failure with the number of the system's error and no output. */
function notStarted(
  words: readonly string[],
  { rc, stdout, stderr }: StepResult,
): (Record<string, unknown> & { failed: boolean }) | undefined {
  const [program = ''] = words;
  const said =
    /^\S*sh: (?:(?:exec: )?line \d+: |\d+: )?(?:exec: )?(.*?): (?:cannot execute: )?(not found|No such file or directory|Permission denied)$/.exec(
      stderr.trimEnd().split('\n').at(-1) ?? '',
    );
  if ((rc !== 126 && rc !== 127) || stdout !== '' || said?.[1] !== program) return undefined;
  const denied = said[2] === 'Permission denied';
  return {
    failed: true,
    changed: false,
    cmd: words,
    rc: denied ? 13 : 2,
    stdout: '',
    stdout_lines: [],
    stderr: '',
    stderr_lines: [],
    msg: `[Errno ${denied ? '13] Permission denied' : '2] No such file or directory'}: b'${program}'`,
  };
}

/** Arguments of command; shell has the same but argv. */
function commandArgs() {
  return {
    cmd: str().optional().describe('The command line; quotes and backslashes are those of a shell, nothing else is.'),
    argv: list(str()).optional().describe('The command as a list of words.'),
    ...commonArgs(),
    expand_argument_vars: bool().default(true).describe('Replace `$NAME` and `~` by what they are on the host.'),
  };
}
type CommandShape = ReturnType<typeof commandArgs>;

export function commonArgs() {
  return {
    ...guardArgs,
    chdir: path().optional().describe('Folder to run in.'),
    stdin: raw().optional().describe('Text for the standard input.'),
    stdin_add_newline: bool().default(true).describe('End that text with a newline.'),
    strip_empty_ends: bool()
      .default(true)
      .describe('Leave line ends at the end of stdout and stderr out of the result.'),
    executable: path().optional().describe('The shell to use (only of meaning for shell and script).'),
  };
}

interface CommandValues {
  readonly cmd?: string | undefined;
  readonly argv?: readonly string[] | undefined;
}

function wordsOf(args: CommandValues): readonly string[] {
  return args.argv ?? splitWords(args.cmd ?? '').words ?? [];
}

/** The step of a command of the user's; a folder that the host must expand is changed to by the shell text itself. */
export function commandStep(
  args: { chdir?: string | undefined; stdin?: unknown; stdin_add_newline: boolean; executable?: string | undefined },
  script: string,
  display: string,
) {
  const { chdir } = args;
  const plain = chdir !== undefined && chdir.startsWith('/') && !chdir.includes('$');
  const stdin =
    args.stdin === undefined || args.stdin === null
      ? undefined
      : stdinText(args.stdin) + (args.stdin_add_newline ? '\n' : '');
  return {
    kind: 'command' as const,
    script: chdir === undefined || plain ? script : `cd -P -- ${expandableWord(chdir)} || exit 1\n${script}`,
    display,
    accept: 'any' as const,
    ...(plain ? { chdir } : {}),
    ...(stdin === undefined ? {} : { stdin }),
    ...(args.executable === undefined ? {} : { executable: args.executable }),
  };
}

function stdinText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The result when a guard held. */
export function skippedFields(
  cmd: string | readonly string[],
  said: { path: string; why: string },
): Record<string, unknown> {
  const stdout = `skipped, since ${said.path} ${said.why}`;
  return {
    changed: false,
    cmd,
    rc: 0,
    stdout,
    stdout_lines: [stdout],
    stderr: '',
    stderr_lines: [],
    start: null,
    end: null,
    delta: null,
    msg: `Did not run command since '${said.path}' ${said.why}`,
  };
}
