// debconf: the answer to a question that a package asks when it is configured.
import { bool, choice, field, raw, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { probeOf, type Answer, type Probe, type ProbeFamily } from '../core/probe.ts';
import { quote } from '../core/quote.ts';

export interface DebconfState {
  readonly kind: 'debconf';
  /** Answers by question; those not answered are not there. */
  readonly answers: Readonly<Record<string, string>>;
}

export const debconf = defineModule<DebconfShape, { readonly answers: DebconfState }>({
  name: 'ansible.builtin.debconf',
  summary: 'Answer questions of packages before they are installed',
  args: debconfArgs(),
  check: (args) => {
    if (
      args.question === undefined
        ? args.vtype !== undefined || args.value !== undefined
        : args.vtype === undefined || (args.vtype !== 'seen' && args.value === undefined)
    )
      return 'parameters are required together: question, vtype, value';
    return /[\r\n]/.test(valueOf(args)) ? 'value must be one line' : undefined;
  },
  example: `
- ansible.builtin.debconf:
    name: debconf
    question: debconf/priority
    vtype: select
    value: high
`,
  probe: (args) => ({
    answers: debconfProbe(
      args.name,
      args.vtype === 'password' && args.question !== undefined
        ? { question: args.question, wanted: valueOf(args) }
        : undefined,
    ),
  }),
})({
  plan: (args, { answers }) => {
    if (args.question === undefined || args.vtype === undefined) return { after: {} };
    const known = Object.hasOwn(answers.answers, args.question) ? answers.answers[args.question] : undefined;
    const wanted = args.vtype === 'password' ? HIDDEN : valueOf(args);
    if (
      args.vtype === 'multiselect' &&
      Array.isArray(args.value) &&
      args.value.some((item) => typeof item !== 'string')
    )
      return { failed: "Invalid value provided for 'multiselect': all of its items must be text" };
    // A list has no order; text is taken as it is.
    const same =
      known !== undefined &&
      (args.vtype === 'multiselect' && Array.isArray(args.value) ? set(known) === set(wanted) : known === wanted);
    return {
      after: same ? {} : { answers: { kind: 'debconf', answers: { ...answers.answers, [args.question]: wanted } } },
    };
  },
  apply: (args, { before, after }) => {
    if (args.question === undefined || args.vtype === undefined || before.answers === after.answers) return [];
    return [
      {
        kind: 'run',
        argv: ['debconf-set-selections', ...(args.unseen ? ['-u'] : [])],
        stdin: `${args.name} ${args.question} ${args.vtype} ${valueOf(args)}\n`,
        ...(args.vtype === 'password' ? { secret: true } : {}),
      },
    ];
  },
  diff: (args, { before, after }) => {
    if (args.question === undefined || after.answers === before.answers || args.vtype === 'password') return undefined;
    const told = (state: DebconfState) => ({ [args.question ?? '']: state.answers[args.question ?? ''] ?? '' });
    return { before: told(before.answers), after: told(after.answers) };
  },
  result: (args, { after, before }) => {
    if (args.question === undefined) return { msg: '', current: before.answers.answers };
    if (after.answers === before.answers && args.vtype !== 'password')
      return { msg: '', current: before.answers.answers };
    const shown = (state: DebconfState) =>
      args.vtype === 'password' ? HIDDEN : (state.answers[args.question ?? ''] ?? '');
    return {
      msg: '',
      current: { [args.question]: shown(after.answers) },
      previous: { [args.question]: shown(before.answers) },
    };
  },
});

function debconfArgs() {
  return {
    name: field(str(), { aliases: ['pkg'] }).describe('The package.'),
    question: field(str(), { aliases: ['selection', 'setting'] })
      .optional()
      .describe('The question; without it the answers are only told.'),
    vtype: choice('boolean', 'error', 'multiselect', 'note', 'password', 'seen', 'select', 'string', 'text', 'title')
      .optional()
      .describe('Kind of the question.'),
    value: field(raw(), { aliases: ['answer'] })
      .optional()
      .describe('The answer; for multiselect a list.'),
    unseen: bool().default(false).describe('Do not mark the question as seen.'),
  };
}
type DebconfShape = ReturnType<typeof debconfArgs>;

/** What debconf-show says in place of a password; here one that is as wanted, or was not asked for. */
const HIDDEN = '(password omitted)';
const OTHER = '(another password)';

interface Query {
  readonly name: string;
  /** The question whose password is compared: never shown, never in a script. */
  readonly password?: { readonly question: string; readonly wanted: string };
}

function valueOf(args: { readonly value?: unknown; readonly vtype?: string | undefined }): string {
  const { value } = args;
  if (Array.isArray(value)) return value.map(String).join(', ');
  if (value === undefined || value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return args.vtype === 'boolean' ? (/^(true|yes|1)$/i.test(text) ? 'true' : 'false') : text;
}
function set(value: string): string {
  return value
    .split(',')
    .map((part) => part.trim())
    .sort()
    .join(',');
}

export function debconfProbe(name: string, password?: Query['password']): Probe<DebconfState> {
  return probeOf(family, `debconf:${name}`, { name, ...(password === undefined ? {} : { password }) });
}
const family: ProbeFamily<Query, DebconfState> = {
  name: 'debconf',
  script: (queries) =>
    `${queries.map(({ name, password }, at) => `echo "@@${at}"; debconf-show -- ${quote(name)} 2>/dev/null${password === undefined ? '' : `; echo "@@password ${at}"; echo GET ${quote(password.question)} | debconf-communicate ${quote(name)} 2>/dev/null`}`).join('\n')}\n:`,
  parse: (answer, queries) => parseDebconf(answer, queries),
};

export function parseDebconf(answer: Answer, queries: readonly Query[]): DebconfState[] {
  const parts = new Map(
    `\n${answer.stdout.toString('utf8')}`
      .split('\n@@')
      .slice(1)
      .map((part) => [part.split('\n', 1)[0] ?? '', part.split('\n').slice(1)]),
  );
  return queries.map(({ password }, at) => {
    const answers: Record<string, string> = {};
    for (const text of parts.get(String(at)) ?? []) {
      // `* question: answer`; the star marks a question that was seen.
      const match = /^[* ]*\s*([^:\s]+):\s?(.*)$/.exec(text);
      if (match?.[1] !== undefined) answers[match[1]] = (match[2] ?? '').trim();
    }
    const told = /^0 ?(.*)$/.exec(parts.get(`password ${at}`)?.[0] ?? '')?.[1];
    if (password !== undefined && Object.hasOwn(answers, password.question))
      answers[password.question] = told === undefined || told === password.wanted ? HIDDEN : OTHER;
    return { kind: 'debconf', answers };
  });
}
