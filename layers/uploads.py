"""Files that people gave for a layer: checked, kept once by their content, and handed to builds as one tar."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import hashlib
import lzma
import os
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path, PurePosixPath
from typing import IO, Final

from django.conf import settings

from engines.errors import InvalidInput

MOST_BYTES: Final = 512 * 1024**2
MOST_FILES: Final = 200_000
PART: Final = 1024**2
TAKES: Final = "a .tar, .tar.gz, .tar.xz or .zip file"
TOO_LARGE: Final = f"files: take at most {MOST_BYTES // 1024**2} MB and {MOST_FILES} files, unpacked."
COMPRESSED: Final[dict[bytes, Callable[[IO[bytes]], BufferedIOBase]]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"\xfd7zXZ\0": lzma.LZMAFile,
    b"BZh": bz2.BZ2File,
}
FAULTS: Final = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError),
    *(EOFError, RuntimeError, NotImplementedError, OSError),
)
GONE: Final = "files: are not here (any more). Upload them again."


@dataclass(frozen=True, slots=True)
class Upload:
    """`digest` is of the content, whatever it was packed as; sizes in bytes, unpacked."""

    digest: str
    size_bytes: int
    files: int


def path_of(digest: str) -> Path:
    """Where it lies. Raises `InvalidInput` when it does not."""
    path = _folder() / f"{digest}.tar"
    if not path.is_file():
        raise InvalidInput(GONE)
    return path


def kept() -> dict[str, Path]:
    """All of them, by digest."""
    return {path.stem: path for path in sorted(_folder().glob("*.tar"))}


def keep(file: IO[bytes]) -> Upload:
    """Check and keep a packed folder. Raises `InvalidInput` for what cannot be unpacked, is too large, or points out of it."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, suffix=".part")  # mode 0600
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            size, files = _repack(file, out)
        digest = _digest(draft)
        draft.replace(folder / f"{digest}.tar")  # one that was there is as new, and so not collected at once
    finally:
        draft.unlink(missing_ok=True)
    return Upload(digest, size, files)


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "uploads"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _repack(file: IO[bytes], out: IO[bytes]) -> tuple[int, int]:
    """The members in order of their names, without owners and times: equal content is an equal file."""
    size = files = 0
    with _opened(file) as packed, tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for member, content in packed:
            size, files = size + member.size, files + 1
            if size > MOST_BYTES or files > MOST_FILES:
                raise InvalidInput(TOO_LARGE)
            tar.addfile(member, content)
    if not files:
        raise InvalidInput("files: are none; pack the folder with what is in it.")
    return size, files


Member = tuple[tarfile.TarInfo, IO[bytes] | None]


@contextlib.contextmanager
def _opened(file: IO[bytes]) -> Iterator[Iterator[Member]]:
    try:
        if zipfile.is_zipfile(file):
            file.seek(0)
            with zipfile.ZipFile(file) as packed:
                yield _zipped(packed)
        else:
            with _uncompressed(file) as whole, tarfile.open(fileobj=whole, mode="r:") as packed_tar:
                yield _tarred(packed_tar)
    except FAULTS as error:
        raise InvalidInput(f"files: could not be unpacked; give {TAKES}. ({error})") from error


@contextlib.contextmanager
def _uncompressed(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """The tar as a file: members are read in another order than they lie, and no more is unpacked than may be kept."""
    file.seek(0)
    head = file.read(6)
    file.seek(0)
    reader = next((reader for magic, reader in COMPRESSED.items() if head.startswith(magic)), None)
    if reader is None:
        yield file
        return
    with tempfile.TemporaryFile(dir=_folder()) as whole, reader(file) as unpacked:
        while part := unpacked.read(PART):
            if whole.tell() + len(part) > MOST_BYTES + MOST_FILES * tarfile.BLOCKSIZE * 2:
                raise InvalidInput(TOO_LARGE)
            whole.write(part)
        whole.seek(0)
        yield whole


def _tarred(packed: tarfile.TarFile) -> Iterator[Member]:
    for found in sorted(packed.getmembers(), key=lambda member: member.name):
        name = _inside(found.name)
        if name == ".":
            continue
        if found.issym() or found.islnk():
            _check_link(name, found)
        elif not (found.isreg() or found.isdir()):
            raise InvalidInput(f"files: {found.name} is neither a file, a folder nor a link; leave it out.")
        yield _plain(name, found), packed.extractfile(found) if found.isreg() else None


def _zipped(packed: zipfile.ZipFile) -> Iterator[Member]:
    for found in sorted(packed.infolist(), key=lambda member: member.filename):
        name, mode = _inside(found.filename.rstrip("/")), found.external_attr >> 16
        if name == ".":
            continue
        member = tarfile.TarInfo(name)
        member.mode = stat.S_IMODE(mode) or 0o644
        if found.is_dir():
            member.type = tarfile.DIRTYPE
            yield _plain(name, member), None
        elif stat.S_ISLNK(mode):
            member.type, member.linkname = tarfile.SYMTYPE, packed.read(found).decode(errors="replace")
            _check_link(name, member)
            yield _plain(name, member), None
        else:
            member.size = found.file_size
            yield _plain(name, member), packed.open(found)


def _plain(name: str, found: tarfile.TarInfo) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.size, member.linkname = found.type, found.size if found.isreg() else 0, found.linkname
    member.mode = 0o755 if found.isdir() or found.mode & 0o100 else 0o644  # how it was packed does not count
    return member


def _inside(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise InvalidInput(f"files: {name} lies outside of the packed folder; leave it out.")
    return str(path)


def _check_link(name: str, found: tarfile.TarInfo) -> None:
    """A link may point within the folder only."""
    target = PurePosixPath(found.linkname)
    depth = 0 if found.islnk() else len(PurePosixPath(name).parts) - 1
    for part in target.parts:
        depth += -1 if part == ".." else 1
        if depth < 0:
            break
    if target.is_absolute() or depth < 0:
        raise InvalidInput(f"files: the link {name} points out of the packed folder ({found.linkname}); leave it out.")
