// Lists of tasks: blocks, tasks and handlers, with static imports taken in where they stand.
import { dirname, join } from 'node:path';
import { PlaybookError } from '../core/error.ts';
import type { Block, Node, Role, Task } from '../core/play.ts';
import { Dict, TemplateText, type Value } from '../core/value.ts';
import { inherit, type Inherited } from './inherited.ts';
import { KEYWORDS } from './keywords.ts';
import type { Loading } from './loading.ts';
import { loadRole, type RoleFiles } from './role-loader.ts';
import { Section, type SourceText } from './section.ts';
import { makeTask, parseTask, readName, type ParsedTask } from './task-loader.ts';

const MAX_NESTING = 100;

/** The nodes of a list of tasks. `what` names the list in errors ("tasks", "the file"). */
export function loadNodes(
  list: Value | undefined,
  source: SourceText,
  outer: Inherited,
  loading: Loading,
  what: string,
): Node[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) {
    const origin = (typeof list === 'object' && source.positions.of(list)) || { file: source.path, line: 1, column: 1 };
    throw new PlaybookError(`${what} must be a list of tasks`, {
      origin,
      hint: list instanceof Dict ? 'begin each task with a dash' : undefined,
    });
  }
  return list.flatMap((item, index) => {
    const origin = source.positions.item(list, index);
    if (item === null) {
      loading.warn('an empty item in a list of tasks', origin);
      return [];
    }
    if (!(item instanceof Dict))
      throw new PlaybookError('a task must be a mapping', {
        origin,
        hint: typeof item === 'string' ? "a colon is missing behind the module's name" : undefined,
      });
    const section = new Section(item, source);
    return section.has('block') || section.has('rescue') || section.has('always')
      ? [loadBlock(section, outer, loading)]
      : loadTask(section, outer, loading);
  });
}

function loadBlock(section: Section, outer: Inherited, loading: Loading): Block {
  section.checkKeys(KEYWORDS.block, 'a Block');
  if (!section.has('block')) section.fail('rescue and always need a block', section.origin);
  const inner = inherit(outer, section, 'block vars', 'a block');
  const id = outer.ids.next('b');
  const name = readName(section);
  const part = (key: 'block' | 'rescue' | 'always'): Node[] => {
    // A handler is notified by itself; a block at the top of the list only lends its keywords.
    const nested = outer.isHandler
      ? section.items(key).find(({ value }) => value instanceof Dict && value.has('block'))
      : undefined;
    if (nested !== undefined)
      section.fail(
        'Using a block as a handler is not supported.',
        nested.origin,
        'name the tasks of the block as handlers of their own, with one "listen" for all',
      );
    return loadNodes(section.get(key), section.source, inner, loading, key);
  };
  return {
    kind: 'block',
    id,
    origin: section.origin,
    ...(name !== undefined && { name }),
    block: part('block'),
    rescue: part('rescue'),
    always: part('always'),
    ...(inner.role && { role: inner.role }),
    isHandler: inner.isHandler,
    notify: inner.notify,
    listen: [],
    tags: inner.tags,
    when: inner.when,
    keywords: inner.keywords,
  };
}

function loadTask(section: Section, outer: Inherited, loading: Loading): Node[] {
  const parsed = parseTask(section, outer, loading.tools);
  const { canonical, origin } = parsed.action;
  switch (canonical) {
    case 'ansible.builtin.import_tasks':
      return importTasks(parsed, loading);
    case 'ansible.builtin.import_role':
      return importRole(parsed, loading);
    case 'ansible.builtin.include_tasks':
    case 'ansible.builtin.include_role':
      return [includeTask(parsed, loading)];
    case 'ansible.builtin.import_playbook':
      return section.fail('import_playbook stands beside plays, not among tasks', origin);
    case 'ansible.builtin.meta': {
      const word = parsed.action.args.get('_raw_params');
      if (word === 'end_role' && outer.isHandler) section.fail("Cannot execute 'end_role' from a handler", origin);
      if (word === 'end_role' && outer.role === undefined)
        section.fail("Cannot execute 'end_role' from outside of a role", origin);
      if (typeof word === 'string' && WITHOUT_CONDITION.has(word) && parsed.inner.when.length > 0) {
        loading.warn(`${word} task does not support when conditional`, origin);
        return [makeTask({ ...parsed, inner: { ...parsed.inner, when: [] } })];
      }
      return [makeTask(parsed)];
    }
    default:
      return [makeTask(parsed)];
  }
}

/** Words of meta that are carried out whatever their conditions say. */
const WITHOUT_CONDITION: ReadonlySet<string> = new Set(['noop', 'refresh_inventory', 'reset_connection']);

const INCLUDE_TASKS_ARGS = new Set(['_raw_params', 'file', 'apply']);
const ROLE_ARGS = new Set([
  'name',
  'role',
  'tasks_from',
  'vars_from',
  'defaults_from',
  'handlers_from',
  'apply',
  'public',
  'allow_duplicates',
  'rolespec_validate',
]);

/** Checks the arguments of an import or include; the name of the file or role is one of them. */
function checkArgs({ section, action }: ParsedTask, allowed: ReadonlySet<string>, required: readonly string[]): void {
  for (const name of action.args.keys()) {
    if (typeof name === 'string' && name !== '_variable_params' && !allowed.has(name)) {
      section.fail(
        `Invalid options for ${action.written}: ${name}`,
        action.argOrigin(name),
        `it takes ${[...allowed].filter((word) => !word.startsWith('_')).join(', ')}`,
      );
    }
  }
  for (const name of ['tasks_from', 'vars_from', 'defaults_from', 'handlers_from']) {
    const value = action.args.get(name);
    if (value !== undefined && typeof value !== 'string' && !(value instanceof TemplateText))
      section.fail(
        `Expected a string for ${name} but got ${Array.isArray(value) ? 'a list' : value instanceof Dict ? 'a mapping' : value === null ? 'nothing' : String(value as boolean)} instead`,
        action.argOrigin(name),
      );
  }
  if (!required.some((name) => action.args.has(name)) && !action.args.has('_variable_params')) {
    section.fail(`${action.written} needs the name of a ${required.includes('role') ? 'role' : 'file'}`, action.origin);
  }
}

/** A task that includes when it runs. What is meant for the included tasks goes below `apply`, so keywords such as `become` are refused here. */
function includeTask(parsed: ParsedTask, loading: Loading): Task {
  const { section, action } = parsed;
  const isRole = action.canonical === 'ansible.builtin.include_role';
  if (action.written === 'include' || action.written.endsWith('.include'))
    loading.warn('include is taken as include_tasks', action.origin);
  if (isRole && parsed.outer.isHandler)
    section.fail(`Using '${action.written}' as a handler is not supported.`, action.origin, 'use include_tasks');
  for (const key of section.dict.keys()) {
    if (
      typeof key !== 'string' ||
      key === action.written ||
      key.startsWith('with_') ||
      KEYWORDS.include.has(key) ||
      key === 'local_action'
    )
      continue;
    section.fail(
      `'${key}' is not a valid attribute for a ${isRole ? 'IncludeRole' : 'TaskInclude'}`,
      section.keyOrigin(key),
      `put it below apply, so that it is handed to the included tasks:\n    ${action.written}:\n      apply:\n        ${key}: ...`,
    );
  }
  checkArgs(parsed, isRole ? ROLE_ARGS : INCLUDE_TASKS_ARGS, isRole ? ['name', 'role'] : ['_raw_params', 'file']);
  return makeTask(parsed);
}

/** Keywords of a static import are those of a block around what it brings. */
function asBlock(parsed: ParsedTask): Inherited {
  const { inner, outer } = parsed;
  const own = inner.vars.slice(outer.vars.length).map((layer) => ({ ...layer, level: 'block vars' }));
  return { ...inner, vars: [...outer.vars, ...own], includedFrom: [...inner.includedFrom, parsed.section.origin] };
}

function checkNesting(inner: Inherited, parsed: ParsedTask, name: string): void {
  if (inner.includedFrom.length > MAX_NESTING)
    parsed.section.fail(
      `imports are nested more than ${MAX_NESTING} levels deep: does "${name}" import itself?`,
      parsed.action.origin,
    );
}

/** Folders in which a file of tasks is looked for: of the files that led here, then of the role, then of the playbook. */
export function taskFolders(inner: Inherited): string[] {
  const kinds = inner.isHandler ? ['handlers', 'tasks'] : ['tasks'];
  const { role, frame } = inner;
  const ofRole = role === undefined ? [] : [...kinds.map((kind) => join(role.path, kind)), role.path];
  return [
    ...inner.files.toReversed().map((file) => dirname(file)),
    ...ofRole,
    ...kinds.map((kind) => join(frame.playbookDir, kind)),
    frame.playbookDir,
  ];
}

/** Nodes of a file of tasks below `inner`, which already holds the import or include. */
export function loadTaskFile(path: string, inner: Inherited, loading: Loading): Node[] {
  const source = loading.source(path);
  if (source === undefined) throw new PlaybookError(`the file ${path} does not exist`);
  if (source.value === null || (Array.isArray(source.value) && source.value.length === 0)) {
    loading.warn(`${path} holds no tasks`);
    return [];
  }
  return loadNodes(source.value, source, { ...inner, files: [...inner.files, path] }, loading, 'a file of tasks');
}

function importTasks(parsed: ParsedTask, loading: Loading): Node[] {
  const { section, action } = parsed;
  checkArgs(parsed, new Set(['_raw_params', 'file']), ['_raw_params', 'file']);
  if (parsed.loop !== undefined)
    section.fail(
      "You cannot use loops on 'import_tasks' statements. You should use 'include_tasks' instead.",
      parsed.loop.origin,
    );
  const inner = asBlock(parsed);
  const argument = action.args.has('_raw_params') ? '_raw_params' : 'file';
  const origin = action.argOrigin(argument);
  const name = loading.staticText(action.args.get(argument), inner, origin, 'the file of import_tasks').trim();
  checkNesting(inner, parsed, name);
  const path = loading.findTasks(name, taskFolders(parsed.outer), origin);
  return loadTaskFile(path, inner, loading);
}

function importRole(parsed: ParsedTask, loading: Loading): Node[] {
  const { section, action } = parsed;
  checkArgs(parsed, new Set([...ROLE_ARGS].filter((name) => name !== 'apply')), ['name', 'role']);
  if (parsed.loop !== undefined)
    section.fail(
      "You cannot use loops on 'import_role' statements. You should use 'include_role' instead.",
      parsed.loop.origin,
    );
  if (parsed.outer.isHandler) section.fail(`Using '${action.written}' as a handler is not supported.`, action.origin);
  const inner = asBlock(parsed);
  const argument = action.args.has('name') ? 'name' : 'role';
  // A role whose name renders empty is the folder of roles itself, as under Ansible: usually one without tasks.
  const name = loading
    .staticText(action.args.get(argument), inner, action.argOrigin(argument), 'the name of an imported role', true)
    .trim();
  checkNesting(inner, parsed, name);
  const text = (key: string): string | undefined =>
    action.args.has(key) ? loading.staticText(action.args.get(key), inner, action.argOrigin(key), key) : undefined;
  const flag = (key: string, otherwise: boolean): boolean => {
    const value = action.args.get(key);
    if (value === undefined || value === null) return otherwise;
    if (typeof value === 'boolean') return value;
    return /^(yes|true|on|1|y|t)$/i.test(loading.staticText(value, inner, action.argOrigin(key), key));
  };
  const { nodes, handlers } = loadRole(
    {
      name,
      origin: action.argOrigin(argument),
      inner,
      params: new Dict(),
      from: roleFiles(text),
      parents: rolesAround(inner.role),
      validate: flag('rolespec_validate', true),
      public: flag('public', loading.context.privateRoleVars !== true),
      allowDuplicates: flag('allow_duplicates', true),
      use: 'import',
      ownVars: inner.vars.slice(parsed.outer.vars.length),
    },
    loading,
  );
  inner.frame.importedHandlers.push(...handlers);
  return nodes;
}

/** `tasks_from` and its like from a function that gives an argument's text. */
export function roleFiles(text: (key: string) => string | undefined): RoleFiles {
  const from: { -readonly [K in keyof RoleFiles]: RoleFiles[K] } = {};
  for (const kind of ['tasks', 'vars', 'defaults', 'handlers'] as const) {
    const name = text(`${kind}_from`);
    if (name !== undefined) from[kind] = name;
  }
  return from;
}

/** The roles that led to what a role includes, outermost first. */
export function rolesAround(role: Role | undefined): readonly Role[] {
  return role === undefined ? [] : [...role.parents, role];
}
