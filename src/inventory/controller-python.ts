// The Python of the machine that vbx runs on, which playbooks ask for by its path.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The first python3 on PATH; undefined where there is none. */
export function controllerPython(): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(':')
    .map((folder) => join(folder, 'python3'))
    .find((path) => path.startsWith('/') && existsSync(path));
}
