"""Sleep, snapshots, forks and the history of cards' sessions in the HTTP API: a thin adapter."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from boards import access, session_life
from boards.caller import FAULTS, user_of
from boards.life_schemas import (
    EventOut,
    ForkIn,
    LineageOut,
    NoteIn,
    SleepIn,
    SnapshotOut,
)
from boards.models import Card
from boards.paging import page, tell_next
from boards.present import card_json
from boards.schemas import CardOut
from boards.session_life import snapshot_json
from sessions import history, snapshots
from sessions.models import SessionEvent

router = Router(tags=["sessions"])


def _card(request: HttpRequest, card_id: str, need: access.Role = access.Role.EDITOR) -> Card:
    return access.card_of(user_of(request), card_id, need)


@router.post("/cards/{card_id}/sleep", response={202: CardOut, **FAULTS})
def sleep(request: HttpRequest, card_id: str, given: SleepIn) -> Any:
    """`pause` keeps its processes, `stop` its container, `archive` a snapshot alone. Starting the card resumes it."""
    card = session_life.sleep(_card(request, card_id), given.how, user=user_of(request))
    return Status(202, card_json(card))


@router.get("/cards/{card_id}/snapshots", response={200: list[SnapshotOut], **FAULTS})
def read_snapshots(
    request: HttpRequest, response: HttpResponse, card_id: str, after: str | None = None, limit: int | None = None
) -> Any:
    """The latest first; with `limit` in parts."""
    card = _card(request, card_id, access.Role.VIEWER)
    found = page(card.session.snapshots.all(), ("-created_at", "-id"), after=after, limit=limit)
    tell_next(request, response, found.after)
    return [snapshot_json(each) for each in found.rows]


@router.post("/cards/{card_id}/snapshots", response={202: SnapshotOut, **FAULTS})
def take_snapshot(request: HttpRequest, card_id: str, given: NoteIn) -> Any:
    """Keep the session as it is now. It goes on meanwhile, but for the moment in which it is frozen."""
    made = session_life.snapshot(_card(request, card_id), given.note, user=user_of(request))
    return Status(202, snapshot_json(made))


@router.patch("/snapshots/{snapshot_id}", response={200: SnapshotOut, **FAULTS})
def edit_snapshot(request: HttpRequest, snapshot_id: str, given: NoteIn) -> Any:
    """Change its note."""
    found, _ = access.snapshot_by_id(user_of(request), snapshot_id, access.Role.EDITOR)
    snapshots.annotate(found, given.note)
    return snapshot_json(found)


@router.delete("/snapshots/{snapshot_id}", response={204: None, **FAULTS})
def delete_snapshot(request: HttpRequest, snapshot_id: str) -> Any:
    """With what the engine and the registry have of it. Cannot be undone."""
    found, _ = access.snapshot_by_id(user_of(request), snapshot_id, access.Role.EDITOR)
    snapshots.remove(found)
    return Status(204, None)


@router.post("/snapshots/{snapshot_id}/restore", response={202: CardOut, **FAULTS})
def restore_snapshot(request: HttpRequest, snapshot_id: str) -> Any:
    """Take its card's session back to it. What the session has now is kept as another snapshot first."""
    user = user_of(request)
    found, card = access.snapshot_by_id(user, snapshot_id, access.Role.EDITOR)
    return Status(202, card_json(session_life.restore(card, found, user=user)))


@router.post("/cards/{card_id}/fork", response={201: CardOut, **FAULTS})
def fork_card(request: HttpRequest, card_id: str, given: ForkIn) -> Any:
    """A new card beside it that starts with all that its session wrote; with `snapshot`, with what that has."""
    user = user_of(request)
    card = _card(request, card_id)
    of = access.snapshot_by_id(user, given.snapshot, access.Role.EDITOR)[0] if given.snapshot else None
    column = access.column_of(card.board, given.column) if given.column else None
    made = session_life.fork(card, user=user, title=given.title, of=of, column=column)
    return Status(201, card_json(made))


@router.get("/cards/{card_id}/lineage", response={200: LineageOut, **FAULTS})
def read_lineage(request: HttpRequest, card_id: str) -> Any:
    """All cards that came of the same first one by forking, and their snapshots."""
    return session_life.lineage(_card(request, card_id, access.Role.VIEWER))


@router.get("/cards/{card_id}/history", response={200: list[EventOut], **FAULTS})
def read_history(
    request: HttpRequest, response: HttpResponse, card_id: str, before: int | None = None, limit: int = 50
) -> Any:
    """What happened to its session, the latest first; `before` an entry's id, to go on from there."""
    card = _card(request, card_id, access.Role.VIEWER)
    found = history.of(card.session_id, before=before, limit=limit)
    tell_next(request, response, found[-1].pk if len(found) >= limit else None, "before")
    return [_event_json(each) for each in found]


def _event_json(event: SessionEvent) -> dict[str, Any]:
    return {
        "id": event.pk,
        "kind": event.kind,
        "old": event.old,
        "new": event.new,
        "reason": event.reason,
        "actor": event.actor,
        "detail": event.detail,
        "at": event.at,
    }
