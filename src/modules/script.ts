// script: runs a file of the controller on the host without leaving it there: it reaches its interpreter through a pipe.
import { path, source, str } from '../core/args.ts';
import { VbxError } from '../core/error.ts';
import { defineAction } from '../core/module.ts';
import { quote, quoteAll } from '../core/quote.ts';
import { splitWords } from '../core/words.ts';
import { outputFields } from './command-result.ts';
import { commandStep } from './command.ts';
import { guardArgs, guardProbes, guardSays, type Guards } from './guards.ts';

export const script = defineAction<ScriptShape, Guards>({
  name: 'ansible.builtin.script',
  summary: 'Run a script of the controller on the host',
  args: scriptArgs(),
  freeForm: 'cmd',
  example: `
- ansible.builtin.script:
    cmd: hello.sh world
`,
  probe: (args) => guardProbes(args),
})({
  satisfied: (args, observed) => {
    const said = guardSays(args, observed);
    if (said === undefined) return undefined;
    return {
      changed: false,
      skipped: true,
      msg:
        said.why === 'exists'
          ? `${said.path} exists, matching creates option`
          : `${said.path} does not exist, matching removes option`,
    };
  },
  steps: (args) => {
    const file = args.cmd;
    if (file.kind !== 'file') throw new VbxError('script takes a file of the controller');
    const { bytes } = file.content;
    if (bytes === undefined)
      throw new VbxError(`${file.path} is too large to be run as a script`, {
        hint: 'Copy it to the host and run it with command.',
      });
    const interpreter =
      args.executable === undefined
        ? interpreterOf(bytes, file.path)
        : (splitWords(args.executable).words ?? [args.executable]);
    const words = file.words ?? [];
    // The script comes through a pipe of its own, not through stdin: a program in it that reads stdin must not eat the lines below it.
    const text = `cat | { exec 3<&0 </dev/null; exec ${quoteAll(interpreter)} /dev/fd/3${words.map((word) => ` ${quote(word)}`).join('')}; }`;
    const step = commandStep(
      { ...args, stdin_add_newline: false, executable: undefined },
      text,
      quoteAll([file.path, ...words]),
    );
    return [{ ...step, stdin: bytes }];
  },
  parse: (_args, done) => {
    const [only] = done;
    return only === undefined
      ? { failed: true, msg: 'the script was not run' }
      : { changed: true, ...outputFields(only, false) };
  },
});

function scriptArgs() {
  return {
    cmd: source({ folder: 'files', commandLine: true }).describe('The script, searched in `files`, and its arguments.'),
    ...guardArgs,
    chdir: path().optional().describe('Folder to run in.'),
    executable: str().optional().describe('Interpreter with its options; otherwise that of the `#!` line, or /bin/sh.'),
  };
}
type ScriptShape = ReturnType<typeof scriptArgs>;

/** Program and at most one argument, as the kernel reads a `#!` line. */
export function interpreterOf(bytes: Buffer, path: string): readonly string[] {
  if (bytes.subarray(0, 4).toString('latin1') === '\x7fELF')
    throw new VbxError(`${path} is a program, not a script`, { hint: 'Copy it to the host and run it with command.' });
  const first = bytes.subarray(0, 256).toString('latin1').split('\n', 1)[0] ?? '';
  const match = /^#!\s*(\S+)(?:[ \t]+(.*?))?\s*$/.exec(first);
  if (match?.[1] === undefined) return ['/bin/sh'];
  // `env -S` splits its argument; the kernel hands all of it over as one word.
  return match[2] === undefined || match[2] === '' ? [match[1]] : [match[1], match[2]];
}
