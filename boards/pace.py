"""How fast one caller of the API may call: so many a second in the long run, and ten seconds' worth at once.

Counted in this process, in memory: it is on the way of every call. What is dear to try is counted in Redis (`limits`).
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User

from boards import scopes
from boards.limits import TooMany

BURST_S: Final = 10.0
OF_A_USER: Final = 2.0  # all of a person's tokens and pages together, of what one of them may
MOST_CALLERS = 10_000


class Pace:
    """For each caller the moment at which all its calls so far are paid for, one after the other (GCRA)."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._paid_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait_s(self, who: str, per_s: float) -> float:
        """Count a call; or, where it is too early for one, say how long to wait and count nothing."""
        now = self._now()
        with self._lock:
            begins = max(now, self._paid_at.get(who, now))
            ahead = begins + 1 / per_s - now - BURST_S
            if ahead > 0:
                return ahead
            self._paid_at[who] = begins + 1 / per_s
            if len(self._paid_at) > MOST_CALLERS:
                self._paid_at = {caller: paid for caller, paid in self._paid_at.items() if paid > now}
            return 0.0


_pace = Pace()


def count(user: User) -> None:
    """Count a call of a token or a login of `user`. Raises `TooMany`."""
    if not settings.API_CALLS_PER_S:
        return
    scope = scopes.of(user)
    one = f"token {scope.token_id}" if scope else f"pages {user.pk}"
    for who, per_s in ((one, settings.API_CALLS_PER_S), (f"user {user.pk}", settings.API_CALLS_PER_S * OF_A_USER)):
        wait_s = _pace.wait_s(who, per_s)
        if wait_s:
            raise TooMany(math.ceil(wait_s))
