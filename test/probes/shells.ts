// The shells that are on this machine, for tests that run shell text for real: sh, dash, bash, and busybox with its own tools.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answer } from '../../src/core/probe.ts';

export interface TestShell {
  readonly name: string;
  readonly run: (script: string, options?: { cwd?: string; env?: Record<string, string> }) => Answer;
}

function shell(name: string, command: readonly string[], path: string): TestShell {
  return {
    name,
    run: (script, options = {}) => {
      const [program = 'sh', ...args] = command;
      const done = spawnSync(program, args, {
        input: script,
        cwd: options.cwd ?? '/',
        env: { HOME: '/root', LC_ALL: 'C', PATH: path, ...options.env },
        maxBuffer: 1 << 28,
      });
      return { rc: done.status ?? 128, stdout: done.stdout, stderr: done.stderr };
    },
  };
}

function has(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Scripts come by stdin, as over a connection. Call `close` afterwards. */
export function testShells(): { shells: TestShell[]; close: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'vbx-shells-'));
  const shells = ['sh', 'dash', 'bash'].filter(has).map((name) => shell(name, [name], PATH));
  if (has('busybox')) {
    mkdirSync(join(folder, 'bin'));
    spawnSync('busybox', ['--install', '-s', join(folder, 'bin')]);
    shells.push(shell('busybox', [join(folder, 'bin', 'ash')], join(folder, 'bin')));
  }
  return { shells, close: () => rmSync(folder, { recursive: true, force: true }) };
}
