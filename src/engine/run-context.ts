// What all parts of one run share: options, variables, machines, events, and what the person watching has asked for.
import type { EventBody } from '../core/event.ts';
import type { Module } from '../core/module.ts';
import { Templar } from '../template/index.ts';
import type { Scope } from '../template/context.ts';
import type { Origin } from '../core/origin.ts';
import type { Play, Task } from '../core/play.ts';
import { PyFloat, type Value } from '../core/value.ts';
import { RunControl } from './control-surface.ts';
import { Emitter } from './emitter.ts';
import { Machines } from './machines.ts';
import { StepClock } from './machine-run.ts';
import type { RunOptions } from './run-options.ts';
import { Slots } from './slots.ts';
import { SourceFiles } from './sources.ts';
import { Variables } from './variables/index.ts';

export class RunContext {
  readonly options: RunOptions;
  readonly variables: Variables;
  readonly clock = new StepClock();
  readonly machines: Machines;
  readonly sources: SourceFiles;
  readonly control: RunControl;
  readonly forks: Slots;
  readonly throttles = new Map<string, Slots>();
  /** Hosts that failed or were lost in an earlier play or batch: they take no part in later ones. */
  readonly failedHosts = new Set<string>();
  /** Values of set_stats: `host\nname`, with an empty host for those of the run. */
  readonly stats = new Map<string, Value>();
  readonly emit: (event: EventBody) => void;
  readonly emitter: Emitter;
  readonly #modules = new Map<string, Promise<Module | undefined>>();
  readonly #warned = new Set<string>();

  constructor(options: RunOptions, onFault: ConstructorParameters<typeof Emitter>[0]['onFault'] = () => undefined) {
    this.options = options;
    this.emitter = new Emitter({ reporters: options.reporters, secrets: options.secrets, onFault });
    this.emit = this.emitter.emit;
    this.forks = new Slots(options.forks);
    this.control = new RunControl(this.emit, this.forks);
    this.machines = new Machines(options.connect(this.emit), {
      clock: this.clock,
      emit: this.emit,
      warn: (message) => this.warn(message),
      basicsProbe: options.basicsProbe,
      ...(options.lock === undefined ? {} : { lock: options.lock }),
    });
    this.sources = new SourceFiles(options.decrypt);
    this.variables = new Variables({
      inventory: options.inventory,
      ...(options.extraVars === undefined ? {} : { extraVars: options.extraVars }),
      options: {
        check: options.check,
        diff: options.diff,
        forks: options.forks,
        verbosity: options.verbosity,
        runTags: options.tags,
        skipTags: options.skipTags,
        limit: options.limitText,
        configFile: options.configFile,
        playbookDir: options.folder,
      },
      connection: options.connection,
      render: (value, scope) => this.templar(scope, undefined, undefined).render(value),
      readVarsFile: (path) => options.includes.varsFile(path),
      hashBehaviour: options.hashBehaviour,
      injectFacts: options.injectFacts,
      privateRoleVars: options.privateRoleVars,
      ...(options.factCache === undefined ? {} : { factCache: options.factCache }),
      warn: this.warn,
    });
  }

  /** A warning, once per text and place. */
  readonly warn = (message: string, origin?: Origin, host?: string): void => {
    const key = `${message}\n${origin === undefined ? '' : `${origin.file}:${origin.line}:${origin.column}`}`;
    if (this.#warned.has(key)) return;
    this.#warned.add(key);
    this.emit({
      kind: 'warning',
      message,
      ...(origin === undefined ? {} : { origin }),
      ...(host === undefined ? {} : { host }),
    });
  };

  /** Reads the inventory's sources again; hosts of the present play stay. */
  async refreshInventory(): Promise<void> {
    await this.options.refreshInventory?.();
    this.variables.inventoryChanged();
  }

  module(name: string): Promise<Module | undefined> {
    let module = this.#modules.get(name);
    if (module === undefined) this.#modules.set(name, (module = this.options.loadModule(name)));
    return module;
  }

  /** A template engine for a scope; files are searched as for `task` of `play`. */
  templar(
    scope: Scope,
    task: Task | undefined,
    play: Play | undefined,
    foundIn?: 'files' | 'templates' | 'vars',
  ): Templar {
    const { options } = this;
    return new Templar({
      scope,
      host: options.lookupHost,
      searchPath: play === undefined ? [options.folder] : options.includes.searchPath(task, play),
      plugins: options.plugins,
      warn: this.warn,
      allowBrokenConditionals: options.allowBrokenConditionals,
      ...(foundIn === undefined ? {} : { foundIn }),
      inventoryHosts: (pattern) => options.inventory.select(pattern, { strict: false }),
      ...(options.isVaulted === undefined ? {} : { isVaulted: options.isVaulted }),
      ...(options.decrypt === undefined
        ? {}
        : { decrypt: (text: string) => options.decrypt?.(text, 'a template') ?? text }),
    });
  }

  /** The scope and templates of a task on a host; `extra` are loop variables and the like. */
  scopeOf(
    host: string,
    play: Play,
    task: Task | undefined,
    extra?: ReadonlyMap<string, Value>,
    delegate?: string,
  ): Scope {
    return this.variables.scope({ host, play, task, extra, delegate });
  }
}

/** What keywords take for a boolean, besides booleans and numbers. */
export const BOOLEAN_WORDS: ReadonlySet<string> = new Set([
  'yes',
  'on',
  '1',
  'true',
  'y',
  't',
  'no',
  'off',
  '0',
  'false',
  'n',
  'f',
  '1.0',
  '0.0',
]);

/** The value as a boolean, as keywords take it: booleans, numbers, and Ansible's words. */
export function toBool(value: Value | undefined): boolean {
  if (typeof value === 'string')
    return ['yes', 'on', '1', 'true', 'y', 't', '1.0'].includes(value.trim().toLowerCase());
  return value === true || value === 1 || (value instanceof PyFloat && value.value === 1);
}
