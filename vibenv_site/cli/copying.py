"""`vibenv cp`: files and directories between here and a session, as tar streams."""

from __future__ import annotations

import os
import posixpath
import sys
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from vibenv_site.cli import names, unpacking
from vibenv_site.cli.client import Api
from vibenv_site.cli.errors import FAILED, NOT_FOUND, USAGE, ApiError, CliError

CHUNK_BYTES: Final = 256 * 1024
HOME: Final = "/workspace"
STREAM: Final = "-"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Remote:
    """A path in a card's session."""

    card: str
    path: str


def copy(api: Api, source: str, target: str, board: str | None) -> None:
    """Of `NAME:/path`, a path here, and `-`; one of the two is in a session. Raises `CliError`."""
    here, there = _remote(source), _remote(target)
    if (here is None) == (there is None):
        raise CliError(
            "One of the two is in a session, as NAME:/path.", "vibenv cp notes.txt my-card:/workspace", USAGE
        )
    if here is not None:
        _down(api, _found(api, here, board), target)
    elif there is not None:
        _up(api, source, _found(api, there, board))


def _remote(text: str) -> Remote | None:
    """`NAME:/path`; a path here may have a colon behind a slash."""
    name, colon, path = text.partition(":")
    if "://" in text:  # a card's address
        name, colon, path = text.rpartition(":")
    if not colon or not name or ("/" in name and "://" not in name):
        return None
    return Remote(name, posixpath.join(HOME, path))


def _found(api: Api, remote: Remote, board: str | None) -> Remote:
    return Remote(str(names.card(api, remote.card, board)["id"]), remote.path)


# up -----------------------------------------------------------------------------------------------------
def _up(api: Api, source: str, to: Remote) -> None:
    if source != STREAM and not os.path.lexists(source):
        raise CliError(f"{source}: there is no such file here.", "", NOT_FOUND)
    directory, name = _place(api, to, "" if source == STREAM else Path(os.path.abspath(source)).name)
    with tempfile.TemporaryFile() as spooled:
        if source == STREAM:
            while part := sys.stdin.buffer.read(CHUNK_BYTES):
                spooled.write(part)
        body = _packed(source, name, spooled)
        headers = {"Content-Type": "application/x-tar"}
        api.open(
            "PUT", f"/cards/{to.card}/tar", body, query={"path": directory}, headers=headers, timeout_s=None
        ).read()


def _place(api: Api, to: Remote, name: str) -> tuple[str, str]:
    """The directory to unpack into, and the name in it: what is a directory there takes it under its own name."""
    path = to.path.rstrip("/") or "/"
    if to.path.endswith("/") or _is_directory(api, to.card, path):
        if not name:
            raise CliError(f"{path} is a directory.", "Name the file that standard input becomes.", USAGE)
        return path, name
    return posixpath.split(path)


def _is_directory(api: Api, card: str, path: str) -> bool:
    try:
        api.get(f"/cards/{card}/dir", path=path)
    except ApiError as error:
        if error.status in {404, 409, 422}:
            return False
        raise
    return True


def _packed(source: str, name: str, spooled: IO[bytes]) -> Iterator[bytes]:
    """A tar stream, made by a thread as it is sent."""
    reader, writer = os.pipe()
    failed: list[BaseException] = []

    def pack() -> None:
        try:
            with (
                os.fdopen(writer, "wb") as sink,
                tarfile.open(fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT) as tar,
            ):
                if source == STREAM:
                    tar.addfile(_of_stream(name, spooled), spooled)
                else:
                    tar.add(source, name)
        except (OSError, tarfile.TarError) as error:
            failed.append(error)

    thread = threading.Thread(target=pack, daemon=True)
    thread.start()
    with os.fdopen(reader, "rb") as ready:
        while part := ready.read1(CHUNK_BYTES):
            yield part
    thread.join()
    if failed:
        raise CliError(f"{source} could not be read: {failed[0]}.", "What came before that was copied.", FAILED)


def _of_stream(name: str, spooled: IO[bytes]) -> tarfile.TarInfo:
    about = tarfile.TarInfo(name)
    about.size = spooled.tell()
    about.mode = 0o644
    spooled.seek(0)
    return about


# down ---------------------------------------------------------------------------------------------------
def _down(api: Api, source: Remote, target: str) -> None:
    answer = api.open("GET", f"/cards/{source.card}/tar", query={"path": source.path}, timeout_s=None)
    with tarfile.open(fileobj=answer, mode="r|") as tar:
        if target == STREAM:
            unpacking.to_stream(tar, sys.stdout.buffer)
            return
        place = Path(target)
        name = posixpath.basename(source.path.rstrip("/")) or "root"
        if place.is_dir():
            place = place / name
        elif not place.parent.is_dir():
            raise CliError(f"{place.parent} is no directory here.", "Make it first.", NOT_FOUND)
        unpacking.to_place(tar, place)
