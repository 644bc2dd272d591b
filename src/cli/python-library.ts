// vbx's own library for modules in Python, as files beside the program: read when the first such module is met.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../python');

let known: ReadonlyMap<string, string> | undefined;

/** The library's texts by the names that modules import them by (`ansible.module_utils.basic`). */
export function pythonLibrary(): ReadonlyMap<string, string> {
  known ??= new Map(
    readdirSync(join(folder, 'ansible'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.py'))
      .sort()
      .map((path) => [
        `ansible.${path.slice(0, -'.py'.length).replaceAll('/', '.')}`,
        readFileSync(join(folder, 'ansible', path), 'utf8'),
      ]),
  );
  return known;
}

/** The program that runs a module on the host. */
export function pythonBoot(): string {
  return readFileSync(join(folder, 'boot.py'), 'utf8');
}
