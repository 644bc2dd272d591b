// One step on a machine: as a snippet of an exchange where it is short, otherwise over the channel that its kind needs.
import { randomBytes } from 'node:crypto';
import type { Machine, Snippet } from '../core/connection.ts';
import { ConnectionError } from '../core/error.ts';
import { httpFailure, requestPath } from '../core/http-step.ts';
import type { Answer } from '../core/probe.ts';
import type { Step, StepResult } from '../core/step.ts';
import { writeDownload } from './download.ts';
import type { PerformOptions } from './machine-run.ts';
import { runRsync } from './rsync.ts';
import { isStreamed, stepScript } from './step-script.ts';
import { talkWith } from './talk.ts';
import { quote } from '../core/quote.ts';

/** The snippet of a step that may travel in an exchange, or undefined for those that need a channel of their own. */
export function snippetOf(step: Step, environment: Readonly<Record<string, string>>): Snippet | undefined {
  if (step.kind === 'command' || step.kind === 'wait' || isStreamed(step) || ('long' in step && step.long === true))
    return undefined;
  const script = stepScript(step, environment);
  return script === undefined
    ? undefined
    : {
        script,
        stopOnFailure: true,
        ...('timeout' in step && step.timeout !== undefined ? { timeout: step.timeout } : {}),
      };
}

/** A shell answer as the result of its step; a kept backup's name is read from the script's own output. */
export function stepResult(step: Step, answer: Answer, start: number, end: number): StepResult {
  const stdout = answer.stdout.toString();
  const backup = step.kind === 'write' ? /^backup (.*)$/m.exec(stdout)?.[1] : undefined;
  return {
    step,
    rc: answer.rc,
    stdout,
    stderr: answer.stderr.toString(),
    start,
    end,
    ...(backup === undefined ? {} : { backupFile: backup }),
    ...(answer.truncated === true ? { truncated: true } : {}),
    ...(answer.timedOut === true ? { timedOut: true } : {}),
  };
}

/** Runs a step that cannot travel in an exchange; `earlier` are the results of the steps before it. Errors: ConnectionError, Interrupted. */
export async function runStep(
  machine: Machine,
  step: Step,
  earlier: readonly StepResult[],
  options: PerformOptions,
): Promise<StepResult> {
  const start = Date.now();
  const done = (part: Partial<StepResult> & { rc: number }): StepResult => ({
    step,
    stdout: '',
    stderr: '',
    start,
    end: Date.now(),
    ...part,
  });
  const limits = {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
  };
  switch (step.kind) {
    case 'command': {
      const answer = await machine.command(
        step.executable === undefined ? options.spec : { ...options.spec },
        {
          script:
            step.executable === undefined ? step.script : `exec ${quote(step.executable)} -c ${quote(step.script)}`,
          ...(step.stdin === undefined ? {} : { stdin: Buffer.from(step.stdin) }),
          ...(step.chdir === undefined ? {} : { chdir: step.chdir }),
          ...(options.environment === undefined ? {} : { environment: options.environment }),
        },
        { ...limits, ...(options.onOutput === undefined ? {} : { onOutput: options.onOutput }) },
      );
      return stepResult(step, answer, start, Date.now());
    }
    case 'run':
    case 'script':
    case 'wait': {
      const timeout = step.kind === 'wait' ? step.atMost + (step.delay ?? 0) + 30 : (step.timeout ?? options.timeout);
      const answer = await machine.command(
        options.spec,
        { script: `LC_ALL=C; export LC_ALL; ${stepScript(step, options.environment) ?? ''}` },
        {
          ...limits,
          ...(timeout === undefined ? {} : { timeout }),
          ...(options.onOutput === undefined ? {} : { onOutput: options.onOutput }),
        },
      );
      return stepResult(step, answer, start, Date.now());
    }
    case 'write': {
      const { content } = step;
      const bytes = content.bytes;
      const source = bytes === undefined ? content.open?.() : chunks(bytes);
      if (source === undefined) throw new Error(`the content of ${step.path} is not at hand`);
      const answer = await machine.upload(options.spec, stepScript(step, options.environment) ?? '', source, limits);
      return stepResult(step, answer, start, Date.now());
    }
    case 'http': {
      const [response] = await machine.http(
        options.spec,
        step.socket,
        [{ ...step.request, path: requestPath(step, earlier) }],
        limits,
      );
      if (response === undefined) return done({ rc: 1, stderr: 'no response' });
      const failure = httpFailure(step, response);
      return done({
        rc: failure === undefined ? 0 : 1,
        stdout: response.body.toString(),
        stderr: failure ?? '',
        response,
      });
    }
    case 'download': {
      const answer = await writeDownload(step.to, (sink) =>
        machine.download(options.spec, `cat -- ${quote(step.path)}`, sink, limits),
      );
      return stepResult(step, answer, start, Date.now());
    }
    case 'rsync':
      return done(await runRsync(machine, step, options.spec, { ...limits, environment: options.environment ?? {} }));
    case 'talk': {
      const talk = talkWith(step);
      const answer = await machine.terminal(
        options.spec,
        {
          script: step.script,
          echo: step.echo,
          ...(step.chdir === undefined ? {} : { chdir: step.chdir }),
          ...(options.environment === undefined ? {} : { environment: options.environment }),
        },
        talk.listen,
        limits,
      );
      return stepResult(step, { ...answer, ...talk.end() }, start, Date.now());
    }
    case 'reconnect':
      return done(await reconnect(machine, step, options));
    case 'sleep':
      await sleep(step.seconds * 1000, options.signal);
      return done({ rc: 0 });
    case 'remove':
      throw new Error('a remove step travels in an exchange');
  }
}

async function* chunks(bytes: Buffer): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65536) yield bytes.subarray(at, at + 65536);
  await Promise.resolve();
}

/** Starts a reboot if asked to, waits until the machine answers again, with another boot id after a reboot. */
async function reconnect(
  machine: Machine,
  step: Step & { kind: 'reconnect' },
  options: PerformOptions,
): Promise<{ rc: number; stderr?: string; stdout?: string }> {
  const bootId = async (): Promise<string> =>
    (await machine.exchange({}, [{ script: 'cat /proc/sys/kernel/random/boot_id' }], { timeout: 30 }))[0]?.stdout
      .toString()
      .trim() ?? '';
  const before = step.reboot ? await bootId() : '';
  if (step.trigger !== undefined) {
    try {
      const answer = await machine.command(options.spec, { script: step.trigger }, { timeout: 60 });
      if (answer.rc !== 0 && answer.timedOut !== true)
        return { rc: answer.rc, stderr: answer.stderr.toString(), stdout: answer.stdout.toString() };
    } catch (error) {
      // The link going down is what was asked for.
      if (!(error instanceof ConnectionError)) throw error;
    }
  }
  if (step.delay !== undefined) await sleep(step.delay * 1000, options.signal);
  const deadline = Date.now() + step.atMost * 1000;
  const token = randomBytes(4).toString('hex');
  let last = 'it did not answer';
  while (Date.now() < deadline) {
    try {
      await machine.disconnect();
      const [answer] = await machine.exchange(
        options.spec,
        [{ script: `${step.test ?? 'true'} && echo ${token} && cat /proc/sys/kernel/random/boot_id` }],
        { timeout: 60, ...(options.signal === undefined ? {} : { signal: options.signal }) },
      );
      const [mark, id] = (answer?.stdout.toString() ?? '').trim().split('\n').slice(-2);
      if (answer?.rc === 0 && mark === token && (!step.reboot || id !== before)) {
        void machine.dropShells();
        return { rc: 0 };
      }
      last = answer?.rc === 0 ? 'it has not gone down yet' : (answer?.stderr.toString() ?? last);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      last = error.message;
    }
    await sleep(1000, options.signal);
  }
  return { rc: 1, stderr: `not back within ${step.atMost} s: ${last}` };
}

/** Waits; an abort ends the wait early without an error (the caller looks at the signal). */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(finish, milliseconds);
    function finish(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    }
    if (signal?.aborted === true) finish();
    else signal?.addEventListener('abort', finish, { once: true });
  });
}
