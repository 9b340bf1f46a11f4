"""Who types just now. Costs a key nothing: a timer looks, a few times a second while somebody types."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

BEGAN_AFTER_S = 0.05  # behind the echo of the first key
LOOK_EVERY_S = 0.4
STOPPED_AFTER_S = 2.0  # of no key


class Typist:
    """`changed()` is called when `who` is somebody else, or nobody any more."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.who: str | None = None
        self._changed = changed
        self._last: str | None = None
        self._at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def typed(self, who: str) -> None:
        self._last = who
        self._at = time.monotonic()
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(BEGAN_AFTER_S, self._look)

    def left(self, who: str) -> None:
        """Somebody is gone."""
        if self._last == who:
            self._last = None
        if self.who == who:
            self._is(None)

    def _look(self) -> None:
        self._timer = None
        now = self._last if time.monotonic() - self._at < STOPPED_AFTER_S else None
        if now is not None:
            self._timer = asyncio.get_running_loop().call_later(LOOK_EVERY_S, self._look)
        self._is(now)

    def _is(self, who: str | None) -> None:
        if who != self.who:
            self.who = who
            self._changed()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
