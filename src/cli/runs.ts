// `vbx runs`, `vbx replay`, `vbx resume`: earlier runs listed, told again, and taken up where they stopped.
import { UsageError } from '../core/error.ts';
import type { Event } from '../core/event.ts';
import type { Outcome, Tally } from '../core/outcome.ts';
import { foldNames } from '../core/nodeset.ts';
import { printableLine } from '../core/printable.ts';
import type { ResumePoint } from '../engine/run-options.ts';
import { Controller } from './controller.ts';
import { makeReporters, type ReporterFlags } from './reporters.ts';
import { eventsOf, findRun, storedRuns } from './run-store.ts';

/** Lists recorded runs, newest first. */
export function runs(flags: { readonly json?: boolean; readonly number?: number }): Promise<number> {
  const rows = storedRuns()
    .slice(0, flags.number ?? 20)
    .map((run) => ({ run, ...summary(eventsOf(run)) }));
  if (flags.json === true)
    process.stdout.write(
      `${JSON.stringify(
        rows.map(({ run, ...rest }) => ({ name: run.name, ...rest })),
        null,
        2,
      )}\n`,
    );
  else if (rows.length === 0) process.stdout.write('no run is recorded yet\n');
  else
    for (const { run, playbooks, check, state, hosts, seconds } of rows)
      process.stdout.write(
        `${run.name}  ${state.padEnd(11)} ${String(hosts).padStart(5)} host${hosts === 1 ? ' ' : 's'} ${seconds === undefined ? '      ' : `${seconds.toFixed(0)} s`.padStart(6)}  ${check ? '(dry run) ' : ''}${printableLine(playbooks.join(' '))}\n`,
      );
  return Promise.resolve(0);
}

function summary(events: readonly Event[]): {
  playbooks: readonly string[];
  check: boolean;
  state: string;
  hosts: number;
  seconds?: number;
  at: number;
} {
  const start = events.find((event) => event.kind === 'run-start');
  const end = events.findLast((event) => event.kind === 'run-end');
  const hosts = new Set(events.flatMap((event) => (event.kind === 'play-start' ? event.hosts : [])));
  const state =
    end === undefined
      ? 'cut off'
      : end.interrupted
        ? 'interrupted'
        : end.exit === 0 || end.exit === 3
          ? 'done'
          : Object.values(end.recap).some((tally: Tally) => tally.failed > 0)
            ? 'failed'
            : end.exit === 4
              ? 'unreachable'
              : 'failed';
  return {
    playbooks: start?.playbooks ?? [],
    check: start?.check ?? false,
    state,
    hosts: hosts.size,
    at: start?.at ?? 0,
    ...(end === undefined ? {} : { seconds: end.seconds }),
  };
}

/** Tells a recorded run again through the reporters of --output, at once or (with a screen) with its own time. */
export async function replay(
  word: string | undefined,
  flags: ReporterFlags & { readonly verbose: number; readonly diff?: boolean; readonly speed?: number },
): Promise<number> {
  const events = eventsOf(findRun(word));
  const controller = await Controller.make({ verbose: flags.verbose }, () => undefined);
  const made = await makeReporters({ ...flags, record: false, replay: events }, controller, {
    verbosity: flags.verbose,
    diff: flags.diff ?? true,
    runId: 'replay',
  });
  if (made.replayed !== undefined) return made.replayed();
  for (const event of events) for (const reporter of made.reporters) reporter.event(event);
  for (const reporter of made.reporters) await reporter.close?.();
  return 0;
}

export interface ResumePlan {
  readonly argv: readonly string[];
  readonly folder: string;
  readonly hosts: readonly string[];
  readonly point: ResumePoint;
  /** Commands that were under way when vbx was killed: nobody knows whether they ended. */
  readonly underWay: readonly { readonly host: string; readonly task: string }[];
}

/** What is left of a run: hosts that did not reach the end, and what must not be done again. Errors: UsageError where nothing is left. */
export function resumePlan(events: readonly Event[]): ResumePlan {
  const start = events.find((event) => event.kind === 'run-start');
  if (start === undefined) throw new UsageError('the record has no beginning');
  if (start.check)
    throw new UsageError('this was a dry run: there is nothing to take up', { hint: 'run it again instead' });
  const end = events.findLast((event) => event.kind === 'run-end');
  const all = [...new Set(events.flatMap((event) => (event.kind === 'play-start' ? event.hosts : [])))];
  const hosts =
    end === undefined || end.interrupted
      ? all.filter((host) => end === undefined || end.stopped[host] !== undefined || !finishedAll(events, host))
      : all.filter((host) => end.stopped[host] !== undefined);
  if (hosts.length === 0) throw new UsageError('every host of this run reached the end: there is nothing to take up');
  const results: Record<string, Record<string, Outcome[]>> = {};
  const last = new Map<string, Outcome>();
  const open = new Map<string, { host: string; task: string }>();
  const names = new Map<string, string>();
  for (const event of events) {
    if (event.kind === 'task-start') names.set(event.task.id, event.task.name);
    if (event.kind === 'host-start') open.set(`${event.host}\n${event.task}`, { host: event.host, task: event.task });
    if (event.kind !== 'host-end') continue;
    open.delete(`${event.host}\n${event.task}`);
    ((results[event.host] ??= {})[event.task] ??= []).push(event.outcome);
    last.set(event.host, event.outcome);
  }
  for (const host of hosts) {
    const outcome = last.get(host);
    if (
      outcome === undefined ||
      outcome.ignored === true ||
      (outcome.kind !== 'failed' && outcome.kind !== 'unreachable')
    )
      continue;
    // The task at which it stopped is the one to go on with.
    for (const outcomes of Object.values(results[host] ?? {})) if (outcomes.at(-1) === outcome) outcomes.pop();
  }
  return {
    argv: start.argv,
    folder: start.folder ?? process.cwd(),
    hosts,
    point: { results },
    underWay: [...open.values()].map(({ host, task }) => ({ host, task: names.get(task) ?? task })),
  };
}

function finishedAll(events: readonly Event[], host: string): boolean {
  const plays = events.filter((event) => event.kind === 'play-start' && event.hosts.includes(host)).length;
  const ended = events.filter((event) => event.kind === 'play-end').length;
  return plays > 0 && ended >= events.filter((event) => event.kind === 'play-start').length;
}

/** Takes up a run: the same command line, on the hosts that did not reach the end, from the task at which each stopped. */
export async function resume(
  word: string | undefined,
  again: (argv: readonly string[], plan: ResumePlan) => Promise<number>,
): Promise<number> {
  const run = findRun(word);
  const plan = resumePlan(eventsOf(run));
  process.stderr.write(`taking up ${run.name} on ${printableLine(foldNames(plan.hosts))}\n`);
  for (const { host, task } of plan.underWay)
    process.stderr.write(
      `[WARNING]: "${printableLine(task)}" was under way on ${printableLine(host)} when the run was cut off; it is done again\n`,
    );
  process.chdir(plan.folder);
  return again(plan.argv, plan);
}
