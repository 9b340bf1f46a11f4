"""What happens to a WebSocket at an address that is none of ours."""

from __future__ import annotations

from typing import Any

from sessions.protocol import NOT_FOUND


def close_unknown(router: Any) -> Any:
    """Close unknown addresses with a code, where Channels would raise into the log."""

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        try:
            await router(scope, receive, send)
        except ValueError as error:
            if "No route found" not in str(error):
                raise
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": NOT_FOUND, "reason": "no such address"})

    return app
