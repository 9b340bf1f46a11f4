"""What the board is told of a terminal that waits for somebody; written by one task, in order, the latest word last."""

from __future__ import annotations

import asyncio

from channels.db import database_sync_to_async

from sessions import attention


class Beacon:
    """`light` when a program asks and nobody looks, `clear` when somebody does; `hands` for people who ask."""

    def __init__(self, session_id: str) -> None:
        self._session_id = session_id
        self.lit = attention.marked(session_id)
        self._by_hand = False
        self._wanted: tuple[str, str] | None = ("", "") if self.lit else None  # shell, words
        self._told = self._wanted
        self._task: asyncio.Task[None] | None = None

    def light(self, shell: str, words: str) -> None:
        self._want((shell, words))

    def clear(self) -> None:
        self._by_hand = False
        self._want(None)

    def hands(self, shell: str, words: str) -> None:
        """`words` say whose raised hand nobody sees who could help; empty when there is none (any more)."""
        if words:
            self._by_hand = True
            self._want((shell, words))
        elif self._by_hand:
            self.clear()

    def _want(self, wanted: tuple[str, str] | None) -> None:
        self._wanted, self.lit = wanted, wanted is not None
        if self._task is None and self._wanted != self._told:
            self._task = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        try:
            while self._told != self._wanted:
                now = self._wanted
                await (_clear(self._session_id) if now is None else _mark(self._session_id, *now))
                self._told = now
        finally:
            self._task = None


_mark = database_sync_to_async(attention.mark, thread_sensitive=False)
_clear = database_sync_to_async(attention.clear, thread_sensitive=False)
