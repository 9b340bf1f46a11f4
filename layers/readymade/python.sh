wheel /tmp/uv uv
need patchelf
mkdir -p "$PREFIX/bin"
install -m 755 /tmp/uv/bin/uv /tmp/uv/bin/uvx "$PREFIX/bin/"
"$PREFIX/bin/uv" --version
# a Python of its own where its builds can be had, else Debian's
export UV_PYTHON_INSTALL_DIR="$PREFIX/python" UV_HTTP_TIMEOUT=60
if get --head --max-time 15 -o /dev/null https://github.com/astral-sh/python-build-standalone/releases/latest 2> /dev/null &&
  "$PREFIX/bin/uv" python install ${VERSION:+"$VERSION"}; then
  python=$("$PREFIX/bin/uv" python find --no-project --python-preference only-managed ${VERSION:+"$VERSION"})
  ln -s "$python" "$PREFIX/bin/python3"
else
  say "Python's own builds cannot be reached: Debian's is taken."
  debs /tmp/debian python3 python3-venv python3-pip libpython3-stdlib
  python=$(find /tmp/debian/usr/bin -name 'python3.*' -type f | grep -E 'python3\.[0-9]+$' | head -n 1)
  version=${python##*python}
  case "$version." in "${VERSION:-3}".*) ;; *)
    give_up "Python $VERSION cannot be had here: its builds are at github.com, which cannot be reached, and Debian has $version." ;;
  esac
  mkdir -p "$PREFIX/lib"
  install -m 755 "$python" "$PREFIX/bin/"
  cp -a "/tmp/debian/usr/lib/python$version" /tmp/debian/usr/lib/python3 "/tmp/debian/usr/lib/$triple" "$PREFIX/lib/"
  [ ! -d "/tmp/debian/lib/$triple" ] || cp -an "/tmp/debian/lib/$triple/." "$PREFIX/lib/$triple/"
  # the C library and its loader belong together: they stay the system's
  for name in libc.so* libm.so* libdl.so* librt.so* libpthread.so* ld-linux* libresolv.so* libnss_* libutil.so* libmvec.so*; do
    rm -f "$PREFIX/lib/$triple"/$name
  done
  # other libraries are found beside it, wherever it lies
  find "$PREFIX/bin/python$version" "$PREFIX/lib" -type f \( -name '*.so*' -o -name "python$version" \) | while read -r file; do
    up=$(dirname "${file#"$PREFIX/"}" | sed 's#[^/][^/]*#..#g')
    patchelf --set-rpath "\$ORIGIN/$up/lib/$triple" "$file" 2> /dev/null || true
  done
  rm -f "$PREFIX"/lib/python3*/EXTERNALLY-MANAGED
  ln -s "python$version" "$PREFIX/bin/python3"
fi
ln -s python3 "$PREFIX/bin/python"
cat > "$PREFIX/env.sh" <<'END'
export UV_PYTHON_PREFERENCE="${UV_PYTHON_PREFERENCE:-system}"
case ":$PATH:" in *":$HOME/.local/bin:"*) ;; *) PATH="$HOME/.local/bin:$PATH" ;; esac
END
cd /tmp
"$PREFIX/bin/python3" -c 'import ssl, sqlite3, sys, venv; print("Python", sys.version.split()[0])'
"$PREFIX/bin/uv" venv --quiet --python "$PREFIX/bin/python3" /tmp/venv
/tmp/venv/bin/python -c 'import ssl, sqlite3; print("a venv of it works")'
