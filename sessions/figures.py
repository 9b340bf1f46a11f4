"""What running sessions use now, measured once for everybody who looks, and only while somebody does."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from django.db import connection
from django.utils import timezone

from engines.current import engine
from engines.errors import EngineError
from engines.protocol import Capacity, Usage
from sessions.models import Session
from sessions.states import State

log = logging.getLogger(__name__)

LOOKED_S: Final = 20.0  # so long after the last question nobody looks any more
FIRST_S: Final = 1.0  # a share of CPU takes two looks
PACE_S: Final = 3.0
PACE_EACH_S: Final = 0.1  # and so much more for each session: a hundred are asked every ten seconds
LOST_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Figure:
    """Of one session. `cpu` in cores; None: not known yet."""

    cpu: float | None
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Known:
    """By the names of containers. `at` is when; None: nothing was measured yet."""

    at: datetime | None = None
    figures: Mapping[str, Figure] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    capacity: Capacity | None = None
    problem: str = ""


class Meter:
    """`look` never waits for the engine. Two threads measure for as long as somebody looked lately."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looked = 0.0
        self._working: set[str] = set()
        self._known = Known()
        self._last: tuple[float, Mapping[str, Usage]] = (0.0, {})

    def look(self) -> Known:
        with self._lock:
            self._looked = time.monotonic()
            for name, work in {"figures": self._measure, "sizes": self._weigh}.items():
                if name not in self._working:
                    self._working.add(name)
                    threading.Thread(target=self._work, args=(name, work), name=name, daemon=True).start()
            return self._known

    def _work(self, name: str, work: Callable[[], float]) -> None:
        while self._looked_at(name):
            try:
                wait_s = work()
            except Exception as error:  # the database away, an answer that nobody foresaw: the next look may do better
                log.warning("sessions cannot be measured: %s", error)
                wait_s = LOST_S
            time.sleep(wait_s)

    def _looked_at(self, name: str) -> bool:
        with self._lock:
            if time.monotonic() - self._looked < LOOKED_S:
                return True
            self._working.discard(name)
            if name == "figures":  # who looks next must not see them as if they were new
                self._known, self._last = Known(sizes=self._known.sizes), (0.0, {})
            return False

    def _tell(self, **fresh: object) -> None:
        with self._lock:
            self._known = replace(self._known, **fresh)  # type: ignore[arg-type]

    def _measure(self) -> float:
        """Returns the seconds until the next."""
        try:
            names = [each.container for each in Session.objects.filter(state__in=[State.RUNNING, State.PAUSED])]
            used, now = engine().usages(names), time.monotonic()
            capacity = engine().capacity()
        except EngineError as error:
            self._tell(problem=str(error))
            return LOST_S
        finally:
            connection.close()  # not held until the next look
        then, before = self._last
        self._last = (now, used)
        figures = {
            name: Figure(_share(before.get(name), usage, now - then), usage.memory_bytes)
            for name, usage in used.items()
        }
        self._tell(at=timezone.now(), figures=figures, capacity=capacity, problem="")
        return PACE_S + PACE_EACH_S * len(used) if before else FIRST_S

    def _weigh(self) -> float:
        """Returns the seconds until the next; the engine's own answer is kept for longer."""
        try:
            self._tell(sizes=engine().sizes())
        except EngineError as error:
            log.warning("the sizes of sessions are not known: %s", error)
        return LOST_S


def _share(before: Usage | None, usage: Usage, seconds: float) -> float | None:
    """In cores. One that was started anew meanwhile counts from nothing."""
    if before is None or seconds <= 0 or usage.cpu_seconds < before.cpu_seconds:
        return None
    return (usage.cpu_seconds - before.cpu_seconds) / seconds


meter = Meter()
