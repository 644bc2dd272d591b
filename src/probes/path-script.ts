// The shell text that answers questions about paths: built-ins decide what there is, and one process of a kind serves all paths.
import { quote } from '../core/quote.ts';
import { MOST_CONTENT, MOST_DIFF, type PathQuery } from './path.ts';
import { DIGESTS, isPlainName, needsExpansion, wishOf, type PathWish } from './path-wish.ts';

/** All bytes of contents in one answer; base64 makes a third more of it. */
const MOST_BYTES = 7 * 1000 * 1000;

/**
 * What the script says waits in `q` until it is worth a packet: each write of the shell would travel alone.
 * Lines of the answer (a name or text in which `\\` and `\n` stand for a backslash and a newline):
 * `= I TEXT` expanded path; `s`...`.` lines of stat; `t`...`.` the same for what links lead to; `S I LINE`, `T I LINE` for names that stat's lines cannot carry;
 * `n I`...`.` ls in place of stat, `N I` for what a link leads to; `l I TEXT` target of a link, `r I TEXT` where it ends, `x I` a loop;
 * `- I` absent, `! I TEXT` denied by this folder; `a I rwx` what the user may do; `d ALGORITHM`...`.` digests, `e I ALGORITHM LINE` one digest;
 * `c I CODING`...`. RC` content; `f`...`.` lsattr; `m I LINE` type of content.
 */
const FUNCTIONS = `nl='
'
q=
flush() { printf %s "$q"; q=; }
has() { command -v "$1" >/dev/null 2>&1; }
say() {
  v=$2
  case $v in *\\\\*|*"$nl"*)
    o=
    while :; do
      case $v in *\\\\*|*"$nl"*) ;; *) break;; esac
      w=$v
      case $w in *\\\\*) w=\${w%%\\\\*};; esac
      case $w in *"$nl"*) w=\${w%%"$nl"*};; esac
      v=\${v#"$w"}
      case $v in \\\\*) o=$o$w'\\\\';; *) o=$o$w'\\n';; esac
      v=\${v#?}
    done
    v=$o$v;;
  esac
  q="$q$1 $v$nl"
}
access() {
  o=; [ -r "$2" ] && o=r; [ -w "$2" ] && o=\${o}w; [ -x "$2" ] && o=\${o}x
  q="\${q}a $1 $o$nl"
}
gone() {
  e=$2
  while :; do
    e=\${e%/*}
    if [ -e "\${e:-/}" ] || [ -L "$e" ]; then
      if [ -d "\${e:-/}" ] && [ ! -x "\${e:-/}" ]; then say "! $1" "\${e:-/}"; return; fi
      break
    fi
    [ -n "$e" ] || break
  done
  q="\${q}- $1$nl"
}
target() {
  if has readlink; then
    u=$(readlink -- "$1")
    # The substitution drops newlines at the end of a name; stat's line of a link that was asked about tells its length.
    z=\${st%%"|$1$nl"*}; z=\${z##*"|"}
    [ "$z" = "\${#u}" ] || { u=$(readlink -- "$1"; echo .); u=\${u%.}; u=\${u%"$nl"}; }
  else u=$(ls -ld -- "$1"; echo .); u=\${u%.}; u=\${u%"$nl"}; u=\${u#*"$1 -> "}; fi
}
follow() {
  c=$2; n=0
  while :; do
    while :; do case $c in ?*/) c=\${c%/};; *) break;; esac; done
    [ -L "$c" ] || break
    n=$((n + 1))
    if [ "$n" -gt 40 ]; then q="\${q}x $1$nl"; return; fi
    target "$c"
    [ "$n" -gt 1 ] || say "l $1" "$u"
    case $u in /*) c=$u;; *) c=\${c%/*}/$u;; esac
  done
  r=$c
  if [ -d "$c" ]; then cd -P "$c" 2>/dev/null && r=$PWD
  else w=\${c%/*}; cd -P "\${w:-/}" 2>/dev/null && r=\${PWD%/}/\${c##*/}; fi
  say "r $1" "$r"
  eval "r$1=\\$r"
  if [ -e "$2" ]; then access "$1" "$2"; else gone "$1" "$r"; fi
}
look() {
  if [ -L "$2" ]; then follow "$1" "$2"
  elif [ -e "$2" ]; then access "$1" "$2"
  else gone "$1" "$2"; fi
}
size() {
  if ! has stat; then z=$(wc -c < "$1" 2>/dev/null); z=\${z##* }
  elif [ "$2" = odd ]; then z=$(stat -L -c %s -- "$1" 2>/dev/null)
  elif [ -L "$1" ]; then z=\${sl%%"|$1$nl"*}; z=\${z##*"|"}
  else z=\${st%%"|$1$nl"*}; z=\${z##*"|"}; fi
  case $z in ''|*[!0-9]*) z=0;; esac
}
digest() {
  g=$1; shift
  [ $# -gt 0 ] || return 0
  if has "\${g}sum"; then "\${g}sum" -- "$@" 2>/dev/null
  elif has openssl; then openssl dgst "-$g" -r "$@" 2>/dev/null
  elif has shasum; then shasum -a "\${g#sha}" -- "$@" 2>/dev/null
  fi
}
digest1() {
  if has "\${1}sum"; then "\${1}sum" < "$2" 2>/dev/null
  elif has openssl; then openssl dgst "-$1" -r < "$2" 2>/dev/null
  elif has shasum; then shasum -a "\${1#sha}" < "$2" 2>/dev/null
  fi
}
total=0
content() {
  [ "$z" -le "$3" ] || return 0
  total=$((total + z)); [ "$total" -le ${MOST_BYTES} ] || return 0
  if has base64; then q="\${q}c $1 base64$nl"; flush; base64 < "$2" 2>/dev/null
  elif has openssl; then q="\${q}c $1 base64$nl"; flush; openssl base64 < "$2" 2>/dev/null
  else q="\${q}c $1 hex$nl"; flush; od -An -v -tx1 < "$2" 2>/dev/null; fi
  q=". $?$nl"
}
plain() {
  flush
  printf '%s\\n' "$1 $2"
  if [ "$1" = N ]; then ls -ldnL -- "$3"; ls -ldL -- "$3"; else ls -ldn -- "$3"; ls -ld -- "$3"; fi 2>/dev/null
  date -r "$3" +%s 2>/dev/null
  echo .
}
f='%f|%u|%g|%X|%Y|%Z|%i|%d|%h|%b|%o|%t|%T|%x|%y|%z|%U|%G'
[ -e /sys/fs/selinux/enforce ] && f="$f|%C"
f="$f|%s"
`;

/** Shell text that answers the questions; each path asked at most once. */
export function pathScript(queries: readonly PathQuery[]): string {
  const wishes = queries.map(wishOf);
  return [
    FUNCTIONS,
    ...wishes.map(
      (wish, index) =>
        `${assignment(`p${index}`, wish.path)}${needsExpansion(wish.path) ? `; say '= ${index}' "$p${index}"` : ''}`,
    ),
    ...stat(wishes),
    ...wishes.map((_, index) => `look ${index} "$p${index}"`),
    ...digests(wishes),
    ...contents(wishes),
    ...flags(wishes),
    ...mimes(wishes),
    'flush',
    '',
  ].join('\n');
}

/**
 * A path as a shell word that the host expands as Python does: `$VAR` and `${VAR}` where they are set, then `~` and `~user` at the start.
 * An absolute path without `$` is only quoted.
 */
export function pathWord(path: string): string {
  const home = /^~([A-Za-z0-9._-]*)(?=\/|$)/.exec(path);
  const start = home === null ? '' : home[0];
  const rest = path.slice(start.length).split(/(\$\w+|\$\{[^}]*\})/);
  const words = rest.map((part, index) => {
    if (index % 2 === 0) return part === '' ? '' : quote(part);
    const name = part.replace(/^\$\{?|\}$/g, '');
    return /^[A-Za-z_]\w*$/.test(name) ? `"\${${name}-${part.replace(/[\\$"`}]/g, '\\$&')}}"` : quote(part);
  });
  const text = words.join('');
  return start === '' && (text === '' || text === '.') ? '$PWD' : `${start}${text}`;
}

/** Assigns the path to `name`. A home folder is assigned on its own: busybox drops what stands behind a user that it does not know. */
function assignment(name: string, path: string): string {
  const home = /^~[A-Za-z0-9._-]*(?=\/|$)/.exec(path)?.[0] ?? '';
  const set =
    home === ''
      ? `${name}=${pathWord(path)}`
      : `${name}=${home}; ${name}=$${name}${path.length === home.length ? '' : pathWord(path.slice(home.length))}`;
  return needsExpansion(path) ? `${set}; case $${name} in /*) ;; *) ${name}=\${PWD%/}/$${name};; esac` : set;
}

function stat(wishes: readonly PathWish[]): string[] {
  const plain = wishes.flatMap((wish, index) => (isPlainName(wish.path) ? [index] : []));
  const odd = wishes.flatMap((wish, index) => (isPlainName(wish.path) ? [] : [index]));
  const lines = ['st= sl=', 'if has stat; then'];
  if (plain.length > 0) {
    lines.push(
      `st=$nl$(stat -c "$f|%n" -- ${plain.map((index) => `"$p${index}"`).join(' ')} 2>/dev/null)$nl`,
      `q="\${q}s$st.$nl"`,
      'set --',
      ...plain.map((index) => `[ -L "$p${index}" ] && set -- "$@" "$p${index}"`),
      `[ $# -gt 0 ] && { sl=$nl$(stat -L -c "$f|%n" -- "$@" 2>/dev/null)$nl; q="\${q}t$sl.$nl"; }`,
    );
  }
  for (const index of odd)
    lines.push(
      `q="\${q}S ${index} $(stat -c "$f" -- "$p${index}" 2>/dev/null)$nl"`,
      `[ -L "$p${index}" ] && q="\${q}T ${index} $(stat -L -c "$f" -- "$p${index}" 2>/dev/null)$nl"`,
    );
  lines.push(
    'else',
    ...wishes.map((_, index) => `plain n ${index} "$p${index}"; [ -L "$p${index}" ] && plain N ${index} "$p${index}"`),
    ':',
    'fi',
  );
  return lines;
}

function kindOfName(wish: PathWish): string {
  return isPlainName(wish.path) ? 'plain' : 'odd';
}

function digests(wishes: readonly PathWish[]): string[] {
  const algorithms = [
    ...new Set(wishes.flatMap((wish) => [...wish.digests, ...(wish.unless.length > 0 ? ['sha256'] : [])])),
  ].sort();
  const lines = ['h='];
  for (const algorithm of algorithms) {
    lines.push('set --');
    for (const [index, wish] of wishes.entries()) {
      const asked = wish.digests.includes(algorithm);
      const gate = algorithm === 'sha256' && !asked && wish.unless.length > 0;
      if (!asked && !gate) continue;
      const take = isPlainName(wish.path)
        ? `set -- "$@" "$p${index}"`
        : `q="\${q}e ${index} ${algorithm} $(digest1 ${DIGESTS[algorithm] ?? ''} "$p${index}")$nl"`;
      const sizes = [...new Set(wish.unless.map((content) => content.size))].join('|');
      lines.push(
        `if [ -f "$p${index}" ] && [ -r "$p${index}" ]; then ${gate ? `size "$p${index}" ${kindOfName(wish)}; case $z in ${sizes}) ${take};; esac` : take}; fi`,
      );
    }
    // Its own process, not a shell that starts it, is what the substitution waits for.
    const sum = `${algorithm}sum`;
    lines.push(
      `h=; [ $# -eq 0 ] || if has ${sum}; then h=$(${sum} -- "$@" 2>/dev/null); else h=$(digest ${DIGESTS[algorithm] ?? ''} "$@"); fi`,
      `q="\${q}d ${algorithm}$nl$h$nl.$nl"`,
      ...(algorithm === 'sha256' ? ['h256=$nl$h$nl'] : []),
    );
  }
  return lines;
}

function contents(wishes: readonly PathWish[]): string[] {
  return wishes.flatMap((wish, index) => {
    const p = `"$p${index}"`;
    const readable = `[ -f ${p} ] && [ -r ${p} ]`;
    if (wish.bytes)
      return [`if ${readable}; then size ${p} ${kindOfName(wish)}; content ${index} ${p} ${MOST_CONTENT}; fi`];
    if (wish.unless.length === 0) return [];
    // Where several contents are wanted one after the other, each but the last replaces what was there.
    if (new Set(wish.unless.map(({ sha256 }) => sha256)).size > 1)
      return [`if ${readable}; then size ${p} ${kindOfName(wish)}; content ${index} ${p} ${MOST_DIFF}; fi`];
    const same = wish.unless
      .map(({ sha256 }) => `*"\${nl}${/^[0-9a-f]{64}$/.test(sha256) ? sha256 : 'none'} "[\\ *]${p}"$nl"*`)
      .join('|');
    return [
      `if ${readable}; then size ${p} ${kindOfName(wish)}; case $h256 in ${same}) ;; *) content ${index} ${p} ${MOST_DIFF};; esac; fi`,
    ];
  });
}

/** Overlays have flags of files, and no versions. */
function flags(wishes: readonly PathWish[]): string[] {
  const asked = wishes.flatMap((wish, index) => (wish.flags ? [index] : []));
  if (asked.length === 0) return [];
  return [
    'if has lsattr; then',
    'set --',
    ...asked.map(
      (index) => `if [ -f "$p${index}" ] || [ -d "$p${index}" ]; then set -- "$@" "\${r${index}-$p${index}}"; fi`,
    ),
    '[ $# -gt 0 ] && q="${q}f$nl$(lsattr -vd -- "$@" 2>/dev/null || lsattr -d -- "$@" 2>/dev/null)$nl.$nl"',
    ':',
    'fi',
  ];
}

function mimes(wishes: readonly PathWish[]): string[] {
  const asked = wishes.flatMap((wish, index) => (wish.mime ? [index] : []));
  if (asked.length === 0) return [];
  const lines = ['if has file; then'];
  for (const index of asked)
    lines.push(
      `[ -e "$p${index}" ] && q="\${q}m ${index} $(file -L -b --mime-type --mime-encoding -- "$p${index}" 2>/dev/null)$nl"`,
    );
  return [...lines, ':', 'fi'];
}
