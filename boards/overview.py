"""All sessions of a person's boards, with what they use and cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import F, QuerySet

from boards import access
from boards.access import RANK, Role
from boards.models import Card
from boards.people import name_of
from sessions.figures import Known, meter
from sessions.models import Session
from sessions.present import iso

GIB = 1024**3


def sessions_of(user: User) -> QuerySet[Card]:
    """The cards whose sessions were ever started."""
    cards = access.cards_of(user).exclude(session__wanted_at=None)
    cards = cards.annotate(my_role=F("board__member__role")).select_related("session", "board", "column")
    return cards.defer("description")


def overview_json(found: Iterable[Card]) -> dict[str, Any]:
    """Of `sessions_of`; in a few queries, however many there are. Measures nothing: that is under way, or begins now."""
    found, known = list(found), meter.look()
    people = User.objects.filter(username__in={card.session.wanted_by for card in found})
    names = {each.username: name_of(each) for each in people}
    return {
        "sessions": [_session_json(card, known, names) for card in found],
        "measured_at": iso(known.at),
        "problem": known.problem,
        "room": _room_json(known),
        "cost": _cost_json(),
    }


def _session_json(card: Any, known: Known, names: Mapping[str, str]) -> dict[str, Any]:
    session: Session = card.session
    figure = known.figures.get(session.container) if session.status in {"running", "stopping", "paused"} else None
    return {
        "id": session.pk,
        "name": session.name,
        "card": card.pk,
        "title": card.title,
        "board": card.board_id,
        "board_name": card.board.name,
        "column_role": card.column.role,
        "archived": card.archived_at is not None,
        "may_edit": RANK[Role(card.my_role)] >= RANK[Role.EDITOR],
        "status": session.status,
        "reason": session.reason,
        "place": session.place,
        "wanted_by": names.get(session.wanted_by, session.wanted_by),
        "created_at": iso(session.created_at),
        "state_since": iso(session.state_since),
        "cpu": figure.cpu if figure else None,
        "memory_bytes": figure.memory_bytes if figure else None,
        "disk_bytes": known.sizes.get(session.container),
        "cost_hour": _cost_hour(figure.cpu, figure.memory_bytes) if figure else None,
    }


def _cost_hour(cpu: float | None, memory_bytes: int) -> float | None:
    if not (settings.COST_CORE_HOUR or settings.COST_GIB_HOUR):
        return None
    return (cpu or 0) * settings.COST_CORE_HOUR + memory_bytes / GIB * settings.COST_GIB_HOUR


def _room_json(known: Known) -> dict[str, Any] | None:
    room = known.capacity
    if room is None:
        return None
    return {"memory_bytes": room.memory_bytes, "memory_free_bytes": room.memory_free_bytes, "cpus": room.cpus}


def _cost_json() -> dict[str, Any] | None:
    if not (settings.COST_CORE_HOUR or settings.COST_GIB_HOUR):
        return None
    return {
        "currency": settings.COST_CURRENCY,
        "core_hour": settings.COST_CORE_HOUR,
        "gib_hour": settings.COST_GIB_HOUR,
    }
