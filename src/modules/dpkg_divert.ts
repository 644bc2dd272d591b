// dpkg_divert: where dpkg puts a file of packages instead of its own place.
import { bool, choice, path, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quote, quoteAll } from '../core/quote.ts';
import type { Step, StepResult } from '../core/step.ts';

interface DiversionState {
  readonly kind: 'present' | 'absent' | 'missing';
  readonly holder: string;
  readonly divert: string;
  /** Which of the paths that renaming would take are there. */
  readonly info: { readonly path: boolean; readonly target: boolean; readonly divert: boolean };
}

/** dpkg's tools are in a folder that not every user has in the search path. */
const SEARCH = 'PATH=$PATH:/usr/sbin:/sbin; export PATH LANGUAGE=C LC_ALL=C';
const ABSENT = { kind: 'absent', holder: '', divert: '' } as const;

export const dpkg_divert = defineModule<DivertShape, { readonly diversion: DiversionState }>({
  name: 'community.general.dpkg_divert',
  summary: 'Divert a file of packages to another place',
  args: divertArgs(),
  check: (args) => (args.path.startsWith('/') ? undefined : 'path must be absolute'),
  example: `
- community.general.dpkg_divert:
    path: /etc/vbx-example.conf
`,
  probe: (args): { diversion: Probe<DiversionState> } => ({
    diversion: scriptProbe(`diversion:${args.path}`, diversionScript(args.path, targetOf(args)), parseDiversion),
  }),
})({
  plan: (args, { diversion: now }) => {
    if (now.kind === 'missing') return { failed: 'Failed to find required executable "dpkg-divert" on the host' };
    if (args.state === 'absent') {
      if (now.kind === 'absent') return { after: {} };
      return args.rename && !args.force && now.info.path && now.info.divert
        ? { failed: TAKEN }
        : { after: { diversion: { ...now, ...ABSENT } } };
    }
    if (now.kind === 'present' && now.holder === holderOf(args) && now.divert === targetOf(args)) return { after: {} };
    if (now.kind === 'absent' && args.rename && !args.force && now.info.path && now.info.target)
      return { failed: TAKEN };
    return { after: { diversion: { ...now, kind: 'present', holder: holderOf(args), divert: targetOf(args) } } };
  },
  apply: (args, { before: { diversion: was }, after: { diversion: is } }): readonly Step[] => {
    if (was === is) return [];
    const rename = args.rename && was.kind !== is.kind;
    const taken =
      args.state === 'absent'
        ? [args.path, was.info.path && was.info.divert]
        : [is.divert, was.info.path && was.info.target];
    const clear = rename && args.force && taken[1] === true ? [`rm -f -- ${quote(String(taken[0]))}`] : [];
    if (args.state === 'absent') return [script([...clear, divert(rename, ['--remove', args.path])])];
    const add = divert(rename, [
      ...(is.holder === 'LOCAL' ? ['--local'] : ['--package', is.holder]),
      '--divert',
      is.divert,
      '--add',
      args.path,
    ]);
    if (was.kind === 'absent') return [script([...clear, add])];
    // dpkg-divert changes none that there is; what lies at the old place follows where the new one is free.
    const move =
      was.divert === is.divert
        ? []
        : [
            `if { [ -e ${quote(was.divert)} ] && [ ! -e ${quote(is.divert)} ]; }; then mv -- ${quote(was.divert)} ${quote(is.divert)} || :; fi`,
          ];
    return [script([divert(false, ['--remove', args.path]), add, ...move])];
  },
  result: (args, { after: { diversion } }, done) => ({
    diversion: {
      path: args.path,
      state: diversion.kind,
      divert: diversion.kind === 'present' ? diversion.divert : null,
      holder: diversion.kind === 'present' ? diversion.holder : null,
    },
    ...(done.length === 0
      ? {}
      : {
          commands: commandsOf(done),
          messages: done.flatMap(({ stdout }) => stdout.split('\n')).filter((line) => line !== ''),
        }),
  }),
});

function divertArgs() {
  return {
    path: path().describe('The file, absolute.'),
    state: choice('absent', 'present').default('present').describe('Whether it is diverted.'),
    holder: str().optional().describe('The package whose own file is not diverted; without it none is spared.'),
    divert: path().optional().describe('Where it goes; by default the path with .distrib behind it.'),
    rename: bool().default(false).describe('Move the file that is there aside, or back.'),
    force: bool().default(false).describe('With rename: overwrite what is in the way.'),
  };
}
type DivertShape = ReturnType<typeof divertArgs>;

const TAKEN = "Set 'force' param to True to force renaming of files.";
const targetOf = (args: { readonly path: string; readonly divert?: string | undefined }): string =>
  args.divert ?? `${args.path}.distrib`;
const holderOf = (args: { readonly holder?: string | undefined }): string =>
  args.holder === undefined || args.holder === '' ? 'LOCAL' : args.holder;

/** --no-rename, which is what is meant without --rename, is no word of dpkg before 1.19.1. */
function divert(rename: boolean, words: readonly string[]): string {
  return `dpkg-divert ${rename ? '--rename' : '$keep'} ${quoteAll(words)}`;
}
function script(lines: readonly string[]): Step {
  return {
    kind: 'script',
    script: [
      SEARCH,
      'keep=; if dpkg-divert --help | grep -q -e --no-rename; then keep=--no-rename; fi',
      ...lines.map((line) => `${line} || exit`),
    ].join('\n'),
  };
}
function commandsOf(done: readonly StepResult[]): string[] {
  return done.flatMap(({ step }) =>
    step.kind === 'script'
      ? step.script
          .split('\n')
          .filter((line) => line.startsWith('dpkg-divert '))
          .map((line) => line.replace(' $keep', ' --no-rename').replace(/ \|\| exit$/, ''))
      : [],
  );
}

function diversionScript(file: string, target: string): string {
  return `${SEARCH}
command -v dpkg-divert >/dev/null || { echo missing; exit 0; }
holder=$(dpkg-divert --listpackage ${quote(file)} 2>/dev/null)
divert=$(dpkg-divert --truename ${quote(file)} 2>/dev/null)
there() { if [ -e "$1" ] || [ -h "$1" ]; then echo yes; else echo no; fi; }
printf '%s\\n' "\${holder:+present}" "$holder" "$divert" "$(there ${quote(file)})" "$(there ${quote(target)})" "$(there "$divert")"`;
}

function parseDiversion(answer: Answer): DiversionState {
  const [kind, holder = '', place = '', file, target, divert] = answer.stdout.toString('utf8').split('\n');
  const info = { path: file === 'yes', target: target === 'yes', divert: divert === 'yes' };
  if (kind === 'missing') return { ...ABSENT, kind, info };
  return kind === 'present' ? { kind, holder, divert: place, info } : { ...ABSENT, info };
}
