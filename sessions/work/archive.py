"""Whole trees of a session as tar streams, down and up. It is the session's own tar that packs and unpacks, in there."""

from __future__ import annotations

import contextlib
import posixpath
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Final

from engines.errors import InvalidInput
from sessions.work.commands import STDERR, Ask, stream
from sessions.work.errors import FileRefused, NoSuchFile
from sessions.work.files import CALM, path_of
from sessions.work.kept import Kept
from sessions.work.place import Place

LIMIT_BYTES: Final = 1024**3
TIMEOUT_S: Final = 3600.0
PACK: Final = """\
case $(readlink -f -- "$1/$2") in
/run/vibenv/secrets | /run/vibenv/secrets/*) echo "Secrets are not given out" >&2; exit 21 ;;
esac
[ -e "$1/$2" ] || [ -L "$1/$2" ] || { echo "No such file or directory" >&2; exit 20; }
exec tar -cf - --one-file-system -C "$1" -- "$2"
"""
UNPACK: Final = 'mkdir -p -- "$1" && exec tar -xf - --no-same-owner -C "$1"'


async def pack(place: Place, path: str) -> AsyncGenerator[bytes, None]:
    """A tar stream of what is at `path`, which is named by its last part. Its errors come before its first byte.

    Raises `NoSuchFile`, `FileRefused`; beyond `LIMIT_BYTES` the stream breaks off by the latter.
    """
    directory, name = posixpath.split(path_of(path).rstrip("/") or "/.")
    ask = Ask(["sh", "-c", PACK, "sh", directory or "/", name], environment=CALM, timeout_s=TIMEOUT_S, raw=True)
    said, sent = Kept(8192), 0
    code: int | None = None
    async with contextlib.aclosing(stream(place, ask)) as parts:
        async for part in parts:
            if not isinstance(part, tuple):
                code = part
            elif part[0] == STDERR:
                said.add(part[1])
            else:
                sent += len(part[1])
                if sent > LIMIT_BYTES:
                    raise FileRefused(f"{path} is larger than {LIMIT_BYTES // 1024**2} MiB; take a part of it.")
                yield part[1]
    _told(code, said, path)


async def unpack(place: Place, path: str, source: AsyncIterator[bytes]) -> None:
    """Raises `FileRefused`, `InvalidInput`: what came before that stays there."""
    ask = Ask(["sh", "-c", UNPACK, "sh", path_of(path)], environment=CALM, timeout_s=TIMEOUT_S, raw=True)
    said = Kept(8192)
    code: int | None = None
    taken = _Bounded(source)
    async with contextlib.aclosing(stream(place, ask, taken.parts())) as parts:
        async for part in parts:
            if isinstance(part, tuple):
                said.add(part[1])
            else:
                code = part
    if taken.too_large:
        raise InvalidInput(f"A tar stream takes at most {LIMIT_BYTES // 1024**2} MiB; send less at once.")
    _told(code, said, path)


class _Bounded:
    def __init__(self, source: AsyncIterator[bytes]) -> None:
        self._source = source
        self.too_large = False

    async def parts(self) -> AsyncIterator[bytes]:
        taken = 0
        async for part in self._source:
            taken += len(part)
            if taken > LIMIT_BYTES:
                self.too_large = True
                return
            yield part


def _told(code: int | None, said: Kept, path: str) -> None:
    if code == 0:
        return
    lines = said.value().decode(errors="replace").strip().splitlines()
    why = lines[0].removeprefix("tar: ") if lines else "the command did not end well"
    if code == 20:
        raise NoSuchFile(f"{path}: {why}.")
    raise FileRefused(f"{path}: {why}.")
