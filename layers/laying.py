"""What is put above all other layers of an image, and what goes from it: gathered, then done in a workshop."""

from __future__ import annotations

import contextlib
import io
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import IO, Final

from engines.current import engine
from engines.errors import BuildError, EngineError
from engines.protocol import ImageReader, Workshop, WorkshopSpec
from layers import listings
from layers.builders.bases import CAPABILITIES

WORK: Final = "/.vibenv-laying"
DROP: Final = "drop"
GIVE: Final = "give"
SETTLE: Final = "settle"
SPOOL_BYTES: Final = 16 * 1024**2
TICK_S: Final = 0.2
TIMEOUT_S: Final = 120
MOST_OUTPUT: Final = 16 * 1024**2
FAILED: Final = "What it wrote could not be laid over the new layers"
# Files first, then what they leave empty: the list has what is deeper ahead.
FINISH: Final = f"""
if [ -s {WORK}/{DROP} ]; then
  xargs -0 rm -f < {WORK}/{DROP} 2> /dev/null
  xargs -0 -n 1 rmdir < {WORK}/{DROP} 2> /dev/null
fi
if [ -s {WORK}/{GIVE} ]; then
  xargs -0 -n 3 sh -c '
    [ "$(stat -c %u:%g "$2")" = "$0" ] || exit 0
    mode=$(stat -c %a "$2"); chown -h "$1" "$2"; [ -L "$2" ] || chmod "$mode" "$2"' < {WORK}/{GIVE}
fi
if [ -s {WORK}/{SETTLE} ]; then
  xargs -0 -n 1 sh -c '
    [ "$(head -n 1 "/var/lib/dpkg/alternatives/$0")" = manual ] && [ -e "/etc/alternatives/$0" ] ||
      update-alternatives --auto "$0" > /dev/null 2>&1' < {WORK}/{SETTLE}
fi
"""
ASK: Final = """
xargs -0 sh -c 'for each; do if [ -e "$each" ] || [ -L "$each" ]; then printf "%s\\0" "$each"; fi; done' - < /asked
"""


class Laying:
    """One at a time: `gathered` is closed with its block."""

    def __init__(self, spool: IO[bytes], tar: tarfile.TarFile) -> None:
        self._spool = spool
        self._tar = tar
        self._lists: dict[str, list[str]] = {DROP: [], GIVE: [], SETTLE: []}

    # gather -------------------------------------------------------------------------------------------
    def put(self, path: str, content: bytes, mode: int = 0o644, group: int = 0) -> None:
        member = tarfile.TarInfo(path.lstrip("/"))
        member.size, member.mode, member.gid = len(content), mode, group
        self._tar.addfile(member, io.BytesIO(content))

    def drop(self, paths: Iterable[str]) -> None:
        """Files; and folders, when nothing is left in them. What is in a folder must come before it."""
        self._lists[DROP] += paths

    def give(self, image: str, owner: Callable[[int, int], tuple[int, int] | None]) -> None:
        """Files of an image to other users and groups, by number, unless somebody else has them meanwhile."""
        with engine().open_image(image) as reader, reader.tree("/") as tar:
            for member in tar:
                to = owner(member.uid, member.gid)
                if to is not None:
                    path = listings.place("/", member.name)
                    self._lists[GIVE] += [f"{member.uid}:{member.gid}", f"{to[0]}:{to[1]}", path]

    def settle(self, names: Iterable[str]) -> None:
        """Alternatives of which the best is to be found anew."""
        self._lists[SETTLE] += names

    def copy(self, image: str, root: str, places: Mapping[str, str]) -> None:
        """Files of the tree at `root` of an image, to where they go."""
        if not places:
            return
        with engine().open_image(image) as reader, reader.tree(root) as source:
            for member in source:
                to = places.get(listings.place(root, member.name))
                if to is not None:
                    self._copy(reader, source, member, to, listings.place(root, member.linkname))

    def _copy(
        self, reader: ImageReader, source: tarfile.TarFile, member: tarfile.TarInfo, to: str, target: str
    ) -> None:
        member.name = to.lstrip("/")
        if not member.islnk():
            self._tar.addfile(member, source.extractfile(member) if member.isreg() else None)
            return
        with reader.tree(target) as other:  # which may go elsewhere, or nowhere
            for twin in other:
                twin.name = member.name
                self._tar.addfile(twin, other.extractfile(twin))

    # do -----------------------------------------------------------------------------------------------
    def make(self, image: str, made: str, labels: Mapping[str, str], *, workshop: str, script: str) -> str:
        """Make the image `made` of it all upon `image`, and say what the script said, which is run last.

        Raises `BuildError` or `EngineError`.
        """
        for name, items in self._lists.items():
            self.put(f"{WORK}/{name}", _listed(items))
        self._tar.close()
        self._spool.seek(0)
        with _opened(image, f"{FINISH}\n{script}\nrm -rf {WORK}", workshop) as place:
            place.put("/", self._spool)
            said = _run(place)
            place.keep_all(made, labels, lambda _: None)
        return said.decode(errors="replace")


@contextlib.contextmanager
def gathered() -> Iterator[Laying]:
    with tempfile.SpooledTemporaryFile(SPOOL_BYTES) as spool, tarfile.open(fileobj=spool, mode="w") as tar:
        yield Laying(spool, tar)


def present(image: str, paths: Set[str], *, workshop: str) -> set[str]:
    """Those that are in an image."""
    if not paths:
        return set()
    asked = io.BytesIO()
    with tarfile.open(fileobj=asked, mode="w") as tar:
        content = _listed(paths)
        member = tarfile.TarInfo("asked")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    asked.seek(0)
    with _opened(image, ASK, workshop) as place:
        place.put("/", asked)
        said = _run(place)
    return {path.decode(errors="surrogateescape") for path in said.split(b"\0") if path}


@contextlib.contextmanager
def _opened(image: str, script: str, name: str) -> Iterator[Workshop]:
    command = ("sh", "-c", script)
    spec = WorkshopSpec(name=name, image=image, command=command, capabilities=CAPABILITIES, network=False)
    place = engine().open_workshop(spec)
    try:
        yield place
    finally:
        with contextlib.suppress(EngineError):
            place.close()


def _run(place: Workshop) -> bytes:
    """What it says. The programs are those of the session, which may be any: they are bounded."""
    said, ends = b"", time.monotonic() + TIMEOUT_S
    for data in place.run(TICK_S):
        said += data
        if time.monotonic() > ends or len(said) > MOST_OUTPUT:
            raise BuildError(f"{FAILED}: its programs did not come to an end within {TIMEOUT_S} s.")
    if place.ended().exit_code != 0:
        raise BuildError(f"{FAILED}: {said.decode(errors='replace').strip()[-300:] or 'its programs were ended'}.")
    return said


def _listed(items: Iterable[str]) -> bytes:
    return b"".join(item.encode(errors="surrogateescape") + b"\0" for item in items)
