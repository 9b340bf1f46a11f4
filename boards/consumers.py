"""The board's socket: numbered events to a page. A thin adapter; the events are made in `events`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import Any

from channels.db import database_sync_to_async
from django.db import DatabaseError

from boards.events import group, person_group
from boards.models import Board
from sessions.direct import DirectConsumer
from sessions.protocol import NOT_FOUND
from sessions.terminal.consumer import Denial
from sessions.terminal.hubs import hubs

log = logging.getLogger(__name__)

VERSION_EVERY_S = 10.0  # how long a page can miss an event unnoticed when Redis lost it


class BoardConsumer(DirectConsumer):
    board: Board | None = None

    async def connect(self) -> None:
        await self.accept()
        found: Board | Denial = self.scope["board"]
        if isinstance(found, Denial):
            await self.close(code=found.code, reason=found.reason[:120])
            return
        self.board = found
        hubs.start()
        self._tasks = [asyncio.create_task(self._join()), asyncio.create_task(self._keep_versions())]

    async def _join(self) -> None:
        """Join the group before telling the version: what changes in between is then heard as an event."""
        while True:
            try:
                await self.channel_layer.group_add(group(self.scope["board"].pk), self.channel_name)
                await self.channel_layer.group_add(person_group(self.scope["person"]), self.channel_name)
                break
            except Exception as error:  # whatever the layer raises while Redis is away
                log.warning("a page cannot follow its board yet: %s", error)
                await asyncio.sleep(1)
        with contextlib.suppress(DatabaseError):  # told by the next round instead
            await self._tell_version("hello")

    async def _keep_versions(self) -> None:
        while True:
            await asyncio.sleep(VERSION_EVERY_S)
            try:
                await self._tell_version("version")
            except DatabaseError as error:  # away for now; the next round may find it back
                log.warning("the board's version cannot be read: %s", error)

    async def _tell_version(self, kind: str) -> None:
        version = await database_sync_to_async(_version)(self.scope["board"].pk)
        if version is None:
            await self.close(code=NOT_FOUND, reason="The board was deleted.")
            return
        await self.send(text_data=json.dumps({"type": kind, "version": version}))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        if text_data and text_data[:64].replace(" ", "") == '{"type":"ping"}':
            await self.send(text_data='{"type":"pong"}')

    async def board_event(self, message: dict[str, Any]) -> None:
        await self.base_send({"type": "websocket.send", "text": message["text"]})

    async def person_event(self, message: dict[str, Any]) -> None:
        """News for whoever looks at the page, of any board."""
        await self.send(text_data=message["text"])

    async def disconnect(self, code: int) -> None:  # noqa: ARG002
        if self.board is None:
            return
        for task in self._tasks:
            task.cancel()
        await self.channel_layer.group_discard(group(self.board.pk), self.channel_name)
        await self.channel_layer.group_discard(person_group(self.scope["person"]), self.channel_name)


def _version(board_id: str) -> int | None:
    return Board.objects.filter(pk=board_id).values_list("version", flat=True).first()
