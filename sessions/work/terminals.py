"""A session's terminal for a verb: its hub, held and attached for as long as the verb takes."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Final

from engines.errors import PolicyRejected
from sessions.terminal import keys
from sessions.terminal.hub import Hub
from sessions.terminal.hubs import hubs
from sessions.terminal.ring import RingBusy
from sessions.work.place import Place

ATTACH_S: Final = 15.0
LINGERS_S: Final = 30.0  # whoever calls once calls again: the next call finds it attached
LOOK_EVERY_S: Final = 0.01


@contextlib.asynccontextmanager
async def terminal(place: Place, attach_s: float = ATTACH_S) -> AsyncIterator[Hub]:
    """Raises `PolicyRejected` where it cannot be had in time."""
    deadline = time.monotonic() + attach_s
    hub = await _taken(place, deadline)
    hub.onlookers += 1
    hub.lingers_s = LINGERS_S
    try:
        if not await until(lambda: hub.attached, deadline):
            raise PolicyRejected("The session's terminal cannot be reached just now. Try again in a moment.")
        yield hub
    finally:
        hub.onlookers -= 1
        hubs.release(hub)


async def _taken(place: Place, deadline: float) -> Hub:
    while True:
        with contextlib.suppress(RingBusy):
            return hubs.of(keys.key(place.session_id, place.terminal))
        if time.monotonic() > deadline:
            raise PolicyRejected("Another process still holds this terminal. Try again in a moment.")
        await asyncio.sleep(LOOK_EVERY_S * 5)


async def until(condition: Callable[[], bool], deadline: float) -> bool:
    """Whether it came true in time (a `time.monotonic()`)."""
    while not condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(LOOK_EVERY_S)
    return True
