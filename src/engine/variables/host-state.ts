// What a run learns of one host: facts, included variables, set_fact and registered values. The only variables that change during a play.
import { Dict, type Value } from '../../core/value.ts';
import type { VarsLayer } from '../../core/host.ts';
import type { Origin } from '../../core/origin.ts';

/** Variables that say how a host is reached: facts never set them as variables, whatever a host answers. */
const CONNECTION_VARIABLES = new Set(
  [
    'connection',
    'module_compression',
    'shell_type',
    'shell_executable',
    'ssh_host',
    'host',
    'ssh_user',
    'user',
    'ssh_pass',
    'password',
    'ssh_port',
    'port',
    'ssh_pipelining',
    'pipelining',
    'ssh_timeout',
    'timeout',
    'ssh_private_key_file',
    'private_key_file',
    'network_os',
    'connection_user',
    'become',
    'become_method',
    'become_user',
    'become_password',
    'become_pass',
    'become_exe',
    'become_flags',
    'rsync_path',
    'playbook_python',
    'facts',
  ].map((name) => `ansible_${name}`),
);
const CONNECTION_PLUGIN =
  /^(?!.*(?:_bridge|_gwbridge)$)ansible_(?:ssh|openssh|local|docker|podman|winrm|psrp|paramiko|paramiko_ssh|chroot)_/;

/** Whether a fact of this name may become a variable: not one that could redirect a connection, change an interpreter or an internal value. */
export function factMayBeVariable(name: string): boolean {
  if (name.startsWith('ansible_ssh_host_key_')) return true;
  return !(
    CONNECTION_VARIABLES.has(name) ||
    CONNECTION_PLUGIN.test(name) ||
    name.startsWith('ansible_become_') ||
    name.startsWith('_ansible_') ||
    name === 'add_host' ||
    name === 'add_group' ||
    (name.startsWith('ansible_') && name.endsWith('_interpreter'))
  );
}

const NO_FACTS: VarsLayer = { level: 'host facts / cached set_facts', vars: new Dict() };
const NO_LAYERS: readonly VarsLayer[] = [];

/** Where facts outlive a run. `get` gives undefined for a host without valid facts. */
export interface FactCache {
  get(host: string): Dict | undefined;
  set(host: string, facts: Dict): void;
  delete(host: string): void;
}

/** State of one host in a run; all members take effect for the next lookup of any scope of that host. */
export class HostState {
  readonly host: string;
  readonly #inject: boolean;
  readonly #cache: FactCache | undefined;
  /** As modules return them: `ansible_distribution`, `services`, and cacheable set_facts. */
  #facts: Dict | undefined;
  #namespaced: Dict | undefined;
  #injected: VarsLayer | undefined;
  #included: readonly VarsLayer[] = NO_LAYERS;
  readonly #set = new Dict();
  #origins: Map<string, Origin> | undefined;
  #registered: Set<string> | undefined;
  readonly #setLayer: VarsLayer;

  constructor(host: string, options: { readonly injectFacts: boolean; readonly cache?: FactCache | undefined }) {
    this.host = host;
    this.#inject = options.injectFacts;
    this.#cache = options.cache;
    this.#setLayer = {
      level: 'set_facts / registered vars',
      vars: this.#set,
      originOf: (name) => this.#origins?.get(name),
    };
  }

  #known(): Dict {
    this.#facts ??= this.#cache?.get(this.host) ?? new Dict();
    return this.#facts;
  }
  /** Whether nothing is known, asked without making anything: most hosts of a large inventory are never asked for facts. */
  get #blank(): boolean {
    return (this.#facts === undefined ? this.#cache === undefined : this.#facts.size === 0) && this.#inject;
  }

  /** Facts as a module returned them under `ansible_facts` (names with their `ansible_` prefix); later ones replace earlier ones of the same name. `gathered`: by `setup`. */
  setFacts(facts: Dict, gathered = false): void {
    const known = this.#known();
    if (gathered) known.set('_ansible_facts_gathered', true);
    for (const [name, value] of facts) known.set(name, value);
    this.#changed();
  }
  /** `meta: clear_facts`. */
  clearFacts(): void {
    this.#facts = new Dict();
    this.#namespaced = this.#injected = undefined;
    this.#cache?.delete(this.host);
  }
  #changed(): void {
    this.#namespaced = this.#injected = undefined;
    this.#cache?.set(this.host, this.#known());
  }

  /** A value of `set_fact`; a cacheable one is a fact besides (and then also seen by later runs with a fact cache). */
  setFact(name: string, value: Value, cacheable: boolean, origin?: Origin): void {
    this.#keep(name, value, origin);
    this.#registered?.delete(name);
    if (cacheable) this.setFacts(new Dict([[name, value]]));
  }
  /** The result of a task. */
  register(name: string, value: Value, origin?: Origin): void {
    this.#keep(name, value, origin);
    (this.#registered ??= new Set()).add(name);
  }
  #keep(name: string, value: Value, origin: Origin | undefined): void {
    this.#set.set(name, value);
    if (origin === undefined) this.#origins?.delete(name);
    else (this.#origins ??= new Map()).set(name, origin);
  }
  /** Variables of `include_vars`, with the places they were read from when known. */
  includeVars(
    vars: Dict,
    from?: {
      readonly origin?: Origin | undefined;
      readonly originOf?: ((name: string) => Origin | undefined) | undefined;
    },
  ): void {
    const again = (other: VarsLayer) =>
      from?.origin !== undefined &&
      other.origin?.file === from.origin.file &&
      other.vars.size === vars.size &&
      [...vars.keys()].every((name) => other.vars.has(name));
    const layer: VarsLayer = {
      level: 'include_vars',
      vars,
      ...(from?.origin && { origin: from.origin }),
      ...(from?.originOf && { originOf: from.originOf }),
    };
    this.#included = [...this.#included.filter((other) => !again(other)), layer];
  }

  /** All facts as returned, for `ansible_facts` of a result and for caches. */
  get facts(): Dict {
    return this.#known();
  }
  /** Whether facts were gathered for this host, in this run or (with a cache) an earlier one. */
  get gathered(): boolean {
    const known = this.#known();
    return known.get('_ansible_facts_gathered') === true || known.get('module_setup') === true;
  }
  /** The value of `ansible_facts`: names without their prefix (`ansible_local` keeps it). */
  get namespacedFacts(): Dict {
    if (this.#namespaced === undefined) {
      this.#namespaced = new Dict();
      for (const [name, value] of this.#known()) {
        this.#namespaced.set(
          typeof name === 'string' && name.startsWith('ansible_') && name !== 'ansible_local'
            ? name.slice('ansible_'.length)
            : name,
          value,
        );
      }
    }
    return this.#namespaced;
  }
  /** Facts as variables, those that could harm left out; with `inject_facts_as_vars = false` only `ansible_local`. */
  get factLayer(): VarsLayer {
    if (this.#blank) return NO_FACTS;
    if (this.#injected === undefined) {
      const vars = new Dict();
      for (const [name, value] of this.#known()) {
        if (typeof name === 'string' && (this.#inject ? factMayBeVariable(name) : name === 'ansible_local'))
          vars.set(name, value);
      }
      if (!this.#inject && !vars.has('ansible_local')) vars.set('ansible_local', new Dict());
      this.#injected = { level: 'host facts / cached set_facts', vars };
    }
    return this.#injected;
  }
  /** Weakest first. */
  get includedLayers(): readonly VarsLayer[] {
    return this.#included;
  }
  get setLayer(): VarsLayer {
    return this.#setLayer;
  }
  /** Whether the variable is a task's result, whose text came from a host. */
  isRegistered(name: string): boolean {
    return this.#registered?.has(name) === true;
  }
}
