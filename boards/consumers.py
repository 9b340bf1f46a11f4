"""The board's socket, a thin adapter: what its feed has, to a page; and which card the page looks at, to the feed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from boards.feed import Feed
from boards.feeds import feeds
from boards.people import PersonJson
from sessions.direct import DirectConsumer
from sessions.ids import new_id
from sessions.terminal.consumer import Denial
from sessions.terminal.hubs import hubs

TEXT_FRAME_CHARACTERS = 256
CARD_ID_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class BoardGrant:
    """Which board a socket follows, and who is behind it; decided by `sockets` and put into the scope as `board`."""

    board_id: str
    person: PersonJson


class BoardConsumer(DirectConsumer):
    channel_layer_alias = "none"  # its feed listens for all pages at once
    feed: Feed | None = None

    async def connect(self) -> None:
        await self.accept()
        given: BoardGrant | Denial = self.scope["board"]
        if isinstance(given, Denial):
            await self.end(given.code, given.reason)
            return
        hubs.start()
        self.key, self.person = new_id(), given.person
        self.feed = feeds.join(given.board_id, self)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        message = _parse(text_data or "")
        if message.get("type") == "ping":
            await self.tell('{"type":"pong"}')
        elif message.get("type") == "looking" and self.feed is not None:
            card, idle = message.get("card"), message.get("idle")
            known = isinstance(card, str) and len(card) <= CARD_ID_CHARACTERS
            self.feed.looks(self, card if known else None, idle is True)

    async def tell(self, text: str) -> None:
        await self.base_send({"type": "websocket.send", "text": text})

    async def end(self, code: int, reason: str) -> None:
        await self.close(code=code, reason=reason[:120])

    async def disconnect(self, code: int) -> None:  # noqa: ARG002
        if self.feed is not None:
            feeds.leave(self.feed, self)


def _parse(text: str) -> dict[str, Any]:
    """A page's message; nothing for what is none: a newer page may say more than this server knows."""
    try:
        message = json.loads(text) if len(text) <= TEXT_FRAME_CHARACTERS else None
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}
