// Which attributes occur below a folder: the distinct sets of kind, mode, owner and group, however many files have them.
import { probeOf, type Probe, type ProbeFamily } from '../core/probe.ts';
import { cleanPath } from './path.ts';
import { pathWord } from './path-script.ts';

/** One set of attributes that some path below has. */
export interface TreeAttributes {
  readonly kind: 'file' | 'directory' | 'link';
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
  readonly info: { readonly uid: number; readonly gid: number };
}

interface TreeQuery {
  readonly path: string;
  /** Also what links lead to, and all below that. */
  readonly follow: boolean;
}

const treeFamily: ProbeFamily<TreeQuery, readonly TreeAttributes[]> = {
  name: 'path-tree',
  script: (queries) =>
    queries
      .map(({ path, follow }, index) =>
        [
          `echo '= ${index}'`,
          `p=${pathWord(path)}`,
          `if [ -d "$p" ]; then { find "$p/." -exec stat -c '%f|%u|%g|%U|%G' {} + 2>/dev/null; ${follow ? `find -L "$p/." -exec stat -L -c '%f|%u|%g|%U|%G' {} + 2>/dev/null; ` : ''}} | sort -u; fi`,
        ].join('\n'),
      )
      .join('\n'),
  parse: (answer, queries) => {
    const found: TreeAttributes[][] = queries.map(() => []);
    let current: TreeAttributes[] | undefined;
    for (const line of answer.stdout.toString().split('\n')) {
      const header = /^= (\d+)$/.exec(line);
      const [raw = '', uid = '', gid = '', owner = '', group = ''] = line.split('|');
      if (header !== null) current = found[Number(header[1])];
      else if (/^[0-9a-f]+$/.test(raw)) current?.push(attributesOf(Number.parseInt(raw, 16), uid, gid, owner, group));
    }
    return found.map(sortTree);
  },
};

/** All below the folder, itself included; empty where there is no folder. */
export function treeProbe(path: string, follow: boolean): Probe<readonly TreeAttributes[]> {
  const clean = cleanPath(path);
  return probeOf(treeFamily, `tree:${clean}`, { path: clean, follow }, { touches: [clean], costly: true });
}

function attributesOf(raw: number, uid: string, gid: string, owner: string, group: string): TreeAttributes {
  const format = raw & 0o170000;
  return {
    kind: format === 0o040000 ? 'directory' : format === 0o120000 ? 'link' : 'file',
    mode: (raw & 0o7777).toString(8).padStart(4, '0'),
    owner: owner === 'UNKNOWN' ? uid : owner,
    group: group === 'UNKNOWN' ? gid : group,
    info: { uid: Number(uid), gid: Number(gid) },
  };
}

/** Without repetitions, in one order: equal trees compare equal. */
export function sortTree(tree: readonly TreeAttributes[]): TreeAttributes[] {
  const byText = new Map(tree.map((entry) => [`${entry.kind}|${entry.mode}|${entry.owner}|${entry.group}`, entry]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}
