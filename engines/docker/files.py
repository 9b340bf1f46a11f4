"""Files out of a container and into it, running or not."""

from __future__ import annotations

import contextlib
import io
import os
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Final, cast

from engines.docker.client import Client
from engines.docker.containers import Containers
from engines.docker.errors import Missing, translated

CHUNK_BYTES: Final = 256 * 1024
READABLE: Final = 0o644


def put_files(client: Client, containers: Containers, name: str, directory: str, files: Mapping[str, Path]) -> None:
    """Into `directory`, which is made where it is missing. The archive is written as it is sent."""
    container_id = containers.id_of(name)
    with contextlib.ExitStack() as stack:
        sources = {each: stack.enter_context(path.open("rb")) for each, path in files.items()}
        with translated(f"copy files to {directory} in {name}"):
            # its own way to put an archive cannot say that a directory must not be replaced by a file
            url = client.raw._url("/containers/{0}/archive", container_id)
            options = {"path": "/", "noOverwriteDirNonDir": "true"}
            answer = client.raw._put(url, params=options, data=_archive(directory.strip("/"), sources))
            client.raw._raise_for_status(answer)


def _archive(directory: str, sources: Mapping[str, IO[bytes]]) -> Iterator[bytes]:
    folder = tarfile.TarInfo(directory)
    folder.type, folder.mode = tarfile.DIRTYPE, 0o755
    yield folder.tobuf(tarfile.PAX_FORMAT)
    for name, source in sources.items():
        about = os.fstat(source.fileno())
        member = tarfile.TarInfo(f"{directory}/{name}")
        member.size, member.mtime, member.mode = about.st_size, int(about.st_mtime), READABLE
        yield member.tobuf(tarfile.PAX_FORMAT)
        while part := source.read(CHUNK_BYTES):
            yield part
        yield bytes(-about.st_size % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


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
