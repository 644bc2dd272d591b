// Lists what is wrong in a loaded playbook before any host is touched: arguments, template syntax, missing files, handlers that nobody defines.
import type { Origin } from '../core/origin.ts';
import type { Play, Playbook, Role, Task, Written } from '../core/play.ts';
import type { SourceKind } from '../core/args.ts';
import { nearest } from '../core/nearest.ts';
import { PlaybookError, VbxError } from '../core/error.ts';
import { Dict, TemplateText, type Value } from '../core/value.ts';
import { unknownPlugins, type PluginKind } from '../template/index.ts';
import type { FileSource } from './node-files.ts';
import { resolveFile } from './search-path.ts';
import { walkTasks } from './walk.ts';

export type LintRule = 'args' | 'template' | 'file' | 'handler';

export interface LintProblem {
  readonly rule: LintRule;
  readonly message: string;
  readonly origin?: Origin;
  readonly hint?: string;
}

/** What the rules need to know of modules; the layers above give it. */
export interface LintContext {
  readonly files: FileSource;
  /** Problems of a task's arguments as far as they can be known without rendering; `arg` names the one that is wrong. */
  readonly argProblems: (
    task: Task,
  ) => readonly { readonly arg?: string | undefined; readonly message: string; readonly hint?: string | undefined }[];
  /** Arguments of a module that name files of the controller. */
  readonly sources: (action: string) => readonly { readonly name: string; readonly source: SourceKind }[];
  /** Whether the playbook brings this filter, test or lookup along. */
  readonly ownPlugin?: (kind: PluginKind, name: string) => boolean;
  /** The file of tasks that an include names; throws a PlaybookError where there is none. */
  readonly findTaskFile?: (name: string, include: Task) => string;
}

/** All problems of a playbook, in the order of its tasks. */
export function lintPlaybook(playbook: Playbook, context: LintContext): readonly LintProblem[] {
  const check = checker(context.ownPlugin ?? (() => false));
  const problems: LintProblem[] = [];
  const seen = new Set<string>();
  const add = (problem: LintProblem): void => {
    const key = `${problem.origin?.file}:${problem.origin?.line}:${problem.origin?.column} ${problem.message}`;
    if (!seen.has(key)) problems.push(problem);
    seen.add(key);
  };
  for (const play of playbook.plays) lintPlay(play, context, add, check);
  return problems;
}

type Add = (problem: LintProblem) => void;

function lintPlay(play: Play, context: LintContext, add: Add, checkTemplates: CheckTemplates): void {
  const handlers = handlerNames(play);
  const roles = new Set<Role>();
  checkTemplates(play.hosts.value, play.hosts.origin, add);
  checkTemplates(play.vars.vars, play.vars.origin, add);
  for (const written of [
    ...play.environment,
    ...play.moduleDefaults,
    ...play.varsFiles,
    ...Object.values(play.settings),
  ])
    checkTemplates(written.value, written.origin, add);
  for (const { task } of walkTasks(play)) {
    for (const role of task.role === undefined ? [] : [...task.role.parents, task.role]) {
      if (roles.has(role)) continue;
      roles.add(role);
      for (const layer of [role.defaults, role.vars]) checkTemplates(layer.vars, layer.origin, add);
    }
    for (const { arg, message, hint } of context.argProblems(task))
      add({
        rule: 'args',
        message,
        origin: arg === undefined ? task.actionOrigin : task.argOrigin(arg),
        ...(hint !== undefined && { hint }),
      });
    lintTemplates(task, add, checkTemplates);
    lintFiles(task, play, context, add, checkTemplates);
    lintNotify(task, handlers, add);
  }
}

/** Keywords whose text is an expression, with or without template marks. */
const EXPRESSIONS: ReadonlySet<string> = new Set(['changed_when', 'failed_when', 'until']);

function lintTemplates(task: Task, add: Add, checkTemplates: CheckTemplates): void {
  checkTemplates(task.name ?? null, task.origin, add);
  checkTemplates(task.args, task.actionOrigin, add);
  for (const layer of task.vars) checkTemplates(layer.vars, layer.origin, add);
  for (const written of [...task.environment, ...task.notify, ...task.moduleDefaults])
    checkTemplates(written.value, written.origin, add);
  for (const written of [...task.when, ...(task.loop?.control.breakWhen ?? [])])
    checkTemplates(written.value, written.origin, add, 'expression');
  if (task.loop !== undefined) checkTemplates(task.loop.value, task.loop.origin, add);
  for (const written of [task.loop?.control.label, task.loop?.control.pause])
    if (written !== undefined) checkTemplates(written.value, written.origin, add);
  for (const [name, written] of Object.entries(task.keywords))
    checkTemplates(written.value, written.origin, add, EXPRESSIONS.has(name) ? 'expression' : 'template');
}

type CheckTemplates = (value: Value, origin: Origin | undefined, add: Add, kind?: 'template' | 'expression') => void;

/** Checks templates and expressions: whether they parse, and whether there is every filter, test and lookup that they name. */
function checker(own: (kind: PluginKind, name: string) => boolean): CheckTemplates {
  const check: CheckTemplates = (value, origin, add, kind = 'template') => {
    if (value instanceof Dict) for (const item of value.values()) check(item, origin, add, kind);
    else if (Array.isArray(value)) for (const item of value) check(item, origin, add, kind);
    else if (value instanceof TemplateText || (kind === 'expression' && typeof value === 'string')) {
      try {
        for (const { kind: plugin, name, origin: at, hint } of unknownPlugins(value, kind, origin, own)) {
          add({
            rule: 'template',
            message: `there is no ${plugin} "${name}"`,
            ...placeOf(at ?? origin),
            ...(hint !== undefined && { hint }),
          });
        }
      } catch (error) {
        if (!(error instanceof VbxError)) throw error;
        add({
          rule: 'template',
          message: error.message,
          ...placeOf(error.origin ?? origin),
          ...(error.hint !== undefined && { hint: error.hint }),
        });
      }
    }
  };
  return check;
}

function placeOf(origin: Origin | undefined): { origin?: Origin } {
  return origin === undefined ? {} : { origin };
}

/** Files with plain names must be there, unless the task may be skipped: what is behind a condition may exist only where it holds. */
function lintFiles(task: Task, play: Play, context: LintContext, add: Add, checkTemplates: CheckTemplates): void {
  const guarded = task.when.length > 0;
  const missing = (find: () => unknown): void => {
    try {
      find();
    } catch (error) {
      if (!(error instanceof PlaybookError)) throw error;
      if (!guarded)
        add({
          rule: 'file',
          message: error.message,
          ...placeOf(error.origin),
          ...(error.hint !== undefined && { hint: error.hint }),
        });
    }
  };
  for (const { name, source } of context.sources(task.action)) {
    const value = task.args.get(name);
    if (typeof value !== 'string' || value === '') continue;
    const unless = source.unless === undefined ? undefined : task.args.get(source.unless);
    if (unless !== undefined && unless !== null && unless !== false && !/^(no|false|off|0|n|f)$/i.test(String(unless)))
      continue;
    missing(() => {
      const path = resolveFile(value, task, source.folder, play, context.files, task.argOrigin(name));
      if (source.render === true && !ownSyntax(task)) checkFile(path, context, add, checkTemplates);
    });
  }
  if (task.action === 'ansible.builtin.include_tasks' && context.findTaskFile !== undefined) {
    const name = task.args.get('_raw_params') ?? task.args.get('file');
    const { findTaskFile } = context;
    if (typeof name === 'string') missing(() => findTaskFile(name, task));
  }
}

/** Whether the task changes the marks of its template. */
function ownSyntax(task: Task): boolean {
  return [...task.args.keys()].some((key) => /_(?:start|end)_string$/.test(String(key as string)));
}

/** A template file; one with a header of its own, or encrypted, is left to the run. */
function checkFile(path: string, { files }: LintContext, add: Add, checkTemplates: CheckTemplates): void {
  const text = files.isDir(path) ? undefined : files.readFile(path);
  if (text !== undefined && !/^(?:#jinja2:|\$ANSIBLE_VAULT)/.test(text))
    checkTemplates(new TemplateText(text, { file: path, line: 1, column: 1 }), undefined, add);
}

interface HandlerNames {
  readonly names: ReadonlySet<string>;
  /** Handlers that come with includes or whose names are templates: then a name that is not known may still exist. */
  readonly open: boolean;
}

function handlerNames(play: Play): HandlerNames {
  const names = new Set<string>();
  let open = false;
  for (const { task, section } of walkTasks(play)) {
    if (
      task.action === 'ansible.builtin.include_role' ||
      (section === 'handlers' && task.action === 'ansible.builtin.include_tasks')
    )
      open = true;
    if (section !== 'handlers') continue;
    for (const value of [task.name, ...task.listen.map((written) => written.value)]) {
      if (value instanceof TemplateText) open = true;
      if (typeof value !== 'string') continue;
      names.add(value);
      for (const role of task.role === undefined ? [] : [task.role.name, task.role.fqcn])
        if (role !== undefined) names.add(`${role} : ${value}`);
    }
  }
  return { names, open };
}

function lintNotify(task: Task, { names, open }: HandlerNames, add: Add): void {
  if (open) return;
  const check = ({ value, origin }: Written): void => {
    if (typeof value !== 'string' || names.has(value)) return;
    const near = nearest(value, names);
    add({
      rule: 'handler',
      message: `no handler is named "${value}" or listens to it`,
      origin,
      ...(near !== undefined && { hint: `did you mean "${near}"?` }),
    });
  };
  task.notify.forEach(check);
}
