// Plain lines for people, for terminals without a screen, logs and CI: what changed or failed, hosts with the same outcome on one line.
import type { ChalkInstance } from 'chalk';
import { foldNames } from '../core/nodeset.ts';
import type { Diff } from '../core/diff.ts';
import type { Event, Reporter, TaskRef } from '../core/event.ts';
import { COMMAND_FAILED, messageOf, type Outcome, type OutcomeKind, type Result, type Tally } from '../core/outcome.ts';
import { formatOrigin } from '../core/origin.ts';
import { printable, printableLine } from '../core/printable.ts';
import { unified } from './unified.ts';

export interface PlainOptions {
  readonly write: (text: string) => void;
  readonly warn: (text: string) => void;
  readonly color: ChalkInstance;
  readonly verbosity: number;
  readonly diff: boolean;
  /** Without play headings and recap: `vbx run`. */
  readonly adHoc?: boolean;
  readonly diffContext?: number;
  /** Foldable groups of a CI system: a group a play. */
  readonly groups?: 'github' | 'gitlab';
  /** Seconds since the epoch, for GitLab's sections. */
  readonly clock?: () => number;
}

interface Ended {
  readonly host: string;
  readonly outcome: Outcome;
  readonly diffs: readonly Diff[];
  readonly delegate?: string | undefined;
  readonly items: readonly { readonly label: string; readonly outcome: Outcome; readonly diffs: readonly Diff[] }[];
}

const WORD: Readonly<Record<OutcomeKind, string>> = {
  ok: 'ok',
  changed: 'changed',
  failed: 'FAILED',
  skipped: 'skipped',
  unreachable: 'UNREACHABLE',
  unknown: 'unknown',
};

/** Keys of results that say nothing to people. */
const DULL = new Set([
  'changed',
  'failed',
  'skipped',
  'unreachable',
  'msg',
  'stdout',
  'stderr',
  'stdout_lines',
  'stderr_lines',
  'rc',
  'cmd',
  'diff',
  'results',
  'ansible_facts',
  'start',
  'end',
  'delta',
  'exception',
  'skip_reason',
  'false_condition',
]);

export class PlainReporter implements Reporter {
  readonly #options: PlainOptions;
  readonly #tasks = new Map<string, TaskRef>();
  readonly #ended = new Map<string, Ended[]>();
  readonly #items = new Map<string, { label: string; outcome: Outcome; diffs: readonly Diff[] }[]>();
  readonly #failures: { readonly task: TaskRef | undefined; readonly ended: Ended }[] = [];
  #strategy = 'linear';
  #check = false;
  #heading = '';
  #group = 0;
  #grouped = false;

  constructor(options: PlainOptions) {
    this.#options = options;
  }

  event(event: Event): void {
    switch (event.kind) {
      case 'run-start':
        this.#check = event.check;
        if (event.check && this.#options.adHoc !== true)
          this.#line(this.#options.color.bold('dry run: nothing is changed'));
        return;
      case 'play-start': {
        this.#strategy = event.strategy;
        if (this.#options.adHoc === true) return;
        this.#openGroup(`play ${printableLine(event.name)}`);
        const batch = event.batches > 1 ? `, batch ${event.batch} of ${event.batches}` : '';
        this.#line(
          `\n${this.#options.color.bold(`play ${printableLine(event.name)}`)} ${this.#options.color.dim(`(${event.hosts.length} host${event.hosts.length === 1 ? '' : 's'}${batch})`)}`,
        );
        return;
      }
      case 'no-hosts':
        this.#line(
          this.#options.color.yellow(
            `play ${printableLine(event.name)}: no hosts match ${printableLine(event.pattern)}`,
          ),
        );
        return;
      case 'task-start':
        this.#tasks.set(event.task.id, event.task);
        return;
      case 'item-end': {
        const key = `${event.host}\n${event.task}`;
        const items = this.#items.get(key) ?? [];
        items.push({ label: event.label, outcome: event.outcome, diffs: event.diffs });
        this.#items.set(key, items);
        return;
      }
      case 'host-end': {
        if (event.restored === true) return;
        const key = `${event.host}\n${event.task}`;
        const ended: Ended = {
          host: event.host,
          outcome: event.outcome,
          diffs: event.diffs,
          delegate: event.delegate,
          items: this.#items.get(key) ?? [],
        };
        this.#items.delete(key);
        if (this.#strategy !== 'linear') {
          this.#task(event.task, [ended]);
          return;
        }
        const all = this.#ended.get(event.task) ?? [];
        all.push(ended);
        this.#ended.set(event.task, all);
        return;
      }
      case 'task-end':
        this.#task(event.task, this.#ended.get(event.task) ?? []);
        this.#ended.delete(event.task);
        return;
      case 'retry':
        if (this.#options.verbosity > 0)
          this.#line(`  ${event.host}: attempt ${event.attempt} of ${event.retries + 1} did not do`);
        return;
      case 'warning':
        this.#options.warn(
          `${this.#options.color.yellow(`warning: ${printable(event.message)}`)}${event.origin === undefined ? '' : ` ${this.#options.color.dim(`(${formatOrigin(event.origin)})`)}`}\n`,
        );
        return;
      case 'message':
        this.#line(printable(event.text));
        return;
      case 'error':
        this.#options.warn(
          `${this.#options.color.red(`error: ${printable(event.message)}`)}${event.origin === undefined ? '' : `\n  at ${formatOrigin(event.origin)}`}${event.hint === undefined ? '' : `\n  ${printable(event.hint)}`}\n`,
        );
        return;
      case 'control':
        if (event.state === 'draining' || event.state === 'aborting')
          this.#line(
            this.#options.color.yellow(
              event.state === 'draining'
                ? 'interrupted: running tasks end, no new one begins'
                : 'interrupted again: commands on the hosts are ended',
            ),
          );
        return;
      case 'run-end':
        for (const [task, all] of this.#ended) this.#task(task, all);
        this.#ended.clear();
        this.#closeGroup();
        if (this.#options.adHoc !== true) this.#end(event);
        return;
      case 'host-start':
      case 'host-status':
      case 'output':
      case 'included':
      case 'handler-notified':
      case 'meta':
      case 'playbook-end':
        return;
      case 'play-end':
        this.#closeGroup();
        return;
      case 'connection':
      case 'exchange':
        return;
    }
  }

  #line(text: string): void {
    // GitHub takes lines that begin with :: or hold ##[ as commands; text from hosts must not give any.
    const safe =
      this.#options.groups === 'github'
        ? text
            .split('\n')
            .map((line) => line.replace(/^(\s*):(?=:)/, '$1: ').replaceAll('##[', '# #['))
            .join('\n')
        : text;
    this.#options.write(`${safe}\n`);
  }
  #openGroup(title: string): void {
    const { groups, write, clock } = this.#options;
    if (groups === undefined) return;
    this.#closeGroup();
    this.#grouped = true;
    this.#group += 1;
    if (groups === 'github') write(`::group::${title}\n`);
    else write(`\u001b[0Ksection_start:${Math.floor(clock?.() ?? 0)}:vbx_play_${this.#group}\r\u001b[0K${title}\n`);
  }
  #closeGroup(): void {
    const { groups, write, clock } = this.#options;
    if (groups === undefined || !this.#grouped) return;
    this.#grouped = false;
    if (groups === 'github') write('::endgroup::\n');
    else write(`\u001b[0Ksection_end:${Math.floor(clock?.() ?? 0)}:vbx_play_${this.#group}\r\u001b[0K\n`);
  }

  #paint(kind: OutcomeKind, text: string): string {
    const { color } = this.#options;
    const paints: Record<OutcomeKind, (text: string) => string> = {
      ok: color.green,
      changed: color.yellow,
      failed: color.red,
      unreachable: color.red,
      skipped: color.cyan,
      unknown: color.magenta,
    };
    return paints[kind](text);
  }

  /** One task of all hosts that did it: hosts with the same outcome on one line; what is only ok or skipped is told with -v. */
  #task(id: string, all: readonly Ended[]): void {
    const task = this.#tasks.get(id);
    const { verbosity, color } = this.#options;
    const interesting = all.filter(
      ({ outcome }) =>
        verbosity > 0 ||
        this.#options.adHoc === true ||
        (outcome.kind !== 'ok' && outcome.kind !== 'skipped') ||
        saysSomething(task, outcome),
    );
    if (interesting.length === 0) return;
    const name =
      task === undefined
        ? id
        : `${task.handler === true ? 'handler ' : ''}${task.role === undefined ? '' : `${task.role} : `}${task.name}`;
    this.#heading = `${color.bold(printableLine(name))}`;
    if (this.#options.adHoc !== true) this.#line(this.#heading);
    for (const group of grouped(interesting, (ended) => this.#shown(ended))) {
      const [first] = group as [Ended];
      const hosts = printableLine(foldNames(group.map(({ host }) => host)));
      const delegate =
        first.delegate === undefined || first.delegate === first.host ? '' : ` -> ${printableLine(first.delegate)}`;
      const mark = first.outcome.ignored === true ? ' (ignored)' : '';
      const why =
        first.outcome.kind === 'unknown' && first.outcome.because !== undefined
          ? `: depends on "${printableLine(first.outcome.because)}"`
          : first.outcome.kind === 'skipped' && typeof first.outcome.result['false_condition'] === 'string'
            ? color.dim(`: ${printableLine(first.outcome.result['false_condition'])}`)
            : '';
      this.#line(
        `  ${this.#paint(first.outcome.kind, `${WORD[first.outcome.kind].padEnd(8)} ${hosts}${delegate}${mark}`)}${why}`,
      );
      if (first.outcome.kind === 'failed' || first.outcome.kind === 'unreachable') {
        if (first.outcome.ignored !== true) for (const ended of group) this.#failures.push({ task, ended });
        this.#failure(first, '    ');
      } else this.#told(task, first);
      this.#items_(first);
      if (this.#options.diff)
        for (const diff of [...first.diffs, ...first.items.flatMap(({ diffs }) => diffs)]) this.#diff(diff);
    }
  }

  /** What is shown of a result: hosts share a line where it is the same. */
  #shown({ outcome: { kind, result } }: Ended): unknown {
    const { start: _start, end: _end, delta: _delta, ...rest } = result;
    if (kind === 'skipped') return rest['false_condition'];
    const { verbosity, adHoc } = this.#options;
    if (kind !== 'changed' || verbosity > 1) return rest;
    if (verbosity < 1 && adHoc !== true) return undefined;
    return rest['stdout'] === undefined ? rest : [rest['stdout'], rest['stderr']];
  }

  #items_({ items }: Ended): void {
    const shown = items.filter(
      ({ outcome }) => this.#options.verbosity > 0 || (outcome.kind !== 'ok' && outcome.kind !== 'skipped'),
    );
    const kinds = new Map<OutcomeKind, string[]>();
    for (const { label, outcome } of shown)
      kinds.set(outcome.kind, [...(kinds.get(outcome.kind) ?? []), printableLine(label)]);
    for (const [kind, labels] of kinds) {
      for (const item of items.filter(({ outcome }) => outcome.kind === kind && kind === 'failed'))
        this.#failureText(item.outcome.result, `    item ${printableLine(item.label)}: `, '      ');
      if (kind !== 'failed') this.#line(`    ${this.#paint(kind, `${WORD[kind]}: ${cut(labels.join(', '), 300)}`)}`);
    }
  }

  /** What a task printed: debug, -v for commands. */
  #told(task: TaskRef | undefined, { outcome, items }: Ended): void {
    const { result } = outcome;
    if (task?.action === 'ansible.builtin.debug' && items.length === 0) {
      for (const [key, value] of Object.entries(result))
        if (key !== 'changed' && key !== 'failed')
          this.#block(
            typeof value === 'string' ? value : `${key === 'msg' ? '' : `${key}: `}${JSON.stringify(value, null, 2)}`,
            '    ',
          );
      return;
    }
    if (task?.action === 'ansible.builtin.debug') {
      for (const item of items)
        for (const [key, value] of Object.entries(item.outcome.result))
          if (key !== 'changed' && key !== 'failed')
            this.#block(typeof value === 'string' ? value : JSON.stringify(value), '    ');
      return;
    }
    const { verbosity, adHoc } = this.#options;
    if (verbosity < 1 && adHoc !== true) return;
    if (typeof result['stdout'] === 'string' && result['stdout'] !== '') this.#block(result['stdout'], '    ');
    if (typeof result['stderr'] === 'string' && result['stderr'] !== '') this.#block(result['stderr'], '    ');
    if (verbosity > 1 || (adHoc === true && result['stdout'] === undefined)) {
      const rest = Object.fromEntries(
        Object.entries(result).filter(
          ([key]) => key !== 'diff' && (verbosity > 1 || !['changed', 'failed'].includes(key)),
        ),
      );
      if (Object.keys(rest).length > 0) this.#block(JSON.stringify(rest, null, 2), '    ');
    } else if (typeof result['msg'] === 'string' && result['msg'] !== '' && result['stdout'] === undefined)
      this.#block(result['msg'], '    ');
  }

  #failure({ outcome, items }: Ended, indent: string): void {
    if (items.some((item) => item.outcome.kind === 'failed')) return;
    this.#failureText(outcome.result, indent, indent);
  }

  /** Message, command, exit status and what was written to stderr (or stdout). */
  #failureText(result: Result, first: string, indent: string): void {
    const { color } = this.#options;
    const message = [
      messageOf(result) ?? 'failed',
      ...[result['place'], result['hint']].flatMap((beside) => (typeof beside === 'string' ? [`  ${beside}`] : [])),
    ].join('\n');
    this.#block(message, first, indent);
    const command = result['cmd'];
    if (command !== undefined)
      this.#line(
        `${indent}${color.dim(`$ ${printableLine(cut(Array.isArray(command) ? command.join(' ') : String(command as string), 500))}`)}`,
      );
    if (typeof result['rc'] === 'number' && !message.includes(`exit status ${result['rc']}`))
      this.#line(`${indent}${color.dim(`exit status ${result['rc']}`)}`);
    for (const stream of ['stderr', 'stdout'] as const) {
      const text = result[stream];
      if (
        typeof text !== 'string' ||
        text.trim() === '' ||
        messageOf(result)?.endsWith(`: ${text.trim()}`) === true ||
        (stream === 'stdout' &&
          typeof result['stderr'] === 'string' &&
          result['stderr'].trim() !== '' &&
          this.#options.verbosity < 1)
      )
        continue;
      this.#block(
        tail(text, this.#options.verbosity > 0 ? 1000 : 20),
        `${indent}${color.dim(stream)} `,
        `${indent}${' '.repeat(stream.length + 1)}`,
      );
    }
    if (this.#options.verbosity > 1)
      for (const [key, value] of Object.entries(result))
        if (!DULL.has(key)) this.#line(`${indent}${color.dim(printableLine(`${key}: ${JSON.stringify(value)}`))}`);
  }

  #block(text: string, first: string, indent: string = first): void {
    printable(text)
      .replace(/\n+$/, '')
      .split('\n')
      .forEach((line, index) => this.#line(`${index === 0 ? first : indent}${line}`));
  }

  #diff(diff: Diff): void {
    const { color } = this.#options;
    const paints = {
      header: color.bold,
      hunk: color.cyan,
      added: color.green,
      removed: color.red,
      same: color.dim,
      note: color.dim,
    } as const;
    for (const { kind, text } of unified(diff, this.#options.diffContext)) this.#line(`    ${paints[kind](text)}`);
  }

  /** Failures once more, the recap, and what to do next. */
  #end(event: Event & { kind: 'run-end' }): void {
    const { color } = this.#options;
    const hosts = Object.entries(event.recap);
    if (hosts.length > 0) {
      this.#line(
        `\n${color.bold('recap')} ${color.dim(`${event.seconds.toFixed(1)} s, ${event.exchanges} exchange${event.exchanges === 1 ? '' : 's'}`)}`,
      );
      const same = new Map<string, string[]>();
      for (const [host, tally] of hosts)
        same.set(JSON.stringify(tally), [...(same.get(JSON.stringify(tally)) ?? []), host]);
      const rows = [...same].map(([tally, names]) => ({
        names: printableLine(foldNames(names)),
        tally: JSON.parse(tally) as Tally,
      }));
      const width = Math.min(60, Math.max(...rows.map(({ names }) => names.length)));
      for (const { names, tally } of rows.sort((a, b) => badness(b.tally) - badness(a.tally)))
        this.#line(`  ${this.#paint(worst(tally), names.padEnd(width))}  ${this.#columns(tally)}`);
    }
    const stopped = Object.entries(event.stopped);
    if (stopped.length > 0) {
      this.#line('');
      const reasons = new Map<string, string[]>();
      for (const [host, { name, reason }] of stopped)
        reasons.set(`${name}\n${reason}`, [...(reasons.get(`${name}\n${reason}`) ?? []), host]);
      for (const [key, names] of reasons) {
        const [name = '', ...reason] = key.split('\n');
        this.#line(
          `${color.red(`${printableLine(foldNames(names))} stopped at`)} ${color.bold(printableLine(name))}${color.red(':')} ${printableLine(cut(reason.join(' '), 300))}`,
        );
        const first = this.#failures.find(({ ended }) => names.includes(ended.host));
        const origin = first?.task?.origin;
        if (origin !== undefined) this.#line(`  ${color.dim(formatOrigin(origin))}`);
        // Where the reason is only that a command failed, its last words are the reason; hosts share a line, so they are those of the first.
        if (first !== undefined && reason.join(' ') === COMMAND_FAILED) {
          const { stderr, stdout } = first.ended.outcome.result;
          const said = [stderr, stdout].flatMap((text) =>
            typeof text === 'string' && text.trim() !== '' ? [text] : [],
          );
          if (said[0] !== undefined)
            this.#block(tail(said[0], 3), names.length > 1 ? `  ${printableLine(first.ended.host)}: ` : '  ', '  ');
        }
      }
    }
    for (const [host, names] of Object.entries(event.pendingHandlers))
      this.#line(
        color.yellow(`${printableLine(host)} has handlers that did not run: ${printableLine(names.join(', '))}`),
      );
    if (stopped.length > 0 && !this.#check) this.#line(color.dim('vbx resume goes on where they stopped'));
    if (event.stats !== undefined)
      this.#line(`\n${color.bold('stats')}\n${printable(JSON.stringify(event.stats, null, 2))}`);
    if (this.#check && event.exit === 0) this.#line(color.dim('this was a dry run: run without --check to make it so'));
  }

  #columns(tally: Tally): string {
    const { color } = this.#options;
    const columns: [keyof Tally, (text: string) => string, boolean][] = [
      ['ok', color.green, true],
      ['changed', color.yellow, true],
      ['unreachable', color.red, false],
      ['failed', color.red, true],
      ['skipped', color.cyan, false],
      ['rescued', color.yellow, false],
      ['ignored', color.yellow, false],
      ['unknown', color.magenta, false],
    ];
    return columns
      .filter(([key, , always]) => always || tally[key] > 0)
      .map(([key, paint]) => (tally[key] > 0 ? paint : color.dim)(`${key}=${tally[key]}`.padEnd(key.length + 4)))
      .join(' ')
      .trimEnd();
  }
}

const badness = (tally: Tally): number => tally.failed * 1e6 + tally.unreachable * 1e6 + tally.changed;
const worst = (tally: Tally): OutcomeKind =>
  tally.failed > 0
    ? 'failed'
    : tally.unreachable > 0
      ? 'unreachable'
      : tally.changed > 0
        ? 'changed'
        : tally.unknown > 0
          ? 'unknown'
          : 'ok';

/** Whether an ok outcome has something to say without -v. */
function saysSomething(task: TaskRef | undefined, outcome: Outcome): boolean {
  return outcome.kind === 'ok' && task?.action === 'ansible.builtin.debug';
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

function tail(text: string, lines: number): string {
  const all = text.replace(/\n+$/, '').split('\n');
  return all.length > lines ? `… ${all.length - lines} lines more\n${all.slice(-lines).join('\n')}` : all.join('\n');
}

/** Hosts whose outcome, what is shown of its result, and differences are the same. */
function grouped(all: readonly Ended[], shown: (ended: Ended) => unknown): Ended[][] {
  const groups = new Map<string, Ended[]>();
  for (const ended of all) {
    const { outcome, diffs, items, delegate } = ended;
    const key = JSON.stringify([
      outcome.kind,
      outcome.ignored,
      outcome.because,
      shown(ended),
      diffs,
      items.map((item) => [item.label, item.outcome.kind, item.diffs]),
      delegate,
    ]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [ended]);
    else group.push(ended);
  }
  return [...groups.values()];
}
