"""A tar stream out of a session, unpacked here. Whoever can write in a session made it: nothing of it gets out of its place."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path
from typing import IO, Final

from vibenv_site.cli import output
from vibenv_site.cli.errors import FAILED, USAGE, CliError

PERMISSIONS: Final = 0o777  # nobody's rights are raised by what comes out


def to_stream(tar: tarfile.TarFile, sink: IO[bytes]) -> None:
    """The content of the one file that it is."""
    first = tar.next()
    content = tar.extractfile(first) if first is not None and first.isreg() else None
    if content is None:
        raise CliError("That is no file.", "Name a file, or a directory here to copy it into.", USAGE)
    shutil.copyfileobj(content, sink)
    sink.flush()


def to_place(tar: tarfile.TarFile, place: Path) -> None:
    """What the stream holds becomes `place`. Devices are left out, and what leads out of it is refused."""
    top: str | None = None
    for member in tar:
        parts = [part for part in member.name.split("/") if part not in {"", "."}]
        top = top if top is not None else (parts[0] if parts else "")
        if ".." in parts or (parts and parts[0] != top) or member.name.startswith("/"):
            raise CliError(f"{output.one_line(member.name)} would lead out of {place}.", "It was left out.", FAILED)
        _put(tar, member, place, parts[1:])


def _put(tar: tarfile.TarFile, member: tarfile.TarInfo, root: Path, parts: list[str]) -> None:
    path = root.joinpath(*parts)
    for above in [root.joinpath(*parts[:count]) for count in range(len(parts))]:
        if above.is_symlink():
            raise CliError(f"{output.one_line(str(path))} would be written through a link.", "It was left out.", FAILED)
    try:
        if member.isdir():
            _directory(path, member)
        elif member.issym():
            _clear(path)
            os.symlink(member.linkname, path)
        elif member.islnk():
            _linked(member, root, path)
        elif member.isreg():
            _file(tar, member, path)
        else:
            output.say(f"Left out {output.one_line(member.name)}: it is no file.")
    except OSError as error:
        raise CliError(f"{path} could not be written: {error.strerror}.", "", FAILED) from error


def _directory(path: Path, member: tarfile.TarInfo) -> None:
    if not path.is_dir() or path.is_symlink():
        _clear(path)
        path.mkdir()
    path.chmod((member.mode & PERMISSIONS) | 0o700)


def _file(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    content = tar.extractfile(member)
    _clear(path)
    with path.open("xb") as file:  # never through a link, since nothing is there any more
        if content is not None:
            shutil.copyfileobj(content, file)
    path.chmod(member.mode & PERMISSIONS)


def _linked(member: tarfile.TarInfo, root: Path, path: Path) -> None:
    """Two names of one file: a second one of what was unpacked already."""
    parts = [part for part in member.linkname.split("/") if part not in {"", "."}][1:]
    other = root.joinpath(*parts)
    within = ".." not in parts and not any(
        root.joinpath(*parts[:count]).is_symlink() for count in range(len(parts) + 1)
    )
    if not within or not other.is_file():
        raise CliError(f"{output.one_line(member.name)} is a link that leads elsewhere.", "It was left out.", FAILED)
    _clear(path)
    os.link(other, path)


def _clear(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
