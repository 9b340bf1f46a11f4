"""Files on cards: kept by `sessions.files`, counted and told here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from boards.access import NotFound
from boards.actions import locked, saved
from boards.models import Card
from engines.errors import InvalidInput
from sessions import files, lifecycle
from sessions.models import SessionFile
from sessions.present import iso
from sessions.states import Desired


def attach(card: Card, user: User, name: str, size_bytes: int, chunks: Iterable[bytes]) -> SessionFile:
    """Keep a file for the card's session. A running one gets it as soon as a worker has copied it."""
    name = files.good_name(name)
    files.make_sure_of_room(card.session, size_bytes)
    file = files.receive(card.session, _bounded(chunks))
    try:
        return _taken_up(card, user, name, file)
    except BaseException:
        files.discard(file)
        raise


def _bounded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > files.LARGEST_BYTES:
            raise InvalidInput("file: is larger than it was said to be.")
        yield chunk


@transaction.atomic
def _taken_up(card: Card, user: User, name: str, file: SessionFile) -> SessionFile:
    try:
        card = locked(card)
    except Card.DoesNotExist as gone:
        raise NotFound("The card was deleted meanwhile.") from gone
    files.add(card.session, file, name, added_by=user.username)
    _count(card)
    if card.session.desired == Desired.RUNNING:
        transaction.on_commit(lambda: lifecycle.wake(card.session_id))
    return file


@transaction.atomic
def remove(card: Card, file_id: str) -> None:
    """Remove a stored file; what was copied into a container stays there. Raises `NotFound`."""
    card = locked(card)
    files.remove(find(card, file_id))
    _count(card)


def find(card: Card, file_id: str) -> SessionFile:
    """Raises `NotFound`."""
    file = card.session.files.filter(pk=file_id).first()
    if file is None:
        raise NotFound("There is no such file on this card; it may have been deleted.")
    return file


def content(file: SessionFile) -> Path:
    """Where a file's content lies. Raises `NotFound`."""
    path = files.stored(file)
    if not path.is_file():
        raise NotFound("The stored file is gone from the disk. Delete it here, and upload it again.")
    return path


def present(card: Card) -> list[dict[str, Any]]:
    """All files of a card, the oldest first."""
    return [file_json(card, file) for file in card.session.files.all()]


def file_json(card: Card, file: SessionFile) -> dict[str, Any]:
    return {
        "id": file.pk,
        "name": file.name,
        "size_bytes": file.size_bytes,
        "added_by": file.added_by,
        "created_at": iso(file.created_at),
        "path": files.path_in_session(file),
        "in_session": files.in_session(file, card.session),
        "problem": file.problem,
    }


def _count(card: Card) -> None:
    card.file_count = card.session.files.count()
    saved(card, "file_count")
