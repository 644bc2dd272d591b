// Runs made up deterministically: failures, differences, loops, other scripts and text that tries to drive the terminal.
import type { Diff } from '../../src/core/diff.ts';
import type { Event, EventBody } from '../../src/core/event.ts';
import type { Outcome, OutcomeKind, Tally } from '../../src/core/outcome.ts';
import { emptyTally } from '../../src/core/outcome.ts';

/** What a hostile host may print: title, cursor, alternate screen, hyperlink, C1, direction, CI commands. */
export const HOSTILE = [
  '\u001b]0;owned\u0007',
  '\u001b[2J\u001b[H',
  '\u001b[?1049l',
  '\u009b31m',
  '\u001b]8;;http://x\u001b\\',
  'a\rb\bc',
  '\u202egnp.exe',
  '::set-env name=X::y',
  '\u0000\u007f',
  '\u2028line',
  '\ud800',
] as const;

const TASKS = [
  'install packages',
  'write /etc/app.conf',
  'create users',
  'Größe prüfen 日本語 🚀',
  'start the service',
  'check that it answers',
] as const;

/** The events of a run over `count` hosts, up to its end, or up to `until` of all of them (0 to 1). */
export function recorded(count: number, options: { readonly until?: number; readonly tasks?: number } = {}): Event[] {
  let random = 42;
  const next = (below: number): number => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((random / 2 ** 32) * below);
  };
  const events: Event[] = [];
  let at = Date.UTC(2026, 0, 2, 3, 4, 5);
  const emit = (body: EventBody): void => {
    at += count > 100 ? 1 : 20 + next(60);
    events.push({ ...body, at, seq: events.length + 1 });
  };
  const hosts = Array.from({ length: count }, (_, index) =>
    index % 3 === 0 ? `web${index + 1}` : index % 3 === 1 ? `db${index + 1}` : `edge-${index + 1}.example.org`,
  );
  const groups = {
    web: hosts.filter((name) => name.startsWith('web')),
    db: hosts.filter((name) => name.startsWith('db')),
    edge: hosts.filter((name) => name.startsWith('edge')),
  };
  const tallies: Record<string, Tally> = Object.fromEntries(hosts.map((host) => [host, emptyTally()]));
  const stopped: Record<string, { task: string; name: string; reason: string }> = {};
  const rounds = options.tasks ?? TASKS.length;
  emit({
    kind: 'run-start',
    version: 1,
    vbx: '0.1.0',
    run: 'test',
    playbooks: ['/srv/site.yml'],
    check: false,
    diff: true,
    argv: [],
    forks: 50,
    hosts: count,
  });
  emit({
    kind: 'play-start',
    play: 'p1',
    name: 'Set up the site',
    hosts,
    batch: 1,
    batches: 1,
    tasks: rounds,
    strategy: 'linear',
    groups,
  });
  for (const host of hosts) {
    emit({ kind: 'connection', host, state: 'connecting', transport: 'ssh', address: '10.0.0.1' });
    emit({ kind: 'connection', host, state: 'ready', transport: 'ssh', address: '10.0.0.1', seconds: 0.12 });
  }
  for (let index = 0; index < rounds; index += 1) {
    const id = `t${index}`;
    const name = TASKS[index % TASKS.length] as string;
    const going = hosts.filter((host) => stopped[host] === undefined);
    emit({
      kind: 'task-start',
      task: {
        id,
        name,
        action: 'ansible.builtin.command',
        origin: { file: '/srv/site.yml', line: 3 + index * 4, column: 7 },
      },
      hosts: going.length,
      index: index + 1,
      total: rounds,
      section: 'tasks',
    });
    for (const host of going) emit({ kind: 'host-start', host, task: id });
    for (const [place, host] of going.entries()) {
      emit({
        kind: 'output',
        host,
        task: id,
        stream: place % 4 === 0 ? 'stderr' : 'stdout',
        text: `${host} ${name} ${HOSTILE[(place + index) % HOSTILE.length] ?? ''}\n`,
      });
      emit({
        kind: 'exchange',
        host,
        task: id,
        milliseconds: 12 + next(30),
        probes: 2,
        steps: 1,
        bytesIn: 300 + next(900),
        bytesOut: 200,
      });
      const kind: OutcomeKind =
        index === 2 && place % 17 === 1
          ? 'failed'
          : index === 4 && place === 5
            ? 'unreachable'
            : index % 3 === 1
              ? 'changed'
              : index % 5 === 3 && place % 2 === 0
                ? 'skipped'
                : 'ok';
      const diffs: Diff[] =
        kind === 'changed'
          ? [
              {
                resource: 'path:/etc/app.conf',
                beforeHeader: 'before: /etc/app.conf',
                afterHeader: 'after: /etc/app.conf',
                before: 'port=80\nname=old\n',
                after: `port=8080\nname=${place % 2 === 0 ? 'even' : 'odd'}${HOSTILE[0]}\n`,
              },
            ]
          : [];
      if (index === 1)
        for (const [at_, label] of ['one', 'zwei 日本'].entries())
          emit({
            kind: 'item-end',
            host,
            task: id,
            item: label,
            label,
            index: at_,
            outcome: { kind, result: { changed: true } },
            diffs: [],
            seconds: 0.1,
          });
      const outcome: Outcome = {
        kind,
        result:
          kind === 'failed'
            ? {
                failed: true,
                msg: `the command failed ${HOSTILE[1]}`,
                cmd: ['useradd', 'x'],
                rc: 9,
                stderr: `useradd: ${HOSTILE[3]} exists\n`,
              }
            : kind === 'unreachable'
              ? { unreachable: true, msg: 'connection lost' }
              : { changed: kind === 'changed', stdout: `fine ${HOSTILE[place % HOSTILE.length] ?? ''}` },
      };
      emit({
        kind: 'host-end',
        host,
        task: id,
        outcome,
        diffs,
        seconds: 0.2 + next(20) / 10,
        ...(index === 1 ? { loop: true } : {}),
      });
      const tally = tallies[host] as Tally;
      tally[kind] += 1;
      if (kind === 'failed' || kind === 'unreachable')
        stopped[host] = { task: id, name, reason: String(outcome.result['msg'] as string) };
    }
    emit({ kind: 'task-end', task: id });
  }
  emit({ kind: 'warning', message: `odd ${HOSTILE[2]}`, host: hosts[0] as string });
  emit({ kind: 'message', text: `say ${HOSTILE[0]}` });
  emit({ kind: 'play-end', play: 'p1' });
  emit({
    kind: 'run-end',
    recap: tallies,
    exit: Object.keys(stopped).length > 0 ? 2 : 0,
    seconds: (at - (events[0]?.at ?? 0)) / 1000,
    stopped,
    pendingHandlers: {},
    exchanges: count * 3,
    interrupted: false,
  });
  return options.until === undefined ? events : events.slice(0, Math.max(2, Math.floor(events.length * options.until)));
}
