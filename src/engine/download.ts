// A file of a host written on the controller: beside its place first, renamed when complete.
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Answer } from '../core/probe.ts';

/**
 * `fetch` streams the bytes into the sink and gives the answer of the host's command; on failure nothing is left behind. The answer's stdout becomes
 * `changed` or `same` (the file was there with these bytes and is not touched), the SHA-1 and the MD5 of what arrived.
 */
export async function writeDownload(
  to: string,
  fetch: (sink: (chunk: Buffer) => Promise<void>) => Promise<Answer>,
): Promise<Answer> {
  const refused = (why: string): Answer => ({ rc: 1, stdout: Buffer.alloc(0), stderr: Buffer.from(`${why}\n`) });
  const there = await stat(to).catch(() => undefined);
  if (there?.isDirectory() === true) return refused(`${to} is a directory`);
  try {
    await mkdir(dirname(to), { recursive: true });
  } catch (error) {
    return refused(error instanceof Error ? error.message : String(error));
  }
  const temporary = join(dirname(to), `.vbx-${randomBytes(6).toString('hex')}~`);
  const file = await open(temporary, 'wx', 0o600);
  const [sha1, md5] = [createHash('sha1'), createHash('md5')];
  try {
    const answer = await fetch(async (chunk) => {
      sha1.update(chunk);
      md5.update(chunk);
      await file.writeFile(chunk);
    });
    await file.sync();
    await file.close();
    if (answer.rc !== 0) {
      await rm(temporary, { force: true });
      return answer;
    }
    const digest = sha1.digest('hex');
    const same = there?.isFile() !== false && (await sha1Of(to)) === digest;
    // A device or a pipe is written to: a rename would leave a plain file where all others look for it.
    if (there !== undefined && !there.isFile()) await writeFile(to, createReadStream(temporary));
    else if (!same) await rename(temporary, to);
    await rm(temporary, { force: true });
    return { ...answer, stdout: Buffer.from(`${same ? 'same' : 'changed'} ${digest} ${md5.digest('hex')}`) };
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}

/** SHA-1 of a file of the controller; undefined where there is none that can be read. */
async function sha1Of(path: string): Promise<string | undefined> {
  const hash = createHash('sha1');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}
