"""What happened to a session, for people: moves of its state, and what else was done with it."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any, Final

from django.db import IntegrityError
from django.utils import timezone

from sessions.models import SessionEvent

STATE: Final = "state"
MOST: Final = 200
AGAIN: Final = timedelta(hours=1)


def record(session_id: str, kind: str, *, actor: str, reason: str = "", **detail: Any) -> None:
    """Note something of a kind of its own; moves of the state are noted by `transitions`."""
    SessionEvent.objects.create(session_id=session_id, kind=kind, actor=actor, reason=reason, detail=detail)


def joined(session_id: str, who: str, kind: str, role: str) -> None:
    """Somebody came into the terminal. Who left for a moment is not told again; of a session that is gone, nothing."""
    lately = SessionEvent.objects.filter(kind="joined", actor=who, at__gt=timezone.now() - AGAIN)
    with contextlib.suppress(IntegrityError):
        if not lately.filter(session=session_id).exists():
            record(session_id, "joined", actor=who, who=kind, role=role)


def typed(session_id: str, who: str, detail: dict[str, Any]) -> None:
    """Somebody typed for a while; `detail` as `terminal.journal` has it. Of a session that is gone, nothing."""
    with contextlib.suppress(IntegrityError):
        SessionEvent.objects.create(session_id=session_id, kind="typed", actor=who, detail=detail)


def of(session_id: str, *, before: int | None = None, limit: int = 50) -> list[SessionEvent]:
    """The latest first; `before` an entry's id, to page on. `limit` from 1 to `MOST`."""
    found = SessionEvent.objects.filter(session=session_id)
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[: max(1, min(limit, MOST))])
