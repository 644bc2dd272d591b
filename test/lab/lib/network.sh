# shellcheck shell=bash disable=SC2154 # variables come from config.sh
# The lab's network: a namespace without a way out, a bridge with the controller's address, a tap for each host.

network_up() {
  mkdir -p "$lab_dir"
  (
    flock 9
    # The name without a namespace behind it is what a killed run or a restart of the machine leaves.
    if [ -e "/run/netns/$netns" ] && ! ip netns exec "$netns" true 2>/dev/null; then
      ip netns delete "$netns" 2>/dev/null || rm -f "/run/netns/$netns"
    fi
    [ -e "/run/netns/$netns" ] || ip netns add "$netns"
    ip -n "$netns" link set lo up
    if ! ip -n "$netns" link show "$bridge" >/dev/null 2>&1; then
      ip -n "$netns" link add "$bridge" type bridge stp_state 0 forward_delay 0 mcast_snooping 0
    fi
    ip -n "$netns" addr replace "$net4.1/24" dev "$bridge"
    ip -n "$netns" addr replace "$net6:1/64" dev "$bridge" nodad
    ip -n "$netns" link set "$bridge" up
  ) 9>"$lab_dir/network.lock"
}

require_network() {
  if ! ip netns exec "$netns" true 2>/dev/null; then die "the lab is down: $lab_home/lab up"; fi
}

network_down() { ! [ -e "/run/netns/$netns" ] || ip netns delete "$netns"; }

tap_up() { # HOST
  local tap=tap-$1
  ip -n "$netns" link show "$tap" >/dev/null 2>&1 || ip netns exec "$netns" ip tuntap add dev "$tap" mode tap
  ip -n "$netns" link set "$tap" master "$bridge" up
}

host_link() { # HOST up|down
  require_host "${1:-}"
  [[ ${2:-} == up || ${2:-} == down ]] || die 'lab link HOST up|down'
  require_network
  ip -n "$netns" link set "tap-$1" "$2"
}

host_delay() { # HOST MS
  require_host "${1:-}"
  [[ ${2:-} =~ ^[0-9]+$ ]] || die 'lab delay HOST MILLISECONDS'
  # netem is in the hosts' kernel, not always in the machine's; delaying what the host sends makes the round trip longer.
  local change="tc qdisc replace dev eth0 root netem delay ${2}ms limit 10000"
  [ "$2" != 0 ] || change='tc qdisc delete dev eth0 root 2>/dev/null || true'
  host_ssh "$1" "$change"
}

host_ssh() { # HOST CMD
  local host=$1
  shift
  ip netns exec "$netns" ssh "${ssh_options[@]}" -o BatchMode=yes "root@$(host_v4 "$host")" "$@" </dev/null
}
