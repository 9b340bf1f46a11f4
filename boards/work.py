"""Who may work in which card's session: from a caller to the place that `sessions.work` does its verbs in."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Final

from channels.db import database_sync_to_async
from django.contrib.auth.models import User

from boards import access, actions, actors
from boards.models import Card, Column
from engines.errors import PolicyRejected
from sessions import pauses
from sessions.models import Terminal
from sessions.terminal.actor import Actor
from sessions.work.place import Place

LOOK_EVERY_S: Final = 0.2
WAKE_S: Final = 60.0  # for as long a call waits for a session that sleeps, unless it says otherwise


@dataclass(frozen=True, slots=True)
class _Seen:
    place: Place
    actor: Actor
    status: str
    reason: str


async def reach(
    user: User,
    card_id: str,
    need: access.Role = access.Role.EDITOR,
    *,
    terminal: int = 0,
    wake_s: float = WAKE_S,
) -> tuple[Place, Actor]:
    """The card's session, running: one that sleeps is started, where its card is in an active column and the caller may.

    Raises `NotFound`, `Forbidden`, `PolicyRejected`.
    """
    seen = await _look(user, card_id, need, terminal)
    if seen.status == "running":
        return seen.place, seen.actor
    await _start(user, card_id)
    deadline = time.monotonic() + wake_s
    while seen.status != "running":
        if seen.status == "failed" and seen.reason:
            raise PolicyRejected(f"Its session could not be started: {seen.reason}")
        if time.monotonic() > deadline:
            raise PolicyRejected(f"Its session did not start within {wake_s:g} s; it goes on starting. Try again.")
        await asyncio.sleep(LOOK_EVERY_S)
        seen = await _look(user, card_id, need, terminal)
    return seen.place, seen.actor


def _find(user: User, card_id: str, need: access.Role, terminal: int) -> _Seen:
    card = access.card_of(user, card_id, need)
    session = card.session
    if terminal and not Terminal.objects.filter(session=session, number=terminal, closed_at=None).exists():
        raise access.NotFound(f"This session has no terminal {terminal}.")
    place, actor = Place(session.pk, session.container, terminal), actors.actor_of(user)
    if need is not access.Role.VIEWER:
        pauses.check(session.pk, actor.kind)
    return _Seen(place, actor, session.status, session.reason)


def _wake(user: User, card_id: str) -> None:
    card: Card = access.card_of(user, card_id)
    if card.archived_at is not None or card.column.role != Column.Role.ACTIVE:
        raise PolicyRejected("Its session does not run. Move the card to an active column, then try again.")
    if card.session.status != "starting":
        actions.start_card(access.card_of(user, card_id, access.Role.EDITOR), user=user)


_look = database_sync_to_async(_find, thread_sensitive=False)
_start = database_sync_to_async(_wake, thread_sensitive=False)
