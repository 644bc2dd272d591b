// cron: a named job or variable in the crontab of a user or in a file below /etc/cron.d. Jobs are known by the comment `#Ansible: NAME` above them.
import { bool, choice, field, path, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { scriptProbe, type Probe } from '../core/probe.ts';
import { quote } from '../core/quote.ts';
import { same } from '../core/same.ts';
import type { Step } from '../core/step.ts';
import type { Editable } from './parts/edit-file.ts';
import { applyText, line, planText, textProbes } from './parts/text-edit.ts';
import { editCron, jobNames, missingAnchor, variableNames } from './cron-text.ts';

/** The crontab of a user, whole. */
export interface CrontabState {
  readonly kind: 'crontab';
  readonly text: string;
}
interface Observed extends Partial<Editable> {
  readonly crontab?: CrontabState;
}

export const cron = defineModule<CronShape, Observed>({
  name: 'ansible.builtin.cron',
  summary: 'Run jobs at times',
  args: cronArgs(),
  check: (args) => {
    if (args.cron_file === '/etc/crontab') return 'Will not manage /etc/crontab via cron_file, see documentation.';
    const when = [args.minute, args.hour, args.day, args.month, args.weekday];
    if (args.special_time !== undefined && when.some((part) => part !== '*'))
      return 'You cannot combine special_time with any of the time or day/date parameters.';
    if (args.state === 'present' && args.job === undefined)
      return "You must specify 'job' to install a new cron job or variable";
    if (args.state === 'present' && args.cron_file !== undefined && args.user === undefined && !args.env)
      return 'To use cron_file=... parameter you must specify user=... as well';
    if (args.env && args.name.includes(' ')) return 'the name of a variable cannot hold blanks';
    if (when.some((part) => /\s/.test(part.trim()) || part.trim() === ''))
      return 'minute, hour, day, month and weekday cannot hold blanks';
    if (/[\r\n]/.test(args.job ?? '')) return 'job must be one line';
    return (args.insertafter !== undefined || args.insertbefore !== undefined) && !args.env
      ? 'insertafter and insertbefore go only with env'
      : undefined;
  },
  example: `
- ansible.builtin.cron:
    name: rotate scratch
    cron_file: vbx-scratch
    user: root
    minute: "5"
    hour: "3"
    job: find /var/tmp -name 'scratch-*' -mtime +7 -delete
`,
  probe: (
    args,
  ): {
    at?: ReturnType<typeof textProbes>['at'];
    parent?: ReturnType<typeof textProbes>['parent'];
    crontab?: Probe<CrontabState>;
  } => (args.cron_file === undefined ? { crontab: crontabProbe(args.user) } : textProbes(fileOf(args.cron_file))),
})({
  plan: (args, observed, basics) => {
    const { at, parent, crontab } = observed;
    const unplaced = missingAnchor(linesOf(observed), args);
    if (unplaced !== undefined) return { failed: `Variable named '${unplaced}' not found.` };
    if (at !== undefined && parent !== undefined && args.cron_file !== undefined) {
      const plan = planText(fileFor(args, args.cron_file), { at, parent }, basics, (lines) =>
        editCron(lines, forFile(args)),
      );
      // A file whose last job is removed goes too.
      const emptied =
        args.state === 'absent' &&
        !args.env &&
        'after' in plan &&
        plan.after?.at?.kind === 'file' &&
        at.kind === 'file' &&
        !same(plan.after.at.content, at.content) &&
        plan.after.at.content?.bytes?.toString().trim() === '';
      return emptied ? { after: { at: { kind: 'absent' } } } : plan;
    }
    if (crontab === undefined) return { after: {} };
    const lines = linesOf(observed);
    const wanted = editCron(lines, args);
    const text = wanted.map((entry) => `${entry}\n`).join('');
    return {
      after:
        wanted.length === lines.length && wanted.every((entry, index) => entry === lines[index])
          ? {}
          : { crontab: { kind: 'crontab', text } },
    };
  },
  apply: (args, { before, after, effects }, basics) => {
    if (
      args.cron_file !== undefined &&
      before.at !== undefined &&
      before.at.kind !== 'absent' &&
      after.at?.kind === 'absent'
    )
      return [{ kind: 'remove', path: fileOf(args.cron_file), guard: before.at }];
    if (
      args.cron_file !== undefined &&
      before.at !== undefined &&
      before.parent !== undefined &&
      after.at !== undefined &&
      after.parent !== undefined
    ) {
      return applyText(
        fileFor(args, args.cron_file),
        { before: { at: before.at, parent: before.parent }, after: { at: after.at, parent: after.parent }, effects },
        basics,
      );
    }
    if (after.crontab === undefined || before.crontab === after.crontab) return [];
    const user = args.user === undefined ? [] : ['-u', args.user];
    const backup: Step[] = args.backup
      ? [
          {
            kind: 'script',
            script: `f=$(mktemp /tmp/crontab.XXXXXX) && crontab ${user.map(quote).join(' ')} -l >"$f" 2>/dev/null; echo "$f"`,
          },
        ]
      : [];
    return [...backup, { kind: 'run', argv: ['crontab', ...user, '-'], stdin: after.crontab.text }];
  },
  diff: (args, { before, after }) => {
    const text = (observed: Observed): string =>
      observed.crontab?.text ??
      (observed.at?.kind === 'file' ? (observed.at.content?.bytes?.toString('utf8') ?? '') : '');
    const header = args.cron_file === undefined ? 'crontab' : fileOf(args.cron_file);
    return same(before.at, after.at) && before.crontab === after.crontab
      ? undefined
      : { before: text(before), after: text(after), before_header: header, after_header: header };
  },
  result: (args, { after }, done) => {
    const state = after.at?.kind === 'link' ? after.at.real : after.at;
    const text = after.crontab?.text ?? (state?.kind === 'file' ? (state.content?.bytes?.toString('utf8') ?? '') : '');
    const lines = text.split('\n');
    const saved = args.cron_file === undefined ? done[0]?.stdout.trim() : done[0]?.backupFile;
    return {
      jobs: jobNames(lines),
      envs: variableNames(lines),
      ...(args.cron_file === undefined ? {} : { cron_file: args.cron_file }),
      ...(args.backup && saved !== undefined && saved !== '' ? { backup_file: saved } : {}),
    };
  },
});

/** The lines of the crontab or file, as they are now. */
function linesOf({ at, crontab }: Observed): readonly string[] {
  const state = at?.kind === 'link' ? at.real : at;
  const text = crontab?.text ?? (state?.kind === 'file' ? (state.content?.bytes?.toString('latin1') ?? '') : '');
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function cronArgs() {
  return {
    name: str().describe('Name of the job (or of the variable).'),
    user: str().optional().describe('Whose crontab; with cron_file: the account that runs it.'),
    job: field(str(), { aliases: ['value'] })
      .optional()
      .describe('The command, or the value of the variable.'),
    state: choice('absent', 'present').default('present').describe('Whether it is there.'),
    cron_file: path().optional().describe('A file, below /etc/cron.d unless absolute, instead of a crontab.'),
    backup: bool().default(false).describe('Keep a copy of the old crontab.'),
    minute: str().default('*').describe('Minute: 0-59, *, */2, lists.'),
    hour: str().default('*').describe('Hour: 0-23.'),
    day: field(str(), { aliases: ['dom'] })
      .default('*')
      .describe('Day of the month: 1-31.'),
    month: str().default('*').describe('Month: 1-12.'),
    weekday: field(str(), { aliases: ['dow'] })
      .default('*')
      .describe('Day of the week: 0-6, Sunday is 0.'),
    special_time: choice('annually', 'daily', 'hourly', 'monthly', 'reboot', 'weekly', 'yearly')
      .optional()
      .describe('A name for the time.'),
    disabled: bool().default(false).describe('Keep the job as a comment.'),
    env: bool().default(false).describe('It is a variable, not a job.'),
    insertafter: str().optional().describe('Put a new variable behind this one.'),
    insertbefore: str().optional().describe('Put a new variable before this one.'),
  };
}
type CronShape = ReturnType<typeof cronArgs>;

function fileOf(name: string): string {
  return name.startsWith('/') ? name : `/etc/cron.d/${name}`;
}
function fileFor(args: { readonly backup: boolean; readonly state: string }, name: string) {
  return {
    path: fileOf(name),
    mode: '0644',
    mayMiss: args.state === 'absent',
    ...(args.backup ? { backup: true } : {}),
  };
}
/** Files name the account that runs a job, crontabs do not. */
function forFile<T extends { readonly user?: string | undefined }>(args: T): T & { readonly account: string } {
  return { ...args, account: line(args.user ?? 'root') };
}

export function crontabProbe(user: string | undefined): Probe<CrontabState> {
  return scriptProbe(
    `crontab:${user ?? ''}`,
    `crontab ${user === undefined ? '' : `-u ${quote(user)} `}-l 2>/dev/null; :`,
    (answer) => ({ kind: 'crontab', text: withoutHeader(answer.stdout.toString('utf8')) }),
  );
}

/** Three lines that some crontab programs put on top when they list. */
function withoutHeader(text: string): string {
  const lines = text.split('\n');
  const patterns = [
    /^# DO NOT EDIT THIS FILE - edit the master and reinstall\.$/,
    /^# \(.*installed on .*\)$/,
    /^# \(.*version.*\)$/,
  ];
  let at = 0;
  while (at < 3 && patterns.some((pattern) => pattern.test(lines[at] ?? ''))) at += 1;
  return lines.slice(at).join('\n');
}
