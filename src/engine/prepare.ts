// One task (or loop item) on one host made ready: conditions judged, arguments rendered and validated, machine known. Asks nothing of any host.
import type { Source, SourceOnHost } from '../core/args.ts';
import { contentOf } from '../core/content.ts';
import { ArgumentsRefused, during, PlaybookError, TemplateError, VbxError } from '../core/error.ts';
import type { Module } from '../core/module.ts';
import type { Origin } from '../core/origin.ts';
import type { Play, Task } from '../core/play.ts';
import { splitWords } from '../core/words.ts';
import { Dict, findUnknown, TemplateText, toPlain, Unknown, userText, type Value } from '../core/value.ts';
import { withoutOmitted } from './omitted.ts';
import { OMIT, pythonRepr, pythonStr, type Templar } from '../template/index.ts';
import type { Scope } from '../template/context.ts';
import { connectionOf, isThisMachine, type Connection } from './connection-of.ts';
import { keywordValues, type KeywordValues } from './keyword-values.ts';
import type { RunContext } from './run-context.ts';
import { fieldsOf, validateArgs, type ArgProblem } from './validate-args.ts';

export interface ItemRequest {
  readonly run: RunContext;
  readonly play: Play;
  readonly host: string;
  readonly task: Task;
  readonly loopVars?: ReadonlyMap<string, Value>;
}

export interface Ready {
  readonly kind: 'ready';
  readonly module: Module;
  /** Validated, sources resolved: what the module sees. */
  readonly args: Record<string, unknown>;
  /** The rendered arguments as values (control modules keep their types). */
  readonly values: Dict;
  readonly templar: Templar;
  readonly scope: Scope;
  readonly connection: Connection;
  readonly keywords: KeywordValues;
  readonly delegate?: string;
}
export type Prepared =
  | Ready
  | { readonly kind: 'skipped'; readonly condition: string | boolean }
  | { readonly kind: 'unknown'; readonly because: string; readonly module?: Module; readonly delegate?: string }
  | { readonly kind: 'failed'; readonly error: VbxError; readonly delegate?: string };

/** Arguments that the control modules evaluate themselves. */
const UNRENDERED: Readonly<Record<string, readonly string[]>> = {
  'ansible.builtin.assert': ['that'],
  'ansible.builtin.debug': ['var'],
  'ansible.builtin.include_tasks': ['apply'],
  'ansible.builtin.include_role': ['apply'],
};

/** The host's view of a task: scope, templates, and the delegate if there is one. A loop as a whole has none: each item may have its own. */
export function viewOf(
  request: ItemRequest,
  strict = false,
): { scope: Scope; templar: Templar; delegate: string | Unknown | undefined } {
  const { run, play, host, task, loopVars } = request;
  const scope = run.scopeOf(host, play, task, loopVars);
  const templar = run.templar(scope, task, play);
  const written = task.keywords.delegate_to;
  if (written === undefined || (task.loop !== undefined && loopVars?.has(task.loop.control.loopVar) !== true))
    return { scope, templar, delegate: undefined };
  let rendered: ReturnType<Templar['renderArg']>;
  try {
    rendered = templar.renderArg(written.value);
  } catch (error) {
    // The task that is prepared fails of it; whoever else looks at it goes on without.
    if (strict || !(error instanceof VbxError)) throw error;
    return { scope, templar, delegate: undefined };
  }
  if (strict && (rendered === '' || (rendered === null && written.value !== null)))
    throw new PlaybookError(
      `Empty hostname produced from delegate_to: "${written.value instanceof TemplateText ? written.value.source : ''}"`,
      { origin: written.origin },
    );
  if (rendered === OMIT || rendered === null || rendered === '') return { scope, templar, delegate: undefined };
  if (rendered instanceof Unknown) return { scope, templar, delegate: rendered };
  const delegate = pythonStr(rendered as Value);
  const delegated = run.scopeOf(host, play, task, loopVars, delegate);
  return { scope: delegated, templar: run.templar(delegated, task, play), delegate };
}

/** All conditions, outermost first: the first that is false decides; otherwise one that is unknown. */
export function judge(
  templar: Templar,
  conditions: readonly { readonly value: Value; readonly origin: Origin }[],
):
  | { readonly holds: true }
  | { readonly holds: false; readonly condition: string | boolean }
  | { readonly holds: 'unknown'; readonly because: string } {
  let unknown: Unknown | undefined;
  for (const { value, origin } of conditions) {
    const result = templar.condition(value, origin);
    if (result instanceof Unknown) unknown ??= result;
    else if (!result)
      return {
        holds: false,
        condition: value instanceof TemplateText ? value.source : typeof value === 'boolean' ? value : pythonStr(value),
      };
  }
  return unknown === undefined ? { holds: true } : { holds: 'unknown', because: unknown.because };
}

/** Prepares an item. `judged`: its conditions were judged already. Errors of the playbook are a result, bugs are thrown. */
export async function prepare(given: ItemRequest, judged = false): Promise<Prepared> {
  const task = withoutOmitted(given.task, () => viewOf(given).templar);
  const request = task === given.task ? given : { ...given, task };
  const { run, play, host } = request;
  let delegate: string | undefined;
  // What goes wrong from there on is the module's own failure.
  let own = false;
  try {
    const view = viewOf(request, true);
    if (view.delegate instanceof Unknown) return { kind: 'unknown', because: view.delegate.because };
    delegate = view.delegate;
    const { scope, templar } = view;
    if (!judged) {
      const verdict = judge(templar, task.when);
      if (verdict.holds === false) return { kind: 'skipped', condition: verdict.condition };
      if (verdict.holds === 'unknown')
        return {
          kind: 'unknown',
          because: verdict.because,
          ...(await withModule(request)),
          ...(delegate === undefined ? {} : { delegate }),
        };
    }
    const keywords = keywordValues(task, templar);
    const action = actionOf(request, templar);
    const module = await run.module(doerOf(action));
    if (module === undefined)
      throw new PlaybookError(`the module ${task.writtenAction} is not one that vbx has`, {
        origin: task.actionOrigin,
      });
    if (module.startsHere === true && delegate !== undefined && delegate !== host && isThisMachine(delegate))
      delegate = undefined;
    // The variables of the task, its blocks and its role count for the host that it is delegated to as well.
    const targetScope = run.variables.scope({
      host: delegate ?? host,
      play,
      task,
      extra: request.loopVars,
      bare: true,
    });
    const there = delegate === undefined ? templar : run.templar(targetScope, task, play);
    const values = renderArgs(module, action, request, templar, there);
    for (const [name, info] of fieldsOf(module))
      if (info.whenWritten === true && values.get(name) instanceof Unknown) values.delete(name);
    const plain = toPlain(values) as Record<string, unknown>;
    const unknown = module.kind === 'control' ? undefined : findUnknown(values);
    if (unknown !== undefined)
      return { kind: 'unknown', because: unknown.because, module, ...(delegate === undefined ? {} : { delegate }) };
    const { args, problems } = validateArgs(module, plain);
    const [problem] = problems;
    if (problem !== undefined || args === undefined) {
      const origin = problem?.arg === undefined ? task.origin : task.argOrigin(problem.arg);
      throw new ArgumentsRefused(refusedArgs(problems, module, task.writtenAction), {
        origin,
        hint: problem?.hint,
        fields: problem?.fields ?? (problem?.own === undefined ? undefined : module.refusedFields),
      });
    }
    // A script reaches its interpreter through the connection, which a command that goes on by itself does not have.
    if (module.name === 'ansible.builtin.script' && (keywords.numbers.async ?? 0) > 0) {
      throw new ArgumentsRefused(
        `This action (${task.writtenAction.split('.').at(-1) ?? ''}) does not support async.`,
        { origin: task.keywords.async?.origin },
      );
    }
    for (const [name, info] of fieldsOf(module))
      if (info.secret === true && args[name] !== undefined) markSecret(run, args[name]);
    const target = delegate ?? host;
    const connected = (): Connection =>
      connectionOf(
        target,
        run.options.inventory.host(target) !== undefined,
        targetScope,
        task.keywords,
        templar,
        there,
        run.options.connection,
        delegate !== undefined,
      );
    const connection = module.kind === 'control' ? connectionOrNone(connected, target) : connected();
    if (connection.settings.password !== undefined) run.options.secrets.add(connection.settings.password);
    if (connection.spec.become?.password !== undefined) run.options.secrets.add(connection.spec.become.password);
    own = module.kind !== 'control';
    const resolved = own ? await resolveSources(module, args, request, templar) : args;
    const late = findUnknown(resolved);
    if (late !== undefined && module.kind !== 'control')
      return { kind: 'unknown', because: late.because, module, ...(delegate === undefined ? {} : { delegate }) };
    return {
      kind: 'ready',
      module,
      args: resolved,
      values,
      templar,
      scope,
      connection,
      keywords,
      ...(delegate === undefined ? {} : { delegate }),
    };
  } catch (error) {
    if (!(error instanceof VbxError)) throw error;
    return {
      kind: 'failed',
      error: own && !(error instanceof TemplateError) ? error : taskFailed(error),
      ...(delegate === undefined ? {} : { delegate }),
    };
  }
}

/** What a task broke off at before its module had anything to say, as Ansible tells it; a module that refuses its arguments says so itself. */
export function taskFailed(error: VbxError): VbxError {
  return error instanceof ArgumentsRefused ? error : during('Task failed', error);
}

/** What the engine carries out itself needs no connection: one that vbx does not have is no obstacle. */
function connectionOrNone(connected: () => Connection, name: string): Connection {
  try {
    return connected();
  } catch (error) {
    if (!(error instanceof VbxError)) throw error;
    return {
      settings: { transport: 'local', name, host: 'localhost', hostKeyChecking: 'yes', connectTimeout: 10 },
      spec: {},
    };
  }
}

/** Modules that Ansible runs on the controller alone have words of their own for arguments that they do not know. */
const CONTROLLER_ONLY: ReadonlySet<string> = new Set(
  ['fail', 'group_by', 'set_stats', 'wait_for_connection'].map((name) => `ansible.builtin.${name}`),
);

/** The words of modules that speak of missing arguments in their own way. */
const OWN_MISSING: Readonly<Record<string, (missing: readonly string[]) => string>> = {
  'ansible.builtin.add_host': () => 'name, host or hostname needs to be provided',
  'ansible.builtin.group_by': () => "the 'key' param is required when using group_by",
  'ansible.builtin.copy': (missing) => `${missing.join(' and ')} is required`,
  'ansible.builtin.template': () => 'src and dest are required',
  'ansible.builtin.fetch': () => 'src and dest are required',
  'ansible.builtin.unarchive': () => 'src (or content) and dest are required',
  'ansible.builtin.script': () => 'one of the following is required: _raw_params, cmd',
};

/** Playbooks look for Ansible's words where they expect a refusal: as there, the first thing that is wrong is told. */
function refusedArgs(problems: readonly ArgProblem[], module: Module, written: string): string {
  const missing = problems.flatMap((problem) => (problem.missing === undefined ? [] : [problem.missing])).sort();
  if (missing.length > 0)
    return OWN_MISSING[module.name]?.(missing) ?? `missing required arguments: ${missing.join(', ')}`;
  const wrong = problems.find(({ unknownName }) => unknownName !== true);
  if (wrong !== undefined) return wrong.own ?? wrong.words ?? wrong.message;
  const names = problems
    .flatMap(({ arg }) => (arg === undefined ? [] : [arg]))
    .sort()
    .join(', ');
  if (CONTROLLER_ONLY.has(module.name)) return `Invalid options for ${written}: ${names}`;
  // The one argument of command that shell does not have is refused without telling what there is.
  if (module.name === 'ansible.builtin.shell' && names === 'expand_argument_vars')
    return `Unsupported parameters for (${written}) module: ${names}`;
  const fields = fieldsOf(module);
  const aliases = [...fields.values()].flatMap((info) => info.aliases ?? []).sort();
  return `Unsupported parameters for (${written}) module: ${names}. Supported parameters include: ${[...fields.keys()].sort().join(', ')}${aliases.length === 0 ? '' : ` (${aliases.join(', ')})`}.`;
}

/** The module that does the work of an action. */
function doerOf(action: string): string {
  return action === 'ansible.builtin.gather_facts' ? 'ansible.builtin.setup' : action;
}

/** The canonical name of the task's module; a templated one is rendered now. */
function actionOf({ run, task }: ItemRequest, templar: Templar): string {
  if (task.actionTemplate === undefined) return task.action;
  const name = pythonStr(templar.render(task.actionTemplate)).trim();
  const { canonical, nearest } = run.options.resolveModule(name, task.collections);
  if (canonical === undefined)
    throw new PlaybookError(`there is no module "${name}"`, {
      origin: task.actionOrigin,
      hint: nearest === undefined ? undefined : `did you mean "${nearest}"?`,
    });
  return canonical;
}

async function withModule(request: ItemRequest): Promise<{ module?: Module }> {
  const module = await request.run.module(doerOf(request.task.action));
  return module === undefined ? {} : { module };
}

function markSecret(run: RunContext, value: unknown): void {
  if (typeof value === 'string') run.options.secrets.add(value);
  else if (Array.isArray(value)) for (const item of value) markSecret(run, item);
  else if (value !== null && typeof value === 'object') for (const item of Object.values(value)) markSecret(run, item);
}

/** module_defaults, then a whole-mapping template, then the arguments as written; entries that are omitted go. `there`: as the host that acts sees variables. */
function renderArgs(module: Module, action: string, request: ItemRequest, templar: Templar, there: Templar): Dict {
  try {
    return finalArgs(module, request, templar, there);
  } catch (error) {
    if (!(error instanceof VbxError)) throw error;
    throw during(`Finalization of task args for '${action}' failed`, error);
  }
}

function finalArgs(module: Module, request: ItemRequest, templar: Templar, there: Templar): Dict {
  const { task } = request;
  const values = new Dict();
  const put = (given: Dict, unrendered: readonly string[]): void => {
    for (const [key, value] of given) {
      if (key === '_variable_params' || (key === 'parallel' && task.action === 'ansible.builtin.gather_facts'))
        continue;
      try {
        const rendered = unrendered.includes(key as string) ? value : templar.renderArg(value);
        if (rendered === OMIT) values.delete(key);
        else values.set(key, rendered as Value);
      } catch (error) {
        if (!(error instanceof VbxError)) throw error;
        throw during(`Error while resolving value for ${pythonRepr(key)}`, error);
      }
    }
  };
  for (const [name, variable] of Object.entries(module.fromVariables ?? {})) {
    // An interpreter is one of the host that acts.
    const value = (variable.endsWith('_interpreter') ? there : templar).renderArg(
      userText(`{{ ${variable} | default(omit) }}`, task.origin),
    );
    if (value !== OMIT) values.set(name, value as Value);
  }
  const backend = backendOf(module, templar);
  for (const byBackend of backend === undefined ? [false] : [true, false])
    for (const defaults of task.moduleDefaults) {
      const all = defaults.value instanceof Dict ? defaults.value : templar.render(defaults.value);
      if (!(all instanceof Dict)) continue;
      for (const [name, given] of all) {
        if (byBackend ? !isBackend(String(name as string), backend) : !appliesTo(String(name as string), module))
          continue;
        const own = given instanceof Dict ? given : templar.render(given);
        if (own instanceof Dict) put(own, []);
      }
    }
  const whole = task.args.get('_variable_params');
  if (whole !== undefined) {
    const rendered = templar.render(whole);
    if (rendered instanceof Dict) put(rendered, []);
    else if (rendered instanceof Unknown) values.set('_raw_params', rendered);
    else if (rendered !== null && rendered !== '')
      throw new PlaybookError(`invalid or malformed argument: ${pythonRepr(rendered as Value)}`, {
        origin: task.origin,
        hint: `the arguments of ${task.writtenAction} are a mapping`,
      });
  }
  put(task.args, UNRENDERED[module.name] ?? []);
  const raw = values.get('_raw_params');
  if (raw !== undefined && !(raw instanceof Unknown) && raw !== null && typeof raw !== 'string')
    values.set('_raw_params', pythonStr(raw));
  return values;
}

/** The module that does this one's work on the host, as its facts say; undefined where they are not known. */
function backendOf(module: Module, templar: Templar): string | undefined {
  if (module.backendFact === undefined) return undefined;
  const facts = templar.render(userText('{{ ansible_facts | default({}) }}', { file: 'vbx', line: 1, column: 1 }));
  const backend = facts instanceof Dict ? facts.get(module.backendFact) : undefined;
  return typeof backend === 'string' ? backend : undefined;
}
const isBackend = (name: string, backend: string | undefined): boolean =>
  name === backend || name === `ansible.builtin.${backend ?? ''}` || name === `ansible.legacy.${backend ?? ''}`;

/** Whether a key of module_defaults means this module: by any of its names, or as an action group of its collection. */
function appliesTo(name: string, module: Module): boolean {
  if (name.startsWith('group/')) {
    const collection = module.name.split('.').slice(0, 2).join('.');
    return (
      name === `group/${collection}.${collection.split('.')[1] ?? ''}` ||
      name === `group/${collection.split('.')[1] ?? ''}` ||
      name === `group/${collection}.all`
    );
  }
  return (
    name === module.name ||
    name === module.name.split('.').at(-1) ||
    module.name === `ansible.builtin.${name}` ||
    (name.startsWith('ansible.legacy.') && module.name === name.replace('ansible.legacy.', 'ansible.builtin.')) ||
    module.aliases?.includes(name) === true
  );
}

/** Arguments that name files of the controller become what they hold. */
async function resolveSources(
  module: Module,
  args: Record<string, unknown>,
  request: ItemRequest,
  templar: Templar,
): Promise<Record<string, unknown>> {
  const { run, play, task } = request;
  let resolved = args;
  for (const [name, info] of fieldsOf(module)) {
    const kind = info.source;
    const written = args[name];
    const { searched } = info;
    if (
      searched !== undefined &&
      typeof written === 'string' &&
      !/^[/~]/.test(written) &&
      args[searched.unless[0]] !== searched.unless[1]
    ) {
      const found = run.options.includes.find(searched.folder, written, task, play);
      resolved = { ...resolved, [name]: written.endsWith('/') && !found.endsWith('/') ? `${found}/` : found };
    }
    if (kind === undefined || typeof written !== 'string') continue;
    let source: Source | Unknown;
    const [file = written, ...words] =
      kind.commandLine === true ? commandWords(written, task.argOrigin(name)) : [written];
    if (kind.unless !== undefined && args[kind.unless] === true)
      source = { kind: 'host', path: written } satisfies SourceOnHost;
    else {
      const path = run.options.includes.find(kind.folder, file, task, play);
      try {
        source = await run.sources.source(path, {
          tree: kind.tree === true,
          written,
          decrypt: args['decrypt'] !== false,
          followLinks: args['local_follow'] !== false,
        });
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new PlaybookError(
          why.includes('no vault secret was given')
            ? `A vault password or secret must be specified to decrypt ${(error instanceof VbxError ? error.origin?.file : undefined) ?? path}`
            : `cannot read ${path}: ${why}`,
          { origin: task.argOrigin(name), cause: error },
        );
      }
      if (kind.commandLine === true && source.kind === 'file') source = { ...source, words };
      if (kind.render === true && source.kind === 'file') source = await renderSource(source, args, request, templar);
    }
    resolved = { ...resolved, [name]: source };
  }
  return resolved;
}

function commandWords(line: string, origin: Origin): readonly string[] {
  const { words, error } = splitWords(line);
  if (words === undefined) throw new PlaybookError(`the command line cannot be read: ${error ?? ''}`, { origin });
  return words;
}

/** The file rendered as the template module does it. */
async function renderSource(
  source: Source & { kind: 'file' },
  args: Record<string, unknown>,
  request: ItemRequest,
  templar: Templar,
): Promise<Source | Unknown> {
  const bytes = source.content.bytes;
  if (bytes === undefined)
    throw new PlaybookError(`${source.path} is too large to be a template`, { origin: request.task.origin });
  const overrides: Record<string, unknown> = {};
  for (const key of [
    'block_start_string',
    'block_end_string',
    'variable_start_string',
    'variable_end_string',
    'comment_start_string',
    'comment_end_string',
    'trim_blocks',
    'lstrip_blocks',
    'newline_sequence',
  ])
    if (args[key] !== undefined) overrides[key] = args[key];
  const { value, text } = templar.file(bytes.toString('utf8'), {
    name: source.path,
    ...(source.written === undefined ? {} : { written: source.written }),
    overrides,
    ...(typeof args['dest'] === 'string' ? { destination: args['dest'] } : {}),
  });
  const unknown = findUnknown(value);
  if (unknown !== undefined || text === null) return unknown ?? new Unknown('a template');
  return { ...source, content: contentOf(Buffer.from(text)) };
}
