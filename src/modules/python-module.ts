// A module in Python that is written with Ansible's library for modules (AnsibleModule), of a library folder or a collection: it travels to the host
// together with vbx's own library of that kind, and is run there by the host's Python 3.
import { basename } from 'node:path';
import { defineAction, type ActionModule } from '../core/module.ts';
import { quote } from '../core/quote.ts';
import { interpreterVariable, launcher, resultOf, toldTo } from './library-module.ts';

const PYTHON = ['/usr/bin/python3'] as const;
const NO_PYTHON = 127;

export interface PythonParts {
  /** What it imports of Ansible's library and of its collection, by dotted names. */
  readonly sources: ReadonlyMap<string, string>;
  /** The package that its own relative imports start from. */
  readonly package: string;
  /** The program that reads module, arguments and library from its stdin. */
  readonly boot: string;
}

/**
 * The module with `text`, read from `path` on the controller. In a dry run it runs only if it says that it can (`supports_check_mode=True`).
 */
export function pythonModule(
  path: string,
  text: string,
  { sources, package: inPackage, boot }: PythonParts,
): ActionModule {
  const name = basename(path).replace(/\.py$/, '');
  return defineAction({
    name,
    summary: `Module of ${path}`,
    args: {},
    openArgs: true,
    example: `\n- ${name}:\n`,
    dryRun: /supports_check_mode\s*=\s*True/.test(text) ? 'run' : 'unknown',
    fromVariables: interpreterVariable(PYTHON[0]),
  })({
    steps: (args, _observed, _basics, controller) => {
      const { given, wanted } = toldTo(name, args as Record<string, unknown>, controller);
      const stdin = JSON.stringify({
        name: `${name}.py`,
        package: inPackage,
        module: text,
        args: given,
        boot,
        sources: Object.fromEntries(sources),
      });
      return [
        {
          kind: 'command',
          script: `set -- ${launcher(PYTHON, wanted)}\ncommand -v "$1" >/dev/null 2>&1 || exit ${NO_PYTHON}\nexec "$@" -c ${quote(boot)}`,
          display: name,
          stdin,
          accept: 'any',
        },
      ];
    },
    parse: (_args, [done]) => {
      if (done === undefined) return { failed: true, msg: 'the module was not run' };
      if (done.rc === NO_PYTHON && done.stdout === '')
        return {
          failed: true,
          msg: `the module ${name} is written in Python, and the host has no Python 3 to run it`,
          rc: NO_PYTHON,
        };
      const { invocation: _invocation, ...result } = resultOf(name, done);
      return result;
    },
  }) as ActionModule;
}
