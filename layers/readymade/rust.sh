export RUSTUP_HOME="$PREFIX/rustup" CARGO_HOME="$PREFIX/cargo"
rustup=${RUSTUP_DIST_SERVER:-https://static.rust-lang.org}/rustup/dist/$(uname -m)-unknown-linux-gnu/rustup-init
# a linker and the C library's headers, without which nothing can be linked
debs "$PREFIX/debian" gcc libc6-dev
mkdir -p "$PREFIX/bin"
cat > "$PREFIX/bin/cc" <<END
#!/bin/sh
root=$PREFIX/debian
export LD_LIBRARY_PATH="\$root/usr/lib/$triple\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
gcc=\$(ls "\$root"/usr/bin/*-gcc-[0-9]* | head -n 1)
exec "\$gcc" --sysroot="\$root" -B"\$root/usr/bin" -B"\$root/usr/lib/$triple" "\$@"
END
chmod +x "$PREFIX/bin/cc"
# links that Debian has from the root of the system lead into the folder instead
find "$PREFIX/debian" -type l | while read -r link; do
  target=$(readlink "$link")
  case "$target" in /*) ln -sfn "$PREFIX/debian$target" "$link" ;; esac
done
for folder in lib lib64; do
  [ -e "$PREFIX/debian/$folder" ] || ln -s "usr/$folder" "$PREFIX/debian/$folder"
done
if get --max-time 60 -o /tmp/rustup-init "$rustup" 2> /dev/null; then
  chmod +x /tmp/rustup-init
  /tmp/rustup-init -y --no-modify-path --profile minimal -c clippy -c rustfmt --default-toolchain "${VERSION:-stable}"
  for tool in "$CARGO_HOME"/bin/*; do ln -sf "../cargo/bin/${tool##*/}" "$PREFIX/bin/"; done
else
  say "rustup cannot be reached: Debian's Rust is taken."
  debs "$PREFIX/debian" rustc cargo libstd-rust-dev
  found=$(LD_LIBRARY_PATH="$PREFIX/debian/usr/lib/$triple" "$PREFIX/debian/usr/bin/rustc" --version | cut -d' ' -f2)
  case "$found." in "${VERSION:-1}".*) ;; *)
    give_up "Rust $VERSION cannot be had here: rustup cannot be reached, and Debian has $found." ;;
  esac
  for tool in rustc rustdoc cargo; do
    printf '#!/bin/sh\nexport LD_LIBRARY_PATH="%s/debian/usr/lib/%s${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"\nexec %s/debian/usr/bin/%s "$@"\n' \
      "$PREFIX" "$triple" "$PREFIX" "$tool" > "$PREFIX/bin/$tool"
    chmod +x "$PREFIX/bin/$tool"
  done
fi
# what linking takes is kept; no documentation, no checks of memory, no optimizing across files by gcc
rm -rf "$PREFIX"/debian/usr/share/* "$PREFIX"/rustup/toolchains/*/share
find "$PREFIX/debian" \( -name '*lto-dump*' -o -name 'lto1' -o -name 'lib[alt]san*' -o -name 'libubsan*' -o -name 'libhwasan*' \
  -o -name 'libgprofng*' \) ! -type d -delete
cat > "$PREFIX/env.sh" <<END
export RUSTUP_HOME="\${RUSTUP_HOME:-$PREFIX/rustup}" CARGO_HOME="\${CARGO_HOME:-\$HOME/.cargo}"
case ":\$PATH:" in *":\$HOME/.cargo/bin:"*) ;; *) PATH="\$PATH:\$HOME/.cargo/bin" ;; esac
END
export CARGO_HOME=/tmp/cargo PATH="$PREFIX/bin:$PATH"
cd /tmp && cargo new --quiet --vcs none hello && cd hello && cargo run --quiet
