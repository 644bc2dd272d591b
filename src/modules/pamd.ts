// pamd: one rule of a service of PAM is changed, put beside another, or gone; lines of other rules stay as they are.
import { z } from 'zod';
import { bool, choice, list, path, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { byteText, toBytes, userBytes } from '../core/python-regex.ts';
import {
  applyEdit,
  editProbes,
  editResult,
  linesOf,
  planEdit,
  type Editable,
  type EditFunction,
  type Editing,
} from './parts/edit-file.ts';

const TYPES = ['account', '-account', 'auth', '-auth', 'password', '-password', 'session', '-session'] as const;

const args = {
  name: str().describe('The service: the name of a file in path.'),
  type: choice(...TYPES).describe('Type of the rule that is meant.'),
  control: str().describe('Control of the rule that is meant: `required`, or `[success=1 default=ignore]`.'),
  module_path: str().describe('Module of the rule that is meant: `pam_unix.so`.'),
  new_type: choice(...TYPES)
    .optional()
    .describe('Type of the new rule, or of the changed one.'),
  new_control: str().optional().describe('Control of the new rule, or of the changed one.'),
  new_module_path: str().optional().describe('Module of the new rule, or of the changed one.'),
  module_arguments: list(str())
    .optional()
    .describe('Arguments of the module: all of them (updated, before, after), or those to add or to remove.'),
  state: choice('absent', 'before', 'after', 'args_absent', 'args_present', 'updated')
    .default('updated')
    .describe(
      'updated: it is changed. before, after: a new rule stands beside it. args_absent, args_present: it is without, or has, the arguments. absent: it is gone.',
    ),
  path: path().default('/etc/pam.d').describe('The folder of the services.'),
  backup: bool().default(false).describe('Keep the old file beside it.'),
};
type Args = z.output<z.ZodObject<typeof args>>;

export const pamd = defineModule<typeof args, Editable>({
  name: 'community.general.pamd',
  summary: 'Change rules of PAM',
  args,
  check: (given) => {
    const needed =
      given.state === 'before' || given.state === 'after'
        ? (['new_control', 'new_type', 'new_module_path'] as const)
        : given.state === 'args_absent' || given.state === 'args_present'
          ? (['module_arguments'] as const)
          : [];
    const missing = needed.filter((name) => given[name] === undefined);
    if (missing.length > 0)
      return `state is ${given.state} but all of the following are missing: ${missing.join(', ')}`;
    return given.state === 'args_present' && wordsOf(given.module_arguments).some((word) => word.startsWith('['))
      ? "Unable to process bracketed '[' complex arguments with 'args_present'. Please use 'updated'."
      : undefined;
  },
  exampleSetup: `
- name: Have a service of PAM
  ansible.builtin.copy:
    dest: /etc/pam.d/vbx-example
    content: |
      auth     required pam_unix.so
      session  optional pam_motd.so noupdate
`,
  example: `
- name: Show no message of the day
  community.general.pamd:
    name: vbx-example
    type: session
    control: optional
    module_path: pam_motd.so
    state: absent
`,
  dropsShells: true,
  probe: (given) => editProbes(fileOf(given), undefined),
})({
  plan: (given, observed, basics) => planEdit(editing(given), observed, basics, edit(given)),
  apply: (given, change, basics) => applyEdit(editing(given), change, basics),
  result: (given, change, done, basics) => {
    const { fields, backupFile } = editResult(editing(given), change, done, edit(given), basics);
    return { ...fields, backupdest: backupFile ?? '' };
  },
});

const fileOf = (given: Args): string => `${given.path.replace(/\/+$/, '')}/${given.name}`;

function editing(given: Args): Editing {
  return {
    path: fileOf(given),
    backup: given.backup,
    create: false,
    follow: true,
    missing: (file) =>
      `Unable to open/read PAM module file ${file} with error [Errno 2] No such file or directory: '${file}'.`,
  };
}

interface Rule {
  readonly type: string;
  readonly control: string;
  readonly module: string;
  readonly words: readonly string[];
}
/** A line as it stands, with the rule that it is, if it is one. */
interface Line {
  readonly text: string;
  readonly rule?: Rule;
}

const RULE = /^\s*(-?(?:auth|account|session|password))\s+(\[[^\]]*\]|\S+)\s+(\S+)(.*)$/;

function lineOf(text: string): Line {
  const [, type, control, module, rest = ''] = /^\s*(#|@include)/.test(text) ? [] : (RULE.exec(text) ?? []);
  return type === undefined || control === undefined || module === undefined
    ? { text }
    : { text, rule: { type, control: plainControl(control), module, words: wordsOf([rest]) } };
}

/** `[success = 1  default=ignore]` is `[success=1 default=ignore]`. */
function plainControl(control: string): string {
  return control.startsWith('[')
    ? `[${control
        .replace(/[[\]]/g, '')
        .replace(/\s*=\s*/g, '=')
        .trim()
        .replace(/\s+/g, ' ')}]`
    : control;
}

/** Arguments of a module: words, of which one in brackets may hold blanks. */
function wordsOf(texts: readonly string[] = []): string[] {
  return texts.flatMap((text) => text.match(/\[[^\]]*\]|\S+/g) ?? []);
}

/** A rule as a new or changed line. */
function written(rule: Rule): Line {
  return { text: [`${rule.type.padEnd(10)} ${rule.control}`, rule.module, ...rule.words].join(' '), rule };
}

/** The fields of `editResult` count the rules that change; a file with a line that is no rule is refused, changed or not. */
function edit(given: Args): EditFunction {
  return (bytes) => {
    const lines = linesOf(byteText(bytes ?? Buffer.alloc(0))).map((text) => lineOf(text.replace(/\n$/, '')));
    const { lines: after, count } = edited(lines, given);
    const wrong = after.map(problemOf).find((problem) => problem !== undefined);
    if (wrong !== undefined) return { failed: wrong };
    return {
      bytes: count === 0 ? (bytes ?? Buffer.alloc(0)) : toBytes(after.map(({ text }) => `${text}\n`).join('')),
      msg: '',
      fields: { change_count: count },
    };
  };
}

function edited(lines: readonly Line[], given: Args): { readonly lines: readonly Line[]; readonly count: number } {
  const control = plainControl(userBytes(given.control));
  const meant = ({ rule }: Line): boolean =>
    rule !== undefined &&
    rule.type === given.type &&
    rule.control === control &&
    rule.module === userBytes(given.module_path);
  let count = 0;
  const after = lines.flatMap((line, at) => {
    if (!meant(line) || line.rule === undefined) return [line];
    const made = replacement(line, line.rule, given, lines, at);
    if (made.length !== 1 || made[0] !== line) count++;
    return made;
  });
  return { lines: after, count };
}

/** The lines that stand in the place of the rule that is meant; the line itself where nothing changes. */
function replacement(line: Line, rule: Rule, given: Args, lines: readonly Line[], at: number): Line[] {
  if (given.state === 'absent') return [];
  const words = wordsOf(given.module_arguments?.map(userBytes));
  const wish = {
    type: given.new_type,
    control: given.new_control === undefined ? undefined : plainControl(userBytes(given.new_control)),
    module: given.new_module_path === undefined ? undefined : userBytes(given.new_module_path),
  };
  if (given.state === 'before' || given.state === 'after') {
    const around = given.state === 'before' ? lines.slice(0, at).toReversed() : lines.slice(at + 1);
    const beside = around.find(({ text }) => !/^\s*(#|$)/.test(text))?.rule;
    const added: Rule = {
      type: wish.type ?? rule.type,
      control: wish.control ?? rule.control,
      module: wish.module ?? rule.module,
      words,
    };
    if (
      beside !== undefined &&
      beside.type === added.type &&
      beside.control === added.control &&
      beside.module === added.module
    )
      return [line];
    return given.state === 'before' ? [written(added), line] : [line, written(added)];
  }
  const changed: Rule =
    given.state === 'args_absent'
      ? { ...rule, words: rule.words.filter((word) => !words.includes(word)) }
      : given.state === 'args_present'
        ? { ...rule, words: withWords(rule.words, words) }
        : {
            type: wish.type ?? rule.type,
            control: wish.control || rule.control,
            module: wish.module || rule.module,
            words: given.module_arguments === undefined ? rule.words : words,
          };
  return written(changed).text === written(rule).text ? [line] : [written(changed)];
}

/** The words with those that are missing; `key=value` takes the place of another value of its key. */
function withWords(present: readonly string[], wanted: readonly string[]): string[] {
  const words = [...present];
  for (const word of wanted) {
    const key = word.includes('=') ? word.slice(0, word.indexOf('=') + 1) : undefined;
    const index = words.findLastIndex((one) => (key === undefined ? one === word : one.startsWith(key)));
    if (index < 0) words.push(word);
    else words[index] = word;
  }
  return words;
}

const CONTROLS = ['required', 'requisite', 'sufficient', 'optional', 'include', 'substack', 'definitive'];
const ACTIONS = ['ignore', 'bad', 'die', 'ok', 'done', 'reset'];
/** What a module may return, and `default` (pam.conf(5)). */
const RETURNS = new Set(
  `success open_err symbol_err service_err system_err buf_err perm_denied auth_err cred_insufficient authinfo_unavail user_unknown maxtries new_authtok_reqd acct_expired
  session_err cred_unavail cred_expired cred_err no_module_data conv_err authtok_err authtok_recover_err authtok_lock_busy authtok_disable_aging try_again ignore abort
  authtok_expired module_unknown bad_item conv_again incomplete default`.split(/\s+/),
);

/** What is wrong with a line, if anything. */
function problemOf({ text, rule }: Line): string | undefined {
  if (rule === undefined) return /^\s*(#|@include|$)/.test(text) ? undefined : `Rule is not valid ${text}`;
  if (!rule.control.startsWith('['))
    return CONTROLS.includes(rule.control) ? undefined : `Rule control, ${rule.control}, is not valid in rule ${text}`;
  for (const pair of rule.control.slice(1, -1).split(' ')) {
    const [value = '', action = ''] = pair.split('=');
    if (!RETURNS.has(value)) return `Rule control value, ${value}, is not valid in rule ${text}`;
    if (!ACTIONS.includes(action) && !/^\d+$/.test(action))
      return `Rule control action, ${action}, is not valid in rule ${text}`;
  }
  return undefined;
}
