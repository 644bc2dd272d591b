// What a module was called with, as Ansible tells it with -vvv: every option it has, secrets left out.
import type { Result } from '../core/outcome.ts';
import type { Module } from '../core/module.ts';
import { fieldsOf, nameArgs } from './validate-args.ts';

/**
 * The field `invocation` of a result. `args`: as checked, with defaults; files of the controller stand as they are in `written`, the
 * arguments as the user named them. Undefined for a module whose options are not known here, nor which of them are secret: it tells for itself.
 */
export function invocationOf(
  module: Module,
  args: Readonly<Record<string, unknown>>,
  written: Readonly<Record<string, unknown>>,
): Result | undefined {
  if (module.openArgs === true) return undefined;
  const named = nameArgs(module, written).args;
  const told = [...fieldsOf(module)].map(([name, { source, searched, secret }]): [string, unknown] => {
    const value = args[name] ?? null;
    if (secret === true && value !== null) return [name, 'VALUE_SPECIFIED_IN_NO_LOG_PARAMETER'];
    return [name, value !== null && (source !== undefined || searched !== undefined) ? named[name] : value];
  });
  return { module_args: Object.fromEntries(told) };
}
