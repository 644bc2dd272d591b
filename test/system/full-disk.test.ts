// A write to a file system without room: only root can mount one that is small enough.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contentOf } from '../../src/core/content.ts';
import { stepScript } from '../../src/engine/step-script.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vbx-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
});
afterAll(() => {
  execFileSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
});

it.each(['/bin/dash', '/bin/bash', 'busybox'])(
  'says that there is no space, and leaves nothing behind (%s)',
  (shell) => {
    const path = join(folder, 'file');
    const script = stepScript({
      kind: 'write',
      path,
      content: contentOf('x'.repeat(90_000)),
      guard: { kind: 'absent' },
    });
    const words = shell === 'busybox' ? ['busybox', 'sh'] : [shell];
    // Of stdin, as on hosts: one argument may not be as long.
    const { status, stderr } = spawnSync(words[0] ?? '', words.slice(1), { input: script ?? '', encoding: 'utf8' });
    expect({ failed: status !== 0, why: stderr.trim().split('\n').at(-1), left: readdirSync(folder) }).toEqual({
      failed: true,
      why: expect.stringContaining('No space left on device'),
      left: [],
    });
  },
);
