// Runs one command in a terminal that openTerminal opened: its far end looks to the command as one that a person sits at.
import { randomBytes } from 'node:crypto';
import type { TerminalCommand } from '../core/connection.ts';
import type { Channel, ChannelExit } from './channel.ts';
import { type CommandEnd, type CommandRun, prelude } from './command.ts';
import { FrameReader } from './frame-reader.ts';

/** Starts it; `output` gets what the terminal shows as it comes. Without `written`: nothing is told of how much was sent. */
export function startInTerminal(
  channel: Channel,
  command: TerminalCommand,
  output: (chunk: Buffer) => void,
): Omit<CommandRun, 'written'> {
  const marker = randomBytes(16).toString('hex');
  const running = Promise.withResolvers<boolean>();
  const end = Promise.withResolvers<CommandEnd>();
  let group: number | undefined;
  let started = false;
  let over = false;
  const finish = (how: CommandEnd) => {
    over = true;
    running.resolve(false);
    end.resolve(how);
  };
  const reader = new FrameReader(marker, {
    data: (chunk) => {
      // Before it runs a terminal may show what logging in prints.
      if (started && !over) output(chunk);
    },
    header: (line) => {
      const [word = '', number = ''] = line.toString('latin1').trim().split(' ');
      if (word === 'run') {
        started = true;
        group = Number(number);
        running.resolve(true);
      } else finish({ kind: 'done', rc: Number(number) });
    },
  });
  let idle: NodeJS.Timeout | undefined;
  channel.listen({
    data: (_, chunk) => {
      reader.push(chunk);
      // A byte that is held back as the possible beginning of a frame may be what is waited for.
      clearTimeout(idle);
      idle = setTimeout(() => reader.release(), SILENCE);
    },
    closed: (exit: ChannelExit) => {
      clearTimeout(idle);
      reader.flush();
      finish({ kind: 'closed', started, exit });
    },
  });
  void channel.write(`${asLine(textOf(marker, command))}\n`);
  return {
    running: running.promise,
    end: end.promise,
    group: () => group,
    abandon: () => finish({ kind: 'closed', started, exit: {} }),
  };
}

/** Milliseconds behind which a program in a terminal has said all that it will for now. */
const SILENCE = 20;

/** A shell says of a child that a signal ended; that goes nowhere. The process group is field 5 of /proc/PID/stat; without /proc it is taken to be the shell's own. */
function textOf(marker: string, command: TerminalCommand): string {
  return `_s=; { IFS= read -r _s </proc/$$/stat; } 2>/dev/null; _s=\${_s##*) }; set -- $_s; _g=\${3:-$$}; set --
stty sane ${command.echo ? '' : '-echo '}rows 24 cols 80 2>/dev/null
printf '\\036${marker} run %s\\n' "$_g"
exec 9>&2 2>/dev/null
(unset _s _g; ${prelude(command)}${command.script}
) 2>&9 9>&-
printf '\\036${marker} end %s\\n' "$?"`;
}

/** Text as one line that printf's %b gives back. */
function asLine(text: string): string {
  let line = '';
  for (const byte of Buffer.from(text))
    line +=
      byte === 92
        ? '\\\\'
        : byte >= 32 && byte < 127
          ? String.fromCharCode(byte)
          : `\\0${byte.toString(8).padStart(3, '0')}`;
  return line;
}
