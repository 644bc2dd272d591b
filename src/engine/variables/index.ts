// The variables of a run: what each task of each host sees, by Ansible's 22 levels of precedence, without copying what hosts share.
//
// How the engine uses it:
//   const variables = new Variables({ inventory, extraVars, options, render, readVarsFile, hashBehaviour, injectFacts, factCache, warn });
//   const run = variables.forPlay(play, { hosts, name });         // once a play; then keep run.batch and run.removed up to date
//   run.promptVars(dict);                                         // answers of vars_prompt
//   variables.hostState(host).setFacts(dict, true);               // `ansible_facts` of a result; true: by setup
//   variables.hostState(host).setFact(name, value, cacheable);    // set_fact
//   variables.hostState(host).register(name, value);
//   variables.hostState(host).includeVars(dict, { origin, originOf });
//   variables.addPublicRole(play, role);                          // include_role with public: true
//   const scope = variables.scope({ host, play, task, extra, delegate });   // cheap: make one for every rendering
//   variables.explain(name, { host, play?, task? });
// A scope is live: it shows what host states hold at the time of the lookup.
import type { Host, Inventory, VarsLayer } from '../../core/host.ts';
import type { Play, Role, Task } from '../../core/play.ts';
import type { Origin } from '../../core/origin.ts';
import { Dict, type Value } from '../../core/value.ts';
import type { Scope } from '../../template/context.ts';
import { explainSettings, type Setting } from './explain.ts';
import { HostState, type FactCache } from './host-state.ts';
import { LayeredScope, type LayerGroup, type Magic } from './layered-scope.ts';
import { ComputedDict } from './computed-dict.ts';
import { connectionVariables, type ConnectionSayings } from './connection-variables.ts';
import { magicVariables, type RunOptions } from './magic.ts';
import { PlayVariables } from './play-variables.ts';
import { roleDefaults, roleParams, roleVars } from './role-layers.ts';

export type { FactCache, HostState } from './host-state.ts';
export type { LayeredScope } from './layered-scope.ts';
export type { RunOptions } from './magic.ts';
export type { PlayVariables } from './play-variables.ts';
export type { Setting } from './explain.ts';
export { LEVELS, levelNumber, type Level } from './levels.ts';

export interface VariablesOptions {
  readonly inventory: Inventory;
  /** Of `-e`, weakest first (level `extra vars`). */
  readonly extraVars?: readonly VarsLayer[];
  /** What the command line says, for magic variables. */
  readonly options: RunOptions;
  /** What the command line and settings say of connections, for the variables that tasks have of theirs; absent: they have none. */
  readonly connection?: ConnectionSayings;
  /** Renders a value (templates in it, nested ones too) with the variables of a scope: `hostvars` members and names of vars_files need it. */
  readonly render: (value: Value, scope: Scope) => Value;
  /** A file of variables as layers (a file may be a list of mappings); undefined when it does not exist. Errors of reading are thrown. */
  readonly readVarsFile: (path: string) => readonly VarsLayer[] | undefined;
  /** Default `replace`. */
  readonly hashBehaviour?: 'replace' | 'merge';
  /** Default true: facts are variables `ansible_*` besides members of `ansible_facts`. */
  readonly injectFacts?: boolean;
  /** Default false: variables and defaults of a play's roles are seen by the whole play. */
  readonly privateRoleVars?: boolean;
  readonly factCache?: FactCache;
  readonly warn?: (message: string, origin?: Origin) => void;
}

/** For whom a scope is. Without a host: what a play knows before any host is chosen (`hosts:`, play names). */
export interface ScopeRequest {
  readonly host?: string | undefined;
  readonly play?: Play | undefined;
  readonly task?: Task | undefined;
  /** Loop variables, `ansible_loop`, results of the task so far: stronger than everything else, extra vars too (as under Ansible). */
  readonly extra?: Dict | ReadonlyMap<string, Value> | undefined;
  /** Host that the task is delegated to: its variables are `ansible_delegated_vars[NAME]`. */
  readonly delegate?: string | undefined;
  /** Without what is said of connections elsewhere than in variables: for whoever weighs the two. */
  readonly bare?: boolean;
}

export class Variables {
  readonly #options: VariablesOptions;
  readonly #states = new Map<string, HostState>();
  readonly #plays = new Map<string, PlayVariables>();
  readonly #layers = new Map<
    string,
    {
      readonly playbookDir: string | undefined;
      readonly host: Host | undefined;
      readonly groups: readonly string[] | undefined;
      readonly layers: readonly VarsLayer[];
    }
  >();
  readonly #roles = new WeakMap<
    Role,
    {
      readonly defaults: readonly VarsLayer[];
      readonly vars: readonly VarsLayer[];
      readonly params: readonly VarsLayer[];
    }
  >();
  readonly #tasks = new WeakMap<
    Task,
    {
      readonly vars: readonly VarsLayer[];
      readonly params: readonly VarsLayer[];
      readonly includes: readonly VarsLayer[];
    }
  >();

  constructor(options: VariablesOptions) {
    this.#options = options;
  }

  /** The state of a play that is run: made at its first use. `hosts`: all hosts of the play; `name`: as rendered. */
  forPlay(play: Play, given: { readonly hosts?: readonly string[]; readonly name?: string } = {}): PlayVariables {
    let run = this.#plays.get(play.id);
    if (run === undefined || run.play !== play) {
      run = new PlayVariables(play, {
        privateRoleVars: this.#options.privateRoleVars === true,
        readVarsFile: this.#options.readVarsFile,
        render: this.#options.render,
        ...(this.#options.warn && { warn: this.#options.warn }),
      });
      this.#plays.set(play.id, run);
    }
    if (given.hosts !== undefined) run.hosts = given.hosts;
    if (given.name !== undefined) run.name = given.name;
    return run;
  }

  /** Facts, set_fact and registered values of a host; made at its first use. */
  hostState(host: string): HostState {
    let state = this.#states.get(host);
    if (state === undefined)
      this.#states.set(
        host,
        (state = new HostState(host, {
          injectFacts: this.#options.injectFacts !== false,
          cache: this.#options.factCache,
        })),
      );
    return state;
  }

  /** `include_role` with `public: true`: from now on the whole play sees the role's defaults and variables. */
  addPublicRole(play: Play, role: Role): void {
    this.forPlay(play).addRole(role);
  }

  /** Forgets what is kept of the inventory's layers: after `meta: refresh_inventory`, and for one host after its variables changed. */
  inventoryChanged(host?: string): void {
    if (host === undefined) this.#layers.clear();
    else this.#layers.delete(host);
  }

  /** The variables of a host, play and task. */
  scope(request: ScopeRequest): LayeredScope {
    const { host, play, task } = request;
    const run = play === undefined ? undefined : this.forPlay(play);
    const role = task?.role === undefined ? undefined : this.#ofRole(task.role);
    const own = task === undefined ? undefined : this.#ofTask(task);
    const state = host === undefined ? undefined : this.hostState(host);
    const groups: LayerGroup[] = [];
    if (run !== undefined) groups.push(run.defaults);
    if (role !== undefined) groups.push(role.defaults);
    if (host !== undefined)
      groups.push(() => this.#ofHost(host, play?.playbookDir ?? this.#options.options.playbookDir));
    if (state !== undefined) groups.push(() => [state.factLayer]);
    const magic = this.#magic(request, run);
    const extra = this.#options.extraVars ?? [];
    if (run !== undefined) {
      groups.push(() => run.vars);
      if (run.hasVarsFiles) {
        const before = this.#make([...groups, extra], magic, state);
        groups.push(run.varsFiles(before));
      }
      groups.push(run.exported);
    }
    if (role !== undefined) groups.push(role.vars);
    if (own !== undefined) groups.push(own.vars);
    if (state !== undefined) groups.push(() => state.includedLayers, [state.setLayer]);
    if (role !== undefined) groups.push(role.params);
    if (own !== undefined) groups.push(own.params, own.includes);
    groups.push(extra);
    const written = this.#make(groups, magic, state, request.extra);
    const { connection, inventory } = this.#options;
    if (connection === undefined || task === undefined || host === undefined || request.bare === true) return written;
    const target = request.delegate ?? host;
    let kept: readonly VarsLayer[] | undefined;
    const below = (): readonly VarsLayer[] =>
      (kept ??= [
        connectionVariables(target, inventory.host(target) !== undefined, task, connection, (name) =>
          written.lookup(name),
        ),
      ]);
    return this.#make([below, ...groups], magic, state, request.extra);
  }

  #make(
    groups: readonly LayerGroup[],
    magic: Magic,
    state: HostState | undefined,
    loop?: Dict | ReadonlyMap<string, Value>,
  ): LayeredScope {
    return new LayeredScope({
      groups,
      magic,
      loop,
      merge: this.#options.hashBehaviour === 'merge',
      untrusted: (name, layer) =>
        layer.level === 'host facts / cached set_facts' || (layer === state?.setLayer && state.isRegistered(name)),
    });
  }

  /**
   * Every source that sets a variable for a host (and task), weakest first, with the place in its file; the last is the winner.
   * Empty when nothing sets it.
   */
  explain(name: string, request: ScopeRequest): readonly Setting[] {
    const scope = this.scope(request);
    const settings = [...scope.settings(name)];
    const magic = this.#magic(request, request.play === undefined ? undefined : this.forPlay(request.play)).get(name);
    if (magic !== undefined)
      settings.push({ value: magic, layer: { level: 'magic variables', vars: new Dict([[name, magic]]) } });
    const looped = request.extra?.get(name);
    if (looped !== undefined)
      settings.push({ value: looped, layer: { level: 'loop variables', vars: new Dict([[name, looped]]) } });
    return explainSettings(name, settings);
  }

  #magic(request: ScopeRequest, run: PlayVariables | undefined): Magic {
    const { host, task, delegate } = request;
    return magicVariables({
      inventory: this.#options.inventory,
      options: this.#options.options,
      run,
      host,
      task,
      state: host === undefined ? undefined : this.hostState(host),
      hostvars: () => this.#hostvars(request.play),
      delegated: delegate === undefined ? undefined : () => this.#delegated(request, delegate),
    });
  }

  /** `hostvars`: a member's values are rendered with the variables of that host. */
  #hostvars(play: Play | undefined): Dict {
    const { inventory } = this.#options;
    return new ComputedDict('hostvars', {
      get: (name) =>
        inventory.host(name) === undefined
          ? undefined
          : this.#rendered(`hostvars['${name}']`, this.#foreign(name, play)),
      has: (name) => inventory.host(name) !== undefined,
      *keys() {
        for (const host of inventory.hosts()) yield host.name;
      },
    });
  }
  /** A host's variables as others see them: no play, no task, but the play's folder for its group_vars. */
  #foreign(host: string, play: Play | undefined): LayeredScope {
    const state = this.hostState(host);
    const playbookDir = play?.playbookDir ?? this.#options.options.playbookDir;
    const magic = this.#magic({ host, play }, undefined);
    return this.#make(
      [
        () => this.#ofHost(host, playbookDir),
        () => [state.factLayer],
        () => state.includedLayers,
        [state.setLayer],
        this.#options.extraVars ?? [],
      ],
      magic,
      state,
    );
  }
  #rendered(title: string, scope: LayeredScope): Dict {
    return new ComputedDict(title, {
      get: (name) => {
        const value = scope.lookup(name);
        return value === undefined || value === null || typeof value !== 'object'
          ? value
          : this.#options.render(value, scope);
      },
      has: (name) => scope.lookup(name) !== undefined,
      keys: () => scope.names(),
    });
  }
  #delegated(request: ScopeRequest, delegate: string): Dict {
    const scope = this.scope({
      ...request,
      host: delegate,
      delegate: undefined,
      bare: true,
      extra: new Map<string, Value>([...(request.extra ?? []), ['inventory_hostname', request.host ?? delegate]] as [
        string,
        Value,
      ][]),
    });
    return new Dict([[delegate, this.#rendered(`ansible_delegated_vars['${delegate}']`, scope)]]);
  }

  #ofHost(name: string, playbookDir: string | undefined): readonly VarsLayer[] {
    const host = this.#options.inventory.host(name);
    // The list of groups is another object when the host's groups changed.
    const groups = host?.groups;
    const kept = this.#layers.get(name);
    if (kept !== undefined && kept.host === host && kept.groups === groups && kept.playbookDir === playbookDir)
      return kept.layers;
    const layers = this.#options.inventory.layers(name, playbookDir);
    this.#layers.set(name, { playbookDir, host, groups, layers });
    return layers;
  }
  #ofRole(role: Role) {
    let layers = this.#roles.get(role);
    if (layers === undefined)
      this.#roles.set(
        role,
        (layers = { defaults: roleDefaults(role), vars: roleVars(role), params: roleParams(role) }),
      );
    return layers;
  }
  #ofTask(task: Task) {
    let layers = this.#tasks.get(task);
    if (layers === undefined) {
      const ofLevel = (...levels: string[]) =>
        task.vars.filter((layer) => levels.includes(layer.level) && layer.vars.size > 0);
      layers = {
        vars: task.vars.filter(
          (layer) =>
            layer.vars.size > 0 &&
            !['role params', 'role (and include_role) params', 'include params'].includes(layer.level),
        ),
        params: ofLevel('role params', 'role (and include_role) params'),
        includes: ofLevel('include params'),
      };
      this.#tasks.set(task, layers);
    }
    return layers;
  }
}
