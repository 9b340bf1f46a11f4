"""What is in a tree of an image: by path, what stands for each file's content."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from engines.current import engine

PART: Final = 1024**2


class File(NamedTuple):
    """`kind` is file, dir, link or other. Equal content of equal kind: they are the same, owner and mode included."""

    kind: str
    size_bytes: int
    content: str


Listing = dict[str, File]


def of_image(image: str, path: str = "/") -> Listing:
    """Everything at and below `path`, of which nothing need be there. Raises `EngineError`."""
    with engine().open_image(image) as reader, reader.tree(path) as tar:
        found: Listing = {}
        for member in tar:
            target = found.get(place(path, member.linkname)) if member.islnk() else None
            found[place(path, member.name)] = target or _file(tar, member)
        return found


def place(path: str, name: str) -> str:
    """Where a member of the archive of `path` is in the image."""
    return str(PurePosixPath("/", PurePosixPath(path).parent, name.lstrip("/")))


def _file(tar: tarfile.TarFile, member: tarfile.TarInfo) -> File:
    about = f"{member.mode & 0o7777:o} {member.uid}:{member.gid}"
    if member.isdir():
        return File("dir", 0, about)
    content = tar.extractfile(member) if member.isreg() else None
    if content is None:
        return File("link" if member.issym() or member.islnk() else "other", 0, member.linkname)
    digest = hashlib.blake2b(about.encode(), digest_size=16)
    while part := content.read(PART):
        digest.update(part)
    return File("file", member.size, digest.hexdigest())
