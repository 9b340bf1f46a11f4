"""Sockets end with what let them in: the membership, its role, the login or token.

One registry per process hears of every change (`access_news`) and looks now and then for one that it did not hear. A socket whose
access changed is closed at once, and no message of its client gets through after that, whatever the client does about the close.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.db import DatabaseError
from django.utils import timezone

from boards import tokens
from boards.access_news import GROUP, AccessChanged
from boards.models import LoginSession, Member
from sessions.protocol import ACCESS_CHANGED, FORBIDDEN, UNAUTHENTICATED, Ended
from sessions.terminal.consumer import Denial

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0  # how long access that ended may keep a socket when Redis lost the news

OUT = Denial(FORBIDDEN, "You are no longer a member of this board, or it was deleted.")
LOGGED_OUT = Denial(UNAUTHENTICATED, "This browser was logged out.")
TOKEN_ENDED = Denial(UNAUTHENTICATED, "The token was revoked, or has expired.")
OTHER_ROLE = Denial(ACCESS_CHANGED, "Your role on this board is another now.")


@dataclass(eq=False, slots=True)
class Pass:
    """What a socket was let in by. `role` is None where any will do; one of `login` and `token` is empty."""

    user_id: int
    board_id: str
    role: str | None
    login: str
    token: str
    told_why: bool = False  # its protocol has a message for the reason
    ended: asyncio.Future[Denial] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def end(self, why: Denial) -> None:
        if not self.ended.done():
            self.ended.set_result(why)


def _denials(passes: list[Pass]) -> list[tuple[Pass, Denial]]:
    """Which of them are worth nothing any more, in three queries."""
    now = timezone.now()
    rows = LoginSession.objects.filter(session_key__in={p.login for p in passes if p.login}, expire_date__gt=now)
    logins = set(rows.values_list("session_key", flat=True))
    hashes = {p.token for p in passes if p.token}
    bearers = set(tokens.alive().filter(token_hash__in=hashes).values_list("token_hash", flat=True))
    members = Member.objects.filter(
        user_id__in={p.user_id for p in passes}, board_id__in={p.board_id for p in passes}, user__is_active=True
    )
    roles = {(user, board): role for user, board, role in members.values_list("user_id", "board_id", "role")}

    def denial(p: Pass) -> Denial | None:
        if p.login and p.login not in logins:
            return LOGGED_OUT
        if p.token and p.token not in bearers:
            return TOKEN_ENDED
        role = roles.get((p.user_id, p.board_id))
        if role is None:
            return OUT
        return OTHER_ROLE if p.role is not None and role != p.role else None

    return [(p, why) for p in passes if (why := denial(p)) is not None]


# Not in the threads of a request: these looks outlive the one that began them.
_look_up = database_sync_to_async(_denials, thread_sensitive=False)


class Guards:
    """All sockets of this process that were let in by a membership."""

    def __init__(self) -> None:
        self.heard = 0  # news so far: who asked the database before the latest may have been told what was
        self._passes: set[Pass] = set()
        self._tasks: list[asyncio.Task[None]] = []

    def _start(self) -> None:
        if not self._tasks or self._tasks[0].get_loop() is not asyncio.get_running_loop():
            self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._keep_looking())]

    async def _listen(self) -> None:
        layer = get_channel_layer()
        while True:
            try:
                channel = await layer.new_channel()
                await layer.group_add(GROUP, channel)
                while True:
                    await self._changed(cast(AccessChanged, await layer.receive(channel)))
            except Exception as error:  # whatever the layer raises while Redis is away
                log.warning("changes of access cannot be heard just now: %s", error)
                await asyncio.sleep(1)

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self._look(self._passes)

    async def _changed(self, news: AccessChanged) -> None:
        self.heard += 1
        theirs = [p for p in self._passes if p.user_id == news["user"]]
        for held in theirs:
            if news["login"] and news["now"] and held.login == news["login"]:
                held.login = news["now"]
        await self._look(theirs)

    async def _look(self, passes: Iterable[Pass]) -> None:
        looked_at = list(passes)
        if not looked_at:
            return
        try:
            for held, why in await _look_up(looked_at):
                held.end(why)
        except DatabaseError as error:  # away for now; the next look may find it back
            log.warning("access cannot be looked up: %s", error)

    @asynccontextmanager
    async def watching(self, held: Pass, heard: int) -> AsyncIterator[None]:
        """Have `held` ended when its access is. `heard` is `self.heard` from before that access was read."""
        self._start()
        self._passes.add(held)
        try:
            if self.heard != heard:
                await self._look([held])
            yield
        finally:
            self._passes.discard(held)


class Gate:
    """Between the server and the application: messages pass both ways until the access ends."""

    def __init__(self, receive: Any, send: Any, held: Pass) -> None:
        self._receive, self._send, self._held = receive, send, held
        self._incoming: asyncio.Future[dict[str, Any]] | None = None
        self._closed = False

    async def receive(self) -> dict[str, Any]:
        ended = self._held.ended
        if not ended.done():
            self._incoming = self._incoming or asyncio.ensure_future(self._receive())
            await asyncio.wait((self._incoming, ended), return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            return await self._end(ended.result())
        incoming, self._incoming = self._incoming, None
        assert incoming is not None  # noqa: S101  (for the type checker)
        return incoming.result()

    async def _end(self, why: Denial) -> dict[str, Any]:
        if not self._closed:
            if self._held.told_why and why is not OTHER_ROLE:
                last: Ended = {"type": "ended", "reason": why.reason}
                await self._send({"type": "websocket.send", "text": json.dumps(last)})
            await self._send({"type": "websocket.close", "code": why.code, "reason": why.reason})
            self._closed = True
        return {"type": "websocket.disconnect", "code": why.code}

    async def send(self, message: dict[str, Any]) -> None:
        if not self._held.ended.done():
            await self._send(message)

    def leave(self) -> None:
        if self._incoming is not None:
            self._incoming.cancel()


guards = Guards()
