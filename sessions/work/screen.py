"""What a terminal's screen shows, as text: followed while somebody asks for it, skipped ahead behind a flood."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from weakref import WeakKeyDictionary

from engines.errors import InvalidInput
from sessions.masking import mask_screen
from sessions.terminal.grid import Grid
from sessions.terminal.hub import Hub
from sessions.terminal.marks import Mark
from sessions.work.place import Place
from sessions.work.secrecy import secrets_of
from sessions.work.terminals import terminal

SKIP_BYTES: Final = 64 * 1024  # as much as is followed; of more, the end alone is looked at
TAIL_BYTES: Final = 24 * 1024  # of lines: some screens full
FULL_SCREEN_BYTES: Final = 192 * 1024  # a full-screen program painted its screen somewhere in these
FALLS_SILENT_S: Final = 0.05
ASKED_S: Final = 60.0  # for as long after a question the screen is kept up with


@dataclass(frozen=True, slots=True)
class Screen:
    """`lines` without blanks at their ends. `changed` are the rows (from 0) that differ from what they were at `since`.

    `seq` is the number of the output's next byte: whoever gives it as `since` is told what changed from here on.
    """

    rows: int
    cols: int
    lines: list[str]
    row: int
    column: int
    visible: bool
    alternate: bool
    title: str
    seq: int
    changed: list[int] | None


class Follower:
    """An `Ear`: one terminal's screen."""

    def __init__(self, hub: Hub) -> None:
        self._history = hub.history
        self._size = (0, 0)
        self._grid = Grid(hub.rows, hub.cols)
        self._seq: int | None = None
        self._lines: list[str] = []
        self._changed_at: list[int] = []  # of each row: the number up to which it was as it is not now
        self._asked = 0.0
        self._heard = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def ask(self, size: tuple[int, int], since: int | None) -> Screen:
        self._asked = time.monotonic()
        self._follow(size)
        grid = self._grid
        changed = [row for row, at in enumerate(self._changed_at) if at >= since] if since is not None else None
        return Screen(
            rows=grid.rows,
            cols=grid.cols,
            lines=list(self._lines),
            row=grid.y,
            column=grid.column,
            visible=grid.visible,
            alternate=grid.alternate,
            title=grid.title,
            seq=self._history.seq,
            changed=changed,
        )

    def _follow(self, size: tuple[int, int]) -> None:
        seq = self._history.seq
        if seq == self._seq and size == self._size:
            return
        missed = self._history.since(self._seq) if self._seq is not None and seq - self._seq <= SKIP_BYTES else None
        before = self._seq
        if missed is None or size != self._size:
            self._begin(size)
        else:
            self._grid.feed(missed)
        self._seq, self._size = seq, size
        self._compare(before or 0)

    def _begin(self, size: tuple[int, int]) -> None:
        """Anew from the history's end."""
        self._grid = Grid(*size)
        tail = self._history.tail(FULL_SCREEN_BYTES if self._history.alternate else TAIL_BYTES)
        self._grid.feed(tail.prelude.encode() + tail.data)

    def _compare(self, before: int) -> None:
        lines = self._grid.text()
        if len(lines) != len(self._lines):
            self._changed_at = [before] * len(lines)
        else:
            for row, line in enumerate(lines):
                if line != self._lines[row]:
                    self._changed_at[row] = before
        self._lines = lines

    # kept up with, so that the next question costs nothing ---------------------------------------------------
    def heard(self, data: bytes, end: int, marks: Sequence[Mark]) -> None:  # noqa: ARG002
        self._heard = time.monotonic()
        if self._timer is None and self._heard - self._asked < ASKED_S:
            self._timer = asyncio.get_running_loop().call_later(FALLS_SILENT_S, self._silent)

    def _silent(self) -> None:
        left = self._heard + FALLS_SILENT_S - time.monotonic()
        self._timer = asyncio.get_running_loop().call_later(left, self._silent) if left > 0 else None
        if left <= 0:
            self._follow(self._size)

    def cut(self) -> None:
        if self._timer is not None:  # the history may be closed by then
            self._timer.cancel()
            self._timer = None


_followers: WeakKeyDictionary[Hub, Follower] = WeakKeyDictionary()


async def screen(place: Place, since: int | None = None) -> Screen:
    """Raises `PolicyRejected`, `InvalidInput`."""
    async with terminal(place) as hub:
        if since is not None and not 0 <= since <= hub.history.seq:
            raise InvalidInput("since: is no number that this terminal's output has reached; leave it out.")
        follower = _followers.get(hub)
        if follower is None:
            follower = _followers[hub] = Follower(hub)
            hub.ears.add(follower)
        seen = follower.ask((hub.rows, hub.cols), since)
    values = await secrets_of(place)
    if not values:
        return seen
    title, *_ = mask_screen(values, [seen.title], 0)
    return replace(seen, lines=mask_screen(values, seen.lines, seen.cols), title=title)
