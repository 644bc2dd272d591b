// The shell text that gathers facts: reads only, few processes, nothing that a FUSE, autofs or network mount could hang.
import { quote } from '../../core/quote.ts';

/** What Ansible calls collectors; each has its own part of the script and of the parser. */
export const COLLECTORS = [
  'platform', 'distribution', 'lsb', 'selinux', 'apparmor', 'chroot', 'fips', 'pkg_mgr', 'cmdline', 'date_time', 'env', 'loadavg', 'ssh_pub_keys', 'user', 'systemd',
  'service_mgr', 'virtual', 'hardware', 'dns', 'network', 'local',
] as const;
export type Collector = (typeof COLLECTORS)[number];

/** `@@name` begins a section. `s NAME FILE` copies a small file by built-ins, `c` a larger one by `cat`; a file that cannot be read is left out. */
const PRELUDE = `
P0=$PATH; PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
s() { [ -r "$2" ] || return 0; echo "@@$1"; while IFS= read -r l || [ -n "$l" ]; do printf '%s\\n' "$l"; done 2>/dev/null <"$2"; }
c() { [ -r "$2" ] || return 0; echo "@@$1"; cat -- "$2" 2>/dev/null; echo; }
v() { x=; read -r x 2>/dev/null <"$2" && echo "$1=$x"; }
`;

const LOCAL_FILE_SYSTEMS = 'ext2|ext3|ext4|xfs|btrfs|bcachefs|f2fs|jfs|reiserfs|zfs|vfat|msdos|exfat|ntfs3|squashfs|erofs|iso9660|udf|ubifs|nilfs2|hfsplus|minix';

const PARTS: Readonly<Record<Collector, string>> = {
  platform: `
echo @@uname; uname -s; uname -n; uname -r; uname -v; uname -m
s machine_id /var/lib/dbus/machine-id; s machine_id /etc/machine-id
n=$(uname -n)
if [ -r /etc/hosts ]; then
  echo @@hosts
  while read -r a b; do
    case $a in '#'*|'') continue ;; esac
    case " \${b%%#*} " in *" $n "*|*"	$n "*|*" $n	"*|*"	$n	"*) echo "$b"; break ;; esac
  done </etc/hosts
fi
if command -v timeout >/dev/null && command -v hostname >/dev/null; then echo @@hostname_f; timeout 2 hostname -f 2>/dev/null; fi
if command -v getconf >/dev/null; then echo @@bits; getconf LONG_BIT 2>/dev/null; fi
`,
  distribution: `
if [ -r /etc/os-release ]; then s os-release /etc/os-release; else s os-release /usr/lib/os-release; fi
for f in /etc/debian_version /etc/centos-release /etc/redhat-release /etc/oracle-release /etc/alpine-release; do s "release:$f" "$f"; done
`,
  lsb: `
if [ -r /etc/lsb-release ]; then s lsb-file /etc/lsb-release; elif command -v lsb_release >/dev/null; then echo @@lsb; lsb_release -a 2>/dev/null; fi
`,
  selinux: `
echo @@selinux; v enforce /sys/fs/selinux/enforce; v policyvers /sys/fs/selinux/policyvers
s selinux-config /etc/selinux/config
`,
  apparmor: `
echo @@apparmor; [ -e /sys/kernel/security/apparmor ] && echo enabled
`,
  chroot: `
echo @@chroot; if [ -e /proc/1/root/. ] && ! [ /proc/1/root/. -ef / ]; then echo yes; fi
`,
  fips: `
s fips /proc/sys/crypto/fips_enabled
`,
  pkg_mgr: '',
  service_mgr: '',
  cmdline: `
s cmdline /proc/cmdline
`,
  date_time: `
echo @@date; date '+%Y|%m|%A|%w|%W|%d|%H|%M|%S|%s|%N|%Z|%z'; date -d @1736899200 +%Z 2>/dev/null; date -d @1752537600 +%Z 2>/dev/null
`,
  env: `
echo @@env; PATH=$P0 env -0 2>/dev/null | od -An -v -tx1
`,
  loadavg: `
s loadavg /proc/loadavg
`,
  ssh_pub_keys: `
for d in /etc/ssh /etc/openssh /etc; do
  k=; for a in dsa rsa ecdsa ed25519; do [ -r "$d/ssh_host_\${a}_key.pub" ] && { k=1; s "sshkey:$a" "$d/ssh_host_\${a}_key.pub"; }; done
  [ -n "$k" ] && break
done
`,
  user: `
echo @@status; while read -r k a b x; do case $k in Uid:|Gid:) echo "$k $a $b" ;; esac; [ "$k" = Uid: ] && u=$b; done 2>/dev/null </proc/self/status
[ -n "$u" ] || { u=$(id -u); echo "Uid: $u $u"; g=$(id -g); echo "Gid: $g $g"; }
echo @@passwd; f=; while IFS= read -r l; do case $l in *:*:"$u":*) r=\${l#*:*:}; [ "\${r%%:*}" = "$u" ] && { f=1; printf '%s\\n' "$l"; break; }; esac; done 2>/dev/null </etc/passwd
[ -n "$f" ] || getent passwd "$u" 2>/dev/null || id -un
`,
  systemd: `
if command -v systemctl >/dev/null; then echo @@systemd; systemctl --version 2>/dev/null; fi
`,
  virtual: `
s cgroup1 /proc/1/cgroup
echo @@container; if [ -r /proc/1/environ ]; then tr '\\000' '\\n' 2>/dev/null </proc/1/environ | grep '^container='; fi
s systemd-container /run/systemd/container
echo @@vz; [ -e /proc/vz ] && ! [ -e /proc/lve ] && { echo vz; [ -e /proc/bc ] && echo bc; }
echo @@dockerenv; { [ -e /.dockerenv ] || [ -e /.dockerinit ]; } && echo yes
echo @@xen; [ -e /proc/xen ] && { echo guest; s xen-capabilities /proc/xen/capabilities; }
echo @@virt-modules; if [ -r /proc/modules ]; then while read -r m x; do case $m in kvm|vboxdrv|virtio) echo "$m" ;; esac; done </proc/modules; fi
for f in product_name sys_vendor product_family bios_vendor; do s "dmi:$f" "/sys/devices/virtual/dmi/id/$f"; done
c cpuinfo /proc/cpuinfo
`,
  hardware: `
c cpuinfo /proc/cpuinfo
c meminfo /proc/meminfo
s uptime /proc/uptime
command -v nproc >/dev/null && { echo @@nproc; nproc 2>/dev/null; }
if [ -d /sys/devices/virtual/dmi/id ]; then
  for f in bios_date bios_vendor bios_version board_asset_tag board_name board_serial board_vendor board_version chassis_asset_tag chassis_serial chassis_type chassis_vendor chassis_version product_name product_serial product_uuid product_version sys_vendor product_family; do
    s "dmi:$f" "/sys/devices/virtual/dmi/id/$f"
  done
fi
c mountinfo /proc/self/mountinfo
set --
while read -r i p d r m o x; do
  t=\${x#*- }; t=\${t%% *}
  case $t in ${LOCAL_FILE_SYSTEMS}) ;; *) continue ;; esac
  case $m in *%*) continue ;; *\\\\*) m=$(printf "$m") ;; esac
  set -- "$@" "$m"
done </proc/self/mountinfo
if [ $# -gt 0 ]; then echo @@statfs; stat -f -c '%S %b %f %a %c %d %n' "$@" 2>/dev/null; fi
[ -d /dev/disk/by-uuid ] && { echo @@uuids; ls -l /dev/disk/by-uuid 2>/dev/null; }
echo @@devices
for b in /sys/block/*; do
  [ -e "$b" ] || continue
  echo "device=\${b##*/}"
  v sectors "$b/size"; v sectorsize "$b/queue/logical_block_size"; v removable "$b/removable"; v rotational "$b/queue/rotational"; v vendor "$b/device/vendor"; v model "$b/device/model"; v scheduler "$b/queue/scheduler"; v discard "$b/queue/discard_granularity"
  [ -e "$b/device" ] || echo virtual=1
  for p in "$b/\${b##*/}"*; do [ -e "$p/partition" ] && { echo "partition=\${p##*/}"; v psectors "$p/size"; v pstart "$p/start"; }; done
  for h in "$b"/holders/*; do [ -e "$h" ] && echo "holder=\${h##*/}"; done
done
`,
  dns: `
s resolv /etc/resolv.conf
`,
  network: `
echo @@net
for d in /sys/class/net/*; do
  [ -d "$d" ] || continue
  echo "device=\${d##*/}"
  v macaddress "$d/address"; v mtu "$d/mtu"; v operstate "$d/operstate"; v type "$d/type"; v speed "$d/speed"; v flags "$d/flags"
  if [ -d "$d/bridge" ]; then v bridge_id "$d/bridge/bridge_id"; v stp "$d/bridge/stp_state"; for b in "$d"/brif/*; do [ -e "$b" ] && echo "port=\${b##*/}"; done; echo bridge=1; fi
  if [ -d "$d/bonding" ]; then echo bonding=1; for f in slaves mode miimon lacp_rate primary; do v "bond_$f" "$d/bonding/$f"; done; fi
  [ -h "$d/device" ] && echo "pciid=$(readlink "$d/device")"
  [ -h "$d/device/driver/module" ] && echo "module=$(readlink "$d/device/driver/module")"
done
if command -v ip >/dev/null; then
  echo @@addr; ip addr show 2>/dev/null
  echo @@route4; ip -4 route get 8.8.8.8 2>/dev/null
  echo @@route6; ip -6 route get 2404:6800:400a:800::1012 2>/dev/null
  echo @@local4; ip -4 route show table local 2>/dev/null
  echo @@local6; ip -6 route show table local 2>/dev/null
fi
`,
  local: '',
};

/** The script for some collectors. `factPath`: folder of *.fact files; `timeout`: seconds that one of its programs may take. */
export function factsScript(collectors: readonly Collector[], factPath: string, timeout: number): string {
  return PRELUDE + COLLECTORS.filter((name) => collectors.includes(name)).map((name) => (name === 'local' ? localPart(factPath, timeout) : PARTS[name])).join('') + '\n:\n';
}

/** Programs among *.fact files are run, as Ansible does; their output travels as hex, so nothing in it can look like a section. */
function localPart(factPath: string, timeout: number): string {
  return `
t=; command -v timeout >/dev/null && t='timeout ${timeout}'
for f in ${quote(factPath)}/*.fact; do
  [ -f "$f" ] || continue
  if [ -x "$f" ]; then echo "@@fact:x:$f"; { $t "$f" </dev/null 2>/dev/null; echo "
$?"; } | od -An -v -tx1
  elif [ -r "$f" ]; then echo "@@fact:r:$f"; od -An -v -tx1 "$f"; fi
done
`;
}
