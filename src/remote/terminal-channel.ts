// A channel with a terminal made to look like one without: stderr is told apart from stdout although both come down one stream.
import { randomBytes } from 'node:crypto';
import type { Channel, ChannelListener } from './channel.ts';
import { FrameReader } from './frame-reader.ts';

export interface SplitTerminal {
  /** Shell text that runs the shell `exe` (quoted) in the terminal, for `channel` to read. */
  readonly wrap: (exe: string) => string;
  readonly channel: Channel;
}

/**
 * The shell reads a pipe, not the terminal (else it would take itself for interactive); its stdout is the terminal, raw, so that bytes pass
 * unchanged; its stderr is fd 7, a pipe whose lines come back with a marker of their own. A write to a terminal is not torn apart by another
 * one (the kernel holds a lock for all of it), so a marked line never lies inside another.
 * A NUL on stderr is lost here, and a long line of stderr without an end is told when it ends.
 */
export function splitTerminal(channel: Channel): SplitTerminal {
  const marker = randomBytes(16).toString('hex');
  return {
    wrap: (exe) =>
      `stty raw -echo 2>/dev/null; { cat | ${exe} 7>&1 2>/dev/null 1>&3 3>&- | while IFS= read -r l || [ -n "$l" ]; do printf "\\036${marker}%s\\n" "$l"; done; } 3>&1`,
    channel: {
      write: (data) => channel.write(data),
      end: () => channel.end(),
      pause: () => channel.pause(),
      resume: () => channel.resume(),
      close: () => channel.close(),
      get closed() {
        return channel.closed;
      },
      listen(listener: ChannelListener) {
        const reader = new FrameReader(marker, {
          data: (chunk) => listener.data('stdout', chunk),
          header: (line) => listener.data('stderr', Buffer.concat([line, Buffer.from('\n')])),
        });
        channel.listen({
          data: (stream, chunk) => (stream === 'stdout' ? reader.push(chunk) : listener.data('stderr', chunk)),
          closed(exit) {
            reader.flush();
            listener.closed(exit);
          },
        });
      },
    },
  };
}
