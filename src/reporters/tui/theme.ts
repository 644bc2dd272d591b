// How a screen looks: styles by meaning and glyphs that tell states apart without colour; plain ASCII where the terminal knows no more.
import { Chalk } from 'chalk';

export type Style =
  | 'plain'
  | 'dim'
  | 'bold'
  | 'ok'
  | 'changed'
  | 'failed'
  | 'unreachable'
  | 'skipped'
  | 'unknown'
  | 'running'
  | 'waiting'
  | 'stopped'
  | 'added'
  | 'removed'
  | 'hunk'
  | 'title'
  | 'selected'
  | 'alert';
export type GlyphName =
  | 'ok'
  | 'changed'
  | 'failed'
  | 'unreachable'
  | 'skipped'
  | 'unknown'
  | 'running'
  | 'waiting'
  | 'stopped';

export interface Theme {
  readonly unicode: boolean;
  readonly paint: Readonly<Record<Style, (text: string) => string>>;
  readonly glyph: Readonly<Record<GlyphName, string>>;
  /** Full and empty parts of a bar. */
  readonly bar: readonly [string, string];
  readonly rule: string;
  readonly cursor: string;
  readonly ellipsis: string;
  readonly arrow: string;
}

const UNICODE: Theme['glyph'] = {
  ok: '✓',
  changed: '~',
  failed: '✗',
  unreachable: '!',
  skipped: '-',
  unknown: '?',
  running: '▸',
  waiting: '·',
  stopped: '=',
};
const ASCII: Theme['glyph'] = {
  ok: '+',
  changed: '~',
  failed: 'X',
  unreachable: '!',
  skipped: '-',
  unknown: '?',
  running: '>',
  waiting: '.',
  stopped: '=',
};

/** `level`: chalk's, 0 for no colour at all. */
export function makeTheme({ level, unicode }: { readonly level: 0 | 1 | 2 | 3; readonly unicode: boolean }): Theme {
  const chalk = new Chalk({ level });
  const paint: Record<Style, (text: string) => string> = {
    plain: (text) => text,
    dim: chalk.dim,
    bold: chalk.bold,
    ok: chalk.green,
    changed: chalk.yellow,
    failed: chalk.red,
    unreachable: chalk.redBright,
    skipped: chalk.cyan,
    unknown: chalk.magenta,
    running: chalk.blueBright,
    waiting: chalk.dim,
    stopped: chalk.magenta,
    added: chalk.green,
    removed: chalk.red,
    hunk: chalk.cyan,
    title: chalk.bold.cyan,
    selected: chalk.inverse,
    alert: chalk.black.bgYellow,
  };
  return {
    unicode,
    paint,
    glyph: unicode ? UNICODE : ASCII,
    bar: unicode ? ['█', '░'] : ['#', '-'],
    rule: unicode ? '─' : '-',
    cursor: unicode ? '▌' : '>',
    ellipsis: unicode ? '…' : '~',
    arrow: unicode ? '›' : '>',
  };
}
