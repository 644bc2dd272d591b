// alternatives: which of several programs a common name means.
import { choice, field, int, list, path, raw, str } from '../core/args.ts';
import { defineModule, type Plan } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quote } from '../core/quote.ts';
import type { Step } from '../core/step.ts';

interface AlternativeState {
  readonly kind: 'alternative' | 'absent' | 'missing';
  readonly mode: 'auto' | 'manual';
  readonly value: string;
  /** Paths with their priorities. */
  readonly choices: Readonly<Record<string, number>>;
  readonly info: { readonly link: string };
}

export const alternatives = defineModule<AlternativeShape, { readonly alternative: AlternativeState }>({
  name: 'community.general.alternatives',
  summary: 'Choose the program that a common name means',
  args: alternativeArgs(),
  check: (args) =>
    args.path === undefined && args.state !== 'auto'
      ? `path is required with state: ${args.state}`
      : args.family !== undefined
        ? 'family is not supported: give the path'
        : undefined,
  example: `
- community.general.alternatives:
    name: pager
    path: /bin/more
  when: false
`,
  probe: ({ name }): { alternative: Probe<AlternativeState> } => ({
    alternative: scriptProbe(`alternative:${name}`, alternativeScript(name), parseAlternative),
  }),
})({
  plan: (args, { alternative: now }): Plan<{ readonly alternative: AlternativeState }> => {
    if (now.kind === 'missing') return { failed: 'neither update-alternatives nor alternatives is on this host' };
    const wanted = args.path ?? '';
    const listed = now.choices[wanted];
    if (args.state === 'absent') {
      if (listed === undefined) return { after: {} };
      const { [wanted]: _removed, ...choices } = now.choices;
      return {
        after: {
          alternative: {
            ...now,
            kind: Object.keys(choices).length === 0 ? 'absent' : 'alternative',
            choices,
            ...(now.value === wanted ? best(choices) : {}),
          },
        },
      };
    }
    if (args.state === 'auto')
      return { after: now.mode === 'auto' ? {} : { alternative: { ...now, ...best(now.choices), mode: 'auto' } } };
    if (listed === undefined && args.link === undefined && now.info.link === '')
      return {
        failed: `Needed to install the alternative, but unable to do so as we are missing the link`,
        hint: 'Give link: the path of the common name.',
      };
    const priority = args.priority ?? listed ?? 50;
    const choices = { ...now.choices, [wanted]: priority };
    const selected =
      args.state === 'selected'
        ? { mode: 'manual' as const, value: wanted }
        : now.mode === 'auto'
          ? { mode: 'auto' as const, ...best(choices) }
          : {};
    const settled = args.state === 'selected' && now.value === wanted && listed === priority;
    const after: AlternativeState = { ...now, kind: 'alternative', choices, ...selected };
    return { after: settled || (listed === priority && args.state === 'present') ? {} : { alternative: after } };
  },
  apply: (args, { before: { alternative: was }, after: { alternative: wanted } }) => {
    if (was === wanted) return [];
    const program = 'p=update-alternatives; command -v "$p" >/dev/null || p=alternatives';
    const run = (words: readonly string[]): Step => ({
      kind: 'script',
      script: `PATH=$PATH:/usr/sbin:/sbin\n${program}\n"$p" ${words.map(quote).join(' ')}`,
    });
    const target = args.path ?? '';
    if (args.state === 'absent') return [run(['--remove', args.name, target])];
    if (args.state === 'auto') return [run(['--auto', args.name])];
    const steps: Step[] = [];
    if (was.choices[target] !== wanted.choices[target]) {
      const slaves = (args.subcommands ?? []).flatMap((one) => {
        const { name, path: file, link } = one as { name?: unknown; path?: unknown; link?: unknown };
        return ['--slave', String(link), String(name), String(file)];
      });
      steps.push(
        run(['--install', args.link ?? was.info.link, args.name, target, String(wanted.choices[target]), ...slaves]),
      );
    }
    if (args.state === 'selected' && was.value !== target) steps.push(run(['--set', args.name, target]));
    return steps;
  },
  result: (args, { before: { alternative: was }, after: { alternative: is } }) => {
    const target = args.path ?? '';
    return {
      msg: [
        ...(was.choices[target] === is.choices[target] || is.choices[target] === undefined
          ? []
          : [`Install alternative '${target}' for '${args.name}'.`]),
        ...(args.state === 'selected' && was.value !== target && is.value === target
          ? [`Set alternative '${target}' for '${args.name}'.`]
          : []),
        ...(args.state === 'absent' && was.choices[target] !== undefined
          ? [`Remove alternative '${target}' from '${args.name}'.`]
          : []),
        ...(args.state === 'auto' && was.mode !== is.mode ? [`Set alternative to auto for '${args.name}'.`] : []),
      ].join(' '),
    };
  },
});

function alternativeArgs() {
  return {
    name: str().describe('The common name: editor, java.'),
    path: path().optional().describe('The program.'),
    family: str().optional().describe('Red Hat: a family of programs. Not supported: the path tells one apart.'),
    link: path().optional().describe('The path of the common name, where it is not known to the host yet.'),
    priority: int().optional().describe('Its weight; 50 for a new one.'),
    state: choice('present', 'selected', 'auto', 'absent')
      .default('selected')
      .describe(
        'selected: it is the one. present: it can be chosen. auto: the heaviest is the one. absent: it cannot be chosen.',
      ),
    subcommands: field(list(raw()), { aliases: ['slaves'] })
      .optional()
      .describe('Names that follow it: name, path, link.'),
  };
}
type AlternativeShape = ReturnType<typeof alternativeArgs>;

function best(choices: Readonly<Record<string, number>>): { value: string } {
  return { value: Object.entries(choices).sort(([, a], [, b]) => b - a)[0]?.[0] ?? '' };
}

function alternativeScript(name: string): string {
  return `PATH=$PATH:/usr/sbin:/sbin
if command -v update-alternatives >/dev/null && update-alternatives --query ${quote(name)} 2>/dev/null; then :
elif command -v alternatives >/dev/null; then alternatives --display ${quote(name)} 2>/dev/null
elif command -v update-alternatives >/dev/null; then update-alternatives --display ${quote(name)} 2>/dev/null
else echo @@missing; fi
:`;
}

/** Debian's `--query`, and the `--display` of Red Hat's chkconfig. */
export function parseAlternative(answer: Answer): AlternativeState {
  const text = answer.stdout.toString('utf8');
  if (text.startsWith('@@missing'))
    return { kind: 'missing', mode: 'auto', value: '', choices: {}, info: { link: '' } };
  const choices: Record<string, number> = {};
  let current = '';
  for (const entry of text.split('\n')) {
    const name = /^Alternative: (.*)$/.exec(entry)?.[1];
    if (name !== undefined) current = name;
    const priority = /^Priority: (-?\d+)$/.exec(entry)?.[1];
    if (priority !== undefined) choices[current] = Number(priority);
    const displayed = /^(\/\S+) - (?:family \S+ )?priority (-?\d+)/.exec(entry);
    if (displayed?.[1] !== undefined) choices[displayed[1]] = Number(displayed[2]);
  }
  const value = /^Value: (.*)$/m.exec(text)?.[1] ?? /link currently points to (\S+)/.exec(text)?.[1] ?? '';
  const mode = /^Status: manual$/m.test(text) || /status is manual/.test(text) ? 'manual' : 'auto';
  return {
    kind: Object.keys(choices).length === 0 ? 'absent' : 'alternative',
    mode,
    value: value === 'none' ? '' : value,
    choices,
    info: { link: /^Link: (.*)$/m.exec(text)?.[1] ?? '' },
  };
}
