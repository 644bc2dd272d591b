// What a play, role, block or import hands down to the nodes inside of it; extended at each step, never changed.
import type { VarsLayer } from '../core/host.ts';
import type { Origin } from '../core/origin.ts';
import type { Keyword, Keywords, Node, Role, Written } from '../core/play.ts';
import { Dict, TemplateText, type Value } from '../core/value.ts';
import { typeName } from '../template/index.ts';
import { INHERITED } from './keywords.ts';
import type { Section } from './section.ts';

/** Gives out ids: the same order of parsing gives the same ids. */
export interface Ids {
  next(kind: 't' | 'b'): string;
}
export function makeIds(prefix: string): Ids {
  let last = 0;
  return { next: (kind) => `${prefix}${kind}${(last += 1)}` };
}

/** What all nodes of a play share. */
export interface PlayFrame {
  readonly id: string;
  readonly playbookDir: string;
  /** Variables known before any host is: of the play and its vars_files with plain names; for names of imported files and roles. */
  readonly staticVars: () => readonly VarsLayer[];
  /** Handlers of imported roles, in order; the play appends them to its own. */
  readonly importedHandlers: Node[];
  readonly warn: (message: string, origin?: Origin) => void;
}

export interface Inherited {
  readonly frame: PlayFrame;
  readonly ids: Ids;
  readonly keywords: Keywords;
  readonly tags: readonly Value[];
  readonly when: readonly Written[];
  readonly environment: readonly Written[];
  readonly moduleDefaults: readonly Written[];
  readonly notify: readonly Written[];
  readonly vars: readonly VarsLayer[];
  readonly collections: readonly string[];
  readonly role?: Role;
  readonly isHandler: boolean;
  readonly includedFrom: readonly Origin[];
  /** Files that led here, the nearest last: their folders are searched for files to include. */
  readonly files: readonly string[];
  /** Roles whose dependencies are being loaded, to find circles. */
  readonly roleStack: readonly string[];
}

/** `outer` with what `section` says over it. `level` names its variables; `what` is for errors ("a block"). */
export function inherit(outer: Inherited, section: Section, level: string, what: string): Inherited {
  const vars = section.vars(level, what);
  return {
    ...outer,
    keywords: withKeywords(outer.keywords, section, INHERITED),
    tags: joined(outer.tags, readTags(section)),
    when: joined(outer.when, readConditions(section, 'when')),
    environment: joined(outer.environment, section.items('environment')),
    moduleDefaults: joined(outer.moduleDefaults, readModuleDefaults(section)),
    notify: section.has('notify') ? section.items('notify') : outer.notify,
    vars: vars === undefined ? outer.vars : [...outer.vars, vars],
    collections: readCollections(section, outer.frame.warn) ?? outer.collections,
  };
}

/** Most tasks add nothing: then they share what is around them. */
function joined<T>(outer: readonly T[], own: readonly T[]): readonly T[] {
  return own.length === 0 ? outer : outer.length === 0 ? own : [...outer, ...own];
}

/** Keywords of a section, those named, over the ones around it. */
export function withKeywords(outer: Keywords, section: Section, names: readonly Keyword[]): Keywords {
  let keywords: { [K in Keyword]?: Written } | undefined;
  for (const name of names) {
    if (!section.has(name)) continue;
    checkText(section, name);
    const written = CONDITIONS.has(name) ? writtenConditions(section, name) : section.written(name);
    if (written !== undefined)
      (keywords ??= { ...outer })[name] =
        written.value instanceof TemplateText && written.value.source.includes('omit')
          ? { ...written, around: outer[name] ?? null }
          : written;
  }
  return keywords ?? outer;
}

const CONDITIONS: ReadonlySet<Keyword> = new Set(['changed_when', 'failed_when', 'until']);

function writtenConditions(section: Section, name: Keyword): Written | undefined {
  const written = section.written(name);
  return written === undefined ? undefined : { ...written, items: section.conditions(name) };
}

const TEXTS: ReadonlySet<Keyword> = new Set([
  'become_exe',
  'become_flags',
  'become_method',
  'become_user',
  'connection',
  'delegate_to',
  'remote_user',
]);

/** Ansible takes text alone for these, templates in it included. */
function checkText(section: Section, name: Keyword): void {
  const value = section.get(name);
  if (TEXTS.has(name) && (Array.isArray(value) || value instanceof Dict))
    section.fail(
      `The field '${name}' is supposed to be a string type, however the incoming data structure is a ${typeName(value)}`,
      section.valueOrigin(name),
    );
}

/** `module_defaults` of a section: mappings whose keys are known. */
export function readModuleDefaults(section: Section): readonly Written[] {
  const items = section.items('module_defaults');
  const wrong = items.find(({ value }) => !(value instanceof Dict));
  if (wrong === undefined) return items;
  return section.fail(
    "The field 'module_defaults' is supposed to be a dictionary or list of dictionaries, the keys of which must be static action, module, or group names. Only the values may contain templates.",
    wrong.origin,
    'for example {ping: "{{ ping_defaults }}"}',
  );
}

/** Conditions as a list; empty ones hold and are left out. */
export function readConditions(section: Section, key: string): readonly Written[] {
  return !section.has(key) ? [] : section.conditions(key).filter(({ value }) => value !== null && value !== '');
}

/** `collections:` as written; undefined where nothing is. Templates in it are never rendered, so they name no collection. */
export function readCollections(
  section: Section,
  warn?: (message: string, origin?: Origin) => void,
): readonly string[] | undefined {
  if (!section.has('collections')) return undefined;
  const items = section.items('collections');
  const names = items.flatMap(({ value, origin }) => {
    if (typeof value === 'string') return [value];
    if (!(value instanceof TemplateText)) return section.fail('collections takes names of collections', origin);
    warn?.(`"collections" is not templatable: ${value.source} names no collection`, origin);
    return [];
  });
  return items.length === 0 ? undefined : names;
}

/** Tags as written: text is split at its commas (not at those inside templates), a list's items stay whole. */
export function readTags(section: Section): Value[] {
  const value = section.get('tags');
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return value.split(',').map((tag) => tag.trim());
  if (value instanceof TemplateText) return splitTemplate(value);
  if (Array.isArray(value)) {
    for (const { value: tag, origin } of section.items('tags')) {
      if (typeof tag !== 'string' && typeof tag !== 'number' && !(tag instanceof TemplateText))
        section.fail('a tag must be text', origin);
    }
    return value;
  }
  return section.fail('tags must be a list, or text with commas', section.valueOrigin('tags'));
}

function splitTemplate(text: TemplateText): Value[] {
  const parts = text.source.match(/(?:\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|[^,])+/g) ?? [];
  return parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => (part.includes('{{') || part.includes('{%') ? new TemplateText(part, text.origin) : part));
}
