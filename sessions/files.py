"""Files that people give to a session: kept in the data directory, copied by a worker into the session's container.

They lie under `DATA_DIR/files/<session id>/<file id>`; names are in the rows alone. In the container they are
`/attachments/<name>`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import time
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet, Sum

from engines.errors import InvalidInput, PolicyRejected, VibenvError
from sessions.models import Session, SessionFile
from sessions.states import Desired, State

log = logging.getLogger(__name__)

MIB = 1024**2
LARGEST_BYTES = 50 * MIB
LARGEST_SUM_BYTES = 200 * MIB
MOST = 200
LONGEST_NAME = 120  # characters
LONGEST_NAME_BYTES = 240  # what file systems take, less a little
DIRECTORY = "/attachments"
LEFTOVER_AGE_S = 600  # a directory without a session's row may be that of a session that is just being made
IN_IMAGE = "image"  # instead of a container's id: where a session lies while it gets another container
# What turns the reading direction, so that a name could be read as another one.
TURNING = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def folder(session_id: str) -> Path:
    return Path(settings.DATA_DIR) / "files" / session_id


def stored(file: SessionFile) -> Path:
    return folder(file.session_id) / file.pk


def path_in_session(file: SessionFile) -> str:
    return f"{DIRECTORY}/{file.name}"


def good_name(given: str) -> str:
    """A name that a file may bear. Raises `InvalidInput`."""
    name = given.strip()
    if name in {"", ".", ".."}:
        raise InvalidInput("name: is no name for a file; rename it.")
    if "/" in name or any(unicodedata.category(c) in {"Cc", "Cs"} or c in TURNING for c in name):
        raise InvalidInput("name: has a slash or a character that cannot be seen; rename the file.")
    if len(name) > LONGEST_NAME or len(name.encode()) > LONGEST_NAME_BYTES:
        raise InvalidInput(
            f"name: is longer than {LONGEST_NAME} characters ({LONGEST_NAME_BYTES} bytes); rename the file."
        )
    return name


def receive(session: Session, chunks: Iterable[bytes]) -> SessionFile:
    """Write what comes to the disk: a file that is not in the database yet. Outside of a transaction: it can take long."""
    file = SessionFile(session=session)
    path = stored(file)
    try:
        path.parent.parent.mkdir(mode=0o700, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            for chunk in chunks:
                target.write(chunk)
        file.size_bytes = path.stat().st_size
    except BaseException as error:
        discard(file)
        if not isinstance(error, OSError):
            raise
        raise VibenvError(
            f"The file could not be stored: {error.strerror}. Make room in the data directory."
        ) from error
    return file


def discard(file: SessionFile) -> None:
    """Remove what `receive` wrote."""
    with contextlib.suppress(OSError):
        stored(file).unlink()


def add(session: Session, file: SessionFile, name: str, *, added_by: str) -> None:
    """Take a received file up, under a name that is free. Within a transaction that lets in one caller at a time."""
    make_sure_of_room(session, file.size_bytes)
    file.name, file.added_by = _free_name(session, good_name(name)), added_by
    file.save(force_insert=True)


def make_sure_of_room(session: Session, size_bytes: int) -> None:
    """Raises `InvalidInput` for a file that is too large, `PolicyRejected` where the session has too many."""
    if size_bytes > LARGEST_BYTES:
        raise InvalidInput(f"file: has {_mib(size_bytes)}; one file may have {_mib(LARGEST_BYTES)}.")
    if session.files.count() >= MOST:
        raise PolicyRejected(f"The card has {MOST} files. Delete one first.")
    used = session.files.aggregate(sum=Sum("size_bytes"))["sum"] or 0
    if used + size_bytes > LARGEST_SUM_BYTES:
        raise PolicyRejected(
            f"The card has {_mib(used)} of files, and this one has {_mib(size_bytes)}; "
            f"it takes {_mib(LARGEST_SUM_BYTES)} in all. Delete a file first."
        )


def _mib(count: int) -> str:
    return f"{count / MIB:.1f} MiB".replace(".0 ", " ")


def _free_name(session: Session, name: str) -> str:
    """`name`; with a number ahead of its ending where another file has it."""
    taken = set(session.files.values_list("name", flat=True))
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    number, found = 1, name
    while found in taken:
        number += 1
        more = f" ({number}){dot}{ending}"
        found = _shortened(stem, LONGEST_NAME - len(more), LONGEST_NAME_BYTES - len(more.encode())) + more
    return found


def _shortened(text: str, characters: int, count_bytes: int) -> str:
    return text[: max(characters, 1)].encode()[: max(count_bytes, 1)].decode(errors="ignore")


def remove(file: SessionFile) -> None:
    """Forget a file. What was copied into a container stays there."""
    path = stored(file)
    file.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def copy_all(source: Session, target: Session) -> int:
    """Give `target`, a new session, all files of `source`; returns how many. Within a transaction."""
    files = list(source.files.all())
    for file in files:
        twin = SessionFile(session=target, name=file.name, size_bytes=file.size_bytes, added_by=file.added_by)
        _twin(stored(file), stored(twin))
        twin.save(force_insert=True)
    return len(files)


def _twin(path: Path, copy: Path) -> None:
    copy.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        os.link(path, copy)  # a stored file is never changed
    except OSError:
        shutil.copyfile(path, copy)
        copy.chmod(0o600)


# into the container -----------------------------------------------------------------------------------------
def not_tried(session: Session) -> list[SessionFile]:
    """Files that nobody tried to copy into the session's present container."""
    return list(session.files.exclude(container_id=session.container_id))


def not_delivered(session: Session) -> list[SessionFile]:
    """These, and those that could not be copied."""
    return list(session.files.exclude(container_id=session.container_id, problem=""))


def delivered(file: SessionFile, session: Session, problem: str = "") -> None:
    """It lies in the session's present container; or could not be copied there, for the reason `problem`."""
    SessionFile.objects.filter(pk=file.pk).update(container_id=session.container_id, problem=problem[:300])


def remade(session: Session, container_id: str) -> None:
    """What lies in this container lies in the next one, too, which is made of it."""
    session.files.filter(container_id=container_id).update(container_id=IN_IMAGE)


def names_in(session: Session) -> list[str]:
    """Names of those that lie in the session's present container."""
    return [file.name for file in session.files.all() if in_session(file, session) or file.container_id == IN_IMAGE]


def lie_in_image(session: Session, names: Sequence[str]) -> None:
    """The session's next container is made of an image in which these lie; the others are copied into it."""
    session.files.exclude(name__in=names).update(container_id="", problem="")
    session.files.filter(name__in=names).update(container_id=IN_IMAGE)


def settled(session: Session) -> None:
    """That one is there now."""
    session.files.filter(container_id=IN_IMAGE).update(container_id=session.container_id)


def in_session(file: SessionFile, session: Session) -> bool:
    there = session.container_id or IN_IMAGE
    return file.container_id == there and not file.problem


def sessions_lacking_files() -> QuerySet[SessionFile, str]:
    """Ids of sessions that run without a file that they should have."""
    running = SessionFile.objects.filter(session__desired=Desired.RUNNING, session__state=State.RUNNING)
    return running.exclude(container_id=F("session__container_id")).values_list("session_id", flat=True)


# cleaning up ------------------------------------------------------------------------------------------------
def remove_all(session_id: str) -> None:
    """The session's stored files, and their directory; none is fine."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder(session_id))


def remove_leftovers() -> None:
    """Directories of sessions that are gone: a crash left them."""
    try:
        found = [entry for entry in os.scandir(folder("")) if entry.stat().st_mtime < time.time() - LEFTOVER_AGE_S]
    except FileNotFoundError:
        return
    names = {entry.name for entry in found}
    for name in names - set(Session.objects.filter(pk__in=names).values_list("pk", flat=True)):
        log.warning("removing files of the session %s, which is gone", name)
        remove_all(name)
