// What groups are: /etc/group, directory services only for names that are not in it.
import { quote, quoteAll } from '../core/quote.ts';
import { probeOf, type Answer, type Probe, type ProbeFamily } from '../core/probe.ts';
import type { Unknown } from '../core/value.ts';

export type GroupState =
  | {
      readonly kind: 'group';
      readonly gid: number | Unknown;
      readonly info: { readonly name: string; readonly members: readonly string[] };
    }
  | { readonly kind: 'absent' };

interface GroupQuery {
  /** A name, or a number as text: then the group of that number. */
  readonly name: string;
  readonly local: boolean;
}

const family: ProbeFamily<GroupQuery, GroupState> = { name: 'group', script: groupScript, parse: parseGroups };

/** `local`: look into /etc/group alone. */
export function groupProbe(name: string, local = false): Probe<GroupState> {
  return probeOf(family, `group:${name}`, { name, local });
}

function groupScript(queries: readonly GroupQuery[]): string {
  const names = [...new Set(queries.map(({ name }) => name))];
  const remote = [...new Set(queries.filter(({ local }) => !local).map(({ name }) => name))];
  const patterns = names
    .map((name) => (/^\d+$/.test(name) ? `[^:]*:[^:]*:${name}|${name}` : name.replace(/[^A-Za-z0-9_-]/g, '\\$&')))
    .join('|');
  return `
o=$(grep -E ${quote(`^(${patterns}):`)} /etc/group)
printf '%s\\n' "$o"
${
  remote.length === 0
    ? ''
    : `set --
for n in ${quoteAll(remote)}; do case "
$o" in *"
$n:"*|*:*:"$n":*) ;; *) set -- "$@" "$n" ;; esac; done
[ $# -eq 0 ] || ! command -v getent >/dev/null || { echo @@directory; getent group "$@"; }`
}
:
`;
}

export function parseGroups(answer: Answer, queries: readonly GroupQuery[]): GroupState[] {
  const [local = '', directory = ''] = answer.stdout.toString('utf8').split('@@directory');
  const rows = (text: string) =>
    text
      .split('\n')
      .map((line) => line.split(':'))
      .filter((fields) => fields.length >= 4);
  const [files, services] = [rows(local), rows(directory)];
  return queries.map((query) => {
    const all = query.local ? files : [...files, ...services];
    const row =
      all.find(([name]) => name === query.name) ??
      (/^\d+$/.test(query.name) ? all.find(([, , gid]) => gid === query.name) : undefined);
    if (row === undefined) return { kind: 'absent' };
    return {
      kind: 'group',
      gid: Number(row[2]),
      info: { name: row[0] ?? '', members: (row[3] ?? '').split(',').filter((name) => name !== '') },
    };
  });
}
