"""The files of an image, read without starting it."""

from __future__ import annotations

import contextlib
import io
import tarfile
from collections.abc import Iterator
from typing import Any, Final

from engines.docker import labels
from engines.docker.client import Client
from engines.docker.errors import Missing, translated

PART: Final = 1024**2


class Reader:
    """Of one image, by way of a container that never runs."""

    def __init__(self, client: Client, container_id: str, image: str) -> None:
        self._client = client
        self._id = container_id
        self._doing = f"read files of {image}"

    @contextlib.contextmanager
    def tree(self, path: str) -> Iterator[tarfile.TarFile]:
        try:
            with translated(self._doing):
                chunks, _ = self._client.api.get_archive(self._id, path, chunk_size=PART)
        except Missing:
            chunks = iter([bytes(2 * tarfile.BLOCKSIZE)])
        with translated(self._doing):
            stream = io.BufferedReader(_Stream(iter(chunks)), PART)
            with tarfile.open(fileobj=stream, mode="r|") as tar:
                yield tar

    def file(self, path: str, limit_bytes: int) -> bytes | None:
        with self.tree(path) as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                return content.read(limit_bytes) if content else None
        return None


class Trees:
    def __init__(self, client: Client, installation: str) -> None:
        self._client = client
        self._installation = installation

    @contextlib.contextmanager
    def open(self, image: str) -> Iterator[Reader]:
        config = {
            "Image": image,
            "Entrypoint": [],
            "Cmd": ["true"],  # never started
            "Labels": labels.for_helper(self._installation, "files"),
            "HostConfig": {"NetworkMode": "none"},
        }
        with translated(f"read files of {image}"):
            made: Any = self._client.raw.create_container_from_config(config)
        try:
            yield Reader(self._client, made["Id"], image)
        finally:
            with translated("remove a container that read an image"):
                self._client.raw.remove_container(made["Id"], force=True, v=True)


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
