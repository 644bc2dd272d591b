// A module that a playbook brings along in its library folder: its file and arguments go to the host, its JSON comes back.
import { basename } from 'node:path';
import { VbxError } from '../core/error.ts';
import { defineAction, type ActionModule, type ControllerInfo } from '../core/module.ts';
import { quote, quoteAll } from '../core/quote.ts';
import { splitWords } from '../core/words.ts';
import { interpreterOf } from './script.ts';

/** How a module wants its arguments, told by its text (Ansible's developing_program_flow_modules). */
type Contract = 'json-file' | 'json-inside' | 'words-file';

/** Holds the value of `ansible_python_interpreter` or the like; the module is not told it. */
const INTERPRETER = '_ansible_interpreter';

const INSIDE = '<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>';

/**
 * The module in `bytes`, read from `path` on the controller. It is run by the interpreter of its `#!` line, or as it is if it is a program.
 * In a dry run it runs only if its text shows that it knows of dry runs (`_ansible_check_mode`).
 */
export function libraryModule(path: string, bytes: Buffer): ActionModule {
  const name = basename(path).replace(/\.[^.]*$/, '');
  const program = bytes.includes(0);
  const text = program ? '' : bytes.toString();
  const interpreter = program ? undefined : interpreterWords(bytes, path);
  const contract: Contract =
    program || text.includes('WANT_JSON') ? 'json-file' : text.includes(INSIDE) ? 'json-inside' : 'words-file';
  return defineAction({
    name,
    summary: `Module of ${path}`,
    args: {},
    openArgs: true,
    example: `\n- ${name}:\n`,
    dryRun: text.includes('_ansible_check_mode') ? 'run' : 'unknown',
    ...(interpreter === undefined ? {} : { fromVariables: interpreterVariable(interpreter[0]) }),
  })({
    steps: (args, _observed, _basics, controller) => {
      const { given, wanted } = toldTo(name, args as Record<string, unknown>, controller);
      const json = JSON.stringify(given);
      const file = contract === 'json-inside' ? Buffer.from(text.replaceAll(INSIDE, () => json)) : bytes;
      const arguments_ = contract === 'json-inside' ? '' : contract === 'json-file' ? json : words(given);
      const stdin = `${file.toString('base64')}\n${Buffer.from(arguments_).toString('base64')}\n`;
      return [
        {
          kind: 'command',
          script: runText(name, interpreter === undefined ? undefined : launcher(interpreter, wanted), contract),
          display: name,
          stdin,
          accept: 'any',
        },
      ];
    },
    parse: (_args, [done]) =>
      done === undefined ? { failed: true, msg: 'the module was not run' } : resultOf(name, done),
  }) as ActionModule;
}

/** The variable that may name another interpreter for modules of this one. */
export function interpreterVariable(program: string): Readonly<Record<string, string>> {
  return { [INTERPRETER]: `ansible_${basename(program).replace(/[0-9.]+$/, '')}_interpreter` };
}

/** What a module is told: its arguments, and how it is to run. `wanted`: the interpreter that the inventory names. */
export function toldTo(
  name: string,
  args: Readonly<Record<string, unknown>>,
  { checkMode, diffMode }: ControllerInfo,
): { readonly given: Record<string, unknown>; readonly wanted: unknown } {
  const { [INTERPRETER]: wanted, ...written } = args;
  return {
    wanted,
    given: {
      ...written,
      _ansible_check_mode: checkMode,
      _ansible_module_name: name,
      _ansible_diff: diffMode === true,
      _ansible_no_log: false,
      _ansible_debug: false,
      _ansible_verbosity: 0,
      _ansible_version: '2.19.0',
    },
  };
}

/** `k=v` separated by blanks, values quoted for a shell: what modules of the first days source or split. */
function words(args: Record<string, unknown>): string {
  return Object.entries(args)
    .map(([key, value]) => `${key}=${quote(pythonText(value))}`)
    .join(' ');
}

function pythonText(value: unknown): string {
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value === null || value === undefined) return 'None';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The program of a `#!` line and its arguments; what `env` would look up is looked up by the shell. */
function interpreterWords(bytes: Buffer, path: string): readonly [program: string, ...words: string[]] {
  if (!bytes.subarray(0, 2).equals(Buffer.from('#!')))
    throw new VbxError(`the module ${path} has no interpreter line`, {
      hint: 'Begin it with a line such as "#!/bin/sh".',
    });
  const [program = '/bin/sh', argument] = interpreterOf(bytes, path);
  if (argument === undefined || basename(program) !== 'env')
    return argument === undefined ? [program] : [program, argument];
  const { words = [] } = splitWords(argument.replace(/^(-S|--split-string[= ])\s*/, ''));
  const [first, ...rest] = words;
  // Options of env, and variables that it sets, are its own business.
  return first === undefined || /^-|=/.test(first) ? [program, argument] : [first, ...rest];
}

/** `wanted`: the interpreter that the inventory names in place of the program; a way of finding one (`auto`) names none. */
export function launcher([program, ...words]: readonly [string, ...string[]], wanted: unknown): string {
  const named =
    typeof wanted === 'string' && !/^auto(_silent|_legacy|_legacy_silent)?$/.test(wanted)
      ? splitWords(wanted).words
      : undefined;
  if (named !== undefined && named.length > 0) return quoteAll([...named, ...words]);
  const rest = words.map((word) => ` ${quote(word)}`).join('');
  // `python` is not everywhere what it is called where the module was written.
  return /(^|\/)python[0-9.]*$/.test(program)
    ? `"$(command -v ${quote(program)} || command -v python3 || command -v /usr/libexec/platform-python || echo ${quote(program)})"${rest}`
    : `${quote(program)}${rest}`;
}

/**
 * Shell text that takes module and arguments from two lines of stdin into a private folder, runs the one with the other and leaves nothing behind.
 * A module may read its arguments more than once, so they are a file and no pipe.
 */
function runText(name: string, launch: string | undefined, contract: Contract): string {
  const file = `"$vbx_dir"/${quote(name)}`;
  const call = `${launch === undefined ? '' : `${launch} `}${file}${contract === 'json-inside' ? '' : ' "$vbx_dir/args"'}`;
  return `vbx_mask=$(umask); umask 077; vbx_dir=
for vbx_root in "\${TMPDIR:-/tmp}" /tmp /var/tmp /dev/shm "$HOME"; do vbx_dir=$(mktemp -d "$vbx_root/.vbx-XXXXXXXX" 2>/dev/null) && break; done
[ -n "$vbx_dir" ] || { echo 'no folder can be written to for the module' >&2; exit 1; }
trap 'rm -rf -- "$vbx_dir"' EXIT
trap 'exit 143' HUP INT TERM
IFS= read -r vbx_module && IFS= read -r vbx_args || exit 1
printf '%s' "$vbx_module" | base64 -d >${file} && printf '%s' "$vbx_args" | base64 -d >"$vbx_dir/args" && chmod 700 ${file} || exit 1
unset vbx_module vbx_args
umask "$vbx_mask"
${call} </dev/null`;
}

interface Done {
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The JSON object on stdout, whatever stands before and behind it; without `failed`, an `rc` that is not 0 is a failure. */
export function resultOf(
  name: string,
  { rc, stdout, stderr }: Done,
): Record<string, unknown> & { changed?: boolean; failed?: boolean } {
  const result = jsonIn(stdout);
  if (result === undefined) {
    return {
      changed: false,
      failed: true,
      msg: `the module ${name} gave no JSON object as its result${stderr.trim() === '' ? '' : `: ${stderr.trim()}`}`,
      module_stdout: stdout,
      module_stderr: stderr,
      rc,
    };
  }
  const failed = result['failed'] ?? ('rc' in result && Number(result['rc']) !== 0);
  const { failed: _written, ...fields } = result;
  return { changed: false, ...fields, ...(failed === true || failed === 'true' ? { failed: true } : {}) };
}

function jsonIn(stdout: string): (Record<string, unknown> & { changed?: boolean }) | undefined {
  const lines = stdout.split('\n');
  const first = lines.findIndex((line) => line.trimStart().startsWith('{'));
  if (first < 0) return undefined;
  for (let last = lines.length; last > first; last--) {
    if (!(lines[last - 1] ?? '').trimEnd().endsWith('}')) continue;
    try {
      const value: unknown = JSON.parse(lines.slice(first, last).join('\n'));
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    } catch {
      // Text behind the object may end so too.
    }
  }
  return undefined;
}
