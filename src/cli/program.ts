// The commands of vbx: their options, their help, and the exit status of what goes wrong before a run begins.
import { Command, CommanderError, Option } from 'commander';
import { describeError, Interrupted, NotThere, PlaybookError, UsageError, VbxError } from '../core/error.ts';
import { VERSION } from '../version.ts';
import { readText } from './controller.ts';
import {
  byFirstName,
  connectionOptions,
  factor,
  inventoryOptions,
  number,
  runOptions,
  tagOptions,
  type InventoryFlags,
} from './options.ts';
import type { EvalFlags } from './eval.ts';
import type { ExplainFlags } from './explain.ts';
import type { InventoryCommandFlags } from './inventory.ts';
import type { PlayFlags } from './play.ts';
import type { ReporterFlags } from './reporters.ts';
import type { ResumePlan } from './runs.ts';
import type { RunCommandFlags } from './run.ts';
import type { VaultFlags } from './vault.ts';

/** Runs a command line; gives the exit status (Ansible's: 0 done, 1 error, 2 failed, 4 unreachable or unreadable, 5 bad options, 99 interrupted, 250 a bug). */
export async function main(args: readonly string[]): Promise<number> {
  let exit = 0;
  const done = (action: () => Promise<number>): Promise<void> => action().then((status) => void (exit = status));
  const program = build(done, undefined);
  try {
    await program.parseAsync(byFirstName(args), { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.code === 'commander.helpDisplayed' ||
        error.code === 'commander.help' ||
        error.code === 'commander.version'
        ? 0
        : 5;
    process.stderr.write(`${error instanceof VbxError ? '[ERROR]: ' : ''}${describeError(error, readText)}\n`);
    if (error instanceof UsageError) return 5;
    if (error instanceof PlaybookError) return error instanceof NotThere ? 1 : 4;
    if (error instanceof Interrupted) return 99;
    if (error instanceof VbxError) return 1;
    process.stderr.write('This is a bug in vbx: please tell it with the lines above.\n');
    return 250;
  }
}

type ReplayFlags = ReporterFlags & { readonly verbose: number; readonly speed?: number };
type Done = (action: () => Promise<number>) => Promise<void>;

function build(done: Done, taken: ResumePlan | undefined): Command {
  const program = new Command('vbx')
    .description(
      'Runs Ansible playbooks over SSH on many hosts in parallel, with nothing on the hosts but a POSIX shell.',
    )
    .version(`vbx ${VERSION}`, '--version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .showSuggestionAfterError()
    .exitOverride()
    .configureHelp({ showGlobalOptions: false });
  const command = (name: string, summary: string): Command =>
    program.command(name).summary(summary).description(summary).exitOverride();

  tagOptions(
    runOptions(connectionOptions(inventoryOptions(command('play', 'run playbooks on the hosts of an inventory')))),
  )
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
    .addHelpText(
      'after',
      `
Examples:
  vbx play site.yml -i inventory                 set up everything
  vbx play site.yml -i inventory -CD             show exactly what would change
  vbx play site.yml -i inventory -l 'web:!web3'  on some hosts only
  vbx play site.yml -i inventory -t docker -e version=3`,
    )
    .action((playbooks: string[], flags: PlayFlags) =>
      done(async () => (await import('./play.ts')).play(playbooks, flags, taken)),
    );

  tagOptions(
    runOptions(
      connectionOptions(inventoryOptions(command('run', 'run one module on the hosts of a pattern'))),
      '--output <list>',
    ),
    '--tags <tags>',
  )
    .argument('<pattern>', 'which hosts: names, groups, a:b:&c:!d')
    .option('-m, --module-name <name>', 'the module (default: command)')
    .option('-a, --args <args>', 'its arguments: free text, k=v words, or JSON')
    .option('-B, --background <seconds>', 'let it run on its own for at most so long', number(0))
    .option('-P, --poll <seconds>', 'how often to ask for it', number(0))
    .option('-o, --one-line', 'a line a host')
    .option('-t, --tree <folder>', 'write the result of every host into a file of this folder')
    .option('--task-timeout <seconds>', 'end it after so long (0: never)', number(0))
    .option('--list-hosts', 'list the hosts and end')
    .option('--playbook-dir <folder>', 'folder whose group_vars, files and roles count')
    .addHelpText(
      'after',
      `
Examples:
  vbx run all -i inventory -a uptime
  vbx run web -m service -a 'name=nginx state=restarted' -b`,
    )
    .action((pattern: string, flags: RunCommandFlags) =>
      done(async () => (await import('./run.ts')).run(pattern, flags)),
    );

  inventoryOptions(command('inventory', 'show what an inventory holds'))
    .argument('[group]', 'the group to begin at (with --graph)')
    .option('--list', 'all hosts, groups and variables')
    .option('--host <name>', 'the variables of one host')
    .option('--graph', 'the groups as a tree')
    .option('--vars', 'variables too (with --graph)')
    .option('--export', 'a form that can be read back (with --list)')
    .option('-y, --yaml', 'YAML instead of JSON')
    .option('--toml', 'TOML instead of JSON')
    .option('--output <file>', 'write the listing into a file')
    .option('--playbook-dir <folder>', 'folder whose group_vars and host_vars count too')
    .action((group: string | undefined, flags: InventoryCommandFlags) =>
      done(async () => (await import('./inventory.ts')).inventory(group, flags)),
    );

  command('doc', 'show what a module does and takes')
    .argument('[module...]', 'names of modules')
    .option('-l, --list', 'list all modules')
    .option('-j, --json', 'as JSON')
    .action((names: string[], flags: { list?: boolean; json?: boolean }) =>
      done(async () => (await import('./doc.ts')).doc(names, flags)),
    );

  inventoryOptions(command('eval', 'evaluate a template or expression with the variables of a host'))
    .argument('[text]', 'the template or expression')
    .option('--host <name>', 'whose variables (default: localhost)')
    .option('--jsonl', 'read cases as JSON lines from standard input, write one result a line')
    .addOption(
      new Option('--format <form>', 'how the value is printed').choices(['text', 'json', 'repr']).default('text'),
    )
    .action((text: string | undefined, flags: EvalFlags) =>
      done(async () => (await import('./eval.ts')).evaluate(text, flags)),
    );

  inventoryOptions(command('explain', 'show who sets a variable, and who wins'))
    .argument('<variable>', 'its name')
    .requiredOption('--host <name>', 'for which host')
    .option('-p, --playbook <file>', 'with the variables of this playbook')
    .action((name: string, flags: ExplainFlags) =>
      done(async () => (await import('./explain.ts')).explain(name, flags)),
    );

  inventoryOptions(command('lint', 'list everything in playbooks that would not run'))
    .argument('<playbook...>', 'playbook files')
    .action((names: string[], flags: InventoryFlags) =>
      done(async () => (await import('./lint.ts')).lint(names, flags)),
    );

  command('runs', 'list recorded runs')
    .option('-n, --number <number>', 'how many', number(1))
    .option('-j, --json', 'as JSON')
    .action((flags: { json?: boolean; number?: number }) => done(async () => (await import('./runs.ts')).runs(flags)));

  command('replay', 'tell a recorded run again')
    .argument('[run]', 'a name of "vbx runs", its end, a file, or last (default)')
    .option('-o, --output <list>', 'as for play: tui, plain, json or ansible, and json=FILE, junit=FILE, html=FILE')
    .option('--no-tui', 'no screen: plain lines, on a terminal too')
    .option('--speed <factor>', 'how many times faster than it was (screen)', factor)
    .option('-v, --verbose', 'tell more', (_: string, count: number) => count + 1, 0)
    .action((run: string | undefined, flags: ReplayFlags) =>
      done(async () => (await import('./runs.ts')).replay(run, flags)),
    );

  command('resume', 'take up a run where it stopped')
    .argument('[run]', 'a name of "vbx runs", its end, or last (default)')
    .action((run: string | undefined) =>
      done(async () => {
        const { resume } = await import('./runs.ts');
        return resume(run, async (argv, plan) => {
          let status = 0;
          await build((action) => action().then((given) => void (status = given)), plan).parseAsync([...argv], {
            from: 'user',
          });
          return status;
        });
      }),
    );

  vaultCommands(command('vault', 'encrypt, decrypt, show and edit vault files'), done);

  command('completion', 'print a completion script for a shell')
    .argument('<shell>', 'bash, zsh or fish')
    .action((shell: string) =>
      done(async () => {
        process.stdout.write((await import('./completion.ts')).completion(shell, program));
        return 0;
      }),
    );
  return program;
}

const VAULT_ACTIONS: Readonly<Record<string, string>> = {
  encrypt: 'encrypt files (standard input without one)',
  decrypt: 'decrypt files',
  view: 'show what files hold',
  edit: 'edit files in $EDITOR',
  create: 'write a new file in $EDITOR',
  'encrypt-string': 'encrypt strings, to be pasted into YAML',
  rekey: 'encrypt files with another secret',
};

function vaultCommands(vault: Command, done: Done): void {
  const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];
  for (const [action, summary] of Object.entries(VAULT_ACTIONS)) {
    const one = vault
      .command(action)
      .summary(summary)
      .description(summary)
      .exitOverride()
      .argument('[args...]', action === 'encrypt-string' ? 'strings' : 'files')
      .option('--vault-id <id>', 'a vault secret: label@file, label@script or label@prompt (may be repeated)', collect)
      .option('--vault-password-file <file>', 'a file or script with a vault password (may be repeated)', collect)
      .option('-J, --ask-vault-pass', 'ask for the vault password')
      .addOption(new Option('-v, --verbose').hideHelp());
    if (action.startsWith('encrypt') || action === 'create' || action === 'rekey')
      one.option('--encrypt-vault-id <label>', 'which of the secrets to encrypt with');
    if (action.startsWith('encrypt') || action === 'decrypt')
      one.option('--output <file>', 'write here instead; - is standard output');
    if (action === 'rekey')
      one
        .option('--new-vault-id <id>', 'the new secret: label@source')
        .option('--new-vault-password-file <file>', 'file or script with the new password');
    if (action === 'encrypt-string') {
      one
        .alias('encrypt_string')
        .option('-n, --name <name>', 'name of the variable (may be repeated)', collect)
        .option('--stdin-name <name>', 'name of the variable for standard input')
        .option('-p, --prompt', 'ask for the string')
        .option('--show-input', 'show what is typed');
      // Taken for compatibility: what is edited keeps its secret, and an editor is opened wherever it can be.
    } else if (action === 'edit' || action === 'create') {
      one.addOption(new Option('--skip-tty-check').hideHelp());
      if (action === 'edit') one.addOption(new Option('--encrypt-vault-id <label>').hideHelp());
    }
    one.action((args: string[], flags: VaultFlags) =>
      done(async () => (await import('./vault.ts')).vault(action, args, flags)),
    );
  }
}
