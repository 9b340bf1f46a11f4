"""`/mcp`: Streamable HTTP, for whoever shows a bearer token. Each call stands for itself, so clients need no session."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from http import HTTPStatus
from typing import Any, Final

from channels.db import database_sync_to_async
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings

from boards import pace, scopes, tokens
from boards.limits import TooMany
from boards.problems import problem
from boards.sockets import header, same_site
from vibenv_site.mcp.caller import KEY, Caller
from vibenv_site.mcp.server import server

log = logging.getLogger(__name__)

LARGEST_BODY_BYTES: Final = 32 * 1024**2  # a file of 16 MiB as base64, and some more
CLOSE_S: Final = 2.0
Scope = dict[str, Any]


class McpEndpoint:
    """An ASGI application; what it runs beside requests is begun by the first one. `api` answers the tool of that name."""

    def __init__(self, api: Any) -> None:
        self._api = api
        self._manager: StreamableHTTPSessionManager | None = None
        self._running: asyncio.Task[None] | None = None
        self._up = asyncio.Event()
        self._end = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        who = await self._let_in(scope)
        if isinstance(who, Caller):
            manager = await self._started()
            await manager.handle_request({**scope, KEY: who}, receive, send)
        else:
            await _refuse(send, *who)

    async def _let_in(self, scope: Scope) -> Caller | tuple[HTTPStatus, str, dict[str, str]]:
        if header(scope, b"origin") and not same_site(scope):
            return HTTPStatus.FORBIDDEN, "The Origin is not this site's.", {}
        secret = tokens.bearer_of(header(scope, b"authorization"))
        user = await database_sync_to_async(tokens.user_of, thread_sensitive=False)(secret) if secret else None
        if secret is None or user is None:
            said = "Send a valid token as `Authorization: Bearer …`; `vibenv token create` makes one."
            return HTTPStatus.UNAUTHORIZED, said, {"WWW-Authenticate": "Bearer"}
        if scope["method"] != "POST":  # nothing is said but in answer to a call, and nothing is left to end
            return HTTPStatus.METHOD_NOT_ALLOWED, "Here one can POST alone.", {"Allow": "POST"}
        try:
            pace.count(user)
        except TooMany as slow:
            return HTTPStatus.TOO_MANY_REQUESTS, str(slow), {"Retry-After": str(slow.retry_after_s)}
        return Caller(scopes.by_mcp(user), secret, self._api)

    async def _started(self) -> StreamableHTTPSessionManager:
        if self._manager is None:
            # Host and Origin were looked at above, and no page of another site has a token.
            unguarded = TransportSecuritySettings(enable_dns_rebinding_protection=False)
            server.streamable_http_app(
                stateless_http=True, max_request_body_size=LARGEST_BODY_BYTES, transport_security=unguarded
            )
            self._manager = server.session_manager
            self._running = asyncio.create_task(self._run(self._manager))
        await self._up.wait()
        return self._manager

    async def _run(self, manager: StreamableHTTPSessionManager) -> None:
        async with manager.run():
            self._up.set()
            await self._end.wait()

    async def close(self) -> None:
        """End all calls; the web process is about to stop."""
        self._end.set()
        if self._running is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._running), CLOSE_S)


async def _refuse(send: Any, status: HTTPStatus, detail: str, more: dict[str, str]) -> None:
    answer = problem(status, detail)
    headers = [(name.lower().encode(), value.encode()) for name, value in [*answer.items(), *more.items()]]
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content})
