"""The news that somebody's access changed: a role, a membership, a login. Every web process hears all of it."""

from __future__ import annotations

from typing import TypedDict

from django.db import transaction

from sessions.news import publish

GROUP = "access"


class AccessChanged(TypedDict):
    """What of this user's was let in is to be looked at again. The login `login` ended, or goes on as `now`."""

    type: str
    user: int
    login: str
    now: str


def tell(user_id: int, *, login: str = "", now: str = "") -> None:
    """On commit."""
    news: AccessChanged = {"type": "access.changed", "user": user_id, "login": login, "now": now}
    transaction.on_commit(lambda: publish(GROUP, dict(news)))
