// One play: its hosts, settings, variables, roles and sections of tasks.
import { dirname, join, resolve } from 'node:path';
import { PlaybookError } from '../core/error.ts';
import type { VarsLayer } from '../core/host.ts';
import type { Keywords, Node, Play, RoleRun, VarsPrompt, Written } from '../core/play.ts';
import { Dict, TemplateText, type Value } from '../core/value.ts';
import { collectionOf, expandHome } from './find-role.ts';
import {
  inherit,
  makeIds,
  readCollections,
  readModuleDefaults,
  readTags,
  withKeywords,
  type Inherited,
  type PlayFrame,
} from './inherited.ts';
import { INHERITED, isVariableName, KEYWORDS, PLAY_SETTINGS } from './keywords.ts';
import type { Loading } from './loading.ts';
import { loadNodes } from './node-loader.ts';
import { loadRole, mergeLayers, readRoleEntry, readVarsFile } from './role-loader.ts';
import { Section } from './section.ts';
import { readName } from './task-loader.ts';

/** What the import_playbook statements that led to a play give it, outermost first. */
export interface ImportedPlay {
  readonly vars: readonly VarsLayer[];
  readonly tags: readonly Value[];
  readonly when: readonly Written[];
}

export function loadPlay(section: Section, id: string, imported: ImportedPlay, loading: Loading): Play {
  section.checkKeys(KEYWORDS.play, 'a Play');
  const hosts = readHosts(section);
  const playbookDir = dirname(resolve(section.source.path));
  const ownVars = section.vars('play vars', 'a play');
  const vars = mergeLayers('play vars', [...(ownVars ? [ownVars] : []), ...imported.vars]);
  const varsFiles = section.items('vars_files');
  const collection = collectionOf(section.source.path);
  const collections = [
    ...new Set([...(collection === undefined ? [] : [collection]), ...(readCollections(section, loading.warn) ?? [])]),
  ];
  const importedHandlers: Node[] = [];
  let statics: readonly VarsLayer[] | undefined;
  const frame: PlayFrame = {
    id,
    playbookDir,
    importedHandlers,
    warn: loading.warn,
    staticVars: () => (statics ??= [vars, ...staticVarsFiles(varsFiles, playbookDir, loading)]),
  };
  const keywords = readKeywords(section, loading);
  const tags = [...imported.tags, ...readTags(section)];
  const outer: Inherited = {
    frame,
    ids: makeIds(`${id}.`),
    keywords,
    tags,
    when: imported.when,
    environment: section.items('environment'),
    moduleDefaults: readModuleDefaults(section),
    notify: [],
    vars: [],
    collections,
    isHandler: false,
    includedFrom: [],
    files: [section.source.path],
    roleStack: [],
  };
  const nodes = (key: 'pre_tasks' | 'tasks' | 'post_tasks'): Node[] =>
    loadNodes(section.get(key), section.source, outer, loading, key);
  const preTasks = nodes('pre_tasks');
  const { roles, roleHandlers } = loadRoles(section, outer, loading);
  const tasks = nodes('tasks');
  const postTasks = nodes('post_tasks');
  const handlers = loadNodes(
    section.get('handlers'),
    section.source,
    { ...outer, isHandler: true },
    loading,
    'handlers',
  );
  const name = readName(section);
  return {
    id,
    origin: section.origin,
    ...(name !== undefined && { name }),
    hosts,
    vars,
    varsFiles,
    varsPrompt: readPrompts(section),
    preTasks,
    roles,
    tasks,
    postTasks,
    handlers: [...roleHandlers, ...handlers, ...importedHandlers],
    tags,
    keywords,
    settings: readSettings(section),
    environment: outer.environment,
    moduleDefaults: outer.moduleDefaults,
    collections,
    playbookDir,
    ...(imported.when.length > 0 && { when: imported.when }),
  };
}

function readHosts(section: Section): Written {
  const hosts = section.written('hosts');
  if (hosts === undefined)
    return section.fail(
      "the field 'hosts' is required but was not set",
      section.origin,
      section.has('include') ? 'to take in another playbook: import_playbook' : undefined,
    );
  const { value, origin } = hosts;
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0))
    section.fail('Hosts list cannot be empty. Please check your playbook', origin);
  const isPattern = (item: Value): boolean => (typeof item === 'string' && item !== '') || item instanceof TemplateText;
  if (Array.isArray(value)) {
    const wrong = value.findIndex((item) => !isPattern(item));
    if (wrong >= 0) section.fail('a pattern of hosts must be text', section.items('hosts')[wrong]?.origin ?? origin);
  } else if (!isPattern(value)) section.fail('"hosts" must be a pattern or a list of patterns', origin);
  return hosts;
}

function readKeywords(section: Section, loading: Loading): Keywords {
  const keywords = withKeywords({}, section, INHERITED);
  const user = section.written('user');
  if (user !== undefined) {
    if (Array.isArray(user.value) || user.value instanceof Dict)
      section.fail("The field 'remote_user' is supposed to be a string type", user.origin);
    if (section.has('remote_user'))
      section.fail(
        "both 'user' and 'remote_user' are set for this play. The use of 'user' is deprecated, and should be removed",
        section.keyOrigin('user'),
        'remove "user"',
      );
    loading.warn('"user" of a play is old: write "remote_user"', section.keyOrigin('user'));
    return { ...keywords, remote_user: user };
  }
  return keywords;
}

function readSettings(section: Section): Record<string, Written> {
  const settings: Record<string, Written> = {};
  for (const name of PLAY_SETTINGS) {
    const written = section.written(name);
    if (written !== undefined) settings[name] = written;
  }
  return settings;
}

const PROMPT_KEYS = new Set([
  'name',
  'prompt',
  'default',
  'private',
  'confirm',
  'encrypt',
  'salt_size',
  'salt',
  'unsafe',
]);

function readPrompts(section: Section): VarsPrompt[] {
  return section.items('vars_prompt').map(({ value, origin }) => {
    if (!(value instanceof Dict)) return section.fail('vars_prompt must be a list of mappings with "name"', origin);
    const prompt = new Section(value, section.source);
    prompt.checkKeys(PROMPT_KEYS, 'vars_prompt');
    const name = prompt.get('name');
    if (name === undefined) return prompt.fail("Invalid vars_prompt data structure, missing 'name' key", origin);
    if (!isVariableName(name))
      return prompt.fail(`Invalid variable name: '${prompt.text('name') ?? String(name)}'`, prompt.valueOrigin('name'));
    const initial = prompt.get('default');
    const encrypt = prompt.text('encrypt');
    const saltSize = prompt.get('salt_size');
    const salt = prompt.text('salt');
    const flag = (key: string, otherwise: boolean): boolean => {
      const written = prompt.get(key);
      return written === undefined || written === null
        ? otherwise
        : typeof written === 'boolean'
          ? written
          : /^(yes|true|on|1|y|t)$/i.test(prompt.text(key) ?? String(written));
    };
    return {
      name,
      prompt: prompt.get('prompt') ?? name,
      ...(initial !== undefined && { default: initial }),
      private: flag('private', true),
      confirm: flag('confirm', false),
      ...(encrypt !== undefined && { encrypt }),
      ...(typeof saltSize === 'number' && { saltSize }),
      ...(salt !== undefined && { salt }),
      unsafe: flag('unsafe', false),
      origin,
    };
  });
}

function loadRoles(section: Section, outer: Inherited, loading: Loading): { roles: RoleRun[]; roleHandlers: Node[] } {
  const roles: RoleRun[] = [];
  const roleHandlers: Node[] = [];
  const value = section.get('roles');
  if (value !== undefined && value !== null && !Array.isArray(value))
    section.fail('roles must be a list', section.valueOrigin('roles'), 'begin each role with a dash');
  for (const entry of section.items('roles')) {
    const { name, section: own, params, origin } = readRoleEntry(entry, section.source);
    const inner = inherit(outer, own, 'role vars', 'a role');
    const { role, nodes, handlers } = loadRole(
      {
        name: loading.staticText(name, inner, origin, 'the name of a role'),
        origin,
        inner: { ...inner, includedFrom: [origin] },
        params,
        entry: own,
        from: {},
        parents: [],
        validate: true,
        public: loading.context.privateRoleVars !== true,
        allowDuplicates: undefined,
        use: 'roles',
      },
      loading,
    );
    roles.push({ kind: 'role', role, nodes });
    roleHandlers.push(...handlers);
  }
  return { roles, roleHandlers };
}

/** Variables of those vars_files whose names are plain and that exist: known before any host is. */
function staticVarsFiles(files: readonly Written[], playbookDir: string, loading: Loading): VarsLayer[] {
  return files.flatMap(({ value }) => {
    for (const name of Array.isArray(value) ? value : [value]) {
      if (typeof name !== 'string') return [];
      const candidates = [resolve(playbookDir, 'vars', expandHome(name)), resolve(playbookDir, expandHome(name))];
      const file = candidates.find((path) => loading.files.exists(path) && !loading.files.isDir(path));
      if (file !== undefined) return readVarsFile(file, 'play vars_files', loading);
    }
    return [];
  });
}

/** The playbooks' own error for a file that holds no list of plays. */
export function playsOf(
  value: Value,
  path: string,
  itemOrigin: (index: number) => Written['origin'] | undefined,
): Dict[] {
  const origin = { file: path, line: 1, column: 1 };
  if (value === null) throw new PlaybookError('Empty playbook, nothing to do', { origin });
  if (!Array.isArray(value))
    throw new PlaybookError('A playbook must be a list of plays', {
      origin,
      hint: value instanceof Dict && value.has('hosts') ? 'begin the play with a dash' : undefined,
    });
  if (value.length === 0) throw new PlaybookError('A playbook must contain at least one play', { origin });
  return value.map((item, index) => {
    if (!(item instanceof Dict))
      throw new PlaybookError("playbook entries must be either valid plays or 'import_playbook' statements", {
        origin: itemOrigin(index) ?? origin,
      });
    return item;
  });
}

/** The path of a playbook to import: beside the one that imports it. */
export function besidePlaybook(path: string, name: string): string {
  return join(dirname(resolve(path)), expandHome(name));
}
