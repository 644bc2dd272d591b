// Ansible's settings as a run sees them: ansible.cfg, then ANSIBLE_* variables; typed, each with the place it was written at.
import { readFileSync, statSync, accessSync, constants } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../core/error.ts';
import { nearest } from '../core/nearest.ts';
import type { Origin } from '../core/origin.ts';
import { parseConfigFile, type WrittenSetting } from './config-file.ts';
import { DEFINITIONS, type Definition, type Kind, type SettingName, type SettingValues } from './definitions.ts';
import { IDLE, isQuietSetting, isQuietVariable, withReason } from './other-settings.ts';

export interface SettingsInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
}

/** Where a value came from. */
export type SettingSource =
  | { readonly kind: 'default' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'file'; readonly name: string; readonly origin: Origin };

export interface Settings {
  readonly values: SettingValues;
  /** Path of the ansible.cfg in use. */
  readonly file: string | undefined;
  source(name: SettingName): SettingSource;
  /** Whether the user wrote it anywhere. */
  isWritten(name: SettingName): boolean;
  readonly warnings: readonly string[];
}

/** Reads the settings. Throws a `UsageError` with the place for a value that is none of its kind, or a file that cannot be read. */
export function loadSettings(input: SettingsInput): Settings {
  const warnings: string[] = [];
  const file = findConfigFile(input, warnings);
  const written = file === undefined ? [] : parseConfigFile(readConfig(file), file);
  const inFile = new Map(written.map((setting) => [`${setting.section}.${setting.key}`, setting]));
  const sources = new Map<SettingName, SettingSource>();
  const values: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(DEFINITIONS) as [SettingName, Definition<unknown>][]) {
    const found = lookUp(definition, input, inFile);
    sources.set(name, found?.source ?? { kind: 'default' });
    values[name] =
      found === undefined ? defaultValue(definition, input) : convert(found.text, definition, found.source, input);
  }
  warnings.push(...withoutEffect(written, input.env, (name) => values[name] === DEFINITIONS[name].otherwise));
  return {
    values: values as SettingValues,
    file,
    warnings,
    source: (name) => sources.get(name) ?? { kind: 'default' },
    isWritten: (name) => sources.get(name)?.kind !== 'default',
  };
}

/** ANSIBLE_CONFIG (a file or a folder with ansible.cfg), ./ansible.cfg unless everybody may write there, ~/.ansible.cfg, /etc/ansible/ansible.cfg. */
function findConfigFile({ env, cwd, home }: SettingsInput, warnings: string[]): string | undefined {
  const candidates: string[] = [];
  const named = env['ANSIBLE_CONFIG'];
  if (named !== undefined && named !== '') {
    const path = expand(named, cwd, { env, cwd, home });
    candidates.push(
      statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? join(path, 'ansible.cfg') : path,
    );
  }
  const here = join(cwd, 'ansible.cfg');
  const open = ((statSync(cwd, { throwIfNoEntry: false })?.mode ?? 0) & 0o002) !== 0;
  if (!open) candidates.push(here);
  candidates.push(join(home, '.ansible.cfg'), '/etc/ansible/ansible.cfg');
  const file = candidates.find(isReadable);
  if (open && isReadable(here) && file !== candidates[0])
    warnings.push(`${here} is not used, as everybody may write in its folder`);
  return file;
}
function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
function readConfig(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

interface Found {
  readonly text: string;
  readonly source: Exclude<SettingSource, { kind: 'default' }>;
}
function lookUp(
  definition: Definition<unknown>,
  { env }: SettingsInput,
  inFile: ReadonlyMap<string, WrittenSetting>,
): Found | undefined {
  for (const name of definition.env.toReversed()) {
    const text = env[name];
    // NO_COLOR counts by being there.
    if (name === 'NO_COLOR' && text !== undefined && text !== '')
      return { text: 'yes', source: { kind: 'variable', name } };
    if (text !== undefined && (text !== '' || definition.kind === 'string'))
      return { text, source: { kind: 'variable', name } };
  }
  for (const name of definition.ini.toReversed()) {
    const written = inFile.get(name);
    if (written !== undefined)
      return { text: unquote(written.value), source: { kind: 'file', name, origin: written.origin } };
  }
  return undefined;
}

function convert(
  text: string,
  { kind, choices }: Definition<unknown>,
  source: Found['source'],
  input: SettingsInput,
): unknown {
  const fail = (wanted: string): never => {
    throw new UsageError(
      `${source.name} must be ${wanted}, not "${text}"`,
      source.kind === 'file' ? { origin: source.origin } : {},
    );
  };
  const base = source.kind === 'file' ? dirname(source.origin.file) : input.cwd;
  const converters: Readonly<Record<Kind, () => unknown>> = {
    boolean: () => /^(?:y|yes|on|1|true|t)$/i.test(text.trim()),
    integer: () => (/^\s*[+-]?\d+(?:\.0*)?\s*$/.test(text) ? Math.trunc(Number(text)) : fail('a whole number')),
    string: () => (choices === undefined || choices.includes(text) ? text : fail(`one of ${choices.join(', ')}`)),
    list: () =>
      text
        .split(',')
        .map((part) => unquote(part.trim()))
        .filter((part) => part !== ''),
    path: () => (text === '' ? undefined : expand(text, base, input)),
    pathspec: () =>
      text
        .split(':')
        .filter((part) => part !== '')
        .map((part) => expand(part, base, input)),
    pathlist: () => hostLists(text, base, input),
  };
  return converters[kind]();
}
/** Sources of an inventory. `a,b` are two paths; a text that ends in a comma is a list of hosts, as with `-i`. */
function hostLists(text: string, base: string, input: SettingsInput): readonly string[] {
  if (/,\s*$/.test(text)) return [text.trim()];
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => expand(part, base, input));
}
function defaultValue(definition: Definition<unknown>, input: SettingsInput): unknown {
  if (definition.kind !== 'pathspec' || !Array.isArray(definition.otherwise)) return definition.otherwise;
  const home = input.env['ANSIBLE_HOME'];
  return definition.otherwise.map((path: string) =>
    expand(home === undefined || home === '' ? path : path.replace(/^~\/\.ansible/, home), input.cwd, input),
  );
}

/** An absolute path: `~`, `$VAR` and `{{CWD}}` are replaced, the rest is relative to `base`. */
function expand(path: string, base: string, { env, cwd, home }: SettingsInput): string {
  const filled = path
    .replace(/\{\{\s*CWD\s*\}\}/g, cwd)
    .replace(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (whole, braced: string | undefined, bare: string | undefined) => env[braced ?? bare ?? ''] ?? whole,
    );
  return resolve(base, filled === '~' || filled.startsWith('~/') ? join(home, filled.slice(1)) : filled);
}
function unquote(text: string): string {
  const quoted = /^(["'])(.*)\1$/s.exec(text);
  return quoted?.[2] ?? text;
}

/** One line that names what the user wrote and what has no effect. */
function withoutEffect(
  written: readonly WrittenSetting[],
  env: SettingsInput['env'],
  isDefault: (name: SettingName) => boolean,
): string[] {
  const definitions: readonly Definition<unknown>[] = (
    Object.entries(DEFINITIONS) as [SettingName, Definition<unknown>][]
  )
    .filter(([name]) => !IDLE.has(name) || isDefault(name))
    .map(([, definition]) => definition);
  const known = new Set(definitions.flatMap((definition) => definition.ini));
  const variables = new Set(definitions.flatMap((definition) => definition.env));
  const names = written
    .filter(({ section, key }) => !known.has(`${section}.${key}`) && !isQuietSetting(section, key))
    .map(({ section, key }) => {
      const name = `${section}.${key}`;
      const like = nearest(
        key,
        [...known].filter((other) => other.startsWith(`${section}.`)).map((other) => other.slice(section.length + 1)),
      );
      return like === undefined ? withReason(name) : `${name} (is "${like}" meant?)`;
    });
  for (const name of Object.keys(env))
    if (name.startsWith('ANSIBLE_') && env[name] !== '' && !variables.has(name) && !isQuietVariable(name))
      names.push(withReason(name));
  return names.length === 0 ? [] : [`settings without effect in vbx: ${names.join(', ')}`];
}
