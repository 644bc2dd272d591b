// `vbx explain VAR --host H`: every source that sets a variable, weakest first, with its place, and the one that wins.
import { formatOrigin } from '../core/origin.ts';
import { VbxError } from '../core/error.ts';
import { Dict, TemplateText } from '../core/value.ts';
import { Variables } from '../engine/variables/index.ts';
import { pythonRepr } from '../template/index.ts';
import { Controller } from './controller.ts';
import { findPlaybook } from './find-playbook.ts';
import type { InventoryFlags } from './options.ts';
import { UsageError } from '../core/error.ts';

export interface ExplainFlags extends InventoryFlags {
  readonly host: string;
  readonly playbook?: string;
}

/** Prints the sources of the variable. Exit status 1 when nothing sets it. Errors: UsageError for a host that is not there. */
export async function explain(name: string, flags: ExplainFlags): Promise<number> {
  const controller = await Controller.make(flags, (message) => process.stderr.write(`[WARNING]: ${message}\n`));
  const inventory = await controller.inventory();
  if (inventory.host(flags.host) === undefined) throw new UsageError(`the inventory has no host "${flags.host}"`);
  const loader = controller.loader();
  const plays = flags.playbook === undefined ? [] : loader.loadPlaybook(findPlaybook(flags.playbook)).plays;
  const variables: Variables = new Variables({
    inventory,
    extraVars: controller.extraVars,
    options: {
      check: false,
      diff: false,
      forks: controller.settings.values.forks,
      verbosity: 0,
      playbookDir: process.cwd(),
    },
    render: (value, scope) => controller.templarOf(scope).render(value),
    readVarsFile: (path) => loader.loadVarsFile(path),
    hashBehaviour: controller.settings.values.hashBehaviour,
  });
  let found = false;
  for (const play of plays.length > 0 ? plays : [undefined]) {
    const request = { host: flags.host, play };
    const settings = variables.explain(name, request);
    if (settings.length === 0) continue;
    found = true;
    if (play !== undefined && plays.length > 1) process.stdout.write(`play at ${formatOrigin(play.origin)}\n`);
    for (const { number, level, value, origin, winner } of settings) {
      const text =
        value instanceof TemplateText ? value.source : value instanceof Dict ? pythonRepr(value) : pythonRepr(value);
      process.stdout.write(
        `${winner ? '*' : ' '} ${String(number).padStart(2)} ${level.padEnd(36)} ${text.length > 200 ? `${text.slice(0, 200)}…` : text}${origin === undefined ? '' : `\n       ${formatOrigin(origin)}`}\n`,
      );
    }
    try {
      const rendered = controller.templarOf(variables.scope(request)).expression(name);
      process.stdout.write(`= ${pythonRepr(rendered)}\n`);
    } catch (error) {
      if (!(error instanceof VbxError)) throw error;
      process.stdout.write(`= cannot be rendered: ${error.message}\n`);
    }
  }
  if (!found) process.stdout.write(`nothing sets "${name}" for ${flags.host}\n`);
  return found ? 0 : 1;
}
