// Filters, tests and lookups that a playbook brings along as TypeScript or JavaScript; Python ones are refused by name.
import { basename, extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PlaybookError } from '../core/error.ts';
import type { Playbook } from '../core/play.ts';
import { pluginFiles } from '../playbook/plugin-folders.ts';
import type { CustomFilter, CustomLookup, CustomPlugins, CustomTest } from '../template/index.ts';
import type { Controller } from './controller.ts';

/** All plugins beside the playbooks and their roles; undefined when there are none. Errors: PlaybookError for a file that cannot be loaded. */
export async function loadCustomPlugins(
  playbooks: readonly Playbook[],
  controller: Controller,
): Promise<CustomPlugins | undefined> {
  const filters = new Map<string, CustomFilter>();
  const tests = new Map<string, CustomTest>();
  const lookups = new Map<string, CustomLookup>();
  for (const { kind, path } of playbooks.flatMap((playbook) => pluginFiles(playbook, controller.files))) {
    if (kind !== 'filter_plugins' && kind !== 'test_plugins' && kind !== 'lookup_plugins') continue;
    if (extname(path) === '.py') {
      controller.warn(
        `${path} is a Python plugin, which vbx cannot run; what it brings is unknown here. The same can be written as ${basename(path, '.py')}.ts beside it`,
      );
      continue;
    }
    if (!['.ts', '.js', '.mjs'].includes(extname(path))) continue;
    const found = await load(path);
    const into = kind === 'filter_plugins' ? filters : kind === 'test_plugins' ? tests : lookups;
    for (const [name, plugin] of Object.entries(found))
      if (typeof plugin === 'function') into.set(name, plugin as never);
  }
  return filters.size + tests.size + lookups.size === 0 ? undefined : { filters, tests, lookups };
}

/** A file exports its plugins by name, or all of them as the default export's members. */
async function load(path: string): Promise<Record<string, unknown>> {
  try {
    const module = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
    const { default: all, ...named } = module;
    return { ...(typeof all === 'object' && all !== null ? (all as Record<string, unknown>) : {}), ...named };
  } catch (error) {
    throw new PlaybookError(
      `the plugin ${path} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}
