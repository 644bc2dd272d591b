// One task or handler: its action, its loop and all that it inherits.
import type { Origin } from '../core/origin.ts';
import type { Keywords, Loop, LoopControl, Task, Written } from '../core/play.ts';
import { Dict, TemplateText, type Value } from '../core/value.ts';
import { inherit, readCollections, readConditions, withKeywords, type Inherited } from './inherited.ts';
import { isVariableName, OF_TASK } from './keywords.ts';
import type { Section } from './section.ts';
import {
  readAction,
  type Action,
  type ActionContext,
  type CustomModule,
  type InstalledModule,
  type ModuleResolver,
} from './task-action.ts';

export interface TaskTools {
  readonly modules: ModuleResolver;
  readonly isLookup: (name: string) => boolean;
  readonly customModule: (name: string, outer: Inherited) => CustomModule | undefined;
  readonly installedModule: (
    name: string,
    collections: readonly string[],
    outer: Inherited,
  ) => InstalledModule | undefined;
  /** Nothing is going to run: plays are listed. */
  readonly listing: boolean;
  readonly lacked: (name: string, origin: Origin) => void;
}

/** A task before it is decided whether it is static: what it says, and what stands around it. */
export interface ParsedTask {
  readonly section: Section;
  readonly action: Action;
  /** Of what is around it. */
  readonly outer: Inherited;
  /** With its own keywords. */
  readonly inner: Inherited;
  readonly loop?: Loop;
}

/** What a task was made from, for includes that are loaded when it runs. */
const parsedTasks = new WeakMap<Task, ParsedTask>();

export function parsedTask(task: Task): ParsedTask | undefined {
  return parsedTasks.get(task);
}

export function parseTask(section: Section, outer: Inherited, tools: TaskTools): ParsedTask {
  const place = outer.isHandler ? 'handler' : 'task';
  // What is wrong with them is told below, where they are inherited.
  const collections = readCollections(section) ?? outer.collections;
  const context: ActionContext = {
    modules: tools.modules,
    collections,
    customModule: (name) => tools.customModule(name, outer),
    installedModule: (name) => tools.installedModule(name, collections, outer),
    conditional: tools.listing || outer.isHandler || outer.when.length > 0 || section.has('when'),
    isLookup: tools.isLookup,
    lacked: tools.lacked,
  };
  const action = readAction(section, place, context);
  const inner = inherit(outer, section, 'task vars', 'a task');
  const loop = readLoop(section, tools);
  return { section, action, outer, inner, ...(loop && { loop }) };
}

/** The task of a parsed one. `args` replaces its arguments (validation tasks of roles). */
export function makeTask(parsed: ParsedTask): Task {
  const { section, action, inner, loop } = parsed;
  const ownKeywords = withKeywords(inner.keywords, section, OF_TASK);
  const keywords: Keywords = action.local
    ? { ...ownKeywords, delegate_to: { value: 'localhost', origin: action.origin } }
    : ownKeywords;
  const register = readRegister(section);
  const name = readName(section);
  const task: Task = {
    kind: 'task',
    id: inner.ids.next('t'),
    origin: section.origin,
    ...(name !== undefined && { name }),
    action: action.canonical,
    writtenAction: action.written,
    actionOrigin: action.origin,
    ...(action.template && { actionTemplate: action.template }),
    args: action.args,
    argOrigin: action.argOrigin,
    when: inner.when,
    ...(loop && { loop }),
    ...(register !== undefined && { register }),
    notify: inner.notify,
    tags: inner.tags,
    keywords,
    environment: inner.environment,
    vars: inner.vars,
    moduleDefaults: inner.moduleDefaults,
    collections: inner.collections,
    ...(inner.role && { role: inner.role }),
    listen: inner.isHandler ? section.items('listen') : [],
    isHandler: inner.isHandler,
    includedFrom: inner.includedFrom,
  };
  parsedTasks.set(task, parsed);
  return task;
}

/** The mark behind the last node of a role: never run, never listed. */
export function makeRoleEnd(inner: Inherited, origin: Origin): Task {
  return {
    kind: 'task',
    id: inner.ids.next('t'),
    origin,
    action: 'ansible.builtin.meta',
    writtenAction: 'meta',
    actionOrigin: origin,
    args: new Dict([['_raw_params', 'role_complete']]),
    argOrigin: () => origin,
    when: [],
    notify: [],
    tags: ['always'],
    keywords: {},
    environment: [],
    vars: [],
    moduleDefaults: [],
    collections: [],
    ...(inner.role && { role: inner.role }),
    listen: [],
    isHandler: false,
    includedFrom: inner.includedFrom,
    implicit: true,
  };
}

export function readName(section: Section): Value | undefined {
  const name = section.get('name');
  if (name === undefined || name === null || name === '') return undefined;
  if (name instanceof Dict || Array.isArray(name))
    return section.fail('a name must be text', section.valueOrigin('name'), 'quote it');
  return typeof name === 'string' || name instanceof TemplateText ? name : String(name);
}

function readRegister(section: Section): string | undefined {
  const name = section.get('register');
  if (name === undefined || name === null) return undefined;
  if (!isVariableName(name))
    section.fail(
      `Invalid variable name in 'register' specified: '${section.text('register') ?? String(name)}'`,
      section.valueOrigin('register'),
    );
  return name;
}

const LOOP_CONTROL = new Set([
  'loop_var',
  'index_var',
  'label',
  'pause',
  'extended',
  'extended_allitems',
  'break_when',
]);

function readLoop(section: Section, tools: TaskTools): Loop | undefined {
  const keys = [...section.dict.keys()]
    .filter(
      (key) => typeof key === 'string' && (key === 'loop' || (key.startsWith('with_') && tools.isLookup(key.slice(5)))),
    )
    .map(String);
  const [key, second] = keys;
  const controls = section.section('loop_control', 'loop_control');
  controls?.checkKeys(LOOP_CONTROL, 'a LoopControl');
  if (key === undefined) return undefined;
  if (second !== undefined)
    section.fail(`a task has one loop, and this one has ${key} and ${second}`, section.keyOrigin(second));
  const value = section.get(key);
  if (value === null || value === undefined) {
    if (key === 'loop') return undefined;
    return section.fail(`${key} needs a value`, section.keyOrigin(key));
  }
  if (key === 'loop' && !Array.isArray(value) && !(value instanceof TemplateText)) {
    section.fail(
      'loop takes a list',
      section.valueOrigin('loop'),
      typeof value === 'string'
        ? `if "${value}" is a variable, write "{{ ${value} }}"`
        : value instanceof Dict
          ? 'to loop over a mapping: "{{ mapping | dict2items }}"'
          : undefined,
    );
  }
  return {
    lookup: key === 'loop' ? 'loop' : key.slice(5),
    value,
    origin: section.valueOrigin(key),
    control: controls === undefined ? { loopVar: 'item' } : readLoopControl(controls),
  };
}

function readLoopControl(section: Section): LoopControl {
  const variable = (key: string): string | undefined => {
    const name = section.get(key);
    if (name === undefined || name === null) return undefined;
    const text = section.text(key);
    if (text === undefined || (!(name instanceof TemplateText) && !isVariableName(text)))
      section.fail(`Invalid variable name in '${key}' specified: '${text ?? String(name)}'`, section.valueOrigin(key));
    return text;
  };
  const template = (key: string): Written | undefined =>
    section.get(key) instanceof TemplateText ? section.written(key) : undefined;
  const loopVarTemplate = template('loop_var');
  const indexVarTemplate = template('index_var');
  const indexVar = variable('index_var');
  const label = section.written('label');
  const pause = section.written('pause');
  const extended = section.written('extended');
  const extendedAllItems = section.written('extended_allitems');
  return {
    loopVar: variable('loop_var') ?? 'item',
    ...(indexVar !== undefined && { indexVar }),
    ...((loopVarTemplate || indexVarTemplate) && {
      nameTemplates: {
        ...(loopVarTemplate && { loopVar: loopVarTemplate }),
        ...(indexVarTemplate && { indexVar: indexVarTemplate }),
      },
    }),
    ...(label && { label }),
    ...(pause && { pause }),
    ...(extended && { extended }),
    ...(extendedAllItems && { extendedAllItems }),
    ...(section.has('break_when') && { breakWhen: readConditions(section, 'break_when') }),
  };
}
