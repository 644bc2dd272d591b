// Reads inventory sources: files (INI, YAML, JSON, TOML), folders of them, host lists, executables, `constructed` and `generator` configurations.
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, extname, join, resolve } from 'node:path';
import { PlaybookError, VbxError } from '../core/error.ts';
import { formatOrigin, type Origin } from '../core/origin.ts';
import { Dict } from '../core/value.ts';
import { loadYaml, type LoadedYaml } from '../yaml/load-yaml.ts';
import type { VaultDecryptor } from '../yaml/vault-text.ts';
import { construct, type Evaluate } from './constructed.ts';
import { generate } from './generator.ts';
import { expandHostEntry, parseAddress } from './host-range.ts';
import { readIni } from './ini.ts';
import { LoadedInventory, type InventoryOptions } from './inventory.ts';
import { InventoryBuilder, type BuilderOptions } from './inventory-builder.ts';
import type { VarsLayer } from '../core/host.ts';
import { runInventoryScript } from './script.ts';
import { readYamlInventory } from './yaml-inventory.ts';

/** What loading needs from outside, and Ansible's settings on it (all optional; undefined is Ansible's default). */
export interface InventoryContext {
  /** Told once each: what was left out and why. */
  readonly warn: (message: string, origin?: Origin) => void;
  readonly vault?: VaultDecryptor | undefined;
  /** Evaluates expressions of `constructed`; default: the template engine. */
  readonly evaluator?: Evaluate | undefined;
  readonly hashBehaviour?: 'replace' | 'merge' | undefined;
  readonly transformInvalidGroupChars?: BuilderOptions['transformInvalidGroupChars'];
  readonly hostPatternMismatch?: InventoryOptions['hostPatternMismatch'];
  readonly precedence?: readonly string[] | undefined;
  /** Names of readers in their order: host_list, script, auto, yaml, ini, toml, advanced_host_list, constructed, generator. */
  readonly enabled?: readonly string[] | undefined;
  /** Endings of files in a folder that are no sources. */
  readonly ignoreExtensions?: readonly string[] | undefined;
  /** Regular expressions for names in a folder that are no sources. */
  readonly ignorePatterns?: readonly string[] | undefined;
  /** True: having read no source at all is an error. */
  readonly unparsedIsFailed?: boolean | undefined;
  /** False: say nothing when no source was read. */
  readonly unparsedWarning?: boolean | undefined;
  /** True: every source must be readable, one that is missing too. False: one that cannot be read is a warning. Undefined: missing is a warning, unreadable an error, save in a folder. */
  readonly anyUnparsedIsFailed?: boolean | undefined;
  /** Variables of the command line, for `constructed` with use_extra_vars. */
  readonly extraVars?: readonly VarsLayer[] | undefined;
  /** Seconds that an executable source may take; default 300. */
  readonly scriptTimeout?: number | undefined;
}

const DEFAULT_ENABLED = ['host_list', 'script', 'auto', 'yaml', 'ini', 'toml'];
const YAML_EXTENSIONS = new Set(['', '.yaml', '.yml', '.json']);
export const IGNORED_EXTENSIONS = [
  '.pyc',
  '.pyo',
  '.swp',
  '.bak',
  '~',
  '.rpm',
  '.md',
  '.txt',
  '.rst',
  '.orig',
  '.cfg',
  '.retry',
];
const DEFAULT_SOURCE = '/etc/ansible/hosts';

/**
 * The inventory of all sources together, in their order: paths, folders, executables or lists such as `a,b,`. Throws `PlaybookError` with file,
 * line and column for a source that cannot be read.
 */
export async function loadInventory(sources: readonly string[], context: InventoryContext): Promise<LoadedInventory> {
  const paths = sources
    .filter((source) => source !== '')
    .map((source) => (source.includes(',') ? source : absolute(source)));
  const load = () => new Loader(paths, context).load();
  const { warn, vault, precedence, hostPatternMismatch } = context;
  return new LoadedInventory(paths, await load(), load, { warn, vault, precedence, hostPatternMismatch });
}

function absolute(path: string): string {
  const expanded = path.replace(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (whole, braced: string | undefined, bare: string | undefined) => process.env[braced ?? bare ?? ''] ?? whole,
  );
  return resolve(expanded === '~' || expanded.startsWith('~/') ? join(homedir(), expanded.slice(1)) : expanded);
}

/** One reader's failure with a source, told when no other reader can take it. */
interface Failure {
  readonly reader: string;
  readonly error: unknown;
}

class Loader {
  readonly #sources: readonly string[];
  readonly #context: InventoryContext;
  readonly #builder: InventoryBuilder;
  readonly #ignored: RegExp;
  readonly #processed: string[] = [];

  constructor(sources: readonly string[], context: InventoryContext) {
    this.#sources = sources;
    this.#context = context;
    this.#builder = new InventoryBuilder({
      warn: context.warn,
      hashBehaviour: context.hashBehaviour,
      transformInvalidGroupChars: context.transformInvalidGroupChars,
    });
    const endings = (context.ignoreExtensions ?? IGNORED_EXTENSIONS).map(
      (extension) => `${extension.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`,
    );
    this.#ignored = new RegExp(
      ['^\\.', '^host_vars$', '^group_vars$', '^vars_plugins$', ...(context.ignorePatterns ?? []), ...endings].join(
        '|',
      ),
    );
  }

  async load(): Promise<InventoryBuilder> {
    let parsed = false;
    for (const source of this.#sources) if (await this.#source(source)) parsed = true;
    if (parsed) this.#builder.reconcile();
    else if (this.#context.unparsedIsFailed === true)
      throw new VbxError('No inventory was parsed, please check your configuration and options.', {
        hint: 'name a source with -i',
      });
    else if (this.#context.unparsedWarning !== false)
      this.#context.warn('No inventory was parsed, only implicit localhost is available');
    for (const name of this.#builder.ambiguousNames())
      this.#context.warn(`Found both group and host with same name: ${name}`);
    return this.#builder;
  }

  /** `inFolder`: what lies in a folder beside inventories need not be one. */
  async #source(source: string, inFolder = false): Promise<boolean> {
    const status =
      source.includes(',') && !existsSync(source) ? undefined : statSync(source, { throwIfNoEntry: false });
    if (status?.isDirectory() === true) {
      let parsed = false;
      for (const name of readdirSync(source).toSorted()) {
        if (!this.#ignored.test(name) && (await this.#source(join(source, name), true))) parsed = true;
      }
      return parsed;
    }
    if (status === undefined && !source.includes(',')) {
      if (source === DEFAULT_SOURCE) return false;
      if (this.#context.anyUnparsedIsFailed === true)
        throw new VbxError(`Completely failed to parse inventory source ${source}: it does not exist`);
      this.#context.warn(`Unable to parse ${source} as an inventory source: it does not exist`);
      return false;
    }
    const failures: Failure[] = [];
    for (const reader of this.#context.enabled ?? DEFAULT_ENABLED) {
      this.#builder.source = source;
      try {
        if (await this.#read(reader.replace(/^ansible\.(?:builtin|legacy)\./, ''), source, status !== undefined)) {
          this.#processed.push(source);
          return true;
        }
      } catch (error) {
        if (!(error instanceof VbxError)) throw error;
        failures.push({ reader, error });
        // A configuration of another plugin, or an executable that went wrong, is not to be guessed at by other readers.
        if (error instanceof Refused) break;
      }
    }
    this.#fail(source, failures, inFolder);
    return false;
  }
  #fail(source: string, failures: readonly Failure[], inFolder: boolean): void {
    const first = mostTelling(source, failures)?.error;
    const error = first instanceof VbxError ? first : new PlaybookError(`${source} is no inventory that vbx can read`);
    const failed = this.#context.anyUnparsedIsFailed ?? !inFolder;
    if (failed) {
      throw new PlaybookError(`the inventory source ${source} cannot be read: ${error.message}`, {
        origin: error.origin,
        hint: error.hint,
        cause: error,
      });
    }
    this.#context.warn(
      `Unable to parse ${source} as an inventory source: ${error.message}${error.origin === undefined ? '' : ` (${formatOrigin(error.origin)})`}`,
    );
  }

  /** Lets one reader try; false when the source is none of its kind. */
  async #read(reader: string, source: string, exists: boolean): Promise<boolean> {
    if (reader === 'host_list' || reader === 'advanced_host_list') {
      if (exists || !source.includes(',')) return false;
      this.#hostList(source, reader === 'advanced_host_list');
      return true;
    }
    if (!exists) return false;
    const extension = extname(source);
    switch (reader) {
      case 'script':
        if (!isExecutable(source)) return false;
        await runInventoryScript(source, this.#builder, {
          timeout: this.#context.scriptTimeout ?? 300,
          warn: this.#context.warn,
          vault: this.#context.vault,
        });
        return true;
      case 'auto':
      case 'generator':
      case 'constructed': {
        if (
          extension !== '.yml' &&
          extension !== '.yaml' &&
          !(reader !== 'auto' && (extension === '' || extension === '.config'))
        )
          return false;
        const text = this.#text(source);
        if (!/^["']?plugin["']?\s*:/m.test(text)) return false;
        return await this.#plugin(this.#yaml(text, source), source);
      }
      case 'yaml': {
        if (!YAML_EXTENSIONS.has(extension)) return false;
        const text = this.#text(source);
        if (extension === '' && looksLikeIni(text)) return false;
        readYamlInventory(this.#yaml(text, source), source, this.#builder);
        return true;
      }
      case 'ini':
        if (extension === '.toml') return false;
        readIni(this.#text(source), source, this.#builder);
        return true;
      case 'toml':
        if (extension !== '.toml') return false;
        // Few inventories are of this form: its reader is loaded for them alone.
        (await import('./toml-inventory.ts')).readTomlInventory(this.#text(source), source, this.#builder);
        return true;
      default:
        throw new Refused(`the inventory plugin "${reader}" of the setting enable_plugins is not one of vbx's`, {
          hint: 'known are host_list, script, auto, yaml, ini, toml, constructed, generator, advanced_host_list',
        });
    }
  }
  /** The text of a source; one that is encrypted as a whole is opened. */
  #text(source: string): string {
    const text = readText(source);
    const { vault } = this.#context;
    return vault !== undefined && text.startsWith('$ANSIBLE_VAULT')
      ? vault.decrypt(text, { file: source, line: 1, column: 1 })
      : text;
  }
  #yaml(text: string, source: string): LoadedYaml {
    const loaded = loadYaml(text, source, { vault: this.#context.vault });
    for (const { message, origin } of loaded.warnings) this.#context.warn(message, origin);
    return loaded;
  }
  async #plugin(loaded: LoadedYaml, source: string): Promise<boolean> {
    const plugin = loaded.value instanceof Dict ? loaded.value.get('plugin') : undefined;
    if (plugin === undefined || plugin === null) return false;
    const name = String(plugin).replace(/^ansible\.(?:builtin|legacy)\./, '');
    if (name !== 'constructed' && name !== 'generator') {
      throw new Refused(`the inventory plugin "${String(plugin)}" is not one of vbx's`, {
        origin: loaded.origin(['plugin']),
        hint: 'let it write its result (ansible-inventory -i FILE --list --export > hosts.json) or use an executable source',
      });
    }
    // The engine is large; most inventories do without it.
    const evaluate = this.#context.evaluator ?? (await import('./template-evaluate.ts')).templateEvaluate();
    try {
      if (name === 'generator') generate(loaded, source, this.#builder, evaluate);
      else
        construct(loaded, source, this.#builder, this.#processed, {
          evaluate,
          vault: this.#context.vault,
          warn: this.#context.warn,
          extraVars: this.#context.extraVars,
        });
    } catch (error) {
      if (error instanceof VbxError)
        throw new Refused(error.message, { origin: error.origin, hint: error.hint, cause: error });
      throw error;
    }
    return true;
  }
  #hostList(source: string, ranges: boolean): void {
    for (const part of source.split(',')) {
      const entry = part.trim();
      if (entry === '') continue;
      const parsed = ranges ? expandHostEntry(entry) : undefined;
      const { host, port } = parseAddress(entry, false) ?? { host: entry, port: undefined };
      for (const name of parsed?.names ?? [host])
        if (!this.#builder.hostNodes.has(name))
          this.#builder.addHost(name, 'ungrouped', parsed === undefined ? port : parsed.port);
    }
  }
}

/** A source that no other reader is to try. */
class Refused extends VbxError {}

function readText(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new PlaybookError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const text = bytes.toString('utf8');
  if (text.includes('\ufffd') && !Buffer.from(text, 'utf8').equals(bytes)) {
    // As in Ansible, comments may be in any encoding.
    const lines = bytes
      .toString('latin1')
      .split('\n')
      .map((line) => (/^\s*[#;]/.test(line) ? '' : Buffer.from(line, 'latin1').toString('utf8')));
    const bad = lines.findIndex((line) => line.includes('\ufffd'));
    if (bad >= 0)
      throw new PlaybookError('the file is not UTF-8', {
        origin: { file: path, line: bad + 1, column: (lines[bad]?.indexOf('\ufffd') ?? 0) + 1 },
      });
    return lines.join('\n');
  }
  return text;
}
function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return (statSync(path).mode & 0o111) !== 0;
  } catch {
    return false;
  }
}
/** Whether the first line that says something is a section: no YAML inventory begins so. */
function looksLikeIni(text: string): boolean {
  const line = /^(?:[ \t]*(?:[#;].*)?\r?\n)*[ \t]*(.*)/.exec(text)?.[1] ?? '';
  return /^\[[^\]\s]+\]\s*(?:#.*)?$/.test(line);
}
/** Of several readers' failures the one that is worth telling: by the file's ending, else by whether it looks like YAML. */
function mostTelling(source: string, failures: readonly Failure[]): Failure | undefined {
  const of = (reader: string) => failures.find((failure) => failure.reader.endsWith(reader));
  const extension = extname(basename(source));
  const refused = failures.find((failure) => failure.error instanceof Refused);
  if (refused !== undefined) return refused;
  if (['.yml', '.yaml', '.json'].includes(extension)) return of('yaml') ?? failures[0];
  if (extension === '' && existsSync(source) && /^(?:---|[\w'"-]+:\s*(?:#.*)?$)/m.test(readText(source)))
    return of('yaml') ?? failures[0];
  if (extension === '.toml') return of('toml') ?? failures[0];
  return of('script') ?? of('ini') ?? failures[0];
}
