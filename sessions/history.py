"""What happened to a session, for people: moves of its state, and what else was done with it."""

from __future__ import annotations

from typing import Any, Final

from sessions.models import SessionEvent

STATE: Final = "state"
MOST: Final = 200


def record(session_id: str, kind: str, *, actor: str, reason: str = "", **detail: Any) -> None:
    """Note something of a kind of its own; moves of the state are noted by `transitions`."""
    SessionEvent.objects.create(session_id=session_id, kind=kind, actor=actor, reason=reason, detail=detail)


def of(session_id: str, *, before: int | None = None, limit: int = 50) -> list[SessionEvent]:
    """The latest first; `before` an entry's id, to page on. `limit` from 1 to `MOST`."""
    found = SessionEvent.objects.filter(session=session_id)
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[: max(1, min(limit, MOST))])
