// What the screen costs, as a table: events, frames, a run of 5000 events a second on a terminal, memory, and plays with the screen and with --output json. Run: node test/bench/tui.ts [millions of events]
import { PassThrough } from 'node:stream';
import type { Event, Reporter } from '../../src/core/event.ts';
import { jsonLines } from '../../src/reporters/json-lines.ts';
import { renderFrame } from '../../src/reporters/tui/frame.ts';
import { Screen } from '../../src/reporters/tui/screen.ts';
import { makeTheme } from '../../src/reporters/tui/theme.ts';
import { firstUi, PANELS } from '../../src/reporters/tui/ui.ts';
import { View } from '../../src/reporters/view.ts';
import { playModel } from '../engine/model-host.ts';
import { recorded } from '../reporters/recorded.ts';

const HOSTS = 1000;
const PER_SECOND = 5000;
const SECONDS = 12;
const size = { rows: 60, columns: 200 };
const theme = makeTheme({ level: 3, unicode: true });
const say = (what: string, figure: string, target = ''): void =>
  void process.stdout.write(`${what.padEnd(66)} ${figure.padStart(12)}   ${target}\n`);
const cpuMs = (since?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};
const heapMb = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
};

/** A terminal that takes everything at once. */
function terminal(): {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly written: () => number;
} {
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: () => stdin,
    ref: () => stdin,
    unref: () => stdin,
  });
  const stdout = Object.assign(new PassThrough(), { isTTY: true, ...size });
  let bytes = 0;
  stdout.on('data', (chunk: Buffer) => void (bytes += chunk.length));
  return {
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    written: () => bytes,
  };
}
async function screenOn(): Promise<{ readonly screen: Screen; readonly written: () => number }> {
  const { stdin, stdout, written } = terminal();
  const screen = new Screen({
    stdin,
    stdout,
    theme,
    onOff: () => undefined,
    hooks: { edit: () => Promise.resolve(undefined), shell: () => Promise.resolve(undefined), source: () => '' },
  });
  await screen.start();
  return { screen, written };
}

const events = recorded(HOSTS, { tasks: 40 }).slice(0, -1);
{
  const view = new View();
  const before = process.cpuUsage();
  for (const event of events) view.apply(event);
  say('reducing 1000 events', `${((cpuMs(before) / events.length) * 1000).toFixed(2)} ms`);
  let tallest = 0;
  for (const panel of PANELS) {
    const ui = firstUi({ ...size, panel });
    renderFrame(view, ui, size, theme, view.now);
    const begun = process.cpuUsage();
    for (let count = 0; count < 30; count += 1)
      tallest = Math.max(tallest, renderFrame(view, ui, size, theme, view.now + count * 80).length);
    say(`frame of ${panel}, ${HOSTS} hosts`, `${(cpuMs(begun) / 30).toFixed(2)} ms`);
  }
  say(`tallest frame on ${size.rows} rows`, String(tallest), `target < ${size.rows}`);
}
{
  const { screen, written } = await screenOn();
  const latencies: number[] = [];
  let at = 0;
  const begun = process.cpuUsage();
  const start = performance.now();
  let keyAt: number | undefined;
  let seen = 0;
  while (performance.now() - start < SECONDS * 1000) {
    const due = Math.floor(((performance.now() - start) / 1000) * PER_SECOND);
    for (; at < due; at += 1) screen.event(events[at % events.length] as Event);
    if (keyAt !== undefined && screen.frames > seen) {
      latencies.push(performance.now() - keyAt);
      keyAt = undefined;
    } else if (keyAt === undefined && Math.random() < 0.02) {
      seen = screen.frames;
      keyAt = performance.now();
      screen.key('j');
    }
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  const share = (cpuMs(begun) / (performance.now() - start)) * 100;
  latencies.sort((a, b) => a - b);
  say(
    `screen at ${PER_SECOND} events/s: share of a core (drawing, Ink and all)`,
    `${share.toFixed(1)} %`,
    'target < 33 %',
  );
  say('frames a second', (screen.frames / SECONDS).toFixed(1), 'target <= 15');
  say('kB a second to the terminal', (written() / 1000 / SECONDS).toFixed(0));
  say(
    'key to frame, median and slowest',
    `${(latencies[latencies.length >> 1] ?? 0).toFixed(0)} / ${(latencies.at(-1) ?? 0).toFixed(0)} ms`,
    'a frame: 80 ms',
  );
  await screen.stop();
}
{
  const millions = Number(process.argv[2] ?? 3);
  const view = new View();
  const heaps: string[] = [];
  const begun = process.cpuUsage();
  const rounds = Math.ceil((millions * 1e6) / events.length);
  for (let round = 0; round < rounds; round += 1) {
    // New texts, as a long run has them.
    for (const event of events)
      view.apply(event.kind === 'output' ? { ...event, text: `${round} ${event.text}` } : event);
    if (round === 1 || round % Math.ceil(rounds / 4) === 0) heaps.push(heapMb().toFixed(0));
  }
  say(`heap over ${millions} million events (an hour at ${PER_SECOND}/s has 18)`, `${heaps.join(' ')} MB`, 'flat');
  say('CPU for them', `${(cpuMs(begun) / 1000).toFixed(1)} s`);
}
{
  const yaml = `- hosts: all\n  tasks:\n${Array.from({ length: 20 }, (_, index) => `    - {name: "task ${index}", raw: "+k${index}=1 line ${index}"}`).join('\n')}\n`;
  const hosts = Array.from({ length: HOSTS }, (_, index) => `web${index + 1}`);
  const play = async (reporter: Reporter): Promise<number> => {
    const begun = process.cpuUsage();
    await playModel(yaml, { hosts, reporters: [reporter] });
    return cpuMs(begun);
  };
  const times: Record<'json' | 'screen', number[]> = { json: [], screen: [] };
  await play({ event: () => undefined });
  for (let round = 0; round < 5; round += 1) {
    let bytes = 0;
    times.json.push(await play(jsonLines((text) => void (bytes += Buffer.byteLength(text)))));
    const { screen } = await screenOn();
    times.screen.push(await play(screen));
    await screen.stop();
  }
  const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1] ?? 0;
  const [json, screen] = [median(times.json), median(times.screen)];
  say(`play of ${HOSTS} modelled hosts x 20 tasks, --output json: CPU`, `${json.toFixed(0)} ms`);
  say('the same with the screen: CPU', `${screen.toFixed(0)} ms`);
  say('longer with the screen', `${((screen / json - 1) * 100).toFixed(1)} %`, 'target <= 5 %');
}
