// Files of the controller that arguments name: found, read once for all hosts, walked, rendered, so that modules do no I/O.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Source, SourceTree } from '../core/args.ts';
import { contentOf, type Content } from '../core/content.ts';

/** Files up to this size are kept in memory; larger ones are hashed and streamed. */
const IN_MEMORY = 5 * 1024 * 1024;

const identity = (info: { readonly dev: number; readonly ino: number }): string => `${info.dev} ${info.ino}`;
const mode = (bits: number): string => (bits & 0o7777).toString(8).padStart(4, '0');

/** Reads controller files, each once per run while size and time stay. `decrypt` opens vaulted ones. */
export class SourceFiles {
  readonly #contents = new Map<string, { stamp: string; content: Promise<Content> }>();
  readonly #decrypt: ((text: string, file: string) => string) | undefined;

  constructor(decrypt?: (text: string, file: string) => string) {
    this.#decrypt = decrypt;
  }

  /** The content of a file, decrypted if it is a vault file and `decrypt` is not off. Errors: those of the file system. */
  async content(path: string, decrypt = true): Promise<Content> {
    const info = await stat(path);
    const stamp = `${info.size} ${info.mtimeMs} ${info.ino} ${decrypt}`;
    const known = this.#contents.get(path);
    if (known?.stamp === stamp) return known.content;
    const content = this.#read(path, info.size, decrypt);
    this.#contents.set(path, { stamp, content });
    content.catch(() => this.#contents.delete(path));
    return content;
  }

  async #read(path: string, size: number, decrypt: boolean): Promise<Content> {
    if (size <= IN_MEMORY) {
      const bytes = await readFile(path);
      if (decrypt && this.#decrypt !== undefined && bytes.subarray(0, 14).toString() === '$ANSIBLE_VAULT')
        return contentOf(this.#decrypt(bytes.toString(), path));
      return contentOf(bytes);
    }
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    return { size, sha256: hash.digest('hex'), open: () => createReadStream(path) as AsyncIterable<Uint8Array> };
  }

  /** A file, or (with `tree`) a folder with all below it. `written` is the path as the user wrote it: a slash at its end means the content only. */
  async source(
    path: string,
    options: { tree: boolean; written: string; decrypt?: boolean; followLinks?: boolean },
  ): Promise<Source> {
    const info = await stat(path);
    if (!info.isDirectory())
      return {
        kind: 'file',
        path,
        written: options.written,
        content: await this.content(path, options.decrypt),
        mode: mode(info.mode),
      };
    if (!options.tree) throw new Error(`${path} is a directory`);
    const entries: SourceTree['entries'][number][] = [];
    await this.#walk(path, '', entries, options, [identity(info)]);
    return { kind: 'tree', path, contentOnly: options.written.endsWith('/'), mode: mode(info.mode), entries };
  }

  /** `above`: the folders that lead here, by device and inode. A link that leads back into one of them, or nowhere, stays a link. */
  async #walk(
    root: string,
    below: string,
    entries: SourceTree['entries'][number][],
    options: { decrypt?: boolean; followLinks?: boolean },
    above: readonly string[],
  ): Promise<void> {
    const names = (await readdir(join(root, below))).sort();
    for (const name of names) {
      const path = below === '' ? name : `${below}/${name}`;
      const full = join(root, path);
      const own = await lstat(full);
      const info = own.isSymbolicLink() ? await stat(full).catch(() => undefined) : own;
      if (
        info === undefined ||
        (own.isSymbolicLink() && (options.followLinks === false || above.includes(identity(info))))
      ) {
        entries.push({ path, mode: mode(own.mode), kind: 'link', target: await readlink(full) });
        continue;
      }
      if (info.isDirectory()) {
        entries.push({ path, mode: mode(info.mode), kind: 'directory' });
        await this.#walk(root, path, entries, options, [...above, identity(info)]);
      } else if (info.isFile())
        entries.push({ path, mode: mode(info.mode), kind: 'file', content: await this.content(full, options.decrypt) });
    }
  }
}
