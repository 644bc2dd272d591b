// The screen on a terminal of streams: when it draws, what keys ask of the run, how it ends, and what happens when the terminal goes away.
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { Control, Event } from '../../src/core/event.ts';
import { ReplayPlayer } from '../../src/reporters/tui/player.ts';
import { Screen, type ScreenOptions } from '../../src/reporters/tui/screen.ts';
import { makeTheme } from '../../src/reporters/tui/theme.ts';
import { HOSTILE, recorded } from './recorded.ts';

const screens: Screen[] = [];
afterEach(async () => {
  for (const screen of screens.splice(0)) await screen.stop();
});

function terminal(rows = 24, columns = 100) {
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: () => stdin,
    ref: () => stdin,
    unref: () => stdin,
  });
  const stdout = Object.assign(new PassThrough(), { isTTY: true, rows, columns });
  let text = '';
  stdout.on('data', (chunk: Buffer) => void (text += chunk.toString()));
  return { stdin, stdout, text: () => text, shown: () => stripVTControlCharacters(text) };
}
type Terminal = ReturnType<typeof terminal>;

async function on(
  term: Terminal,
  more: Partial<ScreenOptions> = {},
): Promise<{ readonly screen: Screen; readonly calls: string[] }> {
  const calls: string[] = [];
  const screen = new Screen({
    stdin: term.stdin as unknown as NodeJS.ReadStream,
    stdout: term.stdout as unknown as NodeJS.WriteStream,
    theme: makeTheme({ level: 0, unicode: true }),
    onOff: (why) => calls.push(why),
    hooks: {
      edit: ({ file, line }) => Promise.resolve(void calls.push(`edit ${file}:${line}`)),
      shell: (host) => Promise.resolve(`no shell on ${host}`),
      source: (file) => `text of ${file}\n`.repeat(40),
    },
    ...more,
  });
  screens.push(screen);
  const note =
    (name: string) =>
    (...args: unknown[]): void =>
      void calls.push([name, ...args].join(' '));
  screen.attach({
    pause: note('pause'),
    resume: note('resume'),
    drain: note('drain'),
    abort: note('abort'),
    setForks: note('forks'),
    retryHost: note('retry'),
    skipHost: note('skip'),
    proceed: note('proceed'),
  } satisfies Control);
  await screen.start();
  return { screen, calls };
}
const tell = (screen: Screen, events: readonly Event[]): void => events.forEach((event) => screen.event(event));
async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 400) throw new Error('it did not come');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
const held = (host: string): readonly Event[] => [
  { kind: 'host-status', host, status: 'held', at: 0, seq: 0 },
  { kind: 'control', state: 'held', at: 0, seq: 0 },
];

describe('the screen', () => {
  it('takes the other screen, shows the run, and gives the terminal back', async () => {
    const term = terminal();
    const { screen } = await on(term);
    tell(screen, recorded(3, { until: 0.6 }));
    await until(() => term.shown().includes('web1'));
    expect(term.text()).toContain('\u001b[?1049h');
    await screen.stop();
    expect(term.text()).toContain('\u001b[?1049l');
    expect(screen.over).toBe(true);
  });
  it('draws a few frames for many events, and none when nothing changes', async () => {
    const term = terminal();
    const { screen } = await on(term);
    const begun = performance.now();
    tell(screen, recorded(40, { until: 0.5 }));
    await until(() => term.shown().includes('web1'));
    const most = Math.ceil((performance.now() - begun) / 80) + 2;
    expect(screen.frames).toBeLessThanOrEqual(most);
  });
  it('lets nothing that hosts write drive the terminal', async () => {
    const term = terminal(40, 120);
    const { screen } = await on(term);
    tell(screen, recorded(20));
    for (const key of ['3', '4', '5', 'enter', 'esc', '1', 'enter', 'enter']) {
      screen.key(key);
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    await until(() => term.shown().includes('exit status'));
    for (const evil of HOSTILE)
      if (/[\u0000-\u001f\u007f-\u009f\u202e\u2028]/.test(evil)) expect(term.text()).not.toContain(evil);
  });
  it('follows the size of the terminal', async () => {
    const term = terminal();
    const { screen } = await on(term);
    tell(screen, recorded(3, { until: 0.6 }));
    await until(() => term.shown().includes('web1'));
    for (let step = 0; step < 30; step += 1) {
      Object.assign(term.stdout, { rows: 5 + ((step * 7) % 50), columns: 20 + ((step * 31) % 180) });
      term.stdout.emit('resize');
    }
    Object.assign(term.stdout, { rows: 30, columns: 150 });
    term.stdout.emit('resize');
    const before = screen.frames;
    await until(() => screen.frames > before);
    expect(screen.on).toBe(true);
  });
  it('asks the run for what keys mean', async () => {
    const { screen, calls } = await on(terminal());
    tell(screen, recorded(3, { until: 0.62 }));
    tell(screen, held('db2'));
    for (const key of ['p', '+', '-', 'r', 'R', 's', 'y', 'c', 'ctrl-c']) screen.key(key);
    screen.view.control = 'draining';
    for (const key of ['ctrl-c', 'y']) screen.key(key);
    expect(calls).toEqual([
      'pause',
      'forks 51',
      'forks 49',
      'retry db2',
      'retry db2',
      'skip db2',
      'proceed',
      'drain',
      'abort',
    ]);
  });
  it('opens the editor at the line and tells what went wrong with a shell', async () => {
    const term = terminal();
    const { screen, calls } = await on(term);
    tell(screen, recorded(3, { until: 0.62 }));
    screen.key('o');
    await until(() => calls.length > 0);
    expect(calls[0]).toMatch(/^edit \/srv\/site\.yml:\d+$/);
    await until(() => term.shown().includes('web1'));
    // The terminal is handed to one at a time.
    await new Promise((resolve) => setTimeout(resolve, 200));
    screen.key('e');
    await until(() => term.shown().includes('no shell on'));
  });
  it('copies by the terminal', async () => {
    const term = terminal();
    const { screen } = await on(term);
    tell(screen, recorded(3, { until: 0.62 }));
    screen.key('y');
    const copied = /\u001b\]52;c;([A-Za-z0-9+/=]+)\u0007/.exec(term.text())?.[1] ?? '';
    expect(Buffer.from(copied, 'base64').toString()).toContain('db2');
  });
  it('asks questions and hides secrets', async () => {
    const term = terminal();
    const { screen } = await on(term);
    const answer = screen.ask({ text: 'password of root? ', secret: true });
    for (const key of ['g', 'e', 'h', 'x', 'backspace', 'enter']) screen.key(key);
    expect(await answer).toBe('geh');
    const given = screen.ask({ text: 'sure? ', secret: false });
    screen.key('ctrl-c');
    expect(await given).toBeUndefined();
    expect(await screen.ask({ text: 'nobody answers ', secret: false, seconds: 0.05 })).toBe('');
    expect(term.shown()).not.toContain('geh');
  });
  it('goes on without it: nobody is held any more', async () => {
    const { screen, calls } = await on(terminal());
    tell(screen, recorded(3, { until: 0.5 }));
    screen.key('q');
    screen.key('w');
    await until(() => calls.includes('detached'));
    expect(calls).toEqual(['proceed true', 'detached']);
    expect(await screen.ended()).toBe('leave');
  });
  it('is lost with its terminal: nobody is held, nothing is waited for', async () => {
    const term = terminal();
    const { screen, calls } = await on(term);
    tell(screen, recorded(3, { until: 0.62 }));
    tell(screen, held('db2'));
    const question = screen.ask({ text: 'sure? ', secret: false });
    term.stdout.emit('error', Object.assign(new Error('write EIO'), { code: 'EIO' }));
    expect(await question).toBeUndefined();
    expect(calls).toEqual(['proceed true', 'lost']);
    expect(await screen.ended()).toBe('leave');
    screen.event({ kind: 'message', text: 'x', at: 0, seq: 0 });
  });
  it('tells what is outside of the run, and keeps it in the log', async () => {
    const term = terminal();
    const { screen } = await on(term);
    tell(screen, recorded(3, { until: 0.5 }));
    screen.notify('the run is not recorded any more (ENOSPC)');
    await until(() => term.shown().includes('not recorded any more'));
    expect(screen.view.log.at(-1)).toMatchObject({ kind: 'warning' });
  });
  it('stays at the end until it is left, and applies a dry run', async () => {
    const { screen } = await on(terminal(), { confirming: true });
    tell(screen, recorded(3));
    const end = screen.ended();
    screen.key('a');
    expect(await end).toBe('apply');
    expect(screen.over).toBe(true);
  });
  it('does not wait for a terminal that takes nothing', async () => {
    const term = terminal();
    const { screen } = await on(term);
    term.stdout.pause();
    term.stdout.removeAllListeners('data');
    for (let count = 0; count < 20; count += 1) tell(screen, recorded(3, { until: 0.5 }));
    expect(screen.view.version).toBeGreaterThan(0);
  });
});

describe('a replay', () => {
  const events = recorded(3);
  const start = events[0]?.at ?? 0;
  const audience = () => {
    const told: Event[] = [];
    return {
      told,
      event: (event: Event) => void told.push(event),
      restart: (again: readonly Event[]) => void told.splice(0, told.length, ...again),
    };
  };
  const held = (player: ReplayPlayer, to: ReturnType<typeof audience>): void => {
    player.pause();
    player.start(to);
    player.stop();
  };
  it('tells events in their time', () => {
    const player = new ReplayPlayer(events, 1);
    const to = audience();
    held(player, to);
    player.advance(500);
    expect(to.told).toEqual(events.filter(({ at }) => at <= start + 500));
    player.advance(1e9);
    expect(to.told).toEqual(events);
    expect(player.now()).toBe(events.at(-1)?.at);
  });
  it('goes back, on, and to a time', () => {
    const player = new ReplayPlayer(events, 1);
    const to = audience();
    held(player, to);
    player.seekTo(3);
    expect(to.told).toEqual(events.filter(({ at }) => at <= start + 3000));
    player.seek(-2);
    expect(to.told).toEqual(events.filter(({ at }) => at <= start + 1000));
    player.seek(-100);
    expect(player.now()).toBe(start);
    expect(to.told).toEqual(events.filter(({ at }) => at <= start));
    player.seekTo(player.length);
    expect(to.told).toEqual(events);
    player.seekTo(1);
    player.advance(1e9);
    expect(to.told).toEqual(events);
  });
  it('runs as fast as it is told, and stands still', async () => {
    const player = new ReplayPlayer(events, 1);
    const to = audience();
    player.start(to);
    player.pause();
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(to.told).toEqual([]);
    player.speed(1000);
    await until(() => to.told.length === events.length);
    player.stop();
  });
  it('is shown with its time, and obeys keys', async () => {
    const player = new ReplayPlayer(events, 1);
    const term = terminal();
    const { screen } = await on(term, { player, speed: 1 });
    player.start(screen);
    screen.key(' ');
    for (const key of [':', ...'at 3', 'enter']) screen.key(key);
    expect(player.now()).toBe(start + 3000);
    await until(() => term.shown().includes('replay paused'));
    screen.key('left');
    expect(player.now()).toBe(start);
    screen.key('q');
    expect(await screen.ended()).toBe('leave');
    player.stop();
  });
  it('of nothing is nothing', () => {
    const player = new ReplayPlayer([], 1);
    held(player, audience());
    player.advance(10);
    player.seek(-5);
    expect(player.length).toBe(0);
  });
});
