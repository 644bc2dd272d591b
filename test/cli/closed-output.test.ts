// vbx whose output nobody reads to the end.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('ends quietly when its reader has gone', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../src/main.ts'), 'doc', '--list'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => void (errors += chunk.toString()));
  const exit = await new Promise((resolve) => child.once('close', resolve));
  expect({ exit, errors }).toEqual({ exit: 0, errors: '' });
});
