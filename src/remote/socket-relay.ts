// A unix socket of a host through a shell, for users and servers that do not forward sockets: a relay program's stdin and stdout are the socket.
import { Duplex } from 'node:stream';
import { quote } from '../core/quote.ts';
import { startCommand } from './command.ts';
import type { Shell } from './shell.ts';

/** Shell text that becomes a relay to `socket`: Docker's own where it is Docker's socket, else socat or a netcat that knows -U. */
export function relayScript(socket: string): string {
  const path = quote(socket);
  const docker = `if command -v docker >/dev/null; then DOCKER_HOST=${quote(`unix://${socket}`)}; export DOCKER_HOST; exec docker system dial-stdio; fi`;
  const others = `if command -v socat >/dev/null; then exec socat - ${quote(`UNIX-CONNECT:${socket}`)}; fi; if nc -h 2>&1 </dev/null | grep -q -e '-[A-Za-z]*U'; then exec nc -U ${path}; fi`;
  return `[ -S ${path} ] || { echo ${quote(`${socket} is not there`)} >&2; exit 66; }; ${/docker/.test(socket) ? `${docker}; ${others}` : `${others}; ${docker}`}; echo ${quote(`there is no docker, socat or nc -U to reach ${socket} with`)} >&2; exit 67`;
}

/** Starts the relay in `shell`, which is used up by it. `done` is called when it has ended. */
export async function openRelay(shell: Shell, socket: string, done: () => void): Promise<Duplex> {
  let errors = '';
  const stream = new Duplex({
    read() {
      shell.channel.resume();
    },
    write(chunk: Buffer, _encoding, callback) {
      shell.channel.write(chunk).then(() => callback(), callback);
    },
    final(callback) {
      shell.channel.end();
      callback();
    },
    destroy(error, callback) {
      done();
      callback(error);
    },
  });
  const run = startCommand(shell, { script: relayScript(socket) }, 'alone', 'channel', (which, chunk) => {
    if (which === 'stderr') errors = (errors + chunk.toString('utf8')).slice(-1000);
    else if (!stream.push(chunk)) shell.channel.pause();
  });
  void run.end.then(() => {
    if (errors.trim() === '') stream.push(null);
    else stream.destroy(new Error(errors.trim()));
  });
  await run.running;
  return stream;
}
