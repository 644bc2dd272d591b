# shellcheck shell=bash disable=SC2154 # variables come from config.sh
# Many hosts for scale: one sshd of this machine that answers on every loopback address of the lab's namespace.

scale_sshd() { # start|stop|status [--default-limits]
  local action=${1:-status} limits='MaxStartups 2000:30:4000
MaxSessions 200'
  # What sshd has when nobody sets anything: a storm of connections meets refusals.
  [ "${2:-}" != --default-limits ] || limits='MaxStartups 10:30:100
MaxSessions 10'
  case $action in
    start)
      check_needs
      make_keys
      network_up
      stop_scale_sshd
      start_scale_sshd "$limits"
      ;;
    stop) stop_scale_sshd ;;
    status) if recorded_pid "$lab_dir/scale.pid" >/dev/null; then echo running; else echo stopped; fi ;;
    *) die 'lab scale-sshd start|stop|status [--default-limits]' ;;
  esac
}

start_scale_sshd() { # LIMITS
  mkdir -p /run/sshd
  cp "$lab_dir/key.pub" "$lab_dir/scale_authorized_keys"
  if [ ! -f "$lab_dir/known_hosts" ]; then
    printf '[127.*]:%s %s\n' "$scale_port" "$(cut -d' ' -f1,2 "$lab_dir/scale_host_key.pub")" >"$lab_dir/known_hosts"
  fi
  cat >"$lab_dir/scale_sshd_config" <<CONFIG
Port $scale_port
ListenAddress 0.0.0.0
HostKey $lab_dir/scale_host_key
AuthorizedKeysFile $lab_dir/scale_authorized_keys
# Folders above the key file may belong to anyone on a test machine.
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
UsePAM no
# bash reads ~/.bashrc under sshd at the first level only: what root keeps there must not be measured.
SetEnv SHLVL=3
UseDNS no
PrintMotd no
PidFile none
Subsystem sftp internal-sftp
$1
CONFIG
  setsid ip netns exec "$netns" "$(command -v sshd || echo /usr/sbin/sshd)" -D -e -f "$lab_dir/scale_sshd_config" \
    </dev/null >"$lab_dir/scale.log" 2>&1 &
  record_pid $! "$lab_dir/scale.pid"
  disown $!
  local try
  for ((try = 0; try < 50; try++)); do
    if ip netns exec "$netns" ssh "${ssh_options[@]}" -o BatchMode=yes -p "$scale_port" root@127.1.0.1 true 2>/dev/null; then
      return 0
    fi
    recorded_pid "$lab_dir/scale.pid" >/dev/null || break
    sleep 0.2
  done
  tail -n 20 "$lab_dir/scale.log" >&2
  die "the scale sshd does not answer, see $lab_dir/scale.log"
}

stop_scale_sshd() {
  local pid
  # Each connection's sshd leads a session of its own: take the whole tree, youngest first.
  if pid=$(recorded_pid "$lab_dir/scale.pid"); then kill_tree "$pid"; fi
  kill_session "$lab_dir/scale.pid"
}

kill_tree() { # PID
  local child
  kill -STOP "$1" 2>/dev/null || return 0
  for child in $(pgrep -P "$1" || true); do kill_tree "$child"; done
  kill -KILL "$1" 2>/dev/null || true
}

scale_inventory() { # N
  local number
  printf 'all:\n  vars:\n    ansible_user: root\n    ansible_port: %s\n    ansible_ssh_private_key_file: %s\n' "$scale_port" "$lab_dir/key"
  printf '    ansible_ssh_common_args: -F none -o UserKnownHostsFile=%s -o IdentitiesOnly=yes\n' "$lab_dir/known_hosts"
  printf '  children:\n    scale:\n      hosts:\n'
  for ((number = 1; number <= $1; number++)); do
    printf '        s%04d: { ansible_host: 127.1.%d.%d }\n' "$number" $((number / 256)) $((number % 256))
  done
}
