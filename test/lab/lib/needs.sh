# shellcheck shell=bash disable=SC2154 # variables come from config.sh
# What the machine must offer: everything that is missing is named at once, packages are installed.

check_needs() { # HOST...
  local missing=()

  [ "$(id -u)" = 0 ] || die 'must be root (namespaces, taps and package installation)'
  [ "$(uname -m)" = x86_64 ] || missing+=('an amd64 machine: user-mode-linux is built for nothing else')
  [ -c /dev/net/tun ] || missing+=('/dev/net/tun (modprobe tun, or mknod /dev/net/tun c 10 200)')
  local capabilities
  capabilities=$(awk '/^CapEff/ { print $2 }' /proc/self/status)
  (((16#$capabilities >> 12) & 1)) || missing+=('CAP_NET_ADMIN')
  (((16#$capabilities >> 21) & 1)) || missing+=('CAP_SYS_ADMIN (for the network namespace)')
  [ -e /proc/net/if_inet6 ] || missing+=('IPv6 in the kernel of this machine')

  # UML keeps a host's memory in a file which it maps executable.
  local options
  options=$(awk '$2 == "/dev/shm" { print $4 }' /proc/mounts | tail -n 1)
  if [ -z "$options" ]; then
    missing+=('/dev/shm (a tmpfs)')
  else
    [[ ,$options, != *,noexec,* ]] || missing+=('/dev/shm mounted exec (mount -o remount,exec /dev/shm)')
    local need=0 have host
    for host in "$@"; do
      recorded_pid "$(host_dir "$host")/pid" >/dev/null || need=$((need + $(numfmt --from=iec "$host_memory") / 1048576))
    done
    have=$(df --output=avail -BM /dev/shm | tail -n 1 | tr -dc 0-9)
    [ "$have" -ge "$need" ] || missing+=("$need MB in /dev/shm for the memory of the hosts (it has $have; LAB_MEM makes hosts smaller)")
  fi

  local free
  free=$(df --output=avail -BM /var/tmp | tail -n 1 | tr -dc 0-9)
  [ "$free" -ge 4000 ] || missing+=("4000 MB in /var/tmp for the image and the disks (it has $free)")

  install_packages || missing+=('Debian packages, see above')

  if [ ${#missing[@]} -gt 0 ]; then
    say 'this machine lacks:'
    printf '  - %s\n' "${missing[@]}" >&2
    exit 1
  fi
}

install_packages() {
  local wanted=(user-mode-linux mmdebstrap debian-archive-keyring e2fsprogs squashfs-tools iproute2 iputils-ping kmod
    openssh-client openssh-server util-linux procps) absent=() package
  for package in "${wanted[@]}"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || absent+=("$package")
  done
  [ ${#absent[@]} -gt 0 ] || return 0
  say "installing ${absent[*]}"
  command -v apt-get >/dev/null || return 1
  apt-get -qq update >&2 &&
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${absent[@]}" >&2
}
