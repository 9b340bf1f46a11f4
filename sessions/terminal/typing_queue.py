"""Input on its way to a terminal, in order, with word back to whoever typed it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from sessions.terminal.viewer import Viewer

Item = tuple[Viewer | None, bytes]


class TypingQueue:
    """`typed(viewer, count)` is called as the terminal takes input; the protocol's input window bounds what waits."""

    def __init__(self, typed: Callable[[Viewer | None, int], None]) -> None:
        self._typed = typed
        self._items: deque[Item] = deque()
        self._filled = asyncio.Event()

    def put(self, viewer: Viewer | None, data: bytes) -> None:
        """Queue input of a viewer, or (None) a terminal's answer."""
        self._items.append((viewer, data))
        self._filled.set()

    async def run(self, write: Callable[[bytes], Awaitable[None]]) -> None:
        """Write what is queued until cancelled or the terminal is gone; then the rest is for `clear`."""
        while True:
            await self._filled.wait()
            while self._items:
                viewer, data = self._items[0]
                try:
                    await write(data)
                except OSError:
                    return
                self._items.popleft()
                self._typed(viewer, len(data))
            self._filled.clear()

    def clear(self) -> list[tuple[Viewer, int]]:
        """Drop what was not taken; returns whose it was, and how many bytes."""
        lost: dict[Viewer, int] = {}
        for viewer, data in self._items:
            if viewer is not None:
                lost[viewer] = lost.get(viewer, 0) + len(data)
        self._items.clear()
        self._filled.clear()
        return list(lost.items())
