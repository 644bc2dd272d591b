// ansible.builtin.unarchive: an archive unpacked on the host, unless all that it holds is there already.
import { z } from 'zod';
import { bool, int, list, path, source, str } from '../core/args.ts';
import type { Content } from '../core/content.ts';
import { defineAction } from '../core/module.ts';
import { chmodArgument } from '../core/path-mode.ts';
import type { PathState } from '../core/path-state.ts';
import type { Probe } from '../core/probe.ts';
import { quote, quoteAll } from '../core/quote.ts';
import { Unknown } from '../core/value.ts';
import { absolutePath, pathProbe } from '../probes/path.ts';
import { curlStandIn } from '../probes/curl-stand-in.ts';
import { pathWord } from '../probes/path-script.ts';
import { fileArgs } from './parts/file-attributes.ts';
import { reportOf, statFields, tellStat } from './parts/report-lines.ts';

const args = {
  src: source({ folder: 'files', unless: 'remote_src' }).describe(
    'The archive: tar (plain, gz, bz2, xz, zst) or zip; a URL with remote_src',
  ),
  dest: path().describe('Folder to unpack into; it must be there'),
  remote_src: bool().default(false).describe('src is on the host'),
  copy: bool().optional().describe('The old opposite of remote_src'),
  creates: path().optional().describe('Do nothing if this is there'),
  list_files: bool().default(false).describe('Tell the names of the files in the archive'),
  keep_newer: bool().default(false).describe('Do not replace files that are newer than those of the archive'),
  include: list(str()).default([]).describe('Unpack only these'),
  exclude: list(str()).default([]).describe('Leave these out'),
  extra_opts: list(str()).default([]).describe('Further options for tar or unzip, one word each'),
  validate_certs: bool().default(true).describe("Check the server's certificate"),
  io_buffer_size: int().default(65_536).describe('Has no effect: nothing is read by the module itself'),
  decrypt: bool().default(true).describe('Decrypt a vaulted source'),
  ...fileArgs,
};
type Args = z.output<z.ZodObject<typeof args>>;

interface Observed {
  readonly dest: PathState;
  readonly creates?: PathState;
  /** Where an archive of the controller is put while it is unpacked. */
  readonly temporary?: PathState;
}

export const unarchive = defineAction<typeof args, Observed>({
  name: 'ansible.builtin.unarchive',
  summary: 'Unpacks an archive',
  args,
  check: (given) => {
    if (given.include.length > 0 && given.exclude.length > 0)
      return 'parameters are mutually exclusive: include|exclude';
    if (given.mode === 'preserve') return 'mode "preserve" is for copy and template only';
    return given.copy === false && !given.remote_src ? 'copy: false is written as remote_src: true' : undefined;
  },
  example: `
- name: Unpack the archive
  ansible.builtin.unarchive:
    src: /tmp/vbx-example.tar
    dest: /tmp/vbx-example-unpacked
    remote_src: true
`,
  exampleSetup: `
- name: An archive and a folder for it
  ansible.builtin.shell: tar -cf /tmp/vbx-example.tar -C /etc hostname && mkdir -p /tmp/vbx-example-unpacked
`,
  probe: (given): { readonly [K in keyof Observed]: Probe<Observed[K]> } => ({
    dest: pathProbe(given.dest),
    ...(given.creates === undefined ? {} : { creates: pathProbe(given.creates) }),
    ...(given.src.kind === 'file' ? { temporary: pathProbe(`${given.dest}/${temporaryName(given.src.content)}`) } : {}),
  }),
  // Without an archive of the controller on the host there is nothing to compare with; steps of a dry run only compare.
  dryRun: 'run',
})({
  satisfied: (given, { dest, creates }) => {
    if (creates !== undefined && creates.kind !== 'absent' && creates.kind !== 'denied')
      return { changed: false, skipped: true, msg: `skipped, since ${given.creates ?? ''} exists` };
    if (given.src.kind === 'file' && given.src.content.size === 0)
      return { failed: true, msg: `Invalid archive '${given.src.path}', the file is 0 bytes` };
    return (dest.kind === 'link' ? dest.real : dest).kind === 'directory'
      ? undefined
      : { failed: true, msg: `dest '${given.dest}' must be an existing dir` };
  },
  steps: (given, observed, _basics, controller) => {
    const { src } = given;
    if (src.kind === 'tree') throw new Error('the source of unarchive is a file');
    if (src.kind === 'host')
      return [
        {
          kind: 'script',
          long: true,
          script: unpackScript(
            given,
            src.path.includes('://')
              ? fetchText(src.path, given.validate_certs)
              : `a=${pathWord(src.path)}; case $a in /*) ;; *) a=$PWD/$a;; esac`,
            controller.checkMode,
          ),
        },
      ];
    if (controller.checkMode) return [];
    const folder = absolutePath(given.dest, observed.dest);
    const temporary = `${folder === '/' ? '' : folder}/${temporaryName(src.content)}`;
    return [
      {
        kind: 'write',
        path: temporary,
        content: src.content,
        mode: '00600',
        guard: observed.temporary ?? { kind: 'absent' },
      },
      {
        kind: 'script',
        long: true,
        script: unpackScript(
          given,
          `a=${quote(temporary)}; trap 'rm -f -- "$a"' EXIT; trap 'exit 143' TERM INT HUP`,
          false,
        ),
      },
    ];
  },
  parse: (given, done) => {
    const src = given.src.path;
    if (done.length === 0)
      return { changed: new Unknown(`what of ${src} is there already`) as never, dest: given.dest, src };
    const last = done.at(-1);
    const report = reportOf(last?.stdout ?? '');
    const handler = report['handler'] ?? 'TgzArchive';
    const extracted =
      report['rc'] === undefined
        ? {}
        : {
            extract_results: {
              cmd: commandWords(given, handler),
              rc: Number(report['rc']),
              out: Buffer.from(report['out'] ?? '', 'base64').toString(),
              err: last?.stderr ?? '',
            },
          };
    const base = { dest: given.dest, src, handler, ...statFields(report), ...extracted };
    if (last?.rc !== 0)
      return {
        failed: true,
        changed: false,
        ...base,
        msg: report['failed'] ?? `failed to unpack ${src} to ${given.dest}: ${last?.stderr.trim() ?? ''}`,
      };
    const names = (last.stdout.split('\n@files\n')[1] ?? '')
      .split('\n')
      .filter((name) => name !== '' && !name.startsWith('@'));
    return {
      changed: report['changed'] === '1',
      ...base,
      ...(given.list_files ? { files: names.map((name) => name.replace(/^\//, '')) } : {}),
    };
  },
});

/** The command that unpacked, with the names as the user knows them. */
function commandWords(given: Args, handler: string): readonly string[] {
  const src = given.src.path;
  if (handler === 'ZipArchive')
    return [
      'unzip',
      '-o',
      ...(given.keep_newer ? ['-u'] : []),
      ...given.extra_opts,
      src,
      ...(given.exclude.length === 0 ? [] : ['-x', ...given.exclude]),
      ...given.include,
      '-d',
      given.dest,
    ];
  const packed =
    {
      TgzArchive: ['-z'],
      TarBzipArchive: ['-j'],
      TarXzArchive: ['-J'],
      TarZstdArchive: ['--use-compress-program=zstd'],
    }[handler] ?? [];
  return [
    'tar',
    '--extract',
    '-C',
    given.dest,
    ...packed,
    ...given.extra_opts,
    ...(given.keep_newer ? ['--keep-newer-files'] : []),
    ...given.exclude.map((pattern) => `--exclude=${pattern}`),
    '-f',
    src,
    ...given.include,
  ];
}

function temporaryName(content: Content): string {
  return `.vbx-archive-${content.sha256.slice(0, 16)}~`;
}

function fetchText(url: string, validate: boolean): string {
  return `a=$d/.vbx-archive-$$~; trap 'rm -f -- "$a"' EXIT; trap 'exit 143' TERM INT HUP
${curlStandIn()}if command -v curl >/dev/null 2>&1; then curl -fsSL${validate ? '' : 'k'} -o "$a" -- ${quote(url)}; else wget -q${validate ? '' : ' --no-check-certificate'} -O "$a" ${quote(url)}; fi || { echo ${quote(`@failed Failure downloading ${url}`)}; exit 1; }`;
}

/**
 * Finds out what the archive is by its first bytes, compares with what is there (GNU tar does so itself; otherwise by unpacking aside), and
 * unpacks where something differs; then owner, group and mode of what the archive holds.
 */
function unpackScript(given: Args, archive: string, compareOnly: boolean): string {
  const tarWords = [...given.extra_opts, ...given.exclude.map((pattern) => `--exclude=${pattern.replace(/\/+$/, '')}`)];
  const tarTail = `${quoteAll(tarWords)} -f "$a" ${quoteAll(given.include)}`.trim();
  const zipTail =
    `${quoteAll(given.include)} ${given.exclude.length === 0 ? '' : `-x ${quoteAll(given.exclude)}`}`.trim();
  const owners = `${given.owner ?? ''}${given.group === undefined ? '' : `:${given.group}`}`;
  // Differences in what is set afterwards anyway do not count, and owners only for who can set them.
  const ignored = [
    ...(given.owner === undefined ? [] : ['Uid differs']),
    ...(given.group === undefined ? [] : ['Gid differs']),
    ...(given.mode === undefined ? [] : ['Mode differs']),
  ];
  return `d=${pathWord(given.dest)}; case $d in /*) ;; *) d=$PWD/$d;; esac
d=\${d%/}; d=\${d:-/}; ch=
${archive}
if [ ! -e "$a" ]; then printf '@failed %s\\n' "Source '$a' does not exist"; exit 1; fi
if [ ! -r "$a" ] || [ -d "$a" ]; then printf '@failed %s\\n' "Source '$a' not readable"; exit 1; fi
if [ ! -s "$a" ]; then printf '@failed %s\\n' "Invalid archive '$a', the file is 0 bytes"; exit 1; fi
case $(od -An -v -tx1 -N6 < "$a" | tr -d ' \\n') in
504b*) k=ZipArchive;; 1f8b*) k=TgzArchive;; 425a68*) k=TarBzipArchive;; fd377a585a00) k=TarXzArchive;; 28b52ffd*) k=TarZstdArchive;; *) k=TarArchive;;
esac
echo "@handler $k"
# Names as they are, not as they would be told to people.
q=; g=; z=; case $(tar --version 2>/dev/null) in *GNU*) g=1; q=--quoting-style=literal;; esac
# GNU tar sees itself how an archive is packed.
if [ -z "$g" ]; then case $k in TgzArchive) z=-z;; TarBzipArchive) z=-j;; TarXzArchive) z=-J;; TarZstdArchive) z=--zstd;; esac; fi
if [ "$k" = ZipArchive ]; then command -v unzip >/dev/null 2>&1 || { echo '@failed Unable to find required unzip binary in the path'; exit 1; }; fi
${given.exclude.length === 0 ? '' : `if [ "$k" != ZipArchive ] && [ -z "$g" ]; then echo "@failed the host's tar cannot leave files out: exclude needs GNU tar"; exit 1; fi\n`}names() { if [ "$k" = ZipArchive ]; then unzip -Z1 "$a" ${zipTail}; else tar -t $z $q ${tarTail}; fi; }
into() {
  if [ "$k" = ZipArchive ]; then unzip -q -o ${given.keep_newer ? '-u ' : ''}${quoteAll(given.extra_opts)} "$a" ${zipTail} -d "$1"
  else (cd "$1" && tar -x $z ${given.keep_newer ? '--keep-newer-files ' : ''}${tarTail}); fi
}
all=$(names) || { echo "@failed Failed to find handler for \\"$a\\". Make sure the required command to extract the file is installed."; exit 1; }
[ -n "$all" ] || { printf '@failed %s\\n' "$a holds no files. Empty archive files are not supported."; exit 1; }
if [ "$k" != ZipArchive ] && [ -n "$g" ]; then
  i=${quote(ignored.join('\n'))}
  [ "$(id -u)" = 0 ] || i="$i
Uid differs
Gid differs"
  differs=$(cd "$d" && tar --diff ${tarTail} 2>&1 | grep -E ': (Uid differs|Gid differs|Mode differs|Mod time differs|Contents differ|Size differs|Symlink differs|Not linked to|File type differs|Warning: Cannot (l?stat|open|readlink)|Invalid (owner|group))' | { if [ -n "$i" ]; then grep -v -F -e "$(printf '%s\\n' "$i" | sed '/^$/d')"; else cat; fi; })
else
  w=$d/.vbx-unpack-$$~
  mkdir -m 700 -- "$w" || exit
  trap 'rm -rf -- "$w"; rm -f -- "$d"/.vbx-archive-$$~ ${given.src.kind === 'file' ? '"$a"' : ''}' EXIT
  into "$w" >&2 || exit
  differs=$(cd "$w" && d=$d find . -exec sh -c 'for f do
    t=$d/$f
    if [ -L "$f" ]; then [ "$(readlink "$f")" = "$(readlink "$t")" ] || echo "$f"
    elif [ -d "$f" ]; then [ -d "$t" ] || echo "$f"
    elif [ -f "$f" ]; then ${given.keep_newer ? '[ "$t" -nt "$f" ] || ' : ''}cmp -s "$f" "$t" || echo "$f"; fi
  done' sh {} +)
  rm -rf -- "$w"
fi
${
  compareOnly
    ? `[ -z "$differs" ] || ch=1`
    : `if [ -n "$differs" ]; then
  out=$(into "$d"); rc=$?; printf '@rc %s\\n@out %s\\n' "$rc" "$(printf %s "$out" | base64 | tr -d '\\n')"
  [ "$rc" = 0 ] || exit "$rc"; ch=1
fi
${attributesOfAll(given, owners)}`
}
echo "@changed $ch"
${tellStat('d')}
${given.list_files ? `printf '\\n@files\\n%s\\n' "$all"` : ':'}`;
}

/** Owner, group and mode of all that the archive holds, and of the folders that it begins with. */
function attributesOfAll(given: Args, owners: string): string {
  if (owners === '' && given.mode === undefined) return ':';
  const commands = [
    ...(owners === '' ? [] : [`xargs -0 chown -h ${quote(owners)} --`]),
    ...(given.mode === undefined
      ? []
      : [`xargs -0 chmod ${quote(/^[0-7]+$/.test(given.mode) ? chmodArgument(given.mode) : given.mode)} --`]),
  ];
  const state = `(cd "$d" && list | xargs -0 stat -c '%u:%g:%a' -- 2>/dev/null)`;
  return `list() { printf '%s\\n' "$all" | sed 's,^/*,,; s,/*$,,; s,^,./,' | { cat; printf '%s\\n' "$all" | sed 's,^/*,,; /\\//!d; s,/.*,,; s,^,./,'; } | sort -u | tr '\\n' '\\0'; }
was=$(${state.slice(1, -1)})
(cd "$d" && ${commands.map((command) => `list | ${command}`).join(' && ')}) || exit
[ "$was" = "$(${state.slice(1, -1)})" ] || ch=1`;
}
