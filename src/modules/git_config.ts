// git_config: settings of git in a file, a repository, a home or the whole host; by git itself.
import type { z } from 'zod';
import { choice, path, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quote, quoteAll } from '../core/quote.ts';
import { pathWord } from '../probes/path-script.ts';

interface SettingState {
  readonly kind: 'setting' | 'missing' | 'failed';
  readonly values: readonly string[];
  readonly info: { readonly message: string };
}

const args = {
  name: str().describe('The setting: `user.name`.'),
  value: str().optional().describe('Its value.'),
  state: choice('present', 'absent').default('present').describe('Whether it is set.'),
  scope: choice('file', 'local', 'global', 'system').optional().describe('Where it is kept; system without it.'),
  repo: path().optional().describe('The repository, for local.'),
  file: path().optional().describe('The file, for file.'),
  add_mode: choice('add', 'replace-all').default('replace-all').describe('Whether further values of it stay.'),
};
type Args = z.output<z.ZodObject<typeof args>>;

export const git_config = defineModule<typeof args, { readonly setting: SettingState }>({
  name: 'community.general.git_config',
  summary: 'Set or unset settings of git',
  args,
  check: (given) => {
    if (given.scope === 'local' && given.repo === undefined)
      return 'scope is local but all of the following are missing: repo';
    if (given.scope === 'file' && given.file === undefined)
      return 'scope is file but all of the following are missing: file';
    if (given.state === 'absent') return undefined;
    if (given.value === undefined) return 'state is present but all of the following are missing: value';
    return given.value === ''
      ? 'If state=present, a value must be specified. Use the community.general.git_config_info module to read a config value.'
      : undefined;
  },
  exampleSetup: `
- name: Have git
  ansible.builtin.package:
    name: git
`,
  example: `
- community.general.git_config:
    name: init.defaultBranch
    value: main
`,
  probe: (given): { setting: Probe<SettingState> } => ({
    setting: scriptProbe(
      `git:${given.scope ?? 'system'} ${given.repo ?? given.file ?? ''} ${given.name}`,
      `command -v git >/dev/null || { echo @@missing; exit 0; }
cd -- ${folderOf(given)} 2>/dev/null || cd /
${configWords(given, ['--null', '--get-all', given.name])} 2>&1; printf '\\n@@%s' "$?"`,
      parseSetting,
    ),
  }),
})({
  plan: (given, { setting: now }) => {
    if (now.kind === 'missing') return { failed: 'Failed to find required executable "git" in paths' };
    if (now.kind === 'failed') return { failed: now.info.message };
    const { value = '' } = given;
    if (given.state === 'absent') return { after: now.values.length === 0 ? {} : { setting: { ...now, values: [] } } };
    if (now.values.includes(value) && (now.values.length === 1 || given.add_mode === 'add')) return { after: {} };
    return { after: { setting: { ...now, values: given.add_mode === 'add' ? [...now.values, value] : [value] } } };
  },
  apply: (given, { before, after }) => {
    if (before.setting === after.setting) return [];
    const words =
      given.state === 'absent' ? ['--unset-all', given.name] : [`--${given.add_mode}`, given.name, given.value ?? ''];
    return [{ kind: 'script', script: `cd -- ${folderOf(given)} || exit\n${configWords(given, words)}` }];
  },
  result: (given, { before, after }) => ({
    msg: before.setting !== after.setting ? 'setting changed' : given.state === 'absent' ? 'no setting to unset' : '',
  }),
});

/** From the root folder no repository's own settings are met. */
const folderOf = (given: Args): string => (given.scope === 'local' ? pathWord(given.repo ?? '/') : '/');

function configWords(given: Args, words: readonly string[]): string {
  const where = given.scope === 'file' ? `-f ${pathWord(given.file ?? '')}` : quote(`--${given.scope ?? 'system'}`);
  return `git config --includes ${where} ${quoteAll(words)}`;
}

function parseSetting(answer: Answer): SettingState {
  const text = answer.stdout.toString('utf8');
  if (text.startsWith('@@missing')) return { kind: 'missing', values: [], info: { message: '' } };
  const [, said = '', status = ''] = /^([^]*)\n@@(\d+)$/.exec(text) ?? [];
  // 1: it is not set.
  if (Number(status) >= 2) return { kind: 'failed', values: [], info: { message: said } };
  return { kind: 'setting', values: status === '0' ? said.split('\0').slice(0, -1) : [], info: { message: '' } };
}
