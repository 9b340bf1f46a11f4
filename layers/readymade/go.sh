proxy=${GOPROXY:-https://proxy.golang.org}; proxy=${proxy%%,*}; proxy=${proxy%%|*}; proxy=${proxy%/}
case "$proxy" in http*) ;; *) proxy=https://proxy.golang.org ;; esac
found=$(get "$proxy/golang.org/toolchain/@v/list" | sed -n "s/^v0.0.1-go\([0-9.]*\)\.linux-$goarch\$/\1/p" |
  grep -E "^${VERSION:-1}(\.|$)" | sort -V | tail -n 1)
[ -n "$found" ] || give_up "The module proxy has no Go $VERSION for $goarch. Give a version such as 1.24."
say "Go $found"
apt-get update -qq; apt-get install -y -qq --no-install-recommends unzip > /dev/null
get -o /tmp/go.zip "$proxy/golang.org/toolchain/@v/v0.0.1-go$found.linux-$goarch.zip"
unzip -q /tmp/go.zip -d /tmp/go
mv "/tmp/go/golang.org/toolchain@v0.0.1-go$found.linux-$goarch"/* "$PREFIX/"
chmod -R u+w "$PREFIX"; chmod +x "$PREFIX"/bin/* "$PREFIX"/pkg/tool/*/*
cat > "$PREFIX/env.sh" <<'END'
case ":$PATH:" in *":$HOME/go/bin:"*) ;; *) PATH="$PATH:$HOME/go/bin" ;; esac
END
mkdir /tmp/hello; cd /tmp/hello
printf 'package main\nfunc main() { println("go works") }\n' > main.go
GOTOOLCHAIN=local "$PREFIX/bin/go" run main.go
