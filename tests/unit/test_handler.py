"""Requests under ASGI: in a few threads, whatever comes at once."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path as route

from vibenv_site.handler import THREADS, PooledHandler, Views


async def answer_to(handler: PooledHandler | Views, path: str) -> dict[str, Any]:
    """The start of the answer to a GET by a client that stays until it has it."""
    body = iter([{"type": "http.request", "body": b"", "more_body": False}])
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(body, None) or await asyncio.Future()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "path": path,
        "query_string": b"", "headers": [(b"host", b"localhost")], "server": ("localhost", 80),
    }  # fmt: skip
    await handler(scope, receive, send)
    return sent[0]


async def test_many_requests_at_once_are_answered_in_a_few_threads():
    handler = PooledHandler()
    answers = await asyncio.gather(*(answer_to(handler, f"/nothing/{n}") for n in range(5 * THREADS)))
    assert {answer["status"] for answer in answers} == {404}
    assert len([t for t in threading.enumerate() if t.name.startswith("views-")]) <= THREADS


class Slow:
    """A URLconf of views that wait, and of one that does not."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.begun = asyncio.Semaphore(0)
        self.urlpatterns = [route("waits", self.waits), route("quick", self.quick)]

    async def waits(self, _: HttpRequest) -> HttpResponse:
        self.begun.release()
        await self.go.wait()
        return HttpResponse("waited")

    def quick(self, _: HttpRequest) -> HttpResponse:
        return HttpResponse("quick")


async def test_views_that_wait_keep_nobody_out(settings: Any):
    slow = Slow()
    settings.ROOT_URLCONF = slow
    views = Views()
    waiting = [asyncio.create_task(answer_to(views, "/waits")) for _ in range(5 * THREADS)]
    assert (await answer_to(views, "/quick"))["status"] == 200
    async with asyncio.timeout(10):
        for _ in waiting:  # none of them keeps another one out, either
            await slow.begun.acquire()
    assert not any(task.done() for task in waiting)
    slow.go.set()
    assert {answer["status"] for answer in await asyncio.gather(*waiting)} == {200}
