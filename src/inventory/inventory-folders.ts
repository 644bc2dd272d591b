// Where group_vars and host_vars of an inventory lie: beside its sources.
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** The folder of each source (itself when it is one), in their order; one that is named twice counts at its last place. Host lists have none. */
export function inventoryFolders(sources: readonly string[]): readonly string[] {
  const folders: string[] = [];
  for (const source of sources) {
    if (source.includes(',') && !existsSync(source)) continue;
    const folder = resolve(
      statSync(source, { throwIfNoEntry: false })?.isDirectory() === true ? source : dirname(source),
    );
    const before = folders.indexOf(folder);
    if (before >= 0) folders.splice(before, 1);
    folders.push(folder);
  }
  return folders;
}
