// The files of a folder with their bytes, for modules that put them together.
import { scriptProbe, type Probe } from '../core/probe.ts';
import { cleanPath, MOST_CONTENT } from './path.ts';
import { pathWord } from './path-script.ts';

export interface Fragments {
  readonly kind: 'folder' | 'absent' | 'other';
  /** Regular files (through links) in it by name, hidden ones too. */
  readonly files: readonly { readonly name: string; readonly bytes: Buffer }[];
  /** They are more than 5 MB, and not all are told. */
  readonly truncated: boolean;
}

/** Names with a newline are left out. */
export function fragmentsProbe(path: string): Probe<Fragments> {
  const clean = cleanPath(path);
  const script = `p=${pathWord(clean)}
nl='
'
if [ -d "$p" ]; then
  echo folder
  total=0
  for f in "$p"/* "$p"/.[!.]* "$p"/..?*; do
    [ -f "$f" ] && [ -r "$f" ] || continue
    n=\${f##*/}
    case $n in *"$nl"*) continue;; esac
    z=$(wc -c < "$f"); z=\${z##* }
    total=$((total + z)); [ "$total" -le ${MOST_CONTENT} ] || { echo truncated; break; }
    printf 'f %s\\n' "$n"
    base64 < "$f" 2>/dev/null || openssl base64 < "$f"
    echo .
  done
elif [ -e "$p" ]; then echo other
else echo absent; fi`;
  return scriptProbe(
    `fragments:${clean}`,
    script,
    (answer) => {
      const lines = answer.stdout.toString().split('\n');
      const files: { name: string; bytes: Buffer }[] = [];
      for (let at = 1; at < lines.length; at++) {
        const line = lines[at] as string;
        if (!line.startsWith('f ')) continue;
        const end = lines.indexOf('.', at);
        files.push({ name: line.slice(2), bytes: Buffer.from(lines.slice(at + 1, end).join(''), 'base64') });
        at = end;
      }
      const [kind] = lines;
      return {
        kind: kind === 'folder' || kind === 'other' ? kind : 'absent',
        files,
        truncated: lines.includes('truncated') || answer.truncated === true,
      };
    },
    { touches: [clean] },
  );
}
