// The variables of one play in a run: `vars`, answers of prompts, `vars_files`, and what its roles show to all of its tasks.
import { resolve, join, isAbsolute } from 'node:path';
import { homedir } from 'node:os';
import { Dict, TemplateText, findUnknown, type Value } from '../../core/value.ts';
import { PlaybookError, TemplateError } from '../../core/error.ts';
import type { VarsLayer } from '../../core/host.ts';
import type { Origin } from '../../core/origin.ts';
import type { Play, Role } from '../../core/play.ts';
import type { Scope } from '../../template/context.ts';
import { typeName } from '../../template/index.ts';
import { publicLayers, publicRoles } from './role-layers.ts';

export interface PlayVariablesOptions {
  readonly privateRoleVars: boolean;
  readonly readVarsFile: (path: string) => readonly VarsLayer[] | undefined;
  readonly render: (value: Value, scope: Scope) => Value;
  readonly warn?: (message: string, origin?: Origin) => void;
}

export class PlayVariables {
  readonly play: Play;
  /** All hosts of the play (`ansible_play_hosts_all`). */
  hosts: readonly string[] = [];
  /** Hosts of the current batch; all hosts without `serial`. */
  batch: readonly string[] | undefined;
  /** Hosts that failed or were lost: no longer in `ansible_play_hosts` and `ansible_play_batch`. */
  readonly removed = new Set<string>();
  /** As rendered; default: as written, or the hosts' pattern. */
  name: string | undefined;
  readonly #options: PlayVariablesOptions;
  readonly #roles: Role[];
  #public: { readonly defaults: readonly VarsLayer[]; readonly vars: readonly VarsLayer[] } | undefined;
  #prompted: VarsLayer | undefined;
  readonly #files = new Map<string, readonly VarsLayer[] | undefined>();
  readonly #warned = new Set<unknown>();

  constructor(play: Play, options: PlayVariablesOptions) {
    this.play = play;
    this.#options = options;
    this.#roles = publicRoles(play, options.privateRoleVars);
  }

  /** Answers of `vars_prompt`. */
  promptVars(answers: Dict, originOf?: (name: string) => Origin | undefined): void {
    this.#prompted = { level: 'play vars_prompt', vars: answers, ...(originOf && { originOf }) };
  }
  addRole(role: Role): void {
    if (this.#roles.includes(role)) return;
    this.#roles.push(role);
    this.#public = undefined;
  }
  /** Roles whose defaults and vars the play sees. */
  get publicRoles(): readonly Role[] {
    return this.#roles;
  }
  get #ofRoles() {
    return (this.#public ??= publicLayers(this.#roles));
  }
  readonly defaults = (): readonly VarsLayer[] => this.#ofRoles.defaults;
  readonly exported = (): readonly VarsLayer[] => this.#ofRoles.vars;
  get vars(): readonly VarsLayer[] {
    return this.#prompted === undefined ? [this.play.vars] : [this.play.vars, this.#prompted];
  }
  get hasVarsFiles(): boolean {
    return this.play.varsFiles.length > 0;
  }

  /** Reads those of `vars_files` whose names are plain, so that what is wrong with them ends the play before it begins. Errors: PlaybookError, VaultError. */
  checkVarsFiles(): void {
    for (const { value, origin } of this.play.varsFiles) {
      for (const name of Array.isArray(value) ? value : [value]) {
        if (name instanceof TemplateText) break;
        if (typeof name !== 'string')
          throw new PlaybookError(`Invalid \`vars_files\` value of type '${typeName(name)}'.`, {
            origin,
            hint: 'A `vars_files` value should either be a string or list of strings.',
          });
        if (this.#find(name) !== undefined) break;
      }
    }
  }

  /**
   * Layers of `vars_files`, read at the first lookup that gets there; names may be templates of what is weaker, of extra vars and magic.
   * Of a list of names the first file that exists counts; that there is none is a warning. Throws `PlaybookError` for a file that is no mapping.
   */
  varsFiles(before: Scope): () => readonly VarsLayer[] {
    let layers: readonly VarsLayer[] | undefined;
    let busy = false;
    return () => {
      if (layers !== undefined || busy) return layers ?? [];
      busy = true;
      try {
        layers = this.play.varsFiles.flatMap((item) => this.#one(item.value, item.origin, before));
      } finally {
        busy = false;
      }
      return layers;
    };
  }
  #one(item: Value, origin: Origin, scope: Scope): readonly VarsLayer[] {
    const names = Array.isArray(item) ? item : [item];
    const tried: string[] = [];
    for (const written of names) {
      let name: Value = written;
      if (written instanceof TemplateText) {
        try {
          name = this.#options.render(written, scope);
        } catch (error) {
          if (!(error instanceof TemplateError) || error.kind !== 'undefined') throw error;
          // As under Ansible: before facts are gathered such a name may not be known yet.
          if (!this.#warned.has(item))
            this.#options.warn?.(
              `vars_files: ${written.source} is left out, as a variable in it is not defined: ${error.message}`,
              origin,
            );
          this.#warned.add(item);
          return [];
        }
        if (findUnknown(name) !== undefined) return [];
      }
      if (typeof name !== 'string') throw new PlaybookError('vars_files takes names of files', { origin });
      const found = this.#find(name);
      if (found !== undefined) return found;
      tried.push(name);
    }
    // Core 2.19 goes on without a word; here it is said.
    if (!this.#warned.has(item))
      this.#options.warn?.(
        `vars_files: ${tried.join(', ')} was not found in ${join(this.play.playbookDir, 'vars')} or ${this.play.playbookDir}`,
        origin,
      );
    this.#warned.add(item);
    return [];
  }
  #find(name: string): readonly VarsLayer[] | undefined {
    if (this.#files.has(name)) return this.#files.get(name);
    const path = name === '~' || name.startsWith('~/') ? join(homedir(), name.slice(1)) : name;
    const candidates = isAbsolute(path)
      ? [path]
      : [resolve(this.play.playbookDir, 'vars', path), resolve(this.play.playbookDir, path)];
    let found: readonly VarsLayer[] | undefined;
    for (const candidate of candidates) {
      found = this.#options.readVarsFile(candidate)?.map((layer) => ({ ...layer, level: 'play vars_files' }));
      if (found !== undefined) break;
    }
    this.#files.set(name, found);
    return found;
  }
}
