"""Changing the layers under a session that runs: its processes keep what they have open, whatever they look up is new."""

from __future__ import annotations

import logging

from engines.current import engine
from engines.errors import EngineUnreachable, VibenvError
from layers import base, mounts, provision
from sessions import leases, wishes
from sessions.models import Session, SessionLayer
from sessions.transitions import announce

log = logging.getLogger(__name__)

LOST = "The engine has lost this version, and it is being built again. Update once more when it is ready."


def apply(session: Session) -> None:
    """Give it what it wants of profile and toolchains. What cannot be given is told, and left to its next start.

    Killed in between, it is done once more, which changes nothing. Raises `EngineUnreachable`.
    """
    rows = [row for row in wishes.rows_of(session) if is_due(row)]
    if not rows:
        return
    with leases.kept(session):
        for row in rows:
            _give(session, row)


def is_due(row: SessionLayer) -> bool:
    return mounts.is_mounted(row.recipe) and row.runs_id != row.wants_id and not row.problem


def _give(session: Session, row: SessionLayer) -> None:
    try:
        problem = _change(session, row)
    except EngineUnreachable:
        raise
    except VibenvError as error:
        problem = str(error)
    if problem:
        log.warning("session %s, %s: %s", session, row.recipe, problem)
        wishes.refused(row, f"{problem} {wishes.AT_NEXT_START}")
    else:
        wishes.given(row, row.wants)
        announce(session.pk)


def _change(session: Session, row: SessionLayer) -> str:
    """Returns the problem, if any."""
    helper = base.resolve().image
    if row.wants is None:
        engine().take_layer(session.container, mounts.path_of(row.recipe), helper)
        return ""
    if provision.provide([row.wants]):
        return LOST
    engine().swap_layer(session.container, mounts.mount_of(row.wants), helper)
    return ""
