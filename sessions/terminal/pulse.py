"""Signs of life of a terminal, for whoever decides whether its session is idle. Costs a key and a frame next to nothing."""

from __future__ import annotations

import asyncio
import time

from channels.db import database_sync_to_async

from sessions import activity

PAINTED_S = 2.0  # what is printed so soon after an attach is the terminal painting itself


class Pulse:
    """`person` when somebody is there or types, `output` when something is printed, `painting` ahead of what is no work."""

    def __init__(self, session_id: str) -> None:
        self._session_id = session_id
        self._next = 0.0
        self._quiet_until = 0.0
        self._task: asyncio.Task[None] | None = None

    def person(self, idle: bool = False) -> None:
        """`idle`: the session is told to be, which is to end at once."""
        self._beat()
        if idle and self._task is None:
            self._task = asyncio.create_task(self._wake())

    def output(self) -> None:
        if time.monotonic() >= self._quiet_until:
            self._beat()

    def painting(self) -> None:
        self._quiet_until = time.monotonic() + PAINTED_S

    def _beat(self) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + activity.PULSE_S
            activity.touch(self._session_id)

    async def _wake(self) -> None:
        try:
            await _woke(self._session_id)
        finally:
            self._task = None


_woke = database_sync_to_async(activity.woke, thread_sensitive=False)
