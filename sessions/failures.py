"""What becomes of a session when a step of it fails: tried again, waited with, or given up, and always told."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from django.utils import timezone

from engines.current import engine
from engines.errors import EngineError, EngineUnreachable, NameTaken, VibenvError
from sessions import naming, steps, taking
from sessions.models import Session
from sessions.states import Desired, State
from sessions.transitions import ACTOR, announce, transition

log = logging.getLogger(__name__)

NOT_TAKEN_YET: Final = "It is not taken to the snapshot yet"
NOT_ARCHIVED_YET: Final = "It stays in its container until a snapshot can be made"
MOST_ATTEMPTS: Final = 4
LONGEST_WAIT_S: Final = 60  # between two attempts to archive


def failed_attempt(session: Session, error: VibenvError) -> float | None:
    """An error of the engine or a layer: the seconds after which to try again, or None where it was given up."""
    if isinstance(error, NameTaken):
        naming.with_another_name(session.name, session.take_name)
        return 0
    attempts = session.attempts + 1
    if session.starts_from_id is not None and error.permanent:
        if taking.give_up(session, error):
            return 0
    elif (why := _may_wait(session)) is not None:
        return _wait_for_better(session, f"{_without_waiting(session.reason)} {why}: {error}".strip(), attempts)
    if not error.permanent and (isinstance(error, EngineUnreachable) or attempts < MOST_ATTEMPTS):
        wait = min(2.0**attempts / 2, 10)
        retry_at = timezone.now() + timedelta(seconds=wait)
        Session.objects.filter(pk=session.pk).update(attempts=attempts, retry_at=retry_at)
        log.warning("session %s: %s; again in %.0f s", session, error, wait)
        _tell_waiting(session, error)
        return wait
    fail(session, str(error), _container_log(session))
    return None


def _may_wait(session: Session) -> str | None:
    """What waits, where its work lies safe, so that nothing that keeps it from going on makes it a failure."""
    if session.starts_from_id is not None:
        return NOT_TAKEN_YET
    if session.desired == Desired.ARCHIVED and session.state == State.ASLEEP:
        return NOT_ARCHIVED_YET
    return None


def _without_waiting(reason: str) -> str:
    """Why it is as it is, without what was told while it waited."""
    return reason.partition(NOT_TAKEN_YET)[0].partition(NOT_ARCHIVED_YET)[0].strip()


def waits_no_more(session: Session) -> None:
    """What was told while it waited is not so any more."""
    reason = _without_waiting(session.reason)
    if reason != session.reason:
        Session.objects.filter(pk=session.pk, reason=session.reason).update(reason=reason)


def _wait_for_better(session: Session, reason: str, attempts: int) -> float:
    wait = min(2.0 ** min(attempts, 10) / 2, LONGEST_WAIT_S)
    retry_at = timezone.now() + timedelta(seconds=wait)
    Session.objects.filter(pk=session.pk).update(attempts=attempts, retry_at=retry_at, reason=reason)
    log.warning("session %s: %s; again in %.0f s", session, reason, wait)
    announce(session.pk)
    return wait


def _tell_waiting(session: Session, error: VibenvError) -> None:
    open_step = session.steps.filter(finished_at=None).last()
    if open_step is not None:
        steps.begin(session, open_step.name, f"{error} Trying again."[:300])


def fail(session: Session, reason: str, said: str) -> None:
    """Give up; `said` is what its container printed."""
    Session.objects.filter(pk=session.pk).update(log=f"{reason}\n\n{session.log}\n{said}".strip() + "\n")
    session.refresh_from_db()
    transition(session, State.FAILED, actor=ACTOR, reason=reason)
    announce(session.pk)


def _container_log(session: Session) -> str:
    try:
        return engine().logs(session.container)
    except EngineError:
        return ""
