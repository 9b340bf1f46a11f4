"""One connection that a process in a session made: bytes both ways, no more of them under way than a window holds."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from sessions.relay.frames import LARGEST_BYTES, WINDOW_BYTES, BadFrame, Frame, Kind, taken


class Channel:
    """`receive` and `send` are for one task each; the rest is called by the relay that it belongs to."""

    def __init__(self, number: int, tell: Callable[[Frame], None]) -> None:
        self.number = number
        self.silent = asyncio.Event()  # the client says no more, or is gone
        self.gone = False
        self._tell = tell
        self._came: deque[bytes] = deque()
        self._held = 0
        self._news = asyncio.Event()
        self._room = WINDOW_BYTES
        self._has_room = asyncio.Event()

    # for whoever serves it ------------------------------------------------------------------------------
    async def receive(self) -> bytes:
        """The next bytes; empty once the client says no more."""
        while not self._came and not self.silent.is_set():
            self._news.clear()
            await self._news.wait()
        if not self._came:
            return b""
        data = self._came.popleft()
        self._held -= len(data)
        self._tell(taken(self.number, len(data)))
        return data

    async def send(self, data: bytes) -> None:
        """Returns when all of it is on its way; what a client that is gone does not get is thrown away."""
        view = memoryview(data)
        while view and not self.gone:
            if self._room == 0:
                self._has_room.clear()
                await self._has_room.wait()
                continue
            part = view[: min(self._room, LARGEST_BYTES)]
            self._room -= len(part)
            self._tell(Frame(Kind.DATA, self.number, bytes(part)))
            view = view[len(part) :]

    def end(self) -> None:
        """Close it once the client was given all."""
        if not self.gone:
            self._tell(Frame(Kind.ENDED, self.number))

    # for the relay --------------------------------------------------------------------------------------
    def came(self, data: bytes) -> None:
        """Raises `BadFrame` where that is more than the window holds."""
        self._held += len(data)
        if self._held > WINDOW_BYTES:
            raise BadFrame("more on a channel than may be under way")
        self._came.append(data)
        self._news.set()

    def given(self, count: int) -> None:
        self._room = min(WINDOW_BYTES, self._room + count)
        self._has_room.set()

    def ended(self, *, gone: bool) -> None:
        self.gone = self.gone or gone
        self.silent.set()
        self._news.set()
        self._has_room.set()
