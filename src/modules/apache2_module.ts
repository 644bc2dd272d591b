// apache2_module: modules of Apache, by Debian's a2enmod and a2dismod. Whether one is on is what apache2ctl says, not what links there are.
import { z } from 'zod';
import { bool, choice, str } from '../core/args.ts';
import { defineModule, type Plan } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quoteAll } from '../core/quote.ts';
import { tellStep, toldBy } from './parts/generated-file.ts';
import { reportOf } from './parts/report-lines.ts';

const args = {
  name: str().describe('The module, as a2enmod names it: `rewrite`.'),
  state: choice('absent', 'present').default('present').describe('Whether it is on.'),
  identifier: str()
    .optional()
    .describe(
      'The module, as `apache2ctl -M` names it; by default its name and `_module`, with the exceptions that are known.',
    ),
  force: bool().default(false).describe('Switch off what others need too.'),
  ignore_configcheck: bool().default(false).describe('Go on where the configuration is not sound.'),
  warn_mpm_absent: bool().default(true).describe('Warn where no MPM is on.'),
};
type Args = z.output<z.ZodObject<typeof args>>;

interface ApacheModule {
  readonly kind: 'module' | 'missing';
  readonly enabled: boolean;
  readonly info: {
    /** The program that was asked. */
    readonly control: string;
    /** What it said where it failed. */
    readonly problem?: string;
    readonly threaded: boolean;
    /** Which of a2enmod and a2dismod are there. */
    readonly tools: readonly string[];
  };
}

export const apache2_module = defineModule<typeof args, { readonly module: ApacheModule }>({
  name: 'community.general.apache2_module',
  summary: 'Switch modules of Apache on and off',
  args,
  exampleSetup: `
- name: Have Apache
  ansible.builtin.package:
    name: apache2
`,
  example: `
- name: Let Apache rewrite addresses
  community.general.apache2_module:
    name: rewrite
`,
  probe: (given): { module: Probe<ApacheModule> } => ({
    module: scriptProbe(`apache2module:${identifierOf(given)}`, SCRIPT, (answer) =>
      parseApacheModule(answer, identifierOf(given)),
    ),
  }),
})({
  plan: (given, { module: now }): Plan<{ readonly module: ApacheModule }> => {
    const wanted = given.state === 'present';
    const { control, problem, threaded, tools } = now.info;
    if (now.kind === 'missing')
      return { failed: 'Neither of apache2ctl nor apachectl found. At least one apache control binary is necessary.' };
    if (given.name === 'cgi' && wanted && threaded)
      return { failed: 'Your MPM seems to be threaded, therefore enabling cgi module is not allowed.' };
    if (problem !== undefined && !given.ignore_configcheck) return { failed: `Error executing ${control}: ${problem}` };
    const warnings = problem === undefined ? [] : warningsOf(given, control, problem);
    if (now.enabled === wanted) return { after: {}, warnings };
    if (!tools.includes(toolOf(given)))
      return {
        failed: `${toolOf(given)} not found. Perhaps this system does not use ${toolOf(given)} to manage apache`,
      };
    return { after: { module: { ...now, enabled: wanted } }, warnings };
  },
  apply: (given, { before, after }) => {
    if (before.module === after.module) return [];
    // What the tool thinks of its work is of no account: what Apache says then is.
    return [
      {
        kind: 'script',
        script: `${SEARCH}\n${quoteAll([toolOf(given), ...(given.state === 'absent' && given.force ? ['-f'] : []), given.name])} < /dev/null; echo "@rc $?"`,
      },
      tellStep(SCRIPT),
    ];
  },
  result: (given, { after }, done) => {
    const told = toldBy(done, SCRIPT);
    const now = told === undefined ? after.module : parseApacheModule(told, identifierOf(given));
    const word = given.state === 'present' ? 'enabled' : 'disabled';
    const { problem, control } = now.info;
    const [step] = done;
    if (
      step === undefined ||
      (now.enabled === (given.state === 'present') && (problem === undefined || given.ignore_configcheck))
    )
      return { result: `Module ${given.name} ${word}` };
    if (problem !== undefined && !given.ignore_configcheck)
      return { failed: true, msg: `Error executing ${control}: ${problem}` };
    const stdout = step.stdout.replace(/@rc \d+\n?$/, '');
    return {
      failed: true,
      msg: `Failed to set module ${given.name} to ${word}:\n${stdout}\nMaybe the module identifier (${identifierOf(given)}) was guessed incorrectly.Consider setting the "identifier" option.`,
      rc: Number(reportOf(step.stdout)['rc'] ?? 0),
      stdout,
      stderr: step.stderr,
    };
  },
});

/** The tools are in a folder that not every user has in the search path. */
const SEARCH = 'PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; LANGUAGE=C LC_ALL=C; export PATH LANGUAGE LC_ALL';

const SCRIPT = `${SEARCH}
for c in apache2ctl apachectl; do c=$(command -v "$c") && break; done
[ -n "$c" ] || exit 0
echo "@control $c"
for t in a2enmod a2dismod; do command -v "$t" >/dev/null && echo "@$t"; done
"$c" -V 2>/dev/null < /dev/null | grep -q 'threaded: *yes' && echo @threaded
echo @modules
"$c" -M 2>&1 < /dev/null
echo "@rc $?"`;

const toolOf = ({ state }: Args): string => (state === 'present' ? 'a2enmod' : 'a2dismod');

/** Names of modules that `apache2ctl -M` does not tell by their own name. */
function identifierOf({ name, identifier }: Args): string {
  if (identifier !== undefined && identifier !== '') return identifier;
  if (name.includes('shib')) return 'mod_shib';
  if (name.includes('evasive')) return 'evasive20_module';
  // PHP 8 has lost its number.
  if (name.includes('php8') && /^php[\d.]+/.test(name)) return 'php_module';
  return `${/^(php\d)\./.exec(name)?.[1] ?? name}_module`;
}

export function parseApacheModule(answer: Answer, identifier: string): ApacheModule {
  const text = answer.stdout.toString('utf8');
  const at = text.indexOf('@modules\n');
  const head = reportOf(at < 0 ? text : text.slice(0, at));
  const control = head['control'];
  if (control === undefined)
    return { kind: 'missing', enabled: false, info: { control: '', threaded: false, tools: [] } };
  const listed = text.slice(at + '@modules\n'.length);
  const failed = reportOf(listed)['rc'] !== '0';
  const said = listed.replace(/@rc \d+\n?$/, '');
  return {
    kind: 'module',
    enabled: !failed && said.includes(` ${identifier}`),
    info: {
      control,
      threaded: head['threaded'] !== undefined,
      tools: ['a2enmod', 'a2dismod'].filter((tool) => head[tool] !== undefined),
      ...(failed ? { problem: said } : {}),
    },
  };
}

function warningsOf(given: Args, control: string, problem: string): string[] {
  if (!problem.includes('AH00534') || !given.name.includes('mpm_')) return [`Error executing ${control}: ${problem}`];
  return given.warn_mpm_absent
    ? [
        'No MPM module loaded! apache2 reload AND other module actions will fail if no MPM module is loaded immediately.',
      ]
    : [];
}
