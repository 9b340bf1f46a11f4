"""How many sessions may run at once, by board and by person. Without a limit nothing is counted."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import QuerySet

from engines.errors import PolicyRejected
from sessions.models import Session
from sessions.states import Desired, State


class Full(PolicyRejected):
    """As many sessions run as may."""


def make_sure_of_room(board_id: str, user: User, session: Session | None = None) -> None:
    """Before `user` starts a session of a board, whose lock is held. Raises `Full`, unless `session` counts already."""
    if session is not None and session.desired == Desired.RUNNING and session.state != State.FAILED:
        return
    if settings.BOARD_SESSIONS and _active().filter(card__board=board_id).count() >= settings.BOARD_SESSIONS:
        raise Full(_refusal("This board runs", settings.BOARD_SESSIONS, "VIBENV_BOARD_SESSIONS"))
    if settings.USER_SESSIONS and _of(user).count() >= settings.USER_SESSIONS:
        raise Full(_refusal("You run", settings.USER_SESSIONS, "VIBENV_USER_SESSIONS"))


def _refusal(who: str, limit: int, setting: str) -> str:
    many = "1 session" if limit == 1 else f"{limit} sessions"
    return (
        f"{who} {many}, as many as may run at once. Stop or pause one first (the page of all sessions lists them), "
        f"or have whoever runs this vibenv raise {setting}."
    )


def _active() -> QuerySet[Session]:
    return Session.objects.filter(desired=Desired.RUNNING).exclude(state=State.FAILED)


def _of(user: User) -> QuerySet[Session]:
    """On any board, so with the person locked: they can start on two boards at the same moment."""
    if connection.features.has_select_for_update:
        list(User.objects.select_for_update().filter(pk=user.pk).values_list("pk"))
    return _active().filter(wanted_by=user.username)
