"""A newer base under what a session installed and changed in the system: read from images, merged, gathered to be laid above."""

from __future__ import annotations

from typing import Final

from engines.current import engine
from engines.errors import BuildError
from layers import dpkg, laying
from layers.laying import Laying

FILE_BYTES: Final = 4 * 1024**2
ALL_BYTES: Final = 128 * 1024**2


def merge(above: Laying, old: str, new: str, mine: str, *, workshop: str) -> list[str]:
    """Three images: the base a session stands on, the one it is to stand on, and the session. What to tell of it."""
    theirs = _read(new)
    found = dpkg.merge(_read(old), theirs, _read(mine))
    for path, content in found.write.items():
        above.put(path, content, dpkg.MODES.get(path, 0o644), dpkg.SHADOW_GROUP if path in dpkg.MODES else 0)
    there = laying.present(mine, {*found.drop, *found.restore}, workshop=workshop)
    above.drop(path for path in found.drop if path not in there)
    above.copy(new, "/", {path: path for path in found.restore if path not in there})
    if found.owners.users or found.owners.groups:
        above.give(new, found.owners.owner)
    above.settle(found.alternatives)
    if dpkg.STATUS not in theirs.files:
        return ["Its new base has no packages of Debian's, so what it installed with apt may not work there."]
    return []


def _read(image: str) -> dpkg.System:
    files: dict[str, bytes] = {}
    written: dict[str, float] = {}
    left = ALL_BYTES
    with engine().open_image(image) as reader:
        with reader.tree(dpkg.HOME) as tar:
            for member in tar:
                path = f"{dpkg.HOME}/{member.name.partition('/')[2]}"
                content = tar.extractfile(member) if member.isreg() and dpkg.knows(path) else None
                if content is not None:
                    files[path], written[path] = content.read(left) if dpkg.reads(path) else b"", int(member.mtime)
                    left -= len(files[path])
                if left <= 0:
                    raise BuildError(f"What dpkg knows in {image} is more than {ALL_BYTES // 1024**2} MB.")
        for path in dpkg.OTHERS:
            if (found := reader.file(path, FILE_BYTES)) is not None:
                files[path] = found
    return dpkg.System(files, written)
