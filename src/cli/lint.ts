// `vbx lint`: everything in playbooks that would not run, each with its place, before any host is touched.
import { formatOrigin } from '../core/origin.ts';
import { PlaybookError, type VbxError } from '../core/error.ts';
import { walkTasks } from '../playbook/walk.ts';
import { problemsOf } from './check-playbooks.ts';
import { Controller } from './controller.ts';
import { findPlaybook } from './find-playbook.ts';
import type { InventoryFlags } from './options.ts';

/** Prints one line a problem; exit status 2 when there are any. */
export async function lint(names: readonly string[], flags: InventoryFlags): Promise<number> {
  const controller = await Controller.make(flags, (message) => process.stderr.write(`[WARNING]: ${message}\n`));
  const problems: VbxError[] = [];
  for (const name of names) {
    try {
      const playbook = controller.loader().loadPlaybook(findPlaybook(name));
      for (const { message, origin } of playbook.warnings) process.stdout.write(`${origin === undefined ? name : formatOrigin(origin)}: warning: ${message}\n`);
      for (const play of playbook.plays) for (const { task } of walkTasks(play)) problems.push(...(await problemsOf(task)));
    } catch (error) {
      if (!(error instanceof PlaybookError)) throw error;
      problems.push(error);
    }
  }
  for (const { origin, message, hint } of problems) process.stdout.write(`${origin === undefined ? '' : `${formatOrigin(origin)}: `}error: ${message}${hint === undefined ? '' : ` (${hint})`}\n`);
  process.stdout.write(problems.length === 0 ? 'nothing found that would not run\n' : `${problems.length} problem${problems.length === 1 ? '' : 's'}\n`);
  return problems.length === 0 ? 0 : 2;
}
