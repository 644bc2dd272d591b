// What a container that ran in the foreground left behind.
import type { StepResult } from '../../core/step.ts';
import { parseJson, type Json } from '../../probes/json.ts';
import type { ContainerArgs } from './container-args.ts';
import { demultiplex } from './stream.ts';

/** What a container that ran to its end left: status, output, failure by its exit status. */
export function attachedResult(
  args: ContainerArgs,
  container: Json,
  done: readonly StepResult[],
): Record<string, unknown> {
  const find = (display: string): Buffer | undefined =>
    done.find((result) => result.step.kind === 'http' && result.step.display.startsWith(display))?.response?.body;
  const waited = parseJson(find('wait for the end') ?? '');
  const logs = find('logs of container');
  const tty = args.tty === true;
  const parts = logs === undefined ? undefined : tty ? { stdout: logs, stderr: Buffer.alloc(0) } : demultiplex(logs);
  const output =
    args.auto_remove === true
      ? 'Cannot retrieve result as auto_remove is enabled'
      : `${parts?.stdout.toString('utf8') ?? ''}${parts?.stderr.toString('utf8') ?? ''}`;
  const status =
    typeof waited === 'object' && waited !== null && 'StatusCode' in waited ? Number(waited.StatusCode) : undefined;
  return {
    container: { ...container, Output: output },
    ...(status === undefined ? {} : { status, ...(status === 0 ? {} : { failed: true, msg: output }) }),
  };
}
