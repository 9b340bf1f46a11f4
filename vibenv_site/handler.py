"""How Django's views run under ASGI: each whole request in one of a few threads that stay, or in the event loop.

Django's own handler makes a thread, and with it a database connection, for each request, and goes to that thread and
back for every middleware. Here a request goes there once, and finds an open connection. Views that are coroutines are
those that may wait for long: they run in the event loop, where many can, and would keep everybody else out of the threads.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve

LONGEST_KNOWN = 200  # characters of a path
THREADS = 4  # requests at once; more would only take the interpreter from one another


class Views:
    """All of them, each where it belongs."""

    def __init__(self) -> None:
        self._pooled = PooledHandler()
        self._direct = DirectHandler()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        handler = self._direct if waits(scope["path"]) else self._pooled
        await handler(scope, receive, send)


def waits(path: str) -> bool:
    """Whether the view at a path is a coroutine."""
    return _known(path) if len(path) <= LONGEST_KNOWN else _waits(path)


def _waits(path: str) -> bool:
    try:
        return asyncio.iscoroutinefunction(resolve(path).func)
    except Resolver404:
        return False


_known = lru_cache(maxsize=4096)(_waits)  # going through all routes takes as long as many a view


class DirectHandler(ASGIHandler):
    """In the event loop; only what cannot run there, as most middlewares, goes to a few threads that all requests share."""

    def __init__(self) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="asides")

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        async with ThreadSensitiveContext(executor=self._threads):
            await self.handle(scope, receive, send)


class PooledHandler(ASGIHandler):
    def __init__(self) -> None:
        super().__init__()
        self.load_middleware(is_async=False)  # again, as one chain of plain functions
        self._idle: asyncio.Queue[ThreadPoolExecutor] = asyncio.LifoQueue()
        for number in range(THREADS):
            self._idle.put_nowait(ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"views-{number}"))

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise ValueError(f"Views answer HTTP alone, not {scope['type']}.")
        thread = await self._idle.get()
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self.handle(scope, receive, send)
        finally:
            self._idle.put_nowait(thread)

    async def run_get_response(self, request: HttpRequest) -> HttpResponseBase:
        """The middlewares and the view, in the request's thread."""
        return await sync_to_async(self.get_response)(request)
