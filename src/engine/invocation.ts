// What a module was called with, as Ansible tells it with -vvv: every option it has, secrets left out.
import type { Result } from '../core/outcome.ts';
import type { Module } from '../core/module.ts';
import { fieldsOf } from './validate-args.ts';

/** The field `invocation` of a result. `args`: as checked, with defaults; files of the controller stand as they were written, which `written` gives. */
export function invocationOf(module: Module, args: Readonly<Record<string, unknown>>, written: (name: string) => unknown): Result {
  const told = [...fieldsOf(module)].map(([name, { source, searched, secret }]): [string, unknown] => {
    const value = args[name] ?? null;
    if (secret === true && value !== null) return [name, 'VALUE_SPECIFIED_IN_NO_LOG_PARAMETER'];
    return [name, value !== null && (source !== undefined || searched !== undefined) ? written(name) : value];
  });
  return { module_args: Object.fromEntries(told) };
}
