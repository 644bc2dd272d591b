// The screen as text for recorded runs: snapshots, and frames that always fit.
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/core/event.ts';
import { renderFrame } from '../../src/reporters/tui/frame.ts';
import { pressed } from '../../src/reporters/tui/keys.ts';
import { makeTheme } from '../../src/reporters/tui/theme.ts';
import { firstUi, PANELS } from '../../src/reporters/tui/ui.ts';
import { View } from '../../src/reporters/view.ts';
import { recorded } from './recorded.ts';

const plain = makeTheme({ level: 0, unicode: true });
const ascii = makeTheme({ level: 0, unicode: false });
const coloured = makeTheme({ level: 3, unicode: true });

function viewOf(count: number, until?: number): View {
  const view = new View();
  for (const event of recorded(count, until === undefined ? {} : { until })) view.apply(event);
  return view;
}

describe('frames of recorded runs', () => {
  for (const count of [1, 3, 40, 1000]) {
    for (const [rows, columns] of [
      [24, 80],
      [40, 120],
      [60, 200],
    ] as const) {
      for (const [name, until] of [
        ['under-way', 0.55],
        ['end', undefined],
      ] as const) {
        it(`shows ${count} hosts at ${columns}x${rows}, ${name}`, async () => {
          const view = viewOf(count, until);
          const frame = renderFrame(view, firstUi({ rows, columns }), { rows, columns }, plain, view.now + 2000);
          expect(frame.length).toBe(rows - 1);
          await expect(`${frame.map((line) => line.trimEnd()).join('\n')}\n`).toMatchFileSnapshot(
            join(import.meta.dirname, 'frames', `${count}-${columns}x${rows}-${name}.txt`),
          );
        });
      }
    }
  }
  for (const count of [1, 40]) {
    for (const [rows, columns] of [
      [24, 80],
      [40, 120],
    ] as const) {
      it(`shows ${count} hosts before and when a host is held, at ${columns}x${rows}`, async () => {
        const begun = viewOf(count, 0.02);
        const held = viewOf(count, 0.6);
        const host = [...held.hosts.values()].find((row) => row.state === 'failed')?.name ?? 'web1';
        for (const event of [
          { kind: 'host-status', host, status: 'held' },
          { kind: 'control', state: 'held' },
        ] as const)
          held.apply({ ...event, at: held.now, seq: 0 });
        const frames = [begun, held].map((view) =>
          renderFrame(view, firstUi({ rows, columns }), { rows, columns }, plain, view.now + 2000)
            .map((line) => line.trimEnd())
            .join('\n'),
        );
        await expect(`${frames.join('\n=====\n')}\n`).toMatchFileSnapshot(
          join(import.meta.dirname, 'frames', `${count}-${columns}x${rows}-begun-and-held.txt`),
        );
      });
    }
  }
  it('breaks long lines of a result and an error, and cuts none', () => {
    const long = `${'a long message from the host '.repeat(20)}END`;
    const view = new View();
    for (const event of recorded(1))
      view.apply(
        event.kind === 'host-end' && event.task === 't0'
          ? { ...event, outcome: { kind: 'failed', result: { failed: true, msg: long, 日本: '語'.repeat(100) } } }
          : event,
      );
    const ui = { ...firstUi(), path: [{ kind: 'result', host: 'web1', id: 1 } as const] };
    const text = renderFrame(view, ui, { rows: 40, columns: 50 }, plain, view.now)
      .map((line) => line.trim())
      .join('');
    expect(text).toContain('END');
    expect(text.match(/語/g)).toHaveLength(100);
  });
  const places: Readonly<Record<string, readonly string[]>> = {
    host: ['enter'],
    result: ['enter', 'G', 'enter'],
    source: ['enter', 'G', 'enter'],
    task: ['2', 'g', 'j', 'enter'],
    diff: ['4', 'enter'],
    error: ['5', 'enter'],
    help: ['?'],
    leave: ['q'],
    abort: ['q', 'a'],
    skip: ['j', 'j', 'j', 's'],
    filter: ['/', 'd', 'b'],
    'failed-only': ['!'],
    command: [':', 'f'],
  };
  for (const [name, keys] of Object.entries(places)) {
    it(`shows ${name} at 80x24`, async () => {
      const view = viewOf(40, 0.7);
      let ui = firstUi();
      for (const key of keys) ui = pressed(ui, key, view, plain, view.now).ui;
      if (name === 'source')
        ui = {
          ...ui,
          path: [
            ...ui.path,
            {
              kind: 'source',
              origin: { file: '/srv/site.yml', line: 3, column: 7 },
              text: '- hosts: all\n  tasks:\n    - name: create users\n      user: {name: x}\n',
            },
          ],
        };
      const frame = renderFrame(view, ui, { rows: 24, columns: 80 }, plain, view.now + 2000);
      expect(frame.length).toBe(23);
      await expect(`${frame.map((line) => line.trimEnd()).join('\n')}\n`).toMatchFileSnapshot(
        join(import.meta.dirname, 'frames', `place-${name}.txt`),
      );
    });
  }
  it('keeps the keys beside what a key did, and lets nobody wait while the hosts that did are tried again', () => {
    const view = viewOf(4, 0.6);
    const host = [...view.hosts.keys()][0] ?? '';
    const apply = (...events: readonly Event[]): void => {
      for (const event of events) view.apply({ ...event, at: view.now, seq: 0 } as Event);
    };
    const last = (lines: number): string[] =>
      renderFrame(view, { ...firstUi(), note: 'trying 1 host again' }, { rows: 24, columns: 80 }, plain, view.now)
        .slice(-lines)
        .map((line) => line.trimEnd());
    apply({ kind: 'host-status', host, status: 'held' } as Event, { kind: 'control', state: 'held' } as Event);
    expect(last(5).join('\n')).toContain('1 host failed and waits for you');
    apply({ kind: 'host-status', host, status: 'running' } as Event);
    expect(last(5).join('\n')).not.toContain('for you');
    expect(last(1)).toEqual([' trying 1 host again  ? help  p pause  q leave  enter look closer  tab panel']);
  });
  for (const panel of PANELS) {
    it(`shows the panel ${panel}`, async () => {
      const view = viewOf(40, 0.7);
      const frame = renderFrame(
        view,
        firstUi({ rows: 30, columns: 100, panel }),
        { rows: 30, columns: 100 },
        ascii,
        view.now + 2000,
      );
      await expect(`${frame.map((line) => line.trimEnd()).join('\n')}\n`).toMatchFileSnapshot(
        join(import.meta.dirname, 'frames', `panel-${panel}-ascii.txt`),
      );
    });
  }
  it('writes nothing but ASCII where the terminal knows no more', () => {
    const view = viewOf(3, 0.3);
    for (const panel of PANELS)
      expect(renderFrame(view, firstUi({ panel }), { rows: 24, columns: 80 }, ascii, view.now).join('')).toMatch(
        /^[ -~]*$/,
      );
  });
});

describe('a storm of sizes and keys', () => {
  it('never gives a frame that is taller or wider than the screen', () => {
    const views = [viewOf(1, 0.5), viewOf(3), viewOf(40, 0.6), viewOf(400, 0.5), new View()];
    const keys = [
      'tab',
      'j',
      'j',
      'enter',
      'enter',
      'G',
      'k',
      'esc',
      '/',
      'w',
      'esc',
      '?',
      'x',
      'q',
      'esc',
      '!',
      'd',
      'b',
      'enter',
      '5',
      'enter',
      'l',
      'f',
      'k',
      'w',
      ':',
      'h',
      'esc',
      's',
      'n',
      'ctrl-c',
    ];
    let random = 7;
    const next = (below: number): number => {
      random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((random / 2 ** 32) * below);
    };
    for (const view of views) {
      let ui = firstUi();
      for (let step = 0; step < 150; step += 1) {
        const rows = 1 + next(70);
        const columns = 1 + next(220);
        ui = pressed({ ...ui, rows, columns }, keys[next(keys.length)] as string, view, coloured, view.now).ui;
        const frame = renderFrame(view, ui, { rows, columns }, coloured, view.now);
        expect(frame.length).toBeLessThanOrEqual(Math.max(1, rows - 1));
        for (const line of frame) {
          const shown = stripVTControlCharacters(line);
          if (stringWidth(shown) > columns) expect({ line: shown, width: stringWidth(shown), columns }).toBeUndefined();
          expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        }
      }
    }
  });
});
