// What carrying out an item needs beside its arguments, from the keywords of its task.
import { during, TemplateError, VbxError } from '../core/error.ts';
import type { Task } from '../core/play.ts';
import { Dict, Unknown, type Value } from '../core/value.ts';
import { World } from '../core/world.ts';
import { OMIT, pythonStr, type Templar } from '../template/index.ts';
import { pythonRepr } from '../template/python/text.ts';
import type { ItemContext } from './perform-item.ts';
import { taskFailed, type Ready } from './prepare.ts';
import type { RunContext } from './run-context.ts';
import { readText, type TaskRequest } from './task-request.ts';

/** What carrying out an item needs, from the task's keywords. */
export function makeContext(request: TaskRequest, prepared: Ready, noLog: boolean): ItemContext {
  const { run, host, task, id } = request;
  const { templar, keywords } = prepared;
  const machine = run.machines.of(prepared.connection.settings);
  const timeout = keywords.numbers.timeout ?? run.options.taskTimeout;
  const environment = (): Record<string, string> => {
    try {
      return environmentOf(task, templar, (message, origin) => run.warn(message, origin));
    } catch (error) {
      if (!(error instanceof VbxError)) throw error;
      throw taskFailed(during("Error processing keyword 'environment'", error));
    }
  };
  const partial = { stdout: '', stderr: '' };
  return {
    machine,
    // A single checked task of a real run must leave no prediction behind for those that follow.
    world: run.options.check ? machine.world : new World(),
    spec: prepared.connection.spec,
    host,
    ...(prepared.delegate === undefined ? {} : { delegate: prepared.delegate }),
    taskName: request.name,
    taskId: id,
    check: keywords.flags.check_mode ?? run.options.check,
    diff: keywords.flags.diff ?? run.options.diff,
    verify: run.options.verify,
    environment: environment(),
    playbookDir: request.play.playbookDir,
    ...(timeout === undefined || timeout <= 0 ? {} : { timeout }),
    signal: run.control.signal,
    reportsNotBefore: request.reportsNotBefore(),
    ahead: (basics) => request.ahead(basics, machine.machine.key, prepared.connection.spec),
    turn:
      prepared.delegate === undefined && machine.machine.settings.transport !== 'local'
        ? (work) => work()
        : (work) => machine.turn(work),
    onOutput: (stream, chunk) => {
      if (noLog) return;
      const text = partial[stream] + chunk.toString();
      const end = text.lastIndexOf('\n') + 1;
      partial[stream] = end === 0 && text.length < 4096 ? text : text.slice(end === 0 ? text.length : end);
      const whole = text.slice(0, text.length - partial[stream].length);
      if (whole !== '') run.emit({ kind: 'output', host, task: id, stream, text: whole });
    },
    warn: (message) => run.warn(message, task.origin, host),
    readFile: (file) => readText(run, file),
  };
}

function environmentOf(task: Task, templar: Templar, warn: RunContext['warn']): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const written of task.environment) {
    const value = written.value instanceof Dict ? written.value : templar.renderArg(written.value);
    if (value === OMIT) continue;
    const dicts: readonly Value[] = Array.isArray(value) ? value : [value as Value];
    for (const dict of dicts) {
      if (dict === null || dict instanceof Unknown || dict === '') continue;
      if (!(dict instanceof Dict)) {
        warn(`could not parse environment value, skipping: ${pythonRepr([dict])}`, written.origin);
        continue;
      }
      for (const [name, given] of dict) {
        const key = pythonStr(name);
        const item = environmentValue(task, templar, given);
        if (item === OMIT) continue;
        if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key))
          throw new VbxError(`"${key}" is no name for an environment variable`, { origin: written.origin });
        environment[key] = pythonStr(item as Value);
      }
    }
  }
  return environment;
}

/** A variable's value; where facts are gathered, what asks for the very facts is left out, as they are not there yet. */
function environmentValue(task: Task, templar: Templar, given: Value): Value | typeof OMIT {
  try {
    return templar.renderArg(given) as Value | typeof OMIT;
  } catch (error) {
    const gathers = task.action === 'ansible.builtin.gather_facts' || task.action === 'ansible.builtin.setup';
    if (
      error instanceof TemplateError &&
      error.kind === 'undefined' &&
      ((gathers && error.message.includes('ansible_facts')) || error.message.includes('ansible_env'))
    )
      return OMIT;
    throw error;
  }
}
