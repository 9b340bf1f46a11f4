"""What makes shells in a session find its profile and toolchains: a file in the base, read by every shell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from layers.mounts import PROFILE, TOOLCHAINS

PATH: Final = "/etc/vibenv/shell"
SHELL: Final = f"""\
# Read by every shell of a session: programs of its profile and toolchains, what those want to be known, dotfiles.
__vibenv_layers() {{
  [ -z "${{ZSH_VERSION-}}" ] || emulate -L sh # in zsh's own way, a pattern that nothing matches is an error
  for __vibenv in {TOOLCHAINS}/*/bin {PROFILE}/bin; do
    [ -d "$__vibenv" ] || continue
    case ":$PATH:" in *":$__vibenv:"*) ;; *) PATH="$__vibenv:$PATH" ;; esac
  done
  for __vibenv in {TOOLCHAINS}/*/env.sh; do [ ! -r "$__vibenv" ] || . "$__vibenv"; done
  export PATH
  unset __vibenv
}}
__vibenv_layers
unset -f __vibenv_layers
case $- in
  *i*)
    if [ -z "${{__vibenv_read-}}" ]; then
      __vibenv_read=1
      sh {PATH}-home
      [ ! -r {PROFILE}/shell.sh ] || . {PROFILE}/shell.sh
    fi
    ;;
esac
"""
# Links for what the profile has and the home has not, or only as the system made it; links of ours to what a newer
# profile has no more go. The list spares looking through the home for them.
HOME: Final = f"""\
made=$HOME/.local/state/vibenv-links
stock() {{
  for from in "/usr/share/base-files/dot$1" "/etc/skel/$1"; do [ ! -f "$from" ] || {{ echo "$from"; return; }}; done
}}
if [ -f "$made" ]; then
  while read -r file; do
    [ -L "$HOME/$file" ] && [ ! -e "$HOME/$file" ] || continue
    case $(readlink "$HOME/$file") in {PROFILE}/home/*) rm -f "$HOME/$file" ;; *) continue ;; esac
    from=$(stock "$file")
    [ -z "$from" ] || cp "$from" "$HOME/$file"
  done < "$made"
fi
cd {PROFILE}/home 2> /dev/null || exit 0
find . ! -type d | while read -r file; do
  file=${{file#./}}
  if [ -e "$HOME/$file" ] || [ -L "$HOME/$file" ]; then
    case $file in .bashrc | .profile | .zshrc) ;; *) continue ;; esac
    [ ! -L "$HOME/$file" ] && cmp -s "$HOME/$file" "$(stock "$file")" && rm -f "$HOME/$file" || continue
  fi
  {{ mkdir -p "$HOME/${{file%"${{file##*/}}"}}" "${{made%/*}}" && ln -s "{PROFILE}/home/$file" "$HOME/$file" &&
    printf '%s\\n' "$file" >> "$made"; }} 2> /dev/null
done
:
"""
# Has every shell that is there read it. Again after packages came, which may have brought another shell.
READ_IT: Final = f"""\
for rc in /etc/bash.bashrc /etc/bashrc /etc/zsh/zshrc /etc/zshrc; do
  case $rc in
    /etc/bash.bashrc) ;;
    /etc/zsh/zshrc) [ -d /etc/zsh ] || continue ;;
    *) [ -f "$rc" ] || continue ;;
  esac
  grep -qs '^. {PATH}$' "$rc" || printf '\\n. {PATH}\\n' >> "$rc"
done
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
cat > {PATH}-read <<'END-OF-HOOK'
{READ_IT}END-OF-HOOK
printf '. {PATH}\\n' > /etc/profile.d/zz-vibenv.sh
[ ! -d /etc/apt/apt.conf.d ] || echo 'DPkg::Post-Invoke {{"sh {PATH}-read || true";}};' > /etc/apt/apt.conf.d/91vibenv-shells
sh {PATH}-read
"""


def at_start() -> str:
    """Shell that has it in a container of an image that vibenv did not make, as far as its user may write there."""
    return f"[ -e {PATH} ] || ({install()}) 2> /dev/null\n"
