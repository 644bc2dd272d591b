// locale_gen: locales that programs of the host can use (Debian and its kin).
import { choice, list, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { quote } from '../core/quote.ts';
import { line, planText, applyText, textProbes } from './parts/text-edit.ts';
import type { Editable } from './parts/edit-file.ts';

interface Locales {
  readonly kind: 'locales';
  /** Generated ones, normalised (`de_DE.utf8`), sorted. */
  readonly generated: readonly string[];
  /** Those that the host can generate, of the ones asked for; undefined if it has no list of them. */
  readonly supported?: readonly string[] | undefined;
}
interface Observed extends Editable {
  readonly locales: Locales;
}

export const locale_gen = defineModule<LocaleShape, Observed>({
  name: 'community.general.locale_gen',
  summary: 'Generate locales',
  args: localeArgs(),
  check: ({ name }) =>
    name
      .map((one) =>
        /^[A-Za-z_]+(\.[A-Za-z0-9-]+)?(@[a-z]+)?$/.test(one) ? undefined : `${one} cannot be the name of a locale`,
      )
      .find((wrong) => wrong !== undefined),
  example: `
- community.general.locale_gen:
    name: de_CH.UTF-8
  when: false
`,
  probe: ({ name }): { locales: Probe<Locales> } & ReturnType<typeof textProbes> => ({
    ...textProbes('/etc/locale.gen'),
    locales: scriptProbe('locales', localesScript(name), parseLocales),
  }),
})({
  plan: (args, observed, basics) => {
    const { locales } = observed;
    const unknown = args.name.filter(
      (name) => locales.supported?.includes(name) === false && !locales.generated.includes(normal(name)),
    );
    if (unknown.length > 0)
      return {
        failed: `The following locales you have entered are not available on your system: ${unknown.join(', ')}`,
      };
    const missing = args.name.filter(
      (name) =>
        locales.generated.includes(normal(name)) !== (args.state === 'present') &&
        !(args.state === 'absent' && builtIn(name)),
    );
    if (missing.length === 0) return { after: {} };
    if (observed.at.kind === 'absent')
      return { failed: '/etc/locale.gen is not on this host', hint: 'Is the package locales installed?' };
    const plan = planText({ path: '/etc/locale.gen' }, observed, basics, (lines) =>
      edit(lines, args.name, args.state === 'present'),
    );
    const generated =
      args.state === 'present'
        ? [...locales.generated, ...missing.map(normal)]
        : locales.generated.filter((name) => !missing.map(normal).includes(name));
    return 'after' in plan
      ? { ...plan, after: { ...plan.after, locales: { ...locales, generated: [...new Set(generated)].sort() } } }
      : plan;
  },
  apply: (args, change, basics) => {
    if (change.before.locales === change.after.locales) return [];
    const clear = args.state === 'absent' ? 'rm -f /usr/lib/locale/locale-archive\n' : '';
    return [
      ...applyText({ path: '/etc/locale.gen' }, change, basics),
      { kind: 'script', script: `${clear}locale-gen`, long: true },
    ];
  },
  result: ({ name }) => ({ name }),
});

function localeArgs() {
  return {
    name: list(str()).describe('Locales: `de_CH.UTF-8`.'),
    state: choice('absent', 'present').default('present').describe('Whether they are there.'),
  };
}
type LocaleShape = ReturnType<typeof localeArgs>;

/** As `locale -a` writes them: `UTF-8` is `utf8`. */
function normal(name: string): string {
  const [language = '', charset, modifier] = /^([^.@]+)(?:\.([^@]+))?(?:@(.+))?$/.exec(name)?.slice(1) ?? [];
  return `${language}${charset === undefined ? '' : `.${charset.toLowerCase().replaceAll('-', '')}`}${modifier === undefined ? '' : `@${modifier}`}`;
}

/** Of the C library itself: no locale-gen makes or takes them. */
function builtIn(name: string): boolean {
  return ['C', 'POSIX', 'C.utf8'].includes(normal(name));
}

const SUPPORTED = '/usr/share/i18n/SUPPORTED';

/** Generated locales; then, where there is a list of what can be, what of it was asked for. */
function localesScript(names: readonly string[]): string {
  return `locale -a 2>/dev/null
[ -r ${SUPPORTED} ] || exit 0
echo @@supported
while read -r l c; do case $l in ${names.map(quote).join('|')}) echo "$l" ;; esac; done <${SUPPORTED}
:`;
}

export function parseLocales(answer: Answer): Locales {
  const [generated = '', supported] = answer.stdout.toString('utf8').split('@@supported\n');
  const words = (text: string) =>
    text
      .split('\n')
      .map((one) => one.trim())
      .filter((one) => one !== '');
  return {
    kind: 'locales',
    generated: [...new Set(words(generated).map(normal))].sort(),
    supported: supported === undefined ? undefined : words(supported),
  };
}

/** A line that is there as a comment is made whole; the charset of a new one is that of its name. */
function edit(lines: readonly string[], names: readonly string[], present: boolean): readonly string[] {
  let edited = [...lines];
  for (const name of names) {
    const is = (text: string) =>
      text
        .replace(/^\s*#\s*/, '')
        .trim()
        .split(/\s+/)[0] === line(name);
    if (!present) edited = edited.map((text) => (is(text) && !text.trimStart().startsWith('#') ? `# ${text}` : text));
    else if (edited.some(is)) edited = edited.map((text) => (is(text) ? text.replace(/^\s*#\s*/, '') : text));
    else
      edited = [
        ...edited,
        line(`${name} ${name.includes('.') ? name.replace(/^[^.]*\./, '').replace(/@.*$/, '') : 'ISO-8859-1'}`),
      ];
  }
  return edited;
}
