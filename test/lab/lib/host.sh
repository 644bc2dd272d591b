# shellcheck shell=bash disable=SC2154 # variables come from config.sh
# One host: its keys, its disks, its boot and its end. A host is locked while one of these goes on.

# Runs FUNCTION for each HOST, a few at once; fails if one fails.
each_host() { # FUNCTION HOST...
  local function=$1 host failed=0
  shift
  [ $# -gt 0 ] || die 'which host?'
  for host in "$@"; do require_host "$host"; done
  for host in "$@"; do
    while [ "$(jobs -rp | wc -l)" -ge "$parallel_boots" ]; do
      wait -n || failed=1
    done
    "$function" "$host" &
  done
  while [ -n "$(jobs -p)" ]; do
    wait -n || failed=1
  done
  return $failed
}

locked() { # HOST CMD...
  local folder
  folder=$(host_dir "$1")
  mkdir -p "$folder"
  shift
  (
    flock 9
    "$@"
  ) 9>"$folder/lock"
}

boot_host() { locked "$1" boot_locked "$1"; }
cut_host() { locked "$1" kill_session "$(host_dir "$1")/pid"; }
reset_host() { locked "$1" reset_locked "$1"; }

reset_locked() {
  kill_session "$(host_dir "$1")/pid"
  rm -f "$(host_dir "$1")/disk.cow"
  boot_locked "$1"
}

boot_locked() { # HOST
  local folder image started=$SECONDS
  folder=$(host_dir "$1")
  if recorded_pid "$folder/pid" >/dev/null; then
    wait_host "$1"
    return
  fi
  # Remains of a host whose first process died.
  kill_session "$folder/pid"
  require_network
  make_host_keys "$1"
  image=$(image_path "$(host_kind "$1")")
  # A COW file is differences to one image only.
  if [ -f "$folder/disk.cow" ]; then
    local base
    base=$(cat "$folder/image")
    if [ "$base" != "$image" ] && [ -n "${keep_disk:-}" ] && [ -f "$base" ]; then
      image=$base
    elif [ "$base" != "$image" ]; then
      say "$1: the recipe of the image changed, the host gets a fresh disk"
      rm -f "$folder/disk.cow"
    fi
  fi
  [ -f "$image" ] || die "no root image yet: $lab_home/lab up $1"
  echo "$image" >"$folder/image"
  write_config_disk "$1"
  tap_up "$1"

  # The memory file goes to /dev/shm by TMPDIR; a session of its own makes the power cut one clean stroke.
  # All of a host on one CPU: UML hands over between two processes at each system call, and across CPUs that takes more
  # than twice as long. Ahead of other work for the same reason: each of these hand-overs would wait its turn. Where the
  # kernel groups sessions for scheduling, niceness counts within a session only, so the session's is set as well.
  # Under load a unit may take minutes to start, and systemd must not give up on it.
  # shellcheck disable=SC2016 # for the inner shell
  setsid nice -n -10 taskset -c $(($(host_number "$1") % $(nproc))) ip netns exec "$netns" \
    env -i PATH=/usr/bin:/bin HOME=/root TMPDIR=/dev/shm \
    sh -c '{ echo -10 >/proc/self/autogroup; } 2>/dev/null; exec "$@"' sh \
    linux.uml "umid=$1" "uml_dir=$folder/uml" "mem=$host_memory" "ubda=$folder/disk.cow,$image" "ubdbr=$folder/config.tar" \
    root=/dev/ubda rw "eth0=tuntap,tap-$1,$(host_mac "$1")" con=null con0=null,fd:1 ssl=null quiet lsm=capability audit=0 \
    systemd.default_timeout_start_sec=900 systemd.service_watchdogs=0 \
    "systemd.machine_id=$(printf '%s %s' "$lab_id" "$1" | md5sum | cut -c1-32)" \
    </dev/null >"$folder/console" 2>&1 9>&- &
  record_pid $! "$folder/pid"
  disown $!
  wait_host "$1"
  say "$1: up after $((SECONDS - started)) s"
}

# Until ssh answers and systemd has finished booting.
wait_host() { # HOST
  local folder deadline=$((SECONDS + boot_timeout)) state
  folder=$(host_dir "$1")
  while :; do
    recorded_pid "$folder/pid" >/dev/null || host_failed "$1" 'is not running'
    [ $SECONDS -lt $deadline ] || host_failed "$1" "did not come up in $boot_timeout s"
    # "starting" keeps --wait waiting; what else it says is an end of the boot.
    state=$(timeout $((deadline - SECONDS + 1)) ip netns exec "$netns" ssh "${ssh_options[@]}" -o BatchMode=yes \
      -o ServerAliveInterval=20 "root@$(host_v4 "$1")" systemctl is-system-running --wait </dev/null 2>/dev/null) || true
    case $state in
      running) return 0 ;;
      degraded)
        say "$1: failed units: $(host_ssh "$1" systemctl list-units --failed --plain --no-legend | cut -d' ' -f1 | paste -sd ' ')"
        return 0
        ;;
    esac
    sleep 1
  done
}

host_failed() { # HOST WHAT
  say "$1 $2; the end of its console ($(host_dir "$1")/console):"
  tail -n 40 "$(host_dir "$1")/console" >&2 || true
  exit 1
}

shut_down_host() { # HOST
  local file
  file=$(host_dir "$1")/pid
  timeout 10 ip netns exec "$netns" ssh "${ssh_options[@]}" -o BatchMode=yes "root@$(host_v4 "$1")" \
    systemctl poweroff </dev/null >/dev/null 2>&1 || true
  local second
  for ((second = 0; second < 60; second++)); do
    recorded_pid "$file" >/dev/null || return 0
    sleep 1
  done
  say "$1 did not shut down in time"
}

# The lab's own key pair, and the scale sshd's host key.
make_keys() {
  mkdir -p "$lab_dir/hosts"
  chmod 755 "$lab_dir"
  (
    flock 9
    [ -f "$lab_dir/key" ] || ssh-keygen -q -t ed25519 -N '' -C vbx-lab -f "$lab_dir/key"
    [ -f "$lab_dir/scale_host_key" ] || ssh-keygen -q -t ed25519 -N '' -C vbx-lab-scale -f "$lab_dir/scale_host_key"
  ) 9>"$lab_dir/keys.lock"
}

# Host keys are made here and given to the host, so that they are known before the first connection.
make_host_keys() { # HOST
  local folder kind
  folder=$(host_dir "$1")
  mkdir -p "$folder/keys"
  for kind in ed25519 ecdsa; do
    [ -f "$folder/keys/ssh_host_${kind}_key.pub" ] ||
      ssh-keygen -q -t "$kind" -N '' -C "root@$1" -f "$folder/keys/ssh_host_${kind}_key" <<<y >/dev/null
  done
  (
    flock 9
    local host key
    {
      for host in $(known_hosts_names); do
        for key in "$lab_dir/hosts/$host"/keys/*.pub; do
          [ ! -f "$key" ] || printf '%s,%s,%s %s\n' "$host" "$(host_v4 "$host")" "$(host_v6 "$host")" "$(cut -d' ' -f1,2 "$key")"
        done
      done
      printf '[127.*]:%s %s\n' "$scale_port" "$(cut -d' ' -f1,2 "$lab_dir/scale_host_key.pub")"
    } >"$lab_dir/known_hosts.new"
    mv "$lab_dir/known_hosts.new" "$lab_dir/known_hosts"
  ) 9>"$lab_dir/keys.lock"
}

# What makes this host itself, as a bare tar the host reads from its second disk.
write_config_disk() { # HOST
  local folder work host
  folder=$(host_dir "$1")
  work=$(mktemp -d)
  printf 'LAB_NAME=%s\nLAB_V4=%s\nLAB_V6=%s\nLAB_VARIANT=%s\n' \
    "$1" "$(host_v4 "$1")" "$(host_v6 "$1")" "$(host_variant "$1")" >"$work/vars"
  cp "$folder"/keys/ssh_host_* "$work/"
  cp "$lab_dir/key.pub" "$work/authorized_keys"
  {
    printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n127.0.1.1 %s.lab %s\n' "$1" "$1"
    printf '%s controller\n' "$net4.1" "$net6:1"
    for host in u1 u2 u3 u4 u5 u6 u7 u8 u9 p1 p2 p3 p4 p5 p6 p7 p8 p9; do
      [ "$host" = "$1" ] || printf '%s %s.lab %s\n' "$(host_v4 "$host")" "$host" "$host" "$(host_v6 "$host")" "$host" "$host"
    done
  } >"$work/hosts"
  tar --owner=0 --group=0 --numeric-owner -C "$work" -cf "$folder/config.tar" .
  chmod 600 "$folder/config.tar"
  rm -rf "$work"
}
