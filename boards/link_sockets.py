"""The terminal socket of a share link: let in by the link's secret, thrown out when the link ends."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import datetime
from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async
from django.db import DatabaseError
from django.utils import timezone

from boards import guests, limits, links, people
from boards.access import NotFound
from boards.models import ShareLink
from boards.palette import colours_for
from boards.sockets import Scope, header, number_of, same_site
from sessions.ids import new_id
from sessions.protocol import FORBIDDEN, NOT_FOUND, TOO_MANY, Ended, Participant, Role
from sessions.terminal.consumer import Denial, Grant, TerminalConsumer

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0  # how long a revoked link may keep a socket when Redis lost the news


class LinkAccess:
    """ASGI middleware: puts a `Grant` and the link's id and end into the scope, or a `Denial`.

    The secret is not sent by browsers on their own as a cookie is, so a program needs no Origin. A page must be ours.
    """

    def __init__(self, app: Any) -> None:
        self.app = AuthMiddlewareStack(self._inner)
        self._next = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> Any:
        return await self.app(scope, receive, send)

    async def _inner(self, scope: Scope, receive: Any, send: Any) -> Any:
        if header(scope, b"origin") and not same_site(scope):
            scope["terminal"] = Denial(FORBIDDEN, "The Origin is not this site's.")
        else:
            await database_sync_to_async(_admit)(scope)
        return await self._next(scope, receive, send)


def _admit(scope: Scope) -> None:
    address = str((scope.get("client") or [""])[0])
    try:
        limits.check(limits.WRONG_SECRET, address)
        link = links.of_secret(scope["url_route"]["kwargs"]["secret"])
    except limits.TooMany as refused:
        scope["terminal"] = Denial(TOO_MANY, str(refused))
        return
    except NotFound as missing:
        limits.count(limits.WRONG_SECRET, address)
        scope["terminal"] = Denial(NOT_FOUND, str(missing))
        return
    try:
        number = number_of(scope, link.card)
    except NotFound as missing:
        scope["terminal"] = Denial(NOT_FOUND, str(missing))
        return
    name = scope["session"].get(guests.NAME, "Guest")
    role: Role = "type" if link.role == ShareLink.Role.TYPE else "watch"
    colours = colours_for(name, [member["colour"] for member in people.members_json(link.card.board)])
    participant = Participant(
        id=new_id(),
        user=None,
        name=name,
        kind="guest",
        role=role,
        colour=colours[0],
        initials=people.initials_of(name),
    )
    scope["terminal"] = Grant(link.card.session_id, participant, number, colours)
    scope["link"] = (link.pk, link.expires_at)


class LinkTerminalConsumer(TerminalConsumer):
    """A guest's terminal. It ends at once with the link, whatever the client does about the close."""

    _guard: asyncio.Task[None] | None = None
    _out = False

    async def connect(self) -> None:
        await super().connect()
        if isinstance(self.scope["terminal"], Grant):
            self._guard = asyncio.create_task(self._until_the_end(*self.scope["link"]))

    async def _until_the_end(self, link_id: str, expires_at: datetime) -> None:
        """Hear of a revocation, look for one that was not heard, and wait for the link's time to be up."""
        heard = False
        while (left := (expires_at - timezone.now()).total_seconds()) > 0:
            heard = heard or await self._listen(link_id)
            try:
                if not await database_sync_to_async(links.works)(link_id):
                    await self._throw_out(links.GONE)
                    return
            except DatabaseError as error:  # away for now; the next look may find it back
                log.warning("a share link cannot be looked up: %s", error)
            await asyncio.sleep(min(left, LOOK_EVERY_S))
        await self._throw_out(links.EXPIRED)

    async def _listen(self, link_id: str) -> bool:
        try:
            await self.channel_layer.group_add(links.group(link_id), self.channel_name)
        except Exception as error:  # whatever the layer raises while Redis is away
            log.warning("a guest's socket cannot hear of a revocation yet: %s", error)
            return False
        return True

    async def link_revoked(self, message: dict[str, Any]) -> None:  # noqa: ARG002
        await self._throw_out(links.GONE)

    async def _throw_out(self, reason: str) -> None:
        if self._out:
            return
        self._out = True
        await self._leave()
        last: Ended = {"type": "ended", "reason": reason}
        await self.send(text_data=json.dumps(last))
        await self._hang_up(FORBIDDEN, reason)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self._out:
            await super().receive(text_data, bytes_data)

    async def _leave(self) -> None:
        """Out of the terminal, without waiting until the client has closed its side."""
        await super().disconnect(FORBIDDEN)
        self.viewer = self.hub = None

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        if self._guard is not None:
            self._guard.cancel()
            await self.channel_layer.group_discard(links.group(self.scope["link"][0]), self.channel_name)
