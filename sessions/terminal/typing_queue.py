"""Input on its way to a terminal, in order, with word back to whoever typed it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from sessions.terminal.viewer import Viewer

Item = tuple[Viewer | None, bytes]
Work = Callable[[], Awaitable[None]]


class TypingQueue:
    """`typed(viewer, count)` is called as the terminal takes input; the protocol's input window bounds what waits."""

    def __init__(self, typed: Callable[[Viewer | None, int], None]) -> None:
        self._typed = typed
        self._items: deque[Item | Work] = deque()
        self._filled = asyncio.Event()

    def put(self, viewer: Viewer | None, data: bytes) -> None:
        """Queue input of a viewer, or (None) a terminal's answer."""
        self._items.append((viewer, data))
        self._filled.set()

    def first(self, work: Work) -> None:
        """Have `work` done before what is put later is written: a resize, say, that the typist counts on."""
        self._items.append(work)
        self._filled.set()

    async def run(self, write: Callable[[bytes], Awaitable[None]]) -> None:
        """Write what is queued until cancelled or the terminal is gone; then the rest is for `clear`."""
        while True:
            await self._filled.wait()
            while self._items:
                item = self._items[0]
                if callable(item):
                    await item()
                    self._items.popleft()
                    continue
                try:
                    await write(item[1])
                except OSError:
                    return
                self._items.popleft()
                self._typed(item[0], len(item[1]))
            self._filled.clear()

    def clear(self) -> list[tuple[Viewer, int]]:
        """Drop what was not taken; returns whose it was, and how many bytes."""
        lost: dict[Viewer, int] = {}
        for item in self._items:
            if not callable(item) and item[0] is not None:
                lost[item[0]] = lost.get(item[0], 0) + len(item[1])
        self._items.clear()
        self._filled.clear()
        return list(lost.items())
