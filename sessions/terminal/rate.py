"""How often one viewer may do something."""

from __future__ import annotations

import time
from collections import deque


class Rate:
    """`allows()` is true at most `count` times in any `seconds`."""

    def __init__(self, count: int, seconds: float) -> None:
        self._seconds = seconds
        self._times: deque[float] = deque(maxlen=count)

    def allows(self) -> bool:
        now = time.monotonic()
        if len(self._times) == self._times.maxlen and now - self._times[0] < self._seconds:
            return False
        self._times.append(now)
        return True
