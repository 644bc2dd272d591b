// Options that several commands share, with the letters and the meaning of Ansible's; added to commands in groups.
import { InvalidArgumentError, Option, type Command } from 'commander';

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];
const split = (value: string, before: readonly string[] = []): string[] => [
  ...before,
  ...value
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== ''),
];

export interface InventoryFlags {
  readonly inventory?: readonly string[];
  readonly limit?: string;
  readonly extraVars?: readonly string[];
  readonly verbose: number;
  readonly vaultId?: readonly string[];
  readonly vaultPasswordFile?: readonly string[];
  readonly askVaultPass?: boolean;
  readonly modulePath?: readonly string[];
  readonly flushCache?: boolean;
}
export interface ConnectionFlags {
  readonly user?: string;
  readonly connection?: string;
  readonly privateKey?: string;
  readonly timeout?: number;
  readonly askPass?: boolean;
  readonly connectionPasswordFile?: string;
  readonly sshCommonArgs?: string;
  readonly sshExtraArgs?: string;
  readonly hostKeyChecking?: 'yes' | 'accept-new' | 'no';
  readonly become?: boolean;
  readonly becomeMethod?: string;
  readonly becomeUser?: string;
  readonly askBecomePass?: boolean;
  readonly becomePasswordFile?: string;
}
export interface RunFlags {
  readonly check?: boolean;
  readonly diff?: boolean;
  readonly forks?: number;
  readonly batch?: boolean;
  readonly window?: number;
  readonly lock?: boolean;
  readonly verify?: boolean;
  readonly output?: string;
  readonly detailedExitcode?: boolean;
}

/** A parser of whole numbers. */
export const number =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\s*\+?\d+\s*$/.test(text) || value < least)
      throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
    return value;
  };

/** Parses a factor, which is more than nothing. */
export function factor(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError('It must be a number above 0, such as 2 or 0.5.');
  return value;
}

/** Ansible's second names of options. */
const SECOND_NAMES: Readonly<Record<string, string>> = {
  '--inventory-file': '--inventory',
  '--vault-pass-file': '--vault-password-file',
  '--ask-vault-password': '--ask-vault-pass',
  '--key-file': '--private-key',
  '--conn-pass-file': '--connection-password-file',
  '--become-pass-file': '--become-password-file',
};

/** The words of a command line with each option by its first name. */
export function byFirstName(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  return args.map((word, index) => {
    const [name = '', ...value] = word.split('=');
    const first = end >= 0 && index > end ? undefined : SECOND_NAMES[name];
    return first === undefined ? word : [first, ...value].join('=');
  });
}

/** Which hosts, and with which variables. */
export function inventoryOptions(command: Command): Command {
  return command
    .option(
      '-i, --inventory <source>',
      'inventory: a file, a folder, an executable, or a list such as host1,host2, (may be repeated)',
      collect,
    )
    .option('-l, --limit <pattern>', 'only these hosts of those selected: a pattern, or @file')
    .option(
      '-e, --extra-vars <vars>',
      'variables that win over all others: name=value, JSON, YAML or @file (may be repeated)',
      collect,
    )
    .option('--vault-id <id>', 'a vault secret: label@file, label@script or label@prompt (may be repeated)', collect)
    .option('--vault-password-file <file>', 'a file or script with a vault password (may be repeated)', collect)
    .option('-J, --ask-vault-pass', 'ask for the vault password')
    .addOption(
      new Option(
        '-M, --module-path <folders>',
        'folders with modules of your own, before those of the settings',
      ).argParser(collect),
    )
    .option('--flush-cache', 'forget the facts that were kept of all hosts')
    .option('-v, --verbose', 'tell more; -vv and -vvv still more', (_: string, count: number) => count + 1, 0);
}

/** How hosts are reached and as whom. */
export function connectionOptions(command: Command): Command {
  return command
    .option('-u, --user <user>', 'log in as this user')
    .option(
      '-c, --connection <name>',
      "how hosts are reached: ssh (vbx's own client), openssh (the system's ssh) or local",
    )
    .option('--private-key <file>', 'private key to log in with')
    .option('-T, --timeout <seconds>', 'how long one attempt to connect may take', number(1))
    .option('-k, --ask-pass', 'ask for the login password')
    .option('--connection-password-file <file>', 'file or script with the login password')
    .option('--ssh-common-args <args>', 'arguments for ssh, for example -o ProxyJump=gate')
    .option('--ssh-extra-args <args>', 'more arguments for ssh')
    .addOption(new Option('--sftp-extra-args <args>', 'taken for compatibility: vbx uses no sftp').hideHelp())
    .addOption(new Option('--scp-extra-args <args>', 'taken for compatibility: vbx uses no scp').hideHelp())
    .addOption(
      new Option('--host-key-checking <mode>', 'what becomes of host keys that are not known').choices([
        'yes',
        'accept-new',
        'no',
      ]),
    )
    .option('-b, --become', 'become another user (root) on the hosts')
    .option('--become-method <method>', 'sudo, su or doas')
    .option('--become-user <user>', 'whom to become')
    .option('-K, --ask-become-pass', 'ask for the password of become')
    .option('--become-password-file <file>', 'file or script with the password of become');
}

/** How a run goes and what it tells. `output`: the form of that option, as a letter may mean something else to a command. */
export function runOptions(command: Command, output = '-o, --output <list>'): Command {
  return command
    .option('-C, --check', 'dry run: tell what would change, change nothing')
    .option('-D, --diff', 'show what changes')
    .option('-f, --forks <number>', 'how many hosts are worked on at a time', number(1))
    .option('--no-batch', 'ask hosts task by task instead of for many tasks at once')
    .addOption(new Option('--window <number>', 'tasks whose questions travel together').argParser(number(1)).hideHelp())
    .option('--no-lock', 'run although another run of vbx holds a host')
    .option('--verify', 'after every change compare the host with the plan, and fail if they differ')
    .option(
      output,
      'what to write: tui, plain, json or ansible, and json=FILE, junit=FILE, html=FILE, separated by commas',
    )
    .option('--detailed-exitcode', 'exit with 3 when a dry run finds changes');
}

/** Which tasks. `tags`: the form of that option. */
export function tagOptions(command: Command, tags = '-t, --tags <tags>'): Command {
  return command
    .option(tags, 'only tasks with these tags (may be repeated)', split)
    .option('--skip-tags <tags>', 'no tasks with these tags (may be repeated)', split);
}
