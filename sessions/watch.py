"""Follows the engine's events in the worker, so that a container that ends is noticed at once and not at the next sweep."""

from __future__ import annotations

import logging
import threading

from django.db import close_old_connections

from engines.current import engine
from engines.errors import EngineError
from layers import base
from sessions import leases, orphans, uptime
from sessions.lifecycle import wake, wake_key
from sessions.sweep import needing_attention

log = logging.getLogger(__name__)

TELLING = {"die", "oom", "destroy", "pause", "unpause"}


class Watcher(threading.Thread):
    """Runs until `end()`; a lost engine is asked again with backoff, and everything is swept once it is back."""

    def __init__(self) -> None:
        super().__init__(name="engine-events", daemon=True)
        self._ended = threading.Event()

    def end(self) -> None:
        self._ended.set()

    def run(self) -> None:
        pause_s = 0.5
        while not self._ended.is_set():
            try:
                self._follow()
                pause_s = 0.5
            except EngineError as error:
                log.warning("engine events: %s", error)
                pause_s = min(pause_s * 2, 5)
            uptime.gone()
            self._ended.wait(pause_s)

    def _follow(self) -> None:
        found = base.resolve()
        if found.state == "ready":
            engine().ensure_guard(found.image)  # now, not within somebody's first start
        for session_id in needing_attention():
            wake(session_id)
        _look_for_orphans()
        close_old_connections()  # this thread waits for long: it must not hold a connection meanwhile
        engine().info()  # it answers, whatever was caught above
        uptime.there()
        for event in engine().events():
            if event.action in TELLING:
                wake_key(event.session_id)
                close_old_connections()
            if self._ended.is_set():
                return


def _look_for_orphans() -> None:
    """A worker or an engine ended before this: when its claims have run out, and again for what the engine finished later."""
    from sessions.tasks import remove_orphans  # noqa: PLC0415  (tasks import the reconciler)

    try:
        for wait_s in (leases.LEASE_S + 1, leases.LEASE_S + 2 * orphans.GRACE_S):
            remove_orphans.apply_async(countdown=wait_s)
    except Exception as error:  # whatever a broker client raises when its server is away
        log.warning("no worker could be told to look for orphans (%s); it is done within the hour", error)
