// `vbx run`: one module on the hosts of a pattern, without a playbook.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { UsageError } from '../core/error.ts';
import { startRun } from '../engine/run.ts';
import type { Reporter } from '../core/event.ts';
import { resolveModule } from '../modules/registry.ts';
import { treeReporter } from '../reporters/tree.ts';
import { Controller } from './controller.ts';
import { watchInterrupts } from './interrupt.ts';
import type { PlayFlags } from './play.ts';
import { playOptions } from './play-hosts.ts';
import { makeReporters } from './reporters.ts';

export interface RunCommandFlags extends PlayFlags {
  readonly moduleName?: string;
  readonly args?: string;
  readonly background?: number;
  readonly poll?: number;
  readonly taskTimeout?: number;
  readonly playbookDir?: string;
  readonly oneLine?: boolean;
  readonly tree?: string;
}

/** Runs the module on the hosts; gives the exit status. Errors: UsageError, PlaybookError. */
export async function run(pattern: string, flags: RunCommandFlags): Promise<number> {
  const controller = await Controller.make(flags, (message) => process.stderr.write(`[WARNING]: ${message}\n`));
  const { values } = controller.settings;
  const name = flags.moduleName ?? values.moduleName;
  const args = flags.args ?? values.moduleArgs ?? '';
  // A name that vbx does not know may be that of a module of the user's own: the loader tells.
  const short = (resolveModule(name).canonical ?? name).split('.').at(-1) ?? '';
  if (flags.listHosts !== true && args === '' && ['command', 'shell', 'script', 'raw'].includes(short))
    throw new UsageError(`the module ${name} needs arguments`, { hint: 'give them with -a' });
  const { taskTimeout } = flags;
  const inventory = await controller.inventory();
  const limit = controller.limit(inventory);
  if (flags.listHosts === true) {
    const hosts = inventory.select(pattern).filter((host) => limit === undefined || limit.includes(host));
    if (hosts.length === 0) process.stderr.write('[WARNING]: No hosts matched, nothing to do\n');
    process.stdout.write(`  hosts (${hosts.length}):\n${hosts.map((host) => `    ${host}\n`).join('')}`);
    return 0;
  }
  const task = {
    name: `${name}${args === '' ? '' : ` ${args}`}`.slice(0, 100),
    [name]: args.trim().startsWith('{') ? parseArgs(args) : args === '' ? null : args,
    ...(flags.background === undefined ? {} : { async: flags.background, poll: flags.poll ?? values.pollInterval }),
    ...(taskTimeout === undefined ? {} : { timeout: taskTimeout }),
  };
  const loader = controller.loader();
  const file = resolve(flags.playbookDir ?? '.', 'command line');
  const playbook = loader.loadPlaybookText(
    stringify([{ name: 'Ad hoc', hosts: pattern, gather_facts: false, tasks: [task] }], { lineWidth: 0 }),
    file,
  );
  const options = await playOptions([playbook], loader, inventory, limit, { ...flags, tui: false }, controller);
  // One line a host is a form of Ansible's: so it comes in Ansible's form, unless another was asked for.
  const output = flags.output ?? (flags.oneLine === true ? 'ansible' : undefined);
  const made = await makeReporters(
    { ...flags, tui: false, adHoc: true, ...(output === undefined ? {} : { output }) },
    controller,
    options,
  );
  const running = startRun(
    { ...options, reporters: [...made.reporters, ...(flags.tree === undefined ? [] : [treeOf(resolve(flags.tree))])] },
    made.onFault,
  );
  const unwatch = watchInterrupts(running.control, made.tell);
  try {
    return (await running.finished).exit;
  } finally {
    unwatch();
  }
}

/** A file a host in the folder. */
function treeOf(folder: string): Reporter {
  mkdirSync(folder, { recursive: true });
  return treeReporter((host, text) => writeFileSync(join(folder, host.replaceAll('/', '_')), text));
}

function parseArgs(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageError(`the arguments are no JSON: ${(error as Error).message}`);
  }
}
