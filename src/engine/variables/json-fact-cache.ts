// Facts kept between runs as one JSON file a host (`fact_caching = jsonfile`), readable and written only by the user.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../core/error.ts';
import { Dict, fromPlain, toPlain } from '../../core/value.ts';
import type { FactCache } from './host-state.ts';

export interface JsonFactCacheOptions {
  /** Setting fact_caching_connection. */
  readonly folder: string;
  /** Before each file's name; Ansible's jsonfile has none unless written. */
  readonly prefix?: string | undefined;
  /** Seconds after which facts are gathered again; 0: never. */
  readonly timeout: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export class JsonFactCache implements FactCache {
  readonly #options: JsonFactCacheOptions;
  /** Makes the folder if need be; throws a `UsageError` when that cannot be. */
  constructor(options: JsonFactCacheOptions) {
    this.#options = options;
    try {
      mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new UsageError(
        `the folder of the fact cache, ${options.folder}, cannot be made: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
  }
  #file(host: string): string {
    return join(this.#options.folder, `${this.#options.prefix ?? ''}${host.replace(/[/\0]/g, '_')}`);
  }
  get(host: string): Dict | undefined {
    const file = this.#file(host);
    try {
      const age = (this.#options.now?.() ?? Date.now()) - statSync(file).mtimeMs;
      if (this.#options.timeout > 0 && age > this.#options.timeout * 1000) return undefined;
      const facts = fromPlain(JSON.parse(readFileSync(file, 'utf8')));
      return facts instanceof Dict ? facts : undefined;
    } catch {
      // A cache that is missing or damaged is no cache.
      return undefined;
    }
  }
  set(host: string, facts: Dict): void {
    const file = this.#file(host);
    const temporary = join(this.#options.folder, `.${process.pid}.${host.replace(/[/\0]/g, '_')}~`);
    writeFileSync(temporary, `${JSON.stringify(toPlain(facts))}\n`, { mode: 0o600 });
    renameSync(temporary, file);
  }
  delete(host: string): void {
    rmSync(this.#file(host), { force: true });
  }
}
