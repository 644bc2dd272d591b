// Streams bytes into the stdin of a command that runs alone in its shell, no faster than the link takes them.
import type { Shell } from './shell.ts';

/**
 * Ends early when the command does (`end`). Raises what the source raises. In a terminal, which cannot be told the end of input, the bytes travel
 * as lines of base64 with a dot behind them (see command.ts).
 */
export async function feedStdin(
  shell: Shell,
  source: AsyncIterable<Uint8Array>,
  end: Promise<unknown>,
  count: (bytes: number) => void,
): Promise<void> {
  let over = false;
  void end.then(() => {
    over = true;
  });
  let rest = Buffer.alloc(0);
  for await (const piece of source) {
    if (over) return;
    count(piece.length);
    if (!shell.terminal) {
      await shell.channel.write(piece);
      continue;
    }
    const bytes = Buffer.concat([rest, piece]);
    // Whole lines of 76 characters; what is left waits for the next piece.
    const whole = bytes.length - (bytes.length % 57);
    rest = bytes.subarray(whole);
    await shell.channel.write(base64Lines(bytes.subarray(0, whole)));
  }
  if (shell.terminal) await shell.channel.write(`${base64Lines(rest)}.\n`);
  else shell.channel.end();
}

function base64Lines(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll(/.{1,76}/g, '$&\n');
}
