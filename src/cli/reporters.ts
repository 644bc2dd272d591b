// Which reporters a command line asks for, and how warnings and notes reach the person before and during a run.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Chalk } from 'chalk';
import type { SettingValues } from '../config/definitions.ts';
import { UsageError } from '../core/error.ts';
import type { Control, Event, Reporter } from '../core/event.ts';
import { printable } from '../core/printable.ts';
import type { RunOptions } from '../engine/run-options.ts';
import { jsonLines } from '../reporters/json-lines.ts';
import { AnsibleReporter } from '../reporters/ansible.ts';
import { html } from '../reporters/html.ts';
import { journal } from '../reporters/journal.ts';
import { junit } from '../reporters/junit.ts';
import { PlainReporter } from '../reporters/plain.ts';
import { retryFile } from '../reporters/retry-file.ts';
import type { ReporterFactory, ReporterOptions } from '../reporter.ts';
import type { Controller } from './controller.ts';
import { logFile } from './log-file.ts';
import type { RunFlags } from './options.ts';
import { wantedOutputs } from './outputs.ts';
import { createJournalFile } from './run-store.ts';
import { canShowScreen } from './screen-wanted.ts';
import { setAsker } from './terminal.ts';

export interface MadeReporters {
  readonly reporters: readonly Reporter[];
  /** A screen is watching: failed hosts may be tried again. */
  readonly interactive: boolean;
  /** A warning from outside of the run's events. */
  readonly warn: (message: string) => void;
  /** A note to the person at the terminal. */
  readonly tell: (text: string) => void;
  readonly onFault: (reporter: Reporter, error: unknown) => void;
  readonly attach?: (control: Control) => void;
  /** Shows the end as long as the person wants; `apply`: the dry run is approved. */
  readonly finished?: () => Promise<'leave' | 'apply'>;
  /** Gives the terminal back at once. */
  readonly stop?: () => Promise<void>;
  /** Takes the terminal; before it, questions are asked in plain lines. */
  readonly start?: () => Promise<void>;
  /** Tells the events of a replay by itself, in its own time. */
  readonly replayed?: () => Promise<number>;
}

export interface ReporterFlags extends RunFlags {
  readonly tui?: boolean;
  readonly adHoc?: boolean;
  /** Path of the playbook, for the file of hosts to be tried again. */
  readonly playbook?: string;
  /** Of that: a line a host. */
  readonly oneLine?: boolean;
  /** Keep a record of the run; true unless said. */
  readonly record?: boolean;
  /** Events of an earlier run that are to be told again. */
  readonly replay?: readonly Event[];
  readonly speed?: number;
  /** A dry run that is applied when the person says so. */
  readonly confirming?: boolean;
  /** Words of the command that opens a shell on a host. */
  readonly shell?: (host: string) => readonly string[];
}

/** The reporters of --output. Errors: UsageError for one that is not there. */
export async function makeReporters(
  flags: ReporterFlags,
  controller: Controller,
  options: Pick<RunOptions, 'verbosity' | 'diff' | 'runId'>,
): Promise<MadeReporters> {
  const { values } = controller.settings;
  const log =
    values.logPath === undefined || flags.replay !== undefined
      ? undefined
      : logFile(values.logPath, (message) => process.stderr.write(`[WARNING]: ${message}\n`));
  const toStdout = (text: string): void => {
    process.stdout.write(text);
    log?.(text);
  };
  const toStderr = (text: string): void => {
    process.stderr.write(text);
    log?.(text);
  };
  const colors = (stream: NodeJS.WriteStream): 0 | 1 | 2 | 3 =>
    values.noColor ? 0 : values.forceColor ? 1 : stream.isTTY ? 2 : 0;
  const color = new Chalk({ level: colors(process.stdout) });
  if (!/^(?:ansible\.builtin\.)?default$|^(?:community\.general\.)?yaml$/.test(values.stdoutCallback))
    toStderr(
      `[WARNING]: the callback "${values.stdoutCallback}" (stdout_callback) is not one that vbx has: see --output\n`,
    );
  const reporters: Reporter[] = [];
  const faulty = new Set<Reporter>();
  const { GITHUB_ACTIONS: github, GITLAB_CI: gitlab } = process.env;
  const groups = github === 'true' ? 'github' : gitlab === 'true' ? 'gitlab' : undefined;
  const { VBX_OUTPUT: ofEnvironment } = process.env;
  const wanted = wantedOutputs(flags.output ?? ofEnvironment, {
    canShow: flags.tui !== false && flags.adHoc !== true && canShowScreen(),
    replay: flags.replay !== undefined,
  });
  const plain = (write: (text: string) => void): PlainReporter =>
    new PlainReporter({
      write,
      warn: toStderr,
      color,
      verbosity: options.verbosity,
      diff: options.diff,
      adHoc: flags.adHoc === true,
      diffContext: values.diffContext,
      clock: () => Date.now() / 1000,
      ...(groups === undefined ? {} : { groups }),
    });
  const screen = wanted.screen ? await screenReporters(flags, plain, toStdout, colors(process.stdout)) : undefined;
  if (screen !== undefined) reporters.push(...screen.reporters);
  const retry =
    flags.adHoc !== true && flags.replay === undefined ? retryReporter(values, flags.playbook, toStdout) : undefined;
  if (retry !== undefined) reporters.push(retry);
  const files: Reporter[] = [];
  for (const output of wanted.others) {
    switch (output.kind) {
      case 'plain':
        reporters.push(plain(toStdout));
        break;
      case 'json':
        reporters.push(jsonLines(toStdout));
        break;
      case 'ansible':
        reporters.push(
          new AnsibleReporter({
            write: toStdout,
            warn: toStderr,
            color,
            columns: Math.max(79, (process.stdout.columns ?? 0) - 1),
            verbosity: options.verbosity,
            diff: options.diff,
            diffContext: values.diffContext,
            showSkipped: values.displaySkippedHosts,
            showOk: values.displayOkHosts,
            failedToStderr: values.displayFailedStderr,
            checkMarkers: values.checkModeMarkers,
            showPerHostStart: values.showPerHostStart,
            showTaskPathOnFailure: values.showTaskPathOnFailure,
            showStats: values.showCustomStats,
            showDeprecations: values.deprecationWarnings,
            format: /^(?:community\.general\.)?yaml$/.test(values.stdoutCallback) ? 'yaml' : values.resultFormat,
            adHoc: flags.adHoc === true,
            oneLine: flags.oneLine === true,
            ...(values.prettyResults === undefined ? {} : { pretty: values.prettyResults }),
          }),
        );
        break;
      case 'own':
        files.push(
          await ownReporter(output.path, {
            verbosity: options.verbosity,
            diff: options.diff,
            write: screen?.afterwards ?? toStdout,
          }),
        );
        break;
      case 'file': {
        const file = newFile(output.path);
        files.push(
          output.form === 'junit'
            ? junit(file.whole)
            : output.form === 'html'
              ? html(file.whole)
              : jsonLines(file.append),
        );
      }
    }
  }
  reporters.push(...files);
  const warn = screen?.warn ?? toStderr;
  if (flags.record !== false && flags.replay === undefined) {
    try {
      const file = createJournalFile(options.runId);
      reporters.push(
        journal(file, (reason) => warn(`[WARNING]: the run is not recorded any more (${reason}); it goes on\n`)),
      );
    } catch (error) {
      warn(`[WARNING]: the run is not recorded: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
  return {
    reporters,
    interactive: screen !== undefined,
    ...(screen === undefined
      ? {}
      : {
          attach: screen.attach,
          finished: screen.finished,
          start: screen.start,
          stop: screen.stop,
          replayed: () => screen.replayed(files),
        }),
    warn: (message) => warn(`[WARNING]: ${printable(message)}\n`),
    tell: () => undefined,
    onFault(reporter, error) {
      if (faulty.has(reporter)) return;
      faulty.add(reporter);
      // A full disk is no bug: its message says all.
      const what =
        error instanceof Error ? ('syscall' in error ? error.message : (error.stack ?? error.message)) : String(error);
      warn(`[WARNING]: an output is not complete: ${printable(what)}\n`);
    },
  };
}

/** Writes `PLAYBOOK.retry` beside the playbook, or where the settings say so. */
function retryReporter(
  { retryFilesEnabled, retryFilesSavePath }: SettingValues,
  playbook: string | undefined,
  tell: (text: string) => void,
): Reporter | undefined {
  if (!retryFilesEnabled || playbook === undefined) return undefined;
  const path = join(retryFilesSavePath ?? dirname(playbook), `${basename(playbook).replace(/\.[^.]*$/, '')}.retry`);
  return retryFile((text) => {
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      tell(`\tto retry, use: --limit @${path}\n\n`);
    } catch (error) {
      process.stderr.write(
        `[WARNING]: Could not create retry file '${path}': ${error instanceof Error ? error.message : String(error)}\n`,
      );
    }
  });
}

/** A file that is made anew, or a UsageError before the run begins. A write that fails later is told by the run's onFault. */
function newFile(path: string): { readonly append: (text: string) => void; readonly whole: (text: string) => void } {
  try {
    writeFileSync(path, '');
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
  return { append: (text) => appendFileSync(path, text), whole: (text) => writeFileSync(path, text) };
}

/** The reporter that a module of the user's makes. Errors: UsageError when it exports none. */
async function ownReporter(path: string, options: ReporterOptions): Promise<Reporter> {
  let made: { readonly default?: unknown };
  try {
    made = (await import(pathToFileURL(resolve(path)).href)) as { readonly default?: unknown };
  } catch (error) {
    throw new UsageError(
      `the reporter ${path} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  if (typeof made.default !== 'function')
    throw new UsageError(`the reporter ${path} has no default export that is a function`, {
      hint: 'export default (options) => ({ event(event) { ... } })',
    });
  const reporter = await (made.default as ReporterFactory)(options);
  if (typeof (reporter as Reporter | undefined)?.event !== 'function')
    throw new UsageError(`the reporter ${path} gives nothing with a method "event"`);
  return reporter;
}

interface ScreenReporters {
  readonly reporters: readonly Reporter[];
  readonly attach: (control: Control) => void;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly finished: () => Promise<'leave' | 'apply'>;
  /** `files`: reporters that need no screen; they are told all at once. */
  readonly replayed: (files: readonly Reporter[]) => Promise<number>;
  readonly warn: (text: string) => void;
  /** Text for standard output, kept while the screen is on. */
  readonly afterwards: (text: string) => void;
}

/** The screen with the plain reporter behind it: what follows the screen is plain lines. */
async function screenReporters(
  flags: ReporterFlags,
  plain: (write: (text: string) => void) => Reporter,
  write: (text: string) => void,
  level: 0 | 1 | 2 | 3,
): Promise<ScreenReporters> {
  const [{ makeScreen, BehindScreen }, { ReplayPlayer }, { expectedFrom }] = await Promise.all([
    import('./screen.ts'),
    import('../reporters/tui/player.ts'),
    import('./expected.ts'),
  ]);
  const player = flags.replay === undefined ? undefined : new ReplayPlayer(flags.replay, flags.speed ?? 1);
  const behind = new BehindScreen(plain, write);
  const late: string[] = [];
  const afterwards: string[] = [];
  const ignore = (): void => undefined;
  const screen = makeScreen({
    level,
    ...(flags.shell === undefined ? {} : { shell: flags.shell }),
    ...(player === undefined ? {} : { player, speed: flags.speed ?? 1 }),
    ...(flags.confirming === undefined ? {} : { confirming: flags.confirming }),
    onOff(why) {
      setAsker(undefined);
      // Nobody reads any more: what is written fails quietly from here on.
      if (why === 'lost') for (const stream of [process.stdout, process.stderr]) stream.on('error', ignore);
      speak();
    },
  });
  const speak = (): void => {
    for (const text of late.splice(0)) process.stderr.write(text);
    behind.speak(write);
    for (const text of afterwards.splice(0)) write(text);
  };
  const hangup = (): void => screen.lost();
  process.on('SIGHUP', hangup);
  const start = async (): Promise<void> => {
    await screen.start();
    setAsker((question) => screen.ask(question));
  };
  const finished = async (): Promise<'leave' | 'apply'> => {
    const how = await screen.ended();
    process.off('SIGHUP', hangup);
    setAsker(undefined);
    player?.stop();
    if (player === undefined) speak();
    else for (const text of afterwards.splice(0)) write(text);
    return how;
  };
  const expecting: Reporter = {
    event(event) {
      if (event.kind === 'run-start' && player === undefined)
        void expectedFrom(event.playbooks, event.check).then((expected) =>
          expected === undefined ? undefined : screen.expect(expected),
        );
    },
  };
  return {
    reporters: [screen, behind, expecting],
    attach: (control) => screen.attach(control),
    start,
    finished,
    async stop() {
      await screen.stop();
      setAsker(undefined);
      speak();
    },
    async replayed(files) {
      for (const reporter of files) {
        for (const event of flags.replay ?? []) reporter.event(event);
        await reporter.close?.();
      }
      await start();
      player?.start(screen);
      await finished();
      return 0;
    },
    afterwards: (text) => void (screen.over ? write(text) : afterwards.push(text)),
    warn(text) {
      if (!screen.on) return void process.stderr.write(text);
      late.push(text);
      screen.notify(text.trim().replace('[WARNING]: ', ''));
    },
  };
}
