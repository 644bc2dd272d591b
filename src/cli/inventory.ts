// `vbx inventory`: what an inventory holds, in the forms of ansible-inventory.
import { writeFileSync } from 'node:fs';
import { UsageError, VbxError } from '../core/error.ts';
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
  readonly output?: string;
}

/** Prints the inventory. Errors: UsageError for flags that exclude one another. */
export async function inventory(group: string | undefined, flags: InventoryCommandFlags): Promise<number> {
  const wanted = [flags.list, flags.host !== undefined, flags.graph].filter((each) => each === true).length;
  if (wanted !== 1)
    throw new UsageError(
      wanted === 0
        ? 'say what to show: --list, --graph or --host NAME'
        : 'only one of --list, --graph and --host can be shown at a time',
    );
  const controller = await Controller.make(flags, (message) => process.stderr.write(`[WARNING]: ${message}\n`));
  const loaded = await controller.inventory();
  const limit = controller.limit(loaded);
  const options: ListingOptions = {
    export: flags.export === true || controller.settings.values.inventoryExport,
    playbookDir: flags.playbookDir ?? controller.settings.values.playbookDir,
    extraVars: controller.extraVars,
    limit: limit === undefined ? undefined : new Set(limit),
    hashBehaviour: controller.settings.values.hashBehaviour,
  };
  const write = (text: string): void => put(text, flags.output);
  if (flags.graph === true) write(graph(loaded, { ...options, group, vars: flags.vars === true }));
  else {
    if (flags.toml === true) {
      const { hostToml, listToml } = await import('../inventory/toml-listing.ts');
      write(flags.host === undefined ? listToml(loaded, options) : hostToml(loaded, flags.host, options));
    } else if (flags.yaml === true)
      write(flags.host === undefined ? listYaml(loaded, options) : hostYaml(loaded, flags.host, options));
    else write(flags.host === undefined ? listJson(loaded, options) : hostJson(loaded, flags.host, options));
  }
  return 0;
}

/** To the terminal with a line break at its end; into a file as it is. Errors: VbxError. */
function put(text: string, file: string | undefined): void {
  if (file === undefined) {
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    return;
  }
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new VbxError(
      `Unable to write to destination file '${file}': ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}
