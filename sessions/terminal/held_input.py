"""What agents sent by a socket and may not be typed yet: kept in order, a bounded time, then refused with the reason.

Bounded in size by the protocol's input window.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from engines.errors import PolicyRejected
from sessions.terminal.floor import Floor
from sessions.terminal.viewer import Viewer


class HeldInput:
    """`put(viewer, data)` types it; `refuse(viewer, count, reason)` tells that so many bytes were not."""

    def __init__(
        self, floor: Floor, put: Callable[[Viewer, bytes], None], refuse: Callable[[Viewer, int, str], None]
    ) -> None:
        self._floor = floor
        self._put = put
        self._refuse = refuse
        self._frames: dict[Viewer, deque[bytes]] = {}
        self._tasks: dict[Viewer, asyncio.Task[None]] = {}

    def add(self, viewer: Viewer, data: bytes) -> None:
        """Typed at once where nothing stands against it."""
        if viewer not in self._frames and self._floor.free(viewer.who):
            self._put(viewer, data)
            return
        self._frames.setdefault(viewer, deque()).append(data)
        if viewer not in self._tasks:
            self._tasks[viewer] = asyncio.create_task(self._type(viewer))

    async def _type(self, viewer: Viewer) -> None:
        frames = self._frames[viewer]
        try:
            while frames:
                await self._floor.admit(viewer.who)
                self._put(viewer, frames.popleft())
        except PolicyRejected as refused:
            self._refuse(viewer, sum(map(len, frames)), str(refused))
        finally:
            self._forget(viewer)

    def _forget(self, viewer: Viewer) -> None:
        self._frames.pop(viewer, None)
        self._tasks.pop(viewer, None)

    def left(self, viewer: Viewer) -> None:
        task = self._tasks.get(viewer)
        if task is not None:
            task.cancel()
        self._forget(viewer)

    def close(self) -> None:
        for viewer in list(self._tasks):
            self.left(viewer)
