// What all loaders share: the files, the names that are known, and how a templated name is rendered before any host is known.
import { isAbsolute, join } from 'node:path';
import { NotThere, PlaybookError, TemplateError } from '../core/error.ts';
import type { VarsLayer } from '../core/host.ts';
import type { Origin } from '../core/origin.ts';
import { Dict, TemplateText, type Value } from '../core/value.ts';
import { loadYaml, type VaultDecryptor } from '../yaml/load-yaml.ts';
import { expandHome, findModule, type RolePlaces } from './find-role.ts';
import type { Inherited } from './inherited.ts';
import type { FileSource } from './node-files.ts';
import { pythonSources, usesAnsibleLibrary } from './python-sources.ts';
import type { SourceText } from './section.ts';
import type { CustomModule, InstalledModule, ModuleResolver } from './task-action.ts';
import type { TaskTools } from './task-loader.ts';

export interface LoaderContext {
  readonly files: FileSource;
  /** Folders of the `roles_path` setting, absolute. */
  readonly rolesPath: readonly string[];
  /** Folders of the `collections_path` setting, absolute. */
  readonly collectionsPath: readonly string[];
  readonly modules: ModuleResolver;
  /** vbx's own library for modules in Python, by the names that they import it by; without it none of them runs. */
  readonly pythonLibrary?: () => ReadonlyMap<string, string>;
  /** Folders of the `library` setting, absolute: modules of the user's own. */
  readonly libraryPath?: readonly string[];
  /** Nothing is going to run: a module that vbx does not have is no reason to refuse a play. */
  readonly listing?: boolean;
  /** Whether `with_NAME` names a lookup; without it every name does. */
  readonly isLookup?: (name: string) => boolean;
  readonly vault?: VaultDecryptor | undefined;
  /** The `duplicate_dict_key` setting. */
  readonly duplicateKeys?: 'error' | 'warn' | 'ignore';
  /** Of `-e`, weakest first. */
  readonly extraVars?: readonly VarsLayer[];
  /** Renders a name with variables (weakest layer first); throws a TemplateError. Without it a templated name is an error. */
  readonly renderStatic?: (value: Value, layers: readonly VarsLayer[]) => Value;
  /** The `private_role_vars` setting: roles hide their variables from the rest of the play. */
  readonly privateRoleVars?: boolean;
  /** Called at once for each warning besides being listed in the playbook. */
  readonly warn?: (message: string, origin?: Origin) => void;
}

export class Loading {
  readonly context: LoaderContext;
  readonly warnings: { message: string; origin?: Origin }[] = [];
  /** What reading a task needs. */
  readonly tools: TaskTools;
  readonly #sources = new Map<string, SourceText>();
  readonly #libraries = new Map<string, ReadonlyMap<string, string>>();
  readonly #installed = new Map<string, InstalledModule | undefined>();
  readonly #needs = new Map<string, string | undefined>();
  readonly #lacked = new Set<string>();
  readonly #folders = new Set<string>();
  constructor(context: LoaderContext) {
    this.context = context;
    this.tools = {
      modules: context.modules,
      isLookup: this.isLookup,
      customModule: this.customModule,
      installedModule: this.installedModule,
      listing: context.listing ?? false,
      lacked: this.lacked,
    };
  }

  get files(): FileSource {
    return this.context.files;
  }
  get places(): RolePlaces {
    const beside = [...this.#folders].map((folder) => join(folder, 'collections'));
    return {
      files: this.context.files,
      rolesPath: this.context.rolesPath,
      collectionsPath: [...beside, ...this.context.collectionsPath],
    };
  }
  /** Collections beside a playbook that was asked for serve whatever it imports too. */
  begins(folder: string): void {
    this.#folders.add(folder);
  }
  readonly isLookup = (name: string): boolean => this.context.isLookup?.(name) ?? true;

  readonly warn = (message: string, origin?: Origin): void => {
    this.warnings.push({ message, ...(origin && { origin }) });
    this.context.warn?.(message, origin);
  };

  /** Says once of each module that vbx does not have it, where the first task that names it stands. */
  readonly lacked = (name: string, origin: Origin): void => {
    if (this.#lacked.has(name)) return;
    this.#lacked.add(name);
    this.warn(`vbx has no module "${name}": the task fails unless its condition leaves it out`, origin);
  };

  /** What reading a file has to say; a key that is there twice is an error, or passed over, where the settings say so. */
  #told(message: string, origin: Origin | undefined): void {
    const duplicate = message.startsWith('Found duplicate mapping key')
      ? (this.context.duplicateKeys ?? 'warn')
      : 'warn';
    if (duplicate === 'error') throw new PlaybookError(message, { origin });
    if (duplicate === 'warn') this.warn(message, origin);
  }

  /** A parsed file; undefined when it does not exist. A file is parsed again only when its text changed. */
  source(path: string): SourceText | undefined {
    const text = this.files.readFile(path);
    if (text === undefined) return undefined;
    const known = this.#sources.get(path);
    if (known !== undefined && known.text === text) return known;
    const { value, positions, warnings } = loadYaml(text, path, { vault: this.context.vault });
    for (const { message, origin } of warnings) this.#told(message, origin);
    const source: SourceText = { path, text, value, positions };
    this.#sources.set(path, source);
    return source;
  }

  /**
   * Text that may be a template, rendered with what is known before any host is. `what` names it in errors; `mayRenderEmpty`: whether a template may
   * come to nothing.
   */
  staticText(value: Value | undefined, inner: Inherited, origin: Origin, what: string, mayRenderEmpty = false): string {
    let text = value;
    if (value instanceof TemplateText) {
      const { renderStatic } = this.context;
      if (renderStatic === undefined)
        throw new PlaybookError(`${what} must be known before any host is, and this is a template`, { origin });
      try {
        text = renderStatic(value, this.staticLayers(inner));
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        throw new PlaybookError(`${what} must be known before any host is: ${error.message}`, {
          origin: error.origin ?? origin,
          hint: 'an import knows variables of the play, its vars_files, its roles and -e, but none of hosts and groups; to use those, include instead of import',
          cause: error,
        });
      }
    }
    if (typeof text === 'number' && Number.isInteger(text)) return String(text);
    if (typeof text !== 'string' || (text === '' && !(mayRenderEmpty && value instanceof TemplateText)))
      throw new PlaybookError(`${what} must be text`, { origin });
    return text;
  }

  /** Variables known before any host is, weakest first. */
  staticLayers(inner: Inherited): readonly VarsLayer[] {
    const { role, frame } = inner;
    const chain = role === undefined ? [] : [...role.parents, role];
    const magic = new Dict([
      ['playbook_dir', frame.playbookDir],
      ...(role === undefined ? [] : [['role_path', role.path] as const, ['role_name', role.name] as const]),
    ]);
    return [
      ...chain.map((one) => one.defaults),
      ...frame.staticVars(),
      ...chain.map((one) => one.vars),
      ...inner.vars,
      ...chain.map((one): VarsLayer => ({ level: 'role (and include_role) params', vars: one.params })),
      ...(this.context.extraVars ?? []),
      { level: 'magic variables', vars: magic },
    ];
  }

  /** The first of the files of tasks that exists; throws NotThere with all of them. A name that is absolute or begins with ~ is looked up as it is. */
  findTasks(name: string, folders: readonly string[], origin: Origin): string {
    const path = expandHome(name);
    const candidates = isAbsolute(path) ? [path] : [...new Set(folders.map((folder) => join(folder, path)))];
    const found = candidates.find((candidate) => this.files.exists(candidate) && !this.files.isDir(candidate));
    if (found !== undefined) return found;
    throw new NotThere(`Could not find or access '${name}' on the Ansible Controller.`, {
      origin,
      hint: `looked for ${candidates.join(', ')}`,
    });
  }

  /** A module that a playbook or role brings along in its library folder: nearest role first, then the playbook's, then those of the settings. */
  readonly customModule = (name: string, inner: Inherited): CustomModule | undefined => {
    const short = name.replace(/^ansible\.legacy\./, '');
    if (!/^\w+$/.test(short)) return undefined;
    const roles = inner.role === undefined ? [] : [inner.role, ...inner.role.parents.toReversed()];
    for (const folder of [
      ...[...roles.map((role) => role.path), inner.frame.playbookDir].map((place) => join(place, 'library')),
      ...(this.context.libraryPath ?? []),
    ]) {
      const path = this.#library(folder).get(short);
      if (path === undefined) continue;
      const needs = this.#needsOf(path);
      return { path, ...(needs === undefined ? {} : { needs }) };
    }
    return undefined;
  };

  /** A module of an installed collection by its full name: named so, or by the short name that Ansible finds it by. */
  readonly installedModule = (
    name: string,
    collections: readonly string[],
    inner: Inherited,
  ): InstalledModule | undefined => {
    const { playbookDir } = inner.frame;
    for (const full of name.includes('.')
      ? [name]
      : [...collections, ...MOVED_TO].map((collection) => `${collection}.${name}`)) {
      const key = `${playbookDir} ${full}`;
      if (!this.#installed.has(key)) this.#installed.set(key, this.#installedAs(full, playbookDir));
      const installed = this.#installed.get(key);
      if (installed !== undefined) return installed;
    }
    return undefined;
  };

  /** The modules of a library folder by name; a folder is read once. */
  #library(folder: string): ReadonlyMap<string, string> {
    let known = this.#libraries.get(folder);
    if (known === undefined) {
      const files = this.files
        .list(folder)
        .filter((file) => !NO_MODULE.test(file) && !this.files.isDir(join(folder, file)));
      this.#libraries.set(
        folder,
        (known = new Map(files.map((file) => [file.replace(/\.[^.]*$/, ''), join(folder, file)]))),
      );
    }
    return known;
  }

  #installedAs(name: string, playbookDir: string): InstalledModule | undefined {
    const found = findModule(name, playbookDir, this.places);
    if (found === undefined) return undefined;
    const needs = found.onController ? 'a part that runs within Ansible on the controller' : this.#needsOf(found.path);
    return needs === undefined ? { name, path: found.path } : { name, needs };
  }

  /** What a module in Python needs of Ansible's library, or of its own collection, that cannot be had; undefined for one that can be run. */
  #needsOf(path: string): string | undefined {
    if (this.#needs.has(path)) return this.#needs.get(path);
    const text = this.files.readFile(path) ?? '';
    const library = this.context.pythonLibrary;
    const needs = !usesAnsibleLibrary(text)
      ? undefined
      : library === undefined || !path.endsWith('.py')
        ? 'ansible.module_utils'
        : pythonSources(path, text, { readFile: (file) => this.files.readFile(file), library: library() }).missing;
    this.#needs.set(path, needs);
    return needs;
  }
}

/** Collections of modules that Ansible once brought itself, and still finds by short name. */
const MOVED_TO = [
  'community.general',
  'ansible.posix',
  'community.crypto',
  'community.mysql',
  'community.postgresql',
  'community.docker',
  'kubernetes.core',
  'ansible.netcommon',
  'community.aws',
  'amazon.aws',
  'community.mongodb',
  'community.rabbitmq',
  'community.zabbix',
];

/** Files of a library folder that are no modules. */
const NO_MODULE = /^(\.|_|.*\.(pyc|pyo|md|rst|txt|ya?ml|json|ini|ps1|cfg|orig|bak)$|.*~$)/;
