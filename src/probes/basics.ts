// The first question to every host: which tools and user there are. Built-ins of the shell and one process (`uname`); nothing that a mount could hang.
import type { Basics } from '../core/basics.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { distributionOf, parseOsRelease } from './distribution.ts';

/**
 * Shell text that prints `key=value` lines, then the lines of os-release each behind `os:`. Files are read by the shell itself; where a
 * name of the user is not in /etc/passwd (directory services), `id -un` and the home of the environment answer.
 */
const SCRIPT = `
echo "uname=$(uname -s -n -r -m 2>/dev/null)"
u=
while read -r k a b c; do [ "$k" = Uid: ] && { u=$b; break; }; done 2>/dev/null </proc/self/status
[ -n "$u" ] || u=$(id -u)
echo "uid=$u"
n= h=
while IFS=: read -r a b c d e f g; do [ "$c" = "$u" ] && { n=$a h=$f; break; }; done 2>/dev/null </etc/passwd
[ -n "$n" ] || { n=$(id -un 2>/dev/null) h=$HOME; }
echo "user=$n"
echo "home=$h"
echo "umask=$(umask)"
g=
while read -r k a b c; do [ "$k" = Gid: ] && { g=$b; break; }; done 2>/dev/null </proc/self/status
[ -n "$g" ] || g=$(id -g)
n=
while IFS=: read -r a b c d; do [ "$c" = "$g" ] && { n=$a; break; }; done 2>/dev/null </etc/group
echo "group=\${n:-$(id -gn 2>/dev/null)}"
b=; read -r b 2>/dev/null </proc/sys/kernel/random/boot_id; echo "boot=$b"
c=; read -r c 2>/dev/null </proc/1/comm; echo "init=$c"
if [ -h /sbin/init ]; then l=$(readlink /sbin/init 2>/dev/null); echo "initlink=\${l##*/}"; fi
if [ -d /run/systemd/system ] || [ -d /dev/.run/systemd ] || [ -d /dev/.systemd ]; then command -v systemctl >/dev/null && echo has=systemd; fi
[ -d /etc/init ] && command -v initctl >/dev/null && echo has=upstart
for f in /sbin/openrc /etc/init.d /etc/dinit.d /run/ostree-booted /sys/fs/selinux/enforce \\
  /usr/bin/yum /usr/bin/dnf /usr/bin/dnf-3 /usr/bin/dnf5 /usr/bin/microdnf /usr/bin/apt-get /usr/bin/zypper /usr/bin/pacman /bin/opkg /sbin/apk /usr/bin/emerge /usr/bin/xbps-install; do
  [ -e "$f" ] && echo "has=$f"
done
if [ -h /usr/bin/dnf ]; then echo "dnf=$(readlink -f /usr/bin/dnf 2>/dev/null)"; fi
f=/etc/os-release; [ -r "$f" ] || f=/usr/lib/os-release
while IFS= read -r l || [ -n "$l" ]; do printf 'os:%s\\n' "$l"; done 2>/dev/null <"$f"
:
`;

/** Basics of the host for the user that asks. */
export const basicsProbe: Probe<Basics> = scriptProbe('basics', SCRIPT, parseBasics);

/** Understands what the script printed. A host that gave nothing of it (no POSIX shell) has empty fields and uid -1. */
export function parseBasics(answer: Answer): Basics {
  const values = new Map<string, string>();
  const has = new Set<string>();
  const os: string[] = [];
  for (const line of answer.stdout.toString('utf8').split('\n')) {
    if (line.startsWith('os:')) os.push(line.slice(3));
    else {
      const at = line.indexOf('=');
      if (at < 0) continue;
      const key = line.slice(0, at);
      if (key === 'has') has.add(line.slice(at + 1));
      else values.set(key, line.slice(at + 1));
    }
  }
  const osRelease = parseOsRelease(os.join('\n'));
  const [system = '', hostname = '', kernel = '', machine = ''] = (values.get('uname') ?? '').split(' ');
  const { family } = distributionOf(osRelease, has.has('/sbin/apk') ? { '/etc/alpine-release': osRelease['VERSION_ID'] ?? '' } : {});
  const uid = Number.parseInt(values.get('uid') ?? '', 10);
  return {
    system, machine, kernel,
    osId: osRelease['ID'] ?? '', osIdLike: osRelease['ID_LIKE'] ?? '', osVersion: osRelease['VERSION_ID'] ?? '', osFamily: family,
    serviceManager: serviceManagerOf(values.get('init') ?? '', values.get('initlink') ?? '', has, osRelease['ID'] ?? ''),
    packageManager: packageManagerOf(has, family, values.get('dnf')),
    hostname, user: values.get('user') ?? '', uid: Number.isNaN(uid) ? -1 : uid, home: values.get('home') ?? '',
    ...(values.get('group') ? { group: values.get('group') ?? '' } : {}), ...(/^[0-7]{3,4}$/.test(values.get('umask') ?? '') ? { umask: (values.get('umask') ?? '').padStart(4, '0') } : {}),
    bootId: values.get('boot') ?? '', selinux: has.has('/sys/fs/selinux/enforce'),
  };
}

/** As Ansible tells it: the name of process 1 unless that is `init` or a shell, then the traces that managers leave. */
function serviceManagerOf(init: string, link: string, has: ReadonlySet<string>, osId: string): string {
  const known: Record<string, string> = { procd: 'openwrt_init', 'runit-init': 'runit', svscan: 'svc', 'openrc-init': 'openrc' };
  const first = init !== '' ? init : link;
  if (first !== '' && first !== 'init' && !first.endsWith('sh') && !['tail', 'sleep', 'sshd', 'tini', 'dumb-init', 'docker-init', 'catatonit', 'busybox'].includes(first)) return known[first] ?? first;
  if (osId === 'openwrt') return 'openwrt_init';
  if (has.has('systemd')) return 'systemd';
  if (has.has('upstart')) return 'upstart';
  if (has.has('/sbin/openrc')) return 'openrc';
  if (link === 'systemd') return 'systemd';
  if (has.has('/etc/init.d')) return 'sysvinit';
  if (has.has('/etc/dinit.d')) return 'dinit';
  return 'service';
}

/** As Ansible tells it: the last of its list that is there, but a distribution's own before a guest. */
function packageManagerOf(has: ReadonlySet<string>, family: string, dnfTarget: string | undefined): string {
  if (family === 'RedHat') {
    if (has.has('/run/ostree-booted')) return 'atomic_container';
    if (has.has('/usr/bin/dnf') || has.has('/usr/bin/microdnf')) return dnfTarget === '/usr/bin/dnf5' ? 'dnf5' : 'dnf';
    // Releases before dnf (CentOS 7): Ansible has no module for them any more; vbx's `dnf` speaks yum's command line there.
    if (has.has('/usr/bin/yum')) return 'yum';
  }
  if (family === 'Debian' && has.has('/usr/bin/apt-get')) return 'apt';
  const order = [['/usr/bin/yum', 'dnf'], ['/usr/bin/dnf-3', 'dnf'], ['/usr/bin/dnf5', 'dnf5'], ['/usr/bin/apt-get', 'apt'], ['/usr/bin/zypper', 'zypper'], ['/usr/bin/pacman', 'pacman'], ['/bin/opkg', 'opkg'], ['/sbin/apk', 'apk'], ['/usr/bin/emerge', 'portage'], ['/usr/bin/xbps-install', 'xbps']] as const;
  return order.findLast(([path]) => has.has(path))?.[1] ?? 'unknown';
}
