"""What is put above all other layers of an image, and what goes from it: gathered, then done in a workshop."""

from __future__ import annotations

import contextlib
import io
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Final

from engines.current import engine
from engines.errors import BuildError, EngineError
from engines.protocol import ImageReader, WorkshopSpec
from layers import listings
from layers.builders.bases import CAPABILITIES

WORK: Final = "/.vibenv-laying"
DROP: Final = "drop"
SPOOL_BYTES: Final = 16 * 1024**2
TICK_S: Final = 0.2
# Files first, then what they leave empty: the list has what is deeper ahead.
FINISH: Final = f"""
if [ -s {WORK}/{DROP} ]; then
  xargs -0 rm -f < {WORK}/{DROP} 2> /dev/null
  xargs -0 -n 200 rmdir < {WORK}/{DROP} 2> /dev/null
fi
"""


class Laying:
    """One at a time: `gathered` is closed with its block."""

    def __init__(self, spool: IO[bytes], tar: tarfile.TarFile) -> None:
        self._spool = spool
        self._tar = tar
        self._drop: list[str] = []

    # gather -------------------------------------------------------------------------------------------
    def put(self, path: str, content: bytes, mode: int = 0o644, group: int = 0) -> None:
        member = tarfile.TarInfo(path.lstrip("/"))
        member.size, member.mode, member.gid = len(content), mode, group
        self._tar.addfile(member, io.BytesIO(content))

    def drop(self, paths: Iterable[str]) -> None:
        """Files; and folders, when nothing is left in them. What is in a folder must come before it."""
        self._drop += paths

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
        self.put(f"{WORK}/{DROP}", b"".join(path.encode(errors="surrogateescape") + b"\0" for path in self._drop))
        self._tar.close()
        self._spool.seek(0)
        command = ("sh", "-c", f"{FINISH}\n{script}\nrm -rf {WORK}")
        spec = WorkshopSpec(name=workshop, image=image, command=command, capabilities=CAPABILITIES, network=False)
        place = engine().open_workshop(spec)
        try:
            place.put("/", self._spool)
            said = b"".join(place.run(TICK_S)).decode(errors="replace")
            if place.ended().exit_code != 0:
                raise BuildError(f"What was written could not be laid over the new layers: {said.strip()[-300:]}")
            place.keep_all(made, labels, lambda _: None)
        finally:
            with contextlib.suppress(EngineError):
                place.close()
        return said


@contextlib.contextmanager
def gathered() -> Iterator[Laying]:
    with tempfile.SpooledTemporaryFile(SPOOL_BYTES) as spool, tarfile.open(fileobj=spool, mode="w") as tar:
        yield Laying(spool, tar)
