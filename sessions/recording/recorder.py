"""The recorder of one terminal, as its hub has it: takes note at once, writes a little later, elsewhere.

Nothing here waits for a disk or the database, and what waits to be written is bounded: the terminal goes first.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from channels.db import database_sync_to_async

from sessions import masking
from sessions.models import Snapshot
from sessions.recording import policy
from sessions.recording.policy import Policy
from sessions.recording.tape import Item
from sessions.recording.writing import Beginning, Writing

log = logging.getLogger(__name__)

GATHER_S: Final = 0.25  # what comes meanwhile is written together
TOGETHER_S: Final = 0.015  # output so close together is one event: a screen shows no more pictures than that
LONGEST_EVENT: Final = 64 * 1024
MOST_WAITING: Final = 8 * 1024 * 1024  # bytes; what comes while the disk does not keep up is left out
MOST_ASIDE: Final = 50  # of who came and went before there was anything to record

_writers = ThreadPoolExecutor(2, thread_name_prefix="recordings")


class Recorder:
    """`changed` is called when what viewers are told (`message`) is another."""

    def __init__(self, session_id: str, terminal: int, changed: Callable[[], None]) -> None:
        self._session_id, self._terminal, self._changed = session_id, terminal, changed
        self._writing = Writing(session_id, terminal)
        self._policy = policy.NOTHING
        self._known = False
        self._secrets: tuple[str, ...] = ()
        self._snapshot: str | None = None
        self._shell = ""
        self._size = (24, 80)
        self._middle = False  # of what this shell prints: a recording that begins now shows what was before
        self._earlier: Callable[[int], bytes] = lambda _: b""
        self._pending: list[Item] = []
        self._parts: list[bytes] = []  # of the latest output, not yet an item
        self._parts_at = 0.0
        self._parts_size = 0
        self._waiting_bytes = 0
        self._told: dict[str, Any] = {}
        self._task: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()
        self._asking = asyncio.Lock()
        self._closed = False

    @property
    def message(self) -> dict[str, Any]:
        """What viewers are told: shape `protocol.RecordingStatus`."""
        on = self._policy.output and not self._writing.problem
        return {"type": "recording", "on": on, "input": on and self._policy.input, "problem": self._writing.problem}

    # what happens ---------------------------------------------------------------------------------------
    def shell(self, shell: str, rows: int, cols: int, *, new: bool, earlier: Callable[[int], bytes]) -> None:
        """A terminal's stream begins. `shell` tells shells apart; `earlier` gives what it had printed so many bytes ago."""
        self._shell, self._size, self._middle, self._earlier = shell, (rows, cols), not new, earlier

    def output(self, data: bytes) -> None:
        if not self._policy.output:
            self._middle = True
            return
        now = time.time()
        if self._parts and (now - self._parts_at > TOGETHER_S or self._parts_size > LONGEST_EVENT):
            self._gather()
        if self._waiting_bytes > MOST_WAITING:
            return
        if not self._parts:
            self._parts_at = now
        self._parts.append(data)
        self._parts_size += len(data)
        self._waiting_bytes += len(data)
        self._begin()

    def resized(self, rows: int, cols: int) -> None:
        if (rows, cols) != self._size:
            self._size = (rows, cols)
            self._note(Item("size", time.time(), text=f"{cols}x{rows}"))

    def mark(self, words: str) -> None:
        """Something that happened beside the output."""
        self._note(Item("mark", time.time(), text=words[:300]))

    def typed(self, who: str, data: bytes) -> None:
        if self._policy.input and self._waiting_bytes <= MOST_WAITING:
            self._waiting_bytes += len(data)
            self._note(Item("input", time.time(), data, who))

    # on its way -----------------------------------------------------------------------------------------
    def _gather(self) -> None:
        if self._parts:
            self._pending.append(Item("output", self._parts_at, b"".join(self._parts)))
            self._parts, self._parts_size = [], 0

    def _note(self, item: Item) -> None:
        """Kept with the output around it; of a terminal that prints nothing there is nothing to keep."""
        if self._policy.output or not self._known:
            self._gather()
            self._pending.append(item)
            if self._task is None and len(self._pending) > MOST_ASIDE:
                del self._pending[0]

    def _begin(self) -> None:
        if self._task is None and not self._closed:
            self._task = asyncio.create_task(self._write_on())

    async def _write_on(self) -> None:
        try:
            while not self._hurry.is_set() and (self._pending or self._parts or self._writing.waiting):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._hurry.wait(), GATHER_S)
                await self._write()
        finally:
            self._task = None

    async def _write(self) -> None:
        self._gather()
        items, self._pending, self._waiting_bytes = self._pending, [], 0
        if not self._policy.output or not self._shell:
            return
        beginning = self._beginning(items)
        self._middle = True
        try:
            await _in_thread(self._writing.write)(items, beginning)
        except Exception:  # the database is away: this much is lost, the terminal is not
            log.exception("a terminal of %s is not recorded just now", self._session_id)
        self._tell_if_changed()

    def _beginning(self, items: Sequence[Item]) -> Beginning:
        rows, cols = self._size
        begins = self._middle and not self._writing.open
        printed = sum(len(item.data) for item in items if item.kind == "output")
        return Beginning(
            shell=self._shell,
            rows=rows,
            cols=cols,
            title=self._policy.title,
            with_input=self._policy.input,
            earlier=self._earlier(printed) if begins else b"",
            secrets=self._secrets,
        )

    def _tell_if_changed(self) -> None:
        if self.message != self._told:
            self._told = self.message
            self._changed()

    # what may be recorded -------------------------------------------------------------------------------
    async def reload(self) -> None:
        """Ask again what may be recorded, and what is to be masked."""
        async with self._asking:
            await self._reload()

    async def _reload(self) -> None:
        try:
            new, secrets, snapshot = await _read(self._session_id)
        except Exception:  # the database is away: as before
            log.exception("cannot read whether %s is recorded", self._session_id)
            return
        stops = self._policy.output and not new.output
        self._policy, self._secrets, self._known = new, secrets, True
        if not new.output:
            self._pending, self._parts, self._parts_size = [], [], 0
        if stops:
            await self._stop()
        if self._snapshot is not None and snapshot not in {"", self._snapshot}:
            self.mark("● Snapshot")
        self._snapshot = snapshot
        self._tell_if_changed()

    async def close(self) -> None:
        """Nothing more comes; the recording goes on with the next attach, where the shell is the same then."""
        self._closed = True
        await self._stop()

    async def _stop(self) -> None:
        """Write what is pending, and end."""
        self._hurry.set()
        if self._task is not None:
            await self._task  # never cancelled: its thread would go on beside the next one
        self._hurry.clear()
        try:
            if self._pending or self._parts:
                await self._write()
            await _in_thread(self._writing.close)()
        except Exception:
            log.exception("the recording of a terminal of %s is not ended in order", self._session_id)


def _what_may(session_id: str) -> tuple[Policy, tuple[str, ...], str]:
    """What is recorded, the values to be masked, the id of the latest snapshot."""
    snapshot = Snapshot.objects.filter(session=session_id).order_by("-created_at").values_list("pk", flat=True).first()
    return policy.of(session_id), masking.values_of(session_id), snapshot or ""


def _in_thread(work: Callable[..., None]) -> Callable[..., Any]:
    called: Callable[..., Any] = database_sync_to_async(work, thread_sensitive=False, executor=_writers)
    return called


_read = database_sync_to_async(_what_may, thread_sensitive=False)
