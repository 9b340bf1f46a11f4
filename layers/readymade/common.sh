get() { curl -fsSL --retry 3 --connect-timeout 15 --max-time 600 "$@"; }
say() { printf '%s\n' "$*"; }
give_up() { say "$*"; exit 1; }
case "$(uname -m)" in
  x86_64) arch=x64 goarch=amd64 triple=x86_64-linux-gnu ;;
  aarch64) arch=arm64 goarch=arm64 triple=aarch64-linux-gnu ;;
  *) give_up "There is no ready-made toolchain for $(uname -m)." ;;
esac
# Debian's packages and what they need, unpacked into a folder: no script of theirs runs.
debs() { # FOLDER PACKAGE...
  to=$1; shift
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends --download-only --reinstall -o Dir::Cache::archives=/tmp/debs "$@" > /dev/null
  for deb in /tmp/debs/*.deb; do dpkg-deb -x "$deb" "$to"; done
  rm -rf /tmp/debs
}
