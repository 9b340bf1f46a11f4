"""Programs that follow a board or one card as server-sent events: what the pages' socket tells, numbered.

A follower is a page to the feed that nobody sees. `id` is up to where all events came, so whoever comes back with it as
`Last-Event-ID` is told what happened meanwhile; or `reset` where that is not known any more: fetch anew, and go on from here.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import StreamingHttpResponse

from boards.feed import Feed
from boards.feeds import feeds
from boards.limits import TooMany
from boards.people import PersonJson
from boards.sequence import Sequence
from boards.socket_guard import Pass, guards
from sessions.ids import new_id

HEARTBEAT_S: Final = 15.0
KEPT_S: Final = 30.0  # how long a feed goes on for a follower who comes back
QUEUE: Final = 256  # frames that wait for a slow client; beyond, they are thrown away and it is told `reset`
AT_ONCE: Final = 50  # streams of one caller
CHANGES: Final = frozenset({"card", "card_deleted", "board"})


def frame(kind: str, data: Any, number: int | None = None) -> bytes:
    text = json.dumps(data, separators=(",", ":"))
    return (f"id: {number}\n" if number is not None else "").encode() + f"event: {kind}\ndata: {text}\n\n".encode()


@dataclass(eq=False)
class Follower:
    """`card`: the only one that it is told of. `came_from`: the number it had been told up to, if it was here before."""

    person: PersonJson
    card: str | None = None
    came_from: int | None = None
    feed: Feed | None = None
    key: str = field(default_factory=new_id)
    frames: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    _sequence: Sequence | None = None
    _early: list[dict[str, Any]] = field(default_factory=list)

    # a page of the feed ---------------------------------------------------------------------------------
    async def tell(self, text: str) -> None:
        message = json.loads(text)
        if message["type"] == "hello":
            self._begin(message["version"])
        elif self._sequence is None:
            self._early.append(message)
        else:
            self._heard(message, self._sequence)

    async def end(self, code: int, reason: str) -> None:  # noqa: ARG002
        self._put(frame("end", {"reason": reason}))
        self._put(None)

    def heartbeat(self) -> bytes:
        """No event, but the number to come back with: of one card little may be told for long."""
        number = f"id: {self._sequence.upto}\n" if self._sequence is not None else ""
        return f": still here\n{number}\n".encode()

    # what it is told ------------------------------------------------------------------------------------
    def _begin(self, version: int) -> None:
        missed = self._missed(version)
        self._sequence = Sequence(version)
        if missed is None:
            self._put(frame("reset", {"version": version}, version))
        else:
            if self.came_from is None:
                self._put(frame("hello", {"version": version}, version))
            for text in missed:
                self._change(json.loads(text))
            if missed:
                self._put(f"id: {version}\n\n".encode())
        early, self._early = self._early, []
        for message in early:
            self._heard(message, self._sequence)

    def _missed(self, version: int) -> list[str] | None:
        if self.came_from is None or self.came_from == version:
            return []
        if self.feed is None or self.came_from > version:
            return None
        return self.feed.between(self.came_from, version)

    def _heard(self, message: dict[str, Any], sequence: Sequence) -> None:
        match message["type"]:
            case "events":
                sequence.came(message["versions"])
                for event in message["events"]:
                    self._change(event, sequence.upto)
            case "version":
                if sequence.lost(message["version"]):
                    self._sequence = Sequence(message["version"])
                    self._put(frame("reset", {"version": message["version"]}, message["version"]))
            case "layers" if self.card is None:
                self._put(frame("layers", message))
            case kind if kind in CHANGES and message["version"] > sequence.upto:
                sequence.came([message["version"]])
                self._change(message, sequence.upto)

    def _change(self, event: dict[str, Any], number: int | None = None) -> None:
        if self.card is None:
            self._put(frame(event["type"], event, number))
        elif event["type"] == "card" and event["card"]["id"] == self.card:
            self._put(frame("card", event, number))
        elif event["type"] == "card_deleted" and event["id"] == self.card:
            self._put(frame("card_deleted", event, number))
            self._put(None)

    def _put(self, what: bytes | None) -> None:
        if self.frames.full():
            self._skip()
        self.frames.put_nowait(what)

    def _skip(self) -> None:
        """The client does not keep up."""
        while not self.frames.empty():
            self.frames.get_nowait()
        if self._sequence is not None:
            self.frames.put_nowait(frame("reset", {"version": self._sequence.upto}, self._sequence.upto))


_open: Counter[str] = Counter()


def follow(board_id: str, follower: Follower, held: Pass, heard: int, caller: str) -> StreamingHttpResponse:
    """The stream, which ends with what let the caller in. `heard`: of `guards`, from before that was looked up."""
    if _open[caller] >= AT_ONCE:
        raise TooMany(5)
    return event_stream(_stream(board_id, follower, held, heard, caller))


def event_stream(parts: AsyncIterator[bytes]) -> StreamingHttpResponse:
    headers = {"Cache-Control": "no-store", "Content-Encoding": "identity", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(parts, content_type="text/event-stream", headers=headers)


async def _stream(board_id: str, follower: Follower, held: Pass, heard: int, caller: str) -> AsyncIterator[bytes]:
    _open[caller] += 1
    feed = follower.feed = feeds.join(board_id, follower, shown=False)
    try:
        async with guards.watching(held, heard):
            yield b"retry: 2000\n\n"
            async for part in _parts(follower, held):
                yield part
    finally:
        feeds.leave(feed, follower, kept_s=KEPT_S)
        _open[caller] -= 1
        _open.pop(caller) if not _open[caller] else None


async def _parts(follower: Follower, held: Pass) -> AsyncIterator[bytes]:
    waiting = asyncio.ensure_future(follower.frames.get())
    try:
        while True:
            done, _ = await asyncio.wait(
                (waiting, held.ended), timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED
            )
            if held.ended in done:
                yield frame("end", {"reason": held.ended.result().reason})
                return
            if not done:
                yield follower.heartbeat()
                continue
            part = waiting.result()
            if part is None:
                return
            waiting = asyncio.ensure_future(follower.frames.get())
            yield part
    finally:
        waiting.cancel()
