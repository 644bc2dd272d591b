// `vbx run`: one module on the hosts of a pattern, without a playbook.
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { UsageError } from '../core/error.ts';
import { startRun } from '../engine/run.ts';
import { resolveModule } from '../modules/registry.ts';
import { checkPlaybooks } from './check-playbooks.ts';
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
}

/** Runs the module on the hosts; gives the exit status. Errors: UsageError, PlaybookError. */
export async function run(pattern: string, flags: RunCommandFlags): Promise<number> {
  const controller = await Controller.make(flags, (message) => process.stderr.write(`[WARNING]: ${message}\n`));
  const { values } = controller.settings;
  const name = flags.moduleName ?? values.moduleName;
  const args = flags.args ?? values.moduleArgs ?? '';
  const found = resolveModule(name);
  if (found.canonical === undefined) throw new UsageError(`there is no module "${name}"`, { hint: found.nearest === undefined ? 'see "vbx doc --list"' : `did you mean "${found.nearest}"?` });
  const short = found.canonical.split('.').at(-1) ?? '';
  if (flags.listHosts !== true && args === '' && ['command', 'shell', 'script', 'raw'].includes(short)) throw new UsageError(`the module ${name} needs arguments`, { hint: 'give them with -a' });
  const { taskTimeout } = flags;
  if (taskTimeout !== undefined && (!Number.isInteger(taskTimeout) || taskTimeout < 0)) throw new UsageError('--task-timeout takes a number of seconds', { hint: 'without the option, or with 0, there is no limit' });
  const inventory = await controller.inventory();
  const limit = controller.limit(inventory);
  if (flags.listHosts === true) {
    const hosts = inventory.select(pattern).filter((host) => limit === undefined || limit.includes(host));
    if (hosts.length === 0) process.stderr.write('[WARNING]: No hosts matched, nothing to do\n');
    process.stdout.write(`  hosts (${hosts.length}):\n${hosts.map((host) => `    ${host}\n`).join('')}`);
    return 0;
  }
  const task = { name: `${name}${args === '' ? '' : ` ${args}`}`.slice(0, 100), [name]: args.trim().startsWith('{') ? parseArgs(args) : args === '' ? null : args, ...(flags.background === undefined ? {} : { async: flags.background, poll: flags.poll ?? 15 }), ...(taskTimeout === undefined ? {} : { timeout: taskTimeout }) };
  const loader = controller.loader();
  const file = resolve(flags.playbookDir ?? '.', 'command line');
  const playbook = loader.loadPlaybookText(stringify([{ name: 'Ad hoc', hosts: pattern, gather_facts: false, tasks: [task] }], { lineWidth: 0 }), file);
  await checkPlaybooks([playbook]);
  const options = await playOptions([playbook], loader, inventory, limit, { ...flags, tui: false }, controller);
  const made = await makeReporters({ ...flags, tui: false, adHoc: true }, controller, options);
  const running = startRun({ ...options, reporters: made.reporters }, made.onFault);
  const unwatch = watchInterrupts(running.control, made.tell);
  try {
    return (await running.finished).exit;
  } finally {
    unwatch();
  }
}

function parseArgs(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageError(`the arguments are no JSON: ${(error as Error).message}`);
  }
}
