// Runs playbooks with Ansible or vbx in a world of their own, of which nothing is left when it ends or is killed.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** What one run left: its exit status and output, on each host every path that is not as before (one line each), and the text
 * of each file that it put into the project's folder `results`. */
export interface Run {
  readonly run: string;
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly hosts: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly results: Readonly<Record<string, string>>;
}

export type Tool = 'ansible' | 'vbx';

/** What a program printed. Throws with what it said when it fails. */
const output = (command: string, args: readonly string[], what: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const error: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => error.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out).toString().trim());
      else reject(new Error(`${what} (exit ${code}): ${Buffer.concat(error).toString()}`));
    });
  });

/** The Debian root that controllers and hosts lie over, built when there is none yet: some minutes. Throws with the reason if it cannot be. */
export const findRoot = (): Promise<string> =>
  output(join(import.meta.dirname, 'root'), [], 'the Debian root could not be built');

/** Runs `runs` (the words behind `ansible-playbook -i inventory`) one after the other in a fresh world. */
export const runWorld = async (root: string, tool: Tool, runs: readonly string[]): Promise<readonly Run[]> => {
  const namespaces = [
    '--mount',
    '--propagation',
    'private',
    '--pid',
    '--fork',
    '--kill-child',
    '--net',
    '--uts',
    '--ipc',
  ];
  // A test that is killed takes its worlds with it.
  const told = await output(
    'setpriv',
    [
      '--pdeathsig',
      'KILL',
      'unshare',
      ...namespaces,
      join(import.meta.dirname, 'world'),
      root,
      process.execPath,
      tool,
      ...runs,
    ],
    `the world of ${tool} could not be made or did not last`,
  );
  return told.split('\n').map((line): Run => JSON.parse(line));
};
