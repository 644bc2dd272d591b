// The first question to every host: which tools and user there are. Built-ins of the shell and two or three processes; nothing that a mount could hang.
import type { Basics } from '../core/basics.ts';
import { scriptProbe, type Answer, type Probe } from '../core/probe.ts';
import { distributionOf, parseOsRelease } from './distribution.ts';

/** Names of process 1, beside those of shells, that say nothing of what manages the services. */
const UNTELLING = ['init', 'tail', 'sleep', 'sshd', 'tini', 'dumb-init', 'docker-init', 'catatonit', 'busybox'];

/**
 * Shell text that prints `key=value` lines, most of them in one write (each travels alone). Small files are read by one `grep` for all of them, not by the shell, which reads byte by byte. The home is
 * what the shell itself makes of `~user`: directory services are asked where the account is not in /etc/passwd.
 */
const SCRIPT = `
nl='
'
u=; [ -r /proc/sys/kernel/arch ] || u=$(uname -s -n -r -m 2>/dev/null)
i=$(id)
n=\${i#*\\(}; n=\${n%%\\)*}
case $n in *[!A-Za-z0-9._-]*|'') h=$HOME ;; *) eval "h=~$n" ;; esac
o="uname=$u\${nl}id=$i\${nl}home=$h$nl"
c=; { IFS= read -r c </proc/1/comm; } 2>/dev/null
case $c in ${UNTELLING.join('|')}|*sh|'') if [ -h /sbin/init ]; then l=$(readlink /sbin/init 2>/dev/null); o="\${o}initlink=\${l##*/}$nl"; fi ;; esac
if [ -d /run/systemd/system ] || [ -d /dev/.run/systemd ] || [ -d /dev/.systemd ]; then command -v systemctl >/dev/null && o="\${o}has=systemd$nl"; fi
[ -d /etc/init ] && command -v initctl >/dev/null && o="\${o}has=upstart$nl"
for f in /sbin/openrc /etc/init.d /etc/dinit.d /run/ostree-booted /sys/fs/selinux/enforce \\
  /usr/bin/yum /usr/bin/dnf /usr/bin/dnf-3 /usr/bin/dnf5 /usr/bin/microdnf /usr/bin/apt-get /usr/bin/zypper /usr/bin/pacman /bin/opkg /sbin/apk /usr/bin/emerge /usr/bin/xbps-install; do
  [ -e "$f" ] && o="\${o}has=$f$nl"
done
if [ -h /usr/bin/dnf ]; then o="\${o}dnf=$(readlink -f /usr/bin/dnf 2>/dev/null)$nl"; fi
printf '%sumask=' "$o"; umask
f=/etc/os-release; [ -r "$f" ] || f=/usr/lib/os-release
exec grep -sH '' /proc/sys/kernel/random/boot_id /proc/1/comm \
  /proc/sys/kernel/ostype /proc/sys/kernel/hostname /proc/sys/kernel/osrelease /proc/sys/kernel/arch "$f"
`;

/** Basics of the host for the user that asks. */
export const basicsProbe: Probe<Basics> = scriptProbe('basics', SCRIPT, parseBasics);

/** Understands what the script printed. A host that gave nothing of it (no POSIX shell) has empty fields and uid -1. */
export function parseBasics(answer: Answer): Basics {
  const values = new Map<string, string>();
  const has = new Set<string>();
  const os: string[] = [];
  for (const line of answer.stdout.toString('utf8').split('\n')) {
    const [, file, text = ''] = /^(\/[^:]*):(.*)$/.exec(line) ?? [];
    if (file?.startsWith('/proc/') === true) values.set(file, text);
    else if (file?.endsWith('/os-release') === true) os.push(text);
    else {
      const at = line.indexOf('=');
      if (at < 0) continue;
      const key = line.slice(0, at);
      if (key === 'has') has.add(line.slice(at + 1));
      else values.set(key, line.slice(at + 1));
    }
  }
  const osRelease = parseOsRelease(os.join('\n'));
  // Kernels before 6.1 do not tell their machine in a file, nor does another system tell anything.
  const kernelSays = (name: string): string => values.get(`/proc/sys/kernel/${name}`) ?? '';
  const uname = values.get('uname') ?? '';
  const [system = '', hostname = '', kernel = '', machine = ''] =
    uname === '' ? ['ostype', 'hostname', 'osrelease', 'arch'].map(kernelSays) : uname.split(' ');
  const { family } = distributionOf(
    osRelease,
    has.has('/sbin/apk') ? { '/etc/alpine-release': osRelease['VERSION_ID'] ?? '' } : {},
  );
  // `uid=1000(ops) gid=1000(ops) groups=...`; a number without a name where the host has none.
  const [, uid, user, group] =
    /^uid=(\d+)(?:\(([^)]*)\))?\s+gid=\d+(?:\(([^)]*)\))?/.exec(values.get('id') ?? '') ?? [];
  return {
    system,
    machine,
    kernel,
    osId: osRelease['ID'] ?? '',
    osIdLike: osRelease['ID_LIKE'] ?? '',
    osVersion: osRelease['VERSION_ID'] ?? '',
    osFamily: family,
    serviceManager: serviceManagerOf(
      values.get('/proc/1/comm') ?? '',
      values.get('initlink') ?? '',
      has,
      osRelease['ID'] ?? '',
    ),
    packageManager: packageManagerOf(has, family, values.get('dnf')),
    hostname,
    user: user ?? uid ?? '',
    uid: uid === undefined ? -1 : Number(uid),
    home: values.get('home') ?? '',
    ...(group === undefined ? {} : { group }),
    ...(/^[0-7]{3,4}$/.test(values.get('umask') ?? '') ? { umask: (values.get('umask') ?? '').padStart(4, '0') } : {}),
    bootId: kernelSays('random/boot_id'),
    selinux: has.has('/sys/fs/selinux/enforce'),
  };
}

/** As Ansible tells it: the name of process 1 unless that is `init` or a shell, then the traces that managers leave. */
function serviceManagerOf(init: string, link: string, has: ReadonlySet<string>, osId: string): string {
  const known: Record<string, string> = {
    procd: 'openwrt_init',
    'runit-init': 'runit',
    svscan: 'svc',
    'openrc-init': 'openrc',
  };
  const first = init !== '' ? init : link;
  if (first !== '' && !first.endsWith('sh') && !UNTELLING.includes(first)) return known[first] ?? first;
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
  const order = [
    ['/usr/bin/yum', 'dnf'],
    ['/usr/bin/dnf-3', 'dnf'],
    ['/usr/bin/dnf5', 'dnf5'],
    ['/usr/bin/apt-get', 'apt'],
    ['/usr/bin/zypper', 'zypper'],
    ['/usr/bin/pacman', 'pacman'],
    ['/bin/opkg', 'opkg'],
    ['/sbin/apk', 'apk'],
    ['/usr/bin/emerge', 'portage'],
    ['/usr/bin/xbps-install', 'xbps'],
  ] as const;
  return order.findLast(([path]) => has.has(path))?.[1] ?? 'unknown';
}
