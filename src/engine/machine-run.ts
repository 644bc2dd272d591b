// One machine during a run: its observations (never older than the last step there), and the exchanges that ask and act.
import type { Basics } from '../core/basics.ts';
import type { CommandOptions, Machine, ShellSpec, Snippet } from '../core/connection.ts';
import { ConnectionError, VbxError } from '../core/error.ts';
import type { EventBody } from '../core/event.ts';
import type { Answer, Probe, ProbeFamily } from '../core/probe.ts';
import type { Step, StepResult } from '../core/step.ts';
import { World } from '../core/world.ts';
import { isHeldBack, type MountTable, mountTableOf, MOUNT_TABLE_SCRIPT } from './mount-table.ts';
import type { LockProtocol } from './run-options.ts';
import { displayStep, GUARD_FAILED } from './step-script.ts';
import { runStep, snippetOf, stepResult } from './step-run.ts';

/** Seconds that a question asked ahead of its task may take. */
const AHEAD_SECONDS = 5;

export interface Observation {
  readonly state: unknown;
  /** When the question was sent, on the run's step clock (see StepClock). */
  readonly clock: number;
}

/** Counts steps over all machines of a run, so that reports are never older than a step that some host has run. */
export class StepClock {
  #now = 1;
  get now(): number {
    return this.#now;
  }
  tick(): number {
    return ++this.#now;
  }
  /** How many steps have ended on the controller itself, or brought something there: files that tasks take from it may be others since. */
  here = 0;
}

export interface AskOptions {
  readonly spec: ShellSpec;
  /** Questions of the coming tasks, computed only if an exchange is due. */
  readonly ahead?: () => Promise<readonly Probe[]>;
  /** Answers older than this on the step clock are asked again. */
  readonly notBefore?: number;
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  readonly task?: string;
}

/** How many coming tasks an exchange asks for: at first, and the bounds. */
const REACH = { first: 32, most: 64, least: 2 };
/** By how much that shrinks behind a change, and grows while nothing changes. */
const REACH_STEP = 4;

export interface PerformOptions extends AskOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Questions asked behind the steps, in the exchange that carries them. */
  readonly then?: readonly Probe[];
  readonly onOutput?: CommandOptions['onOutput'];
  readonly shellEnvironment?: Readonly<Record<string, string>>;
}

export interface Performed {
  readonly results: readonly StepResult[];
  /** Index of the step that failed, with `guard` when its guard did not hold. */
  readonly failed?: { readonly index: number; readonly guard: boolean };
}

export interface MachineRunOptions {
  readonly clock: StepClock;
  readonly emit: (event: EventBody) => void;
  readonly warn: (message: string) => void;
  readonly basicsProbe: Probe<Basics>;
  readonly lock?: LockProtocol;
}

/** Spoken to by every host that lives on this machine; those who observe and then change what they saw take turns by `turn`. */
export class MachineRun {
  readonly machine: Machine;
  readonly world = new World();
  readonly #local: boolean;
  readonly #clock: StepClock;
  readonly #emit: (event: EventBody) => void;
  readonly #observations = new Map<string, Observation>();
  readonly #basics = new Map<string, Basics>();
  readonly #basicsProbe: Probe<Basics>;
  readonly #lock: LockProtocol | undefined;
  readonly #warn: (message: string) => void;
  #locking: Promise<void> | undefined;
  #locked = false;
  #mounts: MountTable | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #reach: number | undefined;
  /** Something was done there since the last exchange that asked ahead. */
  #acted = false;
  /** How many exchanges this machine cost so far. */
  exchanges = 0;

  /** `local`: it is the controller itself. */
  constructor(machine: Machine, options: MachineRunOptions, local = false) {
    this.machine = machine;
    this.#local = local;
    this.#clock = options.clock;
    this.#emit = options.emit;
    this.#basicsProbe = options.basicsProbe;
    this.#lock = options.lock;
    this.#warn = options.warn;
  }

  /** Runs `work` when nobody else acts on this machine; in the order of asking. */
  turn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** Before the first step; a later step waits for the same answer. Errors: VbxError that says who holds the machine. */
  async #takeLock(signal: AbortSignal | undefined): Promise<void> {
    const lock = this.#lock;
    if (lock === undefined) return;
    const [answer] = await this.machine.exchange({}, [lock.take], {
      timeout: 60,
      ...(signal === undefined ? {} : { signal }),
    });
    this.exchanges += 1;
    const said = answer === undefined ? { impossible: 'the host gave no answer' } : lock.read(answer);
    const name = this.machine.settings.name;
    if (said !== undefined && 'held' in said)
      throw new VbxError(`${name} is being changed by another run of vbx: ${said.held}`, {
        hint: 'wait for it, or run with --no-lock',
      });
    if (said !== undefined) this.#warn(`${name} cannot be locked against other runs: ${said.impossible}`);
    else this.#locked = true;
  }

  /** Gives the lock back, if it was taken. */
  async unlock(): Promise<void> {
    if (!this.#locked || this.#lock === undefined) return;
    this.#locked = false;
    await this.machine.exchange({}, [this.#lock.release], { timeout: 20 });
  }

  /** Forgets all observations: something was done there. */
  forget(): void {
    this.#observations.clear();
    this.#acted = true;
  }

  /**
   * How many coming tasks the present exchange asks for. A change is often followed by another, which empties what was asked ahead in vain (each question
   * costs the host a process); while nothing changes, more questions travel together.
   */
  get reach(): number {
    return this.#reach ?? REACH.first;
  }

  /** What is known of the host before anything else, or undefined when it was not asked yet. */
  knownBasics(spec: ShellSpec): Basics | undefined {
    return this.#basics.get(specKey(spec));
  }

  /** After a reboot or a change of users: asked again at next need. */
  forgetBasics(): void {
    this.#basics.clear();
    this.#mounts = undefined;
  }

  /**
   * The basics of the host as `spec` sees it. `guessed` are the questions that the present task would ask if the host were as most are: where
   * it is, the same exchange answers them.
   */
  async basics(options: AskOptions, guessed: readonly Probe[]): Promise<Basics> {
    const known = this.knownBasics(options.spec);
    if (known !== undefined) return known;
    const [basics] = (await this.observe([this.#basicsProbe, ...guessed], options)) as [Basics];
    this.#basics.set(specKey(options.spec), basics);
    return basics;
  }

  /** States of the probes' resources as observed, in order. At most one exchange. What others do there meanwhile takes none of these answers away. */
  async observe(probes: readonly Probe[], { notBefore = 0, ...options }: AskOptions): Promise<unknown[]> {
    const found = new Map<string, Observation>();
    const missing: Probe[] = [];
    for (const probe of distinct(probes)) {
      const known = this.#observations.get(observationKey(options.spec, probe));
      if (known !== undefined && known.clock >= notBefore) found.set(probe.key, known);
      else missing.push(probe);
    }
    if (missing.length > 0) {
      const { observed } = await this.#exchange(missing, [], options);
      for (const [key, observation] of observed) found.set(key, observation);
    }
    return probes.map((probe) => {
      const observation = found.get(probe.key);
      if (observation === undefined) throw new Error(`no answer for ${probe.key}`);
      return observation.state;
    });
  }

  /** Whether all of them are answered already, not older than `notBefore`. */
  isAnswered(probes: readonly Probe[], spec: ShellSpec, notBefore = 0): boolean {
    return probes.every((probe) => (this.#observations.get(observationKey(spec, probe))?.clock ?? -1) >= notBefore);
  }

  /** The questions of the coming tasks that may be asked now: not known, not costly, not on a path that could hang. */
  async #askable(options: AskOptions, asked: readonly Probe[]): Promise<Probe[]> {
    if (options.ahead === undefined) return [];
    if (this.#acted) this.#reach = Math.max(REACH.least, Math.floor(this.reach / REACH_STEP));
    else this.#reach = this.#reach === undefined ? REACH.first : Math.min(REACH.most, this.#reach * REACH_STEP);
    this.#acted = false;
    const keys = new Set(asked.map((probe) => probe.key));
    const result: Probe[] = [];
    for (const probe of await options.ahead()) {
      if (keys.has(probe.key) || probe.costly === true || this.#observations.has(observationKey(options.spec, probe)))
        continue;
      if (probe.touches?.some((path) => isHeldBack(path, this.#mounts)) === true) continue;
      keys.add(probe.key);
      result.push(probe);
    }
    return result;
  }

  /**
   * One exchange: the scripts of `steps`, then all questions. Questions over HTTP go at the same time on their own connection, after the steps.
   * `observed`: what was answered, by the keys of the probes.
   */
  async #exchange(needed: readonly Probe[], steps: readonly Snippet[], options: AskOptions): Promise<Exchanged> {
    const { spec } = options;
    const ahead = await this.#askable(options, needed);
    const all = distinct([...needed, ...ahead]);
    const groups = groupByFamily(all);
    const shellGroups = groups.filter((group) => group.family.script !== undefined);
    const httpGroups = groups.filter((group) => group.family.http !== undefined);
    const clock = this.#clock.now;
    const started = performance.now();
    const before = { in: this.machine.stats.bytesIn, out: this.machine.stats.bytesOut };
    const limit = ahead.length > 0 ? AHEAD_SECONDS : (options.timeout ?? 0);
    const snippets: Snippet[] = [
      ...steps,
      { script: MOUNT_TABLE_SCRIPT, always: true, quiet: true, timeout: AHEAD_SECONDS },
      ...shellGroups.map((group) => ({
        script: scriptOf(group.family)(group.probes.map((probe) => probe.query)),
        always: true,
        quiet: group.family.stderr !== true,
        ...(limit > 0 ? { timeout: limit } : {}),
      })),
    ];
    this.exchanges += 1;
    const http = steps.length === 0 ? this.#askHttp(httpGroups, options) : undefined;
    // Asked at the same time: an error of theirs is taken where they are awaited.
    http?.catch(() => undefined);
    const answers = await this.machine.exchange(spec, snippets, signalOf(options));
    this.#mounts = mountTableOf(answers[steps.length]) ?? this.#mounts;
    const observed = new Map<string, Observation>();
    const late: Probe[] = [];
    shellGroups.forEach((group, index) => {
      const answer = answers[steps.length + 1 + index];
      if (answer === undefined)
        throw new ConnectionError(
          `${this.machine.settings.name} gave no answer to a question about ${group.probes.map((probe) => probe.resource).join(', ')}`,
        );
      if (answer.timedOut === true) {
        const own = group.probes.filter((probe) => needed.includes(probe));
        if (ahead.length === 0 && own.length > 0)
          throw new ConnectionError(
            `${this.machine.settings.name} did not answer within ${limit} s when asked about ${own.map((probe) => probe.resource).join(', ')}`,
          );
        late.push(...own);
        return;
      }
      for (const [key, state] of parsed(group, answer)) observed.set(key, { state, clock });
    });
    for (const [probe, state] of (await (http ?? this.#askHttp(httpGroups, options))) ?? [])
      observed.set(probe.key, { state, clock });
    // What others observed while these steps waited for the shell is older than the steps.
    if (steps.length > 0) this.#observations.clear();
    for (const probe of all) {
      const observation = observed.get(probe.key);
      if (observation !== undefined) this.#observations.set(observationKey(spec, probe), observation);
    }
    this.#emit({
      kind: 'exchange',
      host: this.machine.settings.name,
      ...(options.task === undefined ? {} : { task: options.task }),
      milliseconds: Math.round((performance.now() - started) * 100) / 100,
      probes: all.length,
      steps: steps.length,
      bytesIn: this.machine.stats.bytesIn - before.in,
      bytesOut: this.machine.stats.bytesOut - before.out,
    });
    // Too slow beside others: asked again alone, under the task's own time limit.
    const alone = late.length === 0 ? [] : (await this.#exchange(late, [], withoutAhead(options))).observed;
    return { answers: answers.slice(0, steps.length), observed: new Map([...observed, ...alone]) };
  }

  async #askHttp(groups: readonly Group[], options: AskOptions): Promise<[Probe, unknown][]> {
    const answered: [Probe, unknown][] = [];
    for (const group of groups) {
      const http = group.family.http as NonNullable<ProbeFamily['http']>;
      const requests = group.probes.map((probe) => http.requests(probe.query));
      const responses = await this.machine.http(options.spec, http.socket, requests.flat(), signalOf(options));
      let at = 0;
      group.probes.forEach((probe, index) => {
        const own = (requests[index] as readonly unknown[]).length;
        answered.push([probe, http.parse(responses.slice(at, at + own), probe.query)]);
        at += own;
      });
    }
    return answered;
  }

  /**
   * Runs steps in order until one fails, then asks `then` (and what is coming) in the exchange that carried the last of them.
   * Everything observed before is forgotten.
   */
  async perform(steps: readonly Step[], options: PerformOptions): Promise<Performed> {
    try {
      return await this.#carryOut(steps, options);
    } catch (error) {
      // Steps that broke off may have done something all the same.
      this.forget();
      throw error;
    }
  }

  async #carryOut(steps: readonly Step[], options: PerformOptions): Promise<Performed> {
    await (this.#locking ??= this.#takeLock(options.signal));
    const results: StepResult[] = [];
    let bundle: { step: Step; snippet: Snippet }[] = [];
    let failed: Performed['failed'];
    const flush = async (last: boolean): Promise<void> => {
      if (bundle.length === 0 || failed !== undefined) return;
      const carried = bundle;
      bundle = [];
      this.forget();
      this.#clock.tick();
      const start = Date.now();
      const snippets = carried.map((item) => item.snippet);
      const answers = last
        ? (await this.#exchange(options.then ?? [], snippets, options)).answers
        : await this.machine.exchange(options.spec, snippets, signalOf(options)).then((given) => {
            this.exchanges += 1;
            this.forget();
            return given;
          });
      if (this.#local) this.#clock.here += 1;
      // Observations taken by this exchange are younger than its steps.
      const end = Date.now();
      carried.forEach(({ step }, index) => {
        const answer = answers[index];
        if (answer === undefined) return;
        results.push(stepResult(step, answer, start, end));
        if (!accepted(step, answer.rc))
          failed ??= { index: results.length - 1, guard: answer.rc === GUARD_FAILED && 'guard' in step };
      });
    };
    for (const [index, step] of steps.entries()) {
      const snippet = snippetOf(step, options.environment ?? {});
      if (snippet !== undefined) {
        bundle.push({ step, snippet });
        // A status other than 0 that is accepted would stop the shell's bundle: such a step ends its bundle.
        if ((step.kind === 'run' || step.kind === 'script') && step.accept?.some((rc) => rc !== 0) === true)
          await flush(index === steps.length - 1);
      } else {
        await flush(false);
        if (failed !== undefined) break;
        this.forget();
        this.#clock.tick();
        const result = await runStep(this.machine, step, results, options);
        if (this.#local || step.kind === 'download' || step.kind === 'rsync') this.#clock.here += 1;
        this.forget();
        results.push(result);
        if (step.kind === 'reconnect') this.forgetBasics();
        if (!accepted(step, result.rc)) failed = { index: results.length - 1, guard: result.rc === GUARD_FAILED };
      }
      if (failed !== undefined) break;
    }
    await flush(true);
    return failed === undefined ? { results } : { results, failed };
  }
}

/** Whether the exit status (or HTTP status, as 0 or 1) of a step counts as success. */
function accepted(step: Step, rc: number): boolean {
  if (step.kind === 'talk' || (step.kind === 'command' && step.accept === 'any')) return true;
  const statuses =
    'accept' in step && step.kind !== 'http' ? (step.accept as readonly number[] | undefined) : undefined;
  return statuses === undefined
    ? rc === 0
    : statuses.includes(rc) || (rc === 0 && !statuses.some((status) => status === 0));
}

/** The command line of a failed step, for messages. */
export function commandOf(result: StepResult): string {
  return displayStep(result.step);
}

/** Equal questions are asked once in an exchange. */
function distinct(probes: readonly Probe[]): Probe[] {
  return [...new Map(probes.map((probe) => [probe.key, probe])).values()];
}

interface Exchanged {
  /** Of the steps, in order. */
  readonly answers: readonly (Answer | undefined)[];
  readonly observed: ReadonlyMap<string, Observation>;
}

interface Group {
  readonly family: ProbeFamily;
  readonly probes: Probe[];
}

function groupByFamily(probes: readonly Probe[]): Group[] {
  const groups = new Map<ProbeFamily, Probe[]>();
  for (const probe of probes) {
    const group = groups.get(probe.family);
    if (group === undefined) groups.set(probe.family, [probe]);
    else group.push(probe);
  }
  return [...groups].map(([family, grouped]) => ({ family, probes: grouped }));
}

function scriptOf(family: ProbeFamily): (queries: readonly unknown[]) => string {
  if (family.script === undefined) throw new Error(`probe family ${family.name} has no script`);
  return family.script;
}

/** What an answer says of each probe of its group, by the probes' keys. */
function parsed({ family, probes }: Group, answer: Answer): [string, unknown][] {
  if (family.parse === undefined) throw new Error(`probe family ${family.name} has a script and no parser`);
  const states = family.parse(
    answer,
    probes.map((probe) => probe.query),
  );
  return probes.map((probe, index) => [probe.key, states[index]]);
}

export function specKey(spec: ShellSpec): string {
  const become = spec.become;
  return become === undefined
    ? (spec.executable ?? '')
    : `${become.method}:${become.user}:${become.exe ?? ''}:${become.flags ?? ''}:${spec.executable ?? ''}`;
}

function observationKey(spec: ShellSpec, probe: Probe): string {
  return `${specKey(spec)}\n${probe.key}`;
}

function signalOf(options: AskOptions): { signal?: AbortSignal; timeout?: number } {
  return {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
  };
}

function withoutAhead(options: AskOptions): AskOptions {
  const { ahead: _ahead, ...rest } = options;
  return rest;
}
