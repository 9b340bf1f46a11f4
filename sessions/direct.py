"""A WebSocket consumer that handles each message at once."""

from __future__ import annotations

from typing import Any

from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer


class DirectConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """Channels would first close old database connections, in the thread that all synchronous views share: a hop there
    and back for every key and every event of a board, behind whatever view is slow just now. Handlers here reach the
    database through `database_sync_to_async`, which closes what it must by itself."""

    async def dispatch(self, message: dict[str, Any]) -> None:
        await getattr(self, get_handler_name(message))(message)
