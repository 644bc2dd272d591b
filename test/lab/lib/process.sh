# shellcheck shell=bash
# Processes this lab started: remembered with start time and boot id, so that a number used anew is never killed.

boot_id() { cat /proc/sys/kernel/random/boot_id; }

# Fields of /proc/PID/stat after the command's name: 1 is the state, 4 the session, 20 the start time.
stat_field() { # PID FIELD
  local line fields
  line=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  read -ra fields <<<"${line##*) }"
  echo "${fields[$2 - 1]}"
}

record_pid() { # PID FILE
  printf '%s %s %s\n' "$1" "$(stat_field "$1" 20)" "$(boot_id)" >"$2.new"
  mv "$2.new" "$2"
}

# Prints the pid if the recorded process still lives.
recorded_pid() { # FILE
  local pid start boot
  { read -r pid start boot <"$1"; } 2>/dev/null || return 1
  [ "$boot" = "$(boot_id)" ] || return 1
  [ "$(stat_field "$pid" 20)" = "$start" ] || return 1
  [ "$(stat_field "$pid" 1)" != Z ] || return 1
  echo "$pid"
}

# SIGKILL for the recorded process and everything in the session it leads. The session outlives its leader under the
# leader's number, which cannot be given to another process meanwhile: what is in it and not older is ours.
kill_session() { # FILE
  local pid start boot member members
  { read -r pid start boot <"$1"; } 2>/dev/null || return 0
  if [ "$boot" = "$(boot_id)" ]; then
    local round
    for round in 1 2 3 4 5 6 7 8 9 10; do
      members=()
      for member in $(pgrep -s "$pid" || true); do
        if [ "$(stat_field "$member" 20 || echo 0)" -ge "$start" ]; then members+=("$member"); fi
      done
      [ ${#members[@]} -gt 0 ] || break
      kill -KILL "${members[@]}" 2>/dev/null || true
      sleep "0.$round"
    done
  fi
  rm -f "$1"
}
