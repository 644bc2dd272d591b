// `vbx lint`: everything in playbooks that would not run, each with its place, before any host is touched.
import { formatOrigin } from '../core/origin.ts';
import { PlaybookError } from '../core/error.ts';
import type { Module } from '../core/module.ts';
import type { Playbook } from '../core/play.ts';
import { fieldsOf } from '../engine/validate-args.ts';
import { lintPlaybook, type LintProblem } from '../playbook/lint.ts';
import type { PlaybookLoader } from '../playbook/load.ts';
import { walkTasks } from '../playbook/walk.ts';
import { argProblems } from './check-playbooks.ts';
import { Controller, loadModule } from './controller.ts';
import { findPlaybook } from './find-playbook.ts';
import type { InventoryFlags } from './options.ts';
import { loadCustomPlugins } from './plugins.ts';

/** Prints one line a problem; exit status 2 when there are any. */
export async function lint(names: readonly string[], flags: InventoryFlags): Promise<number> {
  const controller = await Controller.make(flags, (message) => process.stderr.write(`[WARNING]: ${message}\n`));
  const problems: Pick<LintProblem, 'message' | 'origin' | 'hint'>[] = [];
  for (const name of names) {
    try {
      const loader = controller.loader();
      const playbook = loader.loadPlaybook(findPlaybook(name));
      for (const { message, origin } of playbook.warnings)
        process.stdout.write(`${origin === undefined ? name : formatOrigin(origin)}: warning: ${message}\n`);
      problems.push(...(await problemsOf(playbook, loader, controller)));
    } catch (error) {
      if (!(error instanceof PlaybookError)) throw error;
      problems.push({
        message: error.message,
        ...(error.origin === undefined ? {} : { origin: error.origin }),
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
    }
  }
  for (const { origin, message, hint } of problems)
    process.stdout.write(
      `${origin === undefined ? '' : `${formatOrigin(origin)}: `}error: ${message}${hint === undefined ? '' : ` (${hint})`}\n`,
    );
  process.stdout.write(
    problems.length === 0
      ? 'nothing found that would not run\n'
      : `${problems.length} problem${problems.length === 1 ? '' : 's'}\n`,
  );
  return problems.length === 0 ? 0 : 2;
}

async function problemsOf(
  playbook: Playbook,
  loader: PlaybookLoader,
  controller: Controller,
): Promise<readonly LintProblem[]> {
  const modules = new Map<string, Module>();
  for (const play of playbook.plays) {
    for (const { task } of walkTasks(play)) {
      const module =
        task.actionTemplate === undefined && !modules.has(task.action) ? await loadModule(task.action) : undefined;
      if (module !== undefined) modules.set(task.action, module);
    }
  }
  const plugins = await loadCustomPlugins([playbook], controller);
  const own = { filter: plugins?.filters, test: plugins?.tests, lookup: plugins?.lookups };
  return lintPlaybook(playbook, {
    files: controller.files,
    ownPlugin: (kind, name) => own[kind]?.has(name) === true,
    argProblems: (task) => {
      const module = modules.get(task.action);
      return module === undefined ? [] : argProblems(task, module);
    },
    sources: (action) => {
      const module = modules.get(action);
      return module === undefined
        ? []
        : [...fieldsOf(module)].flatMap(([name, { source }]) => (source === undefined ? [] : [{ name, source }]));
    },
    findTaskFile: (name, include) => loader.findTaskFile(name, include),
  });
}
