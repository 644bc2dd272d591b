// Runs one module on this machine the way the engine does, without an engine: its probes and steps as real shell text, planned afresh afterwards.
import type { z } from 'zod';
import type { Basics } from '../../src/core/basics.ts';
import { findUnknown } from '../../src/core/value.ts';
import type { ActionModule, StateModule } from '../../src/core/module.ts';
import type { Probe } from '../../src/core/probe.ts';
import { differing, same } from '../../src/core/same.ts';
import type { StepResult } from '../../src/core/step.ts';
import { stepScript } from '../../src/engine/step-script.ts';
import type { TestShell } from '../probes/shells.ts';
import { userInfo } from 'node:os';

export const basics: Basics = {
  system: 'Linux',
  machine: 'x86_64',
  kernel: '6.0',
  osId: 'debian',
  osIdLike: '',
  osVersion: '12',
  osFamily: 'Debian',
  serviceManager: 'systemd',
  packageManager: 'apt',
  hostname: 'here',
  user: userInfo().username,
  uid: userInfo().uid,
  home: userInfo().homedir,
  bootId: 'boot',
  selinux: false,
  group: userInfo().gid === 0 ? 'root' : userInfo().username,
  umask: '0022',
};

export interface Ran {
  readonly changed: boolean;
  readonly result: Record<string, unknown>;
  readonly failed?: string;
  readonly before: Record<string, unknown>;
  readonly after: Record<string, unknown>;
  readonly effects: readonly string[];
  readonly steps: readonly string[];
  /** Keys whose state after the steps is not the planned one. */
  readonly astray: readonly string[];
}

export function observe(shell: TestShell, probes: Readonly<Record<string, Probe>>): Record<string, unknown> {
  const families = new Map<Probe['family'], string[]>();
  for (const [key, probe] of Object.entries(probes))
    families.set(probe.family, [...(families.get(probe.family) ?? []), key]);
  const observed: Record<string, unknown> = {};
  for (const [family, keys] of families) {
    const batches = family.name === 'script' ? keys.map((key) => [key]) : [keys];
    for (const batch of batches) {
      const queries = batch.map((key) => probes[key]?.query);
      const states = family.parse?.(shell.run(family.script?.(queries) ?? ''), queries) ?? [];
      batch.forEach((key, index) => (observed[key] = states[index]));
    }
  }
  return observed;
}

/** One run of a state module. `check`: as a dry run. */
export function run(
  shell: TestShell,
  module: StateModule,
  written: Readonly<Record<string, unknown>>,
  options: { check?: boolean } = {},
): Ran {
  const args = parseArgs(module, written);
  const probes = module.probe(args, basics) as Record<string, Probe>;
  const before = observe(shell, probes);
  const plan = module.plan(args, before, basics);
  const nothing = { before, after: before, effects: [], steps: [], astray: [] };
  if ('failed' in plan && plan.failed !== undefined)
    return {
      changed: false,
      failed: plan.failed,
      result: { msg: plan.failed, ...('fields' in plan ? plan.fields : {}) },
      ...nothing,
    };
  if (!('after' in plan)) return { changed: false, failed: 'unknown', result: {}, ...nothing };
  const effects = plan.effects ?? [];
  const after = { ...before, ...plan.after };
  const changed = differing(before, plan.after as Record<string, unknown>).length > 0 || effects.length > 0;
  const change = { before, after, effects };
  if (!changed) return { changed, result: module.result?.(args, change, [], basics) ?? {}, ...nothing };
  const steps = module.apply(args, change, basics);
  if (steps.length === 0) throw new Error(`${module.name}: a change without a step`);
  const scripts = steps.map((step) => stepScript(step) ?? step.kind);
  if (options.check === true)
    return {
      changed,
      result: module.result?.(args, change, [], basics) ?? {},
      before,
      after,
      effects: effects.map((effect) => effect.kind),
      steps: scripts,
      astray: [],
    };
  const done: StepResult[] = [];
  for (const [index, step] of steps.entries()) {
    const answer = shell.run(scripts[index] ?? '');
    const stdout = answer.stdout.toString();
    const backup = /^backup (.*)$/m.exec(stdout)?.[1];
    done.push({
      step,
      rc: answer.rc,
      stdout,
      stderr: answer.stderr.toString(),
      start: 0,
      end: 0,
      ...(backup === undefined ? {} : { backupFile: backup }),
    });
    const accept = 'accept' in step && Array.isArray(step.accept) ? step.accept : [0];
    if (!accept.includes(answer.rc))
      return {
        changed,
        failed: answer.stderr.toString(),
        result: { msg: answer.stderr.toString(), ...module.failure?.(done.at(-1) as StepResult, args) },
        before,
        after,
        effects: effects.map((effect) => effect.kind),
        steps: scripts,
        astray: [],
      };
  }
  const now = observe(shell, probes);
  const astray = Object.keys(plan.after as object).filter((key) => !same(now[key], after[key]));
  const result = module.result?.(args, change, done, basics) ?? {};
  if (findUnknown(result) !== undefined)
    throw new Error(`${module.name}: an unknown in the result of a real run: ${JSON.stringify(result)}`);
  return { changed, result, before, after, effects: effects.map((effect) => effect.kind), steps: scripts, astray };
}

export function parseArgs(
  module: StateModule | ActionModule,
  written: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const args: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(module.args as Record<string, z.ZodType>)) {
    const value = type.parse(written[name]);
    if (value !== undefined) args[name] = value;
  }
  const unknown = Object.keys(written).filter((name) => !(name in module.args));
  if (unknown.length > 0) throw new Error(`unknown arguments: ${unknown.join(', ')}`);
  const wrong = module.check?.(args);
  if (wrong !== undefined) throw new Error(wrong);
  return args;
}

export interface Acted {
  readonly result: Record<string, unknown>;
  readonly scripts: readonly string[];
  readonly stderr: string;
}

/** One run of an action module. `check`: a dry run, of a module that only reads then or knows what to say. */
export function act(
  shell: TestShell,
  module: ActionModule,
  written: Readonly<Record<string, unknown>>,
  options: { check?: boolean; cwd?: string } = {},
): Acted {
  const args = parseArgs(module, written);
  const probes = (module.probe?.(args, basics) ?? {}) as Record<string, Probe>;
  const observed = observe(shell, probes);
  const satisfied = module.satisfied?.(args, observed);
  if (satisfied !== undefined) return { result: { changed: false, ...satisfied }, scripts: [], stderr: '' };
  if (options.check === true && typeof module.dryRun === 'function')
    return { result: module.dryRun(args, observed), scripts: [], stderr: '' };
  const steps = module.steps(args, observed, basics, {
    host: 'here',
    playbookDir: '/',
    environment: {},
    checkMode: options.check === true,
  });
  const scripts = steps.map((step) => stepScript(step) ?? step.kind);
  const done: StepResult[] = [];
  let stderr = '';
  for (const [index, step] of steps.entries()) {
    const answer = shell.run(scripts[index] ?? '');
    done.push({
      step,
      rc: answer.rc,
      stdout: answer.stdout.toString(),
      stderr: answer.stderr.toString(),
      start: 0,
      end: 0,
    });
    stderr += answer.stderr.toString();
    if (answer.rc !== 0) break;
  }
  return { result: module.parse(args, done, observed), scripts, stderr };
}
