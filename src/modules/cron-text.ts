// The lines of a crontab: Ansible's own form, so that jobs of either program are found by the other.
import { line } from './parts/text-edit.ts';

const MARK = '#Ansible: ';

export interface CronWish {
  readonly name: string;
  readonly job?: string | undefined;
  readonly state: 'absent' | 'present';
  readonly minute: string;
  readonly hour: string;
  readonly day: string;
  readonly month: string;
  readonly weekday: string;
  readonly special_time?: string | undefined;
  readonly disabled: boolean;
  readonly env: boolean;
  readonly insertafter?: string | undefined;
  readonly insertbefore?: string | undefined;
  /** In a file below /etc/cron.d: who runs it. */
  readonly account?: string;
}

export function editCron(lines: readonly string[], wish: CronWish): readonly string[] {
  return wish.env ? editVariable(lines, wish) : editJob(lines, wish);
}

function editJob(lines: readonly string[], wish: CronWish): readonly string[] {
  const bytes = wish.account !== undefined;
  const mark = `${MARK}${bytes ? line(wish.name) : wish.name}`;
  const at = lines.findIndex((text) => text.trimEnd() === mark);
  // A mark that stands there twice goes twice.
  if (wish.state === 'absent')
    return at < 0
      ? lines
      : editJob([...lines.slice(0, at), ...lines.slice(at + (lines[at + 1]?.startsWith(MARK) === true ? 1 : 2))], wish);
  const entry = entryOf(wish, bytes);
  if (at >= 0) return lines[at + 1] === entry ? lines : [...lines.slice(0, at), mark, entry, ...lines.slice(at + 2)];
  // A job that somebody wrote by hand gets its name; Ansible does the same.
  const bare = lines.findIndex((text, index) => text === entry && !(lines[index - 1] ?? '').startsWith(MARK));
  return bare >= 0 ? [...lines.slice(0, bare), mark, ...lines.slice(bare)] : [...lines, mark, entry];
}

function entryOf(wish: CronWish, bytes: boolean): string {
  const job = (wish.job ?? '').replace(/^[\r\n]+|[\r\n]+$/g, '');
  const when =
    wish.special_time === undefined
      ? [wish.minute, wish.hour, wish.day, wish.month, wish.weekday].map((part) => part.trim()).join(' ')
      : `@${wish.special_time}`;
  return `${wish.disabled ? '#' : ''}${when} ${wish.account === undefined ? '' : `${wish.account} `}${bytes ? line(job) : job}`;
}

function editVariable(lines: readonly string[], wish: CronWish): readonly string[] {
  const bytes = wish.account !== undefined;
  const at = placeOf(lines, wish.name);
  if (wish.state === 'absent')
    return at < 0 ? lines : editVariable([...lines.slice(0, at), ...lines.slice(at + 1)], wish);
  const entry = `${wish.name}="${bytes ? line(wish.job ?? '') : (wish.job ?? '')}"`;
  if (at >= 0) return lines[at] === entry ? lines : [...lines.slice(0, at), entry, ...lines.slice(at + 1)];
  const anchor = wish.insertafter ?? wish.insertbefore;
  const found = anchor === undefined ? -1 : placeOf(lines, anchor);
  if (found < 0) return [entry, ...lines];
  const place = wish.insertafter === undefined ? found : found + 1;
  return [...lines.slice(0, place), entry, ...lines.slice(place)];
}

/** The variable beside which a new one is to stand, where there is none of that name. */
export function missingAnchor(
  lines: readonly string[],
  wish: Pick<CronWish, 'name' | 'state' | 'env' | 'insertafter' | 'insertbefore'>,
): string | undefined {
  const anchor = wish.insertafter ?? wish.insertbefore;
  return anchor !== undefined &&
    wish.env &&
    wish.state === 'present' &&
    placeOf(lines, wish.name) < 0 &&
    placeOf(lines, anchor) < 0
    ? anchor
    : undefined;
}

function placeOf(lines: readonly string[], variable: string): number {
  return lines.findIndex((text) => new RegExp(`^${variable.replace(/[^A-Za-z0-9_]/g, '\\$&')}=`).test(text));
}

export function jobNames(lines: readonly string[]): string[] {
  return lines.filter((text) => text.startsWith(MARK)).map((text) => text.slice(MARK.length).trimEnd());
}
export function variableNames(lines: readonly string[]): string[] {
  return lines.map((text) => /^([A-Za-z_]\S*)=/.exec(text)?.[1]).filter((name) => name !== undefined);
}
