// A run as a screen needs it: reduced from events alone, bounded in memory, cheap for thousands of hosts.
import type { Diff } from '../core/diff.ts';
import type { Event, TaskRef } from '../core/event.ts';
import type { Outcome, OutcomeKind, Tally } from '../core/outcome.ts';
import { emptyTally } from '../core/outcome.ts';

export type HostState = 'waiting' | 'running' | 'done' | 'failed' | 'unreachable' | 'stopped';

export interface HostRow {
  readonly name: string;
  readonly index: number;
  state: HostState;
  /** Worst of what its tasks came to so far: decides colour and order. */
  worst: OutcomeKind;
  tally: Tally;
  /** The task it is at or was at last. */
  task: string | undefined;
  taskName: string;
  status: string;
  /** Its present task waits for a fork or its turn. */
  queued: boolean;
  /** Milliseconds since the epoch when it began its present task. */
  since: number;
  lastLine: string;
  done: number;
  groups: readonly string[];
  failure: { readonly task: string; readonly name: string; readonly outcome: Outcome } | undefined;
  /** It failed and waits for somebody to say whether it is tried again. */
  held: boolean;
  connection: ConnectionRow | undefined;
}
export interface ConnectionRow {
  state: 'connecting' | 'ready' | 'lost' | 'closed';
  transport: string;
  address: string;
  seconds: number;
  exchanges: number;
  bytesIn: number;
  bytesOut: number;
  milliseconds: number;
  message: string;
}
export interface TaskRow {
  readonly ref: TaskRef;
  readonly section: string;
  readonly number: number;
  /** Milliseconds since the epoch when it began, the last time if hosts took it several times (batches, retries). */
  startedAt: number;
  endedAt: number | undefined;
  /** Milliseconds that earlier times took. */
  spent: number;
  readonly counts: Record<OutcomeKind, number>;
  running: number;
}
export interface FoldedDiff {
  readonly diff: Diff;
  readonly task: string;
  readonly hosts: string[];
}
export interface FoldedError {
  readonly task: string;
  readonly name: string;
  readonly outcome: Outcome;
  readonly hosts: string[];
  readonly item: string | undefined;
}
export interface LogLine {
  readonly host: string;
  readonly text: string;
  readonly kind: 'stdout' | 'stderr' | 'event' | 'warning';
  /** Counts lines from 1. */
  readonly id: number;
}
export interface ResultRow {
  /** Unique in the view. */
  readonly id: number;
  readonly task: string;
  readonly outcome: Outcome;
  readonly diffs: readonly Diff[];
  readonly seconds: number;
}

/** Lines of log kept for all hosts, and for one. */
const MOST_LOG = 5000;
const MOST_HOST_LOG = 200;
/** Lines that all hosts keep together, and what each keeps at least. */
const MOST_HOST_LOGS = 60_000;
const LEAST_HOST_LOG = 40;
const MOST_DIFFS = 2000;
/** Results kept for all hosts: what is drilled down into; a host has its share of them. */
const MOST_RESULTS = 60_000;
const MOST_ERRORS = 2000;
const MOST_WARNINGS = 1000;
/** Longest text of a result that is kept, and that of one among many hosts where nothing failed. */
const MOST_TEXT = 20_000;
const MOST_TEXT_OF_MANY = 2000;
const MANY = 100;
const MOST_LINE = 4000;
const MOST_ITEMS = 200;

const noCounts = (): Record<OutcomeKind, number> => ({
  ok: 0,
  changed: 0,
  failed: 0,
  skipped: 0,
  unreachable: 0,
  unknown: 0,
});
const RANK: Readonly<Record<OutcomeKind, number>> = {
  skipped: 0,
  ok: 1,
  unknown: 2,
  changed: 3,
  unreachable: 4,
  failed: 5,
};

/** All that a screen shows, updated by `apply`; `version` grows with every change. */
export class View {
  version = 0;
  run:
    | {
        readonly id: string;
        readonly playbooks: readonly string[];
        readonly check: boolean;
        readonly diff: boolean;
        readonly forks: number;
        readonly startedAt: number;
      }
    | undefined;
  play:
    | {
        readonly name: string;
        readonly hosts: readonly string[];
        readonly batch: number;
        readonly batches: number;
        readonly strategy: string;
        readonly total: number;
      }
    | undefined;
  plays = 0;
  now = 0;
  end: (Event & { kind: 'run-end' }) | undefined;
  control: 'running' | 'paused' | 'draining' | 'aborting' = 'running';
  /** Everybody else is done, and hosts that failed wait for a retry. */
  held = false;
  forks = 0;
  current: string | undefined;
  /** Tasks begun in this play, and how many are known. */
  index = 0;
  total = 0;
  readonly hosts = new Map<string, HostRow>();
  readonly tasks: TaskRow[] = [];
  readonly taskById = new Map<string, TaskRow>();
  readonly diffs: FoldedDiff[] = [];
  readonly errors: FoldedError[] = [];
  readonly warnings: { readonly message: string; readonly place: string }[] = [];
  readonly log: LogLine[] = [];
  readonly counts = noCounts();
  readonly exchanges = { count: 0, bytesIn: 0, bytesOut: 0 };
  readonly #diffKeys = new Map<string, FoldedDiff>();
  readonly #errorKeys = new Map<string, FoldedError>();
  /** Who is in a folded difference or error: each host once, however often it comes. */
  readonly #members = new WeakMap<FoldedDiff | FoldedError, Set<string>>();
  readonly #hostLogs = new Map<string, LogLine[]>();
  readonly #results = new Map<string, ResultRow[]>();
  #lines = 0;
  #resultIds = 0;

  /** Takes one event in. */
  apply(event: Event): void {
    this.version += 1;
    this.now = event.at;
    switch (event.kind) {
      case 'run-start':
        this.run = {
          id: event.run,
          playbooks: event.playbooks,
          check: event.check,
          diff: event.diff,
          forks: event.forks,
          startedAt: event.at,
        };
        this.forks = event.forks;
        return;
      case 'play-start':
        this.plays += 1;
        this.play = {
          name: event.name,
          hosts: event.hosts,
          batch: event.batch,
          batches: event.batches,
          strategy: event.strategy,
          total: event.tasks,
        };
        this.total = event.tasks;
        this.index = 0;
        this.#addHosts(event.hosts, event.groups ?? {});
        for (const host of event.hosts) this.#row(host).state = 'waiting';
        return;
      case 'no-hosts':
        this.#log('', `play ${event.name}: no hosts match ${event.pattern}`, 'event');
        return;
      case 'task-start': {
        const known = this.taskById.get(event.task.id);
        if (known === undefined) {
          const row: TaskRow = {
            ref: event.task,
            section: event.section,
            number: event.index,
            startedAt: event.at,
            endedAt: undefined,
            spent: 0,
            counts: noCounts(),
            running: 0,
          };
          this.tasks.push(row);
          this.taskById.set(event.task.id, row);
        } else if (known.endedAt !== undefined) {
          known.spent += known.endedAt - known.startedAt;
          known.startedAt = event.at;
          known.endedAt = undefined;
        }
        this.current = event.task.id;
        this.index = Math.max(this.index, event.index);
        this.total = Math.max(this.total, event.total);
        return;
      }
      case 'host-start': {
        const row = this.#row(event.host);
        const task = this.taskById.get(event.task);
        if (row.failure !== undefined && (row.failure.task === event.task || task?.section === 'rescue'))
          this.#mend(row, task?.section === 'rescue');
        row.state = 'running';
        row.held = false;
        row.task = event.task;
        row.taskName = task?.ref.name ?? event.task;
        row.since = event.at;
        row.status = '';
        row.queued = false;
        row.lastLine = '';
        if (task !== undefined) task.running += 1;
        return;
      }
      case 'host-status':
        this.#status(this.#row(event.host), event.status);
        return;
      case 'output':
        for (const line of event.text.replace(/\n$/, '').split('\n'))
          this.#log(event.host, line.replace(/\r$/, ''), event.stream);
        return;
      case 'item-end':
        if (event.outcome.kind === 'failed' && event.outcome.ignored !== true)
          this.#error(event.host, event.task, event.outcome, event.label);
        this.#fold(event.host, event.task, event.diffs);
        return;
      case 'retry':
        this.#log(event.host, `attempt ${event.attempt} of ${event.retries + 1} failed`, 'event');
        return;
      case 'host-end':
        if (event.restored === true) this.#row(event.host).done += 1;
        else this.#hostEnd(event);
        return;
      case 'task-end': {
        const task = this.taskById.get(event.task);
        if (task !== undefined) task.endedAt = event.at;
        return;
      }
      case 'included':
        this.#log(event.hosts.join(','), `included ${event.file}`, 'event');
        return;
      case 'handler-notified':
      case 'meta':
      case 'playbook-end':
        return;
      case 'play-end':
        this.held = false;
        for (const row of this.hosts.values()) {
          row.held = false;
          if (row.state === 'running' || row.state === 'waiting') row.state = 'done';
        }
        for (const task of this.tasks) task.endedAt ??= event.at;
        return;
      case 'connection': {
        const row = this.#row(event.host);
        const known = row.connection ?? {
          state: event.state,
          transport: event.transport,
          address: event.address,
          seconds: 0,
          exchanges: 0,
          bytesIn: 0,
          bytesOut: 0,
          milliseconds: 0,
          message: '',
        };
        row.connection = known;
        known.state = event.state;
        if (event.seconds !== undefined) known.seconds = event.seconds;
        if (event.message !== undefined) known.message = event.message;
        return;
      }
      case 'exchange': {
        this.exchanges.count += 1;
        this.exchanges.bytesIn += event.bytesIn;
        this.exchanges.bytesOut += event.bytesOut;
        const known = this.hosts.get(event.host)?.connection;
        if (known === undefined) return;
        known.exchanges += 1;
        known.bytesIn += event.bytesIn;
        known.bytesOut += event.bytesOut;
        known.milliseconds = event.milliseconds;
        return;
      }
      case 'warning':
        if (this.warnings.length < MOST_WARNINGS)
          this.warnings.push({
            message: event.message,
            place: event.origin === undefined ? '' : `${event.origin.file}:${event.origin.line}`,
          });
        this.#log(event.host ?? '', `warning: ${event.message}`, 'warning');
        return;
      case 'message':
        this.#log(event.host ?? '', event.text, 'event');
        return;
      case 'error':
        this.#log('', `error: ${event.message}`, 'warning');
        return;
      case 'control':
        if (event.state === 'forks') this.forks = event.forks ?? this.forks;
        else if (event.state === 'held') this.held = true;
        else if (event.state === 'proceeding') this.held = false;
        else this.control = event.state === 'resumed' ? 'running' : event.state;
        return;
      case 'run-end':
        this.end = event;
        this.held = false;
        for (const [host, tally] of Object.entries(event.recap)) this.#row(host).tally = { ...tally };
        for (const [host, stopped] of Object.entries(event.stopped)) {
          const row = this.#row(host);
          if (row.state !== 'failed' && row.state !== 'unreachable') row.state = 'stopped';
          row.status = stopped.reason;
        }
        return;
    }
  }

  /** Results of a host, oldest first. */
  results(host: string): readonly ResultRow[] {
    return this.#results.get(host) ?? [];
  }
  /** The last lines of a host. */
  hostLog(host: string): readonly LogLine[] {
    return this.#hostLogs.get(host) ?? [];
  }

  #addHosts(names: readonly string[], groups: Readonly<Record<string, readonly string[]>>): void {
    const ofHost = new Map<string, string[]>();
    for (const [group, members] of Object.entries(groups))
      for (const host of members) ofHost.set(host, [...(ofHost.get(host) ?? []), group]);
    for (const name of names) {
      const row = this.#row(name);
      const own = ofHost.get(name);
      if (own !== undefined) row.groups = own;
    }
  }

  #row(name: string): HostRow {
    let row = this.hosts.get(name);
    if (row === undefined) {
      row = {
        name,
        index: this.hosts.size,
        state: 'waiting',
        worst: 'skipped',
        tally: emptyTally(),
        task: undefined,
        taskName: '',
        status: '',
        queued: false,
        since: this.now,
        lastLine: '',
        done: 0,
        groups: [],
        failure: undefined,
        held: false,
        connection: undefined,
      };
      this.hosts.set(name, row);
    }
    return row;
  }

  #hostEnd(event: Event & { kind: 'host-end' }): void {
    const { outcome } = event;
    const row = this.#row(event.host);
    const task = this.taskById.get(event.task);
    this.counts[outcome.kind] += 1;
    row.tally[outcome.kind] += 1;
    if (outcome.ignored === true) row.tally.ignored += 1;
    row.done += 1;
    row.task = event.task;
    row.since = event.at;
    row.status = '';
    if (task !== undefined) {
      task.counts[outcome.kind] += 1;
      task.running = Math.max(0, task.running - 1);
    }
    const failed = (outcome.kind === 'failed' || outcome.kind === 'unreachable') && outcome.ignored !== true;
    if (!failed && RANK[outcome.kind] > RANK[row.worst] && outcome.kind !== 'failed' && outcome.kind !== 'unreachable')
      row.worst = outcome.kind;
    if (failed) {
      row.worst = outcome.kind;
      row.state = outcome.kind === 'failed' ? 'failed' : 'unreachable';
      row.failure = { task: event.task, name: task?.ref.name ?? event.task, outcome };
      if (event.loop !== true) this.#error(event.host, event.task, outcome, undefined);
    } else if (row.state === 'running')
      row.state =
        row.failure === undefined ? 'waiting' : row.failure.outcome.kind === 'failed' ? 'failed' : 'unreachable';
    const diffs = this.#fold(event.host, event.task, event.diffs);
    const results = this.#results.get(event.host) ?? [];
    this.#resultIds += 1;
    results.push({
      id: this.#resultIds,
      task: event.task,
      outcome: slim(outcome, failed || this.hosts.size <= MANY ? MOST_TEXT : MOST_TEXT_OF_MANY),
      diffs,
      seconds: event.seconds,
    });
    if (results.length > Math.max(20, Math.floor(MOST_RESULTS / this.hosts.size))) results.shift();
    this.#results.set(event.host, results);
  }

  /** A failure is tried again or taken care of: it counts no more. */
  #mend(row: HostRow, rescued: boolean): void {
    const { failure } = row;
    if (failure === undefined) return;
    const kind = failure.outcome.kind === 'failed' ? 'failed' : 'unreachable';
    this.counts[kind] = Math.max(0, this.counts[kind] - 1);
    row.tally[kind] = Math.max(0, row.tally[kind] - 1);
    if (rescued) row.tally.rescued += 1;
    row.failure = undefined;
    row.worst = row.tally.changed > 0 ? 'changed' : row.tally.ok > 0 ? 'ok' : 'skipped';
    if (rescued) return;
    const task = this.taskById.get(failure.task);
    if (task !== undefined) task.counts[kind] = Math.max(0, task.counts[kind] - 1);
    row.done = Math.max(0, row.done - 1);
    for (const folded of this.errors) {
      const at = folded.task === failure.task ? folded.hosts.indexOf(row.name) : -1;
      if (at < 0) continue;
      folded.hosts.splice(at, 1);
      this.#members.get(folded)?.delete(row.name);
    }
  }

  #status(row: HostRow, status: string): void {
    row.held = status === 'held';
    // The time of a task that waited counts from its turn.
    if (row.queued && status === 'running') row.since = this.now;
    row.queued = row.state === 'running' && status.startsWith('waits for ');
    // What is under way is told by its last line.
    row.status = status === 'running' || row.held ? '' : status;
  }

  /** Takes the differences in; gives them back as they are kept, equal ones shared. */
  #fold(host: string, task: string, diffs: readonly Diff[]): readonly Diff[] {
    return diffs.map((diff) => {
      const key = `${task}\n${diff.resource}\n${diff.before}\n${diff.after}`;
      const known = this.#diffKeys.get(key);
      if (known !== undefined) {
        this.#join(known, host);
        return known.diff;
      }
      if (this.diffs.length >= MOST_DIFFS) return diff;
      const folded: FoldedDiff = { diff, task, hosts: [] };
      this.#join(folded, host);
      this.#diffKeys.set(key, folded);
      this.diffs.push(folded);
      return diff;
    });
  }

  #error(host: string, task: string, outcome: Outcome, item: string | undefined): void {
    const { result } = outcome;
    const key = `${task}\n${item ?? ''}\n${outcome.kind}\n${JSON.stringify([result['msg'], result['stderr'], result['rc']])}`;
    const known = this.#errorKeys.get(key);
    if (known !== undefined) {
      this.#join(known, host);
      return;
    }
    if (this.errors.length >= MOST_ERRORS) return;
    const folded: FoldedError = {
      task,
      name: this.taskById.get(task)?.ref.name ?? task,
      outcome: slim(outcome, MOST_TEXT),
      hosts: [],
      item,
    };
    this.#join(folded, host);
    this.#errorKeys.set(key, folded);
    this.errors.push(folded);
  }

  #join(folded: FoldedDiff | FoldedError, host: string): void {
    let members = this.#members.get(folded);
    if (members === undefined) this.#members.set(folded, (members = new Set()));
    if (members.has(host)) return;
    members.add(host);
    folded.hosts.push(host);
  }

  #log(host: string, text: string, kind: LogLine['kind']): void {
    this.#lines += 1;
    const line: LogLine = {
      host,
      text: text.length > MOST_LINE ? text.slice(0, MOST_LINE) : text,
      kind,
      id: this.#lines,
    };
    this.log.push(line);
    // Cut in blocks, so that a long run does not move thousands of lines for each new one.
    if (this.log.length > MOST_LOG * 1.2) this.log.splice(0, this.log.length - MOST_LOG);
    const row = this.hosts.get(host);
    if (row === undefined) return;
    row.lastLine = line.text;
    const own = this.#hostLogs.get(host) ?? [];
    own.push(line);
    const most = Math.max(LEAST_HOST_LOG, Math.min(MOST_HOST_LOG, Math.floor(MOST_HOST_LOGS / this.hosts.size)));
    if (own.length > most * 1.5) own.splice(0, own.length - most);
    this.#hostLogs.set(host, own);
  }
}

/** The outcome with long texts cut: what a screen can show. */
function slim(outcome: Outcome, most: number): Outcome {
  let large = false;
  for (const value of Object.values(outcome.result))
    if ((typeof value === 'string' && value.length > most) || (Array.isArray(value) && value.length > MOST_ITEMS))
      large = true;
  if (!large) return outcome;
  const short = (value: unknown): unknown =>
    typeof value === 'string' && value.length > most
      ? `${value.slice(0, most)}…`
      : Array.isArray(value) && value.length > MOST_ITEMS
        ? value.slice(0, MOST_ITEMS)
        : value;
  return {
    ...outcome,
    result: Object.fromEntries(Object.entries(outcome.result).map(([key, value]) => [key, short(value)])),
  };
}
