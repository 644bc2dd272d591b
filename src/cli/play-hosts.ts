// Runs playbooks on hosts: options, reporters and the screen around the engine, and with --confirm a dry run before.
import { dirname, resolve } from 'node:path';
import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { UsageError } from '../core/error.ts';
import type { Reporter } from '../core/event.ts';
import type { Playbook } from '../core/play.ts';
import type { LockProtocol, RunOptions } from '../engine/run-options.ts';
import { startRun } from '../engine/run.ts';
import type { LoadedInventory } from '../inventory/inventory.ts';
import { resolveModule } from '../modules/registry.ts';
import type { PlaybookLoader } from '../playbook/load.ts';
import { basicsProbe } from '../probes/basics.ts';
import { createConnector } from '../remote/index.ts';
import { lockSnippets } from '../remote/lock.ts';
import { VERSION } from '../version.ts';
import { loadModule, type Controller } from './controller.ts';
import { factCacheOf } from './fact-cache.ts';
import { shellCommand } from './host-shell.ts';
import { includesOf } from './includes.ts';
import { watchInterrupts } from './interrupt.ts';
import type { PlayFlags, Taken, Warnings } from './play.ts';
import { loadCustomPlugins } from './plugins.ts';
import { makeReporters } from './reporters.ts';
import { ask, canAsk } from './terminal.ts';

interface Wanted {
  readonly playbooks: readonly Playbook[];
  readonly loader: PlaybookLoader;
  readonly inventory: LoadedInventory;
  /** Names of the hosts that --limit leaves. */
  readonly limit: readonly string[] | undefined;
  readonly flags: PlayFlags;
  readonly controller: Controller;
  readonly warnings: Warnings;
  readonly taken: Taken | undefined;
}

/** Gives the exit status. Errors before any host is touched: UsageError. */
export async function playHosts({
  playbooks,
  loader,
  inventory,
  limit,
  flags,
  controller,
  warnings,
  taken,
}: Wanted): Promise<number> {
  const once = async (
    wanted: PlayFlags,
    hosts: LoadedInventory,
    confirming: boolean,
  ): Promise<{ readonly exit: number; readonly how: 'leave' | 'apply' | undefined }> => {
    const options: RunOptions = {
      ...(await playOptions(playbooks, loader, hosts, limit, wanted, controller)),
      ...(taken === undefined
        ? {}
        : {
            argv: taken.argv,
            resume: taken.point,
            limit: taken.hosts.filter((host) => limit === undefined || limit.includes(host)),
          }),
    };
    const made = await makeReporters(
      {
        ...wanted,
        ...(playbooks[0] === undefined ? {} : { playbook: playbooks[0].file }),
        confirming,
        shell: (host) => shellCommand(host, hosts, options.connection, controller),
      },
      controller,
      options,
    );
    warnings.to = made.warn;
    for (const message of warnings.held.splice(0)) made.warn(message);
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
  if (!canAsk())
    throw new UsageError('--confirm needs a terminal to ask at', {
      hint: 'run with --check --diff first, then without',
    });
  const dry = await once({ ...flags, check: true, diff: true }, inventory, true);
  if (dry.exit === 99) return dry.exit;
  const apply =
    dry.how === undefined
      ? /^y(es)?$/i.test(
          (
            await ask({
              text: `\n${dry.exit === 0 || dry.exit === 3 ? 'Apply this' : 'The dry run failed. Apply nevertheless'} (yes/no)? `,
              secret: false,
            })
          ).trim(),
        )
      : dry.how === 'apply';
  // What the dry run added to the inventory is not there for the real one.
  return apply ? (await once(flags, await controller.inventory(), false)).exit : dry.exit;
}

/** The options of a run from flags and settings, without reporters. */
export async function playOptions(
  playbooks: readonly Playbook[],
  loader: PlaybookLoader,
  inventory: LoadedInventory,
  limit: readonly string[] | undefined,
  flags: PlayFlags,
  controller: Controller,
): Promise<RunOptions> {
  const { values, file } = controller.settings;
  const runId = randomBytes(6).toString('hex');
  const plugins = await loadCustomPlugins(playbooks, controller);
  const window = flags.batch === false ? 1 : flags.window;
  const connection = await controller.connection(flags);
  const factCache = factCacheOf(
    controller,
    flags.flushCache === true ? inventory.hosts().map((host) => host.name) : undefined,
  );
  return {
    playbooks,
    inventory,
    includes: includesOf(loader, controller.files),
    secrets: controller.secrets,
    lookupHost: controller.lookupHost,
    loadModule,
    resolveModule,
    basicsProbe,
    reporters: [] as readonly Reporter[],
    connect: (emit) =>
      createConnector({
        onEvent: ({ host, transport, address, state, seconds, message }) =>
          emit({
            kind: 'connection',
            host,
            state,
            transport,
            address,
            ...(seconds === undefined ? {} : { seconds }),
            ...(message === undefined ? {} : { message }),
          }),
        onWarning: (message) => emit({ kind: 'warning', message }),
        // What runs on this machine starts where the playbook lies, as under Ansible.
        ...(playbooks[0] === undefined ? {} : { folder: dirname(resolve(playbooks[0].file)) }),
        ...(canAsk() ? { prompt: { secret: (text: string) => ask({ text, secret: true }), confirmHostKeys } } : {}),
      }),
    extraVars: controller.extraVars,
    check: flags.check === true,
    diff: flags.diff ?? values.diffAlways,
    verbosity: Math.max(flags.verbose, values.verbosity),
    forks: flags.forks ?? values.forks,
    tags: flags.tags ?? values.runTags,
    skipTags: flags.skipTags ?? values.skipTags,
    connection,
    strategy: values.strategy,
    gathering: values.gathering,
    forceHandlers: flags.forceHandlers ?? values.forceHandlers,
    anyErrorsFatal: values.anyErrorsFatal,
    missingHandlerIsError: values.errorOnMissingHandler,
    localhostWarning: values.localhostWarning,
    noLog: values.noLog,
    hashBehaviour: values.hashBehaviour,
    injectFacts: values.injectFactsAsVars,
    privateRoleVars: values.privateRoleVars,
    publicIncludes: controller.settings.isWritten('privateRoleVars') && !values.privateRoleVars,
    allowBrokenConditionals: values.allowBrokenConditionals ?? true,
    verify: flags.verify === true ? 'fail' : 'no',
    decrypt: (text, from) => controller.vault.decrypt(text, { file: from, line: 1, column: 1 }),
    isVaulted: (text) => controller.vault.hasOpened(text),
    refreshInventory: () => inventory.refresh(),
    argv: process.argv.slice(2),
    vbxVersion: VERSION,
    runId,
    folder: process.cwd(),
    detailedExit: flags.detailedExitcode === true,
    ...(factCache === undefined ? {} : { factCache }),
    ...(plugins === undefined ? {} : { plugins }),
    ...(limit === undefined ? {} : { limit, limitText: flags.limit ?? '' }),
    ...(window === undefined ? {} : { window }),
    ...(values.gatherSubset === undefined ? {} : { gatherSubset: values.gatherSubset }),
    ...(values.gatherTimeout === undefined ? {} : { gatherTimeout: values.gatherTimeout }),
    pollInterval: values.pollInterval,
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
      if (state.kind === 'held')
        return {
          held: `${state.owner.who} since ${state.owner.since} (run ${state.owner.run}, process ${state.owner.pid})`,
        };
      return state.kind === 'impossible' ? { impossible: state.reason } : undefined;
    },
  };
}

async function confirmHostKeys(rows: readonly { name: string; type: string; fingerprint: string }[]): Promise<boolean> {
  const width = Math.max(...rows.map((row) => row.name.length));
  const table = rows.map((row) => `  ${row.name.padEnd(width)}  ${row.type.padEnd(20)}  ${row.fingerprint}`).join('\n');
  const answer = await ask({
    text: `These host keys are not known yet:\n${table}\nTrust ${rows.length === 1 ? 'it' : 'all of them'} from now on (yes/no)? `,
    secret: false,
  });
  return /^y(es)?$/i.test(answer.trim());
}

async function askStep(task: string): Promise<'yes' | 'no' | 'continue'> {
  const answer = (await ask({ text: `Perform task: ${task} (N)o/(y)es/(c)ontinue: `, secret: false }))
    .trim()
    .toLowerCase();
  return answer === 'c' || answer === 'continue' ? 'continue' : answer === 'y' || answer === 'yes' ? 'yes' : 'no';
}
