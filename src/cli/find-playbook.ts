// A playbook that is not found as given is looked for in `playbooks/`.
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { VbxError } from '../core/error.ts';

/** The path of the playbook; names of collections' playbooks (`ns.name.play`) are left to the loader. Errors: VbxError (status 1, as under Ansible). */
export function findPlaybook(name: string): string {
  for (const candidate of [name, join('playbooks', name)]) {
    const status = statSync(candidate, { throwIfNoEntry: false });
    if (status === undefined) continue;
    if (!status.isDirectory()) return resolve(candidate);
    if (candidate === name) throw new VbxError(`the playbook: ${name} does not appear to be a file`);
  }
  if (/^\w+\.\w+(?:\.\w+)+$/.test(name) && !/\.ya?ml$/.test(name)) return name;
  throw new VbxError(`the playbook: ${name} could not be found`, {
    hint: `looked for ${resolve(name)} and ${resolve('playbooks', name)}`,
  });
}
