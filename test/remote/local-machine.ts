// Machines over the local transport for tests, with each shell that vbx must work in (Debian: dash, bash, busybox-static).
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { ConnectionSettings, Machine } from '../../src/core/connection.ts';
import type { Answer } from '../../src/core/probe.ts';
import { createConnector } from '../../src/remote/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbx-shells-'));
const connectors: ReturnType<typeof createConnector>[] = [];
afterAll(async () => {
  await Promise.all(connectors.map((connector) => connector.close()));
  rmSync(folder, { recursive: true, force: true });
});

/** Paths of the shells; busybox is called by a link, as it is where it is /bin/sh. */
export function shells(): { name: string; executable: string }[] {
  for (const path of ['/bin/dash', '/bin/bash', '/bin/busybox'])
    if (!existsSync(path)) throw new Error(`${path} is missing: apt-get install dash bash busybox-static`);
  const ash = join(folder, 'ash');
  if (!existsSync(ash)) symlinkSync('/bin/busybox', ash);
  return [
    { name: 'dash', executable: '/bin/dash' },
    { name: 'bash', executable: '/bin/bash' },
    { name: 'busybox ash', executable: ash },
  ];
}

/** A folder of the test's own that goes with it. */
export function scratch(name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  return path;
}

export const LOCAL: ConnectionSettings = {
  transport: 'local',
  name: 'here',
  host: 'localhost',
  hostKeyChecking: 'yes',
  connectTimeout: 30,
};

/** A machine of its own for one test. */
export function localMachine(environment: Record<string, string> = {}): Machine {
  const connector = createConnector({
    environment: { PATH: process.env['PATH'], HOME: folder, LANG: 'C.UTF-8', ...environment },
  });
  connectors.push(connector);
  return connector.machine(LOCAL);
}

/** An answer with its bytes as text, for comparing. */
export function shown(answer: Answer | undefined): Record<string, unknown> | undefined {
  return answer === undefined
    ? undefined
    : { ...answer, stdout: answer.stdout.toString('latin1'), stderr: answer.stderr.toString('latin1') };
}

/** Waits until something holds; fails by the test's own timeout. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Whether a process exists and is no zombie. */
export async function alive(pid: number): Promise<boolean> {
  const { readFile } = await import('node:fs/promises');
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  return stat !== '' && !/\) [ZX] /.test(stat);
}
