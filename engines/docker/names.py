"""How the main process of an anonymous container waits for the name that `binder` gives it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

# Ahead of the command of an anonymous container, `"$@"`. A file in the FIFO's place says that it went on. One that was
# named before goes on by itself, so that somebody can start it by hand.
WAIT: Final = """waits=/dev/shm/vibenv-name last=/run/vibenv/name
rm -f "$waits"; mkdir -p /run/vibenv && mkfifo -m 600 "$waits" || exit 1
if [ -s "$last" ]; then name=$(timeout 10 cat "$waits") || read -r name <"$last"; else read -r name <"$waits"; fi
echo "$name" >"$last"; rm -f "$waits"; echo "$name" >"$waits"
export VIBENV_SESSION="$name" HOSTNAME="$name"
unset waits last name
exec "$@"
"""


def waiting(command: Sequence[str]) -> list[str]:
    """A command that starts once it has a name, which it finds in `VIBENV_SESSION`."""
    return ["sh", "-c", WAIT, "sh", *command]
