"""Requests under ASGI: in a few threads, whatever comes at once."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from vibenv_site.handler import THREADS, PooledHandler


async def answer_to(handler: PooledHandler, path: str) -> dict[str, Any]:
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
