// community.general.archive: files and folders of the host packed there; the archive is replaced only where its content would be another.
import { z } from 'zod';
import { bool, choice, list, path, str } from '../core/args.ts';
import { defineAction } from '../core/module.ts';
import { chmodArgument } from '../core/path-mode.ts';
import { quote } from '../core/quote.ts';
import { cleanPath } from '../probes/path.ts';
import { pathWord } from '../probes/path-script.ts';
import { fileArgs } from './parts/file-attributes.ts';
import { reportOf, setAttributes, statFields, tellStat } from './parts/report-lines.ts';

const args = {
  path: list(path()).describe('Files and folders to pack; shell patterns are expanded on the host'),
  dest: path().optional().describe('The archive; for a single file by default its name with the ending of the format'),
  format: choice('bz2', 'gz', 'tar', 'xz', 'zip').default('gz').describe('How to pack'),
  exclude_path: list(path()).default([]).describe('Paths to leave out, with all below them'),
  exclusion_patterns: list(str()).default([]).describe('Names to leave out, as shell patterns'),
  force_archive: bool().default(false).describe('Make an archive even of a single file'),
  remove: bool().default(false).describe('Remove what was packed'),
  ...fileArgs,
};
type Args = z.output<z.ZodObject<typeof args>>;

export const archive = defineAction<typeof args>({
  name: 'community.general.archive',
  summary: 'Packs files and folders',
  args,
  check: (given) => {
    if (given.path.length === 0) return 'path needs at least one path';
    if (given.dest === undefined && (given.path.length > 1 || given.force_archive))
      return "Error, must specify 'dest' when archiving multiple files or trees";
    return given.mode === 'preserve' ? 'mode "preserve" is for copy and template only' : undefined;
  },
  example: `
- name: Pack the configuration
  community.general.archive:
    path: /etc/default
    dest: /tmp/vbx-example-default.tar.gz
`,
})({
  steps: (given) => [{ kind: 'script', long: true, script: packScript(given) }],
  parse: (given, done) => {
    const [step] = done;
    const stdout = step?.stdout ?? '';
    const report = reportOf(stdout);
    const lines = (name: string): string[] =>
      stdout.split('\n').flatMap((line) => (line.startsWith(`@${name} `) ? [line.slice(name.length + 2)] : []));
    const base = {
      dest: report['dest'] ?? given.dest,
      expanded_paths: lines('expanded'),
      expanded_exclude_paths: lines('excluded'),
      arcroot: report['arcroot'] ?? '',
      missing: lines('missing'),
      archived: lines('archived'),
    };
    if (step?.rc !== 0)
      return {
        failed: true,
        changed: false,
        ...base,
        msg: report['failed'] ?? `the archive could not be made: ${step?.stderr.trim() ?? ''}`,
      };
    return {
      changed: report['changed'] === '1',
      ...statFields(report),
      ...base,
      state: report['state'] ?? 'archive',
      dest_state: report['state'] ?? 'archive',
    };
  },
});

/** What Ansible takes for a pattern. */
const isPattern = (path: string): boolean => /[*?]/.test(path);

/** A path as a word in which shell patterns stay patterns. */
function patternWord(written: string): string {
  const clean = cleanPath(written);
  return clean
    .split(/([*?]|\[[^\]]*\])/)
    .map((part, index) => (index % 2 === 1 ? part : part === '' ? '' : index === 0 ? pathWord(part) : quote(part)))
    .join('');
}

function packScript(given: Args): string {
  const pack = { bz2: 'bzip2 -c', gz: 'gzip -n -c', tar: 'cat', xz: 'xz -c', zip: 'cat' }[given.format];
  const unpack = { bz2: 'bzip2 -dc', gz: 'gzip -dc', tar: 'cat', xz: 'xz -dc', zip: 'cat' }[given.format];
  const left = [
    ...given.exclude_path.map((one) => `! -path ${pathWord(cleanPath(one))} ! -path ${pathWord(cleanPath(one))}'/*'`),
    ...given.exclusion_patterns.map((name) => `! -name ${quote(name)}`),
  ].join(' ');
  return `nl='
'
set --
there() { [ -e "$1" ] || [ -L "$1" ]; }
${given.exclude_path.map((one) => (isPattern(one) ? `for p in ${patternWord(one)}; do there "$p" && printf '@excluded %s\\n' "$p"; done` : `printf '@excluded %s\\n' ${pathWord(cleanPath(one))}`)).join('\n')}
# What a pattern does not match is not missing.
${given.path
  .map((one) =>
    isPattern(one)
      ? `for p in ${patternWord(one)}; do if there "$p"; then set -- "$@" "$p"; printf '@expanded %s\\n' "$p"; fi; done`
      : `p=${pathWord(cleanPath(one))}; printf '@expanded %s\\n' "$p"; if there "$p"; then set -- "$@" "$p"; else printf '@missing %s\\n' "$p"; fi`,
  )
  .join('\n')}
if [ $# -eq 0 ]; then ${given.dest === undefined ? "echo '@failed Error, no source paths were found'; exit 1" : `d=${pathWord(given.dest)}; printf '@dest %s\\n' "$d"; if [ -e "$d" ]; then echo '@state archive'; else echo '@state absent'; fi; exit 0`}; fi
many=${given.force_archive || given.path.length > 1 ? '1' : ''}
[ $# -gt 1 ] && many=1
[ -d "$1" ] && [ ! -L "$1" ] && many=1
${given.dest === undefined ? `[ -z "$many" ] || { echo "@failed Error, must specify 'dest' when archiving multiple files or trees"; exit 1; }\nd=$1.${given.format}` : `d=${pathWord(given.dest)}`}
case $d in /*) ;; *) d=$PWD/$d;; esac
printf '@dest %s\\n' "$d"
[ -d "\${d%/*}/" ] || { printf '@failed %s\\n' "Destination \${d%/*} does not exist"; exit 1; }
# The folder that all lie below.
root=\${1%/*}/
for p do while :; do case $p in "$root"*) break;; esac; root=\${root%/}; root=\${root%/*}/; done; done
printf '@arcroot %s\\n' "$root"
t=\${d%/*}/.vbx-archive-$$~; l=$t.list~
trap 'rm -f -- "$t" "$l"' EXIT; trap 'exit 143' TERM INT HUP
um=$(umask); umask 077; : > "$t" || exit
# Of a folder, what is below it is packed, not the folder itself.
for p do
  m=0; [ -d "$p" ] && [ ! -L "$p" ] && m=1
  find "$p" -mindepth "$m" ! -path "$d" ! -path "$t" ! -path "$l" ${left} || exit
done > "$l"
LC_ALL=C sort -o "$l" "$l"
while IFS= read -r p; do [ -e "$p" ] || [ -L "$p" ] || { echo '@failed a name with a newline cannot be packed'; exit 1; }; printf '@archived %s\\n' "$p"; done < "$l" || exit
rel() { while IFS= read -r p; do p=\${p#"$root"}; [ -n "$p" ] && printf '%s\\n' "$p"; done < "$l"; }
if [ -n "$many" ] || [ ${given.format} = zip ]; then
  s=archive
  ${
    given.format === 'zip'
      ? `command -v zip >/dev/null 2>&1 || { echo '@failed Unable to find required zip binary in the path'; exit 1; }
  rm -f -- "$t"; (cd "$root" && rel | zip -q -X -y "$t" -@) >&2 || exit
  if [ -f "$t.zip" ]; then mv -f -- "$t.zip" "$t"; fi
  tell() { unzip -v "$1" 2>/dev/null | sed '1d' | awk '{ print $1, $5, $6, $7, $8, $9 }'; }
  ch=1; [ -f "$d" ] && [ "$(tell "$d")" = "$(tell "$t")" ] && ch=`
      : `# GNU tar reads the names; others take them as words. The status of tar is that of the whole.
  put() {
    cd "$root" || return
    case $(tar --version 2>/dev/null) in *GNU*) rel | tar -c --no-recursion -T - -f -; return;; esac
    set --; while IFS= read -r p; do p=\${p#"$root"}; if [ -n "$p" ]; then set -- "$@" "$p"; fi; done < "$l"
    tar -c --no-recursion -f - -- "$@"
  }
  r=$({ { put; echo $? >&4; } | ${pack} > "$t"; } 4>&1)
  case $r in 0|1) [ -s "$t" ] || exit 1;; *) exit 1;; esac
  ch=1; if [ -f "$d" ]; then a=$(${unpack} < "$d" 2>/dev/null | md5sum); b=$(${unpack} < "$t" | md5sum); [ -n "$a" ] && [ "$a" = "$b" ] && ch=; fi`
  }
else
  s=compress
  ${pack} < "$1" > "$t" || exit
  ch=1; if [ -f "$d" ]; then ${unpack} < "$d" 2>/dev/null | cmp -s - "$1" && ch=; fi
fi
if [ -n "$ch" ]; then
  if [ -f "$d" ]; then chown "$(stat -c %u:%g -- "$d")" "$t" 2>/dev/null; chmod "$(stat -c %a -- "$d")" "$t" || exit; else (umask "$um"; chmod =rw "$t") || exit; fi
  mv -f -- "$t" "$d" || exit
fi
echo "@state $s"
${given.remove ? 'for p do case $d in "$p"|"$p"/*) ;; *) rm -rf -- "$p" || exit; ch=1;; esac; done' : ':'}
${setAttributes('d', given, quote, chmodArgument)}
echo "@changed $ch"
${tellStat('d')}`;
}
