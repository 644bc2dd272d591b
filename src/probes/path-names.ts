// The names of all that lies below a folder: folders and the rest, as a removal of it takes them away.
import { scriptProbe, type Probe } from '../core/probe.ts';
import { cleanPath } from './path.ts';
import { pathWord } from './path-script.ts';

export interface TreeNames {
  readonly directories: readonly string[];
  readonly files: readonly string[];
}

/** What is below the path where that is a folder and no link to one, else nothing. A newline within a name is told as `?`. */
export function namesProbe(path: string): Probe<TreeNames> {
  const clean = cleanPath(path);
  const list = (test: string): string => `find "$p" -mindepth 1 ${test} -exec sh -c 'for f do case $f in *"
"*) printf %s "$f" | tr "\\n" "?"; echo;; *) printf "%s\\n" "$f";; esac; done' sh {} + 2>/dev/null`;
  return scriptProbe(
    `names:${clean}`,
    `p=${pathWord(clean)}
if [ -d "$p" ] && [ ! -L "$p" ]; then ${list('-type d')}; echo; ${list('! -type d')}; fi`,
    ({ stdout }) => {
      const [directories = '', files = ''] = stdout.toString('utf8').split(/^\n/m);
      const lines = (text: string): string[] =>
        text
          .split('\n')
          .filter((line) => line !== '')
          .sort();
      return { directories: lines(directories), files: lines(files) };
    },
    { touches: [clean] },
  );
}
