"""The feed of one board to this process's pages: one subscription, however many they are.

Events go at once after a quiet moment; while they keep coming they are gathered for a moment into one frame, serialised
once. Every page hears the board's version now and then, so that it notices what Redis lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import time
from collections import deque
from typing import Any, Protocol

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.db import DatabaseError

from boards.events import PEOPLE, group
from boards.gathering import Gathering
from boards.models import Board
from boards.people import PersonJson
from boards.presence import Presence
from sessions.ids import new_id
from sessions.news import publish
from sessions.protocol import NOT_FOUND

log = logging.getLogger(__name__)

GATHER_S = 0.04
PRESENCE_S = 0.25
LOOK_S = 10.0  # how long a page can miss an event unnoticed
ANNOUNCE_LOOKS = 2  # tell other processes every second look who is here
PATIENCE_S = 2.0  # a page is greeted after that even if Redis is away: what it misses, the next look finds
AGAIN_S = 1.0
RECENT = 256  # events that are kept for those who come back
PROCESS = new_id()


class Page(Protocol):
    """A page's socket. `tell` never waits for the client."""

    key: str
    person: PersonJson

    async def tell(self, text: str) -> None: ...

    async def end(self, code: int, reason: str) -> None: ...


class Feed:
    """`join` and `leave` pages; `close` when nobody is left. Lives in the event loop."""

    def __init__(self, board_id: str) -> None:
        self.board_id = board_id
        self.presence = Presence()
        self._pages: dict[str, Page] = {}
        self._new: list[Page] = []
        self._gathering = Gathering()
        self._events, self._greetings, self._moved, self._suspicion, self._listening = (
            asyncio.Event() for _ in range(5)
        )
        self._layers = ""  # what pages are to be told of the board's layers
        self._shown = ""  # the presence that pages were told last
        self._recent: deque[tuple[int, str]] = deque(maxlen=RECENT)
        self._kept_until = 0.0
        loops = (self._listen(), self._forward(), self._greet(), self._show_presence(), self._look())
        self._tasks = [asyncio.create_task(loop) for loop in loops]

    @property
    def idle(self) -> bool:
        return self.presence.nobody and not self._pages and time.monotonic() >= self._kept_until

    # pages ----------------------------------------------------------------------------------------------
    def join(self, page: Page, *, shown: bool = True) -> None:
        """It hears events from now on, and is told the version after that: nothing falls between. Others see it if `shown`."""
        self._pages[page.key] = page
        self._new.append(page)
        if shown:
            self.presence.came(page.key, page.person)
        self._greetings.set()
        self._moved.set()

    def leave(self, page: Page, *, kept_s: float = 0.0) -> None:
        """The feed goes on for `kept_s`: whoever comes back by then has missed nothing."""
        self._kept_until = max(self._kept_until, time.monotonic() + kept_s)
        self._pages.pop(page.key, None)
        self.presence.left(page.key)
        self._moved.set()

    def looks(self, page: Page, card: str | None, idle: bool) -> None:
        self.presence.looks(page.key, card, idle)
        self._moved.set()

    def in_terminal(self, card: str, participants: list[dict[str, Any]]) -> None:
        self.presence.in_terminal(card, participants)
        self._moved.set()

    async def _tell_all(self, text: str) -> None:
        for page in list(self._pages.values()):
            await _tell(page, text)

    async def _greet(self) -> None:
        while True:
            await self._greetings.wait()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._listening.wait(), PATIENCE_S)
            self._greetings.clear()
            new, self._new = self._new, []
            version = await self._examine()
            if version is None:
                self._new += new
                await asyncio.sleep(AGAIN_S)
                self._greetings.set()
                continue
            for page in new:
                await _tell(page, _json({"type": "hello", "version": version}))
                await _tell(page, self._presence_text())

    # events ---------------------------------------------------------------------------------------------
    async def _listen(self) -> None:
        layer = get_channel_layer()
        while True:
            try:
                channel = await layer.new_channel()
                try:
                    await layer.group_add(group(self.board_id), channel)
                    await layer.group_add(PEOPLE, channel)
                    self._listening.set()
                    self._suspicion.set()
                    publish(group(self.board_id), {"type": "board.ask", "process": PROCESS})
                    while True:
                        await self._heard(await layer.receive(channel))
                finally:
                    self._listening.clear()
                    await layer.group_discard(PEOPLE, channel)
                    await layer.group_discard(group(self.board_id), channel)
            except Exception as error:  # whatever the layer raises while Redis is away
                log.warning("the feed of board %s cannot be heard: %s", self.board_id, error)
                await asyncio.sleep(AGAIN_S)

    async def _heard(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "board.event":
                self._recent.append((message["version"], message["text"]))
                self._gathering.add(message["version"], message["card"], message["text"])
                self._events.set()
                if not message["card"]:  # it may have been deleted
                    self._suspicion.set()
            case "board.layers":
                self._layers = message["text"]
                self._events.set()
            case "person.event":
                for page in [page for page in self._pages.values() if page.person["id"] == message["person"]]:
                    await _tell(page, message["text"])
            case "board.here" if message["process"] != PROCESS:
                self.presence.told(message["process"], message["here"], time.monotonic())
                self._moved.set()
            case "board.ask" if message["process"] != PROCESS:
                self._announce()

    def between(self, version: int, latest: int) -> list[str] | None:
        """The events after `version`, up to `latest`; None where not all of them are at hand."""
        at_hand = {number: text for number, text in self._recent if version < number <= latest}
        return [at_hand[number] for number in sorted(at_hand)] if len(at_hand) == latest - version else None

    async def _forward(self) -> None:
        while True:
            await self._events.wait()
            self._events.clear()
            if self._gathering:
                await self._tell_all(self._gathering.take())
            if text := self._layers:  # only the latest of a moment
                self._layers = ""
                await self._tell_all(text)
            await asyncio.sleep(GATHER_S)

    # who is here ----------------------------------------------------------------------------------------
    async def _show_presence(self) -> None:
        here = None
        while True:
            await self._moved.wait()
            self._moved.clear()
            text = self._presence_text()
            if text != self._shown:
                self._shown = text
                await self._tell_all(text)
            if here != (here := _json(self.presence.here())):
                self._announce()
            await asyncio.sleep(PRESENCE_S)

    def _presence_text(self) -> str:
        return _json({"type": "presence", **self.presence.everywhere(time.monotonic())})

    def _announce(self) -> None:
        publish(group(self.board_id), {"type": "board.here", "process": PROCESS, "here": self.presence.here()})

    # now and then ---------------------------------------------------------------------------------------
    async def _look(self) -> None:
        for number in itertools.count():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._suspicion.wait(), LOOK_S)
            self._suspicion.clear()
            version = await self._examine()
            if version is not None:
                await self._tell_all(_json({"type": "version", "version": version}))
            if number % ANNOUNCE_LOOKS == 0 and not self.presence.nobody:
                self._announce()
            self._moved.set()  # somebody may have been forgotten
            await asyncio.sleep(AGAIN_S)

    async def _examine(self) -> int | None:
        """The board's version; the pages of one that is gone are closed. None where there is none to tell."""
        version: int | None
        try:
            version = await _version(self.board_id)
        except DatabaseError as error:  # away for now; the next look may find it back
            log.warning("board %s cannot be read: %s", self.board_id, error)
            return None
        if version is None:
            for page in list(self._pages.values()):
                await page.end(NOT_FOUND, "The board was deleted.")
        return version

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._announce()  # that nobody is here now


async def _tell(page: Page, text: str) -> None:
    try:
        await page.tell(text)
    except Exception as error:  # one page's broken socket must not keep the others waiting
        log.warning("a page could not be told: %s", error)


def _json(message: Any) -> str:
    return json.dumps(message, separators=(",", ":"))


def _read_version(board_id: str) -> int | None:
    return Board.objects.filter(pk=board_id).values_list("version", flat=True).first()


_version = database_sync_to_async(_read_version, thread_sensitive=False)
