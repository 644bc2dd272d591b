// The files of the controller as the loaders read them. Nothing is kept: a play may write the files that it includes later.
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';

/** What the loaders ask of the file system; a test gives its own. */
export interface FileSource {
  /** The text of a file; undefined when it does not exist. Throws for a file that exists and cannot be read. */
  readFile(path: string): string | undefined;
  exists(path: string): boolean;
  isDir(path: string): boolean;
  /** Names in a folder, sorted; empty when there is none. */
  list(path: string): readonly string[];
  /** The path without links. */
  realPath(path: string): string;
}

function unlessMissing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw error;
  }
}

export function nodeFiles(): FileSource {
  const stat = (path: string) => statSync(path, { throwIfNoEntry: false });
  return {
    readFile: (path) => unlessMissing(() => readFileSync(path, 'utf8')),
    exists: (path) => stat(path) !== undefined,
    isDir: (path) => stat(path)?.isDirectory() === true,
    list: (path) => unlessMissing(() => readdirSync(path).sort()) ?? [],
    realPath: (path) => (stat(path) === undefined ? path : realpathSync(path)),
  };
}
