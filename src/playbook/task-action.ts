// Which module a task calls and with what arguments, in every form that Ansible has for it.
import { PlaybookError } from '../core/error.ts';
import { nearest } from '../core/nearest.ts';
import type { Origin } from '../core/origin.ts';
import { Dict, TemplateText, userText, type Value } from '../core/value.ts';
import { KEYWORDS } from './keywords.ts';
import { moduleElsewhere } from './lacked-modules.ts';
import { insideQuotes, lineOf, type Section, type SourceText } from './section.ts';
import { parseShortArgs, splitArgs, UnbalancedText } from './split-args.ts';

/** Says which module a name means; `nearest` is the known name most like an unknown one. */
export type ModuleResolver = (
  name: string,
  collections: readonly string[],
) => { readonly canonical?: string | undefined; readonly nearest?: string | undefined };

export interface Action {
  readonly canonical: string;
  readonly written: string;
  readonly origin: Origin;
  /** The module's name where it is a template. */
  readonly template?: TemplateText;
  readonly args: Dict;
  /** Where an argument is named; with `item`, where that item of its list begins, or its text where it is no list. */
  readonly argOrigin: (name: string, item?: number) => Origin;
  /** `local_action`. */
  readonly local: boolean;
}

/** A file of a library folder; `needs`: what it imports of Ansible's Python library that vbx does not have. */
export interface CustomModule {
  readonly path: string;
  readonly needs?: string;
}

/** A module of an installed collection, by its full name; `path` where it can be run, otherwise what it `needs` for that. */
export interface InstalledModule {
  readonly name: string;
  readonly path?: string;
  readonly needs?: string;
}

/** The canonical name of a task's own module begins so; the path of its file follows. */
export const LIBRARY = 'library:';

export interface ActionContext {
  readonly modules: ModuleResolver;
  readonly collections: readonly string[];
  /** A module of the user's own (library/). */
  readonly customModule: (name: string) => CustomModule | undefined;
  /** A module that an installed collection has, whether or not vbx has it too. */
  readonly installedModule: (name: string) => InstalledModule | undefined;
  /** Whether the task may be left out: it, what it stands in or what imported it has a condition, or it is a handler, or the play is only listed. */
  readonly conditional: boolean;
  readonly isLookup: (name: string) => boolean;
  /** Told of each module that vbx does not have in a task that may be left out. */
  readonly lacked: (name: string, origin: Origin) => void;
}

const COMMANDS = new Set(['command', 'raw', 'script', 'shell', 'win_command', 'win_shell']);
const RAW = new Set([
  ...COMMANDS,
  'include_vars',
  'include_tasks',
  'include_role',
  'import_tasks',
  'import_role',
  'import_playbook',
  'add_host',
  'group_by',
  'set_fact',
  'meta',
  'include',
]);
/** Of those, modules for which text that is a template means all their arguments. */
const MAPPINGS = new Set(['add_host', 'group_by', 'set_fact']);

function shortName(canonical: string): string {
  return canonical.startsWith('ansible.builtin.') || canonical.startsWith('ansible.windows.')
    ? canonical.slice(canonical.lastIndexOf('.') + 1)
    : canonical;
}

/** Finds the action among the keys of a task. Throws a PlaybookError that names unknown keywords and modules with the nearest known word. */
export function readAction(task: Section, place: 'task' | 'handler', context: ActionContext): Action {
  const keywords = KEYWORDS[place];
  let found: { key: string; canonical: string } | undefined;
  const strangers: string[] = [];
  for (const key of task.dict.keys()) {
    if (typeof key !== 'string') task.refuse(key, keywords, 'a Task');
    if (keywords.has(key) || (key.startsWith('with_') && context.isLookup(key.slice(5)))) continue;
    const canonical = resolve(key, context) ?? lackedModule(key, task.keyOrigin(key), context);
    if (canonical === undefined) strangers.push(key);
    else if (found === undefined) found = { key, canonical };
    else
      task.fail(
        `conflicting action statements: ${found.key}, ${key}`,
        task.keyOrigin(key),
        'begin a new task with a dash, or indent the line below if it belongs to the arguments',
      );
  }
  const old = task.has('action') ? 'action' : task.has('local_action') ? 'local_action' : undefined;
  const [stranger] = strangers;
  if (stranger !== undefined) unknownKey(task, stranger, found !== undefined || old !== undefined, place, context);
  if (old === undefined) {
    if (found === undefined)
      return task.fail(
        'no module/action detected in task.',
        task.origin,
        'add a line such as "ansible.builtin.debug:"',
      );
    const values = readArgs(task, found.key, found.canonical);
    return {
      ...values,
      canonical: found.canonical,
      written: found.key,
      origin: task.keyOrigin(found.key),
      local: false,
    };
  }
  if (found !== undefined) task.fail(`conflicting action statements: ${old}, ${found.key}`, task.keyOrigin(found.key));
  if (task.has('action') && task.has('local_action'))
    task.fail('action and local_action are mutually exclusive', task.keyOrigin('local_action'));
  return readOldStyle(task, old, context);
}

function resolve(name: string, context: ActionContext): string | undefined {
  if (name === 'include' || name === 'ansible.builtin.include' || name === 'ansible.legacy.include')
    return 'ansible.builtin.include_tasks';
  // As under Ansible, a module beside the playbook stands before one of the same short name; where it cannot run, the built-in one is taken.
  const custom = name.includes('.') && !name.startsWith('ansible.legacy.') ? undefined : context.customModule(name);
  if (custom !== undefined && custom.needs === undefined) return `${LIBRARY}${custom.path}`;
  const { canonical } = context.modules(name, context.collections);
  const installed = canonical === undefined ? context.installedModule(name)?.path : undefined;
  return installed === undefined ? canonical : `${LIBRARY}${installed}`;
}

/**
 * A module that Ansible would find and vbx does not have. Public roles name many behind conditions that do not hold: there the task fails in its turn, should it come to that.
 * Where nothing can leave the task out, undefined: the play would fail for certain, and is refused.
 */
function lackedModule(name: string, origin: Origin, context: ActionContext): string | undefined {
  if (!context.conditional) return undefined;
  const custom = context.customModule(name);
  const canonical =
    custom === undefined
      ? (context.installedModule(name)?.name ?? moduleElsewhere(name, (full) => context.modules(full, []).nearest))
      : name;
  if (canonical !== undefined) context.lacked(name, origin);
  return canonical;
}

function unknownKey(
  task: Section,
  key: string,
  hasModule: boolean,
  place: 'task' | 'handler',
  context: ActionContext,
): never {
  const origin = task.keyOrigin(key);
  const custom = context.customModule(key);
  if (custom !== undefined)
    task.fail(
      `the module "${key}" (${custom.path}) needs ${custom.needs ?? 'ansible.module_utils'} of Ansible's Python library, which vbx does not have`,
      origin,
      'of that library vbx has what most modules use (basic, urls, six and their kin); others run that need nothing but their interpreter: arguments as JSON (WANT_JSON) or k=v in a file, the result as JSON on stdout',
    );
  if (key.startsWith('with_')) task.fail(`"${key}" is not a known lookup`, origin);
  const needs = context.installedModule(key)?.needs;
  if (needs !== undefined)
    task.fail(
      `couldn't resolve module/action '${key}': vbx does not have it, and the one of the installed collection needs ${needs}, which vbx does not have either`,
      origin,
    );
  const keywords = [...KEYWORDS[place]];
  const keyword = nearest(key, keywords);
  const { nearest: module } = context.modules(key, context.collections);
  if (hasModule || (keyword !== undefined && !key.includes('.') && module === undefined))
    task.refuse(key, KEYWORDS[place], place === 'task' ? 'a Task' : 'a Handler');
  const hint = module !== undefined ? `did you mean "${module}"?` : 'see "vbx doc --list" for the modules that vbx has';
  throw new PlaybookError(`couldn't resolve module/action '${key}'`, { origin, hint });
}

type Values = Pick<Action, 'args' | 'argOrigin'>;

/** Arguments in the making: later ones replace earlier ones of the same name. */
class Args {
  readonly dict = new Dict();
  readonly #origins = new Map<string, { readonly name: Origin; readonly value: Origin }>();
  readonly #fallback: Origin;
  readonly #source: SourceText;
  constructor(fallback: Origin, source: SourceText) {
    this.#fallback = fallback;
    this.#source = source;
  }
  set(name: string, value: Value, origin: Origin, valueOrigin = origin): void {
    this.dict.set(name, value);
    this.#origins.set(name, { name: origin, value: valueOrigin });
  }
  done(): Values {
    return { args: this.dict, argOrigin: (name, item) => this.#place(name, item) };
  }
  #place(name: string, item: number | undefined): Origin {
    const places = this.#origins.get(name);
    if (places === undefined) return this.#fallback;
    if (item === undefined) return places.name;
    const value = this.dict.get(name);
    const origin = Array.isArray(value) ? this.#source.positions.item(value, item) : places.value;
    return origin === undefined ? places.name : insideQuotes(origin, this.#source);
  }
}

function readArgs(task: Section, key: string, canonical: string): Values {
  const args = new Args(task.keyOrigin(key), task.source);
  addArgsKeyword(task, args);
  const value = task.get(key);
  if (value instanceof Dict) addDict(task, value, args, canonical);
  else if (typeof value === 'string' || value instanceof TemplateText)
    addShort(task, value, task.valueOrigin(key), args, canonical);
  else if (value !== null && value !== undefined) {
    // `meta: ...` and the like take words; a number or list is a slip in any module.
    task.fail(
      `the arguments of ${key} must be a mapping or text`,
      task.valueOrigin(key),
      Array.isArray(value) ? 'write the arguments without dashes' : 'quote the value',
    );
  }
  checkRaw(args, canonical, key, task);
  return args.done();
}

/** `args:` beside the module: weaker than its own arguments. */
function addArgsKeyword(task: Section, args: Args): void {
  const value = task.get('args');
  if (value === undefined || value === null) return;
  const origin = task.valueOrigin('args');
  if (value instanceof TemplateText) args.set('_variable_params', value, origin);
  else if (value instanceof Dict) addDict(task, value, args, '');
  else
    task.fail(
      'args must be a mapping, or a template that gives one',
      origin,
      typeof value === 'string' ? `if "${value}" is a variable, write "{{ ${value} }}"` : undefined,
    );
}

function addDict(task: Section, dict: Dict, args: Args, canonical: string, without: readonly string[] = []): void {
  const { positions } = task.source;
  const row = positions.row(dict);
  let index = -1;
  for (const [name, value] of dict) {
    index += 1;
    if (typeof name === 'string' && without.includes(name)) continue;
    const packed = row?.[index * 2 + 1];
    const origin = packed === undefined ? task.origin : positions.origin(packed);
    if (typeof name !== 'string')
      throw new PlaybookError(`"${String(name)}" cannot be the name of an argument`, { origin });
    if (name.startsWith('_ansible_') && !COMMANDS.has(shortName(canonical)))
      throw new PlaybookError(
        `the argument "${name}" begins with _ansible_, and that is reserved for internal use only.`,
        { origin },
      );
    const at = row?.[index * 2 + 2];
    args.set(name, value, origin, at === undefined ? origin : positions.origin(at));
  }
}

function addShort(task: Section, value: string | TemplateText, origin: Origin, args: Args, canonical: string): void {
  const text = typeof value === 'string' ? value : value.source;
  const start = value instanceof TemplateText ? (value.origin ?? origin) : origin;
  const command = COMMANDS.has(shortName(canonical));
  const place = placeIn(task, text, start);
  const wrap = (part: string, at: Origin): Value => (typeof value === 'string' ? part : userText(part, at));
  for (const { name, value: part, offset } of short(text, command, origin)) {
    if (name === undefined) args.set('_raw_params', wrap(part, start), start);
    else {
      if (name.startsWith('_ansible_') && !command)
        throw new PlaybookError(
          `the argument "${name}" begins with _ansible_, and that is reserved for internal use only.`,
          { origin: place(offset) },
        );
      args.set(name, wrap(part, place(offset)), place(offset));
    }
  }
}

function short(
  text: string,
  command: boolean,
  origin: Origin,
): { name: string | undefined; value: string; offset: number }[] {
  try {
    const { options, raw } = parseShortArgs(text, command);
    return [...options, ...(raw === undefined ? [] : [{ name: undefined, value: raw, offset: 0 }])];
  } catch (error) {
    if (!(error instanceof UnbalancedText)) throw error;
    throw new PlaybookError(`the arguments cannot be split: ${error.message}`, {
      origin,
      hint: 'write the arguments as a mapping, one on each line',
      cause: error,
    });
  }
}

/** The place of a character of the text, where the text stands unchanged on its line; else the start of the text. */
function placeIn(task: Section, text: string, start: Origin): (offset: number) => Origin {
  let exact: boolean | undefined;
  return (offset) => {
    if (exact === undefined) {
      const line = lineOf(task.source, start.line);
      exact = !text.includes('\n') && line.startsWith(text, start.column - 1);
    }
    return exact ? { ...start, column: start.column + offset } : start;
  };
}

function checkRaw(args: Args, canonical: string, written: string, task: Section): void {
  const raw = args.dict.get('_raw_params');
  const wholeMapping = raw instanceof TemplateText && MAPPINGS.has(shortName(canonical));
  if (wholeMapping) {
    const { argOrigin } = args.done();
    args.dict.delete('_raw_params');
    args.set('_variable_params', raw, argOrigin('_raw_params'));
    return;
  }
  if (raw === undefined || RAW.has(shortName(canonical))) {
    if (raw !== undefined && raw !== '' && args.dict.has('cmd') && COMMANDS.has(shortName(canonical)))
      task.fail(`${written} has a command and cmd: give one of them`, task.keyOrigin(written));
    return;
  }
  const { argOrigin } = args.done();
  args.dict.delete('_raw_params');
  if (raw === '') return;
  if (raw instanceof TemplateText) args.set('_variable_params', raw, argOrigin('_raw_params'));
  else
    task.fail(
      `${written} takes no free text, and "${String(raw)}" is no name=value`,
      argOrigin('_raw_params'),
      'write the arguments as a mapping, one on each line',
    );
}

/** `action: copy src=a`, `action: {module: copy, src: a}`, `local_action: ...`. */
function readOldStyle(task: Section, key: 'action' | 'local_action', context: ActionContext): Action {
  const value = task.get(key);
  const origin = task.valueOrigin(key);
  const text = (part: Value | undefined): string | undefined =>
    typeof part === 'string' ? part : part instanceof TemplateText ? part.source : undefined;
  const line = value instanceof Dict ? text(value.get('module')) : text(value);
  if (line === undefined)
    task.fail(value instanceof Dict ? `${key} needs a "module"` : `${key} must be text or a mapping`, origin);
  const [first, ...rest] = splitWords(line, origin);
  const written = first?.text.trim() ?? '';
  if (written === '') task.fail(`${key} names no module`, origin);
  // A templated name may differ from host to host: it is resolved when the task runs.
  const named = userText(written, origin);
  const canonical =
    named instanceof TemplateText ? written : (resolve(written, context) ?? lackedModule(written, origin, context));
  if (canonical === undefined) {
    const { nearest: module } = context.modules(written, context.collections);
    task.fail(
      `couldn't resolve module/action '${written}'`,
      origin,
      module !== undefined ? `did you mean "${module}"?` : undefined,
    );
  }
  const args = new Args(task.keyOrigin(key), task.source);
  addArgsKeyword(task, args);
  if (value instanceof Dict) {
    addDict(task, value, args, canonical, ['module', 'args']);
    const nested = value.get('args');
    if (nested instanceof Dict) addDict(task, nested, args, canonical);
    else if (text(nested) !== undefined) addShort(task, userText(text(nested) ?? '', origin), origin, args, canonical);
  }
  const words = rest.map((word) => word.text).join(' ');
  if (words !== '') addShort(task, userText(words, origin), origin, args, canonical);
  checkRaw(args, canonical, written, task);
  return {
    ...args.done(),
    canonical,
    written,
    origin,
    local: key === 'local_action',
    ...(named instanceof TemplateText && { template: named }),
  };
}

function splitWords(text: string, origin: Origin): readonly { text: string }[] {
  try {
    return splitArgs(text);
  } catch (error) {
    throw new PlaybookError(`the action cannot be split: ${error instanceof Error ? error.message : ''}`, {
      origin,
      cause: error,
    });
  }
}
