// What every command of vbx needs of the controller: settings, vault, inventory, playbook loader, templates, connections. Made from the command line.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../core/error.ts';
import type { VarsLayer } from '../core/host.ts';
import type { Origin } from '../core/origin.ts';
import { Secrets } from '../core/secrets.ts';
import type { Value } from '../core/value.ts';
import { loadInventory } from '../inventory/load-inventory.ts';
import type { LoadedInventory } from '../inventory/inventory.ts';
import { MODULES, resolveModule } from '../modules/registry.ts';
import { PlaybookLoader, type LoaderContext } from '../playbook/load.ts';
import { nodeFiles, type FileSource } from '../playbook/node-files.ts';
import { mapScope, nodeHost, Templar, type LookupHost } from '../template/index.ts';
import { extraVars } from './extra-vars.ts';
import type { CommonOptions } from './options.ts';

export class Controller {
  readonly secrets = new Secrets();
  readonly files: FileSource = nodeFiles();
  readonly lookupHost: LookupHost = nodeHost();
  readonly extraVars: readonly VarsLayer[];
  readonly options: CommonOptions;
  readonly warn: (message: string, origin?: Origin) => void;

  constructor(options: CommonOptions, warn: (message: string, origin?: Origin) => void) {
    this.options = options;
    this.warn = warn;
    this.extraVars = extraVars(options.extraVars, undefined);
  }

  /** The inventory of -i, or of the settings. Errors: PlaybookError for sources that cannot be read. */
  inventory(): Promise<LoadedInventory> {
    const sources = this.options.inventory.length > 0 ? this.options.inventory : existsSync('inventory') ? ['inventory'] : ['/etc/ansible/hosts'];
    for (const source of sources) if (!source.includes(',') && !existsSync(source)) throw new UsageError(`the inventory ${source} was not found`, { hint: 'a list of hosts needs a comma: -i host1,' });
    return loadInventory(sources, { warn: this.warn, evaluate: { condition: (source, scope) => this.#evaluator(scope).condition(source) === true, value: (source, scope) => this.#evaluator(scope).expression(source) } as never });
  }
  #evaluator(scope: Parameters<typeof mapScope>[0]): Templar {
    return new Templar({ scope: mapScope(scope), host: this.lookupHost, searchPath: [process.cwd()] });
  }

  /** One loader for the playbooks of a run and what they include. */
  loader(): PlaybookLoader {
    return new PlaybookLoader(this.loaderContext());
  }
  loaderContext(): LoaderContext {
    return {
      files: this.files,
      rolesPath: ['~/.ansible/roles', '/usr/share/ansible/roles', '/etc/ansible/roles'].map((path) => resolve(path.replace(/^~/, process.env['HOME'] ?? '/root'))),
      collectionsPath: ['~/.ansible/collections', '/usr/share/ansible/collections'].map((path) => resolve(path.replace(/^~/, process.env['HOME'] ?? '/root'))),
      modules: (name, collections) => resolveModule(name, collections),
      extraVars: this.extraVars,
      renderStatic: (value: Value, layers: readonly VarsLayer[]) => new Templar({ scope: mapScope(...layers.toReversed().map((layer) => layer.vars)), host: this.lookupHost, searchPath: [process.cwd()] }).render(value),
    };
  }
}

/** A module by its canonical name. */
export const loadModule = (name: string): Promise<import('../core/module.ts').Module | undefined> => MODULES[name]?.() ?? Promise.resolve(undefined);
