// How a folder of the host differs from another that is to be a copy of it: relative paths, found by comparing bytes on the host.
import { probeOf, type Probe, type ProbeFamily } from '../core/probe.ts';
import { cleanPath } from './path.ts';
import { pathWord } from './path-script.ts';

/** Paths below the source that the copy lacks, or that differ there. `more`: there are others than those named. */
export interface CopyDifference {
  readonly missing: readonly string[];
  readonly differing: readonly string[];
}

interface CopyQuery {
  readonly from: string;
  readonly to: string;
  /** What links of the source lead to is meant, not the links. */
  readonly follow: boolean;
}

const MOST_NAMES = 2000;

const copyFamily: ProbeFamily<CopyQuery, CopyDifference> = {
  name: 'path-copy',
  script: (queries) =>
    queries
      .map(
        ({ from, to, follow }, index) => `echo '= ${index}'
from=${pathWord(from)}
to=${pathWord(to)}
case $to in /*) ;; *) to=$PWD/$to;; esac
if [ -d "$from" ]; then
  to=$to find ${follow ? '-L ' : ''}"$from/." -exec sh -c '
    cd -- "$0" || exit
    for path do
      [ "$path" = "$0" ] && continue
      path=\${path#"$0"/}
      if [ ! -e "$to/$path" ] && [ ! -L "$to/$path" ]; then echo "m $path"
      elif ${follow ? 'false' : '[ -L "$path" ]'}; then [ "$(readlink -- "$path")" = "$(readlink -- "$to/$path")" ] || echo "d $path"
      elif [ -f "$path" ]; then cmp -s -- "$path" "$to/$path" || echo "d $path"
      elif [ -d "$path" ]; then [ -d "$to/$path" ] || echo "d $path"; fi
    done' "$from/." {} + 2>/dev/null | head -n ${MOST_NAMES}
fi`,
      )
      .join('\n'),
  parse: (answer, queries) => {
    const found = queries.map(() => ({ missing: [] as string[], differing: [] as string[] }));
    let current: { missing: string[]; differing: string[] } | undefined;
    for (const line of answer.stdout.toString().split('\n')) {
      const header = /^= (\d+)$/.exec(line);
      if (header !== null) current = found[Number(header[1])];
      else if (line.startsWith('m ')) current?.missing.push(line.slice(2));
      else if (line.startsWith('d ')) current?.differing.push(line.slice(2));
    }
    return found.map(({ missing, differing }) => ({ missing: missing.sort(), differing: differing.sort() }));
  },
};

export function copyProbe(from: string, to: string, follow: boolean): Probe<CopyDifference> {
  const query = { from: cleanPath(from), to: cleanPath(to), follow };
  return probeOf(copyFamily, `copy:${query.to}`, query, { touches: [query.from, query.to], costly: true });
}
