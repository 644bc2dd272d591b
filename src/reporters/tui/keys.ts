// What keys do: a pure step from one state of the screen to the next, with what is asked of the world outside.
import { formatOrigin, type Origin } from '../../core/origin.ts';
import { printable } from '../../core/printable.ts';
import type { View } from '../view.ts';
import { bodyOf, chosenOf, topOf, type Body, type Sight } from './body.ts';
import { layoutOf } from './frame.ts';
import type { Theme } from './theme.ts';
import { PANELS, type Action, type Panel, type Ui } from './ui.ts';

/** A key by its name (`up`, `enter`, `ctrl-c`, `j`), or several characters that were pasted. */
export type KeyName = string;

export interface Stepped {
  readonly ui: Ui;
  readonly action?: Action;
}

const act = (ui: Ui, action: Action, note = ''): Stepped => ({ ui: { ...ui, mode: undefined, note }, action });
const stay = (ui: Ui): Stepped => ({ ui });

/** One key pressed. */
export function pressed(given: Ui, key: KeyName, view: View, theme: Theme, now: number): Stepped {
  const ui: Ui = { ...given, note: '', touched: true };
  if (ui.mode !== undefined) return inMode(ui, key, view);
  if (key === 'ctrl-c') return interrupted(ui, view);
  const panel = PANELS[Number(key) - 1];
  if (panel !== undefined) return stay({ ...ui, panel, path: [] });
  const sight: Sight = { view, ui, theme, now };
  switch (key) {
    case 'tab':
      return stay(turned(ui, 1));
    case 'shift-tab':
      return stay(turned(ui, -1));
    case '?':
      return stay({ ...ui, mode: { kind: 'help' } });
    case '/':
      return stay({ ...ui, mode: { kind: 'filter', text: ui.filter } });
    case ':':
      return stay({ ...ui, mode: { kind: 'command', text: '' } });
    case '!':
      return stay({
        ...ui,
        failedOnly: !ui.failedOnly,
        note: ui.failedOnly ? 'all are shown' : 'only what failed is shown',
      });
    case 'f':
      return stay({ ...ui, follow: !ui.follow, note: ui.follow ? 'stands still' : 'follows the newest' });
    case 'w':
      return stay({ ...ui, wide: !ui.wide });
    case 'b':
      return stay({
        ...ui,
        panel: 'diff',
        path: [],
        diffBy: ui.diffBy === 'task' ? 'host' : ui.diffBy === 'host' ? 'file' : 'task',
      });
    case 'd':
      return stay({ ...ui, panel: 'diff', path: [] });
    case 'l': {
      const host = ui.panel === 'log' && ui.path.length === 0 ? undefined : hostOf(sight);
      return stay({
        ...ui,
        panel: 'log',
        path: [],
        logOf: ui.panel === 'log' && ui.logOf !== undefined ? undefined : host,
      });
    }
    case 'esc':
      if (ui.path.length > 0) return stay({ ...ui, path: ui.path.slice(0, -1) });
      if (ui.filter !== '' || ui.failedOnly) return stay({ ...ui, filter: '', failedOnly: false });
      if (ui.logOf !== undefined) return stay({ ...ui, logOf: undefined });
      return stay({ ...ui, panel: 'hosts', chosen: {} });
    case 'q':
      if (view.end !== undefined || ui.replay !== undefined) return act(ui, { kind: 'leave' });
      return stay({ ...ui, mode: { kind: 'leave' } });
    case 'a':
      return ui.confirming && view.end !== undefined ? act(ui, { kind: 'apply' }) : stay(ui);
    case 'o': {
      const origin = originOf(sight);
      return origin === undefined
        ? stay({ ...ui, note: 'nothing here has a source line' })
        : act(ui, { kind: 'edit', origin });
    }
    case 'y':
      return act(ui, { kind: 'copy', text: textOf(sight) }, 'copied');
    case ' ':
      return ui.replay === undefined
        ? stay(ui)
        : act(
            { ...ui, replay: { ...ui.replay, paused: !ui.replay.paused } },
            { kind: ui.replay.paused ? 'resume' : 'pause' },
          );
    case '<':
    case '>':
      return paced(ui, (ui.replay?.speed ?? 1) * (key === '>' ? 2 : 0.5));
    case 'left':
    case 'right':
      return ui.replay === undefined
        ? key === 'left' && ui.path.length > 0
          ? stay({ ...ui, path: ui.path.slice(0, -1) })
          : stay(ui)
        : act(ui, { kind: 'seek', seconds: key === 'left' ? -10 : 10 });
    case 'e':
    case 'r':
    case 'R':
    case 's':
    case 'c':
    case 'p':
    case '+':
    case '=':
    case '-':
      return ui.replay === undefined
        ? controlled(ui, key, sight)
        : stay({ ...ui, note: 'a recorded run cannot be changed' });
    default:
      return moved(ui, key, sight);
  }
}

function turned(ui: Ui, by: 1 | -1): Ui {
  const panel = PANELS[(PANELS.indexOf(ui.panel) + by + PANELS.length) % PANELS.length] as Panel;
  return { ...ui, panel, path: [] };
}

function paced(ui: Ui, speed: number): Stepped {
  if (ui.replay === undefined) return stay(ui);
  const factor = Math.min(1024, Math.max(0.125, speed));
  return act({ ...ui, replay: { ...ui.replay, speed: factor, paused: false } }, { kind: 'speed', factor });
}

function interrupted(ui: Ui, view: View): Stepped {
  if (view.end !== undefined || ui.replay !== undefined) return act(ui, { kind: 'leave' });
  if (view.control === 'draining')
    return stay({
      ...ui,
      mode: {
        kind: 'confirm',
        question: `end the commands on ${runningOf(view)} now? what they have begun stays half done`,
        action: { kind: 'abort' },
      },
    });
  if (view.control === 'aborting') return stay({ ...ui, note: 'the commands on the hosts are being ended' });
  return act(
    ui,
    { kind: 'drain' },
    'running tasks end, no new one begins; ctrl-c again ends the commands on the hosts',
  );
}

function runningOf(view: View): string {
  let count = 0;
  for (const row of view.hosts.values()) if (row.state === 'running') count += 1;
  return `${count} host${count === 1 ? '' : 's'}`;
}

/** Keys that act on the run. */
function controlled(ui: Ui, key: KeyName, sight: Sight): Stepped {
  const { view } = sight;
  const host = hostOf(sight);
  const row = host === undefined ? undefined : view.hosts.get(host);
  if (key === 'e')
    return host === undefined ? stay({ ...ui, note: 'choose a host first' }) : act(ui, { kind: 'shell', host });
  if (view.end !== undefined) return stay({ ...ui, note: 'the run is over' });
  switch (key) {
    case 'p':
      return view.control === 'paused'
        ? act(ui, { kind: 'resume' })
        : act(ui, { kind: 'pause' }, 'pauses before the next task; p goes on');
    case '+':
    case '=':
      return act(ui, { kind: 'forks', forks: view.forks + 1 }, `forks ${view.forks + 1}`);
    case '-':
      return act(ui, { kind: 'forks', forks: Math.max(1, view.forks - 1) }, `forks ${Math.max(1, view.forks - 1)}`);
    case 'c':
      return view.held
        ? act(ui, { kind: 'proceed' }, 'going on without them')
        : stay({ ...ui, note: 'no host is held' });
    case 'R': {
      const hosts = [...view.hosts.values()].filter((each) => each.held).map((each) => each.name);
      return hosts.length === 0
        ? stay({ ...ui, note: 'no host is held' })
        : act(ui, { kind: 'retry-all', hosts }, `trying ${hosts.length} host${hosts.length === 1 ? '' : 's'} again`);
    }
    case 'r':
      if (row === undefined) return stay({ ...ui, note: 'choose a host first' });
      return row.held
        ? act(ui, { kind: 'retry', host: row.name }, `trying ${row.name} again`)
        : stay({ ...ui, note: `${row.name} does not wait to be tried again` });
    default:
      if (row === undefined) return stay({ ...ui, note: 'choose a host first' });
      if (row.state === 'done') return stay({ ...ui, note: `${row.name} is done` });
      if ((row.state === 'failed' || row.state === 'unreachable') && !row.held)
        return stay({ ...ui, note: `${row.name} has stopped already` });
      return stay({
        ...ui,
        mode: {
          kind: 'confirm',
          question: row.held ? `give ${row.name} up?` : `leave ${row.name} out of all that follows?`,
          action: { kind: 'skip', host: row.name },
        },
      });
  }
}

/** Up and down, in and out. */
function moved(ui: Ui, key: KeyName, sight: Sight): Stepped {
  const { body, rows } = layoutOf(sight);
  const page = Math.max(1, rows - 1);
  const steps: Readonly<Record<string, number>> = {
    j: 1,
    down: 1,
    k: -1,
    up: -1,
    pagedown: page,
    pageup: -page,
    'ctrl-f': page,
    'ctrl-b': -page,
    'ctrl-d': page >> 1,
    'ctrl-u': -(page >> 1),
    g: -Infinity,
    home: -Infinity,
    G: Infinity,
    end: Infinity,
  };
  const step = steps[key];
  if (step !== undefined) return stay(shifted(ui, body, step, rows));
  if (key !== 'enter') return stay(ui);
  if (body.kind === 'list') {
    const at = chosenOf(body, ui);
    const place = at < 0 ? undefined : body.open?.(at);
    return place === undefined ? stay(ui) : stay({ ...ui, path: [...ui.path, place] });
  }
  const origin = originOf(sight);
  return origin === undefined || ui.path.at(-1)?.kind === 'source' ? stay(ui) : act(ui, { kind: 'source', origin });
}

function shifted(ui: Ui, body: Body, step: number, rows: number): Ui {
  if (body.kind === 'list') {
    if (body.keys.length === 0) return ui;
    const at = Math.min(body.keys.length - 1, Math.max(0, chosenOf(body, ui) + step));
    return { ...ui, chosen: { ...ui.chosen, [body.id]: body.keys[at] as string } };
  }
  const most = Math.max(0, body.count - rows);
  const at = Math.min(most, Math.max(0, topOf(body, ui, rows) + step));
  if (body.flow === undefined) return { ...ui, scrolled: { ...ui.scrolled, [body.id]: at } };
  // At its end a log is followed again.
  if (at >= most && step > 0) return { ...ui, follow: true };
  return { ...ui, follow: false, scrolled: { ...ui.scrolled, [body.id]: body.flow.idOf(at) } };
}

/** The host that is meant: the one drilled into, or the chosen row's. */
export function hostOf(sight: Sight): string | undefined {
  const { ui } = sight;
  for (const place of ui.path.toReversed()) if (place.kind === 'host' || place.kind === 'result') return place.host;
  if (ui.panel === 'log' && ui.path.length === 0) return ui.logOf;
  const body = bodyOf(sight);
  if (body.kind !== 'list') return undefined;
  const at = chosenOf(body, ui);
  const place = at < 0 ? undefined : body.open?.(at);
  return place?.kind === 'host' || place?.kind === 'result' ? place.host : undefined;
}

/** Where what is chosen is written. */
function originOf(sight: Sight): Origin | undefined {
  const { ui, view } = sight;
  const body = bodyOf(sight);
  const chosen = body.kind === 'list' ? chosenOf(body, ui) : -1;
  const place = body.kind === 'list' && chosen >= 0 ? (body.open?.(chosen) ?? ui.path.at(-1)) : ui.path.at(-1);
  switch (place?.kind) {
    case undefined:
      return undefined;
    case 'source':
      return place.origin;
    case 'task':
      return view.taskById.get(place.task)?.ref.origin;
    case 'host':
      return view.taskById.get(view.hosts.get(place.host)?.task ?? '')?.ref.origin;
    case 'result':
      return view.taskById.get(view.results(place.host).find((each) => each.id === place.id)?.task ?? '')?.ref.origin;
    case 'diff':
      return view.taskById.get(view.diffs[place.index]?.task ?? '')?.ref.origin;
    case 'error':
      return view.taskById.get(view.errors[place.index]?.task ?? '')?.ref.origin;
  }
}

/** What `y` copies: the text shown, or the chosen row. */
function textOf(sight: Sight): string {
  const { ui } = sight;
  const body = bodyOf(sight);
  const plain = (line: readonly (readonly [string, unknown?])[]): string =>
    line
      .map(([text]) => text)
      .join('')
      .trimEnd();
  if (body.kind === 'list') {
    const at = chosenOf(body, ui);
    return at < 0 ? '' : printable(plain(body.row(at)));
  }
  const place = ui.path.at(-1);
  if (place?.kind === 'source') return formatOrigin(place.origin);
  const lines: string[] = [];
  for (let at = 0; at < Math.min(body.count, 5000); at += 1) lines.push(plain(body.line(at)));
  return printable(lines.join('\n'));
}

// ---- what is in the foreground ---------------------------------------------------------------------------------------------------------------

function inMode(ui: Ui, key: KeyName, view: View): Stepped {
  const { mode } = ui;
  switch (mode?.kind) {
    case undefined:
      return stay(ui);
    case 'help':
      return stay({ ...ui, mode: undefined });
    case 'confirm':
      if (key === 'y' || key === 'Y' || (key === 'ctrl-c' && mode.action.kind === 'abort')) return act(ui, mode.action);
      return stay({ ...ui, mode: undefined });
    case 'leave':
      if (key === 'w') return act(ui, { kind: 'detach' });
      if (key === 'd' || key === 'ctrl-c') return interrupted({ ...ui, mode: undefined }, view);
      if (key === 'a')
        return stay({
          ...ui,
          mode: {
            kind: 'confirm',
            question: `end the commands on ${runningOf(view)} now? what they have begun stays half done`,
            action: { kind: 'abort' },
          },
        });
      return key === 'esc' || key === 'q' ? stay({ ...ui, mode: undefined }) : stay(ui);
    case 'filter':
      if (key === 'enter') return stay({ ...ui, mode: undefined });
      if (key === 'esc' || key === 'ctrl-c') return stay({ ...ui, mode: undefined, filter: '' });
      return typed(ui, mode.text, key, (text) => ({ ...ui, filter: text, mode: { kind: 'filter', text } }));
    case 'command':
      if (key === 'enter') return commanded({ ...ui, mode: undefined }, mode.text, view);
      if (key === 'esc' || key === 'ctrl-c') return stay({ ...ui, mode: undefined });
      return typed(ui, mode.text, key, (text) => ({ ...ui, mode: { kind: 'command', text } }));
    case 'question':
      if (key === 'enter') return act(ui, { kind: 'answer', text: mode.typed });
      if (key === 'ctrl-c') return act(ui, { kind: 'answer', text: undefined });
      return typed(ui, mode.typed, key, (text) => ({ ...ui, mode: { ...mode, typed: text } }));
  }
}

const NAMED = new Set([
  'up',
  'down',
  'left',
  'right',
  'pageup',
  'pagedown',
  'home',
  'end',
  'tab',
  'shift-tab',
  'esc',
  'enter',
  'backspace',
]);

function typed(ui: Ui, before: string, key: KeyName, next: (text: string) => Ui): Stepped {
  if (key === 'backspace') return stay(next([...before].slice(0, -1).join('')));
  if (key === 'ctrl-u') return stay(next(''));
  if (NAMED.has(key) || key.startsWith('ctrl-')) return stay(ui);
  return stay(next(before + key.replace(/[\u0000-\u001f\u007f]/g, '')));
}

/** `90`, `1:30`, `1:02:03`. */
function secondsOf(text: string): number | undefined {
  if (!/^\d+(:[0-5]?\d){0,2}(\.\d+)?$/.test(text)) return undefined;
  return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

function commanded(ui: Ui, text: string, view: View): Stepped {
  const [word = '', ...rest] = text.trim().split(/\s+/);
  const argument = rest.join(' ');
  const running = view.end === undefined && ui.replay === undefined;
  const panel = PANELS.find((each) => each === word);
  if (panel !== undefined) return stay({ ...ui, panel, path: [] });
  switch (word) {
    case '':
      return stay(ui);
    case 'q':
    case 'quit':
      return running ? stay({ ...ui, mode: { kind: 'leave' } }) : act(ui, { kind: 'leave' });
    case 'host': {
      const host = view.hosts.has(argument)
        ? argument
        : [...view.hosts.keys()].find((name) => argument !== '' && name.includes(argument));
      return host === undefined
        ? stay({ ...ui, note: `there is no host "${argument}"` })
        : stay({ ...ui, panel: 'hosts', path: [{ kind: 'host', host }] });
    }
    case 'filter':
      return stay({ ...ui, filter: argument });
    case 'help':
      return stay({ ...ui, mode: { kind: 'help' } });
    case 'at': {
      const seconds = secondsOf(argument);
      return ui.replay === undefined || seconds === undefined
        ? stay({ ...ui, note: 'at takes a time such as 90 or 1:30, in a replay' })
        : act(ui, { kind: 'seek-to', seconds });
    }
    case 'speed':
      return ui.replay !== undefined && Number(argument) > 0
        ? paced(ui, Number(argument))
        : stay({ ...ui, note: 'speed takes a number, in a replay' });
    case 'forks': {
      const forks = Number(argument);
      if (!running || !Number.isInteger(forks) || forks < 1)
        return stay({ ...ui, note: 'forks takes a whole number of at least 1, while the run goes on' });
      return act(ui, { kind: 'forks', forks }, `forks ${forks}`);
    }
    case 'pause':
    case 'drain':
    case 'abort':
    case 'go': {
      if (!running) return stay({ ...ui, note: 'the run is over' });
      if (word === 'abort')
        return stay({
          ...ui,
          mode: {
            kind: 'confirm',
            question: `end the commands on ${runningOf(view)} now? what they have begun stays half done`,
            action: { kind: 'abort' },
          },
        });
      return act(ui, { kind: word === 'go' ? (view.held ? 'proceed' : 'resume') : word });
    }
    default:
      return stay({ ...ui, note: `there is no command "${word}"` });
  }
}
