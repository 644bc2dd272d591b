// `vbx play`: playbooks are read, and then listed, checked, or run on the hosts of an inventory.
import type { Playbook } from '../core/play.ts';
import type { ResumePoint } from '../engine/run-options.ts';
import type { LoadedInventory } from '../inventory/inventory.ts';
import { Controller } from './controller.ts';
import { findPlaybook } from './find-playbook.ts';
import { listPlays } from './list.ts';
import type { ConnectionFlags, InventoryFlags, RunFlags } from './options.ts';

export interface PlayFlags extends InventoryFlags, ConnectionFlags, RunFlags {
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
  readonly startAtTask?: string;
  readonly step?: boolean;
  readonly forceHandlers?: boolean;
  readonly listHosts?: boolean;
  readonly listTasks?: boolean;
  readonly listTags?: boolean;
  readonly syntaxCheck?: boolean;
  readonly tui?: boolean;
  readonly confirm?: boolean;
}

/** What an earlier run left to do. */
export interface Taken {
  readonly argv: readonly string[];
  readonly hosts: readonly string[];
  readonly point: ResumePoint;
}

/** Where warnings go: kept until there is a reporter that tells them. */
export class Warnings {
  readonly held: string[] = [];
  to: (message: string) => void = (message) => void this.held.push(message);
}

/**
 * Plays the playbooks; gives the exit status. What runs them is loaded only when they are run: listings are quick. Errors before any host is touched:
 * UsageError, PlaybookError, VaultError.
 */
export async function play(names: readonly string[], flags: PlayFlags, taken?: Taken): Promise<number> {
  const warnings = new Warnings();
  const controller = await Controller.make(flags, (message) => warnings.to(message));
  const listing = flags.listHosts === true || flags.listTasks === true || flags.listTags === true;
  const loader = controller.loader({ listing: listing || flags.syntaxCheck === true });
  const paths = names.map((name) => findPlaybook(name));
  const playbooks = paths.map((path) => loader.loadPlaybook(path));
  // Arguments are not looked at for a listing, as under Ansible: most of its time would go into it.
  if (!listing) await (await import('./check-playbooks.ts')).checkPlaybooks(playbooks);
  const inventory = await controller.inventory();
  const limit = controller.limit(inventory);
  if (listing || flags.syntaxCheck === true) {
    for (const message of warnings.held) process.stderr.write(`[WARNING]: ${message}\n`);
    for (const [index, playbook] of playbooks.entries())
      process.stdout.write(describe(playbook, names[index] ?? playbook.file, flags, controller, inventory, limit));
    return 0;
  }
  const { playHosts } = await import('./play-hosts.ts');
  return playHosts({ playbooks, loader, inventory, limit, flags, controller, warnings, taken });
}

/** `name`: as the command line says it. */
function describe(
  playbook: Playbook,
  name: string,
  flags: PlayFlags,
  controller: Controller,
  inventory: LoadedInventory,
  limit: readonly string[] | undefined,
): string {
  const selection = {
    only: flags.tags ?? controller.settings.values.runTags,
    skip: flags.skipTags ?? controller.settings.values.skipTags,
  };
  const wanted = { hosts: flags.listHosts === true, tasks: flags.listTasks === true, tags: flags.listTags === true };
  const plays =
    wanted.hosts || wanted.tasks || wanted.tags
      ? listPlays(playbook, wanted, selection, inventory, limit, controller)
      : '';
  return `\nplaybook: ${name}\n${plays}`;
}
