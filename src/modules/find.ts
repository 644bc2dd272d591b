// ansible.builtin.find: files below folders by name, age, size, content and mode.
import { z } from 'zod';
import { bool, choice, field, int, list, mode, path, str } from '../core/args.ts';
import { defineModule } from '../core/module.ts';
import { applyMode } from '../core/path-mode.ts';
import { regex, search } from '../core/python-regex.ts';
import { findProbe, type Found, type FoundEntry } from '../probes/path-find.ts';
import { extendedRegex } from './parts/extended-regex.ts';
import { globPattern } from './parts/glob-pattern.ts';
import { patternProblem } from './parts/pattern-problem.ts';

const args = {
  paths: field(list(path()), { aliases: ['name', 'path'] }).describe('Folders to search'),
  patterns: field(list(str()).default([]), { aliases: ['pattern'] }).describe(
    'Names to find: shell patterns, or regular expressions with use_regex; all by default',
  ),
  excludes: field(list(str()).optional(), { aliases: ['exclude'] }).describe('Names to leave out'),
  contains: str()
    .optional()
    .describe('Regular expression that a line must match from its start (with read_whole_file: the file anywhere)'),
  read_whole_file: bool().default(false).describe('Look for `contains` anywhere in the file as a whole'),
  file_type: choice('any', 'directory', 'file', 'link').default('file').describe('What to find'),
  age: str().optional().describe('At least (at most, if negative) this old: seconds, or with s, m, h, d, w'),
  age_stamp: choice('atime', 'ctime', 'mtime').default('mtime').describe('Which time is meant'),
  size: str().optional().describe('At least (at most, if negative) this large: bytes, or with b, k, m, g, t'),
  recurse: bool().default(false).describe('Search folders below too'),
  depth: int().optional().describe('How many levels, with recurse'),
  hidden: bool().default(false).describe('Find names that begin with a dot too'),
  follow: bool().default(false).describe('Walk into what links lead to'),
  get_checksum: bool().default(false).describe('Tell digests'),
  checksum_algorithm: field(choice('md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512').default('sha1'), {
    aliases: ['checksum', 'checksum_algo'],
  }).describe('Which digest'),
  use_regex: bool()
    .default(false)
    .describe('patterns and excludes are regular expressions that match from the start of the name'),
  mode: mode().optional().describe('Only with this mode'),
  exact_mode: bool().default(true).describe('The mode must be equal; otherwise one of its bits is enough'),
  encoding: str()
    .optional()
    .describe('Encoding of files for `contains`, where the host has iconv; otherwise bytes are compared'),
  limit: int().optional().describe('End after so many'),
};
type Args = z.output<z.ZodObject<typeof args>>;

export const find = defineModule<typeof args, { readonly found: Found }>({
  name: 'ansible.builtin.find',
  summary: 'Finds files by name, age, size, content and mode',
  args,
  reports: true,
  check: (given) => {
    if (given.age !== undefined && secondsOf(given.age) === undefined) return 'failed to process age';
    if (given.size !== undefined && bytesOf(given.size) === undefined) return 'failed to process size';
    if (given.limit !== undefined && given.limit <= 0) return `limit cannot be ${given.limit} (use None for unlimited)`;
    if (given.contains !== undefined) {
      const translated = extendedRegex(given.contains, given.read_whole_file);
      if ('refused' in translated) return `contains: ${translated.refused}`;
    }
    return given.use_regex
      ? patternProblem(
          Object.fromEntries(
            [...given.patterns, ...(given.excludes ?? [])].map((pattern, index) => [`pattern ${index + 1}`, pattern]),
          ),
        )
      : undefined;
  },
  example: `
- name: Configuration files of a day or more
  ansible.builtin.find:
    paths: /etc
    patterns: '*.conf'
    age: 1d
  register: old_configuration
`,
  probe: (given) => ({
    found: findProbe({
      paths: given.paths,
      depth: given.recurse ? given.depth : 1,
      recurse: given.recurse,
      follow: given.follow,
      type: given.file_type === 'any' ? undefined : given.file_type,
      names: given.use_regex ? [] : given.patterns,
      size: given.size === undefined ? undefined : bytesOf(given.size),
      contains: containsPattern(given),
      whole: given.read_whole_file,
      encoding: given.encoding,
      digest: given.get_checksum ? given.checksum_algorithm : undefined,
    }),
  }),
})({
  plan: (given, { found }) => {
    if (found.truncated)
      return { failed: 'more was found than 10 MB of names; narrow the search by patterns, depth or paths' };
    const warnings = Object.entries(found.skipped)
      .filter(([, why]) => endsTheWalk(why))
      .map(([where, why]) => `Skipped '${where}' path due to this access issue: ${why}\n`);
    return { after: {}, ...(given.paths.length > 0 && warnings.length > 0 ? { warnings } : {}) };
  },
  apply: () => [],
  result: (given, { before: { found } }) => {
    const all = found.entries.filter((entry) => fits(entry, given, found.now));
    const files = all.slice(0, given.limit);
    const isWhole = !Object.values(found.skipped).some(endsTheWalk);
    const msg = !isWhole
      ? 'Not all paths examined, check warnings for details'
      : given.limit !== undefined && all.length >= given.limit
        ? 'Limit of matches reached'
        : 'All paths examined';
    return {
      files: files.map((entry) => fileFields(entry, given)),
      msg,
      matched: files.length,
      examined: found.examined,
      skipped_paths: found.skipped,
    };
  },
});

/** Whether a path could not be walked to its end; what is denied below it is left out only. */
function endsTheWalk(why: string): boolean {
  return why.includes('is not a directory') || why.includes('encoding');
}

/** `match` of Python looks at the start of each line, `search` anywhere in the file. */
function containsPattern(given: Args): string | undefined {
  if (given.contains === undefined || given.file_type !== 'file') return undefined;
  const translated = extendedRegex(given.contains, given.read_whole_file);
  return 'pattern' in translated
    ? given.read_whole_file
      ? translated.pattern
      : `^(${translated.pattern})`
    : undefined;
}

function amount(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(-?\d+)([a-z])?$/.exec(text.toLowerCase());
  const unit = units[match?.[2] ?? ''];
  return match === null || (match[2] !== undefined && unit === undefined) ? undefined : Number(match[1]) * (unit ?? 1);
}
const secondsOf = (text: string): number | undefined => amount(text, { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 });
const bytesOf = (text: string): number | undefined =>
  amount(text, { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 });

function isA(entry: FoundEntry, kind: 'file' | 'directory' | 'link'): boolean {
  return (entry.rawMode & 0o170000) === { file: 0o100000, directory: 0o040000, link: 0o120000 }[kind];
}

function fits(entry: FoundEntry, given: Args, now: number): boolean {
  const name = entry.path.slice(entry.path.lastIndexOf('/') + 1);
  if (given.file_type !== 'any' && !isA(entry, given.file_type)) return false;
  if (name.startsWith('.') && !given.hidden) return false;
  if (!isNamed(name, given)) return false;
  const age = given.age === undefined ? undefined : secondsOf(given.age);
  const old = now - entry[given.age_stamp];
  if (age !== undefined && (age >= 0 ? old < age : old > -age)) return false;
  const size = given.size === undefined ? undefined : bytesOf(given.size);
  if (size !== undefined && isA(entry, 'file') && (size >= 0 ? entry.size < size : entry.size > -size)) return false;
  if (given.mode === undefined) return true;
  const wanted = Number.parseInt(applyMode(given.mode, '0000', 'file'), 8);
  return given.exact_mode ? (entry.rawMode & 0o7777) === wanted : (entry.rawMode & 0o7777 & wanted) !== 0;
}

function isNamed(name: string, given: Args): boolean {
  const matches = (pattern: string): boolean =>
    given.use_regex ? search(regex(pattern, {}, 'match'), name) !== undefined : globPattern(pattern).test(name);
  const patterns = given.patterns.length > 0 ? given.patterns : [given.use_regex ? '.*' : '*'];
  return patterns.some(matches) && !(given.excludes ?? []).some(matches);
}

function fileFields(entry: FoundEntry, given: Args): Record<string, unknown> {
  const bits = entry.rawMode & 0o7777;
  const kind = entry.rawMode & 0o170000;
  const permissions = Object.fromEntries(
    (
      [
        ['usr', 6],
        ['grp', 3],
        ['oth', 0],
      ] as const
    ).flatMap(([who, shift]) =>
      (
        [
          ['w', 2],
          ['r', 4],
          ['x', 1],
        ] as const
      ).map(([letter, bit]) => [`${letter}${who}`, ((bits >> shift) & bit) !== 0]),
    ),
  );
  return {
    path: entry.path,
    mode: bits.toString(8).padStart(4, '0'),
    isdir: kind === 0o040000,
    ischr: kind === 0o020000,
    isblk: kind === 0o060000,
    isreg: kind === 0o100000,
    isfifo: kind === 0o010000,
    islnk: kind === 0o120000,
    issock: kind === 0o140000,
    uid: entry.uid,
    gid: entry.gid,
    size: entry.size,
    inode: entry.inode,
    dev: entry.device,
    nlink: entry.links,
    atime: entry.atime,
    mtime: entry.mtime,
    ctime: entry.ctime,
    gr_name: entry.group,
    pw_name: entry.owner,
    ...permissions,
    isuid: (bits & 0o4000) !== 0,
    isgid: (bits & 0o2000) !== 0,
    ...(given.get_checksum && entry.digest !== undefined ? { checksum: entry.digest } : {}),
  };
}
