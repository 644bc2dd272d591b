// The result of a command that ran on a host, in Ansible's fields: one shape for command, shell, raw and script.
import type { StepResult } from '../core/step.ts';

/** Lines as Python's str.splitlines() cuts them: no empty line at the end. */
export function lines(text: string): string[] {
  if (text === '') return [];
  const parts = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
  if (parts.at(-1) === '') parts.pop();
  return parts;
}

/** rc, stdout, stderr, their lines; `failed` and `msg` where the command failed or its output was cut. `strip`: line ends at the end go. */
export function outputFields(done: StepResult, strip: boolean): Record<string, unknown> & { failed?: boolean } {
  const stdout = strip ? done.stdout.replace(/[\r\n]+$/, '') : done.stdout;
  const stderr = strip ? done.stderr.replace(/[\r\n]+$/, '') : done.stderr;
  const failed = done.rc !== 0 || done.timedOut === true;
  return {
    rc: done.rc,
    stdout,
    stdout_lines: lines(stdout),
    stderr,
    stderr_lines: lines(stderr),
    msg:
      done.timedOut === true
        ? 'the command ran into its time limit and was ended'
        : failed
          ? 'non-zero return code'
          : '',
    ...(failed ? { failed: true } : {}),
    ...(done.truncated === true ? { truncated: true } : {}),
  };
}

/** start, end and delta as Ansible writes them. */
export function timeFields(done: StepResult): { start: string; end: string; delta: string } {
  return { start: stamp(done.start), end: stamp(done.end), delta: delta(done.end - done.start) };
}

function stamp(milliseconds: number): string {
  const date = new Date(milliseconds);
  const two = (n: number) => String(n).padStart(2, '0');
  const micro = String(Math.round((milliseconds - Math.floor(milliseconds / 1000) * 1000) * 1000)).padStart(6, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${micro}`;
}

/** A duration as Python prints a timedelta: `0:00:01.500000`, `1 day, 2:00:00.000000`. */
export function delta(milliseconds: number): string {
  const micros = Math.max(0, Math.round(milliseconds * 1000));
  const seconds = Math.floor(micros / 1_000_000);
  const two = (n: number) => String(n).padStart(2, '0');
  const days = Math.floor(seconds / 86400);
  const clock = `${Math.floor((seconds % 86400) / 3600)}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}.${String(micros % 1_000_000).padStart(6, '0')}`;
  return days === 0 ? clock : `${days} day${days === 1 ? '' : 's'}, ${clock}`;
}
