// What lies below folders: every entry with its lstat(2), walked by one `find` a folder; what find can judge is left out on the host.
import type { Answer, Probe } from '../core/probe.ts';
import { scriptProbe } from '../core/probe.ts';
import { quote } from '../core/quote.ts';
import { cleanPath } from './path.ts';
import { pathWord } from './path-script.ts';

export interface FindQuery {
  readonly paths: readonly string[];
  /** Levels below the folder; undefined: all. */
  readonly depth: number | undefined;
  readonly recurse: boolean;
  readonly follow: boolean;
  /** Only these kinds, told by lstat(2). */
  readonly type: 'file' | 'directory' | 'link' | undefined;
  /** Names (shell patterns); empty: all. */
  readonly names: readonly string[];
  /** Bytes: at least (positive) or at most (negative). Of regular files. */
  readonly size: number | undefined;
  /** An extended regular expression that a line of the file must match; with `whole` the file as one line, its newlines as \x01. */
  readonly contains: string | undefined;
  readonly whole: boolean;
  /** What files are in, for `contains`. */
  readonly encoding: string | undefined;
  readonly digest: string | undefined;
}

export interface FoundEntry {
  readonly path: string;
  /** st_mode, raw. */
  readonly rawMode: number;
  readonly owner: string;
  readonly group: string;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly inode: number;
  readonly device: number;
  readonly links: number;
  readonly atime: number;
  readonly mtime: number;
  readonly ctime: number;
  readonly digest?: string;
}

export interface Found {
  /** Seconds since the epoch on the host. */
  readonly now: number;
  /** Number of all entries that were looked at. */
  readonly examined: number;
  readonly entries: readonly FoundEntry[];
  /** Path -> why it was left out. */
  readonly skipped: Readonly<Record<string, string>>;
  /** More was found than is told. */
  readonly truncated: boolean;
}

const FORMAT = '%f|%u|%g|%s|%X|%Y|%Z|%i|%d|%h|%x|%y|%z|%U|%G|%n';

export function findProbe(query: FindQuery): Probe<Found> {
  return scriptProbe(`find:${JSON.stringify(query)}`, findScript(query), parseFound, {
    touches: query.paths.map(cleanPath),
    costly: true,
  });
}

function findScript(query: FindQuery): string {
  const walk = `find ${query.follow ? '-L ' : ''}"$p"`;
  const depth = query.depth === undefined ? '' : ` -maxdepth ${query.depth}`;
  // What lies one level deeper is looked at, and then left out.
  const examined = query.depth === undefined ? '' : ` -maxdepth ${query.depth + (query.recurse ? 1 : 0)}`;
  const type = query.type === undefined || query.follow ? '' : ` -type ${query.type[0] ?? 'f'}`;
  const names =
    query.names.length === 0 ? '' : ` \\( ${query.names.map((name) => `-name ${quote(name)}`).join(' -o ')} \\)`;
  const size =
    query.size === undefined || query.type !== 'file' || query.follow
      ? ''
      : query.size >= 0
        ? ` -size +${Math.max(0, query.size - 1)}c`
        : ` -size -${-query.size + 1}c`;
  // The size of exactly 0 has no "more than" below it.
  const contains = query.contains === undefined ? '' : ` -type f ${containsTest(query.contains, query)}`;
  const tests = `${type}${names}${query.size === 0 ? '' : size}${contains}`;
  const odd = `-path '*
*'`;
  const lines = [
    'date "+now %s"',
    ...(isDecoded(query) ? [ENCODING(query.encoding ?? '')] : []),
    ...query.paths.flatMap((path, index) => [
      `p=${pathWord(cleanPath(path))}; case $p in /*) ;; *) p=$PWD/$p;; esac; printf '= ${index} %s\\n' "$p"`,
      `${isDecoded(query) ? 'if [ -n "$bad" ]; then echo "! unknown encoding: $bad"; elif' : 'if'} [ -d "$p" ]; then`,
      // A link to a folder is a folder to walk: the slash leads through it.
      'case $p in */) ;; *) [ -L "$p" ] && p=$p/;; esac',
      `printf 'n %s\\n' "$(${walk}${examined} 2>/dev/null | wc -l)"`,
      `{ ${walk} -mindepth 1${depth} ! ${odd}${tests} -exec stat -c '${FORMAT}' {} + ; } 2>&1`,
      `${walk} -mindepth 1${depth} ${odd}${tests} -exec sh -c 'for f do printf "o %s %s\\n" "$(stat -c "${FORMAT.replace('|%n', '')}" "$f")" "$(printf %s "$f" | od -An -v -tx1 | tr -d " \\n")"; done' sh {} + 2>/dev/null`,
      ...(query.digest === undefined
        ? []
        : [
            `echo d; ${walk} -mindepth 1${depth} ! ${odd} -type f${names}${query.size === 0 ? '' : size} -exec ${query.digest}sum {} + 2>/dev/null; echo .`,
          ]),
      'else echo x; fi',
    ]),
  ];
  return lines.join('\n');
}

const isDecoded = ({ contains, encoding }: FindQuery): boolean => contains !== undefined && encoding !== undefined;

/** Sets `enc` to the encoding where the host can read any, and `bad` where it does not know this one. */
const ENCODING = (encoding: string): string =>
  `bad=; enc=; if command -v iconv >/dev/null; then enc=${quote(encoding)}; iconv -f "$enc" -t UTF-8 </dev/null >/dev/null 2>&1 || bad=$enc; fi; export enc`;

/** The test of a file's content: by grep alone where it is lines of bytes that are compared. */
function containsTest(pattern: string, query: FindQuery): string {
  const grep = `grep -qE -e ${quote(pattern)}`;
  if (!isDecoded(query) && !query.whole) return `-exec ${grep} {} \\;`;
  const joined = query.whole ? `tr "\\n" "\\001" | ${grep}` : grep;
  const decoded = `iconv -f "$enc" -t UTF-8 "$1" >/dev/null 2>&1 || { echo "! Failed to read the file $1 due to an encoding error. current encoding: $enc"; exit 1; }; iconv -f "$enc" -t UTF-8 "$1" | ${joined}`;
  return `-exec sh -c ${quote(isDecoded(query) ? `if [ -n "$enc" ]; then ${decoded}; else <"$1" ${joined}; fi` : `<"$1" ${joined}`)} sh {} \\;`;
}

/** Reads the script's lines: `now`, `= I PATH`, `n COUNT`, stat lines, `o STAT HEX` for names with a newline, `! WHY` for a path that cannot be read to its end, `d`...`.` digests, `x` for no folder, and find's complaints. */
export function parseFound(answer: Answer): Found {
  const entries: FoundEntry[] = [];
  const digests = new Map<string, string>();
  const skipped: Record<string, string> = {};
  let [now, examined] = [0, 0];
  let root = '';
  let inDigests = false;
  for (const line of answer.stdout.toString('utf8').split('\n')) {
    if (inDigests) {
      const [, digest, path] = /^\\?([0-9a-f]+) [ *](.*)$/.exec(line) ?? [];
      if (line === '.') inDigests = false;
      else if (digest !== undefined && path !== undefined) digests.set(path, digest);
    } else if (line.startsWith('now ')) now = Number(line.slice(4));
    else if (line.startsWith('= ')) root = line.replace(/^= \d+ /, '');
    else if (/^n +\d+$/.test(line)) examined += Math.max(0, Number(line.slice(1)) - 1);
    else if (line === 'd') inDigests = true;
    else if (line.startsWith('! ')) skipped[root] = line.slice(2);
    else if (line === 'x') skipped[root] = `'${root}' is not a directory`;
    else if (line.startsWith('o ')) {
      const [stat = '', hex = ''] = [line.slice(2, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)];
      const entry = entryOf(`${stat}|${Buffer.from(hex, 'hex').toString('utf8')}`);
      if (entry !== undefined) entries.push(entry);
    } else {
      const entry = entryOf(line);
      const denied = /^find: ['‘"]?(.+?)['’"]?: (.*)$/.exec(line);
      if (entry !== undefined) entries.push(entry);
      else if (denied?.[1] !== undefined && denied[2] !== undefined) skipped[denied[1]] = denied[2];
    }
  }
  const withDigests = entries.map((entry) => ({
    ...entry,
    ...(digests.has(entry.path) ? { digest: digests.get(entry.path) as string } : {}),
  }));
  return {
    now,
    examined,
    entries: withDigests.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)),
    skipped,
    truncated: answer.truncated === true,
  };
}

function entryOf(line: string): FoundEntry | undefined {
  const fields = line.split('|');
  if (fields.length < 16 || !/^[0-9a-f]+$/.test(fields[0] as string)) return undefined;
  const number = (index: number): number => Number(fields[index]);
  const time = (index: number): number => {
    const fraction = /:\d\d\.(\d+)/.exec(fields[index + 6] ?? '')?.[1];
    return number(index) + (fraction === undefined ? 0 : Number(`0.${fraction}`));
  };
  return {
    path: fields.slice(15).join('|').replaceAll('//', '/'),
    rawMode: Number.parseInt(fields[0] as string, 16),
    uid: number(1),
    gid: number(2),
    size: number(3),
    atime: time(4),
    mtime: time(5),
    ctime: time(6),
    inode: number(7),
    device: number(8),
    links: number(9),
    owner: fields[13] === 'UNKNOWN' ? '' : (fields[13] as string),
    group: fields[14] === 'UNKNOWN' ? '' : (fields[14] as string),
  };
}
