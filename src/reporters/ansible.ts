// A run in the form of Ansible's default output, for scripts that read it: headings, one line a host, results as JSON, the recap.
import type { ChalkInstance } from 'chalk';
import { stringify } from 'yaml';
import type { Event, Reporter, TaskRef } from '../core/event.ts';
import type { Outcome, Result, Tally } from '../core/outcome.ts';
import { formatOrigin } from '../core/origin.ts';
import { printable, printableLine } from '../core/printable.ts';
import { adHocLines, adHocOneLine } from './ansible-ad-hoc.ts';
import { ansibleDiff } from './ansible-diff.ts';
import { pythonJson, sorted } from './python-json.ts';

export interface AnsibleOptions {
  readonly write: (text: string) => void;
  readonly warn: (text: string) => void;
  readonly color: ChalkInstance;
  /** Columns of the terminal, 79 where there is none. */
  readonly columns: number;
  readonly verbosity: number;
  /** --diff: every difference that a result has is shown; else those of tasks that want it (`diff: true`). */
  readonly diff?: boolean;
  readonly diffContext?: number;
  readonly showSkipped?: boolean;
  readonly showOk?: boolean;
  readonly failedToStderr?: boolean;
  readonly checkMarkers?: boolean;
  readonly showPerHostStart?: boolean;
  readonly showTaskPathOnFailure?: boolean;
  readonly showStats?: boolean;
  /** False: nothing is told of what is deprecated. */
  readonly showDeprecations?: boolean;
  readonly format?: 'json' | 'yaml';
  readonly pretty?: boolean;
  /** `vbx run`: the form of Ansible's ad hoc command. */
  readonly adHoc?: boolean;
  /** Of that one: a line a host. */
  readonly oneLine?: boolean;
}

type Paint = (text: string) => string;

export class AnsibleReporter implements Reporter {
  readonly #options: AnsibleOptions;
  readonly #tasks = new Map<string, TaskRef>();
  #included: {
    readonly key: string;
    readonly hosts: string[];
    readonly file: string;
    readonly item: string | undefined;
  }[] = [];
  readonly #loops = new Map<string, number>();
  #lastBanner: string | undefined;
  #check = false;
  /** Hosts go their own ways: a heading stands before results, not before the task begins. */
  #free = false;
  #broken = false;
  #dry = false;

  constructor(options: AnsibleOptions) {
    this.#options = options;
  }

  get #color(): Record<'ok' | 'changed' | 'skip' | 'error' | 'unreachable' | 'unknown' | 'verbose', Paint> {
    const { color } = this.#options;
    return {
      ok: color.green,
      changed: color.yellow,
      skip: color.cyan,
      error: color.red,
      unreachable: color.redBright,
      unknown: color.magenta,
      verbose: color.blue,
    };
  }

  #line(text: string, paint: Paint = (plain) => plain, stderr = false): void {
    // What is coloured already keeps its colours; everything else that could drive a terminal is shown.
    const safe = text
      .split(/(\u001b\[[0-9;]*m)/)
      .map((part, index) => (index % 2 === 1 ? part : printable(part)))
      .join('');
    const painted = safe
      .split('\n')
      .map((line) => (line === '' ? line : paint(line)))
      .join('\n');
    if (stderr) this.#options.warn(`${painted}\n`);
    else this.#options.write(`${painted}\n`);
  }
  #banner(text: string): void {
    const clean = printableLine(text);
    this.#line(`\n${clean} ${'*'.repeat(Math.max(3, this.#options.columns - clean.length))}`);
  }

  event(event: Event): void {
    if (
      event.kind !== 'included' &&
      event.kind !== 'exchange' &&
      event.kind !== 'host-status' &&
      event.kind !== 'connection'
    )
      this.#flushIncluded();
    switch (event.kind) {
      case 'run-start':
        this.#dry = event.check;
        this.#check = event.check && this.#options.checkMarkers === true;
        if (this.#check) this.#banner('DRY RUN');
        if (this.#options.verbosity >= 2 && this.#options.adHoc !== true) {
          for (const [index, file] of event.playbooks.entries()) {
            this.#banner(`PLAYBOOK: ${file.slice(file.lastIndexOf('/') + 1)}`);
            this.#line(`${event.plays?.[index] ?? 0} plays in ${file}`, this.#color.verbose);
          }
        }
        return;
      case 'play-start':
        this.#free = event.strategy !== 'linear';
        if (this.#options.adHoc !== true)
          this.#banner(event.name === '' ? 'PLAY' : `PLAY [${event.name}]${this.#check ? ' [CHECK MODE]' : ''}`);
        return;
      case 'no-hosts':
        if (this.#options.adHoc === true) return;
        this.#banner(`PLAY [${event.name}]`);
        if (event.failed === undefined) this.#line('skipping: no hosts matched', this.#color.skip);
        return;
      case 'task-start':
        this.#tasks.set(event.task.id, event.task);
        this.#lastBanner = undefined;
        if (!this.#free && this.#options.showSkipped !== false && this.#options.showOk !== false)
          this.#taskBanner(event.task.id);
        return;
      case 'host-start':
        if (this.#options.showPerHostStart === true)
          this.#line(` [started ${this.#tasks.get(event.task)?.name ?? event.task} on ${event.host}]`);
        return;
      case 'item-end':
        this.#loops.set(`${event.host}\n${event.task}`, (this.#loops.get(`${event.host}\n${event.task}`) ?? 0) + 1);
        this.#item(event);
        return;
      case 'host-end':
        if (event.restored !== true) this.#host(event);
        return;
      case 'retry': {
        const left = event.retries - event.attempt + 1;
        this.#line(
          `FAILED - RETRYING: [${event.host}]: ${printableLine(this.#tasks.get(event.task)?.name ?? event.task)} (${left} retries left).${this.#options.verbosity > 1 ? `Result was: ${this.#dump(event.outcome.result, event.task)}` : ''}`,
          this.#color.verbose,
        );
        return;
      }
      case 'included': {
        const key = `${event.task}\n${event.file}\n${event.item ?? ''}`;
        // What a loop includes twice for a host is told twice.
        const known = this.#included.find(
          (line) => line.key === key && !event.hosts.some((host) => line.hosts.includes(host)),
        );
        if (known === undefined)
          this.#included.push({ key, file: event.file, hosts: [...event.hosts], item: event.item });
        else known.hosts.push(...event.hosts);
        return;
      }
      case 'warning':
        if (event.deprecated === true && this.#options.showDeprecations === false) return;
        this.#options.warn(
          `${this.#options.color.magentaBright(`[${event.deprecated === true ? 'DEPRECATION WARNING' : 'WARNING'}]: ${printable(event.message)}`)}\n${event.origin === undefined ? '' : `Origin: ${formatOrigin(event.origin)}\n`}\n`,
        );
        return;
      case 'error':
        this.#broken = true;
        this.#options.warn(
          `${this.#options.color.red(`[ERROR]: ${printable(event.message)}`)}\n${event.origin === undefined ? '' : `Origin: ${formatOrigin(event.origin)}\n`}${event.hint === undefined ? '' : `\n${printable(event.hint)}\n`}`,
        );
        return;
      case 'message':
        this.#line(printable(event.text));
        return;
      case 'meta':
        this.#meta(event);
        return;
      case 'handler-notified':
        if (this.#options.verbosity > 1)
          this.#line(`NOTIFIED HANDLER ${printableLine(event.handler)} for ${event.host}`, this.#color.verbose);
        return;
      case 'playbook-end':
        this.#recap(event);
        return;
      case 'run-end':
        // A playbook that turned out to be wrong has no recap.
        if (this.#options.adHoc !== true && !this.#broken) this.#recap(event);
        return;
      case 'host-status':
      case 'output':
      case 'task-end':
      case 'play-end':
      case 'connection':
      case 'exchange':
      case 'control':
        return;
    }
  }

  #flushIncluded(): void {
    for (const { file, hosts, item } of this.#included)
      this.#line(
        `included: ${printableLine(file)} for ${hosts.join(', ')}${item === undefined ? '' : ` => (item=${printableLine(item)})`}`,
        this.#color.skip,
      );
    this.#included = [];
  }

  #taskBanner(id: string): void {
    const task = this.#tasks.get(id);
    if (task === undefined || this.#options.adHoc === true || this.#lastBanner === id) return;
    this.#lastBanner = id;
    this.#banner(
      `${task.handler === true ? 'RUNNING HANDLER' : 'TASK'} [${task.role === undefined ? '' : `${task.role} : `}${task.flawedName ?? task.name}]${this.#check ? ' [CHECK MODE]' : ''}`,
    );
    if (this.#options.verbosity >= 2 && task.origin !== undefined)
      this.#line(`task path: ${task.origin.file}:${task.origin.line}`, this.#options.color.gray);
  }

  #label(host: string, delegate: string | undefined): string {
    return delegate === undefined || delegate === host ? host : `${host} -> ${delegate}`;
  }

  #meta({ task, host, word, text, skipped }: Event & { kind: 'meta' }): void {
    const { verbosity } = this.#options;
    this.#tasks.set(task.id, task.name === `meta: ${word}` ? { ...task, name: 'meta' } : task);
    this.#lastBanner = undefined;
    if (!this.#free) this.#taskBanner(task.id);
    if (this.#options.adHoc === true) return;
    if (verbosity >= 2) this.#line(`META: ${text}`, this.#color.verbose);
    if (!skipped || this.#options.showSkipped === false) return;
    this.#taskBanner(task.id);
    const msg = word === 'end_host' ? text.replace('False', 'false') : word;
    this.#line(
      `skipping: [${host}]${verbosity > 0 ? ` => ${this.#dump({ msg, skip_reason: text }, task.id)}` : ''}`,
      this.#color.skip,
    );
  }

  /** Whether a result that went well is told; of those that are told anyway in lines of their own. */
  #tells(task: string, result: Result): 'no' | 'yes' | 'anyway' {
    const { action, quiet } = this.#tasks.get(task) ?? {};
    if (isTold(action) && quiet !== true && !('censored' in result)) return 'anyway';
    return this.#options.verbosity > 0 ? 'yes' : 'no';
  }

  #item(event: Event & { kind: 'item-end' }): void {
    const { task } = event;
    const outcome = { ...event.outcome, result: withItem(event) };
    const label = this.#label(event.host, event.delegate);
    const item = printable(event.label);
    const dump = this.#tells(task, outcome.result) === 'no' ? '' : ` => ${this.#dump(outcome.result, task)}`;
    if (isInclude(this.#tasks.get(task)?.action)) return;
    this.#diff(event);
    switch (outcome.kind) {
      case 'ok':
        if (this.#options.showOk === false) return;
        this.#taskBanner(task);
        this.#line(`ok: [${label}] => (item=${item})${dump}`, this.#color.ok);
        break;
      case 'changed':
        this.#taskBanner(task);
        this.#line(`changed: [${label}] => (item=${item})${dump}`, this.#color.changed);
        break;
      case 'failed':
        this.#taskBanner(task);
        this.#line(
          `failed: [${label}] (item=${item}) => ${this.#dump(outcome.result, task)}`,
          this.#color.error,
          this.#options.failedToStderr === true,
        );
        break;
      case 'unreachable':
        this.#taskBanner(task);
        this.#line(
          `fatal: [${label}]: UNREACHABLE! => ${this.#dump(outcome.result, task)}`,
          this.#color.unreachable,
          this.#options.failedToStderr === true,
        );
        break;
      case 'skipped':
      case 'unknown':
        if (this.#options.showSkipped === false) return;
        this.#taskBanner(task);
        this.#line(
          `skipping: [${label}] => (item=${item}) ${outcome.kind === 'unknown' ? `unknown: depends on "${printableLine(outcome.because ?? '')}"` : this.#options.verbosity > 0 ? ` => ${this.#dump(outcome.result, task)}` : ''}`,
          outcome.kind === 'unknown' ? this.#color.unknown : this.#color.skip,
        );
        break;
    }
  }

  #host(event: Event & { kind: 'host-end' }): void {
    const { outcome, task } = event;
    const action = this.#tasks.get(task)?.action;
    const label = this.#label(event.host, event.delegate);
    const items = this.#loops.get(`${event.host}\n${task}`) ?? 0;
    this.#loops.delete(`${event.host}\n${task}`);
    const verbose = this.#tells(task, outcome.result) !== 'no';
    if (items === 0) this.#diff(event);
    if (this.#options.adHoc === true) {
      this.#adHocHost(event.host, outcome, task);
      return;
    }
    switch (outcome.kind) {
      case 'ok':
      case 'changed': {
        if (isInclude(action)) {
          this.#taskBanner(task);
          return;
        }
        if (outcome.kind === 'ok' && this.#options.showOk === false) return;
        this.#taskBanner(task);
        if (items === 0)
          this.#line(
            `${outcome.kind}: [${label}]${verbose ? ` => ${this.#dump(outcome.result, task)}` : ''}`,
            this.#color[outcome.kind],
          );
        break;
      }
      case 'skipped':
      case 'unknown':
        if (this.#options.showSkipped === false) return;
        this.#taskBanner(task);
        this.#line(
          `skipping: [${label}]${outcome.kind === 'unknown' ? ` => unknown: depends on "${printableLine(outcome.because ?? '')}"` : this.#options.verbosity > 0 ? ` => ${this.#dump(withoutItems(outcome.result), task)}` : ''}`,
          outcome.kind === 'unknown' ? this.#color.unknown : this.#color.skip,
        );
        break;
      case 'failed':
        this.#taskBanner(task);
        if (items === 0) {
          const origin = this.#tasks.get(task)?.origin;
          if (this.#options.showTaskPathOnFailure === true && this.#options.verbosity < 2 && origin !== undefined)
            this.#line(`task path: ${origin.file}:${origin.line}`, this.#options.color.gray);
          this.#line(
            `fatal: [${label}]: FAILED! => ${this.#dump(outcome.result, task)}`,
            this.#color.error,
            this.#options.failedToStderr === true,
          );
        }
        if (outcome.ignored === true) this.#line('...ignoring', this.#color.skip);
        break;
      case 'unreachable':
        this.#taskBanner(task);
        this.#line(
          `fatal: [${label}]: UNREACHABLE! => ${this.#dump(outcome.result, task)}`,
          this.#color.unreachable,
          this.#options.failedToStderr === true,
        );
        if (outcome.ignored === true) this.#line('...ignoring', this.#color.skip);
        break;
    }
  }

  #adHocHost(host: string, outcome: Outcome, task: string): void {
    const { action } = this.#tasks.get(task) ?? {};
    const paint: Record<Outcome['kind'], Paint> = {
      ok: this.#color.ok,
      changed: this.#color.changed,
      failed: this.#color.error,
      unreachable: this.#color.unreachable,
      skipped: this.#color.skip,
      unknown: this.#color.unknown,
    };
    for (const text of (this.#options.oneLine === true ? adHocOneLine : adHocLines)(
      host,
      outcome,
      action,
      this.#clean(outcome.result, action),
    ))
      this.#line(text, paint[outcome.kind]);
  }

  /** What changed stands before the line that says so. */
  #diff({ outcome: { result }, task, diffs }: Event & { kind: 'item-end' | 'host-end' }): void {
    if (result['changed'] !== true || result['diff'] === undefined) return;
    // Some results have one whether it is wanted or not.
    if (this.#options.diff !== true && (diffs.length === 0 || this.#dry)) return;
    const { color } = this.#options;
    const lines = ansibleDiff(result['diff'], this.#options.diffContext ?? 3);
    if (lines.length > 0) this.#taskBanner(task);
    for (const { kind, text } of lines)
      this.#line(
        text,
        kind === 'added' ? color.green : kind === 'removed' ? color.red : kind === 'hunk' ? color.cyan : undefined,
      );
  }

  /** A result without what is Ansible's own or too much for the verbosity. */
  #clean(result: Result, action: string | undefined): Result {
    // How it ended is in the line itself already.
    const {
      diff,
      warnings: _warnings,
      exception: _exception,
      invocation,
      failed: _failed,
      skipped: _skipped,
      ...rest
    } = result;
    const clean: Result = {
      ...rest,
      ...(diff !== undefined && this.#options.verbosity >= 3 ? { diff } : {}),
      ...(invocation !== undefined && this.#options.verbosity >= 3 ? { invocation } : {}),
    };
    if (action === 'ansible.builtin.debug') {
      // What is shown stands alone.
      if ('msg' in clean) return { msg: clean['msg'], ...('place' in clean ? { place: clean['place'] } : {}) };
      for (const name of ['changed', 'skip_reason', 'ansible_loop_var', 'ansible_index_var', 'ansible_loop'])
        delete clean[name];
    }
    return clean;
  }

  #dump(result: Result, task: string): string {
    const action = this.#tasks.get(task)?.action;
    const clean = this.#clean(result, action);
    // Who reads YAML reads the text itself.
    if (this.#options.format === 'yaml')
      for (const name of ['stdout', 'stderr'])
        if (this.#options.pretty !== false && name in clean && `${name}_lines` in clean)
          clean[`${name}_lines`] = '<omitted>';
    if (this.#options.format === 'yaml')
      return `\n${printable(stringify(sorted(clean), { lineWidth: 0 }))
        .replace(/^/gm, '    ')
        .trimEnd()}`;
    const pretty = this.#options.pretty ?? (this.#options.verbosity > 2 || this.#tells(task, result) === 'anyway');
    return pythonJson(sorted(clean), pretty ? 4 : 0);
  }

  #recap(event: Event & { kind: 'run-end' | 'playbook-end' }): void {
    const { color } = this.#options;
    this.#banner('PLAY RECAP');
    for (const host of Object.keys(event.recap).sort()) {
      const tally = event.recap[host] as Tally;
      // A host of which nothing is counted took part in no task.
      if (Object.values(tally).every((count) => count === 0)) continue;
      const painted =
        tally.failed > 0 || tally.unreachable > 0 ? color.red : tally.changed > 0 ? color.yellow : color.green;
      const field = (name: string, count: number, paint: Paint): string =>
        count > 0 ? paint(`${name}=${String(count).padEnd(4)}`) : `${name}=${String(count).padEnd(4)}`;
      // Ansible has no column for what a dry run cannot know: it counts as skipped.
      this.#line(
        `${painted(host.padEnd(26))} : ${field('ok', tally.ok, color.green)} ${field('changed', tally.changed, color.yellow)} ${field('unreachable', tally.unreachable, color.redBright)} ${field('failed', tally.failed, color.red)} ${field('skipped', tally.skipped + tally.unknown, color.cyan)} ${field('rescued', tally.rescued, color.green)} ${field('ignored', tally.ignored, color.magenta)}`,
      );
    }
    this.#line('');
    if (this.#options.showStats === true && event.kind === 'run-end' && event.stats !== undefined) {
      this.#banner('CUSTOM STATS: ');
      for (const [name, values] of Object.entries(event.stats))
        this.#line(`\t${name === '_run' ? 'RUN' : name}: ${pythonJson(values, 0)}`);
      this.#line('');
    }
  }
}

/** The result of an item with the names of its loop, as it stands in `results`. */
function withItem({
  outcome: { result },
  item,
  index,
  loopVar = 'item',
  indexVar,
}: Event & { kind: 'item-end' }): Result {
  if ('censored' in result) return result;
  return {
    ...result,
    ansible_loop_var: loopVar,
    [loopVar]: item,
    ...(indexVar === undefined ? {} : { ansible_index_var: indexVar, [indexVar]: index }),
  };
}

function withoutItems({ results: _results, ...rest }: Result): Result {
  return rest;
}

/** Tasks whose result is told without -v. */
const isTold = (action: string | undefined): boolean =>
  action === 'ansible.builtin.debug' || action === 'ansible.builtin.assert';
const isInclude = (action: string | undefined): boolean =>
  action === 'ansible.builtin.include_tasks' || action === 'ansible.builtin.include_role';
