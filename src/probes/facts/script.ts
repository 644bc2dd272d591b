// The shell text that gathers facts: reads only, few processes, nothing that a FUSE, autofs or network mount could hang.
import { quote } from '../../core/quote.ts';

/** What Ansible calls collectors; each has its own part of the script and of the parser. */
export const COLLECTORS = [
  'platform',
  'distribution',
  'lsb',
  'selinux',
  'apparmor',
  'chroot',
  'fips',
  'pkg_mgr',
  'cmdline',
  'date_time',
  'env',
  'loadavg',
  'ssh_pub_keys',
  'user',
  'systemd',
  'service_mgr',
  'virtual',
  'hardware',
  'dns',
  'network',
  'iscsi',
  'fibre_channel_wwn',
  'nvme',
  'python',
  'local',
] as const;
export type Collector = (typeof COLLECTORS)[number];

/**
 * `@@name` begins a section. `s FILE` notes a small file: all of them are read at the end by one `grep`, which writes its name before each line
 * (sections.ts gives them their names). The shell reads no file by itself, since it does so byte by byte: on a host where a system call is
 * slow that costs more than a process.
 */
const PRELUDE = `
P0=$PATH; PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
F=
s() { for f; do [ -r "$f" ] && F="$F $f"; done; }
c() { [ -r "$2" ] || return 0; echo "@@$1"; cat -- "$2" 2>/dev/null; echo; }
`;
const END = `
echo @@files
[ -z "$F" ] || grep -sH '' $F
echo @@end
:
`;

const LOCAL_FILE_SYSTEMS =
  'ext2|ext3|ext4|xfs|btrfs|bcachefs|f2fs|jfs|reiserfs|zfs|vfat|msdos|exfat|ntfs3|squashfs|erofs|iso9660|udf|ubifs|nilfs2|hfsplus|minix';
const DMI = '/sys/devices/virtual/dmi/id';

const PARTS: Readonly<Record<Collector, string>> = {
  platform: `
s /proc/sys/kernel/ostype /proc/sys/kernel/hostname /proc/sys/kernel/osrelease /proc/sys/kernel/version /etc/hosts /var/lib/dbus/machine-id /etc/machine-id
echo @@machine; uname -m
n=$(uname -n)
if ! grep -sqE "[[:space:]]$n[.]" /etc/hosts && command -v timeout >/dev/null && command -v hostname >/dev/null; then echo @@hostname_f; timeout 2 hostname -f 2>/dev/null; fi
`,
  distribution: `
if [ -r /etc/os-release ]; then s /etc/os-release; else s /usr/lib/os-release; fi
s /etc/debian_version /etc/centos-release /etc/redhat-release /etc/oracle-release /etc/alpine-release
`,
  lsb: `
if [ -r /etc/lsb-release ]; then s /etc/lsb-release; elif command -v lsb_release >/dev/null; then echo @@lsb; lsb_release -a 2>/dev/null; fi
`,
  selinux: `
s /sys/fs/selinux/enforce /sys/fs/selinux/policyvers /etc/selinux/config
`,
  apparmor: `
echo @@apparmor; [ -e /sys/kernel/security/apparmor ] && echo enabled
`,
  chroot: `
echo @@chroot; if [ -e /proc/1/root/. ] && ! [ /proc/1/root/. -ef / ]; then echo yes; fi
`,
  fips: `
s /proc/sys/crypto/fips_enabled
`,
  pkg_mgr: '',
  service_mgr: '',
  cmdline: `
s /proc/cmdline
`,
  date_time: `
d=$(date '+%Y|%m|%A|%w|%W|%d|%H|%M|%S|%s|%N|%Z|%z')
echo @@date; echo "$d"
case $d in *'|UTC|'*) ;; *) date -d @1736899200 +%Z 2>/dev/null; date -d @1752537600 +%Z 2>/dev/null ;; esac
`,
  env: `
echo @@env; PATH=$P0 env -0 2>/dev/null | od -An -v -tx1
`,
  loadavg: `
s /proc/loadavg
`,
  ssh_pub_keys: `
for d in /etc/ssh /etc/openssh /etc; do
  k=; for a in dsa rsa ecdsa ed25519; do [ -r "$d/ssh_host_\${a}_key.pub" ] && { k=1; s "$d/ssh_host_\${a}_key.pub"; }; done
  [ -n "$k" ] && break
done
`,
  user: `
s /proc/self/status
u=$(id -u)
echo @@passwd; grep -s "^[^:]*:[^:]*:$u:" /etc/passwd || getent passwd "$u" 2>/dev/null || id -un
`,
  systemd: `
if command -v systemctl >/dev/null; then echo @@systemd; systemctl --version 2>/dev/null; fi
`,
  virtual: `
s /proc/1/cgroup /run/systemd/container /proc/xen/capabilities ${DMI}/product_name ${DMI}/sys_vendor ${DMI}/product_family ${DMI}/bios_vendor
echo @@container; if [ -r /proc/1/environ ]; then tr '\\000' '\\n' 2>/dev/null </proc/1/environ | grep '^container='; fi
echo @@vz; [ -e /proc/vz ] && ! [ -e /proc/lve ] && { echo vz; [ -e /proc/bc ] && echo bc; }
echo @@dockerenv; { [ -e /.dockerenv ] || [ -e /.dockerinit ]; } && echo yes
echo @@xen; [ -e /proc/xen ] && echo guest
echo @@virt-modules; grep -soE '^(kvm|vboxdrv|virtio) ' /proc/modules
c cpuinfo /proc/cpuinfo
`,
  hardware: `
c cpuinfo /proc/cpuinfo
c meminfo /proc/meminfo
s /proc/uptime
command -v nproc >/dev/null && { echo @@nproc; nproc 2>/dev/null; }
[ -d ${DMI} ] && for f in bios_date bios_vendor bios_version board_asset_tag board_name board_serial board_vendor board_version chassis_asset_tag chassis_serial chassis_type chassis_vendor chassis_version product_name product_serial product_uuid product_version sys_vendor product_family; do
  s "${DMI}/$f"
done
c mountinfo /proc/self/mountinfo
set --
set -f
for m in $(grep -sE ' - (${LOCAL_FILE_SYSTEMS}) ' /proc/self/mountinfo | cut -d' ' -f5); do
  case $m in *%*) continue ;; *\\\\*) m=$(printf "$m") ;; esac
  set -- "$@" "$m"
done
set +f
if [ $# -gt 0 ]; then echo @@statfs; stat -f -c '%S %b %f %a %c %d %n' "$@" 2>/dev/null; fi
[ -d /dev/disk/by-uuid ] && { echo @@uuids; ls -l /dev/disk/by-uuid 2>/dev/null; }
echo @@devices
for b in /sys/block/*; do
  [ -e "$b" ] || continue
  echo "device=\${b##*/}"
  s "$b/size" "$b/queue/logical_block_size" "$b/removable" "$b/queue/rotational" "$b/device/vendor" "$b/device/model" "$b/queue/scheduler" "$b/queue/discard_granularity"
  for p in "$b/\${b##*/}"*; do [ -e "$p/partition" ] && { echo "partition=\${p##*/}"; s "$p/size" "$p/start"; }; done
  for h in "$b"/holders/*; do [ -e "$h" ] && echo "holder=\${h##*/}"; done
done
if command -v vgs >/dev/null; then
  t=; command -v timeout >/dev/null && t='timeout 3'
  [ "\${u:-$(id -u)}" = 0 ] && { echo @@lvm; for l in vgs lvs pvs; do echo "table=$l"; $t $l --noheadings --nosuffix --units g --separator , 2>/dev/null; done; }
else echo @@no-lvm; fi
`,
  dns: `
s /etc/resolv.conf
`,
  network: `
echo @@net
for d in /sys/class/net/*; do
  [ -d "$d" ] || continue
  echo "device=\${d##*/}"
  s "$d/address" "$d/mtu" "$d/operstate" "$d/type" "$d/speed" "$d/flags"
  if [ -d "$d/bridge" ]; then s "$d/bridge/bridge_id" "$d/bridge/stp_state"; for b in "$d"/brif/*; do [ -e "$b" ] && echo "port=\${b##*/}"; done; echo bridge=1; fi
  if [ -d "$d/bonding" ]; then echo bonding=1; s "$d/bonding/slaves" "$d/bonding/mode" "$d/bonding/miimon" "$d/bonding/lacp_rate" "$d/bonding/primary"; fi
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
  iscsi: `
s /etc/iscsi/initiatorname.iscsi
`,
  fibre_channel_wwn: `
s /sys/class/fc_host/*/port_name
`,
  nvme: `
s /etc/nvme/hostnqn
`,
  // Its version alone: an interpreter that starts up costs as much as all the rest.
  python: `
for p in $P python3.13 python3.12 python3.11 python3.10 python3.9 python3.8 /usr/bin/python3 python3 /usr/libexec/platform-python; do
  command -v "$p" >/dev/null && v=$("$p" -V 2>&1) && { echo @@python; command -v "$p"; echo "$v"; break; }
done
`,
  local: '',
};

/** The script for some collectors. `factPath`: folder of *.fact files; `timeout`: seconds that one of its programs may take; `python`: the one to tell of. */
export function factsScript(collectors: readonly Collector[], factPath: string, timeout: number, python = ''): string {
  return (
    `P=${quote(python)}\n${PRELUDE}` +
    COLLECTORS.filter((name) => collectors.includes(name))
      .map((name) => (name === 'local' ? localPart(factPath, timeout) : PARTS[name]))
      .join('') +
    END
  );
}

/** Programs among *.fact files are run, as Ansible does; their output travels as hex, so nothing in it can look like a section. */
function localPart(factPath: string, timeout: number): string {
  return `
t=; command -v timeout >/dev/null && t='timeout ${timeout}'
for f in ${quote(factPath)}/*.fact; do
  [ -h "$f" ] && [ ! -e "$f" ] && echo "@@fact:d:$f"
  [ -f "$f" ] || continue
  if [ -x "$f" ]; then echo "@@fact:x:$f"; { $t "$f" </dev/null 2>/dev/null; echo "
$?"; } | od -An -v -tx1
  elif [ -r "$f" ]; then echo "@@fact:r:$f"; od -An -v -tx1 "$f"; fi
done
`;
}
