"""A session as the API, the board's events and the terminal socket show it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Prefetch, Subquery, prefetch_related_objects

from layers.models import Kind, StackLayer
from layers.stacks import ORDER
from sessions import attention, sleep
from sessions.models import AgentRun, Session, SessionLayer, Terminal
from sessions.states import State
from sessions.steps import LABELS

ENDED = {State.NEW, State.ARCHIVED, State.FAILED}  # nothing is left whose time could be over


def iso(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def session_json(session: Session) -> dict[str, Any] | None:
    """None before the first start; otherwise the API's `session` without its `terminal_url` (its card knows that)."""
    if session.wanted_at is None:
        return None
    if not {"steps", "layers", "terminals"} <= getattr(session, "_prefetched_objects_cache", {}).keys():
        prefetch_related_objects([session], *related())  # where whoever loaded it has not: even asking for that is slow
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
        "terminals": [
            {"number": each.number, "name": each.name, "kind": each.kind} for each in session.terminals.all()
        ],
        "layers": _layers_json(session),
        "without": [row.recipe_id for row in session.layers.all() if row.held and not (row.runs or row.wants)],
        "restart_asked": session.restart_asked,
        "next": _next_json(session),
        "idle_since": iso(session.idle_since),
        "expires_at": iso(session.expires_at) if session.state not in ENDED else None,
        "restoring": session.starts_from_id is not None and bool(session.container_id),
        "place": session.place if session.status == "starting" else None,
    }


def _next_json(session: Session) -> dict[str, Any] | None:
    """What happens to it by itself, if nobody does anything."""
    step = sleep.next_step(session)
    return {"what": step.what, "at": iso(step.at)} if step else None


def related(to_session: str = "") -> tuple[str | Prefetch[str], ...]:
    """What `session_json` wants loaded, in a query each; `to_session` is the lookup from the rows to their sessions."""
    in_stack = StackLayer.objects.filter(stack=OuterRef("session__stack"), recipe=OuterRef("recipe"))
    rows = SessionLayer.objects.select_related("recipe", "runs__build", "wants__build").only(
        *("session_id", "held", "problem", "conflicts", "recipe__kind", "recipe__name"),
        *("runs__number", "runs__build__size_bytes", "wants__number", "wants__build__size_bytes"),
    )
    rows = rows.annotate(pin=Subquery(in_stack.values("pinned__number")[:1]))
    there = Terminal.objects.filter(closed_at=None).only("session_id", "number", "name", "kind")
    runs = AgentRun.objects.select_related("terminal")
    return (
        f"{to_session}steps",
        Prefetch(f"{to_session}layers", rows),
        Prefetch(f"{to_session}terminals", there),
        Prefetch(f"{to_session}agent_runs", runs),
    )


def _layers_json(session: Session) -> list[dict[str, Any]]:
    """From the bottom up. What was taken away stays a row, of which nobody needs to know."""
    rows = [row for row in session.layers.all() if row.runs or row.wants]
    rows.sort(key=lambda row: (ORDER.index(Kind(row.recipe.kind)), row.recipe.name))
    return [_layer_json(row) for row in rows]


def _layer_json(row: Any) -> dict[str, Any]:
    shown = row.runs or row.wants
    return {
        "recipe": row.recipe_id,
        "kind": row.recipe.kind,
        "name": row.recipe.name,
        "runs": row.runs.number if row.runs else None,
        "wants": row.wants.number if row.wants else None,
        "size_bytes": shown.build.size_bytes if shown else None,
        "held": row.held,
        "pinned": row.pin,
        "problem": row.problem,
        "conflicts": row.conflicts,
    }
