// `vbx play`: playbooks run on the hosts of an inventory.
import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { UsageError } from '../core/error.ts';
import type { Reporter } from '../core/event.ts';
import type { Playbook } from '../core/play.ts';
import type { LockProtocol, ResumePoint, RunOptions } from '../engine/run-options.ts';
import { startRun } from '../engine/run.ts';
import type { LoadedInventory } from '../inventory/inventory.ts';
import { resolveModule } from '../modules/registry.ts';
import type { PlaybookLoader } from '../playbook/load.ts';
import { basicsProbe } from '../probes/basics.ts';
import { createConnector } from '../remote/index.ts';
import { lockSnippets } from '../remote/lock.ts';
import { VERSION } from '../version.ts';
import { checkPlaybooks } from './check-playbooks.ts';
import { Controller, loadModule } from './controller.ts';
import { factCacheOf } from './fact-cache.ts';
import { findPlaybook } from './find-playbook.ts';
import { shellCommand } from './host-shell.ts';
import { includesOf } from './includes.ts';
import { watchInterrupts } from './interrupt.ts';
import { listHosts, listTags, listTasks } from './list.ts';
import type { ConnectionFlags, InventoryFlags, RunFlags } from './options.ts';
import { loadCustomPlugins } from './plugins.ts';
import { makeReporters } from './reporters.ts';
import { ask, canAsk } from './terminal.ts';

export interface PlayFlags extends InventoryFlags, ConnectionFlags, RunFlags {
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
  readonly startAtTask?: string;
  readonly step?: boolean;
  readonly forceHandlers?: boolean;
  readonly listHosts?: boolean;
  readonly listTasks?: boolean;
  readonly listTags?: boolean;
  readonly syntaxCheck?: boolean;
  readonly tui?: boolean;
  readonly confirm?: boolean;
}

/** Plays the playbooks; gives the exit status. `taken`: what an earlier run left to do. Errors before any host is touched: UsageError, PlaybookError, VaultError. */
export async function play(names: readonly string[], flags: PlayFlags, taken?: { readonly argv: readonly string[]; readonly hosts: readonly string[]; readonly point: ResumePoint }): Promise<number> {
  const early: string[] = [];
  let warn = (message: string): void => void early.push(message);
  const controller = await Controller.make(flags, (message) => warn(message));
  const paths = names.map((name) => findPlaybook(name));
  const loader = controller.loader();
  const playbooks = paths.map((path) => loader.loadPlaybook(path));
  await checkPlaybooks(playbooks);
  const inventory = await controller.inventory();
  const limit = controller.limit(inventory);
  if (flags.syntaxCheck === true || flags.listHosts === true || flags.listTasks === true || flags.listTags === true) {
    for (const message of early) process.stderr.write(`[WARNING]: ${message}\n`);
    for (const playbook of playbooks) process.stdout.write(describe(playbook, flags, controller, inventory, limit));
    return 0;
  }
  const once = async (wanted: PlayFlags, hosts: LoadedInventory, confirming: boolean): Promise<{ readonly exit: number; readonly how: 'leave' | 'apply' | undefined }> => {
    const options: RunOptions = {
      ...(await playOptions(playbooks, loader, hosts, limit, wanted, controller)),
      ...(taken === undefined ? {} : { argv: taken.argv, resume: taken.point, limit: taken.hosts.filter((host) => limit === undefined || limit.includes(host)) }),
    };
    const made = await makeReporters({ ...wanted, confirming, shell: (host) => shellCommand(host, hosts, options.connection, controller) }, controller, options);
    warn = made.warn;
    for (const message of early.splice(0)) made.warn(message);
    await made.start?.();
    const running = startRun({ ...options, reporters: made.reporters, holdFailed: made.interactive }, made.onFault);
    made.attach?.(running.control);
    const unwatch = watchInterrupts(running.control, made.tell);
    try {
      const { exit } = await running.finished;
      return { exit, how: await made.finished?.() };
    } catch (error) {
      // The error is told on the terminal itself, not on a screen that goes away with it.
      await made.stop?.();
      throw error;
    } finally {
      unwatch();
    }
  };
  if (flags.confirm !== true) return (await once(flags, inventory, false)).exit;
  if (!canAsk()) throw new UsageError('--confirm needs a terminal to ask at', { hint: 'run with --check --diff first, then without' });
  const dry = await once({ ...flags, check: true, diff: true }, inventory, true);
  if (dry.exit === 99) return dry.exit;
  const apply = dry.how === undefined ? /^y(es)?$/i.test((await ask({ text: `\n${dry.exit === 0 || dry.exit === 3 ? 'Apply this' : 'The dry run failed. Apply nevertheless'} (yes/no)? `, secret: false })).trim()) : dry.how === 'apply';
  // What the dry run added to the inventory is not there for the real one.
  return apply ? (await once(flags, await controller.inventory(), false)).exit : dry.exit;
}

function describe(playbook: Playbook, flags: PlayFlags, controller: Controller, inventory: LoadedInventory, limit: readonly string[] | undefined): string {
  let text = `\nplaybook: ${playbook.file}\n`;
  const selection = { only: flags.tags ?? controller.settings.values.runTags, skip: flags.skipTags ?? controller.settings.values.skipTags };
  if (flags.listHosts === true) text += listHosts(playbook, inventory, limit, controller);
  if (flags.listTasks === true) text += listTasks(playbook, selection, controller);
  if (flags.listTags === true) text += listTags(playbook, selection, controller);
  return text;
}

/** The options of a run from flags and settings, without reporters. */
export async function playOptions(playbooks: readonly Playbook[], loader: PlaybookLoader, inventory: LoadedInventory, limit: readonly string[] | undefined, flags: PlayFlags, controller: Controller): Promise<RunOptions> {
  const { values, file } = controller.settings;
  const runId = randomBytes(6).toString('hex');
  const plugins = await loadCustomPlugins(playbooks, controller);
  const window = flags.batch === false ? 1 : flags.window;
  const connection = await controller.connection(flags);
  const factCache = factCacheOf(controller, flags.flushCache === true ? inventory.hosts().map((host) => host.name) : undefined);
  return {
    playbooks, inventory, includes: includesOf(loader, controller.files), secrets: controller.secrets, lookupHost: controller.lookupHost, loadModule, resolveModule, basicsProbe, reporters: [] as readonly Reporter[],
    connect: (emit) =>
      createConnector({
        onEvent: ({ host, transport, address, state, seconds, message }) => emit({ kind: 'connection', host, state, transport, address, ...(seconds === undefined ? {} : { seconds }), ...(message === undefined ? {} : { message }) }),
        onWarning: (message) => emit({ kind: 'warning', message }),
        ...(canAsk() ? { prompt: { secret: (text: string) => ask({ text, secret: true }), confirmHostKeys } } : {}),
      }),
    extraVars: controller.extraVars, check: flags.check === true, diff: flags.diff ?? values.diffAlways, verbosity: Math.max(flags.verbose, values.verbosity), forks: flags.forks ?? values.forks,
    tags: flags.tags ?? values.runTags, skipTags: flags.skipTags ?? values.skipTags, connection, strategy: values.strategy, gathering: values.gathering, forceHandlers: flags.forceHandlers ?? values.forceHandlers,
    anyErrorsFatal: values.anyErrorsFatal, missingHandlerIsError: values.errorOnMissingHandler, hashBehaviour: values.hashBehaviour, injectFacts: values.injectFactsAsVars, privateRoleVars: values.privateRoleVars, allowBrokenConditionals: values.allowBrokenConditionals ?? true,
    verify: flags.verify === true ? 'fail' : 'no', decrypt: (text, from) => controller.vault.decrypt(text, { file: from, line: 1, column: 1 }), isVaulted: (text) => controller.vault.hasOpened(text), refreshInventory: () => inventory.refresh(),
    argv: process.argv.slice(2), vbxVersion: VERSION, runId, folder: process.cwd(), detailedExit: flags.detailedExitcode === true,
    ...(factCache === undefined ? {} : { factCache }),
    ...(plugins === undefined ? {} : { plugins }),
    ...(limit === undefined ? {} : { limit, limitText: flags.limit ?? '' }),
    ...(window === undefined ? {} : { window }),
    ...(values.gatherSubset === undefined ? {} : { gatherSubset: values.gatherSubset }),
    ...(values.taskTimeout > 0 ? { taskTimeout: values.taskTimeout } : {}),
    ...(file === undefined ? {} : { configFile: file }),
    ...(flags.startAtTask === undefined ? {} : { startAtTask: flags.startAtTask }),
    ...(flags.step === true ? { step: askStep } : {}),
    ...(canAsk() ? { prompt: ask } : {}),
    ...(flags.lock === false || flags.check === true ? {} : { lock: lockOf(runId) }),
  };
}

function lockOf(run: string): LockProtocol {
  const info = { run, who: `${userInfo().username}@${hostname()}`, pid: process.pid, since: new Date().toISOString() };
  return {
    take: lockSnippets.take(info),
    release: lockSnippets.release(info),
    read(answer) {
      const state = lockSnippets.parse(answer);
      if (state.kind === 'held') return { held: `${state.owner.who} since ${state.owner.since} (run ${state.owner.run}, process ${state.owner.pid})` };
      return state.kind === 'impossible' ? { impossible: state.reason } : undefined;
    },
  };
}

async function confirmHostKeys(rows: readonly { name: string; type: string; fingerprint: string }[]): Promise<boolean> {
  const width = Math.max(...rows.map((row) => row.name.length));
  const table = rows.map((row) => `  ${row.name.padEnd(width)}  ${row.type.padEnd(20)}  ${row.fingerprint}`).join('\n');
  const answer = await ask({ text: `These host keys are not known yet:\n${table}\nTrust ${rows.length === 1 ? 'it' : 'all of them'} from now on (yes/no)? `, secret: false });
  return /^y(es)?$/i.test(answer.trim());
}

async function askStep(task: string): Promise<'yes' | 'no' | 'continue'> {
  const answer = (await ask({ text: `Perform task: ${task} (N)o/(y)es/(c)ontinue: `, secret: false })).trim().toLowerCase();
  return answer === 'c' || answer === 'continue' ? 'continue' : answer === 'y' || answer === 'yes' ? 'yes' : 'no';
}
