# shellcheck shell=bash disable=SC2154 # variables come from config.sh
# The root image: named after everything that goes into it, built aside and renamed, so a half-built one is never seen.

image_path() { echo "$images_dir/$(recipe_hash "$1")-$1.img"; }

recipe_hash() { # plain|python
  local skip=packages-python
  [ "$1" = plain ] || skip=none
  (
    cd "$recipe_dir"
    find . -type f ! -name "$skip" -print0 | sort -z | xargs -0 sha256sum
    find . -type f ! -name "$skip" -perm /100 | sort
    dpkg-query -W -f '${Version}\n' user-mode-linux 2>/dev/null || true
  ) | sha256sum | cut -c1-16
}

build_image() { # plain|python
  local image
  image=$(image_path "$1")
  [ ! -f "$image" ] || return 0
  mkdir -p "$images_dir"
  (
    flock 9
    # Another checkout may have built it while this one waited.
    [ ! -f "$image" ] || exit 0
    rm -rf --one-file-system "$images_dir"/build.*
    say "building the $1 root image (some minutes, once for this recipe; log: ${image%.img}.log)"
    local started=$SECONDS work
    work=$(mktemp -d "$images_dir/build.XXXXXX")
    if ! (set -e; write_image "$1" "$work") >"${image%.img}.log" 2>&1 9>&-; then
      tail -n 30 "${image%.img}.log" >&2
      rm -rf --one-file-system "$work"
      die "the root image could not be built, see ${image%.img}.log"
    fi
    chmod 444 "$work/root.img"
    mv "$work/root.img" "$image"
    rm -rf --one-file-system "$work"
    say "built $image in $((SECONDS - started)) s"
  ) 9>"$images_dir/lock"
}

write_image() { # KIND FOLDER
  local tree=$2/tree lists=("$recipe_dir/packages") packages
  [ "$1" = plain ] || lists+=("$recipe_dir/packages-python")
  packages=$(sed 's/#.*//' "${lists[@]}" | xargs | tr ' ' ,)
  # The image is fetched the way this machine fetches: same mirror, same proxy, same opinion on its clock.
  apt-config dump | grep -E '^Acquire::(Check-|Retries|https?::|http::)' | grep -v '""' >"$2/apt.conf" || true
  # In a mount namespace of its own, or a killed build would leave /proc mounted in the tree.
  unshare --mount mmdebstrap --mode=root --variant=minbase --format=directory --include="$packages" --aptopt="$2/apt.conf" \
    --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' trixie "$tree" "deb $(debian_mirror) trixie main"
  "$recipe_dir/setup" "$tree" "$recipe_dir" /usr/lib/uml/modules
  truncate -s 6G "$2/root.img"
  # Nothing is left for the kernel to initialise lazily: it would do so in the disk of every single host.
  mke2fs -q -t ext4 -m 0 -N 300000 -E lazy_itable_init=0,lazy_journal_init=0 -d "$tree" "$2/root.img"
}

# The mirror this machine's own apt has for Debian's main archive.
debian_mirror() {
  local codename mirror
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  # shellcheck disable=SC2016 # apt fills these in
  mirror=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk -v codename="$codename" '($1 == codename || $1 == "stable") && $2 == "main" { print $3; exit }')
  [ -n "$mirror" ] || die "apt of this machine has no source for $codename main"
  echo "$mirror"
}

# Images are shared by checkouts, so the disks of all of them count.
prune_images() {
  local image
  for image in "$images_dir"/*.img; do
    [ "$image" != "$(image_path plain)" ] && [ "$image" != "$(image_path python)" ] || continue
    cat /var/tmp/vbx-lab-*/hosts/*/image 2>/dev/null | grep -qxF "$image" || rm -fv "$image" "${image%.img}.log"
  done
}
