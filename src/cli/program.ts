// The commands of vbx: their options, their help, and the exit status of what goes wrong before a run begins.
import { Command, CommanderError } from 'commander';
import { describeError, Interrupted, PlaybookError, UsageError, VbxError } from '../core/error.ts';
import { VERSION } from '../version.ts';
import { readText } from './controller.ts';
import { connectionOptions, inventoryOptions, runOptions, tagOptions } from './options.ts';
import type { PlayFlags } from './play.ts';

/** Runs a command line; gives the exit status (Ansible's: 0 done, 1 error, 2 failed, 4 unreachable or unreadable, 5 bad options, 99 interrupted, 250 a bug). */
export async function main(args: readonly string[]): Promise<number> {
  let exit = 0;
  const done = (action: () => Promise<number>): Promise<void> => action().then((status) => void (exit = status));
  const program = build(done);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.code === 'commander.helpDisplayed' || error.code === 'commander.help' || error.code === 'commander.version' ? 0 : 5;
    process.stderr.write(`${error instanceof VbxError ? '[ERROR]: ' : ''}${describeError(error, readText)}\n`);
    if (error instanceof UsageError) return 5;
    if (error instanceof PlaybookError) return 4;
    if (error instanceof Interrupted) return 99;
    if (error instanceof VbxError) return 1;
    process.stderr.write('This is a bug in vbx: please tell it with the lines above.\n');
    return 250;
  }
}

type Done = (action: () => Promise<number>) => Promise<void>;

function build(done: Done): Command {
  const program = new Command('vbx')
    .description('Runs Ansible playbooks over SSH on many hosts in parallel, with nothing on the hosts but a POSIX shell.')
    .version(`vbx ${VERSION}`, '--version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .showSuggestionAfterError()
    .exitOverride()
    .configureHelp({ showGlobalOptions: false });
  const command = (name: string, summary: string): Command => program.command(name).summary(summary).description(summary).exitOverride();

  tagOptions(runOptions(connectionOptions(inventoryOptions(command('play', 'run playbooks on the hosts of an inventory')))))
    .argument('<playbook...>', 'playbook files; one that is not found is looked for in playbooks/')
    .option('--list-hosts', 'list the hosts of each play and end')
    .option('--list-tasks', 'list the tasks and end')
    .option('--list-tags', 'list the tags and end')
    .option('--syntax-check', 'read everything, touch no host')
    .option('--start-at-task <name>', 'begin at the task of this name')
    .option('--step', 'ask before each task')
    .option('--force-handlers', 'run handlers of failed hosts too')
    .option('--no-tui', 'no screen: plain lines, on a terminal too')
    .option('--confirm', 'dry run first, then ask, then apply')
    .addHelpText('after', `
Examples:
  vbx play site.yml -i inventory                 set up everything
  vbx play site.yml -i inventory -CD             show exactly what would change
  vbx play site.yml -i inventory -l 'web:!web3'  on some hosts only
  vbx play site.yml -i inventory -t docker -e version=3`)
    .action((playbooks: string[], flags: PlayFlags) => done(async () => (await import('./play.ts')).play(playbooks, flags)));
  return program;
}
