// `group_vars` and `host_vars` folders: files of variables by the name of a group or host, read only when somebody asks for that name.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { PlaybookError } from '../core/error.ts';
import type { VarsLayer } from '../core/host.ts';
import { Dict } from '../core/value.ts';
import { loadYaml } from '../yaml/load-yaml.ts';
import type { VaultDecryptor } from '../yaml/vault-text.ts';

export interface ReadOptions {
  readonly vault?: VaultDecryptor | undefined;
  readonly warn?: ((message: string) => void) | undefined;
}

const EXTENSIONS = ['', '.yml', '.yaml', '.json'];

/** One folder; what it holds is listed once. */
export class VarsFolder {
  readonly #path: string;
  readonly #options: ReadOptions;
  #names: ReadonlySet<string> | undefined;
  readonly #files = new Map<string, readonly VarsLayer[]>();

  constructor(path: string, options: ReadOptions) {
    this.#path = path;
    this.#options = options;
  }
  /** Layers of a group or host, weakest first; `level` names them. The first of NAME, NAME.yml, NAME.yaml, NAME.json counts; a folder is read whole. */
  layers(name: string, level: string): readonly VarsLayer[] {
    this.#names ??= new Set(this.#list());
    if (this.#names.size === 0 || name.startsWith('/')) return [];
    const top = name.split('/')[0] ?? name;
    const found = EXTENSIONS.map((extension) => name + extension).find((file) =>
      top === name ? this.#names?.has(file) : isThere(join(this.#path, file)),
    );
    if (found === undefined) return [];
    const key = `${level}\n${found}`;
    let layers = this.#files.get(key);
    if (layers === undefined)
      this.#files.set(
        key,
        (layers = varsFiles(join(this.#path, found)).flatMap((file) => readVarsFile(file, level, this.#options) ?? [])),
      );
    return layers;
  }
  #list(): readonly string[] {
    try {
      return readdirSync(this.#path);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'ENOENT') return [];
      if (code === 'ENOTDIR') {
        this.#options.warn?.(`${this.#path} is not a directory, it is left out`);
        return [];
      }
      throw new PlaybookError(
        `${this.#path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
  }
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** The path itself when it is a file; the files of a folder and of those below it in order of their names (no hidden ones, no backups). */
function varsFiles(path: string): string[] {
  if (statSync(path).isDirectory()) return folderFiles(path);
  return [path];
}
function folderFiles(path: string): string[] {
  return readdirSync(path)
    .toSorted()
    .flatMap((name) => {
      if (name.startsWith('.') || name.endsWith('~')) return [];
      const full = join(path, name);
      const status = statSync(full, { throwIfNoEntry: false });
      const extension = extname(name);
      if (status?.isDirectory() === true) return extension === '' ? folderFiles(full) : [];
      return status?.isFile() === true && EXTENSIONS.includes(extension) ? [full] : [];
    });
}

/**
 * The variables of a file as layers (more than one when the file is a list of mappings), empty for an empty file; undefined when it does not
 * exist. The file may be encrypted as a whole. Throws `PlaybookError` with the place for a file that cannot be read or holds something else.
 */
export function readVarsFile(path: string, level: string, options: ReadOptions): readonly VarsLayer[] | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new PlaybookError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const origin = { file: path, line: 1, column: 1 };
  if (text.startsWith('$ANSIBLE_VAULT;')) {
    if (options.vault === undefined)
      throw new PlaybookError(`${path} is encrypted and there is no vault secret to open it`, { origin });
    text = options.vault.decrypt(text, origin);
  }
  const { value, origin: originOf } = loadYaml(text, path, options.vault === undefined ? {} : { vault: options.vault });
  if (value === null) return [];
  const parts = Array.isArray(value) ? value : [value];
  return parts.map((part, index) => {
    if (!(part instanceof Dict))
      throw new PlaybookError('a file of variables holds a mapping of names to values (or a list of such mappings)', {
        origin,
      });
    return { level, vars: part, origin, originOf: (name) => originOf(Array.isArray(value) ? [index, name] : [name]) };
  });
}
