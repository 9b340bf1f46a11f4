"""A session as the API, the board's events and the terminal socket show it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects

from sessions import attention
from sessions.models import Session
from sessions.steps import LABELS


def iso(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def session_json(session: Session) -> dict[str, Any] | None:
    """None before the first start; otherwise the API's `session` without its `terminal_url` (its card knows that)."""
    if session.wanted_at is None:
        return None
    prefetch_related_objects([session], "steps")  # once, where whoever loaded it has not
    return {
        "id": session.pk,
        "name": session.name,
        "state": session.state,
        "status": session.status,
        "desired": session.desired,
        "reason": session.reason,
        "waiting": attention.words_of(session) if session.status == "running" else "",
        "container": session.container,
        "image": session.image,
        "wanted_at": iso(session.wanted_at),
        "state_since": iso(session.state_since),
        "steps": [
            {
                "name": step.name,
                "label": LABELS.get(step.name, step.name),
                "detail": step.detail,
                "started_at": iso(step.started_at),
                "finished_at": iso(step.finished_at),
            }
            for step in session.steps.all()
        ],
    }
