// Every key of the screen, by what it does to the screen or asks of the run.
import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/core/event.ts';
import { KEYS } from '../../src/reporters/tui/help.ts';
import { keyNames } from '../../src/reporters/tui/mount.ts';
import { pressed, type Stepped } from '../../src/reporters/tui/keys.ts';
import { makeTheme } from '../../src/reporters/tui/theme.ts';
import { firstUi, type Ui } from '../../src/reporters/tui/ui.ts';
import { View } from '../../src/reporters/view.ts';
import { recorded } from './recorded.ts';

const theme = makeTheme({ level: 0, unicode: true });

function viewOf(count: number, until?: number, more: readonly Event[] = []): View {
  const view = new View();
  for (const event of [...recorded(count, until === undefined ? {} : { until }), ...more]) view.apply(event);
  return view;
}
function type(view: View, keys: readonly string[], from: Ui = firstUi({ rows: 40, columns: 120 })): Stepped {
  let step: Stepped = { ui: from };
  for (const key of keys) step = pressed(step.ui, key, view, theme, view.now);
  return step;
}
const held = (): View =>
  viewOf(3, 0.62, [
    { kind: 'host-status', host: 'db2', status: 'held', at: 0, seq: 0 },
    { kind: 'control', state: 'held', at: 0, seq: 0 },
  ]);

describe('keys that look', () => {
  const view = viewOf(40, 0.7);
  const cases: readonly (readonly [readonly string[], Partial<Ui>])[] = [
    [['2'], { panel: 'tasks' }],
    [['3'], { panel: 'log' }],
    [['4'], { panel: 'diff' }],
    [['5'], { panel: 'errors' }],
    [['6'], { panel: 'connections' }],
    [['2', '1'], { panel: 'hosts' }],
    [['tab'], { panel: 'tasks' }],
    [['shift-tab'], { panel: 'connections' }],
    [['d'], { panel: 'diff' }],
    [['b'], { panel: 'diff', diffBy: 'host' }],
    [['b', 'b'], { diffBy: 'file' }],
    [['!'], { failedOnly: true }],
    [['!', 'esc'], { failedOnly: false }],
    [['f'], { follow: false }],
    [['w'], { wide: true }],
    [['/', 'd', 'b', 'enter'], { filter: 'db', mode: undefined }],
    [['/', 'd', 'backspace', 'w', 'enter'], { filter: 'w' }],
    [['/', 'd', 'esc'], { filter: '', mode: undefined }],
    [['/', 'd', 'ctrl-u', 'enter'], { filter: '' }],
    [['?'], { mode: { kind: 'help' } }],
    [['?', 'x'], { mode: undefined }],
    [['q'], { mode: { kind: 'leave' } }],
    [['q', 'esc'], { mode: undefined }],
    [['l'], { panel: 'log', logOf: 'db2' }],
    [['l', 'l'], { panel: 'log', logOf: undefined }],
    [['enter'], { path: [{ kind: 'host', host: 'db2' }] }],
    [['enter', 'esc'], { path: [] }],
    [[':', 'h', 'o', 's', 't', ' ', 'w', 'e', 'b', '4', 'enter'], { path: [{ kind: 'host', host: 'web4' }] }],
    [[':', 'd', 'i', 'f', 'f', 'enter'], { panel: 'diff' }],
    [[':', 'x', 'esc'], { mode: undefined }],
  ];
  for (const [keys, expected] of cases)
    it(`${keys.join(' ')}`, () => expect(type(view, keys).ui).toMatchObject(expected));

  it('j, k, g, G, pages and arrows move the choice', () => {
    const ordered = [
      'j',
      'down',
      'k',
      'up',
      'pagedown',
      'pageup',
      'G',
      'g',
      'end',
      'home',
      'ctrl-d',
      'ctrl-u',
      'ctrl-f',
      'ctrl-b',
    ].map((key, index, keys) => type(view, keys.slice(0, index + 1)).ui.chosen['hosts']);
    expect(ordered[0]).toBe(ordered[2]);
    expect(ordered[1]).not.toBe(ordered[0]);
    expect(ordered[3]).toBe('db2');
    expect(ordered[6]).toBe(ordered[8]);
    expect(ordered[7]).toBe('db2');
    expect(ordered[13]).toBe('db2');
  });
  it('enter goes from host to result to source', () => {
    const result = type(view, ['enter', 'G', 'enter']);
    expect(result.ui.path.map(({ kind }) => kind)).toEqual(['host', 'result']);
    expect(type(view, ['enter'], result.ui).action).toEqual({
      kind: 'source',
      origin: { file: '/srv/site.yml', line: 11, column: 7 },
    });
    expect(type(view, ['o'], result.ui).action).toMatchObject({ kind: 'edit', origin: { line: 11 } });
  });
  it('enter opens tasks, differences and errors', () => {
    expect(type(view, ['2', 'g', 'enter']).ui.path).toEqual([{ kind: 'task', task: 't0' }]);
    expect(type(view, ['4', 'enter']).ui.path).toEqual([{ kind: 'diff', index: 0 }]);
    expect(type(view, ['5', 'enter']).ui.path).toEqual([{ kind: 'error', index: 0 }]);
  });
  it('y copies text without control characters', () => {
    const copied = type(view, ['3', 'y']).action;
    expect(copied?.kind === 'copy' ? copied.text : '').toMatch(/^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]+$/);
  });
  it('a log that is scrolled stands still, and follows again at its end', () => {
    const up = type(view, ['3', 'k', 'k']).ui;
    expect(up.follow).toBe(false);
    expect(type(view, ['G'], up).ui.follow).toBe(true);
  });
});

describe('keys that act', () => {
  const view = viewOf(40, 0.5);
  it.each([
    [['p'], { kind: 'pause' }],
    [['+'], { kind: 'forks', forks: 51 }],
    [['-'], { kind: 'forks', forks: 49 }],
    [[':', 'f', 'o', 'r', 'k', 's', ' ', '9', 'enter'], { kind: 'forks', forks: 9 }],
    [['e'], { kind: 'shell', host: 'db2' }],
    [['ctrl-c'], { kind: 'drain' }],
    [['q', 'w'], { kind: 'detach' }],
    [['q', 'd'], { kind: 'drain' }],
    [['q', 'a', 'y'], { kind: 'abort' }],
    [['G', 's', 'y'], { kind: 'skip', host: 'web7' }],
    [[':', 'p', 'a', 'u', 's', 'e', 'enter'], { kind: 'pause' }],
  ] as const)('%j', (keys, action) => expect(type(view, keys).action).toEqual(action));

  it('asks before what costs something', () => {
    expect(type(view, ['G', 's', 'n']).action).toBeUndefined();
    expect(type(view, ['s', 'y']).ui.mode).toBeUndefined();
    expect(type(view, ['s']).ui.note).toBe('db2 has stopped already');
    expect(type(view, ['q', 'a', 'n']).action).toBeUndefined();
    view.control = 'draining';
    expect(type(view, ['ctrl-c']).action).toBeUndefined();
    expect(type(view, ['ctrl-c', 'y']).action).toEqual({ kind: 'abort' });
    view.control = 'running';
  });
  it('p goes on when it is paused', () => {
    const paused = viewOf(3, 0.5, [{ kind: 'control', state: 'paused', at: 0, seq: 0 }]);
    expect(type(paused, ['p']).action).toEqual({ kind: 'resume' });
  });
  it('r, R, s and c decide about held hosts', () => {
    expect(type(held(), ['r']).action).toEqual({ kind: 'retry', host: 'db2' });
    expect(type(held(), ['R']).action).toEqual({ kind: 'retry-all', hosts: ['db2'] });
    expect(type(held(), ['c']).action).toEqual({ kind: 'proceed' });
    expect(type(held(), ['s', 'y']).action).toEqual({ kind: 'skip', host: 'db2' });
    expect(type(view, ['r']).action).toBeUndefined();
  });
  it('a question takes what is typed', () => {
    const asked = firstUi();
    expect(
      type(view, ['o', 'k', 'x', 'backspace', 'enter'], {
        ...asked,
        mode: { kind: 'question', text: 'sure? ', secret: false, typed: '' },
      }).action,
    ).toEqual({ kind: 'answer', text: 'ok' });
    expect(
      type(view, ['ctrl-c'], { ...asked, mode: { kind: 'question', text: 'sure? ', secret: true, typed: 'se' } })
        .action,
    ).toEqual({ kind: 'answer', text: undefined });
  });
  it('q leaves a run that is over, a applies a dry run', () => {
    expect(type(viewOf(3), ['q']).action).toEqual({ kind: 'leave' });
    expect(type(viewOf(3), ['ctrl-c']).action).toEqual({ kind: 'leave' });
    expect(type(viewOf(3), ['a'], firstUi({ confirming: true })).action).toEqual({ kind: 'apply' });
  });
  it('space, < and >, left and right have a replay in hand', () => {
    const replay = firstUi({ replay: { speed: 1, paused: false, seconds: 60 } });
    expect(type(view, [' '], replay)).toMatchObject({ action: { kind: 'pause' }, ui: { replay: { paused: true } } });
    expect(type(view, [' ', ' '], replay).action).toEqual({ kind: 'resume' });
    expect(type(view, ['>'], replay)).toMatchObject({
      action: { kind: 'speed', factor: 2 },
      ui: { replay: { speed: 2 } },
    });
    expect(type(view, ['<'], replay).action).toEqual({ kind: 'speed', factor: 0.5 });
    expect(type(view, ['left'], replay).action).toEqual({ kind: 'seek', seconds: -10 });
    expect(type(view, ['right'], replay).action).toEqual({ kind: 'seek', seconds: 10 });
    expect(type(view, ['p'], replay).action).toBeUndefined();
  });
  it('names keys as the terminal sends them, several at once too', () => {
    const none = {
      upArrow: false,
      downArrow: false,
      leftArrow: false,
      rightArrow: false,
      pageDown: false,
      pageUp: false,
      home: false,
      end: false,
      return: false,
      escape: false,
      ctrl: false,
      shift: false,
      tab: false,
      backspace: false,
      delete: false,
      meta: false,
      super: false,
      hyper: false,
      capsLock: false,
      numLock: false,
    };
    expect(keyNames('jj\r', none)).toEqual(['j', 'j', 'enter']);
    expect(keyNames('c', { ...none, ctrl: true })).toEqual(['ctrl-c']);
    expect(keyNames('', { ...none, tab: true, shift: true })).toEqual(['shift-tab']);
  });
  it('tells of every key once in the help', () => {
    const told = KEYS.map(([key]) => key);
    expect(new Set(told).size).toBe(told.length);
  });
});
