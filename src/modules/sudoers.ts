// sudoers: a file of rules for sudo, checked by visudo before it is written: a wrong one would shut sudo off.
import type { z } from 'zod';
import { bool, choice, list, path, str } from '../core/args.ts';
import { defineModule, type Plan } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quote } from '../core/quote.ts';
import { applyEdit, editProbes, planEdit, type Editable, type Editing, type EditFunction } from './parts/edit-file.ts';

const args = {
  name: str().describe('The file, without its folder.'),
  state: choice('present', 'absent').default('present').describe('Whether it is there.'),
  user: str().optional().describe('The user who may.'),
  group: str().optional().describe('Or the group.'),
  commands: list(str()).optional().describe('What they may run, by absolute paths; ALL is everything.'),
  host: str().default('ALL').describe('The host that it holds on.'),
  runas: str().optional().describe('The user that they become; root without it.'),
  nopassword: bool().default(true).describe('Ask for no password.'),
  noexec: bool().default(false).describe('Let the commands run no others.'),
  setenv: bool().default(false).describe('Let the environment be kept.'),
  sudoers_path: path().default('/etc/sudoers.d').describe('Folder of the files.'),
  validation: choice('absent', 'detect', 'required')
    .default('detect')
    .describe('Whether visudo looks at it: where it is there (detect), without fail, or not.'),
};
type Args = z.output<z.ZodObject<typeof args>>;

interface Verdict {
  /** `unasked`: there is nothing to look at. */
  readonly kind: 'verdict' | 'unasked' | 'missing';
  readonly info: { readonly rc: number; readonly stdout: string; readonly stderr: string };
}
interface State extends Editable {
  readonly verdict: Verdict;
}

export const sudoers = defineModule<typeof args, State>({
  name: 'community.general.sudoers',
  summary: 'Keep rules for sudo',
  args,
  check: (given) => {
    if (given.user !== undefined && given.group !== undefined) return 'parameters are mutually exclusive: user|group';
    if (given.state === 'absent') return undefined;
    if (given.commands === undefined) return 'state is present but all of the following are missing: commands';
    return (given.user ?? '') === '' && (given.group ?? '') === ''
      ? 'one of the following is required: user, group'
      : undefined;
  },
  example: `
- community.general.sudoers:
    name: vbx-example
    user: daemon
    commands: /usr/bin/true
`,
  dropsShells: true,
  probe: (given) => ({
    ...editProbes(fileOf(given), undefined),
    verdict: verdictProbe(given),
  }),
})({
  plan: (given, observed, basics): Plan<State> => {
    const { at, verdict } = observed;
    if (given.state === 'absent') {
      if (at.kind === 'absent') return { after: {} };
      return at.kind === 'file' || at.kind === 'link'
        ? { after: { at: { kind: 'absent' } } }
        : { failed: `${fileOf(given)} is no file that could be removed` };
    }
    if (verdict.kind === 'missing' && given.validation === 'required')
      return { failed: 'Failed to find required executable "visudo" in paths' };
    const { rc, stdout, stderr } = verdict.info;
    if (verdict.kind === 'verdict' && rc !== 0)
      return { failed: `Failed to validate sudoers rule:\n${stdout || stderr}`, fields: { stdout, stderr } };
    return planEdit(editing(given), observed, basics, write(given));
  },
  apply: (given, change, basics) =>
    given.state === 'absent'
      ? change.before.at === change.after.at
        ? []
        : [{ kind: 'remove', path: fileOf(given), guard: change.before.at }]
      : applyEdit(editing(given), change, basics),
});

const fileOf = ({ sudoers_path, name }: Args): string =>
  name.startsWith('/') ? name : `${sudoers_path.replace(/\/+$/, '')}/${name}`;

const editing = (given: Args): Editing => ({
  path: fileOf(given),
  mode: '0440',
  create: true,
  follow: true,
  backup: false,
  missing: (file) => `${file} does not exist`,
});

function rule(given: Args): string {
  const who = (given.user ?? '') === '' ? `%${given.group ?? ''}` : (given.user ?? '');
  const as = given.runas === undefined ? '' : `(${given.runas})`;
  const tags = `${given.noexec ? 'NOEXEC:' : ''}${given.nopassword ? 'NOPASSWD:' : ''}${given.setenv ? 'SETENV:' : ''}`;
  return `${who} ${given.host}=${as}${tags} ${(given.commands ?? []).join(', ')}\n`;
}

const write =
  (given: Args): EditFunction =>
  () => ({ bytes: Buffer.from(rule(given)), msg: '' });

/** visudo reads the rule from its stdin and writes nothing. */
function verdictProbe(given: Args): Probe<Verdict> {
  const script =
    given.state === 'absent' || given.validation === 'absent'
      ? 'echo @@unasked'
      : `PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
command -v visudo >/dev/null || { echo @@missing; exit 0; }
printf %s ${quote(rule(given))} | visudo -c -f -; r=$?; printf '\\n@@%s' "$r"`;
  return scriptProbe(`sudoers:${fileOf(given)}`, script, parseVerdict, { stderr: true });
}

export function parseVerdict(answer: Answer): Verdict {
  const text = answer.stdout.toString('utf8');
  const info = { rc: 0, stdout: '', stderr: '' };
  if (text.startsWith('@@unasked')) return { kind: 'unasked', info };
  if (text.startsWith('@@missing')) return { kind: 'missing', info };
  const at = text.lastIndexOf('\n@@');
  return {
    kind: 'verdict',
    info: { rc: Number(text.slice(at + 3)), stdout: text.slice(0, at), stderr: answer.stderr.toString('utf8') },
  };
}
