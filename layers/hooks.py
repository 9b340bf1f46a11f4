"""What makes shells in a session find its profile and toolchains: a file in the base, read by every shell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from layers.mounts import PROFILE, TOOLCHAINS

PATH: Final = "/etc/vibenv/shell"
SHELL: Final = f"""\
# Read by every shell of a session: programs of its profile and toolchains, what those want to be known, dotfiles.
for __vibenv in {TOOLCHAINS}/*/bin {PROFILE}/bin; do
  [ -d "$__vibenv" ] || continue
  case ":$PATH:" in *":$__vibenv:"*) ;; *) PATH="$__vibenv:$PATH" ;; esac
done
for __vibenv in {TOOLCHAINS}/*/env.sh; do [ ! -r "$__vibenv" ] || . "$__vibenv"; done
export PATH
unset __vibenv
case $- in
  *i*)
    [ ! -d {PROFILE}/home ] || sh {PATH}-home
    if [ -z "${{__vibenv_read-}}" ] && [ -r {PROFILE}/shell.sh ]; then
      __vibenv_read=1
      . {PROFILE}/shell.sh
    fi
    ;;
esac
"""
# Links for what the profile has and the home has not; links of ours to what a newer profile has no more go.
HOME: Final = f"""\
cd {PROFILE}/home || exit 0
find . ! -type d | while read -r file; do
  [ -e "$HOME/$file" ] || [ -L "$HOME/$file" ] && continue
  mkdir -p "$HOME/${{file%/*}}" && ln -s "{PROFILE}/home/${{file#./}}" "$HOME/$file"
done
find "$HOME" -maxdepth 4 -xtype l -lname '{PROFILE}/home/*' -delete 2> /dev/null
:
"""


USUAL: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def environment(toolchains: Iterable[str]) -> dict[str, str]:
    """Variables of a container with a profile and these toolchains, for commands that no shell of ours runs."""
    own = [f"{PROFILE}/bin", *(f"{TOOLCHAINS}/{name}/bin" for name in toolchains)]
    return {"PATH": ":".join([*own, USUAL])}


def install() -> str:
    """Shell that puts it into a base, however often."""
    return f"""
mkdir -p /etc/vibenv /etc/profile.d
cat > {PATH} <<'END-OF-HOOK'
{SHELL}END-OF-HOOK
cat > {PATH}-home <<'END-OF-HOOK'
{HOME}END-OF-HOOK
printf '. {PATH}\\n' > /etc/profile.d/zz-vibenv.sh
for rc in /etc/bash.bashrc /etc/zsh/zshrc; do
  [ ! -d "${{rc%/*}}" ] || grep -qs '^. {PATH}$' "$rc" || printf '\\n. {PATH}\\n' >> "$rc"
done
"""
