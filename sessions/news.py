"""Publishing to channel-layer groups from synchronous code, without ever making it wait or fail.

One event loop in a thread of its own per process keeps one connection to Redis; messages leave in the order they were
published. With Redis away they are lost: every listener compares versions or re-reads the database now and then.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from functools import lru_cache
from typing import Any

from channels.layers import get_channel_layer

log = logging.getLogger(__name__)

SESSIONS = "sessions"  # the group of `session.changed` and `session.deleted`


@lru_cache(maxsize=1)
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="news", daemon=True).start()
    return loop


async def _send(group: str, message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    try:
        await layer.group_send(group, message)
    except Exception as error:  # whatever the layer raises when Redis is away
        log.warning("news to %s were lost: %s", group, error)


def publish(group: str, message: dict[str, Any]) -> None:
    """Send `message` (its `type` names the consumers' handler) to everybody in `group`, soon."""
    asyncio.run_coroutine_threadsafe(_send(group, message), _loop())


def on_session_changed(session_id: str, **_: Any) -> None:
    publish(SESSIONS, {"type": "session.changed", "id": session_id})


def on_session_deleted(session_id: str, **_: Any) -> None:
    publish(SESSIONS, {"type": "session.deleted", "id": session_id})
