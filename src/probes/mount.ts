// What is mounted where, from the kernel's own table; a mount point is never touched, so a server that is gone cannot hang the question.
import { quote } from '../core/quote.ts';
import { probeOf, type Answer, type Probe, type ProbeFamily } from '../core/probe.ts';

export type MountState =
  | {
      readonly kind: 'mounted';
      readonly info: {
        readonly source: string;
        readonly fstype: string;
        readonly options: readonly string[];
        readonly root: string;
      };
    }
  /** `there`: the mount point is a folder (not looked at below autofs and network mounts: taken as there). */
  | { readonly kind: 'unmounted'; readonly info: { readonly there: boolean } };

/** `path`: absolute, without a slash at its end. */
export function mountProbe(path: string): Probe<MountState> {
  const clean = path.replace(/(?<=.)\/+$/, '');
  return probeOf(family, `mount:${clean}`, clean);
}

const family: ProbeFamily<string, MountState> = {
  name: 'mount',
  script: (paths) => `
cat /proc/self/mountinfo
echo
echo @@there
far=$(grep -sE ' - (autofs|nfs|nfs4|cifs|smb3|smbfs|fuse[.a-z0-9_-]*|ceph|lustre|9p|afs) ' /proc/self/mountinfo | cut -d' ' -f5)
set -f
look() { for m in $far; do case $1/ in "\${m%/}"/*) echo "$2 1"; return ;; esac; done; if [ -d "$1" ]; then echo "$2 1"; else echo "$2 0"; fi; }
${paths.map((path, at) => `case $(grep -c -F ${quote(` ${escape(path)} `)} /proc/self/mountinfo) in 0) look ${quote(path)} ${at} ;; esac`).join('\n')}
:
`,
  parse: parseMounts,
};

/** Blanks, tabs, line ends and backslashes as the kernel (and fstab) write them. */
export function escape(path: string): string {
  return path.replace(/[ \t\n\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
export function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

export function parseMounts(answer: Answer, paths: readonly string[]): MountState[] {
  const [table = '', there = ''] = answer.stdout.toString('utf8').split('\n@@there');
  const folders = new Map(
    there
      .split('\n')
      .map((line) => line.split(' '))
      .filter((fields) => fields.length === 2)
      .map(([at = '', flag = '']) => [at, flag === '1']),
  );
  const mounts = new Map<string, Extract<MountState, { kind: 'mounted' }>>();
  for (const line of table.split('\n')) {
    const [left = '', right = ''] = line.split(' - ');
    const [, , , root = '/', point, options = ''] = left.split(' ');
    const [fstype = '', source = '', superOptions = ''] = right.split(' ');
    // The last mount on a point is the one that is seen.
    if (point !== undefined)
      mounts.set(unescape(point), {
        kind: 'mounted',
        info: {
          source: unescape(source),
          fstype,
          root: unescape(root),
          options: [...new Set([...options.split(','), ...superOptions.split(',')])],
        },
      });
  }
  return paths.map(
    (path, at) => mounts.get(path) ?? { kind: 'unmounted', info: { there: folders.get(String(at)) ?? false } },
  );
}
