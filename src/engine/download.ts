// A file of a host written on the controller: beside its place first, renamed when complete.
import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Answer } from '../core/probe.ts';

/** `fetch` streams the bytes into the sink and gives the answer of the host's command; on failure nothing is left behind. */
export async function writeDownload(to: string, fetch: (sink: (chunk: Buffer) => Promise<void>) => Promise<Answer>): Promise<Answer> {
  await mkdir(dirname(to), { recursive: true });
  const temporary = join(dirname(to), `.vbx-${randomBytes(6).toString('hex')}~`);
  const file = await open(temporary, 'wx', 0o600);
  try {
    const answer = await fetch(async (chunk) => {
      await file.writeFile(chunk);
    });
    await file.sync();
    await file.close();
    if (answer.rc !== 0) {
      await rm(temporary, { force: true });
      return answer;
    }
    await rename(temporary, to);
    return answer;
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}
