"""What people may want of a session. Writes the *desired* state; `reconcile` makes it so."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from engines.current import engine
from engines.errors import PolicyRejected
from layers import base
from layers.models import Stack
from sessions import naming, sleep, steps
from sessions.models import Session
from sessions.states import Desired, State
from sessions.transitions import announce, transition

log = logging.getLogger(__name__)

FEW = 3  # sessions, for which a helper each is as good as one for all
AT_REST = {State.NEW, State.PAUSED, State.ASLEEP, State.ARCHIVED, State.FAILED}
NOT_RUNNING = "Only a running session can be paused. Start it first."


def create(title: str, stack: Stack | None = None, rules: Mapping[str, int] | None = None) -> Session:
    """A session that was never started, named after `title`. Without a stack it runs on the settings' base alone."""
    fields = {"stack": stack, "rules": dict(rules or {})}
    return naming.with_free_name(title, lambda name: Session.objects.create(name=name, **fields))


def wake_key(key: str) -> None:
    """The same for whoever knows a session by what the engine calls it; one that is no session's is ignored."""
    session_id = Session.objects.filter(key=key).values_list("pk", flat=True).first()
    if session_id is not None:
        wake(session_id)


def rename(session: Session, title: str) -> None:
    """Follow a title's change as long as nothing bears the name yet; afterwards the name stays."""
    if session.wanted_at is None:
        naming.with_free_name(title, session.take_name)


def want(session: Session, desired: str, *, actor: str, reason: str = "") -> Session:
    """Ask for `desired`; gives the session as it then is. News follows as `session_changed`. Asking again is harmless.

    Wanting *running* of a failed session is the retry; of a running one it changes nothing. `reason` is told with the
    state that comes of it. Raises `EngineUnreachable` rather than accept a start that could only wait; one that was
    accepted survives any engine's absence. Raises `PolicyRejected` for a pause of what does not run.
    """
    with transaction.atomic():
        session = Session.objects.select_for_update().get(pk=session.pk)
        starts = desired == Desired.RUNNING and session.state in AT_REST
        if starts:
            engine().reach()
        if desired == Desired.PAUSED and session.desired not in {Desired.RUNNING, Desired.PAUSED}:
            raise PolicyRejected(NOT_RUNNING)
        if desired == Desired.RUNNING and session.state == State.FAILED:
            transaction.on_commit(base.retry)  # it may have been the base image; it asks the engine, so after this
        transaction.on_commit(lambda: wake(session.pk))  # before the news: the worker starts while pages are told
        fields: dict[str, Any] = {"desired": desired, "attempts": 0, "retry_at": None, "restart_asked": False}
        if desired != session.desired or starts:
            fields |= {"wanted_by": actor, "reason": reason, "idle_since": None}
        if starts:
            now = timezone.now()
            fields |= {"wanted_at": now, "log": "", "admitted_at": None, "expires_at": sleep.expiry(session, now)}
        Session.objects.filter(pk=session.pk).update(**fields)
        session.refresh_from_db()
        if starts:
            session.steps.all().delete()
        if starts and session.state != State.PAUSED:  # what is paused goes on at once
            transition(session, State.PREPARING, actor=actor)
            steps.begin(session, "queued")
        announce(session.pk)
    return session


def wake_all(session_ids: Sequence[str]) -> None:
    """Have a worker look at several at once, which may want the same of their layers."""
    from sessions.tasks import change_layers  # noqa: PLC0415  (as below)

    if len(session_ids) < FEW:
        for session_id in session_ids:
            wake(session_id)
        return
    try:
        change_layers.apply_async((list(session_ids),))
    except Exception as error:  # as below
        log.warning("no worker could be told of %d sessions (%s); the sweep will find them", len(session_ids), error)


def wake(session_id: str, delay_s: float = 0) -> None:
    """Have a worker look at a session soon. With the broker down, the sweep will: nothing is raised."""
    from sessions.tasks import reconcile  # noqa: PLC0415  (tasks import the reconciler, which imports this)

    try:
        reconcile.apply_async((session_id,), countdown=delay_s)
    except Exception as error:  # whatever a broker client raises when its server is away
        log.warning("no worker could be told of session %s (%s); the sweep will find it", session_id, error)
