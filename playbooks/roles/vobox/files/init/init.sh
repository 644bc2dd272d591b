#!/bin/sh
# Services of a VOBOX: start, stop, reload, status. It lies outside of the image, in a folder that the host mounts at /etc/vobox;
# `reload` takes over what changed here or in services.conf and touches nothing else. POSIX sh, for any base.
set -u
here=${VOBOX_ETC:-/etc/vobox}
state=${VOBOX_RUN:-/run/vobox}
log=${VOBOX_LOG:-/var/log/vobox}
programs=${VOBOX_PROGRAMS:-/usr/local/libexec/vobox}
revision=1

main() {
  mkdir -p "$state" "$log"
  case ${1:-} in
    start) each_service start_service ;;
    stop) for name in $(known); do stop_service "$name"; done ;;
    reload) reload ;;
    status) status ;;
    supervise) supervise "$2" "$3" ;;
    *)
      echo "usage: $0 start|stop|reload|status" >&2
      exit 2
      ;;
  esac
}

# Calls FUNCTION NAME PORT for every line of services.conf.
each_service() {
  while read -r name port rest; do
    case $name in '' | '#'*) continue ;; esac
    "$1" "$name" "$port"
  done <"$here/services.conf"
}

# What a service is made of; another text means another service.
definition() { echo "$revision $1 $2 $(cksum <"$programs/$1" 2>/dev/null)"; }

pid_of() { cat "$state/$1.pid" 2>/dev/null; }
is_running() {
  pid=$(pid_of "$1") && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null
}
# Names that were started by any revision of this script.
known() { for file in "$state"/*.pid; do [ -e "$file" ] && basename "$file" .pid; done; }

start_service() {
  is_running "$1" && return 0
  if [ ! -x "$programs/$1" ]; then
    echo "$1: there is no $programs/$1" >&2
    return 1
  fi
  definition "$1" "$2" >"$state/$1.def"
  # A session of its own: the service and all it starts end together.
  setsid sh "$here/init.sh" supervise "$1" "$2" >>"$log/$1.log" 2>&1 </dev/null &
  echo $! >"$state/$1.pid"
}

# Starts the program again when it ends, not faster than every other second.
supervise() {
  echo $$ >"$state/$1.pid"
  trap 'kill "$child" 2>/dev/null; exit 0' TERM INT
  while :; do
    "$programs/$1" "$2" &
    child=$!
    wait "$child"
    echo "$(date '+%Y-%m-%d %H:%M:%S') $1 ended with status $?, starting it again"
    sleep 2 &
    wait $!
  done
}

stop_service() {
  pid=$(pid_of "$1")
  if [ -n "$pid" ]; then
    kill -TERM "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null
    tries=0
    while kill -0 "$pid" 2>/dev/null && [ $tries -lt 50 ]; do
      sleep 0.1
      tries=$((tries + 1))
    done
    kill -KILL "-$pid" 2>/dev/null
  fi
  rm -f "$state/$1.pid" "$state/$1.def"
}

reload() {
  wanted=' '
  want() { wanted="$wanted$1 "; }
  each_service want
  for name in $(known); do
    case $wanted in *" $name "*) ;; *) stop_service "$name" ;; esac
  done
  renew() {
    if ! is_running "$1" || [ "$(definition "$1" "$2")" != "$(cat "$state/$1.def" 2>/dev/null)" ]; then
      stop_service "$1"
      start_service "$1" "$2"
    fi
  }
  each_service renew
}

status() {
  failed=0
  tell() {
    if is_running "$1"; then echo "$1 running"; else
      echo "$1 stopped"
      failed=1
    fi
  }
  each_service tell
  return $failed
}

main "$@"
