// The first text of a shell, as another user than the one whose folder it starts in.
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startText } from '../../src/remote/shell.ts';
import { scratch } from './local-machine.ts';

it.runIf(process.getuid?.() === 0)('starts at home where it may not look into the folder that it is in', () => {
  const folder = scratch('private');
  const where = (uid: number, home: string): string =>
    spawnSync('/bin/sh', { input: `${startText('m', false)}pwd\n`, cwd: folder, uid, gid: uid, env: { HOME: home } })
      .stdout.toString()
      .split('\n')
      .at(-2) ?? '';
  chmodSync(folder, 0o700);
  expect([where(0, '/usr'), where(1, '/usr'), where(1, '/nowhere')]).toEqual([folder, '/usr', '/']);
});
