// Which paths match a pattern: the host's shell expands it, so it means what it means there.
import { quote } from '../core/quote.ts';
import { scriptProbe, type Probe } from '../core/probe.ts';

export interface GlobState {
  readonly kind: 'glob';
  /** Whether anything matches. */
  readonly matched: boolean;
}

/** Whether a text has wildcards of a shell. */
export function isGlob(pattern: string): boolean {
  return /[*?]|\[[^\]]+\]/.test(pattern);
}

export function globProbe(pattern: string): Probe<GlobState> {
  const fixed = /^[^*?[]*\//.exec(pattern)?.[0] ?? '';
  const script = `for f in ${globWord(pattern)}; do if [ -e "$f" ] || [ -h "$f" ]; then echo 1; break; fi; done; :`;
  return scriptProbe(
    `glob:${pattern}`,
    script,
    (answer) => ({ kind: 'glob', matched: answer.stdout.toString('latin1').trim() === '1' }),
    fixed === '' ? {} : { touches: [fixed] },
  );
}

/** A word of shell text that keeps `~`, `$NAME` and, where `wildcards`, patterns alive, everything else quoted. */
export function expandableWord(text: string, wildcards = false): string {
  const home = /^~[A-Za-z0-9._-]*(?=\/|$)/.exec(text)?.[0] ?? '';
  const rest = text.slice(home.length);
  const pattern = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)|[*?]|\[[A-Za-z0-9_.!^-]+\]/g;
  let word = home;
  let at = 0;
  for (const match of rest.matchAll(pattern)) {
    const name = match[1] ?? match[2];
    if (name === undefined && !wildcards) continue;
    if (match.index > at) word += quote(rest.slice(at, match.index));
    // An unset variable stays as written, as os.path.expandvars() leaves it.
    word += name === undefined ? match[0] : `"\${${name}-\\${match[0]}}"`;
    at = match.index + match[0].length;
  }
  if (at < rest.length) word += quote(rest.slice(at));
  return word === '' ? "''" : word;
}

function globWord(pattern: string): string {
  return expandableWord(pattern, true);
}
