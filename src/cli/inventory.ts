// `vbx inventory`: what an inventory holds, in the forms of ansible-inventory.
import { UsageError } from '../core/error.ts';
import { graph, hostJson, listJson, type ListingOptions } from '../inventory/listing.ts';
import { hostYaml, listYaml } from '../inventory/yaml-listing.ts';
import { Controller } from './controller.ts';
import type { InventoryFlags } from './options.ts';

export interface InventoryCommandFlags extends InventoryFlags {
  readonly list?: boolean;
  readonly host?: string;
  readonly graph?: boolean;
  readonly vars?: boolean;
  readonly export?: boolean;
  readonly yaml?: boolean;
  readonly toml?: boolean;
  readonly playbookDir?: string;
}

/** Prints the inventory. Errors: UsageError for flags that exclude one another. */
export async function inventory(group: string | undefined, flags: InventoryCommandFlags): Promise<number> {
  const wanted = [flags.list, flags.host !== undefined, flags.graph].filter((each) => each === true).length;
  if (wanted !== 1) throw new UsageError(wanted === 0 ? 'say what to show: --list, --graph or --host NAME' : 'only one of --list, --graph and --host can be shown at a time');
  const controller = await Controller.make(flags, (message) => process.stderr.write(`[WARNING]: ${message}\n`));
  const loaded = await controller.inventory();
  const limit = controller.limit(loaded);
  const options: ListingOptions = {
    export: flags.export === true || controller.settings.values.inventoryExport, playbookDir: flags.playbookDir ?? controller.settings.values.playbookDir, extraVars: controller.extraVars,
    limit: limit === undefined ? undefined : new Set(limit), hashBehaviour: controller.settings.values.hashBehaviour,
  };
  if (flags.graph === true) write(graph(loaded, { ...options, group, vars: flags.vars === true }));
  else {
    if (flags.toml === true) {
      const { hostToml, listToml } = await import('../inventory/toml-listing.ts');
      write(flags.host === undefined ? listToml(loaded, options) : hostToml(loaded, flags.host, options));
    } else if (flags.yaml === true) write(flags.host === undefined ? listYaml(loaded, options) : hostYaml(loaded, flags.host, options));
    else write(flags.host === undefined ? listJson(loaded, options) : hostJson(loaded, flags.host, options));
  }
  return 0;
}

function write(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}
