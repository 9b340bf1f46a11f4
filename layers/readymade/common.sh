get() { curl -fsSL --retry 3 --connect-timeout 15 --max-time 600 "$@"; }
say() { printf '%s\n' "$*"; }
give_up() { say "$*"; exit 1; }
case "$(uname -m)" in
  x86_64) arch=x64 goarch=amd64 triple=x86_64-linux-gnu ;;
  aarch64) arch=arm64 goarch=arm64 triple=aarch64-linux-gnu ;;
  *) give_up "There is no ready-made toolchain for $(uname -m)." ;;
esac
# Debian's packages with all they need, unpacked into a folder: no script of theirs runs.
debs() { # FOLDER PACKAGE...
  to=$1; shift
  mkdir -p /tmp/debs "$to"
  apt-get update -qq
  all=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$@" |
    grep -E '^[a-z0-9]' | sort -u)
  wanted="$*"
  for package in $all; do
    case "$package" in
      libc-bin | libpam* | libsystemd* | libapt* | libdebconf*) continue ;; # the system's own
      lib* | linux-libc-dev | gcc* | cpp* | binutils* | python3* | rustc | cargo | media-types | tzdata) ;;
      *) continue ;;
    esac
    apt-cache show --quiet=0 "$package" 2> /dev/null | grep -q '^Filename' && wanted="$wanted $package"
  done
  # shellcheck disable=SC2086
  (cd /tmp/debs && apt-get download -qq $(printf '%s\n' $wanted | sort -u))
  for deb in /tmp/debs/*.deb; do dpkg-deb -x "$deb" "$to"; done
  rm -rf /tmp/debs
}
