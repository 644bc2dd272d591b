# shellcheck shell=bash disable=SC2034 # the variables are for the other parts
# Names, places and addresses, all derived from the checkout's path: two checkouts never meet.

project_root=$(realpath "$lab_home/../..")
lab_id=$(printf '%s' "$project_root" | sha256sum | cut -c1-8)
lab_dir=/var/tmp/vbx-lab-$lab_id
# Images are named after their recipe, so every checkout with the same recipe shares them.
images_dir=/var/tmp/vbx-lab-images
recipe_dir=$lab_home/recipe

netns=vbx-lab-$lab_id
bridge=lab-$lab_id
# The namespace keeps the networks of two checkouts apart, so the addresses can be the same and easy to remember.
net4=10.77.0
net6=fd00:77:

scale_port=2222
host_memory=${LAB_MEM:-640M}
boot_timeout=${LAB_TIMEOUT:-600}
parallel_boots=${LAB_PARALLEL:-$(nproc)}

ssh_options=(-F none -i "$lab_dir/key" -o IdentitiesOnly=yes -o "UserKnownHostsFile=$lab_dir/known_hosts"
  -o GlobalKnownHostsFile=none -o StrictHostKeyChecking=yes -o LogLevel=ERROR -o ConnectTimeout=30)

say() { printf 'lab: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

require_host() { [[ ${1:-} =~ ^[up][1-9]$ ]] || die "no such host: '${1:-}' (u1..u9 or p1..p9)"; }

host_dir() { printf '%s/hosts/%s' "$lab_dir" "$1"; }

host_kind() { case $1 in p*) echo python ;; *) echo plain ;; esac }

host_variant() { case $1 in u2) echo strict ;; *) echo easy ;; esac }

# u1 is .11, p1 is .21; the rest of the network is free for containers.
host_number() { case $1 in u*) echo "1${1#u}" ;; p*) echo "2${1#p}" ;; esac }
host_v4() { echo "$net4.$(host_number "$1")"; }
host_v6() { echo "$net6:$(host_number "$1")"; }
host_mac() { echo "02:77:00:00:00:$(host_number "$1")"; }

# Every host that has a folder, running or not.
known_hosts_names() {
  local folder
  for folder in "$lab_dir"/hosts/*/; do
    [ -d "$folder" ] || continue
    basename "$folder"
  done
}

running_hosts() {
  local host
  for host in $(known_hosts_names); do
    if recorded_pid "$(host_dir "$host")/pid" >/dev/null; then echo "$host"; fi
  done
}
