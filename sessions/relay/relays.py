"""All relays: one for each running session in which somebody may need the API from inside."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import time
from pathlib import Path
from typing import Final

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.conf import settings

from engines.errors import EngineError
from sessions.agents import sessions_wanting_relays
from sessions.models import Session
from sessions.news import SESSIONS
from sessions.relay.http import App
from sessions.relay.relay import Relay

log = logging.getLogger(__name__)

LOOK_S: Final = 1.0  # news may be lost, and not all that makes a relay wanted is news
GATHER_S: Final = 0.02  # news come in bursts
TRY_AGAIN_S: Final = (0.1, 0.5, 1, 2, 5, 15, 60)  # after one that ended young
YOUNG_S: Final = 10.0


class Relays:
    """One per installation: the process that holds the lock has them."""

    def __init__(self) -> None:
        self._app: App | None = None
        self._running: dict[str, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._news = asyncio.Event()
        self._lock: int | None = None

    def start(self, app: App) -> None:
        """Harmless when repeated. `app` answers what comes."""
        if not self._tasks:
            self._app = app
            self._tasks = [asyncio.create_task(self._keep()), asyncio.create_task(self._listen())]

    async def close(self) -> None:
        """End all; the web process is about to stop."""
        tasks = [*self._tasks, *self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def _keep(self) -> None:
        while True:
            self._news.clear()
            try:
                if self._held():
                    self._settle(await database_sync_to_async(sessions_wanting_relays, thread_sensitive=False)())
            except Exception as error:  # whatever a database raises while it is away
                log.warning("which sessions want a relay is not known: %s", error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), LOOK_S)
                await asyncio.sleep(GATHER_S)

    def _held(self) -> bool:
        """Two web processes would end each other's relays."""
        if self._lock is not None:
            return True
        file = os.open(Path(settings.DATA_DIR) / "relays.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._lock = file
        return True

    def _settle(self, wanted: set[str]) -> None:
        for session_id in self._running.keys() - wanted:
            self._running.pop(session_id).cancel()
        for session_id in wanted - self._running.keys():
            self._running[session_id] = asyncio.create_task(self._relay(session_id))

    async def _relay(self, session_id: str) -> None:
        """Again and again, while it is wanted."""
        fresh = 0
        while True:
            began = time.monotonic()
            container = await database_sync_to_async(_container_of, thread_sensitive=False)(session_id)
            if container is not None and self._app is not None:
                try:
                    await Relay(container, self._app).run()
                except EngineError as error:
                    log.info("the relay of %s ended: %s", container, error)
                except Exception:
                    log.exception("the relay of %s failed", container)
            fresh = 0 if time.monotonic() - began > YOUNG_S else fresh
            await asyncio.sleep(TRY_AGAIN_S[min(fresh, len(TRY_AGAIN_S) - 1)])
            fresh += 1

    async def _listen(self) -> None:
        layer = get_channel_layer()
        while True:
            try:
                channel = await layer.new_channel()
                await layer.group_add(SESSIONS, channel)
                while True:
                    await layer.receive(channel)
                    self._news.set()
            except Exception:  # whatever the layer raises while Redis is away; it is looked every second anyway
                await asyncio.sleep(1)


def _container_of(session_id: str) -> str | None:
    found = Session.objects.filter(pk=session_id).first()
    return found.container if found else None


relays = Relays()
