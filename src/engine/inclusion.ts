// What an include_tasks or include_role brings into a play, read once for all hosts that include the same with the same variables.
import { PlaybookError } from '../core/error.ts';
import type { Node, Play, Role, Task } from '../core/play.ts';
import { Dict, type Value } from '../core/value.ts';
import { pythonRepr } from '../template/index.ts';
import type { Flow } from './item-result.ts';
import type { RunContext } from './run-context.ts';

export interface Inclusion {
  readonly key: string;
  /** What is told: the file, or the role's name. */
  readonly label: string;
  readonly nodes: readonly Node[];
  readonly handlers: readonly Node[];
  readonly role?: Role;
}

export interface InclusionRequest {
  readonly run: RunContext;
  readonly play: Play;
  readonly host: string;
  readonly task: Task;
  readonly flow: Extract<Flow, { kind: 'include-tasks' | 'include-role' }>;
  readonly loopVars: ReadonlyMap<string, Value> | undefined;
  readonly cache: Map<string, Promise<Inclusion>>;
}

/** Errors: PlaybookError for a file or role that is not there or cannot be read. */
export async function included(request: InclusionRequest): Promise<Inclusion> {
  const { run, play, task, flow, loopVars, cache } = request;
  const vars = new Dict(loopVars ?? []);
  const apply = flow.apply instanceof Dict ? flow.apply : undefined;
  if (flow.apply !== undefined && apply === undefined)
    throw new PlaybookError('apply must be a mapping of keywords', { origin: task.argOrigin('apply') });
  const where =
    flow.kind === 'include-tasks'
      ? run.options.includes.find('tasks', flow.file, task, play)
      : String(flow.args['name']);
  const key = `${task.id}\n${where}\n${flow.kind === 'include-role' ? JSON.stringify(flow.args) : ''}\n${vars.size === 0 ? '' : pythonRepr(vars)}`;
  let found = cache.get(key);
  if (found === undefined)
    cache.set(
      key,
      (found =
        flow.kind === 'include-tasks'
          ? tasks(request, key, where, vars, apply)
          : role(request, key, where, vars, apply)),
    );
  return found;
}

async function tasks(
  { run, task }: InclusionRequest,
  key: string,
  file: string,
  vars: Dict,
  apply: Dict | undefined,
): Promise<Inclusion> {
  const { nodes, handlers } = await run.options.includes.tasks(file, task, {
    ...(vars.size === 0 ? {} : { vars }),
    ...(apply === undefined ? {} : { apply }),
  });
  return { key, label: file, nodes, handlers };
}

async function role(
  { run, task, flow }: InclusionRequest,
  key: string,
  name: string,
  vars: Dict,
  apply: Dict | undefined,
): Promise<Inclusion> {
  const args = flow.kind === 'include-role' ? flow.args : {};
  const from = (which: string): string | undefined =>
    typeof args[which] === 'string' && args[which] !== 'main' ? args[which] : undefined;
  const tasksFrom = from('tasks_from');
  const varsFrom = from('vars_from');
  const defaultsFrom = from('defaults_from');
  const handlersFrom = from('handlers_from');
  const found = await run.options.includes.role(name, task, {
    public: args['public'] === undefined ? run.options.publicIncludes === true : args['public'] === true,
    allowDuplicates: args['allow_duplicates'] !== false,
    validate: args['rolespec_validate'] !== false,
    ...(tasksFrom === undefined ? {} : { tasksFrom }),
    ...(varsFrom === undefined ? {} : { varsFrom }),
    ...(defaultsFrom === undefined ? {} : { defaultsFrom }),
    ...(handlersFrom === undefined ? {} : { handlersFrom }),
    ...(vars.size === 0 ? {} : { vars }),
    ...(apply === undefined ? {} : { apply }),
  });
  return { key, label: name, nodes: found.nodes, handlers: found.handlers, role: found.role };
}
