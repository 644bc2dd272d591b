// A model of hosts for tests of the engine: a map of keys and values, questions and steps as lines of text, everything counted.
import { raw, str } from '../../src/core/args.ts';
import type { Basics } from '../../src/core/basics.ts';
import type {
  Command,
  CommandOptions,
  ConnectionSettings,
  Connector,
  ExchangeOptions,
  HttpResponse,
  Machine,
  MachineStats,
  ShellSpec,
  Snippet,
} from '../../src/core/connection.ts';
import { ConnectionError, Interrupted } from '../../src/core/error.ts';
import type { Control, Event } from '../../src/core/event.ts';
import { defineAction, defineModule, type Module } from '../../src/core/module.ts';
import { probeOf, scriptProbe, type Answer, type ProbeFamily } from '../../src/core/probe.ts';
import { Secrets } from '../../src/core/secrets.ts';
import { includesOf } from '../../src/cli/includes.ts';
import type { RunOptions } from '../../src/engine/run-options.ts';
import { startRun, type RunEnd } from '../../src/engine/run.ts';
import { loadInventory } from '../../src/inventory/load-inventory.ts';
import { MODULES, resolveModule } from '../../src/modules/registry.ts';
import { PlaybookLoader } from '../../src/playbook/load.ts';
import { nodeFiles } from '../../src/playbook/node-files.ts';
import { mapScope, nodeHost, Templar } from '../../src/template/index.ts';

const answer = (rc: number, stdout = '', stderr = ''): Answer => ({
  rc,
  stdout: Buffer.from(stdout),
  stderr: Buffer.from(stderr),
});

/** One modelled machine. `log` holds what was asked and done, in order: `get k`, `set k v`, `run TEXT`. */
export class ModelMachine implements Machine {
  readonly key: string;
  readonly settings: ConnectionSettings;
  readonly stats: MachineStats = {
    exchanges: 0,
    commands: 0,
    bytesIn: 0,
    bytesOut: 0,
    connectSeconds: 0,
    lastExchangeMs: 0,
  };
  readonly state: Map<string, string>;
  readonly log: string[] = [];
  /** Set by a test: every use fails as if the host were gone. */
  gone = false;
  /** Lets others act before it answers. */
  slow = false;
  /** How many commands ran at the same time at most. */
  busiest = 0;
  #running = 0;

  constructor(settings: ConnectionSettings, state: Map<string, string>) {
    this.key = `${settings.host}:${settings.port ?? 22}`;
    this.settings = settings;
    this.state = state;
  }

  #here(): void {
    if (this.gone) throw new ConnectionError(`${this.settings.name} is gone`);
  }
  connect(): Promise<void> {
    return Promise.resolve();
  }
  async #think(): Promise<void> {
    await (this.slow ? new Promise((resolve) => setImmediate(resolve)) : Promise.resolve());
  }
  async exchange(
    _spec: ShellSpec,
    snippets: readonly Snippet[],
    _options?: ExchangeOptions,
  ): Promise<(Answer | undefined)[]> {
    await this.#think();
    this.#here();
    this.stats.exchanges += 1;
    let stopped = false;
    return snippets.map((snippet) => {
      if (stopped && snippet.always !== true) return undefined;
      const given = this.#line(snippet.script);
      if (given.rc !== 0 && snippet.stopOnFailure === true) stopped = true;
      return given;
    });
  }
  /** A command changes keys: `+k=v` sets, `-k` deletes, `!N` exits with N, `?k` prints. Everything else is echoed. */
  async command(_spec: ShellSpec, command: Command, options?: CommandOptions): Promise<Answer> {
    this.busiest = Math.max(this.busiest, ++this.#running);
    await this.#think();
    this.#running -= 1;
    if (options?.signal?.aborted === true) throw new Interrupted('the run was aborted');
    this.#here();
    this.stats.commands += 1;
    this.log.push(`run ${command.script}`);
    let rc = 0;
    let out = '';
    for (const word of command.script.split(/\s+/)) {
      const set = /^\+(\w+)=(.*)$/.exec(word);
      if (set !== null) this.state.set(set[1] as string, set[2] as string);
      else if (word.startsWith('-')) this.state.delete(word.slice(1));
      else if (word.startsWith('!')) rc = Number(word.slice(1));
      else if (word.startsWith('?')) out += `${this.state.get(word.slice(1)) ?? ''}\n`;
      else out += `${word}\n`;
    }
    options?.onOutput?.('stdout', Buffer.from(out));
    return answer(rc, out, rc === 0 ? '' : 'it failed');
  }
  #line(script: string): Answer {
    if (script.startsWith('MODEL get ')) {
      const keys = JSON.parse(script.slice('MODEL get '.length)) as string[];
      this.log.push(...keys.map((key) => `get ${key}`));
      return answer(0, JSON.stringify(keys.map((key) => this.state.get(key) ?? null)));
    }
    if (script.startsWith('MODEL basics')) return answer(0, JSON.stringify({ system: 'Linux', user: 'root' }));
    const step = /^MODEL set (\w+) (.*)$/.exec(script);
    if (step !== null) {
      const [, key = '', value = ''] = step;
      this.log.push(`set ${key} ${value}`);
      if (value === '"broken"') return answer(1, '', 'cannot be set');
      const wanted = JSON.parse(value) as string | null;
      if (wanted === null) this.state.delete(key);
      else this.state.set(key, wanted);
      return answer(0);
    }
    return answer(0);
  }
  http(): Promise<HttpResponse[]> {
    return Promise.resolve([]);
  }
  upload(): Promise<Answer> {
    return Promise.resolve(answer(0));
  }
  download(): Promise<Answer> {
    return Promise.resolve(answer(0));
  }
  terminal(): Promise<Answer> {
    return Promise.reject(new Error('the model has no terminals'));
  }
  pipe(): Promise<Answer> {
    return Promise.resolve(answer(0));
  }
  dropShells(): void {
    // The model has none.
  }
  disconnect(): Promise<void> {
    return Promise.resolve();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

const keyFamily: ProbeFamily<string, { kind: 'key'; value: string | null }> = {
  name: 'key',
  script: (keys) => `MODEL get ${JSON.stringify(keys)}`,
  parse: (given) => (JSON.parse(given.stdout.toString()) as (string | null)[]).map((value) => ({ kind: 'key', value })),
};
const keyProbe = (key: string) => probeOf(keyFamily, `key:${key}`, key);

/** `key: {name, value}`: the key has the value (null: is not there). */
export const keyModule = defineModule({
  name: 'ansible.builtin.key',
  summary: 'Sets a key of the model',
  args: { name: str(), value: str().optional(), needs: str().optional() },
  example: '- key: {name: a, value: b}',
  probe: ({ name, needs }) =>
    ({ at: keyProbe(name), ...(needs === undefined ? {} : { needed: keyProbe(needs) }) }) as {
      at: ReturnType<typeof keyProbe>;
      needed?: ReturnType<typeof keyProbe>;
    },
})({
  plan: ({ value, needs }, observed) => {
    const needed = (observed as { needed?: { value: string | null } }).needed;
    return needs !== undefined && needed?.value === null
      ? { failed: `${needs} is not there` }
      : { after: { at: { kind: 'key' as const, value: value ?? null } } };
  },
  apply: ({ name, value }) => [{ kind: 'script', script: `MODEL set ${name} ${JSON.stringify(value ?? null)}` }],
  diff: ({ name }, { before, after }) => ({ before: { [name]: before.at.value }, after: { [name]: after.at.value } }),
  result: ({ name }, { before, after }) => ({ name, was: before.at.value, value: after.at.value }),
});

/** `look: {name}`: reports a key. */
export const lookModule = defineModule({
  name: 'ansible.builtin.look',
  summary: 'Reports a key of the model',
  reports: true,
  args: { name: str() },
  example: '- look: {name: a}',
  probe: ({ name }) => ({ at: keyProbe(name) }),
})({ plan: () => ({ after: {} }), apply: () => [], result: (_args, { after }) => ({ value: after.at.value }) });

/** `raw: TEXT`: a command of the model's language. */
export const actModule = defineAction({
  name: 'ansible.builtin.raw',
  summary: 'Runs a command of the model',
  args: { text: str(), extra: raw().optional() },
  freeForm: 'text',
  example: '- raw: hello',
})({
  steps: ({ text }) => [{ kind: 'command', script: text, display: text, accept: 'any' }],
  parse: (_args, [done]) => ({
    changed: true,
    rc: done?.rc ?? 0,
    stdout: done?.stdout.trimEnd() ?? '',
    ...(done?.rc === 0 ? {} : { failed: true, msg: 'non-zero return code' }),
  }),
});

/** `make: {name, text}`: a command of the model's language, unless the key is there. */
export const makeModule = defineAction<
  { name: ReturnType<typeof str>; text: ReturnType<typeof str> },
  { at: { kind: 'key'; value: string | null } }
>({
  name: 'ansible.builtin.make',
  summary: 'Runs a command of the model that makes a key',
  args: { name: str(), text: str() },
  example: '- make: {name: a, text: +a=1}',
  probe: ({ name }) => ({ at: keyProbe(name) }),
})({
  satisfied: (_args, { at }) => (at.value === null ? undefined : { changed: false }),
  steps: ({ text }) => [{ kind: 'command', script: text, display: text, accept: 'any' }],
  parse: () => ({ changed: true }),
});

const OWN: Readonly<Record<string, Module>> = {
  'ansible.builtin.make': makeModule as unknown as Module,
  'ansible.builtin.key': keyModule as unknown as Module,
  'ansible.builtin.look': lookModule as unknown as Module,
  'ansible.builtin.raw': actModule as unknown as Module,
};

export interface Played {
  readonly end: RunEnd;
  readonly events: readonly Event[];
  readonly machines: ReadonlyMap<string, ModelMachine>;
  /** `host task-name outcome` for every host-end, in order. */
  readonly outcomes: readonly string[];
  readonly exchanges: number;
}

/** Somebody who watches and acts: told of every event, after the engine has gone on. */
export type Watcher = (event: Event, control: Control, machine: (host: string) => ModelMachine) => void;

/** Plays YAML on modelled hosts. `state`: what each host holds before; hosts are `h1,h2,...` unless named. */
export async function playModel(
  yaml: string,
  options: {
    hosts?: readonly string[];
    state?: Record<string, Record<string, string>>;
    gone?: readonly string[];
    during?: Watcher;
    file?: string;
  } & Partial<RunOptions> = {},
): Promise<Played> {
  const { hosts = ['h1'], state = {}, gone = [], during, file = '/tmp/model/play.yml', ...more } = options;
  const machines = new Map<string, ModelMachine>();
  const connector: Connector = {
    machine(settings) {
      let machine = machines.get(settings.host);
      if (machine === undefined)
        machines.set(
          settings.host,
          (machine = new ModelMachine(settings, new Map(Object.entries(state[settings.name] ?? {})))),
        );
      machine.gone = gone.includes(settings.name);
      machine.slow = during !== undefined;
      return machine;
    },
    close: () => Promise.resolve(),
  };
  const files = nodeFiles();
  const loader = new PlaybookLoader({
    files,
    rolesPath: [],
    collectionsPath: [],
    modules: (name, collections) =>
      OWN[`ansible.builtin.${name.replace('ansible.builtin.', '')}`] === undefined
        ? resolveModule(name, collections)
        : { canonical: `ansible.builtin.${name}` },
    renderStatic: (value, layers) =>
      new Templar({
        scope: mapScope(...layers.toReversed().map((layer) => layer.vars)),
        host: nodeHost(),
        searchPath: [],
      }).render(value),
  });
  const playbook = loader.loadPlaybookText(yaml, file);
  const events: Event[] = [];
  const watch = (event: Event): void => {
    events.push(event);
    if (during !== undefined)
      setImmediate(() => during(event, running.control, (host) => machines.get(host) as ModelMachine));
  };
  const running = startRun({
    playbooks: [playbook],
    inventory: await loadInventory([`${hosts.join(',')},`], { warn: () => undefined }),
    includes: includesOf(loader, files),
    connect: () => connector,
    reporters: [{ event: watch }],
    secrets: new Secrets(),
    lookupHost: nodeHost(),
    loadModule: (name) => Promise.resolve(OWN[name]).then((own) => own ?? MODULES[name]?.()),
    resolveModule,
    basicsProbe: scriptProbe<Basics>(
      'basics',
      'MODEL basics',
      (given) => JSON.parse(given.stdout.toString()) as Basics,
    ),
    check: false,
    diff: false,
    verbosity: 0,
    forks: 50,
    tags: [],
    skipTags: [],
    connection: { timeout: 5, hostKeyChecking: 'yes', become: false, becomeMethod: 'sudo', becomeUser: 'root' },
    strategy: 'linear',
    gathering: 'explicit',
    forceHandlers: false,
    hashBehaviour: 'replace',
    injectFacts: true,
    privateRoleVars: false,
    allowBrokenConditionals: true,
    verify: 'fail',
    argv: [],
    vbxVersion: '0',
    runId: 'test',
    folder: '/tmp/model',
    ...more,
  });
  const end = await running.finished;
  const names = new Map(
    events.flatMap((event) => (event.kind === 'task-start' ? [[event.task.id, event.task.name] as const] : [])),
  );
  const outcomes = events.flatMap((event) =>
    event.kind === 'host-end'
      ? [
          `${event.host} ${names.get(event.task) ?? event.task} ${event.outcome.kind}${event.outcome.ignored === true ? ' ignored' : ''}`,
        ]
      : [],
  );
  const exchanges = [...machines.values()].reduce((sum, machine) => sum + machine.stats.exchanges, 0);
  return { end, events, machines, outcomes, exchanges };
}
