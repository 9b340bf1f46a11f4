"""Files of a session: read, written, listed, by a command in it, so that they are seen as its processes see them."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Final

from engines.errors import InvalidInput
from sessions.work.commands import Ask, Ended, execute
from sessions.work.errors import FileRefused, NoSuchFile
from sessions.work.place import Place

FILE_BYTES: Final = 16 * 1024**2
ENTRIES: Final = 10_000
TIMEOUT_S: Final = 60.0
CALM: Final = {"LC_ALL": "C"}  # messages as they are read here

READ: Final = """\
case $(readlink -f -- "$1") in
/run/vibenv/secrets | /run/vibenv/secrets/*) echo "Secrets are not given out" >&2; exit 21 ;;
esac
[ -e "$1" ] || { echo "No such file or directory" >&2; exit 20; }
[ ! -d "$1" ] || { echo "It is a directory" >&2; exit 21; }
[ -f "$1" ] || { echo "It is no regular file" >&2; exit 21; }
[ -r "$1" ] || { echo "Permission denied" >&2; exit 21; }
stat -Lc '%s %a' -- "$1" || exit 21
if [ "$2" = 0 ]; then exec head -c "$3" -- "$1"; fi
tail -c "+$(($2 + 1))" -- "$1" | head -c "$3"
"""
# Beside it first, then in its place: nobody reads half of it, and what was there stays if there is no room.
WRITE: Final = """\
f=$1
[ ! -d "$f" ] || { echo "It is a directory" >&2; exit 21; }
[ ! -L "$f" ] || f=$(readlink -f -- "$f") || { echo "It is a link to nowhere" >&2; exit 21; }
[ ! -e "$f" ] || [ -f "$f" ] || { echo "It is no regular file" >&2; exit 21; }
case $f in */*) d=${f%/*}/ ;; *) d=./ ;; esac
mkdir -p -- "$d" && t=$(mktemp -- "$d.vibenv-XXXXXX") || exit 21
trap 'rm -f -- "$t"' EXIT
cat > "$t" || exit 21
[ "$(stat -c %s -- "$t")" = "$2" ] || { echo "It did not come whole" >&2; exit 21; }
if [ -n "$3" ]; then chmod -- "$3" "$t" || exit 21
elif [ -e "$f" ]; then chmod --reference="$f" -- "$t"
else chmod -- "$(printf %o $((0666 & ~0$(umask))))" "$t"; fi
[ ! -e "$f" ] || chown --reference="$f" -- "$t" 2>/dev/null
mv -fT -- "$t" "$f" 2>/dev/null || cat "$t" > "$f" || exit 21
"""
LIST: Final = """\
[ -e "$1" ] || { echo "No such file or directory" >&2; exit 20; }
[ -d "$1" ] || { echo "It is no directory" >&2; exit 21; }
exec find "$1/" -mindepth 1 -maxdepth 1 -printf '%y\\0%s\\0%m\\0%T@\\0%l\\0%f\\0'
"""
KINDS: Final = {"f": "file", "d": "directory", "l": "link"}


@dataclass(frozen=True, slots=True)
class Content:
    """A part of a file: `data` from `offset` on, of `size` bytes in all. `mode` is octal."""

    data: bytes
    offset: int
    size: int
    mode: str


def path_of(given: str) -> str:
    """Relative ones are in /workspace. Raises `InvalidInput`."""
    if not given or "\0" in given or len(given.encode()) > 4096:
        raise InvalidInput("path: is empty, too long, or has a zero byte in it.")
    return given if given.startswith("/") else f"./{given}"


async def read(place: Place, path: str, offset: int = 0, limit: int = FILE_BYTES) -> Content:
    """Raises `NoSuchFile`, `FileRefused`, `InvalidInput`. Of what is larger than `limit`, as much."""
    if not (0 <= offset < 2**62 and 0 < limit <= FILE_BYTES):
        raise InvalidInput(f"offset, limit: from 0 on, and 1 to {FILE_BYTES} bytes at once.")
    done = await _script(place, READ, path_of(path), str(offset), str(limit), room=FILE_BYTES + 100)
    _told(done, path)
    about, _, data = done.stdout.partition(b"\n")
    size, mode = about.decode().split(" ")
    return Content(data, offset, int(size), mode)


async def write(place: Place, path: str, data: bytes, mode: str = "") -> None:
    """Whole or not at all; directories on the way are made. Raises `FileRefused`, `InvalidInput`."""
    if len(data) > FILE_BYTES:
        raise InvalidInput(f"A file takes at most {FILE_BYTES // 1024**2} MiB here; send a larger one as a tar stream.")
    if mode and (len(mode) > 4 or any(digit not in "01234567" for digit in mode)):
        raise InvalidInput(f"mode: is {mode!r}; it takes octal digits, as 755.")
    _told(await _script(place, WRITE, path_of(path), str(len(data)), mode, stdin=data), path)


async def entries(place: Place, path: str) -> dict[str, Any]:
    """`{entries: [{name, kind, size, mode, modified, target}], truncated}`, by name. Raises `NoSuchFile`, `FileRefused`."""
    done = await _script(place, LIST, path_of(path), room=8 * 1024**2)
    _told(done, path)
    fields = done.stdout.split(b"\0")[:-1] if not done.omitted else []
    if done.omitted:
        raise FileRefused(f"{path} has too many entries to list; use a command.")
    rows = [_entry(fields[at : at + 6]) for at in range(0, len(fields) - 5, 6)]
    rows.sort(key=lambda row: str(row["name"]))
    return {"entries": rows[:ENTRIES], "truncated": len(rows) > ENTRIES}


def _entry(fields: list[bytes]) -> dict[str, Any]:
    kind, size, mode, modified, target, name = fields
    return {
        "name": name.decode(errors="replace"),
        "kind": KINDS.get(kind.decode(), "other"),
        "size": int(size),
        "mode": mode.decode(),
        "modified": float(modified),
        "target": target.decode(errors="replace"),
    }


def text_or_base64(data: bytes) -> dict[str, str]:
    """`{"text"}` of what is UTF-8, else `{"base64"}`."""
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


async def _script(place: Place, script: str, *arguments: str, stdin: bytes = b"", room: int = 64 * 1024) -> Ended:
    ask = Ask(["sh", "-c", script, "sh", *arguments], environment=CALM, stdin=stdin, timeout_s=TIMEOUT_S, raw=True)
    return await execute(place, ask, limit=2 * room)


def _told(done: Ended, path: str) -> None:
    """Raise what a script says."""
    if done.exit_code == 0:
        return
    if done.timed_out:
        raise FileRefused(f"{path}: the session took longer than {TIMEOUT_S:g} s. Try again.")
    said = done.stderr.decode(errors="replace").strip().splitlines()
    why = said[-1] if said else f"the command ended with {done.exit_code}"
    if done.exit_code == 20:
        raise NoSuchFile(f"{path}: {why}.")
    raise FileRefused(f"{path}: {why}.")
