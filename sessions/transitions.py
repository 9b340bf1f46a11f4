"""The only writer of a session's state: the move and its history row are one transaction, the news follows the commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from sessions.models import Session, SessionEvent
from sessions.signals import session_changed
from sessions.states import check_move

ACTOR: Final = "vibenv"  # of what nobody asked for

_gathering: ContextVar[dict[str, bool] | None] = ContextVar("gathering", default=None)


def announce(session_id: str) -> None:
    """Tell listeners, once the present transaction is committed, that a session changed: once, however often it did."""
    news = partial(_send, session_id)
    waiting = (func for _, func, *_ in connection.run_on_commit)
    if not any(isinstance(func, partial) and func.func is _send and func.args == news.args for func in waiting):
        transaction.on_commit(news)


@contextmanager
def gathered() -> Iterator[None]:
    """Tell at the end, once for each session, what is announced meanwhile by this thread: for what takes no time."""
    if _gathering.get() is not None:
        yield
        return
    token = _gathering.set({})
    try:
        yield
    finally:
        told = _gathering.get() or {}
        _gathering.reset(token)
        for session_id in told:
            _send(session_id)


def _send(session_id: str) -> None:
    if (waiting := _gathering.get()) is not None:
        waiting[session_id] = True
        return
    session_changed.send_robust(sender=Session, session_id=session_id)


def transition(session: Session, new: str, *, actor: str, reason: str = "") -> bool:
    """Move a session to state `new`; False when somebody else moved it first (the row is then reloaded).

    Raises `IllegalMove` for a move outside the table. A session already in `new` only has its reason updated.
    """
    old = session.state
    if old != new:
        check_move(old, new)
    now = timezone.now()
    with transaction.atomic():
        changes = {"state": new, "reason": reason} | ({"state_since": now} if old != new else {})
        if not Session.objects.filter(pk=session.pk, state=old).update(**changes):
            session.refresh_from_db()
            return False
        if old != new:
            SessionEvent.objects.create(session=session, old=old, new=new, reason=reason, actor=actor)
        announce(session.pk)
    for field, value in changes.items():
        setattr(session, field, value)
    return True
