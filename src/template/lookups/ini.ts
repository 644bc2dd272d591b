// INI files as Python's configparser reads them, and Java properties.
import { PythonError } from '../special.ts';

/** Entries by section; null for one that is there without a value. */
export type Sections = Map<string, Map<string, string | null>>;

/** Sections with their entries; those of DEFAULT are in all. With `raw`, no entry stands for another, and DEFAULT is there by itself too. Throws PythonError. */
export function parseIni(
  source: string,
  caseSensitive: boolean,
  name: string,
  allowNoValue = false,
  raw = false,
): Sections {
  const sections: Sections = new Map();
  const defaults = new Map<string, string | null>();
  let current: Map<string, string | null> | undefined;
  let key: string | undefined;
  let section = '';
  let indent = 0;
  for (const line of source.split(/\r?\n/)) {
    const text = line.trim();
    const own = line.length - line.trimStart().length;
    if (text === '') {
      if (key !== undefined && typeof current?.get(key) === 'string') current.set(key, `${current.get(key) ?? ''}\n`);
      continue;
    }
    if (/^[#;]/.test(text)) continue;
    if (key !== undefined && current !== undefined && own > indent) {
      current.set(key, `${current.get(key) ?? ''}\n${text}`);
      continue;
    }
    indent = own;
    const header = /^\[(.+)\]/.exec(text);
    if (header !== null) {
      section = header[1] ?? '';
      if (sections.has(section))
        throw new PythonError('Error', `While reading from '${name}': section '${section}' already exists`);
      current = section === 'DEFAULT' ? defaults : new Map();
      if (section !== 'DEFAULT') sections.set(section, current);
      key = undefined;
      continue;
    }
    if (current === undefined) throw new PythonError('Error', 'File contains no section headers.');
    const entry = /^([^=:]*?)\s*[=:]\s*([^]*)$/.exec(text) ?? (allowNoValue ? [text, text, null] : null);
    if (entry === null) throw new PythonError('Error', `Source contains parsing errors: '${text}'`);
    key = caseSensitive ? (entry[1] ?? '') : (entry[1] ?? '').toLowerCase();
    if (current.has(key))
      throw new PythonError(
        'Error',
        `Duplicate option in '${name}': option '${key}' in section '${section}' already exists`,
      );
    current.set(key, entry[2] === undefined ? '' : entry[2]);
  }
  for (const [name, entries] of sections) {
    const all = new Map([...defaults, ...entries]);
    for (const [entry, value] of all) all.set(entry, value?.trimEnd() ?? null);
    sections.set(
      name,
      raw
        ? all
        : new Map(Array.from(all, ([entry, value]) => [entry, value === null ? null : interpolate(value, all)])),
    );
  }
  if (raw && defaults.size > 0)
    sections.set('DEFAULT', new Map(Array.from(defaults, ([entry, value]) => [entry, value?.trimEnd() ?? null])));
  return sections;
}

/** `%(name)s` stands for another entry. */
function interpolate(value: string, entries: ReadonlyMap<string, string | null>): string {
  return value.replace(/%(?:\(([^)]+)\)s|%)/g, (all: string, name?: string) =>
    name === undefined ? '%' : (entries.get(name.toLowerCase()) ?? all),
  );
}

/** Entries of a properties file, names in lower case unless their case matters. */
export function parseProperties(source: string, caseSensitive: boolean, name: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (const line of source.split(/\r?\n/)) {
    const match = /^\s*([^#;!=:\s][^=:]*?)\s*[=:]\s*(.*)$/.exec(line);
    if (match === null) continue;
    const key = caseSensitive ? (match[1] ?? '') : (match[1] ?? '').toLowerCase();
    if (entries.has(key))
      throw new PythonError(
        'Error',
        `Duplicate option in '${name}': option '${key}' in section 'java_properties' already exists`,
      );
    entries.set(key, (match[2] ?? '').trimEnd());
  }
  return entries;
}
