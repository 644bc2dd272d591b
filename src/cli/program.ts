// The commands of vbx and their options.
import { Command } from 'commander';
import { describeError } from '../core/error.ts';
import { nodeFiles } from '../playbook/node-files.ts';

const collect = (value: string, before: string[]): string[] => [...before, value];

export async function main(args: readonly string[]): Promise<number> {
  let exit = 0;
  const program = new Command('vbx');
  program.command('play').argument('<playbook...>')
    .option('-i, --inventory <source>', '', collect, []).option('-e, --extra-vars <vars>', '', collect, []).option('-v, --verbose', '', (_, n: number) => n + 1, 0)
    .option('-C, --check').option('-D, --diff').option('-l, --limit <pattern>').option('-f, --forks <n>', '', Number, 100).option('-t, --tags <tags>', '', collect, []).option('--skip-tags <tags>', '', collect, [])
    .option('-u, --user <user>').option('-b, --become').option('--private-key <file>').option('--host-key-checking <mode>', '', 'yes').option('--no-batch').option('--window <n>', '', Number)
    .action(async (playbooks: string[], options: Record<string, unknown>) => {
      const { play } = await import('./play.ts');
      exit = await play(playbooks, { ...options, verbosity: options['verbose'], check: options['check'] === true, diff: options['diff'] === true, become: options['become'] === true, ...(options['batch'] === false ? { window: 1 } : {}) } as never);
    });
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    process.stderr.write(`${describeError(error, (file) => nodeFiles().readFile(file))}\n`);
    return 4;
  }
  return exit;
}
