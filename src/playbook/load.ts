// Loads playbooks: everything that can be known before a host is, resolved and checked, and the files that includes bring in while they run.
import { dirname, isAbsolute, resolve } from 'node:path';
import { NotThere, NothingToInclude, PlaybookError } from '../core/error.ts';
import type { VarsLayer } from '../core/host.ts';
import type { Origin } from '../core/origin.ts';
import type { Node, Play, Playbook, Role, Task } from '../core/play.ts';
import { Dict, TemplateText, type Value } from '../core/value.ts';
import { loadYaml } from '../yaml/load-yaml.ts';
import { expandHome, findCollectionPlaybook } from './find-role.ts';
import { inherit, makeIds, readConditions, readTags, type Inherited } from './inherited.ts';
import { KEYWORDS } from './keywords.ts';
import { Loading, type LoaderContext } from './loading.ts';
import { loadTaskFile, roleFiles, rolesAround, taskFolders } from './node-loader.ts';
import { loadPlay, playsOf, type ImportedPlay } from './play-loader.ts';
import { loadRole, readVarsFile, withoutNames } from './role-loader.ts';
import { Section, type SourceText } from './section.ts';
import { splitArgs } from './split-args.ts';
import { parsedTask, type ParsedTask } from './task-loader.ts';

export type { LoaderContext } from './loading.ts';

export interface IncludeOptions {
  /** `apply:` as rendered; default: as written at the task. */
  readonly apply?: Dict | undefined;
  /** Variables for what is included, over the include's own `vars`: loop variables. */
  readonly vars?: Dict | undefined;
}

export interface IncludeRoleOptions extends IncludeOptions {
  readonly tasksFrom?: string | undefined;
  readonly varsFrom?: string | undefined;
  readonly defaultsFrom?: string | undefined;
  readonly handlersFrom?: string | undefined;
  /** Whether the rest of the play sees the role's variables. Default false. */
  readonly public?: boolean | undefined;
  /** Default true. */
  readonly allowDuplicates?: boolean | undefined;
  /** Whether argument specs are checked. Default true. */
  readonly validate?: boolean | undefined;
  readonly params?: Dict | undefined;
}

export interface IncludedTasks {
  readonly nodes: readonly Node[];
  /** Of roles that are imported in there. */
  readonly handlers: readonly Node[];
}

export interface IncludedRole {
  readonly role: Role;
  readonly nodes: readonly Node[];
  readonly handlers: readonly Node[];
}

/**
 * Loads playbooks and what they include. One loader serves a whole run: ids are unique over all that it loads, and no file is parsed twice.
 * All methods throw a PlaybookError with the place of what is wrong.
 */
export class PlaybookLoader {
  readonly #loading: Loading;
  #plays = 0;
  readonly #includes = new Map<string, number>();
  constructor(context: LoaderContext) {
    this.#loading = new Loading(context);
  }

  /** Warnings of everything loaded so far. */
  get warnings(): readonly { readonly message: string; readonly origin?: Origin }[] {
    return this.#loading.warnings;
  }

  /** A playbook with all that it imports. `file`: a path, or `namespace.collection.playbook`. */
  loadPlaybook(file: string): Playbook {
    const first = this.#loading.warnings.length;
    const path = this.#playbookPath(file, process.cwd());
    const source = this.#loading.source(path);
    if (source === undefined) throw new NotThere(`the playbook: ${file} could not be found`);
    this.#loading.begins(dirname(path));
    const plays = this.#playsOf(source, { vars: [], tags: [], when: [] }, []);
    return { file: path, plays, warnings: this.#loading.warnings.slice(first) };
  }

  /** A playbook given as text; `file` stands for it in errors, and its folder is the playbook's. */
  loadPlaybookText(text: string, file: string): Playbook {
    const { value, positions, warnings } = loadYaml(text, file, { vault: this.#loading.context.vault });
    for (const { message, origin } of warnings) this.#loading.warn(message, origin);
    const plays = this.#playsOf({ path: file, text, value, positions }, { vars: [], tags: [], when: [] }, []);
    return { file, plays, warnings: [...warnings] };
  }

  #playbookPath(file: string, from: string): string {
    return findCollectionPlaybook(file, from, this.#loading.places) ?? resolve(from, expandHome(file));
  }

  #playsOf(source: SourceText, imported: ImportedPlay, stack: readonly string[]): Play[] {
    const { positions, path, value } = source;
    return playsOf(value, path, (index) => (Array.isArray(value) ? positions.item(value, index) : undefined)).flatMap(
      (dict) => {
        const section = new Section(dict, source);
        const key = ['import_playbook', 'ansible.builtin.import_playbook', 'ansible.legacy.import_playbook'].find(
          (word) => section.has(word),
        );
        if (key !== undefined) return this.#importPlaybook(section, key, imported, stack);
        this.#plays += 1;
        return [loadPlay(section, `p${this.#plays}`, imported, this.#loading)];
      },
    );
  }

  #importPlaybook(section: Section, key: string, imported: ImportedPlay, stack: readonly string[]): Play[] {
    const { path } = section.source;
    for (const word of section.dict.keys()) {
      if (word === key || KEYWORDS.import_playbook.has(String(word))) continue;
      if (KEYWORDS.play.has(String(word)) && word !== 'hosts')
        this.#loading.warn(`"${String(word)}" has no effect on import_playbook`, section.keyOrigin(String(word)));
      else section.refuse(word, KEYWORDS.import_playbook, 'import_playbook');
    }
    const origin = section.valueOrigin(key);
    const written = section.get(key);
    if (typeof written !== 'string' && !(written instanceof TemplateText))
      return section.fail('import_playbook needs the name of a file', origin);
    const vars = section.vars('play vars', 'import_playbook');
    const layers = [...(vars ? [vars] : []), ...imported.vars];
    const frame = {
      id: '',
      playbookDir: dirname(path),
      importedHandlers: [],
      staticVars: () => layers,
      warn: this.#loading.warn,
    };
    const outer: Inherited = {
      frame,
      ids: makeIds(''),
      keywords: {},
      tags: [],
      when: [],
      environment: [],
      moduleDefaults: [],
      notify: [],
      vars: [],
      collections: [],
      isHandler: false,
      includedFrom: [],
      files: [],
      roleStack: [],
    };
    const line = this.#loading.staticText(written, outer, origin, 'the file of import_playbook');
    const [word, ...rest] = splitArgs(line);
    if (rest.length > 0 && !this.#loading.files.exists(resolve(dirname(path), line)))
      section.fail('import_playbook takes the name of a file alone', origin, 'give variables below "vars"');
    const name = rest.length > 0 ? line : (word?.text.trim() ?? '');
    const target = this.#playbookPath(name, dirname(resolve(path)));
    if (stack.includes(target) || stack.length > 50) section.fail(`the playbook ${name} imports itself`, origin);
    const source = this.#loading.source(target);
    if (source === undefined)
      throw new NotThere(`the playbook "${name}" was not found`, { origin, hint: `looked for ${target}` });
    const inner: ImportedPlay = {
      vars: layers,
      tags: [...imported.tags, ...readTags(section)],
      when: [...imported.when, ...readConditions(section, 'when')],
    };
    return this.#playsOf(source, inner, [...stack, target]);
  }

  /** The file that an include of tasks names, searched as Ansible does: beside the files that led here, in the role, in the playbook's folder. */
  findTaskFile(name: string, include: Task): string {
    const { outer, action } = this.#parsed(include);
    return this.#loading.findTasks(name.trim(), taskFolders(outer), action.origin);
  }

  /**
   * The tasks of a file that `include` brings in (a path, or a name as for `findTaskFile`). They inherit what stands around the include and what `apply`
   * says; of the include itself only its `vars` (as include params). Its `when` and `tags` decided about the include alone.
   */
  loadIncludedTasks(file: string, include: Task, options: IncludeOptions = {}): IncludedTasks {
    const parsed = this.#parsed(include);
    const path = isAbsolute(file) ? file : this.findTaskFile(file, include);
    if (!this.#loading.files.exists(path))
      throw new NothingToInclude(`Could not find or access '${file}' on the Ansible Controller.`, {
        origin: parsed.action.origin,
      });
    const value = this.#loading.source(path)?.value;
    if (value !== undefined && value !== null && !Array.isArray(value))
      throw new NothingToInclude('included task files must contain a list of tasks', {
        origin: { file: path, line: 1, column: 1 },
        hint: 'begin each task with a dash',
      });
    const inner = this.#around(include, parsed, options);
    const nodes = loadTaskFile(path, inner, this.#loading);
    return { nodes, handlers: inner.frame.importedHandlers };
  }

  /** The role that `include` brings in, with its dependencies; its handlers are to be added to the play's. */
  loadIncludedRole(name: string, include: Task, options: IncludeRoleOptions = {}): IncludedRole {
    const parsed = this.#parsed(include);
    // Parameters of the roles around the include win over its own variables.
    const params = new Set(rolesAround(parsed.outer.role).flatMap((role) => [...role.params.keys()]));
    const around = this.#around(include, parsed, options);
    const inner =
      params.size === 0
        ? around
        : {
            ...around,
            vars: around.vars.map((layer) => (layer.level === 'include params' ? withoutNames(layer, params) : layer)),
          };
    const from = {
      tasks_from: options.tasksFrom,
      vars_from: options.varsFrom,
      defaults_from: options.defaultsFrom,
      handlers_from: options.handlersFrom,
    };
    const loaded = loadRole(
      {
        name: name.trim(),
        origin: parsed.action.origin,
        inner,
        params: options.params ?? new Dict(),
        from: roleFiles((key) => new Map<string, string | undefined>(Object.entries(from)).get(key)),
        parents: rolesAround(parsed.outer.role),
        validate: options.validate !== false,
        public: options.public === true,
        allowDuplicates: options.allowDuplicates ?? true,
        use: 'include',
        ownVars: inner.vars.slice(parsed.outer.vars.length),
      },
      this.#loading,
    );
    return { ...loaded, handlers: [...loaded.handlers, ...inner.frame.importedHandlers] };
  }

  /** A file of variables as layers, weakest first (it may be a list of mappings). Undefined when it does not exist. */
  loadVarsFile(file: string, level = 'include_vars'): readonly VarsLayer[] | undefined {
    return this.#loading.files.exists(file) ? readVarsFile(file, level, this.#loading) : undefined;
  }

  #parsed(include: Task): ParsedTask {
    const parsed = parsedTask(include);
    if (parsed === undefined) throw new Error(`the task ${include.id} was not made by a loader`);
    return parsed;
  }

  /** What included nodes inherit. */
  #around(include: Task, { outer, inner, section, action }: ParsedTask, options: IncludeOptions): Inherited {
    const serial = (this.#includes.get(include.id) ?? 0) + 1;
    this.#includes.set(include.id, serial);
    const given = inner.vars.slice(outer.vars.length);
    const looped: VarsLayer[] =
      options.vars === undefined || options.vars.size === 0
        ? []
        : [{ level: 'include params', vars: options.vars, origin: section.origin }];
    const around: Inherited = {
      ...outer,
      // Handlers of roles that are imported below belong to what is included.
      frame: { ...outer.frame, importedHandlers: [] },
      ids: makeIds(`${include.id}.${serial}.`),
      vars: [...outer.vars, ...given.map((layer) => ({ ...layer, level: 'include params' })), ...looped],
      includedFrom: [...outer.includedFrom, section.origin],
    };
    const apply: Value | undefined = options.apply ?? action.args.get('apply');
    if (apply === undefined || apply === null) return around;
    if (!(apply instanceof Dict))
      throw new PlaybookError('apply must be a mapping of keywords', { origin: action.argOrigin('apply') });
    const applied = new Section(apply, section.source);
    applied.checkKeys(KEYWORDS.block, 'apply');
    return inherit(around, applied, 'block vars', 'apply');
  }
}

/** One playbook by a loader of its own. */
export function loadPlaybook(file: string, context: LoaderContext): Playbook {
  return new PlaybookLoader(context).loadPlaybook(file);
}
