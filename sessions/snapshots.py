"""Snapshots of sessions, as people ask for them; `freezing` makes them."""

from __future__ import annotations

import logging
from typing import Final

from django.db import transaction

from engines.errors import InvalidInput, PolicyRejected
from sessions import freezing, history
from sessions.lifecycle import wake
from sessions.models import Session, Snapshot
from sessions.transitions import announce

log = logging.getLogger(__name__)

LONGEST_NOTE: Final = 300
MOST: Final = 100  # that a session keeps, scheduled ones excepted
NOTHING_YET: Final = "It was never started, so there is nothing to snapshot. Start it first."
NOT_READY: Final = "This snapshot is still being made. Wait until it is ready."
USABLE: Final = (Snapshot.State.KEPT, Snapshot.State.READY)


@transaction.atomic
def ask(session: Session, *, kind: str, author: str, note: str = "") -> Snapshot:
    """Have the session's present state kept; a worker does it at once, whatever it is doing.

    Raises `PolicyRejected` where there is nothing to keep, or too much is kept already.
    """
    session = Session.objects.select_for_update().get(pk=session.pk)
    note = checked(note)
    if not freezing.has_files(session):
        raise PolicyRejected(NOTHING_YET)
    if kind == Snapshot.Kind.ASKED and session.snapshots.filter(kind=kind).count() >= MOST:
        raise PolicyRejected(f"A card keeps at most {MOST} snapshots that were asked for. Delete one.")
    made = Snapshot.objects.create(session=session, parent=session.stands_on, kind=kind, author=author, note=note)
    announce(session.pk)
    transaction.on_commit(lambda: wake(session.pk))
    return made


def checked(note: str) -> str:
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(f"note: has {len(note)} characters; it may have {LONGEST_NOTE}.")
    return note


def annotate(snapshot: Snapshot, note: str) -> None:
    snapshot.note = checked(note)
    snapshot.save(update_fields=["note"])
    announce(snapshot.session_id)


@transaction.atomic
def restore(session: Session, snapshot: Snapshot, *, actor: str) -> Session:
    """Take the session back to one of its snapshots; its present state is kept as another one first.

    Raises `PolicyRejected` while that is not possible.
    """
    session = Session.objects.select_for_update().get(pk=session.pk)
    if snapshot.session_id != session.pk:
        raise InvalidInput("snapshot: is another card's. Fork from it instead.")
    if snapshot.state not in USABLE:
        raise PolicyRejected(snapshot.problem or NOT_READY)
    if session.starts_from_id:
        raise PolicyRejected("It is being taken to a snapshot just now. Wait until that is done.")
    if freezing.has_files(session):
        note = "Before it was taken back to an earlier one"
        Snapshot.objects.create(
            session=session, parent=session.stands_on, kind=Snapshot.Kind.RESTORE, author=actor, note=note
        )
    Session.objects.filter(pk=session.pk).update(starts_from=snapshot, attempts=0, retry_at=None)
    history.record(session.pk, "restore", actor=actor, snapshot=snapshot.pk, note=snapshot.note)
    announce(session.pk)
    transaction.on_commit(lambda: wake(session.pk))
    session.refresh_from_db()
    return session


@transaction.atomic
def remove(snapshot: Snapshot) -> None:
    """With its image and what the registry has of it. Raises `PolicyRejected` while somebody needs it."""
    snapshot = Snapshot.objects.select_for_update().get(pk=snapshot.pk)
    if snapshot.state == Snapshot.State.MAKING:
        raise PolicyRejected("It is being made just now. Delete it when it is ready.")
    if snapshot.awaited_by.exists():
        raise PolicyRejected("A card is about to start from it. Delete it when that card runs.")
    if is_home(snapshot):
        raise PolicyRejected("An archived session is in this snapshot alone. Start its card, or delete the card.")
    session_id, image = snapshot.session_id, snapshot.image
    alone = not Snapshot.objects.filter(digest=snapshot.digest).exclude(pk=snapshot.pk).exists()
    digest = snapshot.digest if alone else ""
    Snapshot.objects.filter(parent=snapshot).update(parent=snapshot.parent)
    snapshot.delete()
    announce(session_id)
    transaction.on_commit(lambda: _have_dropped(image, digest))


def _have_dropped(image: str, digest: str) -> None:
    from sessions.tasks import drop_image  # noqa: PLC0415  (tasks import the reconciler, which imports what imports this)

    try:
        drop_image.apply_async((image, digest))
    except Exception as error:  # whatever a broker client raises when its server is away; the sweep of orphans finds it
        log.warning("no worker could be told to remove %s: %s", image, error)


def is_home(snapshot: Snapshot) -> bool:
    """Whether a session has no container, and what it wrote is in the registry as this snapshot alone."""
    return Session.objects.filter(stands_on=snapshot, container_id="").exists()
