// Notifications: which handlers a name means to a host, and that it notified them.
import { VbxError } from '../core/error.ts';
import { nearest } from '../core/nearest.ts';
import type { Node, Task } from '../core/play.ts';
import { TemplateText } from '../core/value.ts';
import type { Batch } from './batch.ts';
import type { HostRun } from './host-run.ts';
import { viewOf } from './prepare.ts';
import type { TaskDone } from './task-run.ts';

/** Notes the handlers that a task notified. Errors: VbxError for one that is not there, unless settings have it as a warning. */
export function notify(batch: Batch, host: HostRun, task: Task, done: TaskDone): void {
  for (const name of done.notify) {
    const found = handlersOf(batch, host, task, name);
    if (found.length === 0) {
      const message = `The requested handler '${name}' was not found in either the main handlers list nor in the listening handlers list`;
      const origin = task.notify[0]?.origin ?? task.origin;
      // As under Ansible, a play that asks for what is not there is wrong as a whole: the run ends.
      if (batch.run.options.missingHandlerIsError !== false) {
        const near = nearest(name, batch.options.handlers.words());
        throw new VbxError(message, {
          origin,
          hint:
            near === undefined
              ? 'handlers are found by name, by "role : name", or by what they listen to'
              : `did you mean "${near}"?`,
        });
      }
      batch.run.warn(message, origin);
    }
    for (const node of found) {
      const unknown = done.outcome.kind === 'unknown';
      const before = host.notified.get(node.id);
      host.notified.set(node.id, { name, task, unknown: unknown && before?.unknown !== false });
      if (before === undefined)
        batch.run.emit({
          kind: 'handler-notified',
          host: host.name,
          handler: name,
          task: task.id,
          ...(unknown ? { unknown: true } : {}),
        });
    }
  }
}

/** The handlers that a name means where the task of the host notified it. */
export function handlersOf(batch: Batch, host: HostRun, task: Task, name: string): readonly Node[] {
  return batch.options.handlers.find(
    name,
    (node) =>
      viewOf({ run: batch.run, play: batch.play, host: host.name, task: node.kind === 'task' ? node : task }).templar,
    (node, error) => {
      batch.run.warn(
        `Handler '${node.name instanceof TemplateText ? node.name.source : ''}' is unusable because it has no listen topics and the name could not be templated (host-specific variables are not supported in handler names). The error: ${error.message}`,
        node.origin,
      );
    },
  );
}
