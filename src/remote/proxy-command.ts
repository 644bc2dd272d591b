// ProxyCommand: a program of the user's whose stdin and stdout are the way to a host's SSH port.
import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { ConnectionError } from '../core/error.ts';

/** Starts the command (tokens expanded) in the user's shell, as ssh does; what it says on stderr is part of the error when it fails. */
export function proxyCommand(
  command: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const child = spawn(environment['SHELL'] ?? '/bin/sh', ['-c', `exec ${command}`], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...environment },
      detached: true,
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-500);
    });
    child.once('error', (error) => reject(new ConnectionError(`ProxyCommand: ${error.message}`, { cause: error })));
    child.once('spawn', () => {
      const stream = Duplex.from({ writable: child.stdin, readable: child.stdout });
      child.once('exit', (code) => {
        if (code !== 0 && code !== null)
          stream.destroy(
            new Error(`ProxyCommand ended with status ${code}${said.trim() === '' ? '' : `: ${said.trim()}`}`),
          );
      });
      stream.once('close', () => {
        try {
          if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
        } catch {
          // It ended by itself.
        }
      });
      resolve(stream);
    });
  });
}
