"""Read small files out of a container, running or not."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from typing import cast

from engines.docker.client import Client
from engines.docker.containers import Containers
from engines.docker.errors import Missing, translated


def read_file(client: Client, containers: Containers, name: str, path: str, limit_bytes: int) -> bytes | None:
    """The first `limit_bytes` of a regular file; None where container or file does not exist."""
    try:
        container_id = containers.id_of(name)
        with translated(f"read {path} in {name}"):
            chunks, _ = client.api.get_archive(container_id, path)
            return _first_file(cast("Iterator[bytes]", iter(chunks)), limit_bytes)
    except Missing:
        return None


def _first_file(chunks: Iterator[bytes], limit_bytes: int) -> bytes | None:
    with tarfile.open(fileobj=io.BufferedReader(_Chunks(chunks)), mode="r|") as archive:
        member = archive.next()
        content = archive.extractfile(member) if member and member.isfile() else None
        return content.read(limit_bytes) if content else None


class _Chunks(io.RawIOBase):
    """An iterator of chunks as a readable file, so that no more of it is fetched than is read."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._left:
            self._left = next(self._chunks, b"")
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count
