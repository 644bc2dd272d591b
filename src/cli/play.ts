// `vbx play`: playbooks run on the hosts of an inventory.
import { randomBytes } from 'node:crypto';
import type { Reporter } from '../core/event.ts';
import { startRun } from '../engine/run.ts';
import { basicsProbe } from '../probes/basics.ts';
import { createConnector } from '../remote/index.ts';
import { VERSION } from '../version.ts';
import { Controller, loadModule } from './controller.ts';
import { findPlaybook } from './find-playbook.ts';
import { includesOf } from './includes.ts';
import { ask, canAsk } from './terminal.ts';

export interface PlayOptions {
  inventory: string[];
  extraVars: string[];
  verbosity: number;
  check: boolean;
  diff: boolean;
  limit?: string;
  forks: number;
  tags: string[];
  skipTags: string[];
  user?: string;
  become: boolean;
  privateKey?: string;
  hostKeyChecking: 'yes' | 'no' | 'accept-new';
  window?: number;
}

/** Plays the playbooks; gives the exit status. */
export async function play(playbooks: readonly string[], given: PlayOptions): Promise<number> {
  const controller = new Controller(given, (message) => process.stderr.write(`warning: ${message}\n`));
  const inventory = await controller.inventory();
  const loader = controller.loader();
  const loaded = playbooks.map((name) => loader.loadPlaybook(findPlaybook(name)));
  const connector = createConnector({});
  const reporter: Reporter = { event: (event) => process.stdout.write(`${JSON.stringify(event)}\n`) };
  const running = startRun({
    playbooks: loaded, inventory, includes: includesOf(loader, controller.files), connector, reporters: [reporter], secrets: controller.secrets, lookupHost: controller.lookupHost, loadModule, basicsProbe,
    extraVars: controller.extraVars, check: given.check, diff: given.diff, verbosity: given.verbosity, forks: given.forks, tags: given.tags, skipTags: given.skipTags,
    ...(given.limit === undefined ? {} : { limit: inventory.select(given.limit), limitText: given.limit }),
    ...(given.window === undefined ? {} : { window: given.window }),
    connection: { timeout: 10, hostKeyChecking: given.hostKeyChecking, become: given.become, becomeMethod: 'sudo', becomeUser: 'root', ...(given.user === undefined ? {} : { user: given.user }), ...(given.privateKey === undefined ? {} : { privateKeyFile: given.privateKey }) },
    strategy: 'linear', gathering: 'implicit', forceHandlers: false, hashBehaviour: 'replace', injectFacts: true, privateRoleVars: false, allowBrokenConditionals: true, lock: true, verify: 'warn',
    ...(canAsk() ? { prompt: ask } : {}), argv: process.argv.slice(2), vbxVersion: VERSION, runId: randomBytes(6).toString('hex'), folder: process.cwd(),
  });
  const end = await running.finished;
  await connector.close();
  return end.exit;
}
