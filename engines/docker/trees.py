"""The files of an image, read as a stream without starting it."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterator
from typing import IO, Any, Final

from engines.docker import labels
from engines.docker.client import Client
from engines.docker.errors import translated
from engines.protocol import ImageFile

PART: Final = 1024**2


class Trees:
    def __init__(self, client: Client, installation: str) -> None:
        self._client = client
        self._installation = installation

    def files(self, image: str) -> Iterator[ImageFile]:
        doing = f"list the files of {image}"
        config = {
            "Image": image,
            "Entrypoint": [],
            "Cmd": ["true"],  # never started
            "Labels": {labels.INSTALLATION: self._installation, labels.HELPER: "files"},
            "HostConfig": {"NetworkMode": "none"},
        }
        with translated(doing):
            made: Any = self._client.raw.create_container_from_config(config)
            try:
                stream = io.BufferedReader(_Stream(self._client.api.export(made["Id"], chunk_size=PART)), PART)
                with tarfile.open(fileobj=stream, mode="r|") as tar:
                    for member in tar:
                        yield _file(member, tar.extractfile(member) if member.isreg() else None)
            finally:
                self._client.api.remove_container(made["Id"], force=True, v=True)


def _file(member: tarfile.TarInfo, content: IO[bytes] | None) -> ImageFile:
    path, mode = "/" + member.name.removeprefix("./").strip("/"), f"{member.mode:o} {member.uid}:{member.gid}"
    if member.isdir():
        return ImageFile(path, "dir", 0, mode)
    if content is None:
        return ImageFile(path, "link" if member.issym() or member.islnk() else "other", 0, member.linkname)
    digest = hashlib.blake2b(mode.encode(), digest_size=16)
    while part := content.read(PART):
        digest.update(part)
    return ImageFile(path, "file", member.size, digest.hexdigest())


class _Stream(io.RawIOBase):
    """Chunks as a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = next(self._chunks, b"")
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count
