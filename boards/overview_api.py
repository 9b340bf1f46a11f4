"""The HTTP API of all sessions that one may see: a thin adapter over `overview`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from boards.caller import FAULTS, user_of
from boards.overview import overview_json, sessions_of
from boards.paging import page, tell_next

router = Router(tags=["sessions"])


class SessionRow(Schema):
    id: str
    name: str
    card: str
    title: str
    board: str
    board_name: str
    column_role: str
    archived: bool
    may_edit: bool
    status: str
    reason: str
    place: int | None
    wanted_by: str
    created_at: datetime
    state_since: datetime
    cpu: float | None
    memory_bytes: int | None
    disk_bytes: int | None
    cost_hour: float | None


class RoomOut(Schema):
    memory_bytes: int
    memory_free_bytes: int | None
    cpus: int


class CostOut(Schema):
    currency: str
    core_hour: float
    gib_hour: float


class OverviewOut(Schema):
    sessions: list[SessionRow]
    measured_at: datetime | None
    problem: str
    room: RoomOut | None
    cost: CostOut | None


@router.get("/sessions", response={200: OverviewOut, **FAULTS})
def list_sessions(
    request: HttpRequest, response: HttpResponse, after: str | None = None, limit: int | None = None
) -> Any:
    """All sessions that were ever started, of the boards that you are a member of, by name; with `limit` in parts.

    `cpu` in cores, `memory_bytes` and `cost_hour` are of running ones, and null until they were measured: that begins
    with the first question and goes on while questions come. `disk_bytes` is what a session wrote itself.
    """
    user = user_of(request)
    found = page(sessions_of(user), ("session__name", "id"), after=after, limit=limit)
    tell_next(request, response, found.after)
    return overview_json(found.rows)
