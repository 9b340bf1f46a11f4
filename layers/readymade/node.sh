registry=${NPM_CONFIG_REGISTRY:-https://registry.npmjs.org}; registry=${registry%/}
newest() { # PACKAGE VERSION: the highest that begins so and is no pre-release
  get -H 'Accept: application/vnd.npm.install-v1+json' "$registry/$1" | grep -oE '"version": ?"[0-9.]+"' |
    grep -oE '[0-9.]+' | grep -E "^$2(\.|$)" | sort -V | tail -n 1
}
found=$(newest "node-linux-$arch" "${VERSION:-[0-9]+}")
[ -n "$found" ] || give_up "The npm registry has no Node.js $VERSION for $arch. Give a version such as 22."
say "Node.js $found"
get "$registry/node-linux-$arch/-/node-linux-$arch-$found.tgz" | tar -xz -C "$PREFIX" --strip-components=1
if ! "$PREFIX/bin/node" --version > /dev/null 2>&1; then # newer ones want a library that a small system has not
  debs /tmp/debian libatomic1
  apt-get install -y -qq --no-install-recommends patchelf > /dev/null
  mkdir -p "$PREFIX/lib"
  cp -a /tmp/debian/usr/lib/$triple/libatomic.so.1* "$PREFIX/lib/"
  patchelf --set-rpath '$ORIGIN/../lib' "$PREFIX/bin/node"
fi
npm=$(get -H 'Accept: application/json' "$registry/npm/latest" | grep -oE '"version": ?"[0-9.]+"' | head -n 1 | grep -oE '[0-9.]+')
case "$found" in 1[0-9].*) npm=10.9.2 ;; esac # what newer ones want, older ones have not
say "npm $npm"
mkdir -p "$PREFIX/lib/node_modules/npm"
get "$registry/npm/-/npm-$npm.tgz" | tar -xz -C "$PREFIX/lib/node_modules/npm" --strip-components=1
for tool in npm npx; do ln -sf "../lib/node_modules/npm/bin/$tool-cli.js" "$PREFIX/bin/$tool"; chmod +x "$PREFIX/lib/node_modules/npm/bin/$tool-cli.js"; done
cat > "$PREFIX/env.sh" <<'END'
export npm_config_prefix="${npm_config_prefix:-$HOME/.npm-global}"
case ":$PATH:" in *":$HOME/.npm-global/bin:"*) ;; *) PATH="$PATH:$HOME/.npm-global/bin" ;; esac
END
PATH="$PREFIX/bin:$PATH"
node -e 'console.log(`node ${process.version}`)'
npm --version
