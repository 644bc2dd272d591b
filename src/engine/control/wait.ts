// pause: the controller waits, for a time or for somebody at the terminal.
import { sleep } from '../step-run.ts';
import { failed, ok, skipped, type Control } from './control.ts';

const stamp = (date: Date): string => date.toISOString().replace('T', ' ').replace('Z', '');

/** Two places at most, one at least: as Python shows a number that was rounded. */
function decimal(value: number): string {
  const rounded = Math.round(value * 100) / 100;
  return Number.isInteger(rounded) ? rounded.toFixed(1) : String(rounded);
}

export const pause: Control = async ({ request, prepared }) => {
  const { run, name } = request;
  const { args } = prepared;
  if (run.options.check) return skipped({ msg: 'nobody waits in a dry run' });
  const minutes = args['minutes'] as number | undefined;
  const given = minutes === undefined ? (args['seconds'] as number | undefined) : minutes * 60;
  const seconds = given === undefined ? undefined : Math.max(1, given);
  const start = new Date();
  let input = '';
  const text = typeof args['prompt'] === 'string' ? args['prompt'] : undefined;
  const ask = run.options.prompt;
  if (seconds !== undefined && (text === undefined || ask === undefined)) {
    run.emit({ kind: 'message', text: `Pausing for ${seconds} seconds${text === undefined ? '' : `: ${text}`}` });
    await sleep(seconds * 1000, run.control.signal);
  } else if (ask === undefined)
    run.warn('Not waiting for response to prompt as stdin is not interactive', request.task.origin);
  else {
    try {
      input = await ask({
        text: `[${name}]\n${text ?? 'Press enter to continue, Ctrl+C to interrupt'}:`,
        secret: args['echo'] === false,
        signal: run.control.signal,
        ...(seconds === undefined ? {} : { seconds }),
      });
    } catch (error) {
      return failed(error instanceof Error ? error.message : 'user requested abort!');
    }
  }
  const stop = new Date();
  const taken = (stop.getTime() - start.getTime()) / 1000;
  return ok({
    start: stamp(start),
    stop: stamp(stop),
    delta: Math.floor(taken),
    rc: 0,
    stderr: '',
    stdout:
      minutes === undefined ? `Paused for ${decimal(taken)} seconds` : `Paused for ${decimal(taken / 60)} minutes`,
    echo: args['echo'] !== false,
    user_input: input,
  });
};
