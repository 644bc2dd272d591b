// `async`: a command that goes on by itself on its host, and the questions how it is doing. It outlives the connection and vbx itself.
import { randomInt } from 'node:crypto';
import { quote } from '../core/quote.ts';
import type { ActionModule } from '../core/module.ts';
import type { StepResult, Step } from '../core/step.ts';
import type { Control } from './control/control.ts';
import { failed, ok } from './control/control.ts';
import { withLines } from './item-result.ts';
import type { ItemContext, Performed } from './perform-item.ts';
import { basicsOf, performAction } from './perform-item.ts';
import { sleep } from './step-run.ts';

const FOLDER = '${ANSIBLE_ASYNC_DIR:-$HOME/.ansible_async}';

/** Runs in a session of its own: folder of the job, seconds it may take, the command. */
const RUNNER = [
  'j=$1; limit=$2',
  // What the command reads is gone from the folder once it is open.
  'in=/dev/null; [ -f "$j/stdin" ] && in=$j/stdin',
  '{ rm -f "$j/stdin"; exec /bin/sh -c "$3"; } < "$in" > "$j/stdout" 2> "$j/stderr" & p=$!',
  '( sleep "$limit"; : > "$j/timeout"; kill -TERM "$p"; sleep 5; kill -KILL "$p" ) > /dev/null 2>&1 & w=$!',
  'wait "$p"; rc=$?; kill "$w" 2> /dev/null',
  'echo "$rc" > "$j/rc.new"; mv "$j/rc.new" "$j/rc"',
].join('\n');

interface Job {
  readonly module: ActionModule;
  readonly args: Record<string, unknown>;
  readonly step: Step & { kind: 'command' };
  readonly start: number;
}

/** Jobs that this process started, by host and id: how to understand their end. */
const jobs = new Map<string, Job>();

/** Starts the item's command on its own, then waits for it unless `poll` is 0. Modules that are no single command run in the foreground, under the same limit. */
export async function runAsync(
  module: ActionModule,
  args: Record<string, unknown>,
  context: ItemContext,
  seconds: number,
  poll: number,
): Promise<Performed> {
  const basics = await context.turn(() => basicsOf(context, () => []));
  const probes = module.probe?.(args as never, basics) ?? {};
  if (Object.keys(probes).length > 0 && module.satisfied !== undefined) {
    const keys = Object.keys(probes);
    const states = await context.machine.observe(Object.values(probes), { spec: context.spec, signal: context.signal });
    const fields = module.satisfied(
      args as never,
      Object.fromEntries(keys.map((key, index) => [key, states[index]])) as never,
    );
    if (fields !== undefined)
      return { outcome: { kind: 'ok', result: withLines({ changed: false, ...fields }) }, diffs: [] };
  }
  const steps = module.steps(args as never, {}, basics, {
    host: context.host,
    playbookDir: context.playbookDir,
    environment: context.environment,
    checkMode: false,
  });
  const [step, ...more] = steps;
  if (step?.kind !== 'command' || more.length > 0) return performAction(module, args, { ...context, timeout: seconds });
  const jid = `j${randomInt(1e11, 1e12)}.${randomInt(1000, 65535)}`;
  const command = `${step.chdir === undefined ? '' : `cd ${quote(step.chdir)} && `}${step.executable === undefined ? step.script : `exec ${quote(step.executable)} -c ${quote(step.script)}`}`;
  const script = `umask 077; j=${FOLDER}/${jid}.vbx; mkdir -p "$j" || exit; ${step.stdin === undefined ? '' : 'cat > "$j/stdin" || exit; '}( trap '' HUP; exec setsid /bin/sh -c ${quote(RUNNER)} vbx-async "$j" ${Math.ceil(seconds)} ${quote(command)} < /dev/null > /dev/null 2>&1 ) & printf '%s\\n' "$j"`;
  const performed = await context.machine.perform(
    [{ kind: 'script', script, ...(step.stdin === undefined ? {} : { stdin: step.stdin }) }],
    { spec: context.spec, environment: context.environment, signal: context.signal, task: context.taskId },
  );
  const [started] = performed.results;
  if (performed.failed !== undefined || started === undefined)
    return {
      outcome: {
        kind: 'failed',
        result: withLines({
          failed: true,
          changed: false,
          msg: `the job could not be started: ${started?.stderr.trim() ?? ''}`,
        }),
      },
      diffs: [],
    };
  jobs.set(`${context.host}\n${jid}`, { module, args, step, start: started.start });
  const results_file = started.stdout.trim();
  if (poll <= 0)
    return {
      outcome: {
        kind: 'changed',
        result: { changed: true, started: true, finished: false, ansible_job_id: jid, results_file },
      },
      diffs: [],
    };
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    await sleep(Math.min(poll * 1000, Math.max(100, deadline - Date.now())), context.signal);
    const status = await ask(context, jid);
    if (status !== undefined) {
      await context.machine.perform([{ kind: 'script', script: cleanup(jid) }], {
        spec: context.spec,
        signal: context.signal,
      });
      return performedOf({ ...status, ansible_job_id: jid });
    }
    if (Date.now() > deadline + 10_000)
      return performedOf({
        failed: true,
        changed: false,
        msg: `the job did not end within ${seconds} seconds`,
        ansible_job_id: jid,
      });
  }
}

const cleanup = (jid: string): string => `rm -rf -- ${FOLDER}/${quote(`${jid}.vbx`)}`;

function performedOf(result: Record<string, unknown>): Performed {
  const kind = result['failed'] === true ? 'failed' : result['changed'] === true ? 'changed' : 'ok';
  return { outcome: { kind, result: withLines(result) }, diffs: [] };
}

/** The result of a job that has ended, or undefined while it runs. A job that is not there fails. */
async function ask(
  context: Pick<ItemContext, 'machine' | 'spec' | 'signal' | 'host'>,
  jid: string,
): Promise<Record<string, unknown> | undefined> {
  const folder = `j=${FOLDER}/${quote(`${jid}.vbx`)}`;
  const [rc, stdout, stderr, late] = await context.machine.machine.exchange(
    context.spec,
    [
      { script: `${folder}; [ -d "$j" ] || exit 44; [ -f "$j/rc" ] && cat "$j/rc"` },
      { script: `${folder}; [ -f "$j/rc" ] && cat "$j/stdout"` },
      { script: `${folder}; [ -f "$j/rc" ] && cat "$j/stderr"` },
      { script: `${folder}; [ -f "$j/timeout" ]` },
    ],
    { signal: context.signal },
  );
  if (rc?.rc === 44)
    return { failed: true, changed: false, msg: `could not find job ${jid}`, started: true, finished: true };
  const status = rc?.stdout.toString().trim() ?? '';
  if (status === '') return undefined;
  const job = jobs.get(`${context.host}\n${jid}`);
  const end = { rc: Number(status), stdout: stdout?.stdout.toString() ?? '', stderr: stderr?.stdout.toString() ?? '' };
  if (late?.rc === 0)
    return {
      ...end,
      failed: true,
      changed: true,
      msg: 'async task did not complete within the requested time',
      finished: true,
      started: true,
    };
  if (job === undefined) return { ...end, changed: true, failed: end.rc !== 0, started: true, finished: true };
  const done: StepResult = { step: job.step, start: job.start, end: Date.now(), ...end };
  return { changed: true, ...job.module.parse(job.args as never, [done], {} as never), started: true, finished: true };
}

export const asyncStatus: Control = async ({ request, prepared }) => {
  const { run, host } = request;
  const machine = run.machines.of(prepared.connection.settings);
  const context = {
    machine,
    spec: prepared.connection.spec,
    signal: run.control.signal,
    host: prepared.delegate ?? host,
  };
  const jid = String(prepared.args['jid']);
  if (!/^[A-Za-z0-9._-]+$/.test(jid)) return failed(`"${jid}" is no job id`);
  if (prepared.args['mode'] === 'cleanup') {
    await machine.machine.exchange(context.spec, [{ script: cleanup(jid) }]);
    return ok({ ansible_job_id: jid, erased: jid });
  }
  const status = await ask(context, jid);
  if (status === undefined) return ok({ ansible_job_id: jid, started: true, finished: false });
  return performedOf({ ...status, ansible_job_id: jid });
};
