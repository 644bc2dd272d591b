// What the middle of the screen holds, as lists of rows and texts of lines that are made only for what is visible.
import type { View } from '../view.ts';
import { connectionsPanel } from './connections-panel.ts';
import { diffPanel, diffText } from './diff-panel.ts';
import { errorsPanel, errorText } from './errors-panel.ts';
import type { Line } from './fit.ts';
import { hostPlace } from './host-place.ts';
import { hostsPanel } from './hosts-panel.ts';
import { logPanel } from './log-panel.ts';
import { resultText } from './result-text.ts';
import { sourceText } from './source-text.ts';
import { taskPlace, tasksPanel } from './tasks-panel.ts';
import type { Theme } from './theme.ts';
import type { Place, Ui } from './ui.ts';

export interface Sight {
  readonly view: View;
  readonly ui: Ui;
  readonly theme: Theme;
  /** Milliseconds since the epoch on the run's clock. */
  readonly now: number;
}

export interface ListBody {
  readonly kind: 'list';
  readonly id: string;
  readonly heading: Line;
  readonly keys: readonly string[];
  row(index: number): Line;
  /** What enter opens. */
  open?(index: number): Place | undefined;
  /** Lines about the chosen row, below the list. */
  preview?(index: number, rows: number): readonly Line[];
  readonly empty: string;
  /** Chosen as long as nobody chose. */
  readonly last?: boolean;
}
export interface TextBody {
  readonly kind: 'text';
  readonly id: string;
  readonly heading: Line;
  readonly count: number;
  line(index: number): Line;
  /** Lines come and go at both ends: positions are ids of lines. */
  readonly flow?: { idOf(index: number): number; indexOf(id: number): number };
  readonly empty: string;
}
export type Body = ListBody | TextBody;

/** The innermost place, or the panel. */
export function bodyOf(sight: Sight): Body {
  const { ui } = sight;
  const place = ui.path.at(-1);
  if (place === undefined) {
    switch (ui.panel) {
      case 'hosts':
        return hostsPanel(sight);
      case 'tasks':
        return tasksPanel(sight);
      case 'log':
        return logPanel(sight);
      case 'diff':
        return diffPanel(sight);
      case 'errors':
        return errorsPanel(sight);
      case 'connections':
        return connectionsPanel(sight);
    }
  }
  switch (place.kind) {
    case 'host':
      return hostPlace(sight, place.host);
    case 'task':
      return taskPlace(sight, place.task);
    case 'result':
      return resultText(sight, place.host, place.id);
    case 'diff':
      return diffText(sight, place.index);
    case 'error':
      return errorText(sight, place.index);
    case 'source':
      return sourceText(place.origin, place.text);
  }
}

/** The index of the chosen row; -1 in an empty list. */
export function chosenOf(body: ListBody, ui: Ui): number {
  if (body.keys.length === 0) return -1;
  const key = ui.chosen[body.id];
  const at = key === undefined ? -1 : body.keys.indexOf(key);
  return at >= 0 ? at : body.last === true ? body.keys.length - 1 : 0;
}

/** The first visible line of a text of which `rows` lines are visible. */
export function topOf(body: TextBody, ui: Ui, rows: number): number {
  const most = Math.max(0, body.count - rows);
  if (body.flow !== undefined && ui.follow) return most;
  const at = ui.scrolled[body.id];
  if (at === undefined) return body.flow === undefined ? 0 : most;
  return Math.min(most, Math.max(0, body.flow === undefined ? at : body.flow.indexOf(at)));
}
