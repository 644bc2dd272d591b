// Where lookups and includes look for files: the search path's directories, each with its kind's folder first.
import type { Engine } from './engine.ts';
import { PythonError } from './special.ts';

/** The paths to try for a file, in order; an absolute or home path is tried alone. */
export function candidates(engine: Engine, kind: 'files' | 'templates' | 'vars' | '', name: string): string[] {
  const { host, searchPath } = engine.context;
  if (name.startsWith('/')) return [name];
  if (name.startsWith('~')) return [expandUser(engine, name)];
  const paths: string[] = [];
  for (const directory of searchPath.length > 0 ? searchPath : [host.cwd()]) {
    if (kind !== '' && !name.startsWith(`${kind}/`)) paths.push(join(directory, kind, name));
    paths.push(join(directory, name));
  }
  return paths;
}

/** The first of the candidates that is there; undefined when none is. */
export function findFile(engine: Engine, kind: 'files' | 'templates' | 'vars' | '', name: string): string | undefined {
  return candidates(engine, kind, name).find((path) => engine.context.host.status(path) !== undefined);
}

/** A template by name, for include, import and extends. */
export function findTemplate(engine: Engine, name: string): { path: string; text: string } | undefined {
  // Names are paths below the searched folders: none leads out of them.
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return undefined;
  for (const path of candidates(engine, engine.inFile ? 'templates' : '', parts.join('/'))) {
    const bytes = engine.context.host.status(path)?.kind === 'file' ? engine.context.host.readFile(path) : undefined;
    if (bytes !== undefined) return { path, text: decode(bytes) };
  }
  return undefined;
}

export function expandUser(engine: Engine, path: string): string {
  const match = /^~([^/]*)/.exec(path);
  if (match === null) return path;
  return engine.context.host.home(match[1] === '' ? undefined : match[1]) + path.slice(match[0].length);
}

export function decode(bytes: Uint8Array, encoding = 'utf-8'): string {
  // Python's names have underscores and shortenings that the names of the web do not.
  const plain = encoding
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^(utf|ucs)(?=\d)/, '$1-')
    .replace(/^iso8859/, 'iso-8859')
    .replace(/^cp(?=125)/, 'windows-');
  try {
    return new TextDecoder(plain, { ignoreBOM: true }).decode(bytes);
  } catch {
    throw new PythonError('Error', `unknown encoding: ${encoding}`);
  }
}

export function join(...parts: string[]): string {
  return parts
    .filter((part) => part !== '')
    .join('/')
    .replaceAll('//', '/');
}
