"""Changing layers under many sessions at once: one helper for all that are to have the same version."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import ExitStack

from django.db import transaction

from engines.current import engine
from engines.errors import VibenvError
from layers import base, mounts, provision
from layers.models import LayerVersion
from sessions import leases, live, wishes
from sessions.models import Session, SessionLayer
from sessions.states import Desired, State
from sessions.transitions import announce

log = logging.getLogger(__name__)


def apply(session_ids: Sequence[str]) -> list[str]:
    """Give running sessions what they want to have swapped; ids of those that are left to be reconciled one by one.

    Whatever fails here is left, too: that way tells why.
    """
    versions = _wanted(session_ids)
    try:
        if provision.provide(versions):  # before anything is claimed: a first copy takes a while
            return list(session_ids)
        with ExitStack() as claims:
            held = [s for pk in session_ids if (s := claims.enter_context(leases.claim(pk))) is not None]
            with leases.kept(*held):
                done = _apply([s for s in held if _runs(s)])
    except VibenvError as error:
        log.warning("layers of %d sessions are changed one by one: %s", len(session_ids), error)
        return list(session_ids)
    return [pk for pk in session_ids if pk not in done]


def _wanted(session_ids: Sequence[str]) -> list[LayerVersion]:
    found = LayerVersion.objects.filter(wanted_by__session__in=session_ids, recipe__kind__in=mounts.MOUNTED)
    return list(found.select_related("recipe", "build").distinct())


def _runs(session: Session) -> bool:
    settled = session.state == State.RUNNING and session.desired == Desired.RUNNING
    return settled and not session.restart_asked and not (session.retry_at)


def _apply(sessions: Sequence[Session]) -> set[str]:
    """Ids of sessions that have all they wanted. One that wants something taken away is left."""
    rows = [row for session in sessions for row in wishes.rows_of(session) if live.is_due(row)]
    names = {session.pk: session.container for session in sessions}
    lacking = {row.session_id for row in rows}
    left = {row.session_id for row in rows if row.wants is None}
    for version in {row.wants_id: row.wants for row in rows if row.wants}.values():
        left |= _swap(version, [row for row in rows if row.wants_id == version.pk], names)
    return lacking - left


def _swap(version: LayerVersion, rows: Sequence[SessionLayer], names: dict[str, str]) -> set[str]:
    """Ids of the sessions in which it failed."""
    containers = [names[row.session_id] for row in rows]
    problems = engine().swap_layers(containers, mounts.mount_of(version), base.resolve().image)
    failed = {row.session_id for row in rows if problems[names[row.session_id]]}
    with transaction.atomic():
        for row in rows:
            if row.session_id not in failed:
                wishes.given(row, version)
                announce(row.session_id)
    return failed
