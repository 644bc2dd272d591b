// A playbook that is not found as given is looked for in `playbooks/`.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../core/error.ts';

/** The path of the playbook; names of collections' playbooks (`ns.name.play`) are left to the loader. Errors: UsageError. */
export function findPlaybook(name: string): string {
  for (const candidate of [name, join('playbooks', name)]) if (existsSync(candidate)) return resolve(candidate);
  if (/^\w+\.\w+\.\w+$/.test(name) && !/\.ya?ml$/.test(name)) return name;
  throw new UsageError(`the playbook ${name} was not found`, { hint: `looked for ${resolve(name)} and ${resolve('playbooks', name)}` });
}
