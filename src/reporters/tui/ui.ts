// What the person at the screen has chosen: panel, selection, filters, questions; changed only by keys.ts.
import type { Origin } from '../../core/origin.ts';

export const PANELS = ['hosts', 'tasks', 'log', 'diff', 'errors', 'connections'] as const;
export type Panel = (typeof PANELS)[number];

/** Where one has drilled down to; the innermost is shown. */
export type Place =
  | { readonly kind: 'host'; readonly host: string }
  | { readonly kind: 'task'; readonly task: string }
  | { readonly kind: 'result'; readonly host: string; readonly id: number }
  | { readonly kind: 'diff'; readonly index: number }
  | { readonly kind: 'error'; readonly index: number }
  | { readonly kind: 'source'; readonly origin: Origin; readonly text: string };

/** What is in the foreground and takes the keys. */
export type Mode =
  | { readonly kind: 'filter'; readonly text: string }
  | { readonly kind: 'command'; readonly text: string }
  | { readonly kind: 'help' }
  | { readonly kind: 'leave' }
  | { readonly kind: 'confirm'; readonly question: string; readonly action: Action }
  | { readonly kind: 'question'; readonly text: string; readonly secret: boolean; readonly typed: string };

/** What a key asks of the world outside of the screen. */
export type Action =
  | { readonly kind: 'retry' | 'skip' | 'shell'; readonly host: string }
  | { readonly kind: 'pause' | 'resume' | 'drain' | 'abort' | 'proceed' | 'detach' | 'leave' | 'apply' }
  | { readonly kind: 'retry-all'; readonly hosts: readonly string[] }
  | { readonly kind: 'forks'; readonly forks: number }
  | { readonly kind: 'edit' | 'source'; readonly origin: Origin }
  | { readonly kind: 'copy'; readonly text: string }
  | { readonly kind: 'answer'; readonly text: string | undefined }
  | { readonly kind: 'speed'; readonly factor: number }
  /** By so many seconds, or to a time of the run. */
  | { readonly kind: 'seek' | 'seek-to'; readonly seconds: number };

export interface Ui {
  readonly panel: Panel;
  readonly path: readonly Place[];
  /** The chosen row of each list by its key, so that it stays chosen when rows move. */
  readonly chosen: Readonly<Record<string, string>>;
  /** First line shown of each text, by its id; absent: the beginning, or for what follows the end. */
  readonly scrolled: Readonly<Record<string, number>>;
  readonly filter: string;
  readonly failedOnly: boolean;
  /** The log stays at its newest line. */
  readonly follow: boolean;
  readonly wide: boolean;
  /** Only the log of this host. */
  readonly logOf: string | undefined;
  readonly diffBy: 'task' | 'host' | 'file';
  readonly mode: Mode | undefined;
  readonly note: string;
  readonly rows: number;
  readonly columns: number;
  /** A recorded run is told again; `seconds`: how long it took. */
  readonly replay: { readonly speed: number; readonly paused: boolean; readonly seconds: number } | undefined;
  /** A dry run that can be applied. */
  readonly confirming: boolean;
  /** Whether somebody has pressed a key since the run ended. */
  readonly touched: boolean;
}

export function firstUi(given: Partial<Pick<Ui, 'rows' | 'columns' | 'replay' | 'confirming' | 'panel'>> = {}): Ui {
  return {
    panel: 'hosts',
    path: [],
    chosen: {},
    scrolled: {},
    filter: '',
    failedOnly: false,
    follow: true,
    wide: false,
    logOf: undefined,
    diffBy: 'task',
    mode: undefined,
    note: '',
    rows: 24,
    columns: 80,
    replay: undefined,
    confirming: false,
    touched: false,
    ...given,
  };
}
