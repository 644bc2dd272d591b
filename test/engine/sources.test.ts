// Files of the controller as arguments name them: folders with links that lead into themselves, or nowhere.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SourceFiles } from '../../src/engine/sources.ts';

const root = mkdtempSync(join(tmpdir(), 'vbx-sources-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a folder', () => {
  it('is walked through links, but neither in circles nor into nothing', async () => {
    mkdirSync(join(root, 'tree/one'), { recursive: true });
    mkdirSync(join(root, 'other'));
    writeFileSync(join(root, 'other/file'), 'text');
    symlinkSync('../', join(root, 'tree/one/circle'));
    symlinkSync('nowhere', join(root, 'tree/broken'));
    symlinkSync('../other', join(root, 'tree/led'));
    const source = await new SourceFiles().source(join(root, 'tree'), { tree: true, written: 'tree' });
    const told =
      source.kind === 'tree'
        ? source.entries.map((entry) => [entry.path, entry.kind, ...(entry.kind === 'link' ? [entry.target] : [])])
        : [];
    expect(told).toEqual([
      ['broken', 'link', 'nowhere'],
      ['led', 'directory'],
      ['led/file', 'file'],
      ['one', 'directory'],
      ['one/circle', 'link', '../'],
    ]);
  });
});
