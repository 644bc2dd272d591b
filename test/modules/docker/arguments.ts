// Arguments as a task gives them, through the module's own schema, for tests of plans.
import { z } from 'zod';
import type { Basics } from '../../../src/core/basics.ts';

interface Checked<S extends z.ZodRawShape> {
  readonly args: S;
  readonly check?: ((args: z.output<z.ZodObject<S>>) => string | undefined) | undefined;
}

/** Validated arguments; throws where they are wrong, the module's own rule included. */
export function argumentsOf<S extends z.ZodRawShape>(
  module: Checked<S>,
  given: Record<string, unknown>,
): z.output<z.ZodObject<S>> {
  const args = z.object(module.args).parse(given);
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(module.args, name));
  if (unknown !== undefined) throw new Error(`there is no argument ${unknown}`);
  const wrong = module.check?.(args);
  if (wrong !== undefined) throw new Error(wrong);
  return args;
}

export const basics: Basics = {
  system: 'Linux',
  machine: 'x86_64',
  kernel: '6.1.0',
  osId: 'debian',
  osIdLike: '',
  osVersion: '13',
  osFamily: 'Debian',
  serviceManager: 'systemd',
  packageManager: 'apt',
  hostname: 'u1',
  user: 'root',
  uid: 0,
  home: '/root',
  bootId: 'boot',
  selinux: false,
};
