// A whole run: the plays of the playbooks one after the other, their hosts and batches, and the sum at the end.
import { PlaybookError, TemplateError, VbxError } from '../core/error.ts';
import { EVENT_VERSION, type Control } from '../core/event.ts';
import { nearest } from '../core/nearest.ts';
import type { Tally } from '../core/outcome.ts';
import { emptyTally } from '../core/outcome.ts';
import type { Node, Play, Playbook, Task } from '../core/play.ts';
import { TemplateText, toPlain, type Value } from '../core/value.ts';
import { selects } from '../playbook/tags.ts';
import { OMIT, pythonStr, type Templar } from '../template/index.ts';
import { Handlers } from './handlers.ts';
import { HostRun, type Stopped } from './host-run.ts';
import type { StartAt } from './batch.ts';
import { PlayRun } from './play-run.ts';
import { batches, ordered } from './batches.ts';
import { askVariables } from './vars-prompt.ts';
import { RunContext, toBool } from './run-context.ts';
import type { RunOptions } from './run-options.ts';
import { checkSetting } from './play-settings.ts';
import { gatherTask } from './gather-task.ts';
import { shown } from './shown-outcome.ts';

export interface RunEnd {
  readonly recap: Readonly<Record<string, Tally>>;
  /** By DESIGN 4: 0, 2 failed, 4 unreachable, 99 interrupted, 1 for an error; 3 with detailed exit. */
  readonly exit: number;
  readonly interrupted: boolean;
}

export interface Running {
  readonly control: Control;
  readonly finished: Promise<RunEnd>;
}

/** Starts a run. `finished` rejects only with bugs; everything else is told by events and the exit status. */
export function startRun(options: RunOptions, onFault?: ConstructorParameters<typeof RunContext>[1]): Running {
  const run = new RunContext(options, onFault);
  return { control: run.control, finished: new WholeRun(run).go() };
}

class WholeRun {
  readonly #run: RunContext;
  readonly #tallies = new Map<string, Tally>();
  readonly #stopped: Record<string, Stopped> = {};
  readonly #pending: Record<string, string[]> = {};
  #error: VbxError | undefined;
  #broken = false;
  readonly #startAt: StartAt;
  /** Tags of all tasks that a host came to. */
  readonly #tags = new Set<string>();
  readonly #stepping = { all: false };

  constructor(run: RunContext) {
    this.#run = run;
    const wanted = run.options.startAtTask;
    const pattern =
      wanted === undefined
        ? undefined
        : new RegExp(
            `^${wanted
              .replace(/[.+^${}()|[\]\\]/g, '\\$&')
              .replaceAll('*', '.*')
              .replaceAll('?', '.')}$`,
          );
    this.#startAt = {
      pending: pattern !== undefined,
      seen: new Set(),
      matches: (name, task) =>
        pattern === undefined ||
        pattern.test(name) ||
        (task.role !== undefined && pattern.test(`${task.role.name} : ${name}`)),
    };
  }

  async go(): Promise<RunEnd> {
    const { options, emit } = this.#run;
    const started = Date.now();
    emit({
      kind: 'run-start',
      version: EVENT_VERSION,
      vbx: options.vbxVersion,
      run: options.runId,
      playbooks: options.playbooks.map((playbook) => playbook.file),
      plays: options.playbooks.map((playbook) => playbook.plays.length),
      check: options.check,
      diff: options.diff,
      argv: options.argv,
      folder: options.folder,
      forks: options.forks,
      hosts: options.inventory.hosts().length,
    });
    for (const playbook of options.playbooks)
      for (const { message, origin } of playbook.warnings) this.#run.warn(message, origin);
    try {
      for (const [index, playbook] of options.playbooks.entries()) {
        if (!(await this.#playbook(playbook))) break;
        if (index + 1 < options.playbooks.length)
          emit({ kind: 'playbook-end', recap: structuredClone(Object.fromEntries(this.#tallies)) });
      }
      this.#checkChosen();
    } catch (error) {
      if (!(error instanceof VbxError)) throw error;
      this.#error = error;
      emit({
        kind: 'error',
        message: error.message,
        ...(error.origin === undefined ? {} : { origin: error.origin }),
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
    }
    await this.#run.machines.close();
    const recap = Object.fromEntries(this.#tallies);
    const interrupted = this.#run.control.draining;
    const exit = this.#exit(recap, interrupted);
    emit({
      kind: 'run-end',
      recap,
      exit,
      seconds: (Date.now() - started) / 1000,
      stopped: this.#stopped,
      pendingHandlers: this.#pending,
      exchanges: this.#run.machines.exchanges,
      interrupted,
      ...(this.#run.stats.size === 0 ? {} : { stats: statsOf(this.#run.stats) }),
    });
    await this.#run.emitter.close();
    return { recap, exit, interrupted };
  }

  /** What was asked for and met nowhere: a task to start at, or a tag. A run that was cut short may not have come to it. */
  #checkChosen(): void {
    const { options, warn, control, failedHosts } = this.#run;
    if (control.draining || failedHosts.size > 0 || this.#broken) return;
    if (this.#startAt.pending) {
      const near = nearest(options.startAtTask ?? '', this.#startAt.seen);
      throw new VbxError(
        `No matching task "${options.startAtTask}" found. Note: --start-at-task can only follow static includes.`,
        { hint: near === undefined ? '"--list-tasks" lists them' : `did you mean "${near}"?` },
      );
    }
    for (const tag of options.tags) {
      if (SPECIAL_TAGS.has(tag) || this.#tags.has(tag) || this.#tallies.size === 0) continue;
      const near = nearest(tag, this.#tags);
      warn(
        `--tags ${tag}: no task has this tag${near === undefined ? ' ("--list-tags" lists those there are; what an include brings is met only if the include is selected too)' : ` (is "${near}" meant?)`}`,
      );
    }
  }

  #exit(recap: Readonly<Record<string, Tally>>, interrupted: boolean): number {
    const tallies = Object.values(recap);
    // Failures that `meta: clear_host_errors` forgave are counted in the recap and not in the status.
    const lost = [...this.#run.failedHosts].flatMap((host) => recap[host] ?? []);
    if (interrupted) return 99;
    if (this.#error !== undefined) return this.#error instanceof PlaybookError ? 4 : 1;
    if (lost.some((tally) => tally.unreachable > 0)) return 4;
    if (lost.length > 0 || this.#broken) return 2;
    if (this.#run.options.detailedExit === true && tallies.some((tally) => tally.changed > 0 || tally.unknown > 0))
      return 3;
    return 0;
  }

  /** False when nothing more is to be played: a batch failed on all hosts, or the run is interrupted. */
  async #playbook(playbook: Playbook): Promise<boolean> {
    for (const play of playbook.plays) {
      if (this.#run.control.draining) return false;
      if (!(await this.#play(play))) return false;
    }
    return true;
  }

  async #play(play: Play): Promise<boolean> {
    const { run } = this;
    const { options, emit, variables } = run;
    const scope = variables.scope({ play });
    const templar = run.templar(scope, undefined, play);
    const name = play.name === undefined || play.name === null ? '' : textOf(play.name, templar);
    /** A keyword of the play that cannot be rendered makes the playbook a wrong one. */
    const keyword = <T>(word: string, render: () => T): T => {
      try {
        return render();
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        throw new PlaybookError(`Error processing keyword '${word}': ${error.message}`, {
          origin: error.origin,
          hint: error.hint,
          cause: error,
        });
      }
    };
    const pattern = patternsOf(
      keyword('hosts', () => templar.render(play.hosts.value)),
      play,
    );
    const limit = options.limit === undefined ? undefined : new Set(options.limit);
    const selected = options.inventory
      .select(pattern, { strict: false, origin: play.hosts.origin })
      .filter((host) => limit === undefined || limit.has(host));
    const order = keyword('order', () =>
      play.settings['order'] === undefined ? 'inventory' : textOf(play.settings['order'].value, templar),
    );
    const chosen = ordered(selected, order, play.settings['order']?.origin);
    const all = chosen.filter((host) => !run.failedHosts.has(host));
    const alive = new Set(all);
    const title = name === '' ? pattern.join(',') : name;
    const playVariables = variables.forPlay(play, { hosts: selected, name: title });
    // Hosts that failed in earlier plays are hosts of this one too, though they take no part (ansible_play_hosts_all).
    for (const host of chosen) if (run.failedHosts.has(host)) playVariables.removed.add(host);
    if (all.length === 0) {
      if (options.inventory.hosts().length === 0 && options.localhostWarning !== false)
        run.warn('The inventory has no hosts: name one with -i');
      emit({
        kind: 'no-hosts',
        play: play.id,
        name: title,
        pattern: pattern.join(','),
        ...(chosen.length === 0 ? {} : { failed: chosen.length }),
      });
      return true;
    }
    playVariables.checkVarsFiles();
    if (play.varsPrompt.length > 0) playVariables.promptVars(await askVariables(play, templar, run));
    const setting = (key: string): Value | undefined => {
      const written = play.settings[key]?.value;
      const rendered = written === undefined ? undefined : keyword(key, () => templar.renderArg(written));
      const value = rendered === OMIT ? undefined : (rendered as Value | undefined);
      checkSetting(key, value, play.settings[key]?.origin);
      return value;
    };
    const strategy = strategyOf(setting('strategy'), options.strategy, play);
    // Hosts that failed before have their places in the batches, and count as those that did not fail there.
    const groups = batches(chosen, setting('serial') ?? null, play.settings['serial']?.origin);
    const percentage = setting('max_fail_percentage');
    const handlers = new Handlers(play.handlers);
    const facts = gatherTask(play, setting, options);
    const isSelected = (task: Task): boolean => {
      const tags = tagsOf(task, templar);
      for (const tag of tags) this.#tags.add(tag);
      return selects(tags, options.tags, options.skipTags);
    };
    const total = countTasks(play, isSelected) + (facts === undefined ? 0 : 1);
    for (const [index, group] of groups.entries()) {
      if (run.control.draining) return false;
      const hosts = group.filter((host) => alive.has(host));
      if (hosts.length === 0) {
        emit({ kind: 'no-hosts', play: play.id, name: title, pattern: pattern.join(','), failed: group.length });
        continue;
      }
      playVariables.batch = hosts;
      emit({
        kind: 'play-start',
        play: play.id,
        name: title,
        hosts,
        batch: index + 1,
        batches: groups.length,
        tasks: total,
        strategy,
        origin: play.origin,
        ...(all.length > 1 ? { groups: groupsOf(run, hosts) } : {}),
      });
      const hostRuns = hosts.map((host) => new HostRun(host, this.#tally(host)));
      const gathering =
        facts === undefined ||
        (options.gathering === 'smart' && hosts.every((host) => variables.hostState(host).gathered))
          ? undefined
          : facts;
      const batch = new PlayRun({
        run,
        play,
        playName: title,
        hosts: hostRuns,
        size: group.length,
        handlers,
        strategy,
        selected: isSelected,
        factsTask: gathering !== undefined && isSelected(gathering) ? gathering : undefined,
        forceHandlers:
          setting('force_handlers') === undefined ? options.forceHandlers : toBool(setting('force_handlers')),
        maxFailPercentage: percentage === undefined || percentage === null ? undefined : Number(toPlain(percentage)),
        total,
        startAt: this.#startAt,
        stepping: this.#stepping,
      });
      await batch.run();
      let lost = 0;
      for (const host of hostRuns) {
        if (host.stopped !== undefined) this.#stopped[host.name] = host.stopped;
        if (host.notified.size > 0 && host.state !== 'running' && host.state !== 'ended')
          this.#pending[host.name] = [...host.notified.values()].map((each) => each.name);
        if ((host.state !== 'failed' && host.state !== 'unreachable') || host.forgiven) continue;
        lost += 1;
        run.failedHosts.add(host.name);
      }
      emit({ kind: 'play-end', play: play.id });
      if (lost === group.length) {
        this.#broken = true;
        return false;
      }
      if (
        percentage !== undefined &&
        percentage !== null &&
        (lost / group.length) * 100 > Number(toPlain(percentage))
      ) {
        this.#broken = true;
        return false;
      }
      if (batch.playEnded) break;
    }
    return true;
  }

  get run(): RunContext {
    return this.#run;
  }

  #tally(host: string): Tally {
    let tally = this.#tallies.get(host);
    if (tally === undefined) this.#tallies.set(host, (tally = emptyTally()));
    return tally;
  }
}

function textOf(value: Value, templar: Templar): string {
  if (!(value instanceof TemplateText)) return pythonStr(value);
  try {
    return pythonStr(templar.render(value));
  } catch (error) {
    if (error instanceof VbxError) return value.source;
    throw error;
  }
}

/** `hosts:` as a list of patterns. */
export function patternsOf(value: Value, play: Play): string[] {
  const list = Array.isArray(value) ? value : [value];
  const patterns = list
    .flatMap((each) =>
      Array.isArray(each) ? each.map((inner) => pythonStr(inner)) : each === null ? [] : [pythonStr(each)],
    )
    .filter((each) => each.trim() !== '');
  if (patterns.length === 0)
    throw new PlaybookError('hosts is empty: the play needs a pattern of hosts', {
      origin: play.hosts.origin,
      hint: 'use "all" for every host of the inventory',
    });
  return patterns;
}

function strategyOf(value: Value | undefined, fallback: string, play: Play): 'linear' | 'free' | 'host_pinned' {
  const word = (value === undefined || value === null ? fallback : pythonStr(value))
    .replace(/^ansible\.builtin\./, '')
    .replace(/^mitogen_/, '');
  if (word === 'linear' || word === 'free' || word === 'host_pinned') return word;
  throw new PlaybookError(`the strategy "${word}" is not supported`, {
    origin: play.settings['strategy']?.origin ?? play.origin,
    hint: 'vbx knows linear, free and host_pinned',
  });
}

/** Words of --tags that mean more than a tag of that name. */
const SPECIAL_TAGS = new Set(['all', 'tagged', 'untagged', 'always', 'never']);

/** Tags of a task as texts; templates in them are rendered with what the play knows. */
function tagsOf(task: Task, templar: Templar): string[] {
  return task.tags.flatMap((tag) => {
    if (typeof tag === 'string') return [tag];
    const rendered = tag instanceof TemplateText ? templar.render(tag) : tag;
    return Array.isArray(rendered)
      ? rendered.map((each) => pythonStr(each))
      : pythonStr(rendered)
          .split(',')
          .map((each) => each.trim());
  });
}

function countTasks(play: Play, selected: (task: Task) => boolean): number {
  const count = (nodes: readonly Node[]): number =>
    nodes.reduce(
      (sum, node) =>
        sum +
        (node.kind === 'block'
          ? count(node.block) + count(node.always)
          : node.implicit !== true && node.action !== 'ansible.builtin.meta' && selected(node)
            ? 1
            : 0),
      0,
    );
  return (
    count(play.preTasks) +
    play.roles.reduce((sum, role) => sum + count(role.nodes), 0) +
    count(play.tasks) +
    count(play.postTasks)
  );
}

function groupsOf(run: RunContext, hosts: readonly string[]): Record<string, string[]> {
  const groups: Record<string, string[]> = {};
  for (const host of hosts)
    for (const group of run.options.inventory.host(host)?.groups ?? [])
      if (group !== 'all' && group !== 'ungrouped') (groups[group] ??= []).push(host);
  return groups;
}

function statsOf(stats: ReadonlyMap<string, Value>): Record<string, unknown> {
  const all: Record<string, Record<string, unknown>> = {};
  for (const [key, value] of stats) {
    const [host = '', name = ''] = key.split('\n');
    (all[host === '' ? '_run' : host] ??= {})[name] = shown(value);
  }
  return all;
}
