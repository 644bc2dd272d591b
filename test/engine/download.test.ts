// Files of hosts on the controller: written whole or not at all, and not touched when they are the same.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { writeDownload } from '../../src/engine/download.ts';

const root = mkdtempSync(join(tmpdir(), 'vbx-download-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const answer = (rc: number) => ({ rc, stdout: Buffer.alloc(0), stderr: Buffer.from(rc === 0 ? '' : 'gone') });
const fetching =
  (text: string, rc = 0) =>
  async (sink: (chunk: Buffer) => Promise<void>) => {
    for (const letter of text) await sink(Buffer.from(letter));
    return answer(rc);
  };

it('tells whether the file was another, with the digests of what arrived', async () => {
  const to = join(root, 'a/b/file');
  const first = await writeDownload(to, fetching('text'));
  expect(first.stdout.toString()).toBe(
    'changed 372ea08cab33e71c02c651dbc83a474d32c676ea 1cb251ec0d568de6a929b520c4aed8d1',
  );
  const inode = statSync(to).ino;
  expect((await writeDownload(to, fetching('text'))).stdout.toString()).toMatch(/^same 372ea08c/);
  expect(statSync(to).ino).toBe(inode);
  expect((await writeDownload(to, fetching('more'))).stdout.toString()).toMatch(/^changed /);
  expect(readFileSync(to, 'utf8')).toBe('more');
  expect(readdirSync(join(root, 'a/b'))).toEqual(['file']);
});

it('says why nothing can be written there', async () => {
  const folder = mkdtempSync(join(root, 'folder-'));
  expect(await writeDownload(folder, fetching('text'))).toMatchObject({
    rc: 1,
    stderr: Buffer.from(`${folder} is a directory\n`),
  });
  writeFileSync(join(folder, 'file'), '');
  expect((await writeDownload(join(folder, 'file/below'), fetching('text'))).stderr.toString()).toMatch(
    /ENOTDIR|EEXIST/,
  );
});

it('leaves the old file and nothing else where the transfer fails', async () => {
  const to = join(root, 'kept');
  writeFileSync(to, 'old');
  expect((await writeDownload(to, fetching('half', 1))).rc).toBe(1);
  await expect(writeDownload(to, () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
  expect(readFileSync(to, 'utf8')).toBe('old');
  expect(readdirSync(root).filter((name) => name.startsWith('.vbx'))).toEqual([]);
});
