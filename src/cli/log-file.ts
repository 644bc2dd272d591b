// The `log_path` setting: whatever is printed goes to a file too, each line with its time, process and user.
import { appendFileSync } from 'node:fs';
import { userInfo } from 'node:os';

/** Appends printed text to the file, without colours. That it cannot be written is told once to `warn`. */
export function logFile(path: string, warn: (message: string) => void): (text: string) => void {
  let broken = false;
  const { username } = userInfo();
  return (text) => {
    // oxlint-disable-next-line no-control-regex -- colours are control characters
    const lines = text
      .replaceAll(/\u001b\[[0-9;]*m/g, '')
      .split('\n')
      .filter((line) => line.trim() !== '');
    if (broken || lines.length === 0) return;
    const time = new Date();
    const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000)
      .toISOString()
      .replace('T', ' ')
      .replace('.', ',')
      .replace('Z', '');
    try {
      appendFileSync(
        path,
        lines.map((line) => `${local} p=${process.pid} u=${username} n=vbx INFO| ${line}\n`).join(''),
      );
    } catch (error) {
      broken = true;
      warn(`nothing is logged: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}
