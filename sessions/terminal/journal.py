"""Who typed in a terminal, for its session's history: how much, never what. Costs a key two additions.

What an agent *runs* is noted as it is, cut: it is the agent's work, and meant to be looked at.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from channels.db import database_sync_to_async
from django.db import DatabaseError

from sessions import history
from sessions.terminal import lines

log = logging.getLogger(__name__)

SILENCE_S: Final = 20.0  # an entry is written when somebody has typed nothing for so long
LEAST_S: Final = 60.0  # between two entries of somebody
COMMAND_CHARS: Final = 200


@dataclass(slots=True)
class Batch:
    """What one participant has typed since its last entry."""

    name: str
    kind: str
    first_at: float
    last_at: float
    keys: int = 0
    lines: int = 0
    first_line: str = ""

    def detail(self, terminal: int) -> dict[str, Any]:
        told: dict[str, Any] = {"terminal": terminal, "kind": self.kind, "keys": self.keys, "lines": self.lines}
        return {**told, "first_line": self.first_line} if self.first_line else told


class Journal:
    """`write(name, detail)` keeps one entry; it may fail, and is not tried again."""

    def __init__(
        self,
        terminal: int,
        write: Callable[[str, dict[str, Any]], Awaitable[None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._terminal = terminal
        self._write = write
        self._clock = clock
        self._batches: dict[tuple[str, str], Batch] = {}
        self._written: dict[tuple[str, str], float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._writing: set[asyncio.Task[None]] = set()

    def typed(self, name: str, kind: str, data: bytes, command: str = "") -> None:
        """`command`: the line that an agent ran; of all else nothing but its length is kept."""
        now = self._clock()
        batch = self._batches.get((name, kind))
        if batch is None:
            batch = self._batches[name, kind] = Batch(name, kind, now, now)
            self._look_in(SILENCE_S)
        batch.last_at = now
        batch.keys += 1 if data[:1] == b"\x1b" and len(data) < 8 else len(data)
        batch.lines += lines.count(data)
        if command and not batch.first_line:
            batch.first_line = " ".join(command.split())[:COMMAND_CHARS]

    def _due(self, key: tuple[str, str], batch: Batch) -> float:
        """Somebody who goes on typing gets an entry a minute."""
        quiet = min(batch.last_at + SILENCE_S, batch.first_at + LEAST_S)
        return max(quiet, self._written.get(key, float("-inf")) + LEAST_S)

    def _look_in(self, pause_s: float) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(max(0.01, pause_s), self._look)

    def _look(self) -> None:
        self._timer = None
        now = self._clock()
        for key, batch in list(self._batches.items()):
            if now >= self._due(key, batch):
                self._flush(key)
        self._written = {key: at for key, at in self._written.items() if now < at + LEAST_S}
        if self._batches:
            self._look_in(min(self._due(key, batch) for key, batch in self._batches.items()) - now)

    def _flush(self, key: tuple[str, str]) -> None:
        batch = self._batches.pop(key)
        self._written[key] = self._clock()
        task = asyncio.create_task(self._write_down(batch))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _write_down(self, batch: Batch) -> None:
        try:
            await self._write(batch.name, batch.detail(self._terminal))
        except DatabaseError:  # away: the history has one line less
            log.exception("cannot note what %s typed", batch.name)

    async def close(self) -> None:
        """Write what is left."""
        if self._timer is not None:
            self._timer.cancel()
        for key in list(self._batches):
            self._flush(key)
        await asyncio.gather(*self._writing, return_exceptions=True)


def writer(session_id: str) -> Callable[[str, dict[str, Any]], Awaitable[None]]:
    """Entries of that session's history."""

    async def write(name: str, detail: dict[str, Any]) -> None:
        await _typed(session_id, name, detail)

    return write


_typed = database_sync_to_async(history.typed, thread_sensitive=False)
