// ansible.cfg: sections of `key = value`, read as Python's configparser does with Ansible's options, each value with its place.
import { UsageError } from '../core/error.ts';
import type { Origin } from '../core/origin.ts';

export interface WrittenSetting {
  readonly section: string;
  /** Lower case. */
  readonly key: string;
  readonly value: string;
  readonly origin: Origin;
}

/** All settings of a file; of one written twice the last counts. Throws a `UsageError` with the line for what is no such file. */
export function parseConfigFile(text: string, file: string): readonly WrittenSetting[] {
  const settings = new Map<string, { section: string; key: string; lines: string[]; origin: Origin }>();
  let section: string | undefined;
  let current: { lines: string[]; indent: number } | undefined;
  text.split(/\r\n|\n|\r/).forEach((raw, index) => {
    const origin: Origin = { file, line: index + 1, column: raw.length - raw.trimStart().length + 1 };
    // A semicolon behind a blank begins a comment anywhere, a hash only at the start of a line.
    const comment = /(?:^|\s);/.exec(raw);
    const line = (comment === null ? raw : raw.slice(0, comment.index)).trimEnd();
    const content = line.trim();
    if (content.startsWith('#') || content === '') {
      if (content === '' && raw.trim() === '' && current !== undefined) current.lines.push('');
      return;
    }
    const indent = line.length - line.trimStart().length;
    if (current !== undefined && indent > current.indent) {
      current.lines.push(content);
      return;
    }
    const header = /^\[(.+)\]/.exec(content);
    if (header !== null) {
      section = header[1] ?? '';
      current = undefined;
      return;
    }
    if (section === undefined) throw new UsageError('a setting stands before the first [section]', { origin });
    const match = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(content);
    if (match === null) throw new UsageError(`"${content}" is no setting`, { origin, hint: 'write key = value' });
    const key = (match[1] ?? '').toLowerCase();
    current = { lines: [match[2] ?? ''], indent };
    settings.set(`${section}.${key}`, { section, key, lines: current.lines, origin });
  });
  return Array.from(settings.values(), ({ lines, ...setting }) => ({ ...setting, value: lines.join('\n').trim() }));
}
