"""The way to `/mcp`. What answers there takes a second to load, which a start need not wait for: it comes a moment later."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Final

PATH: Final = "/mcp"
LATER_S: Final = 3.0


class Door:
    """An ASGI application: `views`, and MCP beside them."""

    def __init__(self, views: Any) -> None:
        self._views = views
        self._endpoint: Any = None
        self._loading = asyncio.Lock()
        self._later: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Have it be there soon, whether somebody asks for it or not."""
        self._later = asyncio.create_task(self._load_later())

    async def _load_later(self) -> None:
        await asyncio.sleep(LATER_S)
        await self._loaded()

    async def _loaded(self) -> Any:
        async with self._loading:
            if self._endpoint is None:
                self._endpoint = await asyncio.to_thread(_load, self._views)
        return self._endpoint

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        answering = await self._loaded() if scope["path"] == PATH else self._views
        await answering(scope, receive, send)

    async def close(self) -> None:
        if self._later is not None:
            self._later.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._later
        if self._endpoint is not None:
            await self._endpoint.close()


def _load(views: Any) -> Any:
    from vibenv_site.mcp import tools  # noqa: F401, PLC0415
    from vibenv_site.mcp.endpoint import McpEndpoint  # noqa: PLC0415

    return McpEndpoint(views)
