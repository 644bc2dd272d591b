// Which of the packages that apt knows have names like a pattern, and which of them are installed.
import { quote, quoteAll } from '../core/quote.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import type { Unknown } from '../core/value.ts';
import { aptCandidates } from './package.ts';

export interface AptNamesState {
  readonly kind: 'names';
  readonly packages: Readonly<
    Record<string, { readonly kind: 'absent' } | { readonly kind: 'installed'; readonly version: string | Unknown }>
  >;
  /** By name the version that an install would give, where that was asked for. */
  readonly info: { readonly candidates: Readonly<Record<string, string>> };
}

/** Whether a name is a pattern: no package has one of these characters in its name. */
export function isAptPattern(name: string): boolean {
  return /[*?[\]!]/.test(name);
}

/** `pattern` as of Python's fnmatch: `lib*-dev`, `php8.[23]-cli`. `withCandidates`: also the versions to be had. */
export function aptNamesProbe(pattern: string, withCandidates: boolean): Probe<AptNamesState> {
  const prefix = /^[^*?[\]!]*/.exec(pattern)?.[0] ?? '';
  const script = `n=$(apt-cache pkgnames ${quoteAll(prefix === '' ? [] : [prefix])} 2>/dev/null | grep -xE -e ${quote(regularExpression(pattern))} | sort)
[ -n "$n" ] || exit 0
echo "$n"
echo @@installed
dpkg-query -W -f '\${Package}\\t\${db:Status-Status}\\t\${Version}\\n' -- $n 2>/dev/null
${withCandidates ? 'echo @@candidates; apt-cache policy -- $n 2>/dev/null' : ''}
:`;
  return scriptProbe(`names:${pattern}`, script, parseAptNames, { costly: true });
}

/** The pattern as an extended regular expression of grep. */
function regularExpression(pattern: string): string {
  return pattern.replaceAll(/\[!|[.+^${}()|\\]|\*|\?/g, (part) =>
    part === '[!' ? '[^' : part === '*' ? '.*' : part === '?' ? '.' : `\\${part}`,
  );
}

function parseAptNames(answer: Answer): AptNamesState {
  const text = answer.stdout.toString('utf8');
  const [names = '', rest = ''] = text.split('@@installed\n');
  const [installed = '', candidates = ''] = rest.split('@@candidates\n');
  const versions = new Map(
    installed
      .split('\n')
      .map((line) => line.split('\t'))
      .filter(([, status]) => status === 'installed' || status?.startsWith('triggers-') === true)
      .map(([name = '', , version = '']) => [name, version]),
  );
  const stateOf = (name: string): AptNamesState['packages'][string] => {
    const version = versions.get(name);
    return version === undefined ? { kind: 'absent' } : { kind: 'installed', version };
  };
  return {
    kind: 'names',
    packages: Object.fromEntries(
      names
        .split('\n')
        .filter((name) => name !== '')
        .map((name) => [name, stateOf(name)]),
    ),
    info: { candidates: Object.fromEntries(aptCandidates(candidates)) },
  };
}
